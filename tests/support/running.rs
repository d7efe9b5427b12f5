//! A member of a rig at work: what it has told so far, and how it can be made to die.

use rapport::engine::Engine;
use rapport::log::memory::{Effect as When, Fault, Member, Switch, Trigger};
use rapport::log::{Log as _, Road, TopicPartition};
use rapport::model::effect::{Effect, IntakeFigures, JourneysFigures, SegmentsFigures};
use rapport::pipeline::factory::Tasks;

use super::watching::Watching;

/// A member at work.
pub struct Running {
    pub(super) engine: Engine<Member, Tasks, Watching>,
    pub(super) switch: Switch,
}

impl Running {
    /// How many transactions it has committed.
    pub fn commits(&self) -> usize {
        self.engine.observer().commits
    }

    /// It dies at the `steps`-th step from now on.
    pub fn crash_after(&self, steps: u64, when: When) {
        self.switch.crash_after(steps, when);
    }

    /// The `steps`-th step from now on fails before it takes effect, and everything has to be begun anew.
    pub fn begin_anew_after(&self, steps: u64) {
        self.switch.fail_after(steps, When::Before, Road::Rebuild);
    }

    /// The partitions whose tasks it has told to be here no longer.
    pub fn gone(&self) -> &[TopicPartition] {
        &self.engine.observer().gone
    }

    /// Whether it has died.
    pub fn is_dead(&self) -> bool {
        self.switch.is_dead()
    }

    /// The offset that its task of a partition reads next.
    pub fn next_offset(&self, at: &TopicPartition) -> i64 {
        self.engine.next_offset(at).expect("the task runs here")
    }

    /// What its task of a partition of the event log told last, restored or committed.
    pub fn journeys(&self, partition: u32) -> JourneysFigures {
        let of = |effect: &Effect| match effect {
            Effect::Journeys(figures) if figures.partition == partition => Some(figures.clone()),
            _ => None,
        };
        self.last(of)
    }

    /// What its task of a partition of a source told last, restored or committed.
    pub fn intake(&self, source: &str, partition: u32) -> IntakeFigures {
        let of = |effect: &Effect| match effect {
            Effect::Intake(figures) if figures.source == source && figures.partition == partition => {
                Some(figures.clone())
            }
            _ => None,
        };
        self.last(of)
    }

    /// What its segments task told last, restored or committed.
    pub fn segments(&self) -> SegmentsFigures {
        self.last(|effect| match effect {
            Effect::Segments(figures) => Some(*figures),
            _ => None,
        })
    }

    /// How often it has begun anew.
    pub fn rebuilt(&self) -> u32 {
        self.engine.observer().rebuilt
    }

    /// How often a transaction was broken off by that.
    pub fn aborted(&self) -> u32 {
        self.engine.observer().aborted
    }

    /// Its next commit fails before it takes effect, and everything has to be begun anew.
    pub fn begin_anew_at_the_next_commit(&self) {
        self.switch.arm_at(Trigger::End, When::Before, Fault::Fail(Road::Rebuild));
    }

    /// How often it has tried to in vain.
    pub fn rebuilds_failed(&self) -> u32 {
        self.engine.observer().rebuilds_failed
    }

    /// Whose transactions it has ended.
    pub fn fenced(&self) -> &[String] {
        &self.engine.observer().fenced
    }

    /// How many records it passed over in the state because rapport did not write them.
    pub fn foreign_state(&self) -> u64 {
        self.engine.observer().foreign_state
    }

    /// How far it has said that the restore of a task has come: offsets of its state read, of how many.
    pub fn restoring(&self, at: &TopicPartition) -> Vec<(u64, u64)> {
        let told = self.engine.observer().restoring.iter().filter(|(of, ..)| of == at);
        told.map(|(_, read, all)| (*read, *all)).collect()
    }

    /// What it waits for before all its tasks run.
    pub fn waits_for(&self) -> Option<String> {
        self.engine.waits_for()
    }

    /// How long its slowest restore took.
    pub fn settled_after_ms(&self) -> u64 {
        self.engine.observer().restored_after_ms
    }

    /// It dies at its next step of this name.
    pub fn crash_at(&self, step: &str, when: When) {
        self.switch.crash_at(step, when);
    }

    /// Its consumer goes back to an offset, as one that was asleep.
    pub fn seek_back(&mut self, at: &TopicPartition, offset: i64) {
        self.engine.log_mut().seek(&[(at.clone(), offset)]).expect("it is read here");
    }

    fn last<T>(&self, of: impl Fn(&Effect) -> Option<T>) -> T {
        let watching = self.engine.observer();
        let told = watching.restored.iter().chain(&watching.committed);
        told.rev().find_map(of).expect("every task tells its figures when it is restored")
    }
}
