//! The heart: facts become journeys, journeys contribute to segments, segments are read for signs.
//!
//! Pure: no bytes, no offsets, no clock, no metrics. One call in, complete output out. The rules in words:
#![doc = include_str!("semantics.md")]

pub mod alerting;
pub mod grain;
pub mod journey;
pub mod report;
pub mod segment;
pub mod shifts;
pub mod signs;
pub mod terms;
