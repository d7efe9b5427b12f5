//! `[kafka.common]`, `[kafka.consumer]`, `[kafka.producer]`: properties that are handed to librdkafka as
//! they are, except those that would break exactly-once.
//!
//! A value may be a secret: it is masked wherever it could be printed and never part of an error. A file
//! or a variable that holds one is named here and read by whoever starts a client.

use std::collections::BTreeMap;
use std::fmt;

use toml_edit::{InlineTable, Item, Table, Value};

use super::error::{ConfigError, ConfigErrors, Place};
use super::kafka::Kafka;
use super::section::{Findings, Section, Wrong};
use super::tree::{self, Entry, Node, Shape};

/// What stands in the place of a secret.
pub(super) const MASK: &str = "***";

/// The clients that a property is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Client {
    /// Every client.
    Common,
    /// Consumers.
    Consumer,
    /// Producers.
    Producer,
}

impl Client {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Client::Common => "common",
            Client::Consumer => "consumer",
            Client::Producer => "producer",
        }
    }
}

/// Where a secret is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretRef {
    /// In a file with this path.
    File(String),
    /// In an environment variable with this name.
    Env(String),
}

impl fmt::Display for SecretRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SecretRef::File(path) => write!(f, "file {path}"),
            SecretRef::Env(name) => write!(f, "environment variable {name}"),
        }
    }
}

/// The value of a property.
#[derive(Clone, PartialEq, Eq)]
pub enum PropertyValue {
    /// It may be shown.
    Plain(String),
    /// It is a secret; its `Debug` is a mask.
    Secret(String),
    /// It is kept elsewhere.
    Kept(SecretRef),
}

impl fmt::Debug for PropertyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PropertyValue::Plain(text) => write!(f, "{text:?}"),
            PropertyValue::Secret(_) => f.write_str(MASK),
            PropertyValue::Kept(at) => write!(f, "{at}"),
        }
    }
}

/// Properties by their librdkafka names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Properties(pub BTreeMap<String, PropertyValue>);

/// Words in the name of a property whose value is a secret.
const SECRET_WORDS: [&str; 6] = ["password", "passphrase", "secret", "key.pem", "jaas", "oauthbearer.config"];

fn is_secret(name: &str) -> bool {
    SECRET_WORDS.iter().any(|word| name.contains(word))
}

/// What exactly-once demands of a property.
enum Demand {
    /// It is one of these.
    OneOf(&'static [&'static str]),
    /// It is a number of at least and at most so much.
    Within(i64, i64),
    /// Another key says it.
    Said(&'static str),
    /// Nobody may set it.
    Never,
}

const TRUE: Demand = Demand::OneOf(&["true", "t", "1"]);
const FALSE: Demand = Demand::OneOf(&["false", "f", "0"]);

/// Names (with their aliases), what is demanded, and why.
const DEMANDS: [(&[&str], Demand, &str); 16] = [
    (
        &["bootstrap.servers", "metadata.broker.list"],
        Demand::Said("kafka.bootstrap_servers"),
        "it has a key of its own",
    ),
    (&["group.id"], Demand::Said("kafka.group_id"), "it has a key of its own"),
    (&["group.instance.id"], Demand::Said("kafka.instance_id"), "it has a key of its own"),
    (
        &["transactional.id"],
        Demand::Never,
        "it is made from the group and the instance; another one would not fence the predecessor",
    ),
    (
        &["enable.auto.commit", "auto.commit.enable"],
        FALSE,
        "offsets are committed in the transaction of their effects, never beside it",
    ),
    (
        &["auto.offset.reset"],
        Demand::OneOf(&["error"]),
        "a lost offset must stop the task, not skip or repeat records",
    ),
    (
        &["isolation.level"],
        Demand::OneOf(&["read_committed"]),
        "records of aborted transactions would be counted",
    ),
    (&["enable.idempotence"], TRUE, "a retried write would be counted twice"),
    (
        &["acks", "request.required.acks"],
        Demand::OneOf(&["all", "-1"]),
        "a write could be lost after it was acknowledged",
    ),
    (
        &["max.in.flight", "max.in.flight.requests.per.connection"],
        Demand::Within(1, 5),
        "beyond 5 requests in flight, retried writes lose their order",
    ),
    (
        &["retries", "message.send.max.retries"],
        Demand::Within(1, i32::MAX as i64),
        "an idempotent producer has to retry",
    ),
    (
        &["partitioner"],
        Demand::Never,
        "the partition is computed from the key; another one would split journeys",
    ),
    (
        &["partition.assignment.strategy"],
        Demand::OneOf(&["cooperative-sticky"]),
        "tasks that stay must keep their state while others move",
    ),
    (
        &["group.protocol"],
        Demand::OneOf(&["classic"]),
        "fencing by group generation is built on the classic protocol",
    ),
    (
        &["allow.auto.create.topics"],
        FALSE,
        "a topic that comes into being by itself has the wrong partitions and retention",
    ),
    (
        &["enable.gapless.guarantee"],
        FALSE,
        "a failed write has to abort its transaction, not end the producer",
    ),
];

fn demand(name: &str) -> Option<&'static (&'static [&'static str], Demand, &'static str)> {
    DEMANDS.iter().find(|(names, ..)| names.contains(&name))
}

/// What is wrong with a property whose value is `text`; `None` where nothing is.
fn breaks(name: &str, text: Option<&str>) -> Option<Wrong> {
    let (_, demand, why) = demand(name)?;
    let lower = text.map(str::to_ascii_lowercase);
    let right = match demand {
        Demand::OneOf(words) if lower.as_deref().is_some_and(|text| words.contains(&text)) => return None,
        Demand::Within(low, high)
            if lower
                .as_deref()
                .and_then(|text| text.parse().ok())
                .is_some_and(|n| (*low..=*high).contains(&n)) =>
        {
            return None;
        }
        Demand::OneOf(words) => format!("leave it out or write \"{}\"", words[0]),
        Demand::Within(low, high) => format!("leave it out or write a number from {low} to {high}"),
        Demand::Said(key) => format!("write {key}"),
        Demand::Never => "leave it out".to_owned(),
    };
    Some(Wrong::new(format!("it is not free to choose: {why}"), right))
}

/// The key that the parts of a variable's name mean. Property names have dots, variables cannot:
/// `RAPPORT__KAFKA__COMMON__SASL_PASSWORD` is `sasl.password`.
pub(super) fn path_of(parts: &[&str]) -> Vec<String> {
    match parts {
        ["kafka", client @ ("common" | "consumer" | "producer"), name @ ..] if !name.is_empty() => {
            let name = name.join(".");
            let name = if name == "log_level" { name } else { name.replace('_', ".") };
            vec!["kafka".to_owned(), (*client).to_owned(), name]
        }
        parts => parts.iter().map(|part| (*part).to_owned()).collect(),
    }
}

/// Makes `sasl.mechanism = …` and `"sasl.mechanism" = …` the same.
pub(super) fn join_names(root: &mut tree::Table) {
    for client in ["common", "consumer", "producer"] {
        tree::join_dotted(root, &["kafka", client]);
    }
}

pub(super) fn read(kafka: &mut Section<'_>, client: Client, findings: &mut Findings) -> Properties {
    let mut s = kafka.section(client.as_str());
    let mut properties = BTreeMap::new();
    for Entry { key, node, .. } in s.foreign() {
        let value = s.optional(key, |node| property(key, node));
        let text = match &value {
            Some(PropertyValue::Plain(text) | PropertyValue::Secret(text)) => Some(text.as_str()),
            Some(PropertyValue::Kept(_)) | None => None,
        };
        if let Some(Wrong { wrong, right }) =
            breaks(key, text).filter(|_| !matches!(node.shape, Shape::List(_)))
        {
            s.refuse(key, wrong, right);
        }
        properties.extend(value.map(|value| (key.clone(), value)));
    }
    s.finish(findings);
    Properties(properties)
}

fn property(name: &str, node: &Node) -> Result<PropertyValue, Wrong> {
    let right = "write text, a number, true or false, { file = \"…\" } or { env = \"…\" }";
    let text = match &node.shape {
        Shape::Text(text) => text.clone(),
        // A variable means what it says, digit by digit: it may be a password that looks like a number.
        Shape::Integer(n) if !matches!(node.place, Place::Variable(_)) => n.to_string(),
        Shape::Integer(_) | Shape::Flag(_) | Shape::Fraction | Shape::Date => node.written.clone(),
        Shape::Table(table) => {
            return kept(table).ok_or_else(|| Wrong::new("it is no value of a property", right));
        }
        Shape::List(_) => return Err(Wrong::new("it is no value of a property", right)),
    };
    if !is_secret(name) {
        return Ok(PropertyValue::Plain(text));
    }
    if text == MASK {
        let wrong = "it is the mask of a configuration that was printed";
        return Err(Wrong::new(wrong, "write the secret, { file = \"…\" } or { env = \"…\" }"));
    }
    Ok(PropertyValue::Secret(text))
}

fn kept(table: &tree::Table) -> Option<PropertyValue> {
    let [Entry { key, node: Node { shape: Shape::Text(text), .. }, .. }] = &table.entries[..] else {
        return None;
    };
    match (key.as_str(), text.is_empty()) {
        ("file", false) => Some(PropertyValue::Kept(SecretRef::File(text.clone()))),
        ("env", false) => Some(PropertyValue::Kept(SecretRef::Env(text.clone()))),
        _ => None,
    }
}

impl Properties {
    /// The table as TOML, secrets masked.
    pub(super) fn print(&self) -> Table {
        let mut table = Table::new();
        for (name, value) in &self.0 {
            let value = match value {
                PropertyValue::Plain(text) => Value::from(text),
                PropertyValue::Secret(_) => Value::from(MASK),
                PropertyValue::Kept(SecretRef::File(path)) => named("file", path),
                PropertyValue::Kept(SecretRef::Env(name)) => named("env", name),
            };
            table.insert(name, Item::Value(value));
        }
        table
    }
}

fn named(kind: &str, name: &str) -> Value {
    let mut table = InlineTable::new();
    table.insert(kind, name.into());
    Value::InlineTable(table)
}

impl Kafka {
    /// The properties of a client, `common` under its own, with every secret read by `secret`. The end of
    /// the last line of a secret is no part of it.
    ///
    /// Fails with every secret that could not be read or is empty, naming where it should be.
    pub fn properties(
        &self,
        client: Client,
        secret: &dyn Fn(&SecretRef) -> Result<String, String>,
    ) -> Result<BTreeMap<String, String>, ConfigErrors> {
        let own = match client {
            Client::Common => &self.common,
            Client::Consumer => &self.consumer,
            Client::Producer => &self.producer,
        };
        let mut merged: BTreeMap<&str, (Client, &PropertyValue)> = BTreeMap::new();
        for (of, properties) in [(Client::Common, &self.common), (client, own)] {
            merged.extend(properties.0.iter().map(|(name, value)| (name.as_str(), (of, value))));
        }
        let (mut read, mut errors) = (BTreeMap::new(), Vec::new());
        for (name, (of, value)) in merged {
            match open(value, secret) {
                Ok(text) => _ = read.insert(name.to_owned(), text),
                Err(wrong) => errors.push(ConfigError {
                    place: Place::Whole,
                    key: format!("kafka.{}.{name}", of.as_str()),
                    wrong,
                    right: "put the secret there, or correct where it is looked for".to_owned(),
                }),
            }
        }
        if errors.is_empty() { Ok(read) } else { Err(ConfigErrors::new("configuration", errors)) }
    }
}

fn open(
    value: &PropertyValue,
    secret: &dyn Fn(&SecretRef) -> Result<String, String>,
) -> Result<String, String> {
    let at = match value {
        PropertyValue::Plain(text) | PropertyValue::Secret(text) => return Ok(text.clone()),
        PropertyValue::Kept(at) => at,
    };
    let text = secret(at).map_err(|why| format!("{at}: {why}"))?;
    match text.trim_end_matches(['\r', '\n']) {
        "" => Err(format!("{at} is empty")),
        text => Ok(text.to_owned()),
    }
}
