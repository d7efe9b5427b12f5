//! Avro's numbers: zigzag, 7 bits a byte, at most 10 bytes.

use std::io::{self, BufRead};

/// Reads a number off the front of a slice; `None` if it is cut off or too long.
pub(super) fn take_long(bytes: &mut &[u8]) -> Option<i64> {
    let mut zigzag = Zigzag::default();
    loop {
        let (byte, rest) = bytes.split_first()?;
        *bytes = rest;
        if let Some(number) = zigzag.push(*byte)? {
            return Some(number);
        }
    }
}

/// Reads a number from a stream.
///
/// # Errors
/// The stream's own; `UnexpectedEof` if it ends, `InvalidData` if the number is too long.
pub(super) fn read_long(bytes: &mut impl BufRead) -> io::Result<i64> {
    let mut zigzag = Zigzag::default();
    loop {
        let mut byte = [0];
        bytes.read_exact(&mut byte)?;
        let pushed = zigzag.push(byte[0]);
        let pushed = pushed.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "a number is too long"));
        if let Some(number) = pushed? {
            return Ok(number);
        }
    }
}

/// A number of which some bytes have been read.
#[derive(Default)]
struct Zigzag {
    bits: u64,
    bytes: u32,
}

impl Zigzag {
    /// Takes the next byte: `Some(Some(number))` when that was the last one, `None` when there are
    /// more bits than a number has.
    fn push(&mut self, byte: u8) -> Option<Option<i64>> {
        if self.bytes == 9 && byte > 1 {
            return None;
        }
        self.bits |= u64::from(byte & 0x7F) << (7 * self.bytes);
        self.bytes += 1;
        Some((byte < 0x80).then_some((self.bits >> 1) as i64 ^ -((self.bits & 1) as i64)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of the Avro specification ("Primitive types", binary encoding), and both ends.
    #[test]
    fn numbers_are_zigzag() {
        for (bytes, expected) in [
            (&[0][..], 0),
            (&[1], -1),
            (&[2], 1),
            (&[3], -2),
            (&[0x7F], -64),
            (&[0x80, 0x01], 64),
            (&[0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], i64::MAX),
            (&[0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x01], i64::MIN),
        ] {
            assert_eq!(take_long(&mut &*bytes), Some(expected), "{bytes:02x?}");
            assert_eq!(read_long(&mut &*bytes).unwrap(), expected, "{bytes:02x?}");
        }
        for bytes in [&[][..], &[0x80], &[0xFF; 10], &[0x80; 11]] {
            assert_eq!(take_long(&mut &*bytes), None, "{bytes:02x?}");
            assert!(read_long(&mut &*bytes).is_err(), "{bytes:02x?}");
        }
    }
}
