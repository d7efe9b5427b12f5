//! The journeys task: one partition of the event log, its rows, its time.
//!
//! Facts wait in their rows. When time passes a boundary, each row with something due emits what it
//! contributes now less what it contributed at its last emission; the sum of that over a commit is the
//! partition's delta. Nothing here knows bytes, offsets or clocks.

mod content;
mod contribute;
mod emit;
mod erasing;
mod first_touch;
mod generation;
pub mod handoff;
mod heard;
mod moving;
mod passing;
mod place;
mod row;
mod rows;
pub mod segments;
mod stages;
mod state;
pub(super) mod stays;
mod switching;
mod verdict;
mod view;

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::model::control::Control;
use crate::model::counters::JourneyCounters;
use crate::model::definitions::DIRECT;
use crate::model::delta::Delta;
use crate::model::effect::Holder;
use crate::model::entity::{EntityKey, EntityKind};
use crate::model::event::{Body, Event};
use crate::model::fact::{Fact, Says};
use crate::model::outcome::{Outcome, Tally};
use crate::model::partitioner::partition_of;
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::{EventTime, MINUTE_MS, Minute, Text};

pub use passing::Passing;
use passing::Stamp;
pub use row::Row;
pub use stages::Stages;
pub use state::StateError;
pub use view::View;

use super::terms::Terms;
use generation::Generation;
use heard::Heard;
use rows::Rows;

/// The task of one partition of the event log.
#[derive(Debug)]
pub struct JourneysTask {
    partition: u32,
    generation: Generation,
    /// Definitions that were announced and wait for their boundary.
    pending: Option<Arc<Terms>>,
    rows: Rows,
    passing: Passing,
    heard: Heard,
    time: Minute,
    sent: Minute,
    /// What was emitted under earlier definitions since deltas were last taken.
    past: Vec<Delta>,
    delta: Delta,
    tally: Tally,
    counters: JourneyCounters,
    dirty: BTreeSet<EntityKey>,
    /// Whether the rows of state that hold definitions are to be written.
    definitions_dirty: bool,
}

/// What one record led to: complete, nothing is pending.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Applied {
    /// The record's end; `None` for control records and copies, which have counters of their own.
    pub outcome: Option<Outcome>,
    /// What is to be written into the event log.
    pub writes: Vec<Write>,
}

/// A record to be written into the event log.
#[derive(Clone, Debug, PartialEq)]
pub enum Write {
    /// The record that was just read, unchanged, to the partition that its key belongs to.
    Forward {
        /// That partition.
        to: u32,
    },
    /// A record of rapport's own.
    Control {
        /// The partition.
        to: u32,
        /// The record.
        control: Control,
    },
}

impl JourneysTask {
    /// The task of `partition`, with nothing read yet. These terms hold from the beginning of the log.
    pub fn new(partition: u32, terms: Arc<Terms>) -> JourneysTask {
        let mut task = JourneysTask {
            partition,
            generation: Generation::first(terms),
            pending: None,
            rows: Rows::default(),
            passing: Passing::default(),
            heard: Heard::default(),
            time: Minute::MIN,
            sent: Minute::MIN,
            past: Vec::new(),
            delta: Delta::default(),
            tally: Tally::default(),
            counters: JourneyCounters::default(),
            dirty: BTreeSet::new(),
            definitions_dirty: true,
        };
        task.begin_delta();
        task
    }

    /// Applies one record, then lets the time pass that it tells.
    pub fn apply(&mut self, record: &LogRecord) -> Applied {
        let mut applied = match &record.holds {
            Holds::Unreadable(_) => Applied::ended(Outcome::DeadLetter),
            Holds::Event(event) => {
                self.hear(event, record);
                self.event(event, &record.came)
            }
            Holds::Tombstone { id } => self.tombstone(id, record),
            Holds::Control(control) => self.control(control),
        };
        if let (Holds::Event(event), Came::Direct) = (&record.holds, &record.came) {
            self.tell_direct(event.occurred_at, record.timestamp);
        }
        if record.came == Came::Forwarded {
            self.counters.forwarded_copies += 1;
            applied.outcome = None;
        }
        if let Some(outcome) = applied.outcome {
            self.tally.count(outcome);
        }
        self.pass_time(self.passing.time());
        applied
    }

    /// Lets time pass to `boundary` without a record: the end of a replay.
    pub fn pass_time(&mut self, boundary: Minute) {
        if boundary > self.time {
            self.switch(self.time.next());
        }
        while let Some((at, slot)) = self.rows.take_due(boundary) {
            self.emit(slot, at);
        }
        self.heard.pass(boundary, &mut self.delta.steps);
        if boundary > self.time {
            self.time = boundary;
            self.delta.time = boundary;
        }
    }

    /// The progress record by which `direct` may say at wall time `wall` that all is read, once the
    /// log has been read past its end at that time; `None` if it would tell nothing new.
    pub fn wall_progress(&self, wall: EventTime) -> Option<Control> {
        let definitions = &self.announced().definitions;
        definitions.sources.iter().find(|source| source.name == DIRECT)?;
        let time = wall.plus_ms(-definitions.out_of_orderness_ms);
        let time = EventTime(time.0.div_euclid(MINUTE_MS) * MINUTE_MS);
        let told = self.passing.told(DIRECT, self.partition);
        let newer = told.is_none_or(|told| time.minute() > told.minute());
        (newer && self.passing.is_live()).then(|| Control::Progress {
            source: Text::const_new(DIRECT),
            partition: self.partition,
            time,
        })
    }

    /// What was emitted since this was last asked, one delta for each set of definitions; none if time has
    /// passed no boundary since.
    pub fn take_deltas(&mut self) -> Vec<Delta> {
        let mut taken = std::mem::take(&mut self.past);
        taken.extend(self.end_delta());
        taken
    }

    /// The partition's time T.
    pub fn time(&self) -> Minute {
        self.time
    }

    /// How many partitions the event log has.
    pub fn partitions(&self) -> u32 {
        self.generation.terms.ids.partitions()
    }

    /// Who holds that time.
    pub fn holder(&self) -> Option<Holder> {
        self.passing.holder(self.partition, &self.announced().definitions)
    }

    /// How records ended.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Everything else that is counted.
    pub fn counters(&self) -> &JourneyCounters {
        &self.counters
    }

    /// Every row, in no order that means anything.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.rows.iter()
    }

    /// How many rows are held.
    pub fn rows_len(&self) -> usize {
        self.rows.len()
    }

    /// The terms in force.
    pub fn terms(&self) -> &Arc<Terms> {
        &self.generation.terms
    }

    /// The delta as it stands, if time has passed a boundary since the last one; another one begins.
    fn end_delta(&mut self) -> Option<Delta> {
        if self.time <= self.sent {
            return None;
        }
        let mut ended = std::mem::take(&mut self.delta);
        ended.steps.retain(|_, step| !step.is_empty());
        self.begin_delta();
        Some(ended)
    }

    fn begin_delta(&mut self) {
        self.sent = self.time;
        // Before time has begun to pass, nothing was said of the definitions in force.
        let switch = if self.time == Minute::MIN { self.generation.switch() } else { None };
        self.delta = Delta {
            partition: self.partition,
            time: self.time,
            definitions: self.generation.terms.number,
            switch,
            steps: Default::default(),
        };
    }

    fn tell_direct(&mut self, at: EventTime, stamped: EventTime) {
        let terms = self.announced().clone();
        if self.passing.direct_event(self.partition, at, stamped, &terms.definitions) == Stamp::Future {
            self.counters.future_skew += 1;
        }
    }

    /// Notes that something arrived, where a rule asks for it. A copy was heard where it was read first; a source
    /// that is not listed is nobody's.
    fn hear(&mut self, event: &Event, record: &LogRecord) {
        let definitions = &self.generation.terms.definitions;
        let source = match &record.came {
            Came::Forwarded => return,
            Came::Direct => DIRECT,
            Came::Intake { source } => source,
        };
        let is_listed = definitions.sources.iter().any(|listed| listed.name == source);
        let is_skewed = event.occurred_at.is_skewed(record.timestamp);
        if definitions.rules.no_data.is_some() && is_listed && !is_skewed {
            let boundary = event.occurred_at.first_boundary_after().max(self.time.next());
            for family in event.body.families() {
                self.heard.hear((source.into(), family), boundary);
            }
        }
    }

    /// Where a key belongs, if not here.
    fn elsewhere(&self, key: &str, came: &Came) -> Option<u32> {
        let home = partition_of(key.as_bytes(), self.generation.terms.ids.partitions());
        (home != self.partition && *came != Came::Forwarded).then_some(home)
    }

    fn event(&mut self, event: &Event, came: &Came) -> Applied {
        if let Some(to) = self.elsewhere(&event.record_key(), came) {
            return Applied { outcome: Some(Outcome::Forwarded), writes: vec![Write::Forward { to }] };
        }
        if self.generation.terms.late_before(self.time).is_some_and(|limit| event.occurred_at < limit) {
            return Applied::ended(Outcome::Late);
        }
        let ids = self.generation.terms.ids.clone();
        let name = event.entity();
        let entity = ids.entity(name.kind, &name.id);
        match &event.body {
            Body::LeadMerged { into, .. } => self.link(event, entity, &name.id, into),
            Body::DealLinked { lead_id, .. } => self.link(event, entity, &name.id, lead_id),
            _ => {
                let fact = Fact::of(event, &ids).expect("only merges and links are no facts");
                match event.named_lead() {
                    Some(lead_id) => self.deal_fact_with_lead(fact, entity, &name.id, lead_id),
                    None => self.own_fact(fact, entity, &name.id),
                }
            }
        }
    }

    fn tombstone(&mut self, id: &Text, record: &LogRecord) -> Applied {
        if let Some(to) = self.elsewhere(id, &record.came) {
            return Applied { outcome: Some(Outcome::Forwarded), writes: vec![Write::Forward { to }] };
        }
        let mut applied = Applied::ended(Outcome::Ignored);
        let event_id = format!("tombstone-{}", record.timestamp.0);
        for (kind, says) in [(EntityKind::Lead, Says::Erased), (EntityKind::Deal, Says::DealErased)] {
            let entity = self.generation.terms.ids.entity(kind, id);
            if self.rows.find(entity.key).is_none() {
                continue;
            }
            let fact = Fact { at: record.timestamp, id: self.generation.terms.ids.fact_id(&event_id), says };
            let erased = self.own_fact(fact, entity, id);
            applied.outcome = applied.outcome.min(erased.outcome);
            applied.writes.extend(erased.writes);
        }
        applied
    }

    fn control(&mut self, control: &Control) -> Applied {
        self.counters.control_records += 1;
        let writes = match control {
            Control::Progress { source, partition, time } => {
                let terms = self.announced().clone();
                self.passing.progress(self.partition, (source, *partition), *time, &terms.definitions);
                Vec::new()
            }
            Control::DefinitionsInForce { number, definitions } => {
                self.announce(*number, definitions);
                Vec::new()
            }
            Control::Moved(moved) => self.moved(moved),
            Control::Told { deal, lead, at, id } => self.told(*deal, *lead, *at, *id),
            Control::Release { from, entity, at, hops } => self.release(*from, *entity, *at, *hops),
        };
        Applied { outcome: None, writes }
    }
}

impl Applied {
    fn ended(outcome: Outcome) -> Applied {
        Applied { outcome: Some(outcome), writes: Vec::new() }
    }
}
