//! What only a real Apache Kafka can prove. One broker serves the whole binary; each test has topics and
//! groups of its own. Without Java or Maven every test that needs it says loudly that it was skipped.

#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect is to fail there")]

/// The whole program as its user meets it.
mod kafka_end_to_end;
/// A member over a cluster that is slow, or moves.
mod kafka_mock;
/// What tests share.
mod support;

use std::net::TcpListener;
use std::sync::OnceLock;

use rapport::log::kafka::{KafkaLog, KafkaSettings, MockBroker, NewTopicPlan};
use rapport::log::{AssignmentChange, Committed, Log, NewRecord, Road, TopicPartition};
use support::Skip;
use support::kafka_broker::KafkaBroker;
use support::kafka_stand::Kafka;
use support::log_conformance::{self, Stand};

static BROKER: OnceLock<Result<KafkaBroker, Skip>> = OnceLock::new();

/// The stand over the broker of this binary, or nothing, said loudly.
fn kafka(test: &str) -> Option<Kafka> {
    match BROKER.get_or_init(KafkaBroker::start) {
        Ok(broker) => Some(Kafka::new(broker)),
        Err(skip) => {
            skip.announce(test);
            None
        }
    }
}

macro_rules! conformance {
    ($($test:ident),* $(,)?) => {
        /// The contract of the log, held over Kafka.
        mod contract {
            $(
                #[test]
                fn $test() {
                    if let Some(mut kafka) = super::kafka(stringify!($test)) {
                        super::log_conformance::$test(&mut kafka);
                    }
                }
            )*
        }
    };
}

log_conformance::for_each_test!(conformance);

/// How often a test polls before it gives up, 50 ms each.
const POLLS: usize = 600;

/// The next change that gives or takes anything.
fn poll_change(log: &mut dyn Log) -> AssignmentChange {
    let change = (0..POLLS).find_map(|_| match log.poll(50).unwrap().change {
        Some(AssignmentChange::Given(given)) if given.is_empty() => {
            log.accept(&given).unwrap();
            None
        }
        change => change,
    });
    change.expect("a change of the assignment comes in time")
}

fn record(to: &TopicPartition, value: &str) -> NewRecord {
    let value = Some(value.as_bytes().to_vec());
    NewRecord { to: to.clone(), key: None, value, headers: Vec::new(), timestamp: None }
}

fn place(at: &TopicPartition, offset: i64) -> (TopicPartition, Committed) {
    (at.clone(), Committed { offset, metadata: String::new() })
}

#[test]
fn a_start_without_a_broker_says_where_and_why() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let servers = format!("127.0.0.1:{port}");
    let settings = KafkaSettings::new(&servers, "nobody", Some("0"));
    let error = KafkaLog::join(&settings, &["topic"]).err().expect("nobody listens there");
    assert_eq!(error.road, Road::Retry);
    let said = error.to_string();
    assert!(said.starts_with(&format!("cannot reach any broker at {servers}: ")), "{said}");
    assert!(said.contains("Connection refused"), "{said}");
}

#[test]
fn a_start_with_a_property_that_breaks_exactly_once_is_refused() {
    let mut settings = KafkaSettings::new("127.0.0.1:1", "nobody", Some("0"));
    settings.producer.insert("acks".into(), "1".into());
    let error = KafkaLog::join(&settings, &["topic"]).err().expect("it is refused before connecting");
    assert_eq!(error.road, Road::Fatal);
    assert!(error.to_string().contains("kafka property acks is refused"), "{error}");
}

#[test]
fn a_start_on_a_topic_that_is_not_there_is_refused() {
    let Some(mut kafka) = kafka("a_start_on_a_topic_that_is_not_there_is_refused") else { return };
    let (group, topic) = (kafka.unique("no-topic"), kafka.unique("never-made"));
    let error = KafkaLog::join(&kafka.settings(&group, "0"), &[&topic]).err().expect("there is no topic");
    assert_eq!(error.road, Road::Fatal);
    assert_eq!(error.to_string(), format!("subscribe to {topic}: there is no such topic; make it first"));
}

/// The limits of a member that is given up when it does not poll for so many ms. Others have the usual ones.
fn soon_given_up(ms: &str) -> [(&str, &str); 3] {
    [("heartbeat.interval.ms", "200"), ("session.timeout.ms", ms), ("max.poll.interval.ms", ms)]
}

/// A member that does not poll for too long is given up; what it had open commits nothing.
#[test]
fn a_member_that_was_given_up_loses_its_partitions_and_its_transaction() {
    let test = "a_member_that_was_given_up_loses_its_partitions_and_its_transaction";
    let Some(mut kafka) = kafka(test) else { return };
    let at = TopicPartition::new(kafka.topic(1), 0);
    let group = kafka.unique("given-up");
    let join = |id: &str, limits: &[(&str, &str)]| {
        let mut settings = kafka.settings(&group, id);
        settings.consumer.extend(limits.iter().map(|(k, v)| (k.to_string(), v.to_string())));
        KafkaLog::join(&settings, &[&at.topic]).unwrap()
    };
    let given = AssignmentChange::Given(vec![at.clone()]);
    let mut slow = join("slow", &soon_given_up("1500"));
    assert_eq!(poll_change(&mut slow), given);
    slow.assign(&[(at.clone(), 0)]).unwrap();
    slow.begin().unwrap();
    slow.produce(record(&at, "never")).unwrap();

    let mut heir = join("heir", &[]);
    assert_eq!(poll_change(&mut heir), given, "what the slow one had goes to its heir");
    heir.assign(&[(at.clone(), 0)]).unwrap();

    assert_eq!(poll_change(&mut slow), AssignmentChange::Lost(vec![at.clone()]));
    let error = slow.commit(&[place(&at, 9)]).unwrap_err();
    assert_eq!(error.road, Road::Rebuild, "{error}");
    slow.renew().unwrap();
    heir.begin().unwrap();
    heir.produce(record(&at, "heir")).unwrap();
    heir.commit(&[place(&at, 0)]).unwrap();
    let shown = (0..POLLS).map(|_| kafka.read_committed(&at)).find(|r| !r.is_empty());
    assert_eq!(shown.map(|r| r[0].value.clone()), Some(Some(b"heir".to_vec())));
}

/// A member that is dropped between a change and its answer answers the group itself: otherwise its
/// consumer would never close.
#[test]
fn a_member_can_be_dropped_with_a_change_unanswered() {
    let Some(mut kafka) = kafka("a_member_can_be_dropped_with_a_change_unanswered") else { return };
    let topic = kafka.topic(2);
    let group = kafka.unique("dropped");
    let all = vec![TopicPartition::new(&topic, 0), TopicPartition::new(&topic, 1)];
    let join = |id: Option<&str>| {
        let mut settings = kafka.settings(&group, id.unwrap_or("anonymous"));
        settings.instance_id = id.map(str::to_string);
        KafkaLog::join(&settings, &[&topic]).unwrap()
    };
    let mut given = join(None);
    assert_eq!(poll_change(&mut given), AssignmentChange::Given(all.clone()));
    drop(given);

    let mut taken = join(None);
    assert_eq!(poll_change(&mut taken), AssignmentChange::Given(all.clone()), "the one before has left");
    taken.assign(&[(all[0].clone(), 0), (all[1].clone(), 0)]).unwrap();
    let mut other = join(Some("other"));
    let change = (0..POLLS).find_map(|_| {
        match other.poll(20).unwrap().change {
            None => {}
            Some(AssignmentChange::Given(these)) if these.is_empty() => other.accept(&these).unwrap(),
            unexpected => panic!("{unexpected:?}"),
        }
        taken.poll(50).unwrap().change
    });
    assert!(matches!(change, Some(AssignmentChange::Taken(ref t)) if t.len() == 1), "{change:?}");
    drop(taken);
    let mut left = Vec::new();
    while left.len() < 2 {
        match poll_change(&mut other) {
            AssignmentChange::Given(these) => {
                other.assign(&these.iter().map(|at| (at.clone(), 0)).collect::<Vec<_>>()).unwrap();
                left.extend(these);
            }
            unexpected => panic!("{unexpected:?}"),
        }
    }
    left.sort();
    assert_eq!(left, all);
}

/// A member that is dropped while the group's question still waits to be polled: closing asks once more,
/// and an answer too many would never be heard.
#[test]
fn a_member_can_be_dropped_with_a_change_unheard() {
    let Some(mut kafka) = kafka("a_member_can_be_dropped_with_a_change_unheard") else { return };
    let topic = kafka.topic(1);
    for round in 0..5 {
        let group = kafka.unique("unheard");
        let join = |id: &str, limits: &[(&str, &str)]| {
            let mut settings = kafka.settings(&group, id);
            settings.instance_id = (round % 2 == 0).then(|| id.to_string());
            settings.consumer.extend(limits.iter().map(|(k, v)| (k.to_string(), v.to_string())));
            KafkaLog::join(&settings, &[&topic]).unwrap()
        };
        let mut silent = join("silent", &soon_given_up("1000"));
        let given = AssignmentChange::Given(vec![TopicPartition::new(&topic, 0)]);
        assert_eq!(poll_change(&mut silent), given);
        silent.assign(&[(TopicPartition::new(&topic, 0), 0)]).unwrap();
        let mut heir = join("heir", &[]);
        assert_eq!(poll_change(&mut heir), given, "the silent one was given up and has not heard of it");
        drop(silent);
        drop(heir);
    }
}

#[test]
fn topics_are_made_once_and_described() {
    let Some(mut kafka) = kafka("topics_are_made_once_and_described") else { return };
    let name = kafka.unique("described");
    let configs = [("cleanup.policy".to_string(), "compact".to_string())].into();
    let plan = NewTopicPlan { name: name.clone(), partitions: 3, replication: Some(1), configs };
    assert_eq!(kafka.admin.create_topics(std::slice::from_ref(&plan)).unwrap(), std::slice::from_ref(&name));
    assert!(
        kafka.admin.create_topics(std::slice::from_ref(&plan)).unwrap().is_empty(),
        "it is there already"
    );
    let missing = kafka.unique("never-made");
    assert_eq!(kafka.admin.describe(&[&missing]).unwrap(), []);
    let topics = kafka.admin.describe(&[&missing, &name]).unwrap();
    assert_eq!(topics.len(), 1);
    assert_eq!((topics[0].name.as_str(), topics[0].partitions), (name.as_str(), 3));
    assert_eq!(topics[0].configs["cleanup.policy"], "compact");
    let wrong = NewTopicPlan { name, partitions: 1, replication: Some(3), configs: [].into() };
    let wrong = NewTopicPlan { name: kafka.unique("three-copies"), ..wrong };
    let error = kafka.admin.create_topics(&[wrong]).unwrap_err();
    assert_eq!(error.road, Road::Fatal);
    assert!(error.to_string().contains("replication"), "{error}");
}

/// The broker of the demo is good enough for one member: it reads what it writes. It needs no Kafka.
#[test]
fn the_broker_of_the_demo_serves_a_member() {
    let broker = MockBroker::start(&[("in", 2), ("out", 1)]).unwrap();
    let settings = KafkaSettings::new(&broker.bootstrap_servers(), "demo", Some("0"));
    let mut log = KafkaLog::join(&settings, &["in"]).unwrap();
    let all = [TopicPartition::new("in", 0), TopicPartition::new("in", 1)];
    assert_eq!(poll_change(&mut log), AssignmentChange::Given(all.to_vec()));
    assert_eq!(log.committed(&all).unwrap(), [None, None]);
    log.assign(&[(all[0].clone(), 0), (all[1].clone(), 0)]).unwrap();
    for round in 0..3 {
        log.begin().unwrap();
        all.iter().for_each(|at| log.produce(record(at, &format!("{at} {round}"))).unwrap());
        log.produce(record(&TopicPartition::new("out", 0), "out")).unwrap();
        log.commit(&[place(&all[0], round)]).unwrap();
    }
    let mut read = Vec::new();
    for _ in 0..POLLS {
        read.extend(
            log.poll(50).unwrap().records.into_iter().map(|r| String::from_utf8(r.value.unwrap()).unwrap()),
        );
        if read.len() == 6 {
            break;
        }
    }
    read.sort();
    assert_eq!(read, ["in[0] 0", "in[0] 1", "in[0] 2", "in[1] 0", "in[1] 1", "in[1] 2"]);
    let mut out = 0;
    rapport::log::read_through(&mut log, &TopicPartition::new("out", 0), 0, &mut |_| out += 1).unwrap();
    assert_eq!(out, 3);
}
