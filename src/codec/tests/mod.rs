//! The contracts held against the outside: examples, schemas, foreign vectors, random bytes.

mod avro;
mod contract;
mod examples;
mod foreign;
mod properties;
mod records;
mod schemas;
mod strategies;

use std::path::{Path, PathBuf};

use super::{Record, SchemaStore, decode};
use crate::codec::Format;
use crate::model::dead_letter::Rejection;
use crate::model::event::Event;

/// The event in a record, which must not be a control record.
fn event(value: &[u8], format: Format) -> Result<Event, Rejection> {
    match decode(value, format, &SchemaStore::default())?.record {
        Record::Event(event) => Ok(event),
        Record::Control(control) => panic!("an event was wanted, not {control:?}"),
    }
}

/// The file names and texts of a folder of the repository, sorted.
fn files(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.is_file());
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect()
}

/// Bytes from hexadecimal digits.
fn hex(digits: &str) -> Vec<u8> {
    let digit = |c: u8| (c as char).to_digit(16).unwrap() as u8;
    digits.as_bytes().chunks(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])).collect()
}
