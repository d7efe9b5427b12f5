//! What is written down while a run goes on: what every task's state was at each offset, what was committed and
//! shown, what happened how often, and the first thing that was wrong.

use std::collections::BTreeMap;
use std::fmt::{Arguments, Debug};

use rapport::engine::{EngineEvent, Observer};
use rapport::log::{Committed, LogError, TopicPartition};
use rapport::model::Minute;
use rapport::model::effect::Effect;

use super::Shared;
use super::state::State;

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// Of which kind it was: a schedule is made smaller as long as this stays the same.
    pub kind: &'static str,
    /// What was found.
    pub said: String,
}

impl Failure {
    /// Something that was wrong.
    pub fn new(kind: &'static str, said: impl Into<String>) -> Failure {
        Failure { kind, said: said.into() }
    }
}

/// What happened how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Named counts.
    pub counts: BTreeMap<String, u64>,
    /// The largest of each named figure.
    pub peaks: BTreeMap<String, u64>,
}

impl Totals {
    /// Counts something.
    pub fn add(&mut self, what: &str, n: u64) {
        *self.counts.entry(what.to_owned()).or_default() += n;
    }

    /// Notes a figure of which the largest is kept.
    pub fn peak(&mut self, what: &str, n: u64) {
        let peak = self.peaks.entry(what.to_owned()).or_default();
        *peak = (*peak).max(n);
    }

    /// Adds what happened in another run.
    pub fn add_all(&mut self, other: &Totals) {
        other.counts.iter().for_each(|(what, n)| self.add(what, *n));
        other.peaks.iter().for_each(|(what, n)| self.peak(what, *n));
    }

    /// How often that happened.
    pub fn of(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }
}

/// What is written down.
#[derive(Debug, Default)]
pub struct Ledger {
    /// Whether tasks are told no wall time: then their state follows from what they have read.
    is_pure: bool,
    /// Whether everything is told as it happens: `RAPPORT_TELL=1`.
    is_told: bool,
    /// What the state of a task means after it has read up to an offset.
    meanings: BTreeMap<(TopicPartition, i64), u64>,
    /// The states with which somebody wanted to commit a place of a task, since it was last known to be committed.
    offered: BTreeMap<(TopicPartition, u64, i64), Vec<u64>>,
    /// The states with which a place is known to have been committed: one of a task that keeps state; an intake's place
    /// is committed again when it has told of the time on the wall, and who has read the one before may wake up later.
    owners: BTreeMap<(TopicPartition, u64, i64), Vec<u64>>,
    /// Who was told that block so-and-so of a task is committed.
    committed: BTreeMap<(TopicPartition, u64), usize>,
    /// What was shown of a partition's time T.
    times: BTreeMap<u32, Minute>,
    aligned: Option<Minute>,
    /// Every alert that was shown as committed.
    pub alerts: Vec<String>,
    /// The state of each task that was restored last.
    pub restored: BTreeMap<TopicPartition, State>,
    /// What happened how often.
    pub totals: Totals,
    /// The first thing that was wrong.
    pub failure: Option<Failure>,
}

impl Ledger {
    /// Nothing is written down yet.
    pub fn new(is_pure: bool) -> Ledger {
        let is_told = std::env::var("RAPPORT_TELL").is_ok();
        Ledger { is_pure, is_told, ..Ledger::default() }
    }

    /// Something is wrong.
    pub fn fail(&mut self, kind: &'static str, said: impl Into<String>) {
        self.failure.get_or_insert_with(|| Failure::new(kind, said));
    }

    /// A member is about to commit a place of a task in this state.
    pub fn offered(&mut self, at: &TopicPartition, place: &Committed, state: State) {
        let known = self.meanings.insert((at.clone(), place.offset), state.meaning);
        if self.is_pure && known.is_some_and(|known| known != state.meaning) {
            self.fail("I9 state", format!("{at} up to {}: two members have different states", place.offset));
        }
        self.offered.entry((at.clone(), seq_of(place), place.offset)).or_default().push(state.exact);
    }

    /// A member was told that the place of a task is committed, in the state in which it offered it last.
    pub fn committed(&mut self, at: &TopicPartition, place: &Committed, who: usize) {
        let seq = seq_of(place);
        if let Some(other) = self.committed.insert((at.clone(), seq), who).filter(|_| seq > 0) {
            self.fail("I4 zombie", format!("{at}: {other} and {who} have both committed block {seq}"));
        }
        let key = (at.clone(), seq, place.offset);
        if let Some(state) = self.offered.remove(&key).and_then(|mut states| states.pop()) {
            self.owners.entry(key).or_default().push(state);
        }
    }

    /// A member has restored the state of a task from a place that was committed.
    pub fn restored(&mut self, at: &TopicPartition, place: &Committed, state: State) {
        self.totals.add("restores of state", 1);
        let what = format!("{at} up to {}, block {}", place.offset, seq_of(place));
        let key = (at.clone(), seq_of(place), place.offset);
        let known: Vec<&u64> =
            [&self.offered, &self.owners].into_iter().filter_map(|of| of.get(&key)).flatten().collect();
        if known.is_empty() {
            self.fail("I3 unknown place", format!("{what}: nobody has committed that"));
        } else if !known.contains(&&state.exact) {
            self.fail("I3 restored state", format!("{what}: it is not its owner's state"));
        }
        self.restored.insert(at.clone(), state);
    }

    /// An instance has asked its log for something.
    pub fn called<T: Debug>(&mut self, who: usize, asked: Arguments<'_>, answer: &Result<T, LogError>) {
        if let Err(error) = answer {
            self.totals.add(&format!("calls failed: {}", error.cause.as_str()), 1);
        }
        if self.is_told {
            match answer {
                Ok(answer) => {
                    let answer = format!("{answer:?}");
                    println!("  {who}: {asked}: {}", answer.chars().take(200).collect::<String>());
                }
                Err(error) => println!("  {who}: {asked}: {error} ({:?})", error.road),
            }
        }
    }

    /// Something has happened in the world.
    pub fn happened(&self, now_ms: u64, what: Arguments<'_>) {
        if self.is_told {
            println!("{now_ms} ms: {what}");
        }
    }

    fn shown(&mut self, effect: &Effect) {
        match effect {
            Effect::Journeys(figures) => {
                let before = self.times.insert(figures.partition, figures.time);
                if before.is_some_and(|before| before > figures.time) {
                    let said =
                        format!("partition {}: {before:?}, then {:?}", figures.partition, figures.time);
                    self.fail("I5 time", said);
                }
            }
            Effect::Segments(figures) => {
                if self.aligned > figures.aligned {
                    let said = format!("aligned: {:?}, then {:?}", self.aligned, figures.aligned);
                    self.fail("I5 time", said);
                }
                self.aligned = figures.aligned;
            }
            Effect::Alert(alert) => self.alerts.push(format!("{alert:?}")),
            Effect::Intake(_)
            | Effect::Rules(_)
            | Effect::Explained(_)
            | Effect::Erased(_)
            | Effect::Window(_)
            | Effect::WindowGone(_) => {}
            Effect::Defined { .. } | Effect::DeadLetter(_) => {}
        }
    }
}

/// The last block of a task's state, by the text beside its place; 0 if it keeps none.
pub fn seq_of(place: &Committed) -> u64 {
    let text: serde_json::Value = serde_json::from_str(&place.metadata).unwrap();
    text["seq"].as_u64().unwrap()
}

/// Writes down what an instance shows.
pub struct Watching {
    ledger: Shared<Ledger>,
    /// Everything that it restored last.
    pub restored: Vec<Effect>,
}

impl Watching {
    /// An instance has shown nothing yet.
    pub fn new(ledger: Shared<Ledger>) -> Watching {
        Watching { ledger, restored: Vec::new() }
    }
}

impl Observer<Effect> for Watching {
    fn committed(&mut self, effects: Vec<Effect>) {
        effects.iter().for_each(|effect| self.ledger.lock().unwrap().shown(effect));
    }

    fn restored(&mut self, effects: Vec<Effect>) {
        self.restored.extend(effects);
    }

    fn event(&mut self, event: EngineEvent) {
        let totals = &mut self.ledger.lock().unwrap().totals;
        match event {
            EngineEvent::Rebuilding { cause, .. } => {
                totals.add(&format!("rebuilds: {}", cause.as_str()), 1);
            }
            EngineEvent::RebuildFailed { .. } => totals.add("rebuilds tried in vain", 1),
            EngineEvent::Committed { .. } => totals.add("commits", 1),
            EngineEvent::Rebalanced(how, _) => totals.add(&format!("rebalances: {}", how.as_str()), 1),
            EngineEvent::Restored(..) => totals.add("restores", 1),
            EngineEvent::Fenced(..) => totals.add("dead owners fenced", 1),
            EngineEvent::Gone(_) => totals.add("tasks given up", 1),
            EngineEvent::Paused(_, true) => totals.add("partitions that waited", 1),
            EngineEvent::Paused(_, false) | EngineEvent::Restoring(..) | EngineEvent::Lag { .. } => {}
            EngineEvent::NotTrimmed(_) => totals.add("records not forgotten", 1),
            EngineEvent::ForeignState(_, records) => totals.add("foreign records of state", records),
        }
    }
}
