//! How to read the datums of one writer's schema: made once, followed for every event.
//!
//! A hostile datum can neither recurse deeper than [`DEPTH_MAX`] nor make the reader allocate more
//! than it has bytes, nor keep it busy for longer than its length is worth.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::schema::{
    DecimalSchema, InnerDecimalSchema, NamespaceRef, RecordSchema, ResolvedSchema, UuidSchema,
};

use super::NEEDED;
use super::bytes::{Bytes, Malformed};
use crate::codec::field::Field;
use crate::codec::flat::{Flat, Owned, Raw};
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::{ATTRIBUTES_MAX, REASONS_MAX, Text};

/// How deep values may lie in one another; only the datums of a recursive schema get this far.
const DEPTH_MAX: u32 = 64;

/// How a value lies in a datum.
#[derive(Debug)]
enum Shape {
    Null,
    Boolean,
    Int,
    Long,
    /// A time, as so many parts of a millisecond since 1970.
    Instant {
        parts_per_ms: i64,
    },
    Float,
    Double,
    Bytes,
    Text,
    Fixed(usize),
    Enum(Box<[Text]>),
    Array(Box<Shape>),
    Map(Box<Shape>),
    Union(Box<[Shape]>),
    /// A union of null and one other, as most fields are.
    Optional {
        null: usize,
        some: Box<Shape>,
    },
    Record(Box<[Shape]>),
    /// A type that is named elsewhere in the schema: its place in [`Plan::named`].
    Named(usize),
    /// A number of 32 or 64 bits with a meaning that no field of the contract has.
    OtherInt,
    OtherLong,
}

/// The fields of a writer's record in order, each with what the contract calls it.
type Fields = Box<[(Option<Field>, Shape)]>;

/// The plan of one writer's schema.
#[derive(Debug)]
pub(super) struct Plan {
    /// The fields of the record, or why it is no event.
    fields: Result<Fields, Rejection>,
    named: Vec<Shape>,
}

impl Plan {
    /// Makes the plan of a schema.
    ///
    /// # Errors
    /// The schema names a type that it does not define.
    pub(super) fn of(schema: &Schema) -> Result<Plan, apache_avro::Error> {
        let names = ResolvedSchema::new(schema)?;
        let mut maker = Maker { names: &names, numbers: BTreeMap::new(), named: Vec::new() };
        let Schema::Record(record) = schema else {
            let fields = Err(Rejection::whole(Reason::SchemaMismatch));
            return Ok(Plan { fields, named: Vec::new() });
        };
        let shapes = maker.record(record, None);
        let names = record.fields.iter().map(|field| Field::parse(&field.name));
        let fields: Fields = names.zip(shapes).collect();
        let missing =
            NEEDED.into_iter().find(|needed| fields.iter().all(|(field, _)| *field != Some(*needed)));
        let fields = match missing {
            Some(field) => Err(Rejection::field(Reason::SchemaMismatch, field.as_str())),
            None => Ok(fields),
        };
        Ok(Plan { fields, named: maker.named })
    }

    /// Fills an empty flat record from a datum.
    pub(super) fn read<'a>(&'a self, datum: &'a [u8], flat: &mut Flat<'a>) -> Result<(), Rejection> {
        let fields = self.fields.as_ref().map_err(Rejection::clone)?;
        let mut bytes = Bytes::new(datum);
        self.fields(fields, &mut bytes, flat).map_err(|Malformed| Rejection::whole(Reason::Malformed))?;
        if bytes.is_empty() { Ok(()) } else { Err(Rejection::whole(Reason::LeftOverBytes)) }
    }

    fn fields<'a>(
        &'a self,
        fields: &'a [(Option<Field>, Shape)],
        bytes: &mut Bytes<'a>,
        flat: &mut Flat<'a>,
    ) -> Result<(), Malformed> {
        for (field, shape) in fields {
            match field {
                Some(field) => self.value(shape, bytes, 0, flat.slot(*field))?,
                None => {
                    self.skip(shape, bytes, 0)?;
                    flat.unknown_fields += 1;
                }
            }
        }
        Ok(())
    }

    /// Reads a value into an absent slot. (A value returned would be copied in pieces that stall the
    /// processor: half of the time of a whole event.)
    #[inline]
    fn value<'a>(
        &'a self,
        shape: &'a Shape,
        bytes: &mut Bytes<'a>,
        depth: u32,
        slot: &mut Raw<'a>,
    ) -> Result<(), Malformed> {
        match shape {
            Shape::Optional { null, some } => {
                if bytes.index(2)? == *null {
                    Ok(())
                } else {
                    self.present(some, bytes, deeper(depth)?, slot)
                }
            }
            shape => self.present(shape, bytes, depth, slot),
        }
    }

    fn present<'a>(
        &'a self,
        shape: &'a Shape,
        bytes: &mut Bytes<'a>,
        depth: u32,
        slot: &mut Raw<'a>,
    ) -> Result<(), Malformed> {
        match shape {
            Shape::Optional { .. } => self.value(shape, bytes, depth, slot)?,
            Shape::Union(branches) => {
                let branch = &branches[bytes.index(branches.len())?];
                self.present(branch, bytes, deeper(depth)?, slot)?;
            }
            Shape::Named(number) => self.present(&self.named[*number], bytes, deeper(depth)?, slot)?,
            Shape::Null => {}
            Shape::Boolean => *slot = Raw::Bool(bytes.boolean()?),
            Shape::Int => *slot = Raw::Int(bytes.int()?.into()),
            Shape::Long => *slot = Raw::Int(bytes.long()?),
            Shape::Instant { parts_per_ms } => *slot = Raw::Instant(bytes.long()?.div_euclid(*parts_per_ms)),
            Shape::Float => *slot = Raw::Float(bytes.float()?.into()),
            Shape::Double => *slot = Raw::Float(bytes.double()?),
            Shape::Text => *slot = Raw::Text(bytes.text()?),
            Shape::Enum(symbols) => *slot = Raw::Text(&symbols[bytes.index(symbols.len())?]),
            Shape::Array(items) => *slot = self.list(items, bytes, deeper(depth)?)?,
            Shape::Map(values) => *slot = self.pairs(values, bytes, deeper(depth)?)?,
            Shape::Bytes | Shape::Fixed(_) | Shape::Record(_) | Shape::OtherInt | Shape::OtherLong => {
                self.skip(shape, bytes, depth)?;
                *slot = Raw::Other;
            }
        }
        Ok(())
    }

    fn list<'a>(&'a self, items: &'a Shape, bytes: &mut Bytes<'a>, depth: u32) -> Result<Raw<'a>, Malformed> {
        let mut list = Vec::new();
        let mut is_text = true;
        loop {
            let count = bytes.block()?;
            if count == 0 {
                return Ok(if is_text { Owned::List(list).into() } else { Raw::Other });
            }
            for _ in 0..count {
                bytes.step()?;
                let mut item = Raw::Absent;
                self.value(items, bytes, depth, &mut item)?;
                match item {
                    Raw::Text(text) if list.len() <= REASONS_MAX => list.push(Text::from(text)),
                    Raw::Text(_) | Raw::Absent => {}
                    _ => is_text = false,
                }
            }
        }
    }

    fn pairs<'a>(
        &'a self,
        values: &'a Shape,
        bytes: &mut Bytes<'a>,
        depth: u32,
    ) -> Result<Raw<'a>, Malformed> {
        let mut pairs = Vec::new();
        let mut is_text = true;
        loop {
            let count = bytes.block()?;
            if count == 0 {
                return Ok(if is_text { Owned::Pairs(pairs).into() } else { Raw::Other });
            }
            for _ in 0..count {
                bytes.step()?;
                let key = bytes.text()?;
                let mut value = Raw::Absent;
                self.value(values, bytes, depth, &mut value)?;
                match value {
                    Raw::Text(text) if pairs.len() <= ATTRIBUTES_MAX => {
                        pairs.push((key.into(), text.into()));
                    }
                    Raw::Text(_) | Raw::Absent => {}
                    _ => is_text = false,
                }
            }
        }
    }

    /// Passes over a value, judging it as strictly as one that is read: a datum that was written with
    /// another schema shows itself anywhere.
    fn skip(&self, shape: &Shape, bytes: &mut Bytes<'_>, depth: u32) -> Result<(), Malformed> {
        bytes.step()?;
        match shape {
            Shape::Null => {}
            Shape::Boolean => drop(bytes.boolean()?),
            Shape::Int | Shape::OtherInt => drop(bytes.int()?),
            Shape::Long | Shape::Instant { .. } | Shape::OtherLong => drop(bytes.long()?),
            Shape::Float => drop(bytes.float()?),
            Shape::Double => drop(bytes.double()?),
            Shape::Bytes => drop(bytes.blob()?),
            Shape::Text => drop(bytes.text()?),
            Shape::Fixed(size) => drop(bytes.take(*size)?),
            Shape::Enum(symbols) => drop(bytes.index(symbols.len())?),
            Shape::Union(branches) => {
                let branch = &branches[bytes.index(branches.len())?];
                self.skip(branch, bytes, deeper(depth)?)?;
            }
            Shape::Optional { null, some } => {
                if bytes.index(2)? != *null {
                    self.skip(some, bytes, deeper(depth)?)?;
                }
            }
            Shape::Record(fields) => {
                for field in fields {
                    self.skip(field, bytes, deeper(depth)?)?;
                }
            }
            Shape::Named(number) => self.skip(&self.named[*number], bytes, deeper(depth)?)?,
            Shape::Array(items) => {
                self.skip_blocks(bytes, |bytes| self.skip(items, bytes, deeper(depth)?))?
            }
            Shape::Map(values) => self.skip_blocks(bytes, |bytes| {
                bytes.text()?;
                self.skip(values, bytes, deeper(depth)?)
            })?,
        }
        Ok(())
    }

    fn skip_blocks<'a>(
        &self,
        bytes: &mut Bytes<'a>,
        skip_item: impl Fn(&mut Bytes<'a>) -> Result<(), Malformed>,
    ) -> Result<(), Malformed> {
        loop {
            let count = bytes.block()?;
            if count == 0 {
                return Ok(());
            }
            for _ in 0..count {
                skip_item(bytes)?;
            }
        }
    }
}

fn deeper(depth: u32) -> Result<u32, Malformed> {
    if depth < DEPTH_MAX { Ok(depth + 1) } else { Err(Malformed) }
}

/// Turns schemas into shapes, each named type that is referred to once.
struct Maker<'s> {
    names: &'s ResolvedSchema<'s>,
    numbers: BTreeMap<String, usize>,
    named: Vec<Shape>,
}

impl<'s> Maker<'s> {
    fn record(&mut self, record: &'s RecordSchema, enclosing: NamespaceRef) -> Vec<Shape> {
        let name = record.name.fully_qualified_name(enclosing).into_owned();
        record.fields.iter().map(|field| self.shape(&field.schema, name.namespace())).collect()
    }

    fn optional(&mut self, null: usize, some: &'s Schema, enclosing: NamespaceRef) -> Shape {
        Shape::Optional { null, some: Box::new(self.shape(some, enclosing)) }
    }

    fn shape(&mut self, schema: &'s Schema, enclosing: NamespaceRef) -> Shape {
        match schema {
            Schema::Null => Shape::Null,
            Schema::Boolean => Shape::Boolean,
            Schema::Int => Shape::Int,
            Schema::Long => Shape::Long,
            Schema::TimestampMillis => Shape::Instant { parts_per_ms: 1 },
            Schema::TimestampMicros => Shape::Instant { parts_per_ms: 1_000 },
            Schema::TimestampNanos => Shape::Instant { parts_per_ms: 1_000_000 },
            Schema::Date | Schema::TimeMillis => Shape::OtherInt,
            Schema::TimeMicros
            | Schema::LocalTimestampMillis
            | Schema::LocalTimestampMicros
            | Schema::LocalTimestampNanos => Shape::OtherLong,
            Schema::Float => Shape::Float,
            Schema::Double => Shape::Double,
            Schema::String | Schema::Uuid(UuidSchema::String) => Shape::Text,
            Schema::Bytes
            | Schema::BigDecimal
            | Schema::Uuid(UuidSchema::Bytes)
            | Schema::Decimal(DecimalSchema { inner: InnerDecimalSchema::Bytes, .. }) => Shape::Bytes,
            Schema::Fixed(fixed)
            | Schema::Duration(fixed)
            | Schema::Uuid(UuidSchema::Fixed(fixed))
            | Schema::Decimal(DecimalSchema { inner: InnerDecimalSchema::Fixed(fixed), .. }) => {
                Shape::Fixed(fixed.size)
            }
            Schema::Enum(words) => Shape::Enum(words.symbols.iter().map(Text::from).collect()),
            Schema::Array(array) => Shape::Array(Box::new(self.shape(&array.items, enclosing))),
            Schema::Map(map) => Shape::Map(Box::new(self.shape(&map.types, enclosing))),
            Schema::Union(union) => match union.variants() {
                [Schema::Null, some] => self.optional(0, some, enclosing),
                [some, Schema::Null] => self.optional(1, some, enclosing),
                branches => {
                    Shape::Union(branches.iter().map(|branch| self.shape(branch, enclosing)).collect())
                }
            },
            Schema::Record(record) => Shape::Record(self.record(record, enclosing).into()),
            Schema::Ref { name } => {
                let name = name.fully_qualified_name(enclosing).into_owned();
                let full_name = name.fullname(None);
                if let Some(&number) = self.numbers.get(&full_name) {
                    return Shape::Named(number);
                }
                let number = self.named.len();
                self.numbers.insert(full_name, number);
                self.named.push(Shape::Null);
                let names: &'s ResolvedSchema<'s> = self.names;
                let schema = names.get_names().get(&name).expect("the names of a schema were resolved");
                self.named[number] = self.shape(schema, name.namespace());
                Shape::Named(number)
            }
        }
    }
}
