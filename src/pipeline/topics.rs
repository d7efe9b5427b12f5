//! The topics of an installation: their names, and what each must be like.

/// Names of the topics that rapport itself reads and writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// The event log.
    pub events: String,
    /// What partitions add to the funnel.
    pub deltas: String,
    /// State of the journeys tasks.
    pub journeys_state: String,
    /// State of the segments task.
    pub segments_state: String,
    /// Alerts.
    pub alerts: String,
    /// Window results.
    pub windows: String,
    /// Definitions.
    pub definitions: String,
    /// Dead letters.
    pub dead_letters: String,
}

impl Default for Topics {
    fn default() -> Topics {
        Topics {
            events: "crm.events".into(),
            deltas: "rapport.deltas".into(),
            journeys_state: "rapport.journeys-state".into(),
            segments_state: "rapport.segments-state".into(),
            alerts: "rapport.alerts".into(),
            windows: "rapport.windows".into(),
            definitions: "rapport.definitions".into(),
            dead_letters: "rapport.dead-letters".into(),
        }
    }
}

/// What a topic must be like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicPlan {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: u32,
    /// Its settings, as Kafka names them.
    pub config: Vec<(&'static str, &'static str)>,
    /// What it is for.
    pub purpose: &'static str,
}

const FOREVER: (&str, &str) = ("retention.ms", "-1");
const DELETE: (&str, &str) = ("cleanup.policy", "delete");
const COMPACT: (&str, &str) = ("cleanup.policy", "compact");
/// A week: the longest outage after which the log can still be read on.
const WEEK: (&str, &str) = ("retention.ms", "604800000");
const MONTH: (&str, &str) = ("retention.ms", "2592000000");
/// A dead letter is as large as the record that it was, a delta as what it adds up, a row of state as its journey,
/// definitions as their calendars and dimensions. It is [`MESSAGE_BYTES_MAX`](crate::log::MESSAGE_BYTES_MAX).
const LARGE: (&str, &str) = ("max.message.bytes", "100663296");

impl Topics {
    /// Every topic with what it must be like, for an event log of `event_partitions` partitions.
    pub fn plan(&self, event_partitions: u32) -> Vec<TopicPlan> {
        let topic = |name: &str, partitions, config: &[(&'static str, &'static str)], purpose| TopicPlan {
            name: name.to_owned(),
            partitions,
            config: config.to_vec(),
            purpose,
        };
        vec![
            topic(&self.events, event_partitions, &[DELETE, WEEK, LARGE], "the event log"),
            topic(&self.deltas, 1, &[DELETE, WEEK, LARGE], "what partitions add to the funnel"),
            topic(&self.journeys_state, event_partitions, &[DELETE, FOREVER, LARGE], "state of the journeys"),
            topic(&self.segments_state, 1, &[DELETE, FOREVER, LARGE], "state of the segments"),
            topic(&self.alerts, 1, &[COMPACT], "alerts"),
            topic(&self.windows, 1, &[COMPACT], "window results"),
            topic(&self.definitions, 1, &[DELETE, FOREVER, LARGE], "definitions"),
            topic(&self.dead_letters, 1, &[DELETE, MONTH, LARGE], "dead letters"),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::LARGE;

    #[test]
    fn large_topics_take_what_is_written() {
        assert_eq!(LARGE.1, crate::log::MESSAGE_BYTES_MAX.to_string());
    }
}
