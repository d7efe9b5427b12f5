//! Dice: ChaCha8 streams, one for each concern and entity, and the few distributions drawn from them.
//!
//! The same seed gives the same values for good, on every platform: integers come straight from the
//! stream, logarithms and exponentials from `libm`. A draw of one concern never moves another's.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

/// What a stream of dice is thrown for. The numbers are part of every seed's meaning: never reuse one.
#[derive(Clone, Copy, Debug)]
pub(super) enum Concern {
    /// When leads arrive, by calendar day.
    Arrivals = 1,
    /// When the additional leads of a flood or surge arrive, by calendar day.
    FloodArrivals = 2,
    /// Where a lead comes from and what marketing does with it.
    Marketing = 3,
    /// What sales does with a lead.
    Sales = 4,
    /// What becomes of a deal.
    Deal = 5,
    /// Merges, deletions and erasures.
    Accidents = 6,
    /// What a fault changes in a lead's life.
    Fault = 7,
    /// Campaigns, by month.
    Campaigns = 8,
    /// How far events come out of order.
    Reordering = 9,
    /// Which events are late, and how late.
    Lateness = 10,
    /// Which events come twice.
    Duplication = 11,
    /// Records that are no events.
    Garbage = 12,
    /// Changes of the playbook, by month.
    Playbook = 13,
    /// What a fault changes in campaigns, by month.
    FaultPrograms = 14,
    /// What a fault changes in targets, by month.
    FaultTargets = 15,
    /// What varies from week to week, by week.
    Moods = 16,
    /// The ways of a rep, by rep.
    Reps = 17,
    /// Which leads a de-duplication merges.
    MergeWave = 18,
}

/// A log-normal distribution: half of the values lie below `median`.
#[derive(Clone, Copy, Debug)]
pub(super) struct LogNormal {
    /// The median, in the unit of the values.
    pub(super) median: f64,
    /// Standard deviation of the logarithm.
    pub(super) sigma: f64,
}

/// One stream of random values.
#[derive(Clone, Debug)]
pub(super) struct Dice {
    rng: ChaCha8Rng,
}

impl Dice {
    /// The stream of a concern for the entity (or day) with this number.
    pub(super) fn new(seed: u64, concern: Concern, number: u64) -> Dice {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[8] = concern as u8;
        let mut rng = ChaCha8Rng::from_seed(key);
        rng.set_stream(number);
        Dice { rng }
    }

    /// Uniform in `[0, 1)`, in steps of 2^-53.
    pub(super) fn unit(&mut self) -> f64 {
        (self.rng.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Whether something of this probability happens. Draws one value whatever the probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Uniform in `0..n`; 0 for an `n` of 0. Biased by less than n / 2^64.
    pub(super) fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.rng.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Uniform in `from..=to`, for `from <= to`.
    pub(super) fn between(&mut self, from: i64, to: i64) -> i64 {
        from + self.below(from.abs_diff(to) + 1) as i64
    }

    /// Exponential with this mean, by inversion.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * libm::log(1.0 - self.unit())
    }

    /// Poisson with this mean: how many arrivals of rate 1 fit into it. Takes time in proportion.
    pub(super) fn poisson(&mut self, mean: f64) -> u64 {
        let mut passed = self.exponential(1.0);
        let mut count = 0;
        while passed < mean {
            passed += self.exponential(1.0);
            count += 1;
        }
        count
    }

    /// Standard normal, by Marsaglia's polar method (SIAM Review 6, 1964); the second value is not kept.
    pub(super) fn normal(&mut self) -> f64 {
        loop {
            let (x, y) = (2.0 * self.unit() - 1.0, 2.0 * self.unit() - 1.0);
            let square = x * x + y * y;
            if square > 0.0 && square < 1.0 {
                return x * (-2.0 * libm::log(square) / square).sqrt();
            }
        }
    }

    /// Log-normal.
    pub(super) fn log_normal(&mut self, law: LogNormal) -> f64 {
        law.median * libm::exp(law.sigma * self.normal())
    }

    /// A log-normal lag whose median is in milliseconds, to whole milliseconds.
    pub(super) fn lag_ms(&mut self, law: LogNormal) -> i64 {
        self.log_normal(law) as i64
    }

    /// The place of one of the weights, with a probability in proportion; the last one for no weight at all.
    pub(super) fn pick(&mut self, weights: impl Iterator<Item = f64> + Clone) -> usize {
        let total: f64 = weights.clone().sum();
        let mut rest = self.unit() * total;
        let mut last = 0;
        for (place, weight) in weights.enumerate() {
            if rest < weight {
                return place;
            }
            rest -= weight;
            last = place;
        }
        last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dice(number: u64) -> Dice {
        Dice::new(7, Concern::Sales, number)
    }

    /// The first bytes under the all-zero key: TC1 of draft-strombergson-chacha-test-vectors.
    #[test]
    fn the_stream_is_chacha8() {
        let mut rng = ChaCha8Rng::from_seed([0; 32]);
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        assert_eq!(
            bytes,
            [0x3e, 0x00, 0xef, 0x2f, 0x89, 0x5f, 0x40, 0xd6, 0x7f, 0x5b, 0xb8, 0xe8, 0x1f, 0x09, 0xa5, 0xa1]
        );
    }

    #[test]
    fn streams_of_concerns_and_entities_are_apart() {
        let first = |mut dice: Dice| dice.rng.next_u64();
        let mut all = [
            first(dice(0)),
            first(dice(1)),
            first(Dice::new(7, Concern::Deal, 0)),
            first(Dice::new(8, Concern::Sales, 0)),
        ];
        assert_eq!(first(dice(1)), all[1], "the same stream starts with the same value");
        all.sort_unstable();
        assert!(all.windows(2).all(|pair| pair[0] < pair[1]));
    }

    #[test]
    fn means_and_quantiles_are_those_of_the_laws() {
        let n = 40_000;
        let mut dice = dice(3);
        let mean = |draw: &mut dyn FnMut() -> f64| (0..n).map(|_| draw()).sum::<f64>() / f64::from(n);
        // Each tolerance is five standard errors.
        assert!((mean(&mut || dice.unit()) - 0.5).abs() < 0.0073);
        assert!((mean(&mut || dice.exponential(4.0)) - 4.0).abs() < 0.1);
        assert!((mean(&mut || dice.poisson(2.5) as f64) - 2.5).abs() < 0.04);
        assert!(mean(&mut || dice.normal()).abs() < 0.025);
        let mut square = || {
            let z = dice.normal();
            z * z
        };
        assert!((mean(&mut square) - 1.0).abs() < 0.036);
        assert!((mean(&mut || dice.below(10) as f64) - 4.5).abs() < 0.072);
        let law = LogNormal { median: 20.0, sigma: 0.6 };
        let mut below = || f64::from(u8::from(dice.log_normal(law) < 20.0));
        assert!((mean(&mut below) - 0.5).abs() < 0.0125);
        let mut third = || f64::from(u8::from(dice.pick([1.0, 0.0, 3.0].into_iter()) == 2));
        assert!((mean(&mut third) - 0.75).abs() < 0.011);
    }

    #[test]
    fn edges_hold() {
        let mut dice = dice(4);
        assert_eq!(dice.poisson(0.0), 0);
        assert_eq!(dice.below(0), 0);
        assert_eq!(dice.below(1), 0);
        assert_eq!(dice.between(-3, -3), -3);
        assert!((0..1_000).all(|_| (-2..=2).contains(&dice.between(-2, 2))));
        assert!((0..1_000).all(|_| !dice.chance(0.0) && dice.chance(1.0)));
        assert_eq!(dice.pick([0.0, 0.0].into_iter()), 1);
    }
}
