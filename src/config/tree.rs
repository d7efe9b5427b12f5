//! The configuration as a tree of what was written where: the file's TOML with the environment's
//! overrides laid over it.
//!
//! Knows the syntax and the places, not the keys: whether a key exists is the readers' business.

use std::collections::BTreeMap;
use std::ops::Range;

use toml_edit::{Document, Item, TableLike, Value};

use super::error::{ConfigError, Place};

/// What the names of overriding environment variables begin with.
const PREFIX: &str = "rapport__";

/// A value, and where it was written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub(super) place: Place,
    /// A scalar as it was written, quotes included; what a person sees in a message.
    pub(super) written: String,
    pub(super) shape: Shape,
}

/// What kind of value it is.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Shape {
    Table(Table),
    List(Vec<Node>),
    Text(String),
    Integer(i64),
    Flag(bool),
    /// A number with a fraction; its digits are in `written`, so that none is lost.
    Fraction,
    /// A date or a time; what it says is in `written`.
    Date,
}

/// Keys and values in the order of the file.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Table {
    pub(super) entries: Vec<Entry>,
    pub(super) form: Form,
}

/// How a table was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Form {
    /// As `[a.b]` or by dotted keys.
    #[default]
    Open,
    /// As `{ … }`.
    Braces,
}

/// One key with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) place: Place,
    pub(super) node: Node,
}

impl Table {
    /// The entry of a key.
    pub(super) fn get(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }

    fn get_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.iter_mut().find(|entry| entry.key == key)
    }

    fn set(&mut self, entry: Entry) {
        match self.get_mut(&entry.key) {
            Some(old) => *old = entry,
            None => self.entries.push(entry),
        }
    }
}

/// Reads a file's text. A file that is no TOML has one error: where its syntax breaks.
pub(super) fn parse(text: &str) -> Result<Table, ConfigError> {
    let document = Document::parse(text).map_err(|e| ConfigError {
        place: Source::File(text).place(e.span().unwrap_or(0..0)),
        key: String::new(),
        wrong: format!("this is not TOML: {}", e.message().trim().replace('\n', ", ")),
        right: "correct the syntax; the rest of the file can be checked only then".to_owned(),
    })?;
    Ok(table(document.as_table(), Form::Open, &Source::File(text)))
}

/// Where a TOML text comes from.
enum Source<'a> {
    File(&'a str),
    Variable { name: &'a str, text: &'a str },
}

impl Source<'_> {
    fn text(&self) -> &str {
        match self {
            Source::File(text) | Source::Variable { text, .. } => text,
        }
    }

    fn place(&self, span: Range<usize>) -> Place {
        match self {
            Source::Variable { name, .. } => Place::Variable((*name).to_owned()),
            Source::File(text) => {
                let before = text.get(..span.start).unwrap_or(text);
                let line_start = before.rfind('\n').map_or(0, |i| i + 1);
                let line = before.matches('\n').count() + 1;
                Place::File { line, column: before[line_start..].chars().count() + 1 }
            }
        }
    }
}

fn table(from: &dyn TableLike, form: Form, source: &Source<'_>) -> Table {
    let mut entries = Vec::new();
    for (key, item) in from.iter() {
        let key_span = from.key(key).and_then(toml_edit::Key::span);
        let span = item.span().or(key_span.clone()).unwrap_or(0..0);
        let place = source.place(key_span.unwrap_or(span.clone()));
        if let Some(node) = node(item, span, source) {
            entries.push(Entry { key: key.to_owned(), place, node });
        }
    }
    Table { entries, form }
}

fn node(item: &Item, span: Range<usize>, source: &Source<'_>) -> Option<Node> {
    let place = source.place(span);
    let shape = match item {
        Item::None => return None,
        Item::Value(v) => return Some(value(v, place, source)),
        Item::Table(t) => Shape::Table(table(t, Form::Open, source)),
        Item::ArrayOfTables(tables) => Shape::List(
            tables
                .iter()
                .map(|t| Node {
                    place: source.place(t.span().unwrap_or(0..0)),
                    written: "a table".to_owned(),
                    shape: Shape::Table(table(t, Form::Open, source)),
                })
                .collect(),
        ),
    };
    Some(Node { place, written: described(&shape).to_owned(), shape })
}

fn value(v: &Value, place: Place, source: &Source<'_>) -> Node {
    let shape = match v {
        Value::String(s) => Shape::Text(s.value().clone()),
        Value::Integer(n) => Shape::Integer(*n.value()),
        Value::Boolean(b) => Shape::Flag(*b.value()),
        Value::Float(_) => Shape::Fraction,
        Value::Datetime(_) => Shape::Date,
        Value::InlineTable(t) => {
            let form = if t.is_dotted() { Form::Open } else { Form::Braces };
            Shape::Table(table(t, form, source))
        }
        Value::Array(values) => Shape::List(
            values.iter().map(|v| value(v, source.place(v.span().unwrap_or(0..0)), source)).collect(),
        ),
    };
    let written = match &shape {
        Shape::Table(_) | Shape::List(_) => described(&shape).to_owned(),
        _ => v.span().and_then(|span| source.text().get(span)).unwrap_or_default().to_owned(),
    };
    Node { place, written, shape }
}

fn described(shape: &Shape) -> &'static str {
    match shape {
        Shape::Table(_) => "a table",
        Shape::List(_) => "a list",
        _ => "a value",
    }
}

/// Turns `a.b = 1` into `"a.b" = 1` at `path`, whose keys are names with dots. What stands in braces is
/// a value of its own.
pub(super) fn join_dotted(root: &mut Table, path: &[&str]) {
    let mut at = root;
    for key in path {
        match at.get_mut(key).map(|entry| &mut entry.node.shape) {
            Some(Shape::Table(next)) => at = next,
            _ => return,
        }
    }
    let mut flat = Vec::new();
    flatten("", std::mem::take(&mut at.entries), &mut flat);
    at.entries = flat;
}

fn flatten(prefix: &str, entries: Vec<Entry>, flat: &mut Vec<Entry>) {
    for entry in entries {
        let key = format!("{prefix}{}", entry.key);
        match entry.node.shape {
            Shape::Table(t) if t.form == Form::Open => flatten(&format!("{key}."), t.entries, flat),
            shape => flat.push(Entry { key, place: entry.place, node: Node { shape, ..entry.node } }),
        }
    }
}

/// Lays the variables that begin with `RAPPORT__` over the file, in the order of their names. `path_of`
/// says which key the parts of a name mean.
pub(super) fn lay_over(
    root: &mut Table,
    env: &[(String, String)],
    path_of: &dyn Fn(&[&str]) -> Vec<String>,
    errors: &mut Vec<ConfigError>,
) {
    let mut overrides: BTreeMap<String, (&str, &str)> = BTreeMap::new();
    for (name, text) in env {
        let lower = name.to_ascii_lowercase();
        if !lower.starts_with(PREFIX) {
            continue;
        }
        let rest = lower[PREFIX.len()..].to_owned();
        if let Some((other, _)) = overrides.get(rest.as_str()) {
            let right = format!("keep one of {other} and {name}");
            errors.push(refusal(name, "", "another variable means the same key", right));
        } else {
            overrides.insert(rest, (name, text));
        }
    }
    for (rest, (name, text)) in overrides {
        let parts: Vec<&str> = rest.split("__").collect();
        if parts.iter().any(|part| part.is_empty()) {
            let right = "write RAPPORT__SECTION__KEY, as RAPPORT__KAFKA__GROUP_ID".to_owned();
            errors.push(refusal(name, "", "a part of its name is empty", right));
            continue;
        }
        if let Err(e) = set(root, &path_of(&parts), override_node(name, text), name) {
            errors.push(e);
        }
    }
}

fn set(root: &mut Table, path: &[String], node: Node, name: &str) -> Result<(), ConfigError> {
    let (last, sections) = path.split_last().expect("a split name has a part");
    let place = Place::Variable(name.to_owned());
    let mut at = root;
    for (depth, key) in sections.iter().enumerate() {
        if at.get(key).is_none() {
            let shape = Shape::Table(Table::default());
            let section = Node { place: place.clone(), written: described(&shape).to_owned(), shape };
            at.set(Entry { key: key.clone(), place: place.clone(), node: section });
        }
        at = match at.get_mut(key).map(|entry| &mut entry.node.shape) {
            Some(Shape::Table(next)) => next,
            _ => {
                let whole = path[..=depth].join("__").to_uppercase();
                let right = format!("give the whole of it as TOML in RAPPORT__{whole}");
                let key = path[..=depth].join(".");
                return Err(refusal(name, &key, "only tables can be overridden in part", right));
            }
        };
    }
    at.set(Entry { key: last.clone(), place, node });
    Ok(())
}

fn refusal(name: &str, key: &str, wrong: &str, right: String) -> ConfigError {
    let place = Place::Variable(name.to_owned());
    ConfigError { place, key: key.to_owned(), wrong: wrong.to_owned(), right }
}

/// The value of a variable: a TOML value if it is one, else text.
fn override_node(name: &str, text: &str) -> Node {
    let line = format!("v = {text}");
    if let Ok(document) = Document::parse(line.as_str()) {
        let source = Source::Variable { name, text: &line };
        if let (1, Some(Item::Value(v))) = (document.as_table().len(), document.get("v")) {
            return value(v, Place::Variable(name.to_owned()), &source);
        }
    }
    let shape = Shape::Text(text.to_owned());
    Node { place: Place::Variable(name.to_owned()), written: format!("{text:?}"), shape }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn laid(text: &str, env: &[(&str, &str)]) -> (Table, Vec<ConfigError>) {
        let mut root = parse(text).expect("valid TOML");
        let env: Vec<_> = env.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let mut errors = Vec::new();
        let path_of = |parts: &[&str]| parts.iter().map(|p| p.to_string()).collect();
        lay_over(&mut root, &env, &path_of, &mut errors);
        (root, errors)
    }

    fn at<'a>(table: &'a Table, path: &[&str]) -> &'a Node {
        let (last, sections) = path.split_last().unwrap();
        let mut table = table;
        for key in sections {
            let Shape::Table(next) = &table.get(key).unwrap().node.shape else { panic!("{key}") };
            table = next;
        }
        &table.get(last).unwrap().node
    }

    #[test]
    fn places_count_lines_and_characters_from_one() {
        let root = parse("[a]\nb = 1\n\"ключ\" = 2\n[[c]]\nd = [1,\n 2]\n").unwrap();
        assert_eq!(at(&root, &["a", "b"]).place, Place::File { line: 2, column: 5 });
        assert_eq!(at(&root, &["a", "ключ"]).place, Place::File { line: 3, column: 10 });
        let Shape::List(tables) = &at(&root, &["c"]).shape else { panic!() };
        assert_eq!(tables[0].place, Place::File { line: 4, column: 1 });
        let Shape::Table(c) = &tables[0].shape else { panic!() };
        let Shape::List(d) = &at(c, &["d"]).shape else { panic!() };
        assert_eq!(d[1].place, Place::File { line: 6, column: 2 });
    }

    #[test]
    fn an_override_is_a_toml_value_or_else_text() {
        let cases = [
            ("5", Shape::Integer(5)),
            ("true", Shape::Flag(true)),
            ("0.50", Shape::Fraction),
            ("\"q\"", Shape::Text("q".into())),
            ("broker:9092", Shape::Text("broker:9092".into())),
            ("", Shape::Text(String::new())),
            ("1\nw = 2", Shape::Text("1\nw = 2".into())),
        ];
        for (text, shape) in cases {
            let (root, errors) = laid("", &[("Rapport__A__B", text)]);
            assert_eq!((at(&root, &["a", "b"]).shape.clone(), errors), (shape, vec![]), "{text}");
        }
        assert_eq!(at(&laid("", &[("RAPPORT__A", "0.50")]).0, &["a"]).written, "0.50");
    }

    #[test]
    fn overrides_win_and_say_their_name() {
        let (root, _) = laid("[a]\nb = 1\nc = 2", &[("RAPPORT__A__B", "3"), ("OTHER", "x")]);
        assert_eq!(at(&root, &["a", "b"]).place, Place::Variable("RAPPORT__A__B".into()));
        assert_eq!(at(&root, &["a", "c"]).shape, Shape::Integer(2));
        let (root, _) = laid("[[s]]\nn = 1", &[("RAPPORT__S", "[{n = 2}, {n = 3}]")]);
        assert!(matches!(&at(&root, &["s"]).shape, Shape::List(l) if l.len() == 2));
    }

    #[test]
    fn overrides_that_mean_nothing_are_refused() {
        let cases = [
            (vec![("RAPPORT__S__0__N", "2")], "s: only tables can be overridden in part"),
            (vec![("RAPPORT____N", "2")], "a part of its name is empty"),
            (vec![("RAPPORT__A", "2"), ("rapport__a", "2")], "another variable means the same key"),
        ];
        for (env, wrong) in cases {
            let (_, errors) = laid("[[s]]\nn = 1", &env);
            assert_eq!(errors.len(), 1, "{env:?}");
            assert!(errors[0].to_string().starts_with(wrong), "{}", errors[0]);
        }
    }

    #[test]
    fn dotted_names_are_joined_and_braces_kept() {
        let mut root = parse("[k.c]\na.b.c = 1\n\"d.e\" = 2\nf.g = { file = \"x\" }").unwrap();
        join_dotted(&mut root, &["k", "c"]);
        let Shape::Table(c) = &at(&root, &["k", "c"]).shape else { panic!() };
        let keys: Vec<&str> = c.entries.iter().map(|e| e.key.as_str()).collect();
        assert_eq!(keys, ["a.b.c", "d.e", "f.g"]);
    }
}
