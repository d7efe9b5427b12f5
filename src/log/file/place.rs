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
}

/// The place of an item. `Display` says it for people: `orders.csv, line 12`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file as it was named when it was opened.
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
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Line => "line",
            Unit::Row => "row",
            Unit::Datum => "datum",
        };
        write!(f, "{}, {unit} {}", self.file, self.number)
    }
}
