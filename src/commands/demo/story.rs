//! The story of the demo: eight weeks of a company whose two teams fall out, told faster than life.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::codec;
use crate::engine::clock::Clock;
use crate::log::kafka::Feed;
use crate::log::{LogError, NewRecord, TopicPartition};
use crate::model::entity::EntityKind;
use crate::model::partitioner::partition_of;
use crate::model::{DAY_MS, EventTime, HOUR_MS};
use crate::simulator::{Company, Disorder, Payload, Plot, Scenario, Simulated};

/// Topic of the company's leads and programs, and its partitions.
pub const LEADS: (&str, u32) = ("crm.leads", 3);
/// Topic of the company's deals, and its partitions.
pub const DEALS: (&str, u32) = ("crm.deals", 2);
/// Days of the story.
const DAYS: u32 = 56;
/// The flood of poor leads begins on this day.
const FLOOD_DAY: u32 = 35;
/// Sales begins to come late on this day.
const SLOW_DAY: u32 = 42;

/// The scenario: it ended some days before `now`, on whole weeks, so that its Mondays are Mondays.
pub fn scenario(seed: u64, now: EventTime) -> Scenario {
    let days = now.0.div_euclid(DAY_MS) - i64::from(DAYS) - 7;
    // 1970-01-05, day 4, was a Monday.
    let monday = days - (days - 4).rem_euclid(7);
    Scenario {
        start: EventTime(monday * DAY_MS),
        days: DAYS,
        onset_day: FLOOD_DAY,
        second_onset_day: SLOW_DAY,
        disorder: Disorder { late_by_ms: (HOUR_MS, 6 * HOUR_MS), ..Disorder::default() },
        ..Scenario::of(Plot::FallingOut, seed)
    }
}

/// How the story is told.
pub struct Telling {
    /// What happens.
    pub scenario: Scenario,
    /// Milliseconds that the story takes.
    pub takes_ms: u64,
    /// Ends the telling early.
    pub stop: Arc<AtomicBool>,
    /// Set when the last record was written.
    pub told: Arc<AtomicBool>,
}

impl Telling {
    /// Writes every record when its time has come, until the story ends or `stop` is set.
    pub fn tell(self, bootstrap_servers: &str, clock: &dyn Clock) -> Result<(), LogError> {
        let mut feed = Feed::connect(bootstrap_servers)?;
        let start = self.scenario.start;
        let span_ms = i64::from(self.scenario.days) * DAY_MS;
        let Ok(company) = Company::new(self.scenario) else { return Ok(()) };
        let began_ms = clock.ticks_ms();
        for record in company {
            let into_story = (record.arrival.0 - start.0).max(0) as u128;
            let due_ms = began_ms + (into_story * u128::from(self.takes_ms) / span_ms as u128) as u64;
            while clock.ticks_ms() < due_ms {
                if self.stop.load(Ordering::Relaxed) {
                    return feed.finish();
                }
                feed.serve();
                clock.pause_ms(due_ms.saturating_sub(clock.ticks_ms()).min(10));
            }
            feed.send(new_record(record))?;
        }
        feed.finish()?;
        self.told.store(true, Ordering::Relaxed);
        Ok(())
    }
}

/// The record as the company's pipeline writes it: its own topics, its own keys.
fn new_record(record: Simulated) -> NewRecord {
    let (topic, partitions) = if record.family() == EntityKind::Deal { DEALS } else { LEADS };
    let (key, value) = match &record.payload {
        Payload::Event(event) => (Some(event.entity().id), codec::encode_event_json(event)),
        Payload::Garbage { bytes, .. } => (None, bytes.clone()),
    };
    let partition = key.as_ref().map_or(0, |key| partition_of(key.as_bytes(), partitions));
    NewRecord {
        to: TopicPartition::new(topic, partition),
        key: key.map(|key| key.as_bytes().to_vec()),
        value: Some(value),
        headers: Vec::new(),
        timestamp: None,
    }
}
