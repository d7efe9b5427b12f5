//! Files on the disk: what kind they are, gzip, and Avro files that Apache's own tools wrote.

use std::io::Write as _;
use std::str::FromStr as _;

use apache_avro::reader::datum::GenericDatumReader;
use apache_avro::{Codec, Schema};
use flate2::Compression;
use flate2::write::GzEncoder;
use rapport::codec::{Format, Record, SchemaStore, decode, encode_event_avro};
use rapport::log::file::{FileError, FileKind, Item, Records, Row, Table, kind_of};

use crate::support::{shared, written};

fn gzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn lines(path: &std::path::Path) -> Result<Vec<String>, FileError> {
    let mut records = Records::open(path, 1 << 20)?;
    let mut lines = Vec::new();
    while let Some((place, item)) = records.next()? {
        let Item::Record(bytes) = item else { panic!("{place}: {item:?}") };
        lines.push(String::from_utf8(bytes.to_vec()).unwrap());
    }
    Ok(lines)
}

#[test]
fn a_kind_is_known_by_the_name_or_by_the_magic_of_avro() {
    for (name, bytes, kind) in [
        ("kind.json", &b"{}"[..], Some(FileKind::Lines)),
        ("kind.jsonl", b"", Some(FileKind::Lines)),
        ("kind.NDJSON", b"{}", Some(FileKind::Lines)),
        ("kind.csv", b"a", Some(FileKind::Table)),
        ("kind.bin", b"Obj\x01...", Some(FileKind::Container)),
        ("kind.json.avro", b"Obj\x01...", Some(FileKind::Container)),
        ("kind.avro", b"Obj\x02...", None),
        ("kind.xlsx", b"PK", None),
        ("kind", b"{}", None),
    ] {
        for (name, bytes) in [(name.to_owned(), bytes.to_vec()), (format!("{name}.gz"), gzipped(bytes))] {
            match kind {
                Some(kind) => assert_eq!(kind_of(&written(&name, &bytes)).unwrap(), kind, "{name}"),
                None => assert!(
                    matches!(kind_of(&written(&name, &bytes)), Err(FileError::UnknownKind { .. })),
                    "{name}"
                ),
            }
        }
    }
}

#[test]
fn gzip_is_known_by_its_first_bytes_and_may_have_several_members() {
    let parts = [gzipped(b"{\"a\":1}\n{\"b\""), gzipped(b""), gzipped(b":2}\n")].concat();
    let expected = ["{\"a\":1}", "{\"b\":2}"];
    assert_eq!(lines(&written("members.jsonl", &parts)).unwrap(), expected);
    assert_eq!(lines(&written("plain.jsonl.gz", b"{\"a\":1}\n{\"b\":2}")).unwrap(), expected);
}

#[test]
fn a_gzip_stream_that_is_cut_off_says_where_reading_stopped() {
    let whole = gzipped(&b"{\"a\":1}\n".repeat(3));
    let path = written("cut.jsonl.gz", &whole[..whole.len() - 4]);
    let mut records = Records::open(&path, 100).unwrap();
    let error = loop {
        match records.next() {
            Ok(Some(_)) => {}
            Ok(None) => panic!("the end came without an error"),
            Err(error) => break error.to_string(),
        }
    };
    assert!(
        error.contains("cut.jsonl.gz, line ") && error.ends_with("the rest of the file is lost"),
        "{error}"
    );
    assert!(records.next().unwrap().is_none());
}

#[test]
fn a_file_that_is_not_there_and_one_of_the_other_kind_are_refused() {
    let missing = std::path::Path::new("no/such/file.jsonl");
    assert!(
        Records::open(missing, 9).err().unwrap().to_string().starts_with("cannot open no/such/file.jsonl: ")
    );
    let csv = written("refused.csv", b"a,b\n1,2\n");
    assert!(matches!(Records::open(&csv, 9), Err(FileError::UnknownKind { .. })));
    let json = written("refused.json", b"{}");
    assert!(matches!(Table::open(&json, b',', 9), Err(FileError::UnknownKind { .. })));
    let mut table = Table::open(&csv, b',', 9).unwrap();
    assert_eq!(table.next().unwrap().unwrap().1, Row::Cells(vec!["1".into(), "2".into()]));
}

/// The weather files of Apache Avro's own test data hold the same five observations.
#[test]
fn avro_files_of_apache_hold_what_their_json_says() {
    let Some(folder) = shared("data/specs/avro/apache") else { return };
    let expected = std::fs::read_to_string(folder.join("weather.json")).unwrap();
    let expected: Vec<serde_json::Value> =
        expected.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(expected.len(), 5);
    for (name, codec) in [
        ("weather.avro", "null"),
        ("weather-deflate.avro", "deflate"),
        ("weather-snappy.avro", "snappy"),
        ("weather-zstd.avro", "zstandard"),
    ] {
        let opened = Records::open(&folder.join(name), 1 << 20);
        if Codec::from_str(codec).is_err() {
            assert!(matches!(opened, Err(FileError::Codec { codec: said, .. }) if said == codec), "{name}");
            continue;
        }
        let mut records = opened.unwrap();
        let schema = Schema::parse_str(records.schema().unwrap()).unwrap();
        let reader = GenericDatumReader::builder(&schema).build().unwrap();
        for expected in &expected {
            let (place, item) = records.next().unwrap().unwrap();
            let Item::Record(record) = item else { panic!("{place}: {item:?}") };
            let mut datum = &record[10..];
            let value = serde_json::Value::try_from(reader.read_value(&mut datum).unwrap()).unwrap();
            assert_eq!(&value, expected, "{place}");
            assert!(datum.is_empty(), "{place}");
        }
        assert!(records.next().unwrap().is_none());
    }
}

/// The single-object message of Apache Avro's test data: its first ten bytes are the magic and the
/// fingerprint of its schema, which are also what leads each record of a container of that schema.
#[test]
fn the_fingerprint_is_that_of_apaches_own_message() {
    let Some(folder) = shared("data/specs/avro/apache") else { return };
    let message = std::fs::read(folder.join("messageV1_test_message.bin")).unwrap();
    let schema = std::fs::read_to_string(folder.join("messageV1_test_schema.avsc")).unwrap();
    let schema = Schema::parse_str(&schema).unwrap();
    let value =
        GenericDatumReader::builder(&schema).build().unwrap().read_value(&mut &message[10..]).unwrap();
    let mut writer = apache_avro::Writer::new(&schema, Vec::new()).unwrap();
    writer.append_value(value).unwrap();
    let path = written("message.avro", &writer.into_inner().unwrap());
    let mut records = Records::open(&path, 1 << 20).unwrap();
    assert_eq!(records.next().unwrap().unwrap().1, Item::Record(&message));
}

/// `occurred_at` has a logical type, which the canonical form of a schema leaves out: an event out of a
/// container must be the bytes that every other writer of the contract puts on Kafka.
#[test]
fn an_event_in_a_container_is_an_event_on_kafka() {
    let json = br#"{"event_id":"e","occurred_at":1543190400000,"kind":"lead_deleted","lead_id":"l"}"#;
    let Record::Event(event) = decode(json, Format::Json, &SchemaStore::default()).unwrap().record else {
        panic!("an event is no control record");
    };
    let on_kafka = encode_event_avro(&event);
    let schema = Schema::parse_str(include_str!("../../schemas/event.avsc")).unwrap();
    let value =
        GenericDatumReader::builder(&schema).build().unwrap().read_value(&mut &on_kafka[10..]).unwrap();
    let mut writer = apache_avro::Writer::new(&schema, Vec::new()).unwrap();
    writer.append_value(value).unwrap();
    let path = written("event.avro", &writer.into_inner().unwrap());
    let mut records = Records::open(&path, 1 << 20).unwrap();
    let in_file = match records.next().unwrap() {
        Some((_, Item::Record(record))) => record.to_vec(),
        other => panic!("{other:?}"),
    };
    assert_eq!(in_file, on_kafka);
    let schemas = SchemaStore::new([("event.avro", records.schema().unwrap())]).unwrap();
    assert_eq!(decode(&in_file, Format::Auto, &schemas).unwrap().record, Record::Event(event));
}
