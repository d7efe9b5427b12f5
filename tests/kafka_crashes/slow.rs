//! A broker that takes writes slowly, while it answers everything else: whoever commits waits for longer than a group
//! waits for one that does not ask for records.

use std::time::Duration;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, start};
use super::installed;
use super::verifier::verify;
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::quarter;
use crate::support::installed::{Instance, Layout};
use crate::support::kafka_broker::KafkaBroker;

/// What the program may write in a second, on the average, in bytes: a fraction of what it does.
const QUOTA: &str = "producer_byte_rate=4000";
/// A commit that took longer than this many seconds took longer than the poll interval of [`slow`].
const LONG: &str = "10";

/// Members are given up that do not ask for records for 9 s.
fn slow() -> Layout {
    Layout {
        consumer: vec![
            ("session.timeout.ms", "9000"),
            ("heartbeat.interval.ms", "300"),
            ("max.poll.interval.ms", "9000"),
        ],
        // A commit that takes long is not to be given up by the broker.
        producer: vec![("transaction.timeout.ms", "300000")],
        log: vec![("max_ahead", "10d")],
        ..Layout::default()
    }
}

/// Lets the broker take what the program writes slowly, or as fast as it can.
fn limit(broker: &KafkaBroker, way: [&str; 2]) {
    let client = ["--entity-type", "clients", "--entity-name", "rapport"];
    let alter = ["--bootstrap-server", &broker.bootstrap_servers, "--alter"];
    let args = [alter.as_slice(), &way, &client];
    broker.tool("org.apache.kafka.tools.ConfigCommand", &args.concat()).unwrap();
}

/// How many commits took long.
fn long_commits(scrape: &Scrape) -> f64 {
    let within = scrape.family("rapport_commit_seconds_bucket").find(|(labels, _)| labels["le"] == LONG);
    let (_, within) = within.expect("there is a bucket that ends there");
    scrape.single("rapport_commit_seconds_count").expect("commits are counted") - within
}

/// How often it began anew.
fn rebuilds(scrape: &Scrape) -> f64 {
    scrape.family("rapport_rebuilds_total").map(|(_, n)| n).sum()
}

fn scrape(daemon: &Daemon) -> Option<Scrape> {
    daemon.metrics().map(|text| Scrape::read(&text))
}

#[test]
fn a_broker_that_takes_writes_slowly_does_not_cost_a_member_its_partitions() {
    let test = "a_broker_that_takes_writes_slowly_does_not_cost_a_member_its_partitions";
    let broker = match KafkaBroker::start() {
        Ok(broker) => broker,
        Err(skip) => return skip.announce(test),
    };
    let records = quarter::unruly_records(16);
    let mut installation = installed(&broker, "slow", slow());
    let mut flow = Flow::begin(&mut installation, &records, 3_000);
    let mut daemon = start(&installation, Instance::named(LAST));
    daemon.until("that it is ready", |daemon| (daemon.get("/readyz")?.0 == 200).then_some(()));
    limit(&broker, ["--add-config", QUOTA]);
    flow.go_on_until("a commit that takes long, or fails", || {
        assert!(daemon.listen(Duration::ZERO), "it ended: {}", daemon.said());
        scrape(&daemon).is_some_and(|scrape| long_commits(&scrape) > 0.0 || rebuilds(&scrape) > 0.0)
    });
    limit(&broker, ["--delete-config", "producer_byte_rate"]);
    daemon.until("that it is ready", |daemon| (daemon.get("/readyz")?.0 == 200).then_some(()));
    let shown = scrape(&daemon).unwrap();
    let lost = shown.family("rapport_rebalances_total").find(|(labels, _)| labels["kind"] == "lost");
    assert_eq!(lost.map_or(0.0, |(_, n)| n), 0.0, "it was given up; {}", daemon.said());
    assert_eq!(rebuilds(&shown), 0.0, "it began anew; {}", daemon.said());
    daemon.stop(Stop::Terminate);
    flow.end();
    let alerts = verify(&Evidence::gather(&broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}
