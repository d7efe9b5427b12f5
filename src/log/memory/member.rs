//! A member: the [`Log`] that an engine gets from the broker in this process.
//!
//! How failures are answered here: a writer that was fenced (its id was taken, its transaction expired)
//! or that has lost its place in the group says *rebuild* until it is renewed; a member whose id another
//! member has joined with is a zombie and says *fatal*, as soon as its client has noticed; wrong use says
//! *fatal*. While the broker cannot be reached, what only the client does goes on, records wait, questions say
//! *retry*, and a commit *rebuild*. Stricter than Kafka on purpose: a place of a partition that the member does
//! not own is refused.

use super::adrift::Request;
use super::broker::Broker;
use super::cluster::Cluster;
use super::local::{Assigned, Local, Seating, Unanswered, gap, missing, shown};
use super::moving::CoordinatorType;
use super::partition::Isolation;
use super::switch::{Course, END, PLACES, PRODUCE, Switch, dead, timed_out};
use crate::log::{Cause, Committed, Log, LogError, NewRecord, Piece, Polled, Road, TopicPartition};

/// Whether a step needs the broker.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Needs {
    Nobody,
    Broker,
}

/// A member of a group with its transactional writer.
pub struct Member {
    pub(super) broker: Broker,
    pub(super) local: Local,
    before_step: Option<Box<dyn FnMut(&'static str) + Send>>,
}

impl Member {
    pub(super) fn new(
        broker: Broker,
        number: u64,
        group: &str,
        id: &str,
        epoch: u32,
        seating: Seating,
    ) -> Member {
        let local = Local {
            number,
            group: group.to_string(),
            id: id.to_string(),
            epoch,
            seating,
            isolation: Isolation::Committed,
            is_lawless: false,
            is_forging: false,
            assigned: Vec::new(),
            unanswered: None,
            in_transaction: false,
            outbox: Vec::new(),
            spoiled: None,
        };
        Member { broker, local, before_step: None }
    }

    /// A hold on this member's switches.
    pub fn switch(&self) -> Switch {
        Switch { broker: self.broker.clone(), member: self.local.number }
    }

    /// Makes the member crash at the `steps`-th step from now; see [`Switch::crash_after`].
    pub fn crash_after(&self, steps: u64, effect: super::Effect) {
        self.switch().crash_after(steps, effect);
    }

    /// Calls this before each step, while nothing is locked: there a test can hold the member for a while.
    pub fn before_each_step(&mut self, call: impl FnMut(&'static str) + Send + 'static) {
        self.before_step = Some(Box::new(call));
    }

    fn wait_for_turn(&mut self, what: &'static str) {
        if let Some(before_step) = &mut self.before_step {
            before_step(what);
        }
    }

    fn step<T>(
        &mut self,
        what: &'static str,
        needs: Needs,
        act: impl FnOnce(&mut Cluster, &mut Local) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        self.wait_for_turn(what);
        let mut cluster = self.broker.lock();
        let number = self.local.number;
        let course = cluster.begin_step(number, what).before(what)?;
        if needs == Needs::Broker {
            cluster.reach(number, what, Road::Retry)?;
        }
        if course != Course::Usual {
            return Err(timed_out(what));
        }
        let answer = act(&mut cluster, &mut self.local)?;
        cluster.end_step(number, what)?;
        Ok(answer)
    }

    /// A step of the writer: it must be in order, and any failure spoils it until it is renewed.
    pub(super) fn write<T>(
        &mut self,
        what: &'static str,
        act: impl FnOnce(&mut Cluster, &mut Local, Course) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        self.wait_for_turn(what);
        let mut cluster = self.broker.lock();
        let (number, local) = (self.local.number, &mut self.local);
        let attempt = || {
            let course = cluster.begin_step(number, what).before(what)?;
            local.check_writer(&mut cluster, what)?;
            let answer = act(&mut cluster, local, course)?;
            cluster.end_step(number, what)?;
            Ok(answer)
        };
        let answer = attempt();
        drop(cluster);
        if answer.is_err() {
            self.local.spoiled.get_or_insert((Cause::Other, "a step of the writer has failed"));
        }
        answer
    }
}

/// A client that is closed leaves its group, unless it has a name of its own, which is waited for.
impl Drop for Member {
    fn drop(&mut self) {
        let Some(seat) = self.local.seat() else { return };
        let mut cluster = self.broker.lock();
        let (number, now_ms) = (self.local.number, cluster.ticks_ms);
        cluster.clients.remove(&number);
        let is_heard = !cluster.is_down && !cluster.moves.is_moving(CoordinatorType::Group);
        let state = cluster.switch(number);
        let is_there = is_heard && !(state.dead || state.cut || state.asleep);
        if is_there && seat != self.local.id {
            cluster.group(&self.local.group).coordinator.leave(&seat, number, now_ms);
        }
    }
}

/// A request of the writer that goes its own way; its sender, if it lives, hears nothing of it.
fn set_adrift(
    cluster: &mut Cluster,
    local: &Local,
    what: &str,
    request: Request,
    steps: u64,
) -> Result<(), LogError> {
    cluster.sea.send(&local.id, local.epoch, request, steps);
    if cluster.switch(local.number).dead { Err(dead(what)) } else { Err(timed_out(what)) }
}

impl Log for Member {
    fn id(&self) -> &str {
        &self.local.id
    }

    fn poll(&mut self, _wait_ms: u64) -> Result<Polled, LogError> {
        const POLL: &str = "poll";
        self.wait_for_turn(POLL);
        let mut cluster = self.broker.lock();
        let local = &mut self.local;
        // No client loses what a poll has already brought: it fails before it or not at all.
        if cluster.begin_step(local.number, POLL).before(POLL)? != Course::Usual {
            return Ok(Polled::default());
        }
        cluster.end_step(local.number, POLL)?;
        local.check_alive(&mut cluster, POLL)?;
        let now_ms = cluster.ticks_ms;
        cluster.clients.get_mut(&local.number).into_iter().for_each(|client| client.polled_at_ms = now_ms);
        let is_asked = local.unanswered.is_some();
        if is_asked && local.seating == Seating::ByHand {
            return Ok(Polled::default());
        }
        let is_reached = cluster.reach(local.number, POLL, Road::Retry).is_ok();
        let records = if is_reached && !is_asked { local.read(&mut cluster)? } else { Vec::new() };
        let change = local.next_change(&mut cluster);
        let unread = if is_reached { local.unread(&cluster) } else { Vec::new() };
        Ok(Polled { records, change, unread })
    }

    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.step("accept", Needs::Nobody, |cluster, local| {
            if let Some(at) = partitions.iter().find(|at| !local.owns(cluster, at)) {
                let why = "it was not given to this member";
                return Err(LogError::new(Road::Fatal, format!("accept {at}"), why));
            }
            if matches!(local.unanswered, Some(Unanswered::Given)) {
                local.answered(cluster);
            }
            Ok(())
        })
    }

    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.step("assign", Needs::Nobody, |cluster, local| {
            for (at, position) in from {
                let refuse = |why| Err(LogError::new(Road::Fatal, format!("assign {at}"), why));
                if !local.owns(cluster, at) {
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
                local.answered(cluster);
            }
            Ok(())
        })
    }

    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        self.step("unassign", Needs::Nobody, |cluster, local| {
            local.give_back(cluster, partitions);
            local.assigned.retain(|a| !partitions.contains(&a.at));
            if let Some(Unanswered::Taken(taken)) = &mut local.unanswered {
                taken.retain(|p| !partitions.contains(p));
                if taken.is_empty() {
                    local.answered(cluster);
                }
            }
            Ok(())
        })
    }

    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.step("seek", Needs::Nobody, |_, local| {
            to.iter().try_for_each(|(at, position)| {
                local.assigned("seek", at)?.position = *position;
                Ok(())
            })
        })
    }

    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        self.step("pause", Needs::Nobody, |_, local| {
            partitions.iter().try_for_each(|at| {
                local.assigned("pause", at)?.paused = paused;
                Ok(())
            })
        })
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        const WHAT: &str = "committed";
        self.step(WHAT, Needs::Broker, |cluster, local| {
            cluster.ask(CoordinatorType::Group, WHAT, |cluster| {
                let held = |p: &&TopicPartition| cluster.holds_place(&local.group, p);
                if let Some(at) = partitions.iter().find(held) {
                    let why = "an open transaction holds a place of it";
                    let error = LogError::new(Road::Retry, format!("committed place of {at}"), why);
                    return Err(error.because(Cause::Unstable));
                }
                Ok(local.places(cluster, partitions))
            })
        })
    }

    fn last_committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        const WHAT: &str = "last committed";
        self.step(WHAT, Needs::Broker, |cluster, local| {
            cluster.ask(CoordinatorType::Group, WHAT, |cluster| Ok(local.places(cluster, partitions)))
        })
    }

    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError> {
        self.step("watermarks", Needs::Broker, |cluster, _| {
            let log = cluster.partition(partition);
            let log = log.ok_or_else(|| missing(&format!("watermarks of {partition}")))?;
            Ok((log.low(), log.stable_end()))
        })
    }

    fn written_end(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.step("written end", Needs::Broker, |cluster, _| {
            let log = cluster.partition(partition);
            Ok(log.ok_or_else(|| missing(&format!("written end of {partition}")))?.end())
        })
    }

    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        self.step("position", Needs::Nobody, |_, local| Ok(local.assigned("position", partition)?.position))
    }

    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError> {
        self.step("partitions", Needs::Broker, |cluster, _| {
            Ok(cluster.topics.get(topic).map(|t| t.len() as u32))
        })
    }

    fn read_aside(
        &mut self,
        partition: &TopicPartition,
        from: i64,
        _wait_ms: u64,
    ) -> Result<Piece, LogError> {
        self.step("read aside", Needs::Broker, |cluster, local| {
            let log = cluster.partition(partition);
            let log = log.ok_or_else(|| missing(&format!("read {partition}")))?;
            if from < log.low() || from > log.end() {
                return Err(gap(partition, from, (log.low(), log.end())));
            }
            let end = log.readable_end(local.isolation);
            let next = end.min(from.saturating_add(cluster.piece_offsets)).max(from);
            let records =
                (from..next).filter_map(|o| shown(cluster, partition, o, local.isolation)).collect();
            Ok(Piece { records, next, end })
        })
    }

    fn begin(&mut self) -> Result<(), LogError> {
        self.write("begin", |_, local, _| {
            if local.in_transaction {
                return Err(LogError::new(Road::Fatal, "begin", "a transaction is open already"));
            }
            local.in_transaction = true;
            Ok(())
        })
    }

    fn produce(&mut self, record: NewRecord) -> Result<(), LogError> {
        self.write(PRODUCE, |cluster, local, course| {
            local.check_open(PRODUCE)?;
            if course != Course::Usual {
                return Err(timed_out(PRODUCE));
            }
            local.outbox.push(record);
            // The client sends in its own time: only who commits waits for it.
            let is_moving = cluster.moves.is_moving(CoordinatorType::Transaction);
            match cluster.is_down || is_moving || cluster.switch(local.number).cut {
                true => Ok(()),
                false => local.empty_outbox(cluster),
            }
        })
    }

    fn commit(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError> {
        self.write(PLACES, |cluster, local, course| {
            local.check_open("commit")?;
            local.check_alive(cluster, "commit")?;
            cluster.reach(local.number, PLACES, Road::Rebuild)?;
            // What is written and which groups are spoken to is told first.
            cluster.expect(CoordinatorType::Transaction, PLACES)?;
            local.empty_outbox(cluster)?;
            if places.is_empty() && course == Course::Usual {
                return Ok(());
            }
            local.check_places(cluster, places)?;
            let stamp = local.stamp(cluster)?;
            if let Course::Late(steps) = course {
                let places = places.to_vec();
                return set_adrift(cluster, local, PLACES, Request::Places { stamp, places }, steps);
            }
            cluster.ask(CoordinatorType::Group, PLACES, |cluster| {
                if let Some(refusal) = cluster.refuses(&stamp) {
                    return Err(local.refused(refusal));
                }
                cluster.take_places(&local.id, &stamp, places.iter().cloned());
                Ok(())
            })
        })?;
        self.write(END, |cluster, local, course| {
            cluster.reach(local.number, END, Road::Rebuild)?;
            if let Course::Late(steps) = course {
                return set_adrift(cluster, local, END, Request::End, steps);
            }
            cluster.ask(CoordinatorType::Transaction, END, |cluster| {
                cluster.end(&local.id);
                Ok(())
            })?;
            local.in_transaction = false;
            Ok(())
        })
    }

    fn renew(&mut self) -> Result<(), LogError> {
        const WHAT: &str = "renew";
        self.step(WHAT, Needs::Broker, |cluster, local| {
            local.check_alive(cluster, WHAT)?;
            local.epoch =
                cluster.ask(CoordinatorType::Transaction, WHAT, |cluster| Ok(cluster.take_id(&local.id)))?;
            local.in_transaction = false;
            local.outbox.clear();
            local.spoiled = None;
            Ok(())
        })
    }

    fn fence(&mut self, id: &str) -> Result<(), LogError> {
        const WHAT: &str = "fence";
        self.step(WHAT, Needs::Broker, |cluster, _| {
            cluster.ask(CoordinatorType::Transaction, WHAT, |cluster| {
                cluster.take_id(id);
                Ok(())
            })
        })
    }

    fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        self.step("trim", Needs::Nobody, |cluster, local| {
            if cluster.is_down || cluster.switch(local.number).cut {
                // Nothing waits for it: it is asked for, and forgotten.
                return Ok(());
            }
            for (at, offset) in before {
                let log = cluster.partition_mut(at).ok_or_else(|| missing(&format!("trim {at}")))?;
                log.truncate(*offset);
            }
            Ok(())
        })
    }
}
