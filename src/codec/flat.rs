//! The flat record between bytes and events: one slot for each field of the contract.
//!
//! Both formats fill it and are written from it, so that they cannot disagree on what an event is.
//! A slot holds what the bytes said, whether the contract likes it or not: only the fields that the
//! kind uses are judged, in `event.rs`. Texts borrow from the record where they can.

use super::field::Field;
use crate::model::Text;

/// What the bytes say of one field.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) enum Raw<'a> {
    /// Nothing: the field is missing or null.
    #[default]
    Absent,
    /// A truth value.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A time that is known to be one, in ms since 1970.
    Instant(i64),
    /// A string or an enum symbol.
    Text(&'a str),
    /// String to string.
    Pairs(&'a [(Text, Text)]),
    /// Strings.
    List(&'a [Text]),
    /// One of those three that lies nowhere else. Boxed: slots are many and seldom need it.
    Owned(Box<Owned>),
    /// A value of a type that no field of the contract has.
    Other,
}

/// What could not be borrowed from the bytes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Owned {
    /// A string that was written with escapes.
    Text(String),
    /// String to string, in the order of the bytes; at most one more pair than an event may have.
    Pairs(Vec<(Text, Text)>),
    /// Strings; at most one more than an event may have.
    List(Vec<Text>),
}

impl<'a> From<Owned> for Raw<'a> {
    fn from(owned: Owned) -> Raw<'a> {
        Raw::Owned(Box::new(owned))
    }
}

impl Raw<'_> {
    /// The string, if it is one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Raw::Text(text) => Some(text),
            Raw::Owned(owned) => match &**owned {
                Owned::Text(text) => Some(text),
                _ => None,
            },
            _ => None,
        }
    }

    /// The pairs, if that is what it is.
    pub(crate) fn pairs(&self) -> Option<&[(Text, Text)]> {
        match self {
            Raw::Pairs(pairs) => Some(pairs),
            Raw::Owned(owned) => match &**owned {
                Owned::Pairs(pairs) => Some(pairs),
                _ => None,
            },
            _ => None,
        }
    }

    /// The strings, if that is what it is.
    pub(crate) fn list(&self) -> Option<&[Text]> {
        match self {
            Raw::List(list) => Some(list),
            Raw::Owned(owned) => match &**owned {
                Owned::List(list) => Some(list),
                _ => None,
            },
            _ => None,
        }
    }
}

/// One record, field by field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Flat<'a> {
    slots: [Raw<'a>; Field::ALL.len()],
    /// How many fields the contract does not know.
    pub(crate) unknown_fields: u32,
}

impl<'a> Flat<'a> {
    /// A record without a field.
    pub(crate) fn new() -> Flat<'a> {
        Flat { slots: [const { Raw::Absent }; Field::ALL.len()], unknown_fields: 0 }
    }

    /// Says a field; of a field that is said twice the last value holds.
    pub(crate) fn put(&mut self, field: Field, raw: Raw<'a>) {
        self.slots[field as usize] = raw;
    }

    /// Where a field is said.
    pub(crate) fn slot(&mut self, field: Field) -> &mut Raw<'a> {
        &mut self.slots[field as usize]
    }

    /// What was said of a field.
    pub(crate) fn get(&self, field: Field) -> &Raw<'a> {
        &self.slots[field as usize]
    }
}
