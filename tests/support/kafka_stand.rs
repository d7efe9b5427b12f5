//! A [`Stand`] over a real Apache Kafka, with clients of its own beside the code that is tested.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rapport::log::kafka::{Admin, KafkaLog, KafkaSettings, NewTopicPlan};
use rapport::log::{Log, NewRecord, RawRecord, TopicPartition};
use rapport::model::EventTime;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::error::KafkaError;
use rdkafka::message::{Header, Headers};
use rdkafka::producer::{BaseProducer, BaseRecord, Producer};
use rdkafka::{ClientConfig, Message, Offset, TopicPartitionList};

use super::kafka_broker::KafkaBroker;
use super::log_conformance::Stand;

/// No two tests of a binary share a name.
static NAMES: AtomicUsize = AtomicUsize::new(0);

/// A stand over the broker, with clients of its own beside the code that is tested.
pub(crate) struct Kafka {
    pub(crate) bootstrap_servers: String,
    pub(crate) admin: Admin,
    plain: BaseProducer,
    held: Option<BaseProducer>,
    /// What the last member reads: one that is to read nothing yet joins for the same topics.
    topics: Vec<String>,
}

const TIMEOUT: Duration = Duration::from_secs(20);

impl Kafka {
    pub(crate) fn new(broker: &KafkaBroker) -> Kafka {
        let bootstrap_servers = broker.bootstrap_servers.clone();
        let admin = Admin::connect(&KafkaSettings::new(&bootstrap_servers, "admin", None)).unwrap();
        let plain = client(&bootstrap_servers).set("linger.ms", "0").create().unwrap();
        Kafka { bootstrap_servers, admin, plain, held: None, topics: Vec::new() }
    }

    pub(crate) fn settings(&self, group: &str, id: &str) -> KafkaSettings {
        let mut settings = KafkaSettings::new(&self.bootstrap_servers, group, Some(id));
        settings.consumer.insert("statistics.interval.ms".into(), "50".into());
        settings
    }

    /// Every record of these partitions that a read-committed consumer sees.
    pub(crate) fn read_each(&self, partitions: &[TopicPartition]) -> Vec<RawRecord> {
        let consumer = self.reader("read_committed");
        let mut list = TopicPartitionList::new();
        for at in partitions {
            list.add_partition_offset(&at.topic, at.partition as i32, Offset::Beginning).unwrap();
        }
        consumer.assign(&list).unwrap();
        let (mut records, mut ended) = (Vec::new(), 0);
        while ended < partitions.len() {
            match consumer.poll(TIMEOUT).expect("the end of each partition comes in time") {
                Ok(message) => {
                    let at = TopicPartition::new(message.topic(), message.partition() as u32);
                    records.push(raw(&at, &message));
                }
                // Told once for each, unless more is written meanwhile.
                Err(KafkaError::PartitionEOF(_)) => ended += 1,
                Err(e) => panic!("{e}"),
            }
        }
        records
    }

    /// The first offset of a partition that is not forgotten.
    pub(crate) fn first(&self, at: &TopicPartition) -> i64 {
        let consumer = self.reader("read_uncommitted");
        consumer.fetch_watermarks(&at.topic, at.partition as i32, TIMEOUT).unwrap().0
    }

    /// The end of a partition for those who read what is committed, and the end of everything that is written.
    pub(crate) fn ends(&self, at: &TopicPartition) -> (i64, i64) {
        let end = |isolation| {
            let consumer = self.reader(isolation);
            consumer.fetch_watermarks(&at.topic, at.partition as i32, TIMEOUT).unwrap().1
        };
        let stable = end("read_committed");
        (stable, end("read_uncommitted"))
    }

    fn reader(&self, isolation: &str) -> BaseConsumer {
        client(&self.bootstrap_servers)
            .set("group.id", "independent")
            .set("isolation.level", isolation)
            .set("enable.partition.eof", "true")
            .set("enable.auto.commit", "false")
            .set("fetch.wait.max.ms", "20")
            .set("auto.offset.reset", "earliest")
            .create()
            .unwrap()
    }
}

fn client(bootstrap_servers: &str) -> ClientConfig {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", bootstrap_servers);
    config
}

impl Stand for Kafka {
    fn topic(&mut self, partitions: u32) -> String {
        let name = self.unique("topic");
        let plan = NewTopicPlan {
            name: name.clone(),
            partitions,
            replication: None,
            configs: [("retention.ms".to_string(), "-1".to_string())].into(),
        };
        assert_eq!(self.admin.create_topics(&[plan]).unwrap().len(), 1, "{name} is there already");
        name
    }

    fn member(&mut self, group: &str, id: &str, reads: &[TopicPartition]) -> Box<dyn Log> {
        if !reads.is_empty() {
            self.topics = reads.iter().map(|at| at.topic.clone()).collect();
            self.topics.dedup();
        }
        let topics: Vec<_> = self.topics.iter().map(String::as_str).collect();
        Box::new(KafkaLog::join(&self.settings(group, id), &topics).unwrap())
    }

    fn reassign(&mut self, _: &str, _: &[(&str, Vec<TopicPartition>)]) {}

    fn append(&mut self, record: NewRecord) {
        let mut new = BaseRecord::<[u8], [u8]>::to(&record.to.topic).partition(record.to.partition as i32);
        new.key = record.key.as_deref();
        new.payload = record.value.as_deref();
        self.plain.send(new).map_err(|(e, _)| e).unwrap();
        self.plain.flush(TIMEOUT).unwrap();
    }

    fn read_committed(&mut self, at: &TopicPartition) -> Vec<RawRecord> {
        self.read_each(std::slice::from_ref(at))
    }

    fn delete_records(&mut self, at: &TopicPartition, before: i64) {
        self.admin.delete_records(&[(at.clone(), before)]).unwrap();
    }

    fn end(&mut self, at: &TopicPartition) -> i64 {
        let consumer = self.reader("read_uncommitted");
        consumer.fetch_watermarks(&at.topic, at.partition as i32, TIMEOUT).unwrap().1
    }

    fn hold_place(&mut self, group: &str, at: &TopicPartition) -> String {
        let mut config = client(&self.bootstrap_servers);
        let id = format!("{group}-ghost");
        let producer: BaseProducer = config.set("transactional.id", &id).create().unwrap();
        let consumer: BaseConsumer = client(&self.bootstrap_servers).set("group.id", group).create().unwrap();
        producer.init_transactions(TIMEOUT).unwrap();
        producer.begin_transaction().unwrap();
        let mut list = TopicPartitionList::new();
        list.add_partition_offset(&at.topic, at.partition as i32, Offset::Offset(0)).unwrap();
        let nobody = consumer.group_metadata().unwrap();
        producer.send_offsets_to_transaction(&list, &nobody, TIMEOUT).unwrap();
        self.held = Some(producer);
        id
    }

    fn abort_held(&mut self) {
        self.held.take().expect("held before").abort_transaction(TIMEOUT).unwrap();
    }

    fn unique(&mut self, name: &str) -> String {
        format!("{name}-{}", NAMES.fetch_add(1, Ordering::Relaxed))
    }
}

fn raw(at: &TopicPartition, message: &impl Message) -> RawRecord {
    let header = |h: Header<'_, &[u8]>| (h.key.to_string(), h.value.unwrap().to_vec());
    RawRecord {
        at: at.clone(),
        offset: message.offset(),
        timestamp: EventTime(message.timestamp().to_millis().unwrap()),
        key: message.key().map(<[u8]>::to_vec),
        value: message.payload().map(<[u8]>::to_vec),
        headers: message.headers().map(|h| h.iter().map(header).collect()).unwrap_or_default(),
    }
}
