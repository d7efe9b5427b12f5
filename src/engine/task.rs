//! What the engine asks of a task. A task reads exactly one partition, so its input has one order; it
//! answers each record with its complete output, and its state is rows of bytes.

use crate::log::{NewRecord, RawRecord, TopicPartition};
use crate::model::EventTime;

/// What a task wants to have written, and what it wants to be known once that is committed.
#[derive(Debug)]
pub struct Output<E> {
    /// Records to be written in the open transaction.
    pub records: Vec<NewRecord>,
    /// What is to be shown (metrics, the page) after the commit, and never before.
    pub effects: Vec<E>,
    /// Why the engine is to stop: something is wrong that a person must see.
    pub halt: Option<Halt>,
}

/// Where the engine stops, and why. Either way it commits what it has before it does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Halt {
    /// The record has been applied: whoever starts again goes on after it.
    After(String),
    /// The record cannot be applied and must not be passed over. The task is as it was before it, and whoever
    /// starts again reads it again.
    Before(String),
}

impl<E> Default for Output<E> {
    fn default() -> Output<E> {
        Output { records: Vec::new(), effects: Vec::new(), halt: None }
    }
}

/// A row of state that cannot be read back: the state topic holds something this version does not know.
#[derive(Debug, thiserror::Error)]
#[error("a row of its state cannot be read: {0}")]
pub struct LoadError(pub String);

/// One task: one partition in, records and state out.
pub trait Task {
    /// What is shown after a commit.
    type Effect;

    /// Applies one record.
    fn apply(&mut self, record: RawRecord, out: &mut Output<Self::Effect>);

    /// Whether knowing that everything was read at wall time `wall` would tell anything new.
    fn wants_wall(&self, wall: EventTime) -> bool;

    /// Everything that was in the partition at wall time `wall` has been applied.
    fn caught_up(&mut self, wall: EventTime, out: &mut Output<Self::Effect>);

    /// Adds what belongs at the end of a transaction.
    fn finish(&mut self, out: &mut Output<Self::Effect>);

    /// The partition that keeps its state; `None` if it has none.
    fn state_partition(&self) -> Option<TopicPartition>;

    /// Keys of the rows of state that changed since this was last asked.
    fn take_changed(&mut self) -> Vec<Vec<u8>>;

    /// Keys of all rows of state.
    fn state_keys(&self) -> Vec<Vec<u8>>;

    /// The value of a row of state; `None` if it is no more.
    fn state_row(&self, key: &[u8]) -> Option<Vec<u8>>;

    /// Takes a row of state back in that was written in this format of blocks (see [`super::block::VERSION`]).
    fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), LoadError>;

    /// Up to when it has read, in event time; `None` where it does not know or others do not wait for it.
    fn time(&self) -> Option<EventTime> {
        None
    }

    /// Whether nobody else reads its partition, so that what it has read can be forgotten.
    fn is_only_reader(&self) -> bool {
        false
    }

    /// What it wants to remember beside its offset, for tasks without state.
    fn memo(&self) -> String;

    /// Makes the task ready after its last row of state was taken in, with its memo; tells what is to be
    /// shown of the restored state.
    fn loaded(&mut self, memo: &str) -> Vec<Self::Effect>;
}

/// Makes the task of a partition.
pub trait TaskFactory {
    /// What its tasks show.
    type Effect;

    /// A new task with nothing read yet.
    fn make(&self, partition: &TopicPartition) -> Box<dyn Task<Effect = Self::Effect>>;

    /// The partition whose task's memo tells up to when all tasks have come; `None` if nobody waits for others.
    fn pacemaker(&self) -> Option<TopicPartition> {
        None
    }

    /// Up to when all tasks have come, by that memo.
    fn all_have_come_to(&self, _memo: &str) -> Option<EventTime> {
        None
    }
}
