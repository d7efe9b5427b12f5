//! CSV files: a header row, then rows of as many cells. Quoting, line ends and a byte order mark are the
//! `csv` crate's business; what a column means is the mapping's.

use std::cell::Cell;
use std::io::{self, BufRead, Read};
use std::path::Path;
use std::sync::Arc;

use super::source::{Bytes, kind_and_bytes, name_of};
use super::{FileError, Place};
use crate::model::Text;

/// One row of a table. Only [`Row::Cells`] can mean something; the others are ends of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Row {
    /// As many cells as the header has.
    Cells(Vec<Text>),
    /// More or fewer cells than the header has: the row has slipped.
    WrongCount {
        /// How many it has.
        cells: usize,
        /// How many the header has.
        expected: usize,
    },
    /// A cell is not UTF-8.
    NotText,
    /// The row is larger than the record limit.
    TooLarge {
        /// How many bytes its cells have.
        bytes: u64,
    },
}

/// An open CSV file.
pub struct Table {
    file: Arc<str>,
    reader: csv::Reader<Metered>,
    delimiter: u8,
    record_bytes_max: usize,
    header: Vec<Text>,
    /// The row that was read last, as bytes.
    row: csv::ByteRecord,
    /// How many rows have been read, the header among them.
    rows: u64,
    is_over: bool,
}

impl Table {
    /// Opens a CSV file whose cells are parted by `delimiter`, and reads its header row. A row may have
    /// `record_bytes_max` bytes.
    ///
    /// # Errors
    /// [`FileError::Open`]; [`FileError::UnknownKind`], also for a file of records;
    /// [`FileError::NoHeader`], [`FileError::HeaderNotText`], [`FileError::Read`].
    pub fn open(path: &Path, delimiter: u8, record_bytes_max: usize) -> Result<Table, FileError> {
        let file = name_of(path);
        match kind_and_bytes(path)? {
            (super::FileKind::Table, bytes) => Table::new(file, bytes, delimiter, record_bytes_max),
            _ => Err(FileError::UnknownKind { file: file.to_string() }),
        }
    }

    fn new(file: Arc<str>, bytes: Bytes, delimiter: u8, record_bytes_max: usize) -> Result<Table, FileError> {
        let reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(delimiter)
            .from_reader(Metered { bytes, left: Cell::new(0) });
        let mut table = Table {
            file,
            reader,
            delimiter,
            record_bytes_max,
            header: Vec::new(),
            row: csv::ByteRecord::new(),
            rows: 0,
            is_over: false,
        };
        if table.read_row()?.is_none() {
            return Err(FileError::NoHeader { file: table.file.to_string() });
        }
        table.header =
            cells(&table.row).ok_or_else(|| FileError::HeaderNotText { file: table.file.to_string() })?;
        Ok(table)
    }

    /// The names of the columns.
    pub fn header(&self) -> &[Text] {
        &self.header
    }

    /// The next row and its place; `None` at the end. Empty lines are no rows.
    ///
    /// # Errors
    /// [`FileError::Read`], [`FileError::EndlessRow`]. After an error the file is at its end: what would
    /// follow is lost.
    #[allow(
        clippy::should_implement_trait,
        reason = "text() speaks of the last row, which an iterator hides"
    )]
    pub fn next(&mut self) -> Result<Option<(Place, Row)>, FileError> {
        let Some(place) = self.read_row()? else {
            return Ok(None);
        };
        let expected = self.header.len();
        let row = match self.row.len() {
            _ if self.row.as_slice().len() > self.record_bytes_max => {
                Row::TooLarge { bytes: self.row.as_slice().len() as u64 }
            }
            count if count != expected => Row::WrongCount { cells: count, expected },
            _ => cells(&self.row).map_or(Row::NotText, Row::Cells),
        };
        Ok(Some((place, row)))
    }

    /// The row that was read last, as CSV without a line end: what a dead letter keeps of it.
    pub fn text(&self) -> Vec<u8> {
        let mut writer =
            csv::WriterBuilder::new().delimiter(self.delimiter).flexible(true).from_writer(Vec::new());
        writer.write_byte_record(&self.row).expect("a Vec takes every byte");
        let mut text = writer.into_inner().expect("a Vec takes every byte");
        text.pop_if(|byte| *byte == b'\n');
        text
    }

    fn read_row(&mut self) -> Result<Option<Place>, FileError> {
        if self.is_over {
            return Ok(None);
        }
        self.reader.get_ref().allow(self.record_bytes_max);
        let read = self.reader.read_byte_record(&mut self.row);
        self.rows += 1;
        let place = Place::row(&self.file, self.rows);
        match read {
            Ok(true) => Ok(Some(place)),
            Ok(false) => {
                self.is_over = true;
                Ok(None)
            }
            Err(error) => {
                self.is_over = true;
                Err(self.failure(place, error))
            }
        }
    }

    fn failure(&self, place: Place, error: csv::Error) -> FileError {
        if self.reader.get_ref().is_spent() {
            return FileError::EndlessRow { place, limit_bytes: self.record_bytes_max as u64 };
        }
        let why = match error.into_kind() {
            csv::ErrorKind::Io(why) => why,
            other => io::Error::other(format!("{other:?}")),
        };
        FileError::Read { place, why }
    }
}

fn cells(row: &csv::ByteRecord) -> Option<Vec<Text>> {
    row.iter().map(|cell| std::str::from_utf8(cell).ok().map(Text::from)).collect()
}

/// A reader that hands out so many bytes for each row and then fails: an open quote would otherwise
/// make one row of the rest of the file, in memory.
struct Metered {
    bytes: Bytes,
    left: Cell<usize>,
}

impl Metered {
    /// A row may begin anywhere in what has been read ahead, and a limit in bytes of cells says nothing of
    /// quotes, so the meter is generous: twice the limit and a few buffers.
    fn allow(&self, row_bytes_max: usize) {
        self.left.set(row_bytes_max.saturating_mul(2).saturating_add(1 << 16));
    }

    fn is_spent(&self) -> bool {
        self.left.get() == 0
    }
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let left = self.left.get();
        if left == 0 {
            return Err(io::Error::other("the row does not end"));
        }
        let room = into.len().min(left);
        let available = self.bytes.fill_buf()?;
        let read = available.len().min(room);
        into[..read].copy_from_slice(&available[..read]);
        self.bytes.consume(read);
        self.left.set(left - read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn open(text: &[u8], delimiter: u8, record_bytes_max: usize) -> Result<Table, FileError> {
        Table::new("deals.csv".into(), Box::new(io::Cursor::new(text.to_vec())), delimiter, record_bytes_max)
    }

    /// Each row in short: its number, and its cells or what is wrong with it.
    fn rows(table: &mut Table) -> Vec<String> {
        let mut rows = Vec::new();
        while let Some((place, row)) = table.next().unwrap() {
            let said = match row {
                Row::Cells(cells) => cells.join("|"),
                Row::WrongCount { cells, expected } => format!("{cells} cells instead of {expected}"),
                Row::NotText => "not text".to_owned(),
                Row::TooLarge { bytes } => format!("too large: {bytes}"),
            };
            rows.push(format!("{}: {said}", place.number));
        }
        rows
    }

    #[test]
    fn a_byte_order_mark_carriage_returns_quotes_and_another_delimiter_are_read() {
        let text =
            b"\xEF\xBB\xBF\"id\";city\r\n1;Sao Paulo\r\n\r\n2;\"a;b\r\nc\"\r\n3;\"say \"\"x\"\"\"\r\n4;";
        let mut table = open(text, b';', 100).unwrap();
        assert_eq!(table.header(), ["id", "city"]);
        assert_eq!(rows(&mut table), ["2: 1|Sao Paulo", "3: 2|a;b\r\nc", "4: 3|say \"x\"", "5: 4|"]);
    }

    #[test]
    fn a_row_that_slipped_is_an_item_of_its_own_kind() {
        let text = b"a,b,c\n1,2,3\n\"1,2,3\"\n1,2,3,4\n\xFF,2,3\n1,2,3\n";
        let mut table = open(text, b',', 100).unwrap();
        assert_eq!(
            rows(&mut table),
            ["2: 1|2|3", "3: 1 cells instead of 3", "4: 4 cells instead of 3", "5: not text", "6: 1|2|3"]
        );
    }

    #[test]
    fn a_row_keeps_its_text() {
        let mut table = open(b"a,b\n\"1,2\"\n", b',', 100).unwrap();
        assert_eq!(table.next().unwrap().unwrap().1, Row::WrongCount { cells: 1, expected: 2 });
        assert_eq!(table.text(), b"\"1,2\"");
        let mut table = open(b"a;b\n1,2;\"x;y\"\n", b';', 100).unwrap();
        assert!(table.next().unwrap().is_some());
        assert_eq!(table.text(), b"1,2;\"x;y\"");
    }

    #[test]
    fn a_large_row_is_passed_over_and_an_open_quote_ends_the_file() {
        let mut text = b"a,b\n12345678,9\n1,2\n3,\"".to_vec();
        text.extend(vec![b'x'; 1 << 20]);
        let mut table = open(&text, b',', 8).unwrap();
        let (place, row) = table.next().unwrap().unwrap();
        assert_eq!((place.number, row), (2, Row::TooLarge { bytes: 9 }));
        assert_eq!(table.next().unwrap().unwrap().1, Row::Cells(vec!["1".into(), "2".into()]));
        let error = table.next().unwrap_err();
        assert_eq!(
            error.to_string(),
            "deals.csv, row 4: the row is longer than 8 bytes, so a quote is open or the limit is too low; \
             the rest of the file is lost"
        );
        assert!(table.next().unwrap().is_none());
    }

    #[test]
    fn a_table_needs_a_header_of_text() {
        assert!(matches!(open(b"", b',', 9), Err(FileError::NoHeader { .. })));
        assert!(matches!(open(b"\r\n\n", b',', 9), Err(FileError::NoHeader { .. })));
        assert!(matches!(open(b"\xFF,b\n", b',', 9), Err(FileError::HeaderNotText { .. })));
        let mut empty = open(b"a,b", b',', 9).unwrap();
        assert_eq!(empty.header(), ["a", "b"]);
        assert!(empty.next().unwrap().is_none());
    }
}
