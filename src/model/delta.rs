//! What one partition of the event log adds to the funnel between two commits: the record of
//! `rapport.deltas`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::definitions::Definitions;
use super::fact::Fact;
use super::measure::{Cell, Measure};
use super::{Minute, Text};

/// Everything that changed in one partition under one set of definitions while its time went from one boundary
/// to another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Delta {
    /// The partition of the event log.
    pub partition: u32,
    /// Its time T: every boundary up to this one has been passed.
    pub time: Minute,
    /// The number of the definitions under which this was counted.
    pub definitions: u32,
    /// How the partition came to these definitions, in the first delta that was counted under them; none
    /// under those that hold from the log's beginning.
    pub switch: Option<Box<Switch>>,
    /// The changes by the boundary at which they took effect, in order.
    pub steps: BTreeMap<Minute, Step>,
}

/// A partition's switch to other definitions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Switch {
    /// The first boundary that is counted under them.
    pub at: Minute,
    /// The definitions.
    pub definitions: Definitions,
}

/// The changes that took effect at one boundary. Merging two steps adds them up.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Changes of counts by (segment, cell); never 0.
    pub counts: BTreeMap<(Text, Cell), i64>,
    /// Changes of evidence: +1 the lead now stands behind the count, −1 it no longer does.
    pub evidence: BTreeMap<Evidence, i64>,
    /// Program facts (campaigns, targets, playbook, content) that took effect.
    pub programs: Vec<Fact>,
}

/// A lead (or deal) that stands behind a count of a segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Evidence {
    /// The measure.
    pub measure: Measure,
    /// The minute of the count.
    pub slice: Minute,
    /// The raw id; an erased one is never here.
    pub id: Text,
    /// The segments of its journey, sorted.
    pub segments: Vec<Text>,
}

impl Step {
    /// Adds `n` to a count, dropping it where the sum is 0.
    pub fn add(&mut self, segment: &Text, cell: &Cell, n: i64) {
        add(&mut self.counts, (segment.clone(), cell.clone()), n);
    }

    /// Adds `n` to the standing of a piece of evidence.
    pub fn add_evidence(&mut self, evidence: Evidence, n: i64) {
        add(&mut self.evidence, evidence, n);
    }

    /// Adds everything of another step.
    pub fn merge(&mut self, other: Step) {
        for (key, n) in other.counts {
            add(&mut self.counts, key, n);
        }
        for (evidence, n) in other.evidence {
            add(&mut self.evidence, evidence, n);
        }
        self.programs.extend(other.programs);
        self.programs.sort_by_key(Fact::order);
    }

    /// Whether nothing changed.
    pub fn is_empty(&self) -> bool {
        self.counts.is_empty() && self.evidence.is_empty() && self.programs.is_empty()
    }
}

fn add<K: Ord>(sums: &mut BTreeMap<K, i64>, key: K, n: i64) {
    use std::collections::btree_map::Entry;
    match sums.entry(key) {
        Entry::Vacant(slot) if n != 0 => {
            slot.insert(n);
        }
        Entry::Vacant(_) => {}
        Entry::Occupied(mut slot) => {
            *slot.get_mut() += n;
            if *slot.get() == 0 {
                slot.remove();
            }
        }
    }
}
