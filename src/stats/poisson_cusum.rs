//! Notices that a daily count has moved.
//!
//! The Poisson CUSUM of Lucas, "Counted data CUSUM's" (Technometrics 27, 1985), in units of counts, with its
//! exact run lengths: between two visits to 0 the sum is the total count less k times the days. A day without
//! events is a count of 0, never a missing day. Never rounds the reference value to a lattice.

use super::cusum::{Chart, CusumError, MOST_WORK, Path, WORK_A_STEP, follow};
use super::cusum_threshold::{self, Threshold};
use super::poisson::{at_least, at_most};
use super::run_length::{Excursion, RunLength};
use super::saddle_point::ln_poisson;

/// A chart that watches for λ1 events a day where λ0 are expected: λ1 > λ0 for a rise, λ1 < λ0 for a drop.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PoissonCusum {
    lambda0: f64,
    ln_ratio: f64,
    k: f64,
}

impl PoissonCusum {
    /// The chart for two different rates, both positive.
    pub fn new(lambda0: f64, lambda1: f64) -> Result<PoissonCusum, CusumError> {
        let is_rate = |lambda: f64| lambda > 0.0 && lambda.is_finite();
        let ln_ratio = (lambda1 / lambda0).ln();
        let k = (lambda1 - lambda0) / ln_ratio;
        if is_rate(lambda0) && is_rate(lambda1) && ln_ratio != 0.0 && k > 0.0 && k < MOST_COUNT {
            Ok(PoissonCusum { lambda0, ln_ratio, k })
        } else {
            Err(CusumError::Rates { expected: lambda0, shifted: lambda1 })
        }
    }

    /// The reference value k = (λ1 − λ0) / ln(λ1/λ0), which lies between the two rates.
    pub fn reference(&self) -> f64 {
        self.k
    }

    /// Log-likelihood in one unit of S: the chart is in counts.
    pub fn log_likelihood_a_count(&self) -> f64 {
        self.ln_ratio.abs()
    }

    /// S after one more day, where it was `s` before.
    pub fn step(&self, s: f64, count: u64) -> f64 {
        let above = count as f64 - self.k;
        (if self.ln_ratio > 0.0 { s + above } else { s - above }).max(0.0)
    }

    /// The course over days, with alarms at a threshold if there is one.
    pub fn path(&self, counts: impl IntoIterator<Item = u64>, threshold: Option<f64>) -> Path {
        follow(counts, threshold, |s, count| self.step(s, count))
    }

    /// The exact run length in days from S = 0 with alarm at S >= `threshold`, if the true rate is `lambda`.
    pub fn run_length(&self, threshold: f64, lambda: f64) -> Result<RunLength, CusumError> {
        if !(threshold > 0.0 && threshold < MOST_COUNT) {
            return Err(CusumError::Threshold(threshold));
        }
        if !(lambda > 0.0 && lambda.is_finite()) {
            return Err(CusumError::Truth(lambda));
        }
        Ok(RunLength::of(self.excursion_under(lambda, threshold, u64::MAX)?))
    }

    /// The smallest threshold with P(alarm within `n` days) <= `alpha` while the rate is λ0.
    ///
    /// Exact. It takes a few milliseconds for n up to a year of days, whatever λ0, if the shift is a tenth or
    /// more; a third of a second for a shift of a hundredth, since its time grows with the square of the
    /// threshold in counts; beyond that it says [`CusumError::TooMuchWork`]. n may be up to
    /// [`super::cusum::MOST_OBSERVATIONS`].
    pub fn smallest_threshold(&self, n: u64, alpha: f64) -> Result<Threshold, CusumError> {
        cusum_threshold::smallest(self, n, alpha)
    }

    /// The totals after t days that are neither back at 0 nor an alarm: first and last, which is the smaller
    /// where there are none.
    fn alive_totals(&self, t: u64, threshold: f64) -> (i64, i64) {
        let reference = self.k * t as f64;
        let (low, high) = if self.ln_ratio > 0.0 {
            (reference, reference + threshold)
        } else {
            (reference - threshold, reference)
        };
        (low.floor().max(-1.0) as i64 + 1, high.ceil() as i64 - 1)
    }

    fn excursion_under(&self, lambda: f64, threshold: f64, limit: u64) -> Result<Excursion, CusumError> {
        let mut work = (threshold * threshold) as u64;
        if work > MOST_WORK {
            return Err(CusumError::TooMuchWork);
        }
        let day = Day::new(lambda, self.k - threshold - 2.0, self.k + threshold + 2.0);
        let mut excursion = Excursion::default();
        let (mut alive, mut first) = (vec![1.0], 0i64);
        for t in 1..=limit {
            let (next_first, next_last) = self.alive_totals(t, threshold);
            let mut next = vec![0.0; usize::try_from(next_last - next_first + 1).unwrap_or(0)];
            work += alive.len() as u64 * (next.len() as u64 + 1) + WORK_A_STEP;
            if work > MOST_WORK {
                return Err(CusumError::TooMuchWork);
            }
            let (mut below, mut above) = (0.0, 0.0);
            for (total, &p) in (first..).zip(&alive) {
                below += p * day.at_most(next_first - 1 - total);
                above += p * day.at_least(next_last.max(next_first - 1) + 1 - total);
                day.spread(p, next_first - total, &mut next);
            }
            let (alarm, back) = if self.ln_ratio > 0.0 { (above, below) } else { (below, above) };
            (alive, first) = (next, next_first);
            if excursion.note(alarm, back, alive.iter().sum()) {
                break;
            }
        }
        Ok(excursion)
    }
}

/// Counts and thresholds beyond this are refused: totals over days must stay whole in a float.
const MOST_COUNT: f64 = 1e9;

/// The law of one day's count, tabled over the counts that an excursion can survive.
struct Day {
    first: i64,
    probability: Vec<f64>,
    at_most: Vec<f64>,
    at_least: Vec<f64>,
}

impl Day {
    fn new(lambda: f64, lowest: f64, highest: f64) -> Day {
        let first = lowest.floor().max(0.0) as i64;
        let last = highest.ceil() as i64;
        let probability: Vec<f64> = (first..=last).map(|x| ln_poisson(x as f64, lambda).exp()).collect();
        let running = |sum: &mut f64, p: &f64| {
            *sum += p;
            Some(*sum)
        };
        let below = at_most(first - 1, lambda).value();
        let above = at_least(last + 1, lambda).value();
        let at_most = probability.iter().scan(below, running).collect();
        let mut at_least: Vec<f64> = probability.iter().rev().scan(above, running).collect();
        at_least.reverse();
        Day { first, probability, at_most, at_least }
    }

    /// P(X <= x) for x within the table, or negative.
    fn at_most(&self, x: i64) -> f64 {
        if x < self.first { 0.0 } else { self.at_most[(x - self.first) as usize] }
    }

    /// P(X >= x) for x within the table, or negative.
    fn at_least(&self, x: i64) -> f64 {
        if x <= 0 { 1.0 } else { self.at_least[(x - self.first).max(0) as usize] }
    }

    /// Adds p·P(X = x) to `onto`, whose first place is for X = `from`.
    fn spread(&self, p: f64, from: i64, onto: &mut [f64]) {
        // Probabilities so small that their products would be slow to multiply and lost anyway.
        if p < 1e-290 {
            return;
        }
        let skipped = (self.first - from).max(0) as usize;
        let begin = (from - self.first).max(0) as usize;
        if skipped < onto.len() && begin < self.probability.len() {
            for (place, day) in onto[skipped..].iter_mut().zip(&self.probability[begin..]) {
                *place += p * day;
            }
        }
    }
}

impl Chart for PoissonCusum {
    fn excursion(&self, threshold: f64, limit: u64) -> Result<Excursion, CusumError> {
        self.excursion_under(self.lambda0, threshold, limit)
    }

    fn attainable(&self, low: f64, high: f64, n: u64) -> Vec<f64> {
        let mut values = Vec::new();
        for t in 1..=n {
            let reference = self.k * t as f64;
            let (from, to) = if self.ln_ratio > 0.0 {
                (reference + low, reference + high)
            } else {
                (reference - high, reference - low)
            };
            let totals = from.floor().max(0.0) as i64..=to.ceil() as i64;
            let of = |total: i64| (total as f64 - reference) * self.ln_ratio.signum();
            values.extend(totals.map(of).filter(|value| (low..=high).contains(value)));
        }
        values.sort_by(f64::total_cmp);
        values
    }

    fn spacing(&self) -> f64 {
        1.0
    }

    fn log_likelihood_unit(&self) -> f64 {
        self.log_likelihood_a_count()
    }

    fn drift(&self) -> (f64, f64) {
        ((self.k - self.lambda0) * self.ln_ratio, self.lambda0.sqrt() * self.ln_ratio.abs())
    }

    fn ceiling(&self, n: u64) -> f64 {
        if self.ln_ratio > 0.0 { f64::INFINITY } else { self.k * n as f64 }
    }

    fn tie(&self, n: u64) -> f64 {
        f64::max(1e-9, 4.0 * f64::EPSILON * self.k * n as f64)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn refuses_what_makes_no_chart() {
        for (a, b) in [(0.0, 1.0), (2.0, 2.0), (1.0, f64::INFINITY), (f64::NAN, 1.0), (1.0, 1e12)] {
            assert!(PoissonCusum::new(a, b).is_err(), "{a} {b}");
        }
        let chart = PoissonCusum::new(3.0, 6.0).unwrap();
        assert!(chart.run_length(0.0, 3.0).is_err());
        assert!(chart.run_length(5.0, 0.0).is_err());
        assert!(chart.smallest_threshold(30, 1.5).is_err());
    }

    #[test]
    fn any_threshold_will_do_where_a_drop_cannot_be_seen() {
        // A day of none at 20 a day has the probability 2e-9; a count below k = 5.4 has 1.5e-5.
        let threshold = PoissonCusum::new(20.0, 0.5).unwrap().smallest_threshold(10, 0.05).unwrap();
        assert_eq!((threshold.infimum, threshold.next), (0.0, None));
        assert!(threshold.false_alarm < 1e-3);
    }

    #[test]
    fn no_threshold_will_do_where_too_few_days_could_all_be_empty() {
        // Seven days of none at 0.2 a day have the probability e^-1.4 = 0.247, and S is no higher after any others.
        let chart = PoissonCusum::new(0.2, 0.2 / 1.3).unwrap();
        let threshold = chart.smallest_threshold(7, 0.005).unwrap();
        assert_eq!((threshold.usable, threshold.next), (f64::INFINITY, None));
        assert!((threshold.infimum - 7.0 * chart.reference()).abs() < 1e-12);
        assert!((threshold.false_alarm_at_infimum - (-1.4f64).exp()).abs() < 1e-12);
        assert_eq!(threshold.false_alarm, 0.0);
    }

    /// P(alarm within n days), by following every sequence of counts up to a bound, beyond which an alarm is
    /// sure (rise) or a return to 0 (drop).
    fn by_enumeration(chart: &PoissonCusum, lambda: f64, h: f64, n: u32, s: f64) -> f64 {
        if n == 0 {
            return 0.0;
        }
        let bound = (chart.k + h).ceil() as u64 + 1;
        let mut sum = 0.0;
        for count in 0..=bound {
            let p = if count == bound {
                at_least(count as i64, lambda).value()
            } else {
                ln_poisson(count as f64, lambda).exp()
            };
            let after = chart.step(s, count);
            sum += p * if after >= h { 1.0 } else { by_enumeration(chart, lambda, h, n - 1, after) };
        }
        sum
    }

    proptest! {
        #[test]
        fn within_agrees_with_every_sequence(
            a in 0.2..6.0f64, b in 0.2..6.0f64, h in 0.3..6.0f64, n in 1u32..5,
        ) {
            prop_assume!((a / b).ln().abs() > 0.1);
            let chart = PoissonCusum::new(a, b).unwrap();
            let got = chart.run_length(h, a).unwrap().within(u64::from(n)).unwrap();
            prop_assert!((got - by_enumeration(&chart, a, h, n, 0.0)).abs() < 1e-11);
        }

        #[test]
        fn the_threshold_keeps_its_promise_and_none_below_does(
            lambda in 0.2..60.0f64, ratio in 1.3..3.0f64, rise: bool, n in 7u64..120, alpha in 0.005..0.3f64,
        ) {
            let shifted = if rise { lambda * ratio } else { lambda / ratio };
            let chart = PoissonCusum::new(lambda, shifted).unwrap();
            let threshold = chart.smallest_threshold(n, alpha).unwrap();
            prop_assert!(threshold.false_alarm <= alpha && alpha < threshold.false_alarm_at_infimum);
            let at = |h: f64| chart.run_length(h, lambda).unwrap().within(n).unwrap();
            if threshold.usable.is_finite() {
                prop_assert!((at(threshold.usable) - threshold.false_alarm).abs() < 1e-9);
            } else {
                prop_assert_eq!((threshold.false_alarm, at(threshold.infimum + 1e-8)), (0.0, 0.0));
            }
            if threshold.infimum > 0.0 {
                prop_assert!(at(threshold.infimum - 1e-8) > alpha);
            }
        }
    }
}
