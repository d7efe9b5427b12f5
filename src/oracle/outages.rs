//! What outages of feeds leave unknown.
//!
//! Rules: `src/funnel/semantics.md`, "no_data", and under each rule.

use std::collections::BTreeSet;

use super::funnel::Judged;
use super::shares::{Look, ShareRule};
use crate::model::Minute;

/// A time in which a family did not tell.
pub(super) struct Outage {
    pub(super) from: Minute,
    pub(super) to: Minute,
    /// The days that have a moment of it.
    pub(super) first_day: i32,
    pub(super) last_day: i32,
}

/// The days of outages, and of each from the first to the last one that is said.
pub(super) fn unknown_days(
    judged: &Judged,
    outages: &[(Minute, Minute)],
    said: impl Fn(&Outage) -> (i32, i32),
) -> BTreeSet<i32> {
    let day_of = |at: Minute| judged.rulebook.days.day_of(at.start());
    let of = |&(from, to): &(Minute, Minute)| {
        let outage = Outage { from, to, first_day: day_of(from), last_day: day_of(to.plus(-1)) };
        let (first, last) = said(&outage);
        first.min(outage.first_day)..=last.max(outage.last_day)
    };
    outages.iter().flat_map(of).collect()
}

impl Look<'_> {
    /// The days of which a rule does not know all outcomes.
    pub(super) fn unknown_days(&self, rule: &ShareRule, span: i32) -> BTreeSet<i32> {
        unknown_days(self.judged, self.outages, |outage| (rule.unknown)(self, span, outage))
    }
}
