//! A consumer group: who is to read which partition, who does, and where each goes on.
//!
//! Here are the assignments that a test sets by hand; those of members that subscribe are the affair of the
//! [coordinator](super::coordinator). A partition changes hands as in Kafka's cooperative protocol: first the
//! owner gives it up, then the next one gets it.

use std::collections::{BTreeMap, BTreeSet};

use super::coordinator::Coordinator;
use crate::log::{AssignmentChange, Committed, TopicPartition};

/// The state of a group.
#[derive(Default)]
pub(super) struct Group {
    /// The committed places.
    pub(super) places: BTreeMap<TopicPartition, Committed>,
    /// Every place that was ever committed, in order.
    pub(super) history: Vec<(TopicPartition, Committed)>,
    /// Who reads what, where the group decides that by itself.
    pub(super) coordinator: Coordinator,
    /// What each id is to read.
    targets: BTreeMap<String, BTreeSet<TopicPartition>>,
    /// The member that is known under each id; none after it was expelled.
    members: BTreeMap<String, u64>,
    /// Which member reads each partition.
    owners: BTreeMap<TopicPartition, u64>,
    /// What was taken from a member without asking, until it has been told.
    lost: BTreeMap<u64, Vec<TopicPartition>>,
    /// Members that have been told what they are to read, be it nothing.
    told: BTreeSet<u64>,
}

/// How a member stands in its group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Standing {
    /// It belongs to the group.
    Member,
    /// The group has given it up; it may join again.
    Expelled,
    /// Another member has joined with its id.
    Replaced,
}

impl Group {
    /// A member joins under an id. Who was known under it is replaced and loses its partitions.
    pub(super) fn join(&mut self, id: &str, member: u64, target: &[TopicPartition]) {
        if let Some(previous) = self.members.insert(id.to_string(), member) {
            self.owners.retain(|_, owner| *owner != previous);
        }
        self.set_target(id, target);
    }

    /// Sets what an id is to read.
    pub(super) fn set_target(&mut self, id: &str, target: &[TopicPartition]) {
        let target: BTreeSet<_> = target.iter().cloned().collect();
        for (other, theirs) in self.targets.iter().filter(|(other, _)| *other != id) {
            let shared: Vec<_> = theirs.intersection(&target).collect();
            assert!(shared.is_empty(), "{shared:?} cannot be read by {other} and {id} at once");
        }
        self.targets.insert(id.to_string(), target);
    }

    /// Takes back what every id of the list is to read, so that new targets can be set in any order.
    pub(super) fn clear_targets<'a>(&mut self, ids: impl Iterator<Item = &'a str>) {
        ids.for_each(|id| drop(self.targets.remove(id)));
    }

    /// Gives a member up, as when its session has timed out.
    pub(super) fn expel(&mut self, id: &str) {
        self.targets.remove(id);
        if let Some(member) = self.members.remove(id) {
            let owned = self.owned_by(member);
            self.owners.retain(|_, owner| *owner != member);
            self.lost.insert(member, owned);
        }
    }

    /// How a member stands.
    pub(super) fn standing(&self, id: &str, member: u64) -> Standing {
        match self.members.get(id) {
            Some(&known) if known == member => Standing::Member,
            Some(_) => Standing::Replaced,
            None => Standing::Expelled,
        }
    }

    /// Whether a member reads a partition.
    pub(super) fn owns(&self, member: u64, partition: &TopicPartition) -> bool {
        self.owners.get(partition) == Some(&member)
    }

    /// A member gives a partition back.
    pub(super) fn give_back(&mut self, member: u64, partition: &TopicPartition) {
        if self.owns(member, partition) {
            self.owners.remove(partition);
        }
    }

    /// How the assignment of a member changes now. Tells each change once, except for `Taken`, which
    /// holds until the partitions are given back. A member that was expelled joins again here.
    pub(super) fn change(&mut self, id: &str, member: u64) -> Option<AssignmentChange> {
        self.members.entry(id.to_string()).or_insert(member);
        if let Some(lost) = self.lost.remove(&member).filter(|l| !l.is_empty()) {
            return Some(AssignmentChange::Lost(lost));
        }
        let target = self.targets.get(id).cloned().unwrap_or_default();
        let taken: Vec<_> = self.owned_by(member).into_iter().filter(|p| !target.contains(p)).collect();
        if !taken.is_empty() {
            return Some(AssignmentChange::Taken(taken));
        }
        let given: Vec<_> = target.into_iter().filter(|p| !self.owners.contains_key(p)).collect();
        self.owners.extend(given.iter().map(|p| (p.clone(), member)));
        let is_first = self.told.insert(member);
        (is_first || !given.is_empty()).then_some(AssignmentChange::Given(given))
    }

    fn owned_by(&self, member: u64) -> Vec<TopicPartition> {
        self.owners.iter().filter(|(_, owner)| **owner == member).map(|(p, _)| p.clone()).collect()
    }
}
