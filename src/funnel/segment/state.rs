//! The segments task's state as rows of bytes: what changed since the last block, every row in turn for
//! the rolling snapshot, and the way back.

use serde::{Deserialize, Serialize};

use crate::model::definitions::Definitions;
use crate::model::delta::{Evidence, Step};
use crate::model::entity::FactId;
use crate::model::fact::Fact;
use crate::model::measure::Measure;
use crate::model::{Minute, Text};

use super::super::alerting::Life;
use super::super::journey::StateError;
use super::alignment::Alignment;
use super::book::Dirty;
use super::series::{Chunk, ChunkCells, Day};
use super::waiting::Place;
use super::{Part, Rule, SegmentsTask};

/// The key of a row of state. The byte form of these keys is what is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Key {
    Head,
    Waiting(Place),
    Life(Rule, Text),
    Chunk(Text, Measure, Text, Chunk),
    Evidence(Evidence),
    Program(u8, FactId),
    WatchedFrom(Text),
    Series(Text, Measure, Text),
    Definitions(u32),
    EvidenceLeftOut,
}

/// What belongs to the task rather than to a row.
#[derive(Serialize, Deserialize)]
struct Head {
    /// The number of the definitions in force, and the first boundary judged under them.
    number: u32,
    since: Minute,
    alignment: Alignment,
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
        let own = std::mem::take(&mut self.dirty).into_iter().map(Key::of_part);
        let book = std::mem::take(&mut self.book.dirty).into_iter().map(Key::of_book);
        std::iter::once(Key::Head).chain(own).chain(book).map(|key| encode(&key)).collect()
    }

    /// The keys of all rows of state.
    pub fn state_keys(&self) -> Vec<Vec<u8>> {
        let mut keys = vec![Key::Head, Key::Definitions(self.terms.number)];
        keys.extend(self.ahead.keys().map(|number| Key::Definitions(*number)));
        keys.extend(self.waiting.places().map(Key::Waiting));
        keys.extend(self.lives.keys().map(|(rule, segment)| Key::Life(*rule, segment.clone())));
        keys.extend(Some(Key::EvidenceLeftOut).filter(|_| self.evidence_left_out > 0));
        keys.extend(self.watched_from.keys().cloned().map(Key::WatchedFrom));
        keys.extend(self.book.parts().into_iter().map(Key::of_book));
        keys.iter().map(encode).collect()
    }

    /// The value of a row of state; `None` if it is no more.
    pub fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        match postcard::from_bytes::<Key>(key).ok()? {
            Key::Head => Some(encode(&Head {
                number: self.terms.number,
                since: self.since,
                alignment: self.alignment.clone(),
                applied: self.applied,
                first_change: self.agenda.first_change,
                touch_at: self.agenda.touch_at,
                divergence_at: self.agenda.divergence_at,
                windows_at: self.agenda.windows_at,
                over_limit: self.book.over_limit(),
            })),
            Key::Waiting(place) => self.waiting.step(&place).map(encode),
            Key::Life(rule, segment) => self.lives.get(&(rule, segment)).map(encode),
            Key::Chunk(segment, measure, subject, chunk) => {
                let series = self.book.series(&segment, measure, &subject)?;
                Some(series.chunk(chunk)).filter(|cells| !cells.is_empty()).map(|cells| encode(&cells))
            }
            Key::Evidence(evidence) => self.book.standing(&evidence).map(|n| encode(&n)),
            Key::Program(kind, id) => self.book.program(kind, id).map(encode),
            Key::WatchedFrom(segment) => self.watched_from.get(&segment).map(encode),
            Key::Series(segment, measure, subject) => {
                self.book.series(&segment, measure, &subject).map(|_| Vec::new())
            }
            Key::Definitions(number) => {
                let terms =
                    if number == self.terms.number { Some(&self.terms) } else { self.ahead.get(&number) };
                terms.map(|terms| encode(&terms.definitions))
            }
            Key::EvidenceLeftOut => Some(encode(&self.evidence_left_out)),
        }
    }

    /// Takes a row of state back in that was written in this format of the state.
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), StateError> {
        if format == 1 {
            return self.load_format_1(key, value);
        }
        self.load_row(postcard::from_bytes(key)?, value)
    }

    pub(super) fn load_row(&mut self, key: Key, value: Option<&[u8]>) -> Result<(), StateError> {
        match key {
            Key::Head => {
                let Some(value) = value else { return Ok(()) };
                let head: Head = postcard::from_bytes(value)?;
                self.restored = Some(head.number);
                self.since = head.since;
                self.alignment = head.alignment;
                self.applied = head.applied;
                self.agenda.first_change = head.first_change;
                self.agenda.touch_at = head.touch_at;
                self.agenda.divergence_at = head.divergence_at;
                self.agenda.windows_at = head.windows_at;
                self.book.over_limit = head.over_limit;
            }
            Key::Waiting(place) => {
                self.waiting.load(place, value.map(postcard::from_bytes::<Step>).transpose()?);
            }
            Key::Life(rule, segment) => {
                self.lives.remove(&(rule, segment.clone()));
                if let Some(life) = value.map(postcard::from_bytes::<Life>).transpose()? {
                    self.lives.insert((rule, segment), life);
                }
            }
            Key::Chunk(segment, measure, subject, chunk) => {
                let cells = value.map(postcard::from_bytes::<ChunkCells>).transpose()?;
                self.book.load_chunk(segment, measure, subject, chunk, cells);
            }
            Key::Evidence(evidence) => {
                self.book.load_evidence(evidence, value.map(postcard::from_bytes::<i64>).transpose()?);
            }
            Key::Program(kind, id) => {
                self.book.load_program(kind, id, value.map(postcard::from_bytes::<Fact>).transpose()?);
            }
            Key::WatchedFrom(segment) => {
                self.watched_from.remove(&segment);
                if let Some(day) = value.map(postcard::from_bytes::<Day>).transpose()? {
                    self.watched_from.insert(segment, day);
                }
            }
            Key::Series(segment, measure, subject) => {
                self.book.load_series(segment, measure, subject, value.is_some());
            }
            Key::Definitions(number) => {
                self.ahead.remove(&number);
                if let Some(definitions) = value.map(postcard::from_bytes::<Definitions>).transpose()? {
                    self.ahead.insert(number, self.terms.other(definitions, number)?);
                }
            }
            Key::EvidenceLeftOut => {
                let left_out = value.map(postcard::from_bytes::<u64>).transpose()?;
                self.evidence_left_out = left_out.unwrap_or_default();
            }
        }
        Ok(())
    }

    /// Makes the task ready after its last row of state was taken in: everything is judged anew at the
    /// next boundary, which reads as before.
    pub fn loaded(&mut self) {
        if let Some(number) = self.restored.take() {
            self.terms = self.ahead.remove(&number).expect("the state holds the definitions that it names");
            self.dirty.clear();
            self.book.dirty.clear();
        }
        let names: Vec<Text> = self.book.segments().map(|(name, _)| name.clone()).collect();
        self.agenda.all_changed(names.iter());
    }
}

impl Key {
    fn of_part(part: Part) -> Key {
        match part {
            Part::Waiting(place) => Key::Waiting(place),
            Part::Life(rule, segment) => Key::Life(rule, segment),
            Part::WatchedFrom(segment) => Key::WatchedFrom(segment),
            Part::Definitions(number) => Key::Definitions(number),
            Part::EvidenceLeftOut => Key::EvidenceLeftOut,
        }
    }

    fn of_book(part: Dirty) -> Key {
        match part {
            Dirty::Chunk(segment, measure, subject, chunk) => Key::Chunk(segment, measure, subject, chunk),
            Dirty::Evidence(evidence) => Key::Evidence(evidence),
            Dirty::Program(kind, id) => Key::Program(kind as u8, id),
            Dirty::Series(segment, measure, subject) => Key::Series(segment, measure, subject),
        }
    }
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("state always encodes")
}
