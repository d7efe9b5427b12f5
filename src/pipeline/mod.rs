//! Tasks made of bytes: a pure task of the funnel (or the intake) with its codecs, as the engine runs it;
//! and the same tasks without an engine, for files and tests.
//!
//! Here a record becomes an event, and what a task says becomes records. No rule of the funnel is here,
//! and no client of a log.

pub mod breaker;
pub mod event_log;
pub mod factory;
pub mod intake;
pub mod journeys;
pub mod local;
mod reached;
pub mod rebuild;
pub mod segments;
pub mod topics;

use crate::codec::{self, Origin};
use crate::log::{NewRecord, RawRecord, TopicPartition};
use crate::model::dead_letter::Rejection;

/// Header of a record in the event log that an intake wrote: its source and partition. Who may write the event log
/// may claim as much; it says no more than that the time of `direct` does not follow the record.
pub const SOURCE_HEADER: &str = "rapport-source";
/// Header of a record that was forwarded to the partition that its key belongs to: the partition it comes from.
pub const FORWARDED_HEADER: &str = "rapport-forwarded";

/// The record as it goes to the dead letters: everything unchanged, the reason in its headers.
fn dead_letter(record: RawRecord, rejection: &Rejection, to: TopicPartition) -> NewRecord {
    let mut headers = record.headers;
    let origin = Origin { topic: &record.at.topic, partition: record.at.partition, offset: record.offset };
    headers.extend(codec::dead_letter_headers(rejection, origin));
    NewRecord { to, key: record.key, value: record.value, headers, timestamp: Some(record.timestamp) }
}
