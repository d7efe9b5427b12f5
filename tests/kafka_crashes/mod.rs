//! Each test plays a history while something dies, comes or goes; in the end all is settled and stopped, and the
//! [`verifier`] reads everything that is committed. What is only [`measured`] is played when it is asked for.

mod broker;
mod definitions;
mod evidence;
mod fleet;
mod kills;
mod lost_state;
mod measured;
mod members;
mod points;
mod poison;
mod slow;
mod tampering;
mod verifier;
mod zombies;

use std::sync::OnceLock;

use crate::support::Skip;
use crate::support::installed::daemon::rapport;
use crate::support::installed::{Installation, Layout};
use crate::support::kafka_broker::KafkaBroker;
use crate::support::kafka_stand::Kafka;

static BROKER: OnceLock<Result<KafkaBroker, Skip>> = OnceLock::new();

/// The broker that tests share, or nothing, said loudly.
fn shared_broker(test: &str) -> Option<&'static KafkaBroker> {
    match BROKER.get_or_init(KafkaBroker::start) {
        Ok(broker) => Some(broker),
        Err(skip) => {
            skip.announce(test);
            None
        }
    }
}

/// An installation with all its topics.
fn installed(broker: &KafkaBroker, name: &str, layout: Layout) -> Installation {
    let installation = Installation::new(Kafka::new(broker), name, layout);
    installation.make_sources();
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.status, Some(0), "{made:?}");
    installation
}

/// Timeouts short enough for a test to see them pass: sessions of 3 s, transactions of 8 s.
fn short() -> Layout {
    Layout {
        consumer: vec![
            ("session.timeout.ms", "3000"),
            ("heartbeat.interval.ms", "300"),
            ("max.poll.interval.ms", "30000"),
        ],
        producer: vec![("transaction.timeout.ms", "8000")],
        // The topics of a history end days apart; the one that ends last is to be read all the same.
        log: vec![("max_ahead", "10d")],
        ..Layout::default()
    }
}
