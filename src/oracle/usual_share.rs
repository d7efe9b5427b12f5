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

/// What is normal of these outcomes; none while that is being learned.
pub(super) fn normal(
    judged: &Judged,
    (watch, learns_anyway): (&ShareWatch, bool),
    outcomes: &Outcomes,
    told: &BTreeSet<i32>,
) -> Option<Normal> {
    let learned = learned(judged, watch, outcomes, told);
    let Some(set) = watch.baseline.map(|set| set.as_f64()) else { return learned };
    let as_set = |normal: Normal| Normal { share: set, is_set: true, p: set, ..normal };
    match learned {
        Some(learned) if learns_anyway && learned.p >= set => Some(learned),
        Some(learned) => Some(as_set(learned)),
        None if learns_anyway => None,
        None => {
            let first = *outcomes.days.keys().next()?;
            let to = outcomes.known_to - i32::from(watch.detect_days);
            let before = first.max(to - i32::from(watch.baseline_days))..to;
            let watched = to..outcomes.known_to;
            let days = if outcomes.sum(before.start, before.end).0 > 0 { before } else { watched };
            let business_days = judged.business_days(days.start, days.end).max(1) as u64;
            let volume = a_month(outcomes.sum(days.start, days.end).0, business_days);
            Some(Normal { share: set, is_set: true, p: set, scatter: 1.0, swing: 0.0, volume })
        }
    }
}

fn a_month(n: u64, business_days: u64) -> u64 {
    (n * MONTH_DAYS).div_ceil(business_days).clamp(1, MOST_A_MONTH)
}

fn learned(judged: &Judged, watch: &ShareWatch, outcomes: &Outcomes, told: &BTreeSet<i32>) -> Option<Normal> {
    let first = *outcomes.days.keys().next()?;
    let to = outcomes.known_to - i32::from(watch.detect_days);
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
    let scatter = scatter(&untold, from, to);
    let rid = |n: u64| (n as f64 / scatter).round() as u64;
    let upper = binomial::wilson(rid(bad), rid(n), Confidence::P90).high;
    let odds = upper / (1.0 - upper);
    let odds = odds.is_finite().then(|| rounded_up(odds))?;
    let p = odds / (1.0 + odds);
    let weeks = days.count() as f64 / 7.0;
    let swing = swing(untold.days.range(from..to).map(|(day, counts)| (*day, *counts)), scatter) / weeks;
    let share = bad as f64 / n as f64;
    let volume = a_month(n, business_days);
    (p < 1.0).then_some(Normal { share, is_set: false, p, scatter, swing, volume })
}
