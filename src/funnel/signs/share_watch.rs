//! What the rules have in common that watch a share of bad outcomes: the detector, what is normal, and when it is
//! over.
//!
//! Outcomes are counted by the day on which they belong, and only once that day's are all known. The watched days are
//! the last `detect` of those; a Bernoulli CUSUM goes over them, set for odds of a bad outcome that are `odds_factor`
//! times the usual. The usual share is learned from the days before, up to `baseline` of them, so that a slow fault
//! is held against half a year and not against itself, and taken at its upper limit (one-sided 95 %, Wilson), so that
//! a poorly known one asks for more evidence instead of crying wolf. The threshold is the smallest at which a segment
//! that stays as it is alarms within a month of its own volume with at most its part of the company's budget. Where
//! weeks scatter more than chance alone would have it, an outcome is worth so much less. An alert's baseline,
//! threshold and first day are frozen while it lives. Once it is over the segment is watched anew.
//!
//! A CUSUM says since when: a change is dated to the first outcome after the chart was last at 0 (E. S. Page,
//! Continuous inspection schemes, Biometrika 41, 1954). Alerts tell of the days from there on, so that the days that
//! were as ever do not hide what was detected.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::definitions::ShareWatch;
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::binomial;
use crate::stats::chi_square;
use crate::stats::counts::Counts;
use crate::stats::cusum::run_began;
use crate::stats::interval::Confidence;

use super::super::segment::series::Day;

/// False alarms are promised over this many business days: a month.
pub const MONTH_BUSINESS_DAYS: u64 = 21;
/// A baseline has seen so many days, whatever its number of outcomes.
pub const LEAST_DAYS: i32 = 56;
/// Baselines are rounded to powers of this, in the direction that asks for more evidence, so that one which hardly
/// changes keeps its threshold.
pub(super) const GRID: f64 = 1.02;
/// More outcomes a month than this are taken as so many, which asks for a little less than is promised: thresholds
/// rise with the logarithm of it.
const OUTCOMES_MAX: u64 = 20_000;

/// Weeks that must be known before their scatter is.
const SCATTER_WEEKS: usize = 8;
/// A scatter that chance brings more often is none.
const SCATTER_CONFIDENCE: f64 = 0.9;
/// No larger scatter is believed.
const SCATTER_MAX: f64 = 20.0;

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
    /// How many outcomes it was learned from; 0 where it was set.
    pub n: u64,
    /// How many outcomes there are in a month.
    pub a_month: u64,
    /// The days that it was learned from, `[from, to)`.
    pub days: (Day, Day),
    /// How many times more the share of a week scatters there than chance alone would have it; 1 where it does not.
    pub scatter: f64,
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

impl Watch {
    /// Whether nothing can be seen by it, since no course of outcomes would be rare enough: that is no health.
    pub fn is_blind(&self) -> bool {
        self.h.is_infinite()
    }
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

/// What is normal; `None` while that is being learned, or where nearly everything is bad already.
pub fn baseline(
    rule: &ShareWatch,
    outcomes: &Outcomes,
    business_days: impl Fn(Day, Day) -> u64,
) -> Option<Baseline> {
    let to = watched_from(rule, outcomes);
    let first = *outcomes.days.keys().next()?;
    let from = first.max(to.plus(-i32::from(rule.baseline_days)));
    let counts = outcomes.sum(from, to);
    let a_month = |n: u64, days: u64| (n * MONTH_BUSINESS_DAYS).div_ceil(days.max(1)).clamp(1, OUTCOMES_MAX);
    if let Some(set) = rule.baseline {
        let (n, days) = match counts.n {
            0 => (outcomes.sum(to, outcomes.known_to).n, business_days(to, outcomes.known_to)),
            n => (n, business_days(from, to)),
        };
        let p0 = set.as_f64();
        return Some(Baseline {
            p0,
            share: p0,
            n: 0,
            a_month: a_month(n, days),
            days: (from, to),
            scatter: 1.0,
        });
    }
    if from.plus(LEAST_DAYS) > to || counts.n < u64::from(rule.min_n) {
        return None;
    }
    let scatter = scatter(outcomes, from, to);
    let worth = |n: u64| (n as f64 / scatter).round() as u64;
    let upper = binomial::wilson(worth(counts.bad), worth(counts.n), Confidence::P90).high;
    let odds = GRID.powi(((upper / (1.0 - upper)).ln() / GRID.ln()).ceil() as i32);
    let baseline = Baseline {
        p0: odds / (1.0 + odds),
        share: counts.share(),
        n: counts.n,
        a_month: a_month(counts.n, business_days(from, to)),
        days: (from, to),
        scatter,
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
    /// Sets the detector for a baseline: it may cry wolf with probability budget ÷ segments a month.
    pub fn watch(&mut self, rule: &ShareWatch, baseline: Baseline, eligible: usize, from: Day) -> Watch {
        let alpha = (rule.alerts_per_month.as_f64() / eligible.max(1) as f64).min(0.5);
        let p1 = shifted(rule, baseline.p0);
        let a_month = (baseline.a_month as f64 / baseline.scatter).ceil() as u64;
        let key = (baseline.p0.to_bits(), p1.to_bits(), rounded(a_month), alpha.to_bits());
        let h = *self.0.entry(key).or_insert_with(|| {
            BernoulliCusum::new(baseline.p0, p1)
                .and_then(|chart| chart.smallest_threshold(key.2, alpha))
                .map_or(f64::INFINITY, |threshold| threshold.usable)
        });
        Watch { baseline, p1, h, alpha, from }
    }
}

/// A number of outcomes a month, rounded up to two digits: the threshold hardly changes with it.
fn rounded(n: u64) -> u64 {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}

/// What the detector sees.
pub fn look(watch: &Watch, outcomes: &Outcomes) -> Sight {
    let days = each_day(watch, outcomes);
    let since = began(watch, &days);
    let told = days.iter().filter(|(day, _, _)| *day >= since);
    let seen = told.fold(Counts::default(), |sum, (_, day, _)| sum.plus(*day));
    Sight { s: days.last().map_or(0.0, |(_, _, s)| *s), since, seen }
}

/// The first day with outcomes after the detector was last 0 before it was last at its threshold; where it is nowhere
/// there, the first watched day.
fn began(watch: &Watch, days: &[(Day, Counts, f64)]) -> Day {
    let course: Vec<f64> = days.iter().map(|(_, _, s)| *s).collect();
    run_began(&course, watch.h).map_or(watch.from, |place| days[place].0)
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

/// Whether what fires is over: it is as usual again, or it has ceased.
pub fn is_over(rule: &ShareWatch, watch: &Watch, outcomes: &Outcomes) -> bool {
    is_usual_again(rule, watch, outcomes) || has_ceased(rule, outcomes)
}

/// Whether there is nothing to judge any more: none of the days that would be watched now has an outcome.
pub fn has_ceased(rule: &ShareWatch, outcomes: &Outcomes) -> bool {
    outcomes.sum(watched_from(rule, outcomes), outcomes.known_to).n == 0
}

/// Whether over the last days with outcomes the share is nearer to the usual than to what the detector is set for. Days
/// before what it sees began don't count: where much is seen at once, they would outweigh it.
pub fn is_usual_again(rule: &ShareWatch, watch: &Watch, outcomes: &Outcomes) -> bool {
    let seen = each_day(watch, outcomes);
    let since = began(watch, &seen);
    let days = usize::from(rule.clear_days).max(1);
    let last: Vec<Counts> =
        seen.iter().rev().take_while(|(day, ..)| *day >= since).take(days).map(|(_, day, _)| *day).collect();
    let lately = last.iter().fold(Counts::default(), |sum, day| sum.plus(*day));
    last.len() == days && is_usual(watch, lately)
}

#[cfg(test)]
mod tests {
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
        let of = |first: i32, n: u64| baseline(&rule(), &outcomes(days(first, 200, n, 1), 200), every_day);
        assert_eq!(of(89, 10), None, "55 days are too few");
        assert!(of(88, 10).is_some());
        assert_eq!(of(88, 1), None, "56 outcomes are too few");
        let learned = of(0, 10).unwrap();
        assert_eq!((learned.n, learned.share, learned.a_month), (1440, 0.1, 210));
        assert!(learned.p0 > 0.1 && learned.p0 < 0.12, "{}", learned.p0);
    }

    #[test]
    fn a_rise_is_seen_and_its_end_as_well() {
        let all = days(0, 190, 10, 1).chain(days(190, 200, 10, 4));
        let outcomes_now = outcomes(all, 200);
        let usual = baseline(&rule(), &outcomes_now, every_day).unwrap();
        let watch = Thresholds::default().watch(&rule(), usual, 1, Day(144));
        let sight = look(&watch, &outcomes_now);
        assert!(sight.s >= watch.h && watch.h.is_finite(), "{sight:?} {watch:?}");
        assert_eq!((sight.since, sight.seen), (Day(190), Counts { n: 100, bad: 40 }), "as ever until then");
        assert!(!is_over(&rule(), &watch, &outcomes_now));
        let later = days(0, 190, 10, 1).chain(days(190, 200, 10, 4)).chain(days(200, 205, 10, 1));
        assert!(is_over(&rule(), &watch, &outcomes(later, 205)));
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
        let usual = baseline(&rule(), &all(1), every_day).unwrap();
        let watch = Thresholds::default().watch(&rule(), usual, 1, Day(135));
        assert!(look(&watch, &all(1)).s >= watch.h, "200 outcomes are enough to see it on the first day");
        let last_five = |bad_days: u64| Counts { n: 1000, bad: 20 * (5 - bad_days) + 44 * bad_days };
        assert!(is_usual(&watch, last_five(2)), "of the last five days three were good");
        for bad_days in 1..=20 {
            assert!(!is_over(&rule(), &watch, &all(bad_days)), "{bad_days}");
        }
    }

    #[test]
    fn what_was_seen_last_began_after_the_detector_was_last_at_zero() {
        let from_to = |bad: [u64; 6]| {
            let days = (0..).zip(bad).map(|(day, bad)| (Day(day), Counts { n: 10, bad }));
            outcomes(days, 6)
        };
        let baseline =
            Baseline { p0: 0.1, share: 0.1, n: 0, a_month: 210, days: (Day(-60), Day(0)), scatter: 1.0 };
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
        let baseline =
            Baseline { p0: 0.25, share: 0.2, n: 500, a_month: 210, days: (Day(0), Day(100)), scatter: 1.0 };
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
        let usual = baseline(&rule(), &bad(200), every_day).unwrap();
        let watch = Thresholds::default().watch(&rule(), usual, 1, Day(144));
        assert!(!is_over(&rule(), &watch, &bad(255)) && !has_ceased(&rule(), &bad(255)));
        assert!(is_over(&rule(), &watch, &bad(256)) && !is_usual_again(&rule(), &watch, &bad(256)));
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
