//! A true read-committed log in this process: the engine's other end in every test without Kafka.
//!
//! It keeps what matters of Kafka's contract: offsets with control markers, the last stable offset,
//! transactional ids with epochs, offsets that are unstable while a transaction holds them, truncation,
//! cooperative hand-over of partitions. On top it has switches: a member can be made to crash or to fail
//! at any step of its life, before or after the step took effect. It never reads a clock, never waits
//! and never sleeps; with the same calls it always gives the same answers.

mod broker;
mod group;
mod marker;
mod member;
mod order;
mod partition;
mod switch;
mod transaction;

pub use broker::Broker;
pub use member::Member;
pub use order::Interleaving;
pub use switch::{Effect, Fault, Switch};

#[cfg(test)]
mod tests;
