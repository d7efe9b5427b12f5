//! Reading a partition through, beside the group: how state is restored.
//!
//! A consumer of its own, read-committed, that is assigned by hand and commits nothing. It is kept
//! between two uses, since connecting takes longer than most reading.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::consumer::{REQUEST, gone};
use super::errors::reading;
use super::notes::ClientNotes;
use super::record::{list_from, number, raw};
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{LogError, RawRecord, Road, TopicPartition};

/// How long one wait for records lasts, and after how many of them in a row the reader gives up.
const WAIT: Duration = Duration::from_millis(500);
const WAITS_MAX: usize = 60;

/// A consumer beside the group.
pub(super) struct Reader {
    consumer: BaseConsumer<ClientNotes>,
    trouble: Arc<Trouble>,
}

impl Reader {
    pub(super) fn connect(settings: &KafkaSettings, trouble: Arc<Trouble>) -> Result<Reader, LogError> {
        let notes = ClientNotes(trouble.clone());
        let consumer = settings.reader().create_with_context(notes);
        let consumer = consumer.map_err(|e| reading("make a reader", &e, &trouble))?;
        Ok(Reader { consumer, trouble })
    }

    /// Reads `at` from `from` to where its readable end is now.
    pub(super) fn read_through(
        &self,
        at: &TopicPartition,
        from: i64,
        each: &mut dyn FnMut(RawRecord),
    ) -> Result<(), LogError> {
        let marks = self.consumer.client().fetch_watermarks(&at.topic, number(at), REQUEST);
        let (low, high) = marks.map_err(|e| self.failed(at, &e))?;
        if !(low..=high).contains(&from) {
            return Err(gone(at, from, (low, high)));
        }
        if from == high {
            return Ok(());
        }
        let list = list_from(&[(at.clone(), from)]).map_err(|e| self.failed(at, &e))?;
        self.consumer.assign(&list).map_err(|e| self.failed(at, &e))?;
        let read = self.read_to(at, from, high, each);
        let stopped = self.consumer.assign(&TopicPartitionList::new()).map_err(|e| self.failed(at, &e));
        read.and(stopped)
    }

    fn read_to(
        &self,
        at: &TopicPartition,
        from: i64,
        high: i64,
        each: &mut dyn FnMut(RawRecord),
    ) -> Result<(), LogError> {
        let mut waits = 0;
        let mut next = from;
        loop {
            match self.consumer.poll(WAIT) {
                Some(Ok(message)) if message.topic() != at.topic || message.partition() != number(at) => {}
                Some(Ok(message)) if message.offset() >= high => return Ok(()),
                Some(Ok(message)) => {
                    waits = 0;
                    next = message.offset() + 1;
                    each(raw(at, &message));
                }
                // The end of the log, perhaps of one that has grown since; or nothing for a while.
                Some(Err(KafkaError::PartitionEOF(_))) => next = next.max(self.position(at)?),
                Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset))) => {
                    let marks = self.consumer.client().fetch_watermarks(&at.topic, number(at), REQUEST);
                    return Err(gone(at, next, marks.unwrap_or((-1, high))));
                }
                Some(Err(error)) => {
                    let failure = self.failed(at, &error);
                    if failure.road != Road::Retry {
                        return Err(failure);
                    }
                }
                None => {
                    waits += 1;
                    next = next.max(self.position(at)?);
                }
            }
            if next >= high {
                self.trouble.answered();
                return Ok(());
            }
            if waits >= WAITS_MAX {
                let why = format!("nothing came for 30 s at offset {next} of {high}");
                return Err(LogError::new(Road::Retry, format!("read {at}"), why));
            }
        }
    }

    /// How far the consumer has come, markers included; 0 before it has begun.
    fn position(&self, at: &TopicPartition) -> Result<i64, LogError> {
        let positions = self.consumer.position().map_err(|e| self.failed(at, &e))?;
        Ok(match positions.find_partition(&at.topic, number(at)).map(|e| e.offset()) {
            Some(Offset::Offset(offset)) => offset,
            _ => 0,
        })
    }

    fn failed(&self, at: &TopicPartition, error: &KafkaError) -> LogError {
        reading(format!("read {at}"), error, &self.trouble)
    }
}
