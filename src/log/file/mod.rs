//! Files as a log that has an end: opens a path, plain or gzipped, and hands out what lies in it, item
//! by item, each with its place.
//!
//! NDJSON and Avro object container files hold records ([`Records`]); CSV files hold rows
//! ([`Table`]). Nothing here knows what an event is, and nothing is put in order, except by
//! [`merge()`], which is told the times. One item is in memory at a time (of Avro: one block).

mod avro;
mod error;
mod lines;
mod merge;
mod place;
mod records;
mod source;
mod table;

pub use error::FileError;
pub use merge::{Merge, merge};
pub use place::{Place, Unit};
pub use records::{Item, Records};
pub use source::{FileKind, kind_of};
pub use table::{Row, Table};
