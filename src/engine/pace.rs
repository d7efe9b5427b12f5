//! Which partitions have to wait for others, so that what waits for the slowest stays bounded.
//!
//! Two bounds. No task goes more than `max_ahead` beyond the time that all tasks of the installation have come
//! to; and of the tasks of one thread, those that lead by more than an eighth of that wait while one that lags
//! has something to read. Who waits, waits until half of the lead is gone, so that nobody flaps; where all have
//! stood for a while (a source may have nothing to tell for days), only who is beyond the bound. Pausing changes
//! nothing but the order of reading, and that decides nothing.

use std::collections::BTreeSet;

use crate::log::{Log, LogError, Road, TopicPartition};
use crate::model::EventTime;

use super::Engine;
use super::clock::Clock;
use super::event::{EngineEvent, Observer};
use super::task::TaskFactory;

/// How often it is worked out who waits, in ms.
const LOOK_EVERY_MS: u64 = 100;
/// How often it is asked how far all tasks have come, in ms, while somebody might have to wait.
const ASK_EVERY_MS: u64 = 500;
/// Who waits for all does so at half of the bound until all have stood for this long, in ms.
const STAND_MS: u64 = 5_000;
/// A task that had nothing to read for this long is not waited for by those of its thread, in ms.
const FED_MS: u64 = 1_000;

/// The part of `max_ahead` by which tasks of one thread may lead each other.
const LEAD_PARTS: i64 = 8;

/// What an engine knows of the pace of others, and when it learned it.
#[derive(Debug, Default)]
pub(super) struct Pace {
    all_have_come_to: Option<EventTime>,
    /// Where the tasks here stood at first: as long as nothing is known of others, they may be there.
    began_at: Option<EventTime>,
    /// Where all were taken to be at the last look, and since when.
    stand: Option<(EventTime, u64)>,
    waits: Waits,
    looked_at_ms: Option<u64>,
    asked_at_ms: Option<u64>,
}

impl<L: Log, F: TaskFactory, O: Observer<F::Effect>> Engine<L, F, O> {
    /// Lets tasks wait that are far ahead, and go on those that others have come near.
    pub(super) fn keep_pace(&mut self, clock: &dyn Clock) -> Result<(), LogError> {
        let now_ms = clock.ticks_ms();
        let passed = |since: Option<u64>, ms| since.is_none_or(|since| now_ms.saturating_sub(since) >= ms);
        if !passed(self.pace.looked_at_ms, LOOK_EVERY_MS) {
            return Ok(());
        }
        self.pace.looked_at_ms = Some(now_ms);
        let furthest = self.tasks.values().filter_map(|running| running.task.time()).max();
        let Some(furthest) = furthest else { return Ok(()) };
        let lowest = self.tasks.values().filter_map(|running| running.task.time()).min();
        self.pace.began_at = self.pace.began_at.or(lowest);
        // Others only come further: while nobody is ahead of what was heard last, there is nothing to ask.
        let max_ahead_ms = self.settings.max_ahead_ms;
        let near = |all: EventTime| furthest.0.saturating_sub(all.0) <= max_ahead_ms / 2;
        if !self.pace.all_have_come_to.is_some_and(near) && passed(self.pace.asked_at_ms, ASK_EVERY_MS) {
            self.pace.asked_at_ms = Some(now_ms);
            self.ask_how_far_all_have_come()?;
        }
        let fed = |at: Option<u64>| at.is_some_and(|at| now_ms.saturating_sub(at) <= FED_MS);
        let runners = self.tasks.iter().filter_map(|(partition, running)| {
            let time = running.task.time()?;
            Some(Runner { partition, time, is_fed: fed(running.fed_at_ms) })
        });
        let runners: Vec<_> = runners.collect();
        let all =
            self.pace.all_have_come_to.or(self.pace.began_at.filter(|_| self.pace.asked_at_ms.is_some()));
        let stand = self.pace.stand.filter(|(at, _)| Some(*at) == all);
        self.pace.stand = stand.or(all.map(|at| (at, now_ms)));
        let all_stand = passed(self.pace.stand.map(|(_, since_ms)| since_ms), STAND_MS);
        self.pace.waits.update(&runners, all, all_stand, max_ahead_ms);
        let wait = self.pace.waits.all();
        let runs = |at: &&TopicPartition| self.tasks.contains_key(*at);
        let begin: Vec<_> = wait.difference(&self.paused).cloned().collect();
        let end: Vec<_> = self.paused.difference(&wait).filter(runs).cloned().collect();
        for (partitions, paused) in [(begin, true), (end, false)] {
            self.pause(&partitions, paused)?;
            for partition in partitions {
                self.observer.event(EngineEvent::Paused(partition, paused));
            }
        }
        Ok(())
    }

    fn ask_how_far_all_have_come(&mut self) -> Result<(), LogError> {
        let Some(pacemaker) = self.factory.pacemaker() else { return Ok(()) };
        let places = match self.log.last_committed(std::slice::from_ref(&pacemaker)) {
            Ok(places) => places,
            // What was heard last still holds.
            Err(error) if error.road == Road::Retry => return Ok(()),
            Err(error) => return Err(error),
        };
        let memo = places.into_iter().flatten().find_map(|place| super::running::memo_of(&place));
        self.pace.all_have_come_to = memo.and_then(|memo| self.factory.all_have_come_to(&memo));
        Ok(())
    }
}

/// A task as far as its pace goes.
#[derive(Clone, Debug)]
pub(super) struct Runner<'a> {
    pub(super) partition: &'a TopicPartition,
    /// Up to when it has come.
    pub(super) time: EventTime,
    /// Whether it had something to read of late.
    pub(super) is_fed: bool,
}

/// Who waits, and for whom.
#[derive(Debug, Default)]
struct Waits {
    /// For the rest of the installation.
    for_all: BTreeSet<TopicPartition>,
    /// For a task of the same thread.
    for_thread: BTreeSet<TopicPartition>,
}

impl Waits {
    /// Works out who waits now.
    fn update(
        &mut self,
        runners: &[Runner<'_>],
        all_have_come_to: Option<EventTime>,
        all_stand: bool,
        max_ahead_ms: i64,
    ) {
        let waited = std::mem::take(&mut self.for_all);
        let waited = if all_stand { BTreeSet::new() } else { waited };
        self.for_all = ahead(runners, all_have_come_to, max_ahead_ms, &waited);
        let waits = |at: &TopicPartition| self.for_all.contains(at) || self.for_thread.contains(at);
        let busy = runners.iter().filter(|runner| runner.is_fed && !waits(runner.partition));
        let lowest = busy.map(|runner| runner.time).min();
        self.for_thread = ahead(runners, lowest, max_ahead_ms / LEAD_PARTS, &self.for_thread);
    }

    fn all(&self) -> BTreeSet<TopicPartition> {
        self.for_all.union(&self.for_thread).cloned().collect()
    }
}

/// Who is further ahead than allowed, or has waited and is not near enough yet.
fn ahead(
    runners: &[Runner<'_>],
    of: Option<EventTime>,
    bound_ms: i64,
    waited: &BTreeSet<TopicPartition>,
) -> BTreeSet<TopicPartition> {
    let Some(of) = of else { return BTreeSet::new() };
    let is_ahead = |runner: &&Runner<'_>| {
        let bound_ms = if waited.contains(runner.partition) { bound_ms / 2 } else { bound_ms };
        runner.time.0.saturating_sub(of.0) > bound_ms
    };
    runners.iter().filter(is_ahead).map(|runner| runner.partition.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: i64 = 3_600_000;

    fn at(partition: u32) -> TopicPartition {
        TopicPartition::new("in", partition)
    }

    fn who_waits(hours: &[(i64, bool)], all: Option<i64>, waits: &mut Waits) -> Vec<u32> {
        who_waits_for(hours, all, false, waits)
    }

    fn who_waits_for(
        hours: &[(i64, bool)],
        all: Option<i64>,
        all_stand: bool,
        waits: &mut Waits,
    ) -> Vec<u32> {
        let partitions: Vec<_> = (0..hours.len() as u32).map(at).collect();
        let runners = partitions.iter().zip(hours).map(|(partition, (hour, is_fed))| Runner {
            partition,
            time: EventTime(hour * HOUR),
            is_fed: *is_fed,
        });
        let runners: Vec<_> = runners.collect();
        waits.update(&runners, all.map(|hour| EventTime(hour * HOUR)), all_stand, 24 * HOUR);
        waits.all().into_iter().map(|at| at.partition).collect()
    }

    #[test]
    fn nobody_goes_further_ahead_of_all_than_allowed_and_who_waits_lets_them_come_near() {
        let mut waits = Waits::default();
        let mut at_hour = |hour, all| who_waits(&[(hour, true)], all, &mut waits);
        assert_eq!(at_hour(124, Some(100)), [] as [u32; 0]);
        assert_eq!(at_hour(125, None), [] as [u32; 0], "nothing is known of the others");
        assert_eq!(at_hour(125, Some(100)), [0]);
        assert_eq!(at_hour(125, Some(112)), [0]);
        assert_eq!(at_hour(125, Some(113)), [] as [u32; 0]);
        assert_eq!(at_hour(136, Some(113)), [] as [u32; 0], "it runs again up to the whole bound");
    }

    #[test]
    fn where_all_stand_only_who_is_beyond_the_bound_waits() {
        let mut waits = Waits::default();
        assert_eq!(who_waits(&[(125, true)], Some(100), &mut waits), [0]);
        let mut at = |hour, all_stand| who_waits_for(&[(hour, true)], Some(102), all_stand, &mut waits);
        assert_eq!(at(125, false), [0], "all may come further, until half of the lead is gone");
        assert_eq!(at(125, true), [] as [u32; 0], "they do not");
        assert_eq!(at(126, false), [] as [u32; 0], "it runs up to the whole bound");
        assert_eq!(at(127, true), [0]);
    }

    #[test]
    fn who_leads_in_a_thread_waits_while_who_lags_has_something_to_read() {
        let mut waits = Waits::default();
        assert_eq!(who_waits(&[(0, true), (3, true), (4, true), (9, false)], None, &mut waits), [2, 3]);
        assert_eq!(who_waits(&[(2, true), (4, true), (4, true), (9, false)], None, &mut waits), [2, 3]);
        assert_eq!(who_waits(&[(3, true), (4, true), (4, true), (9, false)], None, &mut waits), [3]);
        let nobody_is_left = who_waits(&[(3, false), (4, false), (4, false), (9, false)], None, &mut waits);
        assert_eq!(nobody_is_left, [] as [u32; 0], "who has nothing to read holds nobody");
    }

    #[test]
    fn each_wait_ends_by_its_own_bound() {
        let mut waits = Waits::default();
        assert_eq!(who_waits(&[(100, true), (120, true)], Some(100), &mut waits), [1]);
        let idle = who_waits(&[(100, false), (120, true)], Some(100), &mut waits);
        assert_eq!(idle, [] as [u32; 0], "20 hours ahead of all is near enough for who never waited for all");
    }
}
