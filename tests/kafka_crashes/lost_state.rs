//! The state topics are emptied while nobody runs. The program refuses to go on without them; `rapport state
//! rebuild`, killed on its way and begun again, makes the state anew, and the history goes on.

use std::fmt::Write as _;

use rand::RngExt as _;
use rapport::log::TopicPartition;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, dice, start};
use super::verifier::verify;
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::{Daemon, Stop, rapport, rapport_with};
use crate::support::installed::quarter;
use crate::support::installed::{EVENT_PARTITIONS, Installation, Instance};
use crate::support::kafka_broker::KafkaBroker;

/// Deletes every record of these partitions with Kafka's own tool.
fn empty(broker: &KafkaBroker, installation: &Installation, partitions: &[TopicPartition]) {
    let list = partitions.iter().fold(String::new(), |mut list, at| {
        let comma = if list.is_empty() { "" } else { "," };
        let (topic, partition) = (&at.topic, at.partition);
        let _ = write!(list, r#"{comma}{{"topic":"{topic}","partition":{partition},"offset":-1}}"#);
        list
    });
    let file = installation.folder.join("delete.json");
    std::fs::write(&file, format!(r#"{{"version":1,"partitions":[{list}]}}"#)).unwrap();
    let file = file.to_str().unwrap();
    let args = ["--bootstrap-server", &broker.bootstrap_servers, "--offset-json-file", file];
    broker.tool("org.apache.kafka.tools.DeleteRecordsCommand", &args).unwrap();
}

#[test]
fn state_that_is_lost_is_made_anew() {
    let test = "state_that_is_lost_is_made_anew";
    let Some(broker) = shared_broker(test) else { return };
    let mut dice = dice(test);
    let records = quarter::unruly_records(15);
    let mut installation = installed(broker, "lost-state", short());
    let mut flow = Flow::begin(&mut installation, &records, 400);
    let config = installation.instance(Instance::named(LAST));
    let rebuild = ["state", "rebuild", "--config", config.to_str().unwrap()];
    let said = rapport(&rebuild);
    let nothing = "there is no state yet: the group has no place in any partition\n";
    assert_eq!((said.status, said.out.as_str()), (Some(0), nothing), "{said:?}");

    let mut stateful = installation.events();
    stateful.extend(installation.each("rapport.deltas", 1));
    for state in [
        installation.each("rapport.journeys-state", EVENT_PARTITIONS),
        installation.each("rapport.segments-state", 1),
    ] {
        let daemon = start(&installation, Instance::named(LAST));
        flow.go_on_until("a place of every task", || {
            installation.places(&stateful).iter().all(Option::is_some)
        });
        flow.go_on(dice.random_range(60..160));
        daemon.stop(Stop::Kill);
        empty(broker, &installation, &state);
        let mut refused = Daemon::spawn(&config, &[]);
        refused.until("that it refuses", |daemon| daemon.has_said("rapport state rebuild").then_some(()));
        drop(refused);

        let dies_at = format!("end_asked:{}", dice.random_range(1..=4));
        let dead = rapport_with(&rebuild, &[("RAPPORT_CRASH_AT", &dies_at)]);
        assert!(dead.errors.contains("died at end_asked"), "{dies_at}: {dead:?}");
        let said = rapport(&rebuild);
        assert_eq!(said.status, Some(0), "{said:?}");
        assert!(said.out.starts_with("the state of 5 tasks was made anew from "), "{said:?}");
    }
    assert!(!flow.is_over(), "the history was over before the state was lost");
    flow.end();
    let alerts = verify(&Evidence::gather(broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}
