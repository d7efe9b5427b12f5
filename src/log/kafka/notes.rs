//! What the callbacks of the clients leave behind: notes, nothing else.
//!
//! Callbacks run inside a poll, on the thread that owns the log or, while that one waits for an answer, on the one
//! that serves the group meanwhile. They never commit, restore or decide;
//! the one exception is a consumer that is being closed, whose last notes nobody would answer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{DeliveryResult, Message};
use rdkafka::producer::ProducerContext;
use rdkafka::statistics::Partition;
use rdkafka::types::RDKafkaRespErr;
use rdkafka::{ClientContext, Statistics, TopicPartitionList};

use super::record::partitions_of;
use super::trouble::Trouble;
use crate::log::TopicPartition;

/// What the group asks of a member.
pub(super) enum GroupNote {
    /// These are given.
    Given(Vec<TopicPartition>),
    /// These are taken; the group waits for them.
    Taken(Vec<TopicPartition>),
    /// These are lost already.
    Lost(Vec<TopicPartition>),
}

fn note_error(trouble: &Trouble, error: &KafkaError, reason: &str) {
    trouble.note(error.rdkafka_error_code().unwrap_or(RDKafkaErrorCode::Unknown), reason);
}

/// The client's own log lines repeat what its errors say; they help when one looks for them.
fn log_line(level: RDKafkaLogLevel, facility: &str, message: &str) {
    match level {
        RDKafkaLogLevel::Emerg | RDKafkaLogLevel::Alert | RDKafkaLogLevel::Critical => {
            tracing::error!(facility, message, "librdkafka");
        }
        _ => tracing::debug!(facility, message, "librdkafka"),
    }
}

/// The callbacks of the consumer that belongs to the group.
pub(super) struct MemberNotes {
    trouble: Arc<Trouble>,
    /// Written in the rebalance callback, which gets a shared reference only, and read after the poll in which it
    /// ran. Only one thread polls at a time: never contended.
    group: Mutex<VecDeque<GroupNote>>,
    /// Where partitions end for this member, as the client heard it last. Written and read as above.
    ends: Mutex<BTreeMap<TopicPartition, i64>>,
    closing: AtomicBool,
    /// Whether the group has got its last answer.
    closed: AtomicBool,
}

impl MemberNotes {
    pub(super) fn new(trouble: Arc<Trouble>) -> MemberNotes {
        MemberNotes {
            trouble,
            group: Mutex::default(),
            ends: Mutex::default(),
            closing: AtomicBool::default(),
            closed: AtomicBool::default(),
        }
    }

    /// The oldest note of the group that was not looked at.
    pub(super) fn next(&self) -> Option<GroupNote> {
        self.group.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }

    /// The note could not be answered: it is looked at again.
    pub(super) fn put_back(&self, note: GroupNote) {
        self.group.lock().unwrap_or_else(PoisonError::into_inner).push_front(note);
    }

    /// Where partitions end, if there is news of it.
    pub(super) fn take_ends(&self) -> BTreeMap<TopicPartition, i64> {
        std::mem::take(&mut *self.ends.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// From now on the group is answered here, since nobody else will.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Relaxed);
    }
}

impl ClientContext for MemberNotes {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn stats(&self, statistics: Statistics) {
        let ends = statistics.topics.into_values().flat_map(|topic| {
            let of_topic = move |(partition, known): (i32, Partition)| {
                let at = TopicPartition::new(topic.topic.clone(), u32::try_from(partition).ok()?);
                // Negative until the first answer to a fetch.
                (known.ls_offset >= 0).then_some((at, known.ls_offset))
            };
            topic.partitions.into_iter().filter_map(of_topic)
        });
        *self.ends.lock().unwrap_or_else(PoisonError::into_inner) = ends.collect();
    }

    fn error(&self, error: KafkaError, reason: &str) {
        note_error(&self.trouble, &error, reason);
    }
}

impl ConsumerContext for MemberNotes {
    fn rebalance(&self, consumer: &BaseConsumer<Self>, err: RDKafkaRespErr, tpl: &mut TopicPartitionList) {
        let given = err == RDKafkaRespErr::RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS;
        if self.closing.load(Ordering::Relaxed) {
            // One answer lets a closing consumer go, whatever was asked. A second question may be in the
            // queue, if one was there before the closing; the client would wait for ever for its answer
            // to be taken note of.
            if !self.closed.swap(true, Ordering::Relaxed) {
                let unassign = || consumer.incremental_unassign(tpl);
                let answer = if given { consumer.incremental_assign(tpl) } else { unassign() };
                if let Err(error) = answer {
                    tracing::debug!(%error, "the group was not answered while closing");
                }
            }
            return;
        }
        let partitions = partitions_of(tpl);
        let note = match given {
            true => GroupNote::Given(partitions),
            false if consumer.assignment_lost() => GroupNote::Lost(partitions),
            false => GroupNote::Taken(partitions),
        };
        self.group.lock().unwrap_or_else(PoisonError::into_inner).push_back(note);
    }
}

/// The callbacks of a client without a group.
pub(super) struct ClientNotes(pub(super) Arc<Trouble>);

impl ClientContext for ClientNotes {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn stats(&self, _: Statistics) {}

    fn error(&self, error: KafkaError, reason: &str) {
        note_error(&self.0, &error, reason);
    }
}

impl ConsumerContext for ClientNotes {}

/// The callbacks of the producer.
pub(super) struct WriterNotes {
    trouble: Arc<Trouble>,
    /// The first record that could not be delivered. Written in the delivery callback, which gets a
    /// shared reference only, and read on the same thread: never contended.
    undelivered: Mutex<Option<(TopicPartition, KafkaError)>>,
}

impl WriterNotes {
    pub(super) fn new(trouble: Arc<Trouble>) -> WriterNotes {
        WriterNotes { trouble, undelivered: Mutex::default() }
    }

    /// The first record that could not be delivered, and why.
    pub(super) fn undelivered(&self) -> Option<(TopicPartition, KafkaError)> {
        self.undelivered.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl ClientContext for WriterNotes {
    fn log(&self, level: RDKafkaLogLevel, facility: &str, message: &str) {
        log_line(level, facility, message);
    }

    fn stats(&self, _: Statistics) {}

    fn error(&self, error: KafkaError, reason: &str) {
        note_error(&self.trouble, &error, reason);
    }
}

impl ProducerContext for WriterNotes {
    type DeliveryOpaque = ();

    fn delivery(&self, result: &DeliveryResult<'_>, (): ()) {
        if let Err((error, message)) = result {
            let at = TopicPartition::new(message.topic(), message.partition().max(0) as u32);
            let mut first = self.undelivered.lock().unwrap_or_else(PoisonError::into_inner);
            first.get_or_insert_with(|| (at, error.clone()));
        }
    }
}
