//! The standard normal distribution: its lower tail and its quantiles.
//!
//! The quantiles are those of `statrs`, good to 14 digits; its error function keeps only 10, so that the tail
//! comes from the incomplete gamma function, Abramowitz and Stegun 6.5.17.

use std::f64::consts::SQRT_2;

use statrs::function::erf::{erf_inv, erfc_inv};

use super::incomplete_gamma;

/// P(Z <= z) for a standard normal Z; small tails keep their digits.
pub fn lower_tail(z: f64) -> f64 {
    let beyond = incomplete_gamma::upper(0.5, z * z / 2.0).value() / 2.0;
    if z > 0.0 { 1.0 - beyond } else { beyond }
}

/// The z below which a standard normal value lies with probability `p`; infinite at 0 and 1.
pub fn quantile(p: f64) -> f64 {
    -SQRT_2 * erfc_inv(2.0 * p)
}

/// The z within which, on both sides of 0, a standard normal value lies with probability `confidence`.
pub fn two_sided_quantile(confidence: f64) -> f64 {
    SQRT_2 * erf_inv(confidence)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) {
        assert!((got / want - 1.0).abs() < 1e-13, "{got} instead of {want}");
    }

    /// Values of Abramowitz and Stegun, tables 26.1 and 26.5, and of the R manual's `qnorm` examples.
    #[test]
    fn agrees_with_tables() {
        close(quantile(0.975), 1.959963984540054);
        close(quantile(0.95), 1.6448536269514722);
        close(two_sided_quantile(0.99), 2.5758293035489004);
        close(two_sided_quantile(0.999), 3.2905267314919255);
        close(two_sided_quantile(0.5), 0.6744897501960817);
        close(quantile(1e-10), -6.361340902404056);
        close(lower_tail(-1.0), 0.15865525393145707);
        close(lower_tail(-6.0), 9.865876450376946e-10);
        assert_eq!(lower_tail(0.0), 0.5);
        close(lower_tail(1.0), 0.8413447460685429);
        assert_eq!(lower_tail(f64::INFINITY), 1.0);
        assert_eq!(lower_tail(f64::NEG_INFINITY), 0.0);
    }

    proptest::proptest! {
        #[test]
        fn quantile_undoes_the_tail(z in -8.0..5.0f64) {
            proptest::prop_assert!((quantile(lower_tail(z)) - z).abs() < 1e-9);
        }
    }
}
