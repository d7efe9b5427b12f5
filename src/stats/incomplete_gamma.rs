//! The regularised incomplete gamma functions P(a, x) and Q(a, x) as logarithms, and their inverse.
//!
//! Series DLMF 8.7.1 below the mean, continued fraction DLMF 8.9.2 by the method of Lentz above it, each with
//! the prefactor in saddle-point form: `statrs` loses a small Q where P is easy, and 8 digits at 10^6.

use super::log_probability::LogProbability;
use super::saddle_point::ln_poisson;
use super::tail_point::{Bracket, Tail, tail_point};

/// P(a, x) for a > 0: the lower tail of a Gamma(a) variable.
pub(crate) fn lower(a: f64, x: f64) -> LogProbability {
    tail(a, x, Tail::Lower)
}

/// Q(a, x): the upper tail of a Gamma(a) variable.
pub(crate) fn upper(a: f64, x: f64) -> LogProbability {
    tail(a, x, Tail::Upper)
}

fn tail(a: f64, x: f64, wanted: Tail) -> LogProbability {
    if x <= 0.0 || x == f64::INFINITY {
        let all_below = x > 0.0;
        return if all_below == (wanted == Tail::Lower) { LogProbability::ONE } else { LogProbability::ZERO };
    }
    let ln_power = ln_poisson(a, x);
    let (easy, ln) = if x < a + 1.0 {
        (Tail::Lower, ln_power + series(a, x).ln())
    } else {
        (Tail::Upper, ln_power + a.ln() + continued_fraction(a, x).ln())
    };
    let easy_tail = LogProbability::from_ln(ln);
    if easy == wanted { easy_tail } else { easy_tail.complement() }
}

/// Σ x^n / ((a+1)…(a+n)), n from 0.
fn series(a: f64, x: f64) -> f64 {
    let mut term = 1.0;
    let mut sum = 1.0;
    // Some square roots of a of terms; the limit is for input beyond all counts.
    for n in 1..1_000_000 {
        term *= x / (a + f64::from(n));
        sum += term;
        if term <= sum * f64::EPSILON / 4.0 {
            break;
        }
    }
    sum
}

/// 1/(x+1−a− 1(1−a)/(x+3−a− 2(2−a)/(x+5−a− …))).
fn continued_fraction(a: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - a;
    let mut c = f64::INFINITY;
    let mut d = 1.0 / b;
    let mut value = d;
    for n in 1..1_000_000 {
        let n = f64::from(n);
        let term = -n * (n - a);
        b += 2.0;
        d = 1.0 / nonzero(b + term * d);
        c = nonzero(b + term / c);
        value *= c * d;
        if (c * d - 1.0).abs() <= f64::EPSILON {
            break;
        }
    }
    value
}

fn nonzero(x: f64) -> f64 {
    if x.abs() < 1e-300 { 1e-300 } else { x }
}

/// The x at which the wanted tail of Gamma(a) has the probability `p`, for 0 < p < 1.
pub(crate) fn point(a: f64, wanted: Tail, p: f64) -> f64 {
    let bracket = Bracket { low: 0.0, high: f64::INFINITY, start: a };
    tail_point(wanted, bracket, p.ln(), |x| (tail(a, x, wanted).ln(), ln_poisson(a, x) + a.ln() - x.ln()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_closed_forms() {
        // Q(1, x) = e^−x, Q(2, x) = (1 + x) e^−x.
        assert!((upper(1.0, 0.7).value() - (-0.7f64).exp()).abs() < 1e-15);
        assert!((upper(2.0, 30.0).ln() - (31f64.ln() - 30.0)).abs() < 1e-13);
        assert!((lower(1.0, 1e-12).value() - 1e-12).abs() < 1e-24);
        assert_eq!(lower(2.0, 0.0), LogProbability::ZERO);
        assert_eq!(upper(2.0, f64::INFINITY), LogProbability::ZERO);
    }

    proptest::proptest! {
        #[test]
        fn the_point_has_the_tail_that_was_asked(a in 0.1..5000.0f64, p in 1e-8..0.999f64, low: bool) {
            let wanted = if low { Tail::Lower } else { Tail::Upper };
            let got = tail(a, point(a, wanted, p), wanted).value();
            proptest::prop_assert!((got / p - 1.0).abs() < 1e-10, "{got} {p}");
        }
    }
}
