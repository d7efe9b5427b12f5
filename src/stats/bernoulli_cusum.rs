//! Notices that a proportion has moved, lead by lead, without a window.
//!
//! The Bernoulli CUSUM of Reynolds and Stoumbos (Journal of Quality Technology 31, 1999) in log-likelihood
//! units, with its exact run lengths: between two visits to 0 the sum is u·i − d·j after i steps up and j
//! down, so that only about h/(u + d) values of i are alive at once. Never rounds its weights.

use super::cusum::{Chart, CusumError, MOST_WORK, Path, WORK_A_STEP, follow};
use super::cusum_threshold::{self, Threshold};
use super::run_length::{Excursion, RunLength};

/// A chart that watches for the proportion p1 where p0 is expected: p1 > p0 for a rise, p1 < p0 for a drop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BernoulliCusum {
    p0: f64,
    w1: f64,
    w0: f64,
}

impl BernoulliCusum {
    /// The chart for two different proportions, both strictly between 0 and 1.
    pub fn new(p0: f64, p1: f64) -> Result<BernoulliCusum, CusumError> {
        let is_proportion = |p: f64| p > 0.0 && p < 1.0;
        let (w1, w0) = ((p1 / p0).ln(), ((1.0 - p1) / (1.0 - p0)).ln());
        if is_proportion(p0) && is_proportion(p1) && w1 * w0 < 0.0 {
            Ok(BernoulliCusum { p0, w1, w0 })
        } else {
            Err(CusumError::Proportions { expected: p0, shifted: p1 })
        }
    }

    /// What one success adds: ln(p1/p0).
    pub fn success_weight(&self) -> f64 {
        self.w1
    }

    /// What one failure adds: ln((1−p1)/(1−p0)).
    pub fn failure_weight(&self) -> f64 {
        self.w0
    }

    /// S after `n` more observations, `k` of them successes, where it was `s` before.
    ///
    /// Within the step they have no order: S = max(0, s + k w1 + (n−k) w0). With n = 1 that is the chart
    /// itself; with more it never exceeds what the chart would show in any order, so that it alarms no more
    /// often and a threshold made for single observations keeps its promise. A `k` above `n` counts as `n`.
    pub fn step(&self, s: f64, k: u64, n: u64) -> f64 {
        let k = k.min(n);
        (s + k as f64 * self.w1 + (n - k) as f64 * self.w0).max(0.0)
    }

    /// The course over single observations (true is a success), with alarms at a threshold if there is one.
    pub fn path(&self, outcomes: impl IntoIterator<Item = bool>, threshold: Option<f64>) -> Path {
        follow(outcomes, threshold, |s, success| self.step(s, u64::from(success), 1))
    }

    /// The exact run length from S = 0 with alarm at S >= `threshold`, if the true proportion is `p`.
    pub fn run_length(&self, threshold: f64, p: f64) -> Result<RunLength, CusumError> {
        if !(threshold > 0.0 && threshold.is_finite()) {
            return Err(CusumError::Threshold(threshold));
        }
        if !(p > 0.0 && p < 1.0) {
            return Err(CusumError::Truth(p));
        }
        Ok(RunLength::of(self.excursion_under(p, threshold, u64::MAX)?))
    }

    /// The smallest threshold with P(alarm within `n` observations) <= `alpha` while the proportion is p0.
    ///
    /// Exact for `n` up to [`super::cusum::MOST_OBSERVATIONS`]. It takes a millisecond or so for hundreds of
    /// observations, up to some 30 for 5,000, and up to a second where p1 is hardly different from p0 and n
    /// is large; beyond that it says [`CusumError::TooMuchWork`].
    pub fn smallest_threshold(&self, n: u64, alpha: f64) -> Result<Threshold, CusumError> {
        cusum_threshold::smallest(self, n, alpha)
    }

    /// (u, d): how far a step goes up or down.
    fn strides(&self) -> (f64, f64) {
        (self.w1.max(self.w0), -self.w1.min(self.w0))
    }

    fn excursion_under(&self, p: f64, threshold: f64, limit: u64) -> Result<Excursion, CusumError> {
        let (u, d) = self.strides();
        let (p_up, p_down) = if self.w1 > 0.0 { (p, 1.0 - p) } else { (1.0 - p, p) };
        let mut excursion = Excursion::default();
        // The probabilities of lowest, lowest + 1, … steps up; at first none has been taken.
        let mut alive = vec![1.0];
        let mut lowest = 0u64;
        let mut work = 0;
        for t in 1..=limit {
            let value = |i: u64| u * i as f64 - d * (t - i) as f64;
            alive.push(0.0);
            for i in (1..alive.len()).rev() {
                alive[i] = alive[i] * p_down + alive[i - 1] * p_up;
            }
            alive[0] *= p_down;
            let (mut alarm, mut back) = (0.0, 0.0);
            while !alive.is_empty() && value(lowest + alive.len() as u64 - 1) >= threshold {
                alarm += alive.pop().expect("it was just seen not to be empty");
            }
            while !alive.is_empty() && value(lowest) <= 0.0 {
                back += alive.remove(0);
                lowest += 1;
            }
            if excursion.note(alarm, back, alive.iter().sum()) {
                break;
            }
            work += alive.len() as u64 + WORK_A_STEP;
            if work > MOST_WORK {
                return Err(CusumError::TooMuchWork);
            }
        }
        Ok(excursion)
    }
}

impl Chart for BernoulliCusum {
    fn excursion(&self, threshold: f64, limit: u64) -> Result<Excursion, CusumError> {
        self.excursion_under(self.p0, threshold, limit)
    }

    fn attainable(&self, low: f64, high: f64, n: u64) -> Vec<f64> {
        let (u, d) = self.strides();
        let mut values = Vec::new();
        for t in 1..=n {
            let fall = d * t as f64;
            let first = ((low + fall) / (u + d)).floor().max(1.0) as u64;
            let last = (((high + fall) / (u + d)).ceil() as u64).min(t);
            let of = |i: u64| u * i as f64 - d * (t - i) as f64;
            values.extend((first..=last).map(of).filter(|value| (low..=high).contains(value)));
        }
        values.sort_by(f64::total_cmp);
        values
    }

    fn spacing(&self) -> f64 {
        self.w1.abs() + self.w0.abs()
    }

    fn log_likelihood_unit(&self) -> f64 {
        1.0
    }

    fn drift(&self) -> (f64, f64) {
        let q0 = 1.0 - self.p0;
        (-(self.p0 * self.w1 + q0 * self.w0), (self.p0 * q0).sqrt() * self.spacing())
    }

    fn ceiling(&self, n: u64) -> f64 {
        self.strides().0 * n as f64
    }

    fn tie(&self, n: u64) -> f64 {
        f64::max(1e-9 * self.spacing().min(1.0), 4.0 * f64::EPSILON * self.spacing() * n as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_makes_no_chart() {
        for (p0, p1) in [(0.0, 0.1), (0.1, 0.1), (0.2, 1.0), (f64::NAN, 0.5), (0.5, -0.1)] {
            assert!(BernoulliCusum::new(p0, p1).is_err(), "{p0} {p1}");
        }
        let chart = BernoulliCusum::new(0.1, 0.2).unwrap();
        for h in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(chart.run_length(h, 0.1).is_err(), "{h}");
        }
        assert!(chart.run_length(1.0, 1.0).is_err());
        assert!(chart.smallest_threshold(0, 0.1).is_err());
        assert!(chart.smallest_threshold(100, 0.0).is_err());
        assert!(chart.smallest_threshold(100, 1.0).is_err());
    }

    #[test]
    fn any_threshold_will_do_where_a_success_is_rarer_than_the_false_alarm() {
        let threshold = BernoulliCusum::new(0.001, 0.01).unwrap().smallest_threshold(10, 0.05).unwrap();
        assert_eq!((threshold.infimum, threshold.next), (0.0, None));
        assert!((threshold.false_alarm - (1.0 - 0.999f64.powi(10))).abs() < 1e-12);
        assert!(threshold.usable > 0.0);
    }

    #[test]
    fn an_unreachable_promise_takes_the_highest_value() {
        // Ten successes of ten have the probability 1e-10; only a threshold above 10 ln 2 is rarer than
        // 1e-12.
        let threshold = BernoulliCusum::new(0.1, 0.2).unwrap().smallest_threshold(10, 1e-12).unwrap();
        assert!((threshold.infimum - 10.0 * 2f64.ln()).abs() < 1e-9, "{threshold:?}");
        assert_eq!((threshold.next, threshold.false_alarm), (None, 0.0));
        // Eleven would pass it: whoever watches for longer than ten needs another one.
        assert_eq!(threshold.usable, f64::INFINITY);
    }

    /// P(alarm within n), by following every sequence of observations.
    fn by_enumeration(chart: &BernoulliCusum, p: f64, h: f64, n: u32) -> f64 {
        (0u32..1 << n)
            .filter(|bits| !chart.path((0..n).map(|i| bits >> i & 1 == 1), Some(h)).alarms.is_empty())
            .map(|bits| p.powi(bits.count_ones() as i32) * (1.0 - p).powi((n - bits.count_ones()) as i32))
            .sum()
    }

    proptest! {
        #[test]
        fn within_agrees_with_every_sequence(
            p0 in 0.02..0.9f64, p1 in 0.02..0.9f64, h in 0.1..4.0f64, n in 1u32..11,
        ) {
            prop_assume!((p0 - p1).abs() > 0.01);
            let chart = BernoulliCusum::new(p0, p1).unwrap();
            let got = chart.run_length(h, p0).unwrap().within(u64::from(n)).unwrap();
            prop_assert!((got - by_enumeration(&chart, p0, h, n)).abs() < 1e-11);
        }

        #[test]
        fn the_threshold_keeps_its_promise_and_none_below_does(
            p0 in 0.02..0.6f64, ratio in 0.3..0.8f64, n in 20u64..400, alpha in 0.005..0.3f64,
        ) {
            let chart = BernoulliCusum::new(p0, p0 * ratio).unwrap();
            let threshold = chart.smallest_threshold(n, alpha).unwrap();
            prop_assert!(threshold.false_alarm <= alpha && alpha < threshold.false_alarm_at_infimum);
            let at = |h: f64| chart.run_length(h, p0).unwrap().within(n).unwrap();
            if threshold.usable.is_finite() {
                prop_assert!((at(threshold.usable) - threshold.false_alarm).abs() < 1e-9);
            } else {
                prop_assert_eq!((threshold.false_alarm, at(threshold.infimum + 1e-8)), (0.0, 0.0));
            }
            if threshold.infimum > 0.0 {
                prop_assert!(at(threshold.infimum - 1e-8) > alpha);
            }
        }

        #[test]
        fn a_slice_shows_no_more_than_its_observations(
            outcomes in prop::collection::vec(any::<bool>(), 1..60), p0 in 0.05..0.9f64, s in 0.0..3.0f64,
        ) {
            let chart = BernoulliCusum::new(p0, p0 / 2.0).unwrap();
            let single = outcomes.iter().fold(s, |s, &x| chart.step(s, u64::from(x), 1));
            let k = outcomes.iter().filter(|&&x| x).count() as u64;
            prop_assert!(chart.step(s, k, outcomes.len() as u64) <= single + 1e-12);
        }
    }
}
