//! A probability kept as its logarithm, so that a tail of 10^-400 is still a number.
//!
//! It never adds or multiplies probabilities; those who compute one decide how.

/// The natural logarithm of a probability; negative infinity is an impossible event.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct LogProbability(f64);

impl LogProbability {
    /// An event that cannot happen.
    pub const ZERO: LogProbability = LogProbability(f64::NEG_INFINITY);
    /// A certain event.
    pub const ONE: LogProbability = LogProbability(0.0);

    /// From a natural logarithm; rounding dust above 0 is cut off.
    pub fn from_ln(ln: f64) -> LogProbability {
        LogProbability(if ln > 0.0 { 0.0 } else { ln })
    }

    /// The probability that the event does not happen.
    pub fn complement(self) -> LogProbability {
        // Near 1 the logarithm is small and `expm1` keeps its digits; near 0 the probability is.
        let ln =
            if self.0 > -std::f64::consts::LN_2 { (-self.0.exp_m1()).ln() } else { (-self.0.exp()).ln_1p() };
        LogProbability::from_ln(ln)
    }

    /// The natural logarithm.
    pub fn ln(self) -> f64 {
        self.0
    }

    /// The logarithm to base ten; negative infinity for an impossible event.
    pub fn log10(self) -> f64 {
        self.0 * std::f64::consts::LOG10_E
    }

    /// The probability itself; 0 where it is too small for a float.
    pub fn value(self) -> f64 {
        self.0.exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_complement_keeps_small_numbers() {
        for ln in [-1e-12, -0.1, -0.6, -0.7, -3.0, -30.0] {
            let twice = LogProbability::from_ln(ln).complement().complement().ln();
            assert!((twice / ln - 1.0).abs() < 1e-14, "{twice} instead of {ln}");
        }
        assert_eq!(LogProbability::ZERO.complement(), LogProbability::ONE);
        assert_eq!(LogProbability::ONE.complement(), LogProbability::ZERO);
        assert_eq!(LogProbability::from_ln(1e-17), LogProbability::ONE);
        assert_eq!(LogProbability::from_ln(-1000.0).value(), 0.0);
    }
}
