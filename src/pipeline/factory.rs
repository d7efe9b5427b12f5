//! Which task belongs to which partition.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::codec::SchemaStore;
use crate::engine::task::{Task, TaskFactory};
use crate::funnel::terms::Terms;
use crate::log::TopicPartition;

use super::breaker::BreakerSettings;
use super::intake::{IntakeSettings, IntakeStage};
use super::journeys::JourneysStage;
use super::reached::Reached;
use super::segments::SegmentsStage;
use super::topics::Topics;
use crate::model::EventTime;
use crate::model::effect::Effect;

/// Makes the tasks of an installation.
#[derive(Clone)]
pub struct Tasks {
    /// The terms in force.
    pub terms: Arc<Terms>,
    /// The installation's topics.
    pub topics: Arc<Topics>,
    /// The schemas of those who write the event log.
    pub schemas: Arc<SchemaStore>,
    /// Sources with an intake, by topic.
    pub intakes: BTreeMap<String, IntakeSettings>,
    /// Largest value that is read, in bytes.
    pub record_bytes_max: usize,
    /// When too many records are dead letters.
    pub breaker: BreakerSettings,
    /// Beyond so many journeys in a partition the daemon stops.
    pub journeys_max: usize,
    /// The `ce_source` of alerts.
    pub alert_source: String,
    /// An alert decided for a time this long before its delta was written comes from catching up, in ms;
    /// `None` where event time has nothing to do with the clock on the wall.
    pub catching_up_after_ms: Option<i64>,
    /// Whether records that nobody needs are deleted; not every cluster can.
    pub trim: bool,
}

impl Tasks {
    /// The topics that the tasks read.
    pub fn inputs(&self) -> Vec<String> {
        let own = [self.topics.events.clone(), self.topics.deltas.clone()];
        self.intakes.keys().cloned().chain(own).collect()
    }
}

impl TaskFactory for Tasks {
    type Effect = Effect;

    fn make(&self, partition: &TopicPartition) -> Box<dyn Task<Effect = Effect>> {
        if partition.topic == self.topics.events {
            return Box::new(JourneysStage::new(
                partition.partition,
                self.terms.clone(),
                self.topics.clone(),
                self.schemas.clone(),
                self.record_bytes_max,
                self.breaker,
                self.journeys_max,
            ));
        }
        match self.intakes.get(&partition.topic) {
            Some(settings) => {
                let settings = settings.clone();
                Box::new(IntakeStage::new(partition.partition, settings, self.topics.clone()))
            }
            None => Box::new(SegmentsStage::new(
                self.terms.clone(),
                self.topics.clone(),
                self.alert_source.clone(),
                self.catching_up_after_ms,
            )),
        }
    }

    fn pacemaker(&self) -> Option<TopicPartition> {
        Some(TopicPartition::new(&self.topics.deltas, 0))
    }

    fn all_have_come_to(&self, memo: &str) -> Option<EventTime> {
        memo.parse::<Reached>().ok().map(|reached| reached.minute().start())
    }
}
