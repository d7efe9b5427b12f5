//! The real files against `tests/real_data_figures.toml`, which was counted by another road.

use std::collections::{BTreeMap, BTreeSet};

use rapport::codec::encode_event_json;
use rapport::model::EventTime;
use rapport::model::event::Body;
use toml_edit::{DocumentMut, Table};

use super::{Mapped, map, mapping};
use crate::support::shared;

fn figures() -> DocumentMut {
    include_str!("../real_data_figures.toml").parse().unwrap()
}

fn number(table: &Table, key: &str) -> u64 {
    table[key].as_integer().unwrap().try_into().unwrap()
}

fn numbers(table: &Table) -> BTreeMap<String, u64> {
    table.iter().map(|(key, _)| (key.to_owned(), number(table, key))).collect()
}

/// Holds what was mapped against the figures of one set.
fn assert_figures(mapped: &Mapped, set: &str) {
    let figures = figures();
    let expected = figures[set].as_table().unwrap();
    let mut kinds = BTreeMap::new();
    for event in &mapped.events {
        *kinds.entry(event.body.kind().as_str().to_owned()).or_default() += 1;
    }
    assert_eq!(kinds, numbers(expected["events"].as_table().unwrap()), "{set}");
    assert_eq!(mapped.ignored, numbers(expected["ignored_by_reason"].as_table().unwrap()), "{set}");
    assert_eq!(mapped.ignored.values().sum::<u64>(), number(expected, "ignored"), "{set}");
    assert_eq!(mapped.rejected.len() as u64 + mapped.unreadable, number(expected, "dead_letter"), "{set}");
    let records = mapped.events.len() as u64 + number(expected, "ignored") + number(expected, "dead_letter");
    assert_eq!(records, number(expected, "records"), "{set}");

    // The same identity again is a duplicate, and here it always says the same.
    let identities: BTreeSet<_> = mapped
        .events
        .iter()
        .map(|event| (event.entity(), event.body.kind(), event.event_id.clone()))
        .collect();
    let contents: BTreeSet<Vec<u8>> = mapped.events.iter().map(encode_event_json).collect();
    assert_eq!(contents.len(), identities.len(), "{set}");
    assert_eq!((mapped.events.len() - identities.len()) as u64, number(expected, "duplicate"), "{set}");

    let journeys: BTreeSet<_> = mapped.events.iter().map(|event| event.record_key()).collect();
    assert_eq!(journeys.len() as u64, number(expected, "journeys"), "{set}");
    let seconds = |time: EventTime| format!("{}Z", &time.rfc3339()[..19]);
    let times = mapped.events.iter().map(|event| event.occurred_at);
    assert_eq!(seconds(times.clone().min().unwrap()), expected["first_event"].as_str().unwrap(), "{set}");
    assert_eq!(seconds(times.max().unwrap()), expected["last_event"].as_str().unwrap(), "{set}");
}

#[test]
fn olist() {
    let Some(folder) = shared("data/olist") else { return };
    let files = ["olist_closed_deals_dataset.csv", "olist_marketing_qualified_leads_dataset.csv"];
    let mapped = map(&mapping("olist.toml"), &folder, &files);
    assert_figures(&mapped, "olist");
    let mut sources: BTreeMap<String, u64> = BTreeMap::new();
    for event in &mapped.events {
        if let Body::LeadCreated { source, .. } = &event.body {
            let value = source.as_deref().unwrap_or("(empty)");
            *sources.entry(format!("source={value}")).or_default() += 1;
        }
    }
    assert_eq!(sources, segments("olist", "source", "mql"));
    assert!(mapping("olist.toml").table_for("olist_sellers_dataset.csv").is_none());
}

#[test]
fn crm_sales_opportunities() {
    let Some(folder) = shared("data/crm_sales_opportunities") else { return };
    let mapped = map(&mapping("crm_sales_opportunities.toml"), &folder, &["sales_pipeline.csv"]);
    assert_figures(&mapped, "crm");
    let mut won_minor = 0;
    let mut counts: BTreeMap<String, BTreeMap<String, u64>> = BTreeMap::new();
    for event in &mapped.events {
        match &event.body {
            Body::DealOpened { attributes, .. } => {
                for key in ["region", "series", "sector"] {
                    let value = attributes.get(key).map_or("(empty)", |value| value.as_str());
                    let segment = format!("{key}={value}");
                    *counts.entry(key.to_owned()).or_default().entry(segment).or_default() += 1;
                }
            }
            Body::DealStageEntered { amount: Some(amount), .. } => {
                assert_eq!(amount.currency.as_str(), "USD");
                won_minor += amount.minor;
            }
            _ => {}
        }
    }
    assert_eq!(won_minor as u64, number(figures()["crm"].as_table().unwrap(), "won_minor_usd"));
    for (key, counts) in counts {
        assert_eq!(counts, segments("crm", &key, "opportunity"));
    }
}

#[test]
fn helpdesk_log() {
    let Some(folder) = shared("data/helpdesk_log") else { return };
    let mapped = map(&mapping("helpdesk_log.toml"), &folder, &["helpdesk_events.csv.gz"]);
    assert_figures(&mapped, "helpdesk");
}

/// A count of every segment of a key.
fn segments(set: &str, key: &str, count: &str) -> BTreeMap<String, u64> {
    let figures = figures();
    let segments = figures[set]["segments"].as_table().unwrap().iter();
    let of_key = segments.filter(|(segment, _)| segment.split_once('=').is_some_and(|(k, _)| k == key));
    of_key.map(|(segment, counts)| (segment.to_owned(), counts[count].as_integer().unwrap() as u64)).collect()
}
