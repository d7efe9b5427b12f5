//! All lives at once, told in order of time: leads are born when their time has come, and only what
//! is still to happen is held in memory.
//!
//! What lies ahead waits in boxes of an hour each, unsorted; only the hour that is being told is in
//! order. So the cost of an event does not grow with the number of open lives.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BinaryHeap};

use super::arrivals::Arrivals;
use super::life;
use super::playbook::Playbook;
use super::world::World;
use crate::model::event::Event;
use crate::model::{EventTime, HOUR_MS};

/// An event that is still to happen. Small, for it moves about.
#[derive(Clone, Copy, Debug)]
struct Ahead {
    at: EventTime,
    /// The number of its lead, 0 for the programs.
    number: u64,
    /// Its place in the diary.
    place: u32,
    /// Where the event itself lies.
    slot: u32,
}

impl Ahead {
    fn turn(&self) -> (EventTime, u64, u32) {
        (self.at, self.number, self.place)
    }
}

impl PartialEq for Ahead {
    fn eq(&self, other: &Ahead) -> bool {
        self.turn() == other.turn()
    }
}

impl Eq for Ahead {}

impl PartialOrd for Ahead {
    fn partial_cmp(&self, other: &Ahead) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The earliest is the greatest, for the heap.
impl Ord for Ahead {
    fn cmp(&self, other: &Ahead) -> Ordering {
        other.turn().cmp(&self.turn())
    }
}

fn hour_of(at: EventTime) -> i64 {
    at.0.div_euclid(HOUR_MS)
}

/// The events of the company in order of time; of equal time, in order of lead and diary.
#[derive(Debug)]
pub(super) struct Timeline {
    arrivals: Arrivals,
    playbook: Playbook,
    /// The latest hour that has been opened, and what of it and of the hours before is still to be told.
    hour: i64,
    now: BinaryHeap<Ahead>,
    /// The hours after it that hold anything.
    later: BTreeMap<i64, Vec<Ahead>>,
    /// The events, and the slots that hold none.
    events: Vec<Option<Event>>,
    free: Vec<u32>,
}

impl Timeline {
    /// The story's beginning: the programs are known, no lead is born.
    pub(super) fn of(world: &World, programs: Vec<Event>) -> Timeline {
        let mut timeline = Timeline {
            arrivals: Arrivals::of(world),
            playbook: Playbook::of(&world.scenario, &world.faults),
            hour: i64::MIN,
            now: BinaryHeap::new(),
            later: BTreeMap::new(),
            events: Vec::new(),
            free: Vec::new(),
        };
        timeline.begin(0, programs);
        timeline
    }

    /// When the next event may happen; `None` after the last one.
    pub(super) fn next_at(&mut self, world: &World) -> Option<EventTime> {
        [self.next_of_lives(world), self.playbook.next_at()].into_iter().flatten().min()
    }

    /// When the next event of a life or a program happens.
    fn next_of_lives(&mut self, world: &World) -> Option<EventTime> {
        loop {
            let earliest = self.earliest();
            match self.arrivals.next_at(world) {
                Some(born_at) if earliest.is_none_or(|at| born_at <= at) => {
                    let birth = self.arrivals.next()?;
                    self.begin(birth.number, life::live(world, birth));
                }
                _ => return earliest,
            }
        }
    }

    /// The next event; `None` where marketing finds nothing to change, and after the last one.
    pub(super) fn next(&mut self, world: &World) -> Option<Event> {
        let at = self.next_at(world)?;
        if self.playbook.next_at() == Some(at) {
            return self.playbook.change(&world.faults);
        }
        let slot = self.now.pop()?.slot;
        self.free.push(slot);
        let event = self.events[slot as usize].take()?;
        self.playbook.hear(&event);
        Some(event)
    }

    /// When the earliest known event happens; opens the next hour when the last one has been told.
    fn earliest(&mut self) -> Option<EventTime> {
        if self.now.is_empty() {
            let (hour, events) = self.later.pop_first()?;
            self.hour = hour;
            self.now = BinaryHeap::from(events);
        }
        self.now.peek().map(|ahead| ahead.at)
    }

    /// Takes up the events of a life.
    fn begin(&mut self, number: u64, events: Vec<Event>) {
        for (place, event) in (0..).zip(events) {
            let at = event.occurred_at;
            let ahead = Ahead { at, number, place, slot: self.hold(event) };
            match hour_of(at) {
                hour if hour <= self.hour => self.now.push(ahead),
                hour => self.later.entry(hour).or_default().push(ahead),
            }
        }
    }

    /// Puts an event into a free slot.
    fn hold(&mut self, event: Event) -> u32 {
        if let Some(slot) = self.free.pop() {
            self.events[slot as usize] = Some(event);
            return slot;
        }
        self.events.push(Some(event));
        u32::try_from(self.events.len() - 1).expect("4 billion waiting events would not fit into memory")
    }
}
