//! What a member is told about its cluster, and the properties that it lets nobody change.
//!
//! Any property of librdkafka is passed through, except those that would break exactly-once or that
//! rapport sets from a setting of its own; these are refused by name, with the reason.

use std::collections::BTreeMap;
use std::fmt;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use crate::log::MESSAGE_BYTES_MAX;

/// How to reach Kafka and as whom.
#[derive(Clone)]
pub struct KafkaSettings {
    /// `host:port[,host:port]`.
    pub bootstrap_servers: String,
    /// The consumer group.
    pub group_id: String,
    /// The name of this member that outlives a restart (static membership): its partitions wait for it
    /// for the session timeout. `None`: a new member at each start.
    pub instance_id: Option<String>,
    /// The transactional id of this member's producer; must be the same after a restart and no other
    /// member's, or readers wait for a dead member's transaction until it times out.
    pub transactional_id: String,
    /// After how long the broker gives up a transaction; longer than a restart of a broker.
    pub transaction_timeout_ms: u32,
    /// How many records a poll brings at most.
    pub batch_max: usize,
    /// Properties for every client: security, addresses, limits.
    pub properties: BTreeMap<String, String>,
    /// Properties for the consumers alone.
    pub consumer: BTreeMap<String, String>,
    /// Properties for the producer alone.
    pub producer: BTreeMap<String, String>,
}

/// A property that must not be set.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("kafka property {property} is refused: {why}")]
pub struct RefusedProperty {
    /// The property.
    pub property: String,
    /// Why, and what to do instead.
    pub why: &'static str,
}

/// Which values of a property are let through.
enum Allowed {
    None,
    Only(&'static [&'static str]),
}

/// Properties that break exactly-once, or that have a setting of their own.
const GUARDED: &[(&str, Allowed, &str)] = &[
    ("bootstrap.servers", Allowed::None, "it has a setting of its own"),
    ("metadata.broker.list", Allowed::None, "it is an alias of bootstrap.servers, a setting of its own"),
    ("group.id", Allowed::None, "it has a setting of its own"),
    ("group.instance.id", Allowed::None, "it has a setting of its own"),
    ("transactional.id", Allowed::None, "it is derived from the group and the instance"),
    ("transaction.timeout.ms", Allowed::None, "it has a setting of its own"),
    ("enable.auto.commit", FALSE, "offsets are committed in the transaction that holds their effects"),
    ("auto.commit.enable", FALSE, "offsets are committed in the transaction that holds their effects"),
    ("enable.auto.offset.store", FALSE, "offsets are committed in the transaction that holds their effects"),
    ("isolation.level", Allowed::Only(&["read_committed"]), "records of aborted transactions would be read"),
    ("auto.offset.reset", Allowed::Only(&["error"]), "records that are gone would be skipped in silence"),
    ("enable.partition.eof", TRUE, "the end of a partition would not be noticed"),
    ("partition.assignment.strategy", Allowed::Only(&["cooperative-sticky"]), "hand-over relies on it"),
    ("group.protocol", Allowed::Only(&["classic"]), "hand-over is proved with the classic protocol only"),
    ("enable.idempotence", TRUE, "a retried record could be written twice"),
    ("acks", ALL, "a record could be lost with its broker"),
    ("request.required.acks", ALL, "a record could be lost with its broker"),
    ("partitioner", Allowed::None, "every record names its partition, placed as Java clients place keys"),
    ("test.mock.num.brokers", Allowed::None, "it would replace the cluster by one that forgets"),
];
const FALSE: Allowed = Allowed::Only(&["false", "f", "0"]);
const TRUE: Allowed = Allowed::Only(&["true", "t", "1"]);
const ALL: Allowed = Allowed::Only(&["all", "-1"]);

impl KafkaSettings {
    /// Settings with defaults. With an `instance_id` the transactional id is `group_id-instance_id`;
    /// without one it is `group_id`, which suits a group of one member only: set it otherwise.
    pub fn new(bootstrap_servers: &str, group_id: &str, instance_id: Option<&str>) -> KafkaSettings {
        let transactional_id = match instance_id {
            Some(instance) => format!("{group_id}-{instance}"),
            None => group_id.to_string(),
        };
        KafkaSettings {
            bootstrap_servers: bootstrap_servers.to_string(),
            group_id: group_id.to_string(),
            instance_id: instance_id.map(str::to_string),
            transactional_id,
            transaction_timeout_ms: 60_000,
            batch_max: 1_000,
            properties: BTreeMap::new(),
            consumer: BTreeMap::new(),
            producer: BTreeMap::new(),
        }
    }

    /// The settings of an engine thread, counted from 0: each is a member of its own. The first one keeps the names,
    /// so that another number of threads moves as little as can be.
    pub fn for_thread(&self, thread: usize) -> KafkaSettings {
        let name = |of: &str| if thread == 0 { of.to_owned() } else { format!("{of}-{thread}") };
        KafkaSettings {
            instance_id: self.instance_id.as_deref().map(name),
            transactional_id: name(&self.transactional_id),
            ..self.clone()
        }
    }

    /// After how long without a word from it the group gives a member up, in ms.
    pub fn session_timeout_ms(&self, is_static: bool) -> i64 {
        let set = [&self.consumer, &self.properties].into_iter().find_map(|p| p.get("session.timeout.ms"));
        set.and_then(|text| text.parse().ok()).unwrap_or_else(|| default_session_timeout_ms(is_static))
    }

    /// After how long without a poll a member leaves the group, in ms.
    pub(super) fn max_poll_interval_ms(&self) -> u64 {
        let set = [&self.consumer, &self.properties].into_iter().find_map(|p| p.get("max.poll.interval.ms"));
        set.and_then(|text| text.parse().ok()).unwrap_or(300_000)
    }

    /// How long a call of the log blocks at most, in ms. A commit is the longest: it waits for deliveries, for places
    /// and for its end, for each as long as a transaction may last, and for a request that is under way then.
    pub fn longest_wait_ms(&self) -> u64 {
        4 * u64::from(self.transaction_timeout_ms)
    }

    /// Every property that is refused, in the order of their names.
    pub fn refused(&self) -> Vec<RefusedProperty> {
        let given: BTreeMap<_, _> =
            [&self.properties, &self.consumer, &self.producer].into_iter().flatten().collect();
        given
            .iter()
            .filter_map(|(property, value)| {
                let (_, allowed, why) = GUARDED.iter().find(|(name, _, _)| name == property)?;
                let value = value.trim().to_ascii_lowercase();
                let ok = matches!(allowed, Allowed::Only(values) if values.contains(&value.as_str()));
                (!ok).then(|| RefusedProperty { property: property.to_string(), why })
            })
            .collect()
    }

    fn base(&self) -> ClientConfig {
        let mut config = ClientConfig::new();
        config.set("client.id", "rapport").set("bootstrap.servers", &self.bootstrap_servers);
        // A broker that restarts is back in seconds; the default waits up to 10 s to look again.
        config.set("reconnect.backoff.max.ms", "1000").set("socket.keepalive.enable", "true");
        config.set_log_level(RDKafkaLogLevel::Warning);
        config
    }

    fn with(mut config: ClientConfig, properties: [&BTreeMap<String, String>; 2]) -> ClientConfig {
        for (property, value) in properties.into_iter().flatten() {
            config.set(property, value);
        }
        config
    }

    /// A client without group or transaction, for administration.
    pub(super) fn plain(&self) -> ClientConfig {
        KafkaSettings::with(self.base(), [&self.properties, &BTreeMap::new()])
    }

    fn reading(&self) -> ClientConfig {
        let mut config = self.base();
        config
            .set("group.id", &self.group_id)
            .set("enable.auto.commit", "false")
            .set("enable.auto.offset.store", "false")
            .set("auto.offset.reset", "error")
            .set("enable.partition.eof", "true")
            .set("isolation.level", "read_committed")
            .set("allow.auto.create.topics", "false")
            // A fetch that waits holds up a partition that has just been assigned or sought.
            .set("fetch.wait.max.ms", "50")
            // By default fetching pauses for a whole second once enough has been read ahead.
            .set("fetch.queue.backoff.ms", "10")
            // A dead letter is as large as the record that it was.
            .set("receive.message.max.bytes", "268435456")
            .set("queued.max.messages.kbytes", "16384")
            .set("max.partition.fetch.bytes", "4194304");
        config
    }

    /// The member that belongs to the group.
    pub(super) fn member(&self) -> ClientConfig {
        let mut config = self.reading();
        config
            .set("partition.assignment.strategy", "cooperative-sticky")
            // Hand-over takes one or two heartbeats; with the default of 3 s that is 6 s of standstill.
            .set("heartbeat.interval.ms", "500")
            // How often there is news of how much is unread.
            .set("statistics.interval.ms", "5000");
        if let Some(instance) = &self.instance_id {
            config.set("group.instance.id", instance);
        }
        config.set("session.timeout.ms", default_session_timeout_ms(self.instance_id.is_some()).to_string());
        KafkaSettings::with(config, [&self.properties, &self.consumer])
    }

    /// A reader beside the group.
    pub(super) fn reader(&self) -> ClientConfig {
        KafkaSettings::with(self.reading(), [&self.properties, &self.consumer])
    }

    /// A consumer that looks at the group's committed places and neither joins nor reads: what an open
    /// transaction holds does not keep it waiting.
    pub(super) fn observer(&self) -> ClientConfig {
        let mut config = KafkaSettings::with(self.reading(), [&self.properties, &self.consumer]);
        config.set("isolation.level", "read_uncommitted");
        config
    }

    /// The transactional producer that holds `id`.
    pub(super) fn writer(&self, id: &str) -> ClientConfig {
        let timeout = self.transaction_timeout_ms;
        let mut config = self.base();
        config
            .set("transactional.id", id)
            .set("transaction.timeout.ms", timeout.to_string())
            .set("message.timeout.ms", timeout.to_string())
            .set("socket.timeout.ms", timeout.min(60_000).to_string())
            .set("enable.idempotence", "true")
            .set("acks", "all")
            .set("linger.ms", "2")
            .set("compression.type", "lz4")
            .set("queue.buffering.max.messages", "1000000")
            // What is too large is for the topic to say, not for the client.
            .set("message.max.bytes", MESSAGE_BYTES_MAX.to_string())
            // A transaction that follows another one closely is refused for some milliseconds; the
            // default would come again only after 100.
            .set("retry.backoff.ms", "5")
            .set("delivery.report.only.error", "true");
        KafkaSettings::with(config, [&self.properties, &self.producer])
    }
}

/// A member with a name is waited for as long as its process may take to start again.
fn default_session_timeout_ms(is_static: bool) -> i64 {
    if is_static { 45_000 } else { 10_000 }
}

/// Whether a property's value must never be shown.
pub fn is_secret(property: &str) -> bool {
    ["password", "secret", "token", "jaas", "username", "key.pem", "oauthbearer.config"]
        .iter()
        .any(|part| property.contains(part))
}

/// Values of secret properties are masked.
impl fmt::Debug for KafkaSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = |properties: &BTreeMap<String, String>| -> BTreeMap<String, String> {
            let mask = |(k, v): (&String, &String)| {
                (k.clone(), if is_secret(k) { "***".to_string() } else { v.clone() })
            };
            properties.iter().map(mask).collect()
        };
        f.debug_struct("KafkaSettings")
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("group_id", &self.group_id)
            .field("instance_id", &self.instance_id)
            .field("transactional_id", &self.transactional_id)
            .field("transaction_timeout_ms", &self.transaction_timeout_ms)
            .field("batch_max", &self.batch_max)
            .field("properties", &masked(&self.properties))
            .field("consumer", &masked(&self.consumer))
            .field("producer", &masked(&self.producer))
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(property: &str, value: &str) -> Option<String> {
        let mut settings = KafkaSettings::new("localhost:9092", "rapport", Some("0"));
        settings.consumer.insert(property.to_string(), value.to_string());
        settings.refused().first().map(ToString::to_string)
    }

    #[test]
    fn what_breaks_exactly_once_is_refused_by_name() {
        for (property, value) in [
            ("enable.auto.commit", "true"),
            ("isolation.level", "read_uncommitted"),
            ("enable.idempotence", "false"),
            ("acks", "1"),
            ("acks", "0"),
            ("request.required.acks", "1"),
            ("auto.offset.reset", "earliest"),
            ("partitioner", "murmur2_random"),
            ("partition.assignment.strategy", "range"),
            ("group.protocol", "consumer"),
            ("transactional.id", "mine"),
            ("group.instance.id", "mine"),
            ("bootstrap.servers", "elsewhere:9092"),
        ] {
            let error = refused(property, value).unwrap_or_else(|| panic!("{property} was let through"));
            assert!(error.starts_with(&format!("kafka property {property} is refused: ")), "{error}");
        }
    }

    #[test]
    fn what_does_no_harm_is_let_through() {
        for (property, value) in [
            ("enable.auto.commit", "False"),
            ("acks", "all"),
            ("request.required.acks", "-1"),
            ("isolation.level", "read_committed"),
            ("linger.ms", "20"),
            ("security.protocol", "SASL_SSL"),
            ("session.timeout.ms", "6000"),
        ] {
            assert_eq!(refused(property, value), None);
        }
    }

    #[test]
    fn all_refusals_come_at_once() {
        let mut settings = KafkaSettings::new("localhost:9092", "rapport", None);
        settings.producer.insert("acks".into(), "1".into());
        settings.consumer.insert("enable.auto.commit".into(), "true".into());
        let names: Vec<_> = settings.refused().into_iter().map(|r| r.property).collect();
        assert_eq!(names, ["acks", "enable.auto.commit"]);
    }

    #[test]
    fn secrets_are_masked() {
        let mut settings = KafkaSettings::new("localhost:9092", "rapport", Some("0"));
        for secret in ["sasl.password", "ssl.key.password", "sasl.oauthbearer.client.secret", "ssl.key.pem"] {
            settings.properties.insert(secret.into(), "do not tell".into());
        }
        settings.properties.insert("ssl.ca.location".into(), "/etc/ca.pem".into());
        let shown = format!("{settings:?}");
        assert!(!shown.contains("do not tell"), "{shown}");
        assert!(shown.contains("/etc/ca.pem") && shown.contains("rapport-0"), "{shown}");
    }
}
