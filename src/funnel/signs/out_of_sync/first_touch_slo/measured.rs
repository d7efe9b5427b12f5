//! The figures behind a reading, who is to act, and how it is said.

use std::collections::BTreeMap;

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{BurnWindow, FirstTouchSlo};
use crate::model::explanation::{Outcomes as Shown, Row, Sum};
use crate::model::measure::{Blame, Delay, Measure};
use crate::model::words::Stage;
use crate::model::{EventTime, HOUR_MS, Minute, Text};
use crate::stats::binomial;
use crate::stats::burn_rate::Target;
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;

use super::super::super::carriers::{self, Carried, Part};
use super::super::super::scene::Scene;
use super::super::super::share_sum;
use super::super::super::{Measured, Resolved, business_time, percent, worth};
use super::surge::Volume;
use super::{Beside, Edges, Outcomes, Reading, awaited, beside, outcomes};
use crate::funnel::journey::segments::ALL;
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::{HOURS_KEPT_DAYS, Hour};

/// Who let the leads wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    /// Most of them spent most of the time in routing, or were never assigned where assignments are on record.
    Routing,
    /// Sales did about as much as ever, and more came than that.
    Surge,
    /// Most of them were assigned early enough as far as is known, and nobody came.
    Sales,
}

/// What is known of assignments in the whole company. Where they are not on record, that a lead was never assigned says
/// nothing of routing.
#[derive(Clone, Copy, Debug)]
struct Assignments {
    /// The touches of MQLs of late.
    touched: i64,
    /// Those of them before which the MQL was assigned.
    assigned: i64,
}

impl Assignments {
    fn lately(scene: &Scene<'_>) -> Assignments {
        let all = scene.book.segment_or_empty(ALL);
        let (from, to) = (scene.today.plus(1 - HOURS_KEPT_DAYS), scene.today.plus(1));
        let sum = |part: Delay| -> i64 {
            all.series(Measure::TouchDelay(part), "").each_grade(from, to).map(|(_, _, n)| n).sum()
        };
        Assignments { touched: sum(Delay::Total), assigned: sum(Delay::Routing) }
    }

    /// Most of those who were touched were assigned before.
    fn are_on_record(self) -> bool {
        2 * self.assigned > self.touched
    }
}

/// What a segment's misses are made of.
struct Misses {
    cause: Cause,
    /// Most of the time in routing, or never assigned where assignments are on record.
    routing: i64,
    /// Never assigned, as far as is known.
    unassigned: i64,
    assignments: Assignments,
    /// What came, if it can be held against weeks before.
    volume: Option<Volume>,
}

/// The figures behind a reading; `shown` is the window that is over, if one is, `readings` are those that the gate of a
/// segment is held against, and `names` those of all segments.
pub fn measure(
    rule: &FirstTouchSlo,
    (reading, shown, readings): (&Reading, Option<usize>, &BTreeMap<Text, &Reading>),
    scene: &Scene<'_>,
    name: &str,
    (names, told_apart): (&[Text], &[Text]),
    edges: &Edges,
) -> Measured {
    let segment = scene.book.segment_or_empty(name);
    let place = shown.unwrap_or(0);
    let window = rule.windows.get(place);
    let long_minutes = window.map_or(0, |window| window.long_minutes);
    let of = |name: &str| outcomes(scene.book.segment_or_empty(name), edges, long_minutes);
    let outcomes = of(name);
    let (n, since) = (outcomes.n(), EventTime(i64::from(outcomes.since) * HOUR_MS));
    let value = if n == 0 { 1.0 } else { outcomes.met as f64 / n as f64 };
    let misses = misses(rule, scene, segment, (outcomes, edges));
    let counted = edges.counted(Hour(outcomes.since), Hour(i32::MAX / 60));
    let minutes: Vec<_> = counted.map(|(from, to)| Minute(from.0 * 60)..Minute(to.0 * 60)).collect();
    let parts: Vec<Part> = names.iter().map(|name| part(rule, name, of(name))).collect();
    let here = part(rule, &name.into(), outcomes);
    let carried = carried(rule, window, (&here, &parts), told_apart);
    let where_it_lies = carried.sentence(|rest| format!("without it {}", touched(rest)));
    let mut sum = sum(rule, (reading, place), segment, outcomes, edges);
    if let Some(beside) = beside(readings, &name.into(), place) {
        beside.tell(rule, &mut sum);
    }
    misses.tell_assignments(&mut sum);
    if let Some(volume) = &misses.volume {
        volume.tell(&mut sum);
    }
    if let Some(worth) = worth::of_stage(scene, Stage::Mql) {
        let budget = 1.0 - rule.target.as_f64();
        let from = format!("missed - {budget:.4} x (met + missed), at least 0");
        worth.tell((outcomes.missed as f64 - n as f64 * budget).max(0.0), from, &mut sum);
    }
    sum.carriers = carried.carriers;
    let elsewhere = carriers::elsewhere(&part(rule, &ALL.into(), of(ALL)), &here, carriers::is_alike);
    let others = elsewhere.map_or_else(String::new, |elsewhere| {
        elsewhere.tell(&mut sum);
        elsewhere.sentence(touched)
    });
    Measured {
        value,
        baseline: None,
        threshold: rule.target.as_f64(),
        interval: Some(binomial::wilson(outcomes.met, n, Confidence::P95).into()),
        n,
        excluded_immature: awaited(segment, edges),
        window: (since, edges.boundary().start()),
        owner: match misses.cause {
            Cause::Routing => OwnerTeam::Operations,
            Cause::Surge => OwnerTeam::Marketing,
            Cause::Sales => OwnerTeam::Sales,
        },
        evidence: scene.evidence(&Behind::count(Measure::TouchMissed), name, &minutes),
        summary: summary(rule, name, outcomes, value, &misses) + &where_it_lies + &others,
        advice: advice(misses.cause).to_owned(),
        resolved: resolved(rule, name, outcomes, value),
        sum,
    }
}

fn misses(
    rule: &FirstTouchSlo,
    scene: &Scene<'_>,
    segment: &Segment,
    (outcomes, edges): (Outcomes, &Edges),
) -> Misses {
    let blamed = |blame: Blame| {
        edges.sum(segment.series(Measure::TouchMissed, blame.as_str()), Hour(outcomes.since)).max(0)
    };
    let unassigned = blamed(Blame::Unassigned);
    let assignments = Assignments::lately(scene);
    let (mut routing, mut others) = (blamed(Blame::Routing), blamed(Blame::Sales));
    let side = if assignments.are_on_record() { &mut routing } else { &mut others };
    *side += unassigned;
    let volume = Volume::of(rule, scene, segment, outcomes);
    let cause = match routing > others {
        true => Cause::Routing,
        false if volume.as_ref().is_some_and(Volume::is_surge) => Cause::Surge,
        false => Cause::Sales,
    };
    Misses { cause, routing, unassigned, assignments, volume }
}

impl Beside {
    /// What the gate of a segment must be beside those of the others.
    fn tell(&self, rule: &FirstTouchSlo, sum: &mut Sum) {
        let Beside { asked, rank, adjusted, least: (gate, at) } = *self;
        let enough =
            format!("in which at least {} MQLs were due in this window, this one among them", rule.min_n);
        sum.figure("segments asked", asked as f64, enough);
        sum.figure(
            "rank of the gate",
            rank as f64,
            "among the gates of the segments asked, the smallest first",
        );
        sum.figure("gate that the adjusted one follows from", gate, format!("that of rank {at}"));
        let adjusted_words = format!(
            "that gate x {asked} / {at}, 1 at most: the least of gate x segments asked / rank from this segment's rank \
             on (Benjamini and Hochberg); it must be no more than the gate that is rare enough"
        );
        sum.figure("adjusted gate", adjusted, adjusted_words);
    }
}

impl Misses {
    /// Whether those that were never assigned count against routing.
    fn tell_assignments(&self, sum: &mut Sum) {
        if self.unassigned == 0 {
            return;
        }
        let Assignments { touched, assigned } = self.assignments;
        let follows = match self.assignments.are_on_record() {
            true => "most of them, so one that was never assigned counts against routing",
            false => {
                "not most of them: assignments are not on record, so that one was never assigned says nothing"
            }
        };
        let of =
            format!("of {touched} MQLs of the company that were touched in the last {HOURS_KEPT_DAYS} days");
        sum.figure("assigned before the touch", assigned as f64, format!("{of}; {follows}"));
    }
}

fn part(rule: &FirstTouchSlo, name: &Text, outcomes: Outcomes) -> Part {
    let counts = Counts { n: outcomes.n(), bad: outcomes.missed };
    Part { segment: name.clone(), counts, expected: counts.n as f64 * (1.0 - rule.target.as_f64()) }
}

fn touched(part: &Part) -> String {
    format!("{} are touched in time", percent(1.0 - part.counts.share()))
}

/// What carries it: the whole is as usual without a segment if its budget does not burn too fast then.
fn carried(
    rule: &FirstTouchSlo,
    window: Option<&BurnWindow>,
    (whole, parts): (&Part, &[Part]),
    told: &[Text],
) -> Carried {
    let (Some(window), Ok(target)) = (window, Target::from_millionths(rule.target.0)) else {
        return Carried::default();
    };
    carriers::carried(whole, parts, told, |Counts { n, bad }, _| {
        !target.is_burning_above(Counts { n, bad }, window.burn.0)
    })
}

fn sum(
    rule: &FirstTouchSlo,
    (reading, place): (&Reading, usize),
    segment: &Segment,
    outcomes: Outcomes,
    edges: &Edges,
) -> Sum {
    let mut sum = Sum::default();
    let (met, missed, n) = (outcomes.met, outcomes.missed, outcomes.n());
    sum.figure("met", met as f64, "the sum of the rows below");
    sum.figure("missed", missed as f64, "the sum of the rows below");
    share_sum::value(&mut sum, (met, n), 1.0);
    let budget = 1.0 - rule.target.as_f64();
    if let Some(window) = rule.windows.get(place) {
        let short = super::outcomes(segment, edges, window.short_minutes);
        let burn = |o: Outcomes| if o.n() == 0 { 0.0 } else { o.missed as f64 / o.n() as f64 / budget };
        let burn_words = |o: Outcomes, minutes: u32| {
            format!("{} / {} / {budget:.4}, over the last {}", o.missed, o.n(), business_time(minutes))
        };
        sum.figure("burn of the long window", burn(outcomes), burn_words(outcomes, window.long_minutes));
        sum.figure("burn of the short window", burn(short), burn_words(short, window.short_minutes));
        sum.figure("burn that is too fast", window.burn.as_f64(), "as set; both must be above it");
    }
    let not_due = "began in hours of which none is due yet; not among the rows";
    sum.figure("MQLs still awaited", awaited(segment, edges) as f64, not_due);
    if let Some(window) = reading.windows.get(place) {
        let chance = format!("P(at least {missed} of {n} missed) in a team that misses {}", percent(budget));
        sum.figure("gate", window.gate, chance);
        let enough = rule.windows.get(place).map_or(rule.gate, |window| rule.gate_of(window));
        sum.figure(
            "gate that is rare enough",
            enough.as_f64(),
            "as set for this window; the gate must be below it",
        );
    }
    sum.outcomes = by_hour(segment, outcomes, edges);
    sum
}

fn by_hour(segment: &Segment, outcomes: Outcomes, edges: &Edges) -> Shown {
    let (from, to) = (Hour(outcomes.since), Hour(Hour::of(edges.boundary()).0 + 1));
    let mut hours: std::collections::BTreeMap<Hour, Vec<f64>> = std::collections::BTreeMap::new();
    let blames = Blame::ALL.iter().map(|blame| (Measure::TouchMissed, blame.as_str()));
    let columns: Vec<(Measure, &str)> = std::iter::once((Measure::TouchMet, "")).chain(blames).collect();
    for (i, (measure, subject)) in columns.iter().enumerate() {
        let series = segment.series(*measure, subject);
        for (hour, n) in edges.counted(from, to).flat_map(|(from, to)| series.each_hour(from, to)) {
            hours.entry(hour).or_insert_with(|| vec![0.0; columns.len()])[i] += n as f64;
        }
    }
    let name = |(measure, subject): &(Measure, &str)| match measure {
        Measure::TouchMet => "met".to_owned(),
        _ => format!("missed, {subject}"),
    };
    let row = |(hour, numbers): (Hour, _)| Row { from: EventTime(hour.end_ms() - HOUR_MS), numbers };
    Shown { columns: columns.iter().map(name).collect(), rows: hours.into_iter().map(row).collect() }
}

fn summary(rule: &FirstTouchSlo, name: &str, outcomes: Outcomes, value: f64, misses: &Misses) -> String {
    let whose = if name == "all" { String::new() } else { format!(" ({name})") };
    let (missed, n) = (outcomes.missed, outcomes.n());
    let why = match (misses.cause, misses.routing) {
        (Cause::Surge, _) => misses.volume.as_ref().map_or_else(String::new, |volume| surplus(volume, name)),
        (_, 0) => String::new(),
        (_, 1) => "; 1 of them was never assigned or spent most of the time in routing".to_owned(),
        (_, routing) => {
            format!("; {routing} of them were never assigned or spent most of the time in routing")
        }
    };
    format!(
        "{missed} of {n} MQLs{whose} got no human touch by sales within {}: {} kept, {} promised{why}.",
        business_time(rule.within_minutes),
        percent(value),
        percent(rule.target.as_f64()),
    )
}

/// What came, and what is usual; a half is told as it is. How many touches there were stands in the sum: those of deals
/// are counted at times a little later, when it is known of which lead they are.
fn surplus(volume: &Volume, name: &str) -> String {
    format!(
        "; {} MQLs came, usually {}, and sales made about as many touches{} as ever",
        volume.now.came,
        volume.usual(|of| of.came),
        if name == ALL { "" } else { " there" },
    )
}

fn resolved(rule: &FirstTouchSlo, name: &str, outcomes: Outcomes, value: f64) -> Resolved {
    let whose = if name == "all" { String::new() } else { format!(" ({name})") };
    let says = match outcomes.n() {
        0 => format!("Resolved: no MQL{whose} has been due for a first touch lately."),
        n => format!(
            "Resolved: {} of the last {n} MQLs{whose} got a human touch by sales within {}: {} kept, {} promised.",
            outcomes.met,
            business_time(rule.within_minutes),
            percent(value),
            percent(rule.target.as_f64()),
        ),
    };
    match outcomes.n() {
        0 => Resolved::unmended(says, ADVICE_NONE_DUE),
        _ => Resolved::by(value >= rule.target.as_f64(), says, ADVICE_STILL_BELOW),
    }
}

/// What there is to do when an alert ends because no MQL was due.
const ADVICE_NONE_DUE: &str = "Nothing is known to be mended: there was nobody to be late for. The next MQLs are \
                               watched as before.";
/// What there is to do when an alert ends and the promise is not kept yet.
const ADVICE_STILL_BELOW: &str = "Fewer are late than before, and still more than was promised. Go on with what \
                                  helped until the promise is kept.";

fn advice(cause: Cause) -> &'static str {
    match cause {
        Cause::Routing => {
            "Operations: look at the routing queue first, the time is lost before a person has the lead. Marketing: \
             hold back batch hand-overs until it flows. Sales: take the unassigned leads by hand today."
        }
        Cause::Surge => {
            "Marketing: spread the hand-over of these leads, best ones first, and tell sales before the next push. \
             Sales: say how many a day you can take, and take the listed ones in that order."
        }
        Cause::Sales => {
            "Sales: take the listed leads today, oldest first, and say who covers for whom. Marketing: ask which \
             leads are not worth the call before sending more of them."
        }
    }
}
