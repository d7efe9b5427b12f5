//! What a record of the event log says: where it came from, and what it holds or why it cannot be read.
//!
//! Whoever may write here is trusted as far as records go that rapport itself could have written: whether a
//! `progress` is that of an intake, nobody can tell. What can be held against the record itself is.

use crate::codec::{self, Format, Record, SchemaStore};
use crate::log::RawRecord;
use crate::model::Text;
use crate::model::control::Control;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::partitioner::partition_of;
use crate::model::record::{Came, Holds, LogRecord};

use super::{FORWARDED_HEADER, SOURCE_HEADER};

/// Reads a record of an event log of so many partitions; beside it, how many of its fields are unknown to the
/// contract.
pub fn read(
    record: &RawRecord,
    schemas: &SchemaStore,
    record_bytes_max: usize,
    partitions: u32,
) -> (LogRecord, u32) {
    let (holds, unknown_fields) = match &record.value {
        Some(value) => holds(value, schemas, record_bytes_max),
        None => (deleted(record.key.as_deref()), 0),
    };
    let holds = match holds {
        Holds::Control(control) if !is_at_home(&control, record.at.partition, partitions) => {
            Holds::Unreadable(Rejection::field(Reason::ImpossibleValue, "home"))
        }
        holds => holds,
    };
    let came = if is_copy(record, &holds, partitions) {
        Came::Forwarded
    } else {
        source(record).map_or(Came::Direct, |source| Came::Intake { source })
    };
    (LogRecord { timestamp: record.timestamp, came, holds }, unknown_fields)
}

/// The source that an intake names: `topic/partition/offset`, or what else stands in the header.
fn source(record: &RawRecord) -> Option<Text> {
    let (_, value) = record.headers.iter().rev().find(|(name, _)| name == SOURCE_HEADER)?;
    let value = String::from_utf8_lossy(value);
    Some(value.split('/').next().unwrap_or_default().into())
}

/// Whether another partition forwarded it here. Anybody can claim so in a header, and a copy is counted where it
/// was first read: so it must say which other partition it comes from, and must belong here.
fn is_copy(record: &RawRecord, holds: &Holds, partitions: u32) -> bool {
    let header = record.headers.iter().rev().find(|(name, _)| name == FORWARDED_HEADER);
    let from = header.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse::<u32>().ok());
    if from.is_none_or(|from| from >= partitions || from == record.at.partition) {
        return false;
    }
    let key = match holds {
        Holds::Event(event) => event.record_key(),
        Holds::Tombstone { id } => id.clone(),
        // Only what can be read is forwarded.
        Holds::Control(_) | Holds::Unreadable(_) => return false,
    };
    partition_of(key.as_bytes(), partitions) == record.at.partition
}

/// Whether a control record is for this partition and names partitions that there are: what follows from it could
/// not be written otherwise.
fn is_at_home(control: &Control, partition: u32, partitions: u32) -> bool {
    control.addressee().is_none_or(|row| row.home == partition)
        && control.entities().iter().all(|entity| entity.home < partitions)
}

fn holds(value: &[u8], schemas: &SchemaStore, record_bytes_max: usize) -> (Holds, u32) {
    match codec::decode_within(value, Format::Auto, schemas, record_bytes_max) {
        Ok(decoded) => match decoded.record {
            Record::Event(event) => (Holds::Event(event), decoded.unknown_fields),
            Record::Control(control) => (Holds::Control(control), decoded.unknown_fields),
        },
        Err(rejection) => (Holds::Unreadable(rejection), 0),
    }
}

fn deleted(key: Option<&[u8]>) -> Holds {
    match key.map(std::str::from_utf8) {
        Some(Ok(id)) if !id.is_empty() => Holds::Tombstone { id: Text::from(id) },
        _ => Holds::Unreadable(Rejection::whole(Reason::Empty)),
    }
}
