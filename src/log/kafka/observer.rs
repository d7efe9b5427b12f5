//! Looking at the group's committed places, and at the ends of partitions, from outside, whatever open
//! transactions hold beside them.

use std::sync::Arc;

use rdkafka::consumer::{BaseConsumer, Consumer};

use super::errors::reading;
use super::notes::ClientNotes;
use super::record::{list, place_in};
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{Committed, LogError, TopicPartition};

/// A consumer that never joins the group, and reads nothing but its committed places.
pub(super) struct Observer {
    consumer: BaseConsumer<ClientNotes>,
    trouble: Arc<Trouble>,
}

impl Observer {
    pub(super) fn connect(settings: &KafkaSettings, trouble: Arc<Trouble>) -> Result<Observer, LogError> {
        let consumer = settings.observer().create_with_context(ClientNotes(trouble.clone()));
        let consumer = consumer.map_err(|e| reading("look at the group", &e, &trouble))?;
        Ok(Observer { consumer, trouble })
    }

    pub(super) fn last_committed(
        &self,
        partitions: &[TopicPartition],
    ) -> Result<Vec<Option<Committed>>, LogError> {
        let failed = |e| reading(format!("last committed places of {partitions:?}"), &e, &self.trouble);
        let places = self.consumer.committed_offsets(list(partitions), super::consumer::PLACES);
        let places = places.map_err(failed)?;
        partitions.iter().map(|at| place_in(&places, at).map_err(failed)).collect()
    }

    /// It reads what is not committed too, so the end is that of everything.
    pub(super) fn written_end(&self, partition: &TopicPartition) -> Result<i64, LogError> {
        let (topic, number) = (partition.topic.as_str(), super::record::number(partition));
        let ends = self.consumer.fetch_watermarks(topic, number, super::consumer::REQUEST);
        let failed = |e| reading(format!("written end of {partition}"), &e, &self.trouble);
        ends.map(|(_, end)| end).map_err(failed)
    }
}
