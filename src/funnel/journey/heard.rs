//! What arrived in this partition lately, by source, family of kinds and hour: what usually arrives is known by it.
//!
//! A record that cannot be late counts at the boundary at which it takes effect; what comes late counts when it comes.
//! The counts of the hours that are kept are told anew at each switch, as rows are.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::delta::Step;
use crate::model::measure::{Cell, Measure};
use crate::model::words::Family;
use crate::model::{Minute, Text};

use super::super::segment::series::HOURS_KEPT_DAYS;
use super::segments::ALL;

/// Minutes of an hour and of a day.
const HOUR: i32 = 60;
const DAY: i32 = 24 * HOUR;

/// Who sent what.
pub type Feed = (Text, Family);

/// What arrived.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Heard {
    /// What takes effect at boundaries to come.
    ahead: BTreeMap<Minute, BTreeMap<Feed, u32>>,
    /// What took effect, by UTC day, counted from 1970, hour of it and feed.
    days: BTreeMap<i32, BTreeMap<(u8, Feed), u32>>,
    /// Days that changed since they were last asked for; `None` stands for what lies ahead.
    dirty: BTreeSet<Option<i32>>,
}

/// What one row of state holds.
#[derive(Serialize, Deserialize)]
enum Kept {
    Ahead(BTreeMap<Minute, BTreeMap<Feed, u32>>),
    Day(BTreeMap<(u8, Feed), u32>),
}

impl Heard {
    /// Something arrived that takes effect at a boundary.
    pub fn hear(&mut self, feed: Feed, boundary: Minute) {
        *self.ahead.entry(boundary).or_default().entry(feed).or_default() += 1;
        self.dirty.insert(None);
    }

    /// Time passes up to `boundary`: tells what has taken effect since, and forgets what is too old to be kept.
    pub fn pass(&mut self, boundary: Minute, steps: &mut BTreeMap<Minute, Step>) {
        while let Some(first) = self.ahead.first_entry().filter(|first| *first.key() <= boundary) {
            let (at, feeds) = first.remove_entry();
            self.dirty.insert(None);
            let slice = at.plus(-1);
            let day = slice.0.div_euclid(DAY);
            let hour = (slice.0.rem_euclid(DAY) / HOUR) as u8;
            let step = steps.entry(at).or_default();
            for (feed, n) in feeds {
                step.add(&Text::const_new(ALL), &cell(&feed, slice), i64::from(n));
                *self.days.entry(day).or_default().entry((hour, feed)).or_default() += n;
                self.dirty.insert(Some(day));
            }
        }
        let kept_from = boundary.0.div_euclid(DAY) - HOURS_KEPT_DAYS - 1;
        while let Some(first) = self.days.first_entry().filter(|first| *first.key() < kept_from) {
            self.dirty.insert(Some(*first.key()));
            first.remove();
        }
    }

    /// Tells everything that is kept.
    pub fn tell_anew(&self, step: &mut Step) {
        for (day, hours) in &self.days {
            for ((hour, feed), n) in hours {
                let slice = Minute(day * DAY + i32::from(*hour) * HOUR);
                step.add(&Text::const_new(ALL), &cell(feed, slice), i64::from(*n));
            }
        }
    }

    /// Forgets everything: nobody asks for it any more.
    pub fn clear(&mut self) {
        self.dirty.extend(self.keys().collect::<Vec<_>>());
        self.ahead.clear();
        self.days.clear();
    }

    /// The keys of the rows that changed since this was last asked.
    pub fn take_changed(&mut self) -> Vec<Option<i32>> {
        std::mem::take(&mut self.dirty).into_iter().collect()
    }

    /// The keys of all rows.
    pub fn keys(&self) -> impl Iterator<Item = Option<i32>> {
        let ahead = (!self.ahead.is_empty()).then_some(None);
        ahead.into_iter().chain(self.days.keys().map(|day| Some(*day)))
    }

    /// The value of a row; `None` if it is no more.
    pub fn row(&self, key: Option<i32>) -> Option<Vec<u8>> {
        let kept = match key {
            None => Some(Kept::Ahead(self.ahead.clone())).filter(|_| !self.ahead.is_empty()),
            Some(day) => self.days.get(&day).cloned().map(Kept::Day),
        };
        kept.map(|kept| postcard::to_stdvec(&kept).expect("state always encodes"))
    }

    /// Takes a row back.
    ///
    /// # Errors
    /// Its bytes are no such row.
    pub fn load(&mut self, key: Option<i32>, value: Option<&[u8]>) -> Result<(), postcard::Error> {
        let kept = value.map(postcard::from_bytes::<Kept>).transpose()?;
        match (key, kept) {
            (None, Some(Kept::Ahead(ahead))) => self.ahead = ahead,
            (Some(day), Some(Kept::Day(hours))) => drop(self.days.insert(day, hours)),
            (None, _) => self.ahead.clear(),
            (Some(day), _) => drop(self.days.remove(&day)),
        }
        Ok(())
    }

    /// Makes it ready after its last row was taken in.
    pub fn loaded(&mut self) {
        self.dirty.clear();
    }
}

fn cell((source, family): &Feed, slice: Minute) -> Cell {
    Cell { measure: Measure::Heard(*family), subject: source.clone(), slice, grade: 0 }
}
