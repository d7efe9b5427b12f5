//! Rounds of an open deal: whether marketing was in touch in each of them.
//!
//! A deal's rounds follow one another from the time at which it begins to exist, each as long as the rule says in
//! business time of marketing. A round that ends while the deal is open has an outcome. The first few are counted, each
//! by its place: deals are touched less as they grow old, and outcomes of deals of all ages would fall as a young log
//! grows old, with nothing amiss.

use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::Team;
use crate::model::{EventTime, MINUTE_MS, Minute};

use super::super::terms::Terms;
use super::view::{Deal, View};

/// The subjects of the rounds that are counted: a deal's first, second and third.
pub const ROUNDS: [&str; 3] = ["1", "2", "3"];

/// Calls `count` for each counted round of `deal` that has ended by `boundary`, and for the one that runs; gives when
/// that one will end, if it is counted.
pub fn rounds(
    deal: &Deal<'_>,
    view: &View<'_>,
    terms: &Terms,
    boundary: Minute,
    count: &mut dyn FnMut(Measure, &str, EventTime),
) -> Option<EventTime> {
    let rule = terms.definitions.rules.absent_after_handoff.as_ref()?;
    let began = deal.exists_since?;
    let closed = deal.won_at().or(deal.lost_at());
    let round_ms = i64::from(rule.within_minutes) * MINUTE_MS;
    let mut from = began;
    for (n, round) in (1..).zip(ROUNDS) {
        let end = EventTime(terms.marketing.deadline(began.0, n * round_ms)?);
        if closed.is_some_and(|closed| closed <= end) {
            return None;
        }
        if end >= boundary.start() {
            count(Measure::HandoffRuns, round, from);
            return Some(end);
        }
        let in_touch = touches(deal, view).any(|at| from <= at && at < end);
        count(if in_touch { Measure::HandoffTouched } else { Measure::HandoffSilent }, round, end);
        from = end;
    }
    None
}

/// Every touch by marketing of the deal or of its lead, automated ones too.
fn touches<'a>(deal: &'a Deal<'_>, view: &'a View<'_>) -> impl Iterator<Item = EventTime> + 'a {
    let facts = view.lead.iter().chain(&deal.facts);
    let by_marketing = |says: &Says| {
        matches!(
            says,
            Says::Touched { team: Team::Marketing, .. } | Says::DealTouched { team: Team::Marketing, .. }
        )
    };
    facts.filter(move |fact| by_marketing(&fact.says)).map(|fact| fact.at)
}
