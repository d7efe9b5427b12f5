//! What was read of a history: each item becomes a record for the tasks, or is counted.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::io::Write;

use crate::engine::clock::Clock;
use crate::log::file::Place;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::outcome::{Outcome, Tally};
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::{EventTime, Minute};

use super::input::{Fed, Read};
use super::print::grouped;

/// Progress is told this often, in ms.
const PROGRESS_EVERY_MS: u64 = 2_000;

/// How reading went so far.
#[derive(Debug, Default)]
pub struct Reading {
    /// Items read.
    pub records: u64,
    /// Outcomes of items that never became events.
    pub set_aside: Tally,
    /// How many had nothing to say, by the reason.
    pub ignored: BTreeMap<String, u64>,
    /// What could not be read, by the reason and the field.
    pub rejected: BTreeMap<(Reason, String), Rejected>,
    /// What could not be read on.
    pub broken: Vec<String>,
    /// Time of the earliest event.
    pub first: Option<EventTime>,
    /// Time of the latest event.
    pub last: Option<EventTime>,
}

/// Items that could not be read for one and the same reason.
#[derive(Debug)]
pub struct Rejected {
    /// How many.
    pub count: u64,
    /// Where the first one stands; in a table, which is sorted as it is read, the one that stands first.
    pub first: Place,
}

impl Rejected {
    fn add(&mut self, place: Place) {
        self.count += 1;
        if place.file == self.first.file && place.number < self.first.number {
            self.first = place;
        }
    }
}

impl Reading {
    /// Counts an item; gives what there is to apply.
    pub fn take(&mut self, (place, read): Fed) -> Option<LogRecord> {
        self.records += 1;
        match read {
            Read::Event(event, came) => {
                let at = event.occurred_at;
                self.first = Some(self.first.map_or(at, |first| first.min(at)));
                self.last = self.last.max(Some(at));
                Some(LogRecord { timestamp: at, came, holds: Holds::Event(*event) })
            }
            Read::Tombstone { at, id } => {
                Some(LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Tombstone { id } })
            }
            Read::Ignored(reason) => {
                self.set_aside.count(Outcome::Ignored);
                *self.ignored.entry(reason).or_default() += 1;
                None
            }
            Read::Rejected(rejection, _) => {
                self.set_aside.count(Outcome::DeadLetter);
                match self.rejected.entry(reason_of(&rejection)) {
                    Entry::Occupied(mut known) => known.get_mut().add(place),
                    Entry::Vacant(new) => drop(new.insert(Rejected { count: 1, first: place })),
                }
                None
            }
            Read::Broken(why) => {
                self.records -= 1;
                self.broken.push(why);
                None
            }
        }
    }

    /// A line for each reason why something was set aside. What a record holds is not told.
    pub fn set_aside_lines(&self) -> impl Iterator<Item = String> {
        let ignored = self.ignored.iter().map(|(reason, n)| format!("ignored: {} × {reason}", grouped(*n)));
        let rejected = self.rejected.iter().map(|((reason, field), Rejected { count, first })| {
            let field = if field.is_empty() { String::new() } else { format!(" ({field})") };
            let (what, n) = (dead_letters(*count), grouped(*count));
            format!("{what}: {n} × {}{field} (first: {})", reason.as_str(), first.brief())
        });
        ignored.chain(rejected)
    }
}

/// What so many are called.
pub fn dead_letters(n: u64) -> &'static str {
    if n == 1 { "dead letter" } else { "dead letters" }
}

/// What so many are called.
pub fn records(n: u64) -> &'static str {
    if n == 1 { "record" } else { "records" }
}

fn reason_of(rejection: &Rejection) -> (Reason, String) {
    (rejection.reason, rejection.field.as_deref().unwrap_or("").to_owned())
}

/// Says how far a command has come, a line each [`PROGRESS_EVERY_MS`]: to stderr, a terminal or not, since the log of a
/// long run is read as well.
pub struct Progress<'a> {
    command: &'static str,
    clock: &'a dyn Clock,
    to: &'a mut dyn Write,
    told_ms: u64,
}

impl<'a> Progress<'a> {
    /// Of a command that begins now.
    pub fn new(command: &'static str, clock: &'a dyn Clock, to: &'a mut dyn Write) -> Progress<'a> {
        Progress { command, clock, to, told_ms: clock.ticks_ms() }
    }

    /// So many records were read, and time in them has come so far: says so, if that is due.
    pub fn tell(&mut self, read: u64, time: Minute) {
        let now_ms = self.clock.ticks_ms();
        if now_ms - self.told_ms < PROGRESS_EVERY_MS {
            return;
        }
        self.told_ms = now_ms;
        let at = if time == Minute::MIN { String::new() } else { format!(", at {time:?}") };
        // Where nobody reads it, the work goes on.
        let _ = writeln!(self.to, "{}: {} {}{at}", self.command, grouped(read), records(read));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::log::file::Unit;

    /// A table is sorted by the time of what its rows say, and those that say nothing go with their neighbours.
    #[test]
    fn the_first_place_of_a_table_is_the_one_that_stands_first() {
        let mut reading = Reading::default();
        for (file, number) in [("deals.csv", 9), ("deals.csv", 3), ("leads.csv", 1), ("deals.csv", 5)] {
            let place = Place { file: file.into(), unit: Unit::Row, number };
            reading.take((place, Read::Rejected(Rejection::field(Reason::MissingField, "id"), Vec::new())));
        }
        let lines: Vec<String> = reading.set_aside_lines().collect();
        assert_eq!(lines, ["dead letters: 4 × missing_field (id) (first: deals.csv, row 3)"]);
    }
}
