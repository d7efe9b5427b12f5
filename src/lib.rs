//! rapport watches how marketing and sales get along.
//!
//! ```text
//! source topics ─ intake ─ crm.events ─ journeys ─ rapport.deltas ─ segments ─┬─ rapport.alerts
//!                          (one log)    facts → contributions   counts → signs └─ rapport.windows
//! ```
//!
//! Bytes become events in [`codec`]; journeys and segments are counted and judged in [`funnel`], which is pure;
//! [`pipeline`] makes tasks of both; [`engine`] runs them, each on one partition, and commits what follows from a
//! record in one transaction on a [`log`]; [`serve`] shows what is committed; [`commands`] wires it all together.
//!
//! Arrows point one way, from the top of this list to the bottom; `tests/tidy.rs` holds them:
//!
//! - [`commands`], [`cli`]: one file a command; what the user said.
//! - [`serve`]: metrics, page, API, probes. [`config`]: the file, checked. [`simulator`]: a company with truth.
//! - [`pipeline`]: tasks made of bytes, for the engine or for files.
//! - [`engine`]: one loop, one owner; transactions, recovery, the only clock.
//! - [`funnel`]: journeys, segments, signs, alerts. `oracle`: the same a second time, for the tests alone.
//! - [`codec`], [`intake`]: bytes and tables to events. [`log`]: Kafka, memory, files.
//! - [`stats`], [`model`]: pure functions; the nouns. They know nothing of the rest.
#![warn(missing_docs)]
#![deny(clippy::print_stdout)]

pub mod cli;
pub mod codec;
pub mod commands;
pub mod config;
pub mod engine;
pub mod funnel;
pub mod intake;
pub mod log;
pub mod model;
#[cfg(feature = "oracle")]
pub mod oracle;
pub mod pipeline;
pub mod serve;
pub mod simulator;
pub mod stats;
