//! Markers on their way: the end of a transaction is decided at once and reaches each partition later.
//!
//! By default they arrive in the same moment. A delay is counted in steps of members, never in time.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use super::partition::TransactionNumber;
use crate::log::{Committed, TopicPartition};

/// How a transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    Commit,
    Abort,
}

/// What a marker ends.
pub(super) enum Mark {
    /// The records of a transaction in one partition.
    Records { at: TopicPartition, number: TransactionNumber },
    /// The place of a group in one partition.
    Place { group: String, at: TopicPartition, place: Committed },
}

/// A marker on its way.
pub(super) struct Marker {
    id: String,
    due: u64,
    pub(super) end: End,
    pub(super) mark: Mark,
}

/// The markers that have not arrived.
#[derive(Default)]
pub(super) struct Markers {
    steps: u64,
    delay: Option<(u64, ChaCha8Rng)>,
    waiting: Vec<Marker>,
}

impl Markers {
    /// From now on markers take up to `steps_max` steps.
    pub(super) fn delay(&mut self, steps_max: u64, seed: u64) {
        self.delay = Some((steps_max, ChaCha8Rng::seed_from_u64(seed)));
    }

    /// Sends the markers of a transaction of `id`; gives those that arrive in the same moment.
    pub(super) fn send(&mut self, id: &str, end: End, marks: Vec<Mark>) -> Vec<Marker> {
        for mark in marks {
            let delay = self.delay.as_mut().map_or(0, |(max, random)| random.random_range(0..=*max));
            self.waiting.push(Marker { id: id.to_string(), due: self.steps + delay, end, mark });
        }
        self.take(|steps, marker| marker.due <= steps)
    }

    /// A step has passed; gives the markers that arrive.
    pub(super) fn step(&mut self) -> Vec<Marker> {
        self.steps += 1;
        self.take(|steps, marker| marker.due <= steps)
    }

    /// Every marker of an id.
    pub(super) fn take_all(&mut self, id: &str) -> Vec<Marker> {
        self.take(|_, marker| marker.id == id)
    }

    /// Whether none is on its way.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Whether a place of this partition is on its way to the group.
    pub(super) fn hold_place(&self, group: &str, partition: &TopicPartition) -> bool {
        let held =
            |m: &Marker| matches!(&m.mark, Mark::Place { group: g, at, .. } if g == group && at == partition);
        self.waiting.iter().any(held)
    }

    fn take(&mut self, arrives: impl Fn(u64, &Marker) -> bool) -> Vec<Marker> {
        let steps = self.steps;
        let (taken, waiting) = std::mem::take(&mut self.waiting).into_iter().partition(|m| arrives(steps, m));
        self.waiting = waiting;
        taken
    }
}
