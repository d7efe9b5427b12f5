//! What the clients say about their connections, kept so that a failed call can name its cause.
//!
//! The client reports trouble (a refused connection, a wrong password) only to a callback, while the
//! calls themselves just time out. It is logged once per kind until the brokers answer again.

use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rdkafka::error::RDKafkaErrorCode;

/// The trouble of the clients of one log.
#[derive(Default)]
pub(super) struct Trouble {
    /// Written in callbacks, which the client hands a shared reference only; held for moments.
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Kinds that were logged since the brokers answered last.
    said: BTreeSet<i32>,
    cause: Option<(RDKafkaErrorCode, String)>,
    /// How often a connection has failed so far.
    failures: u64,
}

/// Whether it is the client itself that is at an end, fenced mostly, and no connection.
fn is_of_the_client(code: RDKafkaErrorCode) -> bool {
    use RDKafkaErrorCode as C;
    matches!(code, C::Fatal | C::Fenced | C::ProducerFenced | C::InvalidProducerEpoch | C::FencedInstanceId)
}

impl Trouble {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of an error that a client reports.
    pub(super) fn note(&self, code: RDKafkaErrorCode, reason: &str) {
        if code == RDKafkaErrorCode::PartitionEOF {
            return;
        }
        let mut state = self.lock();
        state.failures += u64::from(!is_of_the_client(code));
        if state.said.insert(code as i32) {
            tracing::warn!(?code, reason, "trouble with kafka");
        }
        // That all brokers are down says nothing that the reason before it does not say better.
        if code != RDKafkaErrorCode::AllBrokersDown || state.cause.is_none() {
            state.cause = Some((code, reason.to_string()));
        }
    }

    /// Takes note that the brokers have answered.
    pub(super) fn answered(&self) {
        let mut state = self.lock();
        if !state.said.is_empty() {
            tracing::info!("kafka answers again");
            state.said.clear();
            state.cause = None;
        }
    }

    /// The last cause of trouble, if the brokers have not answered since.
    pub(super) fn cause(&self) -> Option<(RDKafkaErrorCode, String)> {
        self.lock().cause.clone()
    }

    /// How often something went wrong with a connection so far.
    pub(super) fn failures(&self) -> u64 {
        self.lock().failures
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_telling_cause_is_kept_until_the_brokers_answer() {
        let trouble = Trouble::default();
        trouble.note(RDKafkaErrorCode::PartitionEOF, "end");
        assert_eq!(trouble.failures(), 0, "an end of a partition is no trouble");
        trouble.note(RDKafkaErrorCode::Authentication, "invalid credentials");
        trouble.note(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        assert_eq!(trouble.cause().map(|c| c.1).as_deref(), Some("invalid credentials"));
        trouble.answered();
        assert_eq!(trouble.cause(), None);
        assert_eq!(trouble.failures(), 2);
        trouble.note(RDKafkaErrorCode::Fenced, "another one has the id");
        assert_eq!(trouble.failures(), 2, "no connection has failed");
    }
}
