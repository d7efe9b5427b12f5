//! The log over Apache Kafka, and the only room that names its client.
//!
//! One [`KafkaLog`] is one member of a consumer group with one transactional producer, made for one
//! thread. Nothing here knows what a task is or what a record means, and nothing is decided in a
//! callback of the client: callbacks leave notes, and the thread that owns the log acts on them.
//!
//! # How a partition changes hands
//! The group runs the cooperative protocol. When the client reports partitions given or taken, nothing
//! is answered yet: the client then pauses everything it reads, and the group waits. [`KafkaLog::poll`]
//! hands the note on; the engine accepts (which tells the client to read none of them yet, so that the rest
//! goes on) or commits and unassigns, and that is what answers the group. What was accepted is assigned when
//! its state is there. So a partition is never read before that, and never read by the next owner before it
//! was given up here. A note that is empty, or that says the partitions are lost already, is
//! answered at once. `max.poll.interval.ms` (5 minutes) bounds how long an answer may take.
//!
//! # How a slow broker is waited for
//! Calls block. While one does, another thread polls the consumer in its place, so that a broker may be slow for as
//! long as a transaction may last without the group giving this member up. What is read meanwhile comes with the
//! next poll, and so does what the group asks.
//!
//! [`KafkaLog::poll`]: crate::log::Log::poll

mod admin;
mod attendant;
mod consumer;
mod errors;
mod feed;
mod ledger;
mod member;
mod mock;
mod notes;
mod observer;
mod probe;
mod producer;
mod reader;
mod record;
mod settings;
mod trimmer;
mod trouble;

pub use admin::{Admin, BrokerState, NewTopicPlan, TopicState};
pub use feed::Feed;
pub use ledger::Ledger;
pub use member::KafkaLog;
pub use mock::MockBroker;
pub use probe::Probe;
pub use settings::{KafkaSettings, RefusedProperty, is_secret};
