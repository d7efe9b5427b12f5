//! Bytes to the nouns of the model and back: the contracts of `schemas/`, in JSON and in Avro.
//!
//! ```text
//! bytes ─ framing ─┬─ json ─┬─ flat record ─ event ─ Event
//!                  └─ avro ─┘
//! ```
//!
//! Pure: a record's outcome is a function of its bytes and of the schemas at hand. Bad bytes end in a
//! [`Rejection`], never in a panic, and never allocate more than their length is worth.

mod alert;
mod avro;
mod control;
mod dead_letter;
mod definitions;
mod delta;
mod error;
mod event;
mod field;
mod flat;
mod flatten;
mod framing;
mod json;
mod window;

#[cfg(test)]
mod tests;

pub use alert::{alert_headers, decode_alert, encode_alert};
pub use avro::{SchemaError, SchemaStore};
pub use control::encode_control;
pub use dead_letter::{DeadLetter, Header, Origin, dead_letter_headers};
pub use definitions::{decode_definitions, encode_definitions};
pub use delta::{DeltaError, decode_delta, delta_headers, encode_delta, read_delta};
pub use error::DecodeError;
pub use framing::Format;
pub use window::{decode_window, encode_window};

pub(crate) use event::event;
pub(crate) use field::Field;
pub(crate) use flat::{Flat, Owned, Raw};

use framing::Framed;

use crate::model::control::Control;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::Event;

/// The largest record that is read unless the configuration says otherwise: 1 MiB, as Kafka's brokers.
pub const RECORD_BYTES_MAX: usize = 1 << 20;

/// What a record of the event log says.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// The event or control record.
    pub record: Record,
    /// How many fields the contract does not know; they were ignored.
    pub unknown_fields: u32,
}

/// A record of the event log, or of a source.
#[derive(Clone, Debug, PartialEq)]
pub enum Record {
    /// An event of the CRM.
    Event(Event),
    /// A record of the log's own.
    Control(Control),
}

/// Reads the value of a record of at most [`RECORD_BYTES_MAX`] bytes.
///
/// # Errors
/// Why the record is a dead letter.
pub fn decode(value: &[u8], format: Format, schemas: &SchemaStore) -> Result<Decoded, Rejection> {
    decode_within(value, format, schemas, RECORD_BYTES_MAX)
}

/// Reads the value of a record of at most `record_bytes_max` bytes.
///
/// # Errors
/// Why the record is a dead letter.
pub fn decode_within(
    value: &[u8],
    format: Format,
    schemas: &SchemaStore,
    record_bytes_max: usize,
) -> Result<Decoded, Rejection> {
    if value.len() > record_bytes_max {
        return Err(Rejection::whole(Reason::TooLarge));
    }
    let mut flat = Flat::new();
    match framing::unframe(value, format)? {
        Framed::Json(text) => {
            json::read(text, &mut flat)?;
            if control::is_control(&flat) {
                return Ok(Decoded { record: Record::Control(control::read(text)?), unknown_fields: 0 });
            }
        }
        Framed::SingleObject { fingerprint, datum } => {
            schemas.read_single_object(fingerprint, datum, &mut flat)?;
        }
        Framed::Confluent { id, datum } => schemas.read_confluent(id, datum, &mut flat)?,
    }
    let record = Record::Event(event::event(&flat)?);
    Ok(Decoded { record, unknown_fields: flat.unknown_fields })
}

/// An event as JSON: flat, without nulls, times in ms, fields in the order of `event.avsc`.
pub fn encode_event_json(event: &Event) -> Vec<u8> {
    json::write(&flatten::flatten(event))
}

/// An event in Avro's single-object encoding, written with `event.avsc`.
pub fn encode_event_avro(event: &Event) -> Vec<u8> {
    avro::write_single_object(&flatten::flatten(event))
}

/// An event in Confluent's framing, written with `event.avsc`, whose id in the registry is `id`.
pub fn encode_event_confluent(event: &Event, id: u32) -> Vec<u8> {
    avro::write_confluent(&flatten::flatten(event), id)
}
