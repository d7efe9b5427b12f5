//! The coordinator of a group whose members subscribe: it shares out partitions by itself.
//!
//! As Kafka's classic protocol with cooperative assignment: members join, the group waits for everybody, a new
//! generation begins with a new assignment, and each member learns of it when its client next asks. Who has to
//! give something up does so and joins again, whereupon it goes to another. A member with a name of its own
//! (static) that comes back within its session finds its seat and its partitions as they were. One thing differs
//! from Kafka: where a static member comes back between giving up and joining again, what nobody reads then is
//! shared out at once; there it waits for the next rebalance.

use std::collections::{BTreeMap, BTreeSet};

use super::assignor;
use super::client::Client;
use super::times::Times;
use crate::log::TopicPartition;

/// The place of a member in the group.
struct Seat {
    /// The number of the member that holds it.
    holder: u64,
    heard_at_ms: u64,
    /// Whether it has joined the generation to come, and what it read then.
    joined: bool,
    claims: BTreeSet<TopicPartition>,
    /// What it is to read, in the generation that has begun.
    assignment: Option<BTreeSet<TopicPartition>>,
}

/// Whether the group is waiting for its members.
#[derive(Clone, Copy)]
enum Phase {
    Stable,
    Joining { since_ms: u64 },
}

/// Why a member may not commit places.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The group does not know it.
    Unknown,
    /// Another process sits on its seat.
    Replaced,
    /// It speaks of a generation that is over.
    StaleGeneration,
}

/// What the group decides by itself.
pub(super) struct Coordinator {
    inputs: BTreeSet<TopicPartition>,
    generation: u32,
    phase: Phase,
    seats: BTreeMap<String, Seat>,
}

impl Default for Coordinator {
    fn default() -> Coordinator {
        let (inputs, seats) = (BTreeSet::new(), BTreeMap::new());
        Coordinator { inputs, generation: 0, phase: Phase::Stable, seats }
    }
}

impl Coordinator {
    /// Sets what the group reads.
    pub(super) fn subscribe(&mut self, inputs: &[TopicPartition]) {
        self.inputs.extend(inputs.iter().cloned());
    }

    /// A member that reads nothing yet takes a seat.
    pub(super) fn sit(&mut self, name: &str, holder: u64, now_ms: u64) {
        let is_known = self.seats.contains_key(name);
        let new =
            || Seat { holder, heard_at_ms: now_ms, joined: false, claims: BTreeSet::new(), assignment: None };
        let seat = self.seats.entry(name.to_string()).or_insert_with(new);
        (seat.holder, seat.heard_at_ms) = (holder, now_ms);
        seat.claims.clear();
        match self.phase {
            Phase::Stable if is_known && self.is_shared_out() => {}
            Phase::Stable => self.begin_joining(now_ms),
            Phase::Joining { .. } => {}
        }
        if let (Phase::Joining { .. }, Some(seat)) = (self.phase, self.seats.get_mut(name)) {
            seat.joined = true;
        }
        self.begin_generation_if_all_joined();
    }

    /// A member gives its seat up.
    pub(super) fn leave(&mut self, name: &str, holder: u64, now_ms: u64) {
        if self.seats.get(name).is_some_and(|seat| seat.holder == holder) {
            self.seats.remove(name);
            self.begin_joining(now_ms);
        }
    }

    /// The client of a member that does not poll gives up for it: it says no longer that it is alive, and leaves
    /// unless its seat has a name of its own.
    pub(super) fn give_up(&mut self, client: &mut Client, number: u64, now_ms: u64) {
        client.lose();
        if !client.is_static {
            self.leave(&client.seat, number, now_ms);
        }
    }

    /// All members are to join again.
    pub(super) fn begin_joining(&mut self, now_ms: u64) {
        self.seats.values_mut().for_each(|seat| seat.joined = false);
        self.phase = Phase::Joining { since_ms: now_ms };
        self.begin_generation_if_all_joined();
    }

    /// The client of a member says that it is alive, and takes what the group has decided.
    pub(super) fn beat(&mut self, client: &mut Client, number: u64, now_ms: u64) {
        match self.standing(&client.seat, number) {
            Some(Refusal::Replaced) => client.is_replaced = true,
            Some(_) => {
                client.lose();
                if client.is_free() && client.owned.is_empty() {
                    self.sit(&client.seat, number, now_ms);
                }
            }
            None => self.beat_of_member(client, now_ms),
        }
    }

    fn beat_of_member(&mut self, client: &mut Client, now_ms: u64) {
        let seat = self.seats.get_mut(&client.seat).expect("it has a seat");
        seat.heard_at_ms = now_ms;
        if let (Phase::Stable, Some(assignment)) = (self.phase, &seat.assignment)
            && client.generation != Some(self.generation)
            && client.is_free()
        {
            client.take(self.generation, assignment);
        }
        if client.rejoins && client.is_free() {
            client.rejoins = false;
            self.begin_joining(now_ms);
        }
        let seat = self.seats.get_mut(&client.seat).expect("it has a seat");
        if matches!(self.phase, Phase::Joining { .. }) && !seat.joined && client.is_free() {
            seat.joined = true;
            seat.claims = client.owned.clone();
            self.begin_generation_if_all_joined();
        }
    }

    /// Gives up the members that have said nothing for too long, and those for whom the group has waited too long.
    pub(super) fn expire(&mut self, times: &Times, now_ms: u64) {
        let is_over = |since_ms: u64, limit_ms: u64| now_ms.saturating_sub(since_ms) >= limit_ms;
        let waited = match self.phase {
            Phase::Joining { since_ms } => is_over(since_ms, times.rebalance_ms),
            Phase::Stable => false,
        };
        let before = self.seats.len();
        self.seats.retain(|_, seat| !is_over(seat.heard_at_ms, times.session_ms) && (seat.joined || !waited));
        if self.seats.len() < before {
            match self.phase {
                Phase::Stable => self.begin_joining(now_ms),
                Phase::Joining { .. } => self.begin_generation_if_all_joined(),
            }
        }
    }

    /// Everybody has just been heard of: a coordinator that starts again gives each one a new session.
    pub(super) fn hear_all(&mut self, now_ms: u64) {
        self.seats.values_mut().for_each(|seat| seat.heard_at_ms = now_ms);
        if let Phase::Joining { since_ms } = &mut self.phase {
            *since_ms = now_ms;
        }
    }

    /// Forgets all members.
    pub(super) fn clear(&mut self) {
        self.seats.clear();
    }

    /// How a member stands; none if its seat is its own.
    fn standing(&self, name: &str, number: u64) -> Option<Refusal> {
        match self.seats.get(name) {
            None => Some(Refusal::Unknown),
            Some(seat) if seat.holder != number => Some(Refusal::Replaced),
            Some(_) => None,
        }
    }

    /// Why a member that speaks of this generation may not commit places; none if it may.
    pub(super) fn refuses(&self, name: &str, number: u64, generation: u32) -> Option<Refusal> {
        let stale = || (generation != self.generation).then_some(Refusal::StaleGeneration);
        self.standing(name, number).or_else(stale)
    }

    /// Whether the group is waiting for nobody.
    pub(super) fn is_stable(&self) -> bool {
        matches!(self.phase, Phase::Stable)
    }

    /// The members that have a seat.
    pub(super) fn holders(&self) -> Vec<u64> {
        self.seats.values().map(|seat| seat.holder).collect()
    }

    /// How many generations there have been.
    pub(super) fn generation(&self) -> u32 {
        self.generation
    }

    fn is_shared_out(&self) -> bool {
        let assigned: usize =
            self.seats.values().map(|seat| seat.assignment.as_ref().map_or(0, BTreeSet::len)).sum();
        assigned == self.inputs.len()
    }

    fn begin_generation_if_all_joined(&mut self) {
        if !matches!(self.phase, Phase::Joining { .. }) || !self.seats.values().all(|seat| seat.joined) {
            return;
        }
        self.phase = Phase::Stable;
        self.generation += 1;
        let claims = self.seats.iter().map(|(name, seat)| (name.clone(), seat.claims.clone())).collect();
        let mut assigned = assignor::assign(&self.inputs, &claims);
        for (name, seat) in &mut self.seats {
            seat.assignment = assigned.remove(name);
        }
    }
}
