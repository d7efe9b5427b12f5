//! The engine: one loop, one owner. It reads records, hands each to the task of its partition, and
//! commits everything that follows in one transaction: outputs, state, offsets.
//!
//! It does not know which log it was given nor what a lead is. Every failure whose outcome is not certain
//! has one answer: throw the tasks and the producer away, restore, go on ([`Engine::turn`]). Nothing is repaired
//! in place. Which failure is answered how is said by the log, in one place (`log/kafka/errors.rs`).

mod anew;
mod assignment;
mod block;
mod chain;
pub mod clock;
mod event;
mod pace;
mod restoring;
mod running;
pub mod task;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::log::crash_points::{CrashPoint, pass};
use crate::log::{
    AssignmentChange, Cause, Committed, Log, LogError, Polled, RawRecord, Road, TopicPartition,
};

pub use anew::{memo_at, unreleased_owner_at, whole_state};
use assignment::Reading;
pub use block::VERSION as STATE_FORMAT;
pub use chain::{BEGIN_ANEW, WAY_OUT};
use clock::Clock;
pub use event::{EngineEvent, Observer};
use pace::Pace;
use restoring::Restoring;
use running::Running;
use task::{Halt, Output, TaskFactory};

/// How long to wait before a producer that could not be made is asked for again, in ms.
const REBUILD_RETRY_MS: u64 = 50;

/// How the engine works.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// A transaction is committed after this many ms.
    pub commit_every_ms: u64,
    /// A transaction is committed once it holds this many bytes.
    pub commit_bytes: usize,
    /// How long an unreadable state or an open transaction of a predecessor is waited for, in ms.
    pub restore_patience_ms: u64,
    /// How far a task may go beyond the time that all tasks have come to, in ms.
    pub max_ahead_ms: i64,
    /// Whether records that nobody needs any more are forgotten; not every cluster can.
    pub trim: bool,
}

impl Default for EngineSettings {
    fn default() -> EngineSettings {
        EngineSettings {
            commit_every_ms: 100,
            commit_bytes: 4 << 20,
            restore_patience_ms: 90_000,
            max_ahead_ms: crate::model::DAY_MS,
            trim: true,
        }
    }
}

/// One engine thread: one log member and the tasks of the partitions that it was given.
pub struct Engine<L: Log, F: TaskFactory, O: Observer<F::Effect>> {
    log: L,
    factory: F,
    observer: O,
    settings: EngineSettings,
    tasks: BTreeMap<TopicPartition, Running<F::Effect>>,
    /// Tasks that are not restored yet.
    restoring: BTreeMap<TopicPartition, Restoring<F::Effect>>,
    given: BTreeMap<TopicPartition, Reading>,
    /// Whether the group has said what this member is to read, be it nothing.
    has_joined: bool,
    /// Partitions that the log was told not to read for now.
    paused: BTreeSet<TopicPartition>,
    pace: Pace,
    effects: Vec<F::Effect>,
    transaction: Option<Transaction>,
    /// A change of the assignment that is not answered yet; whatever fails meanwhile, the group waits for it.
    change: Option<AssignmentChange>,
    /// Why everything has to be restored before anything else is done.
    broken: Option<LogError>,
}

/// Whether the log has begun the transaction; it does so with the first record that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    Reading,
    Writing,
}

/// What is known of the open transaction.
#[derive(Clone, Copy, Debug)]
struct Transaction {
    since_ms: u64,
    stage: Stage,
    records: u64,
    bytes: usize,
}

impl<L: Log, F: TaskFactory, O: Observer<F::Effect>> Engine<L, F, O> {
    /// An engine that has been given nothing yet.
    pub fn new(log: L, factory: F, observer: O, settings: EngineSettings) -> Engine<L, F, O> {
        Engine {
            log,
            factory,
            observer,
            settings,
            tasks: BTreeMap::new(),
            restoring: BTreeMap::new(),
            given: BTreeMap::new(),
            has_joined: false,
            paused: BTreeSet::new(),
            pace: Pace::default(),
            effects: Vec::new(),
            transaction: None,
            change: None,
            broken: None,
        }
    }

    /// Runs until `stop` is set, then commits and returns; or until nothing here can help.
    pub fn run(&mut self, clock: &dyn Clock, stop: &AtomicBool) -> Result<(), LogError> {
        while !stop.load(Ordering::Relaxed) {
            self.turn(clock)?;
        }
        self.leave(clock)
    }

    /// Commits what there is, and with it that every partition is given up: whoever takes them over knows that
    /// nothing of this member is open. Where that cannot be committed any more, they begin from what is committed.
    pub fn leave(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        if self.broken.is_some() {
            return Ok(());
        }
        let all: Vec<TopicPartition> = self.tasks.keys().cloned().collect();
        self.release(&all);
        match self.commit(clock) {
            Err(error) if error.road != Road::Fatal => {
                tracing::info!(%error, "left without a last commit: who comes next does it again");
                Ok(())
            }
            done => done,
        }
    }

    /// One turn of the loop: read, apply, commit if it is time, act on a change of the assignment, restore a
    /// piece of what is not restored. After a failure whose outcome is not certain the next turns restore what
    /// is committed, until they can; and so they do where something that a turn needs is not to be had for now,
    /// since what is committed is always a place to go on from.
    pub fn turn(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        let is_broken = self.broken.take().is_some();
        let done = if is_broken { self.rebuild(clock) } else { self.try_turn(clock) };
        match done {
            // What is gone here may have been read elsewhere: the committed place tells.
            Err(error) if error.road != Road::Fatal || error.cause == Cause::OffsetGone => {
                if is_broken {
                    self.stay_broken(error);
                    clock.pause_ms(REBUILD_RETRY_MS);
                } else {
                    self.break_off(error);
                }
                Ok(())
            }
            done => done,
        }
    }

    fn try_turn(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        if self.change.is_none() {
            let Polled { records, change, unread } = self.log.poll(self.wait_ms(clock))?;
            self.change = change;
            if matches!(self.change, Some(AssignmentChange::Lost(_))) {
                return self.answer_change(clock);
            }
            self.apply(records, clock)?;
            unread.into_iter().for_each(|(partition, records)| self.tell_lag(partition, records, clock));
            self.let_wall_time_pass(clock)?;
            if self.is_time_to_commit(clock) {
                self.commit(clock)?;
            }
        }
        self.answer_change(clock)?;
        self.restore_on(clock)?;
        self.keep_pace(clock)
    }

    fn tell_lag(&mut self, partition: TopicPartition, records: u64, clock: &dyn Clock) {
        let read_up_to = self.tasks.get(&partition).and_then(|running| running.read_up_to);
        let behind = read_up_to.map_or(0, |at| u64::try_from(clock.wall().0 - at.0).unwrap_or(0));
        let ms = if records == 0 { 0 } else { behind };
        self.observer.event(EngineEvent::Lag { partition, records, ms });
    }

    fn apply(&mut self, records: Vec<RawRecord>, clock: &dyn Clock) -> Result<(), LogError> {
        let mut out = Output::default();
        let now_ms = clock.ticks_ms();
        for record in records {
            let Some(running) = self.tasks.get_mut(&record.at) else { continue };
            if record.offset < running.next {
                continue;
            }
            running.fed_at_ms = Some(now_ms);
            running.read_up_to = Some(record.timestamp);
            let (at, offset) = (record.at.clone(), record.offset);
            running.task.apply(record, &mut out);
            let halt = out.halt.take();
            if !matches!(halt, Some(Halt::Before(_))) {
                running.next = offset + 1;
            }
            self.write(&mut out, clock)?;
            if let Some(Halt::After(why) | Halt::Before(why)) = halt {
                self.commit(clock)?;
                return Err(LogError::new(Road::Fatal, format!("stopped at {at}, offset {offset}"), why));
            }
        }
        Ok(())
    }

    /// How long to wait for records: not beyond the next commit, nor while a state can be read.
    fn wait_ms(&self, clock: &dyn Clock) -> u64 {
        let now_ms = clock.ticks_ms();
        let every = self.settings.commit_every_ms;
        let until_commit = match &self.transaction {
            Some(open) => every.saturating_sub(now_ms.saturating_sub(open.since_ms)),
            None => every,
        };
        let due = self.restoring.values().map(|restoring| restoring.due_ms().saturating_sub(now_ms)).min();
        until_commit.min(due.unwrap_or(u64::MAX))
    }

    fn write(&mut self, out: &mut Output<F::Effect>, clock: &dyn Clock) -> Result<(), LogError> {
        self.effects.append(&mut out.effects);
        if out.records.is_empty() {
            self.note_transaction(clock);
            return Ok(());
        }
        self.begin(clock)?;
        for record in out.records.drain(..) {
            let open = self.transaction.as_mut().expect("it was just begun");
            open.records += 1;
            open.bytes += record.value.as_ref().map_or(0, Vec::len) + record.key.as_ref().map_or(0, Vec::len);
            self.log.produce(record)?;
            if open.records == 1 {
                pass(CrashPoint::FirstRecordProduced);
            }
        }
        Ok(())
    }

    fn begin(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        self.note_transaction(clock);
        let open = self.transaction.as_mut().expect("it was just noted");
        if open.stage == Stage::Reading {
            self.log.begin()?;
            open.stage = Stage::Writing;
        }
        Ok(())
    }

    /// A commit is due `commit_every` after the first record that was read.
    fn note_transaction(&mut self, clock: &dyn Clock) {
        if self.transaction.is_none() {
            let since_ms = clock.ticks_ms();
            self.transaction = Some(Transaction { since_ms, stage: Stage::Reading, records: 0, bytes: 0 });
        }
    }

    fn is_time_to_commit(&self, clock: &dyn Clock) -> bool {
        self.transaction.as_ref().is_some_and(|open| {
            open.bytes >= self.settings.commit_bytes
                || clock.ticks_ms().saturating_sub(open.since_ms) >= self.settings.commit_every_ms
        })
    }

    /// Lets tasks say that wall time has passed, once they have read past the end that the log had then.
    fn let_wall_time_pass(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        let partitions: Vec<TopicPartition> = self.tasks.keys().cloned().collect();
        let mut out = Output::default();
        for partition in partitions {
            let wall = clock.wall();
            let running = self.tasks.get_mut(&partition).expect("tasks do not go while they are asked");
            if !running.task.wants_wall(wall) {
                running.asked = None;
                continue;
            }
            if running.asked.is_none() {
                running.asked = match self.log.watermarks(&partition) {
                    Ok((_, end)) => Some((wall, end)),
                    // Where the log cannot tell for now, time waits; to ask for each partition would take as
                    // many times as long.
                    Err(error) if error.road == Road::Retry => break,
                    Err(error) => return Err(error),
                };
            }
            let Some((asked_at, end)) = running.asked else { continue };
            if self.log.position(&partition)? >= end {
                running.asked = None;
                running.task.caught_up(asked_at, &mut out);
                running.moved |= !out.records.is_empty();
                self.write(&mut out, clock)?;
            }
        }
        Ok(())
    }

    /// Commits everything since the last commit: records, state, places.
    pub fn commit(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        let moved: Vec<TopicPartition> =
            self.tasks.iter().filter(|(_, running)| running.has_moved()).map(|(tp, _)| tp.clone()).collect();
        if moved.is_empty() {
            self.transaction = None;
            return Ok(());
        }
        let started_ms = clock.ticks_ms();
        let mut places: Vec<(TopicPartition, Committed)> = Vec::with_capacity(moved.len());
        self.begin(clock)?;
        for partition in &moved {
            let running = self.tasks.get_mut(partition).expect("moved tasks are running");
            let state_end = match running.task.state_partition().filter(|_| running.begins_cycle()) {
                Some(state) => self.log.watermarks(&state)?.1,
                None => 0,
            };
            let mut out = Output::default();
            let place = running.finish(&mut out, state_end, self.log.id(), started_ms);
            places.push((partition.clone(), place));
            self.write(&mut out, clock)?;
        }
        let open = self.transaction.take().expect("it was begun");
        self.log.commit(&places)?;
        let mut unneeded = Vec::new();
        for partition in &moved {
            let running = self.tasks.get_mut(partition).expect("moved tasks are running");
            unneeded.extend(running.done(partition));
        }
        let took_ms = clock.ticks_ms().saturating_sub(started_ms);
        let (records, bytes) = (open.records, open.bytes as u64);
        self.observer.event(EngineEvent::Committed { records, bytes, took_ms });
        self.observer.committed(std::mem::take(&mut self.effects));
        pass(CrashPoint::CommitHeard);
        self.forget(&unneeded);
        Ok(())
    }

    /// Lets the log forget what nobody needs. That it does not is no harm now, so it is only told.
    fn forget(&mut self, before: &[(TopicPartition, i64)]) {
        if !self.settings.trim || before.is_empty() {
            return;
        }
        if let Err(error) = self.log.trim(before) {
            self.observer.event(EngineEvent::NotTrimmed(error.to_string()));
        }
    }

    /// What this member waits for before all its tasks run; `None` once they do.
    pub fn waits_for(&self) -> Option<String> {
        if let Some(why) = &self.broken {
            return Some(format!("starting again: {why}"));
        }
        if let Some((partition, _)) = self.restoring.first_key_value() {
            let others = self.restoring.len() - 1;
            return Some(match others {
                0 => format!("restoring {partition}"),
                n => format!("restoring {partition} and {n} more"),
            });
        }
        (!self.has_joined).then(|| "the group to say what to read".to_owned())
    }

    /// Whether the group has said what this member is to read, and every task of it is restored and read.
    pub fn is_settled(&self) -> bool {
        self.waits_for().is_none()
    }

    /// Whether no transaction is open and no record has been read that is not committed.
    pub fn is_idle(&self) -> bool {
        self.transaction.is_none() && self.is_settled()
    }

    /// The offset that a task will read next, if it runs here.
    pub fn next_offset(&self, partition: &TopicPartition) -> Option<i64> {
        self.tasks.get(partition).map(|running| running.next)
    }

    /// Who is told.
    pub fn observer(&self) -> &O {
        &self.observer
    }

    /// The log, to do something to it that no engine does.
    pub fn log_mut(&mut self) -> &mut L {
        &mut self.log
    }

    /// Takes the log and the observer back.
    pub fn into_parts(self) -> (L, O) {
        (self.log, self.observer)
    }
}
