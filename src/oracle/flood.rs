//! What is normal of MQLs, and the charts that watch for a flood of worse ones.

use std::collections::BTreeMap;

use crate::model::definitions::Divergence;
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::cusum_threshold::Threshold;
use crate::stats::poisson_cusum::PoissonCusum;

/// Business days in a month.
const MONTH_DAYS: u64 = 21;

/// MQLs of a segment by day of entry, and those of them that took the step within the horizon.
#[derive(Clone, Default)]
pub(super) struct Days(pub(super) BTreeMap<i32, (u64, u64)>);

impl Days {
    pub(super) fn on(&self, day: i32) -> (u64, u64) {
        self.0.get(&day).copied().unwrap_or_default()
    }
}

/// What is normal, and the charts that watch for more and for worse.
#[derive(Clone, Copy)]
pub(super) struct Watch {
    /// The MQLs of a business day and the conversion of the baseline as they were.
    pub(super) rate: f64,
    pub(super) conversion: f64,
    pub(super) p0: f64,
    pub(super) p1: f64,
    pub(super) lambda0: f64,
    /// By how many MQLs a usual week goes up and down.
    pub(super) swing: f64,
    pub(super) volume: PoissonCusum,
    pub(super) quality: BernoulliCusum,
}

impl Watch {
    /// Whether what is normal is set, and is not what these charts go by.
    pub(super) fn is_set_otherwise(&self, rule: &Divergence) -> bool {
        rule.baseline.is_some_and(|set| {
            let as_set = (set.mqls_per_business_day, set.conversion);
            (self.rate, self.conversion) != as_set || (self.lambda0, self.p0) != as_set
        })
    }

    pub(super) fn new(
        rule: &Divergence,
        (lambda0, p0): (f64, f64),
        (rate, conversion): (f64, f64),
    ) -> Option<Watch> {
        let lambda1 = lambda0 * rule.volume_factor.as_f64();
        let p1 = p0 * rule.quality_factor.as_f64();
        if lambda1 <= lambda0 || p1 >= p0 {
            return None;
        }
        let volume = PoissonCusum::new(lambda0, lambda1).ok()?;
        let quality = BernoulliCusum::new(p0, p1).ok()?;
        Some(Watch { rate, conversion, p0, p1, lambda0, swing: 0.0, volume, quality })
    }

    /// The same baseline under other settings: λ0 and p0 stay, what is worse than they is said by the rule.
    pub(super) fn under(&self, rule: &Divergence) -> Option<Watch> {
        let watch = Watch::new(rule, (self.lambda0, self.p0), (self.rate, self.conversion))?;
        Some(Watch { swing: self.swing, ..watch })
    }
}

/// The smallest thresholds of a chart of volume and of one of quality, each from one level to another, with P(alarm
/// within a month) ≤ α.
pub(super) fn smallest_thresholds(
    volume: (f64, f64),
    quality: (f64, f64),
    usual: f64,
    alpha: f64,
) -> (f64, f64) {
    let leads = (MONTH_DAYS as f64 * usual).round().max(1.0) as u64;
    let of_volume =
        PoissonCusum::new(volume.0, volume.1).and_then(|chart| chart.smallest_threshold(MONTH_DAYS, alpha));
    let of_quality =
        BernoulliCusum::new(quality.0, quality.1).and_then(|chart| chart.smallest_threshold(leads, alpha));
    let or_never = |h: Option<Threshold>| h.map_or(f64::INFINITY, |h| h.usable);
    (or_never(of_volume.ok()), or_never(of_quality.ok()))
}
