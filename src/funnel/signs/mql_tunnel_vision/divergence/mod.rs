//! `divergence`: more MQLs, of less worth.
//!
//! Two detectors over the same days: the number of MQLs a business day (Poisson CUSUM upwards) and the
//! share of them that take the next step within the horizon (Bernoulli CUSUM downwards, over days whose
//! leads have all had that long). Only both together are a sign: more leads of the same worth are a
//! success, and a fall in quality alone is another story. What is normal is learned from the days before
//! the detection window, up to `baseline` of them, so that a slow fault is held against half a year and not against
//! itself, at its conservative limit, or set. Leads too young to judge count nowhere, so a
//! burst of new ones cannot look like a fall. An alert tells of the days since the run of each detector began (Page's
//! estimate, Biometrika 41, 1954). A flood that has been told of and is over is not told again, and its days are never
//! learned from.
//! Listed holidays are no time: see [`working_time`]. Where the volume depends on the day of the week, as where MQLs of
//! weekends count on Monday, its threshold is higher by what a usual week swings ([`weekdays`]).
//! Blind to: a fault older than the baseline, one that grows more slowly than [`slowness`] says, and a flood that lasts
//! less than the horizon.

mod measured;
mod sight;
mod statement;
mod working_time;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::alert::Severity;
use crate::model::definitions::{Divergence, DivergenceBaseline};
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::interval::Confidence;
use crate::stats::poisson_cusum::PoissonCusum;
use crate::stats::{binomial, poisson};

use super::super::Verdict;
use super::super::share_watch::ENDS_WRONGLY;
use super::super::told_days::ToldDays;
use super::super::usual_share::{GRID, LEAST_DAYS, MONTH_BUSINESS_DAYS};
use super::super::weekdays;
use crate::funnel::journey::segments::ALL;
use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::Day;
use crate::funnel::terms::Terms;

pub use measured::{Case, measure};
pub use sight::{Sight, look};
pub use statement::statement;
pub use working_time::outage_days;

/// What is normal, and how far from it the detectors are set.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Baseline {
    /// MQLs a business day, at the conservative limit.
    pub lambda0: f64,
    /// Conversion within the horizon, at the conservative limit.
    pub p0: f64,
    /// Conversion as it was counted, for people.
    pub conversion: f64,
    /// MQLs a business day as they were counted, for people.
    pub mqls_a_day: f64,
    /// How many MQLs it was learned from; 0 where it was set.
    pub n: u64,
    /// The days that it was learned from, `[from, to)`.
    pub days: (Day, Day),
    /// So many MQLs beyond the mean come on the business days of a usual week that follow each other and have most; 0
    /// where its days are alike.
    pub swing: f64,
}

/// A baseline with its thresholds and the first day that is watched; frozen while an alert lives.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Watch {
    /// What is normal.
    pub baseline: Baseline,
    /// Volume threshold, in MQLs above the reference.
    pub volume_h: f64,
    /// Quality threshold, in log-likelihood.
    pub quality_h: f64,
    /// The probability of a false alarm in a month that each was solved for.
    pub alpha: f64,
    /// First day watched.
    pub from: Day,
}

/// What shows that the volume or the quality is back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct End {
    /// MQLs a business day at their worst.
    lambda: f64,
    /// The threshold of the evidence, in MQLs below the reference; 0 where by what is known now there was nothing to
    /// tell.
    volume_h: f64,
    /// The conversion at its worst.
    p: f64,
    /// The threshold of the evidence, in log-likelihood; 0 as above.
    quality_h: f64,
}

impl End {
    /// Nothing is ever over.
    pub const NEVER: End = End { lambda: 1.0, volume_h: f64::INFINITY, p: 0.5, quality_h: f64::INFINITY };
}

impl Watch {
    /// Whether nothing can be seen by it, since no course of MQLs or of their conversion would be rare enough: that is
    /// no health.
    pub fn is_blind(&self) -> bool {
        self.volume_h.is_infinite() || self.quality_h.is_infinite()
    }
}

/// Thresholds already solved, by their arguments.
#[derive(Clone, Debug, Default)]
pub struct Thresholds {
    volume: BTreeMap<[u64; 3], f64>,
    quality: BTreeMap<(u64, u64, u64, u64), f64>,
}

/// So many days must have been seen before anything is known of what is normal: eight weeks, or all of the baseline if
/// that is less.
pub(super) fn least_days(rule: &Divergence) -> i32 {
    LEAST_DAYS.min(rule.baseline_days.into())
}

/// What a fault that grows steadily must bring within so many days to be seen.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slowness {
    /// From the middle of the days that are learned from to the middle of those whose MQLs are counted.
    pub volume_days: i32,
    /// So many times more MQLs, beyond which the detector rises.
    pub volume: f64,
    /// From the middle of the days that are learned from to the middle of those whose conversion is counted.
    pub quality_days: i32,
    /// So many times the conversion, below which the detector rises.
    pub quality: f64,
}

/// How slowly a fault may grow and still be seen: what is usual follows it, half of the days that are learned from
/// behind, and each detector rises only beyond the middle between the usual and what it is set for.
pub fn slowness(rule: &Divergence) -> Slowness {
    let [baseline, detect, horizon] =
        [rule.baseline_days, rule.detect_days, rule.horizon_days].map(i32::from);
    Slowness {
        volume_days: (baseline + detect) / 2,
        volume: rule.volume_factor.as_f64().sqrt(),
        quality_days: (baseline + detect - horizon) / 2,
        quality: rule.quality_factor.as_f64().sqrt(),
    }
}

/// What is set as usual for the segment of that name: a number of MQLs is that of the whole company, and no part of it
/// has as many.
pub fn set_for(rule: &Divergence, name: &str) -> Option<DivergenceBaseline> {
    rule.baseline.filter(|_| name == ALL)
}

/// The baseline of a segment on day `today`: what is `set` for it, else what is learned; `None` while that is learning,
/// and where there is no MQL to speak of. Days that were told of are not learned from: it looks as much further back.
pub fn baseline(
    (rule, set): (&Divergence, Option<DivergenceBaseline>),
    segment: &Segment,
    told: &ToldDays,
    terms: &Terms,
    today: Day,
) -> Option<Baseline> {
    let mqls = segment.series(Measure::Entered(Stage::Mql), "");
    let first = mqls.first_day()?;
    let to = today.plus(-i32::from(rule.detect_days));
    if let Some(set) = set {
        return Some(Baseline {
            lambda0: set.mqls_per_business_day,
            p0: set.conversion,
            conversion: set.conversion,
            mqls_a_day: set.mqls_per_business_day,
            n: 0,
            days: (first.max(to.plus(-i32::from(rule.baseline_days))).min(to), to),
            swing: 0.0,
        });
    }
    let from = first.max(told.back(to, i32::from(rule.baseline_days)));
    let days = told.others(from, to, |from, to| (to.0 - from.0).max(0) as u64);
    if days < least_days(rule) as u64 {
        return None;
    }
    let n = told.others(from, to, |from, to| mqls.days(from, to).max(0) as u64);
    let is_business = |day: &i32| terms.marketing.is_business_day(*day);
    let business_days = told.others(from, to, |from, to| (from.0..to.0).filter(is_business).count() as u64);
    if n < u64::from(rule.min_n) || business_days == 0 {
        return None;
    }
    let k = told.others(from, to, |from, to| converted(rule, terms, segment, from, to)).min(n);
    let volume = told.others(from, to, |from, to| volume(terms, segment, from, to));
    let lambda_upper = poisson::garwood(volume, Confidence::P90).high / business_days as f64;
    let p_lower = binomial::wilson(k, n, Confidence::P90).low;
    if p_lower <= 0.0 {
        return None;
    }
    Some(Baseline {
        lambda0: GRID.powi((lambda_upper.ln() / GRID.ln()).ceil() as i32),
        p0: GRID.powi((p_lower.ln() / GRID.ln()).floor() as i32),
        conversion: k as f64 / n as f64,
        mqls_a_day: volume as f64 / business_days as f64,
        n,
        days: (from, to),
        swing: swing(terms, segment, told, (from, to), days as f64 / 7.0),
    })
}

/// Whether what is usual is set for the segment of that name, and a watch knows it otherwise; or whether it was set for
/// a part, as it could be in older versions.
pub fn is_set_otherwise(rule: &Divergence, name: &str, watch: &Watch) -> bool {
    let Baseline { mqls_a_day, conversion, n, .. } = watch.baseline;
    match set_for(rule, name) {
        Some(set) => n > 0 || (mqls_a_day, conversion) != (set.mqls_per_business_day, set.conversion),
        None => n == 0 && name != ALL,
    }
}

/// By how many MQLs a usual week swings, by the days `[from, to)` that were not told of. Those of days without work
/// count on the next day with it, as in the detector.
fn swing(terms: &Terms, segment: &Segment, told: &ToldDays, (from, to): (Day, Day), weeks: f64) -> f64 {
    let days = || (from.0..to.0).map(Day).filter(|day| !told.holds(*day));
    let (mut arrivals, mut of_work) = ([0; 7], [0; 7]);
    let weekday = |day: Day| day.0.rem_euclid(7) as usize;
    days().filter(|day| terms.marketing.is_business_day(day.0)).for_each(|day| of_work[weekday(day)] += 1);
    for (day, n) in segment.series(Measure::Entered(Stage::Mql), "").each_day(from, to) {
        if !told.holds(day) && working_time::is_volume(terms, day) {
            arrivals[weekday(working_time::next_work(terms, day))] += n.max(0) as u64;
        }
    }
    weekdays::swing_of_arrivals(arrivals, of_work, weeks)
}

/// MQLs of the days `[from, to)` that took the step in time.
fn converted(rule: &Divergence, terms: &Terms, segment: &Segment, from: Day, to: Day) -> u64 {
    let grades = segment.series(Measure::Converted(rule.step), "").each_grade(from, to);
    let in_time = grades.filter(|(day, age, _)| i32::from(*age) < working_time::horizon(rule, terms, *day));
    in_time.map(|(_, _, n)| n).sum::<i64>().max(0) as u64
}

/// MQLs of the days `[from, to)` that are volume.
fn volume(terms: &Terms, segment: &Segment, from: Day, to: Day) -> u64 {
    let days = segment.series(Measure::Entered(Stage::Mql), "").each_day(from, to);
    days.filter(|(day, _)| working_time::is_volume(terms, *day)).map(|(_, n)| n.max(0) as u64).sum()
}

impl Thresholds {
    /// Sets the detectors for a baseline: both may cry wolf with probability √(budget ÷ segments) a month.
    pub fn watch(&mut self, rule: &Divergence, baseline: Baseline, eligible: usize, from: Day) -> Watch {
        let alpha = (rule.alerts_per_month.as_f64() / eligible.max(1) as f64).sqrt().min(0.5);
        let Baseline { lambda0, p0, .. } = baseline;
        let volume_h = self.volume(lambda0, lambda0 * rule.volume_factor.as_f64(), alpha) + baseline.swing;
        let quality_h = self.quality(p0, p0 * rule.quality_factor.as_f64(), leads_a_month(&baseline), alpha);
        Watch { baseline, volume_h, quality_h, alpha, from }
    }

    /// What shows that it is over: thresholds that are reached for nothing with probability 5 % in a month in which all
    /// stays as bad as it was at its worst.
    pub fn end(&mut self, rule: &Divergence, watch: &Watch, sight: &Sight) -> End {
        let Baseline { lambda0, p0, .. } = watch.baseline;
        let (lambda, p) = (sight.worst_volume(rule, watch), sight.worst_quality(rule, watch));
        let leads = leads_a_month(&watch.baseline);
        End {
            lambda: lambda.unwrap_or(lambda0),
            volume_h: lambda
                .map_or(0.0, |lambda| self.volume(lambda, lambda0, ENDS_WRONGLY) + watch.baseline.swing),
            p: p.unwrap_or(p0),
            quality_h: p.map_or(0.0, |p| self.quality(p, p0, leads, ENDS_WRONGLY)),
        }
    }

    fn volume(&mut self, from: f64, to: f64, alpha: f64) -> f64 {
        *self.volume.entry([from, to, alpha].map(f64::to_bits)).or_insert_with(|| {
            let chart = PoissonCusum::new(from, to);
            chart
                .and_then(|chart| chart.smallest_threshold(MONTH_BUSINESS_DAYS, alpha))
                .map_or(f64::INFINITY, |threshold| threshold.usable)
        })
    }

    fn quality(&mut self, from: f64, to: f64, leads: u64, alpha: f64) -> f64 {
        let [from_bits, to_bits, alpha_bits] = [from, to, alpha].map(f64::to_bits);
        *self.quality.entry((from_bits, to_bits, leads, alpha_bits)).or_insert_with(|| {
            let chart = BernoulliCusum::new(from, to);
            chart
                .and_then(|chart| chart.smallest_threshold(leads, alpha))
                .map_or(f64::INFINITY, |threshold| threshold.usable)
        })
    }
}

fn leads_a_month(baseline: &Baseline) -> u64 {
    (MONTH_BUSINESS_DAYS as f64 * baseline.lambda0).round().max(1.0) as u64
}

/// The detector of volume; `None` if the baseline leaves it nothing to see.
fn volume_chart(rule: &Divergence, baseline: &Baseline) -> Option<PoissonCusum> {
    PoissonCusum::new(baseline.lambda0, baseline.lambda0 * rule.volume_factor.as_f64()).ok()
}

/// The detector of quality; `None` if the baseline leaves it nothing to see.
fn quality_chart(rule: &Divergence, baseline: &Baseline) -> Option<BernoulliCusum> {
    BernoulliCusum::new(baseline.p0, baseline.p0 * rule.quality_factor.as_f64()).ok()
}

/// Whether the rule reads a measure.
pub fn reads(rule: &Divergence, measure: Measure) -> bool {
    measure == Measure::Entered(Stage::Mql) || measure == Measure::Converted(rule.step)
}

/// Reads `divergence` in a segment with its detectors set.
pub fn read(rule: &Divergence, watch: &Watch, sight: &Sight) -> Verdict {
    match is_volume_at_its_threshold(watch, sight)
        && sight.quality_s() >= watch.quality_h
        && is_more(rule, watch, sight)
    {
        true => Verdict::Broken(Severity::Ticket),
        false => Verdict::Kept,
    }
}

/// Whether the watched days as a whole had more MQLs: the middle between the usual volume and the one that is watched
/// for. Each detector by itself may cry wolf often, since both together must; this keeps a fall of quality alone from
/// being taken for a flood.
fn is_more(rule: &Divergence, watch: &Watch, sight: &Sight) -> bool {
    let all: u64 = sight.business.iter().map(|day| day.mqls).sum();
    let usual = watch.baseline.mqls_a_day * sight.business.len() as f64;
    all as f64 >= usual * rule.volume_factor.as_f64().sqrt()
}

/// Whether the detector of volume is at its threshold: one of the two that must be.
pub fn is_volume_at_its_threshold(watch: &Watch, sight: &Sight) -> bool {
    sight.volume_s() >= watch.volume_h
}

/// How much of its threshold the detector has used up that has used up less: both must reach theirs.
pub fn used(watch: &Watch, sight: &Sight) -> f64 {
    (sight.volume_s() / watch.volume_h).min(sight.quality_s() / watch.quality_h)
}

/// Whether a divergence that fires, here or in the whole company, is over in a segment: lately the volume is back, or
/// the quality is, and a CUSUM over the days since that detector's sight began shows it, from what it was at its worst
/// down to the usual; it need not where by what is known now that detector never was at its threshold.
pub fn is_over(rule: &Divergence, watch: &Watch, end: End, sight: &Sight) -> bool {
    let back = back(rule, watch, end, sight);
    (back.are_few && back.volume >= end.volume_h) || (back.go_on && back.quality >= end.quality_h)
}

/// How far volume and quality are on their way back.
#[derive(Clone, Copy, Debug)]
struct Back {
    /// The last days brought few MQLs.
    are_few: bool,
    /// Where the detector of the end of volume stands.
    volume: f64,
    /// Enough of the last ones that are old enough went on.
    go_on: bool,
    /// Where the detector of the end of quality stands.
    quality: f64,
}

fn back(rule: &Divergence, watch: &Watch, end: End, sight: &Sight) -> Back {
    let lately = sight.lately(rule, watch);
    let days = clear_days(rule);
    let Baseline { lambda0, p0, .. } = watch.baseline;
    let p1 = p0 * rule.quality_factor.as_f64();
    let reference = volume_chart(rule, &watch.baseline).map_or(0.0, |chart| chart.reference());
    let (busy, judged) = (sight.volume_run(watch).iter(), sight.quality_run(watch).iter());
    Back {
        are_few: lately.business_days == days && lately.mqls < reference * days as f64,
        volume: PoissonCusum::new(end.lambda, lambda0)
            .map_or(0.0, |chart| busy.fold(0.0, |s, day| chart.step(s, day.mqls))),
        go_on: lately.judged_days == days && lately.k as f64 >= (p0 * p1).sqrt() * lately.n as f64,
        quality: BernoulliCusum::new(end.p, p0)
            .map_or(0.0, |chart| judged.fold(0.0, |s, day| chart.step(s, day.k, day.n))),
    }
}

/// As many days as must be clear.
fn clear_days(rule: &Divergence) -> usize {
    usize::from(rule.clear_days).max(1)
}
