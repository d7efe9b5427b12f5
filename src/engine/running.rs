//! A task that runs: where it stands in its input, and its chain of state blocks.

use serde::{Deserialize, Serialize};

use crate::log::{Committed, NewRecord, TopicPartition};
use crate::model::EventTime;

use super::block::{self, BlockHead, Part, StateRow, size_of_row};
use super::task::{Output, Task};

/// At least this many bytes of the rolling snapshot go into each block.
const SNAPSHOT_BYTES_MIN: usize = 4 * 1024;
/// A cycle of the snapshot takes at most about this long while anything is committed, in ms: what an erasure
/// took out of the state is gone from its topic within two cycles.
const CYCLE_MS_MAX: u64 = 12 * 3_600_000;

/// What is committed beside a task's offset.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Place {
    /// The last block of its state; 0 if it has none.
    pub(super) seq: u64,
    /// Offset in the state partition from which a restore reads.
    pub(super) cycle: i64,
    /// The transactional id of the member that committed it: who takes over from one that is gone can fence it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) owner: String,
    /// Whether that member has given the partition up with it, and holds nothing of it any more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) released: bool,
    /// The task's own memo.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) memo: String,
}

impl Place {
    /// The member that committed it, where it did not give the partition up: whoever reads it in another member's
    /// stead finds that one gone, and maybe a transaction of it left open.
    pub(super) fn unreleased_owner(&self) -> Option<&str> {
        (!self.released && !self.owner.is_empty()).then_some(self.owner.as_str())
    }

    /// It as it is committed beside an offset.
    pub(super) fn at(&self, offset: i64) -> Committed {
        Committed { offset, metadata: serde_json::to_string(self).expect("a place always encodes") }
    }
}

/// The memo in a committed place, if it is one of ours.
pub(super) fn memo_of(place: &Committed) -> Option<String> {
    serde_json::from_str(&place.metadata).ok().map(|place: Place| place.memo)
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
    /// How many rows there were when this cycle began.
    rows: usize,
    /// When the last block was written, in ticks of the clock.
    block_at_ms: Option<u64>,
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
    pub(super) asked: Option<(EventTime, i64)>,
    /// When it got its last record, in ticks of the clock.
    pub(super) fed_at_ms: Option<u64>,
    /// When that record was written.
    pub(super) read_up_to: Option<EventTime>,
    /// Whether the next place is the last one of this member.
    released: bool,
    cycle: Cycle,
    /// Nobody needs the state before this offset once the open transaction is committed.
    state_before: Option<i64>,
}

impl<E> Running<E> {
    pub(super) fn new(
        task: Box<dyn Task<Effect = E>>,
        next: i64,
        place: &Place,
        state_end: i64,
    ) -> Running<E> {
        let left = task.state_keys();
        let cycle = Cycle {
            rows: left.len(),
            left,
            complete_from: place.cycle,
            began_at: state_end,
            ..Cycle::default()
        };
        Running {
            task,
            next,
            committed: next,
            seq: place.seq,
            moved: false,
            asked: None,
            fed_at_ms: None,
            read_up_to: None,
            released: false,
            cycle,
            state_before: None,
        }
    }

    /// Whether a commit has anything to say of this task.
    pub(super) fn has_moved(&self) -> bool {
        self.moved || self.next != self.committed
    }

    /// The next commit has a place for it, whatever it has read, by which its new owner is known.
    pub(super) fn claim(&mut self) {
        self.moved = true;
    }

    /// The next commit is the last one: the partition is given up with it.
    pub(super) fn release(&mut self) {
        self.moved = true;
        self.released = true;
    }

    /// Whether the next block begins a new snapshot cycle, so that it must be known where that will be.
    pub(super) fn begins_cycle(&self) -> bool {
        self.cycle.left.is_empty()
    }

    /// Ends the transaction's part of this task: its last records, its block, its place.
    /// `state_end` is where the state partition ends before this transaction, `owner` who commits it.
    pub(super) fn finish(
        &mut self,
        out: &mut Output<E>,
        state_end: i64,
        owner: &str,
        now_ms: u64,
    ) -> Committed {
        self.task.finish(out);
        if let Some(to) = self.task.state_partition() {
            self.seq += 1;
            let rows = self.rows(state_end, now_ms);
            let input = (self.committed, self.next);
            let head = BlockHead { seq: self.seq, input, cycle: self.cycle.complete_from };
            out.records.extend(block::parts(head, rows).iter().map(|part| state_record(&to, part)));
        }
        let place = Place {
            seq: self.seq,
            cycle: self.cycle.complete_from,
            owner: owner.to_owned(),
            released: self.released,
            memo: self.task.memo(),
        };
        place.at(self.next)
    }

    /// The transaction was committed. Gives what nobody needs any more: of the state what lies before the last
    /// complete snapshot cycle, and the input itself, where nobody else reads it. Whoever is still restoring from
    /// the cycle before finds it gone, and the place that was committed just now in its stead.
    pub(super) fn done(&mut self, input: &TopicPartition) -> Vec<(TopicPartition, i64)> {
        self.committed = self.next;
        self.moved = false;
        let (Some(before), Some(state)) = (self.state_before.take(), self.task.state_partition()) else {
            return Vec::new();
        };
        let own_input = self.task.is_only_reader().then(|| (input.clone(), self.committed));
        [(state, before)].into_iter().chain(own_input).filter(|(_, before)| *before > 0).collect()
    }

    fn rows(&mut self, state_end: i64, now_ms: u64) -> Vec<StateRow> {
        let mut rows: Vec<StateRow> = Vec::new();
        for key in self.task.take_changed() {
            let value = self.task.state_row(&key);
            rows.push((key, value));
        }
        let cycle = &mut self.cycle;
        if cycle.left.is_empty() {
            cycle.complete_from = cycle.began_at;
            self.state_before = Some(cycle.complete_from);
            cycle.began_at = state_end;
            cycle.left = self.task.state_keys();
            cycle.rows = cycle.left.len();
        }
        let changed: usize = rows.iter().map(size_of_row).sum();
        let mut budget = changed.max(SNAPSHOT_BYTES_MIN);
        let mut due = cycle.due_rows(now_ms);
        cycle.block_at_ms = Some(now_ms);
        while let Some(key) = cycle.left.pop() {
            let Some(value) = self.task.state_row(&key) else { continue };
            let row = (key, Some(value));
            budget = budget.saturating_sub(size_of_row(&row));
            due = due.saturating_sub(1);
            rows.push(row);
            if budget == 0 && due == 0 {
                break;
            }
        }
        rows
    }
}

impl Cycle {
    /// How many rows must go into a block now so that the cycle ends in time.
    fn due_rows(&self, now_ms: u64) -> usize {
        let passed_ms = self.block_at_ms.map_or(0, |at| now_ms.saturating_sub(at)).min(CYCLE_MS_MAX);
        let share = (self.rows as u128 * u128::from(passed_ms)).div_ceil(u128::from(CYCLE_MS_MAX));
        usize::try_from(share).unwrap_or(usize::MAX)
    }
}

pub(super) fn state_record(to: &TopicPartition, part: &Part) -> NewRecord {
    NewRecord {
        to: to.clone(),
        key: None,
        value: Some(part.encode()),
        headers: Part::headers(),
        timestamp: None,
    }
}
