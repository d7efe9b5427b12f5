//! The counts of one measure of one segment: by hour for as long as windows in business time need, by
//! day for as long as cohorts live, and by day and grade where the measure has one.
//!
//! Every count is a whole number and lives in exactly the cells of its own time, so a change from the
//! past mends the past, and sums do not depend on the order in which changes came.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{DAY_MS, EventTime, HOUR_MS, Minute};

/// Hours are kept for this many days.
pub const HOURS_KEPT_DAYS: i32 = 35;
/// Days and grades are kept for this many days.
pub const DAYS_KEPT: i32 = 400;

/// A UTC hour, counted from 1970.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Hour(pub i32);

impl Hour {
    /// The hour that contains a minute.
    pub fn of(minute: Minute) -> Hour {
        Hour(minute.0.div_euclid(60))
    }

    /// The hour that contains an instant, in ms.
    pub fn of_ms(ms: i64) -> Hour {
        Hour(ms.div_euclid(HOUR_MS) as i32)
    }

    /// The instant at which it ends, in ms.
    pub fn end_ms(self) -> i64 {
        (i64::from(self.0) + 1) * HOUR_MS
    }
}

/// A local day of the definitions' zone, counted from 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Day(pub i32);

impl Day {
    /// The date, `2026-04-06`: days are dates already, in whatever zone.
    pub fn date(self) -> String {
        EventTime(i64::from(self.0) * DAY_MS).rfc3339().get(..10).unwrap_or_default().to_owned()
    }

    /// The day this many days later.
    pub fn plus(self, days: i32) -> Day {
        Day(self.0.saturating_add(days))
    }
}

/// The counts of one measure and subject in one segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Series {
    hours: BTreeMap<Hour, i64>,
    days: BTreeMap<Day, i64>,
    grades: BTreeMap<(Day, u16), i64>,
}

impl Series {
    /// A series in which nothing is counted.
    pub const fn new() -> Series {
        Series { hours: BTreeMap::new(), days: BTreeMap::new(), grades: BTreeMap::new() }
    }

    /// Adds to an hour.
    pub fn add_hour(&mut self, hour: Hour, n: i64) {
        add(&mut self.hours, hour, n);
    }

    /// Adds to a day.
    pub fn add_day(&mut self, day: Day, n: i64) {
        add(&mut self.days, day, n);
    }

    /// Adds to a day's grade.
    pub fn add_grade(&mut self, day: Day, grade: u16, n: i64) {
        add(&mut self.grades, (day, grade), n);
    }

    /// Takes away what is counted in another series.
    pub fn subtract(&mut self, other: &Series) {
        other.hours.iter().for_each(|(hour, n)| self.add_hour(*hour, -n));
        other.days.iter().for_each(|(day, n)| self.add_day(*day, -n));
        other.grades.iter().for_each(|((day, grade), n)| self.add_grade(*day, *grade, -n));
    }

    /// Takes away the hours of another series up to one, and with it.
    pub fn subtract_hours(&mut self, other: &Series, last: Hour) {
        other.hours.range(..=last).for_each(|(hour, n)| self.add_hour(*hour, -n));
    }

    /// The sum from an hour on.
    pub fn since_hour(&self, from: Hour) -> i64 {
        self.hours.range(from..).map(|(_, n)| n).sum()
    }

    /// The hours of `from..to` that hold anything, in order.
    pub fn each_hour(&self, from: Hour, to: Hour) -> impl Iterator<Item = (Hour, i64)> {
        let to = to.max(from);
        self.hours.range(from..to).map(|(hour, n)| (*hour, *n))
    }

    /// Every hour that holds anything and is kept, in order.
    pub fn hours(&self) -> impl Iterator<Item = (Hour, i64)> {
        self.hours.iter().map(|(hour, n)| (*hour, *n))
    }

    /// The first hour from `from` on that holds anything.
    pub fn first_hour(&self, from: Hour) -> Option<Hour> {
        self.hours.range(from..).next().map(|(hour, _)| *hour)
    }

    /// The last hour that holds anything.
    pub fn last_hour(&self) -> Option<Hour> {
        self.hours.keys().next_back().copied()
    }

    /// The sum over the days `from..to`.
    pub fn days(&self, from: Day, to: Day) -> i64 {
        self.each_day(from, to).map(|(_, n)| n).sum()
    }

    /// The days of `from..to` that hold anything, in order.
    pub fn each_day(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, i64)> {
        let to = to.max(from);
        self.days.range(from..to).map(|(day, n)| (*day, *n))
    }

    /// The first day that holds anything.
    pub fn first_day(&self) -> Option<Day> {
        self.days.keys().next().copied()
    }

    /// The grades of the days `from..to`, by day and grade.
    pub fn each_grade(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, u16, i64)> {
        let to = to.max(from);
        self.grades.range((from, 0)..(to, 0)).map(|((day, grade), n)| (*day, *grade, *n))
    }

    /// Forgets hours and days older than these; says which chunks changed.
    pub fn forget_before(&mut self, hour: Hour, day: Day) -> Vec<Chunk> {
        let mut changed = Vec::new();
        while let Some(first) = self.hours.first_entry().filter(|first| *first.key() < hour) {
            changed.push(Chunk::Hours(first.remove_entry().0.0.div_euclid(24)));
        }
        while let Some(first) = self.days.first_entry().filter(|first| *first.key() < day) {
            changed.push(Chunk::Days(first.remove_entry().0.0.div_euclid(32)));
        }
        while let Some(first) = self.grades.first_entry().filter(|first| first.key().0 < day) {
            changed.push(Chunk::Grades(first.remove_entry().0.0));
        }
        changed.dedup();
        changed
    }

    /// Whether nothing is counted here.
    pub fn is_empty(&self) -> bool {
        self.hours.is_empty() && self.days.is_empty() && self.grades.is_empty()
    }

    /// The part of the series that one row of state holds.
    pub fn chunk(&self, chunk: Chunk) -> ChunkCells {
        match chunk {
            Chunk::Hours(day) => ChunkCells::Hours(
                self.hours.range(Hour(day * 24)..Hour((day + 1) * 24)).map(|(h, n)| (*h, *n)).collect(),
            ),
            Chunk::Days(month) => ChunkCells::Days(
                self.days.range(Day(month * 32)..Day((month + 1) * 32)).map(|(d, n)| (*d, *n)).collect(),
            ),
            Chunk::Grades(day) => ChunkCells::Grades(
                self.grades.range((day, 0)..=(day, u16::MAX)).map(|((_, g), n)| (*g, *n)).collect(),
            ),
        }
    }

    /// Takes a chunk back from a row of state, in place of what was known of it.
    pub fn load(&mut self, chunk: Chunk, cells: ChunkCells) {
        match (chunk, cells) {
            (Chunk::Hours(day), ChunkCells::Hours(cells)) => {
                self.hours.retain(|hour, _| hour.0.div_euclid(24) != day);
                self.hours.extend(cells);
            }
            (Chunk::Days(month), ChunkCells::Days(cells)) => {
                self.days.retain(|day, _| day.0.div_euclid(32) != month);
                self.days.extend(cells);
            }
            (Chunk::Grades(day), ChunkCells::Grades(cells)) => {
                self.grades.retain(|(known, _), _| *known != day);
                self.grades.extend(cells.into_iter().map(|(grade, n)| ((day, grade), n)));
            }
            _ => unreachable!("a chunk holds the cells of its own level"),
        }
    }

    /// The chunks in which anything is counted.
    pub fn chunks(&self) -> Vec<Chunk> {
        let mut chunks: Vec<Chunk> = Vec::new();
        chunks.extend(self.hours.keys().map(|hour| Chunk::Hours(hour.0.div_euclid(24))));
        chunks.extend(self.days.keys().map(|day| Chunk::Days(day.0.div_euclid(32))));
        chunks.extend(self.grades.keys().map(|(day, _)| Chunk::Grades(*day)));
        chunks.dedup();
        chunks
    }
}

/// A part of a series that is one row of state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Chunk {
    /// The 24 hours of a UTC day.
    Hours(i32),
    /// 32 days.
    Days(i32),
    /// The grades of one day.
    Grades(Day),
}

impl Chunk {
    /// The chunk with nothing in it.
    pub fn empty(self) -> ChunkCells {
        match self {
            Chunk::Hours(_) => ChunkCells::Hours(Vec::new()),
            Chunk::Days(_) => ChunkCells::Days(Vec::new()),
            Chunk::Grades(_) => ChunkCells::Grades(Vec::new()),
        }
    }
}

/// The cells of a chunk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ChunkCells {
    /// Counts by hour.
    Hours(Vec<(Hour, i64)>),
    /// Counts by day.
    Days(Vec<(Day, i64)>),
    /// Counts by grade.
    Grades(Vec<(u16, i64)>),
}

impl ChunkCells {
    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        match self {
            ChunkCells::Hours(cells) => cells.is_empty(),
            ChunkCells::Days(cells) => cells.is_empty(),
            ChunkCells::Grades(cells) => cells.is_empty(),
        }
    }
}

fn add<K: Ord>(cells: &mut BTreeMap<K, i64>, key: K, n: i64) {
    use std::collections::btree_map::Entry;
    match cells.entry(key) {
        Entry::Vacant(slot) => {
            slot.insert(n);
        }
        Entry::Occupied(mut slot) => {
            *slot.get_mut() += n;
            if *slot.get() == 0 {
                slot.remove();
            }
        }
    }
}
