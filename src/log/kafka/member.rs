//! One member of a group over Kafka: its consumer, its producer and its reader as one [`Log`].

use std::collections::BTreeSet;
use std::sync::Arc;

use super::consumer::GroupConsumer;
use super::errors::{check, joined_again};
use super::observer::Observer;
use super::producer::Writer;
use super::reader::Reader;
use super::settings::KafkaSettings;
use super::trimmer::Trimmer;
use super::trouble::Trouble;
use crate::log::crash_points::{CrashPoint, pass};
use crate::log::{
    AssignmentChange, Committed, Log, LogError, NewRecord, Piece, Polled, Road, TopicPartition,
};

/// A member of a consumer group with its transactional producer, for one thread.
///
/// Every call may block: for the network, a few times the transaction timeout at most; the group is served meanwhile.
/// Keep it off an async runtime.
/// Dropping it leaves the group, except with an instance id: then its partitions wait for it. A change
/// that was polled must be answered, `Given` with at least one [`Log::assign`], or the group waits.
pub struct KafkaLog {
    settings: KafkaSettings,
    topics: Vec<String>,
    trouble: Arc<Trouble>,
    consumer: GroupConsumer,
    /// What this member was given and has not given up.
    held: BTreeSet<TopicPartition>,
    /// What it held when it had to join the group again, until that is told.
    lost: Option<Vec<TopicPartition>>,
    writer: Writer,
    reader: Option<Reader>,
    observer: Option<Observer>,
    trimmer: Option<Trimmer>,
}

impl KafkaLog {
    /// Connects, takes the transactional id (which ends what an earlier holder left open, so that
    /// committed places can be read at once) and joins the group to read `topics`.
    ///
    /// Fails for good when a property is refused, a topic is missing or a right is, with *retry* when no
    /// broker answers; the message then says what was heard of them last.
    pub fn join(settings: &KafkaSettings, topics: &[&str]) -> Result<KafkaLog, LogError> {
        check(settings)?;
        let trouble = Arc::new(Trouble::default());
        let consumer = GroupConsumer::connect(settings, topics, trouble.clone())?;
        let mut writer = Writer::new(settings, trouble.clone());
        writer.renew()?;
        consumer.subscribe(topics)?;
        Ok(KafkaLog {
            settings: settings.clone(),
            topics: topics.iter().map(|topic| (*topic).to_owned()).collect(),
            trouble,
            consumer,
            held: BTreeSet::new(),
            lost: None,
            writer,
            reader: None,
            observer: None,
            trimmer: None,
        })
    }

    fn observer(&mut self) -> Result<&Observer, LogError> {
        Ok(match &mut self.observer {
            Some(observer) => observer,
            none => none.insert(Observer::connect(&self.settings, self.trouble.clone())?),
        })
    }

    /// Joins the group again with a new consumer; what the old one held is lost.
    fn join_again(&mut self) -> Result<(), LogError> {
        let topics: Vec<&str> = self.topics.iter().map(String::as_str).collect();
        let consumer = GroupConsumer::connect(&self.settings, &topics, self.trouble.clone())?;
        consumer.subscribe(&topics)?;
        self.consumer = consumer;
        self.lost = Some(std::mem::take(&mut self.held).into_iter().collect());
        Ok(())
    }

    /// What the clients last said of their connections, if the brokers have not answered since.
    pub fn trouble(&self) -> Option<String> {
        self.trouble.cause().map(|(_, reason)| reason)
    }
}

impl Log for KafkaLog {
    fn id(&self) -> &str {
        &self.settings.transactional_id
    }

    fn poll(&mut self, wait_ms: u64) -> Result<Polled, LogError> {
        self.writer.serve();
        if let Some(lost) = self.lost.take().filter(|lost| !lost.is_empty()) {
            return Ok(Polled { change: Some(AssignmentChange::Lost(lost)), ..Polled::default() });
        }
        let polled = self.consumer.poll(wait_ms)?;
        if matches!(polled.change, Some(AssignmentChange::Lost(_))) && self.writer.in_transaction() {
            self.writer.spoil("partitions were lost while a transaction was open for them");
        }
        Ok(polled)
    }

    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.consumer.accept(partitions)?;
        self.held.extend(partitions.iter().cloned());
        Ok(())
    }

    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.consumer.assign(from)?;
        self.held.extend(from.iter().map(|(at, _)| at.clone()));
        Ok(())
    }

    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.consumer.unassign(partitions)?;
        self.held.retain(|at| !partitions.contains(at));
        Ok(())
    }

    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.consumer.seek(to)
    }

    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        self.consumer.pause(partitions, paused)
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        self.consumer.committed(partitions)
    }

    fn last_committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        self.observer()?.last_committed(partitions)
    }

    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError> {
        self.consumer.attended(|consumer| consumer.watermarks(partition))
    }

    fn written_end(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.observer()?.written_end(partition)
    }

    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.consumer.position(partition)
    }

    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError> {
        self.consumer.partitions(topic)
    }

    fn read_aside(&mut self, partition: &TopicPartition, from: i64, wait_ms: u64) -> Result<Piece, LogError> {
        let reader = match &mut self.reader {
            Some(reader) => reader,
            none => none.insert(Reader::connect(&self.settings, self.trouble.clone())?),
        };
        self.consumer.attended(|_| reader.read(partition, from, wait_ms))
    }

    fn begin(&mut self) -> Result<(), LogError> {
        if self.writer.renews_first() {
            return self.consumer.attended(|_| self.writer.begin());
        }
        self.writer.begin()
    }

    fn produce(&mut self, record: NewRecord) -> Result<(), LogError> {
        while !self.writer.try_produce(&record)? {
            self.consumer.attended(|_| self.writer.wait_for_room());
        }
        Ok(())
    }

    fn commit(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError> {
        let writer = &mut self.writer;
        self.consumer.attended(|consumer| commit(writer, consumer, places))?;
        self.consumer.has_committed();
        Ok(())
    }

    fn renew(&mut self) -> Result<(), LogError> {
        if let Err(lost) = self.consumer.alive() {
            if lost.road == Road::Fatal {
                return Err(lost);
            }
            self.join_again()?;
            return Err(joined_again(lost));
        }
        self.consumer.attended(|_| self.writer.renew())
    }

    fn fence(&mut self, id: &str) -> Result<(), LogError> {
        let mut writer = Writer::of(&self.settings, id, self.trouble.clone());
        self.consumer.attended(|_| writer.renew())
    }

    fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let trimmer = match &mut self.trimmer {
            Some(trimmer) => trimmer,
            none => none.insert(Trimmer::connect(&self.settings, self.trouble.clone())?),
        };
        trimmer.trim(before)
    }
}

fn commit(
    writer: &mut Writer,
    consumer: &GroupConsumer,
    places: &[(TopicPartition, Committed)],
) -> Result<(), LogError> {
    writer.settle()?;
    if !places.is_empty() {
        let group = consumer.group_metadata();
        let group = group.inspect_err(|_| writer.spoil("this member's place in the group is gone"))?;
        writer.send_places(places, &group)?;
        pass(CrashPoint::PlacesSent);
    }
    writer.end()
}
