//! An alert as it stands in `rapport.alerts`: JSON, with CloudEvents 1.0 headers in binary mode.
//!
//! Absent optional fields are explicit nulls, so that every alert has the same fields.

use std::hash::Hasher as _;

use siphasher::sip128::{Hasher128 as _, SipHasher13};

use super::DecodeError;
use crate::model::alert::{Alert, AlertState};

/// An alert as JSON: times in ms, fields in the order of `alert.avsc`.
pub fn encode_alert(alert: &Alert) -> Vec<u8> {
    serde_json::to_vec(alert).expect("an alert has text keys")
}

/// Reads an alert; fields that are not known are ignored.
///
/// # Errors
/// The bytes are not the JSON of an alert.
pub fn decode_alert(bytes: &[u8]) -> Result<Alert, DecodeError> {
    serde_json::from_slice(bytes).map_err(|error| DecodeError::new("an alert", &error))
}

/// The headers of an alert's record (CloudEvents 1.0, Kafka protocol binding, binary content mode).
///
/// `source` names the installation as a URI reference. `ce_id` is a function of the alert's
/// fingerprint, state, boundary and definitions alone: the same decision taken again, after a crash
/// or in a replay, has the same id.
pub fn alert_headers(alert: &Alert, source: &str) -> Vec<(String, Vec<u8>)> {
    [
        ("ce_specversion", "1.0".to_owned()),
        ("ce_id", id(alert)),
        ("ce_type", format!("rapport.alert.{}", state_word(alert.state))),
        ("ce_source", source.to_owned()),
        ("ce_time", alert.at.rfc3339()),
        ("ce_subject", alert.fingerprint.to_string()),
        ("content-type", "application/json".to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value.into_bytes()))
    .into()
}

/// SipHash-1-3 of 128 bits under a key of zeros, as 32 hexadecimal digits.
fn id(alert: &Alert) -> String {
    let mut hasher = SipHasher13::new();
    hasher.write(alert.fingerprint.as_bytes());
    hasher.write_u8(0xFF);
    hasher.write(state_word(alert.state).as_bytes());
    hasher.write_u8(0xFF);
    hasher.write(&alert.at.0.to_le_bytes());
    hasher.write(&alert.definitions_version.to_le_bytes());
    format!("{:032x}", hasher.finish128().as_u128())
}

fn state_word(state: AlertState) -> &'static str {
    match state {
        AlertState::Firing => "firing",
        AlertState::Resolved => "resolved",
    }
}
