//! How events arrive: a little out of order, now and then late, twice, or with garbage in between.
//!
//! Disorder moves, repeats and adds; it never changes or loses an event. Each kind of it has dice of
//! its own, so that switching one on leaves the others as they were.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::garbage;
use super::sampling::{Concern, Dice};
use super::scenario::{Scenario, ScenarioError, check_share};
use super::truth::Delivery;
use super::{Payload, Simulated};
use crate::model::dead_letter::Reason;
use crate::model::event::Event;
use crate::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS};

/// The longest span that is played.
const SPAN_MS_MAX: i64 = 366 * DAY_MS;

/// How much disorder there is. Spans are in milliseconds of event time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Disorder {
    /// Every event arrives up to this much after it happened.
    pub reorder_ms: i64,
    /// The share of events that arrive later than that.
    pub late_share: f64,
    /// How late they arrive, at least and at most; small delays are likelier (log-uniform).
    pub late_by_ms: (i64, i64),
    /// The share of events that arrive twice.
    pub duplicate_share: f64,
    /// The second time is up to this much after the first.
    pub duplicate_within_ms: i64,
    /// Records that are no events, for each event.
    pub garbage_share: f64,
}

impl Default for Disorder {
    /// Reordering within 20 s, which a bound of 30 s covers; every 500th event late by minutes to two
    /// days, every 100th twice, and one piece of garbage for 1,000 events.
    fn default() -> Disorder {
        Disorder {
            reorder_ms: 20_000,
            late_share: 0.002,
            late_by_ms: (2 * MINUTE_MS, 2 * DAY_MS),
            duplicate_share: 0.01,
            duplicate_within_ms: HOUR_MS,
            garbage_share: 0.001,
        }
    }
}

impl Disorder {
    /// Every event once, when it happens.
    pub fn none() -> Disorder {
        Disorder {
            reorder_ms: 0,
            late_share: 0.0,
            duplicate_share: 0.0,
            garbage_share: 0.0,
            ..Disorder::default()
        }
    }

    /// Refuses what cannot be.
    pub(super) fn check(&self) -> Result<(), ScenarioError> {
        check_share("late_share", self.late_share)?;
        check_share("duplicate_share", self.duplicate_share)?;
        check_share("garbage_share", self.garbage_share)?;
        let (least, most) = self.late_by_ms;
        for (field, least, most) in [
            ("reorder_ms", 0, self.reorder_ms),
            ("late_by_ms", least, most),
            ("duplicate_within_ms", 0, self.duplicate_within_ms),
        ] {
            if !(0 <= least && least <= most && most <= SPAN_MS_MAX) {
                return Err(ScenarioError::ImpossibleSpan(field));
            }
        }
        Ok(())
    }
}

/// A record on its way. Ordered so that the earliest arrival is the greatest, for the heap.
#[derive(Debug)]
struct UnderWay {
    /// How many were sent before it.
    place: u64,
    delivery: Delivery,
    arrival: EventTime,
    load: Load,
}

/// What is on its way; small, for it moves about in the heap.
#[derive(Debug)]
enum Load {
    Event(Box<Event>),
    Garbage(Vec<u8>, Reason),
}

impl UnderWay {
    fn turn(&self) -> (EventTime, u64) {
        (self.arrival, self.place)
    }
}

impl PartialEq for UnderWay {
    fn eq(&self, other: &UnderWay) -> bool {
        self.turn() == other.turn()
    }
}

impl Eq for UnderWay {}

impl PartialOrd for UnderWay {
    fn partial_cmp(&self, other: &UnderWay) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for UnderWay {
    fn cmp(&self, other: &UnderWay) -> Ordering {
        other.turn().cmp(&self.turn())
    }
}

/// Takes events in the order in which they happen and hands out records in the order in which they arrive.
#[derive(Debug)]
pub(super) struct Courier {
    disorder: Disorder,
    under_way: BinaryHeap<UnderWay>,
    sent: u64,
    reordering: Dice,
    lateness: Dice,
    duplication: Dice,
    garbage: Dice,
}

impl Courier {
    /// A courier with nothing under way.
    pub(super) fn of(scenario: &Scenario) -> Courier {
        let dice = |concern| Dice::new(scenario.seed, concern, 0);
        Courier {
            disorder: scenario.disorder,
            under_way: BinaryHeap::new(),
            sent: 0,
            reordering: dice(Concern::Reordering),
            lateness: dice(Concern::Lateness),
            duplication: dice(Concern::Duplication),
            garbage: dice(Concern::Garbage),
        }
    }

    /// Takes an event. It arrives at its time or later.
    pub(super) fn send(&mut self, event: Event) {
        let happened = event.occurred_at;
        let soon_ms = self.reordering.between(0, self.disorder.reorder_ms);
        let (delay_ms, delivery) = match self.lateness.chance(self.disorder.late_share) {
            true => (soon_ms + self.late_by_ms(), Delivery::Late),
            false => (soon_ms, Delivery::First),
        };
        if self.garbage.chance(self.disorder.garbage_share) {
            let (bytes, reason) = garbage::make(&event, &mut self.garbage);
            self.put(happened.plus_ms(soon_ms), Delivery::First, Load::Garbage(bytes, reason));
        }
        if self.duplication.chance(self.disorder.duplicate_share) {
            let again_ms = delay_ms + self.duplication.between(0, self.disorder.duplicate_within_ms);
            self.put(happened.plus_ms(delay_ms), delivery, Load::Event(Box::new(event.clone())));
            self.put(happened.plus_ms(again_ms), Delivery::Again, Load::Event(Box::new(event)));
        } else {
            self.put(happened.plus_ms(delay_ms), delivery, Load::Event(Box::new(event)));
        }
    }

    fn late_by_ms(&mut self) -> i64 {
        let (least, most) = self.disorder.late_by_ms;
        let (low, high) = (libm::log(least as f64 + 1.0), libm::log(most as f64 + 1.0));
        let ms = libm::exp(low + (high - low) * self.lateness.unit()) as i64;
        ms.clamp(least, most)
    }

    fn put(&mut self, arrival: EventTime, delivery: Delivery, load: Load) {
        self.under_way.push(UnderWay { place: self.sent, delivery, arrival, load });
        self.sent += 1;
    }

    /// The next record to arrive, if nothing that happens at `horizon` or later can overtake it;
    /// `None` as a horizon says that nothing more happens.
    pub(super) fn receive(&mut self, horizon: Option<EventTime>) -> Option<(Simulated, Delivery)> {
        let next = self.under_way.peek()?;
        if horizon.is_some_and(|at| at < next.arrival) {
            return None;
        }
        let UnderWay { arrival, delivery, load, .. } = self.under_way.pop()?;
        let payload = match load {
            Load::Event(event) => Payload::Event(*event),
            Load::Garbage(bytes, reason) => Payload::Garbage { bytes, reason },
        };
        Some((Simulated { arrival, payload }, delivery))
    }
}
