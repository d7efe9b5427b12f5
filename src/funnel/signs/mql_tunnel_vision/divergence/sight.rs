//! What the two detectors see over the watched days.

use std::collections::BTreeMap;

use crate::model::definitions::Divergence;
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::stats::cusum::run_began;
use crate::stats::interval::Confidence;
use crate::stats::{binomial, poisson};

use super::super::super::told_days::ToldDays;
use super::working_time::{is_volume, matured_to};
use super::{Watch, clear_days, converted, quality_chart, volume_chart};
use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::Day;
use crate::funnel::terms::Terms;

/// What was worst is rounded towards what the detectors are set for, in powers of this.
const WORST_GRID: f64 = 1.25;

/// A business day: its MQLs with those of the days since the one before, and the detector of volume after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct BusinessDay {
    pub(super) day: Day,
    pub(super) mqls: u64,
    s: f64,
}

/// A day with MQLs all of which are old enough, those of them that converted, and the detector of quality after it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct MaturedDay {
    pub(super) day: Day,
    pub(super) n: u64,
    pub(super) k: u64,
    s: f64,
}

/// What is seen.
#[derive(Clone, Debug, PartialEq)]
pub struct Sight {
    pub(super) business: Vec<BusinessDay>,
    pub(super) matured: Vec<MaturedDay>,
    /// MQLs that are too young to judge.
    pub(super) young: u64,
    /// Each watched day with its MQLs.
    pub(super) mqls: Vec<(Day, u64)>,
    /// The watched days, `[from, to)`.
    from: Day,
    to: Day,
}

/// The last days of each detector, as many as must be clear, and none before what it sees began: where much is seen at
/// once, these would outweigh it.
pub(super) struct Lately {
    pub(super) business_days: usize,
    pub(super) mqls: f64,
    pub(super) judged_days: usize,
    pub(super) n: u64,
    pub(super) k: u64,
}

/// Looks at a segment on day `today` with its detectors set, and at no day that is left out.
pub fn look(
    rule: &Divergence,
    watch: &Watch,
    segment: &Segment,
    terms: &Terms,
    (today, left_out): (Day, &ToldDays),
) -> Sight {
    let volume = volume_chart(rule, &watch.baseline);
    let quality = quality_chart(rule, &watch.baseline);
    let mqls: BTreeMap<Day, u64> = segment
        .series(Measure::Entered(Stage::Mql), "")
        .each_day(watch.from, today)
        .map(|(day, n)| (day, n.max(0) as u64))
        .collect();
    let matured_to = matured_to(rule, terms, watch.from, today);
    let mut sight = Sight {
        business: Vec::new(),
        matured: Vec::new(),
        young: 0,
        mqls: Vec::new(),
        from: watch.from,
        to: today,
    };
    let mut waiting = 0;
    for day in (watch.from.0..today.0).map(Day) {
        if left_out.holds(day) {
            waiting = 0;
            continue;
        }
        let n = mqls.get(&day).copied().unwrap_or(0);
        sight.mqls.push((day, n));
        waiting += if is_volume(terms, day) { n } else { 0 };
        if terms.marketing.is_business_day(day.0) {
            let s = volume.as_ref().map_or(0.0, |chart| chart.step(sight.volume_s(), waiting));
            sight.business.push(BusinessDay { day, mqls: std::mem::take(&mut waiting), s });
        }
        if day >= matured_to {
            sight.young += n;
        } else if n > 0 {
            let k = converted(rule, terms, segment, day, day.plus(1)).min(n);
            let s = quality.as_ref().map_or(0.0, |chart| chart.step(sight.quality_s(), k, n));
            sight.matured.push(MaturedDay { day, n, k, s });
        }
    }
    sight
}

impl Sight {
    /// The detector of volume.
    pub(super) fn volume_s(&self) -> f64 {
        self.business.last().map_or(0.0, |day| day.s)
    }

    /// The detector of quality.
    pub(super) fn quality_s(&self) -> f64 {
        self.matured.last().map_or(0.0, |day| day.s)
    }

    /// The business days of the detector's run that was last at its threshold; all of them where none was.
    pub(super) fn volume_run(&self, watch: &Watch) -> &[BusinessDay] {
        let course: Vec<f64> = self.business.iter().map(|day| day.s).collect();
        &self.business[run_began(&course, watch.volume_h).unwrap_or(0)..]
    }

    /// The same of quality.
    pub(super) fn quality_run(&self, watch: &Watch) -> &[MaturedDay] {
        let course: Vec<f64> = self.matured.iter().map(|day| day.s).collect();
        &self.matured[run_began(&course, watch.quality_h).unwrap_or(0)..]
    }

    /// Whether the detector of volume was at its threshold.
    pub(super) fn volume_reached(&self, watch: &Watch) -> bool {
        self.business.iter().any(|day| day.s >= watch.volume_h)
    }

    /// The same of quality.
    pub(super) fn quality_reached(&self, watch: &Watch) -> bool {
        self.matured.iter().any(|day| day.s >= watch.quality_h)
    }

    /// Whether both were.
    pub(super) fn reached(&self, watch: &Watch) -> bool {
        self.volume_reached(watch) && self.quality_reached(watch)
    }

    /// MQLs a business day until the detector stood highest: their lower limit, but no fewer than it is set for, in
    /// steps of a quarter. `None` where it never was at its threshold.
    pub(super) fn worst_volume(&self, rule: &Divergence, watch: &Watch) -> Option<f64> {
        let (n, days) = self.volume_until_highest(watch)?;
        let low = poisson::garwood(n, Confidence::P90).low / days as f64;
        let lambda1 = watch.baseline.lambda0 * rule.volume_factor.as_f64();
        Some(lambda1 * WORST_GRID.powi(steps(low / lambda1)))
    }

    /// The same of the conversion: its upper limit, and no more than the detector is set for.
    pub(super) fn worst_quality(&self, rule: &Divergence, watch: &Watch) -> Option<f64> {
        let (n, k) = self.quality_until_highest(watch)?;
        let high = binomial::wilson(k, n, Confidence::P90).high;
        let p1 = watch.baseline.p0 * rule.quality_factor.as_f64();
        Some(p1 / WORST_GRID.powi(steps(p1 / high)))
    }

    /// The MQLs of the detector's run until it stood highest, and its business days. `None` where it never was at its
    /// threshold.
    pub(super) fn volume_until_highest(&self, watch: &Watch) -> Option<(u64, usize)> {
        let run = Some(self.volume_run(watch)).filter(|_| self.volume_reached(watch))?;
        let run = &run[..=last_highest(run.iter().map(|day| day.s))];
        Some((run.iter().map(|day| day.mqls).sum(), run.len()))
    }

    /// The same of quality: MQLs, and those of them that were converted.
    pub(super) fn quality_until_highest(&self, watch: &Watch) -> Option<(u64, u64)> {
        let run = Some(self.quality_run(watch)).filter(|_| self.quality_reached(watch))?;
        let run = &run[..=last_highest(run.iter().map(|day| day.s))];
        Some(run.iter().fold((0, 0), |(n, k), day| (n + day.n, k + day.k)))
    }

    /// The days `[from, to)` that an alert tells of; `None` where not both detectors were at their thresholds.
    pub fn told(&self, watch: &Watch) -> Option<(Day, Day)> {
        self.reached(watch).then(|| (self.since(watch), self.to))
    }

    /// The first day that is told of: that of the run which began first, or the first watched one.
    pub(super) fn since(&self, watch: &Watch) -> Day {
        let volume = self.volume_run(watch).first().map(|day| day.day);
        let quality = self.quality_run(watch).first().map(|day| day.day);
        match self.reached(watch) {
            true => volume.into_iter().chain(quality).min().unwrap_or(self.from),
            false => self.from,
        }
    }

    /// The first day whose MQLs are told of as fewer that go on.
    pub(super) fn quality_since(&self, watch: &Watch) -> Day {
        self.quality_run(watch).first().map_or(self.from, |day| day.day)
    }

    /// The detectors after each watched day.
    pub(super) fn at(&self, day: Day) -> (f64, Option<&MaturedDay>, f64) {
        let volume_s = self.business.iter().rev().find(|of| of.day <= day).map_or(0.0, |of| of.s);
        let matured = self.matured.iter().rev().find(|of| of.day <= day);
        (volume_s, matured.filter(|of| of.day == day), matured.map_or(0.0, |of| of.s))
    }

    pub(super) fn lately(&self, rule: &Divergence, watch: &Watch) -> Lately {
        let days = clear_days(rule);
        let (business, judged) = (self.volume_run(watch), self.quality_run(watch));
        let business = &business[business.len().saturating_sub(days)..];
        let judged = &judged[judged.len().saturating_sub(days)..];
        Lately {
            business_days: business.len(),
            mqls: business.iter().map(|day| day.mqls).sum::<u64>() as f64,
            judged_days: judged.len(),
            n: judged.iter().map(|day| day.n).sum(),
            k: judged.iter().map(|day| day.k).sum(),
        }
    }
}

/// The place at which a course is highest for the last time.
fn last_highest(course: impl DoubleEndedIterator<Item = f64> + ExactSizeIterator + Clone) -> usize {
    let highest = course.clone().fold(0.0, f64::max);
    course.into_iter().rposition(|s| s >= highest).unwrap_or(0)
}

/// How many times over a factor is at least the grid's; 0 where it is less.
fn steps(factor: f64) -> i32 {
    (factor.ln() / WORST_GRID.ln()).floor().max(0.0) as i32
}
