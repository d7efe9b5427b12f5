//! A seeded company whose marketing and sales teams produce canonical events, with the truth beside
//! them: what was planted, when, and how much of everything there is.
//!
//! Pure: a [`Scenario`] in, an iterator out, no clock and no I/O. The same scenario is the same
//! stream for good. It streams: only open lives and records under way are held in memory.
//!
//! One file, one noun: [`scenario`] what to play, [`plot`] what becomes of the teams, [`case`] under
//! which circumstances, `moods` what varies by itself, [`profile`] the healthy company, `fault` what
//! goes wrong, `arrivals` → `lead` → `life` → `deal` a lead's way, `programs`, `playbook` and `library`
//! what concerns everyone, `resending` a migration, `diary` what a life leaves behind, `timeline` all
//! lives in order, [`disorder`] how their events arrive, `garbage` what else does, [`truth`] the answer
//! key, [`grading`] what was told held against it.

mod arrivals;
pub mod case;
mod deal;
mod diary;
pub mod disorder;
mod fault;
mod garbage;
pub mod grading;
mod lead;
mod library;
mod life;
mod moods;
mod playbook;
pub mod plot;
pub mod profile;
mod programs;
mod resending;
mod sampling;
pub mod scenario;
mod timeline;
pub mod truth;
mod working_hours;
mod world;

#[cfg(test)]
mod tests;

pub use case::Case;
pub use disorder::Disorder;
pub use plot::Plot;
pub use profile::{Mishaps, Profile, Region, Source};
pub use scenario::{Scenario, ScenarioError, Segment};
pub use truth::{Calendars, Counts, Planted, TeamHours, Truth};
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
    resending: Option<resending::Resending>,
    /// What the courier brings next.
    brought: Option<(Simulated, truth::Delivery)>,
    truth: Truth,
}

impl Company {
    /// Founds the company of a scenario.
    ///
    /// # Errors
    /// When the scenario cannot be played; see [`Scenario::check`].
    pub fn new(mut scenario: Scenario) -> Result<Company, ScenarioError> {
        scenario.check()?;
        let calendars = truth::Calendars::of(&scenario);
        if let Some(days) = scenario.holidays() {
            let company = &mut scenario.company;
            company.sales_hours = company.sales_hours.map(|hours| hours.but_for(days));
            company.hours = company.hours.but_for(days);
        }
        let faults = fault::Faults::of(&scenario);
        let campaigns = programs::campaigns(&scenario, &faults);
        let library = library::Library::of(&scenario, &faults);
        let programs = programs::programs(&scenario, &campaigns, &library, &faults);
        let truth = Truth {
            seed: scenario.seed,
            scenario: scenario.plot.as_str().into(),
            start: scenario.start,
            days: scenario.days,
            case: scenario.case.as_str().into(),
            calendars: Some(calendars),
            periods: faults.planted(&scenario, &campaigns),
            side_effects: faults.side_effects(&scenario),
            counts: Counts::default(),
        };
        let courier = disorder::Courier::of(&scenario);
        let moods = moods::Moods::of(&scenario);
        let world = world::World { scenario, faults, moods, campaigns, library };
        let again = timeline::Timeline::of(&world, programs.clone());
        Ok(Company {
            timeline: timeline::Timeline::of(&world, programs),
            courier,
            resending: resending::Resending::of(&world, again),
            brought: None,
            world,
            truth,
        })
    }

    /// The answer key. What was planted is known from the start; the counts are those of the records
    /// handed out so far.
    pub fn truth(&self) -> &Truth {
        &self.truth
    }
}

impl Company {
    /// What the courier brings next.
    fn brought(&mut self) -> Option<(Simulated, truth::Delivery)> {
        loop {
            let horizon = self.timeline.next_at(&self.world);
            if let Some(brought) = self.courier.receive(horizon) {
                return Some(brought);
            }
            match self.timeline.next(&self.world) {
                Some(event) => self.courier.send(event),
                // Marketing may look at the playbook and find nothing to change.
                None if horizon.is_some() => {}
                None => return None,
            }
        }
    }
}

impl Iterator for Company {
    type Item = Simulated;

    fn next(&mut self) -> Option<Simulated> {
        if self.brought.is_none() {
            self.brought = self.brought();
        }
        let arrival = self.brought.as_ref().map(|(record, _)| record.arrival);
        let again = self.resending.as_mut().and_then(|past| past.next_before(arrival, &self.world));
        let (record, delivery) = again.or_else(|| self.brought.take())?;
        self.truth.counts.count(&record, delivery);
        Some(record)
    }
}
