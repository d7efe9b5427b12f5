//! The columns that a table of the mapping names, by number, and a row seen through these numbers.

use super::error::{Problems, Said};
use super::lookup::LookupTable;
use super::tree::Node;
use crate::model::Text;

/// A column that the mapping names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Column(usize);

/// Every column that a table of the mapping names, with the place where it is named first.
#[derive(Debug, Default)]
pub(super) struct Columns {
    named: Vec<(Text, Said)>,
}

impl Columns {
    /// The number of a column.
    pub(super) fn number(&mut self, name: &str, node: &Node) -> Column {
        let known = self.named.iter().position(|(known, _)| known == name);
        Column(known.unwrap_or_else(|| {
            self.named.push((name.into(), node.said.clone()));
            self.named.len() - 1
        }))
    }

    /// The name of a column.
    pub(super) fn name(&self, column: Column) -> &Text {
        &self.named[column.0].0
    }

    /// Where each column stands in a header. One that is missing, or there twice, is noted.
    pub(super) fn find(&self, file: &str, header: &[Text], problems: &mut Problems) -> Vec<usize> {
        let place = |(name, said): &(Text, Said)| {
            let mut places = header.iter().enumerate().filter(|(_, column)| *column == name);
            match (places.next(), places.next()) {
                (Some((place, _)), None) => place,
                (Some(_), Some(_)) => {
                    problems.note_at(said, format!("{file} has more than one column `{name}`"));
                    0
                }
                (None, _) => {
                    let unknown = super::error::unknown("column", name, header.iter().map(Text::as_str));
                    problems.note_at(said, format!("{unknown} (the header of {file})"));
                    0
                }
            }
        };
        self.named.iter().map(place).collect()
    }
}

/// A row of a file, seen through the columns that the mapping names.
#[derive(Clone, Copy)]
pub(super) struct RowView<'r> {
    pub(super) cells: &'r [Text],
    /// Where each column of the mapping stands.
    pub(super) places: &'r [usize],
    /// The lookups of the mapping, in its order; `None` where no event of the table uses it.
    pub(super) lookups: &'r [Option<&'r LookupTable>],
}

impl<'r> RowView<'r> {
    /// The text of a cell; empty where the row has none.
    pub(super) fn cell(&self, column: Column) -> &'r str {
        self.cells.get(self.places[column.0]).map_or("", Text::as_str)
    }
}
