//! What the engine tells of its own work, and to whom.

use crate::log::{Cause, Rebalance, TopicPartition};

/// What the engine tells of its own work.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineEvent {
    /// A transaction was committed.
    Committed {
        /// Records written.
        records: u64,
        /// Bytes of their keys and values.
        bytes: u64,
        /// How long the commit took.
        took_ms: u64,
    },
    /// Tasks and producer were thrown away and are restored from what is committed.
    Rebuilding {
        /// What kind of failure it was.
        cause: Cause,
        /// In words.
        why: String,
        /// Whether a transaction was open, whose records are gone now; not where a commit is in doubt.
        aborted: bool,
    },
    /// What is committed could not be restored yet, and is tried again. Told of each attempt; that there was
    /// something to restore from was told before, once.
    RebuildFailed {
        /// What kind of failure it was.
        cause: Cause,
        /// In words.
        why: String,
    },
    /// The group has changed what this member reads.
    Rebalanced(Rebalance, Vec<TopicPartition>),
    /// So many offsets of the state of a task are read, of so many.
    Restoring(TopicPartition, u64, u64),
    /// A task was restored from so many rows of state, in so many ms.
    Restored(TopicPartition, u64, u64),
    /// In the state from which a task was just restored were so many records that rapport did not write; they
    /// were passed over.
    ForeignState(TopicPartition, u64),
    /// The transactional id of a member that is gone was taken away from it, for the sake of a partition.
    Fenced(TopicPartition, String),
    /// A task runs here no longer.
    Gone(TopicPartition),
    /// A partition waits for slower ones (`true`), or goes on.
    Paused(TopicPartition, bool),
    /// How far a task is behind the end of its partition.
    Lag {
        /// The partition.
        partition: TopicPartition,
        /// The records that are unread.
        records: u64,
        /// How long ago the record that was read last was written, in ms; 0 where nothing is unread.
        ms: u64,
    },
    /// Records that nobody needs could not be forgotten, and why.
    NotTrimmed(String),
}

/// Somebody who is told what was committed, and what the engine does.
pub trait Observer<E> {
    /// These effects are committed.
    fn committed(&mut self, effects: Vec<E>);
    /// These effects belong to restored state: they were committed before.
    fn restored(&mut self, effects: Vec<E>);
    /// Something happened to the engine.
    fn event(&mut self, event: EngineEvent);
}
