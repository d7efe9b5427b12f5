//! Reading a partition piece by piece, beside the group: how state is restored.
//!
//! A consumer of its own, read-committed, that is assigned by hand and commits nothing. It is kept
//! between two uses, since connecting takes longer than most reading, and between two pieces it reads ahead.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::Message;
use rdkafka::{Offset, TopicPartitionList};

use super::consumer::REQUEST;
use super::errors::{gone, reading};
use super::notes::ClientNotes;
use super::record::{list_from, number, raw};
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{LogError, Piece, Road, TopicPartition};
use crate::model::EventTime;

/// How many records a piece has at most, and about how many bytes.
const PIECE_RECORDS: usize = 4096;
const PIECE_BYTES: usize = 8 << 20;

/// A consumer beside the group.
pub(super) struct Reader {
    consumer: BaseConsumer<ClientNotes>,
    trouble: Arc<Trouble>,
    reading: Option<Reading>,
}

/// The partition that is being read, as far as it was.
struct Reading {
    at: TopicPartition,
    next: i64,
    end: i64,
}

impl Reader {
    pub(super) fn connect(settings: &KafkaSettings, trouble: Arc<Trouble>) -> Result<Reader, LogError> {
        let notes = ClientNotes(trouble.clone());
        let consumer = settings.reader().create_with_context(notes);
        let consumer = consumer.map_err(|e| reading("make a reader", &e, &trouble))?;
        Ok(Reader { consumer, trouble, reading: None })
    }

    /// Reads a piece of `at` from `from` on.
    pub(super) fn read(&mut self, at: &TopicPartition, from: i64, wait_ms: u64) -> Result<Piece, LogError> {
        let piece = self.start(at, from).and_then(|end| self.piece(at, from, end, wait_ms));
        match &piece {
            Ok(piece) if piece.next < piece.end => {
                self.reading = Some(Reading { at: at.clone(), next: piece.next, end: piece.end });
            }
            // At the end there is nothing to read ahead; after a failure everything begins anew.
            _ => {
                self.reading = None;
                self.consumer.assign(&TopicPartitionList::new()).map_err(|e| self.failed(at, &e))?;
            }
        }
        piece
    }

    /// Makes the consumer read from `from` on, unless it does already; gives the readable end.
    fn start(&mut self, at: &TopicPartition, from: i64) -> Result<i64, LogError> {
        if let Some(reading) = self.reading.as_ref().filter(|r| r.at == *at && r.next == from) {
            return Ok(reading.end);
        }
        let marks = self.consumer.client().fetch_watermarks(&at.topic, number(at), REQUEST);
        let (low, high) = marks.map_err(|e| self.failed(at, &e))?;
        if !(low..=high).contains(&from) {
            return Err(gone(at, from, (low, high)));
        }
        if from < high {
            let list = list_from(&[(at.clone(), from)]).map_err(|e| self.failed(at, &e))?;
            self.consumer.assign(&list).map_err(|e| self.failed(at, &e))?;
        }
        Ok(high)
    }

    fn piece(&self, at: &TopicPartition, from: i64, end: i64, wait_ms: u64) -> Result<Piece, LogError> {
        let mut piece = Piece { records: Vec::new(), next: from, end };
        let (mut wait, mut bytes) = (Duration::from_millis(wait_ms), 0);
        while piece.next < end && piece.records.len() < PIECE_RECORDS && bytes < PIECE_BYTES {
            match self.consumer.poll(wait) {
                Some(Ok(message)) if message.topic() != at.topic || message.partition() != number(at) => {}
                Some(Ok(message)) if message.offset() < piece.next => {}
                Some(Ok(message)) if message.offset() >= end => piece.next = end,
                Some(Ok(message)) => {
                    piece.next = message.offset() + 1;
                    bytes += message.payload_len() + message.key_len();
                    piece.records.push(raw(at, &message));
                }
                // The end of the log, perhaps of one that has grown since; or nothing for a while.
                Some(Err(KafkaError::PartitionEOF(_))) => piece.next = piece.next.max(self.position(at)?),
                Some(Err(KafkaError::MessageConsumption(RDKafkaErrorCode::AutoOffsetReset))) => {
                    let marks = self.consumer.client().fetch_watermarks(&at.topic, number(at), REQUEST);
                    return Err(gone(at, piece.next, marks.unwrap_or((-1, end))));
                }
                Some(Err(error)) => {
                    let failure = self.failed(at, &error);
                    if failure.road != Road::Retry {
                        return Err(failure);
                    }
                }
                None => {
                    piece.next = piece.next.max(self.position(at)?);
                    break;
                }
            }
            wait = Duration::ZERO;
        }
        piece.next = piece.next.min(end);
        self.trouble.answered();
        Ok(piece)
    }

    /// The offset of the first record that was stamped at a time or later; `None` if there is none.
    pub(super) fn offset_at(&self, at: &TopicPartition, time: EventTime) -> Result<Option<i64>, LogError> {
        let mut asked = TopicPartitionList::new();
        asked
            .add_partition_offset(&at.topic, number(at), Offset::Offset(time.0))
            .map_err(|e| self.failed(at, &e))?;
        let found = self.consumer.offsets_for_times(asked, REQUEST).map_err(|e| self.failed(at, &e))?;
        Ok(match found.find_partition(&at.topic, number(at)).map(|e| e.offset()) {
            Some(Offset::Offset(offset)) => Some(offset),
            _ => None,
        })
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
