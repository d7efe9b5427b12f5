//! What the engine does when the group gives or takes partitions, when tasks are restored, and when
//! everything has to be begun anew: whichever partition a task is of, this is how it comes and goes.

use crate::log::crash_points::{CrashPoint, pass};
use crate::log::{AssignmentChange, Cause, Log, LogError, Rebalance, Road, TopicPartition};

use super::Engine;
use super::clock::Clock;
use super::event::{EngineEvent, Observer};
use super::restoring::{News, Restored, Restoring, Step};
use super::task::TaskFactory;

/// Whether the log already reads a partition that this member was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    NotYet,
    Yes,
}

impl<L: Log, F: TaskFactory, O: Observer<F::Effect>> Engine<L, F, O> {
    /// Throws everything away that is not committed.
    pub(super) fn break_off(&mut self, why: LogError) {
        let aborted = self.transaction.is_some_and(|open| open.stage == super::Stage::Writing);
        let event = EngineEvent::Rebuilding { cause: why.cause, why: why.to_string(), aborted };
        self.observer.event(event);
        self.tasks.clear();
        self.restoring.clear();
        self.effects.clear();
        self.transaction = None;
        self.broken = Some(why);
    }

    /// What is committed cannot be restored yet. Nothing is lost by it: all was thrown away before.
    pub(super) fn stay_broken(&mut self, why: LogError) {
        self.observer.event(EngineEvent::RebuildFailed { cause: why.cause, why: why.to_string() });
        self.broken = Some(why);
    }

    /// Drops the producer and begins to restore what is committed. While that cannot be, the group is served
    /// all the same, so that it does not give this member up.
    pub(super) fn rebuild(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        if let Err(error) = self.log.renew() {
            if error.cause == Cause::AssignmentLost {
                // The question was put to a member that is no more.
                self.change = None;
            }
            if error.road != Road::Fatal {
                self.serve_group();
            }
            return Err(error);
        }
        // There is nothing to commit any more: who is asked to give partitions up can do so at once.
        if let Some(change) = self.change.clone() {
            self.answer_without_work(&change)?;
            self.change = None;
        }
        let given: Vec<(TopicPartition, Reading)> =
            self.given.iter().map(|(at, r)| (at.clone(), *r)).collect();
        // What is read before it is restored would be read in vain.
        let read = given.iter().filter(|(at, reading)| *reading == Reading::Yes && !self.paused.contains(at));
        let read: Vec<TopicPartition> = read.map(|(at, _)| at.clone()).collect();
        self.pause(&read, true)?;
        given.into_iter().for_each(|(at, _)| self.begin_to_restore(at, clock));
        Ok(())
    }

    /// Answers the group while nothing can be committed. What fails is asked again.
    fn serve_group(&mut self) {
        if self.change.is_none() {
            // The records are for nobody: they are read again from the committed place.
            self.change = self.log.poll(0).ok().and_then(|polled| polled.change);
        }
        let Some(change) = self.change.clone() else { return };
        if self.answer_without_work(&change).is_ok() {
            self.change = None;
        }
    }

    fn answer_without_work(&mut self, change: &AssignmentChange) -> Result<(), LogError> {
        match change {
            AssignmentChange::Given(partitions) => self.accept(partitions),
            AssignmentChange::Taken(partitions) => self.give_up(partitions, Rebalance::Taken),
            AssignmentChange::Lost(partitions) => self.give_up(partitions, Rebalance::Lost),
        }
    }

    /// Acts on a change of the assignment. It stays to be answered until that has succeeded.
    pub(super) fn answer_change(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        match self.change.clone() {
            None => return Ok(()),
            Some(AssignmentChange::Given(partitions)) => {
                self.accept(&partitions)?;
                for partition in partitions {
                    if !self.tasks.contains_key(&partition) && !self.restoring.contains_key(&partition) {
                        self.begin_to_restore(partition, clock);
                    }
                }
            }
            Some(AssignmentChange::Taken(partitions)) => {
                self.release(&partitions);
                self.commit(clock)?;
                self.give_up(&partitions, Rebalance::Taken)?;
            }
            Some(AssignmentChange::Lost(partitions)) => {
                self.give_up(&partitions, Rebalance::Lost)?;
                self.change = None;
                let lost = LogError::new(Road::Rebuild, "the assignment was lost", format!("{partitions:?}"));
                return Err(lost.because(Cause::AssignmentLost));
            }
        }
        self.change = None;
        Ok(())
    }

    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        for partition in partitions {
            self.given.entry(partition.clone()).or_insert(Reading::NotYet);
        }
        self.log.accept(partitions)?;
        pass(CrashPoint::GivenAnswered);
        self.has_joined = true;
        self.observer.event(EngineEvent::Rebalanced(Rebalance::Given, partitions.to_vec()));
        Ok(())
    }

    /// The next commit says of these partitions that they are given up.
    pub(super) fn release(&mut self, partitions: &[TopicPartition]) {
        for partition in partitions {
            if let Some(running) = self.tasks.get_mut(partition) {
                running.release();
            }
        }
    }

    fn give_up(&mut self, partitions: &[TopicPartition], how: Rebalance) -> Result<(), LogError> {
        for partition in partitions {
            self.restoring.remove(partition);
            self.paused.remove(partition);
            self.tasks.remove(partition);
            // A task that was thrown away for a new beginning is still shown.
            if self.given.remove(partition).is_some() {
                self.observer.event(EngineEvent::Gone(partition.clone()));
            }
        }
        self.log.unassign(partitions)?;
        pass(CrashPoint::RevokeAnswered);
        self.observer.event(EngineEvent::Rebalanced(how, partitions.to_vec()));
        Ok(())
    }

    fn begin_to_restore(&mut self, partition: TopicPartition, clock: &dyn Clock) {
        let patience_ms = self.settings.restore_patience_ms;
        let restoring = Restoring::new(&self.factory, partition.clone(), clock.ticks_ms(), patience_ms);
        self.restoring.insert(partition, restoring);
    }

    /// Restores a piece of a state; tasks that are restored run meanwhile. The one that was read last goes on while it
    /// can, since the log reads ahead there; else it is the turn of the one that is due first.
    pub(super) fn restore_on(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        let now_ms = clock.ticks_ms();
        let due = self.restoring.iter().filter(|(_, restoring)| restoring.due_ms() <= now_ms);
        let first = due.min_by_key(|(_, restoring)| (!restoring.is_being_read(), restoring.due_ms()));
        let Some(partition) = first.map(|(at, _)| at.clone()) else { return Ok(()) };
        let restoring = self.restoring.remove(&partition).expect("it was just found");
        match restoring.step(&mut self.log, &self.factory, now_ms)? {
            Step::More(restoring, news) => {
                self.restoring.insert(partition.clone(), restoring);
                match news {
                    News::None => {}
                    News::Read(read, all) => {
                        self.observer.event(EngineEvent::Restoring(partition, read, all));
                    }
                    News::Fenced(owner) => {
                        self.restoring.values_mut().for_each(|other| other.note_fenced(&owner));
                        self.observer.event(EngineEvent::Fenced(partition, owner));
                    }
                }
                Ok(())
            }
            Step::Done(restored) => {
                if restored.running.has_moved() {
                    // That it is here is committed soon, though there may be nothing to read.
                    self.note_transaction(clock);
                }
                self.start(partition, restored)
            }
        }
    }

    /// Lets a restored task run: the log reads its partition from its place on.
    fn start(&mut self, partition: TopicPartition, restored: Restored<F::Effect>) -> Result<(), LogError> {
        let from = [(partition.clone(), restored.running.next)];
        match self.given.get(&partition) {
            Some(Reading::Yes) => self.log.seek(&from)?,
            _ => self.log.assign(&from)?,
        }
        pass(CrashPoint::AssignedAfterRestore);
        self.given.insert(partition.clone(), Reading::Yes);
        if self.paused.contains(&partition) {
            self.pause(std::slice::from_ref(&partition), false)?;
        }
        self.tasks.insert(partition.clone(), restored.running);
        self.observer.restored(restored.effects);
        self.observer.event(EngineEvent::Restored(partition.clone(), restored.rows, restored.took_ms));
        if restored.foreign > 0 {
            self.observer.event(EngineEvent::ForeignState(partition, restored.foreign));
        }
        Ok(())
    }

    /// Tells the log to read partitions no longer, or again.
    pub(super) fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        if partitions.is_empty() {
            return Ok(());
        }
        self.log.pause(partitions, paused)?;
        for partition in partitions {
            match paused {
                true => self.paused.insert(partition.clone()),
                false => self.paused.remove(partition),
            };
        }
        Ok(())
    }
}
