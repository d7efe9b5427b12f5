//! What share of bad outcomes is usual.
//!
//! Rules: `src/funnel/semantics.md`, "Rules that watch a share".

use std::collections::BTreeSet;

use super::funnel::Judged;
use super::grain::rounded_up;
use super::outcomes::Outcomes;
use super::weeks::{scatter, swing};
use crate::model::definitions::ShareWatch;
use crate::stats::binomial;
use crate::stats::interval::Confidence;

/// A baseline has so many days.
const LEAST_DAYS: i32 = 56;
/// Business days in a month.
const MONTH_DAYS: u64 = 21;
/// A volume is not above this.
const MOST_A_MONTH: u64 = 20_000;

/// What is normal.
pub(super) struct Normal {
    pub(super) share: f64,
    /// Whether that was set.
    pub(super) is_set: bool,
    pub(super) p: f64,
    /// How much more than by chance alone the weeks differ.
    pub(super) scatter: f64,
    /// By how many bad outcomes a usual week goes up and down.
    pub(super) swing: f64,
    pub(super) volume: u64,
}

impl Normal {
    fn as_set(share: f64, volume: u64) -> Normal {
        Normal { share, is_set: true, p: share, scatter: 1.0, swing: 0.0, volume }
    }
}

/// What is normal of these outcomes; none while that is being learned.
pub(super) fn normal(
    judged: &Judged,
    (watch, learns_anyway): (&ShareWatch, bool),
    outcomes: &Outcomes,
    told: &BTreeSet<i32>,
) -> Option<Normal> {
    let first = *outcomes.days.keys().next()?;
    let to = outcomes.known_to - i32::from(watch.detect_days);
    let from = first.max(to - i32::from(watch.baseline_days));
    let (n, _) = outcomes.sum(from, to);
    let volume = |n: u64, from: i32, to: i32| {
        let days = judged.business_days(from, to).max(1) as u64;
        (n * MONTH_DAYS).div_ceil(days).clamp(1, MOST_A_MONTH)
    };
    if let Some(set) = watch.baseline.filter(|_| !learns_anyway) {
        let volume = match n {
            0 => volume(outcomes.sum(to, outcomes.known_to).0, to, outcomes.known_to),
            _ => volume(n, from, to),
        };
        return Some(Normal::as_set(set.as_f64(), volume));
    }
    let mut from = to;
    let mut left = watch.baseline_days;
    while left > 0 && from > first {
        from -= 1;
        left -= u16::from(!told.contains(&from));
    }
    let mut untold = Outcomes::new(outcomes.known_to);
    untold.days = outcomes.days.clone();
    untold.days.retain(|day, _| !told.contains(day));
    let (n, bad) = untold.sum(from, to);
    let days = (from..to).filter(|day| !told.contains(day));
    if (days.clone().count() as i32) < LEAST_DAYS || n < u64::from(watch.min_n) {
        return None;
    }
    let business_days =
        days.clone().filter(|&day| judged.business_days(day, day + 1) > 0).count().max(1) as u64;
    let volume = (n * MONTH_DAYS).div_ceil(business_days).clamp(1, MOST_A_MONTH);
    let scatter = scatter(&untold, from, to);
    let rid = |n: u64| (n as f64 / scatter).round() as u64;
    let upper = binomial::wilson(rid(bad), rid(n), Confidence::P90).high;
    let odds = upper / (1.0 - upper);
    let odds = odds.is_finite().then(|| rounded_up(odds))?;
    let p = odds / (1.0 + odds);
    let weeks = days.count() as f64 / 7.0;
    let swing = swing(untold.days.range(from..to).map(|(day, counts)| (*day, *counts)), scatter) / weeks;
    if p >= 1.0 {
        return None;
    }
    let share = bad as f64 / n as f64;
    match watch.baseline.map(|set| set.as_f64()) {
        Some(set) if set > p => Some(Normal::as_set(set, volume)),
        _ => Some(Normal { share, is_set: false, p, scatter, swing, volume }),
    }
}
