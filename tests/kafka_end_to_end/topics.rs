//! Topics that are missing, wrong, or changed by hand: each is named, and nothing runs on them. What is in them is not
//! looked at here.

use std::collections::BTreeMap;

use rapport::log::kafka::NewTopicPlan;

use super::{installation, promised, ready};
use crate::support::installed::daemon::{Daemon, rapport, rapport_with};
use crate::support::installed::{Installation, Layout, Way};

#[test]
fn topics_are_missed_then_made_then_right() {
    let Some(installation) = installation("topics_are_missed_then_made_then_right", "topics", 2000) else {
        return;
    };
    let check = || rapport(&["check", "--config", installation.config()]);
    let create = || rapport(&["topics", "create", "--config", installation.config()]);

    let said = check();
    assert_eq!(said.status, Some(1), "{said:?}");
    let own = ["crm.events", "rapport.deltas", "rapport.alerts", "rapport.windows", "rapport.definitions"];
    for topic in own {
        let line = format!("topic {} (", installation.topic(topic));
        let found = said.errors.lines().find(|found| found.contains(&line)).unwrap_or_else(|| {
            panic!("{topic} is not missed: {}", said.errors);
        });
        assert!(found.ends_with("is missing: run `rapport topics create`"), "{found}");
    }
    for source in ["leads", "deals"] {
        let line = format!("source topic {} is missing", installation.topic(source));
        assert!(said.errors.contains(&line), "{}", said.errors);
    }
    assert!(said.errors.starts_with("rapport: 10 things are wrong:"), "{}", said.errors);

    let said = create();
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(said.out.matches("created").count(), 8, "{}", said.out);
    let said = check();
    assert_eq!(said.status, Some(1), "the user's own topics are the user's to make: {said:?}");
    assert!(said.errors.starts_with("rapport: 2 things are wrong:"), "{}", said.errors);

    installation.make_sources();
    let said = check();
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(said.out, "configuration: right\ncluster: right\ntopics: right\nrights: right\n");

    let described = || {
        let all = installation.kafka.admin.topics().unwrap();
        let own = all.iter().filter(|topic| topic.name.starts_with(&installation.prefix));
        let names: Vec<&str> = own.map(|topic| topic.name.as_str()).collect();
        installation.kafka.admin.describe(&names).unwrap()
    };
    let before = described();
    assert_eq!(before.len(), 10);
    let said = create();
    assert_eq!(said.status, Some(0), "{said:?}");
    assert_eq!(said.out.matches("was there already").count(), 8, "{}", said.out);
    assert_eq!(described(), before, "making them again changes nothing");
}

/// A topic that is not as it must be is named with what it is and what it is to be, and the daemon refuses
/// to start on an event log whose count of partitions is another.
#[test]
fn topics_that_are_wrong_are_named() {
    let Some(installation) = installation("topics_that_are_wrong_are_named", "wrong", 2000) else { return };
    let plan = |name: &str, partitions, key: &str, value: &str| NewTopicPlan {
        name: installation.topic(name),
        partitions,
        replication: None,
        configs: BTreeMap::from([(key.to_owned(), value.to_owned())]),
    };
    let plans = [
        plan("crm.events", 3, "cleanup.policy", "delete"),
        plan("rapport.alerts", 1, "cleanup.policy", "delete"),
        plan("leads", 3, "cleanup.policy", "compact"),
        plan("deals", 2, "retention.ms", "3600000"),
    ];
    installation.kafka.admin.create_topics(&plans).unwrap();
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.out.matches("was there already").count(), 2, "{made:?}");

    let said = rapport(&["check", "--config", installation.config()]);
    assert_eq!(said.status, Some(1), "{said:?}");
    for (topic, fault) in [
        ("crm.events", "has 3 partitions, not 4"),
        ("rapport.alerts", "has cleanup.policy = delete, not compact"),
        (
            "leads",
            "has cleanup.policy = compact: what happened to a lead before its last record would be lost",
        ),
        ("deals", "has retention.ms = 3600000, less than a day (86400000)"),
    ] {
        let line = format!("topic {} {fault}", installation.topic(topic));
        assert!(said.errors.contains(&line), "{line}: {}", said.errors);
    }
    let said = rapport(&["run", "--config", installation.config()]);
    assert!(said.status.is_some_and(|status| status != 0), "{said:?}");
    assert!(said.errors.contains("has 3 partitions, the configuration says 4"), "{}", said.errors);
}

/// Transactions that the brokers would not begin are named before one is tried.
#[test]
fn a_timeout_beyond_the_brokers_is_named() {
    let Some(installation) = ready("a_timeout_beyond_the_brokers_is_named", "timeout", 2000) else { return };
    let with = |timeout_ms: &str| {
        let variable = ("RAPPORT__KAFKA__PRODUCER__TRANSACTION_TIMEOUT_MS", timeout_ms);
        rapport_with(&["check", "--config", installation.config()], &[variable])
    };
    let said = with("900000");
    assert_eq!(said.status, Some(0), "{said:?}");
    let said = with("1000000");
    assert_eq!(said.status, Some(1), "{said:?}");
    assert_eq!(said.out, "configuration: right\ntopics: right\n");
    assert!(said.errors.starts_with("rapport: 1 thing is wrong:\n  broker "), "{}", said.errors);
    let fault = "has transaction.max.timeout.ms = 900000, less than transaction.timeout.ms = 1000000: no transaction \
                 would begin; raise the one, or lower the other under [kafka.producer]";
    assert!(said.errors.contains(fault), "{}", said.errors);
}

/// A state topic that was made by hand has no partition for some of the event log's.
#[test]
fn a_state_with_another_count_of_partitions_is_refused() {
    let test = "a_state_with_another_count_of_partitions_is_refused";
    let Some(installation) = installation(test, "state", 2000) else { return };
    let state = installation.topic("rapport.journeys-state");
    let plan = NewTopicPlan {
        name: state.clone(),
        partitions: 2,
        replication: None,
        configs: BTreeMap::from([("retention.ms".to_owned(), "-1".to_owned())]),
    };
    assert_eq!(installation.kafka.admin.create_topics(&[plan]).unwrap().len(), 1);
    installation.make_sources();
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.out.matches("was there already").count(), 1, "{made:?}");
    let said = rapport(&["run", "--config", installation.config()]);
    assert_eq!(said.status, Some(2), "{said:?}");
    let last = format!(
        "rapport: {state} has 2 partitions, not 4: it was made or changed by hand; if nothing was written yet, delete \
         it and run `rapport topics create`, else begin anew under another topic prefix"
    );
    assert_eq!(said.errors.lines().last(), Some(last.as_str()), "{}", said.errors);
}

/// Somebody adds partitions by hand: the daemon that runs stops, and none starts again, whatever its file says.
#[test]
fn partitions_that_are_added_by_hand_are_refused() {
    let test = "partitions_that_are_added_by_hand_are_refused";
    let Some(kafka) = crate::kafka(test) else { return };
    let layout = |event_partitions| Layout {
        way: Way::Direct,
        event_partitions,
        consumer: vec![("topic.metadata.refresh.interval.ms", "500")],
        ..Layout::default()
    };
    let installation = Installation::new(kafka, "enlarged", layout(4));
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.status, Some(0), "{made:?}");
    let mut daemon = Daemon::start(&installation.config);
    assert_eq!(promised(&mut daemon), 0.95);
    let events = installation.topic("crm.events");
    for topic in [&events, &installation.topic("rapport.journeys-state")] {
        enlarge(&installation.kafka.bootstrap_servers, topic, 6);
    }
    let (status, last) = daemon.ended();
    assert_eq!(status, Some(1), "{last}");
    assert!(last.contains("partitions were added by hand"), "{last}");

    let as_made = rapport(&["run", "--config", installation.config()]);
    assert_eq!(as_made.status, Some(2), "{as_made:?}");
    let text = std::fs::read_to_string(&installation.config).unwrap();
    let follows = installation.folder.join("follows.toml");
    std::fs::write(&follows, text.replace("event_partitions = 4", "event_partitions = 6")).unwrap();
    let said = rapport(&["run", "--config", follows.to_str().unwrap()]);
    assert_eq!(said.status, Some(2), "{said:?}");
    let last = format!(
        "rapport: {events} has 6 partitions, but the definitions in the log count 4: the topic was changed by hand; \
         begin anew under another topic prefix"
    );
    assert_eq!(said.errors.lines().last(), Some(last.as_str()), "{}", said.errors);
}

fn enlarge(servers: &str, topic: &str, partitions: usize) {
    use rdkafka::admin::{AdminClient, AdminOptions, NewPartitions};
    let mut config = rdkafka::ClientConfig::new();
    let admin: AdminClient<_> = config.set("bootstrap.servers", servers).create().unwrap();
    let (wanted, options) = ([NewPartitions::new(topic, partitions)], AdminOptions::new());
    let made = admin.create_partitions(&wanted, &options);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    assert_eq!(runtime.block_on(made).unwrap(), [Ok(topic.to_owned())]);
}
