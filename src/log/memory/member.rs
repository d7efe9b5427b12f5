//! A member: the [`Log`] that an engine gets from the broker in this process.
//!
//! How failures are answered here: a writer that was fenced (its id was taken, its transaction expired)
//! or that has lost its place in the group says *rebuild* until it is renewed; a member whose id another
//! member has joined with is a zombie and says *fatal*; wrong use says *fatal*. Stricter than Kafka on
//! purpose: a place of a partition that the member does not own is refused.

use std::collections::BTreeSet;

use super::broker::{Broker, Cluster, raw};
use super::group::Standing;
use super::marker::End;
use super::switch::Switch;
use crate::log::{
    AssignmentChange, Cause, Committed, Log, LogError, METADATA_BYTES_MAX, NewRecord, Piece, Polled,
    RawRecord, Road, TopicPartition,
};

/// How many offsets a piece that is read aside spans at most.
const PIECE_OFFSETS: i64 = 64;

/// A partition that is being read.
struct Assigned {
    at: TopicPartition,
    position: i64,
    paused: bool,
}

/// A change that the engine has been told and has not answered; nothing is read meanwhile.
enum Unanswered {
    Given,
    Taken(BTreeSet<TopicPartition>),
}

/// What the member itself knows, beside what the broker keeps.
struct Local {
    number: u64,
    group: String,
    id: String,
    epoch: u32,
    /// Sorted.
    assigned: Vec<Assigned>,
    unanswered: Option<Unanswered>,
    in_transaction: bool,
    /// Why the writer must be renewed, if it must.
    spoiled: Option<(Cause, &'static str)>,
}

/// A member of a group with its transactional writer.
pub struct Member {
    broker: Broker,
    local: Local,
}

impl Member {
    pub(super) fn new(broker: Broker, number: u64, group: &str, id: &str, epoch: u32) -> Member {
        let local = Local {
            number,
            group: group.to_string(),
            id: id.to_string(),
            epoch,
            assigned: Vec::new(),
            unanswered: None,
            in_transaction: false,
            spoiled: None,
        };
        Member { broker, local }
    }

    /// A hold on this member's switches.
    pub fn switch(&self) -> Switch {
        Switch { broker: self.broker.clone(), member: self.local.number }
    }

    /// Makes the member crash at the `steps`-th step from now; see [`Switch::crash_after`].
    pub fn crash_after(&self, steps: u64, effect: super::Effect) {
        self.switch().crash_after(steps, effect);
    }

    fn step<T>(
        &mut self,
        what: &str,
        act: impl FnOnce(&mut Cluster, &mut Local) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        let mut cluster = self.broker.lock();
        cluster.begin_step(self.local.number).before(what)?;
        let answer = act(&mut cluster, &mut self.local)?;
        cluster.end_step(self.local.number, what)?;
        Ok(answer)
    }

    /// A step of the writer: it must be in order, and any failure spoils it until it is renewed.
    fn write<T>(
        &mut self,
        what: &str,
        act: impl FnOnce(&mut Cluster, &mut Local) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        let answer = self.step(what, |cluster, local| {
            local.check_writer(cluster, what)?;
            act(cluster, local)
        });
        if answer.is_err() {
            self.local.spoiled.get_or_insert((Cause::Other, "a step of the writer has failed"));
        }
        answer
    }
}

impl Local {
    fn check_writer(&mut self, cluster: &mut Cluster, what: &str) -> Result<(), LogError> {
        match cluster.group(&self.group).standing(&self.id, self.number) {
            Standing::Replaced => return Err(self.replaced(what)),
            Standing::Expelled => {
                self.spoiled = Some((Cause::StaleMember, "the group has given this member up"))
            }
            Standing::Member => {}
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
        LogError::new(Road::Fatal, what, why)
    }

    fn check_open(&self, what: &str) -> Result<(), LogError> {
        let why = "no transaction is open";
        self.in_transaction.then_some(()).ok_or_else(|| LogError::new(Road::Fatal, what, why))
    }

    fn assigned(&mut self, what: &str, at: &TopicPartition) -> Result<&mut Assigned, LogError> {
        let found = self.assigned.iter_mut().find(|a| a.at == *at);
        found.ok_or_else(|| LogError::new(Road::Fatal, format!("{what} {at}"), "it is not assigned"))
    }

    fn read(&mut self, cluster: &mut Cluster) -> Result<Vec<RawRecord>, LogError> {
        let mut records = Vec::new();
        let mut left = cluster.order.batch();
        while left > 0 {
            let mut ready = Vec::new();
            for assigned in self.assigned.iter_mut().filter(|a| !a.paused) {
                assigned.position = next_shown(cluster, &assigned.at, assigned.position)?;
                if shown(cluster, &assigned.at, assigned.position).is_some() {
                    ready.push(assigned.at.clone());
                }
            }
            if ready.is_empty() {
                break;
            }
            let (index, run) = cluster.order.run(&ready, left);
            let source = self.assigned("read", &ready[index])?;
            for _ in 0..run {
                let Some(record) = shown(cluster, &source.at, source.position) else { break };
                records.push(record);
                left -= 1;
                source.position = next_shown(cluster, &source.at, source.position + 1)?;
            }
        }
        Ok(records)
    }

    /// How much is unread: here there is always news of it.
    fn unread(&self, cluster: &Cluster) -> Vec<(TopicPartition, u64)> {
        let left = |assigned: &Assigned| {
            let end = cluster.partition(&assigned.at)?.stable_end();
            Some((assigned.at.clone(), u64::try_from(end - assigned.position).unwrap_or(0)))
        };
        self.assigned.iter().filter_map(left).collect()
    }

    /// Takes note of a change that the engine is about to be told.
    fn tell(&mut self, change: &AssignmentChange) {
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

    fn check_places(
        &self,
        cluster: &mut Cluster,
        places: &[(TopicPartition, Committed)],
    ) -> Result<(), LogError> {
        for (at, place) in places {
            let refuse = |why: &str| Err(LogError::new(Road::Fatal, format!("commit a place of {at}"), why));
            if place.metadata.len() > METADATA_BYTES_MAX {
                return refuse("its text is longer than 4096 bytes");
            }
            if !cluster.group(&self.group).owns(self.number, at) {
                return refuse("the member does not own the partition");
            }
        }
        Ok(())
    }
}

fn next_shown(cluster: &Cluster, at: &TopicPartition, from: i64) -> Result<i64, LogError> {
    let log = cluster.partition(at).ok_or_else(|| missing(&format!("read {at}")))?;
    log.next_shown(from).ok_or_else(|| gap(at, from, (log.low(), log.end())))
}

fn shown(cluster: &Cluster, at: &TopicPartition, offset: i64) -> Option<RawRecord> {
    let content = cluster.partition(at).and_then(|log| log.shown(offset));
    content.map(|content| raw(at, offset, content))
}

fn missing(what: &str) -> LogError {
    LogError::new(Road::Fatal, what, "there is no such partition")
}

fn gap(at: &TopicPartition, from: i64, (low, end): (i64, i64)) -> LogError {
    let why = format!("offset {from} is not there: the log reaches from {low} to {end}");
    LogError::new(Road::Fatal, format!("read {at}"), why).because(Cause::OffsetGone)
}

impl Log for Member {
    fn id(&self) -> &str {
        &self.local.id
    }

    fn poll(&mut self, _wait_ms: u64) -> Result<Polled, LogError> {
        let mut cluster = self.broker.lock();
        let local = &mut self.local;
        cluster.begin_step(local.number).whole("poll")?;
        if cluster.group(&local.group).standing(&local.id, local.number) == Standing::Replaced {
            return Err(local.replaced("poll"));
        }
        if local.unanswered.is_some() {
            return Ok(Polled::default());
        }
        let records = local.read(&mut cluster)?;
        let change = cluster.group(&local.group).change(&local.id, local.number);
        change.iter().for_each(|c| local.tell(c));
        let unread = local.unread(&cluster);
        Ok(Polled { records, change, unread })
    }

    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.step("accept", |cluster, local| {
            if let Some(at) = partitions.iter().find(|at| !cluster.group(&local.group).owns(local.number, at))
            {
                let why = "it was not given to this member";
                return Err(LogError::new(Road::Fatal, format!("accept {at}"), why));
            }
            if matches!(local.unanswered, Some(Unanswered::Given)) {
                local.unanswered = None;
            }
            Ok(())
        })
    }

    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.step("assign", |cluster, local| {
            for (at, position) in from {
                let refuse = |why| Err(LogError::new(Road::Fatal, format!("assign {at}"), why));
                if !cluster.group(&local.group).owns(local.number, at) {
                    return refuse("it was not given to this member");
                }
                match local.assigned.binary_search_by(|a| a.at.cmp(at)) {
                    Ok(i) => local.assigned[i].position = *position,
                    Err(i) => {
                        let assigned = Assigned { at: at.clone(), position: *position, paused: false };
                        local.assigned.insert(i, assigned);
                    }
                }
            }
            if matches!(local.unanswered, Some(Unanswered::Given)) {
                local.unanswered = None;
            }
            Ok(())
        })
    }

    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.step("unassign", |cluster, local| {
            local.assigned.retain(|a| !partitions.contains(&a.at));
            let group = cluster.group(&local.group);
            partitions.iter().for_each(|p| group.give_back(local.number, p));
            if let Some(Unanswered::Taken(taken)) = &mut local.unanswered {
                taken.retain(|p| !partitions.contains(p));
                if taken.is_empty() {
                    local.unanswered = None;
                }
            }
            Ok(())
        })
    }

    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.step("seek", |_, local| {
            to.iter().try_for_each(|(at, position)| {
                local.assigned("seek", at)?.position = *position;
                Ok(())
            })
        })
    }

    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        self.step("pause", |_, local| {
            partitions.iter().try_for_each(|at| {
                local.assigned("pause", at)?.paused = paused;
                Ok(())
            })
        })
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        self.step("committed", |cluster, local| {
            let held = |p: &&TopicPartition| cluster.holds_place(&local.group, p);
            if let Some(at) = partitions.iter().find(held) {
                let why = "an open transaction holds a place of it";
                let error = LogError::new(Road::Retry, format!("committed place of {at}"), why);
                return Err(error.because(Cause::Unstable));
            }
            let places = &cluster.group(&local.group).places;
            Ok(partitions.iter().map(|p| places.get(p).cloned()).collect())
        })
    }

    fn last_committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        self.step("last committed", |cluster, local| {
            let places = &cluster.group(&local.group).places;
            Ok(partitions.iter().map(|p| places.get(p).cloned()).collect())
        })
    }

    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError> {
        self.step("watermarks", |cluster, _| {
            let log = cluster.partition(partition);
            let log = log.ok_or_else(|| missing(&format!("watermarks of {partition}")))?;
            Ok((log.low(), log.stable_end()))
        })
    }

    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.step("position", |_, local| Ok(local.assigned("position", partition)?.position))
    }

    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError> {
        self.step("partitions", |cluster, _| Ok(cluster.topics.get(topic).map(|t| t.len() as u32)))
    }

    fn read_aside(
        &mut self,
        partition: &TopicPartition,
        from: i64,
        _wait_ms: u64,
    ) -> Result<Piece, LogError> {
        self.step("read aside", |cluster, _| {
            let log = cluster.partition(partition);
            let log = log.ok_or_else(|| missing(&format!("read {partition}")))?;
            if from < log.low() || from > log.end() {
                return Err(gap(partition, from, (log.low(), log.end())));
            }
            let end = log.stable_end();
            let next = end.min(from.saturating_add(PIECE_OFFSETS)).max(from);
            let records = (from..next).filter_map(|o| shown(cluster, partition, o)).collect();
            Ok(Piece { records, next, end })
        })
    }

    fn begin(&mut self) -> Result<(), LogError> {
        self.write("begin", |_, local| {
            if local.in_transaction {
                return Err(LogError::new(Road::Fatal, "begin", "a transaction is open already"));
            }
            local.in_transaction = true;
            Ok(())
        })
    }

    fn produce(&mut self, record: NewRecord) -> Result<(), LogError> {
        self.write("produce", |cluster, local| {
            local.check_open("produce")?;
            let at = record.to.clone();
            if cluster.partition(&at).is_none() {
                return Err(missing(&format!("produce to {at}")));
            }
            let content = cluster.content(record);
            let transaction = cluster.open_transaction(&local.id);
            let number = transaction.number;
            transaction.partitions.insert(at.clone());
            let log = cluster.partition_mut(&at).expect("looked up above");
            log.append(Some(number), content);
            Ok(())
        })
    }

    fn commit(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError> {
        self.write("send the places", |cluster, local| {
            local.check_open("commit")?;
            local.check_places(cluster, places)?;
            let group = &local.group;
            let held = places.iter().map(|(at, place)| (group.clone(), at.clone(), place.clone()));
            cluster.open_transaction(&local.id).places.extend(held);
            Ok(())
        })?;
        self.write("end the transaction", |cluster, local| {
            if let Some(open) = cluster.transactions.end(&local.id) {
                cluster.finish(&local.id, open, End::Commit);
            }
            local.in_transaction = false;
            Ok(())
        })
    }

    fn renew(&mut self) -> Result<(), LogError> {
        self.step("renew", |cluster, local| {
            if cluster.group(&local.group).standing(&local.id, local.number) == Standing::Replaced {
                return Err(local.replaced("renew"));
            }
            local.epoch = cluster.take_id(&local.id);
            local.in_transaction = false;
            local.spoiled = None;
            Ok(())
        })
    }

    fn fence(&mut self, id: &str) -> Result<(), LogError> {
        self.step("fence", |cluster, _| {
            cluster.take_id(id);
            Ok(())
        })
    }

    fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.step("trim", |cluster, _| {
            for (at, offset) in before {
                let log = cluster.partition_mut(at).ok_or_else(|| missing(&format!("trim {at}")))?;
                log.truncate(*offset);
            }
            Ok(())
        })
    }
}
