//! The segments task's state as rows of bytes: what changed since the last block, every row in turn for
//! the rolling snapshot, and the way back.

use serde::{Deserialize, Serialize};

use crate::model::definitions::{Definitions, InText};
use crate::model::delta::{Evidence, Step};
use crate::model::entity::FactId;
use crate::model::fact::Fact;
use crate::model::measure::Measure;
use crate::model::words::Family;
use crate::model::{Minute, Text};

use super::super::alerting::{Identity, Life};
use super::super::journey::StateError;
use super::super::signs::told_days::ToldDays;
use super::alignment::Alignment;
use super::book::Dirty;
use super::outages::Outages;
use super::series::{Chunk, ChunkCells, Day};
use super::waiting::Place;
use super::{Part, SegmentsTask};

/// The key of a row of state. The byte form of these keys is what is written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) enum Key {
    Head,
    Waiting(Place),
    Life(Identity),
    Chunk(Text, Measure, Text, Chunk),
    Evidence(Evidence),
    Program(u8, FactId),
    WatchedFrom(Identity),
    Series(Text, Measure, Text),
    Definitions(u32),
    EvidenceLeftOut,
    ToldDays(Identity),
    Outages,
    OverAt(Identity),
}

/// What belongs to the task rather than to a row.
#[derive(Serialize, Deserialize)]
pub(super) struct Head {
    /// The number of the definitions in force, and the first boundary judged under them.
    pub(super) number: u32,
    pub(super) since: Minute,
    pub(super) alignment: Alignment,
    pub(super) applied: Minute,
    pub(super) first_change: Option<Minute>,
    pub(super) touch_at: Option<Minute>,
    pub(super) daily_at: Option<Minute>,
    pub(super) windows_at: Option<Minute>,
    pub(super) over_limit: u64,
    pub(super) hourly_at: Option<Minute>,
    pub(super) silent: Vec<(Text, Family)>,
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
        keys.extend(self.lives.keys().cloned().map(Key::Life));
        keys.extend(Some(Key::EvidenceLeftOut).filter(|_| self.evidence_left_out > 0));
        keys.extend(self.watched_from.keys().cloned().map(Key::WatchedFrom));
        keys.extend(self.told_days.keys().cloned().map(Key::ToldDays));
        keys.extend(self.over_at.keys().cloned().map(Key::OverAt));
        keys.extend(Some(Key::Outages).filter(|_| !self.book.outages.is_empty()));
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
                daily_at: self.agenda.daily_at,
                windows_at: self.agenda.windows_at,
                over_limit: self.book.over_limit(),
                hourly_at: self.agenda.hourly_at,
                silent: self.agenda.silent.iter().cloned().collect(),
            })),
            Key::Waiting(place) => self.waiting.step(&place).map(encode),
            Key::Life(id) => self.lives.get(&id).map(encode),
            Key::Chunk(segment, measure, subject, chunk) => {
                let series = self.book.series(&segment, measure, &subject)?;
                Some(series.chunk(chunk)).filter(|cells| !cells.is_empty()).map(|cells| encode(&cells))
            }
            Key::Evidence(evidence) => self.book.standing(&evidence).map(|n| encode(&n)),
            Key::Program(kind, id) => self.book.program(kind, id).map(encode),
            Key::WatchedFrom(id) => self.watched_from.get(&id).map(encode),
            Key::Series(segment, measure, subject) => {
                self.book.series(&segment, measure, &subject).map(|_| Vec::new())
            }
            Key::Definitions(number) => {
                let terms =
                    if number == self.terms.number { Some(&self.terms) } else { self.ahead.get(&number) };
                terms.map(|terms| encode(&InText(terms.definitions.clone())))
            }
            Key::EvidenceLeftOut => Some(encode(&self.evidence_left_out)),
            Key::ToldDays(id) => self.told_days.get(&id).map(encode),
            Key::OverAt(id) => self.over_at.get(&id).map(encode),
            Key::Outages => Some(&self.book.outages).filter(|outages| !outages.is_empty()).map(encode),
        }
    }

    /// Takes a row of state back in that was written in this format of the state.
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), StateError> {
        match format {
            1 => self.load_format_1(key, value),
            2..=4 => self.load_format_4(postcard::from_bytes(key)?, value),
            5..=6 => self.load_format_6(postcard::from_bytes(key)?, value),
            _ => self.load_row(postcard::from_bytes(key)?, value),
        }
    }

    pub(super) fn load_row(&mut self, key: Key, value: Option<&[u8]>) -> Result<(), StateError> {
        match key {
            Key::Head => {
                let Some(value) = value else { return Ok(()) };
                self.load_head(postcard::from_bytes(value)?);
            }
            Key::Waiting(place) => {
                self.waiting.load(place, value.map(postcard::from_bytes::<Step>).transpose()?);
            }
            Key::Life(id) => {
                self.load_life(id, value.map(postcard::from_bytes::<Life>).transpose()?);
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
            Key::WatchedFrom(id) => {
                self.watched_from.remove(&id);
                if let Some(day) = value.map(postcard::from_bytes::<Day>).transpose()? {
                    self.watched_from.insert(id, day);
                }
            }
            Key::Series(segment, measure, subject) => {
                self.book.load_series(segment, measure, subject, value.is_some());
            }
            Key::Definitions(number) => {
                let known = value.map(postcard::from_bytes::<InText>).transpose()?;
                self.load_definitions(number, known.map(|InText(definitions)| definitions))?;
            }
            Key::EvidenceLeftOut => {
                let left_out = value.map(postcard::from_bytes::<u64>).transpose()?;
                self.evidence_left_out = left_out.unwrap_or_default();
            }
            Key::ToldDays(id) => {
                self.told_days.remove(&id);
                if let Some(days) = value.map(postcard::from_bytes::<ToldDays>).transpose()? {
                    self.told_days.insert(id, days);
                }
            }
            Key::OverAt(id) => {
                self.over_at.remove(&id);
                if let Some(at) = value.map(postcard::from_bytes::<Minute>).transpose()? {
                    self.over_at.insert(id, at);
                }
            }
            Key::Outages => {
                let outages = value.map(postcard::from_bytes::<Outages>).transpose()?;
                self.book.outages = outages.unwrap_or_default();
            }
        }
        Ok(())
    }

    pub(super) fn load_head(&mut self, head: Head) {
        self.restored = Some(head.number);
        self.since = head.since;
        self.alignment = head.alignment;
        self.applied = head.applied;
        self.agenda.first_change = head.first_change;
        self.agenda.touch_at = head.touch_at;
        self.agenda.daily_at = head.daily_at;
        self.agenda.windows_at = head.windows_at;
        self.book.over_limit = head.over_limit;
        self.agenda.hourly_at = head.hourly_at;
        self.agenda.silent = head.silent.into_iter().collect();
    }

    pub(super) fn load_life(&mut self, id: Identity, life: Option<Life>) {
        match life {
            Some(life) => self.lives.insert(id, life),
            None => self.lives.remove(&id),
        };
    }

    pub(super) fn load_definitions(
        &mut self,
        number: u32,
        definitions: Option<Definitions>,
    ) -> Result<(), StateError> {
        match definitions {
            Some(definitions) => self.ahead.insert(number, self.terms.other(definitions, number)?),
            None => self.ahead.remove(&number),
        };
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
            Part::Life(id) => Key::Life(id),
            Part::WatchedFrom(id) => Key::WatchedFrom(id),
            Part::ToldDays(id) => Key::ToldDays(id),
            Part::OverAt(id) => Key::OverAt(id),
            Part::Outages => Key::Outages,
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
