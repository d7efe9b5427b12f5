//! One partition: records and control markers in one row of offsets.
//!
//! It knows which records belong to open, committed or aborted transactions, but not why.

use std::collections::{BTreeMap, VecDeque};

use super::marker::End;
use crate::log::Header;
use crate::model::EventTime;

/// The number of a transaction, unique in a cluster.
pub(super) type TransactionNumber = u64;

/// What a record carries.
#[derive(Clone)]
pub(super) struct Content {
    pub(super) timestamp: EventTime,
    pub(super) key: Option<Vec<u8>>,
    pub(super) value: Option<Vec<u8>>,
    pub(super) headers: Vec<Header>,
}

/// What takes an offset.
enum Entry {
    /// A record that read-committed readers see.
    Shown(Content),
    /// A record of an open transaction.
    Pending(TransactionNumber, Content),
    /// A record of an aborted transaction, or the marker that ends a transaction: never shown.
    Hidden,
}

/// What a reader sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Isolation {
    /// What is committed, up to the first open transaction.
    Committed,
    /// What open transactions have written, too.
    Uncommitted,
}

/// The records of one partition.
#[derive(Default)]
pub(super) struct PartitionLog {
    /// The offset of the first entry.
    low: i64,
    entries: VecDeque<Entry>,
    /// The first offset of each open transaction.
    open: BTreeMap<TransactionNumber, i64>,
}

impl PartitionLog {
    /// The first offset that is still there.
    pub(super) fn low(&self) -> i64 {
        self.low
    }

    /// The offset that the next entry will take.
    pub(super) fn end(&self) -> i64 {
        self.low + self.entries.len() as i64
    }

    /// The last stable offset: read-committed readers stop before it.
    pub(super) fn stable_end(&self) -> i64 {
        self.open.values().copied().min().unwrap_or_else(|| self.end()).max(self.low)
    }

    /// Appends a record and gives its offset.
    pub(super) fn append(&mut self, transaction: Option<TransactionNumber>, content: Content) -> i64 {
        let offset = self.end();
        self.entries.push_back(match transaction {
            None => Entry::Shown(content),
            Some(number) => {
                self.open.entry(number).or_insert(offset);
                Entry::Pending(number, content)
            }
        });
        offset
    }

    /// Appends what is never shown.
    pub(super) fn append_hidden(&mut self) {
        self.entries.push_back(Entry::Hidden);
    }

    /// Ends a transaction in this partition: its records are shown or hidden, a marker follows.
    pub(super) fn end_transaction(&mut self, number: TransactionNumber, end: End) {
        let Some(first) = self.open.remove(&number) else { return };
        let from = (first - self.low).max(0) as usize;
        for entry in self.entries.range_mut(from.min(self.entries.len())..) {
            if matches!(entry, Entry::Pending(n, _) if *n == number) {
                let pending = std::mem::replace(entry, Entry::Hidden);
                if let (Entry::Pending(_, content), End::Commit) = (pending, end) {
                    *entry = Entry::Shown(content);
                }
            }
        }
        self.entries.push_back(Entry::Hidden);
    }

    /// Forgets everything before `before`, at most everything.
    pub(super) fn truncate(&mut self, before: i64) {
        let count = (before.min(self.end()) - self.low).max(0);
        self.entries.drain(..count as usize);
        self.low += count;
    }

    /// The end of what a reader may see.
    pub(super) fn readable_end(&self, isolation: Isolation) -> i64 {
        match isolation {
            Isolation::Committed => self.stable_end(),
            Isolation::Uncommitted => self.end(),
        }
    }

    /// The offset from which reading goes on: that of the next record to show, or the readable end.
    /// `None` if `from` lies outside of the log, as Kafka says "offset out of range".
    pub(super) fn next_shown(&self, from: i64, isolation: Isolation) -> Option<i64> {
        if from < self.low || from > self.end() {
            return None;
        }
        let end = self.readable_end(isolation);
        let next = (from..end).find(|&o| self.seen(o, isolation).is_some());
        Some(next.unwrap_or_else(|| end.max(from)))
    }

    /// The record at an offset, if it is one that the reader sees.
    pub(super) fn shown(&self, offset: i64, isolation: Isolation) -> Option<&Content> {
        if offset < self.low || offset >= self.readable_end(isolation) {
            return None;
        }
        self.seen(offset, isolation)
    }

    fn seen(&self, offset: i64, isolation: Isolation) -> Option<&Content> {
        match self.entry(offset) {
            Entry::Shown(content) => Some(content),
            Entry::Pending(_, content) if isolation == Isolation::Uncommitted => Some(content),
            Entry::Pending(..) | Entry::Hidden => None,
        }
    }

    fn entry(&self, offset: i64) -> &Entry {
        &self.entries[(offset - self.low) as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(text: &str) -> Content {
        Content {
            timestamp: EventTime(0),
            key: None,
            value: Some(text.as_bytes().to_vec()),
            headers: Vec::new(),
        }
    }

    fn shown(log: &PartitionLog) -> Vec<i64> {
        (log.low()..log.end()).filter(|&o| log.shown(o, Isolation::Committed).is_some()).collect()
    }

    #[test]
    fn a_reader_stops_before_the_first_open_transaction() {
        let mut log = PartitionLog::default();
        log.append(None, record("plain 0"));
        log.append(Some(1), record("first 1"));
        log.append(Some(2), record("second 2"));
        log.append(None, record("plain 3"));
        assert_eq!((log.stable_end(), log.end()), (1, 4));
        assert_eq!(shown(&log), [0]);

        log.end_transaction(2, End::Commit);
        assert_eq!((log.stable_end(), log.end()), (1, 5), "the first transaction is still open");

        log.end_transaction(1, End::Abort);
        assert_eq!((log.stable_end(), log.end()), (6, 6), "each end takes an offset");
        assert_eq!(shown(&log), [0, 2, 3]);
        assert_eq!(log.next_shown(1, Isolation::Committed), Some(2));
        assert_eq!(log.next_shown(4, Isolation::Committed), Some(6), "markers at the end are passed");
    }

    #[test]
    fn what_was_truncated_is_out_of_range() {
        let mut log = PartitionLog::default();
        for i in 0..5 {
            log.append((i == 1).then_some(7), record("x"));
        }
        log.truncate(3);
        assert_eq!((log.low(), log.end()), (3, 5));
        assert_eq!(
            (log.next_shown(2, Isolation::Committed), log.next_shown(6, Isolation::Committed)),
            (None, None)
        );
        log.end_transaction(7, End::Commit);
        assert_eq!(shown(&log), [3, 4]);
        log.truncate(100);
        assert_eq!((log.low(), log.end()), (6, 6));
        assert_eq!(log.next_shown(6, Isolation::Committed), Some(6));
    }
}
