//! Conversion by a horizon where many leads have not had the time to convert yet.
//!
//! The product limit of Kaplan and Meier (1958) with Greenwood's variance; the log-log interval is that of
//! Kalbfleisch and Prentice (1980). At equal times events come before censorings, an event at the horizon
//! counts, and what is undefined is `None`, never an interval of no width.

use super::interval::{Confidence, Interval};

/// Conversion as 1 − S, where S is the share not yet converted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate {
    /// The share converted by the horizon.
    pub conversion: f64,
    /// The share not converted, S; not merely 1 − conversion but with its own digits.
    pub survival: f64,
    /// Greenwood's variance of S, and so of the conversion; none where S = 0.
    pub variance: Option<f64>,
    /// conversion ∓ z √variance, cut to `[0, 1]`; the useless `[0, 0]` before the first event.
    pub plain: Option<Interval>,
    /// From log(−log S): the interval to use; none where S is 0 or 1.
    pub loglog: Option<Interval>,
}

/// What leads with an age or a conversion say at one horizon.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Horizon {
    /// Conversions with a duration up to the horizon.
    pub events: u64,
    /// Leads whose duration reaches the horizon.
    pub at_risk: u64,
    /// Whether the horizon lies beyond the longest duration: the estimate is then the last value carried on,
    /// a lower bound of what is knowable.
    pub is_beyond_last: bool,
    /// The estimate; none without leads.
    pub estimate: Option<Estimate>,
}

/// The estimate from a life table: for each age in order the leads at risk and the events, `(n, d)`.
///
/// None where no row has a lead at risk. Rows without events change nothing but that; events beyond the leads
/// at risk are cut to them.
pub fn product_limit(rows: &[(u64, u64)], confidence: Confidence) -> Option<Estimate> {
    let mut survival = 1.0;
    let mut conversion = 0.0;
    let mut greenwood = 0.0;
    let mut leads = false;
    for &(at_risk, events) in rows {
        let events = events.min(at_risk);
        leads |= at_risk > 0;
        if events == 0 {
            continue;
        }
        let (n, d, rest) = (at_risk as f64, events as f64, (at_risk - events) as f64);
        // Both are products and sums of positive numbers: neither is the other's difference from 1.
        conversion += survival * (d / n);
        survival *= rest / n;
        greenwood += d / (n * rest);
    }
    leads.then(|| estimate(conversion, survival, greenwood, confidence))
}

/// `greenwood` is Σ d/(n(n−d)), the variance of S divided by S².
fn estimate(conversion: f64, survival: f64, greenwood: f64, confidence: Confidence) -> Estimate {
    if survival <= 0.0 {
        return Estimate { conversion: 1.0, survival: 0.0, variance: None, plain: None, loglog: None };
    }
    let conversion = conversion.min(1.0);
    let z = confidence.z();
    let reach = z * survival * greenwood.sqrt();
    let plain = Interval { low: conversion - reach, high: conversion + reach }.clipped(0.0, 1.0);
    let loglog = (conversion > 0.0).then(|| {
        let hazard = if conversion < 0.5 { -(-conversion).ln_1p() } else { -survival.ln() };
        let factor = (z * greenwood.sqrt() / hazard).exp();
        Interval { low: -(-hazard / factor).exp_m1(), high: -(-hazard * factor).exp_m1() }
    });
    let variance = Some(survival * survival * greenwood);
    Estimate { conversion, survival, variance, plain: Some(plain), loglog }
}

/// The estimate at a horizon from each lead's duration and whether it converted; a lead that did not is
/// censored at its duration. Durations and horizon share any unit; the order of the leads is of no matter.
pub fn at_horizon(leads: &[(u64, Outcome)], horizon: u64, confidence: Confidence) -> Horizon {
    let mut sorted = leads.to_vec();
    sorted.sort_unstable();
    // The first row makes the leads known where nothing happened by the horizon.
    let mut rows = vec![(sorted.len() as u64, 0)];
    let mut events = 0;
    for (i, &(duration, outcome)) in sorted.iter().enumerate() {
        if duration > horizon {
            break;
        }
        if outcome == Outcome::Converted {
            let starts_time = i == 0 || sorted[i - 1] != (duration, Outcome::Converted);
            if starts_time {
                rows.push(((sorted.len() - i) as u64, 0));
            }
            rows.last_mut().expect("a first row was put in").1 += 1;
            events += 1;
        }
    }
    Horizon {
        events,
        at_risk: sorted.iter().filter(|lead| lead.0 >= horizon).count() as u64,
        is_beyond_last: sorted.last().is_none_or(|last| horizon > last.0),
        estimate: product_limit(&rows, confidence),
    }
}

/// How a lead's duration ended. Conversions sort before censorings of the same duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// It converted at its duration.
    Converted,
    /// It had not converted when last seen, at its duration.
    Censored,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn undefined_is_none() {
        assert_eq!(product_limit(&[], Confidence::P95), None);
        assert_eq!(product_limit(&[(0, 0), (0, 3)], Confidence::P95), None);
        let all = product_limit(&[(4, 1), (3, 3)], Confidence::P95).unwrap();
        assert_eq!((all.conversion, all.variance, all.plain, all.loglog), (1.0, None, None, None));
        let none = product_limit(&[(4, 0)], Confidence::P95).unwrap();
        assert_eq!((none.conversion, none.variance, none.loglog), (0.0, Some(0.0), None));
        let excess = product_limit(&[(4, 9)], Confidence::P95).unwrap();
        assert_eq!(excess.conversion, 1.0);
    }

    proptest! {
        #[test]
        fn without_censoring_it_is_the_plain_share(
            durations in prop::collection::vec(0u64..50, 1..200), h in 0u64..60,
        ) {
            let leads: Vec<_> = durations.iter().map(|&d| (d, Outcome::Converted)).collect();
            let got = at_horizon(&leads, h, Confidence::P95);
            let k = durations.iter().filter(|&&d| d <= h).count();
            let share = k as f64 / durations.len() as f64;
            prop_assert_eq!(got.events, k as u64);
            prop_assert!((got.estimate.unwrap().conversion - share).abs() < 1e-12);
        }

        #[test]
        fn conversion_rises_with_the_horizon(
            leads in prop::collection::vec((0u64..50, any::<bool>()), 1..200), h in 0u64..60,
        ) {
            let outcome = |won| if won { Outcome::Converted } else { Outcome::Censored };
            let leads: Vec<_> = leads.into_iter().map(|(d, won)| (d, outcome(won))).collect();
            let now = at_horizon(&leads, h, Confidence::P95).estimate.unwrap();
            let later = at_horizon(&leads, h + 1, Confidence::P95).estimate.unwrap();
            prop_assert!(now.conversion <= later.conversion);
            prop_assert!((now.conversion + now.survival - 1.0).abs() < 1e-12);
            if let Some(ends) = now.loglog {
                prop_assert!(0.0 <= ends.low && ends.low <= now.conversion + 1e-12);
                prop_assert!(now.conversion <= ends.high + 1e-12 && ends.high <= 1.0);
            }
        }
    }
}
