//! One alert for one cause, the other way round: where a segment is told of, a wider one that would not break the rule
//! without it keeps quiet.
//!
//! What is left of the wider one is judged as though it were the wider one: all that is counted there and not in those
//! within it that are told of. These are the segments of one dimension, which lie apart from each other; of several
//! dimensions any suffices.

use std::collections::BTreeMap;

use crate::model::Text;
use crate::model::measure::Measure;

use super::super::super::alerting::Identity;
use super::super::super::journey::segments::{keys, lies_within};
use super::super::SegmentsTask;
use super::super::book::Segment;
use super::super::series::Day;

impl SegmentsTask {
    /// A segment without those within it that are told of with the same rule and subject, for each dimension that has
    /// any.
    pub(super) fn outside_told<'a>(
        &self,
        id: &Identity,
        told: impl Iterator<Item = &'a Identity>,
        is_wanted: impl Fn(Measure) -> bool,
    ) -> Vec<Segment> {
        let mut by_keys: BTreeMap<Vec<&str>, Vec<&Text>> = BTreeMap::new();
        for of in told {
            if is_part(of, id) {
                let parts = by_keys.entry(keys(&of.segment)).or_default();
                if !parts.contains(&&of.segment) {
                    parts.push(&of.segment);
                }
            }
        }
        let whole = self.book.segment_or_empty(&id.segment);
        let without = |parts: Vec<&Text>| {
            let parts: Vec<&Segment> =
                parts.into_iter().map(|name| self.book.segment_or_empty(name)).collect();
            whole.outside(&parts, &is_wanted)
        };
        by_keys.into_values().map(without).collect()
    }

    /// Those of which an alert fires, or told of a day from this one on.
    pub(super) fn told_since(&self, day: Day) -> impl Iterator<Item = &Identity> {
        let told = self.told_days.iter().filter(move |(_, days)| days.reach(day)).map(|(id, _)| id);
        self.told_now().chain(told)
    }

    /// Those of which an alert fires.
    pub(super) fn told_now(&self) -> impl Iterator<Item = &Identity> {
        self.lives.keys().filter(|id| self.fires(id))
    }
}

fn is_part(of: &Identity, id: &Identity) -> bool {
    of.rule == id.rule && of.subject == id.subject && lies_within(&of.segment, &id.segment)
}

/// The segments within one that are told of with the same rule and subject.
pub(super) fn told_apart<'a>(id: &Identity, told: impl Iterator<Item = &'a Identity>) -> Vec<Text> {
    told.filter(|of| is_part(of, id)).map(|of| of.segment.clone()).collect()
}
