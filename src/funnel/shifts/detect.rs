//! Finds the days from which on cohorts are of another quality.
//!
//! Cohorts come in the order of their days, each only once all of it is old enough. The first of a *level* teach what
//! is usual: 56 days at least, up to 182, never the last 56, so that a fault which creeps in is held against half a
//! year and not against itself; after that what is usual stays as it is for as long as the level lasts. Two Bernoulli
//! CUSUMs go over the days after those, one for the odds doubled and one for the odds halved, against the limit of the
//! usual share on their side (one-sided 95 %, Wilson), so that a poorly known one asks for more evidence. Where weeks
//! scatter more than chance alone would have it, a lead is worth so much less. A chart that reaches its threshold tells
//! a shift; it began at the likeliest place among the days that are never learned from, and a new level begins there.
//! So one shift is told once.
//! Blind to: less than half or double in odds, what happens within the first 56 days of a level, and a change for fewer
//! leads than the threshold asks for.

use std::collections::BTreeMap;

use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::binomial;
use crate::stats::change_point;
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;
use crate::stats::two_proportion::Share;

use super::super::segment::series::Day;
use super::super::signs::usual_share::{MONTH_BUSINESS_DAYS, Outcomes, scatter};

/// What is usual is learned from so many days at least,
const LEAST_DAYS: i32 = 56;
/// from so many at most,
const MOST_DAYS: i32 = 182;
/// and not from the last ones.
const WATCHED_DAYS: i32 = 56;
/// It is learned from so many leads at least,
const LEAST_LEADS: u64 = 100;
/// of which so many took the step, and so many did not.
const LEAST_OF_EACH: u64 = 10;
/// A shift worth speaking of, as a factor of the odds.
const ODDS_FACTOR: f64 = 2.0;
/// Shifts told for nothing in a month of 21 business days, over everything that is followed: one in twenty years. A
/// history of a year and a half is read at once, and nobody can wait and see whether a shift in it lasts.
pub const FALSE_A_MONTH: f64 = 0.004;
/// Odds are rounded to powers of this, in the direction that asks for more evidence.
const ODDS_GRID: f64 = 1.05;
/// A month's leads are rounded up to powers of this: the threshold rises with the logarithm of them.
const LEADS_GRID: f64 = 1.25;
/// More leads a month than this are taken as so many.
const LEADS_MAX: f64 = 20_000.0;
/// A month's leads are those of the baseline, or those of the last days if they are more.
const LATELY_DAYS: i32 = 28;

/// Which way quality moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More take the step.
    Better,
    /// Fewer do.
    Worse,
}

/// A shift, as it was first known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// Which way.
    pub direction: Direction,
    /// The first day of the level before it.
    pub level_from: Day,
    /// The first day of the cohorts that differ.
    pub from: Day,
    /// The last cohort day that was needed to know it.
    pub reached: Day,
    /// The share that the chart took for usual: the limit.
    pub p0: f64,
    /// The share that it was set for.
    pub p1: f64,
    /// Where it stood, in log-likelihood.
    pub s: f64,
    /// Its threshold.
    pub h: f64,
}

/// Everything that was found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Findings {
    /// The shifts, in the order of their days.
    pub shifts: Vec<Found>,
    /// Whether so much was known at any time that a shift could have been seen.
    pub is_learned: bool,
}

/// Thresholds already solved, by their arguments.
#[derive(Clone, Debug, Default)]
pub struct Thresholds(BTreeMap<[u64; 4], f64>);

impl Thresholds {
    /// The smallest threshold of a chart with P(alarm within so many leads) ≤ α; infinite where there is none.
    fn of(&mut self, p0: f64, p1: f64, leads: u64, alpha: f64) -> f64 {
        let key = [p0.to_bits(), p1.to_bits(), leads, alpha.to_bits()];
        *self.0.entry(key).or_insert_with(|| {
            let chart = BernoulliCusum::new(p0, p1);
            let threshold = chart.and_then(|chart| chart.smallest_threshold(leads, alpha));
            threshold.map_or(f64::INFINITY, |threshold| threshold.usable)
        })
    }
}

/// One chart against what is usual.
#[derive(Clone, Copy, Debug)]
struct Watch {
    direction: Direction,
    chart: BernoulliCusum,
    p0: f64,
    p1: f64,
    s: f64,
}

/// What is usual in a level so far.
struct Usual {
    /// The days from which on the charts go.
    to: Day,
    counts: Counts,
    scatter: f64,
    watches: Vec<Watch>,
}

/// Finds every shift in cohorts by day, all of which are old enough: of each, its leads and how many took the step.
/// Each chart may tell one for nothing with probability `alpha` a month; `business_days` counts those of `[from, to)`.
pub fn find(
    cohorts: &BTreeMap<Day, Share>,
    business_days: &dyn Fn(Day, Day) -> u64,
    alpha: f64,
    thresholds: &mut Thresholds,
) -> Findings {
    let mut findings = Findings::default();
    let mut known = Outcomes::known_to(Day(i32::MAX));
    for (day, share) in cohorts {
        known.add(*day, Counts { n: share.n, bad: share.k.min(share.n) });
    }
    let Some(mut level_from) = known.days.keys().next().copied() else { return findings };
    let mut usual: Option<Usual> = None;
    for (&day, counts) in &known.days {
        let Some(to) = learned_to(&known, level_from, day) else { continue };
        findings.is_learned = true;
        let level = match usual.take().filter(|usual| usual.to == to) {
            Some(mut level) => {
                level.step(*counts);
                level
            }
            // The charts go anew over every day since.
            None => {
                let mut level = Usual::of(&known, level_from, to);
                known.days.range(to..=day).for_each(|(_, counts)| level.step(*counts));
                level
            }
        };
        let leads = leads_a_month(&known, level_from, &level, day, business_days);
        let told = level.watches.iter().find_map(|watch| {
            let h = thresholds.of(watch.p0, watch.p1, leads, alpha);
            (watch.s >= h).then_some((*watch, h))
        });
        usual = Some(level);
        let Some((watch, h)) = told else { continue };
        let Some(from) = began(&known, level_from, day, &watch) else { continue };
        let Watch { direction, p0, p1, s, .. } = watch;
        findings.shifts.push(Found { direction, level_from, from, reached: day, p0, p1, s, h });
        level_from = from;
        usual = None;
    }
    findings
}

/// The day before which it is learned what is usual when the cohorts of `day` come, if enough is known by then.
fn rested(level_from: Day, day: Day) -> Day {
    day.plus(-WATCHED_DAYS).clamp(level_from.plus(LEAST_DAYS), level_from.plus(MOST_DAYS))
}

/// The same, and later until enough is known; none while too little is.
fn learned_to(known: &Outcomes, level_from: Day, day: Day) -> Option<Day> {
    let mut to = rested(level_from, day);
    let mut counts = known.sum(level_from, to);
    let is_enough =
        |counts: Counts| counts.n >= LEAST_LEADS && counts.bad.min(counts.n - counts.bad) >= LEAST_OF_EACH;
    let mut later = known.days.range(to..);
    while !is_enough(counts) {
        let (next, more) = later.next()?;
        (counts.n, counts.bad) = (counts.n + more.n, counts.bad + more.bad);
        to = next.plus(1);
    }
    (to <= day).then_some(to)
}

/// Where a shift began that was seen on `day`. Where it took long to know what is usual, that was learned from days of
/// the shift too: it may have begun within them.
fn began(known: &Outcomes, level_from: Day, day: Day, watch: &Watch) -> Option<Day> {
    let days = || known.days.range(rested(level_from, day)..=day);
    let shares: Vec<Share> = days().map(|(_, counts)| Share { k: counts.bad, n: counts.n }).collect();
    let at = change_point::likeliest(&shares, watch.p0, watch.direction == Direction::Better)?;
    days().nth(at).map(|(day, _)| *day)
}

/// How many leads a month has, for the threshold: where leads scatter each is worth less.
fn leads_a_month(
    known: &Outcomes,
    level_from: Day,
    level: &Usual,
    day: Day,
    business_days: &dyn Fn(Day, Day) -> u64,
) -> u64 {
    let a_month = |n: u64, days: u64| n as f64 * MONTH_BUSINESS_DAYS as f64 / days.max(1) as f64;
    let (from, end) = (day.plus(1 - LATELY_DAYS), day.plus(1));
    let lately = a_month(known.sum(from, end).n, business_days(from, end));
    let usual = a_month(level.counts.n, business_days(level_from, level.to));
    let leads = (lately.max(usual) / level.scatter).clamp(1.0, LEADS_MAX);
    LEADS_GRID.powi((leads.ln() / LEADS_GRID.ln()).ceil() as i32).ceil() as u64
}

impl Usual {
    fn of(known: &Outcomes, from: Day, to: Day) -> Usual {
        let (counts, scatter) = (known.sum(from, to), scatter(known, from, to));
        let worth = |n: u64| (n as f64 / scatter).round() as u64;
        let limits = binomial::wilson(worth(counts.bad), worth(counts.n), Confidence::P90);
        let odds = |p: f64| (p / (1.0 - p)).ln() / ODDS_GRID.ln();
        let better = (Direction::Better, ODDS_GRID.powi(odds(limits.high).ceil() as i32), ODDS_FACTOR);
        let worse = (Direction::Worse, ODDS_GRID.powi(odds(limits.low).floor() as i32), 1.0 / ODDS_FACTOR);
        let watch = |(direction, odds, factor): (Direction, f64, f64)| {
            let (p0, p1) = (odds / (1.0 + odds), odds * factor / (1.0 + odds * factor));
            Some(Watch { direction, chart: BernoulliCusum::new(p0, p1).ok()?, p0, p1, s: 0.0 })
        };
        Usual { to, counts, scatter, watches: [better, worse].into_iter().filter_map(watch).collect() }
    }

    fn step(&mut self, counts: Counts) {
        let scatter = self.scatter;
        for watch in &mut self.watches {
            watch.s = watch.chart.step(watch.s * scatter, counts.bad, counts.n) / scatter;
        }
    }
}

#[cfg(test)]
mod tests {
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    const ALPHA: f64 = FALSE_A_MONTH / 2.0;

    fn every_day(from: Day, to: Day) -> u64 {
        (to.0 - from.0).max(0) as u64
    }

    fn found(cohorts: &BTreeMap<Day, Share>) -> Findings {
        find(cohorts, &every_day, ALPHA, &mut Thresholds::default())
    }

    /// So many leads each day, of which so many in a hundred take the step, as evenly as it goes.
    fn evenly(n: u64, percents: &[(i32, f64)]) -> BTreeMap<Day, Share> {
        let mut cohorts = BTreeMap::new();
        let (mut due, mut day) = (0.0f64, 0);
        for &(days, percent) in percents {
            for _ in 0..days {
                due += n as f64 * percent / 100.0;
                let k = due.floor();
                due -= k;
                cohorts.insert(Day(day), Share { k: k as u64, n });
                day += 1;
            }
        }
        cohorts
    }

    #[test]
    fn a_jump_up_is_told_once_with_its_dates() {
        let findings = found(&evenly(20, &[(120, 10.0), (200, 30.0)]));
        let [found] = findings.shifts[..] else { panic!("{findings:?}") };
        assert_eq!((found.direction, found.level_from), (Direction::Better, Day(0)));
        assert_eq!(found.from, Day(120));
        assert!((121..130).contains(&found.reached.0), "{found:?}");
        assert!(found.s >= found.h && found.p0 > 0.1 && found.p1 > found.p0, "{found:?}");
    }

    #[test]
    fn a_jump_down_is_told_and_the_way_back_as_another_one() {
        let findings = found(&evenly(20, &[(120, 20.0), (150, 5.0), (150, 20.0)]));
        let [down, up] = findings.shifts[..] else { panic!("{findings:?}") };
        assert_eq!((down.direction, down.from), (Direction::Worse, Day(120)));
        assert_eq!((up.direction, up.level_from, up.from), (Direction::Better, Day(120), Day(270)));
    }

    #[test]
    fn where_next_to_nobody_took_the_step_the_beginning_is_still_found() {
        // One in four hundred: ten are together only after the jump, and the charts begin after that.
        let findings = found(&evenly(20, &[(120, 0.25), (100, 20.0)]));
        let [found] = findings.shifts[..] else { panic!("{findings:?}") };
        assert_eq!((found.direction, found.from), (Direction::Better, Day(120)));
        assert!(found.reached < Day(128), "{found:?}");
    }

    #[test]
    fn a_drift_is_not_taken_for_usual() {
        // From 10 % to 40 % within two years: never a jump, and always far less than double within half a year.
        let drift: Vec<(i32, f64)> =
            (0..104).map(|week| (7, 10.0 * 4f64.powf(f64::from(week) / 104.0))).collect();
        let findings = found(&evenly(20, &drift));
        assert!(!findings.shifts.is_empty());
        assert!(findings.shifts.iter().all(|found| found.direction == Direction::Better), "{findings:?}");
    }

    #[test]
    fn with_little_to_go_on_nothing_is_said() {
        for (n, percents) in [(20, (55, 10.0)), (1, (90, 10.0)), (20, (300, 0.1)), (20, (300, 99.9))] {
            let findings = found(&evenly(n, &[percents]));
            assert_eq!(findings, Findings::default(), "{n} a day, {percents:?}");
        }
        assert!(found(&evenly(20, &[(58, 10.0)])).is_learned);
        assert_eq!(found(&BTreeMap::new()), Findings::default());
    }

    /// Companies in which nothing changes for 17 months: how many shifts they are told.
    fn told_for_nothing(companies: u32, a_day: u64, share: f64, thresholds: &mut Thresholds) -> usize {
        let mut dice = ChaCha8Rng::seed_from_u64(a_day);
        let company = |_| {
            let cohort = |day| {
                let n = dice.random_range(0..=2 * a_day);
                let k = (0..n).filter(|_| dice.random_bool(share)).count() as u64;
                (Day(day), Share { k, n })
            };
            let cohorts = (0..17 * MONTH_BUSINESS_DAYS as i32).map(cohort).collect();
            find(&cohorts, &every_day, ALPHA, thresholds).shifts.len()
        };
        (0..companies).map(company).sum()
    }

    #[test]
    fn where_nothing_changes_the_stated_rate_is_kept() {
        const COMPANIES: u32 = 2_000;
        let mut thresholds = Thresholds::default();
        let allowed = FALSE_A_MONTH * 17.0 * f64::from(COMPANIES);
        let most = (allowed + 3.0 * allowed.sqrt()) as usize;
        for (a_day, share) in [(3, 0.3), (10, 0.1), (40, 0.03)] {
            let told = told_for_nothing(COMPANIES, a_day, share, &mut thresholds);
            println!("{a_day} leads a day, {share}: {told} told, {allowed} accepted");
            assert!(told <= most, "{a_day} leads a day, {share}: {told} told, {most} allowed");
        }
    }
}
