//! The engine: one loop, one owner. It reads records, hands each to the task of its partition, and
//! commits everything that follows in one transaction: outputs, state, offsets.
//!
//! It does not know which log it was given nor what a lead is. Every failure whose outcome is not certain
//! has one answer: throw the tasks and the producer away, restore, go on. Nothing is repaired in place.

mod block;
pub mod clock;
mod restore;
mod running;
pub mod task;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::log::{AssignmentChange, Committed, Log, LogError, Polled, Road, TopicPartition};

use clock::Clock;
use running::Running;
use task::{Output, TaskFactory};

/// How long to wait before an unreadable state is asked for again, in ms.
const RESTORE_RETRY_MS: u64 = 50;

/// How the engine works.
#[derive(Clone, Debug)]
pub struct EngineSettings {
    /// A transaction is committed after this many ms.
    pub commit_every_ms: u64,
    /// A transaction is committed once it holds this many bytes.
    pub commit_bytes: usize,
    /// How long an unreadable state or an open transaction of a predecessor is waited for, in ms.
    pub restore_patience_ms: u64,
}

impl Default for EngineSettings {
    fn default() -> EngineSettings {
        EngineSettings { commit_every_ms: 100, commit_bytes: 4 << 20, restore_patience_ms: 90_000 }
    }
}

/// What the engine tells of its own work.
#[derive(Clone, Debug, PartialEq)]
pub enum EngineEvent {
    /// A transaction was committed: (records written, bytes, ms that the commit took).
    Committed(u64, u64, u64),
    /// Tasks and producer were thrown away because of this.
    Rebuilding(String),
    /// A task was restored from so many rows of state, in so many ms.
    Restored(TopicPartition, u64, u64),
    /// A task was given away or lost.
    Gone(TopicPartition),
}

/// Somebody who is told what was committed, and what the engine does.
pub trait Observer<E> {
    /// These effects are committed (or belong to restored state).
    fn committed(&mut self, effects: Vec<E>);
    /// Something happened to the engine.
    fn event(&mut self, event: EngineEvent);
}

/// One engine thread: one log member and the tasks of the partitions that it was given.
pub struct Engine<L: Log, F: TaskFactory, O: Observer<F::Effect>> {
    log: L,
    factory: F,
    observer: O,
    settings: EngineSettings,
    tasks: BTreeMap<TopicPartition, Running<F::Effect>>,
    given: BTreeMap<TopicPartition, Reading>,
    effects: Vec<F::Effect>,
    transaction: Option<Transaction>,
}

/// Whether the log already reads a partition that this member was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reading {
    NotYet,
    Yes,
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
            given: BTreeMap::new(),
            effects: Vec::new(),
            transaction: None,
        }
    }

    /// Runs until `stop` is set, then commits and returns; or until nothing here can help.
    pub fn run(&mut self, clock: &dyn Clock, stop: &AtomicBool) -> Result<(), LogError> {
        while !stop.load(Ordering::Relaxed) {
            self.turn(clock)?;
        }
        self.commit(clock)
    }

    /// One turn of the loop: read, apply, commit if it is time, act on a change of the assignment.
    pub fn turn(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        match self.try_turn(clock) {
            Ok(()) => Ok(()),
            Err(error) => match error.road {
                Road::Fatal => Err(error),
                Road::Retry | Road::Rebuild => self.rebuild(clock, &error),
            },
        }
    }

    fn try_turn(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        let Polled { records, change } = self.log.poll(self.wait_ms(clock))?;
        let mut out = Output::default();
        for record in records {
            let Some(running) = self.tasks.get_mut(&record.at) else { continue };
            if record.offset < running.next {
                continue;
            }
            running.next = record.offset + 1;
            running.task.apply(record, &mut out);
            self.write(&mut out, clock)?;
            if let Some(why) = out.halt.take() {
                self.commit(clock)?;
                return Err(LogError::new(Road::Fatal, "stopped", why));
            }
        }
        self.let_wall_time_pass(clock)?;
        if self.is_time_to_commit(clock) {
            self.commit(clock)?;
        }
        match change {
            None => Ok(()),
            Some(AssignmentChange::Given(partitions)) => self.given(&partitions, clock),
            Some(AssignmentChange::Taken(partitions)) => {
                self.commit(clock)?;
                self.drop_tasks(&partitions);
                self.log.unassign(&partitions)
            }
            Some(AssignmentChange::Lost(partitions)) => {
                self.drop_tasks(&partitions);
                self.log.unassign(&partitions)?;
                Err(LogError::new(Road::Rebuild, "the assignment was lost", format!("{partitions:?}")))
            }
        }
    }

    /// How long to wait for records: not beyond the next commit.
    fn wait_ms(&self, clock: &dyn Clock) -> u64 {
        let every = self.settings.commit_every_ms;
        match &self.transaction {
            Some(open) => every.saturating_sub(clock.ticks_ms().saturating_sub(open.since_ms)),
            None => every,
        }
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
                running.asked = Some((wall, self.log.watermarks(&partition)?.1));
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
            let place = running.finish(&mut out, state_end);
            places.push((partition.clone(), place));
            self.write(&mut out, clock)?;
        }
        let open = self.transaction.take().expect("it was begun");
        self.log.commit(&places)?;
        for partition in &moved {
            self.tasks.get_mut(partition).expect("moved tasks are running").done();
        }
        let took_ms = clock.ticks_ms().saturating_sub(started_ms);
        self.observer.event(EngineEvent::Committed(open.records, open.bytes as u64, took_ms));
        self.observer.committed(std::mem::take(&mut self.effects));
        Ok(())
    }

    fn given(&mut self, partitions: &[TopicPartition], clock: &dyn Clock) -> Result<(), LogError> {
        self.given.extend(partitions.iter().map(|partition| (partition.clone(), Reading::NotYet)));
        self.commit(clock)?;
        let from = self.restore(partitions, clock)?;
        self.read_from(&from)
    }

    /// Lets the log read from these offsets: from now on, or anew.
    fn read_from(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let reads =
            |(partition, _): &&(TopicPartition, i64)| self.given.get(partition) == Some(&Reading::Yes);
        let (again, first): (Vec<_>, Vec<_>) = from.iter().partition(reads);
        let cloned = |of: Vec<&(TopicPartition, i64)>| -> Vec<_> { of.into_iter().cloned().collect() };
        let (again, first) = (cloned(again), cloned(first));
        if !again.is_empty() {
            self.log.seek(&again)?;
        }
        if !first.is_empty() {
            self.log.assign(&first)?;
            self.given.extend(first.into_iter().map(|(partition, _)| (partition, Reading::Yes)));
        }
        Ok(())
    }

    /// Restores the tasks of these partitions and says from where each goes on.
    fn restore(
        &mut self,
        partitions: &[TopicPartition],
        clock: &dyn Clock,
    ) -> Result<Vec<(TopicPartition, i64)>, LogError> {
        let patience_ends_ms = clock.ticks_ms() + self.settings.restore_patience_ms;
        loop {
            match self.try_restore(partitions, clock) {
                Err(error) if error.road == Road::Retry && clock.ticks_ms() < patience_ends_ms => {
                    tracing::debug!(%error, "the state is not readable yet");
                    clock.pause_ms(RESTORE_RETRY_MS);
                }
                Err(error) if error.road == Road::Retry => {
                    return Err(LogError { road: Road::Fatal, ..error });
                }
                done => return done,
            }
        }
    }

    fn try_restore(
        &mut self,
        partitions: &[TopicPartition],
        clock: &dyn Clock,
    ) -> Result<Vec<(TopicPartition, i64)>, LogError> {
        let committed = self.log.committed(partitions)?;
        let mut from = Vec::with_capacity(partitions.len());
        for (partition, committed) in partitions.iter().zip(committed) {
            let started_ms = clock.ticks_ms();
            let restored = restore::restore(&mut self.log, &self.factory, partition, committed)?;
            from.push((partition.clone(), restored.running.next));
            self.tasks.insert(partition.clone(), restored.running);
            self.observer.committed(restored.effects);
            let took_ms = clock.ticks_ms().saturating_sub(started_ms);
            self.observer.event(EngineEvent::Restored(partition.clone(), restored.rows, took_ms));
        }
        Ok(from)
    }

    fn drop_tasks(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            self.given.remove(partition);
            if self.tasks.remove(partition).is_some() {
                self.observer.event(EngineEvent::Gone(partition.clone()));
            }
        }
    }

    /// Drops every task and the producer, restores what is committed, and goes on from there.
    fn rebuild(&mut self, clock: &dyn Clock, why: &LogError) -> Result<(), LogError> {
        self.observer.event(EngineEvent::Rebuilding(why.to_string()));
        let partitions: Vec<TopicPartition> = self.given.keys().cloned().collect();
        self.tasks.clear();
        self.effects.clear();
        self.transaction = None;
        self.log.renew()?;
        let from = self.restore(&partitions, clock)?;
        self.read_from(&from)
    }

    /// Whether partitions were given and every one of them is restored and read.
    pub fn is_settled(&self) -> bool {
        !self.given.is_empty() && self.given.values().all(|reading| *reading == Reading::Yes)
    }

    /// The offset that a task will read next, if it runs here.
    pub fn next_offset(&self, partition: &TopicPartition) -> Option<i64> {
        self.tasks.get(partition).map(|running| running.next)
    }

    /// Takes the log and the observer back.
    pub fn into_parts(self) -> (L, O) {
        (self.log, self.observer)
    }
}
