//! Restoring a task: the committed place first, then the blocks from the start of a complete snapshot
//! cycle up to the block that the place names. Recovery and start-up are the same path.

use crate::log::{Committed, Log, LogError, Road, TopicPartition, read_through};

use super::block::Part;
use super::running::{Place, Running};
use super::task::{Task, TaskFactory};

/// What a person can do where the state cannot be read.
const WAY_OUT: &str = "restore the topic from a backup, or begin anew with another kafka.group_id and \
                       kafka.topics.prefix";

/// A task restored, and what is to be shown of it.
pub(super) struct Restored<E> {
    pub(super) running: Running<E>,
    pub(super) effects: Vec<E>,
    pub(super) rows: u64,
}

/// Restores the task of `partition`. A retriable error asks to be tried again: the state may not be
/// readable yet.
pub(super) fn restore<F: TaskFactory>(
    log: &mut dyn Log,
    factory: &F,
    partition: &TopicPartition,
    committed: Option<Committed>,
) -> Result<Restored<F::Effect>, LogError> {
    let mut task = factory.make(partition);
    let place = match &committed {
        Some(committed) => read_place(partition, &committed.metadata)?,
        None => Place::default(),
    };
    let mut chain = Chain { from: place.cycle, ..Chain::default() };
    let mut state_end = 0;
    if let Some(state) = task.state_partition() {
        let (first, end) = log.watermarks(&state)?;
        state_end = end;
        if committed.is_none() {
            chain.from = first;
        }
        if end > chain.from {
            chain.read(log, &state, task.as_mut())?;
        }
    }
    let next = match committed {
        Some(committed) => {
            chain.must_end_at(partition, place.seq)?;
            committed.offset
        }
        None if chain.seq > 0 => {
            tracing::warn!(%partition, offset = chain.input_to, "group offsets are gone; going on from the state");
            chain.input_to
        }
        None => log.watermarks(partition)?.0,
    };
    let effects = task.loaded(&place.memo);
    let place = Place { seq: chain.seq.max(place.seq), cycle: chain.from, memo: place.memo };
    let running = Running::new(task, next, &place, state_end);
    Ok(Restored { running, effects, rows: chain.rows })
}

fn read_place(partition: &TopicPartition, metadata: &str) -> Result<Place, LogError> {
    if metadata.is_empty() {
        return Ok(Place::default());
    }
    serde_json::from_str(metadata).map_err(|error| {
        let what = format!("the place committed for {partition}");
        let why =
            format!("{error}; the group id is used by another program, or by a newer version of rapport");
        LogError::new(Road::Fatal, what, why)
    })
}

/// The chain of blocks as far as it was read.
#[derive(Default)]
struct Chain {
    from: i64,
    seq: u64,
    next_part: u32,
    input_to: i64,
    rows: u64,
    broken: Option<String>,
}

impl Chain {
    fn read<E>(
        &mut self,
        log: &mut dyn Log,
        state: &TopicPartition,
        task: &mut dyn Task<Effect = E>,
    ) -> Result<(), LogError> {
        let from = self.from;
        read_through(log, state, from, &mut |record| {
            if self.broken.is_some() {
                return;
            }
            let offset = record.offset;
            let taken = Part::decode(&record).and_then(|part| self.take(part, task));
            if let Err(why) = taken {
                self.broken = Some(format!("offset {offset}: {why}"));
            }
        })?;
        match self.broken.take() {
            None => Ok(()),
            Some(why) => {
                Err(LogError::new(Road::Fatal, format!("state in {state}"), format!("{why}; {WAY_OUT}")))
            }
        }
    }

    fn take<E>(&mut self, part: Part, task: &mut dyn Task<Effect = E>) -> Result<(), String> {
        let follows = if self.next_part > 0 {
            part.seq == self.seq && part.part == self.next_part
        } else {
            part.part == 0 && (self.seq == 0 || part.seq == self.seq + 1)
        };
        if !follows {
            return Err(format!(
                "block {} part {} does not follow block {} part {}",
                part.seq, part.part, self.seq, self.next_part
            ));
        }
        self.seq = part.seq;
        self.next_part = if part.part + 1 == part.parts { 0 } else { part.part + 1 };
        self.input_to = part.input.1;
        for (key, value) in &part.rows {
            task.load(key, value.as_deref()).map_err(|error| error.to_string())?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Commit markers reach partitions one by one: a block that is missing may only be late.
    fn must_end_at(&self, partition: &TopicPartition, seq: u64) -> Result<(), LogError> {
        if self.seq == seq || seq == 0 {
            return Ok(());
        }
        let what = format!("state of {partition}");
        if self.seq < seq {
            let why = format!("block {seq} is committed but the state ends with block {}", self.seq);
            return Err(LogError::new(Road::Retry, what, why));
        }
        let why = format!("the state goes on to block {} after the committed block {seq}", self.seq);
        Err(LogError::new(Road::Fatal, what, format!("{why}; {WAY_OUT}")))
    }
}
