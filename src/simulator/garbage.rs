//! Records that are no events: what CRM pipelines really send when something is wrong with them.
//!
//! Each has exactly one defect and is, but for it, an event in the JSON form of the contract. None
//! contains a line break, so that it can stand in a file with one record a line.

use serde_json::{Value, json};

use super::sampling::Dice;
use crate::model::dead_letter::Reason;
use crate::model::event::Event;
use crate::model::{EVENT_ID_BYTES_MAX, LATEST};

/// The defects, equally likely, each with the reason for which it should be refused.
const DEFECTS: [(Defect, Reason); 8] = [
    (Defect::CutOff, Reason::Malformed),
    (Defect::NotText, Reason::Malformed),
    (Defect::StrangeKind, Reason::UnknownKind),
    (Defect::StrangeStage, Reason::UnknownSymbol),
    (Defect::NoStage, Reason::MissingField),
    (Defect::NumberForLead, Reason::WrongType),
    (Defect::FarFuture, Reason::ImpossibleValue),
    (Defect::LongId, Reason::TooLong),
];

#[derive(Clone, Copy, Debug)]
enum Defect {
    CutOff,
    NotText,
    StrangeKind,
    StrangeStage,
    NoStage,
    NumberForLead,
    FarFuture,
    LongId,
}

/// A record with one defect, sent at about the time of `event` by a source that knows it.
pub(super) fn make(event: &Event, dice: &mut Dice) -> (Vec<u8>, Reason) {
    let (defect, reason) = DEFECTS[dice.below(DEFECTS.len() as u64) as usize];
    // In alphabetical order, which is also that of serde_json whatever its features.
    let mut record = json!({
        "event_id": format!("g-{:08x}", dice.below(1 << 32)),
        "kind": "lead_stage_entered",
        "lead_id": event.record_key(),
        "occurred_at": event.occurred_at.0,
        "stage": "mql",
    });
    match defect {
        Defect::CutOff | Defect::NotText => {}
        Defect::StrangeKind => record["kind"] = json!("lead_teleported"),
        Defect::StrangeStage => record["stage"] = json!("smarketing_qualified"),
        Defect::NoStage => drop(record.as_object_mut().and_then(|fields| fields.remove("stage"))),
        Defect::NumberForLead => record["lead_id"] = json!(dice.below(1 << 20)),
        Defect::FarFuture => record["occurred_at"] = json!(LATEST.0 + event.occurred_at.0),
        Defect::LongId => record["event_id"] = Value::String("g".repeat(EVENT_ID_BYTES_MAX + 1)),
    }
    let mut bytes = record.to_string().into_bytes();
    match defect {
        Defect::CutOff => bytes.truncate(1 + dice.below(bytes.len() as u64 - 1) as usize),
        // 0xff occurs nowhere in UTF-8; in the middle it lies within the record's names or values.
        Defect::NotText => bytes.insert(14, 0xff),
        _ => {}
    }
    (bytes, reason)
}
