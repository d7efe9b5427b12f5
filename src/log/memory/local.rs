//! What a member itself knows, beside what the broker keeps.

use std::collections::{BTreeMap, BTreeSet};

use super::adrift::Stamp;
use super::cluster::{Cluster, raw};
use super::coordinator::Refusal;
use super::group::Standing;
use super::partition::Isolation;
use crate::log::{
    AssignmentChange, Cause, Committed, LogError, METADATA_BYTES_MAX, NewRecord, RawRecord, Road,
    TopicPartition,
};

/// A partition that is being read.
pub(super) struct Assigned {
    pub(super) at: TopicPartition,
    pub(super) position: i64,
    pub(super) paused: bool,
}

/// A change that the engine has been told and has not answered; nothing is read meanwhile.
pub(super) enum Unanswered {
    Given,
    Taken(BTreeSet<TopicPartition>),
}

/// Who says what a member reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Seating {
    /// A test does.
    ByHand,
    /// Its group does; there its seat has a name of its own, or one of this member only.
    Subscribed { is_static: bool },
}

/// What the member itself knows.
pub(super) struct Local {
    pub(super) number: u64,
    pub(super) group: String,
    pub(super) id: String,
    pub(super) epoch: u32,
    pub(super) seating: Seating,
    pub(super) isolation: Isolation,
    /// It speaks of no generation, and nobody asks for it.
    pub(super) is_lawless: bool,
    /// It claims to hold its id, whoever does.
    pub(super) is_forging: bool,
    /// Sorted.
    pub(super) assigned: Vec<Assigned>,
    pub(super) unanswered: Option<Unanswered>,
    pub(super) in_transaction: bool,
    /// Records that wait for the broker to be reached.
    pub(super) outbox: Vec<NewRecord>,
    /// Why the writer must be renewed, if it must.
    pub(super) spoiled: Option<(Cause, &'static str)>,
}

impl Local {
    /// The name of its seat in its group, if it has subscribed.
    pub(super) fn seat(&self) -> Option<String> {
        match self.seating {
            Seating::ByHand => None,
            Seating::Subscribed { is_static: true } => Some(self.id.clone()),
            Seating::Subscribed { is_static: false } => Some(format!("{}#{}", self.id, self.number)),
        }
    }

    /// Whether the member may go on at all: nobody else sits on its seat, as far as it knows.
    pub(super) fn check_alive(&self, cluster: &mut Cluster, what: &str) -> Result<(), LogError> {
        let is_replaced = match self.seating {
            Seating::ByHand => {
                cluster.group(&self.group).standing(&self.id, self.number) == Standing::Replaced
            }
            Seating::Subscribed { .. } => cluster.clients[&self.number].is_replaced,
        };
        if is_replaced { Err(self.replaced(what)) } else { Ok(()) }
    }

    /// Whether the writer is in order.
    pub(super) fn check_writer(&mut self, cluster: &mut Cluster, what: &str) -> Result<(), LogError> {
        if self.seating == Seating::ByHand {
            match cluster.group(&self.group).standing(&self.id, self.number) {
                Standing::Replaced => return Err(self.replaced(what)),
                Standing::Expelled => {
                    self.spoiled = Some((Cause::StaleMember, "the group has given this member up"));
                }
                Standing::Member => {}
            }
        }
        if self.is_forging {
            self.epoch = cluster.transactions.epoch(&self.id);
        }
        if !cluster.transactions.holds(&self.id, self.epoch) {
            let why = "fenced: the transactional id was taken or its transaction has expired";
            self.spoiled = Some((Cause::Fenced, why));
        }
        self.spoiled
            .map_or(Ok(()), |(cause, why)| Err(LogError::new(Road::Rebuild, what, why).because(cause)))
    }

    fn replaced(&self, what: &str) -> LogError {
        let why = format!("another member has joined group {} as {}", self.group, self.id);
        LogError::new(Road::Fatal, what, why).because(Cause::StaleMember)
    }

    pub(super) fn check_open(&self, what: &str) -> Result<(), LogError> {
        let why = "no transaction is open";
        self.in_transaction.then_some(()).ok_or_else(|| LogError::new(Road::Fatal, what, why))
    }

    /// Whether this member may read a partition, as far as it has been told.
    pub(super) fn owns(&self, cluster: &mut Cluster, at: &TopicPartition) -> bool {
        match self.seating {
            Seating::ByHand => cluster.group(&self.group).owns(self.number, at),
            Seating::Subscribed { .. } => cluster.clients[&self.number].owned.contains(at),
        }
    }

    /// Gives partitions back to the group: of those that it was not asked for, only what is read.
    pub(super) fn give_back(&self, cluster: &mut Cluster, partitions: &[TopicPartition]) {
        match self.seating {
            Seating::ByHand => {
                let group = cluster.group(&self.group);
                partitions.iter().for_each(|at| group.give_back(self.number, at));
            }
            Seating::Subscribed { .. } => {
                let is_asked_for = |at: &TopicPartition| match &self.unanswered {
                    Some(Unanswered::Taken(taken)) => taken.contains(at),
                    _ => false,
                };
                let is_read = |at: &TopicPartition| self.assigned.iter().any(|a| a.at == *at);
                let client = cluster.clients.get_mut(&self.number).expect("it has subscribed");
                let before = client.owned.len();
                client.owned.retain(|at| !(partitions.contains(at) && (is_asked_for(at) || is_read(at))));
                client.rejoins |= client.owned.len() < before;
            }
        }
    }

    /// How the assignment changes next.
    pub(super) fn next_change(&mut self, cluster: &mut Cluster) -> Option<AssignmentChange> {
        let change = match self.seating {
            Seating::ByHand => cluster.group(&self.group).change(&self.id, self.number),
            Seating::Subscribed { .. } => {
                cluster.clients.get_mut(&self.number).expect("it has subscribed").tell()
            }
        };
        change.iter().for_each(|change| self.note(change));
        change
    }

    /// Takes note of a change that the engine is about to be told.
    fn note(&mut self, change: &AssignmentChange) {
        match change {
            AssignmentChange::Given(_) => self.unanswered = Some(Unanswered::Given),
            AssignmentChange::Taken(taken) => {
                self.unanswered = Some(Unanswered::Taken(taken.iter().cloned().collect()));
            }
            AssignmentChange::Lost(lost) => {
                self.assigned.retain(|a| !lost.contains(&a.at));
                self.unanswered = None;
                if self.in_transaction {
                    let why = "partitions were lost while a transaction was open for them";
                    self.spoiled = Some((Cause::AssignmentLost, why));
                }
            }
        }
    }

    /// The engine has answered what it was told.
    pub(super) fn answered(&mut self, cluster: &mut Cluster) {
        self.unanswered = None;
        if let Some(client) = cluster.clients.get_mut(&self.number) {
            client.answered();
        }
    }

    pub(super) fn assigned(&mut self, what: &str, at: &TopicPartition) -> Result<&mut Assigned, LogError> {
        let found = self.assigned.iter_mut().find(|a| a.at == *at);
        found.ok_or_else(|| LogError::new(Road::Fatal, format!("{what} {at}"), "it is not assigned"))
    }

    pub(super) fn read(&mut self, cluster: &mut Cluster) -> Result<Vec<RawRecord>, LogError> {
        let isolation = self.isolation;
        let mut records = Vec::new();
        let mut left = cluster.order.batch();
        while left > 0 {
            let mut ready = Vec::new();
            for assigned in self.assigned.iter_mut().filter(|a| !a.paused) {
                assigned.position = next_shown(cluster, &assigned.at, assigned.position, isolation)?;
                if shown(cluster, &assigned.at, assigned.position, isolation).is_some() {
                    ready.push(assigned.at.clone());
                }
            }
            if ready.is_empty() {
                break;
            }
            let (index, run) = cluster.order.run(&ready, left);
            let source = self.assigned("read", &ready[index])?;
            for _ in 0..run {
                let Some(record) = shown(cluster, &source.at, source.position, isolation) else { break };
                records.push(record);
                left -= 1;
                source.position = next_shown(cluster, &source.at, source.position + 1, isolation)?;
            }
        }
        Ok(records)
    }

    /// How much is unread: here there is always news of it.
    pub(super) fn unread(&self, cluster: &Cluster) -> Vec<(TopicPartition, u64)> {
        let left = |assigned: &Assigned| {
            let end = cluster.partition(&assigned.at)?.stable_end();
            Some((assigned.at.clone(), u64::try_from(end - assigned.position).unwrap_or(0)))
        };
        self.assigned.iter().filter_map(left).collect()
    }

    /// Writes a record into the open transaction.
    pub(super) fn append(&self, cluster: &mut Cluster, record: NewRecord) -> Result<(), LogError> {
        let at = record.to.clone();
        if cluster.partition(&at).is_none() {
            return Err(missing(&format!("produce to {at}")));
        }
        let content = cluster.content(record);
        let transaction = cluster.open_transaction(&self.id);
        let number = transaction.number;
        transaction.partitions.insert(at.clone());
        let log = cluster.partition_mut(&at).expect("looked up above");
        log.append(Some(number), content);
        Ok(())
    }

    /// Writes what waited for the broker to be reached.
    pub(super) fn empty_outbox(&mut self, cluster: &mut Cluster) -> Result<(), LogError> {
        std::mem::take(&mut self.outbox).into_iter().try_for_each(|record| self.append(cluster, record))
    }

    /// As what this member sends places.
    pub(super) fn stamp(&self, cluster: &Cluster) -> Result<Stamp, LogError> {
        let (seat, generation) = match self.seating {
            _ if self.is_lawless => (self.id.clone(), None),
            Seating::ByHand => (self.id.clone(), None),
            Seating::Subscribed { .. } => {
                let client = &cluster.clients[&self.number];
                if client.has_lost() {
                    let why = "the partitions are lost to the group";
                    return Err(LogError::new(Road::Rebuild, "commit", why).because(Cause::AssignmentLost));
                }
                let none = || LogError::new(Road::Rebuild, "commit", "this member belongs to no group");
                let generation = client.generation.ok_or_else(|| none().because(Cause::StaleMember))?;
                (client.seat.clone(), Some(generation))
            }
        };
        Ok(Stamp { group: self.group.clone(), seat, number: self.number, generation })
    }

    /// What the group says to a member that may not commit places.
    pub(super) fn refused(&self, refusal: Refusal) -> LogError {
        let why = match refusal {
            Refusal::Replaced => return self.replaced("commit"),
            Refusal::Unknown => "the group does not know this member",
            Refusal::StaleGeneration => "the group has begun another generation",
        };
        LogError::new(Road::Rebuild, "commit", why).because(Cause::StaleMember)
    }

    pub(super) fn check_places(
        &self,
        cluster: &mut Cluster,
        places: &[(TopicPartition, Committed)],
    ) -> Result<(), LogError> {
        for (at, place) in places {
            let refuse = |why: &str| Err(LogError::new(Road::Fatal, format!("commit a place of {at}"), why));
            if place.metadata.len() > METADATA_BYTES_MAX {
                return refuse("its text is longer than 4096 bytes");
            }
            if !self.is_lawless && !self.owns(cluster, at) {
                return refuse("the member does not own the partition");
            }
        }
        Ok(())
    }

    /// The committed places of these partitions.
    pub(super) fn places(
        &self,
        cluster: &mut Cluster,
        partitions: &[TopicPartition],
    ) -> Vec<Option<Committed>> {
        let places: &BTreeMap<_, _> = &cluster.group(&self.group).places;
        partitions.iter().map(|p| places.get(p).cloned()).collect()
    }
}

fn next_shown(
    cluster: &Cluster,
    at: &TopicPartition,
    from: i64,
    isolation: Isolation,
) -> Result<i64, LogError> {
    let log = cluster.partition(at).ok_or_else(|| missing(&format!("read {at}")))?;
    log.next_shown(from, isolation).ok_or_else(|| gap(at, from, (log.low(), log.end())))
}

pub(super) fn shown(
    cluster: &Cluster,
    at: &TopicPartition,
    offset: i64,
    isolation: Isolation,
) -> Option<RawRecord> {
    let content = cluster.partition(at).and_then(|log| log.shown(offset, isolation));
    content.map(|content| raw(at, offset, content))
}

pub(super) fn missing(what: &str) -> LogError {
    LogError::new(Road::Fatal, what, "there is no such partition")
}

pub(super) fn gap(at: &TopicPartition, from: i64, (low, end): (i64, i64)) -> LogError {
    let why = format!("offset {from} is not there: the log reaches from {low} to {end}");
    LogError::new(Road::Fatal, format!("read {at}"), why).because(Cause::OffsetGone)
}
