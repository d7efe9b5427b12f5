//! What one partition of the event log adds to the funnel between two commits: the record of
//! `rapport.deltas`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::definitions::{Definitions, as_text};
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
    #[serde(with = "as_text")]
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
    /// The subject of the count: why a lead was sent back, for one.
    pub subject: Text,
    /// The segments of its journey, sorted.
    pub segments: Vec<Text>,
}

impl Evidence {
    /// The first in order of those that say whom alerts are to forget: they are the last of a step.
    fn first_erased() -> Evidence {
        Evidence {
            measure: Measure::Erased,
            slice: Minute::MIN,
            id: Text::default(),
            subject: Text::default(),
            segments: Vec::new(),
        }
    }
}

/// What an entry of a step takes in a record besides its texts, in bytes, about.
const ENTRY_BYTES: usize = 16;

impl Delta {
    /// The same as several records, each of about so many bytes of changes at most. A boundary counts as
    /// passed only with the record that holds the last of its changes, so whoever adds them up in this order
    /// never takes a part of a boundary for the whole.
    pub fn parts(self, bytes_max: usize) -> Vec<Delta> {
        let Delta { partition, time, definitions, switch, steps } = self;
        let empty = |switch| Delta { partition, time, definitions, switch, steps: BTreeMap::new() };
        let mut parts = vec![empty(switch)];
        let mut bytes = 0;
        for (boundary, step) in steps {
            for piece in step.pieces() {
                let size = piece.bytes();
                let part = parts.last_mut().expect("there is always a part");
                if bytes > 0 && bytes + size > bytes_max {
                    part.time = boundary.plus(-1);
                    parts.push(empty(None));
                    bytes = 0;
                }
                bytes += size;
                let part = parts.last_mut().expect("there is always a part");
                piece.put(part.steps.entry(boundary).or_default());
            }
        }
        parts
    }
}

/// One change.
enum Piece {
    Count((Text, Cell), i64),
    Evidence(Evidence, i64),
    Program(Fact),
}

impl Piece {
    fn bytes(&self) -> usize {
        let texts = match self {
            Piece::Count((segment, cell), _) => segment.len() + cell.subject.len(),
            Piece::Evidence(evidence, _) => {
                evidence.id.len() + evidence.segments.iter().map(|segment| segment.len() + 2).sum::<usize>()
            }
            Piece::Program(fact) => fact.canonical().len(),
        };
        texts + ENTRY_BYTES
    }

    fn put(self, step: &mut Step) {
        match self {
            Piece::Count(key, n) => drop(step.counts.insert(key, n)),
            Piece::Evidence(evidence, n) => drop(step.evidence.insert(evidence, n)),
            Piece::Program(fact) => step.programs.push(fact),
        }
    }
}

impl Step {
    fn pieces(self) -> impl Iterator<Item = Piece> {
        let counts = self.counts.into_iter().map(|(key, n)| Piece::Count(key, n));
        let evidence = self.evidence.into_iter().map(|(evidence, n)| Piece::Evidence(evidence, n));
        counts.chain(evidence).chain(self.programs.into_iter().map(Piece::Program))
    }

    /// Adds `n` to a count, dropping it where the sum is 0.
    pub fn add(&mut self, segment: &Text, cell: &Cell, n: i64) {
        add(&mut self.counts, (segment.clone(), cell.clone()), n);
    }

    /// Adds `n` to the standing of a piece of evidence.
    pub fn add_evidence(&mut self, evidence: Evidence, n: i64) {
        add(&mut self.evidence, evidence, n);
    }

    /// Says that alerts are to forget an id.
    pub fn erase(&mut self, id: Text) {
        self.evidence.insert(Evidence { id, ..Evidence::first_erased() }, 1);
    }

    /// Whom alerts are to forget.
    pub fn erased(&self) -> impl Iterator<Item = &Text> {
        self.evidence.range(Evidence::first_erased()..).map(|(erased, _)| &erased.id)
    }

    /// Takes out whom alerts are to forget.
    pub fn take_erased(&mut self) -> BTreeSet<Text> {
        self.evidence.split_off(&Evidence::first_erased()).into_keys().map(|erased| erased.id).collect()
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
        self.programs.sort_by(Fact::order);
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

#[cfg(test)]
mod tests {
    use super::super::words::Stage;
    use super::*;

    fn step(from: i32, entries: i32) -> Step {
        let mut step = Step::default();
        for i in 0..entries {
            let slice = Minute(from + i);
            let measure = Measure::Entered(Stage::Mql);
            step.add(&Text::from("all"), &Cell { measure, subject: Text::default(), slice, grade: 0 }, 1);
            let id = compact_str::format_compact!("L{i}");
            let segments = vec![Text::from("all")];
            step.add_evidence(Evidence { measure, slice, id, subject: Text::default(), segments }, 1);
        }
        step
    }

    #[test]
    fn the_parts_of_a_delta_pass_a_boundary_only_when_all_of_it_is_there() {
        let steps = BTreeMap::from([(Minute(10), step(0, 3)), (Minute(12), step(50, 40))]);
        let whole = Delta { partition: 3, time: Minute(20), definitions: 2, switch: None, steps };
        assert_eq!(whole.clone().parts(1 << 20), std::slice::from_ref(&whole));
        let parts = whole.clone().parts(400);
        assert!(parts.len() > 3, "{} parts", parts.len());
        let mut sums: BTreeMap<Minute, Step> = BTreeMap::new();
        for part in parts {
            assert_eq!((part.partition, part.definitions), (3, 2));
            for (boundary, step) in part.steps {
                sums.entry(boundary).or_default().merge(step);
            }
            for (boundary, step) in whole.steps.iter().filter(|(boundary, _)| **boundary <= part.time) {
                assert_eq!(sums.get(boundary), Some(step), "{boundary:?} is passed");
            }
        }
        assert_eq!(sums, whole.steps);
    }
}
