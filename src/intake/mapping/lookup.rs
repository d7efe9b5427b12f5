//! Second tables: rows that are found by a key and lend their cells, such as an agent's office.

use std::collections::BTreeMap;

use super::MappingError;
use super::columns::Columns;
use super::error::{Problems, Said};
use super::files::Files;
use super::tree::Node;
use crate::model::Text;

/// A `[[lookup]]` of a mapping: which file, which column is its key, which columns are lent.
#[derive(Debug)]
pub struct Lookup {
    name: Text,
    files: Files,
    /// The key first, then what is lent.
    columns: Columns,
    lent: Vec<Text>,
    said: Said,
    mapping_file: String,
}

/// A lookup whose file has been read.
#[derive(Debug)]
pub struct LookupTable {
    name: Text,
    rows: BTreeMap<Text, Vec<Text>>,
}

impl Lookup {
    pub(super) fn parse(node: &Node, mapping_file: &str, problems: &mut Problems) -> Option<Lookup> {
        let known = ["name", "file", "delimiter", "key", "columns"];
        let section = node.table(problems)?.only(&known, problems);
        let name = section.need_text("name", problems);
        let files = Files::parse(section, "file", problems);
        let mut columns = Columns::default();
        let key = section.need("key", problems).and_then(|node| Some((node.text(problems)?, node)));
        let key = key.map(|(name, node)| columns.number(name, node));
        let mut lent = Vec::new();
        for node in section.need("columns", problems)?.list(problems)? {
            let name = node.text(problems)?;
            columns.number(name, node);
            lent.push(Text::from(name));
        }
        key?;
        let (said, mapping_file) = (node.said.clone(), mapping_file.to_owned());
        Some(Lookup { name: name?.into(), files: files?, columns, lent, said, mapping_file })
    }

    /// How the mapping calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The pattern of its file's base name. The file lies beside the one that is mapped.
    pub fn file_pattern(&self) -> &str {
        &self.files.pattern
    }

    /// Whether a file, by its base name, is this lookup's.
    pub fn reads(&self, file_name: &str) -> bool {
        self.files.mean(file_name)
    }

    /// How the cells of its file are parted.
    pub fn delimiter(&self) -> u8 {
        self.files.delimiter
    }

    pub(super) fn columns(&self) -> &[Text] {
        &self.lent
    }

    pub(super) fn said(&self) -> &Said {
        &self.said
    }

    /// Takes in the rows of its file; rows with an empty key are passed over.
    ///
    /// # Errors
    /// A column is not in the header, or two rows have the same key but lend different cells.
    pub fn read(
        &self,
        file: &str,
        header: &[Text],
        rows: impl IntoIterator<Item = Vec<Text>>,
    ) -> Result<LookupTable, Vec<MappingError>> {
        let mut problems = Problems::new(&self.mapping_file);
        let places = self.columns.find(file, header, &mut problems);
        if !problems.is_empty() {
            return problems.or(None);
        }
        let cell = |row: &[Text], name: &Text| {
            let place = header.iter().position(|column| column == name);
            place.and_then(|place| row.get(place)).cloned().unwrap_or_default()
        };
        let mut table = LookupTable { name: self.name.clone(), rows: BTreeMap::new() };
        for (number, row) in rows.into_iter().enumerate() {
            let key = row.get(places[0]).cloned().unwrap_or_default();
            let lent: Vec<Text> = self.lent.iter().map(|name| cell(&row, name)).collect();
            if key.is_empty() {
                continue;
            }
            if table.rows.get(&key).is_some_and(|known| *known != lent) {
                let row = number + 2;
                let problem =
                    format!("{file}, row {row}: the key is that of an earlier row, the cells are not");
                problems.note_at(&self.said, problem);
            }
            table.rows.entry(key).or_insert(lent);
        }
        problems.or(Some(table))
    }
}

impl LookupTable {
    /// The name of its lookup.
    pub fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn get(&self, key: &str, take: usize) -> Option<&str> {
        self.rows.get(key).map(|lent| lent[take].as_str())
    }
}
