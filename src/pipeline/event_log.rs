//! What a record of the event log says: where it came from, and what it holds or why it cannot be read.

use crate::codec::{self, Format, Record, SchemaStore};
use crate::log::RawRecord;
use crate::model::Text;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::record::{Came, Holds, LogRecord};

use super::{FORWARDED_HEADER, SOURCE_HEADER, has_header};

/// Reads a record; beside it, how many of its fields are unknown to the contract.
pub fn read(record: &RawRecord, schemas: &SchemaStore, record_bytes_max: usize) -> (LogRecord, u32) {
    let came = if has_header(&record.headers, FORWARDED_HEADER) {
        Came::Forwarded
    } else if has_header(&record.headers, SOURCE_HEADER) {
        Came::Intake
    } else {
        Came::Direct
    };
    let (holds, unknown_fields) = match &record.value {
        Some(value) => holds(value, schemas, record_bytes_max),
        None => (deleted(record.key.as_deref()), 0),
    };
    (LogRecord { timestamp: record.timestamp, came, holds }, unknown_fields)
}

fn holds(value: &[u8], schemas: &SchemaStore, record_bytes_max: usize) -> (Holds, u32) {
    match codec::decode_within(value, Format::Auto, schemas, record_bytes_max) {
        Ok(decoded) => match decoded.record {
            Record::Event(event) => (Holds::Event(event), decoded.unknown_fields),
            Record::Control(control) => (Holds::Control(control), decoded.unknown_fields),
        },
        Err(rejection) => (Holds::Unreadable(rejection), 0),
    }
}

fn deleted(key: Option<&[u8]>) -> Holds {
    match key.map(std::str::from_utf8) {
        Some(Ok(id)) if !id.is_empty() => Holds::Tombstone { id: Text::from(id) },
        _ => Holds::Unreadable(Rejection::whole(Reason::Empty)),
    }
}
