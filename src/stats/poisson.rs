//! A count of independent events: exact tails, and Garwood's exact interval for its mean and rate.
//!
//! X ~ Poisson(λ); to about 12 digits, however far out. Source of the interval: Garwood, "Fiducial limits for
//! the Poisson distribution" (Biometrika 28, 1936).

use super::incomplete_gamma;
use super::interval::{Confidence, Interval};
use super::log_probability::LogProbability;
use super::tail_point::Tail;

/// P(X >= k) for X ~ Poisson(λ). `k` may be negative; a negative `lambda` counts as 0.
pub fn at_least(k: i64, lambda: f64) -> LogProbability {
    if k <= 0 { LogProbability::ONE } else { incomplete_gamma::lower(k as f64, lambda) }
}

/// P(X <= k) for X ~ Poisson(λ). `k` may be negative; a negative `lambda` counts as 0.
pub fn at_most(k: i64, lambda: f64) -> LogProbability {
    if k < 0 { LogProbability::ZERO } else { incomplete_gamma::upper(k as f64 + 1.0, lambda) }
}

/// The exact interval for the mean after seeing `k` events. At k = 0 the lower end is 0, while the upper end
/// still uses one half of what the confidence leaves over.
///
/// For a rate, divide by the exposure: `garwood(k, c).scaled(1.0 / days)` is events a day.
pub fn garwood(k: u64, confidence: Confidence) -> Interval {
    garwood_of(k as f64, confidence)
}

/// The same of a `k` that need be no whole number, at least 0: a sum y of sizes x of a Poisson number of events counts
/// as k = y / s events of the one size s = E(x²) / E(x), of which a sum varies as much, and its interval is that of k
/// times s.
///
/// This is the gamma interval of Fay and Feuer, "Confidence intervals for directly standardized rates" (Statistics in
/// Medicine 16, 1997), with y · s as the variance of y, and s as the size of the event that may have come besides.
pub fn garwood_of(k: f64, confidence: Confidence) -> Interval {
    let p = confidence.each_tail();
    Interval {
        low: if k < NOTHING { 0.0 } else { incomplete_gamma::point(k, Tail::Lower, p) },
        high: incomplete_gamma::point(k.max(0.0) + 1.0, Tail::Upper, p),
    }
}

/// Of fewer events than this the lower end lies below 10⁻¹².
const NOTHING: f64 = 0.1;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn tails_are_sums(k in 0i64..80, lambda in 0.001..40.0f64) {
            let mut term = (-lambda).exp();
            let mut below = 0.0;
            for i in 0..=k {
                below += term;
                term *= lambda / (i + 1) as f64;
            }
            prop_assert!((at_most(k, lambda).value() - below).abs() < 1e-12);
            prop_assert!((at_least(k + 1, lambda).value() - (1.0 - below)).abs() < 1e-12);
        }

        #[test]
        fn tails_fall_with_k_and_rise_with_the_mean(k in -3i64..2000, lambda in 0.01..2000.0f64) {
            prop_assert!(at_least(k + 1, lambda) <= at_least(k, lambda));
            prop_assert!(at_least(k, lambda * 1.01) >= at_least(k, lambda));
            prop_assert!(at_most(k, lambda * 1.01) <= at_most(k, lambda));
        }

        #[test]
        fn the_interval_of_a_part_lies_between_those_of_whole_numbers(k in 0.0..5000.0f64) {
            let (below, of, above) = (
                garwood(k.floor() as u64, Confidence::P95),
                garwood_of(k, Confidence::P95),
                garwood(k.ceil() as u64, Confidence::P95),
            );
            prop_assert!(below.low <= of.low && of.low <= above.low && of.low <= k);
            prop_assert!(below.high <= of.high && of.high <= above.high && k < of.high);
        }

        #[test]
        fn the_interval_is_where_its_tails_say(k in 1u64..5000) {
            let ends = garwood(k, Confidence::P95);
            prop_assert!((at_least(k as i64, ends.low).value() - 0.025).abs() < 1e-10);
            prop_assert!((at_most(k as i64, ends.high).value() - 0.025).abs() < 1e-10);
        }
    }
}
