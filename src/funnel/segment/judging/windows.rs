//! The window results of a boundary: what is new of each segment is told.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::window::WindowResult;
use crate::model::{Minute, Text};

use super::super::windows::{self, Family};
use super::super::{SegmentsTask, Told};

impl SegmentsTask {
    pub(super) fn compute_windows(&mut self, boundary: Minute, told: &mut Vec<Told>) {
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
