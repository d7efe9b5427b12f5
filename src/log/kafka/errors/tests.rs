//! Each failure with its road and its cause.

use super::*;

/// Each code that this room names, with its road while something is read, while something is written, while a
/// producer is renewed, and its cause.
#[test]
fn each_failure_has_its_road_and_its_cause() {
    use RDKafkaErrorCode as C;
    const PASSING: [Road; 3] = [Road::Retry, Road::Rebuild, Road::Retry];
    const CERTAIN: [Road; 3] = [Road::Fatal, Road::Fatal, Road::Fatal];
    const OTHER: [Road; 3] = [Road::Rebuild, Road::Rebuild, Road::Retry];
    let table: &[([Road; 3], Cause, &[C])] = &[
        (
            PASSING,
            Cause::TimedOut,
            &[C::OperationTimedOut, C::MessageTimedOut, C::TimedOutQueue, C::RequestTimedOut],
        ),
        (
            PASSING,
            Cause::Unreachable,
            &[
                C::BrokerTransportFailure,
                C::AllBrokersDown,
                C::Resolve,
                C::NetworkException,
                C::WaitingForCoordinator,
                C::CoordinatorNotAvailable,
                C::CoordinatorLoadInProgress,
                C::NotCoordinator,
                C::TransactionCoordinatorFenced,
                C::LeaderNotAvailable,
                C::NotLeaderForPartition,
                C::BrokerNotAvailable,
                C::ReplicaNotAvailable,
                C::NotEnoughReplicas,
                C::NotEnoughReplicasAfterAppend,
                C::OffsetNotAvailable,
                C::FencedLeaderEpoch,
                C::UnknownLeaderEpoch,
                C::UnknownPartition,
            ],
        ),
        (PASSING, Cause::Unstable, &[C::UnstableOffsetCommit, C::ConcurrentTransactions]),
        (PASSING, Cause::StaleMember, &[C::RebalanceInProgress, C::PollExceeded]),
        (
            PASSING,
            Cause::Other,
            &[C::InProgress, C::PreviousInProgress, C::Retry, C::ThrottlingQuotaExceeded],
        ),
        (
            CERTAIN,
            Cause::Unauthorized,
            &[
                C::TopicAuthorizationFailed,
                C::GroupAuthorizationFailed,
                C::ClusterAuthorizationFailed,
                C::TransactionalIdAuthorizationFailed,
                C::DelegationTokenAuthorizationFailed,
            ],
        ),
        (CERTAIN, Cause::OffsetGone, &[C::OffsetOutOfRange, C::AutoOffsetReset]),
        (CERTAIN, Cause::StaleMember, &[C::FencedInstanceId]),
        (
            CERTAIN,
            Cause::Other,
            &[
                C::UnsupportedSASLMechanism,
                C::IllegalSASLState,
                C::UnsupportedVersion,
                C::UnsupportedFeature,
                C::InvalidGroupId,
                C::InvalidTopic,
                C::InvalidConfig,
                C::InvalidSessionTimeout,
                C::InvalidTransactionTimeout,
                C::InvalidRequiredAcks,
                C::InconsistentGroupProtocol,
                C::GroupMaxSizeReached,
                C::MessageSizeTooLarge,
                C::MessageBatchTooLarge,
                C::OffsetMetadataTooLarge,
                C::InvalidRecord,
                C::InvalidArgument,
                C::PolicyViolation,
                C::InvalidPartitions,
                C::InvalidReplicationFactor,
                C::UnknownTopic,
                C::UnknownTopicOrPartition,
            ],
        ),
        (
            OTHER,
            Cause::Fenced,
            &[C::Fenced, C::ProducerFenced, C::InvalidProducerEpoch, C::InvalidProducerIdMapping],
        ),
        (OTHER, Cause::StaleMember, &[C::IllegalGeneration, C::UnknownMemberId, C::State]),
        (OTHER, Cause::AssignmentLost, &[C::AssignmentLost]),
        (OTHER, Cause::Other, &[C::PurgeQueue, C::Unknown, C::InvalidTransactionalState, C::Inconsistent]),
    ];
    let trouble = Trouble::default();
    let mut seen = std::collections::BTreeSet::new();
    for (code, roads, cause) in
        table.iter().flat_map(|(roads, cause, codes)| codes.iter().map(move |code| (*code, roads, *cause)))
    {
        assert!(seen.insert(code as i32), "{code:?} is there twice");
        let error = KafkaError::MessageProduction(code);
        let failures =
            [reading("x", &error, &trouble), writing("x", &error, &trouble), renewing("x", &error, &trouble)];
        assert_eq!(failures.each_ref().map(|failure| failure.road), *roads, "{code:?}");
        assert_eq!(failures.each_ref().map(|failure| failure.cause), [cause; 3], "{code:?}");
    }
    // Whoever names a code in this room writes it down here.
    let named = include_str!("../errors.rs").split("C::").skip(1);
    for name in named.map(|rest| rest.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default()) {
        let is_there = table.iter().any(|(_, _, codes)| codes.iter().any(|code| format!("{code:?}") == name));
        assert!(is_there, "{name} is not in the table");
    }
}

/// What is found wrong here, without the client.
#[test]
fn what_is_found_here_has_its_road_and_its_cause() {
    let at = TopicPartition::new("in", 0);
    let lost = wrong("stay", "cut off");
    for (found, road, cause) in [
        (wrong("x", "y"), Road::Fatal, Cause::Other),
        (given_up("x", &KafkaError::Canceled), Road::Fatal, Cause::Other),
        (silent("x", "y"), Road::Retry, Cause::TimedOut),
        (gone(&at, 3, (5, 9)), Road::Fatal, Cause::OffsetGone),
        (one_is_gone("in[0]@3"), Road::Fatal, Cause::OffsetGone),
        (unwritable("x", "y"), Road::Rebuild, Cause::Other),
        (lost_partitions(), Road::Rebuild, Cause::AssignmentLost),
        (stranger(), Road::Rebuild, Cause::StaleMember),
        (joined_again(lost), Road::Rebuild, Cause::AssignmentLost),
    ] {
        assert_eq!((found.road, found.cause), (road, cause), "{found}");
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

#[test]
fn what_is_too_large_comes_with_a_way_out() {
    let of = |code| {
        writing("produce to t[0]", &KafkaError::MessageProduction(code), &Trouble::default()).to_string()
    };
    for code in [RDKafkaErrorCode::MessageSizeTooLarge, RDKafkaErrorCode::MessageBatchTooLarge] {
        let said = of(code);
        assert!(
            said.contains("; raise max.message.bytes of this topic to 100663296, and message.max"),
            "{said}"
        );
    }
    let said = of(RDKafkaErrorCode::OffsetMetadataTooLarge);
    assert!(
        said.ends_with("; raise offset.metadata.max.bytes of the brokers to 4096, and start again"),
        "{said}"
    );
    let said = of(RDKafkaErrorCode::PolicyViolation);
    assert!(!said.contains("raise"), "{said}");
}
