//! The definitions that stand in their topic, in the order in which they were applied; and how the first ones come
//! to stand there.

use anyhow::{Context as _, anyhow};

use crate::codec;
use crate::config::{DEFINITIONS, defined};
use crate::engine::clock::{Clock as _, SystemClock};
use crate::log::kafka::{KafkaSettings, Ledger};
use crate::log::{Cause, Log, LogError, NewRecord, RawRecord, Road, TopicPartition};
use crate::model::EventTime;
use crate::model::definitions::Definitions;

use super::super::{Failure, failed, request};

/// How often writing the first definitions is tried anew when another instance tries at the same time, and the
/// pause between.
const FIRST_TRIES: u32 = 60;
const FIRST_PAUSE_MS: u64 = 500;

/// Every set of definitions that was applied, with the time at which it was.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Known {
    applied: Vec<(EventTime, Definitions)>,
}

impl Known {
    /// Reads the topic.
    pub fn read(ledger: &mut Ledger, place: &TopicPartition) -> Result<Known, Failure> {
        Known::of(ledger.read(place).map_err(failed)?, place)
    }

    fn of(records: Vec<RawRecord>, place: &TopicPartition) -> Result<Known, Failure> {
        let read = |record: RawRecord| {
            let definitions = codec::decode_definitions(record.value.as_deref().unwrap_or_default());
            let definitions = definitions.with_context(|| {
                let (topic, offset) = (&place.topic, record.offset);
                format!(
                    "the definitions at offset {offset} of {topic} cannot be read; a newer version wrote them, or \
                     another program"
                )
            });
            definitions.map(|definitions| (record.timestamp, definitions)).map_err(failed)
        };
        Ok(Known { applied: records.into_iter().map(read).collect::<Result<_, _>>()? })
    }

    #[cfg(test)]
    pub(super) fn of_all(applied: Vec<(EventTime, Definitions)>) -> Known {
        Known { applied }
    }

    /// The newest ones with their number.
    pub fn newest(&self) -> Option<(u32, &Definitions)> {
        self.iter().last().map(|(number, _, definitions)| (number, definitions))
    }

    /// Those of a number, from 1.
    pub fn get(&self, number: u32) -> Option<&Definitions> {
        let place = usize::try_from(number.checked_sub(1)?).ok()?;
        self.applied.get(place).map(|(_, definitions)| definitions)
    }

    /// Every one with its number and the time at which it was applied.
    pub fn iter(&self) -> impl Iterator<Item = (u32, EventTime, &Definitions)> {
        (1..).zip(&self.applied).map(|(number, (at, definitions))| (number, *at, definitions))
    }
}

/// Reads the topic as a member of the group.
pub fn read_with(log: &mut dyn Log, place: &TopicPartition) -> Result<Known, Failure> {
    let (first, _) = log.watermarks(place).map_err(failed)?;
    let mut records = Vec::new();
    crate::log::read_through(log, place, first, &mut |record| records.push(record)).map_err(failed)?;
    Known::of(records, place)
}

/// Makes sure that the topic is there.
pub(super) fn expect_topic(ledger: &Ledger, topic: &str) -> Result<(), Failure> {
    match ledger.partitions(topic).map_err(failed)? {
        Some(_) => Ok(()),
        None => Err(request(anyhow!("{topic} is missing: run `rapport topics create`"))),
    }
}

/// The transactional id under which definitions are written: whoever takes it can be sure that nobody else writes.
pub(super) fn id(settings: &KafkaSettings) -> String {
    format!("{}-{DEFINITIONS}", settings.group_id)
}

/// Definitions as a record of their topic.
pub(super) fn record(place: &TopicPartition, definitions: &Definitions) -> NewRecord {
    let value = Some(codec::encode_definitions(definitions));
    NewRecord { to: place.clone(), key: None, value, headers: Vec::new(), timestamp: None }
}

/// Writes the first definitions, unless another instance does so at the same time: then whoever came first holds
/// for both.
pub fn write_first(
    settings: &KafkaSettings,
    place: &TopicPartition,
    wanted: &Definitions,
    clock: &SystemClock,
) -> Result<Known, Failure> {
    let mut ledger = Ledger::connect(settings).map_err(failed)?;
    let mut last: Option<LogError> = None;
    for _ in 0..FIRST_TRIES {
        let known = Known::read(&mut ledger, place)?;
        if known.newest().is_some() {
            return Ok(known);
        }
        match try_write_first(&mut ledger, &id(settings), place, wanted) {
            Ok(known) => return Ok(known),
            Err(Ended::Log(error)) if error.road == Road::Fatal => return Err(failed(error)),
            Err(Ended::Log(error)) => last = Some(error),
            Err(Ended::Reading(failure)) => return Err(failure),
        }
        clock.pause_ms(FIRST_PAUSE_MS);
    }
    Err(failed(last.expect("it was tried at least once")))
}

/// Why writing did not come about.
enum Ended {
    Log(LogError),
    Reading(Failure),
}

fn try_write_first(
    ledger: &mut Ledger,
    id: &str,
    place: &TopicPartition,
    wanted: &Definitions,
) -> Result<Known, Ended> {
    ledger.take(id).map_err(Ended::Log)?;
    let known = Known::read(ledger, place).map_err(Ended::Reading)?;
    if known.newest().is_some() {
        return Ok(known);
    }
    ledger.append(&[record(place, wanted)]).map_err(|error| {
        if error.cause == Cause::Fenced {
            tracing::info!("another instance writes the first definitions");
        }
        Ended::Log(error)
    })?;
    tracing::info!("wrote the first definitions");
    Ok(Known { applied: vec![(EventTime(0), wanted.clone())] })
}

/// What the second definitions have otherwise than the first, a line each.
pub fn difference(before: &Definitions, after: &Definitions) -> Vec<String> {
    let changes = defined::changes(before, after);
    if changes.is_empty() {
        return vec!["nothing that a configuration says".to_owned()];
    }
    changes.iter().map(ToString::to_string).collect()
}
