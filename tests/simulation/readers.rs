//! Read-committed readers that look at every topic all the time: what they have seen stays, and is all there is.

use std::collections::BTreeMap;

use rapport::codec;
use rapport::log::memory::Broker;
use rapport::log::{RawRecord, TopicPartition};
use rapport::model::Minute;

use super::ledger::Failure;

/// What readers have seen.
pub struct Readers {
    broker: Broker,
    seen: Vec<(TopicPartition, Seen)>,
    deltas: String,
}

#[derive(Default)]
struct Seen {
    next: i64,
    records: Vec<RawRecord>,
}

impl Readers {
    /// Readers of these partitions who have seen nothing yet.
    pub fn new(broker: &Broker, partitions: &[TopicPartition], deltas: &str) -> Readers {
        let seen = partitions.iter().map(|at| (at.clone(), Seen::default())).collect();
        Readers { broker: broker.clone(), seen, deltas: deltas.to_owned() }
    }

    /// They look.
    pub fn look(&mut self) {
        for (at, seen) in &mut self.seen {
            let (records, next) = self.broker.read_committed_from(at, seen.next);
            seen.records.extend(records);
            seen.next = next;
        }
    }

    /// I8: what they saw is what is there now, as far as it was not deleted since. I5: the times told in deltas
    /// never go back.
    pub fn check(&self) -> Result<(), Failure> {
        for (at, seen) in &self.seen {
            let there = self.broker.read_committed(at);
            let low = self.broker.start(at);
            let kept: Vec<_> = seen.records.iter().filter(|record| record.offset >= low).collect();
            if kept != there.iter().collect::<Vec<_>>() {
                let said = format!("{at}: {} records were seen, {} are there", kept.len(), there.len());
                return Err(Failure::new("I8 readers", said));
            }
            if at.topic == self.deltas {
                times_rise(&seen.records)?;
            }
        }
        Ok(())
    }
}

fn times_rise(deltas: &[RawRecord]) -> Result<(), Failure> {
    let mut times: BTreeMap<u32, Minute> = BTreeMap::new();
    for record in deltas {
        let delta = codec::decode_delta(record.value.as_deref().unwrap_or_default()).unwrap();
        let before = times.insert(delta.partition, delta.time);
        if before.is_some_and(|before| before > delta.time) {
            let said = format!("partition {}: {before:?} before {:?}", delta.partition, delta.time);
            return Err(Failure::new("I5 time", said));
        }
    }
    Ok(())
}
