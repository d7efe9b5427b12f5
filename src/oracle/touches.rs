//! The cycles in which a lead is marketing qualified, and the first touch by sales in each.
//!
//! Rules: `src/funnel/semantics.md`, "Cycles" and "First touch".

use super::Rulebook;
use super::journey::{Journey, one, one_of};
use crate::model::fact::Says;
use crate::model::measure::{Blame, Contribution, Delay, Measure};
use crate::model::words::{Stage, Team};
use crate::model::{EventTime, Minute};

/// From an entry to `mql` to the verdict that ends it.
#[derive(Clone, Copy)]
pub(super) struct Cycle {
    pub(super) starts: EventTime,
    closes: Option<EventTime>,
}

pub(super) fn cycles(journey: &Journey) -> Vec<Cycle> {
    let mut cycles: Vec<Cycle> = vec![];
    for fact in journey.lead_facts() {
        let open = cycles.last_mut().filter(|cycle| cycle.closes.is_none());
        match (&fact.says, open) {
            (Says::StageEntered { stage: Stage::Mql }, None) => {
                cycles.push(Cycle { starts: fact.at, closes: None });
            }
            (Says::StageEntered { stage: Stage::Disqualified }, Some(open)) => open.closes = Some(fact.at),
            (Says::Dispositioned { verdict, .. }, Some(open)) if verdict.is_negative() => {
                open.closes = Some(fact.at);
            }
            _ => {}
        }
    }
    cycles
}

/// Further cycles, and the outcome and the delays of each first touch.
pub(super) fn contributions(journey: &Journey, rulebook: &Rulebook, boundary: Minute) -> Vec<Contribution> {
    let cycles = cycles(journey);
    let mut all = vec![];
    for (i, cycle) in cycles.iter().enumerate() {
        if i > 0 {
            all.push(one(Measure::Reentered, cycle.starts, 0));
        }
        let next_starts = cycles.get(i + 1).map(|next| next.starts);
        all.extend(first_touch(journey, rulebook, boundary, *cycle, next_starts));
    }
    all
}

/// Whether a boundary is the first one at which a first touch has its outcome.
pub(super) fn is_decided_at(journey: &Journey, rulebook: &Rulebook, boundary: Minute) -> bool {
    let is_outcome = |measure| matches!(measure, Measure::TouchMet | Measure::TouchMissed);
    let is_it = |of: &Contribution| is_outcome(of.cell.measure) && of.cell.slice.next() == boundary;
    contributions(journey, rulebook, boundary).iter().any(is_it)
}

fn first_touch(
    journey: &Journey,
    rulebook: &Rulebook,
    boundary: Minute,
    cycle: Cycle,
    next_starts: Option<EventTime>,
) -> Vec<Contribution> {
    let is_human_by_sales = |says: &Says| {
        matches!(
            says,
            Says::Touched { team: Team::Sales, automated: false, .. }
                | Says::DealTouched { team: Team::Sales, automated: false, .. }
        )
    };
    let touch = journey
        .facts
        .iter()
        .filter(|(_, fact)| is_human_by_sales(&fact.says))
        .map(|(_, fact)| fact.at)
        .filter(|&at| at >= cycle.starts)
        .filter(|&at| cycle.closes.is_none_or(|closes| at <= closes))
        .filter(|&at| next_starts.is_none_or(|next| at < next))
        .min();
    let assigned = journey
        .lead_facts()
        .filter(|fact| matches!(fact.says, Says::Assigned { .. }))
        .map(|fact| fact.at.max(cycle.starts))
        .min();
    let mut all = vec![];
    if let Some(touch) = touch {
        all.extend(delays(rulebook, cycle.starts, assigned, touch));
    }
    let Some(deadline) = rulebook.deadline(cycle.starts) else { return all };
    if deadline >= boundary.start() {
        return all;
    }
    if touch.is_some_and(|touch| touch <= deadline) {
        all.push(one(Measure::TouchMet, deadline, 0));
    } else if cycle.closes.is_none_or(|closes| closes > deadline) {
        let blame = blame(rulebook, cycle.starts, assigned, deadline);
        let missed = one_of(Measure::TouchMissed, blame.as_str(), deadline, 0);
        all.push(Contribution { evidence: true, ..missed });
    }
    all
}

fn delays(
    rulebook: &Rulebook,
    starts: EventTime,
    assigned: Option<EventTime>,
    touch: EventTime,
) -> Vec<Contribution> {
    let part = |part: Delay, from: EventTime, to: EventTime| {
        let seconds = rulebook.sales.between_ms(from, to) / 1_000;
        let bucket = rulebook.buckets.bucket(u64::try_from(seconds).expect("a touch follows its start"));
        one(Measure::TouchDelay(part), touch, bucket)
    };
    let mut all = vec![part(Delay::Total, starts, touch)];
    if let Some(assigned) = assigned.filter(|&assigned| assigned <= touch) {
        all.push(part(Delay::Routing, starts, assigned));
        all.push(part(Delay::Human, assigned, touch));
    }
    all
}

fn blame(rulebook: &Rulebook, starts: EventTime, assigned: Option<EventTime>, deadline: EventTime) -> Blame {
    let Some(assigned) = assigned.filter(|&assigned| assigned <= deadline) else {
        return Blame::Unassigned;
    };
    let routing_ms = rulebook.sales.between_ms(starts, assigned);
    let sales_ms = rulebook.sales.between_ms(assigned, deadline);
    if routing_ms > sales_ms { Blame::Routing } else { Blame::Sales }
}
