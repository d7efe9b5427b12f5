//! Everything that the broker keeps, and what happens in it as steps are made and time passes.

use std::collections::BTreeMap;

use super::adrift::{Adrift, Request, Sea, Stamp};
use super::client::Client;
use super::coordinator::Refusal;
use super::group::Group;
use super::marker::{End, Mark, Marker, Markers};
use super::moving::{CoordinatorType, Met, Moves};
use super::order::{Interleaving, Order};
use super::partition::{Content, PartitionLog};
use super::switch::{Effect, PRODUCE, SwitchState, timed_out};
use super::times::Times;
use super::transaction::{OpenTransaction, Transactions};
use crate::log::{Cause, Committed, LogError, NewRecord, RawRecord, Road, TopicPartition};
use crate::model::EventTime;

/// Everything that the broker keeps.
pub(super) struct Cluster {
    pub(super) topics: BTreeMap<String, Vec<PartitionLog>>,
    pub(super) transactions: Transactions,
    pub(super) groups: BTreeMap<String, Group>,
    /// The clients of members that have subscribed, by member.
    pub(super) clients: BTreeMap<u64, Client>,
    pub(super) order: Order,
    /// How many offsets a piece that is read aside spans at most.
    pub(super) piece_offsets: i64,
    /// The time that records get which have none of their own.
    pub(super) now: EventTime,
    /// The broker's own time, in ms.
    pub(super) ticks_ms: u64,
    pub(super) times: Times,
    /// It answers nobody, and nothing goes on in it.
    pub(super) is_down: bool,
    pub(super) markers: Markers,
    pub(super) sea: Sea,
    pub(super) moves: Moves,
    switches: Vec<SwitchState>,
}

impl Cluster {
    pub(super) fn new() -> Cluster {
        Cluster {
            topics: BTreeMap::new(),
            transactions: Transactions::default(),
            groups: BTreeMap::new(),
            clients: BTreeMap::new(),
            order: Order::new(500, Interleaving::InTurn),
            piece_offsets: 64,
            now: EventTime(0),
            ticks_ms: 0,
            times: Times::STILL,
            is_down: false,
            markers: Markers::default(),
            sea: Sea::default(),
            moves: Moves::default(),
            switches: Vec::new(),
        }
    }

    /// The number of a new member.
    pub(super) fn new_member(&mut self) -> u64 {
        self.switches.push(SwitchState::default());
        self.switches.len() as u64 - 1
    }

    /// A partition, if there is one.
    pub(super) fn partition(&self, at: &TopicPartition) -> Option<&PartitionLog> {
        self.topics.get(&at.topic).and_then(|t| t.get(at.partition as usize))
    }

    pub(super) fn partition_mut(&mut self, at: &TopicPartition) -> Option<&mut PartitionLog> {
        self.topics.get_mut(&at.topic).and_then(|t| t.get_mut(at.partition as usize))
    }

    pub(super) fn switch(&mut self, member: u64) -> &mut SwitchState {
        &mut self.switches[member as usize]
    }

    /// How many faults have struck members.
    pub(super) fn faults_struck(&self) -> u64 {
        self.switches.iter().map(|state| state.struck).sum()
    }

    pub(super) fn group(&mut self, group: &str) -> &mut Group {
        self.groups.entry(group.to_string()).or_default()
    }

    /// Begins a step of a member: it takes its time, and what is due arrives.
    pub(super) fn begin_step(&mut self, member: u64, what: &str) -> &mut SwitchState {
        if !self.switch(member).dead {
            // What is produced is only handed over.
            let takes_ms = if what == PRODUCE { 0 } else { self.times.call_ms };
            let slow_ms = self.switch(member).slow_ms;
            self.pass(takes_ms + slow_ms);
            self.deliver();
        }
        self.switch(member)
    }

    /// Ends a step of a member.
    pub(super) fn end_step(&mut self, member: u64, what: &str) -> Result<(), LogError> {
        self.switch(member).after(what)
    }

    /// Markers and requests that are due arrive.
    pub(super) fn deliver(&mut self) {
        if self.is_down {
            return;
        }
        let due = self.markers.step();
        due.into_iter().for_each(|marker| self.arrive(marker));
        let requests = self.sea.step();
        requests.into_iter().for_each(|request| self.arrive_late(request));
    }

    /// Whether a member reaches the broker; it waits in vain if not.
    pub(super) fn reach(&mut self, member: u64, what: &str, road: Road) -> Result<(), LogError> {
        if !self.is_down && !self.switch(member).cut {
            return Ok(());
        }
        self.pass(self.times.timeout_ms);
        Err(LogError::new(road, what, "no broker can be reached").because(Cause::Unreachable))
    }

    /// Makes a request to a coordinator. While that one moves nothing is heard of it, whether it is carried out or not.
    pub(super) fn ask<T>(
        &mut self,
        of: CoordinatorType,
        what: &str,
        act: impl FnOnce(&mut Cluster) -> Result<T, LogError>,
    ) -> Result<T, LogError> {
        let cause = match self.moves.meet(of, self.ticks_ms) {
            Met::Coordinator => return act(self),
            Met::Parting(Effect::Before) => Cause::TimedOut,
            Met::Parting(Effect::After) => {
                let _unheard = act(self);
                Cause::TimedOut
            }
            Met::Nobody => Cause::Unreachable,
        };
        self.pass(self.times.timeout_ms);
        Err(timed_out(what).because(cause))
    }

    /// Whether a coordinator is there to be told something that decides nothing.
    pub(super) fn expect(&mut self, of: CoordinatorType, what: &str) -> Result<(), LogError> {
        if !self.moves.is_moving(of) {
            return Ok(());
        }
        self.pass(self.times.timeout_ms);
        Err(timed_out(what).because(Cause::Unreachable))
    }

    /// Who has been on the way until now is there; each member has a new session.
    fn arrive_moved(&mut self) {
        let now_ms = self.ticks_ms;
        self.moves.has_arrived(CoordinatorType::Transaction, now_ms);
        if self.moves.has_arrived(CoordinatorType::Group, now_ms) {
            self.groups.values_mut().for_each(|group| group.coordinator.hear_all(now_ms));
        }
    }

    /// Lets time pass.
    pub(super) fn pass(&mut self, ms: u64) {
        let end_ms = self.ticks_ms + ms;
        while self.ticks_ms < end_ms {
            self.ticks_ms = end_ms.min(self.ticks_ms + self.times.heartbeat_ms.max(1));
            self.arrive_moved();
            if !self.is_down {
                self.beat();
                self.expire();
            }
        }
    }

    /// The clients that are due say that they are alive.
    fn beat(&mut self) {
        if self.moves.is_moving(CoordinatorType::Group) {
            return;
        }
        let now_ms = self.ticks_ms;
        for (number, client) in &mut self.clients {
            let state = &self.switches[*number as usize];
            if client.beat_at_ms > now_ms || client.is_replaced || state.dead || state.cut || state.asleep {
                continue;
            }
            client.beat_at_ms = now_ms + self.times.heartbeat_ms;
            let group = self.groups.entry(client.group.clone()).or_default();
            if now_ms.saturating_sub(client.polled_at_ms) >= self.times.poll_ms {
                group.coordinator.give_up(client, *number, now_ms);
            } else {
                group.coordinator.beat(client, *number, now_ms);
            }
        }
    }

    /// The client of a member does not speak at once: what it has missed it learns a moment later.
    pub(super) fn speak_later(&mut self, member: u64) {
        let at_ms = self.ticks_ms + self.times.heartbeat_ms;
        self.clients.get_mut(&member).into_iter().for_each(|client| client.beat_at_ms = at_ms);
    }

    /// What has lasted too long ends.
    fn expire(&mut self) {
        let now_ms = self.ticks_ms;
        if !self.moves.is_moving(CoordinatorType::Group) {
            self.groups.values_mut().for_each(|group| group.coordinator.expire(&self.times, now_ms));
        }
        if self.moves.is_moving(CoordinatorType::Transaction) {
            return;
        }
        for id in self.transactions.overdue(now_ms, self.times.transaction_ms) {
            self.expire_transaction(&id);
        }
    }

    /// Aborts the open transaction of an id and fences its writer.
    pub(super) fn expire_transaction(&mut self, id: &str) {
        if let (_, Some(open)) = self.transactions.take(id) {
            self.finish(id, open, End::Abort);
        }
    }

    /// The content of a record to be written; without a time of its own it gets the broker's.
    pub(super) fn content(&self, record: NewRecord) -> Content {
        Content {
            timestamp: record.timestamp.unwrap_or(self.now),
            key: record.key,
            value: record.value,
            headers: record.headers,
        }
    }

    /// Takes a transactional id: fences who held it, aborts its open transaction, gives the epoch.
    pub(super) fn take_id(&mut self, id: &str) -> u32 {
        self.settle(id);
        let (epoch, open) = self.transactions.take(id);
        if let Some(open) = open {
            self.finish(id, open, End::Abort);
            self.settle(id);
        }
        epoch
    }

    /// The open transaction of an id; a new one waits for the markers of the one before.
    pub(super) fn open_transaction(&mut self, id: &str) -> &mut OpenTransaction {
        if !self.transactions.is_open(id) {
            self.settle(id);
        }
        self.transactions.open(id, self.ticks_ms)
    }

    /// Commits or aborts what a transaction held: it is decided now, its markers arrive in their time.
    pub(super) fn finish(&mut self, id: &str, transaction: OpenTransaction, end: End) {
        let OpenTransaction { number, partitions, places, .. } = transaction;
        let writes = partitions.into_iter().map(|at| Mark::Records { at, number });
        let places = places.into_iter().map(|(group, at, place)| Mark::Place { group, at, place });
        let marks: Vec<_> = writes.chain(places).collect();
        let due = self.markers.send(id, end, marks);
        due.into_iter().for_each(|marker| self.arrive(marker));
    }

    /// All markers of an id arrive.
    fn settle(&mut self, id: &str) {
        let all = self.markers.take_all(id);
        all.into_iter().for_each(|marker| self.arrive(marker));
    }

    fn arrive(&mut self, marker: Marker) {
        match (marker.mark, marker.end) {
            (Mark::Records { at, number }, end) => {
                let log = self.partition_mut(&at).expect("topics are never removed");
                log.end_transaction(number, end);
            }
            (Mark::Place { group, at, place }, End::Commit) => {
                let group = self.group(&group);
                group.history.push((at.clone(), place.clone()));
                group.places.insert(at, place);
            }
            (Mark::Place { .. }, End::Abort) => {}
        }
    }

    /// Whether a place of this partition is not decided, or its marker is on the way.
    pub(super) fn holds_place(&self, group: &str, at: &TopicPartition) -> bool {
        self.transactions.holds_place(group, at) || self.markers.hold_place(group, at)
    }

    /// Why a member may not commit places, by the generation that it speaks of.
    pub(super) fn refuses(&mut self, stamp: &Stamp) -> Option<Refusal> {
        let generation = stamp.generation?;
        self.group(&stamp.group).coordinator.refuses(&stamp.seat, stamp.number, generation)
    }

    /// Takes places into the open transaction of an id.
    pub(super) fn take_places(
        &mut self,
        id: &str,
        stamp: &Stamp,
        places: impl IntoIterator<Item = (TopicPartition, Committed)>,
    ) {
        let held = places.into_iter().map(|(at, place)| (stamp.group.clone(), at, place));
        self.open_transaction(id).places.extend(held);
    }

    /// Commits the open transaction of an id, if there is one.
    pub(super) fn end(&mut self, id: &str) {
        if let Some(open) = self.transactions.end(id) {
            self.finish(id, open, End::Commit);
        }
    }

    /// Aborts the open transaction of an id, if there is one, and leaves its writer as it is.
    pub(super) fn abort(&mut self, id: &str) {
        if let Some(open) = self.transactions.end(id) {
            self.finish(id, open, End::Abort);
        }
    }

    fn arrive_late(&mut self, Adrift { id, epoch, request, .. }: Adrift) {
        if !self.transactions.holds(&id, epoch) {
            return;
        }
        let of = match request {
            Request::End => CoordinatorType::Transaction,
            Request::Places { .. } => CoordinatorType::Group,
        };
        if self.moves.is_moving(of) {
            return;
        }
        match request {
            Request::End => self.end(&id),
            Request::Places { stamp, places } => {
                if self.transactions.is_open(&id) && self.refuses(&stamp).is_none() {
                    self.take_places(&id, &stamp, places);
                }
            }
        }
    }
}

/// The record at an offset as a reader sees it.
pub(super) fn raw(at: &TopicPartition, offset: i64, content: &Content) -> RawRecord {
    RawRecord {
        at: at.clone(),
        offset,
        timestamp: content.timestamp,
        key: content.key.clone(),
        value: content.value.clone(),
        headers: content.headers.clone(),
    }
}
