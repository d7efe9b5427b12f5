//! Time passing in one partition of the event log: what each source has told, and the boundary T up to
//! which everything has been applied.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::definitions::{DIRECT, Definitions};
use crate::model::effect::Holder;
use crate::model::{EventTime, Minute, Text};

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

    /// A source says that everything older than `time` has been read. `own` is this partition of the event log.
    pub fn progress(
        &mut self,
        own: u32,
        (source, partition): (&Text, u32),
        time: EventTime,
        definitions: &Definitions,
    ) {
        let known = self.told.entry((source.clone(), partition)).or_insert(time);
        *known = (*known).max(time);
        self.recompute(own, definitions);
    }

    /// An event written here directly moves the time of `direct`.
    pub fn direct_event(
        &mut self,
        own: u32,
        at: EventTime,
        stamped: EventTime,
        definitions: &Definitions,
    ) -> Stamp {
        self.last_gap_ms = Some(stamped.0.saturating_sub(at.0).saturating_abs());
        if at.is_skewed(stamped) {
            return Stamp::Future;
        }
        let time = at.plus_ms(-definitions.out_of_orderness_ms);
        self.progress(own, (&Text::const_new(DIRECT), own), time, definitions);
        Stamp::Plausible
    }

    /// These definitions say whose time is waited for from now on.
    pub fn defined(&mut self, own: u32, definitions: &Definitions) {
        self.recompute(own, definitions);
    }

    /// Whether wall time may pass for `direct`: its last event came within a day of its record, or there
    /// was none. A back-fill must not drag time to now.
    pub fn is_live(&self) -> bool {
        self.last_gap_ms.is_none_or(|gap| gap <= crate::model::DAY_MS)
    }

    /// Who holds the time of this partition of the event log: the source partition on the list that has told the
    /// least, one that has told nothing before all others, and of several the first.
    pub fn holder(&self, own: u32, definitions: &Definitions) -> Option<Holder> {
        let ahead = self.listed(own, definitions).filter_map(|(_, _, time)| time).max();
        let (source, partition, time) = self.listed(own, definitions).min_by_key(|(_, _, time)| *time)?;
        Some(Holder { source: source.clone(), partition, time, ahead })
    }

    /// T follows the time of who holds it; nothing moves while that one has told nothing.
    fn recompute(&mut self, own: u32, definitions: &Definitions) {
        let least = self.listed(own, definitions).map(|(_, _, time)| time).min();
        if let Some(least) = least.flatten() {
            self.time = self.time.max(least.minute());
        }
    }

    /// The source partitions that are waited for, with what they have told. What was told of others is kept and holds
    /// nobody. Of `direct` there is one in each partition of the event log.
    fn listed<'a>(
        &'a self,
        own: u32,
        definitions: &'a Definitions,
    ) -> impl Iterator<Item = (&'a Text, u32, Option<EventTime>)> {
        definitions.sources.iter().flat_map(move |source| {
            let partitions = if source.name == DIRECT { own..own + 1 } else { 0..source.partitions };
            partitions.map(|partition| (&source.name, partition, self.told(&source.name, partition)))
        })
    }
}
