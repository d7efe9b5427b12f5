//! What a user has before there is rapport: a cluster, two topics of the CRM, a folder with a configuration
//! file; and a producer and consumers of their own, which share no code with the program.

pub(crate) mod daemon;
pub(crate) mod exposition;
pub(crate) mod quarter;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
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

use quarter::{DEAL_SCHEMA, Family, Sent};

use super::kafka_stand::Kafka;
use super::log_conformance::Stand;
use super::poison::{OTHER_SCHEMA, OTHER_SCHEMA_TEXT};

const TIMEOUT: Duration = Duration::from_secs(20);
/// How long the last records may take to be delivered, a restart of the broker included.
const DELIVERY: Duration = Duration::from_secs(120);
/// The configured bound on disorder: its default.
const OUT_OF_ORDERNESS_MS: i64 = 30_000;
const MINUTE_MS: i64 = 60_000;
/// A header of the user's own, which nothing may lose.
pub(crate) const TRACE: &str = "crm-trace";
/// The instance whose configuration file is the installation's.
const FIRST: &str = "rapport-0";
/// How many partitions the event log has where nothing else is said.
pub(crate) const EVENT_PARTITIONS: u32 = 4;

/// By which way the CRM's events come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// Two topics of the user's own, with an intake each.
    Intakes,
    /// Written into the event log itself.
    Direct,
}

/// How an installation is configured.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub(crate) way: Way,
    /// How many partitions the event log has.
    pub(crate) event_partitions: u32,
    pub(crate) series_max: usize,
    /// Properties of consumers, and of producers.
    pub(crate) consumer: Vec<(&'static str, &'static str)>,
    pub(crate) producer: Vec<(&'static str, &'static str)>,
    /// Keys of the section `[log]`, whose values are texts.
    pub(crate) log: Vec<(&'static str, &'static str)>,
    /// The largest value that is read, in bytes.
    pub(crate) record_bytes_max: usize,
}

impl Default for Layout {
    fn default() -> Layout {
        Layout {
            way: Way::Intakes,
            event_partitions: EVENT_PARTITIONS,
            series_max: 2_000,
            consumer: Vec::new(),
            producer: Vec::new(),
            log: Vec::new(),
            record_bytes_max: rapport::codec::RECORD_BYTES_MAX,
        }
    }
}

/// An instance: its name in the group, if it has one, and its engine threads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instance {
    pub(crate) id: Option<&'static str>,
    pub(crate) threads: u32,
}

impl Instance {
    /// A member that keeps its name over a restart.
    pub(crate) fn named(id: &'static str) -> Instance {
        Instance { id: Some(id), threads: 1 }
    }

    /// A member that is a new one at each start.
    pub(crate) fn nameless() -> Instance {
        Instance { id: None, threads: 1 }
    }

    /// The same with so many engine threads.
    pub(crate) fn threads(self, threads: u32) -> Instance {
        Instance { threads, ..self }
    }
}

/// The files of the user's registry: the schema of deals, and one of something else.
pub(crate) fn schemas() -> [(String, &'static str); 2] {
    let deals = (format!("{DEAL_SCHEMA}.avsc"), include_str!("../../../schemas/event.avsc"));
    [deals, (format!("{OTHER_SCHEMA}.avsc"), OTHER_SCHEMA_TEXT)]
}

/// One installation, with names of its own.
pub(crate) struct Installation {
    pub(crate) kafka: Kafka,
    pub(crate) prefix: String,
    /// The configuration file of the first instance.
    pub(crate) config: PathBuf,
    pub(crate) folder: PathBuf,
    layout: Layout,
}

impl Installation {
    /// Writes the configuration file; there are no topics yet.
    pub(crate) fn new(mut kafka: Kafka, name: &str, layout: Layout) -> Installation {
        let prefix = kafka.unique(name);
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(&prefix);
        std::fs::create_dir_all(folder.join("schemas")).unwrap();
        for (file, text) in schemas() {
            std::fs::write(folder.join("schemas").join(file), text).unwrap();
        }
        let mut installation = Installation { kafka, prefix, config: PathBuf::new(), folder, layout };
        installation.config = installation.instance(Instance::named(FIRST));
        installation
    }

    /// The configuration file of an instance.
    pub(crate) fn instance(&self, instance: Instance) -> PathBuf {
        let config = match (instance.id, instance.threads) {
            (Some(id), 1) => self.folder.join(format!("{id}.toml")),
            (id, threads) => self.folder.join(format!("{}-{threads}.toml", id.unwrap_or("nameless"))),
        };
        std::fs::write(&config, self.text(instance)).unwrap();
        config
    }

    fn text(&self, Instance { id, threads }: Instance) -> String {
        let (prefix, layout) = (&self.prefix, &self.layout);
        let id = id.map_or(String::new(), |id| format!("instance_id = \"{id}\"\n"));
        let properties = |properties: &[(&str, &str)]| {
            properties.iter().fold(String::new(), |mut text, (name, value)| {
                let _ = writeln!(text, "\"{name}\" = \"{value}\"");
                text
            })
        };
        let sources = match layout.way {
            Way::Direct => String::new(),
            Way::Intakes => format!(
                r#"[[source]]
name = "{prefix}.leads"
format = "json"

[[source]]
name = "{prefix}.deals"
format = "avro_confluent"
schemas = "{schemas}"
"#,
                schemas = self.folder.join("schemas").display()
            ),
        };
        format!(
            r#"[kafka]
bootstrap_servers = "{servers}"
group_id = "{prefix}"
{id}threads = {threads}
event_partitions = {event_partitions}

[kafka.topics]
prefix = "{prefix}."

[kafka.consumer]
# How often there is news of the lag.
"statistics.interval.ms" = 200
{consumer}
[kafka.producer]
{producer}
[log]
schemas = "{folder}/schemas"
record_bytes_max = {record_bytes_max}
{log}
{sources}
[limits]
series = {series_max}

[alerts]
source = "/{prefix}"

[http]
listen = "127.0.0.1:0"

[logging]
format = "json"

"#,
            servers = self.kafka.bootstrap_servers,
            consumer = properties(&layout.consumer),
            producer = properties(&layout.producer),
            event_partitions = layout.event_partitions,
            series_max = layout.series_max,
            log = properties(&layout.log),
            folder = self.folder.display(),
            record_bytes_max = layout.record_bytes_max,
        )
    }

    /// The configuration file of another instance, with more at its end.
    pub(crate) fn another(&self, instance: &'static str, more: &str) -> PathBuf {
        let config = self.folder.join(format!("{instance}-other.toml"));
        std::fs::write(&config, self.text(Instance::named(instance)) + more).unwrap();
        config
    }

    /// The configuration file of the first instance under another name, with more at its end.
    pub(crate) fn with(&self, name: &str, more: &str) -> PathBuf {
        let config = self.folder.join(format!("{name}.toml"));
        std::fs::write(&config, self.text(Instance::named(FIRST)) + more).unwrap();
        config
    }

    /// The configuration file as an argument.
    pub(crate) fn config(&self) -> &str {
        self.config.to_str().unwrap()
    }

    /// A topic of this installation.
    pub(crate) fn topic(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    fn source(&self, family: Family) -> String {
        self.topic(match (self.layout.way, family) {
            (Way::Direct, _) => "crm.events",
            (Way::Intakes, Family::Leads) => "leads",
            (Way::Intakes, Family::Deals) => "deals",
        })
    }

    /// The largest value that is read, in bytes.
    pub(crate) fn record_bytes_max(&self) -> usize {
        self.layout.record_bytes_max
    }

    /// By which way events come here.
    pub(crate) fn way(&self) -> Way {
        self.layout.way
    }

    /// Every partition of the user's own topics.
    pub(crate) fn sources(&self) -> Vec<TopicPartition> {
        match self.layout.way {
            Way::Direct => Vec::new(),
            Way::Intakes => {
                let each = |(name, of): (&str, Family)| self.each(name, of.partitions());
                [("leads", Family::Leads), ("deals", Family::Deals)].map(each).concat()
            }
        }
    }

    /// Every partition of the event log.
    pub(crate) fn events(&self) -> Vec<TopicPartition> {
        self.each("crm.events", self.layout.event_partitions)
    }

    /// Every partition of a topic of this installation.
    pub(crate) fn each(&self, topic: &str, partitions: u32) -> Vec<TopicPartition> {
        (0..partitions).map(|p| TopicPartition::new(self.topic(topic), p)).collect()
    }

    /// Makes the user's own topics.
    pub(crate) fn make_sources(&self) {
        if self.layout.way == Way::Direct {
            return;
        }
        let plan = |family: Family| NewTopicPlan {
            name: self.source(family),
            partitions: family.partitions(),
            replication: None,
            configs: BTreeMap::from([("retention.ms".to_owned(), "-1".to_owned())]),
        };
        let plans = Family::ALL.map(plan);
        assert_eq!(self.kafka.admin.create_topics(&plans).unwrap().len(), 2);
    }

    /// Sends records as a plain producer does.
    pub(crate) fn send(&self, records: &[Sent]) {
        let mut sender = self.sender();
        sender.send(records);
        sender.finish();
    }

    /// Writes events into the partitions of the event log, as a plain producer does.
    pub(crate) fn write(&self, events: &[(u32, Value)]) {
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

    /// A producer that sends a little at a time.
    pub(crate) fn sender(&self) -> Sender {
        let producer = ClientConfig::new()
            .set("bootstrap.servers", &self.kafka.bootstrap_servers)
            .set("partitioner", "murmur2_random")
            .set("enable.idempotence", "true")
            .set("message.timeout.ms", "0")
            .create()
            .unwrap();
        let topics = [Family::Leads, Family::Deals].map(|family| (family, self.source(family)));
        Sender { producer, topics: topics.into(), way: self.layout.way, sent: 0 }
    }

    /// All records of the sources, as an independent consumer reads them.
    pub(crate) fn sent(&self) -> Vec<RawRecord> {
        self.kafka.read_each(&self.sources())
    }

    /// What the group has committed in each of these partitions. Places that an open transaction holds are not
    /// answered: it is asked again, a bounded number of times.
    pub(crate) fn places(&self, partitions: &[TopicPartition]) -> Vec<Option<i64>> {
        let consumer: BaseConsumer = ClientConfig::new()
            .set("bootstrap.servers", &self.kafka.bootstrap_servers)
            .set("group.id", &self.prefix)
            .create()
            .unwrap();
        let mut list = TopicPartitionList::new();
        for at in partitions {
            list.add_partition(&at.topic, at.partition as i32);
        }
        let asked = (0..60).find_map(|_| match consumer.committed_offsets(list.clone(), TIMEOUT) {
            Ok(places) => Some(places),
            Err(KafkaError::ConsumerCommit(_) | KafkaError::OffsetFetch(_)) => None,
            Err(e) => panic!("{e}"),
        });
        let places = asked.expect("the places are stable in the end");
        let place = |at: &TopicPartition| {
            let element = places.find_partition(&at.topic, at.partition as i32).unwrap();
            element.offset().to_raw().filter(|offset| *offset >= 0)
        };
        partitions.iter().map(place).collect()
    }

    /// How many members the group has.
    pub(crate) fn members(&self) -> usize {
        let consumer: BaseConsumer =
            ClientConfig::new().set("bootstrap.servers", &self.kafka.bootstrap_servers).create().unwrap();
        let groups = consumer.fetch_group_list(Some(&self.prefix), TIMEOUT).unwrap();
        let group = groups.groups().iter().find(|group| group.name() == self.prefix);
        group.map_or(0, |group| group.members().len())
    }

    /// The event time to which the records in the sources take every judgement: each partition of a source
    /// promises that nothing older than its newest event less the bound will come.
    pub(crate) fn last_boundary(&self, records: &[Sent]) -> EventTime {
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
    pub(crate) fn offsets(&mut self) -> Vec<(TopicPartition, i64, i64)> {
        let sources = self.sources();
        let places = self.places(&sources).into_iter().map(|place| place.unwrap_or(0));
        sources.iter().zip(places).map(|(at, place)| (at.clone(), place, self.kafka.end(at))).collect()
    }

    /// All records of a topic of one partition that a read-committed consumer sees.
    pub(crate) fn read(&self, topic: &str) -> Vec<RawRecord> {
        self.kafka.read_each(&[TopicPartition::new(self.topic(topic), 0)])
    }

    /// What a compacted topic keeps in the end of each key, forgotten ones among them.
    pub(crate) fn latest(&self, topic: &str) -> BTreeMap<String, Option<Vec<u8>>> {
        let key = |record: &RawRecord| String::from_utf8(record.key.clone().unwrap()).unwrap();
        self.read(topic).into_iter().map(|record| (key(&record), record.value)).collect()
    }

    /// The last record of each window.
    pub(crate) fn windows(&self) -> Vec<Value> {
        let latest = self.latest("rapport.windows").into_values().flatten();
        latest.map(|value| serde_json::from_slice(&value).unwrap()).collect()
    }
}

/// The value of a header.
pub(crate) fn header<'a>(record: &'a RawRecord, name: &str) -> &'a str {
    let (_, value) = record.headers.iter().find(|(known, _)| known == name).unwrap_or_else(|| {
        panic!("{}@{} has no header {name}", record.at, record.offset);
    });
    std::str::from_utf8(value).unwrap()
}

/// A producer of the user's own: each record is placed by its key as Java clients place it.
pub(crate) struct Sender {
    producer: BaseProducer,
    topics: HashMap<Family, String>,
    way: Way,
    /// How many records were sent, which numbers their traces.
    sent: usize,
}

impl Sender {
    /// Hands records over, without waiting for their delivery.
    pub(crate) fn send(&mut self, records: &[Sent]) {
        for sent in records {
            let trace = self.sent.to_string();
            let headers = OwnedHeaders::new().insert(Header { key: TRACE, value: Some(&trace) });
            let value = match self.way {
                Way::Intakes => &sent.value,
                Way::Direct => &sent.line,
            };
            let topic = &self.topics[&sent.family];
            let mut record = BaseRecord::<[u8], [u8]>::to(topic).payload(value).headers(headers);
            let key = match self.way {
                Way::Intakes => sent.key.as_ref(),
                Way::Direct => sent.log_key.as_ref(),
            };
            record.key = key.map(|key| key.as_bytes());
            while let Err((error, again)) = self.producer.send(record) {
                assert_eq!(error.rdkafka_error_code(), Some(RDKafkaErrorCode::QueueFull), "{error}");
                self.producer.poll(TIMEOUT);
                record = again;
            }
            self.producer.poll(Duration::ZERO);
            self.sent += 1;
        }
    }

    /// Waits until everything is delivered.
    pub(crate) fn finish(&self) {
        self.producer.flush(DELIVERY).unwrap();
    }
}
