//! Judging one boundary: each rule that is due, in each segment that may have moved.

mod divergence;
mod first_touch;
mod no_data;
mod outside;
mod programs;
mod shares;
mod speaking;
mod windows;

use std::collections::BTreeMap;

use crate::model::alert::Severity;
use crate::model::explanation::Explanation;
use crate::model::{EventTime, Minute, Text};

use super::super::alerting::{self, Frozen, Identity, LifeStage, Message, Patience, Unmended};
use super::super::journey::segments::{ALL, depth, lies_within, wider};
use super::super::signs::rule::Rule;
use super::super::signs::told_days::ToldDays;
use super::super::signs::{Measured, Verdict};
use super::series::{DAYS_KEPT, Day};
use super::standing::Standing;
use super::{Part, SegmentsTask, Told};
use speaking::Speaking;

impl SegmentsTask {
    /// Judges everything that is due at `boundary`. All changes up to it are in the book, and none after.
    pub(super) fn judge(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        if self.next_hourly() == Some(boundary) {
            self.judge_no_data(boundary, told);
        }
        if self.next_touch() == Some(boundary) {
            self.judge_first_touch(boundary, told);
        }
        if self.next_daily() == Some(boundary) {
            self.judge_daily(boundary, told);
        }
        if self.next_windows() == Some(boundary) {
            self.compute_windows(boundary, told);
        }
    }

    /// The rules that are judged once a business day of marketing.
    fn judge_daily(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let today = Day(self.terms.days.local_day(boundary.start().0));
        self.forget_told(today.plus(-DAYS_KEPT));
        let kept_from = EventTime(self.terms.days.day_start_ms(today.0 - DAYS_KEPT)).minute();
        self.forget_over(kept_from);
        if self.book.outages.forget_before(kept_from) {
            self.dirty.insert(Part::Outages);
        }
        self.judge_divergence(boundary, told);
        self.judge_shares(boundary, told);
        self.judge_programs(boundary, told);
        self.agenda.daily_at = Some(boundary);
        self.agenda.daily_next = None;
    }

    /// The segments to be read by a rule, wider ones before narrower ones, `all` first, else by name: those in which
    /// anything was counted, and those in which one of its alerts outlived what was counted.
    fn watched(&self, rule: Rule) -> Vec<Text> {
        let mut names: Vec<Text> = self.book.segments().map(|(name, _)| name.clone()).collect();
        let lives = self.lives.keys().filter(|id| id.rule == rule).map(|id| &id.segment);
        let outlived: Vec<Text> = lives.filter(|name| self.book.segment(name).is_none()).cloned().collect();
        names.extend(outlived);
        names.sort_by(|a, b| (a != ALL, depth(a), a).cmp(&(b != ALL, depth(b), b)));
        names.dedup();
        names
    }

    /// Forgets days so old that nothing is counted of them; later definitions may look back so far.
    fn forget_told(&mut self, counted_from: Day) {
        let dirty = &mut self.dirty;
        self.told_days.retain(|id, days| {
            if days.forget_to(counted_from) {
                dirty.insert(Part::ToldDays(id.clone()));
            }
            !days.is_empty()
        });
        self.watched_from.retain(|id, day| {
            let is_kept = *day > counted_from;
            if !is_kept {
                dirty.insert(Part::WatchedFrom(id.clone()));
            }
            is_kept
        });
    }

    /// These alerts were over at a boundary.
    fn note_over(&mut self, ids: Vec<Identity>, boundary: Minute) {
        for id in ids {
            self.dirty.insert(Part::OverAt(id.clone()));
            self.over_at.insert(id, boundary);
        }
    }

    /// Forgets when alerts were over, so long ago that no window reaches back to it.
    fn forget_over(&mut self, kept_from: Minute) {
        let dirty = &mut self.dirty;
        self.over_at.retain(|id, at| {
            let is_kept = *at > kept_from;
            if !is_kept {
                dirty.insert(Part::OverAt(id.clone()));
            }
            is_kept
        });
    }

    /// When an alert of the segment itself or of a wider one was over last, of those that were when the one that lives,
    /// if one does, began: what lies before it was told of.
    fn told_until(&self, id: &Identity) -> Option<Minute> {
        let began = self.lives.get(id).map(|life| life.since);
        let is_before = |at: &Minute| began.is_none_or(|began| at.start() <= began);
        tellers(&self.over_at, id).copied().filter(is_before).max()
    }

    /// The day before which all has been told of, by alerts of the segment itself or of a wider one.
    fn told_to(&self, id: &Identity) -> Option<Day> {
        tellers(&self.watched_from, id).copied().max()
    }

    /// The days that alerts of the segment itself or of a wider one told of: nothing is learned from them.
    fn told_days(&self, id: &Identity) -> ToldDays {
        let mut told = ToldDays::default();
        tellers(&self.told_days, id).for_each(|days| told.add_all(days));
        told
    }

    /// An alert that fires told of the days `[from, to)`.
    fn add_told_days(&mut self, id: &Identity, (from, to): (Day, Day)) {
        if self.fires(id)
            && !self.holds(id.rule)
            && self.told_days.entry(id.clone()).or_default().add(from, to)
        {
            self.dirty.insert(Part::ToldDays(id.clone()));
        }
    }

    /// What was counted before a day has been told of.
    fn watch_from(&mut self, id: Identity, day: Day) {
        self.dirty.insert(Part::WatchedFrom(id.clone()));
        let from = self.watched_from.entry(id).or_insert(day);
        *from = day.max(*from);
    }

    /// Notes where a rule stands.
    fn stands(&mut self, rule: Rule, standing: Standing) {
        if standing.is_known() {
            self.had_enough.insert(rule);
        }
        self.standings.insert(rule, standing);
    }

    fn fires(&self, id: &Identity) -> bool {
        self.told_as(id).is_some()
    }

    /// How loudly an alert fires, if it does.
    fn told_as(&self, id: &Identity) -> Option<Severity> {
        match self.lives.get(id)?.stage {
            LifeStage::Pending => None,
            LifeStage::Firing { severity, .. } => Some(severity),
        }
    }

    /// What becomes of what an alert told of that ends only because a wider segment speaks: the widest one that is
    /// told of now tells of it as well.
    fn gives_way(&self, id: &Identity, least: Severity, speaking: &Speaking) -> Option<Unmended> {
        let is_told = |wide: &&Text| self.fires(&Identity { segment: (*wide).clone(), ..id.clone() });
        let told = speaking.wider(id, least).find(is_told).cloned().map(Unmended::ToldIn);
        told.or_else(|| speaking.wider(id, least).next().cloned().map(Unmended::BrokenIn))
    }

    /// One evaluation of one alert's life; its figures are worked out only if something is to be told. `unmended` is
    /// why it ends, if it does, where what it told of is not over.
    fn live(
        &mut self,
        id: Identity,
        verdict: Verdict,
        now: EventTime,
        frozen: Option<Frozen>,
        patience: &Patience<'_>,
        told: &mut Vec<Told>,
        unmended: Option<Unmended>,
        measure: impl FnOnce(&SegmentsTask) -> Measured,
    ) {
        let verdict = self.held(id.rule, verdict);
        let before = self.lives.get(&id).cloned();
        let since = before.as_ref().map_or(now, |life| life.since);
        let (mut after, message) = alerting::step(before.clone(), verdict, now, frozen, patience);
        if let Some(message) = message {
            let measured = measure(self);
            if measured.evidence.left_out > 0 {
                self.evidence_left_out += measured.evidence.left_out;
                self.dirty.insert(Part::EvidenceLeftOut);
            }
            let sum = measured.sum.clone();
            let mut alert = id.alert(message, since, now, measured, self.terms.number);
            if let Message::Resolved(_) = message {
                // Whoever was called hears that it is over.
                let told = before.as_ref().and_then(|life| life.told.as_ref());
                alert.owner_team = told.map_or(alert.owner_team, |told| told.owner_team);
                if let Some(unmended) = unmended {
                    unmended.tell(&mut alert);
                }
            }
            let explanation = Explanation { fingerprint: alert.fingerprint.clone(), at: now, sum };
            if let Some(life) = &mut after {
                life.told = Some(Box::new(alert.clone()));
                life.sum = Some(Box::new(explanation.sum.clone()));
            }
            told.push(Told::Alert(alert));
            told.push(Told::Explained(explanation));
        }
        if after != before {
            self.dirty.insert(Part::Life(id.clone()));
            match after {
                Some(life) => self.lives.insert(id, life),
                None => self.lives.remove(&id),
            };
        }
    }
}

/// What is known of those whose alerts tell of another identity: of itself, and of what it lies within.
fn tellers<'a, T>(known: &'a BTreeMap<Identity, T>, id: &'a Identity) -> impl Iterator<Item = &'a T> {
    let wider = wider(&id.segment);
    let (by_name, among_all) = match wider {
        Some(wider) => (wider, None),
        None => (Vec::new(), Some(known.iter().filter(move |(of, _)| tells_of(of, id) && *of != id))),
    };
    let by_name = by_name.into_iter().filter_map(|segment| known.get(&Identity { segment, ..id.clone() }));
    let others = by_name.chain(among_all.into_iter().flatten().map(|(_, of)| of));
    known.get(id).into_iter().chain(others)
}

/// Whether what an alert of one identity told of is told of another one too: of the same, and of what lies within.
fn tells_of(of: &Identity, id: &Identity) -> bool {
    of.rule == id.rule
        && of.subject == id.subject
        && (of.segment == id.segment || lies_within(&id.segment, &of.segment))
}
