//! Sign 2, the teams are out of sync: `first_touch_slo`.
//!
//! Counts MQL cycles that got a human touch by sales within the promised business time (met) or did not
//! (missed, at the deadline); cycles closed before their deadline without a touch are left out. The error
//! budget is 1 − target. A burn window is over when the budget burns faster than its rate both in the
//! long and in the short window of business time, and misses as many as these would be rare (below the
//! gate) in a team that just keeps its promise: the gate is what keeps small teams from being paged by
//! chance. Blind to: leads that nobody entered, touches that nobody recorded (without any recorded human
//! touch it says *no data*), and single hot leads.

use crate::model::Minute;
use crate::model::alert::OwnerTeam;
use crate::model::definitions::{BurnWindow, FirstTouchSlo};
use crate::model::measure::{Blame, Measure};
use crate::model::words::Team;
use crate::model::{EventTime, HOUR_MS, MINUTE_MS};
use crate::stats::binomial;
use crate::stats::burn_rate::{Counts, Target};
use crate::stats::interval::Confidence;

use super::super::segment::book::{Book, Segment};
use super::super::segment::series::Hour;
use super::super::terms::Terms;
use super::{Measured, Verdict, percent};

/// The rule's name.
pub const FIRST_TOUCH_SLO: &str = "first_touch_slo";
/// It is judged at multiples of this many minutes.
pub const EVERY_MINUTES: i32 = 5;

/// Outcomes of one window.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Outcomes {
    met: u64,
    missed: u64,
    since: i32,
}

impl Outcomes {
    fn n(&self) -> u64 {
        self.met + self.missed
    }

    fn counts(&self) -> Counts {
        Counts { n: self.n(), bad: self.missed }
    }
}

/// Where the windows of the rule begin that end at one boundary; the same for every segment.
#[derive(Clone, Debug)]
pub struct Edges {
    at: Minute,
    starts: Vec<(u32, Option<Hour>)>,
}

impl Edges {
    /// The edges at a boundary.
    pub fn at(rule: &FirstTouchSlo, terms: &Terms, at: Minute) -> Edges {
        let start = |minutes: u32| {
            let ms = i64::from(minutes) * MINUTE_MS;
            (minutes, terms.sales.start_of_window(at.start().0, ms).map(Hour::of_ms))
        };
        let windows = rule.windows.iter().flat_map(|window| [window.long_minutes, window.short_minutes]);
        Edges { at, starts: windows.map(start).collect() }
    }

    /// The boundary at which the windows end.
    pub fn boundary(&self) -> Minute {
        self.at
    }

    /// The hour that contains the start of a window of so much business time.
    fn start(&self, window_minutes: u32) -> Option<Hour> {
        self.starts.iter().find(|(minutes, _)| *minutes == window_minutes).and_then(|(_, start)| *start)
    }
}

/// Reads `first_touch_slo` in a segment.
pub fn read(rule: &FirstTouchSlo, book: &Book, segment: &Segment, edges: &Edges) -> Verdict {
    if !sales_is_heard(rule, book, edges) {
        return Verdict::NoData;
    }
    if let Some(window) = first_over(rule, segment, edges) {
        return Verdict::Broken(window.severity);
    }
    let listed_first = rule.windows.first().map_or(0, |window| window.long_minutes);
    match outcomes(segment, edges, listed_first).n() < u64::from(rule.min_n) {
        true => Verdict::Learning,
        false => Verdict::Kept,
    }
}

/// The figures behind a reading of `first_touch_slo`.
pub fn measure(
    rule: &FirstTouchSlo,
    book: &Book,
    name: &str,
    segment: &Segment,
    terms: &Terms,
    edges: &Edges,
) -> Measured {
    let shown = first_over(rule, segment, edges).or_else(|| rule.windows.first());
    measure_window(rule, shown, book, name, segment, terms, edges)
}

fn first_over<'a>(rule: &'a FirstTouchSlo, segment: &Segment, edges: &Edges) -> Option<&'a BurnWindow> {
    by_loudness(rule).into_iter().find(|window| is_over(rule, window, segment, edges))
}

/// The windows as they are asked: page before ticket before info, then as listed.
fn by_loudness(rule: &FirstTouchSlo) -> Vec<&BurnWindow> {
    let mut windows: Vec<&BurnWindow> = rule.windows.iter().collect();
    windows.sort_by_key(|window| std::cmp::Reverse(window.severity));
    windows
}

fn is_over(rule: &FirstTouchSlo, window: &BurnWindow, segment: &Segment, edges: &Edges) -> bool {
    let long = outcomes(segment, edges, window.long_minutes);
    let short = outcomes(segment, edges, window.short_minutes);
    let target = Target::from_millionths(rule.target.0).expect("a target lies between 0 and 1");
    let burns = |o: Outcomes| target.is_burning_above(o.counts(), window.burn.0);
    long.n() >= u64::from(rule.min_n)
        && burns(long)
        && burns(short)
        && target.is_gate_open(long.counts(), rule.gate.0)
}

fn outcomes(segment: &Segment, edges: &Edges, window_minutes: u32) -> Outcomes {
    let Some(since) = edges.start(window_minutes) else { return Outcomes::default() };
    let sum = |n: i64| n.max(0) as u64;
    let missed = segment.subjects(Measure::TouchMissed).map(|(_, series)| series.since_hour(since)).sum();
    let met = segment.series(Measure::TouchMet, "").since_hour(since);
    Outcomes { met: sum(met), missed: sum(missed), since: since.0 }
}

/// Whether any human touch by sales lies in the longest window of the whole company.
fn sales_is_heard(rule: &FirstTouchSlo, book: &Book, edges: &Edges) -> bool {
    let longest = rule.windows.iter().map(|window| window.long_minutes).max().unwrap_or(0);
    let all = book.segment(crate::funnel::journey::segments::ALL);
    let touches = all.map(|all| all.series(Measure::Touches(Team::Sales), ""));
    match (touches, edges.start(longest)) {
        (Some(touches), Some(since)) => touches.since_hour(since) > 0,
        _ => false,
    }
}

/// The boundary at which the last human touch of the company will have left the longest window.
fn silence_from(rule: &FirstTouchSlo, book: &Book, terms: &Terms) -> Minute {
    let longest = rule.windows.iter().map(|window| window.long_minutes).max().unwrap_or(0);
    let last = book
        .segment(crate::funnel::journey::segments::ALL)
        .and_then(|all| all.series(Measure::Touches(Team::Sales), "").last_hour());
    last.and_then(|hour| terms.sales.deadline(hour.end_ms(), i64::from(longest) * MINUTE_MS))
        .map_or(Minute::MAX, |ms| EventTime(ms).minute())
}

/// The boundary from which on an outcome now in one of the windows will have left it; before that, and
/// without new counts, the reading stays as it is.
pub fn stays_until(
    rule: &FirstTouchSlo,
    book: &Book,
    segment: &Segment,
    terms: &Terms,
    edges: &Edges,
) -> Minute {
    let at = edges.at;
    let silence = silence_from(rule, book, terms);
    let mut until = if silence > at { silence } else { Minute::MAX };
    let minutes = rule.windows.iter().flat_map(|window| [window.long_minutes, window.short_minutes]);
    for window_minutes in minutes {
        let Some(since) = edges.start(window_minutes) else { continue };
        let missed = segment.subjects(Measure::TouchMissed).filter_map(|(_, s)| s.first_hour(since)).min();
        let met = segment.series(Measure::TouchMet, "").first_hour(since);
        let Some(first) = [missed, met].into_iter().flatten().min() else { continue };
        let leaves = terms.sales.deadline(first.end_ms(), i64::from(window_minutes) * MINUTE_MS);
        if let Some(ms) = leaves {
            until = until.min(EventTime(ms).minute());
        }
    }
    until.max(at.next())
}

fn measure_window(
    rule: &FirstTouchSlo,
    window: Option<&BurnWindow>,
    book: &Book,
    name: &str,
    segment: &Segment,
    terms: &Terms,
    edges: &Edges,
) -> Measured {
    let long_minutes = window.map_or(0, |window| window.long_minutes);
    let outcomes = outcomes(segment, edges, long_minutes);
    let since = EventTime(i64::from(outcomes.since) * HOUR_MS);
    let n = outcomes.n();
    let value = if n == 0 { 1.0 } else { outcomes.met as f64 / n as f64 };
    let blamed = |blame: Blame| {
        segment.series(Measure::TouchMissed, blame.as_str()).since_hour(Hour(outcomes.since)).max(0)
    };
    let routing = blamed(Blame::Routing) + blamed(Blame::Unassigned);
    let routing_is_to_blame = routing > blamed(Blame::Sales);
    let limit = terms.definitions.limits.evidence_ids as usize;
    Measured {
        value,
        baseline: None,
        threshold: rule.target.as_f64(),
        interval: binomial::wilson(outcomes.met, n, Confidence::P95).into(),
        n,
        excluded_immature: 0,
        window: (since, edges.at.start()),
        owner: if routing_is_to_blame { OwnerTeam::Operations } else { OwnerTeam::Sales },
        evidence: book.evidence(Measure::TouchMissed, name, since.minute(), limit),
        summary: summary(rule, name, outcomes, value, routing),
        advice: advice(routing_is_to_blame),
        resolved: resolved(rule, name, outcomes, value),
    }
}

fn summary(rule: &FirstTouchSlo, name: &str, outcomes: Outcomes, value: f64, routing: i64) -> String {
    let whose = if name == "all" { String::new() } else { format!(" ({name})") };
    let (missed, n) = (outcomes.missed, outcomes.n());
    let late_routing = match routing {
        0 => String::new(),
        1 => "; 1 of them was never assigned or spent most of the time in routing".to_owned(),
        routing => format!("; {routing} of them were never assigned or spent most of the time in routing"),
    };
    format!(
        "{missed} of {n} MQLs{whose} got no human touch by sales within {}: {} kept, {} \
         promised{late_routing}.",
        business_time(rule.within_minutes),
        percent(value),
        percent(rule.target.as_f64()),
    )
}

fn resolved(rule: &FirstTouchSlo, name: &str, outcomes: Outcomes, value: f64) -> String {
    let whose = if name == "all" { String::new() } else { format!(" ({name})") };
    match outcomes.n() {
        0 => format!("Resolved: no MQL{whose} has been due for a first touch lately."),
        n => format!(
            "Resolved: {} of the last {n} MQLs{whose} got a human touch by sales within {}: {} kept, {} promised.",
            outcomes.met,
            business_time(rule.within_minutes),
            percent(value),
            percent(rule.target.as_f64()),
        ),
    }
}

/// As people say it: `30 business minutes`, `1 business hour`, `1.5 business hours`.
fn business_time(minutes: u32) -> String {
    match minutes {
        1 => "1 business minute".to_owned(),
        60 => "1 business hour".to_owned(),
        m if m < 60 || !m.is_multiple_of(30) => format!("{m} business minutes"),
        m => format!("{} business hours", f64::from(m) / 60.0),
    }
}

fn advice(routing_is_to_blame: bool) -> String {
    if routing_is_to_blame {
        "Operations: look at the routing queue first, the time is lost before a person has the lead. \
         Marketing: hold back batch hand-overs until it flows. Sales: take the unassigned leads by hand today."
    } else {
        "Sales: take the listed leads today, oldest first, and say who covers for whom. \
         Marketing: ask which leads are not worth the call before sending more of them."
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn business_time_is_said_as_people_say_it() {
        for (minutes, said) in [
            (1, "1 business minute"),
            (5, "5 business minutes"),
            (60, "1 business hour"),
            (90, "1.5 business hours"),
            (100, "100 business minutes"),
            (240, "4 business hours"),
        ] {
            assert_eq!(business_time(minutes), said);
        }
    }
}
