//! The task's state as rows of bytes: what changed since the last block, every row in turn for the
//! rolling snapshot, and the way back.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::Minute;
use crate::model::counters::JourneyCounters;
use crate::model::definitions::{Definitions, InText};
use crate::model::definitions_before::DefinitionsBefore;
use crate::model::entity::EntityKey;
use crate::model::outcome::Tally;
use crate::stats::business_time::CalendarError;

use super::super::terms::Terms;
use super::JourneysTask;
use super::passing::Passing;
use super::row::Row;

/// The first format of releases that count first touches in time at their deadline and name open items; before,
/// rows did not say which of both they had emitted by.
const COUNTS_AT_DEADLINES: u8 = 6;

/// What belongs to the partition rather than to a row.
#[derive(Serialize, Deserialize)]
struct Head {
    passing: Passing,
    time: Minute,
    tally: Tally,
    counters: JourneyCounters,
    /// Since when the definitions in force are.
    since: Option<Minute>,
    cut: Minute,
}

/// The head in format 1 of the state, before definitions could change.
#[derive(Deserialize)]
struct HeadV1 {
    passing: Passing,
    time: Minute,
    tally: Tally,
    counters: JourneyCounters,
    _definitions_said: u32,
}

impl From<HeadV1> for Head {
    fn from(old: HeadV1) -> Head {
        let HeadV1 { passing, time, tally, counters, .. } = old;
        Head { passing, time, tally, counters, since: None, cut: Minute::MIN }
    }
}

/// A row of state that cannot be read back.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// Its bytes are no such row.
    #[error("a row of the state cannot be read: {0}")]
    Bytes(#[from] postcard::Error),
    /// It holds definitions by which no time can be kept.
    #[error("the definitions in the state cannot be used: {0}")]
    Definitions(#[from] CalendarError),
}

/// Key of the row that belongs to the partition itself.
const HEAD: &[u8] = &[];
/// Keys of the rows that hold the definitions in force and the announced ones. Entities have longer keys.
const IN_FORCE: &[u8] = &[1];
const PENDING: &[u8] = &[2];
/// What was heard and takes effect later; the rows of its days have this in front of the day.
const HEARD: u8 = 3;

impl JourneysTask {
    /// The keys of the rows that changed since this was last asked; the head's is always among them.
    pub fn take_changed(&mut self) -> Vec<Vec<u8>> {
        let definitions = std::mem::take(&mut self.definitions_dirty);
        let definitions = [IN_FORCE, PENDING].into_iter().filter(|_| definitions);
        let changed = std::mem::take(&mut self.dirty);
        let own = std::iter::once(HEAD).chain(definitions).map(<[u8]>::to_vec);
        let own = own.chain(self.heard.take_changed().into_iter().map(key_of_heard));
        own.chain(changed.into_iter().map(key_of)).collect()
    }

    /// The keys of all rows of state.
    pub fn state_keys(&self) -> Vec<Vec<u8>> {
        let own = [HEAD, IN_FORCE, PENDING].into_iter().map(<[u8]>::to_vec);
        let own = own.chain(self.heard.keys().map(key_of_heard));
        own.chain(self.rows.iter().map(|row| key_of(row.entity.key))).collect()
    }

    /// The value of a row of state; `None` if it is no more.
    pub fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        match key {
            HEAD => Some(self.head()),
            IN_FORCE => Some(encode_terms(&self.generation.terms)),
            PENDING => self.pending.as_ref().map(|terms| encode_terms(terms)),
            [HEARD, day @ ..] if day.len() <= 4 => self.heard.row(heard_of_key(day)),
            key => {
                let key: [u8; 16] = key.try_into().ok()?;
                let slot = self.rows.find(EntityKey(u128::from_be_bytes(key)))?;
                Some(encode(self.rows.row(slot)))
            }
        }
    }

    /// Takes a row of state back in that was written in this format of the state.
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), StateError> {
        match (key, value) {
            (HEAD, Some(value)) => {
                let head: Head = match format {
                    1 => postcard::from_bytes::<HeadV1>(value)?.into(),
                    _ => postcard::from_bytes(value)?,
                };
                self.passing = head.passing;
                self.time = head.time;
                self.tally = head.tally;
                self.counters = head.counters;
                self.generation.since = head.since;
                self.generation.cut = head.cut;
            }
            (IN_FORCE, Some(value)) => {
                self.generation.terms = decode_terms(value, &self.generation.terms, format)?;
                self.definitions_dirty = false;
            }
            (PENDING, value) => {
                let terms = value.map(|value| decode_terms(value, &self.generation.terms, format));
                self.pending = terms.transpose()?;
            }
            ([HEARD, day @ ..], value) if day.len() <= 4 => self.heard.load(heard_of_key(day), value)?,
            (_, Some(value)) => {
                let mut row: Row = match format {
                    ..COUNTS_AT_DEADLINES => postcard::from_bytes(&[value, &[u8::from(true)]].concat())?,
                    _ => postcard::from_bytes(value)?,
                };
                row.look_at_order();
                self.rows.put(row);
            }
            (key, None) => {
                let key: [u8; 16] = key.try_into().map_err(|_| postcard::Error::DeserializeUnexpectedEnd)?;
                let key = EntityKey(u128::from_be_bytes(key));
                if let Some(slot) = self.rows.find(key) {
                    self.rows.remove(slot);
                }
            }
        }
        Ok(())
    }

    /// Makes the task ready after its last row of state was taken in.
    pub fn loaded(&mut self) {
        self.settle_due();
        self.begin_delta();
        self.dirty.clear();
        self.heard.loaded();
    }

    fn head(&self) -> Vec<u8> {
        encode(&Head {
            passing: self.passing.clone(),
            time: self.time,
            tally: self.tally,
            counters: self.counters,
            since: self.generation.since,
            cut: self.generation.cut,
        })
    }
}

fn key_of(key: EntityKey) -> Vec<u8> {
    key.0.to_be_bytes().to_vec()
}

fn key_of_heard(day: Option<i32>) -> Vec<u8> {
    let day = day.map(i32::to_be_bytes);
    std::iter::once(HEARD).chain(day.into_iter().flatten()).collect()
}

fn heard_of_key(day: &[u8]) -> Option<i32> {
    day.try_into().ok().map(i32::from_be_bytes)
}

fn encode_terms(terms: &Terms) -> Vec<u8> {
    encode(&(terms.number, InText(terms.definitions.clone())))
}

fn decode_terms(value: &[u8], known: &Arc<Terms>, format: u8) -> Result<Arc<Terms>, StateError> {
    let (number, definitions): (u32, Definitions) = match format {
        1..=4 => {
            let (number, before): (u32, DefinitionsBefore) = postcard::from_bytes(value)?;
            (number, before.into())
        }
        _ => {
            let (number, InText(definitions)) = postcard::from_bytes(value)?;
            (number, definitions)
        }
    };
    Ok(known.other(definitions, number)?)
}

fn encode<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    postcard::to_stdvec(value).expect("state always encodes")
}
