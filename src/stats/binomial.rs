//! A proportion from k successes in n trials: exact tails, and intervals that hold at small n.
//!
//! The tails are those of X ~ Binomial(n, p) to about 12 digits, however far out; the intervals are Wilson
//! (1927), Jeffreys and Clopper–Pearson (1934) as compared by Brown, Cai and DasGupta, "Interval estimation
//! for a binomial proportion" (Statistical Science 16, 2001). Never Wald's.

use super::incomplete_beta::{self, Fraction};
use super::interval::{Confidence, Interval};
use super::log_probability::LogProbability;
use super::tail_point::Tail;

/// P(X >= k) for X ~ Binomial(n, p). `k` may lie outside 0..=n; `p` is cut to `[0, 1]`.
pub fn at_least(k: i64, n: u64, p: f64) -> LogProbability {
    match u64::try_from(k) {
        Err(_) | Ok(0) => LogProbability::ONE,
        Ok(k) if k > n => LogProbability::ZERO,
        Ok(k) => incomplete_beta::lower(k as f64, (n - k + 1) as f64, Fraction::new(p)),
    }
}

/// P(X <= k) for X ~ Binomial(n, p). `k` may lie outside 0..=n; `p` is cut to `[0, 1]`.
pub fn at_most(k: i64, n: u64, p: f64) -> LogProbability {
    match u64::try_from(k) {
        Err(_) => LogProbability::ZERO,
        Ok(k) if k >= n => LogProbability::ONE,
        Ok(k) => incomplete_beta::upper((k + 1) as f64, (n - k) as f64, Fraction::new(p)),
    }
}

/// Wilson's score interval for the proportion, without continuity correction; `[0, 1]` for n = 0.
///
/// Its end at 0 (k = 0) or 1 (k = n) is exact. A `k` above `n` counts as `n`.
pub fn wilson(k: u64, n: u64, confidence: Confidence) -> Interval {
    let k = k.min(n);
    if n == 0 {
        return Interval::ANY_PROPORTION;
    }
    let (x, m, z) = (k as f64, n as f64, confidence.z());
    // Both ends are roots of (n + z²) p² − (2k + z²) p + k²/n = 0; the lower one is taken from the product of
    // the roots, which does not cancel and is exactly 0 at k = 0.
    let larger = x + z * z / 2.0 + z * (x * ((n - k) as f64) / m + z * z / 4.0).sqrt();
    let high = if k == n { 1.0 } else { larger / (m + z * z) };
    Interval { low: x * x / m / larger, high }
}

/// The Jeffreys interval: quantiles of Beta(k + ½, n − k + ½), with the lower end 0 at k = 0 and the upper
/// end 1 at k = n; `[0, 1]` for n = 0. A `k` above `n` counts as `n`.
pub fn jeffreys(k: u64, n: u64, confidence: Confidence) -> Interval {
    let k = k.min(n);
    let shapes = (k as f64 + 0.5, (n - k) as f64 + 0.5);
    beta_interval(shapes, shapes, k, n, confidence)
}

/// The interval of Clopper and Pearson: exact tails of (1 − confidence)/2 each, so never too short; `[0, 1]`
/// for n = 0. A `k` above `n` counts as `n`.
pub fn clopper_pearson(k: u64, n: u64, confidence: Confidence) -> Interval {
    let k = k.min(n);
    let (successes, failures) = (k as f64, (n - k) as f64);
    beta_interval((successes, failures + 1.0), (successes + 1.0, failures), k, n, confidence)
}

/// From the quantiles of a beta distribution for each end, given by its two shapes.
fn beta_interval(low: (f64, f64), high: (f64, f64), k: u64, n: u64, confidence: Confidence) -> Interval {
    let p = confidence.each_tail();
    Interval {
        low: if k == 0 { 0.0 } else { incomplete_beta::point(low.0, low.1, Tail::Lower, p) },
        high: if k == n { 1.0 } else { incomplete_beta::point(high.0, high.1, Tail::Upper, p) },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sum(from: u64, to: u64, n: u64, p: f64) -> f64 {
        let mut term = (1.0 - p).powi(n as i32);
        let mut total = 0.0;
        for i in 0..=n {
            if i >= from && i <= to {
                total += term;
            }
            term *= (n - i) as f64 / (i + 1) as f64 * p / (1.0 - p);
        }
        total
    }

    #[test]
    fn nothing_is_known_without_trials() {
        for interval in [wilson, jeffreys, clopper_pearson] {
            assert_eq!(interval(0, 0, Confidence::P95), Interval::ANY_PROPORTION);
            assert_eq!(interval(3, 0, Confidence::P95), Interval::ANY_PROPORTION);
            assert_eq!(interval(0, 9, Confidence::P95).low, 0.0);
            assert_eq!(interval(9, 9, Confidence::P95).high, 1.0);
            assert_eq!(interval(12, 9, Confidence::P95), interval(9, 9, Confidence::P95));
        }
    }

    proptest! {
        #[test]
        fn tails_are_sums(n in 0u64..60, k in -2i64..63, p in 0.001..0.999f64) {
            let from = k.max(0) as u64;
            prop_assert!((at_least(k, n, p).value() - sum(from, n, n, p)).abs() < 1e-12);
            let most = if k < 0 { 0.0 } else { sum(0, k as u64, n, p) };
            prop_assert!((at_most(k, n, p).value() - most).abs() < 1e-12);
        }

        #[test]
        fn tails_fall_with_k_and_rise_with_p(n in 1u64..100_000, k in 0.0..1.0f64, p in 0.001..0.99f64) {
            let k = (k * n as f64) as i64;
            prop_assert!(at_least(k + 1, n, p) <= at_least(k, n, p));
            prop_assert!(at_most(k + 1, n, p) >= at_most(k, n, p));
            prop_assert!(at_least(k, n, p + 0.005) >= at_least(k, n, p));
        }

        #[test]
        fn intervals_hold_the_proportion_and_widen(n in 1u64..20_000, k in 0.0..1.0f64) {
            let k = (k * (n + 1) as f64) as u64;
            let share = k as f64 / n as f64;
            for interval in [wilson, jeffreys, clopper_pearson] {
                let (narrow, wide) = (interval(k, n, Confidence::P90), interval(k, n, Confidence::P99));
                prop_assert!(narrow.low <= share && share <= narrow.high, "{narrow:?} {share}");
                prop_assert!(0.0 <= wide.low && wide.low <= narrow.low);
                prop_assert!(narrow.high <= wide.high && wide.high <= 1.0);
            }
        }
    }
}
