//! Tasks that keep their promises, or break the one that they are told to break.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rapport::engine::task::{LoadError, Output, Task, TaskFactory};
use rapport::log::{RawRecord, TopicPartition};
use rapport::model::EventTime;
use rapport::model::effect::Effect;
use rapport::pipeline::factory::Tasks;

use super::mutations::Mutation;

type AnyTask = Box<dyn Task<Effect = Effect>>;
/// Tasks that should be gone.
type Left = Rc<RefCell<BTreeMap<TopicPartition, AnyTask>>>;

/// Makes the tasks of an instance.
pub struct MutantTasks {
    tasks: Tasks,
    mutation: Option<Mutation>,
    left: Left,
}

impl MutantTasks {
    /// Makes these tasks.
    pub fn new(tasks: Tasks, mutation: Option<Mutation>) -> MutantTasks {
        MutantTasks { tasks, mutation, left: Left::default() }
    }
}

impl TaskFactory for MutantTasks {
    type Effect = Effect;

    fn make(&self, partition: &TopicPartition) -> AnyTask {
        let left = self.left.borrow_mut().remove(partition);
        let task = left.unwrap_or_else(|| self.tasks.make(partition));
        let Some(mutation) = self.mutation else { return task };
        let (at, left) = (partition.clone(), self.left.clone());
        Box::new(MutantTask { at, task: Some(task), mutation, calls: 0, left })
    }

    fn pacemaker(&self) -> Option<TopicPartition> {
        self.tasks.pacemaker()
    }

    fn all_have_come_to(&self, memo: &str) -> Option<EventTime> {
        self.tasks.all_have_come_to(memo)
    }
}

struct MutantTask {
    at: TopicPartition,
    task: Option<AnyTask>,
    mutation: Mutation,
    calls: u64,
    left: Left,
}

impl MutantTask {
    fn task(&self) -> &dyn Task<Effect = Effect> {
        self.task.as_deref().expect("it is there until it is dropped")
    }

    fn task_mut(&mut self) -> &mut dyn Task<Effect = Effect> {
        self.task.as_deref_mut().expect("it is there until it is dropped")
    }

    fn strikes(&mut self, mutation: Mutation, every: u64) -> bool {
        self.calls += u64::from(self.mutation == mutation);
        self.mutation == mutation && self.calls.is_multiple_of(every)
    }
}

impl Drop for MutantTask {
    fn drop(&mut self) {
        if self.mutation == Mutation::StateKept {
            self.left.borrow_mut().extend(self.task.take().map(|task| (self.at.clone(), task)));
        }
    }
}

impl Task for MutantTask {
    type Effect = Effect;

    fn apply(&mut self, record: RawRecord, out: &mut Output<Effect>) {
        self.task_mut().apply(record, out);
    }

    fn wants_wall(&self, wall: EventTime) -> bool {
        self.task().wants_wall(wall)
    }

    fn caught_up(&mut self, wall: EventTime, out: &mut Output<Effect>) {
        self.task_mut().caught_up(wall, out);
    }

    fn finish(&mut self, out: &mut Output<Effect>) {
        self.task_mut().finish(out);
        if !out.records.is_empty() && self.strikes(Mutation::EndForgotten, 3) {
            out.records.clear();
        }
    }

    fn state_partition(&self) -> Option<TopicPartition> {
        self.task().state_partition()
    }

    fn take_changed(&mut self) -> Vec<Vec<u8>> {
        let mut changed = self.task_mut().take_changed();
        if self.strikes(Mutation::ChangeForgotten, 3) {
            changed.pop();
        }
        changed
    }

    fn state_keys(&self) -> Vec<Vec<u8>> {
        self.task().state_keys()
    }

    fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.task().state_row(key)
    }

    fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), LoadError> {
        let is_head = key.len() <= 1;
        let is_forgotten = (is_head && self.mutation == Mutation::TimeForgotten)
            || (!is_head && self.strikes(Mutation::RowForgotten, 7))
            || (value.is_none() && self.mutation == Mutation::RemovalForgotten);
        if is_forgotten { Ok(()) } else { self.task_mut().load(key, value, format) }
    }

    fn time(&self) -> Option<EventTime> {
        self.task().time()
    }

    fn is_only_reader(&self) -> bool {
        self.task().is_only_reader()
    }

    fn memo(&self) -> String {
        self.task().memo()
    }

    fn loaded(&mut self, memo: &str) -> Vec<Effect> {
        let memo = if self.mutation == Mutation::MemoForgotten { "" } else { memo };
        self.task_mut().loaded(memo)
    }
}
