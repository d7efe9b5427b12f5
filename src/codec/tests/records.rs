//! The records that rapport writes for itself and for others: control, delta, definitions, alert
//! headers, dead letters.

use std::collections::BTreeMap;

use super::files;
use crate::codec::{
    Decoded, DeltaError, Format, Origin, Record, SchemaStore, alert_headers, dead_letter_headers, decode,
    decode_alert, decode_definitions, decode_delta, decode_window, delta_headers, encode_control,
    encode_definitions, encode_delta, read_delta,
};
use crate::model::alert::{Alert, AlertState, Severity};
use crate::model::control::{Control, Moved};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::definitions::{
    BurnWindow, CalendarDefinition, DIRECT, Definitions, Dimension, Divergence, DivergenceBaseline,
    FirstTouchSlo, Limits, Millionths, Rules, SourceDefinition,
};
use crate::model::delta::{Delta, Evidence, Step as DeltaStep, Switch};
use crate::model::entity::{EntityKind, FactId, IdSpace};
use crate::model::event::Attributes;
use crate::model::fact::{Fact, Says};
use crate::model::measure::{Cell, Measure};
use crate::model::money::{Amount, Currency};
use crate::model::words::{Stage, Step, TargetMeasure};
use crate::model::{EventTime, Minute};

fn euros(minor: i64) -> Amount {
    Amount { minor, currency: Currency::parse("EUR").unwrap() }
}

fn facts() -> Vec<Fact> {
    let attributes = Attributes::new([("country".into(), "DE".into())]);
    [
        Says::Created { source: None, campaign_id: Some("C-1".into()), attributes: attributes.clone() },
        Says::StageEntered { stage: Stage::Mql },
        Says::Deleted,
        Says::DealOpened { amount: Some(euros(-5)), origin: None, attributes },
        Says::TargetSet {
            team: "marketing".into(),
            measure: TargetMeasure::Revenue,
            from: EventTime(1_735_689_600_000),
            to: EventTime(1_743_465_600_000),
            value: i64::MAX,
            currency: Some(euros(0).currency),
        },
    ]
    .into_iter()
    .enumerate()
    .map(|(i, says)| Fact {
        at: EventTime(1_741_000_000_000 + i as i64),
        id: FactId(u64::MAX - i as u64),
        says,
    })
    .collect()
}

fn controls() -> Vec<Control> {
    let ids = IdSpace::new(*b"0123456789abcdef", 8);
    let lead = ids.entity(EntityKind::Lead, "L-1");
    let deal = ids.entity(EntityKind::Deal, "D-1");
    let at = EventTime(1_741_000_000_000);
    vec![
        Control::Progress { source: DIRECT.into(), partition: 7, time: at },
        Control::DefinitionsInForce { number: 3, definitions: Box::new(definitions()) },
        Control::Moved(Moved {
            to: lead,
            entity: deal,
            id: Some("D-1".into()),
            trail: vec![deal],
            at,
            hops: 1,
            facts: facts(),
        }),
        Control::Told { deal, lead, at, id: ids.fact_id("evt-1") },
        Control::Release { from: lead, entity: deal, at, hops: 4 },
    ]
}

#[test]
fn control_records_read_back() {
    for control in controls() {
        let json = encode_control(&control);
        let expected = Ok(Decoded { record: Record::Control(control.clone()), unknown_fields: 0 });
        for format in [Format::Auto, Format::Json] {
            assert_eq!(decode(&json, format, &SchemaStore::default()), expected);
        }
        for cut in 0..json.len() {
            let rejected = decode(&json[..cut], Format::Json, &SchemaStore::default());
            let reason = if cut == 0 { Reason::Empty } else { Reason::Malformed };
            assert_eq!(rejected, Err(Rejection::whole(reason)), "{control:?} up to {cut}");
        }
    }
}

#[test]
fn a_control_record_lacks_nothing() {
    for json in [r#"{"kind":"progress"}"#, r#"{"kind":"told","deal":"D-1"}"#, r#"{"kind":"moved","to":null}"#]
    {
        let rejected = decode(json.as_bytes(), Format::Auto, &SchemaStore::default());
        assert_eq!(rejected, Err(Rejection::whole(Reason::Malformed)), "{json}");
    }
}

fn delta() -> Delta {
    let mut step = DeltaStep::default();
    let minute = Minute(29_016_667);
    for (measure, subject, grade, n) in [
        (Measure::Entered(Stage::Mql), "", 0, 1),
        (Measure::Converted(Step::MqlToSql), "", 17, -1),
        (Measure::WonAmount, "EUR", 0, i64::MIN),
    ] {
        step.add(&"country=DE".into(), &Cell { measure, subject: subject.into(), slice: minute, grade }, n);
    }
    let evidence = Evidence {
        measure: Measure::TouchMissed,
        slice: minute,
        id: "L-1".into(),
        subject: "operations".into(),
        segments: vec!["all".into(), "country=DE".into()],
    };
    step.add_evidence(evidence, -1);
    step.programs = facts();
    let steps = BTreeMap::from([(minute.next(), step), (minute, DeltaStep::default())]);
    let switch = Some(Box::new(Switch { at: minute, definitions: definitions() }));
    Delta { partition: 3, time: minute.next(), definitions: 2, switch, steps }
}

#[test]
fn a_delta_reads_back_and_one_of_a_newer_version_does_not() {
    for delta in [delta(), Delta { time: Minute::MIN, ..Delta::default() }] {
        let bytes = encode_delta(&delta);
        assert_eq!(bytes[0], 4);
        assert_eq!(
            decode_delta(&[&[3], &bytes[1..]].concat()),
            Ok(delta.clone()),
            "what the version before wrote"
        );
        assert_eq!(decode_delta(&bytes), Ok(delta));
        for cut in 1..bytes.len() {
            assert_eq!(decode_delta(&bytes[..cut]), Err(DeltaError::Malformed), "up to {cut}");
        }
        assert_eq!(decode_delta(&[&bytes[..], &[0]].concat()), Err(DeltaError::Malformed));
        assert_eq!(decode_delta(&[&[5], &bytes[1..]].concat()), Err(DeltaError::UnknownVersion { found: 5 }));
    }
    assert_eq!(decode_delta(&[]), Err(DeltaError::Empty));
}

/// Without its counts every figure would be wrong: a delta is known as one though it cannot be read.
#[test]
fn a_record_of_somebody_else_is_told_from_a_delta_that_cannot_be_read() {
    use DeltaError::*;
    let (bytes, marked) = (encode_delta(&delta()), delta_headers());
    let newer = [&[5], &bytes[1..]].concat();
    let cut = &bytes[..bytes.len() - 1];
    let unknown = UnknownVersion { found: 5 };
    for (value, with_mark, without) in [
        (Some(&bytes[..]), Ok(delta()), Ok(delta())),
        (Some(cut), Err(Malformed), Err(Malformed)),
        (Some(&newer), Err(unknown), Err(Foreign)),
        (Some(b"{\"kind\":\"lead_created\"}"), Err(UnknownVersion { found: b'{' }), Err(Foreign)),
        (Some(b""), Err(Empty), Err(Foreign)),
        (None, Err(Empty), Err(Foreign)),
    ] {
        assert_eq!(read_delta(&marked, value), with_mark, "{value:?}");
        assert_eq!(read_delta(&[], value), without, "{value:?}, without the mark");
    }
}

/// Holds the layout of version 4: a change of the model that moves these bytes needs version 5.
#[test]
fn the_bytes_of_a_delta_are_those_of_version_4() {
    let hash = delta_bytes_hash();
    assert_eq!(hash, 0x045e_ca98_ce09_a967, "the layout changed: raise the version and this value");
}

fn delta_bytes_hash() -> u64 {
    use std::hash::Hasher as _;
    let mut hasher = siphasher::sip::SipHasher13::new();
    hasher.write(&encode_delta(&delta()));
    hasher.finish()
}

fn definitions() -> Definitions {
    let calendar = CalendarDefinition {
        zone: "Europe/Berlin".into(),
        weekly: [vec![(540, 1020)], vec![], vec![], vec![], vec![(540, 720), (780, 1020)], vec![], vec![]],
        holidays: vec!["2025-05-01".into()],
    };
    let burn = BurnWindow {
        long_minutes: 480,
        short_minutes: 40,
        burn: Millionths(6_000_000),
        severity: Severity::Page,
        gate: Some(Millionths(250)),
    };
    Definitions {
        sources: vec![SourceDefinition { name: DIRECT.into(), partitions: 1 }],
        event_partitions: 8,
        out_of_orderness_ms: 30_000,
        retention_days: Some(100),
        open_retention_days: None,
        zone: "UTC".into(),
        calendars: BTreeMap::from([("sales".into(), calendar)]),
        dimensions: vec![Dimension { keys: vec!["country".into(), "source".into()] }],
        horizons: BTreeMap::from([(Step::MqlToWon, 90)]),
        windows_every_minutes: 60,
        rules: Rules {
            first_touch_slo: Some(FirstTouchSlo {
                target: Millionths(950_000),
                within_minutes: 240,
                windows: vec![burn],
                gate: Millionths(1_000),
                min_n: 20,
                for_minutes: 0,
                clear_minutes: 60,
            }),
            divergence: Some(Divergence {
                step: Step::MqlToSql,
                horizon_days: 28,
                baseline_days: 56,
                detect_days: 14,
                volume_factor: Millionths(1_300_000),
                quality_factor: Millionths(700_000),
                min_n: 100,
                alerts_per_month: Millionths(500_000),
                clear_days: 5,
                baseline: Some(DivergenceBaseline { mqls_per_business_day: 20.5, conversion: 0.125 }),
            }),
            ..Rules::default()
        },
        limits: Limits { facts_per_journey: 1000, segments: 500, evidence_ids: 20 },
        id_key: *b"0123456789abcdef",
    }
}

#[test]
fn definitions_read_back() {
    assert_eq!(decode_definitions(&encode_definitions(&definitions())), Ok(definitions()));
}

#[test]
fn errors_say_where_and_quote_nothing() {
    let json = b"{\"segment\":\n\"SECRET\",\"n\":\"SECRET\"}";
    for error in [
        decode_alert(json).unwrap_err().to_string(),
        decode_window(json).unwrap_err().to_string(),
        decode_definitions(json).unwrap_err().to_string(),
    ] {
        assert!(error.contains("line 2") && !error.contains("SECRET"), "{error}");
    }
    assert_eq!(
        decode_alert(b"{").unwrap_err().to_string(),
        "not the JSON of an alert: an early end at line 1, column 1"
    );
}

#[test]
fn an_alert_has_the_headers_of_cloud_events() {
    let (_, example) = &files("schemas/examples/alert")[0];
    let alert = decode_alert(example.as_bytes()).unwrap();
    let headers = |alert: &Alert| -> BTreeMap<String, String> {
        let text = |(name, value)| (name, String::from_utf8(value).unwrap());
        alert_headers(alert, "/rapport/demo").into_iter().map(text).collect()
    };
    let expected = [
        ("ce_specversion", "1.0"),
        ("ce_type", "rapport.alert.firing"),
        ("ce_source", "/rapport/demo"),
        ("ce_time", "2025-03-05T10:00:00.000Z"),
        ("ce_subject", "5f1c0a9e77b2d310"),
        ("content-type", "application/json"),
        ("ce_id", ""),
    ];
    let ours = headers(&alert);
    assert_eq!(ours.len(), expected.len());
    for (name, value) in &expected[..6] {
        assert_eq!(ours[*name], *value, "{name}");
    }
    let id = |alert: &Alert| headers(alert)["ce_id"].clone();
    assert_eq!(id(&alert), "9bc4fe44c14866a67bb0df712d73bb25", "the id of a decision never changes");
    let told_otherwise = Alert { summary: String::new(), catching_up: true, ..alert.clone() };
    assert_eq!(id(&told_otherwise), id(&alert));
    for other in [
        Alert { fingerprint: "5f1c0a9e77b2d311".into(), ..alert.clone() },
        Alert { state: AlertState::Resolved, ..alert.clone() },
        Alert { at: alert.at.plus_ms(60_000), ..alert.clone() },
        Alert { definitions_version: 4, ..alert.clone() },
    ] {
        assert_ne!(id(&other), id(&alert));
    }
}

#[test]
fn a_dead_letter_says_why_and_where_from() {
    let origin = Origin { topic: "crm.events", partition: 5, offset: 918_233 };
    let text = |(name, value)| (name, String::from_utf8(value).unwrap());
    let headers = |rejection| -> Vec<(String, String)> {
        dead_letter_headers(&rejection, origin).into_iter().map(text).collect()
    };
    let expected = [
        ("__connect.errors.topic", "crm.events"),
        ("__connect.errors.partition", "5"),
        ("__connect.errors.offset", "918233"),
        ("__connect.errors.stage", "VALUE_CONVERTER"),
        ("__connect.errors.class.name", "rapport.codec"),
        ("__connect.errors.exception.class.name", "rapport.missing_field"),
        ("__connect.errors.exception.message", "missing_field: lead_id"),
        ("rapport.reason", "missing_field"),
        ("rapport.field", "lead_id"),
    ];
    let expected: Vec<(String, String)> =
        expected.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    assert_eq!(headers(Rejection::field(Reason::MissingField, "lead_id")), expected);
    assert_eq!(headers(Rejection::whole(Reason::Empty)).len(), expected.len() - 1);
}
