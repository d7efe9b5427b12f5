//! A schedule: a company, the instances that watch it, and what happens to them at which round. It is data, so
//! that it can be drawn from a seed, made smaller, written into a file and read back.

use rapport::log::memory::CoordinatorType;

use crate::support::random_log::Spice;

/// Everything that a run depends on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// What is watched.
    pub company: Company,
    /// Who watches.
    pub group: Group,
    /// What happens, by the round at which it does.
    pub actions: Vec<(u64, Action)>,
}

/// A company and its event log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Company {
    /// From which its events come.
    pub seed: u64,
    /// Partitions of the event log.
    pub partitions: u32,
    /// Whether its events come by intakes, from two sources, or are written into the event log directly.
    pub has_intakes: bool,
    /// How many events there are.
    pub events: u32,
    /// Over how many days.
    pub days: u32,
    /// Of how many leads.
    pub leads: u32,
    /// What else happens in it.
    pub flavour: Flavour,
    /// After how many days closed journeys are freed; never if 0.
    pub retention_days: u32,
    /// Whether other definitions are announced on the way.
    pub has_changes: bool,
    /// Whether wall time passes, so that tasks tell it.
    pub has_wall: bool,
}

/// What a history contains besides the plain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flavour {
    /// Every kind of trouble, facts on the move among it.
    Hot,
    /// The same without records that move between partitions.
    Still,
    /// Much is merged and linked.
    Moving,
}

impl Flavour {
    /// What it means.
    pub fn spice(self) -> Spice {
        match self {
            Flavour::Hot => Spice::HOT,
            Flavour::Still => Spice { moves: 0, misrouted: 0, ..Spice::HOT },
            Flavour::Moving => Spice { moves: 20, circles: false, ..Spice::HOT },
        }
    }
}

/// The instances, and how the world around them is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// From which it comes who is next, and how much time passes.
    pub seed: u64,
    /// How many instances there are at first.
    pub instances: usize,
    /// Whether they have names of their own in the group, so that they find their seats again.
    pub is_static: bool,
    /// Most records that a poll brings.
    pub batch: usize,
    /// Commit markers reach a partition up to so many steps late.
    pub marker_steps: u64,
    /// How often they commit.
    pub commit_ms: u64,
    /// How long the group waits for one that is silent.
    pub session_ms: u64,
    /// How long the broker waits for an open transaction.
    pub transaction_ms: u64,
    /// How many hours of event time a task may be ahead of the slowest; as many as it likes if 0.
    pub ahead_hours: u32,
    /// An instance is interrupted before about every so-many-th step; never if 0.
    pub chop: u32,
}

/// A step of an instance, counted from when the action takes place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Call {
    /// The so-many-th from then on, from 1.
    Nth(u64),
    /// The next sending of places.
    Places,
    /// The next end of a transaction.
    End,
}

/// Whether a step that fails has happened nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// It has not.
    Before,
    /// It has.
    After,
}

/// Something that happens. Instances are meant by number, and nothing happens to one that does not run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// It dies at a step, and starts again after so many ms, if ever.
    Crash { who: usize, call: Call, when: When, back_ms: Option<u64> },
    /// A step fails and says to begin anew (or, if not, to try again).
    Fail { who: usize, call: Call, when: When, is_for_good: bool },
    /// A step gets no answer; a request of the writer arrives so many steps later all the same.
    Late { who: usize, call: Call, steps: u64 },
    /// A step gets no answer and did nothing.
    Lose { who: usize, call: Call },
    /// It dies while a request of its writer is under way.
    CrashLate { who: usize, call: Call, steps: u64, back_ms: Option<u64> },
    /// It is stopped before a step for so many ms, its client too.
    Pause { who: usize, call: Call, ms: u64 },
    /// It cannot reach the broker.
    Cut { who: usize, ms: u64 },
    /// Each of its steps takes so much longer.
    Slow { who: usize, by_ms: u64, ms: u64 },
    /// Another producer takes its transactional id.
    Fence { who: usize },
    /// The broker gives up every open transaction.
    Expire,
    /// The broker is away.
    Down { ms: u64 },
    /// A coordinator moves to another broker at the next request to it, which is carried out or not, and is away for
    /// so many ms.
    Move { of: CoordinatorType, when: When, ms: u64 },
    /// All members are to join again.
    Rebalance,
    /// Another instance starts.
    Join,
    /// An instance commits and goes, and comes back after so many ms, if ever.
    Leave { who: usize, back_ms: Option<u64> },
    /// An instance is started although the one before it has not ended: with a name of its own that one is a
    /// zombie, without it is killed first.
    Restart { who: usize },
    /// So many more events happen.
    Feed { events: usize },
}
