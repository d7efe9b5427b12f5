//! Stays of a journey in its stages: in which one it was open, from when to when.

use crate::model::EventTime;
use crate::model::fact::{Fact, Says};
use crate::model::measure::Measure;
use crate::model::words::{DealStatus, Stage};

use super::super::terms::Terms;
use super::view::View;

/// A time during which a journey was open in one stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay {
    /// The stage.
    pub stage: Stage,
    /// When it was entered.
    pub since: EventTime,
    /// When the journey left it or was closed; `None` while it is open.
    pub until: Option<EventTime>,
}

/// Every stay, in order. Saying the open stage again begins no other one.
pub fn stays(view: &View<'_>) -> Vec<Stay> {
    let mut stays: Vec<Stay> = Vec::new();
    let mut begun = false;
    let mut status: Vec<Option<DealStatus>> = vec![None; view.deals.len()];
    for (fact, deal) in view.in_order() {
        let entered = match (&fact.says, deal) {
            (Says::Created { .. }, _) => (!begun).then_some(Stage::Lead),
            (Says::StageEntered { stage }, _) => Some(*stage),
            (Says::Dispositioned { verdict, .. }, _) if verdict.is_negative() => Some(Stage::Disqualified),
            (Says::DealOpened { .. }, Some(i)) => {
                let begins = status[i].is_none();
                status[i] = status[i].or(Some(DealStatus::Open));
                begins.then_some(Stage::Opportunity)
            }
            (Says::DealStageEntered { status: now, .. }, Some(i)) => {
                status[i] = Some(*now);
                match now {
                    DealStatus::Open => Some(Stage::Opportunity),
                    DealStatus::Won => Some(Stage::Customer),
                    DealStatus::Lost if status.contains(&Some(DealStatus::Open)) => None,
                    DealStatus::Lost => Some(Stage::Disqualified),
                }
            }
            _ => continue,
        };
        begun = true;
        if let Some(stage) = entered {
            enter(&mut stays, stage, fact);
        }
    }
    stays
}

fn enter(stays: &mut Vec<Stay>, stage: Stage, fact: &Fact) {
    if let Some(open) = stays.last_mut().filter(|stay| stay.until.is_none()) {
        if open.stage == stage {
            return;
        }
        open.until = Some(fact.at);
    }
    if !matches!(stage, Stage::Customer | Stage::Disqualified) {
        stays.push(Stay { stage, since: fact.at, until: None });
    }
}

/// The stages in which items are to move on; a lead that nobody has qualified may wait.
pub const AGEING_STAGES: [Stage; 4] = [Stage::Mql, Stage::Sal, Stage::Sql, Stage::Opportunity];

/// The stage in which a journey is open, and since when; `None` if it is closed or has not begun.
pub fn open_stage(stays: &[Stay]) -> Option<(Stage, EventTime)> {
    stays.last().filter(|stay| stay.until.is_none()).map(|stay| (stay.stage, stay.since))
}

/// Calls `count` for the stage that is open and, where a rule asks for them, for each stay: (measure, time, grade).
pub fn contribute(stays: &[Stay], terms: &Terms, count: &mut dyn FnMut(Measure, EventTime, u16)) {
    if let Some((stage, since)) = open_stage(stays) {
        count(Measure::Open(stage), since, 0);
    }
    if terms.definitions.rules.stage_ageing.is_none() {
        return;
    }
    for stay in stays {
        count(Measure::Stayed(stay.stage), stay.since, 0);
        if let Some(until) = stay.until {
            count(Measure::Left(stay.stage), stay.since, stay.since.whole_days_to(until));
        }
    }
}
