//! A seeded company whose marketing and sales teams produce canonical events, with the truth beside
//! them: what was planted, when, and how much of everything there is.
//!
//! Pure: a [`Scenario`] in, an iterator out, no clock and no I/O. The same scenario is the same
//! stream for good. It streams: only open lives and records under way are held in memory.
//!
//! One file, one noun: [`scenario`] what to play, [`profile`] the healthy company, `fault` what goes
//! wrong, `arrivals` → `lead` → `life` → `deal` a lead's way, `programs` and `library` what concerns
//! everyone, `diary` what a life leaves behind, `timeline` all lives in order, [`disorder`] how their
//! events arrive, `garbage` what else does, [`truth`] the answer key, [`grading`] what was told held against it.

mod arrivals;
mod deal;
mod diary;
pub mod disorder;
mod fault;
mod garbage;
pub mod grading;
mod lead;
mod library;
mod life;
pub mod profile;
mod programs;
mod sampling;
pub mod scenario;
mod timeline;
pub mod truth;
mod working_hours;
mod world;

#[cfg(test)]
mod tests;

pub use disorder::Disorder;
pub use profile::{Mishaps, Profile, Region, Source};
pub use scenario::{Plot, Scenario, ScenarioError, Segment};
pub use truth::{Counts, Planted, Truth};
pub use working_hours::WorkingHours;

use crate::model::EventTime;
use crate::model::dead_letter::Reason;
use crate::model::entity::EntityKind;
use crate::model::event::Event;

/// One record as it arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Simulated {
    /// When it arrives, in event time; records come in this order.
    pub arrival: EventTime,
    /// What it is.
    pub payload: Payload,
}

/// What arrives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Payload {
    /// An event of the CRM.
    Event(Event),
    /// A record that is no event.
    Garbage {
        /// Its value. Never contains a line break.
        bytes: Vec<u8>,
        /// Why it should become a dead letter.
        reason: Reason,
    },
}

impl Simulated {
    /// The family of the event, for callers that keep a topic for each; garbage comes from the lead topic.
    pub fn family(&self) -> EntityKind {
        match &self.payload {
            Payload::Event(event) => event.entity().kind,
            Payload::Garbage { .. } => EntityKind::Lead,
        }
    }
}

/// A company at work: an iterator over the records of its CRM in order of arrival.
#[derive(Debug)]
pub struct Company {
    world: world::World,
    timeline: timeline::Timeline,
    courier: disorder::Courier,
    truth: Truth,
}

impl Company {
    /// Founds the company of a scenario.
    ///
    /// # Errors
    /// When the scenario cannot be played; see [`Scenario::check`].
    pub fn new(scenario: Scenario) -> Result<Company, ScenarioError> {
        scenario.check()?;
        let faults = fault::Faults::of(&scenario);
        let campaigns = programs::campaigns(&scenario);
        let library = library::Library::of(&scenario, &faults);
        let programs = programs::programs(&scenario, &campaigns, &library, &faults);
        let truth = Truth {
            seed: scenario.seed,
            scenario: scenario.plot.as_str().into(),
            start: scenario.start,
            days: scenario.days,
            periods: faults.planted(&scenario),
            counts: Counts::default(),
        };
        let courier = disorder::Courier::of(&scenario);
        let world = world::World { scenario, faults, campaigns, library };
        Ok(Company { timeline: timeline::Timeline::of(&world, programs), world, courier, truth })
    }

    /// The answer key. What was planted is known from the start; the counts are those of the records
    /// handed out so far.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }
}

impl Iterator for Company {
    type Item = Simulated;

    fn next(&mut self) -> Option<Simulated> {
        loop {
            let horizon = self.timeline.next_at(&self.world);
            if let Some((record, delivery)) = self.courier.receive(horizon) {
                self.truth.counts.count(&record, delivery);
                return Some(record);
            }
            self.courier.send(self.timeline.next(&self.world)?);
        }
    }
}
