//! What a journeys task counts besides the outcomes of records. Counters are state: they survive a
//! restart with it.

use serde::{Deserialize, Serialize};

/// Counters of one partition of the event log.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JourneyCounters {
    /// Records of rapport's own that were read.
    pub control_records: u64,
    /// Records that another partition had forwarded here.
    pub forwarded_copies: u64,
    /// Events stamped more than 5 minutes after their record: applied, but time did not follow.
    pub future_skew: u64,
    /// Repeated identities with other content.
    pub conflicting: u64,
    /// Facts that came from another row.
    pub moved_facts: u64,
    /// Facts that stayed where they were after the last allowed hop.
    pub moves_stopped: u64,
    /// Facts dropped because their journey was full.
    pub facts_over_limit: u64,
    /// Journeys freed because they were closed and old.
    pub journeys_freed: u64,
}

impl JourneyCounters {
    /// Adds the counters of another partition.
    pub fn add(&mut self, other: &JourneyCounters) {
        self.control_records += other.control_records;
        self.forwarded_copies += other.forwarded_copies;
        self.future_skew += other.future_skew;
        self.conflicting += other.conflicting;
        self.moved_facts += other.moved_facts;
        self.moves_stopped += other.moves_stopped;
        self.facts_over_limit += other.facts_over_limit;
        self.journeys_freed += other.journeys_freed;
    }
}
