//! The history in the event log: its partitions from one offset to another, read beside the group, put into one order
//! of event time.
//!
//! What rapport itself has written there is passed over: copies, facts that moved, progress, the numbers of
//! definitions. All of it follows from the events, and follows anew under each rule set.

use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;
use std::sync::Arc;

use anyhow::anyhow;

use crate::cli::Backtest;
use crate::codec::SchemaStore;
use crate::config::Config;
use crate::log::file::{Place, Unit, merge};
use crate::log::kafka::Ledger;
use crate::log::{RawRecord, TopicPartition};
use crate::model::EventTime;
use crate::model::record::{Came, Holds};
use crate::pipeline::event_log;

use super::super::replay::input::{Fed, History, Read};
use super::super::{Failure, configured, daemon, failed, request};
use super::Span;

/// For so many waits in a row that bring nothing a partition is read on.
const WAITS_MAX: u32 = 60;
/// An event may be stamped so much later than its record, in ms; beyond, it is not believed.
const SKEW_MS: i64 = 5 * 60 * 1000;

/// Opens the partitions of the event log.
pub fn open(config: &Config, args: &Backtest, span: &Span) -> Result<History, Failure> {
    let asked = args.offsets.iter().map(|text| range(text)).collect::<Result<BTreeMap<_, _>, _>>()?;
    let topic = configured::topics(config).events;
    let schemas = Arc::new(configured::schemas_of(&config.log.encoding)?);
    let mut ledger = Ledger::connect(&daemon::kafka_settings(config)?).map_err(failed)?;
    let partitions = ledger.partitions(&topic).map_err(failed)?.ok_or_else(|| {
        request(anyhow!(
            "{topic} is missing on {}: name its cluster in the file",
            config.kafka.bootstrap_servers
        ))
    })?;
    if let Some(unknown) = asked.keys().find(|partition| **partition >= partitions) {
        return Err(request(anyhow!("{topic} has no partition {unknown}: it has {partitions}, from 0 on")));
    }
    let mut places = Vec::new();
    for partition in 0..partitions {
        let at = TopicPartition::new(topic.as_str(), partition);
        let (low, end) = ledger.watermarks(&at).map_err(failed)?;
        let (from, to) = match (asked.is_empty(), asked.get(&partition)) {
            (true, _) => (begins(&mut ledger, &at, (low, end), span)?, end),
            (false, Some((from, to))) => (*from, to.map_or(end, |to| to.min(end))),
            (false, None) => continue,
        };
        places.push((at, from, to));
    }
    let ledger = Rc::new(RefCell::new(ledger));
    let streams: Vec<Partition> = places
        .into_iter()
        .map(|(at, next, to)| Partition {
            ledger: ledger.clone(),
            schemas: schemas.clone(),
            bytes_max: config.log.record_bytes_max as usize,
            partitions,
            name: at.to_string().into(),
            at,
            next,
            to,
            records: VecDeque::new(),
            last: EventTime(i64::MIN),
            is_broken: false,
        })
        .collect();
    Ok(Box::new(merge(streams)))
}

/// Records written before the time that is asked for hold older events only, unless a clock was wrong.
fn begins(
    ledger: &mut Ledger,
    at: &TopicPartition,
    (low, end): (i64, i64),
    span: &Span,
) -> Result<i64, Failure> {
    let Some(since) = span.since else { return Ok(low) };
    let found = ledger.offset_at(at, since.plus_ms(-SKEW_MS)).map_err(failed)?;
    Ok(found.unwrap_or(end).clamp(low, end))
}

/// `P:FROM-TO` as a partition and its offsets, the last exclusive; without TO up to the end.
fn range(text: &str) -> Result<(u32, (i64, Option<i64>)), Failure> {
    let read = || {
        let (partition, range) = text.split_once(':')?;
        let (from, to) = range.split_once('-')?;
        let to = if to.is_empty() { None } else { Some(to.parse::<i64>().ok()?) };
        let from = from.parse::<i64>().ok()?;
        to.is_none_or(|to| from < to).then_some((partition.parse::<u32>().ok()?, (from, to)))
    };
    read().ok_or_else(|| {
        request(anyhow!(
            "--offsets {text} is no range: write PARTITION:FROM-TO, as 0:1000-2000, or 0:1000- to its end"
        ))
    })
}

/// A partition as it is read.
struct Partition {
    ledger: Rc<RefCell<Ledger>>,
    schemas: Arc<SchemaStore>,
    bytes_max: usize,
    partitions: u32,
    name: Arc<str>,
    at: TopicPartition,
    next: i64,
    to: i64,
    records: VecDeque<RawRecord>,
    last: EventTime,
    is_broken: bool,
}

impl Partition {
    fn fill(&mut self) -> Result<(), String> {
        let mut waits = 0;
        while self.records.is_empty() && self.next < self.to {
            let piece = self.ledger.borrow_mut().piece(&self.at, self.next).map_err(|e| e.to_string())?;
            waits = if piece.next > self.next { 0 } else { waits + 1 };
            if waits >= WAITS_MAX {
                return Err(format!(
                    "nothing came for 30 s at offset {} of {}: try again",
                    self.next, self.at
                ));
            }
            self.next = piece.next;
            self.records.extend(piece.records.into_iter().filter(|record| record.offset < self.to));
        }
        Ok(())
    }

    fn place(&self, offset: i64) -> Place {
        Place { file: self.name.clone(), unit: Unit::Record, number: offset as u64 + 1 }
    }

    fn read(&mut self, record: &RawRecord) -> Read {
        let (read, _) = event_log::read(record, &self.schemas, self.bytes_max, self.partitions);
        match (read.came, read.holds) {
            (Came::Forwarded, _) => Read::Ignored("a copy that another partition sent on".to_owned()),
            (came, Holds::Event(event)) => {
                self.last = event.occurred_at;
                Read::Event(Box::new(event), came)
            }
            (_, Holds::Tombstone { id }) => {
                self.last = read.timestamp;
                Read::Tombstone { at: read.timestamp, id }
            }
            (_, Holds::Control(_)) => Read::Ignored("a record of the log's own".to_owned()),
            (_, Holds::Unreadable(rejection)) => Read::Rejected(rejection, Vec::new()),
        }
    }
}

impl Iterator for Partition {
    type Item = (EventTime, Fed);

    fn next(&mut self) -> Option<(EventTime, Fed)> {
        if self.is_broken {
            return None;
        }
        if let Err(why) = self.fill() {
            self.is_broken = true;
            return Some((self.last, (self.place(self.next), Read::Broken(why))));
        }
        let record = self.records.pop_front()?;
        let place = self.place(record.offset);
        let read = self.read(&record);
        Some((self.last, (place, read)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_names_its_partition_and_its_offsets() {
        assert_eq!(range("3:10-20").unwrap(), (3, (10, Some(20))));
        assert_eq!(range("0:10-").unwrap(), (0, (10, None)));
        for wrong in ["", "3", "3:10", "3:20-10", "3:10-10", "x:1-2", "3:-", "-1:1-2"] {
            assert!(matches!(range(wrong), Err(Failure::Request(_))), "{wrong}");
        }
    }
}
