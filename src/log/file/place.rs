//! Where an item stands: the file, and which line, row or datum of it.

use std::fmt;
use std::sync::Arc;

/// What is counted in a file, from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unit {
    /// A line of text.
    Line,
    /// A row of a table. The header is row 1, as spreadsheets count; empty lines are no rows, and a row
    /// with a line break in a cell is one row.
    Row,
    /// A datum of an Avro object container file, counted over all its blocks.
    Datum,
    /// A record of a partition of a topic, the first of which has the offset 0.
    Record,
}

/// The place of an item. `Display` says it for people: `orders.csv, row 12`; of a partition it says the offset.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it was named when it was opened, or the partition.
    pub file: Arc<str>,
    /// What is counted.
    pub unit: Unit,
    /// Its number, from 1.
    pub number: u64,
}

impl Place {
    pub(super) fn line(file: &Arc<str>, number: u64) -> Place {
        Place { file: Arc::clone(file), unit: Unit::Line, number }
    }

    pub(super) fn row(file: &Arc<str>, number: u64) -> Place {
        Place { file: Arc::clone(file), unit: Unit::Row, number }
    }

    pub(super) fn datum(file: &Arc<str>, number: u64) -> Place {
        Place { file: Arc::clone(file), unit: Unit::Datum, number }
    }

    /// As editors and compilers write it, where it is a line: `events.jsonl:17`.
    pub fn brief(&self) -> String {
        match self.unit {
            Unit::Line => format!("{}:{}", self.file, self.number),
            Unit::Row | Unit::Datum | Unit::Record => self.to_string(),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (unit, number) = match self.unit {
            Unit::Line => ("line", self.number),
            Unit::Row => ("row", self.number),
            Unit::Datum => ("datum", self.number),
            Unit::Record => ("offset", self.number.saturating_sub(1)),
        };
        write!(f, "{}, {unit} {number}", self.file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_said_as_it_is_counted() {
        let at = |unit| Place { file: "events".into(), unit, number: 17 };
        let said = |unit| (at(unit).to_string(), at(unit).brief());
        assert_eq!(said(Unit::Line), ("events, line 17".to_owned(), "events:17".to_owned()));
        for (unit, words) in [
            (Unit::Row, "events, row 17"),
            (Unit::Datum, "events, datum 17"),
            (Unit::Record, "events, offset 16"),
        ] {
            assert_eq!(said(unit), (words.to_owned(), words.to_owned()));
        }
    }
}
