//! What the rules have in common that watch a share of bad outcomes: the detector, and when it is over.
//!
//! Outcomes are counted by the day on which they belong, and only once that day's are all known. The watched days are
//! the last `detect` of those; a Bernoulli CUSUM goes over them, set for odds of a bad outcome that are `odds_factor`
//! times the usual ones ([`super::usual_share`]). The threshold is the smallest at which a segment that stays as it
//! is alarms within a month of its own volume with at most its part of the company's budget. Where weeks scatter more
//! than chance alone would have it, an outcome is worth so much less; where the share depends on the day of the week,
//! the threshold is higher by what a usual week swings. An alert's baseline, threshold and first day are frozen while
//! it lives. Once it is over the segment is watched anew.
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

use crate::model::definitions::ShareWatch;
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::binomial;
use crate::stats::counts::Counts;
use crate::stats::cusum::run_began;
use crate::stats::interval::Confidence;

use super::super::segment::series::Day;
use super::usual_share::{Baseline, Outcomes, SetShare, effective, watched_from};

/// An alert ends for nothing in so small a part of the months in which all stays as bad as its detector is set for.
pub(super) const ENDS_WRONGLY: f64 = 0.05;

/// The odds of the worst share are rounded down to powers of this above those that the detector is set for.
const WORST_GRID: f64 = 1.5;

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

/// What a usual week adds to a chart between the usual share and another, and takes away from it again: so many bad
/// outcomes in the place of others.
fn of_swing(baseline: &Baseline, share: f64) -> f64 {
    let odds = |share: f64| share / (1.0 - share);
    baseline.swing * (odds(share) / odds(baseline.p0)).ln().abs()
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
    use super::super::told_days::ToldDays;
    use super::super::usual_share::baseline;
    use super::*;
    use crate::model::alert::Severity;
    use crate::model::definitions::Millionths;

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
}
