//! The writing half of a member: its transactional producer.
//!
//! A transaction is sent whole: every delivery is awaited before its offsets are sent, and these before
//! it is committed. It is never aborted by request: what fails is answered by [`Writer::renew`], which
//! makes a new producer of the same id and thereby aborts what the old one left open.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::consumer::ConsumerGroupMetadata;
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};

use super::errors::{renewing, unwritable, writing, wrong};
use super::notes::WriterNotes;
use super::record::{headers_to, list_of_places, number};
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::crash_points::{CrashPoint, pass, pass_soon};
use crate::log::{Committed, LogError, METADATA_BYTES_MAX, NewRecord, TopicPartition};

/// One look at the queue of delivery reports, which the client serves in whole slices of this length.
const SLICE: Duration = Duration::from_millis(1);
/// How many of the client's events are served in passing.
const EVENTS: usize = 8;

/// The producer of a member.
pub(super) struct Writer {
    config: ClientConfig,
    id: String,
    timeout: Duration,
    trouble: Arc<Trouble>,
    producer: Option<BaseProducer<WriterNotes>>,
    in_transaction: bool,
    /// Why nothing may be written before the producer is renewed.
    spoiled: Option<&'static str>,
    /// A connection failed while the last commit was under way. The client then sends its request again
    /// on its own; a first one that arrives late would end the *next* transaction, unless that one has
    /// another epoch.
    suspect: bool,
}

impl Writer {
    /// A writer without a producer yet: [`Writer::renew`] makes it.
    pub(super) fn new(settings: &KafkaSettings, trouble: Arc<Trouble>) -> Writer {
        Writer::of(settings, &settings.transactional_id, trouble)
    }

    /// The same under another transactional id: to take it away from whoever holds it.
    pub(super) fn of(settings: &KafkaSettings, id: &str, trouble: Arc<Trouble>) -> Writer {
        Writer {
            config: settings.writer(id),
            id: id.to_owned(),
            timeout: Duration::from_millis(u64::from(settings.transaction_timeout_ms)),
            trouble,
            producer: None,
            in_transaction: false,
            spoiled: None,
            suspect: false,
        }
    }

    /// Makes a new producer of the same id: fences every other one and aborts what it left open.
    pub(super) fn renew(&mut self) -> Result<(), LogError> {
        self.producer = None;
        let what = || format!("take transactional id {}", self.id);
        let notes = WriterNotes::new(self.trouble.clone());
        let producer: BaseProducer<WriterNotes> = self
            .config
            .create_with_context(notes)
            .map_err(|e| renewing("make a producer", &e, &self.trouble))?;
        let taken = producer.init_transactions(self.timeout);
        (0..EVENTS).for_each(|_| producer.poll(Duration::ZERO));
        taken.map_err(|e| renewing(what(), &e, &self.trouble))?;
        pass(CrashPoint::IdTaken);
        self.producer = Some(producer);
        self.in_transaction = false;
        self.spoiled = None;
        self.suspect = false;
        Ok(())
    }

    /// Serves the client's events in passing, so that trouble is noticed while nothing is written.
    pub(super) fn serve(&self) {
        self.producer.iter().for_each(|p| p.poll(Duration::ZERO));
    }

    /// Nothing may be written any more before the producer is renewed.
    pub(super) fn spoil(&mut self, why: &'static str) {
        self.spoiled.get_or_insert(why);
    }

    /// Whether another producer has taken the id since, as far as the client has heard.
    pub(super) fn is_fenced(&self) -> bool {
        let fatal = self.producer.as_ref().and_then(|producer| producer.client().fatal_error());
        fatal.is_some_and(|(code, _)| code == RDKafkaErrorCode::Fenced)
    }

    /// Whether a transaction is open.
    pub(super) fn in_transaction(&self) -> bool {
        self.in_transaction
    }

    fn ready(&self, what: &str) -> Result<&BaseProducer<WriterNotes>, LogError> {
        if let Some(why) = self.spoiled {
            return Err(unwritable(what, why));
        }
        let missing = || unwritable(what, "there is no producer: renew it");
        self.producer.as_ref().ok_or_else(missing)
    }

    fn open(&self, what: &str) -> Result<&BaseProducer<WriterNotes>, LogError> {
        let producer = self.ready(what)?;
        let none = || wrong(what, "no transaction is open");
        self.in_transaction.then_some(producer).ok_or_else(none)
    }

    /// Keeps the answer of a step; any failure spoils the writer.
    fn keep<T>(&mut self, answer: Result<T, LogError>) -> Result<T, LogError> {
        if answer.is_err() {
            self.spoil("a step of the transaction has failed");
        }
        answer
    }

    /// Whether to begin takes a new producer first.
    pub(super) fn renews_first(&self) -> bool {
        self.suspect && self.spoiled.is_none()
    }

    pub(super) fn begin(&mut self) -> Result<(), LogError> {
        if self.in_transaction && self.spoiled.is_none() {
            return Err(wrong("begin", "a transaction is open already"));
        }
        if self.renews_first() {
            tracing::info!("a connection failed during the last commit: the producer is renewed");
            self.renew()?;
        }
        let begun = self.ready("begin").and_then(|producer| {
            producer.begin_transaction().map_err(|e| writing("begin", &e, &self.trouble))
        });
        self.keep(begun)?;
        self.in_transaction = true;
        pass(CrashPoint::TransactionBegun);
        Ok(())
    }

    pub(super) fn produce(&mut self, record: &NewRecord) -> Result<(), LogError> {
        while !self.try_produce(record)? {
            self.wait_for_room();
        }
        Ok(())
    }

    /// Hands a record over, if there is room for it in the queue.
    pub(super) fn try_produce(&mut self, record: &NewRecord) -> Result<bool, LogError> {
        let sent = self.open("produce").and_then(|producer| self.send(producer, record));
        self.keep(sent)
    }

    /// Waits until a record is delivered or given up; each one ends within `message.timeout.ms`.
    pub(super) fn wait_for_room(&self) {
        let Some(producer) = &self.producer else { return };
        let in_flight = producer.in_flight_count();
        while producer.in_flight_count() >= in_flight.max(1) {
            producer.poll(SLICE);
        }
    }

    fn send(&self, producer: &BaseProducer<WriterNotes>, record: &NewRecord) -> Result<bool, LogError> {
        let mut new = BaseRecord::<[u8], [u8]>::to(&record.to.topic).partition(number(&record.to));
        new.key = record.key.as_deref();
        new.payload = record.value.as_deref();
        new.timestamp = record.timestamp.map(|t| t.0);
        new.headers = headers_to(&record.headers);
        match producer.send(new) {
            Ok(()) => Ok(true),
            Err((KafkaError::MessageProduction(RDKafkaErrorCode::QueueFull), _)) => Ok(false),
            Err((error, _)) => Err(writing(format!("produce to {}", record.to), &error, &self.trouble)),
        }
    }

    /// Waits until everything that was produced is written; each message ends within its timeout.
    pub(super) fn settle(&mut self) -> Result<(), LogError> {
        let settled = self.open("commit").and_then(|producer| {
            while producer.in_flight_count() > 0 {
                producer.poll(SLICE);
            }
            let Some((at, mut error)) = producer.context().undelivered() else { return Ok(()) };
            // That its queue was purged says only that the transaction has failed before; why, it says when it is
            // asked to commit, which it cannot any more.
            if error.rdkafka_error_code() == Some(RDKafkaErrorCode::PurgeQueue) {
                error = producer.commit_transaction(self.timeout).err().unwrap_or(error);
            }
            Err(writing(format!("produce to {at}"), &error, &self.trouble))
        });
        self.keep(settled)?;
        pass(CrashPoint::Delivered);
        Ok(())
    }

    /// Sends the places that are committed with the transaction.
    pub(super) fn send_places(
        &mut self,
        places: &[(TopicPartition, Committed)],
        group: &ConsumerGroupMetadata,
    ) -> Result<(), LogError> {
        let what = || {
            let all: Vec<_> = places.iter().map(|(at, place)| format!("{at}@{}", place.offset)).collect();
            format!("commit the places {}", all.join(" "))
        };
        let sent = self.open("commit").and_then(|producer| {
            if places.iter().any(|(_, place)| place.metadata.len() > METADATA_BYTES_MAX) {
                return Err(wrong(what(), format!("a text is longer than {METADATA_BYTES_MAX} bytes")));
            }
            list_of_places(places)
                .and_then(|list| producer.send_offsets_to_transaction(&list, group, self.timeout))
                .map_err(|e| writing(what(), &e, &self.trouble))
        });
        self.keep(sent)
    }

    /// Commits, everything having been settled, and waits for the answer.
    pub(super) fn end(&mut self) -> Result<(), LogError> {
        let failures = self.trouble.failures();
        pass_soon(CrashPoint::EndAsked);
        let ended = self.open("commit").and_then(|producer| {
            let ended = producer.commit_transaction(self.timeout);
            (0..EVENTS).for_each(|_| producer.poll(Duration::ZERO));
            ended.map_err(|e| writing("commit", &e, &self.trouble))
        });
        self.keep(ended)?;
        pass(CrashPoint::EndAnswered);
        self.in_transaction = false;
        self.suspect = self.trouble.failures() > failures;
        Ok(())
    }
}
