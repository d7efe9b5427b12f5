//! The segments task: the one place where the whole funnel is seen. It adds up the partitions' deltas
//! and judges each boundary once every partition has passed it, with exactly the changes up to it.
//!
//! Where partitions count under different definitions nothing is judged; when they count alike again, the book
//! begins anew.

mod agenda;
mod alignment;
pub mod book;
mod erasing;
mod format_1;
mod format_4;
mod format_6;
mod judging;
pub mod life_table;
pub mod outages;
pub mod series;
pub mod standing;
mod state;
mod switching;
mod waiting;
pub mod windows;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::model::alert::Alert;
use crate::model::delta::Delta;
use crate::model::explanation::Explanation;
use crate::model::standing::RuleStanding;
use crate::model::window::{WindowKey, WindowResult};
use crate::model::{Minute, Text};

use super::alerting::{Identity, Life};
use super::signs::mql_tunnel_vision::divergence;
use super::signs::rule::Rule;
use super::signs::share_watch;
use super::signs::told_days::ToldDays;
use super::terms::Terms;
use agenda::Agenda;
use alignment::Alignment;
use book::Book;
use series::Day;
use standing::Standing;
use waiting::{Place, Waiting};
use windows::Family;

/// What the task tells.
#[derive(Clone, Debug, PartialEq)]
pub enum Told {
    /// A message about an alert.
    Alert(Alert),
    /// How the message that was told before it comes about.
    Explained(Explanation),
    /// A value of a window that is new or has changed.
    Window(WindowResult),
    /// There is no such window any more: the definitions in force have none, or nothing has counted there for as
    /// long as is kept.
    WindowGone(WindowKey),
    /// The id of a lead or deal that was erased: whoever shows alerts of before forgets it.
    Erased(Text),
}

/// The segments task.
#[derive(Debug)]
pub struct SegmentsTask {
    terms: Arc<Terms>,
    /// The first boundary that is judged under the terms; [`Minute::MIN`] for those of the log's beginning.
    since: Minute,
    /// Terms that partitions have switched to, not in force here yet, by number.
    ahead: BTreeMap<u32, Arc<Terms>>,
    alignment: Alignment,
    waiting: Waiting,
    book: Book,
    applied: Minute,
    lives: BTreeMap<Identity, Life>,
    /// Whom alerts are to forget, with the boundary from which on; empty between two deltas.
    erased: BTreeMap<Minute, BTreeSet<Text>>,
    /// Where an alert of a rule that learns was over: the day from which on its segment is watched again.
    watched_from: BTreeMap<Identity, Day>,
    /// The days that alerts of a rule that learns told of.
    told_days: BTreeMap<Identity, ToldDays>,
    /// When alerts on windows of time were over last: what lies before it was told of, of all that is within.
    over_at: BTreeMap<Identity, Minute>,
    agenda: Agenda,
    thresholds: Thresholds,
    standings: BTreeMap<Rule, Standing>,
    /// The rules that had enough to judge anywhere since the task began to run.
    had_enough: BTreeSet<Rule>,
    published: BTreeMap<Text, BTreeMap<Family, Vec<WindowResult>>>,
    /// How many ids alerts had no room for, ever.
    evidence_left_out: u64,
    dirty: BTreeSet<Part>,
    /// While state is taken in: the number of the definitions in force, once it is known.
    restored: Option<u32>,
}

/// Thresholds already solved.
#[derive(Clone, Debug, Default)]
struct Thresholds {
    divergence: divergence::Thresholds,
    share: share_watch::Thresholds,
}

/// A part of the task's own state (besides the book) that one row of state holds.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Waiting(Place),
    Life(Identity),
    WatchedFrom(Identity),
    ToldDays(Identity),
    OverAt(Identity),
    Outages,
    Definitions(u32),
    EvidenceLeftOut,
}

impl SegmentsTask {
    /// The task with nothing counted yet. These terms hold from the beginning of the log.
    pub fn new(terms: Arc<Terms>) -> SegmentsTask {
        SegmentsTask {
            dirty: BTreeSet::from([Part::Definitions(terms.number)]),
            terms,
            since: Minute::MIN,
            ahead: BTreeMap::new(),
            alignment: Alignment::default(),
            waiting: Waiting::default(),
            book: Book::default(),
            applied: Minute::MIN,
            lives: BTreeMap::new(),
            erased: BTreeMap::new(),
            watched_from: BTreeMap::new(),
            told_days: BTreeMap::new(),
            over_at: BTreeMap::new(),
            agenda: Agenda::default(),
            thresholds: Thresholds::default(),
            standings: BTreeMap::new(),
            had_enough: BTreeSet::new(),
            published: BTreeMap::new(),
            evidence_left_out: 0,
            restored: None,
        }
    }

    /// Takes one partition's delta, then judges every boundary that all partitions have passed now and count
    /// under the same definitions.
    pub fn apply(&mut self, delta: Delta) -> Vec<Told> {
        let Delta { partition, time, definitions: number, switch, steps } = delta;
        if let Some(switch) = switch {
            self.learn(partition, number, *switch);
        }
        self.alignment.passed(partition, time);
        if self.knows(number) {
            for (boundary, step) in steps {
                self.dirty.insert(Part::Waiting(self.waiting.add(number, boundary, partition, step)));
            }
        }
        let mut told = Vec::new();
        while let Some(aligned) = self.aligned() {
            self.judge_up_to(aligned.min(self.alignment.counted_alike_before().plus(-1)), &mut told);
            let next = self.alignment.next_alike(self.terms.ids.partitions(), aligned);
            let known = next.and_then(|(number, at)| Some((self.ahead.remove(&number)?, at)));
            let Some((terms, at)) = known else { break };
            self.switch(terms, at, &mut told);
        }
        self.forget_what_is_never_judged();
        told
    }

    fn judge_up_to(&mut self, limit: Minute, told: &mut Vec<Told>) {
        while let Some(boundary) = self.next_evaluation(limit) {
            self.take_up_to(boundary);
            self.forget_erased(boundary.plus(-1), told);
            self.judge(boundary, told);
            self.forget_erased(boundary, told);
        }
        self.take_up_to(limit);
        self.forget_erased(limit, told);
    }

    /// The boundary that every partition of the event log has passed; `None` while one has not reported.
    pub fn aligned(&self) -> Option<Minute> {
        self.alignment.aligned(self.terms.ids.partitions())
    }

    /// The terms by which boundaries are judged.
    pub fn terms(&self) -> &Arc<Terms> {
        &self.terms
    }

    /// Whether the definitions of a number are in force or lie ahead: what is counted under others cannot be judged.
    pub fn knows(&self, number: u32) -> bool {
        number == self.terms.number || self.ahead.contains_key(&number)
    }

    /// The boundary up to which everything is judged, or while a partition has not reported at all, the first
    /// one that waits for it; `None` before anything has come.
    pub fn floor(&self) -> Option<Minute> {
        self.aligned().or_else(|| self.waiting.first_boundary())
    }

    /// Everything that is counted.
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// How many ids alerts had no room for, ever: each time that one is told.
    pub fn evidence_left_out(&self) -> u64 {
        self.evidence_left_out
    }

    /// How many boundaries' changes wait for a slower partition.
    pub fn waiting_len(&self) -> usize {
        self.waiting.boundaries()
    }

    /// What was told last of each alert that is firing.
    pub fn firing(&self) -> impl Iterator<Item = &Alert> {
        self.lives.values().filter_map(|life| life.told.as_deref())
    }

    /// How what was told last of each alert that is firing comes about.
    pub fn explanations(&self) -> impl Iterator<Item = Explanation> {
        self.lives.values().filter_map(|life| {
            let (told, sum) = (life.told.as_deref()?, life.sum.as_deref()?);
            Some(Explanation { fingerprint: told.fingerprint.clone(), at: told.at, sum: sum.clone() })
        })
    }

    /// Where each rule stood when it was judged last, of those that were since the task began to run.
    pub fn standings(&self) -> Vec<RuleStanding> {
        self.standings.iter().map(|(rule, standing)| standing.shown(*rule)).collect()
    }

    /// Where a rule stood when it was judged last; as nothing, if it was not.
    pub fn standing(&self, rule: Rule) -> RuleStanding {
        self.standings.get(&rule).copied().unwrap_or_default().shown(rule)
    }

    /// Whether a rule had enough to judge in any segment or subject, at any evaluation since the task began to run.
    pub fn had_enough(&self, rule: Rule) -> bool {
        self.had_enough.contains(&rule)
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
        let dirty = &mut self.dirty;
        let mut taken = |place| {
            dirty.insert(Part::Waiting(place));
        };
        while let Some((at, mut step)) = self.waiting.take(self.terms.number, boundary, &mut taken) {
            let mut erased = step.take_erased();
            if !erased.is_empty() {
                self.erased.entry(at.max(self.since)).or_default().append(&mut erased);
            }
            self.agenda.first_change.get_or_insert(at);
            let agenda = &mut self.agenda;
            self.book.apply(at, step, &self.terms, &mut |segment, measure| agenda.changed(segment, measure));
        }
        self.applied = self.applied.max(boundary);
    }
}
