//! The journeys task as the engine runs it: records of the event log in; deltas, forwarded records, moves
//! and progress out.

use std::sync::Arc;

use crate::codec::{self, SchemaStore};
use crate::engine::task::{Halt, LoadError, Output, Task};
use crate::funnel::journey::{JourneysTask, Write};
use crate::funnel::terms::Terms;
use crate::log::{NewRecord, RawRecord, TopicPartition};
use crate::model::control::Control;
use crate::model::record::Holds;
use crate::model::{EventTime, Minute};

use super::breaker::{Breaker, BreakerSettings, Quality};
use super::topics::Topics;
use super::{FORWARDED_HEADER, dead_letter, event_log};
use crate::model::effect::{Effect, JourneysFigures};

/// A delta record holds about so many bytes of changes at most: brokers refuse records beyond 1 MB by default.
const DELTA_BYTES_MAX: usize = 512 * 1024;

/// The task of one partition of the event log.
pub struct JourneysStage {
    task: JourneysTask,
    partition: u32,
    topics: Arc<Topics>,
    schemas: Arc<SchemaStore>,
    record_bytes_max: usize,
    breaker: Breaker,
    journeys_max: usize,
    unknown_fields: u64,
    /// The newest wall time written into the log; it is known to the task only once it is read there.
    told: Option<EventTime>,
}

impl JourneysStage {
    /// The task of `partition` with nothing read yet.
    pub fn new(
        partition: u32,
        terms: Arc<Terms>,
        topics: Arc<Topics>,
        schemas: Arc<SchemaStore>,
        record_bytes_max: usize,
        breaker: BreakerSettings,
        journeys_max: usize,
    ) -> JourneysStage {
        JourneysStage {
            task: JourneysTask::new(partition, terms),
            partition,
            topics,
            schemas,
            record_bytes_max,
            breaker: Breaker::new(breaker),
            journeys_max,
            unknown_fields: 0,
            told: None,
        }
    }

    fn wall_progress(&self, wall: EventTime) -> Option<Control> {
        let progress = self.task.wall_progress(wall)?;
        let is_news = match &progress {
            Control::Progress { time, .. } => self.told.is_none_or(|told| *time > told),
            _ => true,
        };
        is_news.then_some(progress)
    }

    /// What to say where there are more journeys than there may be.
    fn overflow(&self) -> Option<String> {
        let (held, most) = (self.task.rows_len(), self.journeys_max);
        (held > most).then(|| {
            format!(
                "{held} journeys are held, more than the {most} allowed: find out whether an integration makes leads \
                 up; else raise limits.journeys where there is memory for it, or shorten log.retention"
            )
        })
    }

    fn write_control(&self, to: u32, control: &Control) -> NewRecord {
        NewRecord {
            to: TopicPartition::new(&self.topics.events, to),
            key: None,
            value: Some(codec::encode_control(control)),
            headers: Vec::new(),
            timestamp: None,
        }
    }

    fn figures(&self) -> Effect {
        Effect::Journeys(JourneysFigures {
            partition: self.partition,
            time: self.task.time(),
            held_by: self.task.holder(),
            tally: *self.task.tally(),
            counters: *self.task.counters(),
            rows: self.task.rows_len(),
            unknown_fields: self.unknown_fields,
        })
    }
}

impl Task for JourneysStage {
    type Effect = Effect;

    fn apply(&mut self, record: RawRecord, out: &mut Output<Effect>) {
        let (read, unknown_fields) =
            event_log::read(&record, &self.schemas, self.record_bytes_max, self.task.partitions());
        self.unknown_fields += u64::from(unknown_fields);
        let applied = self.task.apply(&read);
        let quality = match &read.holds {
            Holds::Unreadable(_) => Quality::Bad,
            _ => Quality::Good,
        };
        let halt = self.breaker.count(quality).or_else(|| self.overflow());
        out.halt = out.halt.take().or(halt.map(Halt::After));
        if let Holds::Unreadable(rejection) = &read.holds {
            let to = TopicPartition::new(&self.topics.dead_letters, 0);
            out.records.push(dead_letter(record, rejection, to));
            out.effects.push(Effect::DeadLetter(rejection.reason));
            return;
        }
        for write in applied.writes {
            match write {
                Write::Control { to, control } => out.records.push(self.write_control(to, &control)),
                Write::Forward { to } => {
                    let mut headers = record.headers.clone();
                    headers.retain(|(name, _)| name != FORWARDED_HEADER);
                    headers.push((FORWARDED_HEADER.to_owned(), self.partition.to_string().into_bytes()));
                    out.records.push(NewRecord {
                        to: TopicPartition::new(&self.topics.events, to),
                        key: record.key.clone(),
                        value: record.value.clone(),
                        headers,
                        timestamp: Some(record.timestamp),
                    });
                }
            }
        }
    }

    fn wants_wall(&self, wall: EventTime) -> bool {
        self.wall_progress(wall).is_some()
    }

    fn caught_up(&mut self, wall: EventTime, out: &mut Output<Effect>) {
        let Some(progress) = self.wall_progress(wall) else { return };
        if let Control::Progress { time, .. } = &progress {
            self.told = Some(*time);
        }
        out.records.push(self.write_control(self.partition, &progress));
    }

    fn finish(&mut self, out: &mut Output<Effect>) {
        for delta in self.task.take_deltas().into_iter().flat_map(|delta| delta.parts(DELTA_BYTES_MAX)) {
            out.records.push(NewRecord {
                to: TopicPartition::new(&self.topics.deltas, 0),
                key: None,
                value: Some(codec::encode_delta(&delta)),
                headers: codec::delta_headers(),
                timestamp: None,
            });
        }
        out.effects.push(self.figures());
    }

    fn state_partition(&self) -> Option<TopicPartition> {
        Some(TopicPartition::new(&self.topics.journeys_state, self.partition))
    }

    fn take_changed(&mut self) -> Vec<Vec<u8>> {
        self.task.take_changed()
    }

    fn state_keys(&self) -> Vec<Vec<u8>> {
        self.task.state_keys()
    }

    fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.task.state_row(key)
    }

    fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), LoadError> {
        self.task.load(key, value, format).map_err(|error| LoadError(error.to_string()))
    }

    fn time(&self) -> Option<EventTime> {
        let time = self.task.time();
        (time != Minute::MIN).then(|| time.start())
    }

    fn memo(&self) -> String {
        String::new()
    }

    fn loaded(&mut self, _memo: &str) -> Vec<Effect> {
        self.task.loaded();
        vec![self.figures()]
    }
}
