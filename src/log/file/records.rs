//! Files of records: NDJSON and Avro object container files behind one face.

use std::path::Path;

use super::avro::Container;
use super::lines::Lines;
use super::source::{FileKind, kind_and_bytes, name_of};
use super::{FileError, Place};

/// One item of a file of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Item<'a> {
    /// The bytes of one record: a line of NDJSON without its end, or an Avro datum in single-object
    /// encoding (`C3 01`, the CRC-64-AVRO fingerprint of [`Records::schema`] in little endian, the datum).
    Record(&'a [u8]),
    /// A record larger than the limit. Its bytes were skipped.
    TooLarge {
        /// How large it is; of a line, perhaps with its end.
        bytes: u64,
    },
}

/// An open file of records.
pub struct Records {
    source: Source,
}

enum Source {
    Lines(Lines),
    Container(Container),
}

impl Records {
    /// Opens a file of NDJSON or Avro records, each of at most `record_bytes_max` bytes.
    ///
    /// # Errors
    /// [`FileError::Open`]; [`FileError::UnknownKind`], also for a CSV file, which is a
    /// [`Table`](super::Table); [`FileError::Header`] and [`FileError::Codec`] of an Avro file.
    pub fn open(path: &Path, record_bytes_max: usize) -> Result<Records, FileError> {
        let file = name_of(path);
        let source = match kind_and_bytes(path)? {
            (FileKind::Lines, bytes) => Source::Lines(Lines::new(file, bytes, record_bytes_max)),
            (FileKind::Container, bytes) => Source::Container(Container::new(file, bytes, record_bytes_max)?),
            (FileKind::Table, _) => return Err(FileError::UnknownKind { file: file.to_string() }),
        };
        Ok(Records { source })
    }

    /// The writer's schema of an Avro file, as its header says it. Who decodes the records needs it.
    pub fn schema(&self) -> Option<&str> {
        match &self.source {
            Source::Lines(_) => None,
            Source::Container(container) => Some(container.schema()),
        }
    }

    /// The next item and its place; `None` at the end.
    ///
    /// # Errors
    /// [`FileError::Read`], [`FileError::Block`]. After an error the file is at its end: what would
    /// follow is lost.
    #[allow(clippy::should_implement_trait, reason = "the item borrows from the file, so it is no iterator")]
    pub fn next(&mut self) -> Result<Option<(Place, Item<'_>)>, FileError> {
        match &mut self.source {
            Source::Lines(lines) => lines.next(),
            Source::Container(container) => container.next(),
        }
    }
}
