//! Looking after topics: what there is, making them, forgetting old records.
//!
//! Every call blocks until the cluster answers; keep it off an async runtime. Nothing here belongs to a
//! group or a transaction.

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::admin::{AdminClient, AdminOptions, NewTopic, ResourceSpecifier, TopicReplication};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::producer::{BaseProducer, Producer};
use rdkafka::{Offset, TopicPartitionList};

use super::errors::{reading, silent, unreachable, wrong};
use super::notes::{ClientNotes, WriterNotes};
use super::record::number;
use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{LogError, TopicPartition};

const REQUEST: Duration = Duration::from_secs(10);
/// How often, and how far apart, topics that were just made are looked for.
const LOOKS: usize = 50;
const LOOK: Duration = Duration::from_millis(100);

/// A topic as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicState {
    /// Its name.
    pub name: String,
    /// How many partitions it has.
    pub partitions: u32,
    /// Its configuration, defaults included; values that the cluster hides are left out.
    pub configs: BTreeMap<String, String>,
}

/// A broker's configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BrokerState {
    /// Its id.
    pub id: i32,
    /// Its configuration, defaults included; values that the cluster hides are left out.
    pub configs: BTreeMap<String, String>,
}

/// A topic to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewTopicPlan {
    /// Its name.
    pub name: String,
    /// How many partitions it gets.
    pub partitions: u32,
    /// How many copies of each are kept; `None`: the cluster's default.
    pub replication: Option<u16>,
    /// What is configured otherwise than by default.
    pub configs: BTreeMap<String, String>,
}

/// A connection for administration.
pub struct Admin {
    client: AdminClient<ClientNotes>,
    trouble: Arc<Trouble>,
    runtime: tokio::runtime::Runtime,
}

impl Admin {
    /// Connects, and makes sure that a broker answers: like [`KafkaLog::join`](super::KafkaLog::join),
    /// an error names the address and what was heard of it last.
    pub fn connect(settings: &KafkaSettings) -> Result<Admin, LogError> {
        let trouble = Arc::new(Trouble::default());
        let failed = |e: &KafkaError| reading("make an administration client", e, &trouble);
        let config = settings.plain();
        // The administration client cannot be polled for its errors, a plain producer can.
        let probe: BaseProducer<WriterNotes> =
            config.create_with_context(WriterNotes::new(trouble.clone())).map_err(|e| failed(&e))?;
        if let Err(e) = probe.client().fetch_metadata(None, REQUEST) {
            (0..64).for_each(|_| probe.poll(Duration::ZERO));
            return Err(unreachable(&settings.bootstrap_servers, &e, &trouble));
        }
        let client = config.create_with_context(ClientNotes(trouble.clone())).map_err(|e| failed(&e))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
        let runtime = runtime.map_err(|e| wrong("make a runtime", e))?;
        Ok(Admin { client, trouble, runtime })
    }

    fn wait<T>(
        &self,
        what: &str,
        answer: impl Future<Output = Result<T, KafkaError>>,
    ) -> Result<T, LogError> {
        self.runtime.block_on(answer).map_err(|e| reading(what, &e, &self.trouble))
    }

    fn options(&self) -> AdminOptions {
        AdminOptions::new().request_timeout(Some(REQUEST)).operation_timeout(Some(REQUEST))
    }

    /// Every topic that this user may see, sorted by name, without Kafka's own.
    pub fn topics(&self) -> Result<Vec<TopicState>, LogError> {
        let what = "list the topics";
        let metadata = self.client.inner().fetch_metadata(None, REQUEST);
        let metadata = metadata.map_err(|e| reading(what, &e, &self.trouble))?;
        let seen = metadata.topics().iter().filter(|t| t.error().is_none() && !t.name().starts_with("__"));
        let mut topics: Vec<_> = seen
            .map(|t| TopicState {
                name: t.name().to_string(),
                partitions: t.partitions().len() as u32,
                configs: BTreeMap::new(),
            })
            .collect();
        topics.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(topics)
    }

    /// The topics of these names that exist, with their configuration.
    pub fn describe(&self, names: &[&str]) -> Result<Vec<TopicState>, LogError> {
        let mut topics = self.topics()?;
        topics.retain(|t| names.contains(&t.name.as_str()));
        if topics.is_empty() {
            // Kafka's client refuses to ask for nothing.
            return Ok(topics);
        }
        let wanted: Vec<_> = topics.iter().map(|t| ResourceSpecifier::Topic(&t.name)).collect();
        let options = self.options();
        let answer = self.client.describe_configs(&wanted, &options);
        let described = self.wait("describe topics", answer)?;
        for (topic, resource) in topics.iter_mut().zip(described) {
            let failed =
                |code| reading(format!("describe {}", topic.name), &KafkaError::Global(code), &self.trouble);
            let entries = resource.map_err(failed)?.entries;
            let known = entries.into_iter().filter_map(|e| e.value.map(|value| (e.name, value)));
            topic.configs = known.collect();
        }
        Ok(topics)
    }

    /// Every broker with its configuration, in the order of their ids.
    pub fn brokers(&self) -> Result<Vec<BrokerState>, LogError> {
        let what = "describe the brokers";
        let metadata = self.client.inner().fetch_metadata(None, REQUEST);
        let metadata = metadata.map_err(|e| reading(what, &e, &self.trouble))?;
        let mut brokers = Vec::new();
        for broker in metadata.brokers() {
            // A broker is asked for its own configuration, and answers for nobody else.
            let options = self.options();
            let wanted = [ResourceSpecifier::Broker(broker.id())];
            let described = self.wait(what, self.client.describe_configs(&wanted, &options))?;
            for resource in described {
                let failed = |code| reading(what, &KafkaError::AdminOp(code), &self.trouble);
                let entries = resource.map_err(failed)?.entries;
                let known = entries.into_iter().filter_map(|e| e.value.map(|value| (e.name, value)));
                brokers.push(BrokerState { id: broker.id(), configs: known.collect() });
            }
        }
        brokers.sort_by_key(|broker| broker.id);
        Ok(brokers)
    }

    /// Makes topics and waits until they are known. One that is there already is left as it is; gives the
    /// names of those that were made.
    pub fn create_topics(&self, plans: &[NewTopicPlan]) -> Result<Vec<String>, LogError> {
        let new: Vec<_> = plans.iter().map(new_topic).collect();
        let options = self.options();
        let mut made = Vec::new();
        for answer in self.wait("make topics", self.client.create_topics(&new, &options))? {
            match answer {
                Ok(name) => made.push(name),
                Err((_, RDKafkaErrorCode::TopicAlreadyExists)) => {}
                Err((name, code)) => {
                    return Err(reading(
                        format!("make topic {name}"),
                        &KafkaError::AdminOp(code),
                        &self.trouble,
                    ));
                }
            }
        }
        self.wait_until_known(plans)?;
        Ok(made)
    }

    /// A cluster answers before every broker knows a new topic.
    fn wait_until_known(&self, plans: &[NewTopicPlan]) -> Result<(), LogError> {
        for _ in 0..LOOKS {
            let known = self.topics()?;
            if plans.iter().all(|p| known.iter().any(|t| t.name == p.name && t.partitions > 0)) {
                return Ok(());
            }
            self.runtime.block_on(async { tokio::time::sleep(LOOK).await });
        }
        Err(silent("make topics", "they were made, but the cluster does not know them yet"))
    }

    /// First offset and end of a partition.
    pub(super) fn watermarks(&self, at: &TopicPartition) -> Result<(i64, i64), LogError> {
        let marks = self.client.inner().fetch_watermarks(&at.topic, number(at), REQUEST);
        marks.map_err(|e| reading(format!("watermarks of {at}"), &e, &self.trouble))
    }

    /// Forgets the records of partitions before an offset each.
    pub fn delete_records(&self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let what = |at: &TopicPartition| format!("forget records of {at}");
        let mut list = TopicPartitionList::new();
        for (at, offset) in before {
            let mut element = list.add_partition(&at.topic, number(at));
            let set = element.set_offset(Offset::Offset(*offset));
            set.map_err(|e| reading(what(at), &e, &self.trouble))?;
        }
        let options = self.options();
        let answers = self.wait("forget records", self.client.delete_records(&list, &options))?;
        for (at, _) in before {
            if let Some(element) = answers.find_partition(&at.topic, number(at)) {
                element.error().map_err(|e| reading(what(at), &e, &self.trouble))?;
            }
        }
        Ok(())
    }
}

fn new_topic(plan: &NewTopicPlan) -> NewTopic<'_> {
    let replication = TopicReplication::Fixed(plan.replication.map_or(-1, i32::from));
    let partitions = i32::try_from(plan.partitions).unwrap_or(i32::MAX);
    let topic = NewTopic::new(&plan.name, partitions, replication);
    plan.configs.iter().fold(topic, |topic, (name, value)| topic.set(name, value))
}
