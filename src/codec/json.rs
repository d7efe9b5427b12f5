//! JSON text to the flat record and back.
//!
//! One pass over the text, without a tree in between: texts that hold no escape are borrowed. A value
//! of a wrong type never ends the pass, it is noted in its slot; only text that is not JSON does.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

use super::field::Field;
use super::flat::{Flat, Owned, Raw};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::{ATTRIBUTES_MAX, REASONS_MAX, Text};

/// Fills an empty flat record from a JSON object.
pub(crate) fn read<'a>(text: &'a [u8], flat: &mut Flat<'a>) -> Result<(), Rejection> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = deserializer.deserialize_map(FlatVisitor(flat)).and_then(|()| deserializer.end());
    // The message of the error may quote the record.
    read.map_err(|_| Rejection::whole(Reason::Malformed))
}

/// A flat record as a JSON object, absent fields left out.
pub(crate) fn write(flat: &Flat<'_>) -> Vec<u8> {
    serde_json::to_vec(flat).expect("a flat record has text keys and finite numbers only")
}

struct FlatVisitor<'f, 'de>(&'f mut Flat<'de>);

impl<'de> Visitor<'de> for FlatVisitor<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let FlatVisitor(flat) = self;
        while let Some(field) = map.next_key_seed(FieldSeed)? {
            match field {
                Some(field) => map.next_value_seed(RawSeed(flat.slot(field)))?,
                None => {
                    map.next_value::<IgnoredAny>()?;
                    flat.unknown_fields = flat.unknown_fields.saturating_add(1);
                }
            }
        }
        Ok(())
    }
}

/// Reads a key as a field of the contract, `None` where it is no such field.
struct FieldSeed;

impl<'de> DeserializeSeed<'de> for FieldSeed {
    type Value = Option<Field>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Field>, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for FieldSeed {
    type Value = Option<Field>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Option<Field>, E> {
        Ok(Field::parse(name))
    }
}

/// Reads any value into a slot; what is inside of an object or an array only as far as the contract goes.
struct RawSeed<'s, 'de>(&'s mut Raw<'de>);

impl<'de> DeserializeSeed<'de> for RawSeed<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for RawSeed<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<(), E> {
        *self.0 = Raw::Absent;
        Ok(())
    }

    fn visit_bool<E: Error>(self, flag: bool) -> Result<(), E> {
        *self.0 = Raw::Bool(flag);
        Ok(())
    }

    fn visit_i64<E: Error>(self, n: i64) -> Result<(), E> {
        *self.0 = Raw::Int(n);
        Ok(())
    }

    fn visit_u64<E: Error>(self, n: u64) -> Result<(), E> {
        *self.0 = i64::try_from(n).map_or(Raw::Float(n as f64), Raw::Int);
        Ok(())
    }

    fn visit_f64<E: Error>(self, x: f64) -> Result<(), E> {
        *self.0 = Raw::Float(x);
        Ok(())
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<(), E> {
        *self.0 = Raw::Text(text);
        Ok(())
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<(), E> {
        *self.0 = Owned::Text(text.to_owned()).into();
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut pairs = Vec::new();
        let mut is_text = true;
        while let Some(key) = map.next_key::<Text>()? {
            match map.next_value_seed(ElementSeed)? {
                Element::Text(value) if pairs.len() <= ATTRIBUTES_MAX => pairs.push((key, value)),
                Element::Text(_) | Element::Null => {}
                Element::Other => is_text = false,
            }
        }
        *self.0 = if is_text { Owned::Pairs(pairs).into() } else { Raw::Other };
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<(), A::Error> {
        let mut list = Vec::new();
        let mut is_text = true;
        while let Some(element) = seq.next_element_seed(ElementSeed)? {
            match element {
                Element::Text(text) if list.len() <= REASONS_MAX => list.push(text),
                Element::Text(_) | Element::Null => {}
                Element::Other => is_text = false,
            }
        }
        *self.0 = if is_text { Owned::List(list).into() } else { Raw::Other };
        Ok(())
    }
}

/// A value inside of an object or an array.
enum Element {
    Text(Text),
    Null,
    Other,
}

struct ElementSeed;

impl<'de> DeserializeSeed<'de> for ElementSeed {
    type Value = Element;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Element, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for ElementSeed {
    type Value = Element;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Element, E> {
        Ok(Element::Null)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Element, E> {
        Ok(Element::Other)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Element, E> {
        Ok(Element::Text(Text::from(text)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Element, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Element::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Element, A::Error> {
        while seq.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Element::Other)
    }
}

impl Serialize for Flat<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for &field in Field::ALL {
            match self.get(field) {
                Raw::Absent => {}
                raw => map.serialize_entry(field.as_str(), raw)?,
            }
        }
        map.end()
    }
}

impl Serialize for Owned {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Owned::Text(text) => Raw::Text(text).serialize(serializer),
            Owned::Pairs(pairs) => Raw::Pairs(pairs).serialize(serializer),
            Owned::List(list) => Raw::List(list).serialize(serializer),
        }
    }
}

impl Serialize for Raw<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Raw::Absent | Raw::Other => serializer.serialize_unit(),
            Raw::Bool(flag) => serializer.serialize_bool(*flag),
            Raw::Int(n) | Raw::Instant(n) => serializer.serialize_i64(*n),
            Raw::Float(x) => serializer.serialize_f64(*x),
            Raw::Text(text) => serializer.serialize_str(text),
            Raw::Pairs(pairs) => serializer.collect_map(pairs.iter().map(|(key, value)| (key, value))),
            Raw::List(list) => serializer.collect_seq(list.iter()),
            Raw::Owned(owned) => owned.serialize(serializer),
        }
    }
}
