//! A record that could not be read, as it is put aside: in `rapport.dead-letters` with its key, value,
//! timestamp and headers unchanged and more headers added, in `dead-letters.jsonl` as one line.
//!
//! The headers are those of Kafka Connect's dead letter queue, so that its tools work here too. They
//! say why and where from, and quote nothing of the record.

use serde::de::{self, Deserializer};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};

use super::DecodeError;
use crate::model::Text;
use crate::model::dead_letter::{Reason, Rejection};

/// Where a record was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// The topic, or the file.
    pub topic: &'a str,
    /// The partition; 0 for a file.
    pub partition: u32,
    /// The offset; the number of the record in a file, from 0.
    pub offset: i64,
}

/// The headers that a dead letter gets after its own.
///
/// `__connect.errors.{topic,partition,offset,stage,class.name,exception.class.name,exception.message}`
/// as Kafka Connect's `DeadLetterQueueReporter` names them, numbers as text; then `rapport.reason`
/// and, where one field is at fault, `rapport.field`.
pub fn dead_letter_headers(rejection: &Rejection, origin: Origin<'_>) -> Vec<(String, Vec<u8>)> {
    let mut headers = vec![
        ("__connect.errors.topic", origin.topic.to_owned()),
        ("__connect.errors.partition", origin.partition.to_string()),
        ("__connect.errors.offset", origin.offset.to_string()),
        ("__connect.errors.stage", "VALUE_CONVERTER".to_owned()),
        ("__connect.errors.class.name", "rapport.codec".to_owned()),
        ("__connect.errors.exception.class.name", format!("rapport.{}", rejection.reason.as_str())),
        ("__connect.errors.exception.message", rejection.to_string()),
        ("rapport.reason", rejection.reason.as_str().to_owned()),
    ];
    if let Some(field) = &rejection.field {
        headers.push(("rapport.field", field.to_string()));
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.into_bytes())).collect()
}

/// A dead letter as one line of `dead-letters.jsonl`; `schemas/dead_letter.avsc` is the same in Avro.
///
/// Bytes are text of one character (U+0000 to U+00FF) per byte, as Avro's JSON encoding has them:
/// nothing is lost, and ASCII stays readable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadLetter {
    /// The topic, or the file.
    pub topic: Text,
    /// The partition; 0 for a file.
    pub partition: u32,
    /// The offset; the number of the record in a file, from 0.
    pub offset: i64,
    /// The record's Kafka timestamp in ms since 1970; `None` for a file.
    pub timestamp: Option<i64>,
    /// The record's key.
    #[serde(with = "maybe_bytes")]
    pub key: Option<Vec<u8>>,
    /// The record's value.
    #[serde(with = "maybe_bytes")]
    pub value: Option<Vec<u8>>,
    /// The record's headers, in order.
    pub headers: Vec<Header>,
    /// Why it is a dead letter.
    #[serde(serialize_with = "write_reason", deserialize_with = "read_reason")]
    pub reason: Reason,
    /// The field at fault.
    pub field: Option<Text>,
}

/// A header of a record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Its name.
    pub name: Text,
    /// Its value.
    #[serde(with = "maybe_bytes")]
    pub value: Option<Vec<u8>>,
}

impl DeadLetter {
    /// The line, without its end.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a dead letter has text keys")
    }

    /// Reads a line.
    ///
    /// # Errors
    /// The line is not the JSON of a dead letter.
    pub fn decode(line: &[u8]) -> Result<DeadLetter, DecodeError> {
        serde_json::from_slice(line).map_err(|error| DecodeError::new("a dead letter", &error))
    }
}

fn write_reason<S: Serializer>(reason: &Reason, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(reason.as_str())
}

fn read_reason<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Reason, D::Error> {
    let word = Text::deserialize(deserializer)?;
    let reason = Reason::ALL.into_iter().find(|reason| reason.as_str() == word);
    reason.ok_or_else(|| de::Error::custom("no reason of a dead letter"))
}

/// Bytes as text of one character each.
mod maybe_bytes {
    use super::*;

    pub(super) fn serialize<S: Serializer>(
        bytes: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = bytes.as_ref().map(|bytes| bytes.iter().copied().map(char::from).collect::<String>());
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let Some(text) = Option::<String>::deserialize(deserializer)? else {
            return Ok(None);
        };
        let bytes: Option<Vec<u8>> = text.chars().map(|c| u8::try_from(c).ok()).collect();
        bytes.map(Some).ok_or_else(|| de::Error::custom("a character that is no byte"))
    }
}
