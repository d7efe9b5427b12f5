//! What the rules have in common that watch a share of bad outcomes: the detector, what is normal, and when it is
//! over.
//!
//! Outcomes are counted by the day on which they belong, and only once that day's are all known. The watched days are
//! the last `detect` of those; a Bernoulli CUSUM goes over them, set for odds of a bad outcome that are `odds_factor`
//! times the usual. The usual share is learned from the days before, up to `baseline` of them, so that a slow fault
//! is held against half a year and not against itself, and taken at its upper limit (one-sided 95 %, Wilson), so that
//! a poorly known one asks for more evidence instead of crying wolf. The threshold is the smallest at which a segment
//! that stays as it is alarms within a month of its own volume with at most its part of the company's budget. Where
//! weeks scatter more than chance alone would have it, an outcome is worth so much less; where the share depends on the
//! day of the week, the threshold is higher by what a usual week swings ([`weekdays`]). An alert's baseline,
//! threshold and first day are frozen while it lives. Days that an alert told of are never learned from. Once it is
//! over the segment is watched anew.
//!
//! It is over by evidence, not for want of it: a second CUSUM goes over the days since what is told of began, from the
//! share that it had at its worst down to the usual one, and must reach a threshold that a segment which stays as bad
//! reaches within a month with a probability of at most 5 %. The worst are the days until the detector stood highest,
//! of whose share the lower limit is taken (one-sided 95 %, Wilson), and no less than what the detector is set for.
//!
//! A CUSUM says since when: a change is dated to the first outcome after the chart was last at 0 (E. S. Page,
//! Continuous inspection schemes, Biometrika 41, 1954). Alerts tell of the days from there on, so that the days that
//! were as ever do not hide what was detected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::definitions::{Millionths, ShareWatch};
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::binomial;
use crate::stats::chi_square;
use crate::stats::counts::Counts;
use crate::stats::cusum::run_began;
use crate::stats::interval::Confidence;

use super::super::segment::series::Day;
use super::told_days::ToldDays;
use super::weekdays;

/// False alarms are promised over this many business days: a month.
pub const MONTH_BUSINESS_DAYS: u64 = 21;
/// A baseline has seen so many days, whatever its number of outcomes.
pub const LEAST_DAYS: i32 = 56;
/// Baselines are rounded to powers of this, in the direction that asks for more evidence, so that one which hardly
/// changes keeps its threshold.
pub(super) const GRID: f64 = 1.02;
/// More outcomes a month than this are taken as so many, which asks for a little less than is promised: thresholds
/// rise with the logarithm of it.
pub(super) const OUTCOMES_MAX: u64 = 20_000;

/// An alert ends for nothing in so small a part of the months in which all stays as bad as its detector is set for.
pub(super) const ENDS_WRONGLY: f64 = 0.05;

/// The odds of the worst share are rounded down to powers of this above those that the detector is set for.
const WORST_GRID: f64 = 1.5;

/// Weeks that must be known before their scatter is.
const SCATTER_WEEKS: usize = 8;
/// A scatter that chance brings more often is none.
const SCATTER_CONFIDENCE: f64 = 0.9;
/// No larger scatter is believed.
const SCATTER_MAX: f64 = 20.0;

/// What a share that is set as usual is to a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SetShare {
    /// The usual share itself: nothing is learned.
    Usual,
    /// The least that is usual. What is counted depends on what was learned, so the usual share is learned too.
    Least,
}

/// The outcomes of a segment by day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcomes {
    /// The days with outcomes of which all are known, in order.
    pub days: BTreeMap<Day, Counts>,
    /// The day before which all are known.
    pub known_to: Day,
    /// Outcomes that belong to later days, of which not all are known.
    pub young: u64,
}

impl Outcomes {
    /// None yet, all of which are known before a day.
    pub fn known_to(day: Day) -> Outcomes {
        Outcomes { days: BTreeMap::new(), known_to: day, young: 0 }
    }

    /// Adds outcomes of a day.
    pub fn add(&mut self, day: Day, counts: Counts) {
        if counts.n > 0 {
            let known = self.days.entry(day).or_default();
            *known = known.plus(counts);
        }
    }

    /// Those of the days that were not told of.
    pub(super) fn without(&self, told: &ToldDays) -> Outcomes {
        let days = self.days.iter().filter(|(day, _)| !told.holds(**day));
        Outcomes { days: days.map(|(day, counts)| (*day, *counts)).collect(), ..*self }
    }

    /// The sum of the days `from..to`.
    pub fn sum(&self, from: Day, to: Day) -> Counts {
        let to = to.max(from);
        self.days.range(from..to).fold(Counts::default(), |sum, (_, day)| sum.plus(*day))
    }
}

/// What is normal in a segment.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// The share that the detector takes for normal: the upper limit.
    pub p0: f64,
    /// The share as it was counted, or set.
    pub share: f64,
    /// How many outcomes it was learned from; 0 where it was set without any.
    pub n: u64,
    /// How many outcomes there are in a month.
    pub a_month: u64,
    /// The days that it was learned from, `[from, to)`.
    pub days: (Day, Day),
    /// How many times more the share of a week scatters there than chance alone would have it; 1 where it does not.
    pub scatter: f64,
    /// So many bad outcomes beyond the usual share come on the worst days of a usual week; 0 where its days are alike.
    pub swing: f64,
}

/// A baseline with its threshold and the first day that is watched; frozen while an alert lives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// What is normal.
    pub baseline: Baseline,
    /// The share that the detector is set for.
    pub p1: f64,
    /// The threshold, in log-likelihood.
    pub h: f64,
    /// The probability of a false alarm in a month that it was solved for.
    pub alpha: f64,
    /// First day watched.
    pub from: Day,
}

impl Baseline {
    /// Whether the share is the one that was set: a learned one is below its upper limit.
    pub fn is_set(&self) -> bool {
        self.p0 == self.share
    }

    /// The outcomes that it was learned from.
    pub fn learned(&self) -> Counts {
        Counts { n: self.n, bad: (self.share * self.n as f64).round() as u64 }
    }

    /// As how many outcomes a month those count that thresholds are solved for.
    pub fn effective_a_month(&self) -> u64 {
        rounded((self.a_month as f64 / self.scatter).ceil() as u64)
    }
}

impl Watch {
    /// Whether nothing can be seen by it, since no course of outcomes would be rare enough: that is no health.
    pub fn is_blind(&self) -> bool {
        self.h.is_infinite()
    }
}

/// What shows that what an alert told of is over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// The share that it had at its worst.
    pub from: f64,
    /// The threshold of the evidence, in log-likelihood; 0 where by what is known now there was nothing to tell.
    pub h: f64,
}

impl End {
    /// Nothing is ever over.
    pub const NEVER: End = End { from: 0.5, h: f64::INFINITY };
}

/// Where a watched segment stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sight {
    /// The detector.
    pub s: f64,
    /// The day on which what it sees began: the first of those that alerts tell of.
    pub since: Day,
    /// The outcomes of the days from there on.
    pub seen: Counts,
}

/// The day from which on outcomes are watched.
pub fn watched_from(rule: &ShareWatch, outcomes: &Outcomes) -> Day {
    outcomes.known_to.plus(-i32::from(rule.detect_days))
}

/// What is normal; `None` while that is being learned, or where nearly everything is bad already. Days that were told
/// of are not learned from: it looks as much further back. How outcomes scatter and swing is learned wherever it can
/// be, also where the share is set.
pub fn baseline(
    (rule, of_set): (&ShareWatch, SetShare),
    outcomes: &Outcomes,
    told: &ToldDays,
    business_days: impl Fn(Day, Day) -> u64,
) -> Option<Baseline> {
    let learned = learned(rule, outcomes, told, &business_days);
    let Some(set) = rule.baseline.map(Millionths::as_f64) else { return learned };
    let as_set = |baseline: Baseline| Baseline { p0: set, share: set, ..baseline };
    match (of_set, learned) {
        (SetShare::Least, learned) => learned.map(|l| if set > l.p0 { as_set(l) } else { l }),
        (SetShare::Usual, Some(learned)) => Some(as_set(Baseline { n: 0, ..learned })),
        (SetShare::Usual, None) => unlearned(rule, outcomes, business_days).map(as_set),
    }
}

/// How many outcomes a month brings.
fn a_month(n: u64, business_days: u64) -> u64 {
    (n * MONTH_BUSINESS_DAYS).div_ceil(business_days.max(1)).clamp(1, OUTCOMES_MAX)
}

/// Of outcomes from which no share is learned: how many a month brings; `None` where there are none.
fn unlearned(
    rule: &ShareWatch,
    outcomes: &Outcomes,
    business_days: impl Fn(Day, Day) -> u64,
) -> Option<Baseline> {
    let to = watched_from(rule, outcomes);
    let from = (*outcomes.days.keys().next()?).max(to.plus(-i32::from(rule.baseline_days)));
    let a_month = match outcomes.sum(from, to).n {
        0 => a_month(outcomes.sum(to, outcomes.known_to).n, business_days(to, outcomes.known_to)),
        n => a_month(n, business_days(from, to)),
    };
    Some(Baseline { p0: 0.0, share: 0.0, n: 0, a_month, days: (from, to), scatter: 1.0, swing: 0.0 })
}

/// What is normal as it is learned.
fn learned(
    rule: &ShareWatch,
    outcomes: &Outcomes,
    told: &ToldDays,
    business_days: impl Fn(Day, Day) -> u64,
) -> Option<Baseline> {
    let to = watched_from(rule, outcomes);
    let first = *outcomes.days.keys().next()?;
    let from = first.max(told.back(to, i32::from(rule.baseline_days)));
    let untold = outcomes.without(told);
    let counts = untold.sum(from, to);
    let days = told.others(from, to, |from, to| (to.0 - from.0).max(0) as u64);
    if days < LEAST_DAYS as u64 || counts.n < u64::from(rule.min_n) {
        return None;
    }
    let scatter = scatter(&untold, from, to);
    let Counts { n, bad } = effective(counts, scatter);
    let upper = binomial::wilson(bad, n, Confidence::P90).high;
    let odds = GRID.powi(((upper / (1.0 - upper)).ln() / GRID.ln()).ceil() as i32);
    let baseline = Baseline {
        p0: odds / (1.0 + odds),
        share: counts.share(),
        n: counts.n,
        a_month: a_month(counts.n, told.others(from, to, business_days)),
        days: (from, to),
        scatter,
        swing: weekdays::swing(&untold, (from, to), days as f64 / 7.0, scatter),
    };
    (baseline.p0 < 1.0).then_some(baseline)
}

/// Over-dispersion of the weeks before `to`: the mean of Pearson's χ² over its degrees of freedom, where chance would
/// have it so large in less than one case of ten; 1 where it would, or with fewer than eight weeks.
pub fn scatter(outcomes: &Outcomes, from: Day, to: Day) -> f64 {
    let ends = (0..).map(|i| to.plus(-7 * i)).take_while(|end| end.plus(-7) >= from);
    let weeks: Vec<Counts> =
        ends.map(|end| outcomes.sum(end.plus(-7), end)).filter(|week| week.n > 0).collect();
    let all = weeks.iter().fold(Counts::default(), |sum, week| sum.plus(*week));
    let share = all.share();
    if weeks.len() < SCATTER_WEEKS || share <= 0.0 || share >= 1.0 {
        return 1.0;
    }
    let of_week = |week: &Counts| {
        let expected = week.n as f64 * share;
        (week.bad as f64 - expected).powi(2) / (expected * (1.0 - share))
    };
    let (chi_square, freedom) = (weeks.iter().map(of_week).sum::<f64>(), weeks.len() as f64 - 1.0);
    let by_chance = chi_square::quantile(freedom, SCATTER_CONFIDENCE);
    if chi_square > by_chance { (chi_square / freedom).clamp(1.0, SCATTER_MAX) } else { 1.0 }
}

/// The share that the detector of a rule is set for.
pub fn shifted(rule: &ShareWatch, p0: f64) -> f64 {
    let odds = p0 / (1.0 - p0) * rule.odds_factor.as_f64();
    odds / (1.0 + odds)
}

/// Thresholds already solved, by their arguments.
#[derive(Clone, Debug, Default)]
pub struct Thresholds(BTreeMap<(u64, u64, u64, u64), f64>);

impl Thresholds {
    /// What shows that what an alert told of is over. The month has outcomes enough for that many good ones in a row to
    /// be no chance.
    pub fn end(&mut self, watch: &Watch, outcomes: &Outcomes) -> End {
        let Some(worst) = worst(watch, outcomes) else { return End { from: watch.p1, h: 0.0 } };
        let h = self.of(worst, watch.baseline.p0, end_within(watch, worst), ENDS_WRONGLY);
        End { from: worst, h: h + of_swing(&watch.baseline, worst) }
    }

    /// The smallest threshold of a chart from one share to another with P(alarm within so many outcomes) ≤ α; infinite
    /// where there is none.
    fn of(&mut self, from: f64, to: f64, n: u64, alpha: f64) -> f64 {
        *self.0.entry((from.to_bits(), to.to_bits(), n, alpha.to_bits())).or_insert_with(|| {
            BernoulliCusum::new(from, to)
                .and_then(|chart| chart.smallest_threshold(n, alpha))
                .map_or(f64::INFINITY, |threshold| threshold.usable)
        })
    }

    /// Sets the detector for a baseline: it may cry wolf with probability budget ÷ segments a month.
    pub fn watch(&mut self, rule: &ShareWatch, baseline: Baseline, eligible: usize, from: Day) -> Watch {
        let alpha = (rule.alerts_per_month.as_f64() / eligible.max(1) as f64).min(0.5);
        let p1 = shifted(rule, baseline.p0);
        let h = self.of(baseline.p0, p1, baseline.effective_a_month(), alpha) + of_swing(&baseline, p1);
        Watch { baseline, p1, h, alpha, from }
    }
}

/// Within how many outcomes that stay as bad as they were at their worst an alert may end for nothing.
pub fn end_within(watch: &Watch, worst: f64) -> u64 {
    watch.baseline.effective_a_month().max((-ENDS_WRONGLY.ln() / worst).ceil() as u64)
}

/// The effective sample size of outcomes that scatter so many times more than chance alone would have it.
pub fn effective(counts: Counts, scatter: f64) -> Counts {
    let of = |n: u64| (n as f64 / scatter).round() as u64;
    Counts { n: of(counts.n), bad: of(counts.bad) }
}

/// What a usual week adds to a chart between the usual share and another, and takes away from it again: so many bad
/// outcomes in the place of others.
fn of_swing(baseline: &Baseline, share: f64) -> f64 {
    let odds = |share: f64| share / (1.0 - share);
    baseline.swing * (odds(share) / odds(baseline.p0)).ln().abs()
}

/// A number of outcomes a month, rounded up to two digits: the threshold hardly changes with it.
fn rounded(n: u64) -> u64 {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}

/// Whether what is usual is set, and a watch knows it otherwise, by what is normal now.
pub fn is_set_otherwise(
    (rule, of_set): (&ShareWatch, SetShare),
    watch: &Watch,
    now: Option<&Baseline>,
) -> bool {
    let Baseline { share, p0, .. } = watch.baseline;
    let is_least = || now.is_none_or(Baseline::is_set);
    let is_so = |set: f64| match (of_set, watch.baseline.is_set()) {
        (SetShare::Least, false) => p0 >= set,
        (SetShare::Least, true) => share == set && is_least(),
        (SetShare::Usual, is_set) => is_set && share == set,
    };
    rule.baseline.is_some_and(|set| !is_so(set.as_f64()))
}

/// What the detector sees.
pub fn look(watch: &Watch, outcomes: &Outcomes) -> Sight {
    let days = each_day(watch, outcomes);
    let since = began(watch, &days);
    let told = days.iter().filter(|(day, _, _)| *day >= since);
    let seen = told.fold(Counts::default(), |sum, (_, day, _)| sum.plus(*day));
    Sight { s: days.last().map_or(0.0, |(_, _, s)| *s), since, seen }
}

/// The days `[from, to)` of what the detector saw when it was last at its threshold; `None` where it is nowhere there.
pub fn told(watch: &Watch, outcomes: &Outcomes) -> Option<(Day, Day)> {
    let days = each_day(watch, outcomes);
    Some((run(watch, &days)?[0].0, outcomes.known_to))
}

/// The days of the detector's run that was last at its threshold; `None` where it is nowhere there.
fn run<'a>(watch: &Watch, days: &'a [(Day, Counts, f64)]) -> Option<&'a [(Day, Counts, f64)]> {
    let course: Vec<f64> = days.iter().map(|(_, _, s)| *s).collect();
    run_began(&course, watch.h).map(|place| &days[place..])
}

/// The first day with outcomes after the detector was last 0 before it was last at its threshold; where it is nowhere
/// there, the first watched day.
fn began(watch: &Watch, days: &[(Day, Counts, f64)]) -> Day {
    run(watch, days).map_or(watch.from, |run| run[0].0)
}

/// The detector and the outcomes after each watched day.
pub fn each_day(watch: &Watch, outcomes: &Outcomes) -> Vec<(Day, Counts, f64)> {
    let chart = BernoulliCusum::new(watch.baseline.p0, watch.p1);
    let to = outcomes.known_to.max(watch.from);
    let mut s = 0.0;
    let step = |(day, counts): (&Day, &Counts)| {
        // Outcomes that scatter more than chance are worth so many fewer.
        let scatter = watch.baseline.scatter;
        s = chart.as_ref().map_or(0.0, |chart| chart.step(s * scatter, counts.bad, counts.n) / scatter);
        (*day, *counts, s)
    };
    outcomes.days.range(watch.from..to).map(step).collect()
}

/// Whether outcomes, of which so many bad ones were to be expected, are nearer to that than to what the detector is set
/// for: from the odds of what was to be expected it is as far to the limit as from those of the usual share.
pub fn is_as_expected(watch: &Watch, counts: Counts, expected: f64) -> bool {
    let odds = |share: f64| share / (1.0 - share);
    let n = counts.n as f64;
    let (usual, middle) = (watch.baseline.share, (watch.baseline.p0 * watch.p1).sqrt());
    if counts.n == 0 || usual <= 0.0 || usual >= 1.0 {
        return is_usual(watch, counts);
    }
    let own = (expected / n).max(0.0);
    let limit = odds(own) * odds(middle) / odds(usual);
    own >= 1.0 || counts.bad as f64 <= limit / (1.0 + limit) * n
}

/// Whether outcomes are nearer to the usual share than to what the detector is set for.
pub fn is_usual(watch: &Watch, counts: Counts) -> bool {
    counts.bad as f64 <= (watch.baseline.p0 * watch.p1).sqrt() * counts.n as f64
}

/// Whether what fires is over: it is as usual again, by the threshold of that, or it has ceased.
pub fn is_over(rule: &ShareWatch, watch: &Watch, end: End, outcomes: &Outcomes) -> bool {
    is_usual_again(rule, watch, end, outcomes) || has_ceased(rule, outcomes)
}

/// Whether there is nothing to judge any more: none of the days that would be watched now has an outcome.
pub fn has_ceased(rule: &ShareWatch, outcomes: &Outcomes) -> bool {
    outcomes.sum(watched_from(rule, outcomes), outcomes.known_to).n == 0
}

/// Whether over the last days with outcomes the share is nearer to the usual than to what the detector is set for, and
/// the days since what it sees began show by a CUSUM that it is so again. Days before that don't count: where much is
/// seen at once, they would outweigh it.
pub fn is_usual_again(rule: &ShareWatch, watch: &Watch, end: End, outcomes: &Outcomes) -> bool {
    let all = each_day(watch, outcomes);
    let since = began(watch, &all);
    let told: Vec<Counts> = all.iter().filter(|(day, ..)| *day >= since).map(|(_, day, _)| *day).collect();
    let days = usize::from(rule.clear_days).max(1);
    let Some(last) = told.len().checked_sub(days).map(|first| &told[first..]) else { return false };
    let lately = last.iter().fold(Counts::default(), |sum, day| sum.plus(*day));
    is_usual(watch, lately) && way_back(watch, end, &told) >= end.h
}

/// Where the detector of the end stands; `None` where nothing is to end.
pub fn end_seen(watch: &Watch, end: End, outcomes: &Outcomes) -> Option<f64> {
    let all = each_day(watch, outcomes);
    let since = began(watch, &all);
    let told: Vec<Counts> = all.iter().filter(|(day, ..)| *day >= since).map(|(_, day, _)| *day).collect();
    end.h.is_finite().then(|| way_back(watch, end, &told))
}

/// The outcomes of the run that was last at the threshold, until the detector stood highest. `None` where no run was
/// there.
pub fn until_highest(watch: &Watch, outcomes: &Outcomes) -> Option<Counts> {
    let days = each_day(watch, outcomes);
    let run = run(watch, &days)?;
    let highest = run.iter().map(|(_, _, s)| *s).fold(0.0, f64::max);
    let last = run.iter().rposition(|(_, _, s)| *s >= highest)?;
    Some(run[..=last].iter().fold(Counts::default(), |sum, (_, day, _)| sum.plus(*day)))
}

/// The share of the days of the run that was last at the threshold, until the detector stood highest: its lower limit,
/// but no less than what the detector is set for, in steps of half as large odds again. `None` where no run was there.
fn worst(watch: &Watch, outcomes: &Outcomes) -> Option<f64> {
    let Counts { n, bad } = effective(until_highest(watch, outcomes)?, watch.baseline.scatter);
    let low = binomial::wilson(bad, n, Confidence::P90).low;
    let odds = |share: f64| share / (1.0 - share);
    let steps = ((odds(low) / odds(watch.p1)).ln() / WORST_GRID.ln()).floor().max(0.0);
    let worst = odds(watch.p1) * WORST_GRID.powi(steps as i32);
    Some(worst / (1.0 + worst))
}

/// Where a CUSUM stands from the worst share down to the usual one.
fn way_back(watch: &Watch, end: End, days: &[Counts]) -> f64 {
    let Ok(chart) = BernoulliCusum::new(end.from, watch.baseline.p0) else { return 0.0 };
    let scatter = watch.baseline.scatter;
    days.iter().fold(0.0, |s, day| chart.step(s * scatter, day.bad, day.n) / scatter)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert::Severity;

    fn rule() -> ShareWatch {
        ShareWatch {
            baseline_days: 182,
            detect_days: 56,
            odds_factor: Millionths(2_500_000),
            min_n: 100,
            alerts_per_month: Millionths(30_000),
            clear_days: 5,
            severity: Severity::Ticket,
            baseline: None,
        }
    }

    /// A tenth is bad as usual, as learned from so many outcomes, of which there are so many a month.
    fn a_tenth(n: u64, a_month: u64) -> Baseline {
        Baseline { p0: 0.1, share: 0.1, n, a_month, days: (Day(-90), Day(0)), scatter: 1.0, swing: 0.0 }
    }

    /// So many outcomes each day, of which so many are bad.
    fn days(from: i32, to: i32, n: u64, bad: u64) -> impl Iterator<Item = (Day, Counts)> {
        (from..to).map(move |day| (Day(day), Counts { n, bad }))
    }

    fn outcomes(days: impl Iterator<Item = (Day, Counts)>, known_to: i32) -> Outcomes {
        Outcomes { days: days.collect(), known_to: Day(known_to), young: 0 }
    }

    fn every_day(from: Day, to: Day) -> u64 {
        (to.0 - from.0).max(0) as u64
    }

    #[test]
    fn what_is_normal_is_learned_from_enough_days_and_outcomes() {
        let of = |first: i32, n: u64| {
            baseline(
                (&rule(), SetShare::Usual),
                &outcomes(days(first, 200, n, 1), 200),
                &ToldDays::default(),
                every_day,
            )
        };
        assert_eq!(of(89, 10), None, "55 days are too few");
        assert!(of(88, 10).is_some());
        assert_eq!(of(88, 1), None, "56 outcomes are too few");
        let learned = of(0, 10).unwrap();
        assert_eq!((learned.n, learned.share, learned.a_month), (1440, 0.1, 210));
        assert!(learned.p0 > 0.1 && learned.p0 < 0.12, "{}", learned.p0);
    }

    #[test]
    fn what_is_set_is_usual_or_the_least_that_is() {
        let set = |share: i64| ShareWatch { baseline: Some(Millionths(share)), ..rule() };
        let of = |share: i64, of_set| {
            let outcomes = outcomes(days(0, 200, 10, 1), 200);
            baseline((&set(share), of_set), &outcomes, &ToldDays::default(), every_day).unwrap()
        };
        let learned = baseline(
            (&rule(), SetShare::Usual),
            &outcomes(days(0, 200, 10, 1), 200),
            &ToldDays::default(),
            every_day,
        );
        let as_set = |share, n| Baseline { p0: share, share, n, days: (Day(0), Day(144)), ..a_tenth(n, 210) };
        assert_eq!(of(20_000, SetShare::Usual), as_set(0.02, 0));
        assert_eq!(of(300_000, SetShare::Usual), as_set(0.3, 0));
        assert_eq!(Some(of(20_000, SetShare::Least)), learned);
        assert_eq!(of(300_000, SetShare::Least), as_set(0.3, 1440));
    }

    #[test]
    fn what_swings_and_scatters_is_learned_where_a_share_is_set() {
        // Half of every fifth day is bad, and a tenth of the others, but each second month a third.
        let bad = |day: i32| if day % 7 == 4 { 50 } else { 10 + 20 * u64::from(day / 28 % 2 == 1) };
        let all = (0..200).map(|day| (Day(day), Counts { n: 100, bad: bad(day) }));
        let outcomes = outcomes(all, 200);
        let of = |set: Option<i64>, of_set| {
            let rule = ShareWatch { baseline: set.map(Millionths), ..rule() };
            baseline((&rule, of_set), &outcomes, &ToldDays::default(), every_day).unwrap()
        };
        let learned = of(None, SetShare::Usual);
        assert!(learned.scatter > 1.5 && learned.swing > 1.0, "{learned:?}");
        for of_set in [SetShare::Usual, SetShare::Least] {
            let set = of(Some(400_000), of_set);
            assert_eq!((set.share, set.scatter, set.swing), (0.4, learned.scatter, learned.swing));
        }
    }

    #[test]
    fn where_nothing_is_learned_a_set_share_is_usual_and_no_least() {
        let rule = ShareWatch { baseline: Some(Millionths(300_000)), ..rule() };
        let of = |of_set, known_to: i32| {
            let outcomes = outcomes(days(0, known_to, 10, 1), known_to);
            baseline((&rule, of_set), &outcomes, &ToldDays::default(), every_day)
        };
        // Of forty days all 56 that are watched count; of a hundred those before.
        for (known_to, days, a_month) in [(40, (Day(0), Day(-16)), 150), (100, (Day(0), Day(44)), 210)] {
            let set = Baseline { p0: 0.3, share: 0.3, days, ..a_tenth(0, a_month) };
            assert_eq!((of(SetShare::Usual, known_to), of(SetShare::Least, known_to)), (Some(set), None));
        }
    }

    #[test]
    fn a_least_below_the_share_that_an_alert_goes_by_changes_nothing() {
        let is_otherwise = |share: i64, of_set, baseline: Baseline| {
            let watch = Watch { baseline, p1: 0.3, h: 3.0, alpha: 0.03, from: Day(0) };
            let rule = ShareWatch { baseline: Some(Millionths(share)), ..rule() };
            is_set_otherwise((&rule, of_set), &watch, None)
        };
        let learned = Baseline { share: 0.09, ..a_tenth(100, 210) };
        let as_set = a_tenth(0, 210);
        let usual = [(90_000, true, true), (100_000, true, false), (110_000, true, true)];
        for (share, from_learned, from_set) in usual {
            assert_eq!(is_otherwise(share, SetShare::Usual, learned), from_learned, "{share}");
            assert_eq!(is_otherwise(share, SetShare::Usual, as_set), from_set, "{share}");
        }
        let least = [(90_000, false, true), (100_000, false, false), (110_000, true, true)];
        for (share, from_learned, from_set) in least {
            assert_eq!(is_otherwise(share, SetShare::Least, learned), from_learned, "{share}");
            assert_eq!(is_otherwise(share, SetShare::Least, as_set), from_set, "{share}");
        }
        let watch = Watch { baseline: as_set, p1: 0.3, h: 3.0, alpha: 0.03, from: Day(0) };
        let rule = ShareWatch { baseline: Some(Millionths(100_000)), ..rule() };
        let by_now = |now: Baseline| is_set_otherwise((&rule, SetShare::Least), &watch, Some(&now));
        assert!(by_now(Baseline { p0: 0.12, ..learned }), "what is learned is above it");
        assert!(!by_now(as_set));
    }

    #[test]
    fn a_rise_is_seen_and_its_end_as_well() {
        let all = days(0, 190, 10, 1).chain(days(190, 200, 10, 4));
        let outcomes_now = outcomes(all, 200);
        let usual =
            baseline((&rule(), SetShare::Usual), &outcomes_now, &ToldDays::default(), every_day).unwrap();
        let watch = Thresholds::default().watch(&rule(), usual, 1, Day(144));
        let sight = look(&watch, &outcomes_now);
        assert!(sight.s >= watch.h && watch.h.is_finite(), "{sight:?} {watch:?}");
        assert_eq!((sight.since, sight.seen), (Day(190), Counts { n: 100, bad: 40 }), "as ever until then");
        let over = |outcomes: &Outcomes| {
            is_over(&rule(), &watch, Thresholds::default().end(&watch, outcomes), outcomes)
        };
        assert!(!over(&outcomes_now));
        let later = |to| days(0, 190, 10, 1).chain(days(190, 200, 10, 4)).chain(days(200, to, 10, 1));
        assert!(!over(&outcomes(later(205), 205)), "five days may be chance");
        assert!(over(&outcomes(later(212), 212)));
        let before = outcomes(days(0, 190, 10, 1), 190);
        assert!(look(&watch, &before).s < watch.h);
        let still = look(&watch, &before);
        assert_eq!((still.since, still.seen.n), (Day(144), 460), "nothing began: all watched days");
    }

    #[test]
    fn what_is_seen_at_once_is_not_over_for_the_good_days_before_it() {
        let all = |bad_days: i32| {
            let (good, bad) = (days(0, 190, 200, 20), days(190, 190 + bad_days, 200, 44));
            outcomes(good.chain(bad), 190 + bad_days)
        };
        let usual = baseline((&rule(), SetShare::Usual), &all(1), &ToldDays::default(), every_day).unwrap();
        let watch = Thresholds::default().watch(&rule(), usual, 1, Day(135));
        assert!(look(&watch, &all(1)).s >= watch.h, "200 outcomes are enough to see it on the first day");
        let last_five = |bad_days: u64| Counts { n: 1000, bad: 20 * (5 - bad_days) + 44 * bad_days };
        assert!(is_usual(&watch, last_five(2)), "of the last five days three were good");
        for bad_days in 1..=20 {
            let end = Thresholds::default().end(&watch, &all(bad_days));
            assert!(!is_over(&rule(), &watch, end, &all(bad_days)), "{bad_days}");
        }
    }

    #[test]
    fn a_few_good_days_of_little_are_no_end() {
        // One outcome a day, half of them bad, of which five good ones in a row come soon.
        let usual = a_tenth(200, 21);
        let watch = Watch { baseline: usual, p1: shifted(&rule(), 0.1), h: 3.0, alpha: 0.03, from: Day(0) };
        let bad = [1, 1, 1, 0, 1, 1, 0, 0, 0, 0, 0];
        let course = |good: usize| {
            let days = bad.into_iter().chain(std::iter::repeat_n(0, good)).enumerate();
            let all = days.map(|(day, bad)| (Day(day as i32), Counts { n: 1, bad }));
            outcomes(all, (bad.len() + good) as i32)
        };
        let is_again = |good: &usize| {
            let course = course(*good);
            is_usual_again(&rule(), &watch, Thresholds::default().end(&watch, &course), &course)
        };
        assert!(!is_again(&0), "five good ones");
        let ends = (0..90).find(is_again).unwrap();
        assert!((1..60).contains(&ends), "{ends}");
    }

    #[test]
    fn what_alerts_told_of_is_not_learned() {
        let all = days(0, 100, 10, 1).chain(days(100, 130, 10, 5)).chain(days(130, 260, 10, 1));
        let outcomes = outcomes(all, 260);
        let of = |told: &ToldDays| baseline((&rule(), SetShare::Usual), &outcomes, told, every_day).unwrap();
        assert!(of(&ToldDays::default()).share > 0.15, "the bad days would be usual");
        let mut told = ToldDays::default();
        told.add(Day(100), Day(130));
        let learned = of(&told);
        assert_eq!((learned.share, learned.n, learned.scatter), (0.1, 1740, 1.0));
        assert_eq!(learned.days, (Day(0), Day(204)), "182 days would be too few: it has no more");
    }

    #[test]
    fn what_was_seen_last_began_after_the_detector_was_last_at_zero() {
        let from_to = |bad: [u64; 6]| {
            let days = (0..).zip(bad).map(|(day, bad)| (Day(day), Counts { n: 10, bad }));
            outcomes(days, 6)
        };
        let baseline = a_tenth(0, 210);
        let watch = Watch { baseline, p1: shifted(&rule(), 0.1), h: 4.0, alpha: 0.03, from: Day(-3) };
        let since = |bad| look(&watch, &from_to(bad)).since;
        assert_eq!(since([0, 3, 3, 3, 3, 3]), Day(1));
        assert_eq!(since([4, 4, 4, 4, 4, 4]), Day(0), "from the first outcome on");
        assert_eq!(since([6, 0, 0, 0, 0, 6]), Day(5), "of two runs the later one");
        assert_eq!(
            since([0, 9, 0, 0, 0, 0]),
            Day(1),
            "where it has fallen since, the one that reached the threshold"
        );
        assert_eq!(since([0, 0, 0, 0, 0, 2]), Day(-3), "where none did, all that is watched");
    }

    #[test]
    fn what_was_to_be_expected_is_moved_as_far_as_the_usual_share() {
        let baseline = Baseline {
            p0: 0.25,
            share: 0.2,
            n: 500,
            a_month: 210,
            days: (Day(0), Day(100)),
            scatter: 1.0,
            swing: 0.0,
        };
        let watch = Watch { baseline, p1: 0.5, h: 4.0, alpha: 0.03, from: Day(100) };
        let most = |expected: f64| {
            (0..=1000).rev().find(|bad| is_as_expected(&watch, Counts { n: 1000, bad: *bad }, expected))
        };
        // The middle of 0.25 and 0.5 is 0.3536, which is 2.188 times the odds of 0.2.
        assert_eq!(most(200.0), Some(353));
        assert_eq!(most(20.0), Some(42));
        assert_eq!(most(600.0), Some(766));
        assert_eq!((most(0.0), most(-3.0), most(1000.0)), (Some(0), Some(0), Some(1000)));
    }

    #[test]
    fn what_ceases_is_over_when_nothing_of_it_is_left_to_watch() {
        let bad = |known_to| outcomes(days(0, 190, 10, 1).chain(days(190, 200, 10, 4)), known_to);
        let usual = baseline((&rule(), SetShare::Usual), &bad(200), &ToldDays::default(), every_day).unwrap();
        let watch = Thresholds::default().watch(&rule(), usual, 1, Day(144));
        let end = Thresholds::default().end(&watch, &bad(255));
        assert!(!is_over(&rule(), &watch, end, &bad(255)) && !has_ceased(&rule(), &bad(255)));
        assert!(is_over(&rule(), &watch, end, &bad(256)));
        assert!(!is_usual_again(&rule(), &watch, end, &bad(256)));
        assert!(has_ceased(&rule(), &outcomes(days(0, 0, 10, 1), 900)), "also when its days are forgotten");
    }

    #[test]
    fn a_volume_is_rounded_up_to_two_digits() {
        let pairs = [(1, 1), (99, 99), (100, 100), (101, 110), (1_001, 1_100), (19_999, 20_000)];
        for (n, up) in pairs {
            assert_eq!(rounded(n), up);
        }
    }
}
