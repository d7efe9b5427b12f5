//! The rounds of a deal: in each marketing is in touch, or silent.
//!
//! Rules: `src/funnel/semantics.md`, "Rounds".

use super::Rulebook;
use super::journey::{Deal, Journey, one_of};
use crate::model::fact::Says;
use crate::model::measure::{Contribution, Measure};
use crate::model::words::{DealStatus, Team};
use crate::model::{EventTime, Minute};

/// So many rounds of a deal are counted.
pub(super) const COUNTED: i64 = 3;

/// The rounds that have ended by a boundary, and those that go on; only where a rule asks for them.
pub(super) fn contributions(journey: &Journey, rulebook: &Rulebook, boundary: Minute) -> Vec<Contribution> {
    let mut all = vec![];
    for deal in journey.deals() {
        let ended = rounds(&deal, rulebook, boundary);
        let running = ended.len() as i64 + 1;
        let is_open = deal.status.is_none_or(|(status, _)| status == DealStatus::Open);
        let ends = deal.begins.and_then(|exists| rulebook.round_ends(exists, running));
        let begins = ended.last().map(|(_, ends)| *ends).or(deal.begins);
        if let Some(begins) = begins.filter(|_| is_open && running <= COUNTED && ends.is_some()) {
            all.push(one_of(Measure::HandoffRuns, &running.to_string(), begins, 0));
        }
        for (place, (begins, ends)) in (1..).zip(ended) {
            let is_touched = journey.facts.iter().any(|(entity, fact)| {
                let by_marketing = match fact.says {
                    Says::Touched { team, .. } => team == Team::Marketing,
                    Says::DealTouched { team, .. } => team == Team::Marketing && *entity == deal.entity,
                    _ => false,
                };
                by_marketing && begins <= fact.at && fact.at < ends
            });
            let place: u32 = place;
            let measure = if is_touched { Measure::HandoffTouched } else { Measure::HandoffSilent };
            all.push(Contribution { evidence: !is_touched, ..one_of(measure, &place.to_string(), ends, 0) });
        }
    }
    all
}

/// The boundaries up to `to` by which rounds have ended, if nothing is said from `boundary` on.
pub(super) fn ends(journey: &Journey, rulebook: &Rulebook, to: Minute) -> Vec<Minute> {
    let deals = journey.deals();
    let all = deals.iter().flat_map(|deal| rounds(deal, rulebook, to));
    all.map(|(_, ends)| ends.first_boundary_after()).collect()
}

/// Begin and end of each counted round that has ended by a boundary.
fn rounds(deal: &Deal, rulebook: &Rulebook, boundary: Minute) -> Vec<(EventTime, EventTime)> {
    let Some(exists) = deal.begins else { return vec![] };
    let closes = deal.status.filter(|(status, _)| *status != DealStatus::Open).map(|(_, at)| at);
    let mut all = vec![];
    let mut begins = exists;
    for n in 1..=COUNTED {
        let Some(ends) = rulebook.round_ends(exists, n) else { break };
        if ends >= boundary.start() || closes.is_some_and(|closes| ends >= closes) {
            break;
        }
        all.push((begins, ends));
        begins = ends;
    }
    all
}
