//! The segments task as the engine runs it: deltas in; alerts and window results out.

use std::sync::Arc;

use crate::codec::{self, DeltaError};
use crate::engine::WAY_OUT;
use crate::engine::task::{Halt, LoadError, Output, Task};
use crate::funnel::segment::{SegmentsTask, Told};
use crate::funnel::terms::Terms;
use crate::log::{NewRecord, RawRecord, TopicPartition};
use crate::model::EventTime;
use crate::model::alert::Alert;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::delta::Delta;
use crate::model::window::{WindowKey, WindowResult};

use super::dead_letter;
use super::reached::Reached;
use super::topics::Topics;
use crate::model::effect::{Effect, SegmentsFigures};

/// What a person can do about a delta that no version can read.
const ANEW: &str = "if it is damaged, make the state anew from the event log with `rapport state rebuild`, which does \
                    without it";

/// The task of the one partition of deltas.
pub struct SegmentsStage {
    task: SegmentsTask,
    topics: Arc<Topics>,
    source: String,
    catching_up_after_ms: Option<i64>,
}

impl SegmentsStage {
    /// The task with nothing counted yet; `source` is the `ce_source` of its alerts. An alert decided for a
    /// time `catching_up_after_ms` before the delta that led to it was written comes from catching up.
    pub fn new(
        terms: Arc<Terms>,
        topics: Arc<Topics>,
        source: String,
        catching_up_after_ms: Option<i64>,
    ) -> SegmentsStage {
        SegmentsStage { task: SegmentsTask::new(terms), topics, source, catching_up_after_ms }
    }

    fn alert_record(&self, alert: &Alert) -> NewRecord {
        NewRecord {
            to: TopicPartition::new(&self.topics.alerts, 0),
            key: Some(alert.fingerprint.as_bytes().to_vec()),
            value: Some(codec::encode_alert(alert)),
            headers: codec::alert_headers(alert, &self.source),
            timestamp: None,
        }
    }

    fn window_record(&self, window: &WindowResult) -> NewRecord {
        NewRecord {
            to: TopicPartition::new(&self.topics.windows, 0),
            key: Some(window.record_key().into_bytes()),
            value: Some(codec::encode_window(window)),
            headers: Vec::new(),
            timestamp: None,
        }
    }

    /// A record without a value, by which the compacted topic forgets a window.
    fn tombstone(&self, key: &WindowKey) -> NewRecord {
        NewRecord {
            to: TopicPartition::new(&self.topics.windows, 0),
            key: Some(key.record_key().into_bytes()),
            value: None,
            headers: Vec::new(),
            timestamp: None,
        }
    }

    /// Why a delta cannot be added to what was counted, where that is so: without its partition or its
    /// definitions nothing would be judged rightly any more.
    fn cannot_count(&self, delta: &Delta) -> Option<String> {
        let (partition, number) = (delta.partition, delta.definitions);
        let (in_force, partitions) = (self.task.terms().number, self.task.terms().ids.partitions());
        if partition >= partitions {
            return Some(format!(
                "a delta of partition {partition} of {}, which was made with {partitions}: partitions were added by \
                 hand, and keys are spread by their count; begin anew under another topic prefix",
                self.topics.events
            ));
        }
        let is_known = self.task.knows(number) || (delta.switch.is_some() && number > in_force);
        (!is_known).then(|| {
            format!(
                "partition {partition} of {} counts under definitions no. {number}, while those in force are no. \
                 {in_force}: the state of one of the two tasks was lost; {WAY_OUT}",
                self.topics.events
            )
        })
    }

    fn defined(&self) -> Effect {
        let terms = self.task.terms();
        Effect::Defined { number: terms.number, definitions: Box::new(terms.definitions.clone()) }
    }

    fn figures(&self) -> Effect {
        Effect::Segments(SegmentsFigures {
            aligned: self.task.aligned(),
            waiting: self.task.waiting_len(),
            segments: self.task.book().segments().count(),
            over_limit: self.task.book().over_limit(),
            evidence_left_out: self.task.evidence_left_out(),
        })
    }
}

impl Task for SegmentsStage {
    type Effect = Effect;

    fn apply(&mut self, record: RawRecord, out: &mut Output<Effect>) {
        let delta = match codec::read_delta(&record.headers, record.value.as_deref()) {
            Ok(delta) => delta,
            Err(DeltaError::Foreign) => {
                tracing::error!(at = %record.at, offset = record.offset, "a record that rapport did not write");
                let to = TopicPartition::new(&self.topics.dead_letters, 0);
                out.records.push(dead_letter(record, &Rejection::whole(Reason::Malformed), to));
                out.effects.push(Effect::DeadLetter(Reason::Malformed));
                return;
            }
            // Without what it counts every figure after it would be wrong, and nobody would know.
            Err(error) => {
                out.halt = Some(Halt::Before(format!("{error}; {ANEW}")));
                return;
            }
        };
        if let Some(why) = self.cannot_count(&delta) {
            out.halt = Some(Halt::Before(why));
            return;
        }
        let written_at = record.timestamp;
        let before = self.task.terms().number;
        let told = self.task.apply(delta);
        if self.task.terms().number != before {
            out.effects.push(self.defined());
        }
        for told in told {
            match told {
                Told::Alert(mut alert) => {
                    alert.catching_up =
                        self.catching_up_after_ms.is_some_and(|after| written_at.0 - alert.at.0 > after);
                    out.records.push(self.alert_record(&alert));
                    out.effects.push(Effect::Alert(alert));
                }
                Told::Explained(explanation) => out.effects.push(Effect::Explained(explanation)),
                Told::Window(window) => {
                    out.records.push(self.window_record(&window));
                    out.effects.push(Effect::Window(window));
                }
                Told::Erased(id) => out.effects.push(Effect::Erased(id)),
                Told::WindowGone(key) => {
                    out.records.push(self.tombstone(&key));
                    out.effects.push(Effect::WindowGone(key));
                }
            }
        }
    }

    fn wants_wall(&self, _wall: EventTime) -> bool {
        false
    }

    fn caught_up(&mut self, _wall: EventTime, _out: &mut Output<Effect>) {}

    fn finish(&mut self, out: &mut Output<Effect>) {
        out.effects.push(self.figures());
        out.effects.push(Effect::Rules(self.task.standings()));
    }

    fn state_partition(&self) -> Option<TopicPartition> {
        Some(TopicPartition::new(&self.topics.segments_state, 0))
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

    fn is_only_reader(&self) -> bool {
        true
    }

    /// Up to when every partition has come, for those that are ahead of the rest.
    fn memo(&self) -> String {
        let waits = || self.task.floor().map(Reached::Waits);
        let reached = self.task.aligned().map(Reached::Judged).or_else(waits);
        reached.map_or_else(String::new, |reached| reached.to_string())
    }

    fn loaded(&mut self, _memo: &str) -> Vec<Effect> {
        self.task.loaded();
        let mut effects = vec![self.defined(), self.figures()];
        effects.extend(self.task.windows_now().into_iter().map(Effect::Window));
        effects.extend(self.task.firing().cloned().map(Effect::Alert));
        effects.extend(self.task.explanations().map(Effect::Explained));
        effects
    }
}
