//! The batch answer: what the funnel is, and which alerts there are, for a whole event log at once.
//!
//! Slow and obvious on purpose. It shares no logic with the processor, only the nouns and the
//! statistics, so that the two can be held against each other; both follow `src/funnel/semantics.md`.
//! It never keeps a difference: every number is counted anew from the facts of each row. It answers for
//! one generation of definitions, and with fewer segments and facts than the limits allow.

mod calendar;
mod divergence;
mod first_touch;
mod funnel;
mod journey;
mod lifecycle;
mod message;
mod partition;
mod row;
mod stages;
mod time;
mod touches;

#[cfg(test)]
mod tests;

use std::cell::RefCell;
use std::collections::BTreeMap;

pub use calendar::{Calendar, Days};
pub use row::{Demand, Demanded};

use crate::model::alert::Alert;
use crate::model::counters::JourneyCounters;
use crate::model::definitions::Definitions;
use crate::model::delta::Evidence;
use crate::model::fact::Fact;
use crate::model::measure::Cell;
use crate::model::outcome::{Outcome, Tally};
use crate::model::record::LogRecord;
use crate::model::{EventTime, MINUTE_MS, Minute, Text};
use crate::stats::quantile::{LogBuckets, RelativeError};
use funnel::Funnel;
use journey::Journey;
use partition::Partition;

/// What follows from a whole event log.
pub struct Answer<'a> {
    /// By partition.
    pub partitions: Vec<PartitionAnswer>,
    /// Every message up to the smallest T of all partitions, in order; summary and advice are empty.
    pub alerts: Vec<Alert>,
    funnel: Funnel<'a>,
}

/// What follows from one partition of the event log.
#[derive(Clone, Debug, PartialEq)]
pub struct PartitionAnswer {
    /// T after the last record.
    pub time: Minute,
    /// T after each record.
    pub times: Vec<Minute>,
    /// How each record ended; none for control records and forwarded copies.
    pub outcomes: Vec<Option<Outcome>>,
    /// How many ended how.
    pub tally: Tally,
    /// What is counted besides.
    pub counters: JourneyCounters,
    /// The records that are to be written because of each record.
    pub demanded: Vec<Vec<Demand>>,
}

impl Answer<'_> {
    /// The whole funnel at a boundary: counts by (segment, cell), never 0.
    pub fn counts(&self, boundary: Minute) -> BTreeMap<(Text, Cell), i64> {
        self.funnel.counts(boundary)
    }

    /// Everything that stands as evidence at a boundary, never 0.
    pub fn evidence(&self, boundary: Minute) -> BTreeMap<Evidence, i64> {
        self.funnel.evidence(boundary)
    }

    /// The program facts in effect at a boundary, in fact order.
    pub fn programs(&self, boundary: Minute) -> Vec<Fact> {
        self.funnel.programs(boundary)
    }

    /// Every boundary at which the funnel may have changed, in order.
    pub fn changes(&self) -> Vec<Minute> {
        self.funnel.changes()
    }
}

/// The definitions with what is worked out of them once.
pub(crate) struct Rulebook<'a> {
    definitions: &'a Definitions,
    sales: Calendar,
    marketing: Calendar,
    days: Days,
    buckets: LogBuckets,
    deadlines: RefCell<BTreeMap<EventTime, Option<EventTime>>>,
}

impl<'a> Rulebook<'a> {
    fn new(definitions: &'a Definitions) -> Rulebook<'a> {
        Rulebook {
            definitions,
            sales: Calendar::new(definitions.calendars.get("sales")),
            marketing: Calendar::new(definitions.calendars.get("marketing")),
            days: Days::new(&definitions.zone),
            buckets: LogBuckets::new(RelativeError::TwoPercent),
            deadlines: RefCell::default(),
        }
    }

    /// By when a cycle that starts then has to be touched; none without a promise.
    fn deadline(&self, starts: EventTime) -> Option<EventTime> {
        let promise_ms =
            i64::from(self.definitions.rules.first_touch_slo.as_ref()?.within_minutes) * MINUTE_MS;
        let mut known = self.deadlines.borrow_mut();
        *known.entry(starts).or_insert_with(|| self.sales.deadline(starts, promise_ms))
    }
}

/// Answers for a whole event log: every record of every partition, in order, with the control records
/// that the processor wrote.
///
/// # Panics
/// When the definitions name a zone or a holiday that is none: they are checked before they hold.
pub fn answer<'a>(definitions: &'a Definitions, log: &[Vec<LogRecord>]) -> Answer<'a> {
    let rulebook = Rulebook::new(definitions);
    let mut partitions = vec![];
    let mut rows = vec![];
    for (number, records) in log.iter().enumerate() {
        let number = u32::try_from(number).expect("a log has few partitions");
        let mut partition = Partition::new(number, definitions);
        for record in records {
            partition.read(record);
            partition.free(|row, boundary| Journey::of(row, boundary).is_open());
        }
        rows.extend(partition.freed);
        rows.extend(partition.rows.into_values());
        partitions.push(PartitionAnswer {
            time: partition.times.last().copied().unwrap_or(Minute::MIN),
            times: partition.times,
            outcomes: partition.outcomes,
            tally: partition.tally,
            counters: partition.counters,
            demanded: partition.demanded,
        });
    }
    let time = partitions.iter().map(|partition| partition.time).min().unwrap_or(Minute::MIN);
    let funnel = Funnel::new(rulebook, rows);
    let mut alerts = first_touch::alerts(&funnel, time);
    alerts.extend(divergence::alerts(&funnel, time));
    // Each rule's messages are in order already; the sort is stable, so first_touch_slo comes first.
    alerts.sort_by_key(|alert| alert.at);
    Answer { partitions, alerts, funnel }
}
