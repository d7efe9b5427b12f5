//! A datum as it is being read: never past its end, and never for longer than its length is worth.

/// How many values a datum of no bytes may hold.
const STEPS_MIN: usize = 4096;
/// How many more values each byte allows for.
const STEPS_PER_BYTE: usize = 4;

/// The datum does not fit its schema, or ends too early. Without content, so that reading costs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// What is left of a datum.
pub(super) struct Bytes<'a> {
    rest: &'a [u8],
    steps_left: usize,
}

impl<'a> Bytes<'a> {
    pub(super) fn new(datum: &'a [u8]) -> Bytes<'a> {
        Bytes { rest: datum, steps_left: STEPS_MIN + STEPS_PER_BYTE * datum.len() }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    /// Counts one value. A block of a billion nulls takes no bytes, but it does take steps.
    pub(super) fn step(&mut self) -> Result<(), Malformed> {
        self.steps_left = self.steps_left.checked_sub(1).ok_or(Malformed)?;
        Ok(())
    }

    pub(super) fn take(&mut self, len: usize) -> Result<&'a [u8], Malformed> {
        let (taken, rest) = self.rest.split_at_checked(len).ok_or(Malformed)?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Malformed> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or(Malformed)?;
        self.rest = rest;
        Ok(*taken)
    }

    /// A zigzag number of at most 10 bytes; most have one.
    #[inline]
    pub(super) fn long(&mut self) -> Result<i64, Malformed> {
        match self.rest {
            [byte @ ..0x80, rest @ ..] => {
                self.rest = rest;
                Ok(i64::from(byte >> 1) ^ -i64::from(byte & 1))
            }
            _ => self.long_of_many_bytes(),
        }
    }

    fn long_of_many_bytes(&mut self) -> Result<i64, Malformed> {
        let mut zigzag = 0_u64;
        for i in 0..10 {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7F);
            if i == 9 && byte > 1 {
                return Err(Malformed);
            }
            zigzag |= bits << (7 * i);
            if byte < 0x80 {
                return Ok((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64));
            }
        }
        Err(Malformed)
    }

    pub(super) fn int(&mut self) -> Result<i32, Malformed> {
        i32::try_from(self.long()?).map_err(|_| Malformed)
    }

    /// A place in a list of `len`: of a union's branch or of an enum's symbol.
    pub(super) fn index(&mut self, len: usize) -> Result<usize, Malformed> {
        let index = usize::try_from(self.int()?).map_err(|_| Malformed)?;
        if index < len { Ok(index) } else { Err(Malformed) }
    }

    pub(super) fn boolean(&mut self) -> Result<bool, Malformed> {
        match self.array()? {
            [0] => Ok(false),
            [1] => Ok(true),
            _ => Err(Malformed),
        }
    }

    pub(super) fn float(&mut self) -> Result<f32, Malformed> {
        self.array().map(f32::from_le_bytes)
    }

    pub(super) fn double(&mut self) -> Result<f64, Malformed> {
        self.array().map(f64::from_le_bytes)
    }

    pub(super) fn blob(&mut self) -> Result<&'a [u8], Malformed> {
        let len = usize::try_from(self.long()?).map_err(|_| Malformed)?;
        self.take(len)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Malformed> {
        std::str::from_utf8(self.blob()?).map_err(|_| Malformed)
    }

    /// How many items the next block holds, 0 at the end. A negative count is followed by the block's
    /// size, which is not trusted.
    pub(super) fn block(&mut self) -> Result<u64, Malformed> {
        let count = self.long()?;
        if count < 0 {
            self.long()?;
        }
        Ok(count.unsigned_abs())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_zigzag() {
        // The examples of the Avro specification, and both ends.
        for (bytes, expected) in [
            (&[0][..], 0),
            (&[1], -1),
            (&[2], 1),
            (&[0x7f], -64),
            (&[0x80, 0x01], 64),
            (&[0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], i64::MAX),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01], i64::MIN),
        ] {
            assert_eq!(Bytes::new(bytes).long(), Ok(expected));
        }
        for bytes in [&[][..], &[0x80], &[0xff; 10], &[0x80; 11]] {
            assert_eq!(Bytes::new(bytes).long(), Err(Malformed), "{bytes:02x?}");
        }
    }
}
