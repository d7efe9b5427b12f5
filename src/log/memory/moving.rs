//! Coordinators that move from one broker to another: for a while nobody answers for groups, or for transactions,
//! though partitions are read and written as ever. A move begins with a request that is in flight: it is carried out
//! or not, and its sender hears nothing in both cases.

use super::switch::Effect;

/// What a coordinator looks after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinatorType {
    /// Members of groups, and their committed places.
    Group,
    /// Transactional ids, and what is written under them.
    Transaction,
}

/// A coordinator that is about to move, or on its way.
struct Move {
    in_flight: Effect,
    takes_ms: u64,
    /// When it arrives, once it has set off.
    until_ms: Option<u64>,
}

/// Whom a request meets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Met {
    /// Its coordinator.
    Coordinator,
    /// Its coordinator on the way out.
    Parting(Effect),
    /// Nobody.
    Nobody,
}

/// The coordinators of a cluster.
#[derive(Default)]
pub(super) struct Moves {
    groups: Option<Move>,
    transactions: Option<Move>,
    /// How many there have been.
    pub(super) begun: u64,
}

impl Moves {
    fn of(&mut self, of: CoordinatorType) -> &mut Option<Move> {
        match of {
            CoordinatorType::Group => &mut self.groups,
            CoordinatorType::Transaction => &mut self.transactions,
        }
    }

    /// A coordinator is to set off at the next request.
    pub(super) fn announce(&mut self, of: CoordinatorType, in_flight: Effect, takes_ms: u64) {
        *self.of(of) = Some(Move { in_flight, takes_ms, until_ms: None });
    }

    /// Whoever is on the way arrives at the next moment, and nobody sets off any more.
    pub(super) fn settle(&mut self, now_ms: u64) {
        for moving in [&mut self.groups, &mut self.transactions] {
            moving.take_if(|moving| moving.until_ms.is_none());
            moving.iter_mut().for_each(|moving| moving.until_ms = Some(now_ms));
        }
    }

    /// Whether a coordinator has just arrived.
    pub(super) fn has_arrived(&mut self, of: CoordinatorType, now_ms: u64) -> bool {
        self.of(of).take_if(|moving| moving.until_ms.is_some_and(|until_ms| until_ms <= now_ms)).is_some()
    }

    /// Whether a coordinator is on its way.
    pub(super) fn is_moving(&self, of: CoordinatorType) -> bool {
        let moving = match of {
            CoordinatorType::Group => &self.groups,
            CoordinatorType::Transaction => &self.transactions,
        };
        moving.as_ref().is_some_and(|moving| moving.until_ms.is_some())
    }

    /// A request comes to where a coordinator is, or was.
    pub(super) fn meet(&mut self, of: CoordinatorType, now_ms: u64) -> Met {
        let Some(moving) = self.of(of) else { return Met::Coordinator };
        if moving.until_ms.is_some() {
            return Met::Nobody;
        }
        moving.until_ms = Some(now_ms + moving.takes_ms);
        let in_flight = moving.in_flight;
        self.begun += 1;
        Met::Parting(in_flight)
    }
}
