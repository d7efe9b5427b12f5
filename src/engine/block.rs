//! The packed form of state: one block a commit, made of the rows that changed and some rows of the
//! rolling snapshot, split into parts below the record limit.
//!
//! Replaying the blocks from the start of a complete snapshot cycle gives every row its last value.
//!
//! A block says in which format it was written. This version writes [`VERSION`] and reads every one before it
//! too, so an upgrade restores what the version before wrote; a newer one is refused. When the form of a part
//! or of any row changes, raise [`VERSION`], and teach [`Part::decode`] or the task's `load` the way up.

use serde::{Deserialize, Serialize};

use crate::log::{Header, RawRecord};

/// Format of the blocks that are written.
///
/// 1. Parts without the start of their cycle; rows before definitions could change.
/// 2. Parts with it.
/// 3. A row more: how many ids alerts had no room for.
/// 4. Facts of one moment in the order of the funnel; a row in another order is put in order when it is emitted next.
/// 5. Definitions as text; lives of alerts by their subject too.
/// 6. First touches in time are counted at their deadline, and open items are named; a row says whether it was emitted
///    so.
/// 7. A divergence knows from which days it learned, and the days that alerts told of are kept.
pub const VERSION: u8 = 7;
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
    /// The offset in the state partition from which a restore that ends with this block has to read; `None` in
    /// format 1.
    pub cycle: Option<i64>,
    /// The rows.
    pub rows: Vec<StateRow>,
}

/// A part in format 1.
#[derive(Deserialize)]
struct PartV1 {
    seq: u64,
    part: u32,
    parts: u32,
    input: (i64, i64),
    rows: Vec<StateRow>,
}

/// What all parts of a block have in common.
#[derive(Clone, Copy, Debug)]
pub struct BlockHead {
    /// Place of the block in the chain.
    pub seq: u64,
    /// The input offsets whose effects it holds.
    pub input: (i64, i64),
    /// From where a restore that ends with it has to read.
    pub cycle: i64,
}

/// Splits rows into the parts of a block; a block without rows has one empty part.
pub fn parts(head: BlockHead, rows: Vec<StateRow>) -> Vec<Part> {
    let mut groups: Vec<Vec<StateRow>> = vec![Vec::new()];
    let mut bytes = 0;
    for row in rows {
        let size = size_of_row(&row) + 8;
        if bytes > 0 && bytes + size > PART_BYTES_MAX {
            groups.push(Vec::new());
            bytes = 0;
        }
        bytes += size;
        groups.last_mut().expect("there is always a group").push(row);
    }
    let parts = u32::try_from(groups.len()).expect("a block has few parts");
    let BlockHead { seq, input, cycle } = head;
    let part = |(i, rows)| Part { seq, part: i as u32, parts, input, cycle: Some(cycle), rows };
    groups.into_iter().enumerate().map(part).collect()
}

/// How many bytes of state a row is.
pub fn size_of_row((key, value): &StateRow) -> usize {
    key.len() + value.as_ref().map_or(0, Vec::len)
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

    /// Reads a part back from its record, with the format that it was written in; `None` where rapport did not
    /// write the record.
    pub fn decode(record: &RawRecord) -> Result<Option<(Part, u8)>, String> {
        let header = record.headers.iter().find(|(name, _)| name == VERSION_HEADER);
        let Some((_, version)) = header else { return Ok(None) };
        let value = record.value.as_deref().unwrap_or_default();
        match version.as_slice() {
            [version @ 1] => postcard::from_bytes(value).map(|part| Some((PartV1::into_part(part), *version))),
            [version @ 2..=VERSION] => postcard::from_bytes(value).map(|part| Some((part, *version))),
            other => {
                return Err(format!(
                    "it was written in format {other:?}, this version of rapport reads formats 1 to {VERSION}: start \
                     the version that wrote it"
                ));
            }
        }
        .map_err(|error| error.to_string())
    }
}

impl PartV1 {
    fn into_part(self) -> Part {
        let PartV1 { seq, part, parts, input, rows } = self;
        Part { seq, part, parts, input, cycle: None, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_split_below_the_limit_and_keep_their_order() {
        let row = |i: u8, size| (vec![i], Some(vec![0; size]));
        let rows = vec![row(1, 300_000), row(2, 300_000), row(3, 10), row(4, 900_000)];
        let head = BlockHead { seq: 7, input: (10, 20), cycle: 3 };
        let parts = parts(head, rows);
        let keys: Vec<Vec<u8>> =
            parts.iter().map(|p| p.rows.iter().map(|(key, _)| key[0]).collect()).collect();
        assert_eq!(keys, [vec![1], vec![2, 3], vec![4]]);
        assert!(parts.iter().all(|p| (p.seq, p.parts, p.input, p.cycle) == (7, 3, (10, 20), Some(3))));
        assert_eq!(super::parts(head, Vec::new()).len(), 1);
    }
}
