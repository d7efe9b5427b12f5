//! A migration of the CRM: every event of the past is sent once more, in order, within a day.
//!
//! The past is not kept for it: the story up to that day is told a second time from its beginning.

use compact_str::format_compact;

use super::case::Case;
use super::timeline::Timeline;
use super::truth::Delivery;
use super::world::World;
use super::{Payload, Simulated};
use crate::model::event::Event;
use crate::model::{DAY_MS, EventTime};

/// The migration under way.
#[derive(Debug)]
pub(super) struct Resending {
    story: Timeline,
    /// When it begins; what happened until then is sent again.
    at: EventTime,
    /// Whether every event gets a new id.
    renames: bool,
    /// What comes next.
    next: Option<Simulated>,
}

impl Resending {
    /// The migration of a scenario, if it has one; `story` is to be at its beginning.
    pub(super) fn of(world: &World, story: Timeline) -> Option<Resending> {
        let scenario = &world.scenario;
        let renames = match scenario.case {
            Case::CrmMigration => false,
            Case::CrmMigrationNewIds => true,
            _ => return None,
        };
        let at = scenario.day(scenario.case_day);
        let mut resending = Resending { story, at, renames, next: None };
        resending.prepare(world);
        Some(resending)
    }

    /// What is sent again before anything else arrives at `other`.
    pub(super) fn next_before(
        &mut self,
        other: Option<EventTime>,
        world: &World,
    ) -> Option<(Simulated, Delivery)> {
        if self.next.as_ref()?.arrival >= other.unwrap_or(EventTime(i64::MAX)) {
            return None;
        }
        let sent = self.next.take()?;
        self.prepare(world);
        Some((sent, if self.renames { Delivery::Renamed } else { Delivery::Again }))
    }

    fn prepare(&mut self, world: &World) {
        let (from, past_ms) = (world.scenario.start, (self.at.0 - world.scenario.start.0).max(1));
        while self.story.next_at(world).is_some_and(|at| at < self.at) {
            if let Some(event) = self.story.next(world) {
                let part =
                    i128::from(event.occurred_at.0 - from.0) * i128::from(DAY_MS) / i128::from(past_ms);
                let arrival = self.at.plus_ms(part as i64);
                self.next = Some(Simulated { arrival, payload: Payload::Event(self.renamed(event)) });
                return;
            }
        }
    }

    fn renamed(&self, event: Event) -> Event {
        match self.renames {
            true => Event { event_id: format_compact!("m{}", &event.event_id[1..]), ..event },
            false => event,
        }
    }
}
