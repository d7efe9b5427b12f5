//! Whether the proportion in a cohort b differs from that in a baseline a.
//!
//! Fisher's exact test, one-sided (hypergeometric given the margins, the observed count included); the hybrid
//! score interval for the difference, Newcombe, "Interval estimation for the difference between independent
//! proportions" (Statistics in Medicine 17, 1998), method 10; and the pooled two-sample score.

use super::binomial::wilson;
use super::interval::{Confidence, Interval};
use super::log_probability::LogProbability;
use super::normal;
use super::saddle_point::ln_binomial;

/// `k` successes among `n` trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Successes; more than `n` count as `n`.
    pub k: u64,
    /// Trials.
    pub n: u64,
}

impl Share {
    fn successes(self) -> u64 {
        self.k.min(self.n)
    }

    /// The proportion; none without trials.
    pub fn proportion(self) -> Option<f64> {
        (self.n > 0).then(|| self.successes() as f64 / self.n as f64)
    }
}

/// P(X <= b.k) where X is b's count given the margins: small where b is below a.
pub fn fisher_b_below_a(b: Share, a: Share) -> LogProbability {
    Margins::of(b, a).at_most(b.successes())
}

/// P(X >= b.k) where X is b's count given the margins: small where b is above a.
pub fn fisher_b_above_a(b: Share, a: Share) -> LogProbability {
    Margins::of(b, a).at_least(b.successes())
}

/// b's proportion less a's; none where one has no trials.
pub fn difference(b: Share, a: Share) -> Option<f64> {
    Some(b.proportion()? - a.proportion()?)
}

/// Newcombe's interval for the difference b − a; `[-1, 1]` where one has no trials.
pub fn newcombe(b: Share, a: Share, confidence: Confidence) -> Interval {
    let (Some(pb), Some(pa)) = (b.proportion(), a.proportion()) else {
        return Interval { low: -1.0, high: 1.0 };
    };
    let wb = wilson(b.successes(), b.n, confidence);
    let wa = wilson(a.successes(), a.n, confidence);
    let low = pb - pa - (pb - wb.low).hypot(wa.high - pa);
    let high = pb - pa + (wb.high - pb).hypot(pa - wa.low);
    Interval { low, high }.clipped(-1.0, 1.0)
}

/// The pooled two-sample z of b − a; none where one has no trials, or where all succeed or all fail.
pub fn score_z(b: Share, a: Share) -> Option<f64> {
    let difference = difference(b, a)?;
    let Margins { successes, failures, .. } = Margins::of(b, a);
    if successes == 0 || failures == 0 {
        return None;
    }
    let (r, s) = (successes as f64, failures as f64);
    let pooled_variance = r / (r + s) * (s / (r + s));
    Some(difference / (pooled_variance * (1.0 / b.n as f64 + 1.0 / a.n as f64)).sqrt())
}

/// P(Z <= [`score_z`]): small where b is below a; an approximation for large counts only.
pub fn score_p_b_below_a(b: Share, a: Share) -> Option<f64> {
    score_z(b, a).map(normal::lower_tail)
}

/// The margins of the two-by-two table, which make b's count hypergeometric.
struct Margins {
    draws: u64,
    successes: u64,
    failures: u64,
}

impl Margins {
    fn of(b: Share, a: Share) -> Margins {
        let failures = (b.n - b.successes()).saturating_add(a.n - a.successes());
        Margins { draws: b.n, successes: b.successes().saturating_add(a.successes()), failures }
    }

    fn lowest(&self) -> u64 {
        self.draws.saturating_sub(self.failures)
    }

    fn highest(&self) -> u64 {
        self.draws.min(self.successes)
    }

    /// Whether `x` lies above the mean, so that the tail above it is the small one.
    fn is_above_mean(&self, x: u64) -> bool {
        let total = u128::from(self.successes) + u128::from(self.failures);
        u128::from(x) * total > u128::from(self.draws) * u128::from(self.successes)
    }

    fn at_most(&self, x: u64) -> LogProbability {
        if x >= self.highest() {
            LogProbability::ONE
        } else if self.is_above_mean(x) {
            self.sum_up(x + 1).complement()
        } else {
            self.sum_down(x)
        }
    }

    fn at_least(&self, x: u64) -> LogProbability {
        if x <= self.lowest() {
            LogProbability::ONE
        } else if self.is_above_mean(x) {
            self.sum_up(x)
        } else {
            self.sum_down(x - 1).complement()
        }
    }

    /// ln P(X = x), by Loader's product of three binomials.
    fn ln_probability(&self, x: u64) -> f64 {
        let (r, b, n) = (self.successes as f64, self.failures as f64, self.draws as f64);
        let (p, q) = (n / (r + b), (r + b - n) / (r + b));
        ln_binomial(x as f64, r, p, q) + ln_binomial(n - x as f64, b, p, q) - ln_binomial(n, r + b, p, q)
    }

    /// P(X <= x) for x below the mean, from the largest term down.
    fn sum_down(&self, x: u64) -> LogProbability {
        let ratio = |i: u64| {
            let up = (self.successes - i) as f64 * (self.draws - i) as f64;
            (i + 1) as f64 * (self.failures + i + 1 - self.draws) as f64 / up
        };
        self.sum(x, (self.lowest()..x).rev().map(ratio))
    }

    /// P(X >= x) for x above the mean, from the largest term up.
    fn sum_up(&self, x: u64) -> LogProbability {
        let ratio = |i: u64| {
            let up = (self.successes - i) as f64 * (self.draws - i) as f64;
            up / ((i + 1) as f64 * (self.failures + i + 1 - self.draws) as f64)
        };
        self.sum(x, (x..self.highest()).map(ratio))
    }

    fn sum(&self, first: u64, ratios: impl Iterator<Item = f64>) -> LogProbability {
        let mut term = 1.0;
        let mut sum = 1.0;
        for ratio in ratios {
            term *= ratio;
            sum += term;
            if term <= sum * f64::EPSILON / 8.0 {
                break;
            }
        }
        LogProbability::from_ln(self.ln_probability(first) + f64::ln(sum))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_lady_tasting_tea() {
        // Fisher 1935: all four cups right of eight, 1 in 70.
        let (b, a) = (Share { k: 4, n: 4 }, Share { k: 0, n: 4 });
        assert!((fisher_b_above_a(b, a).value() - 1.0 / 70.0).abs() < 1e-15);
        assert!((fisher_b_below_a(a, b).value() - 1.0 / 70.0).abs() < 1e-15);
        assert_eq!(fisher_b_below_a(b, a), LogProbability::ONE);
    }

    proptest! {
        #[test]
        fn both_tails_hold_the_observed_count_once_each(
            bn in 0u64..300, an in 0u64..300, x in 0.0..1.0f64, y in 0.0..1.0f64,
        ) {
            let b = Share { k: (x * (bn + 1) as f64) as u64, n: bn };
            let a = Share { k: (y * (an + 1) as f64) as u64, n: an };
            let both = fisher_b_below_a(b, a).value() + fisher_b_above_a(b, a).value();
            let observed = Margins::of(b, a).ln_probability(b.k).exp();
            if bn > 0 && an > 0 {
                prop_assert!((both - 1.0 - observed).abs() < 1e-11, "{both} {observed}");
            }
            // Seen from the other side: b below a is a above b.
            let mirrored = fisher_b_above_a(a, b).value();
            prop_assert!((fisher_b_below_a(b, a).value() - mirrored).abs() < 1e-11);
        }

        #[test]
        fn the_interval_holds_the_difference(
            bn in 1u64..5000, an in 1u64..5000, x in 0.0..1.0f64, y in 0.0..1.0f64,
        ) {
            let b = Share { k: (x * (bn + 1) as f64) as u64, n: bn };
            let a = Share { k: (y * (an + 1) as f64) as u64, n: an };
            let ends = newcombe(b, a, Confidence::P95);
            let d = difference(b, a).unwrap();
            prop_assert!(-1.0 <= ends.low && ends.low <= d && d <= ends.high && ends.high <= 1.0);
        }
    }
}
