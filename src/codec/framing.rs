//! Which format a record is in: JSON, Avro single-object encoding or Confluent's framing.
//!
//! Looks at the first bytes only and never at a schema.

use crate::model::dead_letter::{Reason, Rejection};

/// The two bytes of Avro's single-object encoding, version 1 (Avro specification 1.12).
pub(crate) const SINGLE_OBJECT_MAGIC: [u8; 2] = [0xC3, 0x01];
/// The first byte of Confluent's wire format.
pub(crate) const CONFLUENT_MAGIC: u8 = 0;

const UTF8_BOM: &[u8] = &[0xEF, 0xBB, 0xBF];

/// How the records of a topic or a file are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// Each record says it by its first bytes.
    #[default]
    Auto,
    /// JSON.
    Json,
    /// Avro, led by `C3 01` and the fingerprint of the writer's schema.
    AvroSingleObject,
    /// Avro, led by `00` and the registry's id of the writer's schema.
    AvroConfluent,
}

impl Format {
    /// Every format.
    pub const ALL: [Format; 4] =
        [Format::Auto, Format::Json, Format::AvroSingleObject, Format::AvroConfluent];

    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        match self {
            Format::Auto => "auto",
            Format::Json => "json",
            Format::AvroSingleObject => "avro_single_object",
            Format::AvroConfluent => "avro_confluent",
        }
    }

    /// The format with this word, if there is one.
    pub fn parse(word: &str) -> Option<Format> {
        Format::ALL.into_iter().find(|format| format.as_str() == word)
    }
}

/// A record without its frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Framed<'a> {
    /// JSON text, without a byte order mark.
    Json(&'a [u8]),
    /// An Avro datum and the CRC-64-AVRO fingerprint of its writer's schema.
    SingleObject { fingerprint: u64, datum: &'a [u8] },
    /// An Avro datum and the registry's id of its writer's schema.
    Confluent { id: u32, datum: &'a [u8] },
}

/// Takes the frame off a record.
pub(crate) fn unframe(bytes: &[u8], format: Format) -> Result<Framed<'_>, Rejection> {
    let Some(&first) = bytes.first() else {
        return Err(Rejection::whole(Reason::Empty));
    };
    match format {
        Format::Json => Ok(Framed::Json(without_bom(bytes))),
        Format::AvroSingleObject if bytes.starts_with(&SINGLE_OBJECT_MAGIC) => single_object(bytes),
        Format::AvroConfluent if first == CONFLUENT_MAGIC => confluent(bytes),
        Format::Auto => match first {
            b'{' | b' ' | b'\t' | b'\n' | b'\r' => Ok(Framed::Json(bytes)),
            CONFLUENT_MAGIC => confluent(bytes),
            _ if bytes.starts_with(&SINGLE_OBJECT_MAGIC) => single_object(bytes),
            _ if bytes.starts_with(UTF8_BOM) => Ok(Framed::Json(without_bom(bytes))),
            _ => Err(Rejection::whole(Reason::UnknownFraming)),
        },
        Format::AvroSingleObject | Format::AvroConfluent => Err(Rejection::whole(Reason::UnknownFraming)),
    }
}

fn without_bom(bytes: &[u8]) -> &[u8] {
    bytes.strip_prefix(UTF8_BOM).unwrap_or(bytes)
}

fn single_object(bytes: &[u8]) -> Result<Framed<'_>, Rejection> {
    let (fingerprint, datum) = bytes[SINGLE_OBJECT_MAGIC.len()..].split_first_chunk().ok_or(CUT_OFF)?;
    Ok(Framed::SingleObject { fingerprint: u64::from_le_bytes(*fingerprint), datum })
}

fn confluent(bytes: &[u8]) -> Result<Framed<'_>, Rejection> {
    let (id, datum) = bytes[1..].split_first_chunk().ok_or(CUT_OFF)?;
    Ok(Framed::Confluent { id: u32::from_be_bytes(*id), datum })
}

const CUT_OFF: Rejection = Rejection { reason: Reason::Malformed, field: None };

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_back() {
        for format in Format::ALL {
            assert_eq!(Format::parse(format.as_str()), Some(format));
        }
        assert_eq!(Format::parse("xml"), None);
    }

    #[test]
    fn frames_are_told_by_their_first_bytes() {
        use Format::*;
        let single = b"\xC3\x01\x01\x02\x03\x04\x05\x06\x07\x08rest";
        let fingerprint = 0x0807_0605_0403_0201;
        let ok = [
            (Auto, &b"{}"[..], Framed::Json(b"{}")),
            (Auto, b" \n{}", Framed::Json(b" \n{}")),
            (Auto, b"\xEF\xBB\xBF{}", Framed::Json(b"{}")),
            (Json, b"\xEF\xBB\xBF{}", Framed::Json(b"{}")),
            (Json, b"[1]", Framed::Json(b"[1]")),
            (Auto, single, Framed::SingleObject { fingerprint, datum: b"rest" }),
            (AvroSingleObject, single, Framed::SingleObject { fingerprint, datum: b"rest" }),
            (Auto, b"\0\0\0\x01\0rest", Framed::Confluent { id: 256, datum: b"rest" }),
            (AvroConfluent, b"\0\xff\0\0\0", Framed::Confluent { id: 0xff00_0000, datum: b"" }),
        ];
        for (format, bytes, expected) in ok {
            assert_eq!(unframe(bytes, format), Ok(expected), "{format:?} {bytes:02x?}");
        }
        let bad = [
            (Auto, &b""[..], Reason::Empty),
            (AvroConfluent, b"", Reason::Empty),
            (Auto, b"[1]", Reason::UnknownFraming),
            (Auto, b"\x01\0\0\0\x01", Reason::UnknownFraming),
            (Auto, b"\xC3", Reason::UnknownFraming),
            (Auto, b"\xC3\x02\0\0\0\0\0\0\0\0", Reason::UnknownFraming),
            (Auto, b"\xC3\x01\0\0\0\0\0\0\0", Reason::Malformed),
            (Auto, b"\0\0\0\0", Reason::Malformed),
            (AvroSingleObject, b"{}", Reason::UnknownFraming),
            (AvroConfluent, single, Reason::UnknownFraming),
        ];
        for (format, bytes, expected) in bad {
            assert_eq!(unframe(bytes, format), Err(Rejection::whole(expected)), "{format:?} {bytes:02x?}");
        }
    }
}
