//! Where a datum ends: made once from the writer's schema, followed for every datum, reading nothing
//! but lengths, counts and branches.
//!
//! A hostile datum can neither recurse deeper than [`DEPTH_MAX`] nor keep the reader busy for longer
//! than its length is worth.

use std::collections::BTreeMap;

use apache_avro::Schema;
use apache_avro::schema::{
    DecimalSchema, InnerDecimalSchema, NamespaceRef, RecordSchema, ResolvedSchema, UuidSchema,
};

use super::varint::take_long;

/// How deep values may lie in one another; only the data of a recursive schema get this far.
const DEPTH_MAX: u32 = 64;
/// How many items of arrays and maps a datum may have beside one for each byte that is left: items of
/// no bytes (nulls) are possible, a billion of them are not.
const ITEMS_MIN: usize = 4096;

/// How the bytes of a value lie.
#[derive(Debug)]
enum Shape {
    /// So many bytes.
    Fixed(usize),
    /// A number of variable length, which is also an enum's symbol.
    Number,
    /// A length and so many bytes: bytes, strings.
    Counted,
    /// Blocks of items.
    Array(Box<Shape>),
    /// Blocks of strings and values.
    Map(Box<Shape>),
    /// The branch's number and its value.
    Union(Box<[Shape]>),
    /// One value after another.
    Record(Box<[Shape]>),
    /// A type that is named elsewhere in the schema: its place in [`Extent::named`].
    Named(usize),
}

/// Where the data of one writer's schema end.
#[derive(Debug)]
pub(super) struct Extent {
    datum: Shape,
    named: Vec<Shape>,
}

impl Extent {
    /// Learns a schema.
    ///
    /// # Errors
    /// The schema names a type that it does not define.
    pub(super) fn of(schema: &Schema) -> Result<Extent, apache_avro::Error> {
        let names = ResolvedSchema::new(schema)?;
        let mut maker = Maker { names: &names, numbers: BTreeMap::new(), named: Vec::new() };
        Ok(Extent { datum: maker.shape(schema, None), named: maker.named })
    }

    /// How many bytes the datum at the front takes; `None` if it is cut off or cannot be one.
    pub(super) fn bytes_of(&self, bytes: &[u8]) -> Option<usize> {
        let mut walk = Walk { named: &self.named, rest: bytes, items_left: ITEMS_MIN + bytes.len() };
        walk.skip(&self.datum, 0)?;
        Some(bytes.len() - walk.rest.len())
    }
}

/// A datum on which somebody walks.
struct Walk<'a> {
    named: &'a [Shape],
    rest: &'a [u8],
    items_left: usize,
}

impl Walk<'_> {
    fn skip(&mut self, shape: &Shape, depth: u32) -> Option<()> {
        if depth > DEPTH_MAX {
            return None;
        }
        match shape {
            Shape::Fixed(len) => self.pass(*len),
            Shape::Number => take_long(&mut self.rest).map(|_| ()),
            Shape::Counted => {
                let len = usize::try_from(take_long(&mut self.rest)?).ok()?;
                self.pass(len)
            }
            Shape::Array(items) => self.blocks(|walk| walk.skip(items, depth + 1)),
            Shape::Map(values) => self.blocks(|walk| {
                walk.skip(&Shape::Counted, depth + 1)?;
                walk.skip(values, depth + 1)
            }),
            Shape::Union(branches) => {
                let branch = usize::try_from(take_long(&mut self.rest)?).ok()?;
                self.skip(branches.get(branch)?, depth + 1)
            }
            Shape::Record(fields) => fields.iter().try_for_each(|field| self.skip(field, depth + 1)),
            Shape::Named(number) => self.skip(&self.named[*number], depth + 1),
        }
    }

    /// Blocks up to the empty one. A negative count is followed by the block's size, which is not trusted.
    fn blocks(&mut self, mut item: impl FnMut(&mut Self) -> Option<()>) -> Option<()> {
        loop {
            let count = take_long(&mut self.rest)?;
            if count < 0 {
                take_long(&mut self.rest)?;
            }
            if count == 0 {
                return Some(());
            }
            for _ in 0..count.unsigned_abs() {
                self.items_left = self.items_left.checked_sub(1)?;
                item(self)?;
            }
        }
    }

    fn pass(&mut self, len: usize) -> Option<()> {
        self.rest = self.rest.get(len..)?;
        Some(())
    }
}

/// Turns a schema into shapes; named types are made once, so that a recursive one ends.
struct Maker<'s> {
    names: &'s ResolvedSchema<'s>,
    numbers: BTreeMap<String, usize>,
    named: Vec<Shape>,
}

impl<'s> Maker<'s> {
    fn shape(&mut self, schema: &'s Schema, enclosing: NamespaceRef) -> Shape {
        match schema {
            Schema::Null => Shape::Fixed(0),
            Schema::Boolean => Shape::Fixed(1),
            Schema::Float => Shape::Fixed(4),
            Schema::Double => Shape::Fixed(8),
            Schema::Int
            | Schema::Long
            | Schema::Enum(_)
            | Schema::Date
            | Schema::TimeMillis
            | Schema::TimeMicros
            | Schema::TimestampMillis
            | Schema::TimestampMicros
            | Schema::TimestampNanos
            | Schema::LocalTimestampMillis
            | Schema::LocalTimestampMicros
            | Schema::LocalTimestampNanos => Shape::Number,
            Schema::Bytes
            | Schema::String
            | Schema::BigDecimal
            | Schema::Uuid(UuidSchema::String | UuidSchema::Bytes)
            | Schema::Decimal(DecimalSchema { inner: InnerDecimalSchema::Bytes, .. }) => Shape::Counted,
            Schema::Fixed(fixed)
            | Schema::Duration(fixed)
            | Schema::Uuid(UuidSchema::Fixed(fixed))
            | Schema::Decimal(DecimalSchema { inner: InnerDecimalSchema::Fixed(fixed), .. }) => {
                Shape::Fixed(fixed.size)
            }
            Schema::Array(array) => Shape::Array(Box::new(self.shape(&array.items, enclosing))),
            Schema::Map(map) => Shape::Map(Box::new(self.shape(&map.types, enclosing))),
            Schema::Union(union) => {
                Shape::Union(union.variants().iter().map(|branch| self.shape(branch, enclosing)).collect())
            }
            Schema::Record(record) => self.record(record, enclosing),
            Schema::Ref { name } => {
                let name = name.fully_qualified_name(enclosing).into_owned();
                let full_name = name.fullname(None);
                if let Some(&number) = self.numbers.get(&full_name) {
                    return Shape::Named(number);
                }
                let number = self.named.len();
                self.numbers.insert(full_name, number);
                self.named.push(Shape::Fixed(0));
                let names: &'s ResolvedSchema<'s> = self.names;
                let schema = names.get_names().get(&name).expect("the names of a schema were resolved");
                self.named[number] = self.shape(schema, name.namespace());
                Shape::Named(number)
            }
        }
    }

    fn record(&mut self, record: &'s RecordSchema, enclosing: NamespaceRef) -> Shape {
        let name = record.name.fully_qualified_name(enclosing).into_owned();
        let fields = record.fields.iter().map(|field| self.shape(&field.schema, name.namespace()));
        Shape::Record(fields.collect())
    }
}

#[cfg(test)]
mod tests {
    use apache_avro::types::Value;
    use apache_avro::writer::datum::GenericDatumWriter;
    use proptest::prelude::*;

    use super::*;

    /// One field of every type, among them a recursive record and a name from another namespace.
    const EVERY_TYPE: &str = r#"{"type": "record", "name": "r", "namespace": "a.b", "fields": [
        {"name": "null", "type": "null"}, {"name": "boolean", "type": "boolean"},
        {"name": "int", "type": "int"}, {"name": "long", "type": "long"},
        {"name": "float", "type": "float"}, {"name": "double", "type": "double"},
        {"name": "bytes", "type": "bytes"}, {"name": "string", "type": "string"},
        {"name": "fixed", "type": {"type": "fixed", "name": "c.f", "size": 3}},
        {"name": "again", "type": "c.f"},
        {"name": "enum", "type": {"type": "enum", "name": "e", "symbols": ["x", "y"]}},
        {"name": "array", "type": {"type": "array", "items": "long"}},
        {"name": "map", "type": {"type": "map", "values": "string"}},
        {"name": "at", "type": {"type": "long", "logicalType": "timestamp-millis"}},
        {"name": "day", "type": {"type": "int", "logicalType": "date"}},
        {"name": "price", "type": {"type": "bytes", "logicalType": "decimal", "precision": 4, "scale": 2}},
        {"name": "next", "type": ["null", "r"]}
    ]}"#;

    fn record(depth: u32, long: i64, text: String, items: Vec<i64>) -> Value {
        let next = match depth {
            0 => Value::Union(0, Box::new(Value::Null)),
            _ => Value::Union(1, Box::new(record(depth - 1, long, text.clone(), items.clone()))),
        };
        let fields = [
            ("null", Value::Null),
            ("boolean", Value::Boolean(true)),
            ("int", Value::Int(long as i32)),
            ("long", Value::Long(long)),
            ("float", Value::Float(1.5)),
            ("double", Value::Double(2.5)),
            ("bytes", Value::Bytes(text.clone().into_bytes())),
            ("string", Value::String(text.clone())),
            ("fixed", Value::Fixed(3, vec![1, 2, 3])),
            ("again", Value::Fixed(3, vec![4, 5, 6])),
            ("enum", Value::Enum(1, "y".into())),
            ("array", Value::Array(items.into_iter().map(Value::Long).collect())),
            ("map", Value::Map([(text.clone(), Value::String(text))].into())),
            ("at", Value::TimestampMillis(long)),
            ("day", Value::Date(7)),
            ("price", Value::Decimal(vec![1, 2].into())),
            ("next", next),
        ];
        Value::Record(fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    proptest! {
        /// What `apache-avro` writes ends where the walk ends, whatever follows, and not earlier.
        #[test]
        fn a_datum_ends_where_its_writer_ended(
            depth in 0_u32..4, long: i64, text: String, items: Vec<i64>, follows: Vec<u8>,
        ) {
            let schema = Schema::parse_str(EVERY_TYPE).unwrap();
            let writer = GenericDatumWriter::builder(&schema).build().unwrap();
            let mut bytes = Vec::new();
            writer.write_value(&mut bytes, record(depth, long, text, items)).unwrap();
            let extent = Extent::of(&schema).unwrap();
            let len = bytes.len();
            prop_assert_eq!(extent.bytes_of(&bytes[..len - 1]), None);
            bytes.extend(follows);
            prop_assert_eq!(extent.bytes_of(&bytes), Some(len));
        }

        #[test]
        fn no_bytes_are_too_strange(bytes: Vec<u8>) {
            let extent = Extent::of(&Schema::parse_str(EVERY_TYPE).unwrap()).unwrap();
            prop_assert!(extent.bytes_of(&bytes).is_none_or(|len| len <= bytes.len()));
        }
    }

    #[test]
    fn a_billion_nulls_and_a_bottomless_record_are_no_data() {
        let nulls = Schema::parse_str(r#"{"type": "array", "items": "null"}"#).unwrap();
        let a_billion = [0x80, 0xA8, 0xD6, 0xB9, 0x07, 0];
        assert_eq!(Extent::of(&nulls).unwrap().bytes_of(&a_billion), None);
        let list = r#"{"type": "record", "name": "l", "fields": [{"name": "next", "type": ["null", "l"]}]}"#;
        let extent = Extent::of(&Schema::parse_str(list).unwrap()).unwrap();
        assert_eq!(extent.bytes_of(&[2, 2, 0]), Some(3));
        assert_eq!(extent.bytes_of(&[2; 1000]), None);
    }
}
