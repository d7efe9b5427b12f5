//! `[[source]]`: topics of other formats, keys and partitions that an intake copies into the event log.

use toml_edit::{Table, value as toml};

use super::kafka::Topics;
use super::section::{Findings, Section, Wrong};
use super::tree::Node;
use super::value;
use crate::model::definitions::DIRECT;

/// How the records of a topic are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Each record says it by its first bytes.
    Auto,
    /// JSON.
    Json,
    /// Avro in single-object encoding.
    AvroSingleObject,
    /// Avro in Confluent's framing.
    AvroConfluent,
}

impl Format {
    /// Every format with its word.
    pub const ALL: [(&'static str, Format); 4] = [
        ("auto", Format::Auto),
        ("json", Format::Json),
        ("avro_single_object", Format::AvroSingleObject),
        ("avro_confluent", Format::AvroConfluent),
    ];

    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Json => "json",
            Format::AvroSingleObject => "avro_single_object",
            Format::AvroConfluent => "avro_confluent",
        }
    }
}

/// How the records of a topic are written, and where their schemas are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Encoding {
    /// The format.
    pub format: Format,
    /// A directory with the writers' Avro schemas; `None` for the built-in ones alone.
    pub schemas: Option<String>,
}

impl Encoding {
    pub(super) fn read(s: &mut Section<'_>) -> Encoding {
        let format = s.read("format", Format::Auto, |n| value::word(n, &Format::ALL));
        let schemas = s.optional("schemas", |n| value::filled(n, "the path of a directory"));
        if format == Format::AvroConfluent && schemas.is_none() && s.sound(&["schemas"]) {
            let wrong = "avro_confluent names schemas by number, and none are given";
            s.refuse("format", wrong, "name the directory in schemas");
        }
        Encoding { format, schemas }
    }

    pub(super) fn print(&self, into: &mut Table) {
        into["format"] = toml(self.format.as_str());
        if let Some(schemas) = &self.schemas {
            into["schemas"] = toml(schemas);
        }
    }
}

/// One topic that is read by an intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// The topic; the source's name as well.
    pub name: String,
    /// How its records are written.
    pub encoding: Encoding,
}

impl Source {
    pub(super) fn print(&self) -> Table {
        let mut table = Table::new();
        table["name"] = toml(&self.name);
        self.encoding.print(&mut table);
        table
    }
}

pub(super) fn read(top: &mut Section<'_>, topics: &Topics, findings: &mut Findings) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    for mut s in top.sections("source").unwrap_or_default() {
        let name = s.optional("name", |n| name(n, topics, &sources));
        if !s.has("name") {
            s.refuse("name", "it is missing", "write the name of the topic");
        }
        let encoding = Encoding::read(&mut s);
        s.finish(findings);
        sources.extend(name.map(|name| Source { name, encoding }));
    }
    sources
}

fn name(node: &Node, topics: &Topics, before: &[Source]) -> Result<String, Wrong> {
    let name = value::topic(node)?;
    let right = "name a topic that the CRM's pipeline writes";
    if name == DIRECT {
        let right = "write direct = true in [log] for events that are written into the event log";
        return Err(Wrong::new("direct is the source of events without an intake", right));
    }
    if let Some((key, own)) = topics.clash(&name) {
        let wrong = format!("\"{name}\" is rapport's own kafka.topics.{key}, \"{own}\"");
        return Err(Wrong::new(wrong, right));
    }
    if before.iter().any(|source| source.name == name) {
        return Err(Wrong::new(format!("\"{name}\" is there twice"), "leave one of them out"));
    }
    Ok(name)
}
