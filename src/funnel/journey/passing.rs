//! Time passing in one partition of the event log: what each source has told, and the boundary T up to
//! which everything has been applied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::definitions::{DIRECT, Definitions};
use crate::model::effect::Holder;
use crate::model::{EventTime, Minute, Text};

/// An event stamped further than this after its record does not move time, in ms.
const FUTURE_SKEW_MS: i64 = 5 * crate::model::MINUTE_MS;

/// The times of the sources and the T that follows from them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passing {
    told: BTreeMap<(Text, u32), EventTime>,
    time: Minute,
    /// How far the event time of the last direct event lay from its record's timestamp, in ms.
    last_gap_ms: Option<i64>,
}

impl Default for Passing {
    fn default() -> Passing {
        Passing { told: BTreeMap::new(), time: Minute::MIN, last_gap_ms: None }
    }
}

/// Whether an event was stamped in the future of its own record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stamp {
    /// It may move time.
    Plausible,
    /// It may not.
    Future,
}

impl Passing {
    /// The partition's time T; [`Minute::MIN`] while a listed source has told nothing.
    pub fn time(&self) -> Minute {
        self.time
    }

    /// What a source has told so far.
    pub fn told(&self, source: &str, partition: u32) -> Option<EventTime> {
        self.told.get(&(Text::from(source), partition)).copied()
    }

    /// A source says that everything older than `time` has been read.
    pub fn progress(&mut self, source: &Text, partition: u32, time: EventTime, definitions: &Definitions) {
        let known = self.told.entry((source.clone(), partition)).or_insert(time);
        *known = (*known).max(time);
        self.recompute(definitions);
    }

    /// An event written here directly moves the time of `direct`.
    pub fn direct_event(
        &mut self,
        partition: u32,
        at: EventTime,
        stamped: EventTime,
        definitions: &Definitions,
    ) -> Stamp {
        self.last_gap_ms = Some(stamped.0.saturating_sub(at.0).saturating_abs());
        if at.0 > stamped.0.saturating_add(FUTURE_SKEW_MS) {
            return Stamp::Future;
        }
        let time = at.plus_ms(-definitions.out_of_orderness_ms);
        self.progress(&Text::const_new(DIRECT), partition, time, definitions);
        Stamp::Plausible
    }

    /// These definitions say whose time is waited for from now on.
    pub fn defined(&mut self, definitions: &Definitions) {
        self.recompute(definitions);
    }

    /// Whether wall time may pass for `direct`: its last event came within a day of its record, or there
    /// was none. A back-fill must not drag time to now.
    pub fn is_live(&self) -> bool {
        self.last_gap_ms.is_none_or(|gap| gap <= crate::model::DAY_MS)
    }

    /// Who holds the time of this partition of the event log: the source partition on the list that has told the
    /// least, one that has told nothing before all others, and of several the first.
    pub fn holder(&self, own: u32, definitions: &Definitions) -> Option<Holder> {
        let listed = definitions.sources.iter().flat_map(|source| {
            let partitions = if source.name == DIRECT { own..own + 1 } else { 0..source.partitions };
            partitions.map(|partition| (&source.name, partition, self.told(&source.name, partition)))
        });
        let ahead = listed.clone().filter_map(|(_, _, time)| time).max();
        let least = listed.min_by_key(|(_, _, time)| *time)?;
        let (source, partition, time) = (least.0.clone(), least.1, least.2);
        Some(Holder { source, partition, time, ahead })
    }

    fn recompute(&mut self, definitions: &Definitions) {
        let Some(slowest) = self.slowest(definitions) else { return };
        self.time = self.time.max(slowest.minute());
    }

    fn slowest(&self, definitions: &Definitions) -> Option<EventTime> {
        let mut slowest: Option<EventTime> = None;
        for source in &definitions.sources {
            // What was told of partitions that are not listed, or no longer, is kept and holds nobody.
            let (listed, expected) = match source.name == DIRECT {
                true => (u32::MAX, 1),
                false => (source.partitions.saturating_sub(1), source.partitions as usize),
            };
            let mut times = self
                .told
                .range((source.name.clone(), 0)..=(source.name.clone(), listed))
                .map(|(_, time)| *time);
            let known = times.clone().count();
            if known < expected {
                return None;
            }
            let minimum = times.by_ref().min()?;
            slowest = Some(slowest.map_or(minimum, |s| s.min(minimum)));
        }
        slowest
    }
}
