//! How the text of a field is made of a row: a template or a lookup, then a default for nothing, then a
//! map of values.
//!
//! ```toml
//! lead_id = "{mql_id}"
//! source  = { column = "origin", default = "unknown" }
//! stage   = { column = "deal_stage", map = { Won = "won", Lost = "lost" }, other = "reject" }
//! region  = { lookup = "teams", key = "{sales_agent}", take = "regional_office", missing = "absent" }
//! ```

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::columns::{Column, Columns, RowView};
use super::error::{Problems, unknown};
use super::lookup::Lookup;
use super::template::Template;
use super::tree::{Holds, Node, Section};
use crate::model::Text;
use crate::model::dead_letter::Reason;

/// The keys of a phrase that is written as a table.
pub(super) const KEYS: &[&str] =
    &["column", "text", "lookup", "key", "take", "missing", "default", "map", "other"];

/// How the text of a field is made.
#[derive(Debug)]
pub(super) struct Phrase {
    source: Source,
    default: Option<Text>,
    map: Option<(BTreeMap<Text, Text>, Otherwise)>,
}

#[derive(Debug)]
enum Source {
    Template(Template),
    Lookup { lookup: usize, key: Box<Phrase>, take: usize, missing: Otherwise },
}

/// What becomes of a value that a map or a lookup does not know.
#[derive(Debug, PartialEq, Eq)]
enum Otherwise {
    /// The row is rejected.
    Reject,
    /// The value stays as it is.
    Keep,
    /// The field is absent.
    Absent,
    /// The field has this value.
    Value(Text),
    /// The row is ignored, for this reason.
    Ignore(Text),
}

/// Why a row gives no event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop<'t> {
    /// By rule, for a reason that is counted.
    Ignored(&'t str),
    /// It cannot.
    Rejected(Reason),
}

/// What a phrase may refer to.
pub(super) struct Scope<'s> {
    pub(super) columns: &'s mut Columns,
    pub(super) lookups: &'s [Lookup],
}

impl Phrase {
    /// Reads a phrase: a text or a table.
    pub(super) fn parse(node: &Node, scope: &mut Scope<'_>, problems: &mut Problems) -> Option<Phrase> {
        match &node.holds {
            Holds::Table(_) => {
                let section = node.table(problems)?.only(KEYS, problems);
                Phrase::of_section(section, scope, problems)
            }
            Holds::Text(_) => {
                let template = Template::parse(node.text(problems)?, node, scope.columns, problems)?;
                Some(Phrase { source: Source::Template(template), default: None, map: None })
            }
            other => node.wrong("a text or a table", other, problems),
        }
    }

    /// Reads a phrase whose table may have further keys.
    pub(super) fn of_section(
        section: Section<'_>,
        scope: &mut Scope<'_>,
        problems: &mut Problems,
    ) -> Option<Phrase> {
        let source = Source::parse(section, scope, problems);
        let default = section.get("default").and_then(|node| node.text(problems)).map(Text::from);
        let map = section.get("map").and_then(|node| parse_map(node, problems));
        let other = section.get("other").and_then(|node| Otherwise::parse(node, problems));
        if let (Some(node), None) = (section.get("other"), section.get("map")) {
            problems.note(node, "`other` says what becomes of a value that `map` does not know: add a `map`");
        }
        let map = map.map(|map| (map, other.unwrap_or(Otherwise::Reject)));
        Some(Phrase { source: source?, default, map })
    }

    /// The text for a row; `None` if there is nothing to say.
    pub(super) fn of<'t: 'r, 'r>(&'t self, row: &RowView<'r>) -> Result<Option<Cow<'r, str>>, Stop<'t>> {
        let found = match &self.source {
            Source::Template(template) => Some(template.of(row)),
            Source::Lookup { lookup, key, take, missing } => match key.of(row)? {
                None => None,
                Some(key) => {
                    let table = row.lookups[*lookup].expect("a lookup that is used was bound");
                    match table.get(&key, *take) {
                        Some(value) => Some(Cow::Borrowed(value)),
                        None => missing.of(key, Reason::UnmappedRow)?,
                    }
                }
            },
        };
        let value = match found {
            Some(value) if !value.is_empty() => value,
            _ => return Ok(self.default.as_deref().map(Cow::Borrowed)),
        };
        let mapped = match &self.map {
            None => Some(value),
            Some((map, other)) => match map.get(value.as_ref()) {
                Some(mapped) => Some(Cow::Borrowed(mapped.as_str())),
                None => other.of(value, Reason::UnknownSymbol)?,
            },
        };
        Ok(mapped.filter(|mapped| !mapped.is_empty()))
    }

    /// The columns in it.
    pub(super) fn columns(&self) -> Vec<Column> {
        match &self.source {
            Source::Template(template) => template.columns().collect(),
            Source::Lookup { key, .. } => key.columns(),
        }
    }

    /// The lookups in it, by number.
    pub(super) fn lookups(&self) -> Vec<usize> {
        match &self.source {
            Source::Template(_) => Vec::new(),
            Source::Lookup { lookup, key, .. } => [vec![*lookup], key.lookups()].concat(),
        }
    }

    /// Every text that can come out of it without being in a cell.
    pub(super) fn constants(&self) -> Vec<&str> {
        let mut constants: Vec<&str> = self.default.iter().map(Text::as_str).collect();
        match &self.map {
            Some((map, other)) => {
                constants.extend(map.values().map(Text::as_str).filter(|value| !value.is_empty()));
                constants.extend(other.value());
            }
            None => match &self.source {
                Source::Template(template) => constants.extend(template.constant()),
                Source::Lookup { missing, .. } => constants.extend(missing.value()),
            },
        }
        constants
    }
}

impl Source {
    fn parse(section: Section<'_>, scope: &mut Scope<'_>, problems: &mut Problems) -> Option<Source> {
        if section.get("lookup").is_none() {
            for key in ["key", "take", "missing"] {
                if let Some(node) = section.get(key) {
                    problems.note(node, format!("`{key}` belongs to a `lookup`, and there is none here"));
                }
            }
        }
        match (section.get("column"), section.get("text"), section.get("lookup")) {
            (Some(node), None, None) => {
                let name = node.text(problems)?;
                Some(Source::Template(Template::cell(scope.columns.number(name, node))))
            }
            (None, Some(node), None) => {
                let text = node.text(problems)?;
                Some(Source::Template(Template::parse(text, node, scope.columns, problems)?))
            }
            (None, None, Some(node)) => Source::parse_lookup(section, node, scope, problems),
            _ => {
                problems.note(section.node, "one of `column`, `text` and `lookup` is needed, and only one");
                None
            }
        }
    }

    fn parse_lookup(
        section: Section<'_>,
        node: &Node,
        scope: &mut Scope<'_>,
        problems: &mut Problems,
    ) -> Option<Source> {
        let key = section.need("key", problems).and_then(|node| Phrase::parse(node, scope, problems));
        let missing = match section.get("missing") {
            None => Some(Otherwise::Reject),
            Some(node) => match Otherwise::parse(node, problems) {
                Some(Otherwise::Keep) => {
                    problems.note(node, "the key of a lookup cannot stand for what is looked up");
                    None
                }
                missing => missing,
            },
        };
        let name = node.text(problems)?;
        let Some(lookup) = scope.lookups.iter().position(|lookup| lookup.name() == name) else {
            problems.note(node, unknown("lookup", name, scope.lookups.iter().map(Lookup::name)));
            return None;
        };
        let take = section.need("take", problems)?;
        let columns = scope.lookups[lookup].columns();
        let name = take.text(problems)?;
        let Some(place) = columns.iter().position(|column| column == name) else {
            problems.note(take, unknown("column of the lookup", name, columns.iter().map(Text::as_str)));
            return None;
        };
        Some(Source::Lookup { lookup, key: Box::new(key?), take: place, missing: missing? })
    }
}

impl Otherwise {
    fn parse(node: &Node, problems: &mut Problems) -> Option<Otherwise> {
        const WORDS: [&str; 3] = ["reject", "keep", "absent"];
        match &node.holds {
            Holds::Text(word) => match word.as_str() {
                "reject" => Some(Otherwise::Reject),
                "keep" => Some(Otherwise::Keep),
                "absent" => Some(Otherwise::Absent),
                word => {
                    let way_out = "or a table: { value = \"…\" }, { ignore = \"why\" }";
                    problems.note(node, format!("{}, {way_out}", unknown("choice", word, WORDS)));
                    None
                }
            },
            Holds::Table(_) => {
                let section = node.table(problems)?.only(&["value", "ignore"], problems);
                match (section.get("value"), section.get("ignore")) {
                    (Some(value), None) => Some(Otherwise::Value(value.text(problems)?.into())),
                    (None, Some(reason)) => Some(Otherwise::Ignore(reason.text(problems)?.into())),
                    _ => {
                        problems.note(node, "one of `value` and `ignore` is needed, and only one");
                        None
                    }
                }
            }
            other => node.wrong("a word or a table", other, problems),
        }
    }

    fn of<'t: 'r, 'r>(
        &'t self,
        value: Cow<'r, str>,
        reason: Reason,
    ) -> Result<Option<Cow<'r, str>>, Stop<'t>> {
        match self {
            Otherwise::Reject => Err(Stop::Rejected(reason)),
            Otherwise::Keep => Ok(Some(value)),
            Otherwise::Absent => Ok(None),
            Otherwise::Value(value) => Ok(Some(Cow::Borrowed(value))),
            Otherwise::Ignore(reason) => Err(Stop::Ignored(reason)),
        }
    }

    fn value(&self) -> Option<&str> {
        match self {
            Otherwise::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// A map of values; an empty text on the right makes the field absent.
fn parse_map(node: &Node, problems: &mut Problems) -> Option<BTreeMap<Text, Text>> {
    let entries = node.table(problems)?.entries;
    let mut map = BTreeMap::new();
    for (value, mapped) in entries {
        match &mapped.holds {
            Holds::Text(text) => drop(map.insert(value.into(), text.into())),
            other => mapped.wrong("a text", other, problems).unwrap_or_default(),
        }
    }
    Some(map)
}
