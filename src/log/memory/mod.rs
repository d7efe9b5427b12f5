//! A true read-committed log in this process: the engine's other end in every test without Kafka.
//!
//! It keeps what matters of Kafka's contract: offsets with control markers, the last stable offset,
//! transactional ids with epochs, offsets that are unstable while a transaction holds them, truncation,
//! cooperative hand-over of partitions, by hand or by a group that shares out by itself and forgets members
//! that are silent for too long. On top it has switches: a member can be made to crash or to fail at any step of
//! its life, before or after the step took effect, to lose sight of a request that arrives later, to be cut off
//! or put to sleep for a while; and coordinators can move. It never reads a clock, never waits and never sleeps:
//! its time passes where a test lets it pass, and with the same calls it always gives the same answers.

mod adrift;
mod assignor;
mod broker;
mod client;
mod cluster;
mod coordinator;
mod group;
mod local;
mod loose;
mod marker;
mod member;
mod moving;
mod order;
mod partition;
mod switch;
mod times;
mod transaction;

pub use broker::Broker;
pub use member::Member;
pub use moving::CoordinatorType;
pub use order::Interleaving;
pub use switch::{END, Effect, Fault, PLACES, Switch, Trigger};
pub use times::Times;

#[cfg(test)]
mod tests;
