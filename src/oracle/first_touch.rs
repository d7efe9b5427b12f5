//! The rule `first_touch_slo` (sign 2): MQLs get a human touch by sales in time.
//!
//! Rules: `src/funnel/semantics.md`, "Judging", "Lifecycle" and "Definitions that change".

use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::funnel::Judged;
use super::lifecycle::{Life, Message, Patience};
use super::message::{Reading, Said, Speaker, alert, lives_on, newest};
use super::no_data::Silences;
use super::touch_hours::{Hours, Outcomes, hour_of};
use super::wider::{has_wider, in_order, lies_within, parts_by_dimension};
use super::worth::at_risk;
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::definitions::{BurnWindow, FirstTouchSlo, Millionths};
use crate::model::delta::Evidence;
use crate::model::measure::Measure;
use crate::model::words::{Family, Stage};
use crate::model::{EventTime, HOUR_MS, MINUTE_MS, Minute, Text};
use crate::stats::interval::Confidence;
use crate::stats::{binomial, poisson};

const RULE: &str = "first_touch_slo";
const EVERY_MINUTES: i32 = 5;
const RESTS_ON: [Family; 2] = [Family::Touches, Family::SalesTouches];
/// The hours, 35 days of 24, in which it is seen what is usual.
const USUAL_HOURS: i64 = 35 * 24;
const WEEK_HOURS: i64 = 7 * 24;

/// The hours in which the windows of one evaluation start, long and short, as the windows are listed.
type Starts = Vec<(i64, i64)>;

/// Every message of the rule.
pub(super) fn said(stretches: &[Judged], silent: &Silences) -> Said {
    let mut said = Said::default();
    let mut lives: BTreeMap<Text, Life<Severity>> = BTreeMap::new();
    let (mut ended_at, mut called) = (BTreeMap::new(), BTreeMap::new());
    for judged in stretches {
        let rule = judged.rulebook.definitions.rules.first_touch_slo.as_ref();
        let mut ended = lives.clone();
        ended.retain(|segment, _| !lives_on(segment, rule, judged));
        lives.retain(|segment, _| !ended.contains_key(segment));
        let firing = ended.iter().filter(|(_, life)| matches!(life, Life::Firing { .. }));
        let no_subject = Text::default();
        said.end(firing.map(|(segment, _)| (segment, &no_subject)), judged);
        if let Some(rule) = rule {
            let (hours, last_miss, memo) = (Hours::default(), None, None);
            let outside = RefCell::default();
            let mut judge =
                Judge { judged, silent, rule, hours, last_miss, lives, ended_at, called, memo, outside };
            said.messages.extend(judge.judge());
            (lives, ended_at, called) = (judge.lives, judge.ended_at, judge.called);
        }
    }
    said
}

fn next_multiple(minute: i32) -> i32 {
    minute.div_euclid(EVERY_MINUTES) * EVERY_MINUTES
        + if minute.rem_euclid(EVERY_MINUTES) > 0 { EVERY_MINUTES } else { 0 }
}

/// The first window that is over, by segment; `None` where there is no data.
type Readings = Option<BTreeMap<Text, Option<usize>>>;

/// A segment, and the parts that are left out of it, each up to an hour.
type Left = (Text, BTreeMap<Text, i64>);

struct Judge<'f> {
    judged: &'f Judged<'f>,
    silent: &'f Silences,
    rule: &'f FirstTouchSlo,
    hours: Hours,
    last_miss: Option<i64>,
    /// With the severity that was told.
    lives: BTreeMap<Text, Life<Severity>>,
    /// The evaluations at which alerts ended last.
    ended_at: BTreeMap<Text, Minute>,
    /// Who was called last.
    called: BTreeMap<Text, OwnerTeam>,
    /// The readings of the last evaluation: while no count changes and no window's first hour, they hold.
    memo: Option<(Starts, Readings)>,
    /// While no count changes: the outcomes of segments without some of their parts.
    outside: RefCell<BTreeMap<Left, Hours>>,
}

impl Judge<'_> {
    /// Every message under one set of definitions.
    fn judge(&mut self) -> Vec<Alert> {
        let changes = self.judged.changes();
        // Before anything is counted there is no data.
        let Some(&first) = changes.first() else { return vec![] };
        let mut messages = vec![];
        let mut next_change = 0;
        let mut at = Minute(next_multiple(first.0));
        while at <= self.judged.to {
            if changes.get(next_change).is_some_and(|&change| change <= at) {
                next_change = changes.partition_point(|&change| change <= at);
                self.hours = Hours::at(self.judged, at);
                self.last_miss = self.hours.last_miss();
                self.memo = None;
                self.outside.take();
            }
            let left_out = self.left_out(at);
            if left_out != self.hours.left_out {
                self.hours.left_out = left_out;
                self.memo = None;
                self.outside.take();
            }
            let starts = self.starts(at);
            if self.is_quiet(&starts) {
                // Nothing can breach without a miss in its window, and nothing waits: windows only move on,
                // so go on where something changes.
                match changes.get(next_change) {
                    Some(&change) => at = Minute(next_multiple(change.0)),
                    None => break,
                }
                continue;
            }
            if !self.silent.any_at(&RESTS_ON, self.judged.number, at) {
                messages.extend(self.evaluate(at, starts));
            }
            at = at.plus(EVERY_MINUTES);
        }
        messages
    }

    /// Of each outage the hours from its first one to the one in which those are due that came at its end.
    fn left_out(&self, at: Minute) -> Vec<(i64, i64)> {
        let sales = &self.judged.rulebook.sales;
        let within_ms = i64::from(self.rule.within_minutes) * MINUTE_MS;
        let of = |(from, to): (Minute, Minute)| {
            let last = sales.deadline(to.start(), within_ms).unwrap_or(to.start());
            (hour_of(from), last.0.div_euclid(HOUR_MS))
        };
        self.silent.outages(&RESTS_ON, self.judged, at).into_iter().map(of).collect()
    }

    fn is_quiet(&self, starts: &Starts) -> bool {
        let no_miss = match self.last_miss {
            None => true,
            Some(hour) => starts.iter().all(|&(long, _)| hour < long),
        };
        no_miss && self.lives.values().all(|life| *life == Life::Inactive)
    }

    fn evaluate(&mut self, at: Minute, starts: Starts) -> Vec<Alert> {
        if self.memo.as_ref().is_none_or(|(known, _)| *known != starts) {
            self.memo = Some((starts.clone(), self.readings(&starts)));
        }
        let readings = self.memo.as_ref().and_then(|(_, readings)| readings.clone());
        // No data: every state is held.
        let Some(readings) = readings else { return vec![] };
        // What does not fire yet is held sooner.
        let is_heard_of_late = self.is_heard_of_late(at);
        let mut segments: Vec<Text> = readings.keys().chain(self.lives.keys()).cloned().collect();
        segments.sort_by_key(in_order);
        segments.dedup();
        let mut messages = vec![];
        let mut ended = vec![];
        let mut speaking: BTreeMap<Text, Severity> = BTreeMap::new();
        for segment in segments {
            let over = readings.get(&segment).copied().flatten();
            let read = over.map(|window| self.rule.windows[window].severity);
            let fires = matches!(self.lives.get(&segment), Some(Life::Firing { .. }));
            let is_hushed = read.is_some_and(|severity| {
                let as_loud = speaking.iter().filter(|(_, loudness)| **loudness >= severity);
                has_wider(as_loud.map(|(wider, _)| wider), &segment)
            });
            let breach = read.filter(|&severity| {
                !is_hushed && (fires || !self.is_of_parts(&segment, severity, at, (&starts, &readings)))
            });
            let window = over.unwrap_or(0);
            let from_hour = starts[window].0.max(self.first_untold_hour(&segment));
            let life = self.lives.entry(segment.clone()).or_insert(Life::Inactive);
            // At the evaluation at which it resolves it still speaks.
            let spoke = if let Life::Firing { spoke, .. } = life { Some(*spoke) } else { None };
            if let Some(loudness) = [breach, spoke].into_iter().flatten().max() {
                speaking.insert(segment.clone(), loudness);
            }
            let patience = Patience {
                calendar: &self.judged.rulebook.sales,
                for_minutes: self.rule.for_minutes,
                clear_minutes: self.rule.clear_minutes,
            };
            if !is_heard_of_late && !matches!(life, Life::Firing { .. }) {
                continue;
            }
            let message = life.step(at, breach, &patience, |new, old| new > old);
            // What gave way to a wider one is not over.
            if matches!(message, Some(Message::Resolved { .. })) && !is_hushed {
                ended.push(segment.clone());
            }
            if let Some(message) = message {
                let alert = self.alert(&segment, at, message, from_hour);
                self.called.insert(segment, alert.owner_team);
                messages.push(alert);
            }
        }
        if !ended.is_empty() {
            self.memo = None;
        }
        self.ended_at.extend(ended.into_iter().map(|segment| (segment, at)));
        messages
    }

    fn starts(&self, at: Minute) -> Starts {
        let hour = |minutes: u32| {
            let business_ms = i64::from(minutes) * MINUTE_MS;
            let start = self.judged.rulebook.sales.window_start(at.start(), business_ms);
            // A calendar that does not reach back so far: from the beginning.
            start.map_or(i64::from(i32::MIN), |start| start.0.div_euclid(HOUR_MS))
        };
        self.rule
            .windows
            .iter()
            .map(|window| (hour(window.long_minutes), hour(window.short_minutes)))
            .collect()
    }

    /// What an alert here or of a wider segment told of and ended counts in no window, unless the alert that lives
    /// here, or the wait for it, began before that end.
    fn first_untold_hour(&self, segment: &str) -> i64 {
        let began = match self.lives.get(segment) {
            Some(Life::Pending { since } | Life::Firing { since, .. }) => *since,
            Some(Life::Inactive) | None => Minute::MAX,
        };
        let tells = |of: &Text| of == segment || lies_within(segment, of);
        let ended = self.ended_at.iter().filter(|(of, at)| tells(of) && **at <= began);
        ended.map(|(_, at)| *at).max().map_or(i64::MIN, |at| hour_of(at) + 1)
    }

    /// Whether sales touched anybody within the promised time.
    fn is_heard_of_late(&self, at: Minute) -> bool {
        let promised = i64::from(self.rule.within_minutes) * MINUTE_MS;
        let start = self.judged.rulebook.sales.window_start(at.start(), promised);
        let hour = start.map_or(i64::from(i32::MIN), |start| start.0.div_euclid(HOUR_MS));
        self.hours.touches_from(hour) > 0
    }

    /// The first window that is over, by segment; `None` where there is no data.
    fn readings(&self, starts: &Starts) -> Readings {
        let longest = self.rule.windows.iter().zip(starts).max_by_key(|(window, _)| window.long_minutes)?;
        if self.hours.touches_from(longest.1.0) == 0 {
            return None;
        }
        let first = |segment: &Text| (segment.clone(), self.first_over(segment, starts));
        Some(self.hours.outcomes.keys().map(first).collect())
    }

    /// The first window that is over: the loudest, then as listed.
    fn first_over(&self, segment: &str, starts: &Starts) -> Option<usize> {
        let mut order: Vec<usize> = (0..self.rule.windows.len()).collect();
        order.sort_by_key(|&window| Reverse(self.rule.windows[window].severity));
        order.into_iter().find(|&window| self.is_over(segment, window, starts[window]))
    }

    fn is_over(&self, segment: &str, window: usize, start: (i64, i64)) -> bool {
        let gate = self.gate(&self.rule.windows[window]);
        self.is_over_by(&self.hours, segment, window, start)
            && (segment == "all" || self.stands_beside_others(segment, start.0, gate))
    }

    /// By what is counted in these hours, before it is held against others.
    fn is_over_by(&self, hours: &Hours, segment: &str, window: usize, start: (i64, i64)) -> bool {
        let window: &BurnWindow = &self.rule.windows[window];
        let from = self.first_untold_hour(segment);
        let long = hours.outcomes_from(segment, start.0.max(from));
        let short = hours.outcomes_from(segment, start.1.max(from));
        burns_above(long, self.budget(), window.burn)
            && burns_above(short, self.budget(), window.burn)
            && long.n() >= u64::from(self.rule.min_n)
            && self.tail(long) < self.gate(window)
    }

    /// Whether no window in which a segment breaches would be over without those within it that are told of at least
    /// so loudly, and without the hours that others within it told of.
    fn is_of_parts(
        &self,
        segment: &Text,
        severity: Severity,
        at: Minute,
        (starts, readings): (&Starts, &BTreeMap<Text, Option<usize>>),
    ) -> bool {
        // The last hour that is told of in each.
        let told_to = |of: &Text| {
            let read = readings.get(of).copied().flatten().map(|window| self.rule.windows[window].severity);
            match self.lives.get(of) {
                Some(Life::Firing { spoke, .. }) if (*spoke).max(read.unwrap_or(*spoke)) >= severity => {
                    Some(i64::MAX)
                }
                _ => self.ended_at.get(of).map(|ended| hour_of(*ended)),
            }
        };
        let over: Vec<usize> =
            (0..starts.len()).filter(|&window| self.is_over(segment, window, starts[window])).collect();
        let is_over_outside = |parts: BTreeSet<Text>| {
            let parts: BTreeMap<Text, i64> =
                parts.into_iter().filter_map(|part| Some((part.clone(), told_to(&part)?))).collect();
            let mut known = self.outside.borrow_mut();
            let outside = known.entry((segment.clone(), parts.clone()));
            let hours = outside.or_insert_with(|| self.hours.outside(self.judged, at, (segment, &parts)));
            over.iter().any(|&window| self.is_over_by(hours, segment, window, starts[window]))
        };
        let told = self.lives.keys().chain(self.ended_at.keys()).filter(|of| told_to(of).is_some());
        !parts_by_dimension(segment, told).into_iter().all(is_over_outside)
    }

    fn gate(&self, window: &BurnWindow) -> f64 {
        window.gate.unwrap_or(self.rule.gate).as_f64()
    }

    fn budget(&self) -> Millionths {
        Millionths(Millionths::ONE.0 - self.rule.target.0)
    }

    /// How likely so many misses are while the target is just met.
    fn tail(&self, outcomes: Outcomes) -> f64 {
        binomial::at_least(outcomes.missed, outcomes.n(), self.budget().as_f64()).value()
    }

    /// Whether a segment's misses are too many even though many segments are looked at: the smallest adjusted
    /// tail of Benjamini and Hochberg is, over all tails p at least as large as its own, the least p m / rank.
    fn stands_beside_others(&self, segment: &str, hour: i64, gate: f64) -> bool {
        let others = self.hours.outcomes.keys().filter(|segment| *segment != "all");
        let of = |segment: &str| self.hours.outcomes_from(segment, hour.max(self.first_untold_hour(segment)));
        let known =
            others.map(|segment| of(segment)).filter(|outcomes| outcomes.n() >= u64::from(self.rule.min_n));
        let tails: Vec<f64> = known.map(|outcomes| self.tail(outcomes)).collect();
        let own = self.tail(of(segment));
        let rank = |p: f64| tails.iter().filter(|&&tail| tail <= p).count() as f64;
        let larger = tails.iter().filter(|&&p| p >= own);
        let adjusted = larger.map(|&p| p * tails.len() as f64 / rank(p)).fold(1.0, f64::min);
        // Both are decimals seen through floats.
        adjusted <= gate * (1.0 + 1e-12)
    }

    /// Whether many more MQLs came than in the same hours of weeks before with as much work for sales, of which those
    /// that were due explain more than half of those that were missed, while sales touched about as many as ever.
    fn is_surge(&self, segment: &str, at: Minute, from_hour: i64) -> bool {
        let sales = &self.judged.rulebook.sales;
        // The first hour that begins at this boundary or later, and the last that ends at it or before.
        let (to_hour, came_to) = (hour_of(at.plus(-1)) + 1, hour_of(at));
        if to_hour - from_hour > USUAL_HOURS {
            return false;
        }
        let promised = i64::from(self.rule.within_minutes) * MINUTE_MS;
        let Some(came_from) = sales.window_start(EventTime(from_hour * HOUR_MS), promised) else {
            return false;
        };
        let came_from = came_from.0.div_euclid(HOUR_MS);
        // Weeks before the segment's first MQL are no usual ones.
        let Some(first) = self.hours.first_mql(segment) else { return false };
        let days = &self.judged.rulebook.days;
        let first = days.start_of(days.day_of(EventTime(first * HOUR_MS))).start().0.div_euclid(HOUR_MS);
        let least = first.max(came_to - USUAL_HOURS);
        let mut weeks = 1;
        while to_hour - from_hour > weeks * WEEK_HOURS + 1 {
            weeks += 1;
        }
        let work = |shift: i64| {
            let start = |hour: i64| EventTime((hour - shift) * HOUR_MS);
            sales.between_ms(start(came_from), start(came_to))
        };
        let (mut shifts, mut shift) = (vec![], weeks * WEEK_HOURS);
        while came_from - shift >= least {
            if (work(shift) - work(0)).abs() <= HOUR_MS {
                shifts.push(shift);
            }
            shift += weeks * WEEK_HOURS;
        }
        let came = |shift: &i64| self.hours.mqls_between(segment, came_from - shift, came_to - shift);
        let outcomes = |shift: &i64| self.hours.between(segment, from_hour - shift, to_hour - shift);
        let due = |shift: &i64| outcomes(shift).met + outcomes(shift).missed;
        let touched = |shift: &i64| self.hours.touches_between(segment, from_hour - shift, to_hour - shift);
        // Where it kept its promise it coped with what came.
        let has_coped =
            |shift: &&i64| outcomes(shift).missed * Millionths::ONE.0 <= self.budget().0 * due(shift);
        if shifts.is_empty() || shifts.iter().map(came).sum::<i64>() < i64::from(self.rule.min_n) {
            return false;
        }
        // Twice what is usual is whole.
        let twice_usual = |of: &dyn Fn(&i64) -> i64| twice_median(shifts.iter().map(of).collect());
        let (usual, usual_touches) = (twice_usual(&came), twice_usual(&touched));
        usual > 0
            && usual_touches > 0
            && 8 * came(&0) >= 5 * usual
            && shifts.iter().filter(has_coped).all(|shift| 4 * came(&0) >= 5 * came(shift))
            && 2 * due(&0) - twice_usual(&due) > self.hours.outcomes_from(segment, from_hour).missed
            && 3 * touched(&0) >= usual_touches
            && poisson::at_least(came(&0), usual as f64 / 2.0).value() < 0.01
    }

    fn alert(&self, segment: &Text, at: Minute, message: Message<Severity>, from_hour: i64) -> Alert {
        let (state, since, severity) = match message {
            Message::Firing { since, as_ } => (AlertState::Firing, since, as_),
            Message::Resolved { since, as_ } => (AlertState::Resolved, since, as_),
        };
        let long = self.hours.outcomes_from(segment, from_hour);
        let today = self.judged.rulebook.days.day_of(at.start());
        let counts_unassigned = self.hours.assignments_are_on_record(today);
        let by_operations =
            long.missed_in_routing + if counts_unassigned { long.missed_unassigned } else { 0 };
        let owner_team = if let (AlertState::Resolved, Some(called)) = (state, self.called.get(segment)) {
            *called
        } else if by_operations * 2 > long.missed {
            OwnerTeam::Operations
        } else if self.is_surge(segment, at, from_hour) {
            OwnerTeam::Marketing
        } else {
            OwnerTeam::Sales
        };
        let beyond = long.missed as f64 - long.n() as f64 * self.budget().as_f64();
        let reading = Reading {
            value: if long.n() == 0 { 1.0 } else { long.met as f64 / long.n() as f64 },
            baseline: None,
            threshold: self.rule.target.as_f64(),
            interval: Some(binomial::wilson(long.n() - long.k(), long.n(), Confidence::P95)),
            n: long.n(),
            excluded_immature: self.awaited(segment, at),
            window: (EventTime(from_hour * HOUR_MS), at.start()),
            evidence: self.evidence(segment, at, from_hour),
            owner_team,
            at_risk: at_risk(self.judged, at, beyond, Stage::Mql),
        };
        let (subject, number) = (&Text::default(), self.judged.number);
        alert(&Speaker { rule: RULE, sign: 2, segment, subject, state, severity, since, at, number }, reading)
    }

    /// MQLs of the whole hours in which nobody's promised time is over.
    fn awaited(&self, segment: &str, at: Minute) -> u64 {
        let promised = i64::from(self.rule.within_minutes) * MINUTE_MS;
        let Some(start) = self.judged.rulebook.sales.window_start(at.start(), promised) else { return 0 };
        let began = start.0.div_euclid(HOUR_MS) + i64::from(start.0.rem_euclid(HOUR_MS) > 0);
        self.hours.mqls_between(segment, began, i64::MAX).try_into().expect("it is not negative")
    }

    /// Leads behind the misses of the window.
    fn evidence(&self, segment: &Text, at: Minute, from_hour: i64) -> Vec<Text> {
        let is_known = |hour: i64| hour >= from_hour && !self.hours.is_left_out(hour);
        let is_miss = |of: &Evidence| of.measure == Measure::TouchMissed && is_known(hour_of(of.slice));
        newest(self.judged, segment, at, is_miss)
    }
}

/// Twice the number in the middle, which is between two of them where they are even.
fn twice_median(mut numbers: Vec<i64>) -> i64 {
    numbers.sort_unstable();
    numbers[(numbers.len() - 1) / 2] + numbers[numbers.len() / 2]
}

/// Whether outcomes burn the budget strictly faster than `burn`, in exact decimals.
fn burns_above(outcomes: Outcomes, budget: Millionths, burn: Millionths) -> bool {
    let million = i128::from(Millionths::ONE.0);
    let missed = i128::from(outcomes.missed) * million * million;
    outcomes.n() > 0
        && budget.0 > 0
        && missed > i128::from(burn.0) * i128::from(outcomes.n()) * i128::from(budget.0)
}
