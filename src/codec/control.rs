//! The event log's own records, always JSON, told from events by their kind.
//!
//! Whether a record is *allowed* to be one (it came from our own event log) is not judged here.

use super::field::Field;
use super::flat::Flat;
use crate::model::control::Control;
use crate::model::dead_letter::{Reason, Rejection};

/// The kinds of control records.
const KINDS: [&str; 5] = ["progress", "definitions_in_force", "moved", "told", "release"];

/// Whether the kind is one of the log's own.
pub(super) fn is_control(flat: &Flat<'_>) -> bool {
    flat.get(Field::Kind).text().is_some_and(|kind| KINDS.contains(&kind))
}

/// Reads a control record.
pub(super) fn read(text: &[u8]) -> Result<Control, Rejection> {
    // The message of the error may quote the record.
    let control = serde_json::from_slice(text).map_err(|_| Rejection::whole(Reason::Malformed))?;
    match &control {
        // Times only rise: what is told once is told for good.
        Control::Progress { time, .. } if !time.can_be_told() => {
            Err(Rejection::field(Reason::ImpossibleValue, "time"))
        }
        _ => Ok(control),
    }
}

/// A control record as JSON.
pub fn encode_control(control: &Control) -> Vec<u8> {
    serde_json::to_vec(control).expect("a control record has text keys and no floats")
}
