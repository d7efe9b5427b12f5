//! Disorder moves, repeats and adds; the events stay what they are.

use super::*;

#[test]
fn disorder_moves_repeats_and_adds_but_changes_nothing() {
    let tidy = Scenario { days: 30, ..Scenario::default() };
    let expected = events(&tidy);
    let wild = Disorder {
        reorder_ms: 25_000,
        late_share: 0.05,
        late_by_ms: (MINUTE_MS, DAY_MS),
        duplicate_share: 0.1,
        duplicate_within_ms: HOUR_MS,
        garbage_share: 0.1,
    };
    for disorder in [Disorder::none(), Disorder::default(), wild] {
        let scenario = Scenario { disorder, ..tidy.clone() };
        let mut company = Company::new(scenario).unwrap();
        let records: Vec<Simulated> = company.by_ref().collect();
        assert!(records.is_sorted_by_key(|record| record.arrival), "arrivals are in order");
        let mut first: BTreeMap<Text, &Event> = BTreeMap::new();
        let (mut duplicates, mut late, mut garbage) = (0, 0, 0);
        for record in &records {
            let Payload::Event(event) = &record.payload else {
                garbage += 1;
                continue;
            };
            let delay_ms = record.arrival.0 - event.occurred_at.0;
            match first.insert(event.event_id.clone(), event) {
                Some(before) => {
                    duplicates += 1;
                    assert_eq!(before, event, "a duplicate says the same");
                    assert!((0..=2 * DAY_MS + 2 * HOUR_MS).contains(&delay_ms));
                }
                None if delay_ms <= disorder.reorder_ms => assert!(delay_ms >= 0),
                None => {
                    late += 1;
                    let (least, most) = disorder.late_by_ms;
                    assert!((least..=most + disorder.reorder_ms).contains(&delay_ms));
                }
            }
        }
        let mut told: Vec<&Event> = first.into_values().collect();
        let mut all: Vec<&Event> = expected.iter().collect();
        told.sort_by_key(|event| &event.event_id);
        all.sort_by_key(|event| &event.event_id);
        assert!(told == all, "{disorder:?} lost or changed an event");
        let counts = &company.truth().counts;
        assert_eq!((duplicates, late), (counts.duplicates, counts.late));
        assert_eq!(garbage, counts.garbage.values().sum::<u64>());
        assert_eq!(counts.records(), records.len() as u64);
        for (share, found) in [
            (disorder.duplicate_share, duplicates),
            (disorder.late_share, late),
            (disorder.garbage_share, garbage),
        ] {
            assert_share("disorder", found as usize, expected.len(), share, 0.0);
        }
    }
}

#[test]
fn each_disorder_leaves_the_others_as_they_were() {
    let arrivals = |disorder: Disorder| -> BTreeMap<Text, EventTime> {
        let scenario = Scenario { days: 20, disorder, ..Scenario::default() };
        let mut first = BTreeMap::new();
        for record in records(&scenario) {
            if let Payload::Event(event) = record.payload {
                first.entry(event.event_id).or_insert(record.arrival);
            }
        }
        first
    };
    let usual = Disorder::default();
    let expected = arrivals(usual);
    assert_eq!(arrivals(Disorder { garbage_share: 0.5, ..usual }), expected);
    assert_eq!(arrivals(Disorder { duplicate_share: 0.5, ..usual }), expected);
}

#[test]
fn garbage_has_the_defect_that_it_is_said_to_have() {
    let disorder = Disorder { garbage_share: 1.0, ..Disorder::default() };
    let mut seen = BTreeSet::new();
    for record in records(&Scenario { days: 10, disorder, ..Scenario::default() }) {
        let Payload::Garbage { bytes, reason } = record.payload else { continue };
        seen.insert(reason);
        assert!(!bytes.is_empty() && !bytes.contains(&b'\n'));
        let Ok(record) = serde_json::from_slice::<serde_json::Value>(&bytes) else {
            assert_eq!(reason, Reason::Malformed);
            continue;
        };
        let text = |field: &str| record[field].as_str();
        let sound = BTreeSet::from_iter(
            [
                (text("kind").and_then(Kind::parse).is_none(), Reason::UnknownKind),
                (record.get("stage").is_none(), Reason::MissingField),
                (text("stage").is_some_and(|stage| Stage::parse(stage).is_none()), Reason::UnknownSymbol),
                (text("lead_id").is_none(), Reason::WrongType),
                (
                    !record["occurred_at"].as_i64().is_some_and(|at| EventTime(at).is_possible()),
                    Reason::ImpossibleValue,
                ),
                (text("event_id").is_none_or(|id| id.len() > EVENT_ID_BYTES_MAX), Reason::TooLong),
            ]
            .into_iter()
            .filter_map(|(defect, reason)| defect.then_some(reason)),
        );
        assert_eq!(sound, BTreeSet::from([reason]), "exactly one defect");
    }
    assert_eq!(seen.len(), 7);
}
