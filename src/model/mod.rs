//! The nouns: events, facts, time, money, counts, alerts, definitions. Plain values that know
//! nothing of each other's rooms; every other room is built of them.

pub mod alert;
pub mod control;
pub mod counters;
pub mod dead_letter;
pub mod definitions;
pub mod definitions_before;
pub mod delta;
pub mod effect;
pub mod entity;
pub mod event;
pub mod explanation;
pub mod fact;
pub mod measure;
pub mod money;
pub mod outcome;
pub mod partitioner;
pub mod record;
pub mod standing;
pub mod step_before;
mod text;
mod time;
pub mod window;
pub mod words;

pub use text::{ATTRIBUTES_MAX, EVENT_ID_BYTES_MAX, ID_BYTES_MAX, REASONS_MAX, TEXT_BYTES_MAX, Text};
pub use time::{DAY_MS, EARLIEST, EventTime, HOUR_MS, LATEST, MINUTE_MS, Minute};
