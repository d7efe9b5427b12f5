//! What holds for any event and for any bytes.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use super::strategies::any_event;
use crate::codec::avro::EVENT_SCHEMA;
use crate::codec::field::Field;
use crate::codec::{
    Decoded, Format, Record, SchemaStore, decode, encode_event_avro, encode_event_confluent,
    encode_event_json,
};
use crate::model::event::{Event, Kind};

const ID: u32 = 70_000;

fn store() -> SchemaStore {
    SchemaStore::new([(format!("{ID}.avsc"), EVENT_SCHEMA)]).unwrap()
}

fn encodings(event: &Event) -> [(Format, Vec<u8>); 3] {
    [
        (Format::Json, encode_event_json(event)),
        (Format::AvroSingleObject, encode_event_avro(event)),
        (Format::AvroConfluent, encode_event_confluent(event, ID)),
    ]
}

/// Whatever is read as an event is an event that both formats can say.
fn assert_event_or_rejection(bytes: &[u8], format: Format, store: &SchemaStore) {
    let Ok(Decoded { record, .. }) = decode(bytes, format, store) else { return };
    let Record::Event(event) = record else { panic!("a control record out of {bytes:02x?}") };
    for (format, encoding) in encodings(&event) {
        let again = decode(&encoding, format, store).map(|decoded| decoded.record);
        assert_eq!(again, Ok(Record::Event(event.clone())));
    }
}

/// Any JSON value, of the types that the contract knows more often than of others.
fn any_json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        (600_000_000_000_i64..4_200_000_000_000).prop_map(Into::into),
        any::<u64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        "[a-z]{0,8}".prop_map(Into::into),
        select(vec!["mql", "marketing", "sales", "won", "revenue", "accepted", "EUR", "scoring"])
            .prop_map(Into::into),
        select(vec![
            "2024-02-29T12:00:00Z",
            "2024-02-29T12:00:00.0009+05:30",
            "1889-01-01T00:00:00Z",
            "12:00"
        ])
        .prop_map(Into::into),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Into::into),
            vec(("[a-z]{0,3}", inner), 0..4)
                .prop_map(|pairs| serde_json::Value::Object(pairs.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn an_event_survives_every_format(event in any_event()) {
        let store = store();
        for (format, bytes) in encodings(&event) {
            let expected = Ok(Decoded { record: Record::Event(event.clone()), unknown_fields: 0 });
            prop_assert_eq!(decode(&bytes, format, &store), expected.clone(), "{:?}", format);
            prop_assert_eq!(decode(&bytes, Format::Auto, &store), expected, "{:?}", format);
        }
    }

    #[test]
    fn an_event_that_is_cut_off_is_rejected(event in any_event(), at in any::<Index>()) {
        let store = store();
        for (format, bytes) in encodings(&event) {
            let cut = &bytes[..at.index(bytes.len())];
            prop_assert!(decode(cut, format, &store).is_err());
            prop_assert!(decode(cut, Format::Auto, &store).is_err());
        }
    }

    #[test]
    fn flipped_bits_end_in_an_event_or_a_rejection(
        event in any_event(),
        flips in vec((any::<Index>(), 0_u8..8), 1..4),
    ) {
        let store = store();
        for (format, mut bytes) in encodings(&event) {
            for (at, bit) in &flips {
                let at = at.index(bytes.len());
                bytes[at] ^= 1 << bit;
            }
            assert_event_or_rejection(&bytes, format, &store);
            assert_event_or_rejection(&bytes, Format::Auto, &store);
        }
    }

    #[test]
    fn any_bytes_end_in_an_event_or_a_rejection(bytes in vec(any::<u8>(), 0..400)) {
        let store = store();
        for format in Format::ALL {
            assert_event_or_rejection(&bytes, format, &store);
        }
        let header = &encode_event_avro(&sample())[..10];
        assert_event_or_rejection(&[header, &bytes].concat(), Format::Auto, &store);
        assert_event_or_rejection(&[&[0], &ID.to_be_bytes()[..], &bytes].concat(), Format::Auto, &store);
        assert_event_or_rejection(&[b"{", &bytes[..]].concat(), Format::Auto, &store);
    }

    #[test]
    fn any_json_object_ends_in_an_event_or_a_rejection(
        kind in select(Kind::ALL),
        event_id in "[a-z]{0,4}",
        at in 600_000_000_000_i64..4_200_000_000_000,
        fields in vec((select(Field::ALL), any_json()), 0..12),
    ) {
        let mut object = serde_json::json!({"event_id": event_id, "occurred_at": at});
        for id in ["lead_id", "deal_id", "campaign_id", "asset_id"] {
            object[id] = "x".into();
        }
        for (field, value) in fields {
            object[field.as_str()] = value;
        }
        object["kind"] = kind.as_str().into();
        assert_event_or_rejection(object.to_string().as_bytes(), Format::Auto, &store());
    }
}

fn sample() -> Event {
    super::event(
        br#"{"event_id":"e","occurred_at":1700000000000,"kind":"lead_erased","lead_id":"l"}"#,
        Format::Json,
    )
    .unwrap()
}
