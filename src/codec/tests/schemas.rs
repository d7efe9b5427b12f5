//! The schemas say what the model says: same fields, same words, same order, all explained.

use apache_avro::Schema;
use apache_avro::schema::RecordSchema;

use super::files;
use crate::codec::avro::EVENT_SCHEMA;
use crate::codec::field::Field;
use crate::codec::{DeadLetter, decode_alert, decode_window, encode_alert, encode_window};
use crate::model::alert::Severity;
use crate::model::dead_letter::Reason;
use crate::model::event::Kind;
use crate::model::words::{Author, DealStatus, Origin, PlaybookChange, TargetMeasure, Verdict};

const ALERT_SCHEMA: &str = include_str!("../../../schemas/alert.avsc");
const WINDOW_SCHEMA: &str = include_str!("../../../schemas/window.avsc");
const DEAD_LETTER_SCHEMA: &str = include_str!("../../../schemas/dead_letter.avsc");

fn record(text: &str) -> RecordSchema {
    match Schema::parse_str(text).unwrap() {
        Schema::Record(record) => record,
        other => panic!("a record was wanted, not {other}"),
    }
}

fn field_names(record: &RecordSchema) -> Vec<&str> {
    record.fields.iter().map(|field| field.name.as_str()).collect()
}

/// The schema of a field, without the null that makes it optional.
fn inner<'s>(record: &'s RecordSchema, field: &str) -> &'s Schema {
    let field = record.fields.iter().find(|f| f.name == field).unwrap();
    match &field.schema {
        Schema::Union(union) => &union.variants()[1],
        schema => schema,
    }
}

fn symbols<'s>(record: &'s RecordSchema, field: &str) -> Vec<&'s str> {
    match inner(record, field) {
        Schema::Enum(words) => words.symbols.iter().map(String::as_str).collect(),
        other => panic!("{field} is no enum but {other}"),
    }
}

#[test]
fn every_schema_explains_itself() {
    for text in [EVENT_SCHEMA, ALERT_SCHEMA, WINDOW_SCHEMA, DEAD_LETTER_SCHEMA] {
        let record = record(text);
        assert_eq!(record.name.namespace(), Some("rapport"));
        assert!(record.doc.is_some(), "{}", record.name);
        for field in &record.fields {
            assert!(field.doc.is_some(), "{}.{}", record.name, field.name);
        }
    }
    assert_eq!(files("schemas").len(), 4, "a new schema needs its examples and its test here");
}

#[test]
fn the_fields_of_an_event_are_those_of_the_codec() {
    let event = record(EVENT_SCHEMA);
    let ours: Vec<&str> = Field::ALL.iter().map(|field| field.as_str()).collect();
    assert_eq!(field_names(&event), ours);
    for field in &event.fields[3..] {
        let Schema::Union(union) = &field.schema else { panic!("{} is not nullable", field.name) };
        assert!(matches!(union.variants(), [Schema::Null, _]), "{}", field.name);
        assert_eq!(field.default, Some(serde_json::Value::Null), "{}", field.name);
    }
}

#[test]
fn the_types_of_an_event_are_those_of_the_model() {
    let event = record(EVENT_SCHEMA);
    for field in Field::ALL {
        let schema = inner(&event, field.as_str());
        let is_right = match field {
            Field::OccurredAt | Field::From | Field::To => matches!(schema, Schema::TimestampMillis),
            Field::AmountMinor | Field::Value => matches!(schema, Schema::Long),
            Field::Automated => matches!(schema, Schema::Boolean),
            Field::Attributes => matches!(schema, Schema::Map(map) if matches!(*map.types, Schema::String)),
            Field::Reasons => {
                matches!(schema, Schema::Array(array) if matches!(*array.items, Schema::String))
            }
            Field::Kind
            | Field::Verdict
            | Field::Origin
            | Field::Status
            | Field::AuthorTeam
            | Field::Measure
            | Field::Change => matches!(schema, Schema::Enum(_)),
            _ => matches!(schema, Schema::String),
        };
        assert!(is_right, "{}: {schema}", field.as_str());
    }
}

#[test]
fn the_words_of_an_event_are_those_of_the_model() {
    fn words<T: Copy>(all: &[T], as_str: fn(T) -> &'static str) -> Vec<&'static str> {
        all.iter().map(|&word| as_str(word)).collect()
    }
    let event = record(EVENT_SCHEMA);
    assert_eq!(symbols(&event, "kind"), words(Kind::ALL, Kind::as_str));
    assert_eq!(symbols(&event, "verdict"), words(Verdict::ALL, Verdict::as_str));
    assert_eq!(symbols(&event, "origin"), words(Origin::ALL, Origin::as_str));
    assert_eq!(symbols(&event, "status"), words(DealStatus::ALL, DealStatus::as_str));
    assert_eq!(symbols(&event, "author_team"), words(Author::ALL, Author::as_str));
    assert_eq!(symbols(&event, "measure"), words(TargetMeasure::ALL, TargetMeasure::as_str));
    assert_eq!(symbols(&event, "change"), words(PlaybookChange::ALL, PlaybookChange::as_str));
}

/// The keys of a JSON object in the order in which they are written.
fn keys(json: &[u8]) -> Vec<String> {
    struct Keys(Vec<String>);
    impl<'de> serde::Deserialize<'de> for Keys {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Keys, D::Error> {
            deserializer.deserialize_map(KeysVisitor)
        }
    }
    struct KeysVisitor;
    impl<'de> serde::de::Visitor<'de> for KeysVisitor {
        type Value = Keys;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an object")
        }
        fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Keys, A::Error> {
            let mut keys = Vec::new();
            while let Some((key, serde::de::IgnoredAny)) = map.next_entry()? {
                keys.push(key);
            }
            Ok(Keys(keys))
        }
    }
    serde_json::from_slice::<Keys>(json).unwrap().0
}

#[test]
fn alerts_windows_and_dead_letters_have_the_fields_of_their_schemas() {
    let (_, alert) = &files("schemas/examples/alert")[0];
    let (_, window) = &files("schemas/examples/window")[0];
    let (_, letter) = &files("schemas/examples/dead_letter")[0];
    for (schema, written) in [
        (ALERT_SCHEMA, encode_alert(&decode_alert(alert.as_bytes()).unwrap())),
        (WINDOW_SCHEMA, encode_window(&decode_window(window.as_bytes()).unwrap())),
        (DEAD_LETTER_SCHEMA, DeadLetter::decode(letter.as_bytes()).unwrap().encode()),
    ] {
        assert_eq!(keys(&written), field_names(&record(schema)));
    }
}

#[test]
fn the_words_of_alerts_and_dead_letters_are_those_of_the_model() {
    let alert = record(ALERT_SCHEMA);
    let severities = [Severity::Info, Severity::Ticket, Severity::Page].map(Severity::as_str);
    assert_eq!(symbols(&alert, "severity"), severities);
    let (_, example) = &files("schemas/examples/alert")[0];
    let example: serde_json::Value = serde_json::from_str(example).unwrap();
    for field in ["state", "severity", "owner_team"] {
        for word in symbols(&alert, field) {
            let mut json = example.clone();
            json[field] = word.into();
            let decoded = decode_alert(json.to_string().as_bytes()).expect(word);
            assert_eq!(serde_json::to_value(&decoded).unwrap(), json);
        }
    }
    assert_eq!(symbols(&record(DEAD_LETTER_SCHEMA), "reason"), Reason::ALL.map(Reason::as_str));
}
