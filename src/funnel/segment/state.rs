//! The segments task's state as rows of bytes: what changed since the last block, every row in turn for
//! the rolling snapshot, and the way back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::delta::{Evidence, Step};
use crate::model::entity::FactId;
use crate::model::fact::Fact;
use crate::model::measure::Measure;
use crate::model::{Minute, Text};

use super::super::alerting::Life;
use super::super::journey::StateError;
use super::book::Dirty;
use super::series::{Chunk, ChunkCells, Day};
use super::{Part, Rule, SegmentsTask};

/// The key of a row of state. The byte form of these keys is what is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
enum Key {
    Head,
    Waiting(Minute),
    Life(Rule, Text),
    Chunk(Text, Measure, Text, Chunk),
    Evidence(Evidence),
    Program(u8, FactId),
    WatchedFrom(Text),
}

/// What belongs to the task rather than to a row.
#[derive(Serialize, Deserialize)]
struct Head {
    times: BTreeMap<u32, Minute>,
    applied: Minute,
    first_change: Option<Minute>,
    touch_at: Option<Minute>,
    divergence_at: Option<Minute>,
    windows_at: Option<Minute>,
    over_limit: u64,
}

impl SegmentsTask {
    /// The keys of the rows that changed since this was last asked; the head's is always among them.
    pub fn take_changed(&mut self) -> Vec<Vec<u8>> {
        let mut keys = vec![Key::Head];
        keys.extend(std::mem::take(&mut self.dirty).into_iter().map(|part| match part {
            Part::Waiting(boundary) => Key::Waiting(boundary),
            Part::Life(rule, segment) => Key::Life(rule, segment),
            Part::WatchedFrom(segment) => Key::WatchedFrom(segment),
        }));
        keys.extend(std::mem::take(&mut self.book.dirty).into_iter().map(|part| match part {
            Dirty::Chunk(segment, measure, subject, chunk) => Key::Chunk(segment, measure, subject, chunk),
            Dirty::Evidence(evidence) => Key::Evidence(evidence),
            Dirty::Program(kind, id) => Key::Program(kind as u8, id),
        }));
        keys.iter().map(encode).collect()
    }

    /// The keys of all rows of state.
    pub fn state_keys(&self) -> Vec<Vec<u8>> {
        let mut keys = vec![Key::Head];
        keys.extend(self.waiting.keys().map(|boundary| Key::Waiting(*boundary)));
        keys.extend(self.lives.keys().map(|(rule, segment)| Key::Life(*rule, segment.clone())));
        keys.extend(self.watched_from.keys().cloned().map(Key::WatchedFrom));
        for (name, segment) in self.book.segments() {
            for ((measure, subject), series) in segment.iter() {
                let chunks = series.chunks().into_iter();
                keys.extend(chunks.map(|chunk| Key::Chunk(name.clone(), *measure, subject.clone(), chunk)));
            }
        }
        keys.extend(self.book.all_evidence().map(|evidence| Key::Evidence(evidence.clone())));
        keys.extend(self.book.programs().map(|fact| Key::Program(fact.says.kind() as u8, fact.id)));
        keys.iter().map(encode).collect()
    }

    /// The value of a row of state; `None` if it is no more.
    pub fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        match postcard::from_bytes::<Key>(key).ok()? {
            Key::Head => Some(encode(&Head {
                times: self.times.clone(),
                applied: self.applied,
                first_change: self.agenda.first_change,
                touch_at: self.agenda.touch_at,
                divergence_at: self.agenda.divergence_at,
                windows_at: self.agenda.windows_at,
                over_limit: self.book.over_limit(),
            })),
            Key::Waiting(boundary) => self.waiting.get(&boundary).map(encode),
            Key::Life(rule, segment) => self.lives.get(&(rule, segment)).map(encode),
            Key::Chunk(segment, measure, subject, chunk) => {
                let series = self.book.segment(&segment).map(|s| s.series(measure, &subject))?;
                Some(series.chunk(chunk)).filter(|cells| !cells.is_empty()).map(|cells| encode(&cells))
            }
            Key::Evidence(evidence) => self.book.standing(&evidence).map(|n| encode(&n)),
            Key::Program(kind, id) => self.book.program(kind, id).map(encode),
            Key::WatchedFrom(segment) => self.watched_from.get(&segment).map(encode),
        }
    }

    /// Takes a row of state back in.
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError> {
        match postcard::from_bytes::<Key>(key)? {
            Key::Head => {
                let Some(value) = value else { return Ok(()) };
                let head: Head = postcard::from_bytes(value)?;
                self.times = head.times;
                self.applied = head.applied;
                self.agenda.first_change = head.first_change;
                self.agenda.touch_at = head.touch_at;
                self.agenda.divergence_at = head.divergence_at;
                self.agenda.windows_at = head.windows_at;
                self.book.over_limit = head.over_limit;
            }
            Key::Waiting(boundary) => {
                self.waiting.remove(&boundary);
                if let Some(step) = value.map(postcard::from_bytes::<Step>).transpose()? {
                    self.waiting.insert(boundary, step);
                }
            }
            Key::Life(rule, segment) => {
                self.lives.remove(&(rule, segment.clone()));
                if let Some(life) = value.map(postcard::from_bytes::<Life>).transpose()? {
                    self.lives.insert((rule, segment), life);
                }
            }
            Key::Chunk(segment, measure, subject, chunk) => {
                let cells = match value {
                    Some(value) => postcard::from_bytes::<ChunkCells>(value)?,
                    None => chunk.empty(),
                };
                self.book.load_chunk(segment, measure, subject, chunk, cells);
            }
            Key::Evidence(evidence) => {
                self.book.load_evidence(evidence, value.map(postcard::from_bytes::<i64>).transpose()?);
            }
            Key::Program(..) => {
                if let Some(fact) = value.map(postcard::from_bytes::<Fact>).transpose()? {
                    self.book.load_program(fact);
                }
            }
            Key::WatchedFrom(segment) => {
                self.watched_from.remove(&segment);
                if let Some(day) = value.map(postcard::from_bytes::<Day>).transpose()? {
                    self.watched_from.insert(segment, day);
                }
            }
        }
        Ok(())
    }

    /// Makes the task ready after its last row of state was taken in: everything is judged anew at the
    /// next boundary, which reads as before.
    pub fn loaded(&mut self) {
        self.book.dirty.clear();
        self.dirty.clear();
        let names: Vec<Text> = self.book.segments().map(|(name, _)| name.clone()).collect();
        self.agenda.all_changed(names.iter());
    }
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("state always encodes")
}
