//! Judging `first_touch_slo`.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use crate::model::alert::Severity;
use crate::model::definitions::FirstTouchSlo;
use crate::model::measure::Measure;
use crate::model::{EventTime, MINUTE_MS, Minute, Text};

use super::super::super::alerting::{Identity, Patience};
use super::super::super::journey::segments::ALL;
use super::super::super::signs::Verdict;
use super::super::super::signs::out_of_sync::first_touch_slo::{self, Reading};
use super::super::super::signs::rule::Rule;
use super::super::super::signs::scene::Scene;
use super::super::agenda::TouchRead;
use super::super::book::Segment;
use super::super::series::Hour;
use super::super::standing::Standing;
use super::super::{SegmentsTask, Told};
use super::outside::told_apart;
use super::speaking::Speaking;

fn identity(segment: &Text) -> Identity {
    Identity::of_segment(Rule::FirstTouchSlo, segment)
}

impl SegmentsTask {
    pub(super) fn judge_first_touch(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.first_touch_slo.as_ref().expect("it is due only where it is on");
        let edges = first_touch_slo::Edges::at(rule, &terms, self.book.outages(), boundary);
        self.read_first_touches(&edges);
        let now = boundary.start();
        let elapsed = |from: EventTime| terms.sales.between_ms(from.0, now.0);
        let patience = Patience {
            elapsed_ms: &elapsed,
            for_ms: i64::from(rule.for_minutes) * MINUTE_MS,
            clear_ms: i64::from(rule.clear_minutes) * MINUTE_MS,
            may_begin: terms.sales.is_open(now.0),
        };
        let stirring = self.touch_stirring();
        let found = self.touch_discoveries(rule, &stirring);
        let is_heard = first_touch_slo::sales_is_heard_of_late(rule, &self.book, &edges);
        let standing = self.touch_standing(rule, &found, &edges, is_heard);
        self.stands(Rule::FirstTouchSlo, standing);
        let names: Vec<Text> = self.agenda.touch_read.keys().cloned().collect();
        let mut speaking = Speaking::default();
        let mut over = Vec::new();
        let mut has_changed = false;
        for name in stirring {
            let counts = |i: usize| name == ALL || found.contains(&(name.clone(), i));
            let reading = self.agenda.touch_read[&name].reading.clone();
            let (read, shown) = reading.verdict(rule, counts);
            let id = identity(&name);
            let breach = match read {
                Verdict::Broken(severity) => Some(severity),
                _ => None,
            };
            let unmended = breach.and_then(|severity| self.gives_way(&id, severity, &speaking));
            let told_as = self.told_as(&id);
            let is_hushed = breach.is_some_and(|severity| speaking.quiets_as(&id, severity));
            let is_of_parts = !is_hushed
                && told_as.is_none()
                && breach.is_some_and(|severity| self.is_touch_of_parts(&id, severity, &found, &edges));
            let is_quiet = is_hushed || is_of_parts;
            let verdict = if is_quiet { read.quieted() } else { read };
            if let Some(loudness) = breach.filter(|_| !is_quiet).max(told_as) {
                speaking.add_as(&id, loudness);
            }
            let fired = told_as.is_some();
            let verdict = if fired || is_heard { verdict } else { Verdict::NoData };
            let edges = edges.told_until(self.told_until(&id));
            self.live(id.clone(), verdict, now, None, &patience, told, unmended, |task| {
                let scene = Scene::new(&terms, &task.book, boundary);
                let told = task.touches_told(breach.unwrap_or(Severity::Info), &found);
                // What was over may carry it anew.
                let told_apart =
                    told_apart(&id, told.filter(|(_, last)| last.is_none()).map(|(part, _)| part));
                let segments = (&names[..], &told_apart[..]);
                let readings = task.touch_readings_of_segments();
                first_touch_slo::measure(rule, (&reading, shown, &readings), &scene, &name, segments, &edges)
            });
            has_changed |= told_as != self.told_as(&id);
            // What gave way is not over.
            if fired && !self.fires(&id) && !is_hushed {
                over.push(id);
            }
        }
        self.agenda.touch_again = has_changed;
        self.agenda.touches_changed |= !over.is_empty();
        self.note_over(over, boundary);
        self.agenda.touch_at = Some(boundary);
    }

    /// The segments of which an alert fires so loudly, or would now, and those of which one was over, with the last
    /// hour of which it told.
    fn touches_told(
        &self,
        severity: Severity,
        found: &BTreeSet<(Text, usize)>,
    ) -> impl Iterator<Item = (&Identity, Option<Hour>)> {
        let rule =
            self.terms.definitions.rules.first_touch_slo.as_ref().expect("it is due only where it is on");
        let is_as_loud = move |part: &&Identity| {
            let counts = |i: usize| found.contains(&(part.segment.clone(), i));
            let read = self.agenda.touch_read.get(&part.segment);
            self.told_as(part) >= Some(severity)
                || matches!(
                    read.map(|read| read.reading.verdict(rule, counts).0),
                    Some(Verdict::Broken(loudness)) if loudness >= severity
                )
        };
        let firing = self.told_now().filter(is_as_loud).map(|part| (part, None));
        firing.chain(self.over_at.iter().map(|(part, at)| (part, Some(Hour::of(*at)))))
    }

    /// Whether what is broken would not be, in no window in which it is, without what was told of within it.
    fn is_touch_of_parts(
        &self,
        id: &Identity,
        severity: Severity,
        found: &BTreeSet<(Text, usize)>,
        edges: &first_touch_slo::Edges,
    ) -> bool {
        let rule =
            self.terms.definitions.rules.first_touch_slo.as_ref().expect("it is due only where it is on");
        let edges = edges.told_until(self.told_until(id));
        let whole = &self.agenda.touch_read[&id.segment].reading;
        let counts = |i: &usize| id.segment == ALL || found.contains(&(id.segment.clone(), *i));
        let over: Vec<usize> = (0..rule.windows.len()).filter(|i| whole.is_over(*i)).filter(counts).collect();
        let breaks = |rest: &Segment| {
            let reading = first_touch_slo::read(rule, &self.book, rest, &edges);
            over.iter().any(|i| reading.is_over(*i))
        };
        let reads = |measure| matches!(measure, Measure::TouchMet | Measure::TouchMissed);
        let rests = self.outside_told(id, self.touches_told(severity, found), reads);
        rests.iter().any(|rest| !breaks(rest))
    }

    /// Reads first touches anew where counts or the edges of windows moved.
    fn read_first_touches(&mut self, edges: &first_touch_slo::Edges) {
        let terms = self.terms.clone();
        let rule = terms.definitions.rules.first_touch_slo.as_ref().expect("it is due only where it is on");
        let names = self.watched(Rule::FirstTouchSlo);
        let watched: HashSet<&Text> = names.iter().collect();
        self.agenda.touch_read.retain(|name, _| watched.contains(name));
        for name in &names {
            let segment = self.book.segment_or_empty(name);
            let agenda = &self.agenda;
            let stays = agenda.touch_read.get(name).is_some_and(|read| edges.boundary() < read.stays_until);
            if stays && !agenda.touches_changed && !agenda.touch_changed.contains(name) {
                continue;
            }
            let edges = edges.told_until(self.told_until(&identity(name)));
            let reading = first_touch_slo::read(rule, &self.book, segment, &edges);
            let stays_until = first_touch_slo::stays_until(rule, &self.book, segment, &terms, &edges);
            let agenda = &mut self.agenda;
            agenda.touch_read.insert(name.clone(), TouchRead { reading, stays_until });
        }
        self.agenda.touch_changed.clear();
        self.agenda.touches_changed = false;
    }

    /// The segments in which an alert of first touches lives or may begin to, `all` first.
    fn touch_stirring(&self) -> Vec<Text> {
        let lives = |name: &Text| self.lives.contains_key(&identity(name));
        let broken = |name: &Text| self.agenda.touch_read[name].reading.is_candidate();
        let names = self.watched(Rule::FirstTouchSlo).into_iter();
        names.filter(|name| broken(name) || lives(name)).collect()
    }

    /// Which gates count among those of all segments; nothing is worked out where none is open.
    fn touch_discoveries(&self, rule: &FirstTouchSlo, stirring: &[Text]) -> BTreeSet<(Text, usize)> {
        if stirring.iter().all(|name| name == ALL) {
            return BTreeSet::new();
        }
        first_touch_slo::discoveries(rule, &self.touch_readings_of_segments())
    }

    /// What the segments say whose gates are held against each other: all but the whole company.
    fn touch_readings_of_segments(&self) -> BTreeMap<Text, &Reading> {
        let read = self.agenda.touch_read.iter().filter(|(name, _)| *name != ALL);
        read.map(|(name, read)| (name.clone(), &read.reading)).collect()
    }

    fn touch_standing(
        &self,
        rule: &FirstTouchSlo,
        found: &BTreeSet<(Text, usize)>,
        edges: &first_touch_slo::Edges,
        is_heard: bool,
    ) -> Standing {
        let mut standing = Standing::default();
        for (name, read) in &self.agenda.touch_read {
            let counts = |i: usize| name == ALL || found.contains(&(name.clone(), i));
            let (verdict, _) = read.reading.verdict(rule, counts);
            let is_doubted =
                matches!(verdict, Verdict::Broken(_)) && !is_heard && !self.fires(&identity(name));
            let verdict = if is_doubted { Verdict::NoData } else { verdict };
            let all = (name == ALL).then(|| self.book.segment_or_empty(ALL));
            let used = all.and_then(|all| first_touch_slo::used(rule, all, edges));
            standing.read(name, self.held(Rule::FirstTouchSlo, verdict), used);
        }
        standing
    }
}
