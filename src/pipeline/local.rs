//! The same tasks without an engine and without a log: records go in, what the tasks write to each other
//! goes round in queues. This is how files are replayed, and how tests drive the whole funnel.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::funnel::journey::{Applied, JourneysTask, Row, Write};
use crate::funnel::segment::{SegmentsTask, Told};
use crate::funnel::terms::Terms;
use crate::model::control::Control;
use crate::model::definitions::{DIRECT, Definitions};
use crate::model::delta::Delta;
use crate::model::outcome::{Outcome, Tally};
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::{EventTime, Minute, Text};

/// All tasks of one installation in one place.
#[derive(Debug)]
pub struct Local {
    journeys: Vec<JourneysTask>,
    segments: SegmentsTask,
    queues: Vec<VecDeque<LogRecord>>,
    newest: Option<EventTime>,
    /// How far the events of sources have moved time, if the history is followed in its order.
    followed: Minute,
}

impl Local {
    /// Tasks for as many partitions as the terms say, with nothing read yet.
    pub fn new(terms: &Arc<Terms>) -> Local {
        let partitions = terms.ids.partitions();
        Local {
            journeys: (0..partitions).map(|p| JourneysTask::new(p, terms.clone())).collect(),
            segments: SegmentsTask::new(terms.clone()),
            queues: (0..partitions).map(|_| VecDeque::new()).collect(),
            newest: None,
            followed: Minute::MIN,
        }
    }

    /// Reads the next record of a history that is in the order of event time, in one partition. An event that a source
    /// has sent moves time as one that was written directly does.
    pub fn follow(&mut self, record: LogRecord) {
        let time = self.time_of(&record);
        self.append(0, record);
        if let Some(time) = time.filter(|time| time.minute() > self.followed) {
            self.followed = time.minute();
            let progress = Control::Progress { source: Text::const_new(DIRECT), partition: 0, time };
            let holds = Holds::Control(progress);
            self.append(0, LogRecord { timestamp: time, came: Came::Direct, holds });
        }
        self.read_all();
    }

    /// The time that an event of a source tells.
    fn time_of(&self, record: &LogRecord) -> Option<EventTime> {
        let bound_ms = self.segments.terms().definitions.out_of_orderness_ms;
        match (&record.came, &record.holds) {
            (Came::Intake { .. }, Holds::Event(event)) => Some(event.occurred_at.plus_ms(-bound_ms)),
            _ => None,
        }
    }

    /// Appends a record to a partition of the event log.
    pub fn append(&mut self, partition: u32, record: LogRecord) {
        self.queues[partition as usize].push_back(record);
    }

    /// Other definitions are announced in every partition, in a record of this timestamp.
    pub fn announce(&mut self, number: u32, definitions: &Definitions, timestamp: EventTime) {
        for partition in 0..self.queues.len() as u32 {
            let definitions = Box::new(definitions.clone());
            let holds = Holds::Control(Control::DefinitionsInForce { number, definitions });
            self.append(partition, LogRecord { timestamp, came: Came::Direct, holds });
        }
    }

    /// Reads the next record of a partition, if there is one; what follows from it is appended.
    pub fn read(&mut self, partition: u32) -> Option<(LogRecord, Applied)> {
        let record = self.queues[partition as usize].pop_front()?;
        let applied = self.journeys[partition as usize].apply(&record);
        match &record.holds {
            Holds::Event(event) if applied.outcome != Some(Outcome::Late) => {
                self.newest = self.newest.max(Some(event.occurred_at));
            }
            _ => {}
        }
        for write in &applied.writes {
            match write {
                Write::Forward { to } => {
                    let copy = LogRecord { came: Came::Forwarded, ..record.clone() };
                    self.append(*to, copy);
                }
                Write::Control { to, control } => {
                    let holds = Holds::Control(control.clone());
                    let timestamp = record.timestamp;
                    self.append(*to, LogRecord { timestamp, came: Came::Direct, holds });
                }
            }
        }
        Some((record, applied))
    }

    /// Reads every partition to its end, lowest partition first, until nothing is left anywhere.
    pub fn read_all(&mut self) {
        while let Some(partition) = (0..self.queues.len()).find(|p| !self.queues[*p].is_empty()) {
            while self.read(partition as u32).is_some() {}
        }
    }

    /// Hands what a partition added since the last time to the segments task.
    pub fn commit(&mut self, partition: u32) -> Vec<Told> {
        self.take_deltas(partition).into_iter().flat_map(|delta| self.judge(delta)).collect()
    }

    /// What a partition added since the last time, for somebody who wants to look at it before it is judged: one
    /// delta for each set of definitions under which it was counted.
    pub fn take_deltas(&mut self, partition: u32) -> Vec<Delta> {
        self.journeys[partition as usize].take_deltas()
    }

    /// Hands a delta to the segments task.
    pub fn judge(&mut self, delta: Delta) -> Vec<Told> {
        self.segments.apply(delta)
    }

    /// Hands what every partition added to the segments task.
    pub fn commit_all(&mut self) -> Vec<Told> {
        (0..self.journeys.len() as u32).flat_map(|p| self.commit(p)).collect()
    }

    /// The progress record that takes `direct` past every fact read so far.
    pub fn last_progress(&self, partition: u32) -> Option<LogRecord> {
        let time = self.newest?.first_boundary_after().start();
        let progress = Control::Progress { source: Text::const_new(DIRECT), partition, time };
        Some(LogRecord { timestamp: time, came: Came::Direct, holds: Holds::Control(progress) })
    }

    /// The end of the history: all moves are drained, then time passes every fact.
    pub fn finish(&mut self) -> Vec<Told> {
        self.read_all();
        for partition in 0..self.queues.len() as u32 {
            if let Some(progress) = self.last_progress(partition) {
                self.append(partition, progress);
            }
        }
        self.read_all();
        self.commit_all()
    }

    /// Every row of every partition.
    pub fn rows(&self) -> impl Iterator<Item = &Row> {
        self.journeys.iter().flat_map(JourneysTask::rows)
    }

    /// How records ended, over all partitions.
    pub fn tally(&self) -> Tally {
        let mut sum = Tally::default();
        self.journeys.iter().for_each(|task| sum.add(task.tally()));
        sum
    }

    /// The tasks of the event log's partitions.
    pub fn journeys(&self) -> &[JourneysTask] {
        &self.journeys
    }

    /// The segments task.
    pub fn segments(&self) -> &SegmentsTask {
        &self.segments
    }

    /// The lowest time of all partitions.
    pub fn time(&self) -> Minute {
        self.journeys.iter().map(JourneysTask::time).min().unwrap_or(Minute::MIN)
    }
}
