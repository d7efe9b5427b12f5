//! The container: its header, then block by block, each decompressed whole and cut into its data.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read};
use std::str::FromStr as _;
use std::sync::Arc;

use apache_avro::rabin::Rabin;
use apache_avro::{Codec, Schema};

use super::extent::Extent;
use super::varint::read_long;
use crate::log::file::source::{AVRO_MAGIC, Bytes};
use crate::log::file::{FileError, Item, Place};

/// The two bytes of the single-object encoding, version 1 (Avro specification 1.12).
const SINGLE_OBJECT_MAGIC: [u8; 2] = [0xC3, 0x01];
/// How many bytes lead a datum in single-object encoding: the magic and the fingerprint.
const PREFIX_BYTES: usize = 10;
/// The largest header, schema included.
const HEADER_BYTES_MAX: u64 = 16 << 20;
/// The largest block, compressed or not.
const BLOCK_BYTES_MAX: usize = 256 << 20;

/// An open container.
pub(in crate::log::file) struct Container {
    file: Arc<str>,
    bytes: Bytes,
    schema: String,
    codec: Codec,
    marker: [u8; 16],
    extent: Extent,
    record_bytes_max: usize,
    block: Block,
    /// The prefix of every record and, behind it, the datum that was handed out last.
    record: Vec<u8>,
    /// How many data have been handed out.
    data: u64,
    is_over: bool,
}

/// The block that is being cut.
#[derive(Default)]
struct Block {
    /// Its number, from 1.
    number: u64,
    bytes: Vec<u8>,
    /// Where the next datum begins.
    at: usize,
    /// How many data have not been handed out.
    data_left: u64,
}

impl Container {
    /// Reads the header.
    ///
    /// # Errors
    /// [`FileError::Header`], [`FileError::Codec`].
    pub(in crate::log::file) fn new(
        file: Arc<str>,
        mut bytes: Bytes,
        record_bytes_max: usize,
    ) -> Result<Container, FileError> {
        let bad = |why: String| FileError::Header { file: file.to_string(), why };
        let (mut metadata, marker) = read_header(&mut bytes).map_err(|error| bad(said(&error)))?;
        let codec = match metadata.remove("avro.codec") {
            None => Codec::Null,
            Some(name) => Codec::from_str(&String::from_utf8_lossy(&name)).map_err(|_| FileError::Codec {
                file: file.to_string(),
                codec: String::from_utf8_lossy(&name).into_owned(),
            })?,
        };
        let schema = metadata.remove("avro.schema").ok_or_else(|| bad("it holds no schema".into()))?;
        let schema = String::from_utf8(schema).map_err(|_| bad("its schema is not UTF-8".into()))?;
        let parsed = Schema::parse_str(&schema).map_err(|error| bad(error.to_string()))?;
        let extent = Extent::of(&parsed).map_err(|error| bad(error.to_string()))?;
        let mut record = SINGLE_OBJECT_MAGIC.to_vec();
        record.extend(fingerprint(&schema).map_err(|error| bad(error.to_string()))?);
        assert_eq!(record.len(), PREFIX_BYTES, "a CRC-64 has 8 bytes");
        let block = Block::default();
        Ok(Container {
            file,
            bytes,
            schema,
            codec,
            marker,
            extent,
            record_bytes_max,
            block,
            record,
            data: 0,
            is_over: false,
        })
    }

    /// The writer's schema, as the header says it.
    pub(in crate::log::file) fn schema(&self) -> &str {
        &self.schema
    }

    /// The next datum.
    ///
    /// # Errors
    /// [`FileError::Block`]. After an error the file is at its end.
    pub(in crate::log::file) fn next(&mut self) -> Result<Option<(Place, Item<'_>)>, FileError> {
        if self.is_over {
            return Ok(None);
        }
        let place = Place::datum(&self.file, self.data + 1);
        match self.next_datum() {
            Ok(Some(len)) => {
                self.data += 1;
                let datum = &self.block.bytes[self.block.at..self.block.at + len];
                self.block.at += len;
                let record_bytes = PREFIX_BYTES + len;
                if record_bytes > self.record_bytes_max {
                    return Ok(Some((place, Item::TooLarge { bytes: record_bytes as u64 })));
                }
                self.record.truncate(PREFIX_BYTES);
                self.record.extend_from_slice(datum);
                Ok(Some((place, Item::Record(&self.record))))
            }
            Ok(None) => {
                self.is_over = true;
                Ok(None)
            }
            Err(why) => {
                self.is_over = true;
                Err(FileError::Block { place, block: self.block.number, why })
            }
        }
    }

    /// How long the next datum is; it begins at `block.at`.
    fn next_datum(&mut self) -> Result<Option<usize>, String> {
        while self.block.data_left == 0 {
            if self.block.at < self.block.bytes.len() {
                return Err("bytes are left over behind its last datum".into());
            }
            if !self.read_block()? {
                return Ok(None);
            }
        }
        let len = self.extent.bytes_of(&self.block.bytes[self.block.at..]);
        let len =
            len.ok_or_else(|| "a datum does not end within it or is none of the schema's".to_owned())?;
        if len == 0 {
            return Err("a datum has no bytes, so that it can be no record".into());
        }
        self.block.data_left -= 1;
        Ok(Some(len))
    }

    /// Reads and decompresses the next block; `false` at the end of the file.
    fn read_block(&mut self) -> Result<bool, String> {
        self.block.number += 1;
        self.block.at = 0;
        self.block.bytes.clear();
        if self.bytes.fill_buf().map_err(|error| said(&error))?.is_empty() {
            return Ok(false);
        }
        let count = read_long(&mut self.bytes).map_err(|error| said(&error))?;
        let size = read_long(&mut self.bytes).map_err(|error| said(&error))?;
        self.block.data_left = u64::try_from(count).map_err(|_| "its count is negative")?;
        let size = u64::try_from(size).map_err(|_| "its size is negative")?;
        if size > BLOCK_BYTES_MAX as u64 {
            return Err(format!("its size is {size} bytes, more than {BLOCK_BYTES_MAX}"));
        }
        let read = self.bytes.by_ref().take(size).read_to_end(&mut self.block.bytes);
        if read.map_err(|error| said(&error))? as u64 != size {
            return Err("it is cut off".into());
        }
        let mut marker = [0; 16];
        self.bytes.read_exact(&mut marker).map_err(|error| said(&error))?;
        if marker != self.marker {
            return Err("the sync marker behind it is not that of the header".into());
        }
        self.codec.decompress(&mut self.block.bytes).map_err(|error| error.to_string())?;
        Ok(true)
    }
}

/// CRC-64-AVRO of a schema's parsing canonical form, in little endian (Avro specification, "Parsing
/// Canonical Form for Schemas"). That form knows no logical types: of
/// `{"type": "long", "logicalType": "timestamp-millis"}` it leaves `"long"`, where `apache-avro` leaves
/// `{"type": "long"}` and so comes to another fingerprint than every other writer.
fn fingerprint(schema: &str) -> Result<Vec<u8>, apache_avro::Error> {
    let mut bare = serde_json::from_str(schema).unwrap_or_default();
    without_logical_types(&mut bare);
    Ok(Schema::parse(&bare)?.fingerprint::<Rabin>().bytes)
}

fn without_logical_types(schema: &mut serde_json::Value) {
    if let Some(branches) = schema.as_array_mut() {
        branches.iter_mut().for_each(without_logical_types);
    }
    if let Some(keys) = schema.as_object_mut() {
        keys.remove("logicalType");
        let inner = ["type", "fields", "items", "values"];
        keys.iter_mut()
            .filter(|(key, _)| inner.contains(&key.as_str()))
            .for_each(|(_, value)| without_logical_types(value));
    }
}

/// What a header says of the file, by key.
type Metadata = BTreeMap<String, Vec<u8>>;

/// The metadata of a header and the sync marker.
fn read_header(bytes: &mut Bytes) -> io::Result<(Metadata, [u8; 16])> {
    let mut bytes = bytes.take(HEADER_BYTES_MAX);
    let mut magic = [0; 4];
    bytes.read_exact(&mut magic)?;
    if magic != AVRO_MAGIC {
        return Err(bad("it does not begin with Obj and 1"));
    }
    let mut metadata = Metadata::new();
    loop {
        let count = read_long(&mut bytes)?;
        if count == 0 {
            break;
        }
        if count < 0 {
            read_long(&mut bytes)?;
        }
        for _ in 0..count.unsigned_abs() {
            let key = read_counted(&mut bytes)?;
            let key = String::from_utf8(key).map_err(|_| bad("a key of its metadata is not UTF-8"))?;
            metadata.insert(key, read_counted(&mut bytes)?);
        }
    }
    let mut marker = [0; 16];
    bytes.read_exact(&mut marker)?;
    Ok((metadata, marker))
}

fn read_counted(bytes: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let len = u64::try_from(read_long(bytes)?).map_err(|_| bad("a length is negative"))?;
    let mut counted = Vec::new();
    if bytes.take(len).read_to_end(&mut counted)? as u64 != len {
        return Err(io::ErrorKind::UnexpectedEof.into());
    }
    Ok(counted)
}

fn bad(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

fn said(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::UnexpectedEof => "it is cut off".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use apache_avro::Writer;
    use apache_avro::types::Value;

    use super::*;

    const SCHEMA: &str =
        r#"{"type": "record", "name": "word", "fields": [{"name": "said", "type": "string"}]}"#;

    /// A container with a block for each group of words, and where each block begins.
    fn container(blocks: &[&[&str]], codec: Codec) -> (Vec<u8>, Vec<usize>) {
        let schema = Schema::parse_str(SCHEMA).unwrap();
        let mut writer = Writer::with_codec(&schema, Vec::new(), codec).unwrap();
        let mut begins = Vec::new();
        for words in blocks {
            begins.push(writer.get_ref().len());
            for word in *words {
                let said = Value::String((*word).to_owned());
                writer.append_value(Value::Record(vec![("said".to_owned(), said)])).unwrap();
            }
            writer.flush().unwrap();
        }
        (writer.into_inner().unwrap(), begins)
    }

    fn open(bytes: &[u8]) -> Result<Container, FileError> {
        Container::new("events.avro".into(), Box::new(io::Cursor::new(bytes.to_vec())), 1 << 20)
    }

    /// The words of a container, then how it ends.
    fn read(bytes: &[u8]) -> (Vec<String>, Option<String>) {
        let mut container = open(bytes).unwrap();
        let mut words = Vec::new();
        loop {
            match container.next() {
                Ok(Some((_, Item::Record(record)))) => {
                    words.push(String::from_utf8(record[PREFIX_BYTES + 1..].to_vec()).unwrap());
                }
                Ok(Some((_, Item::TooLarge { bytes }))) => words.push(format!("too large: {bytes}")),
                Ok(None) => return (words, None),
                Err(error) => {
                    assert!(container.next().unwrap().is_none(), "after an error nothing comes");
                    return (words, Some(error.to_string()));
                }
            }
        }
    }

    #[test]
    fn each_datum_is_a_record_in_single_object_encoding() {
        for codec in [Codec::Null, Codec::Deflate(Default::default())] {
            let (bytes, _) = container(&[&["a", "bc"], &["def"]], codec);
            let mut container = open(&bytes).unwrap();
            assert_eq!(Schema::parse_str(container.schema()).unwrap(), Schema::parse_str(SCHEMA).unwrap());
            let (place, item) = container.next().unwrap().unwrap();
            assert_eq!(place.to_string(), "events.avro, datum 1");
            let Item::Record(record) = item else { panic!("{item:?}") };
            let schema = Schema::parse_str(SCHEMA).unwrap();
            let mut expected =
                apache_avro::GenericSingleObjectWriter::new_with_capacity(&schema, 64).unwrap();
            let mut bytes_expected = Vec::new();
            let value = Value::Record(vec![("said".to_owned(), Value::String("a".to_owned()))]);
            expected.write_value(value, &mut bytes_expected).unwrap();
            assert_eq!(record, bytes_expected);
            assert_eq!(read(&bytes), (vec!["a".into(), "bc".into(), "def".into()], None));
        }
    }

    #[test]
    fn damage_ends_the_file_and_says_where() {
        let (good, begins) = container(&[&["aaa", "bbb"], &["ccc", "ddd"]], Codec::Null);
        let second = begins[1];
        let said = |why: &str| Some(format!("events.avro, {why}; the rest of the file is lost"));
        // A block is its count, its size, its data (a length and three letters each), the marker.
        for (damage, words, why) in [
            (
                &|bytes: &mut Vec<u8>| bytes.truncate(second + 4) as _,
                2,
                "datum 3: block 2 is damaged: it is cut off",
            ),
            (&|bytes| bytes.truncate(second + 12), 2, "datum 3: block 2 is damaged: it is cut off"),
            (
                &|bytes| *bytes.last_mut().unwrap() ^= 1,
                2,
                "datum 3: block 2 is damaged: the sync marker behind it is not that of the header",
            ),
            (&|bytes| bytes[second] = 1, 2, "datum 3: block 2 is damaged: its count is negative"),
            (
                &|bytes| bytes[second] = 2,
                3,
                "datum 4: block 2 is damaged: bytes are left over behind its last datum",
            ),
            (
                &|bytes| bytes[second + 6] = 20,
                3,
                "datum 4: block 2 is damaged: a datum does not end within it or is none of the schema's",
            ),
        ] as [(&dyn Fn(&mut Vec<u8>), usize, &str); 6]
        {
            let mut bytes = good.clone();
            damage(&mut bytes);
            let all = ["aaa", "bbb", "ccc"];
            assert_eq!(read(&bytes), (all[..words].iter().map(|w| (*w).to_owned()).collect(), said(why)));
        }
    }

    #[test]
    fn a_damaged_deflate_block_is_an_error() {
        let (mut bytes, begins) = container(&[&["aaa"], &["bbb"]], Codec::Deflate(Default::default()));
        bytes[begins[1] + 2] = 0xFF;
        let (words, why) = read(&bytes);
        assert_eq!(words, ["aaa"]);
        assert!(why.unwrap().starts_with("events.avro, datum 2: block 2 is damaged: "));
    }

    #[test]
    fn a_datum_larger_than_the_limit_is_passed_over() {
        let (bytes, _) = container(&[&["a", "much too long a word", "b"]], Codec::Null);
        let mut container =
            Container::new("events.avro".into(), Box::new(io::Cursor::new(bytes)), PREFIX_BYTES + 2).unwrap();
        assert!(matches!(container.next().unwrap().unwrap().1, Item::Record(_)));
        let (place, item) = container.next().unwrap().unwrap();
        assert_eq!((place.number, item), (2, Item::TooLarge { bytes: 31 }));
        assert!(matches!(container.next().unwrap().unwrap().1, Item::Record(_)));
        assert!(container.next().unwrap().is_none());
    }

    #[test]
    fn a_header_that_cannot_be_used_is_refused() {
        let (good, _) = container(&[], Codec::Null);
        for cut in [0, 4, 5, 20, good.len() - 1] {
            assert!(matches!(open(&good[..cut]), Err(FileError::Header { .. })), "{cut}");
        }
        let metadata = |key: &str, value: &str| {
            let mut bytes = AVRO_MAGIC.to_vec();
            bytes.extend([2, key.len() as u8 * 2]);
            bytes.extend(key.bytes());
            bytes.push(value.len() as u8 * 2);
            bytes.extend(value.bytes());
            bytes.push(0);
            bytes.extend([7; 16]);
            open(&bytes).err().map(|error| error.to_string())
        };
        let said = |why: &str| Some(format!("events.avro: {why}"));
        let header = |why: &str| said(&format!("the header of the Avro file cannot be used: {why}"));
        assert_eq!(metadata("other", "x"), header("it holds no schema"));
        assert!(metadata("avro.schema", "x").is_some());
        assert_eq!(metadata("avro.schema", "\"long\""), None);
        let codec =
            "its blocks are compressed with brotli, which this build cannot read: use null or deflate";
        assert_eq!(metadata("avro.codec", "brotli"), said(codec));
    }
}
