//! A lead whose row of state is larger than a record of Kafka's brokers may be by default: the topics of the state
//! are made for it, and where one of them is not, the daemon says so.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rapport::log::MESSAGE_BYTES_MAX;
use rdkafka::ClientConfig;
use rdkafka::admin::{AdminClient, AdminOptions, AlterConfig, ResourceSpecifier};
use rdkafka::client::DefaultClientContext;
use serde_json::{Value, json};

use crate::support::installed::Installation;
use crate::support::installed::daemon::{Daemon, Stop, rapport};
use crate::support::installed::exposition::Scrape;

use super::{NINE, direct, ended};

/// As many facts as a journey may have by default, and a few more.
const FACTS_MAX: i64 = 10_000;
const TOO_MANY: i64 = 3;
/// The largest record of a topic by default, in bytes.
const DEFAULT_BYTES: usize = 1_048_576;

/// One runaway lead: an integration assigns it again and again, with long ids that hardly compress.
fn assigned(lead: &str) -> Vec<(u32, Value)> {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let mut id = |length: usize| -> String { (0..length).map(|_| rng.random_range('!'..='~')).collect() };
    let created = json!({"event_id": format!("E-{lead}"), "occurred_at": NINE, "kind": "lead_created",
        "lead_id": lead, "source": "webinar"});
    let assigned = (1..FACTS_MAX + TOO_MANY).map(|n| {
        json!({"event_id": id(100), "occurred_at": NINE + n, "kind": "lead_assigned", "lead_id": lead,
            "owner_id": id(200)})
    });
    std::iter::once(created).chain(assigned).map(|event| (0, event)).collect()
}

/// Sets the largest record of the journeys' state, as an administrator does.
fn allow(installation: &Installation, bytes: &str) {
    let admin: AdminClient<DefaultClientContext> =
        ClientConfig::new().set("bootstrap.servers", &installation.kafka.bootstrap_servers).create().unwrap();
    let topic = installation.topic("rapport.journeys-state");
    // What is not said again goes back to the brokers' default.
    let change = AlterConfig::new(ResourceSpecifier::Topic(&topic))
        .set("max.message.bytes", bytes)
        .set("retention.ms", "-1");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let altered = runtime.block_on(admin.alter_configs([&change], &AdminOptions::new())).unwrap();
    assert!(altered.iter().all(Result::is_ok), "{altered:?}");
}

/// Lets a daemon read to the end: so many runaway leads have as many facts as they may, the rest is left out, and so
/// many facts were told again.
fn reads(installation: &Installation, leads: i64, again: i64) {
    let mut daemon = Daemon::start(&installation.config);
    daemon.until("the end of what was sent", |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        let ends = ["applied", "ignored", "duplicate"].map(|outcome| ended(&scrape, "journeys", outcome));
        let [over, held] =
            ["rapport_facts_over_limit_total", "rapport_journeys"].map(|name| scrape.single(name));
        let is_full = (over?, held?) == ((leads * TOO_MANY) as f64, leads as f64);
        (ends == [leads * FACTS_MAX, leads * TOO_MANY, again] && is_full).then_some(())
    });
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
}

#[test]
fn a_row_larger_than_a_record_may_be_is_kept_or_the_topic_is_named() {
    let test = "a_row_larger_than_a_record_may_be_is_kept_or_the_topic_is_named";
    let Some(installation) = direct(test, "large", 1) else { return };
    installation.write(&assigned("L-1"));
    reads(&installation, 1, 0);
    let written = installation.read("rapport.journeys-state");
    let largest = written.iter().filter_map(|record| record.value.as_ref().map(Vec::len)).max();
    assert!(largest > Some(2 * DEFAULT_BYTES), "{largest:?}");
    // What it restores is that row: it knows every fact again.
    installation.write(&assigned("L-1")[..FACTS_MAX as usize]);
    reads(&installation, 1, FACTS_MAX);

    allow(&installation, &DEFAULT_BYTES.to_string());
    installation.write(&assigned("L-2"));
    let (status, last) = Daemon::spawn(&installation.config, &[]).ended();
    assert_eq!(status, Some(1), "{last}");
    let topic = installation.topic("rapport.journeys-state");
    for said in [
        &format!("produce to {topic}[0]"),
        &format!("raise max.message.bytes of this topic to {MESSAGE_BYTES_MAX}"),
        "and start again",
    ] {
        assert!(last.starts_with("rapport: ") && last.contains(said), "{last}");
    }
    let said = rapport(&["check", "--config", installation.config()]);
    let named =
        format!("topic {topic} has max.message.bytes = {DEFAULT_BYTES}, less than {MESSAGE_BYTES_MAX}");
    assert!(said.status == Some(1) && said.errors.contains(&named), "{said:?}");
    allow(&installation, &MESSAGE_BYTES_MAX.to_string());
    let said = rapport(&["check", "--config", installation.config()]);
    assert_eq!(said.status, Some(0), "{said:?}");
    reads(&installation, 2, FACTS_MAX);
}
