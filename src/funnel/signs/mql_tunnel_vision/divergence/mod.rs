//! `divergence`: more MQLs, of less worth.
//!
//! Two detectors over the same days: the number of MQLs a business day (Poisson CUSUM upwards) and the
//! share of them that take the next step within the horizon (Bernoulli CUSUM downwards, over days whose
//! leads have all had that long). Only both together are a sign: more leads of the same worth are a
//! success, and a fall in quality alone is another story. What is normal is learned from the days before
//! the detection window at its conservative limit, or set. Leads too young to judge count nowhere, so a
//! burst of new ones cannot look like a fall. A flood that has been told of and is over is not told again.
//! Blind to: a fault older than the baseline, and a flood that lasts less than the horizon.

mod measured;
mod statement;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::alert::Severity;
use crate::model::definitions::Divergence;
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::cusum::run_began;
use crate::stats::interval::Confidence;
use crate::stats::poisson_cusum::PoissonCusum;
use crate::stats::{binomial, poisson};

use super::super::Verdict;
use super::super::share_watch::{GRID, MONTH_BUSINESS_DAYS};
use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::Day;
use crate::funnel::terms::Terms;

pub use measured::measure;
pub use statement::statement;

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
    /// First day watched.
    pub from: Day,
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
    volume: BTreeMap<(u64, u64, u64), f64>,
    quality: BTreeMap<(u64, u64, u64, u64), f64>,
}

/// The baseline of a segment on day `today`; `None` while it is learning or has no MQL to speak of.
pub fn baseline(rule: &Divergence, segment: &Segment, terms: &Terms, today: Day) -> Option<Baseline> {
    let mqls = segment.series(Measure::Entered(Stage::Mql), "");
    let first = mqls.first_day()?;
    if let Some(set) = rule.baseline {
        return Some(Baseline {
            lambda0: set.mqls_per_business_day,
            p0: set.conversion,
            conversion: set.conversion,
            mqls_a_day: set.mqls_per_business_day,
        });
    }
    let to = today.plus(-i32::from(rule.detect_days));
    let from = to.plus(-i32::from(rule.baseline_days));
    if first > from {
        return None;
    }
    let n = mqls.days(from, to).max(0) as u64;
    let business_days = (from.0..to.0).filter(|day| terms.marketing.is_business_day(*day)).count();
    if n < u64::from(rule.min_n) || business_days == 0 {
        return None;
    }
    let k = converted(rule, segment, from, to).min(n);
    let lambda_upper = poisson::garwood(n, Confidence::P90).high / business_days as f64;
    let p_lower = binomial::wilson(k, n, Confidence::P90).low;
    if p_lower <= 0.0 {
        return None;
    }
    Some(Baseline {
        lambda0: GRID.powi((lambda_upper.ln() / GRID.ln()).ceil() as i32),
        p0: GRID.powi((p_lower.ln() / GRID.ln()).floor() as i32),
        conversion: k as f64 / n as f64,
        mqls_a_day: n as f64 / business_days as f64,
    })
}

fn converted(rule: &Divergence, segment: &Segment, from: Day, to: Day) -> u64 {
    let grades = segment.series(Measure::Converted(rule.step), "").each_grade(from, to);
    grades.filter(|(_, age, _)| *age < rule.horizon_days).map(|(_, _, n)| n).sum::<i64>().max(0) as u64
}

impl Thresholds {
    /// Sets the detectors for a baseline: both may cry wolf with probability √(budget ÷ segments) a month.
    pub fn watch(&mut self, rule: &Divergence, baseline: Baseline, eligible: usize, from: Day) -> Watch {
        let alpha = (rule.alerts_per_month.as_f64() / eligible.max(1) as f64).sqrt().min(0.5);
        let lambda1 = baseline.lambda0 * rule.volume_factor.as_f64();
        let p1 = baseline.p0 * rule.quality_factor.as_f64();
        let leads = (MONTH_BUSINESS_DAYS as f64 * baseline.lambda0).round().max(1.0) as u32;
        let bits = |x: f64| x.to_bits();
        let volume_h =
            *self.volume.entry((bits(baseline.lambda0), bits(lambda1), bits(alpha))).or_insert_with(|| {
                volume_chart(rule, &baseline)
                    .and_then(|chart| chart.smallest_threshold(MONTH_BUSINESS_DAYS, alpha).ok())
                    .map_or(f64::INFINITY, |threshold| threshold.usable)
            });
        let quality_h = *self
            .quality
            .entry((bits(baseline.p0), bits(p1), u64::from(leads), bits(alpha)))
            .or_insert_with(|| {
                quality_chart(rule, &baseline)
                    .and_then(|chart| chart.smallest_threshold(u64::from(leads), alpha).ok())
                    .map_or(f64::INFINITY, |threshold| threshold.usable)
            });
        Watch { baseline, volume_h, quality_h, from }
    }
}

/// The detector of volume; `None` if the baseline leaves it nothing to see.
fn volume_chart(rule: &Divergence, baseline: &Baseline) -> Option<PoissonCusum> {
    PoissonCusum::new(baseline.lambda0, baseline.lambda0 * rule.volume_factor.as_f64()).ok()
}

/// The detector of quality; `None` if the baseline leaves it nothing to see.
fn quality_chart(rule: &Divergence, baseline: &Baseline) -> Option<BernoulliCusum> {
    BernoulliCusum::new(baseline.p0, baseline.p0 * rule.quality_factor.as_f64()).ok()
}

/// What the two detectors see over the watched days.
#[derive(Clone, Debug, Default, PartialEq)]
struct Sight {
    volume_s: f64,
    quality_s: f64,
    /// MQLs of each business day, days in between added to the next one.
    business_days: Vec<u64>,
    /// The detector of volume after each of them.
    volume_course: Vec<f64>,
    /// (n, k) of each matured day with leads.
    matured: Vec<(u64, u64)>,
    /// The detector of quality after each of them.
    quality_course: Vec<f64>,
    young: u64,
    /// Each day with what it brought: MQLs, the detector of volume after it, how many of the matured ones converted,
    /// and the detector of quality after it.
    days: Vec<(Day, u64, f64, Option<u64>, f64)>,
}

fn look(rule: &Divergence, watch: &Watch, segment: &Segment, terms: &Terms, today: Day) -> Sight {
    let volume = volume_chart(rule, &watch.baseline);
    let quality = quality_chart(rule, &watch.baseline);
    let mqls: BTreeMap<Day, u64> = segment
        .series(Measure::Entered(Stage::Mql), "")
        .each_day(watch.from, today)
        .map(|(day, n)| (day, n.max(0) as u64))
        .collect();
    let matured_to = today.plus(-i32::from(rule.horizon_days));
    let mut sight = Sight::default();
    let mut waiting = 0;
    for d in watch.from.0..today.0 {
        let day = Day(d);
        let n = mqls.get(&day).copied().unwrap_or(0);
        waiting += n;
        if terms.marketing.is_business_day(d) {
            sight.volume_s = volume.as_ref().map_or(0.0, |chart| chart.step(sight.volume_s, waiting));
            sight.business_days.push(waiting);
            sight.volume_course.push(sight.volume_s);
            waiting = 0;
        }
        let mut judged = None;
        if day >= matured_to {
            sight.young += n;
        } else if n > 0 {
            let k = converted(rule, segment, day, day.plus(1)).min(n);
            sight.quality_s = quality.as_ref().map_or(0.0, |chart| chart.step(sight.quality_s, k, n));
            sight.matured.push((n, k));
            sight.quality_course.push(sight.quality_s);
            judged = Some(k);
        }
        sight.days.push((day, n, sight.volume_s, judged, sight.quality_s));
    }
    sight
}

/// Reads `divergence` in a segment with its detectors set.
pub fn read(rule: &Divergence, watch: &Watch, segment: &Segment, terms: &Terms, today: Day) -> Verdict {
    let sight = look(rule, watch, segment, terms, today);
    match sight.volume_s >= watch.volume_h
        && sight.quality_s >= watch.quality_h
        && is_more(rule, watch, &sight)
    {
        true => Verdict::Broken(Severity::Ticket),
        false => Verdict::Kept,
    }
}

/// Whether the watched days as a whole had more MQLs: the middle between the usual volume and the one that is watched
/// for. Each detector by itself may cry wolf often, since both together must; this keeps a fall of quality alone from
/// being taken for a flood.
fn is_more(rule: &Divergence, watch: &Watch, sight: &Sight) -> bool {
    let all: u64 = sight.business_days.iter().sum();
    let usual = watch.baseline.mqls_a_day * sight.business_days.len() as f64;
    all as f64 >= usual * rule.volume_factor.as_f64().sqrt()
}

/// How much of its threshold the detector has used up that has used up less: both must reach theirs.
pub fn used(rule: &Divergence, watch: &Watch, segment: &Segment, terms: &Terms, today: Day) -> f64 {
    let sight = look(rule, watch, segment, terms, today);
    (sight.volume_s / watch.volume_h).min(sight.quality_s / watch.quality_h)
}

/// Whether a divergence that fires, here or in the whole company, is over in a segment: lately the volume is
/// back, or the quality is.
pub fn is_over(rule: &Divergence, watch: &Watch, segment: &Segment, terms: &Terms, today: Day) -> bool {
    let reference = volume_chart(rule, &watch.baseline).map_or(0.0, |chart| chart.reference());
    let p1 = watch.baseline.p0 * rule.quality_factor.as_f64();
    let days = usize::from(rule.clear_days).max(1);
    let lately = look(rule, watch, segment, terms, today).lately(rule, watch);
    let volume_is_back = lately.business_days == days && lately.mqls < reference * days as f64;
    let quality_is_back =
        lately.judged_days == days && (lately.k as f64) >= (watch.baseline.p0 * p1).sqrt() * lately.n as f64;
    volume_is_back || quality_is_back
}

/// The last days of each detector, as many as must be clear, and none before what it sees began: where much is seen at
/// once, these would outweigh it.
struct Lately {
    business_days: usize,
    mqls: f64,
    judged_days: usize,
    n: u64,
    k: u64,
}

impl Sight {
    fn lately(&self, rule: &Divergence, watch: &Watch) -> Lately {
        let days = usize::from(rule.clear_days).max(1);
        let first =
            |course: &[f64], h: f64| run_began(course, h).unwrap_or(0).max(course.len().saturating_sub(days));
        let business = &self.business_days[first(&self.volume_course, watch.volume_h)..];
        let judged = &self.matured[first(&self.quality_course, watch.quality_h)..];
        Lately {
            business_days: business.len(),
            mqls: business.iter().sum::<u64>() as f64,
            judged_days: judged.len(),
            n: judged.iter().map(|(n, _)| n).sum(),
            k: judged.iter().map(|(_, k)| k).sum(),
        }
    }
}
