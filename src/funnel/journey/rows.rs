//! The rows of a partition: found by key, walked by slot, each due at most once in the queue of what
//! comes next.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use crate::model::entity::{EntityKey, EntityRef};
use crate::model::{Minute, Text};

use super::row::Row;

/// A row's place; it stays the same while the row lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slot(u32);

/// All rows of a partition.
#[derive(Debug, Default)]
pub struct Rows {
    slots: Vec<Option<Box<Row>>>,
    free: Vec<Slot>,
    index: HashMap<EntityKey, Slot>,
    due: BinaryHeap<Reverse<(Minute, Slot)>>,
}

impl Rows {
    /// How many rows live here.
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// The row of a key.
    pub fn find(&self, key: EntityKey) -> Option<Slot> {
        self.index.get(&key).copied()
    }

    /// The row of an entity, made if needed. Learns the raw id where it was unknown and not erased.
    pub fn of(&mut self, entity: EntityRef, id: Option<&Text>, now: Minute) -> Slot {
        if let Some(slot) = self.find(entity.key) {
            let row = self.row_mut(slot);
            if row.id.is_none() && id.is_some() && !row.is_erased(entity.key, now) {
                row.id = id.cloned();
            }
            return slot;
        }
        self.put(Row::new(entity, id.cloned()))
    }

    /// Adds a row, or replaces the one with its key.
    pub fn put(&mut self, row: Row) -> Slot {
        let key = row.entity.key;
        if let Some(slot) = self.find(key) {
            self.slots[slot.0 as usize] = Some(Box::new(row));
            return slot;
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.slots.push(None);
            Slot(u32::try_from(self.slots.len() - 1).expect("fewer than 2^32 rows fit in memory"))
        });
        self.slots[slot.0 as usize] = Some(Box::new(row));
        self.index.insert(key, slot);
        slot
    }

    /// The row in a slot.
    pub fn row(&self, slot: Slot) -> &Row {
        self.slots[slot.0 as usize].as_ref().expect("a slot in use holds a row")
    }

    /// The row in a slot, to be changed.
    pub fn row_mut(&mut self, slot: Slot) -> &mut Row {
        self.slots[slot.0 as usize].as_mut().expect("a slot in use holds a row")
    }

    /// Every row, by slot.
    pub fn iter(&self) -> impl Iterator<Item = &Row> {
        self.slots.iter().flatten().map(|row| &**row)
    }

    /// Frees a row.
    pub fn remove(&mut self, slot: Slot) -> Row {
        let row = self.slots[slot.0 as usize].take().expect("a slot in use holds a row");
        self.index.remove(&row.entity.key);
        self.free.push(slot);
        *row
    }

    /// Makes a row due no later than `boundary`.
    pub fn make_due(&mut self, slot: Slot, boundary: Minute) {
        let row = self.row_mut(slot);
        if boundary < row.due {
            row.due = boundary;
            self.due.push(Reverse((boundary, slot)));
        }
    }

    /// Sets when a row is due next, after it was taken.
    pub fn set_due(&mut self, slot: Slot, boundary: Minute) {
        self.row_mut(slot).due = Minute::MAX;
        self.make_due(slot, boundary);
    }

    /// Every slot in use, after which nothing is due any more: each is to be given its boundary anew.
    pub fn undo_due(&mut self) -> Vec<Slot> {
        self.due.clear();
        let in_use = |(slot, row): (usize, &mut Option<Box<Row>>)| {
            row.as_mut()?.due = Minute::MAX;
            Some(Slot(slot as u32))
        };
        self.slots.iter_mut().enumerate().filter_map(in_use).collect()
    }

    /// Takes the next row that is due at or before `boundary`, with its boundary, in order of time.
    pub fn take_due(&mut self, boundary: Minute) -> Option<(Minute, Slot)> {
        while let Some(&Reverse((at, slot))) = self.due.peek() {
            if at > boundary {
                return None;
            }
            self.due.pop();
            if self.slots[slot.0 as usize].as_ref().is_some_and(|row| row.due == at) {
                return Some((at, slot));
            }
        }
        None
    }
}
