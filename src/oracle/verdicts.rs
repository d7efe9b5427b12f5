//! What sales says of a lead in each cycle, or does not.
//!
//! Rules: `src/funnel/semantics.md`, "Verdict".

use super::Rulebook;
use super::journey::{Journey, one};
use super::touches::cycles;
use crate::model::entity::EntityKind;
use crate::model::fact::Says;
use crate::model::measure::{Contribution, Measure};
use crate::model::words::Stage;
use crate::model::{EventTime, Minute};

/// Cycles that await a verdict, and how that ended; only where a rule asks for it.
pub(super) fn contributions(journey: &Journey, rulebook: &Rulebook, boundary: Minute) -> Vec<Contribution> {
    let cycles = cycles(journey);
    let mut all = vec![];
    for (i, cycle) in cycles.iter().enumerate() {
        let Some(deadline) = rulebook.verdict_deadline(cycle.starts) else { continue };
        all.push(one(Measure::CycleBegun, cycle.starts, 0));
        let next_starts = cycles.get(i + 1).map(|next| next.starts);
        let in_cycle = |at: EventTime| at >= cycle.starts && next_starts.is_none_or(|next| at < next);
        let verdict = verdicts(journey).into_iter().filter(|&at| in_cycle(at)).min();
        if verdict.is_some_and(|at| at <= deadline) {
            all.push(one(Measure::VerdictMet, cycle.starts, 0));
        } else if deadline < boundary.start() {
            all.push(Contribution { evidence: true, ..one(Measure::VerdictMissed, cycle.starts, 0) });
        }
    }
    all
}

/// Whether a boundary is the first one after the deadline of a verdict that did not come.
pub(super) fn is_missed_at(journey: &Journey, rulebook: &Rulebook, boundary: Minute) -> bool {
    let is_missed = |of: &Contribution| of.cell.measure == Measure::VerdictMissed;
    let now = contributions(journey, rulebook, boundary);
    let before = contributions(journey, rulebook, boundary.plus(-1));
    now.iter().filter(|of| is_missed(of)).count() > before.iter().filter(|of| is_missed(of)).count()
}

/// The times of everything that says what becomes of the lead.
fn verdicts(journey: &Journey) -> Vec<EventTime> {
    let said = journey.facts.iter().filter(|(entity, fact)| {
        entity.kind == EntityKind::Lead
            && match &fact.says {
                Says::Dispositioned { .. } => true,
                Says::StageEntered { stage } => !matches!(stage, Stage::Lead | Stage::Mql),
                _ => false,
            }
    });
    let deals = journey.deals();
    said.map(|(_, fact)| fact.at).chain(deals.into_iter().filter_map(|deal| deal.begins)).collect()
}
