//! State that is made anew, without the blocks that are there: one block holds all of it, and the committed place
//! names that block as the start of a complete snapshot. The next restore reads nothing before it.

use crate::log::{Committed, LogError, NewRecord, TopicPartition};

use super::block::{self, BlockHead, StateRow};
use super::restoring::read_place;
use super::running::{Place, state_record};
use super::task::Task;

/// What a task's member remembered at a committed place; fails for good where another program has written it.
pub fn memo_at(partition: &TopicPartition, place: &Committed) -> Result<String, LogError> {
    Ok(read_place(partition, &place.metadata)?.memo)
}

/// The transactional id of the member that holds a committed place, if it did not give it up.
pub fn unreleased_owner_at(
    partition: &TopicPartition,
    place: &Committed,
) -> Result<Option<String>, LogError> {
    Ok(read_place(partition, &place.metadata)?.unreleased_owner().map(str::to_owned))
}

/// What is to be committed for a task that has read its input up to the offset `to`: records with all of its
/// state, and its place. `before` is the place as it was, `state_end` where the state partition ends, `owner`
/// the transactional id of who commits.
pub fn whole_state<E>(
    task: &dyn Task<Effect = E>,
    partition: &TopicPartition,
    before: &Committed,
    to: i64,
    state_end: i64,
    owner: &str,
) -> Result<(Vec<NewRecord>, Committed), LogError> {
    let Place { seq, .. } = read_place(partition, &before.metadata)?;
    let row = |key: Vec<u8>| -> StateRow {
        let value = task.state_row(&key);
        (key, value)
    };
    let rows = task.state_keys().into_iter().map(row).collect();
    let head = BlockHead { seq: seq + 1, input: (to, to), cycle: state_end };
    let of =
        |state: TopicPartition| block::parts(head, rows).iter().map(|p| state_record(&state, p)).collect();
    let records = task.state_partition().map_or_else(Vec::new, of);
    let place =
        Place { seq: head.seq, cycle: state_end, owner: owner.to_owned(), released: true, memo: task.memo() };
    Ok((records, place.at(to)))
}
