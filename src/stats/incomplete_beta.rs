//! The regularised incomplete beta function I_x(a, b), both tails as logarithms, and its inverse.
//!
//! Continued fraction DLMF 8.17.22 by the method of Lentz (as modified by Thompson and Barnett 1986), with
//! the prefactor in saddle-point form. `statrs` gives `1 − small` for a small upper tail and stops after 140
//! terms, so that it keeps 8 digits at n = 10^6 and none in a far tail; hence this one.

use super::log_probability::LogProbability;
use super::saddle_point::ln_binomial;
use super::tail_point::{Bracket, Tail, tail_point};

/// A point between 0 and 1 and its distance from 1, each with all its digits.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fraction {
    pub(crate) x: f64,
    pub(crate) rest: f64,
}

impl Fraction {
    /// The point x, which is cut to `[0, 1]`.
    pub(crate) fn new(x: f64) -> Fraction {
        let x = x.clamp(0.0, 1.0);
        Fraction { x, rest: 1.0 - x }
    }
}

/// I_x(a, b) for a > 0, b > 0: the lower tail of a Beta(a, b) variable.
pub(crate) fn lower(a: f64, b: f64, at: Fraction) -> LogProbability {
    tail(a, b, at, Tail::Lower)
}

/// 1 − I_x(a, b): the upper tail of a Beta(a, b) variable.
pub(crate) fn upper(a: f64, b: f64, at: Fraction) -> LogProbability {
    tail(a, b, at, Tail::Upper)
}

fn tail(a: f64, b: f64, at: Fraction, wanted: Tail) -> LogProbability {
    if at.x <= 0.0 || at.rest <= 0.0 {
        let all_below = at.rest <= 0.0;
        return if all_below == (wanted == Tail::Lower) { LogProbability::ONE } else { LogProbability::ZERO };
    }
    // The fraction converges fast on the side of the mean where the tail is small.
    let (easy, ln) = if at.x < (a + 1.0) / (a + b + 2.0) {
        (Tail::Lower, ln_power(a, b, at) + (b / (a + b)).ln() + continued_fraction(a, b, at).ln())
    } else {
        let mirrored = Fraction { x: at.rest, rest: at.x };
        (Tail::Upper, ln_power(a, b, at) + (a / (a + b)).ln() + continued_fraction(b, a, mirrored).ln())
    };
    let easy_tail = LogProbability::from_ln(ln);
    if easy == wanted { easy_tail } else { easy_tail.complement() }
}

/// ln of x^a (1−x)^b / B(a, b) · (a+b)/(ab).
fn ln_power(a: f64, b: f64, at: Fraction) -> f64 {
    ln_binomial(a, a + b, at.x, at.rest)
}

/// The fraction of DLMF 8.17.22, for x below the mean.
fn continued_fraction(a: f64, b: f64, at: Fraction) -> f64 {
    let x = at.x;
    let mut c = 1.0;
    let mut d = 1.0 / nonzero(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    // It needs some square roots of max(a, b) of terms; the limit is for input beyond all counts.
    for m in 1..1_000_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        for term in [even, odd] {
            d = 1.0 / nonzero(1.0 + term * d);
            c = nonzero(1.0 + term / c);
            value *= c * d;
        }
        if (c * d - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// The x at which the wanted tail of Beta(a, b) has the probability `p`, for 0 < p < 1.
pub(crate) fn point(a: f64, b: f64, wanted: Tail, p: f64) -> f64 {
    let bracket = Bracket { low: 0.0, high: 1.0, start: a / (a + b) };
    tail_point(wanted, bracket, p.ln(), |x| {
        let at = Fraction::new(x);
        // The density is x^a (1−x)^b / B(a, b), divided by x (1−x).
        let ln_density = ln_power(a, b, at) + (a * b / (a + b)).ln() - at.x.ln() - at.rest.ln();
        (tail(a, b, at, wanted).ln(), ln_density)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_closed_forms() {
        // I_x(1, b) = 1 − (1−x)^b, I_x(a, 1) = x^a, I_½(a, a) = ½.
        let at = Fraction::new(0.3);
        assert!((lower(1.0, 4.0, at).value() - (1.0 - 0.7f64.powi(4))).abs() < 1e-15);
        assert!((lower(3.0, 1.0, at).value() - 0.027).abs() < 1e-16);
        assert!((lower(7.5, 7.5, Fraction::new(0.5)).value() - 0.5).abs() < 1e-14);
        assert_eq!(lower(2.0, 2.0, Fraction::new(0.0)), LogProbability::ZERO);
        assert_eq!(upper(2.0, 2.0, Fraction::new(1.0)), LogProbability::ZERO);
        assert_eq!(upper(2.0, 2.0, Fraction::new(-1.0)), LogProbability::ONE);
    }

    proptest::proptest! {
        #[test]
        fn the_point_has_the_tail_that_was_asked(
            a in 0.5..5000.0f64, b in 0.5..5000.0f64, p in 1e-8..0.999f64, low: bool,
        ) {
            let wanted = if low { Tail::Lower } else { Tail::Upper };
            let x = point(a, b, wanted, p);
            let got = tail(a, b, Fraction::new(x), wanted).value();
            // The distance between two floats near 1 is the limit of what x can say.
            let step = tail(a, b, Fraction::new(x - 2e-16), wanted).value();
            proptest::prop_assert!((got - p).abs() <= 1e-9 * p + (got - step).abs(), "{x} {got} {p}");
        }
    }
}
