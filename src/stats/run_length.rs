//! How long a cumulative sum chart runs until its alarm: exactly, without rounding its weights to a lattice.
//!
//! Between two visits to 0 the chart starts afresh. With f(t) the probability that an excursion from 0 ends
//! in an alarm after t steps and g(t) that it ends at 0, the run length has the law q = f + g∗q, its mean is
//! Σ t(f+g) / Σ f (a renewal argument, Feller vol. 1, XIII), and q(r) tends to C e^−γr with Σ g(t) e^γt = 1.
//! The recursion goes on until it has met that limit to nine digits and is replaced by it from there on.

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
        let mut summed = 0;
        while summed < n {
            if let Some(tail) = law.tail() {
                return Ok(f64::min(sum + tail.sum(n - summed), 1.0));
            }
            let block = law.grow()?;
            let used = (n - summed).min(block.len() as u64);
            sum = block[..used as usize].iter().fold(sum, |sum, q| sum + q);
            summed += used;
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
        let mut summed = 0;
        loop {
            if let Some(tail) = law.tail() {
                return Ok(tail.steps_to(q - sum).map(|more| more.saturating_add(summed)));
            }
            for probability in law.grow()? {
                sum += probability;
                summed += 1;
                if sum >= q {
                    return Ok(Some(summed));
                }
            }
        }
    }
}

/// The law has met its limit where it keeps to it so closely.
const MET: f64 = 1e-9;

/// The law is worked out so many observations at a time.
const BLOCK: usize = 64;
/// And in them so many side by side, which a processor does in as many lanes as it has.
const LANES: usize = 16;

/// The law q(r) = f(r) + Σ g(t) q(r−t), block by block.
struct Law<'a> {
    excursion: &'a Excursion,
    q: Vec<f64>,
    /// g(t) at t with a block of zeros behind, where most are not 0; else empty.
    dense_back: Vec<f64>,
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
        let span = excursion.back.last().map_or(0, |last| last.0);
        let mut dense_back = Vec::new();
        // A product in lanes costs a fifth of one that is looked up.
        if excursion.back.len() > span / 5 {
            dense_back.resize(span + 1 + BLOCK, 0.0);
            excursion.back.iter().for_each(|&(t, g)| dense_back[t] = g);
        }
        let (q, limit) = (Vec::new(), None);
        Law { excursion, q, dense_back, limit, has_met_limit: false, next_check: 4 * BLOCK, work: 0 }
    }

    /// Works out the next block of observations and gives it.
    fn grow(&mut self) -> Result<&[f64], CusumError> {
        let begin = self.q.len();
        let terms = if self.dense_back.is_empty() { self.excursion.back.len() } else { begin / 5 };
        self.work += (BLOCK * terms.min(begin)) as u64 + BLOCK as u64 * WORK_A_STEP;
        if self.work > MOST_WORK {
            return Err(CusumError::TooMuchWork);
        }
        let alarm = &self.excursion.alarm;
        self.q.extend((begin..begin + BLOCK).map(|i| alarm.get(i).copied().unwrap_or(0.0)));
        if self.dense_back.is_empty() {
            self.add_from_listed(begin);
        } else {
            self.add_from_before(begin);
            self.add_from_within(begin);
        }
        if self.q.len() >= self.next_check {
            self.next_check = self.q.len() * 5 / 4;
            if self.limit.is_none() && self.excursion.is_complete {
                self.limit = limit(self.excursion);
            }
            self.has_met_limit = self.limit.is_some_and(|limit| self.meets(limit));
        }
        Ok(&self.q[begin..])
    }

    /// Adds g∗q to the block at `begin`, t by t of those listed.
    fn add_from_listed(&mut self, begin: usize) {
        for i in begin..begin + BLOCK {
            let known = self.excursion.back.partition_point(|&(t, _)| t <= i);
            let sum: f64 = self.excursion.back[..known].iter().map(|&(t, g)| g * self.q[i - t]).sum();
            self.q[i] += sum;
        }
    }

    /// Adds to the block at `begin` what comes from observations before it, some of its places side by side.
    fn add_from_before(&mut self, begin: usize) {
        let (known, block) = self.q.split_at_mut(begin);
        let first = (begin + BLOCK + 1).saturating_sub(self.dense_back.len());
        for (place, lanes) in block.chunks_exact_mut(LANES).enumerate() {
            let mut sums = [0.0; LANES];
            for (j, &q) in known.iter().enumerate().skip(first) {
                let t = begin + place * LANES - j;
                for (sum, g) in sums.iter_mut().zip(&self.dense_back[t..t + LANES]) {
                    *sum += q * g;
                }
            }
            lanes.iter_mut().zip(sums).for_each(|(lane, sum)| *lane += sum);
        }
    }

    /// Adds to the block at `begin` what comes from observations inside it, in order.
    fn add_from_within(&mut self, begin: usize) {
        for i in begin..begin + BLOCK {
            let longest = (i - begin).min(self.dense_back.len() - 1);
            let sum: f64 = (1..=longest).map(|t| self.dense_back[t] * self.q[i - t]).sum();
            self.q[i] += sum;
        }
    }

    /// Whether the last quarter of the law keeps to the limit.
    fn meets(&self, limit: Geometric) -> bool {
        let at = |r: usize| limit.value * (-limit.gamma * r as f64).exp();
        (self.q.len() * 3 / 4..self.q.len()).all(|i| (self.q[i] / at(i) - 1.0).abs() < MET)
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
