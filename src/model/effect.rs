//! What a task shows to the world once it is committed: figures for metrics, alerts and windows for the
//! page. Never before the commit, so that nothing is shown that might be taken back.

use super::alert::Alert;
use super::counters::JourneyCounters;
use super::dead_letter::Reason;
use super::definitions::Definitions;
use super::outcome::Tally;
use super::window::{WindowKey, WindowResult};
use super::{EventTime, Minute, Text};

/// Something that became true with a commit (or was restored).
#[derive(Clone, Debug, PartialEq)]
pub enum Effect {
    /// Where a partition of the event log stands.
    Journeys(JourneysFigures),
    /// Where a partition of a source stands.
    Intake(IntakeFigures),
    /// Where the segments task stands.
    Segments(SegmentsFigures),
    /// A message about an alert; restored ones are told again here, though not in the topic.
    Alert(Alert),
    /// A window result.
    Window(WindowResult),
    /// Under the definitions in force there is no such window any more.
    WindowGone(WindowKey),
    /// These definitions are in force where boundaries are judged.
    Defined {
        /// Their number.
        number: u32,
        /// The definitions.
        definitions: Box<Definitions>,
    },
    /// A record became a dead letter.
    DeadLetter(Reason),
}

/// Where a partition of the event log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JourneysFigures {
    /// The partition.
    pub partition: u32,
    /// Its time T.
    pub time: Minute,
    /// How its records ended, ever.
    pub tally: Tally,
    /// What else was counted, ever.
    pub counters: JourneyCounters,
    /// Rows held.
    pub rows: usize,
    /// Fields unknown to the contract, since this task began to run.
    pub unknown_fields: u64,
}

/// Where a partition of a source stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IntakeFigures {
    /// The source.
    pub source: Text,
    /// Its partition.
    pub partition: u32,
    /// How its records ended, ever.
    pub tally: Tally,
    /// What it has told of time.
    pub time: Option<EventTime>,
    /// Fields unknown to the contract, since this task began to run.
    pub unknown_fields: u64,
}

/// Where the segments task stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SegmentsFigures {
    /// The boundary that every partition has passed.
    pub aligned: Option<Minute>,
    /// Boundaries whose changes wait for a slower partition.
    pub waiting: usize,
    /// Segments counted.
    pub segments: usize,
    /// Changes of counts that went to `other`, because there were as many segments as allowed, ever.
    pub over_limit: u64,
}
