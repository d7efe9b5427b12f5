//! In which order a poll takes records from several partitions, and how many at once.
//!
//! Within a partition the order is always that of the offsets; nothing here ever changes that.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::log::TopicPartition;

/// How a poll mixes partitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interleaving {
    /// One partition after the other, each poll beginning behind the one that was served last.
    InTurn,
    /// Runs of random length from random partitions, in polls of random size, from this seed.
    Seeded(u64),
}

/// Chooses runs: which of the partitions is next, and how many records it may give.
pub(super) struct Order {
    batch_max: usize,
    interleaving: Interleaving,
    random: ChaCha8Rng,
    served: Option<TopicPartition>,
}

impl Order {
    pub(super) fn new(batch_max: usize, interleaving: Interleaving) -> Order {
        let seed = match interleaving {
            Interleaving::InTurn => 0,
            Interleaving::Seeded(seed) => seed,
        };
        let random = ChaCha8Rng::seed_from_u64(seed);
        Order { batch_max: batch_max.max(1), interleaving, random, served: None }
    }

    /// How many records the next poll brings at most.
    pub(super) fn batch(&mut self) -> usize {
        match self.interleaving {
            Interleaving::InTurn => self.batch_max,
            Interleaving::Seeded(_) => self.random.random_range(1..=self.batch_max),
        }
    }

    /// The next run: the index of one of the `ready` partitions (sorted, at least one), and how many
    /// records to take there when `left` (at least one) are wanted.
    pub(super) fn run(&mut self, ready: &[TopicPartition], left: usize) -> (usize, usize) {
        match self.interleaving {
            Interleaving::InTurn => {
                let behind = |p: &TopicPartition| self.served.as_ref().is_none_or(|s| p > s);
                let index = ready.iter().position(behind).unwrap_or(0);
                self.served = Some(ready[index].clone());
                (index, left)
            }
            Interleaving::Seeded(_) => {
                (self.random.random_range(0..ready.len()), self.random.random_range(1..=left))
            }
        }
    }
}
