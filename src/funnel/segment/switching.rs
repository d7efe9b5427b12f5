//! Definitions that change: what partitions say of their switches, and the boundary at which all count alike
//! again.

use std::collections::BTreeSet;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use crate::model::delta::Switch;
use crate::model::window::{WindowKey, WindowResult};
use crate::model::{Minute, Text};

use super::super::alerting::{Ended, Identity, LifeStage};
use super::super::journey::segments::{self, ALL};
use super::super::terms::Terms;
use super::agenda::Agenda;
use super::book::OTHER;
use super::{Part, SegmentsTask, Told};

impl SegmentsTask {
    /// A partition has switched to other definitions.
    pub(super) fn learn(&mut self, partition: u32, number: u32, switch: Switch) {
        if number <= self.terms.number {
            return;
        }
        if let Entry::Vacant(ahead) = self.ahead.entry(number) {
            // The partition has made them ready before: it would not have switched otherwise.
            let Ok(terms) = self.terms.other(switch.definitions, number) else { return };
            ahead.insert(terms);
            self.dirty.insert(Part::Definitions(number));
        }
        self.alignment.switched(partition, number, switch.at);
    }

    /// From `at` on every partition counts under these terms: what was counted under others is dropped, and
    /// the book begins anew with what was counted under them up to `at`.
    pub(super) fn switch(&mut self, terms: Arc<Terms>, at: Minute, told: &mut Vec<Told>) {
        let windows = self.window_keys();
        let dirty = &mut self.dirty;
        dirty.insert(Part::Definitions(self.terms.number));
        dirty.extend(
            self.ahead.keys().filter(|number| **number < terms.number).map(|n| Part::Definitions(*n)),
        );
        dirty.insert(Part::Definitions(terms.number));
        self.ahead.retain(|number, _| *number > terms.number);
        self.waiting.drop_below(terms.number, &mut |place| {
            dirty.insert(Part::Waiting(place));
        });
        self.alignment.in_force(terms.number);
        self.terms = terms;
        self.since = at;
        self.book.begin_anew();
        self.published.clear();
        self.standings.clear();
        // An alert that lives is read anew, even where nothing is counted any more.
        // A feed that has stopped is not back because somebody changed the definitions.
        let is_asked_for = self.terms.definitions.rules.no_data.is_some();
        if !is_asked_for && self.book.outages.end_all(at) {
            self.dirty.insert(Part::Outages);
        }
        let silent = std::mem::take(&mut self.agenda.silent).into_iter().filter(|_| is_asked_for).collect();
        let hourly_at = self.agenda.hourly_at;
        self.agenda = Agenda { touches_changed: at != Minute::MIN, silent, hourly_at, ..Agenda::default() };
        let erased = self.waiting.erased(self.terms.number, at);
        self.end_alerts(at, &erased, told);
        self.take_up_to(at);
        let now = self.window_keys();
        told.extend(windows.difference(&now).cloned().map(Told::WindowGone));
    }

    /// Ends the alerts of rules that are off and of segments that are not made any more.
    /// They name nobody who is erased by then.
    fn end_alerts(&mut self, at: Minute, erased: &BTreeSet<Text>, told: &mut Vec<Told>) {
        let definitions = &self.terms.definitions;
        let why = |id: &Identity| match id.rule.is_on(definitions) {
            false => Some(Ended::RuleIsOff),
            true if self.makes(&id.segment) => None,
            true => Some(Ended::SegmentIsNotMade),
        };
        let mut ended: Vec<_> =
            self.lives.keys().filter_map(|key| why(key).map(|why| (key.clone(), why))).collect();
        ended.sort_by_key(|(id, _)| (id.rule, id.segment != ALL));
        for (id, why) in ended {
            let life = self.lives.remove(&id);
            self.dirty.insert(Part::Life(id));
            let firing = life.filter(|life| life.stage != LifeStage::Pending).and_then(|life| life.told);
            let message = firing.map(|mut alert| {
                alert.evidence.retain(|named| !erased.contains(named));
                why.message(&alert, at.start(), self.terms.number)
            });
            told.extend(message.map(Told::Alert));
        }
    }

    /// Whether the definitions in force make a segment.
    fn makes(&self, segment: &str) -> bool {
        let dimensions = &self.terms.definitions.dimensions;
        segment == ALL || segment == OTHER || dimensions.iter().any(|d| segments::makes(d, segment))
    }

    fn window_keys(&self) -> BTreeSet<WindowKey> {
        self.windows_now().iter().map(WindowResult::key).collect()
    }

    /// Drops what waits for boundaries that will never be judged, and definitions that will never come into
    /// force because every partition has left them behind.
    pub(super) fn forget_what_is_never_judged(&mut self) {
        let dirty = &mut self.dirty;
        let mut dropped = |place| {
            dirty.insert(Part::Waiting(place));
        };
        self.waiting.drop(self.terms.number, self.alignment.counted_alike_before(), &mut dropped);
        let Some(lowest) = self.alignment.lowest_number(self.terms.ids.partitions()) else { return };
        self.waiting.drop_below(lowest, &mut dropped);
        self.ahead.retain(|number, _| {
            let is_kept = *number >= lowest;
            if !is_kept {
                dirty.insert(Part::Definitions(*number));
            }
            is_kept
        });
    }
}
