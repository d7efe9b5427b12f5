//! What is measured over the program and Apache Kafka when it is asked for, with nothing else at work: its figures
//! stand in `benches/RESULTS.md`. Nothing is proven here.

mod figures;
mod soak;

use rapport::codec;
use rapport::log::kafka::Feed;
use rapport::log::{NewRecord, TopicPartition};
use rapport::model::event::Event;
use rapport::model::partitioner::partition_of;

use crate::support::installed::daemon::Daemon;
use crate::support::installed::{EVENT_PARTITIONS, Installation};

/// A producer of the user's own that writes events into the event log.
struct Writing {
    feed: Feed,
    events: String,
    /// How many it has written.
    written: u64,
}

impl Writing {
    fn begin(installation: &Installation) -> Writing {
        let feed = Feed::connect(&installation.kafka.bootstrap_servers).unwrap();
        Writing { feed, events: installation.topic("crm.events"), written: 0 }
    }

    fn write(&mut self, event: &Event) {
        let key = event.record_key().as_bytes().to_vec();
        let to = TopicPartition::new(&self.events, partition_of(&key, EVENT_PARTITIONS));
        let value = Some(codec::encode_event_avro(event));
        self.feed
            .send(NewRecord { to, key: Some(key), value, headers: Vec::new(), timestamp: None })
            .unwrap();
        self.written += 1;
        if self.written.is_multiple_of(10_000) {
            self.feed.serve();
        }
    }

    /// Waits until everything is delivered.
    fn finish(&mut self) {
        self.feed.finish().unwrap();
    }
}

/// The resident memory of a process, in bytes.
fn resident(daemon: &Daemon) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", daemon.pid())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("it says how much it holds");
    line.split_whitespace().nth(1).and_then(|kb| kb.parse::<u64>().ok()).expect("a number of kB") * 1024
}
