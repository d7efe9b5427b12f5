//! Transactional ids: who may write under an id, and what its open transaction holds.

use std::collections::{BTreeMap, BTreeSet};

use super::partition::TransactionNumber;
use crate::log::{Committed, TopicPartition};

/// The state of one transactional id.
#[derive(Default)]
pub(super) struct TransactionalId {
    /// Raised each time that the id is taken; writers with a lower one are fenced.
    epoch: u32,
    open: Option<OpenTransaction>,
}

/// What an open transaction holds.
pub(super) struct OpenTransaction {
    pub(super) number: TransactionNumber,
    /// When it was begun, in the broker's time.
    since_ms: u64,
    /// Where it has written.
    pub(super) partitions: BTreeSet<TopicPartition>,
    /// The places that will be committed with it, by group.
    pub(super) places: Vec<(String, TopicPartition, Committed)>,
}

/// The transactional ids of a cluster.
#[derive(Default)]
pub(super) struct Transactions {
    ids: BTreeMap<String, TransactionalId>,
    begun: TransactionNumber,
}

impl Transactions {
    /// Takes an id: gives the new epoch and the transaction that must be aborted now.
    pub(super) fn take(&mut self, id: &str) -> (u32, Option<OpenTransaction>) {
        let state = self.ids.entry(id.to_string()).or_default();
        state.epoch += 1;
        (state.epoch, state.open.take())
    }

    /// The epoch of an id.
    pub(super) fn epoch(&self, id: &str) -> u32 {
        self.ids.get(id).map_or(0, |s| s.epoch)
    }

    /// Whether a writer with this epoch still holds the id.
    pub(super) fn holds(&self, id: &str, epoch: u32) -> bool {
        self.ids.get(id).is_some_and(|s| s.epoch == epoch)
    }

    /// The open transaction of an id, begun if there is none.
    pub(super) fn open(&mut self, id: &str, now_ms: u64) -> &mut OpenTransaction {
        let begun = &mut self.begun;
        self.ids.entry(id.to_string()).or_default().open.get_or_insert_with(|| {
            *begun += 1;
            let (number, since_ms) = (*begun, now_ms);
            OpenTransaction { number, since_ms, partitions: BTreeSet::new(), places: Vec::new() }
        })
    }

    /// Ends the open transaction of an id and hands over what it held.
    pub(super) fn end(&mut self, id: &str) -> Option<OpenTransaction> {
        self.ids.get_mut(id).and_then(|s| s.open.take())
    }

    /// Whether an id has a transaction open.
    pub(super) fn is_open(&self, id: &str) -> bool {
        self.ids.get(id).is_some_and(|s| s.open.is_some())
    }

    /// The ids that have a transaction open.
    pub(super) fn open_ids(&self) -> Vec<String> {
        self.overdue(u64::MAX, 0)
    }

    /// The ids that have had a transaction open for so long.
    pub(super) fn overdue(&self, now_ms: u64, limit_ms: u64) -> Vec<String> {
        let is_overdue = |open: &OpenTransaction| now_ms.saturating_sub(open.since_ms) >= limit_ms;
        let overdue = self.ids.iter().filter(|(_, s)| s.open.as_ref().is_some_and(is_overdue));
        overdue.map(|(id, _)| id.clone()).collect()
    }

    /// Whether an open transaction holds a place of this partition for the group.
    pub(super) fn holds_place(&self, group: &str, partition: &TopicPartition) -> bool {
        let open = self.ids.values().filter_map(|s| s.open.as_ref());
        open.flat_map(|t| &t.places).any(|(g, p, _)| g == group && p == partition)
    }
}
