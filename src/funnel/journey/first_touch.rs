//! MQL cycles and their first human touch by sales: met, missed or still awaited.
//!
//! Either outcome belongs to the deadline, and is none before it. Were a touch in time counted when it was made, those
//! who were called first would have left a short window by the time at which the others of the same morning are
//! missed in it.

use crate::model::fact::Says;
use crate::model::measure::{Blame, Delay, Measure};
use crate::model::words::{Stage, Team};
use crate::model::{EventTime, Minute};

use super::super::terms::Terms;
use super::view::View;

/// One time that marketing handed the lead over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cycle {
    /// Entry to `mql`.
    pub start: EventTime,
    /// The negative verdict (or disqualification) that closed it.
    pub closed: Option<EventTime>,
    /// When the next cycle began.
    pub next_start: Option<EventTime>,
}

/// The MQL cycles of a journey, in order.
pub fn cycles(view: &View<'_>) -> Vec<Cycle> {
    let mut cycles: Vec<Cycle> = Vec::new();
    for fact in &view.lead {
        let negative = match fact.says {
            Says::StageEntered { stage: Stage::Mql } => false,
            Says::StageEntered { stage: Stage::Disqualified } => true,
            Says::Dispositioned { verdict, .. } if verdict.is_negative() => true,
            _ => continue,
        };
        match (negative, cycles.last_mut()) {
            (true, Some(last)) => last.closed = last.closed.or(Some(fact.at)),
            (true, None) => {}
            (false, Some(last)) if last.closed.is_none() => {}
            (false, last) => {
                if let Some(last) = last {
                    last.next_start = Some(fact.at);
                }
                cycles.push(Cycle { start: fact.at, closed: None, next_start: None });
            }
        }
    }
    cycles
}

/// What stands between a cycle and its first touch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstTouch {
    /// Touched by the deadline, which has passed.
    Met { deadline: EventTime },
    /// Not touched by the deadline; perhaps later.
    Missed { deadline: EventTime, blame: Blame },
    /// The deadline lies ahead.
    Awaited { deadline: EventTime },
    /// Closed in time without a touch, or sales never works.
    NoOutcome,
}

/// Looks at the first touch of `cycle` as of `boundary`.
pub fn first_touch(cycle: &Cycle, view: &View<'_>, terms: &Terms, boundary: Minute) -> FirstTouch {
    let Some(deadline) = terms.first_touch_deadline(cycle.start) else { return FirstTouch::NoOutcome };
    let is_met = earliest_touch(cycle, view).is_some_and(|touch| touch <= deadline);
    if !is_met && cycle.closed.is_some_and(|closed| closed <= deadline) {
        return FirstTouch::NoOutcome;
    }
    if deadline >= boundary.start() {
        return FirstTouch::Awaited { deadline };
    }
    match is_met {
        true => FirstTouch::Met { deadline },
        false => FirstTouch::Missed { deadline, blame: blame(cycle.start, deadline, view, terms) },
    }
}

fn earliest_touch(cycle: &Cycle, view: &View<'_>) -> Option<EventTime> {
    let within = |at: &EventTime| {
        *at >= cycle.start
            && cycle.closed.is_none_or(|closed| *at <= closed)
            && cycle.next_start.is_none_or(|next| *at < next)
    };
    let facts = view.lead.iter().chain(view.deals.iter().flat_map(|deal| &deal.facts));
    facts.filter(|fact| human_touch(&fact.says) == Some(Team::Sales)).map(|fact| fact.at).filter(within).min()
}

/// The team whose person got in touch, if a person did.
pub fn human_touch(says: &Says) -> Option<Team> {
    match says {
        Says::Touched { team, automated: false, .. } | Says::DealTouched { team, automated: false, .. } => {
            Some(*team)
        }
        _ => None,
    }
}

/// When the lead was assigned, counted from the start of the cycle at the earliest.
fn assigned(start: EventTime, view: &View<'_>) -> Option<EventTime> {
    let first = view.lead.iter().find(|f| matches!(f.says, Says::Assigned { .. }))?;
    Some(first.at.max(start))
}

fn blame(start: EventTime, deadline: EventTime, view: &View<'_>, terms: &Terms) -> Blame {
    match assigned(start, view).filter(|at| *at <= deadline) {
        None => Blame::Unassigned,
        Some(at) => {
            let routing_ms = terms.sales.between_ms(start.0, at.0);
            let person_ms = terms.sales.between_ms(at.0, deadline.0);
            if routing_ms > person_ms { Blame::Routing } else { Blame::Sales }
        }
    }
}

/// When a touch in time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MetAt {
    /// At the deadline.
    Deadline,
    /// When it is made, as releases of old did.
    Touch,
}

/// Calls `count` for the outcome and the durations of one cycle: (measure, subject, time, grade).
pub fn contribute(
    cycle: &Cycle,
    view: &View<'_>,
    terms: &Terms,
    (boundary, met_at): (Minute, MetAt),
    count: &mut dyn FnMut(Measure, &str, EventTime, u16),
) {
    let deadline = terms.first_touch_deadline(cycle.start);
    let in_time = earliest_touch(cycle, view).filter(|touch| deadline.is_some_and(|by| *touch <= by));
    match first_touch(cycle, view, terms, boundary) {
        _ if met_at == MetAt::Touch && in_time.is_some() => {
            in_time.into_iter().for_each(|touch| count(Measure::TouchMet, "", touch, 0));
        }
        FirstTouch::Met { deadline } => count(Measure::TouchMet, "", deadline, 0),
        FirstTouch::Missed { deadline, blame } => {
            count(Measure::TouchMissed, blame.as_str(), deadline, 0);
        }
        FirstTouch::Awaited { .. } | FirstTouch::NoOutcome => {}
    }
    // How long it took is counted also where nothing was promised.
    let Some(touch) = earliest_touch(cycle, view) else { return };
    let bucket = |from: EventTime, to: EventTime| {
        terms.buckets.bucket((terms.sales.between_ms(from.0, to.0) / 1000).max(0) as u64)
    };
    count(Measure::TouchDelay(Delay::Total), "", touch, bucket(cycle.start, touch));
    if let Some(assigned) = assigned(cycle.start, view).filter(|at| *at <= touch) {
        count(Measure::TouchDelay(Delay::Routing), "", touch, bucket(cycle.start, assigned));
        count(Measure::TouchDelay(Delay::Human), "", touch, bucket(assigned, touch));
    }
}
