//! Opens a path: decompresses gzip, which is known by its first bytes, and tells what kind a file is.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;

use flate2::bufread::MultiGzDecoder;

use super::FileError;

/// The first bytes of a gzip stream (RFC 1952).
const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];
/// The first bytes of an Avro object container file, version 1 (Avro specification 1.12).
pub(super) const AVRO_MAGIC: [u8; 4] = *b"Obj\x01";
/// How much is read at once.
const BUFFER_BYTES: usize = 1 << 17;

/// The bytes of a file, decompressed.
pub(super) type Bytes = Box<dyn BufRead + Send>;

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    /// A JSON text on each line.
    Lines,
    /// Avro data with their schema.
    Container,
    /// Rows with a header: CSV.
    Table,
}

/// Tells the kind of a file: an Avro object container file by its first bytes, NDJSON (`.json`,
/// `.jsonl`, `.ndjson`) and CSV (`.csv`) by its name, with or without `.gz`, in any case.
///
/// # Errors
/// [`FileError::Open`], [`FileError::UnknownKind`].
pub fn kind_of(path: &Path) -> Result<FileKind, FileError> {
    kind_and_bytes(path).map(|(kind, _)| kind)
}

/// The kind of a file and its bytes from the first on.
pub(super) fn kind_and_bytes(path: &Path) -> Result<(FileKind, Bytes), FileError> {
    let opened = open(path).and_then(|bytes| peek(bytes, AVRO_MAGIC.len()));
    let (head, bytes) = opened.map_err(|why| FileError::Open { file: name_of(path).to_string(), why })?;
    let bytes: Bytes = Box::new(bytes);
    if head == AVRO_MAGIC {
        return Ok((FileKind::Container, bytes));
    }
    let name = name_of(path).to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("json" | "jsonl" | "ndjson") => Ok((FileKind::Lines, bytes)),
        Some("csv") => Ok((FileKind::Table, bytes)),
        _ => Err(FileError::UnknownKind { file: name_of(path).to_string() }),
    }
}

/// How a file is called in places and errors.
pub(super) fn name_of(path: &Path) -> Arc<str> {
    Arc::from(path.to_string_lossy())
}

fn open(path: &Path) -> io::Result<Bytes> {
    let (head, file) = peek(BufReader::with_capacity(BUFFER_BYTES, File::open(path)?), GZIP_MAGIC.len())?;
    if head == GZIP_MAGIC {
        Ok(Box::new(BufReader::with_capacity(BUFFER_BYTES, MultiGzDecoder::new(file))))
    } else {
        Ok(Box::new(file))
    }
}

/// The first bytes, at most `len` of them, and all the bytes with these still unread. A single read
/// would not do: a decompressor may hand out its first bytes one by one.
fn peek<R: BufRead>(mut bytes: R, len: usize) -> io::Result<(Vec<u8>, impl BufRead + use<R>)> {
    let mut head = Vec::with_capacity(len);
    bytes.by_ref().take(len as u64).read_to_end(&mut head)?;
    Ok((head.clone(), io::Cursor::new(head).chain(bytes)))
}
