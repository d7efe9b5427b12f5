//! A window result as it stands in `rapport.windows`: JSON, undefined values as explicit nulls.

use super::DecodeError;
use crate::model::window::WindowResult;

/// A window result as JSON: times in ms, fields in the order of `window.avsc`.
pub fn encode_window(window: &WindowResult) -> Vec<u8> {
    serde_json::to_vec(window).expect("a window result has text keys")
}

/// Reads a window result; fields that are not known are ignored.
///
/// # Errors
/// The bytes are not the JSON of a window result.
pub fn decode_window(bytes: &[u8]) -> Result<WindowResult, DecodeError> {
    serde_json::from_slice(bytes).map_err(|error| DecodeError::new("a window result", &error))
}
