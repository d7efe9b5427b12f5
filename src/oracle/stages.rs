//! How far a journey has come: the stages it reached, the steps it took, the stage that is open.
//!
//! Rules: `src/funnel/semantics.md`, "Stages" and "Open stage".

use std::collections::BTreeMap;

use super::journey::{Journey, Said, one};
use crate::model::entity::EntityRef;
use crate::model::fact::Says;
use crate::model::measure::{Contribution, Measure};
use crate::model::words::{DealStatus, Stage, Step};
use crate::model::{DAY_MS, EventTime};

/// Stages reached, implied and converted; only of journeys with a lead. An MQL that has not taken the step that a rule
/// asks for is evidence.
pub(super) fn contributions(journey: &Journey, asked: Option<Step>) -> Vec<Contribution> {
    let entries = entries(journey);
    let reached = |stage: Stage| {
        let later = Stage::FUNNEL.into_iter().filter(move |&other| other >= stage);
        later.filter_map(|other| entries.get(&other).copied()).min()
    };
    let took = |step: Step| reached(step.from()).is_some() && reached(step.to()).is_some();
    let mut all = vec![];
    for stage in Stage::FUNNEL {
        let Some(at) = reached(stage) else { continue };
        let evidence = stage == Stage::Mql && asked.is_some_and(|step| !took(step));
        all.push(Contribution { evidence, ..one(Measure::Entered(stage), at, 0) });
        if entries.get(&stage).is_none_or(|&entry| entry > at) {
            all.push(one(Measure::Implied(stage), at, 0));
        }
    }
    for &step in Step::ALL {
        if let (Some(from), Some(to)) = (reached(step.from()), reached(step.to())) {
            let days = (to.0 - from.0) / DAY_MS;
            let grade = u16::try_from(days).expect("possible event times lie within 111 years");
            all.push(one(Measure::Converted(step), from, grade));
        }
    }
    all
}

/// The earliest entry of each stage.
fn entries(journey: &Journey) -> BTreeMap<Stage, EventTime> {
    let mut entries: BTreeMap<Stage, EventTime> = BTreeMap::new();
    let mut enter = |stage: Stage, at: EventTime| {
        let known = entries.entry(stage).or_insert(at);
        *known = at.min(*known);
    };
    for fact in journey.lead_facts() {
        match &fact.says {
            Says::Created { .. } => enter(Stage::Lead, fact.at),
            Says::StageEntered { stage } => enter(*stage, fact.at),
            _ => {}
        }
    }
    for deal in journey.deals() {
        if let Some(begins) = deal.begins {
            enter(Stage::Opportunity, begins);
        }
        if let Some((DealStatus::Won, at)) = deal.status {
            enter(Stage::Customer, at);
        }
    }
    entries
}

/// A walk over the facts of a journey.
#[derive(Default)]
struct Walk {
    open: Option<(Stage, EventTime)>,
    /// Whether a stage was opened or closed before.
    has_begun: bool,
    /// Stays that have ended: the stage, when it was opened, and when that ended.
    left: Vec<(Stage, EventTime, EventTime)>,
    /// Deals that exist, with the status they have so far.
    deals: BTreeMap<EntityRef, DealStatus>,
}

impl Walk {
    fn open(&mut self, stage: Stage, at: EventTime) {
        if self.open.is_none_or(|(open, _)| open != stage) {
            self.close(at);
            self.open = Some((stage, at));
        }
        self.has_begun = true;
    }

    fn close(&mut self, at: EventTime) {
        self.left.extend(self.open.take().map(|(stage, since)| (stage, since, at)));
        self.has_begun = true;
    }

    fn step(&mut self, (entity, fact): &Said) {
        match &fact.says {
            Says::Created { .. } if !self.has_begun => self.open(Stage::Lead, fact.at),
            Says::StageEntered { stage: Stage::Customer | Stage::Disqualified } => self.close(fact.at),
            Says::StageEntered { stage } => self.open(*stage, fact.at),
            Says::Dispositioned { verdict, .. } if verdict.is_negative() => self.close(fact.at),
            Says::DealOpened { .. } if !self.deals.contains_key(entity) => {
                self.deals.insert(*entity, DealStatus::Open);
                self.open(Stage::Opportunity, fact.at);
            }
            Says::DealStageEntered { status, .. } => {
                self.deals.insert(*entity, *status);
                let other_open =
                    self.deals.iter().any(|(deal, status)| deal != entity && *status == DealStatus::Open);
                match status {
                    DealStatus::Open => self.open(Stage::Opportunity, fact.at),
                    DealStatus::Won => self.close(fact.at),
                    DealStatus::Lost if !other_open => self.close(fact.at),
                    DealStatus::Lost => {}
                }
            }
            _ => {}
        }
    }
}

/// The stage that is open and since when; deals without a lead have one too.
pub(super) fn open_stage(journey: &Journey) -> Option<(Stage, EventTime)> {
    walk(journey).open
}

/// The stays in stages, and those that have ended; only where a rule asks for them.
pub(super) fn stays(journey: &Journey) -> Vec<Contribution> {
    let walk = walk(journey);
    let mut all: Vec<Contribution> =
        walk.open.into_iter().map(|(stage, since)| one(Measure::Stayed(stage), since, 0)).collect();
    for (stage, since, to) in walk.left {
        let days = u16::try_from((to.0 - since.0) / DAY_MS).unwrap_or(u16::MAX);
        all.push(one(Measure::Stayed(stage), since, 0));
        all.push(one(Measure::Left(stage), since, days));
    }
    all
}

fn walk(journey: &Journey) -> Walk {
    let mut walk = Walk::default();
    for said in &journey.facts {
        walk.step(said);
    }
    walk
}
