//! How long a cumulative sum chart runs until its alarm: exactly, without rounding its weights to a lattice.
//!
//! Between two visits to 0 the chart starts afresh. With f(t) the probability that an excursion from 0 ends in an
//! alarm after t steps and g(t) that it ends at 0, the run length has the law q = f + g∗q, its mean is Σ t(f+g) / Σ f
//! (a renewal argument, Feller vol. 1, XIII), and q(r) tends to C e^−γr with Σ g(t) e^γt = 1. The recursion goes on
//! until it has met that limit to ten digits and is replaced by it from there on.

use super::cusum::{CusumError, MOST_WORK, WORK_A_STEP};

/// How excursions of a chart from 0 end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Excursion {
    /// f(t) at t − 1.
    alarm: Vec<f64>,
    /// (t, g(t)) in ascending order, without the zeros.
    back: Vec<(usize, f64)>,
    alarm_total: f64,
    is_complete: bool,
}

/// An excursion under way counts as ended when so small a part of those that alarm is left.
const LEFT_OVER: f64 = 1e-14;

impl Excursion {
    /// Notes how the excursions ended at the next step, and the probability that they go on; true where the
    /// rest is negligible.
    pub(crate) fn note(&mut self, alarm: f64, back: f64, alive: f64) -> bool {
        self.alarm.push(alarm);
        self.alarm_total += alarm;
        if back > 0.0 {
            self.back.push((self.alarm.len(), back));
        }
        self.is_complete = alive <= LEFT_OVER * self.alarm_total || alive < 1e-290;
        self.is_complete
    }
}

/// The law of the number of observations until the alarm.
#[derive(Clone, Debug)]
pub struct RunLength(Excursion);

impl RunLength {
    /// The run length of a chart with these excursions.
    pub(crate) fn of(excursion: Excursion) -> RunLength {
        RunLength(excursion)
    }

    /// The mean number of observations until the alarm; infinite where it never comes.
    pub fn mean(&self) -> f64 {
        let steps = |t: usize, p: f64| t as f64 * p;
        let alarm: f64 = self.0.alarm.iter().enumerate().map(|(i, &f)| steps(i + 1, f)).sum();
        let back: f64 = self.0.back.iter().map(|&(t, g)| steps(t, g)).sum();
        (alarm + back) / self.0.alarm_total
    }

    /// The probability of an alarm within `n` observations.
    pub fn within(&self, n: u64) -> Result<f64, CusumError> {
        let mut law = Law::new(&self.0);
        let mut sum = 0.0;
        for r in 0..n {
            if let Some(tail) = law.tail() {
                return Ok(f64::min(sum + tail.sum(n - r), 1.0));
            }
            sum += law.next()?;
        }
        Ok(f64::min(sum, 1.0))
    }

    /// The smallest number of observations within which the alarm comes with probability `q` at least; none
    /// where it never does.
    pub fn quantile(&self, q: f64) -> Result<Option<u64>, CusumError> {
        if self.0.alarm_total <= 0.0 || q >= 1.0 {
            return Ok(None);
        }
        let mut law = Law::new(&self.0);
        let mut sum = 0.0;
        for r in 1.. {
            if let Some(tail) = law.tail() {
                return Ok(tail.steps_to(q - sum).map(|more| r - 1 + more));
            }
            sum += law.next()?;
            if sum >= q {
                return Ok(Some(r));
            }
        }
        Ok(None)
    }
}

/// The law q(r), observation by observation.
struct Law<'a> {
    excursion: &'a Excursion,
    q: Vec<f64>,
    limit: Option<Geometric>,
    has_met_limit: bool,
    next_check: usize,
    work: u64,
}

/// Probabilities value, value·e^−γ, … of the next observations.
#[derive(Clone, Copy)]
struct Geometric {
    value: f64,
    gamma: f64,
}

impl Geometric {
    /// The sum over the next `n` observations.
    fn sum(self, n: u64) -> f64 {
        self.value * (-self.gamma * n as f64).exp_m1() / (-self.gamma).exp_m1()
    }

    /// After how many observations the sum reaches `wanted`.
    fn steps_to(self, wanted: f64) -> Option<u64> {
        let rest = 1.0 - wanted / self.value * -(-self.gamma).exp_m1();
        (rest > 0.0).then(|| ((-rest.ln() / self.gamma).ceil() as u64).max(1))
    }
}

impl<'a> Law<'a> {
    fn new(excursion: &'a Excursion) -> Law<'a> {
        let limit = if excursion.is_complete { limit(excursion) } else { None };
        Law { excursion, q: Vec::new(), limit, has_met_limit: false, next_check: 64, work: 0 }
    }

    /// q of the next observation, by q = f + g∗q.
    fn next(&mut self) -> Result<f64, CusumError> {
        let r = self.q.len() + 1;
        let known = self.excursion.back.partition_point(|&(t, _)| t < r);
        self.work += known as u64 + WORK_A_STEP;
        if self.work > MOST_WORK {
            return Err(CusumError::TooMuchWork);
        }
        let mut sum = self.excursion.alarm.get(r - 1).copied().unwrap_or(0.0);
        for &(t, g) in &self.excursion.back[..known] {
            sum += g * self.q[r - 1 - t];
        }
        self.q.push(sum);
        if r == self.next_check {
            self.next_check += r / 4;
            self.has_met_limit = self.limit.is_some_and(|limit| self.meets(limit));
        }
        Ok(sum)
    }

    /// Whether the last quarter of the law is the limit to ten digits.
    fn meets(&self, limit: Geometric) -> bool {
        let at = |r: usize| limit.value * (-limit.gamma * r as f64).exp();
        (self.q.len() * 3 / 4..self.q.len()).all(|i| (self.q[i] / at(i) - 1.0).abs() < 1e-11)
    }

    /// The law of the observations to come, once the limit is met.
    fn tail(&self) -> Option<Geometric> {
        let limit = self.limit.filter(|_| self.has_met_limit)?;
        Some(Geometric { value: limit.value * (-limit.gamma * self.q.len() as f64).exp(), ..limit })
    }
}

/// C e^−γ, the limit at the first observation, and γ: the pole of f̂/(1 − ĝ) nearest to 1.
fn limit(excursion: &Excursion) -> Option<Geometric> {
    let back_mean: f64 = excursion.back.iter().map(|&(t, g)| t as f64 * g).sum();
    let mut gamma = excursion.alarm_total / back_mean;
    // Σ g(t) (e^γt − 1) = Σ f is convex in γ and the start lies above the root: Newton falls to it.
    for _ in 0..100 {
        let mut excess = -excursion.alarm_total;
        let mut slope = 0.0;
        for &(t, g) in &excursion.back {
            let growth = (gamma * t as f64).exp_m1();
            excess += g * growth;
            slope += t as f64 * g * (growth + 1.0);
        }
        let step = excess / slope;
        if !step.is_finite() {
            gamma /= 2.0;
        } else if step.abs() <= 1e-14 * gamma {
            let growth = |t: usize| (gamma * t as f64).exp();
            let alarm: f64 = excursion.alarm.iter().enumerate().map(|(i, &f)| f * growth(i + 1)).sum();
            let value = alarm / slope * (-gamma).exp();
            return (value.is_finite() && gamma > 0.0).then_some(Geometric { value, gamma });
        } else {
            gamma -= step;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each observation alarms with probability 0.1 and else returns to 0: a geometric law.
    fn coin() -> RunLength {
        let mut excursion = Excursion::default();
        assert!(excursion.note(0.1, 0.9, 0.0));
        RunLength::of(excursion)
    }

    #[test]
    fn a_coin_runs_geometrically() {
        assert!((coin().mean() - 10.0).abs() < 1e-12);
        for n in [0, 1, 7, 63, 64, 65, 1000, 1_000_000] {
            let want = 1.0 - 0.9f64.powf(n as f64);
            assert!((coin().within(n).unwrap() - want).abs() < 1e-12, "{n}");
        }
        for (q, want) in [(0.0, 1), (0.1, 1), (0.5, 7), (0.999, 66), (0.999_999, 132)] {
            assert_eq!(coin().quantile(q).unwrap(), Some(want), "{q}");
        }
        assert_eq!(coin().quantile(1.0).unwrap(), None);
    }

    #[test]
    fn what_never_alarms_runs_for_ever() {
        let mut excursion = Excursion::default();
        excursion.note(0.0, 1.0, 0.0);
        let never = RunLength::of(excursion);
        assert_eq!(never.mean(), f64::INFINITY);
        assert_eq!(never.within(1000).unwrap(), 0.0);
        assert_eq!(never.quantile(0.5).unwrap(), None);
    }
}
