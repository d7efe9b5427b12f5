//! The packed form of state: one block a commit, made of the rows that changed and some rows of the
//! rolling snapshot, split into parts below the record limit.
//!
//! Replaying the blocks from the start of a complete snapshot cycle gives every row its last value.

use serde::{Deserialize, Serialize};

use crate::log::{Header, RawRecord};

/// Format of the blocks that are written.
pub const VERSION: u8 = 1;
/// A part holds at most about this many bytes of rows.
const PART_BYTES_MAX: usize = 512 * 1024;
/// The header that says which format a block has.
const VERSION_HEADER: &str = "rapport-state";

/// A row of state: its key, and its value or its end.
pub type StateRow = (Vec<u8>, Option<Vec<u8>>);

/// A part of a block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Part {
    /// Place of the block in the chain of the task's blocks, from 1.
    pub seq: u64,
    /// Place of this part in its block, from 0.
    pub part: u32,
    /// How many parts the block has.
    pub parts: u32,
    /// The input offsets `[from, to)` whose effects the block holds.
    pub input: (i64, i64),
    /// The rows.
    pub rows: Vec<StateRow>,
}

/// Splits rows into the parts of block `seq`; a block without rows has one empty part.
pub fn parts(seq: u64, input: (i64, i64), rows: Vec<StateRow>) -> Vec<Part> {
    let mut groups: Vec<Vec<StateRow>> = vec![Vec::new()];
    let mut bytes = 0;
    for row in rows {
        let size = row.0.len() + row.1.as_ref().map_or(0, Vec::len) + 8;
        if bytes > 0 && bytes + size > PART_BYTES_MAX {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        groups.last_mut().expect("there is always a group").push(row);
    }
    let parts = u32::try_from(groups.len()).expect("a block has few parts");
    let part = |(i, rows)| Part { seq, part: i as u32, parts, input, rows };
    groups.into_iter().enumerate().map(part).collect()
}

impl Part {
    /// Its bytes.
    pub fn encode(&self) -> Vec<u8> {
        postcard::to_stdvec(self).expect("a part always encodes")
    }

    /// The headers of its record.
    pub fn headers() -> Vec<Header> {
        vec![(VERSION_HEADER.to_owned(), vec![VERSION])]
    }

    /// Reads a part back from its record.
    pub fn decode(record: &RawRecord) -> Result<Part, String> {
        let version = record.headers.iter().find(|(name, _)| name == VERSION_HEADER);
        match version.map(|(_, value)| value.as_slice()) {
            Some([VERSION]) => {}
            Some(other) => {
                return Err(format!("it was written in format {other:?}, this version reads {VERSION}"));
            }
            None => return Err("it was not written by rapport".to_owned()),
        }
        let value = record.value.as_deref().unwrap_or_default();
        postcard::from_bytes(value).map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_below_the_limit_and_keep_their_order() {
        let row = |i: u8, size| (vec![i], Some(vec![0; size]));
        let rows = vec![row(1, 300_000), row(2, 300_000), row(3, 10), row(4, 900_000)];
        let parts = parts(7, (10, 20), rows);
        let keys: Vec<Vec<u8>> =
            parts.iter().map(|p| p.rows.iter().map(|(key, _)| key[0]).collect()).collect();
        assert_eq!(keys, [vec![1], vec![2, 3], vec![4]]);
        assert!(parts.iter().all(|p| (p.seq, p.parts, p.input) == (7, 3, (10, 20))));
        assert_eq!(super::parts(1, (0, 0), Vec::new()).len(), 1);
    }
}
