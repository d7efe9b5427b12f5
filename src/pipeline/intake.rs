//! The intake task: a source topic of canonical events, of any key and partition count, re-keyed into the
//! event log. It keeps nothing but what it has told of time, beside its offset.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::codec::{self, Format, Record, SchemaStore};
use crate::engine::task::{Halt, LoadError, Output, Task};
use crate::log::{Header, NewRecord, RawRecord, TopicPartition};
use crate::model::control::Control;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::Event;
use crate::model::outcome::{Outcome, Tally};
use crate::model::partitioner::partition_of;
use crate::model::{DAY_MS, EventTime, Text};

use super::breaker::{Breaker, BreakerSettings, Quality};
use super::topics::Topics;
use super::{FORWARDED_HEADER, SOURCE_HEADER, dead_letter};
use crate::model::effect::{Effect, IntakeFigures};

/// What an intake must know.
#[derive(Clone, Debug)]
pub struct IntakeSettings {
    /// The source's name: its topic.
    pub source: Text,
    /// How its values are encoded.
    pub format: Format,
    /// Its writers' schemas.
    pub schemas: Arc<SchemaStore>,
    /// How many partitions the event log has.
    pub event_partitions: u32,
    /// Events may come this much out of order, in ms.
    pub out_of_orderness_ms: i64,
    /// Largest value that is read, in bytes.
    pub record_bytes_max: usize,
    /// When too many records are dead letters.
    pub breaker: BreakerSettings,
}

/// What is remembered beside the offset.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
struct Memo {
    /// The newest plausible event time less the bound, floored to the minute, or the wall time told.
    time: Option<EventTime>,
    /// What of it has been told.
    told: Option<EventTime>,
    /// How far the last event's time lay from its record's timestamp, in ms.
    gap_ms: Option<i64>,
    tally: Tally,
    /// How many events were stamped too far after their record to move time.
    future_skew: u64,
}

/// The task of one partition of a source.
pub struct IntakeStage {
    settings: IntakeSettings,
    partition: u32,
    topics: Arc<Topics>,
    header: Header,
    memo: Memo,
    breaker: Breaker,
    unknown_fields: u64,
}

impl IntakeStage {
    /// The task of `partition` with nothing read yet.
    pub fn new(partition: u32, settings: IntakeSettings, topics: Arc<Topics>) -> IntakeStage {
        let header = (SOURCE_HEADER.to_owned(), format!("{}/{partition}", settings.source).into_bytes());
        let breaker = Breaker::new(settings.breaker);
        IntakeStage { settings, partition, topics, header, memo: Memo::default(), breaker, unknown_fields: 0 }
    }

    fn read(&mut self, value: &[u8]) -> Result<Event, Rejection> {
        let settings = &self.settings;
        let decoded =
            codec::decode_within(value, settings.format, &settings.schemas, settings.record_bytes_max)?;
        self.unknown_fields += u64::from(decoded.unknown_fields);
        match decoded.record {
            Record::Event(event) => Ok(event),
            Record::Control(_) => Err(Rejection::field(Reason::UnknownKind, "kind")),
        }
    }

    fn forward(&mut self, record: RawRecord, event: &Event) -> NewRecord {
        let key = event.record_key();
        let is_json = record.value.as_deref().is_some_and(|value| value.first() == Some(&b'{'));
        let value = if is_json { record.value } else { Some(codec::encode_event_avro(event)) };
        self.rekeyed(key.as_bytes().to_vec(), value, record.headers, record.timestamp)
    }

    fn rekeyed(
        &self,
        key: Vec<u8>,
        value: Option<Vec<u8>>,
        mut headers: Vec<Header>,
        timestamp: EventTime,
    ) -> NewRecord {
        let to = partition_of(&key, self.settings.event_partitions);
        // What rapport says by its headers is not for a source to say.
        headers.retain(|(name, _)| name != SOURCE_HEADER && name != FORWARDED_HEADER);
        headers.push(self.header.clone());
        NewRecord {
            to: TopicPartition::new(&self.topics.events, to),
            key: Some(key),
            value,
            headers,
            timestamp: Some(timestamp),
        }
    }

    fn note_time(&mut self, at: EventTime, stamped: EventTime) {
        self.memo.gap_ms = Some(stamped.0.saturating_sub(at.0).saturating_abs());
        if at.is_skewed(stamped) {
            self.memo.future_skew += 1;
            return;
        }
        self.raise(at.plus_ms(-self.settings.out_of_orderness_ms));
    }

    fn raise(&mut self, time: EventTime) {
        let time = time.minute().start();
        self.memo.time = Some(self.memo.time.map_or(time, |known| known.max(time)));
    }

    fn wall_time(&self, wall: EventTime) -> Option<EventTime> {
        let time = wall.plus_ms(-self.settings.out_of_orderness_ms).minute().start();
        let is_live = self.memo.gap_ms.is_none_or(|gap| gap <= DAY_MS);
        (is_live && self.memo.time.is_none_or(|known| time > known)).then_some(time)
    }

    fn figures(&self) -> Effect {
        Effect::Intake(IntakeFigures {
            source: self.settings.source.clone(),
            partition: self.partition,
            tally: self.memo.tally,
            time: self.memo.told,
            future_skew: self.memo.future_skew,
            unknown_fields: self.unknown_fields,
        })
    }
}

impl Task for IntakeStage {
    type Effect = Effect;

    fn apply(&mut self, record: RawRecord, out: &mut Output<Effect>) {
        let read = match (&record.value, &record.key) {
            (Some(value), _) => self.read(&value.clone()).map(Some),
            (None, Some(key)) if !key.is_empty() && std::str::from_utf8(key).is_ok() => Ok(None),
            (None, _) => Err(Rejection::whole(Reason::Empty)),
        };
        let quality = if read.is_err() { Quality::Bad } else { Quality::Good };
        out.halt = out.halt.take().or(self.breaker.count(quality).map(Halt::After));
        match read {
            Ok(Some(event)) => {
                self.note_time(event.occurred_at, record.timestamp);
                let forwarded = self.forward(record, &event);
                out.records.push(forwarded);
                self.memo.tally.count(Outcome::Forwarded);
            }
            Ok(None) => {
                let key = record.key.expect("a tombstone without a key was refused");
                out.records.push(self.rekeyed(key, None, record.headers, record.timestamp));
                self.memo.tally.count(Outcome::Forwarded);
            }
            Err(rejection) => {
                let to = TopicPartition::new(&self.topics.dead_letters, 0);
                out.records.push(dead_letter(record, &rejection, to));
                out.effects.push(Effect::DeadLetter(rejection.reason));
                self.memo.tally.count(Outcome::DeadLetter);
            }
        }
    }

    fn wants_wall(&self, wall: EventTime) -> bool {
        self.wall_time(wall).is_some()
    }

    fn caught_up(&mut self, wall: EventTime, out: &mut Output<Effect>) {
        if let Some(time) = self.wall_time(wall) {
            self.raise(time);
            self.tell(out);
        }
    }

    fn finish(&mut self, out: &mut Output<Effect>) {
        self.tell(out);
        out.effects.push(self.figures());
    }

    fn state_partition(&self) -> Option<TopicPartition> {
        None
    }

    fn take_changed(&mut self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn state_keys(&self) -> Vec<Vec<u8>> {
        Vec::new()
    }

    fn state_row(&self, _key: &[u8]) -> Option<Vec<u8>> {
        None
    }

    fn load(&mut self, _key: &[u8], _value: Option<&[u8]>, _format: u8) -> Result<(), LoadError> {
        Err(LoadError("an intake keeps no rows".to_owned()))
    }

    fn time(&self) -> Option<EventTime> {
        self.memo.time
    }

    fn memo(&self) -> String {
        serde_json::to_string(&self.memo).expect("a memo always encodes")
    }

    fn loaded(&mut self, memo: &str) -> Vec<Effect> {
        self.memo = serde_json::from_str(memo).unwrap_or_default();
        vec![self.figures()]
    }
}

impl IntakeStage {
    /// Tells every partition of the event log how far this one has come, if it has risen.
    fn tell(&mut self, out: &mut Output<Effect>) {
        let Some(time) = self.memo.time.filter(|time| self.memo.told.is_none_or(|told| *time > told)) else {
            return;
        };
        self.memo.told = Some(time);
        let progress =
            Control::Progress { source: self.settings.source.clone(), partition: self.partition, time };
        for to in 0..self.settings.event_partitions {
            out.records.push(NewRecord {
                to: TopicPartition::new(&self.topics.events, to),
                key: None,
                value: Some(codec::encode_control(&progress)),
                headers: vec![self.header.clone()],
                timestamp: None,
            });
        }
    }
}
