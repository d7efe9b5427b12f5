//! NDJSON: each line that is not empty is a record. A line longer than the limit is skipped, not
//! buffered. Whether a line is JSON is not asked here.

use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::source::Bytes;
use super::{FileError, Item, Place};

/// The lines of a file.
pub(super) struct Lines {
    file: Arc<str>,
    bytes: Bytes,
    record_bytes_max: usize,
    line: Vec<u8>,
    /// How many lines have been read.
    lines: u64,
    is_over: bool,
}

/// What the next line is.
enum Next {
    Line,
    TooLarge { bytes: u64 },
    End,
}

impl Lines {
    pub(super) fn new(file: Arc<str>, bytes: Bytes, record_bytes_max: usize) -> Lines {
        Lines { file, bytes, record_bytes_max, line: Vec::new(), lines: 0, is_over: false }
    }

    pub(super) fn next(&mut self) -> Result<Option<(Place, Item<'_>)>, FileError> {
        while !self.is_over {
            let next = self.read_line();
            let place = Place::line(&self.file, self.lines + 1);
            self.lines += 1;
            match next {
                Ok(Next::Line) if self.line.trim_ascii().is_empty() => {}
                Ok(Next::Line) => return Ok(Some((place, Item::Record(&self.line)))),
                Ok(Next::TooLarge { bytes }) => return Ok(Some((place, Item::TooLarge { bytes }))),
                Ok(Next::End) => self.is_over = true,
                Err(why) => {
                    self.is_over = true;
                    return Err(FileError::Read { place, why });
                }
            }
        }
        Ok(None)
    }

    /// Reads a line without its end (LF or CRLF), or past a line that is too long.
    fn read_line(&mut self) -> io::Result<Next> {
        self.line.clear();
        let with_end = (self.record_bytes_max as u64).saturating_add(2);
        let read = self.bytes.by_ref().take(with_end).read_until(b'\n', &mut self.line)? as u64;
        if read == 0 {
            return Ok(Next::End);
        }
        let ended = self.line.pop_if(|byte| *byte == b'\n').is_some();
        if ended {
            self.line.pop_if(|byte| *byte == b'\r');
        }
        if self.line.len() <= self.record_bytes_max {
            return Ok(Next::Line);
        }
        let rest = if ended { 0 } else { self.bytes.skip_until(b'\n')? as u64 };
        Ok(Next::TooLarge { bytes: self.line.len() as u64 + rest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &'static [u8], record_bytes_max: usize) -> Vec<(u64, String)> {
        let mut lines = Lines::new("events.jsonl".into(), Box::new(text), record_bytes_max);
        let mut items = Vec::new();
        while let Some((place, item)) = lines.next().unwrap() {
            let said = match item {
                Item::Record(bytes) => String::from_utf8_lossy(bytes).into_owned(),
                Item::TooLarge { bytes } => format!("too large: {bytes}"),
            };
            items.push((place.number, said));
        }
        assert!(lines.next().unwrap().is_none(), "the end stays the end");
        items
    }

    fn expect(items: &[(u64, &str)]) -> Vec<(u64, String)> {
        items.iter().map(|(line, said)| (*line, (*said).to_owned())).collect()
    }

    #[test]
    fn lines_end_in_lf_or_crlf_or_the_file() {
        assert_eq!(read(b"", 9), []);
        assert_eq!(read(b"\n \r\n\t\n", 9), []);
        assert_eq!(read(b"{}\n\n{1}\r\n  \n{2}", 9), expect(&[(1, "{}"), (3, "{1}"), (5, "{2}")]));
    }

    #[test]
    fn a_line_may_be_as_long_as_the_limit_and_no_longer() {
        for end in ["", "\n", "\r\n"] {
            let text: &'static str = format!("1234{end}").leak();
            assert_eq!(read(text.as_bytes(), 4), expect(&[(1, "1234")]), "{end:?}");
        }
        let too_long = b"12345\n1\n123456\r\n2\n1234567890123\n3";
        assert_eq!(
            read(too_long, 4),
            expect(&[
                (1, "too large: 5"),
                (2, "1"),
                (3, "too large: 8"),
                (4, "2"),
                (5, "too large: 14"),
                (6, "3"),
            ])
        );
    }
}
