//! An interval for an estimate, and the confidence that it is given with.
//!
//! Two-sided throughout: one half of what is left over lies on each side.

use super::normal;

/// A closed interval of plausible values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl From<Interval> for (f64, f64) {
    fn from(interval: Interval) -> (f64, f64) {
        (interval.low, interval.high)
    }
}

impl Interval {
    /// Every proportion: what is known of one without any trial.
    pub const ANY_PROPORTION: Interval = Interval { low: 0.0, high: 1.0 };

    /// Both ends multiplied by a positive number.
    pub fn scaled(self, by: f64) -> Interval {
        Interval { low: self.low * by, high: self.high * by }
    }

    /// Both ends moved into `[low, high]`.
    pub(crate) fn clipped(self, low: f64, high: f64) -> Interval {
        Interval { low: self.low.clamp(low, high), high: self.high.clamp(low, high) }
    }
}

/// The confidence of a two-sided interval, between 0 and 1, both excluded.
///
/// A one-sided bound at 95 % is the end of a two-sided interval at 90 %.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Confidence(f64);

/// A confidence that is not between 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("confidence {0} does not lie between 0 and 1; give a fraction such as 0.95")]
pub struct NotAConfidence(pub f64);

impl Confidence {
    /// 90 % two-sided, 95 % on one side.
    pub const P90: Confidence = Confidence(0.90);
    /// 95 % two-sided.
    pub const P95: Confidence = Confidence(0.95);
    /// 99 % two-sided.
    pub const P99: Confidence = Confidence(0.99);

    /// A confidence such as 0.95; refused unless strictly between 0 and 1.
    pub fn new(fraction: f64) -> Result<Confidence, NotAConfidence> {
        if fraction > 0.0 && fraction < 1.0 {
            Ok(Confidence(fraction))
        } else {
            Err(NotAConfidence(fraction))
        }
    }

    /// The fraction that it was made from.
    pub fn fraction(self) -> f64 {
        self.0
    }

    /// The probability left over on each side.
    pub fn each_tail(self) -> f64 {
        (1.0 - self.0) / 2.0
    }

    /// How many standard deviations a normal interval reaches to each side.
    pub fn z(self) -> f64 {
        normal::two_sided_quantile(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_confidence_is_a_fraction() {
        for bad in [0.0, 1.0, -0.1, 95.0, f64::NAN, f64::INFINITY] {
            assert!(Confidence::new(bad).is_err(), "{bad}");
        }
        let ninety = Confidence::new(0.9).unwrap();
        assert_eq!(ninety, Confidence::P90);
        // Two-sided 90 % is one-sided 95 %.
        assert!((ninety.z() - normal::quantile(0.95)).abs() < 1e-14);
        assert!((ninety.each_tail() - 0.05).abs() < 1e-15);
    }
}
