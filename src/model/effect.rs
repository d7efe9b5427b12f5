//! What a task shows to the world once it is committed: figures for metrics, alerts and windows for the
//! page. Never before the commit, so that nothing is shown that might be taken back.

use super::alert::Alert;
use super::counters::JourneyCounters;
use super::dead_letter::Reason;
use super::definitions::Definitions;
use super::explanation::Explanation;
use super::outcome::Tally;
use super::standing::RuleStanding;
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
    /// Where the rules stand, of those that were judged since the process began.
    Rules(Vec<RuleStanding>),
    /// A message about an alert; restored ones are told again here, though not in the topic.
    Alert(Alert),
    /// How the message about an alert that was told before it comes about.
    Explained(Explanation),
    /// A lead or deal was erased: alerts of before are to forget its id.
    Erased(Text),
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
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JourneysFigures {
    /// The partition.
    pub partition: u32,
    /// Its time T.
    pub time: Minute,
    /// Who holds that time; nobody, where no source is listed.
    pub held_by: Option<Holder>,
    /// How its records ended, ever.
    pub tally: Tally,
    /// What else was counted, ever.
    pub counters: JourneyCounters,
    /// Rows held.
    pub rows: usize,
    /// Fields unknown to the contract, since this task began to run.
    pub unknown_fields: u64,
}

/// Who holds the time of a partition: of the source partitions that are waited for, the one that has come least far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The source.
    pub source: Text,
    /// Its partition.
    pub partition: u32,
    /// What it has told of time; `None` if it never told any.
    pub time: Option<EventTime>,
    /// The latest time that any of them has told; `None` if none has.
    pub ahead: Option<EventTime>,
}

impl Holder {
    /// How far it is behind the one that has come furthest, in ms of event time: 0 while nobody has told any,
    /// `None`, without end, where others have and it never did.
    pub fn behind_ms(&self) -> Option<i64> {
        match (self.time, self.ahead) {
            (_, None) => Some(0),
            (None, Some(_)) => None,
            (Some(time), Some(ahead)) => Some(ahead.0.saturating_sub(time.0)),
        }
    }
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
    /// Events stamped more than 5 minutes after their record, ever: forwarded, but time did not follow.
    pub future_skew: u64,
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
    /// Ids that alerts had no room for, ever.
    pub evidence_left_out: u64,
}
