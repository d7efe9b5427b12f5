//! `first_touch_slo`: MQLs get no human touch by sales in time.
//!
//! Counts MQL cycles that got a human touch by sales within the promised business time (met) or did not (missed), both
//! at the deadline; cycles closed before their deadline without a touch are left out. The error budget is 1 − target. A
//! burn window is over when the budget burns faster than its rate both in the long and in the short window of
//! business time, and misses as many as these would be rare (below the gate) in a team that just keeps its promise:
//! the gate is what keeps small teams from being paged by chance. Over many segments at once some gate opens by
//! chance: of those beside `all` only the ones count that Benjamini and Hochberg's rule lets stand. What was due before
//! an alert of the segment or of a wider one was over was told of with it: it is read from then on. Blind to: leads
//! that nobody entered, touches that nobody recorded (as long as no human touch at all was recorded within the
//! promised time it says *no data*), and single hot leads.

mod measured;
mod statement;
mod surge;

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Minute;
use crate::model::definitions::{BurnWindow, FirstTouchSlo};
use crate::model::measure::Measure;
use crate::model::words::{Stage, Team};
use crate::model::{EventTime, HOUR_MS, MINUTE_MS, Text};
use crate::stats::benjamini_hochberg::{Dependence, false_discovery};
use crate::stats::burn_rate::Target;
use crate::stats::counts::Counts;

use super::super::Verdict;
use super::super::no_data::rests_on;
use super::super::rule::Rule;
use crate::funnel::segment::book::{Book, Segment};
use crate::funnel::segment::outages::Outages;
use crate::funnel::segment::series::{Hour, Series};
use crate::funnel::terms::Terms;

pub use measured::measure;
pub use statement::{BY_CHANCE, ByChance, IN_SEGMENTS, statement};

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

/// Where the windows of the rule begin that end at one boundary.
#[derive(Clone, Debug)]
pub struct Edges {
    at: Minute,
    starts: Vec<(u32, Option<Hour>)>,
    /// Hours with deadlines of MQLs that may have been touched in an outage, `[from, to)`, in order and apart.
    left_out: Vec<(Hour, Hour)>,
    /// The first whole hour of which no MQL is due.
    awaited_from: Option<Hour>,
    /// The first hour of which nothing was told yet: no window begins before it.
    from: Hour,
}

impl Edges {
    /// The edges at a boundary.
    pub fn at(rule: &FirstTouchSlo, terms: &Terms, outages: &Outages, at: Minute) -> Edges {
        let start_ms =
            |minutes: u32| terms.sales.start_of_window(at.start().0, i64::from(minutes) * MINUTE_MS);
        let start = |minutes: u32| (minutes, start_ms(minutes).map(Hour::of_ms));
        let windows = rule.windows.iter().flat_map(|window| [window.long_minutes, window.short_minutes]);
        Edges {
            at,
            starts: windows.chain([rule.within_minutes]).map(start).collect(),
            left_out: left_out(rule, terms, outages),
            awaited_from: start_ms(rule.within_minutes).map(|ms| Hour::of_ms(ms + HOUR_MS - 1)),
            from: Hour(i32::MIN),
        }
    }

    /// The edges for a segment of which all that was due until a boundary was told of.
    pub fn told_until(&self, told_until: Option<Minute>) -> Edges {
        let from = told_until.map_or(self.from, |until| Hour(Hour::of(until).0 + 1));
        Edges { from, ..self.clone() }
    }

    /// The boundary at which the windows end.
    pub fn boundary(&self) -> Minute {
        self.at
    }

    /// The hours of `[from, to)` that count, in order and apart.
    fn counted(&self, from: Hour, to: Hour) -> impl Iterator<Item = (Hour, Hour)> {
        let begins = std::iter::once(from).chain(self.left_out.iter().map(move |(_, end)| (*end).max(from)));
        let ends = self.left_out.iter().map(move |(begin, _)| (*begin).min(to)).chain([to]);
        begins.zip(ends).filter(|(from, to)| from < to)
    }

    /// What is counted in a series from an hour on.
    fn sum(&self, series: &Series, from: Hour) -> i64 {
        if self.left_out.is_empty() {
            return series.since_hour(from);
        }
        let counted = self.counted(from, Hour(i32::MAX));
        counted.flat_map(|(from, to)| series.each_hour(from, to)).map(|(_, n)| n).sum()
    }

    /// The first hour of a window of so much business time: the one that contains its start, but none that was told of.
    fn since(&self, window_minutes: u32) -> Option<Hour> {
        self.start(window_minutes).map(|start| start.max(self.from))
    }

    /// The hour that contains the start of a window of so much business time.
    fn start(&self, window_minutes: u32) -> Option<Hour> {
        self.starts.iter().find(|(minutes, _)| *minutes == window_minutes).and_then(|(_, start)| *start)
    }
}

/// The hours in which MQLs were due that may have been touched in an outage: from its first hour until those are due
/// that came at its end.
fn left_out(rule: &FirstTouchSlo, terms: &Terms, outages: &Outages) -> Vec<(Hour, Hour)> {
    let within_ms = i64::from(rule.within_minutes) * MINUTE_MS;
    let hours = outages.of(rests_on(Rule::FirstTouchSlo)).map(|(from, to)| {
        let last_ms = terms.sales.deadline(to.start().0, within_ms).unwrap_or(to.start().0);
        (Hour::of(from), Hour(Hour::of_ms(last_ms).0 + 1))
    });
    let mut hours: Vec<(Hour, Hour)> = hours.collect();
    hours.sort_unstable();
    let mut apart: Vec<(Hour, Hour)> = Vec::new();
    for (from, to) in hours {
        match apart.last_mut().filter(|last| from <= last.1) {
            Some(last) => last.1 = to.max(last.1),
            None => apart.push((from, to)),
        }
    }
    apart
}

/// What a segment says by itself, before it is held against the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Reading {
    /// How it stands where no window is over.
    otherwise: Verdict,
    /// The windows as they are listed.
    windows: Vec<WindowReading>,
}

/// What one burn window says.
#[derive(Clone, Copy, Debug, PartialEq)]
struct WindowReading {
    /// Whether there are enough outcomes to ask.
    is_asked: bool,
    /// P(so many misses or more) of the long one in a team that just keeps its promise.
    gate: f64,
    /// Whether that is below the rule's gate.
    is_open: bool,
    /// Whether both windows burn too fast.
    burns: bool,
}

/// Reads `first_touch_slo` in a segment.
pub fn read(rule: &FirstTouchSlo, book: &Book, segment: &Segment, edges: &Edges) -> Reading {
    if !is_heard_in(rule.longest_minutes(), book, edges) {
        return Reading { otherwise: Verdict::NoData, windows: Vec::new() };
    }
    let known = outcomes_since(segment, edges, edges.start(rule.longest_minutes()));
    let otherwise = match known.n() < u64::from(rule.min_n) {
        true => Verdict::Learning,
        false => Verdict::Kept,
    };
    let windows = rule.windows.iter().map(|window| read_window(rule, window, segment, edges)).collect();
    Reading { otherwise, windows }
}

fn read_window(rule: &FirstTouchSlo, window: &BurnWindow, segment: &Segment, edges: &Edges) -> WindowReading {
    let long = outcomes(segment, edges, window.long_minutes);
    let short = outcomes(segment, edges, window.short_minutes);
    let target = Target::from_millionths(rule.target.0).expect("a target lies between 0 and 1");
    let is_asked = long.n() >= u64::from(rule.min_n);
    let burns = |o: Outcomes| target.is_burning_above(o.counts(), window.burn.0);
    WindowReading {
        is_asked,
        gate: target.gate(long.counts()).value(),
        is_open: is_asked && target.is_gate_open(long.counts(), rule.gate_of(window).0),
        burns: burns(long) && burns(short),
    }
}

impl Reading {
    /// Whether the segment by itself would be told of.
    pub fn is_candidate(&self) -> bool {
        (0..self.windows.len()).any(|i| self.is_over(i))
    }

    /// Whether a window is over.
    pub fn is_over(&self, i: usize) -> bool {
        self.windows.get(i).is_some_and(|window| window.is_open && window.burns)
    }

    /// The verdict and the window behind it, with the windows whose gate counts among those of the others.
    pub fn verdict(&self, rule: &FirstTouchSlo, counts: impl Fn(usize) -> bool) -> (Verdict, Option<usize>) {
        let is_over = |i: &usize| self.is_over(*i) && counts(*i);
        match by_loudness(rule).into_iter().find(is_over) {
            Some(i) => (Verdict::Broken(rule.windows[i].severity), Some(i)),
            None => (self.otherwise, None),
        }
    }
}

/// How much of its threshold the window has used up that is nearest to being over: the burn rate of its long or its
/// short one as a share of what it may be, or ln P(so many misses) as a share of ln of its gate, whichever is least,
/// since it must reach all three. `None` where all have too few outcomes.
pub fn used(rule: &FirstTouchSlo, segment: &Segment, edges: &Edges) -> Option<f64> {
    let target = Target::from_millionths(rule.target.0).ok()?;
    let of_window = |window: &BurnWindow| {
        let counts = |minutes| outcomes(segment, edges, minutes).counts();
        let (long, short) = (counts(window.long_minutes), counts(window.short_minutes));
        let burn = |counts| target.burn(counts).map_or(0.0, |burn| burn / window.burn.as_f64());
        let rarity = target.gate(long).ln() / rule.gate_of(window).as_f64().ln();
        (long.n >= u64::from(rule.min_n)).then(|| burn(long).min(burn(short)).min(rarity))
    };
    rule.windows.iter().filter_map(of_window).reduce(f64::max)
}

/// Which of the segments' gates count beside each other, window by window: those that Benjamini and Hochberg's rule
/// rejects at the rate of its gate, over every segment that was asked. The whole company is none of them.
pub fn discoveries(rule: &FirstTouchSlo, readings: &BTreeMap<Text, &Reading>) -> BTreeSet<(Text, usize)> {
    let mut found = BTreeSet::new();
    for (i, window) in rule.windows.iter().enumerate() {
        let asked = asked(readings, i);
        if !asked.iter().any(|(_, window)| window.is_open && window.burns) {
            continue;
        }
        let gates: Vec<f64> = asked.iter().map(|(_, window)| window.gate).collect();
        let verdicts = false_discovery(&gates, rule.gate_of(window).as_f64(), Dependence::Positive);
        let rejected = asked.into_iter().zip(verdicts).filter(|(_, verdict)| verdict.is_rejected);
        found.extend(rejected.map(|((name, _), _)| (name.clone(), i)));
    }
    found
}

/// The segments with enough outcomes in a window to be asked, and what it says of them.
fn asked<'a>(readings: &BTreeMap<Text, &'a Reading>, place: usize) -> Vec<(Text, &'a WindowReading)> {
    let of_window = readings.iter().filter_map(|(name, reading)| Some((name, reading.windows.get(place)?)));
    of_window.filter(|(_, window)| window.is_asked).map(|(name, window)| (name.clone(), window)).collect()
}

/// How the gate of a segment stands beside those of the others that were asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Beside {
    /// So many segments were asked, this one among them.
    asked: usize,
    /// The place of its gate among theirs, the smallest first, from 1.
    rank: usize,
    /// Its gate adjusted by Benjamini and Hochberg: the least of gate times asked over rank, from its own place on.
    adjusted: f64,
    /// The gate and the place at which that is least.
    least: (f64, usize),
}

/// How the gate of a segment stands beside those of the others in a window; `None` where it has too few outcomes to be
/// asked, and of the whole company, which is held against no other.
pub fn beside(readings: &BTreeMap<Text, &Reading>, name: &Text, place: usize) -> Option<Beside> {
    let asked = asked(readings, place);
    let gates: Vec<f64> = asked.iter().map(|(_, window)| window.gate).collect();
    let own = asked.iter().position(|(other, _)| other == name)?;
    // The rate does not change what is adjusted.
    let adjusted = false_discovery(&gates, 1.0, Dependence::Positive)[own].adjusted;
    let mut sorted = gates.clone();
    sorted.sort_by(f64::total_cmp);
    let rank = sorted.iter().position(|gate| *gate == gates[own])? + 1;
    let from_there = sorted.iter().enumerate().map(|(i, gate)| (*gate, i + 1)).skip(rank - 1);
    let over = |(gate, rank): (f64, usize)| gate / rank as f64;
    let least = from_there.min_by(|a, b| over(*a).total_cmp(&over(*b)))?;
    Some(Beside { asked: gates.len(), rank, adjusted, least })
}

/// The places of the windows as they are asked: page before ticket before info, then as listed.
fn by_loudness(rule: &FirstTouchSlo) -> Vec<usize> {
    let mut places: Vec<usize> = (0..rule.windows.len()).collect();
    places.sort_by_key(|i| std::cmp::Reverse(rule.windows[*i].severity));
    places
}

/// The outcomes of a window that were not told of.
fn outcomes(segment: &Segment, edges: &Edges, window_minutes: u32) -> Outcomes {
    outcomes_since(segment, edges, edges.since(window_minutes))
}

fn outcomes_since(segment: &Segment, edges: &Edges, since: Option<Hour>) -> Outcomes {
    let Some(since) = since else { return Outcomes::default() };
    let sum = |n: i64| n.max(0) as u64;
    let missed = segment.subjects(Measure::TouchMissed).map(|(_, series)| edges.sum(series, since)).sum();
    let met = edges.sum(segment.series(Measure::TouchMet, ""), since);
    Outcomes { met: sum(met), missed: sum(missed), since: since.0 }
}

/// MQLs whose deadlines have not passed, of whole hours.
fn awaited(segment: &Segment, edges: &Edges) -> u64 {
    let Some(from) = edges.awaited_from else { return 0 };
    let mqls = [Measure::Entered(Stage::Mql), Measure::Reentered];
    mqls.map(|measure| segment.series(measure, "").since_hour(from)).iter().sum::<i64>().max(0) as u64
}

/// Whether any human touch by sales was told of within the time of the promise, in the whole company. Without one
/// nobody can say whether leads wait or touches are not recorded any more, and no alert begins.
pub fn sales_is_heard_of_late(rule: &FirstTouchSlo, book: &Book, edges: &Edges) -> bool {
    is_heard_in(rule.within_minutes, book, edges)
}

/// Whether any lies in the last so many minutes of business time.
fn is_heard_in(minutes: u32, book: &Book, edges: &Edges) -> bool {
    let all = book.segment(crate::funnel::journey::segments::ALL);
    let touches = all.map(|all| all.series(Measure::Touches(Team::Sales), ""));
    match (touches, edges.start(minutes)) {
        (Some(touches), Some(since)) => touches.since_hour(since) > 0,
        _ => false,
    }
}

/// The boundary at which the last human touch of the company will have left the longest window.
fn silence_from(rule: &FirstTouchSlo, book: &Book, terms: &Terms) -> Minute {
    let last = book
        .segment(crate::funnel::journey::segments::ALL)
        .and_then(|all| all.series(Measure::Touches(Team::Sales), "").last_hour());
    last.and_then(|hour| terms.sales.deadline(hour.end_ms(), i64::from(rule.longest_minutes()) * MINUTE_MS))
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
