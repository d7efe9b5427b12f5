//! The time T of a partition: the smallest of the times of its listed sources.
//!
//! Rules: `src/funnel/semantics.md`, "Time".

use std::collections::BTreeMap;

use crate::model::control::Control;
use crate::model::definitions::{DIRECT, Definitions};
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::{EventTime, MINUTE_MS, Minute, Text};

/// An event further ahead of its record than this raises nothing.
pub(super) const FUTURE_SKEW_MS: i64 = 5 * MINUTE_MS;

/// The times of the sources and the time that follows from them.
pub(super) struct Clockwork {
    /// What was told of each partition of each source, listed or not.
    told: BTreeMap<(Text, u32), EventTime>,
    listed: Vec<(Text, u32)>,
    out_of_orderness_ms: i64,
    pub(super) time: Minute,
}

impl Clockwork {
    pub(super) fn new(definitions: &Definitions) -> Clockwork {
        let mut clock =
            Clockwork { told: BTreeMap::new(), listed: vec![], out_of_orderness_ms: 0, time: Minute::MIN };
        clock.follow(definitions);
        clock
    }

    /// From now on these list the sources.
    pub(super) fn follow(&mut self, definitions: &Definitions) {
        let partitions = |name: &Text, listed: u32| if name == DIRECT { 1 } else { listed };
        let listed = definitions.sources.iter().flat_map(|source| {
            let name = source.name.clone();
            (0..partitions(&name, source.partitions)).map(move |partition| (name.clone(), partition))
        });
        self.listed = listed.collect();
        self.out_of_orderness_ms = definitions.out_of_orderness_ms;
    }

    /// Lets a record raise the time. Says whether it was an event with future skew.
    pub(super) fn raise(&mut self, record: &LogRecord) -> bool {
        match &record.holds {
            Holds::Control(Control::Progress { source, partition, time }) => {
                let partition = if source == DIRECT { 0 } else { *partition };
                self.raise_source(source, partition, *time);
            }
            Holds::Event(event) if record.came == Came::Direct => {
                if event.occurred_at > record.timestamp.plus_ms(FUTURE_SKEW_MS) {
                    return true;
                }
                let time = event.occurred_at.plus_ms(-self.out_of_orderness_ms);
                self.raise_source(DIRECT, 0, time);
            }
            _ => {}
        }
        self.rise();
        false
    }

    fn raise_source(&mut self, name: &str, partition: u32, time: EventTime) {
        let known = self.told.entry((name.into(), partition)).or_insert(time);
        *known = time.max(*known);
    }

    fn rise(&mut self) {
        let times: Option<Vec<EventTime>> =
            self.listed.iter().map(|source| self.told.get(source).copied()).collect();
        if let Some(smallest) = times.and_then(|times| times.into_iter().min()) {
            self.time = self.time.max(smallest.minute());
        }
    }
}
