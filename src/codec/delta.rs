//! The record of `rapport.deltas`: one version byte, then postcard; a header marks it as rapport's.
//!
//! Written and read by rapport alone, in bulk, so it is compact and not self-describing: a change of
//! the model needs another version. The mark tells a delta that cannot be read, without which every figure after
//! it would be wrong, from a record of somebody else, which says nothing of the funnel.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::model::Minute;
use crate::model::definitions_before::DefinitionsBefore;
use crate::model::delta::{Delta, Step, Switch};
use crate::model::step_before::StepBefore;

/// The version that is written and read. Raise it whenever [`Delta`] or anything in it changes.
const VERSION: u8 = 4;

/// The first version, which said nothing of switches.
const FIRST: u8 = 1;
/// The second one, in which definitions had two rules.
const SECOND: u8 = 2;
/// The third one, which knew neither human touches by sales as a feed nor erasures: what it says is read as it stands.
const THIRD: u8 = 3;

/// The header by which a record is known to be a delta, whatever its bytes. Deltas of the first two versions were also
/// written without it.
const MARK: &str = "rapport-delta";

/// A delta of the first version.
#[derive(Deserialize)]
struct DeltaV1 {
    partition: u32,
    time: Minute,
    definitions: u32,
    steps: BTreeMap<Minute, StepBefore>,
}

impl From<DeltaV1> for Delta {
    fn from(DeltaV1 { partition, time, definitions, steps }: DeltaV1) -> Delta {
        Delta { partition, time, definitions, switch: None, steps: today(steps) }
    }
}

fn today(steps: BTreeMap<Minute, StepBefore>) -> BTreeMap<Minute, Step> {
    steps.into_iter().map(|(boundary, step)| (boundary, step.into())).collect()
}

/// A delta of the second version.
#[derive(Deserialize)]
struct DeltaV2 {
    partition: u32,
    time: Minute,
    definitions: u32,
    switch: Option<Box<SwitchV2>>,
    steps: BTreeMap<Minute, StepBefore>,
}

#[derive(Deserialize)]
struct SwitchV2 {
    at: Minute,
    definitions: DefinitionsBefore,
}

impl From<DeltaV2> for Delta {
    fn from(DeltaV2 { partition, time, definitions, switch, steps }: DeltaV2) -> Delta {
        let switched = |old: SwitchV2| Box::new(Switch { at: old.at, definitions: old.definitions.into() });
        Delta { partition, time, definitions, switch: switch.map(|old| switched(*old)), steps: today(steps) }
    }
}

/// A delta record that cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DeltaError {
    /// Nothing in it.
    #[error("an empty delta record")]
    Empty,
    /// It is no delta at all: it bears no mark and begins with no version that was ever written without one.
    #[error("a record that rapport did not write")]
    Foreign,
    /// Another release wrote it.
    #[error(
        "a delta record of version {found}, but this release reads version {VERSION}: \
         finish the upgrade of all instances"
    )]
    UnknownVersion {
        /// Its version.
        found: u8,
    },
    /// Cut off or damaged.
    #[error("a damaged delta record")]
    Malformed,
}

/// A delta as bytes.
pub fn encode_delta(delta: &Delta) -> Vec<u8> {
    postcard::to_extend(delta, vec![VERSION]).expect("writing to memory does not fail")
}

/// The headers of its record.
pub fn delta_headers() -> Vec<(String, Vec<u8>)> {
    vec![(MARK.to_owned(), vec![VERSION])]
}

/// Reads the record of a delta.
///
/// # Errors
/// It is a delta that cannot be read, or it is none ([`DeltaError::Foreign`]).
pub fn read_delta(headers: &[(String, Vec<u8>)], value: Option<&[u8]>) -> Result<Delta, DeltaError> {
    let value = value.unwrap_or_default();
    let is_marked = headers.iter().any(|(name, _)| name == MARK);
    let may_be_ours = is_marked || matches!(value.first(), Some(&(FIRST..=VERSION)));
    if may_be_ours { decode_delta(value) } else { Err(DeltaError::Foreign) }
}

/// Reads the bytes of a delta.
///
/// # Errors
/// The bytes are no delta, or one of another version.
pub fn decode_delta(bytes: &[u8]) -> Result<Delta, DeltaError> {
    match bytes.split_first() {
        None => Err(DeltaError::Empty),
        Some((&(THIRD | VERSION), rest)) => whole::<Delta>(rest),
        Some((&SECOND, rest)) => whole::<DeltaV2>(rest).map(Delta::from),
        Some((&FIRST, rest)) => whole::<DeltaV1>(rest).map(Delta::from),
        Some((&found, _)) => Err(DeltaError::UnknownVersion { found }),
    }
}

fn whole<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, DeltaError> {
    match postcard::take_from_bytes(bytes) {
        Ok((delta, [])) => Ok(delta),
        Ok(_) | Err(_) => Err(DeltaError::Malformed),
    }
}
