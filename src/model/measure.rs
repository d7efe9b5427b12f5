//! What the funnel counts, and the shape of one count: (segment, measure, subject, slice, grade) → n.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::words::{Author, Family, Stage, Step, Team, Verdict};
use super::{Minute, Text};

/// What is counted. `src/funnel/semantics.md` says for each what it counts, at which minute, with which
/// subject and grade.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Measure {
    /// Journeys that reached a stage, at the minute of the earliest such entry.
    Entered(Stage),
    /// Those of them that never entered the stage itself, only a later one.
    Implied(Stage),
    /// Further entries to `mql` after a negative verdict: new cycles.
    Reentered,
    /// Journeys that took a step; the minute is that of entry, the grade the age in whole days.
    Converted(Step),
    /// Journeys whose open stage this is, at the minute in which it was entered.
    Open(Stage),
    /// MQL cycles that got a human touch by sales in time, at the minute of the deadline.
    TouchMet,
    /// MQL cycles that did not, at the minute of the deadline; the subject is a [`Blame`].
    TouchMissed,
    /// How long the first human touch took in business time; the grade is a bucket of seconds.
    TouchDelay(Delay),
    /// Human touches by a team.
    Touches(Team),
    /// Verdicts, at their minute; the subject is the reason, empty where none was given.
    Verdicts(Verdict),
    /// Deals opened.
    DealsOpened,
    /// Deals won, at the minute of the win.
    DealsWon,
    /// Deals lost.
    DealsLost,
    /// Value of the deals won in minor units; the subject is the currency.
    WonAmount,
    /// MQL cycles, at the minute in which they begin.
    CycleBegun,
    /// MQL cycles in which sales said in time what it thinks of the lead, at the minute in which the cycle began.
    VerdictMet,
    /// MQL cycles in which it did not.
    VerdictMissed,
    /// Stays in a stage, at the minute in which it was entered.
    Stayed(Stage),
    /// Stays that have ended, at the minute in which the stage was entered; the grade is how many whole days they took.
    Left(Stage),
    /// Rounds of an open deal in which marketing was in touch, at the minute in which the round ended; the subject is
    /// the place of the round among those of its deal.
    HandoffTouched,
    /// Rounds of an open deal in which it was not.
    HandoffSilent,
    /// Assets that a deal used, each at the minute of its first use there, by who wrote them.
    ContentUsed(Author),
    /// Deals by who wrote what they used first, at the minute of that use.
    ContentBegun(Author),
    /// Uses of an asset; the subject is the asset.
    AssetUsed,
    /// Deals won that marketing sourced, at the minute of the win.
    SourcedWon,
    /// Their value in minor units; the subject is the currency.
    SourcedWonAmount,
    /// Their number by value: the subject is the currency, the grade a logarithmic bucket of minor units.
    SourcedWonSize,
    /// Events that arrived, at the minute in which they took effect, in `all` alone; the subject is their source.
    Heard(Family),
    /// Nothing that is counted: what is told as its evidence is whom alerts are to forget from that boundary on. It is
    /// kept nowhere.
    Erased,
    /// Rounds of an open deal that go on, at the minute in which they began; the subject is the place of the round.
    HandoffRuns,
}

/// A part of the time from the MQL entry to the first human touch by sales.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Delay {
    /// MQL entry to touch.
    Total,
    /// MQL entry to assignment: routing's part.
    Routing,
    /// Assignment to touch: the person's part.
    Human,
}

impl Delay {
    /// The word in names and labels.
    pub fn as_str(self) -> &'static str {
        match self {
            Delay::Total => "total",
            Delay::Routing => "routing",
            Delay::Human => "human",
        }
    }
}

/// Who let a first touch run past its deadline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Blame {
    /// The lead was assigned, but routing used more of the promised time than the person did.
    Routing,
    /// The lead was assigned early enough; the person did not come.
    Sales,
    /// The lead was never assigned before the deadline.
    Unassigned,
}

impl Blame {
    /// Every value.
    pub const ALL: [Blame; 3] = [Blame::Routing, Blame::Sales, Blame::Unassigned];

    /// The word that is the subject of [`Measure::TouchMissed`].
    pub fn as_str(self) -> &'static str {
        match self {
            Blame::Routing => "routing",
            Blame::Sales => "sales",
            Blame::Unassigned => "unassigned",
        }
    }
}

impl Measure {
    /// Whether it is counted for the whole company alone: it has as many subjects as there are assets.
    pub fn is_of_all_alone(self) -> bool {
        matches!(self, Measure::AssetUsed | Measure::Heard(_))
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Measure::Entered(stage) => write!(f, "entered_{stage}"),
            Measure::Implied(stage) => write!(f, "implied_{stage}"),
            Measure::Reentered => f.write_str("reentered_mql"),
            Measure::Converted(step) => write!(f, "converted_{step}"),
            Measure::Open(stage) => write!(f, "open_{stage}"),
            Measure::TouchMet => f.write_str("first_touch_met"),
            Measure::TouchMissed => f.write_str("first_touch_missed"),
            Measure::TouchDelay(part) => write!(f, "first_touch_delay_{}", part.as_str()),
            Measure::Touches(team) => write!(f, "touches_{team}"),
            Measure::Verdicts(verdict) => write!(f, "verdicts_{verdict}"),
            Measure::DealsOpened => f.write_str("deals_opened"),
            Measure::DealsWon => f.write_str("deals_won"),
            Measure::DealsLost => f.write_str("deals_lost"),
            Measure::WonAmount => f.write_str("won_amount_minor"),
            Measure::CycleBegun => f.write_str("cycle_begun"),
            Measure::VerdictMet => f.write_str("verdict_met"),
            Measure::VerdictMissed => f.write_str("verdict_missed"),
            Measure::Stayed(stage) => write!(f, "stayed_{stage}"),
            Measure::Left(stage) => write!(f, "left_{stage}"),
            Measure::HandoffTouched => f.write_str("handoff_touched"),
            Measure::HandoffRuns => f.write_str("handoff_runs"),
            Measure::HandoffSilent => f.write_str("handoff_silent"),
            Measure::ContentUsed(author) => write!(f, "content_used_{author}"),
            Measure::ContentBegun(author) => write!(f, "content_begun_{author}"),
            Measure::AssetUsed => f.write_str("asset_used"),
            Measure::Heard(family) => write!(f, "heard_{family}"),
            Measure::Erased => f.write_str("erased"),
            Measure::SourcedWon => f.write_str("sourced_won"),
            Measure::SourcedWonAmount => f.write_str("sourced_won_amount_minor"),
            Measure::SourcedWonSize => f.write_str("sourced_won_size"),
        }
    }
}

/// Where a count belongs, within a segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Cell {
    /// What is counted.
    pub measure: Measure,
    /// Of what (a reason, a currency, a [`Blame`], a place); empty where the measure has no subject.
    pub subject: Text,
    /// The minute to which the count belongs.
    pub slice: Minute,
    /// An age in days or a bucket of a duration, by measure; 0 where it has none.
    pub grade: u16,
}

/// One count of a journey: so much in this cell.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contribution {
    /// Where.
    pub cell: Cell,
    /// How much; whole numbers only, so that sums do not depend on their order.
    pub n: i64,
    /// Whether alerts show the journey's lead as evidence for this count.
    pub evidence: bool,
}
