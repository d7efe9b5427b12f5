//! Avro object container files (Avro specification 1.12): the header, the blocks, and where each
//! datum of a block ends. `apache-avro` parses the schema and decompresses the blocks.
//!
//! Its own reader is not used because it hands out trees of values; what is needed here is the bytes of
//! each datum, unread, so that a record in a file and a record in Kafka go the same way.

mod container;
mod extent;
mod varint;

pub(super) use container::Container;
