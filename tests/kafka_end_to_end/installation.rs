//! What a user has before there is rapport: a cluster, two topics of the CRM, a folder with a configuration
//! file; and a producer and consumers of their own, which share no code with the program.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rapport::log::kafka::NewTopicPlan;
use rapport::log::{RawRecord, TopicPartition};
use rapport::model::EventTime;
use rdkafka::ClientConfig;
use rdkafka::TopicPartitionList;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::{KafkaError, RDKafkaErrorCode};
use rdkafka::message::{Header, OwnedHeaders};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use serde_json::Value;

use super::quarter::{DEAL_SCHEMA, Family, Sent};
use crate::support::kafka_stand::Kafka;
use crate::support::log_conformance::Stand;

const TIMEOUT: Duration = Duration::from_secs(20);
/// The configured bound on disorder: its default.
const OUT_OF_ORDERNESS_MS: i64 = 30_000;
const MINUTE_MS: i64 = 60_000;
/// A header of the user's own, which nothing may lose.
const TRACE: &str = "crm-trace";

/// One installation, with names of its own.
pub(super) struct Installation {
    pub(super) kafka: Kafka,
    pub(super) prefix: String,
    pub(super) config: PathBuf,
    pub(super) folder: PathBuf,
}

impl Installation {
    /// Writes the configuration file; there are no topics yet.
    pub(super) fn new(mut kafka: Kafka, name: &str, series_max: usize) -> Installation {
        let prefix = kafka.unique(name);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&prefix);
        std::fs::create_dir_all(&folder).unwrap();
        let schemas = folder.join("schemas");
        std::fs::create_dir_all(&schemas).unwrap();
        std::fs::write(schemas.join(format!("{DEAL_SCHEMA}.avsc")), include_str!("../../schemas/event.avsc"))
            .unwrap();
        let text = format!(
            r#"[kafka]
bootstrap_servers = "{servers}"
group_id = "{prefix}"
instance_id = "rapport-0"
event_partitions = 4

[kafka.topics]
prefix = "{prefix}."

[kafka.consumer]
# How often there is news of the lag.
"statistics.interval.ms" = 200

[[source]]
name = "{prefix}.leads"
format = "json"

[[source]]
name = "{prefix}.deals"
format = "avro_confluent"
schemas = "{schemas}"

[limits]
series = {series_max}

[alerts]
source = "/{prefix}"

[http]
listen = "127.0.0.1:0"

[logging]
format = "json"
"#,
            servers = kafka.bootstrap_servers,
            schemas = schemas.display(),
        );
        let config = folder.join("rapport.toml");
        std::fs::write(&config, text).unwrap();
        Installation { kafka, prefix, config, folder }
    }

    /// An installation whose events are written into the event log, of so many partitions, without an intake.
    pub(super) fn direct(kafka: Kafka, name: &str, partitions: u32) -> Installation {
        let installation = Installation::new(kafka, name, 100_000);
        let text = std::fs::read_to_string(&installation.config).unwrap();
        let (head, rest) = text.split_once("[[source]]").unwrap();
        let (_, tail) = rest.split_once("[limits]").unwrap();
        let head = head.replace("event_partitions = 4", &format!("event_partitions = {partitions}"));
        std::fs::write(&installation.config, format!("{head}[limits]{tail}")).unwrap();
        installation
    }

    /// The configuration file under another name, with more at its end.
    pub(super) fn with(&self, name: &str, more: &str) -> PathBuf {
        let text = std::fs::read_to_string(&self.config).unwrap() + "\n" + more;
        let config = self.folder.join(format!("{name}.toml"));
        std::fs::write(&config, text).unwrap();
        config
    }

    /// Writes events into the partitions of the event log, as a plain producer does.
    pub(super) fn write(&self, events: &[(u32, Value)]) {
        let producer: BaseProducer =
            ClientConfig::new().set("bootstrap.servers", &self.kafka.bootstrap_servers).create().unwrap();
        let topic = self.topic("crm.events");
        for (partition, event) in events {
            let (key, value) = (event["lead_id"].as_str().unwrap(), event.to_string());
            let record = BaseRecord::to(&topic).partition(*partition as i32).key(key).payload(value.as_str());
            producer.send(record).map_err(|(error, _)| error).unwrap();
        }
        producer.flush(TIMEOUT).unwrap();
    }

    /// The configuration file of another instance, with more at its end.
    pub(super) fn another(&self, instance: &str, more: &str) -> PathBuf {
        let text = std::fs::read_to_string(&self.config).unwrap();
        let own = "instance_id = \"rapport-0\"";
        assert!(text.contains(own));
        let text = text.replace(own, &format!("instance_id = \"{instance}\"")) + "\n" + more;
        let config = self.folder.join(format!("{instance}-other.toml"));
        std::fs::write(&config, text).unwrap();
        config
    }

    /// The configuration file as an argument.
    pub(super) fn config(&self) -> &str {
        self.config.to_str().unwrap()
    }

    /// A topic of this installation.
    pub(super) fn topic(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn source(&self, family: Family) -> String {
        self.topic(match family {
            Family::Leads => "leads",
            Family::Deals => "deals",
        })
    }

    /// Every partition of the two sources.
    pub(super) fn sources(&self) -> Vec<TopicPartition> {
        let of = |family, count| (0..count).map(move |p| TopicPartition::new(self.source(family), p));
        of(Family::Leads, 3).chain(of(Family::Deals, 2)).collect()
    }

    /// Makes the user's own topics.
    pub(super) fn make_sources(&self) {
        let plan = |family, partitions| NewTopicPlan {
            name: self.source(family),
            partitions,
            replication: None,
            configs: BTreeMap::from([("retention.ms".to_owned(), "-1".to_owned())]),
        };
        let plans = [plan(Family::Leads, 3), plan(Family::Deals, 2)];
        assert_eq!(self.kafka.admin.create_topics(&plans).unwrap().len(), 2);
    }

    /// Sends records as a plain producer does, each placed by its key as Java clients place it.
    pub(super) fn send(&self, records: &[Sent]) {
        let producer: BaseProducer = ClientConfig::new()
            .set("bootstrap.servers", &self.kafka.bootstrap_servers)
            .set("partitioner", "murmur2_random")
            .create()
            .unwrap();
        for (i, sent) in records.iter().enumerate() {
            let topic = self.source(sent.family);
            let trace = i.to_string();
            let headers = OwnedHeaders::new().insert(Header { key: TRACE, value: Some(&trace) });
            let mut record = BaseRecord::<[u8], [u8]>::to(&topic).payload(&sent.value).headers(headers);
            record.key = sent.key.as_ref().map(|key| key.as_bytes());
            while let Err((error, again)) = producer.send(record) {
                assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull), "{error}");
                producer.poll(TIMEOUT);
                record = again;
            }
            producer.poll(Duration::ZERO);
        }
        producer.flush(TIMEOUT).unwrap();
    }

    /// All records of the sources, as an independent consumer reads them.
    pub(super) fn sent(&self) -> Vec<RawRecord> {
        self.kafka.read_each(&self.sources())
    }

    /// The event time to which the records in the sources take every judgement: each partition of a source
    /// promises that nothing older than its newest event less the bound will come.
    pub(super) fn last_boundary(&self, records: &[Sent]) -> EventTime {
        let times: HashMap<&[u8], i64> =
            records.iter().filter_map(|sent| Some((sent.value.as_slice(), sent.at?.0))).collect();
        let mut newest: BTreeMap<TopicPartition, i64> = BTreeMap::new();
        for record in self.sent() {
            if let Some(at) = times.get(record.value.as_deref().unwrap()) {
                let known = newest.entry(record.at).or_insert(*at);
                *known = (*known).max(*at);
            }
        }
        assert_eq!(newest.len(), self.sources().len(), "every partition has events");
        let promised = newest.values().map(|at| (at - OUT_OF_ORDERNESS_MS).div_euclid(MINUTE_MS) * MINUTE_MS);
        EventTime(promised.min().unwrap())
    }

    /// The group's committed offset and the end of each partition of the sources.
    pub(super) fn offsets(&mut self) -> Vec<(TopicPartition, i64, i64)> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.kafka.bootstrap_servers)
            .set("group.id", &self.prefix)
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        for at in self.sources() {
            list.add_partition(&at.topic, at.partition as i32);
        }
        // Places that an open transaction holds are not answered: ask again, a bounded number of times.
        let asked = (0..60).find_map(|_| match consumer.committed_offsets(list.clone(), TIMEOUT) {
            Ok(places) => Some(places),
            Err(KafkaError::ConsumerCommit(_) | KafkaError::OffsetFetch(_)) => None,
            Err(e) => panic!("{e}"),
        });
        let places = asked.expect("the places are stable in the end");
        let place = |at: &TopicPartition| {
            let element = places.find_partition(&at.topic, at.partition as i32).unwrap();
            element.offset().to_raw().unwrap_or(-1).max(0)
        };
        let sources = self.sources();
        let read = |at: TopicPartition| {
            let end = self.kafka.end(&at);
            (at.clone(), place(&at), end)
        };
        sources.into_iter().map(read).collect::<Vec<_>>()
    }

    /// All records of a topic of one partition that a read-committed consumer sees.
    pub(super) fn read(&self, topic: &str) -> Vec<RawRecord> {
        self.kafka.read_each(&[TopicPartition::new(self.topic(topic), 0)])
    }

    /// What a compacted topic keeps in the end of each key, forgotten ones among them.
    pub(super) fn latest(&self, topic: &str) -> BTreeMap<String, Option<Vec<u8>>> {
        let key = |record: &RawRecord| String::from_utf8(record.key.clone().unwrap()).unwrap();
        self.read(topic).into_iter().map(|record| (key(&record), record.value)).collect()
    }

    /// The last record of each window.
    pub(super) fn windows(&self) -> Vec<Value> {
        self.latest("rapport.windows")
            .into_values()
            .flatten()
            .map(|value| serde_json::from_slice(&value).unwrap())
            .collect()
    }
}

/// The value of a header.
pub(super) fn header<'a>(record: &'a RawRecord, name: &str) -> &'a str {
    let (_, value) = record.headers.iter().find(|(known, _)| known == name).unwrap_or_else(|| {
        panic!("{}@{} has no header {name}", record.at, record.offset);
    });
    std::str::from_utf8(value).unwrap()
}
