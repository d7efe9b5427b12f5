//! TOML as a tree in which every value knows the line and the key under which it was said.

use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::error::{Problems, Said};

/// A value and where it was said.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) said: Said,
    pub(super) holds: Holds,
}

/// A value of TOML, as far as a mapping uses them.
#[derive(Debug)]
pub(super) enum Holds {
    Text(String),
    Whole(i64),
    Flag(bool),
    List(Vec<Node>),
    Table(Vec<(String, Node)>),
    /// A value of a type that no key has, by its name.
    Other(&'static str),
}

impl Holds {
    fn type_name(&self) -> &'static str {
        match self {
            Holds::Text(_) => "a text",
            Holds::Whole(_) => "a whole number",
            Holds::Flag(_) => "true or false",
            Holds::List(_) => "a list",
            Holds::Table(_) => "a table",
            Holds::Other(name) => name,
        }
    }
}

/// Reads a document; `None` if it is no TOML, which is noted.
pub(super) fn read(text: &str, problems: &mut Problems) -> Option<Node> {
    let lines = Lines { text };
    match Document::parse(text) {
        Ok(document) => Some(lines.node(document.as_item(), "", 1)),
        Err(error) => {
            let said = Said { line: lines.of(error.span(), 1), key: String::new() };
            problems.note_at(&said, format!("not TOML: {}", error.message().trim().replace('\n', ", ")));
            None
        }
    }
}

/// Finds the line of a span.
#[derive(Clone, Copy)]
struct Lines<'t> {
    text: &'t str,
}

impl Lines<'_> {
    fn of(self, span: Option<Range<usize>>, otherwise: usize) -> usize {
        let before = span.and_then(|span| self.text.as_bytes().get(..span.start));
        before.map_or(otherwise, |before| 1 + before.iter().filter(|byte| **byte == b'\n').count())
    }

    fn node(self, item: &Item, key: &str, otherwise: usize) -> Node {
        let line = self.of(item.span(), otherwise);
        let holds = match item {
            Item::None => Holds::Other("nothing"),
            Item::Value(value) => return self.value(value, key, otherwise),
            Item::Table(table) => self.table(table, key, line),
            Item::ArrayOfTables(tables) => {
                let numbered = tables.iter().enumerate().map(|(n, table)| {
                    let (line, key) = (self.of(table.span(), line), format!("{key}[{}]", n + 1));
                    let holds = self.table(table, &key, line);
                    Node { said: Said { line, key }, holds }
                });
                Holds::List(numbered.collect())
            }
        };
        Node { said: Said { line, key: key.to_owned() }, holds }
    }

    fn value(self, value: &Value, key: &str, otherwise: usize) -> Node {
        let line = self.of(value.span(), otherwise);
        let holds = match value {
            Value::String(text) => Holds::Text(text.value().clone()),
            Value::Integer(number) => Holds::Whole(*number.value()),
            Value::Boolean(flag) => Holds::Flag(*flag.value()),
            Value::Float(_) => Holds::Other("a number with a fraction"),
            Value::Datetime(_) => Holds::Other("a time"),
            Value::Array(list) => {
                let numbered = list.iter().enumerate();
                Holds::List(
                    numbered.map(|(n, v)| self.value(v, &format!("{key}[{}]", n + 1), line)).collect(),
                )
            }
            Value::InlineTable(table) => self.table(table, key, line),
        };
        Node { said: Said { line, key: key.to_owned() }, holds }
    }

    fn table(self, table: &dyn TableLike, key: &str, line: usize) -> Holds {
        let entries = table.iter().map(|(name, item)| {
            let line = self.of(table.key(name).and_then(toml_edit::Key::span), line);
            let key = if key.is_empty() { name.to_owned() } else { format!("{key}.{name}") };
            (name.to_owned(), self.node(item, &key, line))
        });
        Holds::Table(entries.collect())
    }
}

/// Reading values of a known type; whatever is of another type is noted as a problem.
impl Node {
    /// The entries of a table.
    pub(super) fn table(&self, problems: &mut Problems) -> Option<Section<'_>> {
        match &self.holds {
            Holds::Table(entries) => Some(Section { node: self, entries }),
            other => self.wrong("a table", other, problems),
        }
    }

    /// The entries of a list.
    pub(super) fn list(&self, problems: &mut Problems) -> Option<&[Node]> {
        match &self.holds {
            Holds::List(nodes) => Some(nodes),
            other => self.wrong("a list", other, problems),
        }
    }

    /// A text that is not empty.
    pub(super) fn text(&self, problems: &mut Problems) -> Option<&str> {
        match &self.holds {
            Holds::Text(text) if text.is_empty() => {
                problems.note(self, "the text is empty");
                None
            }
            Holds::Text(text) => Some(text),
            other => self.wrong("a text", other, problems),
        }
    }

    /// Notes that a value is of another type than it should be.
    pub(super) fn wrong<T>(&self, expected: &str, found: &Holds, problems: &mut Problems) -> Option<T> {
        problems.note(self, format!("{expected} is needed here, not {}", found.type_name()));
        None
    }
}

/// A table that is being read.
#[derive(Clone, Copy)]
pub(super) struct Section<'n> {
    pub(super) node: &'n Node,
    pub(super) entries: &'n [(String, Node)],
}

impl<'n> Section<'n> {
    /// Notes every key that is not known here.
    pub(super) fn only(self, known: &[&str], problems: &mut Problems) -> Section<'n> {
        for (name, node) in self.entries {
            if !known.contains(&name.as_str()) {
                problems.note(node, super::error::unknown("key", name, known.iter().copied()));
            }
        }
        self
    }

    /// The value of a key.
    pub(super) fn get(self, key: &str) -> Option<&'n Node> {
        self.entries.iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value of a key that must be there.
    pub(super) fn need(self, key: &str, problems: &mut Problems) -> Option<&'n Node> {
        let found = self.get(key);
        if found.is_none() {
            problems.note(self.node, format!("`{key}` is missing"));
        }
        found
    }

    /// The text of a key that must be there.
    pub(super) fn need_text(self, key: &str, problems: &mut Problems) -> Option<&'n str> {
        self.need(key, problems)?.text(problems)
    }
}
