//! The clock of a rig, and somebody who keeps what a member has shown.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rapport::engine::clock::Clock;
use rapport::engine::{EngineEvent, Observer};
use rapport::log::TopicPartition;
use rapport::model::EventTime;
use rapport::model::effect::Effect;

/// Time as the rig lets it pass; wall time is before all events at first, so that nobody tells it.
pub(super) struct TestClock {
    pub(super) ticks_ms: AtomicU64,
    pub(super) wall: AtomicI64,
}

impl Clock for TestClock {
    fn wall(&self) -> EventTime {
        EventTime(self.wall.load(Ordering::Relaxed))
    }

    fn ticks_ms(&self) -> u64 {
        self.ticks_ms.load(Ordering::Relaxed)
    }

    fn pause_ms(&self, ms: u64) {
        self.ticks_ms.fetch_add(ms, Ordering::Relaxed);
    }
}

/// Keeps what a member has shown.
#[derive(Default)]
pub(super) struct Watching {
    pub(super) committed: Vec<Effect>,
    pub(super) restored: Vec<Effect>,
    pub(super) unread: BTreeMap<TopicPartition, u64>,
    pub(super) rebuilt: u32,
    /// In how many of these a transaction was broken off.
    pub(super) aborted: u32,
    pub(super) rebuilds_failed: u32,
    pub(super) commits: usize,
    pub(super) fenced: Vec<String>,
    pub(super) restored_after_ms: u64,
    /// How far restores have said that they have come: offsets read, of how many.
    pub(super) restoring: Vec<(TopicPartition, u64, u64)>,
    pub(super) gone: Vec<TopicPartition>,
    pub(super) foreign_state: u64,
}

impl Observer<Effect> for Watching {
    fn committed(&mut self, effects: Vec<Effect>) {
        self.committed.extend(effects);
    }

    fn restored(&mut self, effects: Vec<Effect>) {
        self.restored.extend(effects);
    }

    fn event(&mut self, event: EngineEvent) {
        match event {
            EngineEvent::Rebuilding { aborted, .. } => {
                self.rebuilt += 1;
                self.aborted += u32::from(aborted);
            }
            EngineEvent::RebuildFailed { .. } => self.rebuilds_failed += 1,
            EngineEvent::Committed { .. } => self.commits += 1,
            EngineEvent::Fenced(_, owner) => self.fenced.push(owner),
            EngineEvent::Restored(_, _, took_ms) => {
                self.restored_after_ms = self.restored_after_ms.max(took_ms);
            }
            EngineEvent::ForeignState(_, records) => self.foreign_state += records,
            EngineEvent::Restoring(partition, read, all) => self.restoring.push((partition, read, all)),
            EngineEvent::Gone(partition) => self.gone.push(partition),
            EngineEvent::Lag { partition, records, .. } => {
                self.unread.insert(partition, records);
            }
            _ => {}
        }
    }
}
