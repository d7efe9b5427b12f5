//! The task's state as rows of bytes: what changed since the last block, every row in turn for the
//! rolling snapshot, and the way back.

use serde::{Deserialize, Serialize};

use crate::model::Minute;
use crate::model::counters::JourneyCounters;
use crate::model::entity::EntityKey;
use crate::model::outcome::Tally;

use super::passing::Passing;
use super::row::Row;
use super::{JourneysTask, contribute};

/// What belongs to the partition rather than to a row.
#[derive(Serialize, Deserialize)]
struct Head {
    passing: Passing,
    time: Minute,
    tally: Tally,
    counters: JourneyCounters,
    definitions_said: u32,
}

/// A row of state that cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("a row of the state cannot be read: {0}")]
pub struct StateError(#[from] postcard::Error);

/// Key of the row that belongs to the partition itself.
const HEAD: &[u8] = &[];

impl JourneysTask {
    /// The keys of the rows that changed since this was last asked; the head's is always among them.
    pub fn take_changed(&mut self) -> Vec<Vec<u8>> {
        let changed = std::mem::take(&mut self.dirty);
        std::iter::once(HEAD.to_vec()).chain(changed.into_iter().map(key_of)).collect()
    }

    /// The keys of all rows of state.
    pub fn state_keys(&self) -> Vec<Vec<u8>> {
        std::iter::once(HEAD.to_vec()).chain(self.rows.iter().map(|row| key_of(row.entity.key))).collect()
    }

    /// The value of a row of state; `None` if it is no more.
    pub fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        if key == HEAD {
            return Some(self.head());
        }
        let key: [u8; 16] = key.try_into().ok()?;
        let slot = self.rows.find(EntityKey(u128::from_be_bytes(key)))?;
        Some(encode(self.rows.row(slot)))
    }

    /// Takes a row of state back in.
    pub fn load(&mut self, key: &[u8], value: Option<&[u8]>) -> Result<(), StateError> {
        match (key, value) {
            (HEAD, Some(value)) => {
                let head: Head = postcard::from_bytes(value)?;
                self.passing = head.passing;
                self.time = head.time;
                self.tally = head.tally;
                self.counters = head.counters;
                self.definitions_said = head.definitions_said;
            }
            (_, Some(value)) => {
                let row: Row = postcard::from_bytes(value)?;
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
        let keys: Vec<_> = self.rows.iter().map(|row| row.entity.key).collect();
        for key in keys {
            let slot = self.rows.find(key).expect("the key was just listed");
            let row = self.rows.row(slot);
            let shown = contribute::shown(row, &self.terms, row.emitted);
            let due = match row.emitted {
                Minute::MIN => match row.held.iter().map(|h| h.since).min() {
                    Some(since) => since,
                    None => self.free_at(row, self.time, &shown),
                },
                emitted => {
                    contribute::next_change(row, &self.terms, emitted).min(self.free_at(row, emitted, &shown))
                }
            };
            self.rows.set_due(slot, due);
        }
        self.begin_delta();
        self.dirty.clear();
    }

    fn head(&self) -> Vec<u8> {
        let head = Head {
            passing: self.passing.clone(),
            time: self.time,
            tally: self.tally,
            counters: self.counters,
            definitions_said: self.definitions_said,
        };
        postcard::to_stdvec(&head).expect("a head always encodes")
    }
}

fn key_of(key: EntityKey) -> Vec<u8> {
    key.0.to_be_bytes().to_vec()
}

fn encode(row: &Row) -> Vec<u8> {
    postcard::to_stdvec(row).expect("a row always encodes")
}
