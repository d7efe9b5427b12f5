//! Every example of `schemas/examples` is what its schema and the model say.

use apache_avro::Schema;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use serde_json::Value as Json;

use super::{event, files, hex};
use crate::codec::{
    DeadLetter, Format, decode_alert, decode_window, encode_alert, encode_event_avro, encode_event_confluent,
    encode_event_json, encode_window,
};
use crate::model::event::Kind;

fn json(bytes: &[u8]) -> Json {
    serde_json::from_slice(bytes).unwrap()
}

#[test]
fn every_kind_has_an_example() {
    let names: Vec<String> = files("schemas/examples/event").into_iter().map(|(name, _)| name).collect();
    for kind in Kind::ALL {
        assert!(names.contains(&format!("{}.json", kind.as_str())), "{}", kind.as_str());
    }
}

#[test]
fn every_example_of_an_event_survives_both_formats() {
    for (name, text) in files("schemas/examples/event") {
        let example = event(text.as_bytes(), Format::Auto).expect(&name);
        assert!(name.starts_with(example.body.kind().as_str()), "{name}");
        for (encoded, format) in [
            (encode_event_json(&example), Format::Json),
            (encode_event_avro(&example), Format::AvroSingleObject),
        ] {
            assert_eq!(event(&encoded, Format::Auto).as_ref(), Ok(&example), "{name}");
            assert_eq!(event(&encoded, format).as_ref(), Ok(&example), "{name}");
        }
        if !name.ends_with("_minimal.json") {
            assert_eq!(json(&encode_event_json(&example)), json(text.as_bytes()), "{name} is canonical");
        }
    }
}

/// What apache-avro makes of an example by the schema alone is what we write and read.
#[test]
fn examples_of_events_agree_with_apache_avro() {
    let schema = Schema::parse_str(crate::codec::avro::EVENT_SCHEMA).unwrap();
    for (name, text) in files("schemas/examples/event") {
        let example = event(text.as_bytes(), Format::Auto).unwrap();
        let value =
            Value::try_from(json(&encode_event_json(&example))).unwrap().resolve(&schema).expect(&name);
        let datum = GenericDatumWriter::builder(&schema).build().unwrap().write_value_to_vec(value).unwrap();
        let theirs = [&encode_event_avro(&example)[..10], &datum[..]].concat();
        assert_eq!(event(&theirs, Format::Auto).as_ref(), Ok(&example), "{name}");
        // apache-avro writes maps in no order.
        if !text.contains("industry") {
            assert_eq!(encode_event_avro(&example), theirs, "{name}");
        }
        assert_eq!(encode_event_confluent(&example, 7)[..5], [0, 0, 0, 0, 7]);
        assert_eq!(encode_event_confluent(&example, 7)[5..], encode_event_avro(&example)[10..]);
    }
}

/// The datums that fastavro 1.13.1 writes of these examples with `event.avsc`.
#[test]
fn examples_of_events_agree_with_fastavro() {
    let vectors = [
        (
            "lead_created.json",
            "106576742d3030303192c4b5beab6500020e4c2d3230343137000220432d737072696e672d776562696e6172\
             020e776562696e617202040e636f756e74727904444510696e647573747279344d61736368696e656e626175\
             2066c3bc72204765747269656265000000000000000000000000000000000000000000",
        ),
        (
            "deal_stage_entered.json",
            "106576742d30303130b4e1a8ddab6512020e4c2d3230343137020c442d373733310000000216436c6f736564\
             204c6f73740000000000020a70726963650002c0ddbd0402064555520002040000000000000000",
        ),
        (
            "target_set.json",
            "106576742d30303230e8bad3ffab65260000000000000002126d61726b6574696e6700000000000002064555\
             520000000002060280f0cbf283650280d0aeeabd650280b8b8720000",
        ),
        (
            "playbook_changed.json",
            "106576742d30303231faf68a83ac652800000000000000000000000000000000000000000000000200020412\
             6e6f206275646765741a77726f6e6720636f6e7461637400",
        ),
    ];
    let examples = files("schemas/examples/event");
    for (name, datum) in vectors {
        let (_, text) = examples.iter().find(|(file, _)| file == name).unwrap();
        let example = event(text.as_bytes(), Format::Auto).unwrap();
        assert_eq!(encode_event_avro(&example)[10..], hex(datum), "{name}");
    }
}

/// JSON → Avro → JSON by the schema alone loses nothing.
fn assert_fits_schema(name: &str, schema: &str, text: &str) {
    let schema = Schema::parse_str(schema).unwrap();
    let value = Value::try_from(json(text.as_bytes())).unwrap().resolve(&schema).expect(name);
    let datum = GenericDatumWriter::builder(&schema).build().unwrap().write_value_to_vec(value).unwrap();
    let mut rest = &datum[..];
    let value = GenericDatumReader::builder(&schema).build().unwrap().read_value(&mut rest).unwrap();
    assert_eq!(Json::try_from(value).unwrap(), json(text.as_bytes()), "{name}");
    assert!(rest.is_empty(), "{name}");
}

#[test]
fn examples_of_alerts_read_back() {
    for (name, text) in files("schemas/examples/alert") {
        let alert = decode_alert(text.as_bytes()).expect(&name);
        assert_eq!(decode_alert(&encode_alert(&alert)).as_ref(), Ok(&alert), "{name}");
        assert_eq!(json(&encode_alert(&alert)), json(text.as_bytes()), "{name}");
        assert_fits_schema(&name, include_str!("../../../schemas/alert.avsc"), &text);
    }
}

#[test]
fn examples_of_window_results_read_back() {
    for (name, text) in files("schemas/examples/window") {
        let window = decode_window(text.as_bytes()).expect(&name);
        assert_eq!(decode_window(&encode_window(&window)).as_ref(), Ok(&window), "{name}");
        assert_eq!(json(&encode_window(&window)), json(text.as_bytes()), "{name}");
        assert_fits_schema(&name, include_str!("../../../schemas/window.avsc"), &text);
    }
}

#[test]
fn examples_of_dead_letters_read_back() {
    for (name, text) in files("schemas/examples/dead_letter") {
        let letter = DeadLetter::decode(text.as_bytes()).expect(&name);
        assert_eq!(DeadLetter::decode(&letter.encode()).as_ref(), Ok(&letter), "{name}");
        assert_eq!(json(&letter.encode()), json(text.as_bytes()), "{name}");
    }
    let (_, text) = &files("schemas/examples/dead_letter")[1];
    let letter = DeadLetter::decode(text.as_bytes()).unwrap();
    assert_eq!(letter.value.as_deref(), Some(&[0xC3, 0x01, 0x00, 0xFF][..]));
}
