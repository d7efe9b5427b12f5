//! The segments task's state as it was written when there were two rules: how it is read today.

use serde::Deserialize;

use crate::model::alert::Alert;
use crate::model::definitions_before::DefinitionsBefore;
use crate::model::entity::FactId;
use crate::model::measure::Measure;
use crate::model::step_before::{EvidenceBefore, StepBefore};
use crate::model::{EventTime, Minute, Text};

use super::super::alerting::{Frozen, Identity, Life, LifeStage};
use super::super::journey::StateError;
use super::super::signs::rule::Rule;
use super::SegmentsTask;
use super::alignment::Alignment;
use super::format_6::WatchV6;
use super::series::Chunk;
use super::state::{Head, Key};
use super::waiting::Place;

/// The key of a row in formats 2 to 4.
#[derive(Deserialize)]
pub(super) enum KeyV4 {
    Head,
    Waiting(Place),
    Life(Rule, Text),
    Chunk(Text, Measure, Text, Chunk),
    Evidence(EvidenceBefore),
    Program(u8, FactId),
    WatchedFrom(Text),
    Series(Text, Measure, Text),
    Definitions(u32),
    EvidenceLeftOut,
}

/// What was remembered of a rule in a segment.
#[derive(Deserialize)]
struct LifeV4 {
    stage: LifeStage,
    since: EventTime,
    watch: Option<WatchV6>,
    told: Option<Box<Alert>>,
}

impl LifeV4 {
    fn read(self, baseline_days: u16) -> Life {
        let LifeV4 { stage, since, watch, told } = self;
        let frozen = watch.map(|watch| Frozen::Divergence(watch.read(baseline_days)));
        Life { stage, since, frozen, told, sum: None }
    }
}

/// What belonged to the task rather than to a row.
#[derive(Deserialize)]
struct HeadV4 {
    number: u32,
    since: Minute,
    alignment: Alignment,
    applied: Minute,
    first_change: Option<Minute>,
    touch_at: Option<Minute>,
    daily_at: Option<Minute>,
    windows_at: Option<Minute>,
    over_limit: u64,
}

impl From<HeadV4> for Head {
    fn from(before: HeadV4) -> Head {
        Head {
            number: before.number,
            since: before.since,
            alignment: before.alignment,
            applied: before.applied,
            first_change: before.first_change,
            touch_at: before.touch_at,
            daily_at: before.daily_at,
            windows_at: before.windows_at,
            over_limit: before.over_limit,
            hourly_at: None,
            silent: Vec::new(),
        }
    }
}

impl SegmentsTask {
    /// Takes a row in.
    pub(super) fn load_format_4(&mut self, key: KeyV4, value: Option<&[u8]>) -> Result<(), StateError> {
        let key = match key {
            KeyV4::Head => {
                let Some(value) = value else { return Ok(()) };
                self.load_head(postcard::from_bytes::<HeadV4>(value)?.into());
                return Ok(());
            }
            KeyV4::Waiting(place) => {
                let step = value.map(postcard::from_bytes::<StepBefore>).transpose()?;
                self.waiting.load(place, step.map(Into::into));
                return Ok(());
            }
            KeyV4::Life(rule, segment) => {
                let life = value.map(postcard::from_bytes::<LifeV4>).transpose()?;
                let days = self.divergence_baseline_days();
                self.load_life(Identity::of_segment(rule, &segment), life.map(|life| life.read(days)));
                return Ok(());
            }
            KeyV4::Chunk(segment, measure, subject, chunk) => Key::Chunk(segment, measure, subject, chunk),
            KeyV4::Evidence(evidence) => Key::Evidence(evidence.into()),
            KeyV4::Program(kind, id) => Key::Program(kind, id),
            KeyV4::WatchedFrom(segment) => Key::WatchedFrom(Identity::of_segment(Rule::Divergence, &segment)),
            KeyV4::Series(segment, measure, subject) => Key::Series(segment, measure, subject),
            KeyV4::Definitions(number) => {
                let before = value.map(postcard::from_bytes::<DefinitionsBefore>).transpose()?;
                return self.load_definitions(number, before.map(Into::into));
            }
            KeyV4::EvidenceLeftOut => Key::EvidenceLeftOut,
        };
        self.load_row(key, value)
    }
}
