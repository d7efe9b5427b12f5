//! What sales said of the lead in each MQL cycle: in time, or not. Both outcomes belong to the time at which the cycle
//! began: by the time of the verdict a falling volume would look like a growing silence.

use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::model::{EventTime, Minute};

use super::super::terms::Terms;
use super::first_touch::Cycle;
use super::view::View;

/// How a cycle stands with its verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Sales said what it thinks in time.
    Met,
    /// It did not; perhaps later.
    Missed,
    /// The deadline lies ahead.
    Awaited { deadline: EventTime },
    /// Nothing was promised, or sales never works.
    Unpromised,
}

/// Looks at the verdict of `cycle` as of `boundary`.
pub fn outcome(cycle: &Cycle, view: &View<'_>, terms: &Terms, boundary: Minute) -> Outcome {
    let Some(deadline) = terms.verdict_deadline(cycle.start) else { return Outcome::Unpromised };
    match earliest(cycle, view).filter(|at| *at <= deadline) {
        Some(_) => Outcome::Met,
        None if deadline >= boundary.start() => Outcome::Awaited { deadline },
        None => Outcome::Missed,
    }
}

/// The earliest verdict of the cycle: a disposition, or that the lead went on to `sal` or beyond, or out.
fn earliest(cycle: &Cycle, view: &View<'_>) -> Option<EventTime> {
    let said = view.lead.iter().filter(|fact| match fact.says {
        Says::Dispositioned { .. } => true,
        Says::StageEntered { stage } => stage >= Stage::Sal,
        _ => false,
    });
    let deals = view.deals.iter().filter_map(|deal| deal.exists_since);
    let within = |at: &EventTime| *at >= cycle.start && cycle.next_start.is_none_or(|next| *at < next);
    said.map(|fact| fact.at).chain(deals).filter(within).min()
}

/// Calls `count` for the outcome of one cycle.
pub fn contribute(
    cycle: &Cycle,
    view: &View<'_>,
    terms: &Terms,
    boundary: Minute,
    count: &mut dyn FnMut(Measure, EventTime),
) {
    let outcome = outcome(cycle, view, terms, boundary);
    if outcome != Outcome::Unpromised {
        count(Measure::CycleBegun, cycle.start);
    }
    match outcome {
        Outcome::Met => count(Measure::VerdictMet, cycle.start),
        Outcome::Missed => count(Measure::VerdictMissed, cycle.start),
        Outcome::Awaited { .. } | Outcome::Unpromised => {}
    }
}
