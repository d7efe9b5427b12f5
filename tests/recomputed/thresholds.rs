//! What a threshold promises, by following every course of a chart with its probability: E. S. Page, Continuous
//! inspection schemes, Biometrika 41, 1954.

use std::collections::{BTreeSet, HashMap};

use rapport::stats::bernoulli_cusum::BernoulliCusum;
use rapport::stats::poisson_cusum::PoissonCusum;

use super::by_hand::ln_gamma;

/// A chart whose sum moves by one of several steps, each with its probability.
struct Chart {
    /// (kind, step, probability); of the same kind counts are the same place, in whatever order they came.
    steps: Vec<(usize, f64, f64)>,
    /// How many kinds there are, and how much of each one a step is.
    parts: Vec<Vec<u32>>,
}

/// Places that are so seldom reached count for nothing.
const NEGLIGIBLE: f64 = 1e-18;

impl Chart {
    /// Outcomes that are bad with a share, watched for another one.
    fn of_shares(from: f64, to: f64) -> Chart {
        let (bad, good) = ((to / from).ln(), ((1.0 - to) / (1.0 - from)).ln());
        Chart { steps: vec![(0, bad, from), (1, good, 1.0 - from)], parts: vec![vec![1, 0], vec![0, 1]] }
    }

    /// Counts of a day, of which so many are to be expected, watched for others; in counts.
    fn of_counts(from: f64, to: f64) -> Chart {
        let k = (to - from) / (to / from).ln();
        let sign = (to - from).signum();
        let most = (from + 12.0 * from.sqrt() + 30.0) as u32;
        let chance = |x: u32| (f64::from(x) * from.ln() - from - ln_gamma(f64::from(x) + 1.0)).exp();
        let step = |x: u32| (x as usize, sign * (f64::from(x) - k), chance(x));
        Chart { steps: (0..=most).map(step).collect(), parts: (0..=most).map(|x| vec![x, 1]).collect() }
    }

    /// P(S comes to h within n steps).
    fn alarms(&self, h: f64, n: u64) -> f64 {
        let mut alarms = 0.0;
        let mut alive: HashMap<Vec<u32>, (f64, f64)> = HashMap::from([(vec![0, 0], (0.0, 1.0))]);
        for _ in 0..n {
            let mut next: HashMap<Vec<u32>, (f64, f64)> = HashMap::new();
            for (place, (s, p)) in &alive {
                for (kind, step, chance) in &self.steps {
                    let (after, chance) = (s + step, p * chance);
                    if after >= h {
                        alarms += chance;
                    } else if chance > NEGLIGIBLE {
                        let moved = |(at, by): (&u32, &u32)| at + by;
                        let (place, after) = match after <= 0.0 {
                            true => (vec![0, 0], 0.0),
                            false => (place.iter().zip(&self.parts[*kind]).map(moved).collect(), after),
                        };
                        next.entry(place).or_insert((after, 0.0)).1 += chance;
                    }
                }
            }
            alive = next;
        }
        alarms
    }

    /// Whether `h` is the smallest threshold that comes within n steps with a chance of at most `alpha`, but for the
    /// millionth that lies between it and what rounding could reach.
    fn is_smallest(&self, h: f64, n: u64, alpha: f64) -> Result<(), String> {
        let (at, below) = (self.alarms(h, n), self.alarms(h - 2.5e-6, n));
        let is_so = at <= alpha * (1.0 + 1e-9) && (h <= 2.5e-6 || below > alpha * (1.0 - 1e-9));
        if is_so { Ok(()) } else { Err(format!("{h} within {n}: {at}, a little below {below}, not {alpha}")) }
    }
}

/// More steps than this are not followed.
const MOST_STEPS: u64 = 700;

/// What was found, for a story says the same thresholds of many alerts.
#[derive(Default)]
pub struct Promises(BTreeSet<(bool, [u64; 5])>);

impl Promises {
    /// Outcomes from one share to another: the threshold is worked out where they are not too many.
    #[track_caller]
    pub fn of_shares(&mut self, (from, to): (f64, f64), h: f64, n: f64, alpha: f64) {
        self.holds((true, [from, to, h, n, alpha].map(f64::to_bits)), n, || {
            Chart::of_shares(from, to).is_smallest(h, n as u64, alpha)
        });
    }

    /// Counts of 21 business days, from one mean to another.
    #[track_caller]
    pub fn of_counts(&mut self, (from, to): (f64, f64), h: f64, alpha: f64) {
        self.holds((false, [from, to, h, 21.0, alpha].map(f64::to_bits)), 21.0, || {
            Chart::of_counts(from, to).is_smallest(h, 21, alpha)
        });
    }

    /// Enough thresholds of both kinds were worked out.
    pub fn assert_many(&self) {
        let of = |shares: bool| self.0.iter().filter(|(is_share, _)| *is_share == shares).count();
        assert!(of(true) >= 20 && of(false) >= 5, "{} of shares, {} of counts", of(true), of(false));
    }

    #[track_caller]
    fn holds(&mut self, of: (bool, [u64; 5]), n: f64, is_so: impl FnOnce() -> Result<(), String>) {
        if n <= MOST_STEPS as f64 && self.0.insert(of) {
            is_so().unwrap_or_else(|wrong| panic!("{wrong}"));
        }
    }
}

#[test]
fn a_threshold_that_is_a_little_off_is_noticed() {
    let share = BernoulliCusum::new(0.1, 0.2).unwrap().smallest_threshold(150, 0.03).unwrap().usable;
    let counts = PoissonCusum::new(4.0, 6.0).unwrap().smallest_threshold(21, 0.1).unwrap().usable;
    for off in [-0.01, 0.0, 0.01] {
        let of_share = Chart::of_shares(0.1, 0.2).is_smallest(share + off, 150, 0.03);
        let of_counts = Chart::of_counts(4.0, 6.0).is_smallest(counts + off, 21, 0.1);
        assert_eq!((of_share.is_ok(), of_counts.is_ok()), (off == 0.0, off == 0.0), "{off}");
    }
}
