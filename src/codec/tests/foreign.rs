//! Vectors that others made: Confluent's framing, Avro's single-object message and fingerprints, bare
//! datums of all types. They are there where the shared data is; elsewhere the tests say so and pass.

use std::path::PathBuf;

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use serde_json::{Value as Json, json};

use super::hex;
use crate::codec::framing::{Framed, unframe};
use crate::codec::{Decoded, Format, SchemaStore, decode};
use crate::model::dead_letter::{Reason, Rejection};

/// A file of the shared data, unless the data is not there.
fn shared(path: &str) -> Option<Vec<u8>> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data/specs/avro").join(path);
    match std::fs::read(&file) {
        Ok(bytes) => Some(bytes),
        Err(error) => {
            assert_ne!(std::env::var("CI").as_deref(), Ok("true"), "{}: {error}", file.display());
            eprintln!("NOT TESTED: {} is not there", file.display());
            None
        }
    }
}

fn base64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => panic!("no base64: {text}"),
    };
    let mut out = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for c in text.bytes().filter(|&c| c != b'=') {
        bits = bits << 6 | u32::from(digit(c));
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    out
}

/// Reads a foreign datum as one more field of an event, the only records that are read.
fn read_inside_an_event(schema: &Json, datum: &[u8]) -> Result<Decoded, Rejection> {
    let field = |name: &str, schema: &Json| json!({"name": name, "type": schema});
    let string = json!("string");
    let outer = json!({"type": "record", "name": "rapport.test.Outer", "fields": [
        field("event_id", &string), field("occurred_at", &string), field("kind", &string),
        field("lead_id", &string), field("foreign", schema),
    ]});
    let store = SchemaStore::new([("1.avsc", outer.to_string())]).unwrap();
    let texts = ["e", "2024-02-29T12:00:00Z", "lead_deleted", "l"];
    let start = texts.iter().flat_map(|text| [&[text.len() as u8 * 2], text.as_bytes()].concat());
    let bytes: Vec<u8> = [0, 0, 0, 0, 1].into_iter().chain(start).chain(datum.iter().copied()).collect();
    decode(&bytes, Format::AvroConfluent, &store)
}

/// Puts the definition of a type where it is first referred to.
fn inline(schema: &mut Json, name: &str, definition: &Json) {
    match schema {
        Json::String(text) if text == name => *schema = definition.clone(),
        Json::Array(items) => items.iter_mut().for_each(|item| inline(item, name, definition)),
        Json::Object(fields) => {
            for key in ["type", "items", "values", "fields"] {
                if let Some(inner) = fields.get_mut(key) {
                    inline(inner, name, definition);
                }
            }
        }
        _ => {}
    }
}

#[test]
fn confluent_framing_agrees_with_other_readers() {
    let Some(bytes) = shared("confluent_wire_format_vectors.json") else { return };
    let vectors: Vec<Json> = serde_json::from_slice(&bytes).unwrap();
    let mut seen = 0;
    for vector in &vectors {
        // Ids in a Kafka header come with bare datums, which are not read.
        if vector.get("where").is_some() {
            continue;
        }
        seen += 1;
        let name = vector["name"].as_str().unwrap();
        let bytes = hex(vector["bytes_hex"].as_str().unwrap());
        let framed = unframe(&bytes, Format::AvroConfluent);
        let Some(id) = vector["expect"]["schema_id"].as_u64() else {
            let expected = match name {
                "empty" => Reason::Empty,
                "wrong-magic-byte" => Reason::UnknownFraming,
                _ => Reason::Malformed,
            };
            let schema = &vector["schema"];
            let rejection = match framed {
                Ok(_) => read_inside_an_event(schema, &bytes[5..]).unwrap_err(),
                Err(rejection) => rejection,
            };
            assert_eq!(rejection, Rejection::whole(expected), "{name}");
            continue;
        };
        assert_eq!(framed, Ok(Framed::Confluent { id: id as u32, datum: &bytes[5..] }), "{name}");
        let mut schema = vector["schema"].clone();
        for reference in vector["references"].as_array().into_iter().flatten() {
            let name = reference["name"].as_str().unwrap().rsplit('.').next().unwrap();
            inline(&mut schema, name, &reference["schema"]);
        }
        if schema.is_null() {
            let unknown = decode(&bytes, Format::AvroConfluent, &SchemaStore::default());
            assert_eq!(unknown, Err(Rejection::field(Reason::UnknownSchema, &id.to_string())), "{name}");
        } else {
            let decoded = read_inside_an_event(&schema, &bytes[5..]).map(|decoded| decoded.unknown_fields);
            assert_eq!(decoded, Ok(1), "{name}");
        }
    }
    assert!(seen >= 12, "only {seen} vectors were applicable");
}

#[test]
fn the_single_object_message_of_apache_is_recognised() {
    let (Some(message), Some(schema)) =
        (shared("apache/messageV1_test_message.bin"), shared("apache/messageV1_test_schema.avsc"))
    else {
        return;
    };
    let schema = String::from_utf8(schema).unwrap();
    let Ok(Framed::SingleObject { fingerprint, datum }) = unframe(&message, Format::Auto) else {
        panic!("not a single object: {message:02x?}");
    };
    let theirs = Schema::parse_str(&schema).unwrap().fingerprint::<Rabin>().bytes;
    assert_eq!(fingerprint.to_le_bytes()[..], theirs);
    let store = SchemaStore::new([("message.avsc", &schema)]).unwrap();
    let mismatch = Rejection::field(Reason::SchemaMismatch, "event_id");
    assert_eq!(decode(&message, Format::Auto, &store), Err(mismatch), "found, but no event");
    let decoded = read_inside_an_event(&serde_json::from_str(&schema).unwrap(), datum);
    assert_eq!(decoded.map(|decoded| decoded.unknown_fields), Ok(1));
}

#[test]
fn bare_datums_of_every_type_are_read_to_their_end() {
    let Some(lines) = shared("vector_datum_vectors.jsonl") else { return };
    let lines = String::from_utf8(lines).unwrap();
    assert_eq!(lines.lines().count(), 18);
    for line in lines.lines() {
        let vector: Json = serde_json::from_str(line).unwrap();
        let datum = base64(vector["datum_base64"].as_str().unwrap());
        let decoded = read_inside_an_event(&vector["schema"], &datum).map(|decoded| decoded.unknown_fields);
        assert_eq!(decoded, Ok(1), "{}", vector["name"]);
    }
}

/// Apache's own table of fingerprints, which all implementations share.
#[test]
fn fingerprints_agree_with_apache() {
    let Some(text) = shared("apache/schema-tests.txt") else { return };
    let text = String::from_utf8(text).unwrap();
    let mut schema = None;
    let mut seen = 0;
    for line in text.lines() {
        if let Some(canonical) = line.strip_prefix("<<canonical ") {
            schema = Some(canonical);
        } else if let Some(fingerprint) = line.strip_prefix("<<fingerprint ") {
            let expected: i64 = fingerprint.trim().parse().unwrap();
            let bytes = Schema::parse_str(schema.unwrap()).unwrap().fingerprint::<Rabin>().bytes;
            assert_eq!(i64::from_le_bytes(bytes.try_into().unwrap()), expected, "{schema:?}");
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} fingerprints");
}
