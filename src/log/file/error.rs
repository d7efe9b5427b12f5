//! Why a file cannot be read, or not to its end: each with the file, the place in it and a way out.
//!
//! An error never quotes what the file holds.

use std::io;

use super::Place;

/// A failure of a file. After it the file has no further items.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    /// It is not there, or may not be read.
    #[error("cannot open {file}: {why}")]
    Open {
        /// The file.
        file: String,
        /// What the system said.
        why: io::Error,
    },
    /// Neither its name nor its first bytes say what it is.
    #[error(
        "{file} is of no known kind: name it .json, .jsonl, .ndjson or .csv (also with .gz), or give an \
         Avro object container file"
    )]
    UnknownKind {
        /// The file.
        file: String,
    },
    /// Reading stopped in the middle, for instance in a damaged gzip stream.
    #[error("{place}: cannot read on: {why}; the rest of the file is lost")]
    Read {
        /// The item that could not be read.
        place: Place,
        /// What the system or the decompressor said.
        why: io::Error,
    },
    /// The header of an Avro object container file is damaged or says what is not known here.
    #[error("{file}: the header of the Avro file cannot be used: {why}")]
    Header {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
    /// A codec that this build cannot decompress.
    #[error(
        "{file}: its blocks are compressed with {codec}, which this build cannot read: use null or deflate"
    )]
    Codec {
        /// The file.
        file: String,
        /// The codec's name, as the header says it.
        codec: String,
    },
    /// A block of an Avro object container file is damaged.
    #[error("{place}: block {block} is damaged: {why}; the rest of the file is lost")]
    Block {
        /// The first datum that could not be read.
        place: Place,
        /// The block, from 1.
        block: u64,
        /// What is wrong with it.
        why: String,
    },
    /// A CSV file without a header row.
    #[error("{file} is empty: a header row with the names of the columns is needed")]
    NoHeader {
        /// The file.
        file: String,
    },
    /// The header row of a CSV file is not text.
    #[error("{file}: the header row is not UTF-8; convert the file to UTF-8")]
    HeaderNotText {
        /// The file.
        file: String,
    },
    /// A CSV row that does not end within the record limit.
    #[error(
        "{place}: the row is longer than {limit_bytes} bytes, so a quote is open or the limit is too low; the \
         rest of the file is lost"
    )]
    EndlessRow {
        /// Where it begins.
        place: Place,
        /// The limit.
        limit_bytes: u64,
    },
}
