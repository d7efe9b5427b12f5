//! The reading half of a member: its place in the group, and what it reads.
//!
//! It answers the group only when told to (see [the module](super)), never reads an offset that it was
//! not told, and never commits.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::Offset;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerGroupMetadata};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{BorrowedMessage, Message};

use super::attendant::attended;
use super::errors::{
    CutOff, gone, lost_member, lost_partitions, one_is_gone, reading, stranger, unreachable, wrong,
};
use super::notes::{GroupNote, MemberNotes};
use super::record::{self, list, list_from, number, place_in};
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{AssignmentChange, Committed, LogError, Polled, RawRecord, Road, TopicPartition};

/// How long a look-up may take.
pub(super) const REQUEST: Duration = Duration::from_secs(10);
/// How long to wait for committed places: those that a transaction holds are not answered at all.
pub(super) const PLACES: Duration = Duration::from_millis(500);
/// After so many commits without trouble a member is taken to have found its place in the group again.
const COMMITS_IN_PEACE: u32 = 100;
/// While another call blocks, the group is served this often at least, and so often in the time that it waits.
const SERVE_EVERY: Duration = Duration::from_secs(1);
const SERVES: u64 = 4;
/// How often, and how far apart, a topic that should be there is looked for.
const LOOKS: usize = 10;
const LOOK: Duration = Duration::from_millis(100);

struct Assigned {
    at: TopicPartition,
    position: i64,
}

/// A change that the engine has been told and has not answered yet.
enum Unanswered {
    Given,
    Taken { still: BTreeSet<TopicPartition>, released: Vec<TopicPartition> },
}

/// The consumer of a member.
pub(super) struct GroupConsumer {
    consumer: BaseConsumer<MemberNotes>,
    trouble: Arc<Trouble>,
    instance_id: Option<String>,
    batch_max: usize,
    assigned: Vec<Assigned>,
    /// The index in `assigned` of the partition that the last record came from.
    latest: usize,
    unanswered: Option<Unanswered>,
    /// Whether the group has said what this member is to read, be it nothing.
    has_joined: bool,
    /// How often connections had failed when the last transaction was committed, and how many were committed
    /// since without another failure.
    failures: u64,
    commits_in_peace: u32,
    /// What was read while another call blocked, and a failure that came behind records: kept for the next poll.
    kept: Vec<RawRecord>,
    failure: Option<LogError>,
    serve_every: Duration,
}

impl GroupConsumer {
    /// Connects, and makes sure that a broker answers and that the topics are there. The group is not
    /// joined yet.
    pub(super) fn connect(
        settings: &KafkaSettings,
        topics: &[&str],
        trouble: Arc<Trouble>,
    ) -> Result<GroupConsumer, LogError> {
        let notes = MemberNotes::new(trouble.clone());
        let consumer: BaseConsumer<MemberNotes> = settings
            .member()
            .create_with_context(notes)
            .map_err(|e| reading("make a consumer", &e, &trouble))?;
        if let Err(e) = consumer.client().fetch_metadata(topics.first().copied(), REQUEST) {
            // The reasons wait in the queue until the consumer is polled; a poll may well bring a line of
            // the client's own log only, which looks like nothing.
            (0..64).for_each(|_| drop(consumer.poll(Duration::ZERO)));
            return Err(unreachable(&settings.bootstrap_servers, &e, &trouble));
        }
        let failures = trouble.failures();
        let connected = GroupConsumer {
            consumer,
            trouble,
            instance_id: settings.instance_id.clone(),
            batch_max: settings.batch_max.max(1),
            assigned: Vec::new(),
            latest: 0,
            unanswered: None,
            has_joined: false,
            failures,
            commits_in_peace: COMMITS_IN_PEACE,
            kept: Vec::new(),
            failure: None,
            serve_every: SERVE_EVERY.min(Duration::from_millis(settings.max_poll_interval_ms() / SERVES)),
        };
        topics.iter().try_for_each(|topic| connected.expect_topic(topic))?;
        Ok(connected)
    }

    /// Makes sure that a topic is there; one that has just been made takes a moment to be known.
    fn expect_topic(&self, topic: &str) -> Result<(), LogError> {
        for _ in 0..LOOKS {
            if self.partitions(topic)?.is_some_and(|count| count > 0) {
                return Ok(());
            }
            drop(self.consumer.poll(LOOK));
        }
        Err(wrong(format!("subscribe to {topic}"), "there is no such topic; make it first"))
    }

    /// Joins the group for these topics.
    pub(super) fn subscribe(&self, topics: &[&str]) -> Result<(), LogError> {
        self.consumer.subscribe(topics).map_err(|e| self.failed("subscribe", &e))
    }

    fn failed(&self, what: impl Into<String>, error: &KafkaError) -> LogError {
        self.alive().err().unwrap_or_else(|| reading(what, error, &self.trouble))
    }

    /// Whether this member may go on at all.
    pub(super) fn alive(&self) -> Result<(), LogError> {
        match self.consumer.client().fatal_error() {
            Some((code, reason)) => {
                Err(lost_member(code, &reason, self.instance_id.as_deref(), self.cut_off()))
            }
            None => Ok(()),
        }
    }

    fn cut_off(&self) -> CutOff {
        let in_peace = self.trouble.failures() == self.failures && self.commits_in_peace >= COMMITS_IN_PEACE;
        if in_peace { CutOff::No } else { CutOff::OfLate }
    }

    /// A transaction of this member was committed.
    pub(super) fn has_committed(&mut self) {
        let failures = self.trouble.failures();
        let in_peace = if failures == self.failures { self.commits_in_peace.saturating_add(1) } else { 0 };
        (self.failures, self.commits_in_peace) = (failures, in_peace);
    }

    pub(super) fn poll(&mut self, wait_ms: u64) -> Result<Polled, LogError> {
        if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        let mut polled = Polled { records: std::mem::take(&mut self.kept), ..Polled::default() };
        let mut wait = Duration::from_millis(if polled.records.is_empty() { wait_ms } else { 0 });
        while polled.records.len() < self.batch_max {
            match self.consumer.poll(wait) {
                // Nothing more for now, or the group has left a note.
                None => break,
                Some(Ok(message)) => {
                    let record = take(&mut self.assigned, &mut self.latest, &message);
                    polled.records.extend(record);
                }
                Some(Err(error)) => self.failure = self.answer_to(&error),
            }
            if self.failure.is_some() {
                break;
            }
            wait = Duration::ZERO;
        }
        if !polled.records.is_empty() {
            self.trouble.answered();
        } else if let Some(failure) = self.failure.take() {
            return Err(failure);
        }
        match self.next_change() {
            Ok(change) => polled.change = change,
            Err(failure) if polled.records.is_empty() => return Err(failure),
            // What was read must not be lost: the failure is told by the next poll.
            Err(failure) => self.failure = self.failure.take().or(Some(failure)),
        }
        polled.unread = self.unread();
        Ok(polled)
    }

    /// Makes a call that may block for long. Meanwhile the group is served; what comes is kept for the next poll.
    pub(super) fn attended<T>(&mut self, call: impl FnOnce(&GroupConsumer) -> T) -> T {
        let (answer, came) = attended(&self.consumer, self.serve_every, || call(self));
        for came in came {
            match came {
                Ok(message) => self.kept.extend(take(&mut self.assigned, &mut self.latest, &message)),
                Err(error) => self.failure = self.failure.take().or(self.answer_to(&error)),
            }
        }
        answer
    }

    /// How much is unread, if the client has heard of ends since this was last asked.
    /// It is only a figure: where a position cannot be told, nothing is.
    fn unread(&self) -> Vec<(TopicPartition, u64)> {
        let ends = self.consumer.context().take_ends();
        let left = |Assigned { at, .. }: &Assigned| {
            let left = ends.get(at)?.saturating_sub(self.position(at).ok()?);
            Some((at.clone(), u64::try_from(left).unwrap_or(0)))
        };
        self.assigned.iter().filter_map(left).collect()
    }

    /// What a failed poll means; `None` where it passes by itself or says nothing new.
    fn answer_to(&self, error: &KafkaError) -> Option<LogError> {
        match error {
            KafkaError::PartitionEOF(_) => {
                self.trouble.answered();
                None
            }
            KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset) => Some(self.gap()),
            // A broker that has just started may not know yet what was there at the start of this member.
            KafkaError::MessageConsumption(
                RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic,
            ) => None,
            KafkaError::MessageConsumptionFatal(code) => {
                let lost = || {
                    let why = "the consumer has failed";
                    lost_member(*code, why, self.instance_id.as_deref(), self.cut_off())
                };
                Some(self.alive().err().unwrap_or_else(lost))
            }
            other => {
                let failure = reading("poll", other, &self.trouble);
                (failure.road != Road::Retry).then_some(failure)
            }
        }
    }

    /// Names the partition whose next offset is not there: the client does not say.
    fn gap(&self) -> LogError {
        for Assigned { at, position } in &self.assigned {
            if let Ok((low, high)) = self.watermarks(at)
                && !(low..=high).contains(position)
            {
                return gone(at, *position, (low, high));
            }
        }
        let all: Vec<_> = self.assigned.iter().map(|a| format!("{}@{}", a.at, a.position)).collect();
        one_is_gone(&all.join(" "))
    }

    fn next_change(&mut self) -> Result<Option<AssignmentChange>, LogError> {
        while let Some(note) = self.consumer.context().next() {
            match note {
                // That there is nothing new is news once: then this member has joined.
                GroupNote::Given(given) if given.is_empty() && self.has_joined => {
                    let answered = self.answer_assign(&[]);
                    answered.inspect_err(|_| self.consumer.context().put_back(GroupNote::Given(given)))?;
                }
                GroupNote::Given(given) => {
                    self.has_joined = true;
                    self.unanswered = Some(Unanswered::Given);
                    return Ok(Some(AssignmentChange::Given(given)));
                }
                GroupNote::Taken(taken) if taken.is_empty() => {
                    let answered = self.answer_unassign(&[]);
                    answered.inspect_err(|_| self.consumer.context().put_back(GroupNote::Taken(taken)))?;
                }
                GroupNote::Taken(taken) => {
                    let still = taken.iter().cloned().collect();
                    self.unanswered = Some(Unanswered::Taken { still, released: Vec::new() });
                    return Ok(Some(AssignmentChange::Taken(taken)));
                }
                GroupNote::Lost(lost) => {
                    let held = self.release(&lost);
                    self.unanswered = None;
                    // They are lost whether or not the client takes the answer; that it does not is told after.
                    self.failure = self.failure.take().or(self.answer_unassign(&held).err());
                    if !lost.is_empty() {
                        return Ok(Some(AssignmentChange::Lost(lost)));
                    }
                }
            }
        }
        Ok(None)
    }

    fn answer_assign(&self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let assigned = list_from(from).and_then(|list| self.consumer.incremental_assign(&list));
        assigned.map_err(|e| self.failed(format!("assign {from:?}"), &e))
    }

    fn answer_unassign(&self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        let unassigned = self.consumer.incremental_unassign(&list(partitions));
        unassigned.map_err(|e| self.failed(format!("unassign {partitions:?}"), &e))
    }

    /// Stops to know these partitions; gives those that were known.
    fn release(&mut self, partitions: &[TopicPartition]) -> Vec<TopicPartition> {
        let (gone, kept) =
            std::mem::take(&mut self.assigned).into_iter().partition(|a| partitions.contains(&a.at));
        self.assigned = kept;
        self.kept.retain(|record| !partitions.contains(&record.at));
        let gone: Vec<Assigned> = gone;
        gone.into_iter().map(|a| a.at).collect()
    }

    /// Answers the group that these partitions are taken, without reading them yet: what the client is told to
    /// read is its own affair, and the group only waits for an answer.
    pub(super) fn accept(&mut self, _partitions: &[TopicPartition]) -> Result<(), LogError> {
        if matches!(self.unanswered, Some(Unanswered::Given)) {
            self.answer_assign(&[])?;
            self.unanswered = None;
        }
        Ok(())
    }

    pub(super) fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        // The answer to an earlier call may have been lost.
        let (again, first): (Vec<_>, Vec<_>) =
            from.iter().cloned().partition(|(at, _)| self.assigned.iter().any(|a| a.at == *at));
        if !first.is_empty() {
            self.answer_assign(&first)?;
            let assigned =
                first.iter().map(|(at, position)| Assigned { at: at.clone(), position: *position });
            self.assigned.extend(assigned);
            // A pause from an earlier time here would outlive the partition's absence.
            let resumed = self.consumer.resume(&list(first.iter().map(|(at, _)| at)));
            resumed.map_err(|e| self.failed(format!("resume {first:?}"), &e))?;
        }
        if !again.is_empty() {
            self.seek(&again)?;
        }
        if matches!(self.unanswered, Some(Unanswered::Given)) {
            self.unanswered = None;
        }
        Ok(())
    }

    /// While partitions are taken the answer waits for the last of them: the first answer already lets
    /// the group hand all of them on.
    pub(super) fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        let held = self.release(partitions);
        let Some(Unanswered::Taken { still, released }) = &mut self.unanswered else {
            return if held.is_empty() { Ok(()) } else { self.answer_unassign(&held) };
        };
        still.retain(|p| !partitions.contains(p));
        released.extend(held);
        if !still.is_empty() {
            return Ok(());
        }
        let released = std::mem::take(released);
        self.unanswered = None;
        self.answer_unassign(&released)
    }

    fn assigned(&self, what: &str, at: &TopicPartition) -> Result<&Assigned, LogError> {
        let found = self.assigned.iter().find(|a| a.at == *at);
        found.ok_or_else(|| wrong(format!("{what} {at}"), "it is not assigned"))
    }

    pub(super) fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let what = || format!("seek {to:?}");
        to.iter().try_for_each(|(at, _)| self.assigned("seek", at).map(drop))?;
        let sought = list_from(to).and_then(|list| self.consumer.seek_partitions(list, REQUEST));
        let sought = sought.map_err(|e| self.failed(what(), &e))?;
        for element in sought.elements() {
            element.error().map_err(|e| self.failed(what(), &e))?;
        }
        for (at, position) in to {
            if let Some(assigned) = self.assigned.iter_mut().find(|a| a.at == *at) {
                assigned.position = *position;
            }
            self.kept.retain(|record| record.at != *at);
        }
        self.failure = None;
        Ok(())
    }

    pub(super) fn pause(&self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        partitions.iter().try_for_each(|at| self.assigned("pause", at).map(drop))?;
        let list = list(partitions);
        let done = if paused { self.consumer.pause(&list) } else { self.consumer.resume(&list) };
        done.map_err(|e| self.failed(format!("pause or resume {partitions:?}"), &e))
    }

    pub(super) fn committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<Vec<Option<Committed>>, LogError> {
        let what = || format!("committed places of {partitions:?}");
        let places = self.consumer.committed_offsets(list(partitions), PLACES);
        let places = places.map_err(|e| self.failed(what(), &e))?;
        let place = |at| place_in(&places, at).map_err(|e| self.failed(what(), &e));
        partitions.iter().map(place).collect()
    }

    pub(super) fn watermarks(&self, at: &TopicPartition) -> Result<(i64, i64), LogError> {
        let marks = self.consumer.client().fetch_watermarks(&at.topic, number(at), REQUEST);
        marks.map_err(|e| self.failed(format!("watermarks of {at}"), &e))
    }

    /// The client's own position passes markers that it never shows; ours is right where it has none
    /// yet, after an assignment or a seek. What is kept for the next poll is not read yet.
    pub(super) fn position(&self, at: &TopicPartition) -> Result<i64, LogError> {
        let assigned = self.assigned("position in", at)?;
        if let Some(kept) = self.kept.iter().find(|record| record.at == *at) {
            return Ok(kept.offset);
        }
        let positions = self.consumer.position();
        let positions = positions.map_err(|e| self.failed(format!("position in {at}"), &e))?;
        Ok(match positions.find_partition(&at.topic, number(at)).map(|e| e.offset()) {
            Some(Offset::Offset(offset)) => offset.max(assigned.position),
            _ => assigned.position,
        })
    }

    pub(super) fn partitions(&self, topic: &str) -> Result<Option<u32>, LogError> {
        let what = || format!("look up topic {topic}");
        let metadata = self.consumer.client().fetch_metadata(Some(topic), REQUEST);
        let metadata = metadata.map_err(|e| self.failed(what(), &e))?;
        let Some(found) = metadata.topics().iter().find(|t| t.name() == topic) else { return Ok(None) };
        match found.error().map(RDKafkaErrorCode::from) {
            None => Ok(Some(found.partitions().len() as u32)),
            Some(RDKafkaErrorCode::UnknownTopicOrPartition | RDKafkaErrorCode::UnknownTopic) => Ok(None),
            Some(code) => Err(self.failed(what(), &KafkaError::MetadataFetch(code))),
        }
    }

    /// The member's standing in the group as it is now, for the offsets of a transaction. An error if
    /// its partitions are lost: a member without a generation would pass for one that needs none.
    pub(super) fn group_metadata(&self) -> Result<ConsumerGroupMetadata, LogError> {
        self.alive()?;
        let metadata = self.consumer.group_metadata();
        if self.consumer.assignment_lost() {
            return Err(lost_partitions());
        }
        metadata.ok_or_else(stranger)
    }
}

/// The record of a message, unless it is of a partition that is not assigned any more.
fn take(assigned: &mut [Assigned], latest: &mut usize, message: &BorrowedMessage<'_>) -> Option<RawRecord> {
    let (topic, partition) = (message.topic(), message.partition());
    let from_here = |a: &Assigned| number(&a.at) == partition && a.at.topic == topic;
    if !assigned.get(*latest).is_some_and(from_here) {
        *latest = assigned.iter().position(from_here)?;
    }
    let source = &mut assigned[*latest];
    if message.offset() < source.position {
        return None;
    }
    source.position = message.offset() + 1;
    Some(record::raw(&source.at, message))
}

/// A consumer that is closed waits for every answer that it owes the group.
impl Drop for GroupConsumer {
    fn drop(&mut self) {
        self.consumer.context().close();
        let mut answers = Vec::new();
        match self.unanswered.take() {
            Some(Unanswered::Given) => answers.push(self.answer_assign(&[])),
            Some(Unanswered::Taken { still, mut released }) => {
                released.extend(self.release(&Vec::from_iter(still)));
                answers.push(self.answer_unassign(&released));
            }
            None => {}
        }
        while let Some(note) = self.consumer.context().next() {
            answers.push(match note {
                GroupNote::Given(_) => self.answer_assign(&[]),
                GroupNote::Taken(gone) | GroupNote::Lost(gone) => {
                    let held = self.release(&gone);
                    self.answer_unassign(&held)
                }
            });
        }
        for error in answers.into_iter().filter_map(Result::err) {
            tracing::debug!(%error, "the group was not answered before closing");
        }
    }
}
