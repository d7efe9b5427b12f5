//! A task that runs: where it stands in its input, and its chain of state blocks.

use serde::{Deserialize, Serialize};

use crate::log::{Committed, NewRecord, TopicPartition};

use super::block::{self, Part, StateRow};
use super::task::{Output, Task};

/// At least this many bytes of the rolling snapshot go into each block.
const SNAPSHOT_BYTES_MIN: usize = 4 * 1024;

/// What is committed beside a task's offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The last block of its state; 0 if it has none.
    pub(super) seq: u64,
    /// Offset in the state partition from which a restore reads.
    pub(super) cycle: i64,
    /// The task's own memo.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) memo: String,
}

/// The walk over all rows that keeps a restore short.
#[derive(Debug, Default)]
struct Cycle {
    /// Rows still to be written in this cycle, last first.
    left: Vec<Vec<u8>>,
    /// Where the last complete cycle began, in the state partition.
    complete_from: i64,
    /// Where this cycle began.
    began_at: i64,
}

pub(super) struct Running<E> {
    pub(super) task: Box<dyn Task<Effect = E>>,
    /// The next offset to read.
    pub(super) next: i64,
    /// The next offset as it was committed last.
    pub(super) committed: i64,
    pub(super) seq: u64,
    /// Something is to be committed even though no record was read: progress told by the clock.
    pub(super) moved: bool,
    /// The wall time of a question to the log, and the end that it answered.
    pub(super) asked: Option<(crate::model::EventTime, i64)>,
    cycle: Cycle,
}

impl<E> Running<E> {
    pub(super) fn new(
        task: Box<dyn Task<Effect = E>>,
        next: i64,
        place: &Place,
        state_end: i64,
    ) -> Running<E> {
        let cycle = Cycle { left: task.state_keys(), complete_from: place.cycle, began_at: state_end };
        Running { task, next, committed: next, seq: place.seq, moved: false, asked: None, cycle }
    }

    /// Whether a commit has anything to say of this task.
    pub(super) fn has_moved(&self) -> bool {
        self.moved || self.next != self.committed
    }

    /// Whether the next block begins a new snapshot cycle, so that it must be known where that will be.
    pub(super) fn begins_cycle(&self) -> bool {
        self.cycle.left.is_empty()
    }

    /// Ends the transaction's part of this task: its last records, its block, its place.
    /// `state_end` is where the state partition ends before this transaction.
    pub(super) fn finish(&mut self, out: &mut Output<E>, state_end: i64) -> Committed {
        self.task.finish(out);
        if let Some(to) = self.task.state_partition() {
            self.seq += 1;
            let rows = self.rows(state_end);
            let parts = block::parts(self.seq, (self.committed, self.next), rows);
            out.records.extend(parts.iter().map(|part| state_record(&to, part)));
        }
        let place = Place { seq: self.seq, cycle: self.cycle.complete_from, memo: self.task.memo() };
        let metadata = serde_json::to_string(&place).expect("a place always encodes");
        Committed { offset: self.next, metadata }
    }

    /// The transaction was committed.
    pub(super) fn done(&mut self) {
        self.committed = self.next;
        self.moved = false;
    }

    fn rows(&mut self, state_end: i64) -> Vec<StateRow> {
        let mut rows: Vec<StateRow> = Vec::new();
        for key in self.task.take_changed() {
            let value = self.task.state_row(&key);
            rows.push((key, value));
        }
        let size = |rows: &[StateRow]| -> usize {
            rows.iter().map(|(key, value)| key.len() + value.as_ref().map_or(0, Vec::len)).sum()
        };
        if self.cycle.left.is_empty() {
            self.cycle.complete_from = self.cycle.began_at;
            self.cycle.began_at = state_end;
            self.cycle.left = self.task.state_keys();
        }
        let mut budget = size(&rows).max(SNAPSHOT_BYTES_MIN);
        while let Some(key) = self.cycle.left.pop() {
            let Some(value) = self.task.state_row(&key) else { continue };
            let bytes = key.len() + value.len();
            rows.push((key, Some(value)));
            budget = budget.saturating_sub(bytes);
            if budget == 0 {
                break;
            }
        }
        rows
    }
}

fn state_record(to: &TopicPartition, part: &Part) -> NewRecord {
    NewRecord {
        to: to.clone(),
        key: None,
        value: Some(part.encode()),
        headers: Part::headers(),
        timestamp: None,
    }
}
