//! What every cumulative sum chart shares: its path, its errors, and what the search for a threshold asks of
//! it.
//!
//! A CUSUM S starts at 0, never falls below 0, and alarms where S >= h. Page, "Continuous inspection schemes"
//! (Biometrika 41, 1954). The weights are those of the particular chart.

use super::run_length::Excursion;

/// Why a chart or one of its figures cannot be had.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum CusumError {
    /// A proportion that is not between 0 and 1, or two equal ones.
    #[error(
        "proportions {expected} and {shifted} do not make a chart; give two different ones between 0 and 1"
    )]
    Proportions {
        /// The proportion in control.
        expected: f64,
        /// The proportion to detect.
        shifted: f64,
    },
    /// A rate that is not positive and finite, or two equal ones.
    #[error("rates {expected} and {shifted} do not make a chart; give two different positive ones")]
    Rates {
        /// The rate in control.
        expected: f64,
        /// The rate to detect.
        shifted: f64,
    },
    /// A threshold that is not positive and finite.
    #[error("threshold {0} is not positive")]
    Threshold(f64),
    /// A probability of a false alarm that is not between 0 and 1.
    #[error("probability of a false alarm {0} does not lie between 0 and 1")]
    FalseAlarm(f64),
    /// A true proportion or rate under which no run length is defined.
    #[error("true rate {0} is out of range")]
    Truth(f64),
    /// No observations, or more than the exact method is made for.
    #[error("{0} observations lie outside 1 to {MOST_OBSERVATIONS}; choose another period")]
    Observations(u64),
    /// The two rates lie so close to each other, for so long a period, that the exact method takes seconds.
    #[error(
        "the run length takes too long to work out; choose a larger shift, lower threshold or shorter period"
    )]
    TooMuchWork,
}

/// The most observations for which a threshold is worked out.
pub const MOST_OBSERVATIONS: u64 = 1_000_000;

/// Multiplications for one threshold after which [`CusumError::TooMuchWork`] is said: half a second or so.
pub(crate) const MOST_WORK: u64 = 500_000_000;

/// What a step counts besides its multiplications; it bounds the memory too.
pub(crate) const WORK_A_STEP: u64 = 50;

/// The place in a course at which the run began that was last at the threshold: the first observation after the chart
/// was last at 0 before that. `None` where it is nowhere there. Page (1954) dates a change to it.
pub fn run_began(course: &[f64], h: f64) -> Option<usize> {
    let reached = course.iter().rposition(|s| *s >= h)?;
    Some(course[..reached].iter().rposition(|s| *s <= 0.0).map_or(0, |zero| zero + 1))
}

/// The course of a chart over observations.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path {
    /// S after each observation, before any reset.
    pub values: Vec<f64>,
    /// The observations, from 0, at which it alarmed; S began at 0 again with the next one.
    pub alarms: Vec<usize>,
}

/// Follows a chart: `step(s, x)` is S after x, and an alarm where it reaches the threshold, if there is one.
pub(crate) fn follow<X>(
    observations: impl IntoIterator<Item = X>,
    threshold: Option<f64>,
    step: impl Fn(f64, X) -> f64,
) -> Path {
    let mut path = Path::default();
    let mut s = 0.0;
    for (i, x) in observations.into_iter().enumerate() {
        s = step(s, x);
        path.values.push(s);
        if threshold.is_some_and(|h| s >= h) {
            path.alarms.push(i);
            s = 0.0;
        }
    }
    path
}

/// What the search for a threshold asks of a chart.
pub(crate) trait Chart {
    /// The course between two visits to 0 with alarm at S >= `threshold`, in control, up to `limit` steps.
    fn excursion(&self, threshold: f64, limit: u64) -> Result<Excursion, CusumError>;

    /// The values within `[low, high]` that S can take in `n` steps from 0, in ascending order, besides some
    /// that it cannot.
    fn attainable(&self, low: f64, high: f64, n: u64) -> Vec<f64>;

    /// About how far apart the attainable values of one step are.
    fn spacing(&self) -> f64;

    /// Log-likelihood in one unit of S.
    fn log_likelihood_unit(&self) -> f64;

    /// By how much the log-likelihood falls in a step while in control, and its standard deviation.
    fn drift(&self) -> (f64, f64);

    /// The largest value that S can take in `n` steps; may be infinite.
    fn ceiling(&self, n: u64) -> f64;

    /// Attainable values of up to `n` steps that are closer than this are the same but for rounding.
    fn tie(&self, n: u64) -> f64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_begins_anew_after_an_alarm() {
        let path = follow([1.0, 1.0, 1.0, -5.0, 2.0], Some(2.0), |s: f64, x| (s + x).max(0.0));
        assert_eq!(path, Path { values: vec![1.0, 2.0, 1.0, 0.0, 2.0], alarms: vec![1, 4] });
    }
}
