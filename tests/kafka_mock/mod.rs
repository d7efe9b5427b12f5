//! A member over librdkafka's cluster in this process, where brokers can be slow one by one, and a coordinator can
//! move. It proves nothing about transactions that fail: it shows what they wrote.

use std::sync::mpsc::channel;
use std::time::Duration;

use rapport::log::kafka::{KafkaLog, KafkaSettings};
use rapport::log::{AssignmentChange, Log, RawRecord, TopicPartition, read_through};
use rdkafka::mocking::{MockCluster, MockCoordinator};
use rdkafka::producer::DefaultProducerContext;

use super::{place, poll_change, record};

/// The broker that the group meets, and the one that everything else is with.
const OF_THE_GROUP: i32 = 1;
const OF_THE_REST: i32 = 2;
/// After how long without a poll a member leaves the group. This cluster lets those who join wait for 3 s.
const POLL_INTERVAL_MS: &str = "4000";
/// So slow is a slow broker at each request, of which a commit takes several one after the other.
const SLOW: Duration = Duration::from_millis(1500);

type Cluster = MockCluster<'static, DefaultProducerContext>;

/// Two brokers, and a topic to read and one to write with one partition each.
fn cluster(settings: &KafkaSettings) -> (Cluster, KafkaSettings) {
    let cluster = MockCluster::new(2).unwrap();
    for topic in ["in", "out"] {
        cluster.create_topic(topic, 1, 1).unwrap();
        cluster.partition_leader(topic, 0, Some(OF_THE_REST)).unwrap();
    }
    cluster.coordinator(MockCoordinator::Group(settings.group_id.clone()), OF_THE_GROUP).unwrap();
    move_transactions(&cluster, settings, OF_THE_REST);
    let settings = KafkaSettings { bootstrap_servers: cluster.bootstrap_servers(), ..settings.clone() };
    (cluster, settings)
}

fn move_transactions(cluster: &Cluster, settings: &KafkaSettings, to: i32) {
    let id = settings.transactional_id.clone();
    cluster.coordinator(MockCoordinator::Transaction(id), to).unwrap();
}

fn settings(group: &str) -> KafkaSettings {
    let mut settings = KafkaSettings::new("", group, None);
    let short = [
        ("heartbeat.interval.ms", "100"),
        ("session.timeout.ms", POLL_INTERVAL_MS),
        ("max.poll.interval.ms", POLL_INTERVAL_MS),
    ];
    settings.consumer.extend(short.map(|(property, value)| (property.to_owned(), value.to_owned())));
    settings
}

/// Joins and reads all there is.
fn join(settings: &KafkaSettings) -> KafkaLog {
    let mut log = KafkaLog::join(settings, &["in"]).unwrap();
    let at = TopicPartition::new("in", 0);
    assert_eq!(poll_change(&mut log), AssignmentChange::Given(vec![at.clone()]));
    log.assign(&[(at, 0)]).unwrap();
    log
}

fn value(record: &RawRecord) -> String {
    String::from_utf8(record.value.clone().unwrap()).unwrap()
}

fn commit(log: &mut dyn Log, values: &[String], offset: i64) {
    log.begin().unwrap();
    for value in values {
        log.produce(record(&TopicPartition::new("out", 0), value)).unwrap();
    }
    log.commit(&[place(&TopicPartition::new("in", 0), offset)]).unwrap();
}

/// What comes while a commit is waited for is neither lost nor told before the next poll.
#[test]
fn a_broker_that_is_slow_for_longer_than_the_poll_interval_costs_a_member_nothing() {
    let (cluster, settings) = cluster(&settings("slow"));
    let mut log = join(&settings);
    let input = TopicPartition::new("in", 0);
    let written: Vec<String> = (0..20).map(|n| n.to_string()).collect();
    log.begin().unwrap();
    for value in &written {
        log.produce(record(&input, value)).unwrap();
    }
    cluster.broker_round_trip_time(OF_THE_REST, SLOW).unwrap();
    log.commit(&[place(&input, 0)]).unwrap();
    assert_eq!(log.position(&input).unwrap(), 0, "nothing was handed on yet");
    cluster.broker_round_trip_time(OF_THE_REST, Duration::ZERO).unwrap();
    let mut read = Vec::new();
    while read.len() < written.len() {
        let polled = log.poll(50).unwrap();
        assert_eq!(polled.change, None, "it is a member as before");
        read.extend(polled.records.iter().map(value));
    }
    assert_eq!(read, written);
    commit(&mut log, &["at last".to_owned()], 20);
    assert_eq!(log.poll(0).unwrap().change, None);
}

/// The coordinator of transactions moves in the middle of commits: each of them is carried out once.
#[test]
fn a_coordinator_of_transactions_that_moves_changes_nothing() {
    const COMMITS: usize = 20;
    let (cluster, settings) = cluster(&settings("moving"));
    for broker in [OF_THE_GROUP, OF_THE_REST] {
        cluster.broker_round_trip_time(broker, Duration::from_millis(10)).unwrap();
    }
    let values = |commit: usize| [format!("{commit} a"), format!("{commit} b")];
    let (says, hears) = channel();
    let member = settings.clone();
    let working = std::thread::spawn(move || {
        let mut log = join(&member);
        for n in 0..COMMITS {
            says.send(n).unwrap();
            commit(&mut log, &values(n), n as i64);
            assert_eq!(log.poll(0).unwrap().change, None);
        }
        let mut found = Vec::new();
        read_through(&mut log, &TopicPartition::new("out", 0), 0, &mut |record| found.push(value(&record)))
            .unwrap();
        found
    });
    // The cluster belongs to this thread; the member tells when it is about to commit.
    for n in hears {
        move_transactions(&cluster, &settings, if n % 2 == 0 { OF_THE_GROUP } else { OF_THE_REST });
    }
    let expected: Vec<String> = (0..COMMITS).flat_map(values).collect();
    assert_eq!(working.join().unwrap(), expected);
}
