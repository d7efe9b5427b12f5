//! The segments task: the one place where the whole funnel is seen. It adds up the partitions' deltas
//! and judges each boundary once every partition has passed it, with exactly the changes up to it.

mod agenda;
pub mod book;
mod judge;
pub mod series;
mod state;
pub mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::model::alert::Alert;
use crate::model::delta::{Delta, Step};
use crate::model::window::WindowResult;
use crate::model::{Minute, Text};

use super::alerting::Life;
use super::signs::mql_tunnel_vision::Thresholds;
use super::terms::Terms;
use agenda::Agenda;
use book::Book;
use series::Day;
use windows::Family;

/// A rule, in the order in which alerts of one boundary are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rule {
    /// `first_touch_slo`.
    FirstTouchSlo,
    /// `divergence`.
    Divergence,
}

impl Rule {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Rule::FirstTouchSlo => super::signs::out_of_sync::FIRST_TOUCH_SLO,
            Rule::Divergence => super::signs::mql_tunnel_vision::DIVERGENCE,
        }
    }

    /// The sign that it belongs to.
    pub fn sign(self) -> u8 {
        match self {
            Rule::FirstTouchSlo => 2,
            Rule::Divergence => 1,
        }
    }
}

/// What the task tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A message about an alert.
    Alert(Alert),
    /// A value of a window that is new or has changed.
    Window(WindowResult),
}

/// The segments task.
#[derive(Debug)]
pub struct SegmentsTask {
    terms: Arc<Terms>,
    book: Book,
    waiting: BTreeMap<Minute, Step>,
    times: BTreeMap<u32, Minute>,
    applied: Minute,
    lives: BTreeMap<(Rule, Text), Life>,
    /// Where an alert of `divergence` was over: the day from which on a segment is watched again.
    watched_from: BTreeMap<Text, Day>,
    agenda: Agenda,
    thresholds: Thresholds,
    published: BTreeMap<Text, BTreeMap<Family, Vec<WindowResult>>>,
    dirty: BTreeSet<Part>,
}

/// A part of the task's own state (besides the book) that one row of state holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Waiting(Minute),
    Life(Rule, Text),
    WatchedFrom(Text),
}

impl SegmentsTask {
    /// The task with nothing counted yet.
    pub fn new(terms: Arc<Terms>) -> SegmentsTask {
        SegmentsTask {
            terms,
            book: Book::default(),
            waiting: BTreeMap::new(),
            times: BTreeMap::new(),
            applied: Minute::MIN,
            lives: BTreeMap::new(),
            watched_from: BTreeMap::new(),
            agenda: Agenda::default(),
            thresholds: Thresholds::default(),
            published: BTreeMap::new(),
            dirty: BTreeSet::new(),
        }
    }

    /// Takes one partition's delta, then judges every boundary that all partitions have passed now.
    pub fn apply(&mut self, delta: Delta) -> Vec<Told> {
        let known = self.times.entry(delta.partition).or_insert(Minute::MIN);
        *known = (*known).max(delta.time);
        for (boundary, step) in delta.steps {
            self.dirty.insert(Part::Waiting(boundary));
            self.waiting.entry(boundary).or_default().merge(step);
        }
        let mut told = Vec::new();
        let Some(aligned) = self.aligned() else { return told };
        while let Some(boundary) = self.next_evaluation(aligned) {
            self.take_up_to(boundary);
            self.judge(boundary, &mut told);
        }
        self.take_up_to(aligned);
        told
    }

    /// The boundary that every partition of the event log has passed; `None` while one has not reported.
    pub fn aligned(&self) -> Option<Minute> {
        let expected = self.terms.ids.partitions() as usize;
        let lowest = self.times.values().min().copied()?;
        (self.times.len() == expected && lowest != Minute::MIN).then_some(lowest)
    }

    /// The boundary up to which everything is judged, or while a partition has not reported at all, the first
    /// one that waits for it; `None` before anything has come.
    pub fn floor(&self) -> Option<Minute> {
        self.aligned().or_else(|| self.waiting.keys().next().copied())
    }

    /// Everything that is counted.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// How many boundaries' changes wait for a slower partition.
    pub fn waiting_len(&self) -> usize {
        self.waiting.len()
    }

    /// What was told last of each alert that is firing.
    pub fn firing(&self) -> impl Iterator<Item = &Alert> {
        self.lives.values().filter_map(|life| life.told.as_deref())
    }

    /// Every window result of every segment as of the last boundary applied, told or not.
    pub fn windows_now(&self) -> Vec<WindowResult> {
        let of = |(name, segment)| {
            Family::all()
                .flat_map(move |family| windows::of(family, name, segment, &self.terms, self.applied))
        };
        self.book.segments().flat_map(of).collect()
    }

    /// Applies the waiting changes of all boundaries up to `boundary`.
    fn take_up_to(&mut self, boundary: Minute) {
        while let Some(entry) = self.waiting.first_entry().filter(|entry| *entry.key() <= boundary) {
            let (at, step) = entry.remove_entry();
            self.dirty.insert(Part::Waiting(at));
            self.agenda.first_change.get_or_insert(at);
            let agenda = &mut self.agenda;
            self.book.apply(at, step, &self.terms, &mut |segment, measure| agenda.changed(segment, measure));
        }
        self.applied = self.applied.max(boundary);
    }
}
