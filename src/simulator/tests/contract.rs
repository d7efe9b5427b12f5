//! Every event keeps the contract, and the truth counts them rightly.

use super::*;

#[test]
fn every_event_keeps_the_contract() {
    // What is swallowed leaves gaps on purpose.
    for &plot in Plot::ALL.iter().filter(|plot| !plot.as_str().starts_with("no_data")) {
        let scenario = Scenario { days: 100, onset_day: 30, ..Scenario::of(plot, 9) };
        let events = events(&scenario);
        let mut ids = BTreeSet::new();
        let (mut leads, mut deals) = (BTreeSet::new(), BTreeSet::new());
        for event in &events {
            let at = event.occurred_at;
            assert!(scenario.start <= at && at < scenario.end() && at.is_possible());
            assert!((1..=EVENT_ID_BYTES_MAX).contains(&event.event_id.len()));
            assert!(ids.insert(&event.event_id), "{} is used twice", event.event_id);
            let name = event.entity();
            assert!((1..=ID_BYTES_MAX).contains(&name.id.len()), "{event:?}");
            match &event.body {
                Body::LeadCreated { lead_id, .. } => assert!(leads.insert(lead_id)),
                Body::DealOpened { deal_id, .. } => assert!(deals.insert(deal_id)),
                Body::LeadMerged { lead_id, into } => {
                    assert!(lead_id != into && leads.contains(lead_id) && leads.contains(into));
                }
                Body::DealLinked { deal_id, lead_id } => {
                    assert!(deals.contains(deal_id) && leads.contains(lead_id));
                }
                Body::TargetSet { from, to, value, .. } => {
                    assert!(from < to && to.is_possible() && *value > 0);
                }
                _ if event.body.kind() <= Kind::LeadErased => assert!(leads.contains(&name.id)),
                _ if event.body.kind() <= Kind::DealErased => assert!(deals.contains(&name.id)),
                _ => {}
            }
            if let Body::DealOpened { amount: Some(amount), .. }
            | Body::DealStageEntered { amount: Some(amount), .. }
            | Body::DealAmountChanged { amount, .. } = &event.body
            {
                assert!((0..=AMOUNT_MINOR_MAX).contains(&amount.minor) && amount.currency.as_str() == "EUR");
            }
            if let Some(lead_id) = event.named_lead() {
                assert!(leads.contains(lead_id));
            }
        }
        assert!(events.is_sorted_by_key(|event| event.occurred_at));
    }
}

#[test]
fn a_lead_is_assigned_touched_and_judged_in_that_order_and_only_when_people_work() {
    let scenario = large(Plot::SlowFirstTouch, 40, 15);
    let opens = |at: EventTime| worked_minutes(at, EventTime(at.0 + MINUTE_MS)) == 1;
    let mut assigned = BTreeMap::new();
    let mut touched = BTreeSet::new();
    for event in events(&scenario) {
        let at = event.occurred_at;
        match event.body {
            Body::LeadAssigned { lead_id, .. } => drop(assigned.insert(lead_id, at)),
            Body::LeadTouched { lead_id, automated: false, .. } => {
                assert!(opens(at), "{lead_id} is touched at {at:?}");
                touched.insert(lead_id);
            }
            Body::LeadDispositioned { lead_id, verdict, .. } => {
                assert!(opens(at), "{lead_id} is judged at {at:?}");
                let judged = touched.contains(&lead_id) || verdict == Verdict::Recycled;
                assert!(judged, "{lead_id} is judged unseen");
            }
            Body::LeadStageEntered { lead_id, stage: Stage::Sal | Stage::Sql } => {
                assert!(assigned[&lead_id] < at && touched.contains(&lead_id));
            }
            Body::DealStageEntered { status: DealStatus::Won | DealStatus::Lost, .. } => assert!(opens(at)),
            _ => {}
        }
    }
}

#[test]
fn a_long_story_uses_every_kind_of_event() {
    let scenario = Scenario { days: 200, ..large(Plot::Healthy, 200, 0) };
    let mut scenario = scenario;
    scenario.company.mishaps = Mishaps::default();
    let events = events(&scenario);
    let kinds: BTreeSet<Kind> = events.iter().map(|event| event.body.kind()).collect();
    assert_eq!(kinds.len(), Kind::ALL.len(), "{kinds:?}");
    let mut links: BTreeMap<&Text, usize> = BTreeMap::new();
    let mut entries: BTreeMap<&Text, usize> = BTreeMap::new();
    for event in &events {
        match &event.body {
            Body::DealLinked { deal_id, .. } => *links.entry(deal_id).or_default() += 1,
            Body::LeadStageEntered { lead_id, stage: Stage::Mql } => {
                *entries.entry(lead_id).or_default() += 1
            }
            _ => {}
        }
    }
    assert!(links.values().any(|&count| count == 2), "some deals are linked again");
    assert!(entries.values().any(|&count| count == 2), "some leads qualify again");
}

#[test]
fn the_truth_counts_what_was_told() {
    let scenario = Scenario { days: 90, onset_day: 40, ..Scenario::of(Plot::FallingOut, 4) };
    let mut company = Company::new(scenario).unwrap();
    let mut seen = BTreeSet::new();
    let mut kinds: BTreeMap<Kind, u64> = BTreeMap::new();
    let (mut mqls, mut sqls, mut won, mut duplicates) = (0, 0, 0, 0);
    for record in company.by_ref() {
        let Payload::Event(event) = &record.payload else { continue };
        assert_eq!(record.family(), event.entity().kind);
        if !seen.insert(event.event_id.clone()) {
            duplicates += 1;
            continue;
        }
        *kinds.entry(event.body.kind()).or_default() += 1;
        match event.body {
            Body::LeadStageEntered { stage: Stage::Mql, .. } => mqls += 1,
            Body::LeadStageEntered { stage: Stage::Sql, .. } => sqls += 1,
            Body::DealStageEntered { status: DealStatus::Won, .. } => won += 1,
            _ => {}
        }
    }
    let truth = company.truth();
    let of = |kind| kinds.get(&kind).copied().unwrap_or(0);
    let counts = &truth.counts;
    assert_eq!(counts.events, seen.len() as u64);
    assert_eq!((counts.mqls, counts.sqls, counts.won, counts.duplicates), (mqls, sqls, won, duplicates));
    assert_eq!((counts.leads, counts.deals), (of(Kind::LeadCreated), of(Kind::DealOpened)));
    assert_eq!(counts.merged, of(Kind::LeadMerged));
    assert_eq!(counts.deleted, of(Kind::LeadDeleted) + of(Kind::DealDeleted));
    assert_eq!(counts.erased, of(Kind::LeadErased) + of(Kind::DealErased));
    let written = serde_json::to_string(truth).unwrap();
    assert_eq!(serde_json::from_str::<Truth>(&written).unwrap(), *truth);
}
