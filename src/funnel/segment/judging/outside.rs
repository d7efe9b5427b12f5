//! One alert for one cause, the other way round: where a segment is told of, a wider one that would not break the rule
//! without it keeps quiet.
//!
//! What is left of the wider one is judged as though it were the wider one: all that is counted there and not in those
//! within it that are told of. These are the segments of one dimension, which lie apart from each other; of several
//! dimensions any suffices. Nothing is learned or remembered here: what is told of stands in the lives of alerts, in
//! the days that they told of, and in the hours up to which they did.

use std::collections::BTreeMap;

use crate::model::Text;
use crate::model::measure::Measure;

use super::super::super::alerting::Identity;
use super::super::super::journey::segments::{keys, lies_within};
use super::super::SegmentsTask;
use super::super::book::{OTHER, Segment};
use super::super::series::{Day, Hour};

impl SegmentsTask {
    /// A segment without those within it that are told of with the same rule and subject, for each dimension that has
    /// any: all of what is counted in these, or what is up to an hour.
    pub(super) fn outside_told<'a>(
        &self,
        id: &Identity,
        told: impl Iterator<Item = (&'a Identity, Option<Hour>)>,
        reads: impl Fn(Measure) -> bool,
    ) -> Vec<Segment> {
        let mut by_keys: BTreeMap<Vec<&str>, BTreeMap<&Text, Option<Hour>>> = BTreeMap::new();
        for (of, last) in told.filter(|(of, _)| is_part(of, id)) {
            by_keys.entry(keys(&of.segment)).or_default().entry(&of.segment).or_insert(last);
        }
        let whole = self.book.segment_or_empty(&id.segment);
        let without = |parts: BTreeMap<&Text, Option<Hour>>| {
            let part = |(name, last): (&Text, Option<Hour>)| (self.book.segment_or_empty(name), last);
            whole.outside(&parts.into_iter().map(part).collect::<Vec<_>>(), &reads)
        };
        by_keys.into_values().map(without).collect()
    }

    /// Whether what is broken would not be without those of which an alert fires, be the rest learning or not, or
    /// without those that told of days of `[from, to)` as well. `breaks` reads a rest; `None` while it is learning.
    pub(super) fn is_of_parts(
        &self,
        id: &Identity,
        (from, to): (Day, Day),
        reads: impl Fn(Measure) -> bool,
        breaks: &mut dyn FnMut(&Segment) -> Option<bool>,
    ) -> bool {
        let whole = |of| (of, None);
        let firing = self.outside_told(id, self.told_now().map(whole), &reads);
        let told = || self.outside_told(id, self.told_in(from, to).map(whole), &reads);
        firing.iter().any(|rest| breaks(rest) != Some(true))
            || told().iter().any(|rest| breaks(rest) == Some(false))
    }

    /// Those of which an alert fires, or told of any of the days `[from, to)`.
    pub(super) fn told_in(&self, from: Day, to: Day) -> impl Iterator<Item = &Identity> {
        let told = self.told_days.iter().filter(move |(_, days)| days.meet(from, to)).map(|(id, _)| id);
        self.told_now().chain(told)
    }

    /// Those of which an alert fires.
    pub(super) fn told_now(&self) -> impl Iterator<Item = &Identity> {
        self.lives.keys().filter(|id| self.fires(id))
    }
}

/// In `other` one may be counted several times: it is no part that could be taken away.
fn is_part(of: &Identity, id: &Identity) -> bool {
    let is_within = of.segment != OTHER && lies_within(&of.segment, &id.segment);
    is_within && of.rule == id.rule && of.subject == id.subject
}

/// The segments within one that are told of with the same rule and subject.
pub(super) fn told_apart<'a>(id: &Identity, told: impl Iterator<Item = &'a Identity>) -> Vec<Text> {
    told.filter(|of| is_part(of, id)).map(|of| of.segment.clone()).collect()
}
