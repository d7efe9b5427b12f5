//! Where every record ends: exactly one outcome, counted once, where it was first read.

use serde::{Deserialize, Serialize};

/// The end of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It added a fact or a link.
    Applied,
    /// The fact was known already.
    Duplicate,
    /// It was older than the retention allows.
    Late,
    /// It could not be read; it lies in the dead-letter topic with its reason.
    DeadLetter,
    /// It has nothing to say, by rule (a tombstone of nobody, a row that the mapping skips).
    Ignored,
    /// It was sent on to the partition that it belongs to, without being applied here.
    Forwarded,
}

impl Outcome {
    /// Every outcome, in the order of `summary.json`.
    pub const ALL: [Outcome; 6] = [
        Outcome::Applied,
        Outcome::Duplicate,
        Outcome::Late,
        Outcome::DeadLetter,
        Outcome::Ignored,
        Outcome::Forwarded,
    ];

    /// The word in metrics and in `summary.json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Outcome::Applied => "applied",
            Outcome::Duplicate => "duplicate",
            Outcome::Late => "late",
            Outcome::DeadLetter => "dead_letter",
            Outcome::Ignored => "ignored",
            Outcome::Forwarded => "forwarded",
        }
    }
}

/// How many records ended how.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally(pub [u64; 6]);

impl Tally {
    /// Counts one record.
    pub fn count(&mut self, outcome: Outcome) {
        self.0[outcome as usize] += 1;
    }

    /// How many ended so.
    pub fn of(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize]
    }

    /// All records.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Tally) {
        for (mine, theirs) in self.0.iter_mut().zip(other.0) {
            *mine += theirs;
        }
    }
}
