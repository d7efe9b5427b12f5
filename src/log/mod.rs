//! The log as the engine sees it: partitions of records, one transaction at a time.
//!
//! Two ends implement [`Log`]: `kafka`, the only place that names its client, and `memory`, a true
//! read-committed log with a crash switch. Neither knows what a task is or what a record means.

pub mod crash_points;
pub mod file;
pub mod kafka;
pub mod memory;

use std::fmt;

use crate::model::EventTime;

/// How long the text of a [`Committed`] place may be (`offset.metadata.max.bytes` of a broker, by default).
pub const METADATA_BYTES_MAX: usize = 4096;
/// Bytes of the largest record that is written: 96 MiB, which brokers take in a request by default (100 MiB).
pub const MESSAGE_BYTES_MAX: usize = 100_663_296;

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
    /// How many offsets lie between the position and the end in partitions that are read; only where the
    /// log has news of it.
    pub unread: Vec<(TopicPartition, u64)>,
}

/// How the partitions of this member change. The log has only noted it: the engine acts, then
/// answers with [`Log::assign`] or [`Log::unassign`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AssignmentChange {
    /// These come to this member; nothing is read from them before [`Log::assign`]. None at all, where the group
    /// has nothing for it.
    Given(Vec<TopicPartition>),
    /// These are to be given up: commit first, then [`Log::unassign`].
    Taken(Vec<TopicPartition>),
    /// These are lost already: nothing of them may be committed any more.
    Lost(Vec<TopicPartition>),
}

/// How the group has changed what a member reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Rebalance {
    /// Partitions were given.
    Given,
    /// Partitions were taken.
    Taken,
    /// Partitions were lost without being asked for.
    Lost,
}

impl Rebalance {
    /// Every kind.
    pub const ALL: [Rebalance; 3] = [Rebalance::Given, Rebalance::Taken, Rebalance::Lost];

    /// Its name as a label.
    pub fn as_str(self) -> &'static str {
        match self {
            Rebalance::Given => "given",
            Rebalance::Taken => "taken",
            Rebalance::Lost => "lost",
        }
    }
}

/// How a failure is to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Road {
    /// Nothing has happened, and the same may work after a while. Whoever can do without the answer asks again: so a
    /// state is restored, so the end of a partition is asked for. Who cannot, because a turn is half made, goes the
    /// next road.
    Retry,
    /// Drop the tasks and the producer, restore from what is committed, go on.
    Rebuild,
    /// Nothing here can help: stop and say why.
    Fatal,
}

/// What kind of failure it was: the label under which it is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cause {
    /// The transactional id was taken by another producer, or the broker has given the transaction up: the
    /// two look alike.
    Fenced,
    /// The group has moved on: a stale generation, an unknown member, a partition of somebody else.
    StaleMember,
    /// The partitions were lost to the group.
    AssignmentLost,
    /// No answer came in time; whether the request was carried out is unknown.
    TimedOut,
    /// No broker, or not the right one, could be reached: a connection is down, a coordinator or leader moves.
    Unreachable,
    /// An open transaction holds what was asked for.
    Unstable,
    /// An offset is not in the log.
    OffsetGone,
    /// A right is missing.
    Unauthorized,
    /// Anything else.
    Other,
}

impl Cause {
    /// Every cause.
    pub const ALL: [Cause; 9] = [
        Cause::Fenced,
        Cause::StaleMember,
        Cause::AssignmentLost,
        Cause::TimedOut,
        Cause::Unreachable,
        Cause::Unstable,
        Cause::OffsetGone,
        Cause::Unauthorized,
        Cause::Other,
    ];

    /// Its name as a label.
    pub fn as_str(self) -> &'static str {
        match self {
            Cause::Fenced => "fenced",
            Cause::StaleMember => "stale_member",
            Cause::AssignmentLost => "assignment_lost",
            Cause::TimedOut => "timed_out",
            Cause::Unreachable => "unreachable",
            Cause::Unstable => "unstable",
            Cause::OffsetGone => "offset_gone",
            Cause::Unauthorized => "unauthorized",
            Cause::Other => "other",
        }
    }
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
    /// What kind of failure it was.
    pub cause: Cause,
}

impl LogError {
    /// A failure with its answer.
    pub fn new(road: Road, what: impl Into<String>, why: impl fmt::Display) -> LogError {
        LogError { what: what.into(), why: why.to_string(), road, cause: Cause::Other }
    }

    /// The same with its cause.
    pub fn because(self, cause: Cause) -> LogError {
        LogError { cause, ..self }
    }
}

/// A piece of a partition that was read beside the group.
#[derive(Debug)]
pub struct Piece {
    /// Its records, in order.
    pub records: Vec<RawRecord>,
    /// The offset from which reading goes on.
    pub next: i64,
    /// The readable end as of this reading: all is read once `next` reaches it.
    pub end: i64,
}

/// One member of a consumer group with its transactional producer.
///
/// Reading is read-committed. Between [`Log::begin`] and [`Log::commit`] everything that is produced
/// becomes visible together with the committed offsets, or not at all.
pub trait Log {
    /// The transactional id of this member.
    fn id(&self) -> &str;

    /// Waits up to `wait_ms` for records or a change of the assignment.
    fn poll(&mut self, wait_ms: u64) -> Result<Polled, LogError>;

    /// Takes partitions that were given without reading them yet: the group need not wait, and what is read
    /// already goes on. [`Log::assign`] follows when their state is there.
    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError>;

    /// Starts to read these partitions, each from its offset; one that is read already goes there.
    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError>;

    /// Stops to read these partitions and gives them back to the group.
    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError>;

    /// Goes back to these offsets; records read ahead are forgotten.
    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError>;

    /// Stops (`true`) or goes on (`false`) to read these partitions without giving them back.
    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError>;

    /// The group's committed place in each partition, in the order asked; stable ones only: while an open
    /// transaction holds one of them this fails with [`Cause::Unstable`] (or, where the log does not say why,
    /// [`Cause::TimedOut`]).
    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError>;

    /// The place that was committed last in each partition, whatever an open transaction holds beside it.
    fn last_committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError>;

    /// First readable offset and end (of what read-committed consumers may read) of a partition.
    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError>;

    /// The end of everything that is written in a partition, also by transactions that are still open.
    fn written_end(&mut self, partition: &TopicPartition) -> Result<i64, LogError>;

    /// How far this member has read, including markers and aborted records that it never shows.
    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError>;

    /// How many partitions a topic has; `None` if there is no such topic.
    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError>;

    /// Reads a piece of a partition from `from` on, outside the group, waiting up to `wait_ms` for it. An
    /// offset that is no longer there fails for good with [`Cause::OffsetGone`], naming both offsets.
    fn read_aside(&mut self, partition: &TopicPartition, from: i64, wait_ms: u64) -> Result<Piece, LogError>;

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

    /// Fences another member's transactional id and ends its open transaction: for one that is gone.
    fn fence(&mut self, id: &str) -> Result<(), LogError>;

    /// Forgets the records of partitions before these offsets. Only asked for: nothing waits for it, and a
    /// refusal is told by a later call.
    fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError>;
}

/// Reads a partition from `from` to its end as of the last piece, outside the group, and hands each record on.
pub fn read_through(
    log: &mut dyn Log,
    partition: &TopicPartition,
    from: i64,
    each: &mut dyn FnMut(RawRecord),
) -> Result<(), LogError> {
    let mut next = from;
    let mut idle = 0;
    loop {
        let piece = log.read_aside(partition, next, READ_WAIT_MS)?;
        idle = if piece.next > next { 0 } else { idle + 1 };
        next = piece.next;
        piece.records.into_iter().for_each(&mut *each);
        if next >= piece.end {
            return Ok(());
        }
        if idle >= READ_WAITS_MAX {
            let why = format!("nothing came for 30 s at offset {next} of {}", piece.end);
            return Err(LogError::new(Road::Retry, format!("read {partition}"), why).because(Cause::TimedOut));
        }
    }
}

/// How long one wait for a piece lasts, and after how many in vain a reading is given up.
const READ_WAIT_MS: u64 = 500;
const READ_WAITS_MAX: u32 = 60;
