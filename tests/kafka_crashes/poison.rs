//! Poison of every kind in the middle of a history, through the real daemon, by each way.

use std::collections::BTreeMap;

use rapport::codec::{self, Format, Record, SchemaStore};
use rapport::log::kafka::Feed;
use rapport::log::{NewRecord, TopicPartition};
use rapport::model::alert::Alert;
use rapport::model::event::Event;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, start};
use super::verifier::{Expected, alerts, faults};
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::Stop;
use crate::support::installed::quarter::{self, Sent};
use crate::support::installed::{Installation, Instance, Layout, Way, header};
use crate::support::poison::{End, Poison, every_kind};

/// Small, so that a value beyond it is small too.
const RECORD_BYTES_MAX: usize = 64 << 10;
/// Most of the history is sent within so many moments, and the poison comes after a part of them.
const MOMENTS: usize = 300;
const POISONED_AT: u32 = 40;

/// An event of a lead among the first records of the history.
fn known(records: &[Sent]) -> Event {
    let event = |sent: &Sent| {
        let decoded = codec::decode(&sent.line, Format::Json, &SchemaStore::default()).ok()?;
        let Record::Event(event) = decoded.record else { return None };
        serde_json::from_slice::<serde_json::Value>(&sent.line).ok()?.get("lead_id")?;
        (event.record_key() == *sent.log_key.as_ref()? && sent.family == quarter::Family::Leads)
            .then_some(event)
    };
    records.iter().find_map(event).expect("it begins with leads")
}

/// Writes poison into each topic that the user writes.
fn poison(installation: &Installation, all: &[Poison]) {
    let topics: &[(&str, u32)] = match installation.way() {
        Way::Intakes => &[("leads", 3), ("deals", 2)],
        Way::Direct => &[("crm.events", crate::support::installed::EVENT_PARTITIONS)],
    };
    let mut feed = Feed::connect(&installation.kafka.bootstrap_servers).unwrap();
    for (topic, partitions) in topics {
        // A copy that nobody demands is what the verifier is there to find.
        let written = all.iter().filter(|poison| *topic != "crm.events" || poison.direct != End::Copy);
        for poison in written {
            let to = TopicPartition::new(installation.topic(topic), poison.partition(*partitions));
            let Poison { key, value, headers, .. } = poison.clone();
            feed.send(NewRecord { to, key, value, headers, timestamp: None }).unwrap();
        }
    }
    feed.finish().unwrap();
}

fn counted<'a>(reasons: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    reasons.fold(BTreeMap::new(), |mut counts, reason| {
        *counts.entry(reason).or_default() += 1;
        counts
    })
}

/// Each dead letter and each count is checked by the verifier, and the alerts are those of a replay of the same
/// history without poison.
#[test]
fn poison_of_every_kind_changes_nothing() {
    let Some(broker) = shared_broker("poison_of_every_kind_changes_nothing") else { return };
    let records = quarter::records();
    for way in [Way::Direct, Way::Intakes] {
        let layout = Layout { way, record_bytes_max: RECORD_BYTES_MAX, ..short() };
        let partitions = layout.event_partitions;
        let mut installation = installed(broker, "poison", layout);
        let mut flow = Flow::begin(&mut installation, &records, MOMENTS);
        let mut daemon = start(&installation, Instance::named(LAST));
        flow.go_on(POISONED_AT);
        let all = every_kind(&known(&records), partitions, RECORD_BYTES_MAX);
        poison(&installation, &all);
        flow.go_on(POISONED_AT);
        daemon.until("an answer", |daemon| (daemon.get("/livez")?.0 == 200).then_some(()));
        flow.end();
        daemon.stop(Stop::Terminate);

        let evidence = Evidence::gather(broker, &installation);
        let expected = Expected::of(&evidence);
        assert_eq!(faults(&evidence, &expected), [] as [String; 0], "{way:?}");
        if way == Way::Direct {
            let of_poison = all.iter().filter_map(|poison| match poison.direct {
                End::Dead(reason) => Some(reason.as_str()),
                _ => None,
            });
            let of_garbage = records.iter().filter_map(|sent| sent.reason.map(|reason| reason.as_str()));
            let found = evidence.dead_letters.iter().map(|letter| header(letter, "rapport.reason"));
            assert_eq!(counted(found), counted(of_poison.chain(of_garbage)));
        }
        let mut replayed = quarter::replayed(&records, &installation);
        replayed.retain(|alert| alert["at"].as_i64().unwrap() <= expected.time().0);
        assert!(replayed.len() > 3, "only {} alerts: the history is too dull", replayed.len());
        let found = alerts(&evidence).into_iter();
        let found = found.map(|alert| Alert { catching_up: false, ..alert });
        let found: Vec<_> = found.map(|alert| serde_json::to_value(alert).unwrap()).collect();
        assert_eq!(found, replayed, "{way:?}");
    }
}
