//! The rules of the contract as tables: what is taken, what is rejected, for which field.

use super::event;
use crate::codec::{Decoded, Format, RECORD_BYTES_MAX, SchemaStore, decode, decode_within};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::{Body, Event};
use crate::model::{EARLIEST, LATEST};

fn rejection(reason: Reason, field: &str) -> Rejection {
    if field.is_empty() { Rejection::whole(reason) } else { Rejection::field(reason, field) }
}

/// An event of this kind with these fields, as JSON.
fn record(kind: &str, fields: &str) -> String {
    format!(r#"{{"event_id":"e-1","occurred_at":1700000000000,"kind":"{kind}"{fields}}}"#)
}

fn read(kind: &str, fields: &str) -> Result<Event, Rejection> {
    event(record(kind, fields).as_bytes(), Format::Auto)
}

#[test]
fn each_kind_demands_its_fields() {
    let missing = |kind: &str, fields: &str, field: &str| {
        assert_eq!(read(kind, fields), Err(rejection(Reason::MissingField, field)), "{kind} {fields}");
    };
    for kind in
        ["created", "stage_entered", "assigned", "touched", "dispositioned", "merged", "deleted", "erased"]
    {
        missing(&format!("lead_{kind}"), "", "lead_id");
    }
    for kind in [
        "opened",
        "stage_entered",
        "amount_changed",
        "touched",
        "content_used",
        "linked",
        "deleted",
        "erased",
    ] {
        missing(&format!("deal_{kind}"), r#","lead_id":"l""#, "deal_id");
    }
    for kind in ["announced", "acknowledged", "launched"] {
        missing(&format!("campaign_{kind}"), "", "campaign_id");
        missing(&format!("campaign_{kind}"), r#","campaign_id":"c""#, "team");
    }
    for (kind, fields, field) in [
        ("lead_stage_entered", r#","lead_id":"l""#, "stage"),
        ("lead_assigned", r#","lead_id":"l""#, "owner_id"),
        ("lead_touched", r#","lead_id":"l""#, "team"),
        ("lead_dispositioned", r#","lead_id":"l""#, "verdict"),
        ("lead_merged", r#","lead_id":"l""#, "into"),
        ("deal_stage_entered", r#","deal_id":"d""#, "stage"),
        ("deal_stage_entered", r#","deal_id":"d","stage":"Negotiation""#, "status"),
        ("deal_amount_changed", r#","deal_id":"d""#, "amount_minor"),
        ("deal_amount_changed", r#","deal_id":"d","currency":"EUR""#, "amount_minor"),
        ("deal_amount_changed", r#","deal_id":"d","amount_minor":1"#, "currency"),
        ("deal_opened", r#","deal_id":"d","amount_minor":1"#, "currency"),
        ("deal_touched", r#","deal_id":"d""#, "team"),
        ("deal_content_used", r#","deal_id":"d""#, "asset_id"),
        ("deal_content_used", r#","deal_id":"d","asset_id":"a""#, "author_team"),
        ("deal_linked", r#","deal_id":"d""#, "lead_id"),
        ("target_set", "", "team"),
        ("target_set", r#","team":"marketing""#, "measure"),
        ("target_set", r#","team":"marketing","measure":"mql""#, "from"),
        ("target_set", r#","team":"marketing","measure":"mql","from":1700000000000"#, "to"),
        (
            "target_set",
            r#","team":"marketing","measure":"mql","from":1700000000000,"to":1700000000001"#,
            "value",
        ),
        ("playbook_changed", "", "change"),
        ("content_published", "", "asset_id"),
        ("content_published", r#","asset_id":"a""#, "author_team"),
    ] {
        missing(kind, fields, field);
    }
}

#[test]
fn every_record_has_an_identity_a_time_and_a_kind() {
    for (json, reason, field) in [
        ("{}", Reason::MissingField, "kind"),
        (r#"{"kind":null}"#, Reason::MissingField, "kind"),
        (r#"{"kind":7}"#, Reason::WrongType, "kind"),
        (r#"{"kind":"lead_sneezed"}"#, Reason::UnknownKind, "kind"),
        (r#"{"kind":"Lead_Created"}"#, Reason::UnknownKind, "kind"),
        (r#"{"kind":"lead_created"}"#, Reason::MissingField, "event_id"),
        (r#"{"kind":"lead_created","event_id":""}"#, Reason::ImpossibleValue, "event_id"),
        (r#"{"kind":"lead_created","event_id":17}"#, Reason::WrongType, "event_id"),
        (r#"{"kind":"lead_created","event_id":"e"}"#, Reason::MissingField, "occurred_at"),
    ] {
        assert_eq!(event(json.as_bytes(), Format::Auto), Err(rejection(reason, field)), "{json}");
    }
}

#[test]
fn fields_are_judged_by_type_word_length_and_sense() {
    use Reason::*;
    for (kind, fields, reason, field) in [
        ("lead_deleted", r#","lead_id":7"#, WrongType, "lead_id"),
        ("lead_deleted", r#","lead_id":["l"]"#, WrongType, "lead_id"),
        ("lead_deleted", r#","lead_id":{"id":"l"}"#, WrongType, "lead_id"),
        ("lead_deleted", r#","lead_id":true"#, WrongType, "lead_id"),
        ("lead_deleted", r#","lead_id":"""#, ImpossibleValue, "lead_id"),
        ("lead_created", r#","lead_id":"l","campaign_id":"""#, ImpossibleValue, "campaign_id"),
        ("lead_created", r#","lead_id":"l","source":1"#, WrongType, "source"),
        ("lead_created", r#","lead_id":"l","attributes":"x""#, WrongType, "attributes"),
        ("lead_created", r#","lead_id":"l","attributes":["x"]"#, WrongType, "attributes"),
        ("lead_created", r#","lead_id":"l","attributes":{"a":1}"#, WrongType, "attributes"),
        ("lead_created", r#","lead_id":"l","attributes":{"a":{"b":"c"}}"#, WrongType, "attributes"),
        ("lead_created", r#","lead_id":"l","attributes":{"":"c"}"#, ImpossibleValue, "attributes"),
        ("lead_stage_entered", r#","lead_id":"l","stage":"MQL""#, UnknownSymbol, "stage"),
        ("lead_stage_entered", r#","lead_id":"l","stage":"""#, UnknownSymbol, "stage"),
        ("lead_stage_entered", r#","lead_id":"l","stage":2"#, WrongType, "stage"),
        ("lead_touched", r#","lead_id":"l","team":"partner""#, UnknownSymbol, "team"),
        ("lead_touched", r#","lead_id":"l","team":"sales","automated":"no""#, WrongType, "automated"),
        ("lead_touched", r#","lead_id":"l","team":"sales","automated":0"#, WrongType, "automated"),
        ("lead_dispositioned", r#","lead_id":"l","verdict":"maybe""#, UnknownSymbol, "verdict"),
        ("lead_merged", r#","lead_id":"l","into":"l""#, ImpossibleValue, "into"),
        ("deal_opened", r#","deal_id":"d","lead_id":"""#, ImpossibleValue, "lead_id"),
        ("deal_opened", r#","deal_id":"d","origin":"luck""#, UnknownSymbol, "origin"),
        ("deal_opened", r#","deal_id":"d","amount_minor":1,"currency":"eur""#, ImpossibleValue, "currency"),
        ("deal_opened", r#","deal_id":"d","amount_minor":1,"currency":"EURO""#, ImpossibleValue, "currency"),
        ("deal_opened", r#","deal_id":"d","amount_minor":1,"currency":978"#, WrongType, "currency"),
        ("deal_opened", r#","deal_id":"d","amount_minor":12.5,"currency":"EUR""#, WrongType, "amount_minor"),
        ("deal_opened", r#","deal_id":"d","amount_minor":1e3,"currency":"EUR""#, WrongType, "amount_minor"),
        ("deal_opened", r#","deal_id":"d","amount_minor":"12","currency":"EUR""#, WrongType, "amount_minor"),
        (
            "deal_opened",
            r#","deal_id":"d","amount_minor":1000000000000001,"currency":"EUR""#,
            ImpossibleValue,
            "amount_minor",
        ),
        (
            "deal_opened",
            r#","deal_id":"d","amount_minor":-9223372036854775808,"currency":"EUR""#,
            ImpossibleValue,
            "amount_minor",
        ),
        ("deal_stage_entered", r#","deal_id":"d","stage":"""#, ImpossibleValue, "stage"),
        ("deal_stage_entered", r#","deal_id":"d","stage":"x","status":"stuck""#, UnknownSymbol, "status"),
        ("campaign_launched", r#","campaign_id":"c","team":"""#, ImpossibleValue, "team"),
        ("playbook_changed", r#","change":"scoring","reasons":"price""#, WrongType, "reasons"),
        ("playbook_changed", r#","change":"scoring","reasons":["price",1]"#, WrongType, "reasons"),
        ("content_published", r#","asset_id":"a","author_team":"agency""#, UnknownSymbol, "author_team"),
    ] {
        assert_eq!(read(kind, fields), Err(rejection(reason, field)), "{kind} {fields}");
    }
}

#[test]
fn a_target_has_a_period_and_is_not_negative() {
    let read = |from: i64, to: i64, value: &str| {
        let fields =
            format!(r#","team":"marketing","measure":"won","from":{from},"to":{to},"value":{value}"#);
        read("target_set", &fields).map(|_| ())
    };
    let (from, to) = (1_700_000_000_000, 1_710_000_000_000);
    assert_eq!(read(from, to, "0"), Ok(()));
    assert_eq!(read(from, from, "1"), Err(rejection(Reason::ImpossibleValue, "to")));
    assert_eq!(read(to, from, "1"), Err(rejection(Reason::ImpossibleValue, "to")));
    assert_eq!(read(0, to, "1"), Err(rejection(Reason::ImpossibleValue, "from")));
    assert_eq!(read(from, to, "-1"), Err(rejection(Reason::ImpossibleValue, "value")));
    assert_eq!(read(from, to, "1.5"), Err(rejection(Reason::WrongType, "value")));
    assert_eq!(read(from, to, "9223372036854775808"), Err(rejection(Reason::WrongType, "value")));
}

#[test]
fn texts_have_their_lengths() {
    let too_long = |field| Err(rejection(Reason::TooLong, field));
    let long = |n: usize| "x".repeat(n);
    let event_id = |n| {
        let json = format!(
            r#"{{"event_id":"{}","occurred_at":1700000000000,"kind":"lead_deleted","lead_id":"l"}}"#,
            long(n)
        );
        event(json.as_bytes(), Format::Auto).map(|_| ())
    };
    assert_eq!(event_id(128), Ok(()));
    assert_eq!(event_id(129), too_long("event_id"));
    let with = |kind, head: &str, n, tail: &str| read(kind, &format!("{head}{}{tail}", long(n))).map(|_| ());
    let lead = r#","lead_id":""#;
    assert_eq!(with("lead_deleted", lead, 256, "\""), Ok(()));
    assert_eq!(with("lead_deleted", lead, 257, "\""), too_long("lead_id"));
    let source = r#","lead_id":"l","source":""#;
    assert_eq!(with("lead_created", source, 1024, "\""), Ok(()));
    assert_eq!(with("lead_created", source, 1025, "\""), too_long("source"));
    let value = r#","lead_id":"l","attributes":{"k":""#;
    assert_eq!(with("lead_created", value, 1024, "\"}"), Ok(()));
    assert_eq!(with("lead_created", value, 1025, "\"}"), too_long("attributes"));
    let attributes = |n: usize| {
        let pairs: Vec<String> = (0..n).map(|i| format!(r#""k{i}":"v""#)).collect();
        let fields = format!(r#","lead_id":"l","attributes":{{{}}}"#, pairs.join(","));
        read("lead_created", &fields).map(|_| ())
    };
    assert_eq!(attributes(64), Ok(()));
    assert_eq!(attributes(65), too_long("attributes"));
    assert_eq!(attributes(5000), too_long("attributes"));
    let reasons = |n: usize| {
        let fields = format!(r#","change":"scoring","reasons":[{}]"#, vec![r#""r""#; n].join(","));
        read("playbook_changed", &fields).map(|_| ())
    };
    assert_eq!(reasons(64), Ok(()));
    assert_eq!(reasons(65), too_long("reasons"));
}

#[test]
fn a_time_is_an_integer_or_rfc_3339() {
    let read = |time: &str| {
        let json = format!(r#"{{"event_id":"e","occurred_at":{time},"kind":"lead_deleted","lead_id":"l"}}"#);
        event(json.as_bytes(), Format::Auto).map(|event| event.occurred_at.0)
    };
    for (time, expected) in [
        ("1709208000000", 1_709_208_000_000),
        ("1.709208e12", 1_709_208_000_000),
        ("1709208000000.0", 1_709_208_000_000),
        (r#""2024-02-29T12:00:00Z""#, 1_709_208_000_000),
        (r#""2024-02-29T12:00:00.9999Z""#, 1_709_208_000_999),
        (r#""2024-02-29T17:30:00.001+05:30""#, 1_709_208_000_001),
        (r#""2024-02-29t12:00:00z""#, 1_709_208_000_000),
    ] {
        assert_eq!(read(time), Ok(expected), "{time}");
    }
    assert_eq!(read(&EARLIEST.0.to_string()), Ok(EARLIEST.0));
    assert_eq!(read(&(LATEST.0 - 1).to_string()), Ok(LATEST.0 - 1));
    for time in [&(EARLIEST.0 - 1).to_string(), &LATEST.0.to_string(), "0", "1700000000", "1e15"] {
        assert_eq!(read(time), Err(rejection(Reason::ImpossibleValue, "occurred_at")), "{time}");
    }
    for time in [
        "1709208000000.5",
        "1e300",
        "18446744073709551615",
        r#""1709208000000""#,
        r#""2024-02-30T12:00:00Z""#,
        r#""2024-02-29T12:00:00""#,
        r#""29.02.2024""#,
        "true",
        "[1709208000000]",
        "{}",
    ] {
        assert_eq!(read(time), Err(rejection(Reason::WrongType, "occurred_at")), "{time}");
    }
}

#[test]
fn what_nobody_has_to_say_may_be_null_or_empty() {
    let plain = read("lead_created", r#","lead_id":"l""#).unwrap();
    for fields in [
        r#","lead_id":"l","source":null,"campaign_id":null,"attributes":null"#,
        r#","lead_id":"l","source":"","attributes":{}"#,
        r#","lead_id":"l","attributes":{"country":null}"#,
        r#","lead_id":"other","lead_id":"l""#,
        r#","lead_id":"l","source":"first","source":null"#,
    ] {
        assert_eq!(read("lead_created", fields), Ok(plain.clone()), "{fields}");
    }
    let touched = |fields: &str| {
        let fields = format!(r#","lead_id":"l","team":"sales"{fields}"#);
        read("lead_touched", &fields).unwrap().body
    };
    assert_eq!(touched(r#","channel":"","automated":null"#), touched(""));
    assert_eq!(touched(r#","automated":false"#), touched(""));
    assert_ne!(touched(r#","automated":true"#), touched(""));
    assert!(matches!(
        read("lead_assigned", r#","lead_id":"l","owner_id":"o","team":"""#).unwrap().body,
        Body::LeadAssigned { team: None, .. }
    ));
    let reasons = |fields| match read("playbook_changed", fields).unwrap().body {
        Body::PlaybookChanged { reasons, .. } => reasons.to_vec(),
        body => panic!("{body:?}"),
    };
    assert!(reasons(r#","change":"content""#).is_empty());
    assert_eq!(reasons(r#","change":"content","reasons":["",null,"price"]"#), ["price"]);
}

#[test]
fn of_an_attribute_that_is_said_twice_the_last_value_holds() {
    let twice = read("lead_created", r#","lead_id":"l","attributes":{"b":"1","a":"2","b":"3"}"#).unwrap();
    let Body::LeadCreated { attributes, .. } = twice.body else { panic!("{twice:?}") };
    assert_eq!(&*attributes.0, [("a".into(), "2".into()), ("b".into(), "3".into())]);
}

#[test]
fn unknown_fields_are_counted_and_known_ones_of_other_kinds_are_not() {
    let count = |fields: &str| {
        let json = record("lead_deleted", &format!(r#","lead_id":"l"{fields}"#));
        decode(json.as_bytes(), Format::Auto, &SchemaStore::default())
            .map(|decoded: Decoded| decoded.unknown_fields)
    };
    assert_eq!(count(""), Ok(0));
    assert_eq!(count(r#","x":{"y":[1,{"z":null}]},"Lead_Id":"L","":1"#), Ok(3));
    assert_eq!(count(r#","value":"not a number","team":7,"attributes":[],"from":"never""#), Ok(0));
    assert_eq!(count(r#","l\u0065ad_id":"l""#), Ok(0), "a key with an escape is the same key");
}

#[test]
fn text_that_is_not_one_json_object_is_malformed() {
    let good = record("lead_deleted", r#","lead_id":"l""#);
    assert!(event(format!("\u{feff} {good}\r\n\t ").as_bytes(), Format::Auto).is_ok());
    assert!(event(format!(" \u{feff}{good}").as_bytes(), Format::Auto).is_err());
    let deep = format!(r#"{{"x":{}"#, "[".repeat(500_000));
    let deep_known = format!(r#"{{"lead_id":{}"#, r#"{"a":"#.repeat(100_000));
    for json in [
        "{",
        "{}{}",
        &format!("{good}x"),
        &format!("{good},{good}"),
        &good[..good.len() - 1],
        r#"{"event_id":"\ud800"}"#,
        r#"{'kind':'lead_deleted'}"#,
        r#"{"kind":"lead_deleted",}"#,
        " ",
        &deep,
        &deep_known,
    ] {
        assert_eq!(
            event(json.as_bytes(), Format::Auto),
            Err(Rejection::whole(Reason::Malformed)),
            "{json:.60}"
        );
    }
    for json in ["[]", "17", r#""text""#, "null"] {
        assert_eq!(event(json.as_bytes(), Format::Json), Err(Rejection::whole(Reason::Malformed)), "{json}");
    }
    let bad_utf8 = [record("lead_deleted", r#","lead_id":""#).as_bytes(), b"\xff\"}"].concat();
    assert_eq!(event(&bad_utf8, Format::Auto), Err(Rejection::whole(Reason::Malformed)));
}

#[test]
fn deep_values_are_skipped() {
    let fields = format!(r#","lead_id":"l","x":{}{}"#, "[".repeat(100_000), "]".repeat(100_000));
    assert!(read("lead_deleted", &fields).is_ok());
}

#[test]
fn a_record_has_a_size() {
    let padded = |bytes: usize| {
        let mut json = record("lead_deleted", r#","lead_id":"l""#);
        json.push_str(&" ".repeat(bytes - json.len()));
        json
    };
    let store = SchemaStore::default();
    let too_large = Err(Rejection::whole(Reason::TooLarge));
    assert!(decode(padded(RECORD_BYTES_MAX).as_bytes(), Format::Auto, &store).is_ok());
    assert_eq!(decode(padded(RECORD_BYTES_MAX + 1).as_bytes(), Format::Auto, &store), too_large);
    assert!(decode_within(padded(200).as_bytes(), Format::Auto, &store, 200).is_ok());
    assert_eq!(decode_within(padded(200).as_bytes(), Format::Auto, &store, 199), too_large);
}

/// Rejections are logged, so they may only name fields and schemas.
#[test]
fn a_rejection_quotes_nothing() {
    for json in [
        r#"{"kind":"SECRET"}"#,
        r#"{"kind":"lead_deleted","event_id":"e","occurred_at":"SECRET"}"#,
        r#"{"kind":"progress","source":{"SECRET":1}}"#,
        r#"{"SECRET":"#,
    ] {
        let rejection = decode(json.as_bytes(), Format::Auto, &SchemaStore::default()).unwrap_err();
        assert!(!format!("{rejection} {rejection:?}").contains("SECRET"), "{rejection:?}");
    }
}
