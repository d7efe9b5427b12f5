//! The real files against `tests/real_data_figures.toml`, which was counted by another road.

use std::collections::{BTreeMap, BTreeSet};

use rapport::codec::encode_event_json;
use rapport::model::EventTime;
use rapport::model::event::{Body, Event};
use rapport::model::words::{DealStatus, Stage};
use toml_edit::{DocumentMut, Table};

use super::counted::{assert_counted, counted, figure};
use super::{Mapped, map, mapping};
use crate::support::shared;

pub(super) fn figures() -> DocumentMut {
    include_str!("../real_data_figures.toml").parse().unwrap()
}

pub(super) fn number(table: &Table, key: &str) -> u64 {
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

    let mut seen = BTreeSet::new();
    let mut twice = BTreeMap::new();
    for event in &mapped.events {
        if !seen.insert((event.entity(), event.body.kind(), event.event_id.clone())) {
            *twice.entry(event.body.kind().as_str().to_owned()).or_default() += 1;
        }
    }
    assert_eq!(twice, numbers(expected["duplicate_by_kind"].as_table().unwrap()), "{set}");

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
    assert_counted(&mapped.events, "olist", "source");
    assert_won_before_first_contact(&mapped.events);
    assert!(mapping("olist.toml").table_for("olist_sellers_dataset.csv").is_none());
}

/// One deal is won before its lead's first contact: every stage counts as reached at the win, and the contact
/// after it leaves the lead open as an MQL.
fn assert_won_before_first_contact(events: &[Event]) {
    let mut times: BTreeMap<_, (Option<EventTime>, Option<EventTime>)> = BTreeMap::new();
    for event in events {
        let (contact, won) = times.entry(event.record_key()).or_default();
        match &event.body {
            Body::LeadCreated { .. } => *contact = Some(event.occurred_at),
            Body::DealOpened { .. } => *won = Some(event.occurred_at),
            _ => {}
        }
    }
    let early = |(contact, won): &(_, Option<EventTime>)| won.is_some() && won < contact;
    let odd: Vec<_> = times.iter().filter(|(_, times)| early(times)).map(|(lead, _)| lead).collect();
    assert_eq!(odd.len() as u64, figure("olist", "won_before_first_contact"));
    let of_it: Vec<Event> = events.iter().filter(|event| event.record_key() == *odd[0]).cloned().collect();
    let found = counted(&of_it, "source", "2018-11-14").sums();
    let once = "converted_lead_to_mql converted_mql_to_sal converted_mql_to_sql converted_mql_to_won \
        converted_opportunity_to_won converted_sal_to_sql converted_sql_to_opportunity converted_sql_to_won \
        deals_opened deals_won entered_customer entered_lead entered_mql entered_opportunity entered_sal \
        entered_sql implied_lead implied_mql implied_sal implied_sql open_mql";
    assert_eq!(found, once.split_whitespace().map(|measure| (measure.to_owned(), 1)).collect());
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
    let mut ended = BTreeSet::new();
    let (mut without_account, mut gtx_pro) = (BTreeSet::new(), 0);
    for event in &mapped.events {
        match &event.body {
            Body::DealOpened { attributes, .. } => {
                let product = attributes.get("product").map(|product| product.as_str());
                assert_ne!(product, Some("GTXPro"));
                gtx_pro += u64::from(product == Some("GTX Pro"));
                if attributes.get("sector").is_none() {
                    without_account.insert(event.record_key());
                }
            }
            Body::DealStageEntered { status, .. } => {
                assert_ne!(*status, DealStatus::Open);
                ended.insert(event.record_key());
            }
            _ => {}
        }
    }
    assert_eq!(gtx_pro, figure("crm", "gtxpro"));
    assert_eq!(without_account.len() as u64, figure("crm", "open_without_account"));
    assert!(without_account.is_disjoint(&ended), "only open deals have no account");
    assert_counted(&mapped.events, "crm", "region, series, sector");
}

#[test]
fn helpdesk_log() {
    let Some(folder) = shared("data/helpdesk_log") else { return };
    let mapped = map(&mapping("helpdesk_log.toml"), &folder, &["helpdesk_events.csv.gz"]);
    assert_figures(&mapped, "helpdesk");
    let mut closings: BTreeMap<_, u64> = BTreeMap::new();
    let mut after = BTreeSet::new();
    for event in &mapped.events {
        let n = closings.entry(event.record_key()).or_default();
        if *n > 0 {
            after.insert(event.record_key());
        }
        if matches!(&event.body, Body::LeadStageEntered { stage: Stage::Customer, .. }) {
            *n += 1;
        }
    }
    let closed = |times| closings.values().filter(|n| **n == times).count() as u64;
    assert_eq!(closed(2), figure("helpdesk", "closed_twice"));
    assert_eq!(closed(0), figure("helpdesk", "never_closed"));
    assert_eq!(after.len() as u64, figure("helpdesk", "counted_after_closing"));
    assert_counted(&mapped.events, "helpdesk", "service_level");
}

/// A count of every segment of a key.
fn segments(set: &str, key: &str, count: &str) -> BTreeMap<String, u64> {
    let figures = figures();
    let segments = figures[set]["segments"].as_table().unwrap().iter();
    let of_key = segments.filter(|(segment, _)| segment.split_once('=').is_some_and(|(k, _)| k == key));
    of_key.map(|(segment, counts)| (segment.to_owned(), counts[count].as_integer().unwrap() as u64)).collect()
}
