//! Datums of other writers, and of nobody: by hand, and against `apache-avro` as an oracle.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::rabin::Rabin;
use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::types::Value;
use apache_avro::writer::datum::GenericDatumWriter;
use proptest::prelude::*;
use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use serde_json::{Value as Json, json};

use crate::codec::avro::EVENT_SCHEMA;
use crate::codec::field::Field;
use crate::codec::flat::Flat;
use crate::codec::{Decoded, Format, Record, SchemaError, SchemaStore, decode, encode_event_avro};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::event::{Body, Event};

/// A writer's schema of an event, from its fields.
fn schema(fields: Json) -> Schema {
    Schema::parse(&json!({"type": "record", "name": "Theirs", "fields": fields})).unwrap()
}

fn field(name: &str, schema: Json) -> Json {
    json!({"name": name, "type": schema})
}

fn store(schema: &Schema) -> SchemaStore {
    SchemaStore::new([("1.avsc", serde_json::to_string(schema).unwrap())]).unwrap()
}

fn datum(schema: &Schema, value: Value) -> Vec<u8> {
    GenericDatumWriter::builder(schema).build().unwrap().write_value_to_vec(value).unwrap()
}

/// Reads a datum in both framings, which must agree.
fn read(schema: &Schema, datum: &[u8]) -> Result<Decoded, Rejection> {
    let store = store(schema);
    let fingerprint = schema.fingerprint::<Rabin>().bytes;
    let single = decode(&[&[0xC3, 0x01], &fingerprint[..], datum].concat(), Format::Auto, &store);
    let confluent = decode(&[&[0, 0, 0, 0, 1], datum].concat(), Format::Auto, &store);
    assert_eq!(single, confluent);
    single
}

fn read_event(schema: &Schema, datum: &[u8]) -> Result<Event, Rejection> {
    match read(schema, datum)?.record {
        Record::Event(event) => Ok(event),
        Record::Control(control) => panic!("a control record out of Avro: {control:?}"),
    }
}

fn text(text: &str) -> Value {
    Value::String(text.into())
}

fn some(branch: u32, value: Value) -> Value {
    Value::Union(branch, Box::new(value))
}

#[test]
fn writers_may_say_the_same_in_other_types() {
    let expected = |occurred_at| {
        let json = format!(
            r#"{{"event_id":"e","occurred_at":{occurred_at},"kind":"lead_touched","lead_id":"l",
                 "team":"sales","automated":true}}"#
        );
        super::event(json.as_bytes(), Format::Json).unwrap()
    };
    let long = |logical: &str| json!({"type": "long", "logicalType": logical});
    let words = json!({"type": "enum", "name": "K", "symbols": ["lead_merged", "lead_touched"]});
    let teams = json!({"type": "enum", "name": "T", "symbols": ["sales"]});
    let ms = 1_709_208_000_001;
    for (time, at) in [
        (json!("long"), Value::Long(ms)),
        (long("timestamp-millis"), Value::TimestampMillis(ms)),
        (long("timestamp-micros"), Value::TimestampMicros(ms * 1000 + 999)),
        (long("timestamp-nanos"), Value::TimestampNanos(ms * 1_000_000 + 999_999)),
        (json!("double"), Value::Double(ms as f64)),
        (json!("string"), text("2024-02-29T12:00:00.0019Z")),
        (json!(["null", "long"]), some(1, Value::Long(ms))),
        (json!(["string", long("timestamp-micros"), "null"]), some(1, Value::TimestampMicros(ms * 1000))),
    ] {
        let plain = schema(json!([
            field("kind", json!("string")),
            field("occurred_at", time.clone()),
            field("event_id", json!("string")),
            field("automated", json!("boolean")),
            field("team", json!("string")),
            field("lead_id", json!({"type": "string", "logicalType": "uuid"})),
        ]));
        let uuid = "550e8400-e29b-41d4-a716-446655440000";
        let value = Value::Record(vec![
            ("kind".into(), text("lead_touched")),
            ("occurred_at".into(), at.clone()),
            ("event_id".into(), text("e")),
            ("automated".into(), Value::Boolean(true)),
            ("team".into(), text("sales")),
            ("lead_id".into(), Value::Uuid(uuid.parse().unwrap())),
        ]);
        let mut with_uuid = expected(ms);
        let Body::LeadTouched { lead_id, .. } = &mut with_uuid.body else { unreachable!() };
        *lead_id = uuid.into();
        assert_eq!(read_event(&plain, &datum(&plain, value)), Ok(with_uuid), "{time}");

        let rich = schema(json!([
            field("event_id", json!(["string", "null"])),
            field("occurred_at", time.clone()),
            field("kind", words.clone()),
            field("lead_id", json!(["null", "string"])),
            field("team", json!([teams, "null"])),
            field("automated", json!(["null", "boolean"])),
        ]));
        let value = Value::Record(vec![
            ("event_id".into(), some(0, text("e"))),
            ("occurred_at".into(), at),
            ("kind".into(), Value::Enum(1, "lead_touched".into())),
            ("lead_id".into(), some(1, text("l"))),
            ("team".into(), some(0, Value::Enum(0, "sales".into()))),
            ("automated".into(), some(1, Value::Boolean(true))),
        ]);
        assert_eq!(read_event(&rich, &datum(&rich, value)), Ok(expected(ms)), "{time}");
    }
}

/// An event of `lead_deleted` with one more field, whose datum is `rest`.
fn with_field(name: &str, extra: Json, rest: &[u8]) -> Result<Decoded, Rejection> {
    let schema = schema(json!([
        field("event_id", json!("string")),
        field("occurred_at", json!("long")),
        field("kind", json!("string")),
        field("lead_id", json!("string")),
        field(name, extra),
    ]));
    read(&schema, &[&start(), rest].concat())
}

fn start() -> Vec<u8> {
    let fields = json!([
        field("event_id", json!("string")),
        field("occurred_at", json!("long")),
        field("kind", json!("string")),
        field("lead_id", json!("string")),
    ]);
    let value = Value::Record(vec![
        ("event_id".into(), text("e")),
        ("occurred_at".into(), Value::Long(1_709_208_000_000)),
        ("kind".into(), text("lead_deleted")),
        ("lead_id".into(), text("l")),
    ]);
    datum(&schema(fields), value)
}

const MALFORMED: Rejection = Rejection { reason: Reason::Malformed, field: None };

#[test]
fn unknown_fields_of_any_type_are_skipped_and_counted() {
    let double = 1.5_f64.to_le_bytes();
    for (schema, rest) in [
        (json!("null"), &b""[..]),
        (json!("int"), b"\x03"),
        (json!("double"), &double),
        (json!("bytes"), b"\x04\xff\xff"),
        (json!({"type": "fixed", "name": "F", "size": 3}), b"\xff\xff\xff"),
        (json!({"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}), b"\x02\x7f"),
        (json!({"type": "array", "items": "int"}), b"\x04\x02\x02\x02\x02\x00"),
        (json!({"type": "array", "items": "int"}), b"\x03\x04\x02\x02\x00"),
        (json!({"type": "map", "values": ["null", "string"]}), b"\x02\x02k\x02\x02v\x00"),
        (json!({"type": "record", "name": "R", "fields": [field("a", json!("boolean"))]}), b"\x01"),
    ] {
        let decoded = with_field("theirs", schema.clone(), rest).map(|decoded| decoded.unknown_fields);
        assert_eq!(decoded, Ok(1), "{schema}");
        let left_over = with_field("theirs", schema.clone(), &[rest, b"\0"].concat());
        assert_eq!(left_over, Err(Rejection::whole(Reason::LeftOverBytes)), "{schema}");
        for cut in 0..rest.len() {
            assert_eq!(
                with_field("theirs", schema.clone(), &rest[..cut]),
                Err(MALFORMED),
                "{schema} to {cut}"
            );
        }
        let known = with_field("value", schema.clone(), rest).map(|decoded| decoded.unknown_fields);
        assert_eq!(known, Ok(0), "{schema}: this kind does not read `value`");
    }
}

#[test]
fn damaged_datums_are_malformed() {
    for (schema, rest) in [
        (json!("boolean"), &b"\x02"[..]),
        (json!("int"), b"\x80\x80\x80\x80\x10"),
        (json!("string"), b"\x04\xff\xff"),
        (json!("string"), b"\x01"),
        (json!("bytes"), b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        (json!(["null", "int"]), b"\x04"),
        (json!(["null", "int"]), b"\x01"),
        (json!({"type": "enum", "name": "E", "symbols": ["A"]}), b"\x02"),
        (json!({"type": "array", "items": "long"}), b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        (json!({"type": "array", "items": "null"}), b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
        (json!({"type": "array", "items": "null"}), b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x00"),
        (json!({"type": "map", "values": "null"}), b"\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01"),
    ] {
        for name in ["theirs", "reasons", "attributes", "source"] {
            assert_eq!(with_field(name, schema.clone(), rest), Err(MALFORMED), "{name}: {schema}");
        }
    }
}

/// A list of lists of lists: each byte of the datum is one more level.
#[test]
fn depth_has_an_end() {
    let list = json!({"type": "record", "name": "List", "fields": [field("next", json!(["null", "List"]))]});
    let nested = |depth: usize| [&vec![2; depth][..], &[0]].concat();
    for name in ["theirs", "reasons"] {
        assert!(with_field(name, list.clone(), &nested(15)).is_ok());
        assert_eq!(with_field(name, list.clone(), &nested(900_000)), Err(MALFORMED));
    }
    // An array of itself has no other end than its own.
    let tree = json!({"type": "record", "name": "Tree", "fields": [
        field("children", json!({"type": "array", "items": "Tree"})),
    ]});
    assert!(with_field("theirs", tree.clone(), &[4, 0, 2, 0, 0, 0]).is_ok());
    assert_eq!(with_field("theirs", tree, &vec![2; 900_000]), Err(MALFORMED));
}

#[test]
fn an_event_that_is_cut_off_anywhere_is_malformed() {
    let json = br#"{"event_id":"e","occurred_at":1709208000000,"kind":"playbook_changed","change":"content",
                    "reasons":["price","none"]}"#;
    let bytes = encode_event_avro(&super::event(json, Format::Json).unwrap());
    let store = SchemaStore::default();
    for cut in 2..bytes.len() {
        assert_eq!(decode(&bytes[..cut], Format::Auto, &store), Err(MALFORMED), "up to {cut}");
    }
    let longer = [&bytes[..], &[0]].concat();
    assert_eq!(decode(&longer, Format::Auto, &store), Err(Rejection::whole(Reason::LeftOverBytes)));
}

#[test]
fn a_schema_is_named_that_cannot_be_found() {
    let store = SchemaStore::default();
    let confluent = decode(&[0, 0, 1, 0, 2, 1, 2], Format::Auto, &store);
    assert_eq!(confluent, Err(Rejection::field(Reason::UnknownSchema, "65538")));
    let single = decode(&[0xC3, 1, 8, 7, 6, 5, 4, 3, 2, 1], Format::Auto, &store);
    assert_eq!(single, Err(Rejection::field(Reason::UnknownSchema, "0807060504030201")));
}

#[test]
fn a_schema_that_is_not_that_of_an_event_is_refused() {
    let lacking = |names: &[&str]| {
        let fields: Vec<Json> = names.iter().map(|name| field(name, json!("string"))).collect();
        read(&schema(fields.into()), &[0; 8])
    };
    let mismatch = |field| Err(Rejection::field(Reason::SchemaMismatch, field));
    assert_eq!(lacking(&["occurred_at", "kind"]), mismatch("event_id"));
    assert_eq!(lacking(&["kind", "event_id"]), mismatch("occurred_at"));
    assert_eq!(lacking(&["event_id", "occurred_at"]), mismatch("kind"));
    for other in [Schema::String, Schema::array(Schema::Long).build()] {
        assert_eq!(read(&other, &[0; 8]), Err(Rejection::whole(Reason::SchemaMismatch)));
    }
}

#[test]
fn words_of_the_log_itself_are_no_kinds_of_events() {
    let schema = schema(json!([
        field("event_id", json!("string")),
        field("occurred_at", json!("long")),
        field("kind", json!("string")),
    ]));
    for word in ["progress", "definitions_in_force", "moved", "told", "release", ""] {
        let value = Value::Record(vec![
            ("event_id".into(), text("e")),
            ("occurred_at".into(), Value::Long(1_709_208_000_000)),
            ("kind".into(), text(word)),
        ]);
        let rejected = read(&schema, &datum(&schema, value));
        assert_eq!(rejected, Err(Rejection::field(Reason::UnknownKind, "kind")), "{word}");
    }
}

#[test]
fn every_schema_file_that_cannot_be_used_is_named() {
    let good = r#""string""#;
    let files =
        [("1.avsc", good), ("bad.avsc", "{"), ("01.avsc", good), ("2.avsc", r#"["null","Elsewhere"]"#)];
    let errors = SchemaStore::new(files).unwrap_err();
    let named: Vec<&str> = errors
        .iter()
        .map(|error| match error {
            SchemaError::Invalid { file, .. } | SchemaError::SameId { file, .. } => file.as_str(),
        })
        .collect();
    assert_eq!(named, ["bad.avsc", "01.avsc", "2.avsc"]);
    assert!(SchemaStore::new([("README", good), ("-1.avsc", good)]).is_ok(), "found by fingerprint only");
}

/// Held against fastavro, which follows the specification; apache-avro's own fingerprint is known too.
#[test]
fn producers_know_our_schema_by_the_same_fingerprint() {
    let json = br#"{"event_id":"e","occurred_at":1709208000000,"kind":"lead_erased","lead_id":"l"}"#;
    let event = super::event(json, Format::Json).unwrap();
    let mut bytes = encode_event_avro(&event);
    assert_eq!(bytes[..10], [0xC3, 0x01, 0x22, 0x2f, 0xc8, 0xd6, 0xd8, 0xa8, 0x4e, 0xac]);
    let rust = Schema::parse_str(EVENT_SCHEMA).unwrap().fingerprint::<Rabin>().bytes;
    assert_ne!(bytes[2..10], rust, "apache-avro follows the specification now: drop the second fingerprint");
    bytes[2..10].copy_from_slice(&rust);
    assert_eq!(super::event(&bytes, Format::Auto), Ok(event));
}

/// Makes schemas and values of all types that Avro has.
struct Maker {
    rng: ChaCha8Rng,
    names: u32,
}

impl Maker {
    fn name(&mut self) -> String {
        self.names += 1;
        format!("N{}", self.names)
    }

    fn schema(&mut self, depth: u32) -> Json {
        let logical = |base: &str, logical: &str| json!({"type": base, "logicalType": logical});
        match self.rng.random_range(0..if depth > 3 { 17 } else { 24 }) {
            0 => json!("null"),
            1 => json!("boolean"),
            2 => json!("int"),
            3 => json!("long"),
            4 => json!("float"),
            5 => json!("double"),
            6 => json!("bytes"),
            7..=9 => json!("string"),
            10 => json!({"type": "fixed", "name": self.name(), "size": 3}),
            11 => json!({"type": "enum", "name": self.name(), "symbols": ["a", "b", "c"]}),
            12 => logical("long", "timestamp-millis"),
            13 => logical("long", "timestamp-micros"),
            14 => logical("long", "time-micros"),
            15 => logical("int", "date"),
            16 => logical("long", "local-timestamp-millis"),
            17 | 18 => json!({"type": "array", "items": self.schema(depth + 1)}),
            19 | 20 => json!({"type": "map", "values": self.schema(depth + 1)}),
            21 | 22 => json!(["null", if self.rng.random_bool(0.5) { "int" } else { "string" },
                {"type": "array", "items": self.schema(depth + 1)}]),
            _ => {
                let fields: Vec<Json> =
                    (0..3).map(|i| field(&format!("f{i}"), self.schema(depth + 1))).collect();
                json!({"type": "record", "name": self.name(), "fields": fields})
            }
        }
    }

    fn value(&mut self, schema: &Schema) -> Value {
        let long = self.rng.random::<i64>() >> self.rng.random_range(0..64);
        match schema {
            Schema::Null => Value::Null,
            Schema::Boolean => Value::Boolean(long & 1 == 0),
            Schema::Int => Value::Int(long as i32),
            Schema::Date => Value::Date(long as i32),
            Schema::Long => Value::Long(long),
            Schema::TimestampMillis => Value::TimestampMillis(long),
            Schema::TimestampMicros => Value::TimestampMicros(long),
            Schema::TimeMicros => Value::TimeMicros(long),
            Schema::LocalTimestampMillis => Value::LocalTimestampMillis(long),
            Schema::Float => Value::Float(long as f32),
            Schema::Double => Value::Double(long as f64),
            Schema::Bytes => Value::Bytes(long.to_le_bytes().into()),
            Schema::String => Value::String(format!("{long:x}ü")),
            Schema::Fixed(_) => Value::Fixed(3, vec![1, 2, 3]),
            Schema::Enum(_) => Value::Enum(1, "b".into()),
            Schema::Array(array) => {
                Value::Array((0..self.rng.random_range(0..4)).map(|_| self.value(&array.items)).collect())
            }
            Schema::Map(map) => Value::Map(
                (0..self.rng.random_range(0..4)).map(|i| (format!("k{i}"), self.value(&map.types))).collect(),
            ),
            Schema::Union(union) => {
                let branch = self.rng.random_range(0..union.variants().len());
                Value::Union(branch as u32, Box::new(self.value(&union.variants()[branch])))
            }
            Schema::Record(record) => Value::Record(
                record.fields.iter().map(|field| (field.name.clone(), self.value(&field.schema))).collect(),
            ),
            other => unreachable!("no such schema is made: {other}"),
        }
    }
}

/// What the codec should see in a value, as text.
fn seen(value: &Value) -> String {
    match value {
        Value::Union(_, inner) => seen(inner),
        Value::Null => "Absent".into(),
        Value::Boolean(flag) => format!("Bool({flag})"),
        Value::Int(n) => format!("Int({n})"),
        Value::Long(n) => format!("Int({n})"),
        Value::TimestampMillis(ms) => format!("Instant({ms})"),
        Value::TimestampMicros(micros) => format!("Instant({})", micros.div_euclid(1000)),
        Value::Float(x) => format!("Float({:?})", f64::from(*x)),
        Value::Double(x) => format!("Float({x:?})"),
        Value::String(text) | Value::Enum(_, text) => format!("Text({text:?})"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(seen).filter(|item| item != "Absent").collect();
            if items.iter().any(|item| !item.starts_with("Text(")) {
                return "Other".into();
            }
            let items: Vec<&str> = items.iter().map(|item| &item["Text(".len()..item.len() - 1]).collect();
            format!("List([{}])", items.join(", "))
        }
        Value::Map(pairs) => {
            let pairs: BTreeMap<&String, String> = pairs
                .iter()
                .map(|(key, value)| (key, seen(value)))
                .filter(|(_, item)| item != "Absent")
                .collect();
            if pairs.values().any(|item| !item.starts_with("Text(")) {
                return "Other".into();
            }
            let pair = |(key, item): (&&String, &String)| {
                format!("({key:?}, {})", &item["Text(".len()..item.len() - 1])
            };
            format!("Pairs([{}])", pairs.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        _ => "Other".into(),
    }
}

/// A writer's schema with two fields of made types, one that the contract knows and one that it does not.
fn made(maker: &mut Maker) -> Schema {
    schema(json!([
        field("event_id", json!("string")),
        field("occurred_at", maker.schema(0)),
        field("theirs", maker.schema(0)),
        field("kind", json!("string")),
        field("source", maker.schema(0)),
    ]))
}

/// The fields of a datum as the plan sees them and as apache-avro does, where the plan accepts it.
fn compare(schema: &Schema, datum: &[u8], is_valid: bool) -> Result<(), TestCaseError> {
    let store = store(schema);
    let mut flat = Flat::new();
    if let Err(rejection) = store.read_confluent(1, datum, &mut flat) {
        prop_assert!(!is_valid, "{rejection:?} for {schema:?}");
        return Ok(());
    }
    let mut rest = datum;
    let value = GenericDatumReader::builder(schema).build().unwrap().read_value(&mut rest).unwrap();
    prop_assert!(rest.is_empty());
    let Value::Record(fields) = value else { unreachable!("the schema is a record") };
    for (field, name) in [(Field::OccurredAt, 1), (Field::Kind, 3), (Field::Source, 4)] {
        let raw = flat.get(field);
        let ours = match (raw.pairs(), raw.list()) {
            (Some(pairs), _) => {
                let sorted: BTreeMap<_, _> = pairs.iter().cloned().collect();
                format!("Pairs({:?})", sorted.into_iter().collect::<Vec<_>>())
            }
            (_, Some(list)) => format!("List({list:?})"),
            _ => format!("{raw:?}"),
        };
        prop_assert_eq!(ours, seen(&fields[name].1), "{:?}", schema);
    }
    prop_assert_eq!(flat.unknown_fields, 1);
    Ok(())
}

proptest! {
    #[test]
    fn the_plan_reads_what_apache_avro_writes(seed: u64) {
        let mut maker = Maker { rng: ChaCha8Rng::seed_from_u64(seed), names: 0 };
        let schema = made(&mut maker);
        let value = maker.value(&schema);
        compare(&schema, &datum(&schema, value), true)?;
    }

    #[test]
    fn the_plan_accepts_no_bytes_that_apache_avro_reads_otherwise(
        seed: u64,
        noise in proptest::collection::vec((any::<proptest::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut maker = Maker { rng: ChaCha8Rng::seed_from_u64(seed), names: 0 };
        let schema = made(&mut maker);
        let value = maker.value(&schema);
        let mut datum = datum(&schema, value);
        for (at, byte) in noise {
            let at = at.index(datum.len());
            datum[at] = byte % 16;
        }
        compare(&schema, &datum, false)?;
    }
}
