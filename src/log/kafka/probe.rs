//! Finding out which rights are missing, by trying each: what a cluster says of its rules is not what it does.
//!
//! Nothing that is tried can be seen: what is read is thrown away, what is written is aborted, what is deleted is
//! what is gone already.

use std::sync::Arc;
use std::time::Duration;

use rdkafka::Offset;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;

use super::admin::Admin;
use super::errors::{reading, silent};
use super::notes::ClientNotes;
use super::producer::Writer;
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{LogError, NewRecord, Road, TopicPartition};

/// How long one wait for an answer lasts, and how many there are.
const WAIT: Duration = Duration::from_millis(100);
const WAITS: usize = 100;

/// A user's rights, as far as they can be tried.
pub struct Probe {
    settings: KafkaSettings,
    trouble: Arc<Trouble>,
    writer: Writer,
}

impl Probe {
    /// For the user of these settings. What is written goes under a transactional id of its own, so that no running
    /// member is fenced.
    pub fn new(settings: &KafkaSettings) -> Probe {
        let trouble = Arc::new(Trouble::default());
        let id = Probe::transactional_id(settings);
        let writer = Writer::of(settings, &id, trouble.clone());
        Probe { settings: settings.clone(), trouble, writer }
    }

    /// The transactional id under which rights to write are tried.
    pub fn transactional_id(settings: &KafkaSettings) -> String {
        format!("{}-check", settings.group_id)
    }

    /// Whether a topic may be read as a member of the group; the error's cause says whether a right is missing.
    pub fn read(&self, topic: &str) -> Result<(), LogError> {
        let what = format!("read {topic}");
        let failed = |e: &KafkaError| reading(what.clone(), e, &self.trouble);
        let notes = ClientNotes(self.trouble.clone());
        let consumer: BaseConsumer<ClientNotes> =
            self.settings.reader().create_with_context(notes).map_err(|e| failed(&e))?;
        let mut list = TopicPartitionList::new();
        list.add_partition(topic, 0).set_offset(Offset::End).map_err(|e| failed(&e))?;
        consumer.assign(&list).map_err(|e| failed(&e))?;
        for _ in 0..WAITS {
            match consumer.poll(WAIT) {
                None => {}
                Some(Ok(_) | Err(KafkaError::PartitionEOF(_))) => return Ok(()),
                Some(Err(error)) => {
                    let error = failed(&error);
                    if error.road != Road::Retry {
                        return Err(error);
                    }
                }
            }
        }
        Err(silent(what, "no answer came"))
    }

    /// Whether the transactional id may be used.
    pub fn begin(&mut self) -> Result<(), LogError> {
        self.writer.renew()
    }

    /// Whether a topic may be written to; to be called after [`Probe::begin`], and again before the next one.
    pub fn write(&mut self, topic: &str) -> Result<(), LogError> {
        self.writer.begin()?;
        self.writer.produce(&NewRecord {
            to: TopicPartition::new(topic, 0),
            key: Some(b"rapport check".to_vec()),
            value: None,
            headers: Vec::new(),
            timestamp: None,
        })?;
        self.writer.settle()
    }

    /// Whether old records of a topic may be deleted.
    pub fn delete(&self, admin: &Admin, topic: &str) -> Result<(), LogError> {
        let at = TopicPartition::new(topic, 0);
        let (first, _) = admin.watermarks(&at)?;
        admin.delete_records(&[(at, first)])
    }
}
