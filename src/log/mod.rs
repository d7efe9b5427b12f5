//! The log as the engine sees it: partitions of records, one transaction at a time.
//!
//! Two ends implement [`Log`]: `kafka`, the only place that names its client, and `memory`, a true
//! read-committed log with a crash switch. Neither knows what a task is or what a record means.

pub mod file;
pub mod kafka;
pub mod memory;

use std::fmt;

use crate::model::EventTime;

/// How long the text of a [`Committed`] place may be (`offset.metadata.max.bytes` of a broker, by default).
pub const METADATA_BYTES_MAX: usize = 4096;

/// A partition of a topic.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicPartition {
    /// The topic's name.
    pub topic: String,
    /// The partition's number, from 0.
    pub partition: u32,
}

impl TopicPartition {
    /// Names a partition.
    pub fn new(topic: impl Into<String>, partition: u32) -> TopicPartition {
        TopicPartition { topic: topic.into(), partition }
    }
}

impl fmt::Debug for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[{}]", self.topic, self.partition)
    }
}

impl fmt::Display for TopicPartition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// A header of a record.
pub type Header = (String, Vec<u8>);

/// A record that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawRecord {
    /// Where.
    pub at: TopicPartition,
    /// Its offset.
    pub offset: i64,
    /// Its timestamp (the producer's or the broker's, as the topic is set).
    pub timestamp: EventTime,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Its headers, in order.
    pub headers: Vec<Header>,
}

/// A record to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRecord {
    /// Where to.
    pub to: TopicPartition,
    /// Its key.
    pub key: Option<Vec<u8>>,
    /// Its value; `None` is a tombstone.
    pub value: Option<Vec<u8>>,
    /// Its headers, in order.
    pub headers: Vec<Header>,
    /// Its timestamp; `None` lets the log say now.
    pub timestamp: Option<EventTime>,
}

/// The place from which a consumer goes on, with what it wants to remember about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Committed {
    /// The next offset to read.
    pub offset: i64,
    /// Free text of at most [`METADATA_BYTES_MAX`] bytes.
    pub metadata: String,
}

/// What a wait for records brought.
#[derive(Debug, Default)]
pub struct Polled {
    /// Records of assigned partitions, in order within each partition.
    pub records: Vec<RawRecord>,
    /// How the assignment changes, to be acted on after the records.
    pub change: Option<AssignmentChange>,
}

/// How the partitions of this member change. The log has only noted it: the engine acts, then
/// answers with [`Log::assign`] or [`Log::unassign`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignmentChange {
    /// These come to this member; nothing is read from them before [`Log::assign`].
    Given(Vec<TopicPartition>),
    /// These are to be given up: commit first, then [`Log::unassign`].
    Taken(Vec<TopicPartition>),
    /// These are lost already: nothing of them may be committed any more.
    Lost(Vec<TopicPartition>),
}

/// How a failure is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// Do the same again after a while.
    Retry,
    /// Drop the tasks and the producer, restore from what is committed, go on.
    Rebuild,
    /// Nothing here can help: stop and say why.
    Fatal,
}

/// A failure of the log.
#[derive(Debug, thiserror::Error)]
#[error("{what}: {why}")]
pub struct LogError {
    /// What was tried, with topic, partition or id.
    pub what: String,
    /// What the log said.
    pub why: String,
    /// What to do.
    pub road: Road,
}

impl LogError {
    /// A failure with its answer.
    pub fn new(road: Road, what: impl Into<String>, why: impl fmt::Display) -> LogError {
        LogError { what: what.into(), why: why.to_string(), road }
    }
}

/// One member of a consumer group with its transactional producer.
///
/// Reading is read-committed. Between [`Log::begin`] and [`Log::commit`] everything that is produced
/// becomes visible together with the committed offsets, or not at all.
pub trait Log {
    /// Waits up to `wait_ms` for records or a change of the assignment.
    fn poll(&mut self, wait_ms: u64) -> Result<Polled, LogError>;

    /// Starts to read these partitions, each from its offset.
    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError>;

    /// Stops to read these partitions and gives them back to the group.
    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError>;

    /// Goes back to these offsets; records read ahead are forgotten.
    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError>;

    /// Stops (`true`) or goes on (`false`) to read these partitions without giving them back.
    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError>;

    /// The group's committed place in each partition, in the order asked; stable ones only.
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError>;

    /// First readable offset and end (of what read-committed consumers may read) of a partition.
    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError>;

    /// How far this member has read, including markers and aborted records that it never shows.
    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError>;

    /// How many partitions a topic has; `None` if there is no such topic.
    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError>;

    /// Reads a partition from `from` to its present end, outside the group, and hands each record on.
    /// Fails (fatal, naming both offsets) if `from` is no longer there.
    fn read_through(
        &mut self,
        partition: &TopicPartition,
        from: i64,
        each: &mut dyn FnMut(RawRecord),
    ) -> Result<(), LogError>;

    /// Begins a transaction.
    fn begin(&mut self) -> Result<(), LogError>;

    /// Writes a record in the open transaction.
    fn produce(&mut self, record: NewRecord) -> Result<(), LogError>;

    /// Commits the open transaction together with these places, and waits for the answer. After any
    /// error its fate may be unknown: the only answer is [`Log::renew`]. The answer says that it is
    /// decided; each partition shows it, and each place is stable, some moments later.
    fn commit(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError>;

    /// Throws the producer away and makes a new one of the same id, which fences the old one and
    /// ends its open transaction. Whatever was not committed is gone.
    fn renew(&mut self) -> Result<(), LogError>;
}
