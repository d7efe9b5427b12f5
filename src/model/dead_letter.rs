//! Why a record could not become an event: a closed set of reasons, each with the field at fault.

use std::fmt;

use super::Text;

/// Why a record is a dead letter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Not JSON, not Avro, or cut off.
    Malformed,
    /// Nothing in it.
    Empty,
    /// Larger than the limit.
    TooLarge,
    /// The framing byte names no format that is known here.
    UnknownFraming,
    /// The message names a schema that cannot be found.
    UnknownSchema,
    /// The schema is there but is not that of an event.
    SchemaMismatch,
    /// Bytes are left over after the datum.
    LeftOverBytes,
    /// `kind` is none of the known ones.
    UnknownKind,
    /// A word outside its closed set.
    UnknownSymbol,
    /// A field that its kind requires is missing.
    MissingField,
    /// A field has another type than the contract says.
    WrongType,
    /// A value that cannot be (a time outside 1990–2100, a negative duration, an empty id).
    ImpossibleValue,
    /// Text longer than the limit.
    TooLong,
    /// A row that the mapping file cannot turn into an event.
    UnmappedRow,
}

impl Reason {
    /// Every reason.
    pub const ALL: [Reason; 14] = [
        Reason::Malformed,
        Reason::Empty,
        Reason::TooLarge,
        Reason::UnknownFraming,
        Reason::UnknownSchema,
        Reason::SchemaMismatch,
        Reason::LeftOverBytes,
        Reason::UnknownKind,
        Reason::UnknownSymbol,
        Reason::MissingField,
        Reason::WrongType,
        Reason::ImpossibleValue,
        Reason::TooLong,
        Reason::UnmappedRow,
    ];

    /// The word in headers, metrics and files.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Malformed => "malformed",
            Reason::Empty => "empty",
            Reason::TooLarge => "too_large",
            Reason::UnknownFraming => "unknown_framing",
            Reason::UnknownSchema => "unknown_schema",
            Reason::SchemaMismatch => "schema_mismatch",
            Reason::LeftOverBytes => "left_over_bytes",
            Reason::UnknownKind => "unknown_kind",
            Reason::UnknownSymbol => "unknown_symbol",
            Reason::MissingField => "missing_field",
            Reason::WrongType => "wrong_type",
            Reason::ImpossibleValue => "impossible_value",
            Reason::TooLong => "too_long",
            Reason::UnmappedRow => "unmapped_row",
        }
    }
}

/// A record that could not be read: the reason, and the field at fault where there is one.
///
/// It never carries a value from the record, so that it may be logged and counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejection {
    /// Why.
    pub reason: Reason,
    /// The field at fault.
    pub field: Option<Text>,
}

impl Rejection {
    /// A rejection of the whole record.
    pub fn whole(reason: Reason) -> Rejection {
        Rejection { reason, field: None }
    }

    /// A rejection because of one field.
    pub fn field(reason: Reason, field: &str) -> Rejection {
        Rejection { reason, field: Some(field.into()) }
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}: {field}", self.reason.as_str()),
            None => f.write_str(self.reason.as_str()),
        }
    }
}
