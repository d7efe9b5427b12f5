//! What was read of a history: each item becomes a record for the tasks, or is counted.

use std::collections::BTreeMap;
use std::io::Write;

use crate::engine::clock::Clock;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::outcome::{Outcome, Tally};
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::{EventTime, Minute};

use super::input::Read;
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
    /// How many could not be read, by the reason and the field.
    pub rejected: BTreeMap<(Reason, String), u64>,
    /// What could not be read on.
    pub broken: Vec<String>,
    /// Time of the earliest event.
    pub first: Option<EventTime>,
    /// Time of the latest event.
    pub last: Option<EventTime>,
}

impl Reading {
    /// Counts an item; gives what there is to apply.
    pub fn take(&mut self, read: Read) -> Option<LogRecord> {
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
                *self.rejected.entry(reason_of(&rejection)).or_default() += 1;
                None
            }
            Read::Broken(why) => {
                self.records -= 1;
                self.broken.push(why);
                None
            }
        }
    }
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
    pub fn tell(&mut self, records: u64, time: Minute) {
        let now_ms = self.clock.ticks_ms();
        if now_ms - self.told_ms < PROGRESS_EVERY_MS {
            return;
        }
        self.told_ms = now_ms;
        let at = if time == Minute::MIN { String::new() } else { format!(", at {time:?}") };
        // Where nobody reads it, the work goes on.
        let _ = writeln!(self.to, "{}: {} records{at}", self.command, grouped(records));
    }
}
