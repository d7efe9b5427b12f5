//! Judging one boundary: each rule that is due, in each segment that may have moved.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::alert::Severity;
use crate::model::window::WindowResult;
use crate::model::{EventTime, MINUTE_MS, Minute, Text};

use super::super::alerting::{self, Life, LifeStage, Patience, Topic};
use super::super::journey::segments::ALL;
use super::super::signs::{Measured, Verdict, mql_tunnel_vision, out_of_sync};
use super::agenda::TouchRead;
use super::series::{DAYS_KEPT, Day};
use super::windows::Family;
use super::{Part, Rule, SegmentsTask, Told, windows};

impl SegmentsTask {
    /// Judges everything that is due at `boundary`. All changes up to it are in the book, and none after.
    pub(super) fn judge(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        if self.next_touch() == Some(boundary) {
            self.judge_first_touch(boundary, told);
        }
        if self.next_divergence() == Some(boundary) {
            self.judge_divergence(boundary, told);
        }
        if self.next_windows() == Some(boundary) {
            self.compute_windows(boundary, told);
        }
    }

    fn judge_first_touch(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.first_touch_slo.as_ref().expect("it is due only where it is on");
        let edges = out_of_sync::Edges::at(rule, &terms, boundary);
        self.read_first_touches(&edges);
        let now = boundary.start();
        let elapsed = |from: EventTime| terms.sales.between_ms(from.0, now.0);
        let patience = Patience {
            elapsed_ms: &elapsed,
            for_ms: i64::from(rule.for_minutes) * MINUTE_MS,
            clear_ms: i64::from(rule.clear_minutes) * MINUTE_MS,
            may_begin: terms.sales.is_open(now.0),
        };
        let mut all_speaks = false;
        for name in self.touch_stirring() {
            let read = self.agenda.touch_read[&name].verdict;
            let verdict = quieted(read, &name, all_speaks);
            all_speaks |= name == ALL && self.speaks(Rule::FirstTouchSlo, verdict);
            let key = (Rule::FirstTouchSlo, name);
            self.live(key, verdict, now, None, &patience, told, |task, name| {
                let segment = task.book.segment_or_empty(name);
                out_of_sync::measure(rule, &task.book, name, segment, &terms, &edges)
            });
        }
        self.agenda.touch_at = Some(boundary);
    }

    /// Reads first touches anew where counts or the edges of windows moved.
    fn read_first_touches(&mut self, edges: &out_of_sync::Edges) {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.first_touch_slo.as_ref().expect("it is due only where it is on");
        let names = self.watched(Rule::FirstTouchSlo);
        let agenda = &mut self.agenda;
        agenda.touch_read.retain(|name, _| names.contains(name));
        for name in &names {
            let segment = self.book.segment_or_empty(name);
            let stays = agenda.touch_read.get(name).is_some_and(|read| edges.boundary() < read.stays_until);
            if stays && !agenda.touches_changed && !agenda.touch_changed.contains(name) {
                continue;
            }
            let verdict = out_of_sync::read(rule, &self.book, segment, edges);
            let stays_until = out_of_sync::stays_until(rule, &self.book, segment, &terms, edges);
            agenda.touch_read.insert(name.clone(), TouchRead { verdict, stays_until });
        }
        agenda.touch_changed.clear();
        agenda.touches_changed = false;
    }

    /// The segments in which an alert of first touches lives or may begin to, `all` first.
    fn touch_stirring(&self) -> Vec<Text> {
        let lives = |name: &Text| self.lives.contains_key(&(Rule::FirstTouchSlo, name.clone()));
        let broken = |name: &Text| matches!(self.agenda.touch_read[name].verdict, Verdict::Broken(_));
        let names = self.watched(Rule::FirstTouchSlo).into_iter();
        names.filter(|name| broken(name) || lives(name)).collect()
    }

    /// The segments to be read by a rule, `all` first, then by name: those in which anything was counted, and
    /// those in which one of its alerts outlived what was counted.
    fn watched(&self, rule: Rule) -> Vec<Text> {
        let mut names: Vec<Text> = self.book.segments().map(|(name, _)| name.clone()).collect();
        let lives = self.lives.keys().filter(|(known, _)| *known == rule).map(|(_, name)| name);
        let outlived: Vec<Text> = lives.filter(|name| self.book.segment(name).is_none()).cloned().collect();
        if !outlived.is_empty() {
            names.extend(outlived);
            names.sort_by(|a, b| (a != ALL, a).cmp(&(b != ALL, b)));
        }
        names
    }

    fn judge_divergence(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.divergence.as_ref().expect("it is due only where it is on");
        let now = boundary.start();
        let today = Day(terms.days.local_day(now.0));
        let elapsed = |from: EventTime| now.0 - from.0;
        let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms: 0, may_begin: true };
        let baseline = |name: Text| {
            let segment = self.book.segment_or_empty(&name);
            let baseline = mql_tunnel_vision::baseline(rule, segment, &terms, today);
            (name, baseline)
        };
        let baselines: Vec<(Text, _)> = self.watched(Rule::Divergence).into_iter().map(baseline).collect();
        let eligible = baselines.iter().filter(|(_, baseline)| baseline.is_some()).count();
        let detect_from = today.plus(-i32::from(rule.detect_days));
        self.forget_watched_from(today.plus(-DAYS_KEPT));
        let mut all_speaks = false;
        for (name, baseline) in baselines {
            let frozen = self.lives.get(&(Rule::Divergence, name.clone())).and_then(|life| life.watch);
            let from = self.watched_from.get(&name).copied().unwrap_or(detect_from).max(detect_from);
            let thresholds = &mut self.thresholds;
            let watch = frozen.or_else(|| baseline.map(|b| thresholds.watch(rule, b, eligible, from)));
            let Some(watch) = watch else { continue };
            let verdict = self.read_divergence(&name, &watch, today, all_speaks);
            all_speaks |= name == ALL && self.speaks(Rule::Divergence, verdict);
            let key = (Rule::Divergence, name);
            self.live(key, verdict, now, Some(watch), &patience, told, |task, name| {
                let segment = task.book.segment_or_empty(name);
                mql_tunnel_vision::measure(rule, &watch, &task.book, name, segment, &terms, today)
            });
        }
        self.agenda.divergence_at = Some(boundary);
        self.agenda.divergence_next = None;
    }

    /// Reads `divergence` in a segment. Where an alert is over, the segment's own or that of the whole company,
    /// the days up to today have been told of: the segment is watched from today on.
    fn read_divergence(
        &mut self,
        name: &Text,
        watch: &mql_tunnel_vision::Watch,
        today: Day,
        all_speaks: bool,
    ) -> Verdict {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.divergence.as_ref().expect("it is due only where it is on");
        let segment = self.book.segment_or_empty(name);
        let fires = self.fires(Rule::Divergence, name);
        if !fires && !all_speaks {
            return mql_tunnel_vision::read(rule, watch, segment, &terms, today);
        }
        let is_over = mql_tunnel_vision::is_over(rule, watch, segment, &terms, today);
        if is_over {
            self.watched_from.insert(name.clone(), today);
            self.dirty.insert(Part::WatchedFrom(name.clone()));
        }
        match is_over || all_speaks {
            true => Verdict::Kept,
            false => Verdict::Broken(Severity::Ticket),
        }
    }

    /// Forgets days so old that nothing is counted of them; later definitions may look back so far.
    fn forget_watched_from(&mut self, counted_from: Day) {
        let dirty = &mut self.dirty;
        self.watched_from.retain(|name, day| {
            let is_kept = *day > counted_from;
            if !is_kept {
                dirty.insert(Part::WatchedFrom(name.clone()));
            }
            is_kept
        });
    }

    fn fires(&self, rule: Rule, name: &Text) -> bool {
        self.lives.get(&(rule, name.clone())).is_some_and(|life| life.stage != LifeStage::Pending)
    }

    /// Whether the whole company breaches or fires, so that its segments keep quiet.
    pub(super) fn speaks(&self, rule: Rule, all: Verdict) -> bool {
        matches!(all, Verdict::Broken(_)) || self.fires(rule, &Text::const_new(ALL))
    }

    /// One evaluation of one alert's life; its figures are worked out only if something is to be told.
    fn live(
        &mut self,
        key: (Rule, Text),
        verdict: Verdict,
        now: EventTime,
        watch: Option<mql_tunnel_vision::Watch>,
        patience: &Patience<'_>,
        told: &mut Vec<Told>,
        measure: impl FnOnce(&SegmentsTask, &Text) -> Measured,
    ) {
        let before = self.lives.get(&key).cloned();
        let since = before.as_ref().map_or(now, |life: &Life| life.since);
        let (mut after, message) = alerting::step(before.clone(), verdict, now, watch, patience);
        if let Some(message) = message {
            let topic = Topic { rule: key.0.name(), sign: key.0.sign(), segment: &key.1, subject: None };
            let measured = measure(self, &key.1);
            if measured.evidence.left_out > 0 {
                self.evidence_left_out += measured.evidence.left_out;
                self.dirty.insert(Part::EvidenceLeftOut);
            }
            let alert = topic.alert(message, since, now, measured, self.terms.number);
            if let Some(life) = &mut after {
                life.told = Some(Box::new(alert.clone()));
            }
            told.push(Told::Alert(alert));
        }
        if after != before {
            self.dirty.insert(Part::Life(key.0, key.1.clone()));
            match after {
                Some(life) => self.lives.insert(key, life),
                None => self.lives.remove(&key),
            };
        }
    }

    fn compute_windows(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        let day_of = |at: Minute| terms.days.local_day(at.start().0);
        let new_day = self.agenda.windows_at.is_none_or(|at| day_of(at) != day_of(boundary));
        let changed = std::mem::take(&mut self.agenda.windows_changed);
        for (name, segment) in self.book.segments() {
            // A segment that is new is told whole.
            let all = new_day || !self.published.contains_key(name);
            let (published, changed) = (self.published.entry(name.clone()).or_default(), changed.get(name));
            for family in Family::all() {
                if !all && !changed.is_some_and(|changed| changed.contains(&family)) {
                    continue;
                }
                let results = windows::of(family, name, segment, &terms, boundary);
                let known = published.entry(family).or_default();
                let news = results.iter().filter(|result| !known.iter().any(|k| windows::same(k, result)));
                told.extend(news.cloned().map(Told::Window));
                *known = results;
            }
        }
        self.agenda.windows_at = Some(boundary);
        if !new_day {
            return;
        }
        for name in self.book.forget(boundary, &terms) {
            self.take_back_windows(&name, boundary, told);
        }
    }

    /// Some of what a segment counted was freed: windows that stood on it change, and those that stood on it alone
    /// are no more.
    fn take_back_windows(&mut self, name: &Text, boundary: Minute, told: &mut Vec<Told>) {
        let before = self.published.remove(name).unwrap_or_default();
        let mut now = BTreeSet::new();
        if let Some(segment) = self.book.segment(name) {
            let results = |family| (family, windows::of(family, name, segment, &self.terms, boundary));
            let published: BTreeMap<Family, Vec<WindowResult>> = Family::all().map(results).collect();
            let is_known =
                |result: &&WindowResult| before.values().flatten().any(|known| windows::same(known, result));
            let results = || published.values().flatten();
            told.extend(results().filter(|result| !is_known(result)).cloned().map(Told::Window));
            now.extend(results().map(WindowResult::key));
            self.published.insert(name.clone(), published);
        }
        let gone = before.values().flatten().map(WindowResult::key).filter(|key| !now.contains(key));
        told.extend(gone.map(Told::WindowGone));
    }
}

/// While the whole company speaks, a segment does not breach.
fn quieted(verdict: Verdict, name: &Text, all_speaks: bool) -> Verdict {
    match verdict {
        Verdict::Broken(_) if all_speaks && name != ALL => Verdict::Kept,
        verdict => verdict,
    }
}
