//! Between the engine and its ends: a log and tasks that do what they are asked, and write down what was asked
//! and what came of it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{self, Arguments, Debug, Display, Formatter};
use std::rc::Rc;

use rapport::engine::task::{LoadError, Output, Task, TaskFactory};
use rapport::log::{Committed, Log, LogError, NewRecord, Piece, Polled, RawRecord, TopicPartition};
use rapport::model::EventTime;
use rapport::model::effect::Effect;

use super::Shared;
use super::ledger::{Ledger, seq_of};
use super::state::State;
use super::world::LONG_AGO;

/// What one instance knows of its own tasks.
#[derive(Default)]
pub struct Notes {
    /// The state of each task as it was last ended for a commit.
    ended: BTreeMap<TopicPartition, State>,
    /// The committed place from which a task is restored.
    asked: BTreeMap<TopicPartition, Committed>,
}

/// The log of an instance, watched.
pub struct WatchedLog<L: Log> {
    who: usize,
    log: L,
    notes: Rc<RefCell<Notes>>,
    ledger: Shared<Ledger>,
}

impl<L: Log> WatchedLog<L> {
    /// Watches the log of instance `who`.
    pub fn new(who: usize, log: L, notes: Rc<RefCell<Notes>>, ledger: Shared<Ledger>) -> WatchedLog<L> {
        WatchedLog { who, log, notes, ledger }
    }

    /// Writes down what was asked and what was answered.
    fn note<T: Debug>(&self, asked: Arguments<'_>, answer: Result<T, LogError>) -> Result<T, LogError> {
        self.ledger.lock().unwrap().called(self.who, asked, &answer);
        answer
    }
}

/// Places in few words.
struct Places<'a>(&'a [(TopicPartition, Committed)]);

impl Display for Places<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut places = self.0.iter();
        places.try_for_each(|(at, place)| write!(f, "{at}@{} block {} ", place.offset, seq_of(place)))
    }
}

impl<L: Log> Log for WatchedLog<L> {
    fn id(&self) -> &str {
        self.log.id()
    }

    fn poll(&mut self, wait_ms: u64) -> Result<Polled, LogError> {
        let answer = self.log.poll(wait_ms);
        self.note(format_args!("poll"), answer)
    }

    fn accept(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        let answer = self.log.accept(partitions);
        self.note(format_args!("accept {partitions:?}"), answer)
    }

    fn assign(&mut self, from: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let answer = self.log.assign(from);
        self.note(format_args!("assign {from:?}"), answer)
    }

    fn unassign(&mut self, partitions: &[TopicPartition]) -> Result<(), LogError> {
        let answer = self.log.unassign(partitions);
        self.note(format_args!("unassign {partitions:?}"), answer)
    }

    fn seek(&mut self, to: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let answer = self.log.seek(to);
        self.note(format_args!("seek {to:?}"), answer)
    }

    fn pause(&mut self, partitions: &[TopicPartition], paused: bool) -> Result<(), LogError> {
        let answer = self.log.pause(partitions, paused);
        self.note(format_args!("pause {partitions:?} {paused:?}"), answer)
    }

    fn committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        let answer = self.log.committed(partitions);
        let answer = self.note(format_args!("committed {partitions:?}"), answer)?;
        for (at, place) in partitions.iter().zip(&answer) {
            let asked = &mut self.notes.borrow_mut().asked;
            asked.remove(at);
            asked.extend(place.clone().map(|place| (at.clone(), place)));
        }
        Ok(answer)
    }

    fn last_committed(&mut self, partitions: &[TopicPartition]) -> Result<Vec<Option<Committed>>, LogError> {
        let answer = self.log.last_committed(partitions);
        self.note(format_args!("last committed {partitions:?}"), answer)
    }

    fn watermarks(&mut self, partition: &TopicPartition) -> Result<(i64, i64), LogError> {
        let answer = self.log.watermarks(partition);
        self.note(format_args!("watermarks {partition:?}"), answer)
    }

    fn written_end(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        let answer = self.log.written_end(partition);
        self.note(format_args!("written end {partition:?}"), answer)
    }

    fn position(&mut self, partition: &TopicPartition) -> Result<i64, LogError> {
        let answer = self.log.position(partition);
        self.note(format_args!("position {partition:?}"), answer)
    }

    fn partitions(&mut self, topic: &str) -> Result<Option<u32>, LogError> {
        let answer = self.log.partitions(topic);
        self.note(format_args!("partitions {topic:?}"), answer)
    }

    fn read_aside(&mut self, partition: &TopicPartition, from: i64, wait_ms: u64) -> Result<Piece, LogError> {
        let answer = self.log.read_aside(partition, from, wait_ms);
        self.note(format_args!("read aside {partition:?} {from:?}"), answer)
    }

    fn begin(&mut self) -> Result<(), LogError> {
        let answer = self.log.begin();
        self.note(format_args!("begin"), answer)
    }

    fn produce(&mut self, record: NewRecord) -> Result<(), LogError> {
        let to = record.to.clone();
        let answer = self.log.produce(record);
        self.note(format_args!("produce {to}"), answer)
    }

    fn commit(&mut self, places: &[(TopicPartition, Committed)]) -> Result<(), LogError> {
        for (at, place) in places {
            let state = self.notes.borrow().ended.get(at).copied();
            let state = state.expect("a task is ended before its place is committed");
            self.ledger.lock().unwrap().offered(at, place, state);
        }
        let answer = self.log.commit(places);
        self.note(format_args!("commit {}", Places(places)), answer)?;
        for (at, place) in places {
            self.ledger.lock().unwrap().committed(at, place, self.who);
        }
        Ok(())
    }

    fn renew(&mut self) -> Result<(), LogError> {
        let answer = self.log.renew();
        self.note(format_args!("renew"), answer)
    }

    fn fence(&mut self, id: &str) -> Result<(), LogError> {
        let answer = self.log.fence(id);
        self.note(format_args!("fence {id:?}"), answer)
    }

    fn trim(&mut self, before: &[(TopicPartition, i64)]) -> Result<(), LogError> {
        let answer = self.log.trim(before);
        self.note(format_args!("trim {before:?}"), answer)
    }
}

/// Makes the tasks of an instance, watched.
pub struct WatchedTasks<F> {
    /// Who makes the tasks themselves.
    pub tasks: F,
    /// What the instance knows of them.
    pub notes: Rc<RefCell<Notes>>,
    /// Where it is written down.
    pub ledger: Shared<Ledger>,
}

impl<F: TaskFactory<Effect = Effect>> TaskFactory for WatchedTasks<F> {
    type Effect = Effect;

    fn make(&self, partition: &TopicPartition) -> Box<dyn Task<Effect = Effect>> {
        let (notes, ledger) = (self.notes.clone(), self.ledger.clone());
        Box::new(WatchedTask { at: partition.clone(), task: self.tasks.make(partition), notes, ledger })
    }

    fn pacemaker(&self) -> Option<TopicPartition> {
        self.tasks.pacemaker()
    }

    fn all_have_come_to(&self, memo: &str) -> Option<EventTime> {
        self.tasks.all_have_come_to(memo)
    }
}

struct WatchedTask {
    at: TopicPartition,
    task: Box<dyn Task<Effect = Effect>>,
    notes: Rc<RefCell<Notes>>,
    ledger: Shared<Ledger>,
}

impl WatchedTask {
    fn state(&self) -> State {
        State::of(&self.at, self.task.as_ref())
    }
}

impl Task for WatchedTask {
    type Effect = Effect;

    fn apply(&mut self, record: RawRecord, out: &mut Output<Effect>) {
        self.task.apply(record, out);
    }

    /// Where wall time stands, nobody is asked: what has not read anything yet would tell it.
    fn wants_wall(&self, wall: EventTime) -> bool {
        wall > LONG_AGO && self.task.wants_wall(wall)
    }

    fn caught_up(&mut self, wall: EventTime, out: &mut Output<Effect>) {
        self.task.caught_up(wall, out);
    }

    fn finish(&mut self, out: &mut Output<Effect>) {
        self.task.finish(out);
        self.notes.borrow_mut().ended.insert(self.at.clone(), self.state());
    }

    fn state_partition(&self) -> Option<TopicPartition> {
        self.task.state_partition()
    }

    fn take_changed(&mut self) -> Vec<Vec<u8>> {
        self.task.take_changed()
    }

    fn state_keys(&self) -> Vec<Vec<u8>> {
        self.task.state_keys()
    }

    fn state_row(&self, key: &[u8]) -> Option<Vec<u8>> {
        self.task.state_row(key)
    }

    fn load(&mut self, key: &[u8], value: Option<&[u8]>, format: u8) -> Result<(), LoadError> {
        self.task.load(key, value, format)
    }

    fn time(&self) -> Option<EventTime> {
        self.task.time()
    }

    fn is_only_reader(&self) -> bool {
        self.task.is_only_reader()
    }

    fn memo(&self) -> String {
        self.task.memo()
    }

    fn loaded(&mut self, memo: &str) -> Vec<Effect> {
        let effects = self.task.loaded(memo);
        if let Some(place) = self.notes.borrow().asked.get(&self.at) {
            self.ledger.lock().unwrap().restored(&self.at, place, self.state());
        }
        effects
    }
}
