//! What each failure means for the engine, of the client and of what is found wrong here: the only file of this room
//! that makes errors, and so the only one where they get their road. Others look at a road at most.
//!
//! - *Retry*: the call did nothing and may be made again. Connections down, timeouts, elections, offsets
//!   that an open transaction holds: they pass by themselves. So does a coordinator that moves; the client looks for
//!   it by itself, until the time for the call is over.
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

use std::fmt;

use rdkafka::error::{KafkaError, RDKafkaErrorCode};

use super::settings::KafkaSettings;
use super::trouble::Trouble;
use crate::log::{Cause, LogError, MESSAGE_BYTES_MAX, METADATA_BYTES_MAX, Road, TopicPartition};

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
        | C::TransactionCoordinatorFenced
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
            | C::PollExceeded
            | C::State,
        ) => Cause::StaleMember,
        Some(C::AssignmentLost) => Cause::AssignmentLost,
        Some(C::UnstableOffsetCommit | C::ConcurrentTransactions) => Cause::Unstable,
        Some(C::OperationTimedOut | C::MessageTimedOut | C::TimedOutQueue | C::RequestTimedOut) => {
            Cause::TimedOut
        }
        Some(C::OffsetOutOfRange | C::AutoOffsetReset) => Cause::OffsetGone,
        Some(
            C::TopicAuthorizationFailed
            | C::GroupAuthorizationFailed
            | C::ClusterAuthorizationFailed
            | C::TransactionalIdAuthorizationFailed
            | C::DelegationTokenAuthorizationFailed,
        ) => Cause::Unauthorized,
        // The brokers are there, and busy.
        Some(C::ThrottlingQuotaExceeded | C::InProgress | C::PreviousInProgress | C::Retry) => Cause::Other,
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

/// The client's words, without the value of a property: it may be a secret; and what to do, where it is one thing.
fn words(error: &KafkaError) -> String {
    let words = match error {
        KafkaError::ClientConfig(_, description, property, _) => {
            format!("{} (property {property})", description.replace('\n', " "))
        }
        KafkaError::Transaction(e) => format!("{} ({:?})", e.string(), e.code()),
        other => other.to_string(),
    };
    match error.rdkafka_error_code().and_then(way_out) {
        Some(way_out) => format!("{words}; {way_out}"),
        None => words,
    }
}

fn way_out(code: RDKafkaErrorCode) -> Option<String> {
    use RDKafkaErrorCode as C;
    match code {
        C::MessageSizeTooLarge | C::MessageBatchTooLarge => Some(format!(
            "raise max.message.bytes of this topic to {MESSAGE_BYTES_MAX}, and message.max.bytes under \
             [kafka.producer] if it is set there, and start again; where both allow that, one journey or alert is \
             larger: lower limits.facts_per_journey or limits.evidence_ids"
        )),
        C::OffsetMetadataTooLarge => Some(format!(
            "raise offset.metadata.max.bytes of the brokers to {METADATA_BYTES_MAX}, and start again"
        )),
        _ => None,
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

/// Wrong use, or wrong settings, or a topic that is not there: it would come again for certain.
pub(super) fn wrong(what: impl Into<String>, why: impl fmt::Display) -> LogError {
    LogError::new(Road::Fatal, what, why)
}

/// Refuses settings with all their properties that must not be.
pub(super) fn check(settings: &KafkaSettings) -> Result<(), LogError> {
    let refused: Vec<_> = settings.refused().iter().map(ToString::to_string).collect();
    if refused.is_empty() { Ok(()) } else { Err(wrong("configure kafka", refused.join("; "))) }
}

/// Whoever has no state to go on from gives up at any failure: those who only write, and the broker of the demo.
pub(super) fn given_up(what: impl Into<String>, error: &KafkaError) -> LogError {
    LogError::new(Road::Fatal, what, words(error))
}

/// What was asked for did not come in time, although nothing has failed.
pub(super) fn silent(what: impl Into<String>, why: impl fmt::Display) -> LogError {
    LogError::new(Road::Retry, what, why).because(Cause::TimedOut)
}

/// An offset that is not in the log, which reaches from the one to the other.
pub(super) fn gone(at: &TopicPartition, from: i64, (low, high): (i64, i64)) -> LogError {
    let why = format!("offset {from} is not there: the log reaches from {low} to {high}");
    LogError::new(Road::Fatal, format!("read {at}"), why).because(Cause::OffsetGone)
}

/// One of these offsets is not in the log, and it cannot be told which.
pub(super) fn one_is_gone(offsets: &str) -> LogError {
    LogError::new(Road::Fatal, format!("read {offsets}"), "an offset is not there any more")
        .because(Cause::OffsetGone)
}

/// Nothing may be written before the producer is renewed.
pub(super) fn unwritable(what: impl Into<String>, why: &str) -> LogError {
    LogError::new(Road::Rebuild, what, why)
}

/// The partitions were lost to the group: nothing of them may be committed.
pub(super) fn lost_partitions() -> LogError {
    LogError::new(Road::Rebuild, "commit", "the partitions are lost to the group")
        .because(Cause::AssignmentLost)
}

/// A member without a place in the group would pass for one that needs none.
pub(super) fn stranger() -> LogError {
    LogError::new(Road::Rebuild, "commit", "this member belongs to no group").because(Cause::StaleMember)
}

/// A member that was cut off has joined again. The next poll tells what it has lost; until then nothing of that may
/// be restored.
pub(super) fn joined_again(lost: LogError) -> LogError {
    let why = format!("{}; joined the group again", lost.why);
    LogError::new(Road::Rebuild, lost.what, why).because(Cause::AssignmentLost)
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
mod tests;
