//! When leads arrive: around the clock, more by day than by night and more on business days.

use std::vec::IntoIter;

use super::fault::Fault;
use super::lead::{Birth, FLOOD_NUMBERS_FROM};
use super::moods::Mood;
use super::sampling::{Concern, Dice};
use super::working_hours::day_of;
use super::world::World;
use crate::model::{DAY_MS, EventTime, HOUR_MS};

/// How many leads come in each hour of the day in UTC, as weights.
const HOURLY: [f64; 24] = [
    0.3, 0.2, 0.2, 0.2, 0.2, 0.3, 0.5, 0.9, 1.5, 1.8, 1.9, 1.8, 1.4, 1.5, 1.8, 1.9, 1.8, 1.5, 1.2, 1.0, 0.8,
    0.7, 0.5, 0.4,
];

/// The leads of a scenario, one day ahead of the story.
#[derive(Debug)]
pub(super) struct Arrivals {
    next_day: i64,
    today: IntoIter<Birth>,
    usual: u64,
    flooded: u64,
}

impl Arrivals {
    /// None of the leads has arrived yet.
    pub(super) fn of(world: &World) -> Arrivals {
        let next_day = day_of(world.scenario.start);
        Arrivals { next_day, today: Vec::new().into_iter(), usual: 0, flooded: 0 }
    }

    /// When the next lead arrives; `None` when all have.
    pub(super) fn next_at(&mut self, world: &World) -> Option<EventTime> {
        while self.today.as_slice().is_empty() {
            if self.next_day * DAY_MS >= world.scenario.end().0 {
                return None;
            }
            self.today = self.day(world, self.next_day).into_iter();
            self.next_day += 1;
        }
        self.today.as_slice().first().map(|birth| birth.at)
    }

    /// The lead that [`Arrivals::next_at`] spoke of.
    pub(super) fn next(&mut self) -> Option<Birth> {
        self.today.next()
    }

    /// The leads of one calendar day.
    fn day(&mut self, world: &World, day: i64) -> Vec<Birth> {
        let scenario = &world.scenario;
        let expected = scenario.leads_of(day) * world.moods.factor(Mood::Volume, EventTime(day * DAY_MS));
        let within = |at: &EventTime| scenario.start <= *at && *at < scenario.end();

        let mut births: Vec<Birth> = Vec::new();
        let mut dice = Dice::new(scenario.seed, Concern::Arrivals, day as u64);
        for at in times(&mut dice, day, expected).into_iter().filter(within) {
            self.usual += 1;
            births.push(Birth { at, number: self.usual, flood: None });
        }
        for &spell in world.faults.spells() {
            let midnight = EventTime(day * DAY_MS);
            let (ratio, flood) = match spell.fault {
                Fault::Flood => (spell.flood_ratio(&scenario.company, midnight), Some(spell)),
                Fault::Surge => (spell.surge_ratio(midnight), None),
                _ => continue,
            };
            let mut dice = Dice::new(scenario.seed, Concern::FloodArrivals, day as u64);
            let more = expected * ratio;
            let held = |at: &EventTime| within(at) && spell.from <= *at && *at < spell.to;
            for at in times(&mut dice, day, more).into_iter().filter(held) {
                births.push(Birth { at, number: FLOOD_NUMBERS_FROM + self.flooded, flood });
                self.flooded += 1;
            }
        }
        births.sort_by_key(|birth| (birth.at, birth.number));
        births
    }
}

/// The sorted times of a day's arrivals.
fn times(dice: &mut Dice, day: i64, expected: f64) -> Vec<EventTime> {
    let mut times: Vec<EventTime> = (0..dice.poisson(expected))
        .map(|_| {
            let hour = dice.pick(HOURLY.into_iter()) as i64;
            EventTime(day * DAY_MS + hour * HOUR_MS + dice.between(0, HOUR_MS - 1))
        })
        .collect();
    times.sort_unstable();
    times
}
