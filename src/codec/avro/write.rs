//! Flat records to datums of our own schema, `event.avsc`.
//!
//! The inverse of the plan for the one schema that we write; nothing here knows another.

use std::sync::LazyLock;

use apache_avro::Schema;

use super::NEEDED;
use super::store::{EVENT_SCHEMA, fingerprint};
use crate::codec::field::Field;
use crate::codec::flat::{Flat, Raw};
use crate::codec::framing::{CONFLUENT_MAGIC, SINGLE_OBJECT_MAGIC};

static EVENT: LazyLock<Contract> = LazyLock::new(Contract::new);

/// What has to be known of `event.avsc` to write it.
struct Contract {
    fingerprint: u64,
    /// The symbols of each field that is an enum.
    symbols: Vec<Option<Vec<String>>>,
}

impl Contract {
    fn new() -> Contract {
        let schema = Schema::parse_str(EVENT_SCHEMA).expect("event.avsc is a schema");
        let Schema::Record(record) = &schema else { unreachable!("event.avsc is a record") };
        let symbols = record.fields.iter().map(|field| symbols(&field.schema)).collect();
        let fingerprint = fingerprint(EVENT_SCHEMA).expect("event.avsc is a schema");
        Contract { fingerprint, symbols }
    }
}

fn symbols(schema: &Schema) -> Option<Vec<String>> {
    match schema {
        Schema::Enum(words) => Some(words.symbols.clone()),
        Schema::Union(union) => union.variants().iter().find_map(symbols),
        _ => None,
    }
}

/// A record in Avro's single-object encoding.
pub(crate) fn write_single_object(flat: &Flat<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    out.extend(SINGLE_OBJECT_MAGIC);
    out.extend(EVENT.fingerprint.to_le_bytes());
    datum(flat, &mut out);
    out
}

/// A record in Confluent's framing; `id` is that of `event.avsc` in the registry.
pub(crate) fn write_confluent(flat: &Flat<'_>, id: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(160);
    out.push(CONFLUENT_MAGIC);
    out.extend(id.to_be_bytes());
    datum(flat, &mut out);
    out
}

fn datum(flat: &Flat<'_>, out: &mut Vec<u8>) {
    for &field in Field::ALL {
        let raw = flat.get(field);
        if !NEEDED.contains(&field) {
            long(i64::from(*raw != Raw::Absent), out);
        }
        match raw {
            Raw::Absent => {}
            Raw::Bool(flag) => out.push(u8::from(*flag)),
            Raw::Int(n) | Raw::Instant(n) => long(*n, out),
            Raw::Text(word) => match &EVENT.symbols[field as usize] {
                Some(symbols) => {
                    let place = symbols.iter().position(|symbol| symbol == word);
                    long(place.expect("every word of the model is a symbol of event.avsc") as i64, out);
                }
                None => text(word, out),
            },
            Raw::Pairs(pairs) => blocks(pairs, out, |(key, value), out| {
                text(key, out);
                text(value, out);
            }),
            Raw::List(list) => blocks(list, out, |item, out| text(item, out)),
            Raw::Float(_) | Raw::Owned(_) | Raw::Other => unreachable!("no event has such a field"),
        }
    }
}

/// All items in one block, if there are any, and the end of blocks.
fn blocks<T>(items: &[T], out: &mut Vec<u8>, write: impl Fn(&T, &mut Vec<u8>)) {
    if !items.is_empty() {
        long(items.len() as i64, out);
        items.iter().for_each(|item| write(item, out));
    }
    long(0, out);
}

fn text(text: &str, out: &mut Vec<u8>) {
    long(text.len() as i64, out);
    out.extend_from_slice(text.as_bytes());
}

/// A zigzag number.
fn long(n: i64, out: &mut Vec<u8>) {
    let mut zigzag = ((n << 1) ^ (n >> 63)) as u64;
    while zigzag >= 0x80 {
        out.push(zigzag as u8 | 0x80);
        zigzag >>= 7;
    }
    out.push(zigzag as u8);
}
