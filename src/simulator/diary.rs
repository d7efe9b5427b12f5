//! What one life leaves behind in the CRM: its events, with ids that stay the same for good.
//!
//! An event's id is its owner's name and its place in the diary. A fault that silences an event
//! leaves its place empty, so that every other event keeps its id.

use compact_str::format_compact;

use crate::model::event::{Body, Event};
use crate::model::{EventTime, Text};

/// The events of one lead, one deal or the programs.
#[derive(Debug)]
pub(super) struct Diary {
    owner: Text,
    places: u32,
    events: Vec<Event>,
}

impl Diary {
    /// An empty diary.
    pub(super) fn of(owner: Text) -> Diary {
        Diary { owner, places: 0, events: Vec::new() }
    }

    /// Writes an event down. The order of writing is the order of ids, not of time.
    pub(super) fn write(&mut self, at: EventTime, body: Body) {
        self.places += 1;
        let event_id = format_compact!("e-{}-{:02}", self.owner, self.places);
        self.events.push(Event { event_id, occurred_at: at, body });
    }

    /// Leaves the place of an event empty: it did not happen.
    pub(super) fn leave_out(&mut self) {
        self.places += 1;
    }

    /// Strikes everything after this time.
    pub(super) fn cut_after(&mut self, at: EventTime) {
        self.events.retain(|event| event.occurred_at <= at);
    }

    /// Whether everything in it lies before this time.
    pub(super) fn is_over_by(&self, at: EventTime) -> bool {
        self.events.iter().all(|event| event.occurred_at < at)
    }

    /// Takes over the events of another diary, with the ids that they have.
    pub(super) fn absorb(&mut self, other: Diary) {
        self.events.extend(other.events);
    }

    /// The events before `end`, in the order of writing.
    pub(super) fn close(mut self, end: EventTime) -> Vec<Event> {
        self.events.retain(|event| event.occurred_at < end);
        self.events
    }
}
