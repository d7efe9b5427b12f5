//! What was counted by a boundary, by day: what the rules of each business day look at.

use std::collections::{BTreeMap, BTreeSet};

use super::funnel::Judged;
use super::wider::is_outside;
use crate::model::measure::Measure;
use crate::model::{Minute, Text};

/// Of one measure and subject: how many by day and grade.
type ByDay = BTreeMap<(i32, u16), i64>;

/// Counts by segment, measure, subject, day and grade.
#[derive(Default)]
pub(super) struct Counted(BTreeMap<Text, BTreeMap<(Measure, Text), ByDay>>);

impl Counted {
    /// The measures that are wanted, as they stand at a boundary.
    pub(super) fn at(judged: &Judged, boundary: Minute, is_wanted: impl Fn(Measure) -> bool) -> Counted {
        let mut counted = Counted::default();
        for contributed in judged.at(boundary) {
            for of in contributed.contributions.iter().filter(|of| is_wanted(of.cell.measure)) {
                let day = judged.rulebook.days.day_of(of.cell.slice.start());
                for segment in &contributed.segments {
                    if of.cell.measure.is_of_all_alone() && segment != "all" {
                        continue;
                    }
                    let of_segment = counted.0.entry(segment.clone()).or_default();
                    let by_day = of_segment.entry((of.cell.measure, of.cell.subject.clone())).or_default();
                    *by_day.entry((day, of.cell.grade)).or_default() += of.n;
                }
            }
        }
        counted
    }

    /// Of one segment what is in none of these parts of it. What is counted of all alone is in none.
    pub(super) fn outside(
        judged: &Judged,
        boundary: Minute,
        (whole, parts): (&Text, &BTreeSet<Text>),
        is_wanted: impl Fn(Measure) -> bool,
    ) -> Counted {
        let mut by_measure: BTreeMap<(Measure, Text), ByDay> = BTreeMap::new();
        for contributed in judged.at(boundary) {
            let is_outside = is_outside(&contributed.segments, whole, parts);
            for of in contributed.contributions.iter().filter(|of| is_wanted(of.cell.measure)) {
                let counts = if of.cell.measure.is_of_all_alone() { whole == "all" } else { is_outside };
                if counts {
                    let day = judged.rulebook.days.day_of(of.cell.slice.start());
                    let by_day = by_measure.entry((of.cell.measure, of.cell.subject.clone())).or_default();
                    *by_day.entry((day, of.cell.grade)).or_default() += of.n;
                }
            }
        }
        Counted(BTreeMap::from([(whole.clone(), by_measure)]))
    }

    pub(super) fn segments(&self) -> impl Iterator<Item = &Text> {
        self.0.keys()
    }

    /// Subject, day, grade and number of each count of a measure in a segment.
    pub(super) fn each(
        &self,
        segment: &str,
        measure: Measure,
    ) -> impl Iterator<Item = (&Text, i32, u16, i64)> {
        let of_segment = self.0.get(segment).into_iter().flatten();
        let wanted = of_segment.filter(move |((known, _), _)| *known == measure);
        wanted.flat_map(|((_, subject), by_day)| {
            by_day.iter().map(move |(&(day, grade), &n)| (subject, day, grade, n))
        })
    }

    /// How many of a measure there are in a segment on the days `[from, to)`, of any subject and grade.
    pub(super) fn sum(&self, segment: &str, measure: Measure, from: i32, to: i32) -> i64 {
        let all = self.each(segment, measure).filter(|&(_, day, _, _)| from <= day && day < to);
        all.map(|(_, _, _, n)| n).sum()
    }
}
