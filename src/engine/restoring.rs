//! Restoring a task, step by step, while others go on: the committed place first, then the blocks from the
//! start of a complete snapshot cycle up to the block that the place names. Recovery and start-up are the
//! same path.
//!
//! What cannot be read yet is waited for: a place that an open transaction holds, a block whose commit marker
//! is late. Where the transaction is that of a member that is gone, its id is taken away from it, which ends it.
//! What can never be read is refused with the way out.

use std::collections::BTreeSet;

use crate::log::crash_points::{CrashPoint, pass};
use crate::log::{Cause, Committed, Log, LogError, Piece, Road, TopicPartition};

use super::chain::{Chain, WAY_OUT};
use super::running::{Place, Running};
use super::task::{Task, TaskFactory};

/// How long to wait before what could not be read is asked for again, in ms.
const ASK_AGAIN_MS: u64 = 50;
const AFTER_A_TIME_OUT_MS: u64 = 1_000;
/// How long a place may stay unstable before the member that holds it is taken for gone, in ms. A living one
/// commits before it gives a partition up, and its markers arrive within moments.
const GONE_AFTER_MS: u64 = 1_000;
/// How long one step waits for a piece of state, in ms.
const PIECE_WAIT_MS: u64 = 20;

/// A task that is being restored.
pub(super) struct Restoring<E> {
    partition: TopicPartition,
    task: Box<dyn Task<Effect = E>>,
    state: Option<TopicPartition>,
    started_ms: u64,
    patience_ends_ms: u64,
    ask_at_ms: u64,
    /// Who was fenced to get at the place, or cannot be.
    fenced: BTreeSet<String>,
    /// Whether the place is that of another member, which did not give it up.
    took_over: bool,
    known: Option<Known>,
}

/// What is known once the committed place is.
struct Known {
    committed: Option<Committed>,
    place: Place,
    chain: Chain,
    /// The offset from which the state is read on.
    next: i64,
    end: i64,
    /// Whether all of it was read.
    is_read: bool,
}

/// Where a step led.
pub(super) enum Step<E> {
    /// There is more to do.
    More(Restoring<E>, News),
    /// The task runs from its place on.
    Done(Restored<E>),
}

/// What a step that was not the last brought.
#[derive(Debug, PartialEq)]
pub(super) enum News {
    /// Nothing to speak of.
    None,
    /// So many offsets of the state are read, of so many.
    Read(u64, u64),
    /// A member that is gone was fenced.
    Fenced(String),
}

/// A task restored, and what is to be shown of it.
pub(super) struct Restored<E> {
    pub(super) running: Running<E>,
    pub(super) effects: Vec<E>,
    pub(super) rows: u64,
    /// Records in its state that rapport did not write.
    pub(super) foreign: u64,
    pub(super) took_ms: u64,
}

impl<E> Restoring<E> {
    /// Begins to restore the task of `partition`; what cannot be read after so many ms ends the engine.
    pub(super) fn new<F>(
        factory: &F,
        partition: TopicPartition,
        now_ms: u64,
        patience_ms: u64,
    ) -> Restoring<E>
    where
        F: TaskFactory<Effect = E>,
    {
        let task = factory.make(&partition);
        let state = task.state_partition();
        Restoring {
            partition,
            task,
            state,
            started_ms: now_ms,
            patience_ends_ms: now_ms.saturating_add(patience_ms),
            ask_at_ms: now_ms,
            fenced: BTreeSet::new(),
            took_over: false,
            known: None,
        }
    }

    /// Whether its state was read in part.
    pub(super) fn is_being_read(&self) -> bool {
        self.known.as_ref().is_some_and(|known| known.next > known.chain.from && !known.is_read)
    }

    /// A member that is gone was fenced for the sake of another task.
    pub(super) fn note_fenced(&mut self, gone: &str) {
        self.fenced.insert(gone.to_owned());
    }

    /// When the next step is of use, in ticks of the clock.
    pub(super) fn due_ms(&self) -> u64 {
        self.ask_at_ms
    }

    /// One step. A failure that may pass leaves everything as it was, as long as patience lasts.
    pub(super) fn step<F>(mut self, log: &mut dyn Log, factory: &F, now_ms: u64) -> Result<Step<E>, LogError>
    where
        F: TaskFactory<Effect = E>,
    {
        let error = match self.read_on(log, now_ms) {
            Ok(News::None) if self.is_whole() => return self.finish(log, now_ms),
            Ok(news) => return Ok(Step::More(self, news)),
            Err(error) => error,
        };
        // While it was read somebody else may have taken the partition over, and gone on.
        if error.cause == Cause::OffsetGone || self.is_overtaken() {
            return self.begin_again(log, factory, error);
        }
        self.wait(log, now_ms, error)
    }

    /// Learns the place, then reads the state piece by piece.
    fn read_on(&mut self, log: &mut dyn Log, now_ms: u64) -> Result<News, LogError> {
        self.ask_at_ms = now_ms;
        let Some(known) = &mut self.known else {
            let known = Known::look_up(log, &self.partition, self.state.as_ref())?;
            pass(CrashPoint::PlaceLookedUp);
            if let Some(gone) = known.place.unreleased_owner().filter(|owner| *owner != log.id()) {
                self.took_over = true;
                if !self.fenced.contains(gone) {
                    // The place is asked for once more, when nothing of that member can come any more.
                    return self.fence(log, gone.to_owned());
                }
            }
            self.known = Some(known);
            return Ok(News::None);
        };
        let Some(state) = self.state.as_ref().filter(|_| !known.is_read) else { return Ok(News::None) };
        let Piece { records, next, end } = log.read_aside(state, known.next, PIECE_WAIT_MS)?;
        let half = records.len() / 2;
        for (i, record) in records.into_iter().enumerate() {
            known.chain.take(state, &record, self.task.as_mut())?;
            if i == half {
                pass(CrashPoint::StateHalfRead);
            }
        }
        (known.next, known.end) = (next, end);
        if next >= end {
            known.chain.must_end_at(&self.partition, known.committed.as_ref().map(|_| known.place.seq))?;
            known.is_read = true;
        }
        let span = |to: i64| u64::try_from(to - known.chain.from).unwrap_or(0);
        Ok(if known.is_read { News::None } else { News::Read(span(next), span(end)) })
    }

    fn is_overtaken(&self) -> bool {
        self.known
            .as_ref()
            .is_some_and(|known| known.committed.is_some() && known.chain.seq > known.place.seq)
    }

    fn is_whole(&self) -> bool {
        self.known.as_ref().is_some_and(|known| self.state.is_none() || known.is_read)
    }

    fn finish(mut self, log: &mut dyn Log, now_ms: u64) -> Result<Step<E>, LogError> {
        let known = self.known.as_ref().expect("it is whole");
        let next = match known.next_offset(log, &self.partition) {
            Ok(next) => next,
            Err(error) => return self.wait(log, now_ms, error),
        };
        let place = Place {
            seq: known.chain.seq.max(known.place.seq),
            cycle: known.chain.from,
            ..known.place.clone()
        };
        let (end, rows, foreign) = (known.end, known.chain.rows, known.chain.foreign);
        let effects = self.task.loaded(&place.memo);
        let mut running = Running::new(self.task, next, &place, end);
        if self.took_over {
            running.claim();
        }
        let took_ms = now_ms.saturating_sub(self.started_ms);
        Ok(Step::Done(Restored { running, effects, rows, foreign, took_ms }))
    }

    /// The state was forgotten while it was read. If somebody has committed since, there is another place.
    fn begin_again<F>(mut self, log: &mut dyn Log, factory: &F, error: LogError) -> Result<Step<E>, LogError>
    where
        F: TaskFactory<Effect = E>,
    {
        let before = self.known.take().map(|known| known.place);
        match Known::look_up(log, &self.partition, self.state.as_ref()) {
            // Nobody has moved on: it is gone for good.
            Ok(known) if before.is_none_or(|before| before == known.place) => {
                return Err(LogError::new(Road::Fatal, error.what, format!("{}; {WAY_OUT}", error.why)));
            }
            Err(other) if other.road != Road::Retry => return Err(other),
            Ok(_) | Err(_) => {}
        }
        // The next step asks for the place again, and for the state after it.
        self.task = factory.make(&self.partition);
        Ok(Step::More(self, News::None))
    }

    fn wait(mut self, log: &mut dyn Log, now_ms: u64, error: LogError) -> Result<Step<E>, LogError> {
        if error.road != Road::Retry {
            return Err(error);
        }
        if now_ms >= self.patience_ends_ms {
            return Err(LogError { road: Road::Fatal, ..error });
        }
        tracing::debug!(partition = %self.partition, %error, "not readable yet");
        // An answer that did not come has kept the others waiting: they are to have their turn.
        let pause_ms = if error.cause == Cause::TimedOut { AFTER_A_TIME_OUT_MS } else { ASK_AGAIN_MS };
        self.ask_at_ms = now_ms + pause_ms;
        let news = self.end_what_is_held_by_the_dead(log, now_ms, &error)?;
        Ok(Step::More(self, news))
    }

    fn end_what_is_held_by_the_dead(
        &mut self,
        log: &mut dyn Log,
        now_ms: u64,
        error: &LogError,
    ) -> Result<News, LogError> {
        let is_held = matches!(error.cause, Cause::Unstable | Cause::TimedOut) && self.known.is_none();
        if !is_held || now_ms < self.started_ms + GONE_AFTER_MS {
            return Ok(News::None);
        }
        let owner = owner_of(log, &self.partition);
        match owner.filter(|owner| owner != log.id() && !self.fenced.contains(owner)) {
            // The place is asked for again after the same pause, whether this has done anything or not.
            Some(owner) => match self.fence(log, owner) {
                Err(error) if error.road == Road::Retry => Ok(News::None),
                done => done,
            },
            None => Ok(News::None),
        }
    }

    /// Takes the transactional id of a member that is gone away from it, which ends what it left open. A failure
    /// that may pass is waited out like any other.
    fn fence(&mut self, log: &mut dyn Log, gone: String) -> Result<News, LogError> {
        match log.fence(&gone) {
            Ok(()) => {
                self.fenced.insert(gone.clone());
                Ok(News::Fenced(gone))
            }
            // Without the right to do so, what it left open ends with its timeout.
            Err(error) if error.cause == Cause::Unauthorized => {
                tracing::warn!(%gone, %error, "not fenced: the broker ends its transaction after its timeout");
                self.fenced.insert(gone);
                Ok(News::None)
            }
            Err(error) if error.road == Road::Fatal => Err(error),
            Err(error) => Err(LogError { road: Road::Retry, ..error }),
        }
    }
}

/// Who committed the place of a partition last, as far as can be told.
fn owner_of(log: &mut dyn Log, partition: &TopicPartition) -> Option<String> {
    let places = log.last_committed(std::slice::from_ref(partition)).ok()?;
    let place: Place = serde_json::from_str(&places.into_iter().next()??.metadata).ok()?;
    place.unreleased_owner().map(str::to_owned)
}

impl Known {
    fn look_up(
        log: &mut dyn Log,
        partition: &TopicPartition,
        state: Option<&TopicPartition>,
    ) -> Result<Known, LogError> {
        let committed = log.committed(std::slice::from_ref(partition))?.into_iter().next().flatten();
        let place = match &committed {
            Some(committed) => read_place(partition, &committed.metadata)?,
            None => Place::default(),
        };
        let from = match (state, &committed) {
            (Some(state), None) => log.watermarks(state)?.0,
            _ => place.cycle,
        };
        Ok(Known { committed, chain: Chain::new(from), next: from, end: from, is_read: false, place })
    }

    /// From where the task goes on in its input, if that is still there.
    fn next_offset(&self, log: &mut dyn Log, partition: &TopicPartition) -> Result<i64, LogError> {
        let (first, end) = log.watermarks(partition)?;
        let next = match &self.committed {
            Some(committed) => committed.offset,
            None if self.chain.seq > 0 => {
                let offset = self.chain.input_to;
                tracing::warn!(%partition, offset, "group offsets are gone; going on from the state");
                offset
            }
            None => return Ok(first),
        };
        if next < first {
            let why = format!(
                "offset {next} comes next, and the log begins at {first} only: what lies between was deleted before it \
                 was read; raise the topic's retention, and begin anew with another kafka.group_id and \
                 kafka.topics.prefix"
            );
            return Err(LogError::new(Road::Fatal, format!("go on in {partition}"), why));
        }
        if next > end {
            let why = format!("offset {next} comes next, and the log ends at {end}");
            return Err(LogError::new(Road::Retry, format!("go on in {partition}"), why));
        }
        Ok(next)
    }
}

pub(super) fn read_place(partition: &TopicPartition, metadata: &str) -> Result<Place, LogError> {
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
