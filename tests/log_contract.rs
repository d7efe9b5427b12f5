//! The contract of the log, held by the log in this process.

use rapport::log::memory::{Broker, Effect, Interleaving, Member, Times};
use rapport::log::{Committed, Log, NewRecord, RawRecord, TopicPartition};

use crate::support::log_conformance::{self, Stand};

/// A broker of its own for each test.
struct Memory {
    broker: Broker,
    /// A member of no interest, whose steps let late markers arrive while nobody else moves.
    onlooker: Member,
    topics: usize,
    /// Whether groups share out by themselves.
    by_itself: bool,
}

impl Memory {
    fn new(broker: Broker) -> Memory {
        let onlooker = broker.join("onlookers", "onlooker", &[]);
        Memory { broker, onlooker, topics: 0, by_itself: false }
    }

    /// Markers arrive at once, polls bring all there is.
    fn prompt() -> Memory {
        Memory::new(Broker::new())
    }

    /// Markers arrive late, polls bring up to three records, mixed.
    fn late() -> Memory {
        let broker = Broker::new();
        broker.delay_markers(6, 20_261_125);
        broker.set_batches(3, Interleaving::Seeded(4));
        Memory::new(broker)
    }

    /// The group shares out by itself, and each call takes a moment.
    fn by_itself() -> Memory {
        let broker = Broker::new();
        broker.set_times(Times { call_ms: 1, heartbeat_ms: 5, ..Times::STILL });
        Memory { by_itself: true, ..Memory::new(broker) }
    }
}

impl Stand for Memory {
    fn topic(&mut self, partitions: u32) -> String {
        self.topics += 1;
        let topic = format!("topic-{}", self.topics);
        self.broker.create_topic(&topic, partitions);
        topic
    }

    fn member(&mut self, group: &str, id: &str, reads: &[TopicPartition]) -> Box<dyn Log> {
        Box::new(match self.by_itself {
            true => self.broker.subscribe(group, id, true, reads),
            false => self.broker.join(group, id, reads),
        })
    }

    fn reassign(&mut self, group: &str, targets: &[(&str, Vec<TopicPartition>)]) {
        if !self.by_itself {
            self.broker.reassign(group, targets);
        }
    }

    fn append(&mut self, record: NewRecord) {
        self.broker.append(record);
    }

    fn read_committed(&mut self, at: &TopicPartition) -> Vec<RawRecord> {
        self.onlooker.poll(0).unwrap();
        self.broker.read_committed(at)
    }

    fn delete_records(&mut self, at: &TopicPartition, before: i64) {
        self.broker.delete_records(at, before);
    }

    fn end(&mut self, at: &TopicPartition) -> i64 {
        self.broker.end(at)
    }

    fn hold_place(&mut self, group: &str, at: &TopicPartition) -> String {
        let mut ghost = self.broker.join(group, "ghost", std::slice::from_ref(at));
        ghost.poll(0).unwrap();
        ghost.begin().unwrap();
        ghost.crash_after(1, Effect::After);
        ghost.commit(&[(at.clone(), Committed { offset: 0, metadata: String::new() })]).unwrap_err();
        self.broker.expel(group, "ghost");
        "ghost".to_owned()
    }

    fn abort_held(&mut self) {
        self.broker.expire_transactions();
    }

    fn unique(&mut self, name: &str) -> String {
        name.to_string()
    }
}

macro_rules! conformance {
    ($($test:ident),* $(,)?) => {
        mod prompt {
            $(#[test] fn $test() { super::log_conformance::$test(&mut super::Memory::prompt()); })*
        }
        mod late {
            $(#[test] fn $test() { super::log_conformance::$test(&mut super::Memory::late()); })*
        }
        mod by_itself {
            $(#[test] fn $test() { super::log_conformance::$test(&mut super::Memory::by_itself()); })*
        }
    };
}

log_conformance::for_each_test!(conformance);
