//! A record of the event log as the journeys task reads it, already decoded.

use super::control::Control;
use super::dead_letter::Rejection;
use super::event::Event;
use super::{EventTime, Text};

/// One record of one partition of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct LogRecord {
    /// The record's own timestamp (Kafka's), by which future skew is judged.
    pub timestamp: EventTime,
    /// How it came here.
    pub came: Came,
    /// What it holds.
    pub holds: Holds,
}

/// How a record came into this partition; only [`Came::Direct`] raises the time of `direct`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Came {
    /// A producer wrote it here.
    Direct,
    /// An intake wrote it here and named its source in a header.
    Intake {
        /// The source.
        source: Text,
    },
    /// Another partition forwarded it here, where it belongs; it was counted there.
    Forwarded,
}

/// What a record holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Holds {
    /// An event of the CRM.
    Event(Event),
    /// A record that rapport wrote.
    Control(Control),
    /// No value: every entity with this id is to be erased.
    Tombstone {
        /// The record's key.
        id: Text,
    },
    /// Nothing that could be read.
    Unreadable(Rejection),
}
