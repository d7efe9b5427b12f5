//! Looking into partitions and appending to them as nobody's member: no group is joined, and no transactional
//! id is taken before something is to be written.

use std::sync::Arc;

use super::consumer::GroupConsumer;
use super::errors::{check, silent, wrong};
use super::producer::Writer;
use super::reader::Reader;
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{Cause, LogError, NewRecord, Piece, RawRecord, TopicPartition};
use crate::model::EventTime;

/// How long one wait for a piece lasts, in ms, and after how many in vain a reading is given up.
const WAIT_MS: u64 = 500;
const WAITS_MAX: u32 = 60;

/// A reader, and a writer once it has taken an id.
pub struct Ledger {
    settings: KafkaSettings,
    trouble: Arc<Trouble>,
    /// Never joins the group: it only asks.
    consumer: GroupConsumer,
    reader: Reader,
    writer: Option<Writer>,
}

impl Ledger {
    /// Connects, and makes sure that a broker answers: like [`KafkaLog::join`](super::KafkaLog::join),
    /// an error names the address and what was heard of it last.
    pub fn connect(settings: &KafkaSettings) -> Result<Ledger, LogError> {
        check(settings)?;
        let trouble = Arc::new(Trouble::default());
        // Not a member: it must not be taken for the one that has this name.
        let settings = KafkaSettings { instance_id: None, ..settings.clone() };
        let consumer = GroupConsumer::connect(&settings, &[], trouble.clone())?;
        let reader = Reader::connect(&settings, trouble.clone())?;
        Ok(Ledger { settings, trouble, consumer, reader, writer: None })
    }

    /// How many partitions a topic has; `None` if there is no such topic.
    pub fn partitions(&self, topic: &str) -> Result<Option<u32>, LogError> {
        self.consumer.partitions(topic)
    }

    /// Every record of a partition that is committed now.
    pub fn read(&mut self, at: &TopicPartition) -> Result<Vec<RawRecord>, LogError> {
        let (mut next, _) = self.consumer.watermarks(at)?;
        let (mut records, mut idle) = (Vec::new(), 0);
        loop {
            let piece = self.reader.read(at, next, WAIT_MS)?;
            idle = if piece.next > next { 0 } else { idle + 1 };
            next = piece.next;
            records.extend(piece.records);
            if next >= piece.end {
                return Ok(records);
            }
            if idle >= WAITS_MAX {
                let why = format!("nothing came for 30 s at offset {next} of {}", piece.end);
                return Err(silent(format!("read {at}"), why));
            }
        }
    }

    /// First readable offset and end (of what is committed) of a partition.
    pub fn watermarks(&self, at: &TopicPartition) -> Result<(i64, i64), LogError> {
        self.consumer.watermarks(at)
    }

    /// The offset of the first record that was stamped at a time or later; `None` if there is none.
    pub fn offset_at(&self, at: &TopicPartition, time: EventTime) -> Result<Option<i64>, LogError> {
        self.reader.offset_at(at, time)
    }

    /// A piece of what is committed in a partition, from an offset on; it may be empty while the brokers are slow.
    pub fn piece(&mut self, at: &TopicPartition, from: i64) -> Result<Piece, LogError> {
        self.reader.read(at, from, WAIT_MS)
    }

    /// Takes a transactional id: whoever had it can commit nothing any more, and what it has committed can be
    /// read from now on.
    pub fn take(&mut self, id: &str) -> Result<(), LogError> {
        let mut writer = Writer::of(&self.settings, id, self.trouble.clone());
        writer.renew()?;
        self.writer = Some(writer);
        Ok(())
    }

    /// Appends records in one transaction under the id that was taken. With [`Cause::Fenced`] another has
    /// taken it since, and nothing was written.
    pub fn append(&mut self, records: &[NewRecord]) -> Result<(), LogError> {
        let none = || wrong("append", "no transactional id was taken");
        let writer = self.writer.as_mut().ok_or_else(none)?;
        let written = write(writer, records);
        // The first that fails of a producer that is fenced may be anything that waits in its queue.
        written.map_err(|error| if writer.is_fenced() { error.because(Cause::Fenced) } else { error })
    }
}

fn write(writer: &mut Writer, records: &[NewRecord]) -> Result<(), LogError> {
    writer.begin()?;
    records.iter().try_for_each(|record| writer.produce(record))?;
    writer.settle()?;
    writer.end()
}
