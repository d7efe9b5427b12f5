//! State made anew from the event log: every record up to the committed places is applied once more by the same
//! tasks, and what follows from it is thrown away, since it was written long ago. What is left is the state, which
//! is committed whole.
//!
//! The segments task is given what the journeys tasks say anew, up to their places. It may have been behind them:
//! alerts of boundaries that it had not judged are written with its state, and its place is the end of the deltas.
//!
//! This needs the whole event log, from its first record on, and the group alone: while a member of it lives, a
//! task has an owner, and the owner has its state.

use std::collections::{BTreeMap, BTreeSet};

use crate::engine::clock::Clock;
use crate::engine::task::{Halt, Output, Task, TaskFactory as _};
use crate::engine::{BEGIN_ANEW, memo_at, unreleased_owner_at, whole_state};
use crate::log::{
    AssignmentChange, Cause, Committed, Log, LogError, NewRecord, RawRecord, Road, TopicPartition,
};
use crate::model::EventTime;
use crate::model::effect::Effect;

use super::factory::Tasks;
use super::reached::Reached;

/// How long one wait lasts, for the group and for a piece of the log, in ms.
const WAIT_MS: u64 = 50;
/// For so many pieces of the log in a row that bring nothing it is read on.
const EMPTY_PIECES_MAX: u32 = 600;

/// How far it has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// The group has not given everything yet.
    Waiting,
    /// A partition of the event log was read up to an offset, of the offset where it ends.
    Read(TopicPartition, i64, i64),
    /// The state of a task was committed.
    Committed(TopicPartition),
}

/// What was made anew.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rebuilt {
    /// Tasks whose state was written.
    pub tasks: usize,
    /// Records of the event log that were applied.
    pub records: u64,
    /// Rows of state that were written.
    pub rows: usize,
    /// Messages of alerts that had not been written yet.
    pub alerts: usize,
}

/// A journeys task on its way to its place.
struct Journeys {
    at: TopicPartition,
    place: Committed,
    task: Box<dyn Task<Effect = Effect>>,
    next: i64,
    empty_pieces: u32,
}

impl Journeys {
    fn is_there(&self) -> bool {
        self.next >= self.place.offset
    }
}

/// The segments task, and what it says.
struct Segments {
    at: TopicPartition,
    /// Its place, if it has one.
    place: Option<Committed>,
    /// The end of the deltas, which is its place once it has taken them all in. While nobody else is in the group
    /// nothing is written there.
    end: i64,
    /// Up to when it had judged.
    judged: Option<EventTime>,
    task: Box<dyn Task<Effect = Effect>>,
    /// Alerts of boundaries that it had not judged, in order.
    alerts: Vec<NewRecord>,
    /// The last record of each window.
    windows: BTreeMap<Vec<u8>, NewRecord>,
}

/// Makes the state of all tasks anew that have a place in the group, and commits it. Waits up to `patience_ms` for
/// the group to be empty, and for transactions that dead members left open. Tells how far it has come.
///
/// # Errors
/// Fails for good while another member of the group lives, where records of the event log or places are gone, and
/// where a place is not rapport's; other failures pass with the brokers' troubles, and it may be begun again. Each
/// task's state is committed with its place or not at all.
pub fn rebuild(
    log: &mut dyn Log,
    tasks: &Tasks,
    clock: &dyn Clock,
    patience_ms: u64,
    told: &mut dyn FnMut(Progress),
) -> Result<Rebuilt, LogError> {
    let mut rebuilt = Rebuilt::default();
    let patience = Patience { clock, ends_ms: clock.ticks_ms().saturating_add(patience_ms) };
    told(Progress::Waiting);
    let inputs = hold_everything(log, tasks, &patience)?;
    end_what_the_dead_left_open(log, &inputs)?;
    let mut segments = Segments::look_up(log, tasks, &patience)?;
    let mut journeys = Vec::new();
    for partition in 0..tasks.terms.ids.partitions() {
        let at = TopicPartition::new(&tasks.topics.events, partition);
        journeys.extend(Journeys::look_up(log, tasks, at, &patience)?);
    }
    // The one that is furthest behind comes first, so that little has to wait for the others.
    while let Some(behind) =
        journeys.iter_mut().filter(|task| !task.is_there()).min_by_key(|task| task.task.time())
    {
        rebuilt.records += behind.read_on(log, tasks, &mut segments)?;
        told(Progress::Read(behind.at.clone(), behind.next, behind.place.offset));
        still_alone(log.poll(0)?.change)?;
    }
    for task in &journeys {
        let to = task.place.offset;
        rebuilt.rows += commit(log, task.task.as_ref(), &task.at, &task.place, to, Vec::new())?;
        rebuilt.tasks += 1;
        told(Progress::Committed(task.at.clone()));
    }
    if let Some(place) = segments.place.take() {
        let end = segments.end;
        rebuilt.alerts = segments.alerts.len();
        let records = std::mem::take(&mut segments.alerts).into_iter();
        let records = records.chain(std::mem::take(&mut segments.windows).into_values()).collect();
        rebuilt.rows += commit(log, segments.task.as_ref(), &segments.at, &place, end, records)?;
        rebuilt.tasks += 1;
        told(Progress::Committed(segments.at));
    }
    Ok(rebuilt)
}

/// How long is waited for what passes.
struct Patience<'a> {
    clock: &'a dyn Clock,
    ends_ms: u64,
}

impl Patience<'_> {
    fn is_over(&self) -> bool {
        self.clock.ticks_ms() >= self.ends_ms
    }

    /// Lets a moment pass, as a member of the group.
    fn wait(&self, log: &mut dyn Log) -> Result<(), LogError> {
        still_alone(log.poll(0)?.change)?;
        self.clock.pause_ms(WAIT_MS);
        Ok(())
    }
}

fn refused(why: String) -> LogError {
    LogError::new(Road::Fatal, "make the state anew", why)
}

/// Waits until this member alone has every partition of the group; gives them.
fn hold_everything(
    log: &mut dyn Log,
    tasks: &Tasks,
    patience: &Patience<'_>,
) -> Result<Vec<TopicPartition>, LogError> {
    let mut all = BTreeSet::new();
    for topic in tasks.inputs() {
        let partitions = log.partitions(&topic)?.unwrap_or(0);
        all.extend((0..partitions).map(|partition| TopicPartition::new(&topic, partition)));
    }
    let mut missing = all.clone();
    while !missing.is_empty() {
        match log.poll(WAIT_MS)?.change {
            Some(AssignmentChange::Given(given)) => {
                missing.retain(|at| !given.contains(at));
                log.accept(&given)?;
            }
            other => still_alone(other)?,
        }
        if let Some(at) = missing.first().filter(|_| patience.is_over()) {
            return Err(refused(format!(
                "{at} is read by another instance: stop every instance of the group first"
            )));
        }
    }
    Ok(all.into_iter().collect())
}

/// Whoever has committed a place and not given it up is dead, since nobody else is in the group: what it left open
/// is ended.
fn end_what_the_dead_left_open(log: &mut dyn Log, inputs: &[TopicPartition]) -> Result<(), LogError> {
    let mut dead = BTreeSet::new();
    for (at, place) in inputs.iter().zip(log.last_committed(inputs)?) {
        dead.extend(place.map(|place| unreleased_owner_at(at, &place)).transpose()?.flatten());
    }
    dead.remove(log.id());
    for gone in dead {
        match log.fence(&gone) {
            // Without the right to do so, what it left open ends with its timeout, and so long the place is waited for.
            Err(error) if error.cause == Cause::Unauthorized => {
                tracing::warn!(%gone, %error, "not fenced: the broker ends its transaction after its timeout");
            }
            done => done?,
        }
    }
    Ok(())
}

/// Whether nobody has joined the group meanwhile.
fn still_alone(change: Option<AssignmentChange>) -> Result<(), LogError> {
    let taken = match change {
        None | Some(AssignmentChange::Given(_)) => return Ok(()),
        Some(AssignmentChange::Taken(taken) | AssignmentChange::Lost(taken)) => taken,
    };
    let at = taken.first().map_or_else(String::new, |at| format!(" and took {at}"));
    let why = format!("another instance joined the group{at}: stop every instance, and begin again");
    Err(refused(why).because(Cause::AssignmentLost))
}

/// The committed place, once no open transaction holds it. There is none where nothing was read yet, and then
/// there is no state either.
fn place_of(
    log: &mut dyn Log,
    at: &TopicPartition,
    state: Option<TopicPartition>,
    patience: &Patience<'_>,
) -> Result<Option<Committed>, LogError> {
    let place = loop {
        match log.committed(std::slice::from_ref(at)) {
            Ok(places) => break places.into_iter().next().flatten(),
            Err(error) if error.road == Road::Retry && !patience.is_over() => {
                patience.wait(log)?;
            }
            Err(error) => return Err(error),
        }
    };
    let left = state.filter(|_| place.is_none());
    match left.map(|state| log.watermarks(&state).map(|(_, end)| (state, end))).transpose()? {
        Some((state, end)) if end > 0 => Err(refused(format!(
            "the group has no place in {at} any more, though there is state in {state}: nobody can tell what was \
             written; {BEGIN_ANEW}"
        ))),
        _ => Ok(place),
    }
}

/// The end of a partition, once no transaction is open there.
fn whole_end(log: &mut dyn Log, at: &TopicPartition, patience: &Patience<'_>) -> Result<i64, LogError> {
    loop {
        let (stable, written) = (log.watermarks(at)?.1, log.written_end(at)?);
        if stable == written {
            return Ok(stable);
        }
        if patience.is_over() {
            return Err(refused(format!(
                "a transaction is open in {at} from offset {stable} on: begin again when the brokers have ended it, \
                 after its transaction.timeout.ms"
            )));
        }
        patience.wait(log)?;
    }
}

/// Commits all of a task's state, with other records of it; gives how many rows that are.
fn commit(
    log: &mut dyn Log,
    task: &dyn Task<Effect = Effect>,
    at: &TopicPartition,
    before: &Committed,
    to: i64,
    records: Vec<NewRecord>,
) -> Result<usize, LogError> {
    let state_end = match task.state_partition() {
        Some(state) => log.watermarks(&state)?.1,
        None => 0,
    };
    let (state, place) = whole_state(task, at, before, to, state_end, log.id())?;
    log.begin()?;
    for record in records.into_iter().chain(state) {
        log.produce(record)?;
    }
    log.commit(&[(at.clone(), place)])?;
    Ok(task.state_keys().len())
}

impl Journeys {
    /// The task of a partition that has a place, with nothing read yet.
    fn look_up(
        log: &mut dyn Log,
        tasks: &Tasks,
        at: TopicPartition,
        patience: &Patience<'_>,
    ) -> Result<Option<Journeys>, LogError> {
        let task = tasks.make(&at);
        let Some(place) = place_of(log, &at, task.state_partition(), patience)? else { return Ok(None) };
        memo_at(&at, &place)?;
        let first = log.watermarks(&at)?.0;
        if first > 0 {
            let why = format!(
                "{at} begins at offset {first} only: the state that came of what lay before cannot be made anew; \
                 {BEGIN_ANEW}"
            );
            return Err(refused(why).because(Cause::OffsetGone));
        }
        Ok(Some(Journeys { at, place, task, next: 0, empty_pieces: 0 }))
    }

    /// Applies a piece of the log, and hands what follows to the segments task; gives how many records it had.
    fn read_on(
        &mut self,
        log: &mut dyn Log,
        tasks: &Tasks,
        segments: &mut Segments,
    ) -> Result<u64, LogError> {
        let piece = log.read_aside(&self.at, self.next, WAIT_MS)?;
        self.empty_pieces = if piece.next > self.next { 0 } else { self.empty_pieces + 1 };
        if self.empty_pieces > EMPTY_PIECES_MAX {
            let why = format!("nothing comes after offset {} of {}", self.next, self.place.offset);
            return Err(LogError::new(Road::Retry, format!("read {}", self.at), why));
        }
        let mut out = Output::default();
        let (mut records, mut newest) = (0, EventTime(0));
        for record in piece.records.into_iter().filter(|record| record.offset < self.place.offset) {
            records += 1;
            newest = newest.max(record.timestamp);
            self.task.apply(record, &mut out);
            // What was written was written; whether to stop was decided.
            out.records.clear();
        }
        self.next = piece.next;
        self.task.finish(&mut out);
        // All of the state is written in the end: what has changed is of no interest.
        self.task.take_changed();
        out.records.into_iter().try_for_each(|record| segments.take(record, tasks, newest))?;
        Ok(records)
    }
}

impl Segments {
    fn look_up(log: &mut dyn Log, tasks: &Tasks, patience: &Patience<'_>) -> Result<Segments, LogError> {
        let at = TopicPartition::new(&tasks.topics.deltas, 0);
        let task = tasks.make(&at);
        let place = place_of(log, &at, task.state_partition(), patience)?;
        let memo = place.as_ref().map(|place| memo_at(&at, place)).transpose()?;
        let judged = match memo.and_then(|memo| memo.parse().ok()) {
            Some(Reached::Judged(minute)) => Some(minute.start()),
            Some(Reached::Waits(_)) | None => None,
        };
        // Asked before anything is read: what is to be refused is not to be refused after hours.
        let end = if place.is_some() { whole_end(log, &at, patience)? } else { 0 };
        Ok(Segments { at, place, end, judged, task, alerts: Vec::new(), windows: BTreeMap::new() })
    }

    /// Takes a record of a journeys task in as if it had been written at `written`, if it is a delta.
    fn take(&mut self, delta: NewRecord, tasks: &Tasks, written: EventTime) -> Result<(), LogError> {
        if delta.to != self.at {
            return Ok(());
        }
        let NewRecord { key, value, headers, .. } = delta;
        let record = RawRecord { at: self.at.clone(), offset: 0, timestamp: written, key, value, headers };
        let mut out = Output::default();
        self.task.apply(record, &mut out);
        self.task.take_changed();
        if let Some(Halt::Before(why)) = out.halt {
            return Err(refused(why));
        }
        let is_news = |effect: &Effect| match effect {
            Effect::Alert(alert) => Some(self.judged.is_none_or(|judged| alert.at > judged)),
            _ => None,
        };
        let mut news = out.effects.iter().filter_map(is_news);
        for record in out.records {
            if record.to.topic == tasks.topics.alerts {
                // Each alert has an effect and a record, in the same order.
                self.alerts.extend(Some(record).filter(|_| news.next().unwrap_or(true)));
            } else if record.to.topic == tasks.topics.windows {
                self.windows.insert(record.key.clone().unwrap_or_default(), record);
            }
        }
        Ok(())
    }
}
