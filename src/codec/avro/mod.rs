//! Avro: writers' schemas, datums to the flat record, and flat records to datums.
//!
//! Schemas are parsed and fingerprinted by `apache-avro`. Datums are read by a plan that is made once
//! from the writer's schema, because a generic tree of values costs more per event than everything
//! else that is done with it, and takes a text that is cut off for a null. The tests hold the plan
//! against `apache-avro`. No reader's schema is ever applied: fields are found by their names.

mod bytes;
mod plan;
mod store;
mod write;

#[cfg(test)]
pub(super) use store::EVENT_SCHEMA;
pub use store::{SchemaError, SchemaStore};
pub(super) use write::{write_confluent, write_single_object};

use super::field::Field;

/// The fields without which no record is an event.
const NEEDED: [Field; 3] = [Field::EventId, Field::OccurredAt, Field::Kind];
