//! The definitions as they stand in `rapport.definitions`: JSON.
//!
//! What the definitions may say is checked where they are made, not here.

use super::DecodeError;
use crate::model::definitions::Definitions;

/// Definitions as JSON.
pub fn encode_definitions(definitions: &Definitions) -> Vec<u8> {
    serde_json::to_vec(definitions).expect("definitions have text keys")
}

/// Reads definitions.
///
/// # Errors
/// The bytes are not the JSON of definitions.
pub fn decode_definitions(bytes: &[u8]) -> Result<Definitions, DecodeError> {
    serde_json::from_slice(bytes).map_err(|error| DecodeError::new("definitions", &error))
}
