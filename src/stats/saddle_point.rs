//! Logarithms of Poisson and binomial probabilities to nearly all the digits of a float.
//!
//! The saddle-point form of Loader, "Fast and accurate computation of binomial probabilities" (2000):
//! Stirling's error and a deviance instead of three log-gammas that cancel. Counts may be fractions, which
//! is what the incomplete beta and gamma functions ask for. Never a sum, never a tail.

use std::f64::consts::TAU;

/// ln Γ(x+1) − [½ ln(2πx) + x ln x − x] for x > 0: what Stirling's formula leaves out.
fn stirling_error(x: f64) -> f64 {
    // From 16 on, five terms of Stirling's series are exact to 1e-16; below, δ(x) follows from δ(x + 1).
    let mut below = 0.0;
    let mut x = x;
    while x < 16.0 {
        below += (x + 0.5) * (1.0 / x).ln_1p() - 1.0;
        x += 1.0;
    }
    let y = 1.0 / (x * x);
    below + (1.0 / 12.0 - y * (1.0 / 360.0 - y * (1.0 / 1260.0 - y * (1.0 / 1680.0 - y / 1188.0)))) / x
}

/// x ln(x/m) + m − x for x > 0 and m > 0, without cancellation where the two are close.
fn deviance(x: f64, m: f64) -> f64 {
    let v = (x - m) / (x + m);
    if v.abs() >= 0.1 {
        return x * (x / m).ln() + m - x;
    }
    let mut sum = (x - m) * v;
    let mut power = 2.0 * x * v;
    for j in 1..1000 {
        power *= v * v;
        let next = sum + power / f64::from(2 * j + 1);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// ln of e^−λ λ^x / Γ(x+1), for x >= 0 and λ >= 0.
pub(crate) fn ln_poisson(x: f64, lambda: f64) -> f64 {
    if x <= 0.0 {
        -lambda
    } else if lambda <= 0.0 {
        f64::NEG_INFINITY
    } else {
        -stirling_error(x) - deviance(x, lambda) - 0.5 * (TAU * x).ln()
    }
}

/// ln of Γ(n+1) / (Γ(x+1) Γ(n−x+1)) p^x q^(n−x), for 0 <= x <= n and q = 1 − p given apart, so that
/// neither of them loses its digits near 0.
pub(crate) fn ln_binomial(x: f64, n: f64, p: f64, q: f64) -> f64 {
    let y = n - x;
    if n <= 0.0 {
        0.0
    } else if x <= 0.0 {
        n * ln_of(q, p)
    } else if y <= 0.0 {
        n * ln_of(p, q)
    } else if p <= 0.0 || q <= 0.0 {
        f64::NEG_INFINITY
    } else {
        stirling_error(n) - stirling_error(x) - stirling_error(y) - deviance(x, n * p) - deviance(y, n * q)
            + 0.5 * (n / (TAU * x * y)).ln()
    }
}

/// ln p, by way of q = 1 − p where that is the smaller.
fn ln_of(p: f64, q: f64) -> f64 {
    if q < 0.5 { (-q).ln_1p() } else { p.ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_exact_values() {
        let table: [(f64, f64); 6] = [
            (ln_poisson(0.0, 3.0), -3.0),
            (ln_poisson(2.0, 3.0), (4.5f64).ln() - 3.0),
            (ln_poisson(5.0, 1.0), -(120f64.ln()) - 1.0),
            (ln_binomial(3.0, 10.0, 0.5, 0.5), (120.0f64 / 1024.0).ln()),
            (ln_binomial(0.0, 10.0, 0.1, 0.9), 10.0 * 0.9f64.ln()),
            (ln_binomial(10.0, 10.0, 0.1, 0.9), 10.0 * 0.1f64.ln()),
        ];
        for (got, want) in table {
            assert!((got - want).abs() < 1e-14, "{got} instead of {want}");
        }
        assert_eq!(ln_poisson(1.0, 0.0), f64::NEG_INFINITY);
        assert_eq!(ln_binomial(1.0, 2.0, 0.0, 1.0), f64::NEG_INFINITY);
        assert_eq!(ln_binomial(0.0, 0.0, 0.3, 0.7), 0.0);
    }

    #[test]
    fn half_counts_agree_with_the_gamma_function() {
        // Γ(3/2) = √π / 2, Γ(5/2) = 3√π / 4.
        let root_pi = std::f64::consts::PI.sqrt();
        assert!((ln_poisson(0.5, 1.0) - (-1.0 - (root_pi / 2.0).ln())).abs() < 1e-14);
        assert!((ln_poisson(1.5, 1.0) - (-1.0 - (0.75 * root_pi).ln())).abs() < 1e-14);
    }
}
