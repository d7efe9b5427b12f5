//! What is usual of a share of bad outcomes.
//!
//! Learned from the days before the watched ones, up to `baseline` of them, so that a slow fault is held against half
//! a year and not against itself, and taken at its upper limit (one-sided 95 %, Wilson), so that a poorly known one
//! asks for more evidence instead of crying wolf; or set. How much more than by chance alone its weeks scatter, and
//! how far a usual week swings ([`weekdays`]), is learned wherever it can be. Days that an alert told of are never
//! learned from.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::definitions::{Millionths, ShareWatch};
use crate::stats::binomial;
use crate::stats::chi_square;
use crate::stats::counts::Counts;
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
        (SetShare::Usual, None) => {
            let (a_month, days) = brought(rule, outcomes, business_days)?;
            Some(Baseline { p0: set, share: set, n: 0, a_month, days, scatter: 1.0, swing: 0.0 })
        }
    }
}

/// How many outcomes a month brings.
fn a_month(n: u64, business_days: u64) -> u64 {
    (n * MONTH_BUSINESS_DAYS).div_ceil(business_days.max(1)).clamp(1, OUTCOMES_MAX)
}

/// How many outcomes a month brings, where no share is learned from them, and the days before the watched ones; `None`
/// where there are none.
fn brought(
    rule: &ShareWatch,
    outcomes: &Outcomes,
    business_days: impl Fn(Day, Day) -> u64,
) -> Option<(u64, (Day, Day))> {
    let to = watched_from(rule, outcomes);
    let from = (*outcomes.days.keys().next()?).max(to.plus(-i32::from(rule.baseline_days)));
    let a_month = match outcomes.sum(from, to).n {
        0 => a_month(outcomes.sum(to, outcomes.known_to).n, business_days(to, outcomes.known_to)),
        n => a_month(n, business_days(from, to)),
    };
    Some((a_month, (from, to)))
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

/// The effective sample size of outcomes that scatter so many times more than chance alone would have it.
pub fn effective(counts: Counts, scatter: f64) -> Counts {
    let of = |n: u64| (n as f64 / scatter).round() as u64;
    Counts { n: of(counts.n), bad: of(counts.bad) }
}

/// A number of outcomes a month, rounded up to two digits: the threshold hardly changes with it.
fn rounded(n: u64) -> u64 {
    let mut unit = 1;
    while n / unit >= 100 {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
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
    fn a_volume_is_rounded_up_to_two_digits() {
        let pairs = [(1, 1), (99, 99), (100, 100), (101, 110), (1_001, 1_100), (19_999, 20_000)];
        for (n, up) in pairs {
            assert_eq!(rounded(n), up);
        }
    }
}
