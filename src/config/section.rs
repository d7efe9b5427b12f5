//! Reads one table of the configuration key by key. It notes which keys exist as they are asked for,
//! so that what is left over is unknown, and it goes on after a mistake, so that all are found.

use std::collections::BTreeSet;

use super::error::{ConfigError, Place};
use super::tree::{Entry, Node, Shape, Table};

/// What is wrong with a value, and what would be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    pub(super) wrong: String,
    pub(super) right: String,
}

impl Wrong {
    pub(super) fn new(wrong: impl Into<String>, right: impl Into<String>) -> Wrong {
        Wrong { wrong: wrong.into(), right: right.into() }
    }
}

/// What reading found out, over all sections.
#[derive(Debug, Default)]
pub(super) struct Findings {
    pub(super) errors: Vec<ConfigError>,
    /// Every key that was asked for, from the top of the file.
    pub(super) keys: BTreeSet<String>,
    unknown: Vec<(String, String, Place)>,
}

/// One table while it is being read.
pub(super) struct Section<'t> {
    path: String,
    place: Place,
    table: Option<&'t Table>,
    keys: Keys,
    asked: BTreeSet<String>,
    wrong: BTreeSet<String>,
    errors: Vec<ConfigError>,
}

/// Whose the keys of a table are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keys {
    Ours,
    Foreign,
}

impl<'t> Section<'t> {
    /// The top of the file.
    pub(super) fn top(table: &'t Table) -> Section<'t> {
        Section::at(String::new(), Place::Whole, Some(table))
    }

    fn at(path: String, place: Place, table: Option<&'t Table>) -> Section<'t> {
        let (asked, wrong, errors) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        Section { path, place, table, keys: Keys::Ours, asked, wrong, errors }
    }

    /// A key of this section, from the top of the file.
    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    fn entry(&mut self, key: &str) -> Option<&'t Entry> {
        self.asked.insert(key.to_owned());
        self.table.and_then(|table| table.get(key))
    }

    /// Whether a key is written.
    pub(super) fn has(&mut self, key: &str) -> bool {
        self.entry(key).is_some()
    }

    /// The table under a key; an empty one if there is none.
    pub(super) fn section(&mut self, key: &str) -> Section<'t> {
        let path = self.path_of(key);
        match self.entry(key).map(|entry| &entry.node) {
            None => Section::at(path, self.place.clone(), None),
            Some(Node { place, shape: Shape::Table(table), .. }) => {
                Section::at(path, place.clone(), Some(table))
            }
            Some(node) => {
                self.refuse(key, format!("{} is no table", node.written), format!("write [{path}]"));
                Section::at(path, node.place.clone(), None)
            }
        }
    }

    /// The list of tables under a key, `[[key]]` or `key = [{ … }]`; `None` if there is none.
    pub(super) fn sections(&mut self, key: &str) -> Option<Vec<Section<'t>>> {
        let path = self.path_of(key);
        let node = &self.entry(key)?.node;
        let right = format!("write [[{path}]] once for each");
        let Shape::List(nodes) = &node.shape else {
            self.refuse(key, format!("{} is no list of tables", node.written), right);
            return Some(Vec::new());
        };
        let mut sections = Vec::new();
        for node in nodes {
            match &node.shape {
                Shape::Table(table) => {
                    sections.push(Section::at(path.clone(), node.place.clone(), Some(table)));
                }
                _ => {
                    let wrong = format!("{} is no table", node.written);
                    self.refuse_at(node.place.clone(), key, Wrong::new(wrong, right.clone()));
                }
            }
        }
        Some(sections)
    }

    /// The value of a key, if it is written and right; a mistake is noted.
    pub(super) fn optional<T>(
        &mut self,
        key: &str,
        read: impl FnOnce(&Node) -> Result<T, Wrong>,
    ) -> Option<T> {
        let node = &self.entry(key)?.node;
        match read(node) {
            Ok(value) => Some(value),
            Err(wrong) => {
                self.refuse_at(node.place.clone(), key, wrong);
                None
            }
        }
    }

    /// The value of a key, or its default; a mistake is noted and answered with the default.
    pub(super) fn read<T>(
        &mut self,
        key: &str,
        default: T,
        read: impl FnOnce(&Node) -> Result<T, Wrong>,
    ) -> T {
        self.optional(key, read).unwrap_or(default)
    }

    /// The values of a list; each mistake is noted. `None` if the key is not written.
    pub(super) fn list<T>(
        &mut self,
        key: &str,
        of: &str,
        mut read: impl FnMut(&Node) -> Result<T, Wrong>,
    ) -> Option<Vec<T>> {
        let node = &self.entry(key)?.node;
        let Shape::List(nodes) = &node.shape else {
            self.refuse(key, format!("{} is no list", node.written), format!("write a list of {of}"));
            return Some(Vec::new());
        };
        let mut values = Vec::new();
        for node in nodes {
            match read(node) {
                Ok(value) => values.push(value),
                Err(wrong) => self.refuse_at(node.place.clone(), key, wrong),
            }
        }
        Some(values)
    }

    /// Every key that is written here, whatever its name: for tables whose keys are not ours.
    pub(super) fn foreign(&mut self) -> &'t [Entry] {
        self.keys = Keys::Foreign;
        self.entries()
    }

    fn entries(&self) -> &'t [Entry] {
        self.table.map_or(&[], |table| &table.entries)
    }

    /// Notes that a key is wrong, at its value, or at the section if it is not written.
    pub(super) fn refuse(&mut self, key: &str, wrong: impl Into<String>, right: impl Into<String>) {
        let place = self.entry(key).map_or(self.place.clone(), |entry| entry.node.place.clone());
        self.refuse_at(place, key, Wrong::new(wrong, right));
    }

    /// Notes that several keys do not fit each other, at the first of them that is written.
    pub(super) fn refuse_together(
        &mut self,
        keys: &[&str],
        wrong: impl Into<String>,
        right: impl Into<String>,
    ) {
        let at = keys.iter().find(|key| self.table.is_some_and(|table| table.get(key).is_some()));
        self.refuse(at.unwrap_or(&keys[0]), wrong, right);
    }

    fn refuse_at(&mut self, place: Place, key: &str, Wrong { wrong, right }: Wrong) {
        self.wrong.insert(key.to_owned());
        self.errors.push(ConfigError { place, key: self.path_of(key), wrong, right });
    }

    /// Whether nothing is wrong with these keys so far: only then does a check across them make sense.
    pub(super) fn sound(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| !self.wrong.contains(*key))
    }

    /// Whether every key that is written has been asked for.
    pub(super) fn all_known(&self) -> bool {
        self.entries().iter().all(|entry| self.asked.contains(&entry.key))
    }

    /// Hands over what was found; keys that nobody asked for are unknown.
    pub(super) fn finish(mut self, findings: &mut Findings) {
        findings.errors.append(&mut self.errors);
        if self.keys == Keys::Foreign {
            return;
        }
        findings.keys.extend(self.asked.iter().map(|key| self.path_of(key)));
        let unknown = self.entries().iter().filter(|entry| !self.asked.contains(&entry.key));
        findings.unknown.extend(unknown.map(|e| (self.path.clone(), e.key.clone(), e.place.clone())));
    }
}

impl Findings {
    /// Refuses the keys that nobody asked for, each with the nearest one that exists. Comes last, when
    /// all are known.
    pub(super) fn refuse_unknown(&mut self) {
        for (section, name, place) in std::mem::take(&mut self.unknown) {
            let key = if section.is_empty() { name.clone() } else { format!("{section}.{name}") };
            let right = self.nearest(&section, &name);
            self.errors.push(ConfigError { place, key, wrong: "there is no such key".to_owned(), right });
        }
    }

    fn nearest(&self, section: &str, name: &str) -> String {
        let split = |key: &'_ str| match key.rsplit_once('.') {
            Some((section, name)) => (section.to_owned(), name.to_owned()),
            None => (String::new(), key.to_owned()),
        };
        let siblings: Vec<String> =
            self.keys.iter().map(|k| split(k)).filter(|(s, _)| s == section).map(|(_, n)| n).collect();
        let in_section = |n: &str| if section.is_empty() { n.to_owned() } else { format!("{section}.{n}") };
        if let Some(near) = nearest_word(name, siblings.iter().map(String::as_str)) {
            return format!("did you mean {}?", in_section(near));
        }
        if let Some(elsewhere) = self.keys.iter().find(|key| split(key).1 == name) {
            return format!("did you mean {elsewhere}?");
        }
        format!("the keys here are {}", siblings.join(", "))
    }
}

/// The word most like `word`, if one is like it at all.
pub fn nearest_word<'w>(word: &str, words: impl IntoIterator<Item = &'w str>) -> Option<&'w str> {
    let lower = word.to_lowercase();
    let alike = |w: &str| strsim::normalized_damerau_levenshtein(&lower, &w.to_lowercase());
    let ranked = words.into_iter().map(|w| (alike(w), w));
    let best = ranked.max_by(|(a, _), (b, _)| a.total_cmp(b));
    best.filter(|(likeness, _)| *likeness >= 0.5).map(|(_, w)| w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::tree::parse;

    #[test]
    fn an_unknown_key_is_met_with_the_nearest_one() {
        let mut findings = Findings::default();
        findings
            .keys
            .extend(["kafka", "log", "kafka.group_id", "kafka.topics", "log.retention"].map(String::from));
        let cases = [
            ("kafka", "groupid", "did you mean kafka.group_id?"),
            ("log", "group_id", "did you mean kafka.group_id?"),
            ("", "kafak", "did you mean kafka?"),
            ("", "retention", "did you mean log.retention?"),
            ("kafka", "zzz", "the keys here are group_id, topics"),
        ];
        for (section, name, right) in cases {
            assert_eq!(findings.nearest(section, name), right);
        }
    }

    #[test]
    fn reading_goes_on_after_a_mistake() {
        let table = parse("a = 1\nb = 2\n[s]\nx = 1").unwrap();
        let mut top = Section::top(&table);
        let refuse = |_: &Node| Err::<i64, _>(Wrong::new("w", "r"));
        assert_eq!(top.read("a", 7, refuse), 7);
        assert_eq!(top.read("b", 8, |_| Ok(2)), 2);
        assert!(top.section("b").table.is_none());
        assert!(!top.sound(&["a"]) && top.sound(&["c"]));
        top.section("s").finish(&mut Findings::default());
        let mut findings = Findings::default();
        top.finish(&mut findings);
        findings.refuse_unknown();
        let said: Vec<String> = findings.errors.iter().map(|e| e.to_string()).collect();
        assert_eq!(said, ["a: w; r", "b: 2 is no table; write [b]"]);
    }
}
