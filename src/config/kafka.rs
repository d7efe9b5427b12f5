//! `[kafka]`: where the brokers are, who we are to them, and what our topics are called.

use toml_edit::{Table, value as toml};

use super::properties::{self, Client, Properties};
use super::section::{Findings, Section, Wrong};
use super::tree::Node;
use super::value;

/// The name that stands in the place of an instance's where definitions are applied.
pub const DEFINITIONS: &str = "definitions";

/// The section `[kafka]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Kafka {
    /// Where the cluster is met, `host:port` separated by commas.
    pub bootstrap_servers: String,
    /// The consumer group; the stem of transactional ids too.
    pub group_id: String,
    /// The name of this instance in the group, stable over restarts; `None` for a dynamic member.
    pub instance_id: Option<String>,
    /// Engine threads of this instance, each a member of the group of its own.
    pub threads: u32,
    /// How many partitions the event log has; fixed for its life.
    pub event_partitions: u32,
    /// The topics.
    pub topics: Topics,
    /// librdkafka properties of every client.
    pub common: Properties,
    /// librdkafka properties of consumers; they win over `common`.
    pub consumer: Properties,
    /// librdkafka properties of producers; they win over `common`.
    pub producer: Properties,
}

/// The full names of our topics, with the prefix.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topics {
    /// What every one of them begins with; may be empty.
    pub prefix: String,
    /// The event log.
    pub events: String,
    /// Changes of counts, from the journeys to the segments.
    pub deltas: String,
    /// The state of the journeys.
    pub journeys_state: String,
    /// The state of the segments.
    pub segments_state: String,
    /// Alerts.
    pub alerts: String,
    /// Window results.
    pub windows: String,
    /// Definitions.
    pub definitions: String,
    /// Records that could not be read.
    pub dead_letters: String,
}

impl Topics {
    /// Every topic with its key.
    pub fn all(&self) -> [(&'static str, &str); 8] {
        [
            ("events", &self.events),
            ("deltas", &self.deltas),
            ("journeys_state", &self.journeys_state),
            ("segments_state", &self.segments_state),
            ("alerts", &self.alerts),
            ("windows", &self.windows),
            ("definitions", &self.definitions),
            ("dead_letters", &self.dead_letters),
        ]
    }

    /// The key of the topic that has this name, or one that Kafka cannot tell from it: the names of
    /// metrics have `_` where topics have `.`.
    pub(super) fn clash(&self, name: &str) -> Option<(&'static str, &str)> {
        self.all().into_iter().find(|(_, own)| alike(own) == alike(name))
    }
}

fn alike(name: &str) -> String {
    name.replace('.', "_")
}

pub(super) fn read(top: &mut Section<'_>, findings: &mut Findings) -> Kafka {
    let mut s = top.section("kafka");
    let bootstrap_servers = s.read("bootstrap_servers", "localhost:9092".to_owned(), servers);
    let group_id =
        s.read("group_id", "rapport".to_owned(), |n| value::filled(n, "a name, such as \"rapport\""));
    let instance_id = s.optional("instance_id", instance);
    let threads = s.read("threads", 1, |n| value::integer(n, 1..=64));
    let event_partitions = s.read("event_partitions", 8, |n| value::integer(n, 1..=1_000));
    let topics = topics(&mut s, findings);
    let mut properties = |client| properties::read(&mut s, client, findings);
    let common = properties(Client::Common);
    let consumer = properties(Client::Consumer);
    let producer = properties(Client::Producer);
    s.finish(findings);
    Kafka {
        bootstrap_servers,
        group_id,
        instance_id,
        threads,
        event_partitions,
        topics,
        common,
        consumer,
        producer,
    }
}

/// Its transactional id is made of the group's name and this one.
fn instance(node: &Node) -> Result<String, Wrong> {
    let name = value::filled(node, "a name, such as \"rapport-0\"")?;
    match name == DEFINITIONS {
        true => {
            let wrong = format!("\"{DEFINITIONS}\" is the name under which definitions are applied");
            Err(Wrong::new(wrong, "write another name, such as \"rapport-0\""))
        }
        false => Ok(name),
    }
}

fn servers(node: &Node) -> Result<String, Wrong> {
    let right = "write host:port, several separated by commas";
    let text = value::filled(node, "\"localhost:9092\"")?;
    for server in text.split(',').map(str::trim) {
        let address = server.rsplit_once("://").map_or(server, |(_, address)| address);
        let port = address.rsplit_once(':').filter(|(host, _)| !host.is_empty()).map(|(_, port)| port);
        if !port.is_some_and(|port| port.parse::<u16>().is_ok_and(|port| port > 0)) {
            return Err(Wrong::new(format!("\"{server}\" is no host with a port"), right));
        }
    }
    Ok(text)
}

fn topics(kafka: &mut Section<'_>, findings: &mut Findings) -> Topics {
    let mut s = kafka.section("topics");
    let prefix = s.read("prefix", String::new(), |n| {
        let text = value::text(n)?;
        match value::topic_fault(&format!("{text}crm.events")) {
            None => Ok(text),
            Some(fault) => Err(Wrong::new(format!("{} {fault}", n.written), value::TOPIC_RIGHT)),
        }
    });
    let mut topic = |key: &str, name: &str| {
        let name = s.read(key, name.to_owned(), value::topic);
        let full = format!("{prefix}{name}");
        if let Some(fault) = value::topic_fault(&full) {
            s.refuse(key, format!("\"{full}\" {fault}"), value::TOPIC_RIGHT);
        }
        full
    };
    let topics = Topics {
        events: topic("events", "crm.events"),
        deltas: topic("deltas", "rapport.deltas"),
        journeys_state: topic("journeys_state", "rapport.journeys-state"),
        segments_state: topic("segments_state", "rapport.segments-state"),
        alerts: topic("alerts", "rapport.alerts"),
        windows: topic("windows", "rapport.windows"),
        definitions: topic("definitions", "rapport.definitions"),
        dead_letters: topic("dead_letters", "rapport.dead-letters"),
        prefix,
    };
    for (i, (key, name)) in topics.all().into_iter().enumerate() {
        if let Some((other, _)) = topics.all()[..i].iter().find(|(_, own)| alike(own) == alike(name)) {
            let wrong = format!("Kafka cannot tell {key} \"{name}\" from {other}");
            let right = "give each topic a name of its own, where '.' and '_' are the same";
            s.refuse_together(&[key, other], wrong, right);
        }
    }
    s.finish(findings);
    topics
}

impl Kafka {
    pub(super) fn print(&self, into: &mut Table) {
        into["bootstrap_servers"] = toml(&self.bootstrap_servers);
        into["group_id"] = toml(&self.group_id);
        if let Some(instance_id) = &self.instance_id {
            into["instance_id"] = toml(instance_id);
        }
        into["threads"] = toml(i64::from(self.threads));
        into["event_partitions"] = toml(i64::from(self.event_partitions));
        let mut topics = Table::new();
        topics["prefix"] = toml(&self.topics.prefix);
        for (key, full) in self.topics.all() {
            topics[key] = toml(full.strip_prefix(&self.topics.prefix).unwrap_or(full));
        }
        into["topics"] = toml_edit::Item::Table(topics);
        for (client, properties) in [
            (Client::Common, &self.common),
            (Client::Consumer, &self.consumer),
            (Client::Producer, &self.producer),
        ] {
            into[client.as_str()] = toml_edit::Item::Table(properties.print());
        }
    }
}
