//! Stages of a journey: which were reached and when, which steps were taken.

use crate::model::EventTime;
use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::{Stage, Step};

use super::view::View;

/// When each stage of the funnel was entered and reached, in the order of [`Stage::FUNNEL`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stages {
    entered: [Option<EventTime>; 6],
    reached: [Option<EventTime>; 6],
}

impl Stages {
    /// The stages of a journey. Reached = entered, or a later stage was, at the earliest such time.
    pub fn of(view: &View<'_>) -> Stages {
        let mut stages = Stages::default();
        if !view.has_lead {
            return stages;
        }
        for fact in &view.lead {
            match fact.says {
                Says::Created { .. } => stages.enter(Stage::Lead, fact.at),
                Says::StageEntered { stage } => stages.enter(stage, fact.at),
                _ => {}
            }
        }
        for deal in &view.deals {
            if let Some(at) = deal.exists_since {
                stages.enter(Stage::Opportunity, at);
            }
            if let Some(at) = deal.won_at() {
                stages.enter(Stage::Customer, at);
            }
        }
        let mut later = None;
        for i in (0..stages.entered.len()).rev() {
            later = earliest(stages.entered[i], later);
            stages.reached[i] = later;
        }
        stages
    }

    fn enter(&mut self, stage: Stage, at: EventTime) {
        if let Some(slot) = self.entered.get_mut(stage as usize) {
            *slot = earliest(*slot, Some(at));
        }
    }

    /// When a stage was reached.
    pub fn reached(&self, stage: Stage) -> Option<EventTime> {
        self.reached.get(stage as usize).copied().flatten()
    }

    /// Whether a stage was reached only by entering a later one first.
    pub fn is_implied(&self, stage: Stage) -> bool {
        let i = stage as usize;
        self.reached[i].is_some() && self.entered[i] != self.reached[i]
    }

    /// How long a step took, in milliseconds, if it was taken.
    pub fn took_ms(&self, step: Step) -> Option<i64> {
        Some(self.reached(step.to())?.0 - self.reached(step.from())?.0)
    }

    /// Calls `count` for each stage reached and each step taken.
    pub fn contribute(&self, count: &mut dyn FnMut(Measure, EventTime, u16)) {
        for stage in Stage::FUNNEL {
            let Some(at) = self.reached(stage) else { continue };
            count(Measure::Entered(stage), at, 0);
            if self.is_implied(stage) {
                count(Measure::Implied(stage), at, 0);
            }
        }
        for &step in Step::ALL {
            let (Some(from), Some(to)) = (self.reached(step.from()), self.reached(step.to())) else {
                continue;
            };
            count(Measure::Converted(step), from, from.whole_days_to(to));
        }
    }
}

fn earliest(a: Option<EventTime>, b: Option<EventTime>) -> Option<EventTime> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}
