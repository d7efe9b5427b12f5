//! The state of a task as a number, to be compared: exactly, as rows of bytes; and by what it means.

use std::hash::{DefaultHasher, Hash, Hasher};

use rapport::engine::task::Task;
use rapport::funnel::journey::Row;
use rapport::log::TopicPartition;
use rapport::model::Minute;
use rapport::model::effect::Effect;

/// A row of state.
type Bytes = (Vec<u8>, Vec<u8>);

/// A state, twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct State {
    /// All rows, byte by byte.
    pub exact: u64,
    /// What follows from what was read, however often a task was restored on the way: without the boundary at
    /// which a row was looked at last, and without where judging stands.
    pub meaning: u64,
}

/// Whose rows they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A journeys task's.
    Journeys,
    /// The segments task's.
    Segments,
    /// A task's that keeps nothing but a memo.
    Memo,
}

impl State {
    /// The state of a task that reads a partition; of one that keeps none, its memo.
    pub fn of(at: &TopicPartition, task: &dyn Task<Effect = Effect>) -> State {
        let rows = task.state_keys().into_iter().filter_map(|key| task.state_row(&key).map(|row| (key, row)));
        match task.state_partition() {
            Some(_) if at.topic.ends_with("events") => State::of_rows(rows, Kind::Journeys),
            Some(_) => State::of_rows(rows, Kind::Segments),
            None => State::of_rows([(Vec::new(), task.memo().into_bytes())], Kind::Memo),
        }
    }

    /// The state that these rows are.
    pub fn of_rows(rows: impl IntoIterator<Item = Bytes>, kind: Kind) -> State {
        let mut rows: Vec<Bytes> = rows.into_iter().collect();
        rows.sort();
        let exact = digest(&rows);
        let meaning = match kind {
            Kind::Journeys => digest(&rows.iter().map(meant).collect::<Vec<_>>()),
            // The first row says where judging stands.
            Kind::Segments => digest(&rows[1..]),
            Kind::Memo => exact,
        };
        State { exact, meaning }
    }
}

fn digest<T: Hash + ?Sized>(rows: &T) -> u64 {
    let mut hasher = DefaultHasher::new();
    rows.hash(&mut hasher);
    hasher.finish()
}

/// A row of a journeys task without what depends on when it was looked at.
fn meant((key, bytes): &Bytes) -> String {
    match postcard::from_bytes::<Row>(bytes) {
        // What belongs to the partition itself has shorter keys.
        Ok(row) if key.len() == 16 => format!("{:?}", Row { emitted: Minute::MIN, evident: false, ..row }),
        _ => format!("{bytes:?}"),
    }
}
