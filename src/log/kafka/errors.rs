//! What each failure of the client means for the engine: the only place where errors get their road.
//!
//! - *Retry*: the call did nothing and may be made again. Connections down, timeouts, elections, offsets
//!   that an open transaction holds: they pass by themselves.
//! - *Rebuild*: what was written and not committed is gone or of unknown fate, so the producer is renewed
//!   and state restored. Every failure inside a transaction, unless it would come again for certain:
//!   timeouts (the commit may have happened), fencing (a second producer took the id, *or* the broker
//!   gave the transaction up: the two look alike), a stale generation or an unknown member (the group
//!   moved on meanwhile).
//! - *Fatal*: it would come again for certain. Missing rights, refused or wrong configuration, a topic
//!   that is not there, a record or text too large, offsets that are gone, wrong use, and
//!   `FencedInstanceId`: another process runs with the same instance id. That one tells a true twin from
//!   the two causes of fencing above, unless connections have failed of late: a client that has heard nothing
//!   for a whole session joins anew, and may then be told of itself. So the member joins once more, and a true
//!   twin is found out the next time.
//!
//! A wrong password is fatal only at the start; later the calls just time out, since credentials that
//! worked may work again.

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::trouble::Trouble;
use crate::log::{Cause, LogError, Road};

/// What kind of failure a code stands for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Passing,
    Certain,
    Other,
}

fn kind(code: RDKafkaErrorCode) -> Kind {
    use RDKafkaErrorCode as C;
    match code {
        C::BrokerTransportFailure
        | C::AllBrokersDown
        | C::Resolve
        | C::OperationTimedOut
        | C::MessageTimedOut
        | C::TimedOutQueue
        | C::RequestTimedOut
        | C::NetworkException
        | C::WaitingForCoordinator
        | C::CoordinatorNotAvailable
        | C::CoordinatorLoadInProgress
        | C::NotCoordinator
        | C::LeaderNotAvailable
        | C::NotLeaderForPartition
        | C::BrokerNotAvailable
        | C::ReplicaNotAvailable
        | C::NotEnoughReplicas
        | C::NotEnoughReplicasAfterAppend
        | C::OffsetNotAvailable
        | C::FencedLeaderEpoch
        | C::UnknownLeaderEpoch
        | C::UnstableOffsetCommit
        | C::ConcurrentTransactions
        | C::RebalanceInProgress
        | C::InProgress
        | C::PreviousInProgress
        | C::Retry
        | C::ThrottlingQuotaExceeded
        | C::UnknownPartition
        | C::PollExceeded => Kind::Passing,
        C::TopicAuthorizationFailed
        | C::GroupAuthorizationFailed
        | C::ClusterAuthorizationFailed
        | C::TransactionalIdAuthorizationFailed
        | C::DelegationTokenAuthorizationFailed
        | C::UnsupportedSASLMechanism
        | C::IllegalSASLState
        | C::UnsupportedVersion
        | C::UnsupportedFeature
        | C::InvalidGroupId
        | C::InvalidTopic
        | C::InvalidConfig
        | C::InvalidSessionTimeout
        | C::InvalidTransactionTimeout
        | C::InvalidRequiredAcks
        | C::InconsistentGroupProtocol
        | C::GroupMaxSizeReached
        | C::FencedInstanceId
        | C::MessageSizeTooLarge
        | C::MessageBatchTooLarge
        | C::OffsetMetadataTooLarge
        | C::InvalidRecord
        | C::InvalidArgument
        | C::PolicyViolation
        | C::InvalidPartitions
        | C::InvalidReplicationFactor
        | C::OffsetOutOfRange
        | C::AutoOffsetReset
        | C::UnknownTopic
        | C::UnknownTopicOrPartition => Kind::Certain,
        _ => Kind::Other,
    }
}

/// The label under which a failure is counted.
fn cause_of(error: &KafkaError) -> Cause {
    use RDKafkaErrorCode as C;
    let code = match error {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    };
    match code {
        Some(C::Fenced | C::ProducerFenced | C::InvalidProducerEpoch | C::InvalidProducerIdMapping) => {
            Cause::Fenced
        }
        Some(
            C::IllegalGeneration
            | C::UnknownMemberId
            | C::RebalanceInProgress
            | C::FencedInstanceId
            | C::State,
        ) => Cause::StaleMember,
        Some(C::AssignmentLost) => Cause::AssignmentLost,
        Some(C::UnstableOffsetCommit) => Cause::Unstable,
        Some(C::OperationTimedOut | C::MessageTimedOut | C::TimedOutQueue | C::RequestTimedOut) => {
            Cause::TimedOut
        }
        Some(C::OffsetOutOfRange | C::AutoOffsetReset) => Cause::OffsetGone,
        Some(
            C::TopicAuthorizationFailed
            | C::GroupAuthorizationFailed
            | C::ClusterAuthorizationFailed
            | C::TransactionalIdAuthorizationFailed,
        ) => Cause::Unauthorized,
        Some(code) if kind(code) == Kind::Passing => Cause::Unreachable,
        _ => Cause::Other,
    }
}

fn road_of(error: &KafkaError, passing: Road) -> Road {
    let own = match error {
        KafkaError::ClientConfig(..) | KafkaError::ClientCreation(_) | KafkaError::Nul(_) => {
            Some(Kind::Certain)
        }
        KafkaError::Subscription(_) | KafkaError::PauseResume(_) => Some(Kind::Certain),
        KafkaError::Seek(_) | KafkaError::Canceled => Some(Kind::Passing),
        _ => None,
    };
    let code = match error {
        KafkaError::AdminOp(code) => Some(*code),
        other => other.rdkafka_error_code(),
    };
    match own.or_else(|| code.map(kind)).unwrap_or(Kind::Other) {
        Kind::Passing => passing,
        Kind::Certain => Road::Fatal,
        Kind::Other => Road::Rebuild,
    }
}

/// The client's words, without the value of a property: it may be a secret.
fn words(error: &KafkaError) -> String {
    match error {
        KafkaError::ClientConfig(_, description, property, _) => {
            format!("{} (property {property})", description.replace('\n', " "))
        }
        KafkaError::Transaction(e) => format!("{} ({:?})", e.string(), e.code()),
        other => other.to_string(),
    }
}

fn with_cause(words: String, trouble: &Trouble) -> String {
    match trouble.cause() {
        Some((_, cause)) => format!("{words}; last trouble: {cause}"),
        None => words,
    }
}

/// A failure of something that changes nothing: reading, looking up, seeking, administration.
pub(super) fn reading(what: impl Into<String>, error: &KafkaError, trouble: &Trouble) -> LogError {
    LogError::new(road_of(error, Road::Retry), what, with_cause(words(error), trouble))
        .because(cause_of(error))
}

/// A failure inside a transaction.
pub(super) fn writing(what: impl Into<String>, error: &KafkaError, trouble: &Trouble) -> LogError {
    LogError::new(road_of(error, Road::Rebuild), what, with_cause(words(error), trouble))
        .because(cause_of(error))
}

/// A failure to make a producer and take its id: made again from the beginning, it may work.
pub(super) fn renewing(what: impl Into<String>, error: &KafkaError, trouble: &Trouble) -> LogError {
    let road = match road_of(error, Road::Retry) {
        Road::Rebuild => Road::Retry,
        road => road,
    };
    LogError::new(road, what, with_cause(words(error), trouble)).because(cause_of(error))
}

/// No broker has answered at the start: fatal where the cause would come again for certain.
pub(super) fn unreachable(bootstrap_servers: &str, error: &KafkaError, trouble: &Trouble) -> LogError {
    let what = format!("cannot reach any broker at {bootstrap_servers}");
    let Some((code, cause)) = trouble.cause() else {
        return LogError::new(road_of(error, Road::Retry), what, words(error));
    };
    let hopeless = matches!(
        code,
        RDKafkaErrorCode::Authentication | RDKafkaErrorCode::SaslAuthenticationFailed | RDKafkaErrorCode::SSL
    );
    LogError::new(if hopeless { Road::Fatal } else { Road::Retry }, what, cause)
}

/// The client itself is lost: a member that was fenced by another one with its instance id, mostly.
pub(super) fn lost_member(
    code: RDKafkaErrorCode,
    reason: &str,
    instance_id: Option<&str>,
    cut_off: CutOff,
) -> LogError {
    let what = format!("stay in the group as {}", instance_id.unwrap_or("a member"));
    let (road, why) = match (code, cut_off) {
        (RDKafkaErrorCode::FencedInstanceId, CutOff::OfLate) => {
            (Road::Rebuild, "the connection was lost for a whole session".to_owned())
        }
        (RDKafkaErrorCode::FencedInstanceId, CutOff::No) => {
            (Road::Fatal, "another process runs with the same instance id".to_owned())
        }
        _ => (Road::Fatal, format!("{reason} ({code:?})")),
    };
    LogError::new(road, what, why).because(Cause::StaleMember)
}

/// Whether a member could not reach its brokers of late.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CutOff {
    /// A connection has failed, and little was committed since.
    OfLate,
    /// All is well.
    No,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_has_its_road() {
        use RDKafkaErrorCode as C;
        let trouble = Trouble::default();
        for (code, read, written) in [
            (C::OperationTimedOut, Road::Retry, Road::Rebuild),
            (C::BrokerTransportFailure, Road::Retry, Road::Rebuild),
            (C::UnstableOffsetCommit, Road::Retry, Road::Rebuild),
            (C::NotCoordinator, Road::Retry, Road::Rebuild),
            (C::Fenced, Road::Rebuild, Road::Rebuild),
            (C::InvalidProducerEpoch, Road::Rebuild, Road::Rebuild),
            (C::IllegalGeneration, Road::Rebuild, Road::Rebuild),
            (C::UnknownMemberId, Road::Rebuild, Road::Rebuild),
            (C::PurgeQueue, Road::Rebuild, Road::Rebuild),
            (C::FencedInstanceId, Road::Fatal, Road::Fatal),
            (C::TopicAuthorizationFailed, Road::Fatal, Road::Fatal),
            (C::OffsetMetadataTooLarge, Road::Fatal, Road::Fatal),
            (C::MessageSizeTooLarge, Road::Fatal, Road::Fatal),
            (C::AutoOffsetReset, Road::Fatal, Road::Fatal),
        ] {
            let error = KafkaError::MessageProduction(code);
            assert_eq!(reading("x", &error, &trouble).road, read, "{code:?} while reading");
            assert_eq!(writing("x", &error, &trouble).road, written, "{code:?} while writing");
        }
    }

    #[test]
    fn only_a_member_that_was_not_cut_off_has_a_twin() {
        let fenced =
            |cut_off| lost_member(RDKafkaErrorCode::FencedInstanceId, "fenced", Some("rapport-0"), cut_off);
        assert_eq!(fenced(CutOff::OfLate).road, Road::Rebuild);
        let twin = fenced(CutOff::No);
        assert_eq!(twin.road, Road::Fatal);
        let said = "stay in the group as rapport-0: another process runs with the same instance id";
        assert_eq!(twin.to_string(), said);
    }

    #[test]
    fn a_start_without_brokers_names_address_and_cause() {
        let error = KafkaError::MetadataFetch(RDKafkaErrorCode::OperationTimedOut);
        let trouble = Trouble::default();
        assert_eq!(unreachable("kafka:9092", &error, &trouble).road, Road::Retry);
        trouble.note(RDKafkaErrorCode::Authentication, "invalid credentials");
        trouble.note(RDKafkaErrorCode::AllBrokersDown, "1/1 brokers are down");
        let failure = unreachable("kafka:9092", &error, &trouble);
        assert_eq!(failure.to_string(), "cannot reach any broker at kafka:9092: invalid credentials");
        assert_eq!(failure.road, Road::Fatal);
    }

    #[test]
    fn the_value_of_a_wrong_property_is_not_repeated() {
        let mut config = rdkafka::ClientConfig::new();
        config.set("sasl.mechanism.nonsense", "do not tell");
        let error = config.create_native_config().err().expect("no such property");
        let shown = writing("start", &error, &Trouble::default()).to_string();
        assert!(shown.contains("sasl.mechanism.nonsense") && !shown.contains("do not tell"), "{shown}");
    }
}
