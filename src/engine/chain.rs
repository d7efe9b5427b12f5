//! The chain of state blocks as far as it was read: each follows the one before, none is missing.

use crate::log::{LogError, RawRecord, Road, TopicPartition};

use super::block::Part;
use super::task::Task;

/// What a person can do where the state cannot be read.
pub const WAY_OUT: &str = "make the state anew from the event log with `rapport state rebuild`, restore the \
                                  topic from a backup, or begin anew with another kafka.group_id and \
                                  kafka.topics.prefix";

/// What is left to a person where nobody can tell up to where the state was made.
pub const BEGIN_ANEW: &str = "restore the topics of the state from a backup, or begin anew with another kafka.group_id \
                              and kafka.topics.prefix";

/// The chain.
pub(super) struct Chain {
    /// Where reading began, in the state partition.
    pub(super) from: i64,
    /// The last block that was read; 0 if none was.
    pub(super) seq: u64,
    /// The part of it that comes next; 0 if it is whole.
    next_part: u32,
    /// The end of the input whose effects it holds.
    pub(super) input_to: i64,
    /// From where the last block says that one has to read.
    cycle: Option<i64>,
    pub(super) rows: u64,
    /// Records between the blocks that rapport did not write. They are passed over: that no block is missing is
    /// told by the blocks' own numbers.
    pub(super) foreign: u64,
}

impl Chain {
    pub(super) fn new(from: i64) -> Chain {
        Chain { from, seq: 0, next_part: 0, input_to: 0, cycle: None, rows: 0, foreign: 0 }
    }

    /// Whether the block that a place names was read whole; the first one does not have to be.
    pub(super) fn ends_at(&self, seq: u64) -> bool {
        seq > 0 && self.seq == seq && self.next_part == 0
    }

    /// Takes one record of the state into a task.
    pub(super) fn take<E>(
        &mut self,
        state: &TopicPartition,
        record: &RawRecord,
        task: &mut dyn Task<Effect = E>,
    ) -> Result<(), LogError> {
        let taken = Part::decode(record).and_then(|part| match part {
            Some((part, format)) => self.take_part(part, format, task),
            None => {
                self.foreign += 1;
                Ok(())
            }
        });
        taken.map_err(|why| {
            let why = format!("offset {}: {why}; {WAY_OUT}", record.offset);
            LogError::new(Road::Fatal, format!("state in {state}"), why)
        })
    }

    fn take_part<E>(
        &mut self,
        part: Part,
        format: u8,
        task: &mut dyn Task<Effect = E>,
    ) -> Result<(), String> {
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
        self.cycle = part.cycle;
        for (key, value) in &part.rows {
            task.load(key, value.as_deref(), format).map_err(|error| error.to_string())?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Whether everything that belongs to the state was read, where the committed place names block `seq`;
    /// `None` where no place is committed. Commit markers reach partitions one by one: a block that is missing
    /// may only be late.
    pub(super) fn must_end_at(&self, partition: &TopicPartition, seq: Option<u64>) -> Result<(), LogError> {
        let what = || format!("state of {partition}");
        let refused = |why: String| Err(LogError::new(Road::Fatal, what(), why));
        match seq {
            None if self.cycle.is_some_and(|cycle| cycle < self.from) => refused(format!(
                "no place is committed for the group, and the state begins at offset {} although its last complete \
                 snapshot begins at {}: the start of it was deleted; {BEGIN_ANEW}",
                self.from,
                self.cycle.unwrap_or(0)
            )),
            None | Some(0) => Ok(()),
            Some(seq) if self.seq > seq => refused(format!(
                "the state goes on to block {} after the committed block {seq}; {WAY_OUT}",
                self.seq
            )),
            Some(seq) if !self.ends_at(seq) => {
                let why = format!("block {seq} is committed but the state ends with block {}", self.seq);
                Err(LogError::new(Road::Retry, what(), format!("{why}; {WAY_OUT}")))
            }
            Some(_) => Ok(()),
        }
    }
}
