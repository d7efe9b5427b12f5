//! The segments task's state as it was written before definitions could change: how it is read today.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::entity::FactId;
use crate::model::measure::Measure;
use crate::model::step_before::{EvidenceBefore, StepBefore};
use crate::model::{Minute, Text};

use super::super::journey::StateError;
use super::super::signs::rule::Rule;
use super::SegmentsTask;
use super::format_4::KeyV4;
use super::series::Chunk;
use super::waiting::Place;

/// The key of a row.
#[derive(Deserialize)]
enum KeyV1 {
    Head,
    Waiting(Minute),
    Life(Rule, Text),
    Chunk(Text, Measure, Text, Chunk),
    Evidence(EvidenceBefore),
    Program(u8, FactId),
    WatchedFrom(Text),
}

/// What belonged to the task rather than to a row.
#[derive(Deserialize)]
struct HeadV1 {
    times: BTreeMap<u32, Minute>,
    applied: Minute,
    first_change: Option<Minute>,
    touch_at: Option<Minute>,
    daily_at: Option<Minute>,
    windows_at: Option<Minute>,
    over_limit: u64,
}

impl SegmentsTask {
    /// Takes a row in. Everything was counted under the first definitions, which the task was given.
    pub(super) fn load_format_1(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError> {
        let key = match postcard::from_bytes::<KeyV1>(key)? {
            KeyV1::Head => {
                let Some(value) = value else { return Ok(()) };
                let head: HeadV1 = postcard::from_bytes(value)?;
                head.times.into_iter().for_each(|(partition, time)| self.alignment.passed(partition, time));
                self.applied = head.applied;
                self.agenda.first_change = head.first_change;
                self.agenda.touch_at = head.touch_at;
                self.agenda.daily_at = head.daily_at;
                self.agenda.windows_at = head.windows_at;
                self.book.over_limit = head.over_limit;
                return Ok(());
            }
            // The changes of all partitions were one row: it is taken for that of a partition that there is not.
            KeyV1::Waiting(boundary) => {
                let place = Place { number: self.terms.number, boundary, partition: u32::MAX, part: 0 };
                let step = value.map(postcard::from_bytes::<StepBefore>).transpose()?;
                self.waiting.load(place, step.map(Into::into));
                return Ok(());
            }
            KeyV1::Life(rule, segment) => KeyV4::Life(rule, segment),
            KeyV1::Chunk(segment, measure, subject, chunk) => KeyV4::Chunk(segment, measure, subject, chunk),
            KeyV1::Evidence(evidence) => KeyV4::Evidence(evidence),
            KeyV1::Program(kind, id) => KeyV4::Program(kind, id),
            KeyV1::WatchedFrom(segment) => KeyV4::WatchedFrom(segment),
        };
        self.load_format_4(key, value)
    }
}
