//! The order of facts. Where facts are and which of them count is not asked here.
//!
//! Rules: `src/funnel/semantics.md`, "The order of facts".

use crate::model::EventTime;
use crate::model::entity::FactId;
use crate::model::event::Kind;
use crate::model::fact::{Fact, Says};
use crate::model::words::{DealStatus, Stage};

/// What facts are sorted by.
pub(super) fn in_time(fact: &Fact) -> (EventTime, Kind, usize, Vec<u8>, FactId) {
    let among_its_kind = match &fact.says {
        Says::StageEntered { stage } => {
            Stage::ALL.iter().position(|known| known == stage).expect("every stage is listed")
        }
        Says::DealStageEntered { status: DealStatus::Won, .. } => 1,
        Says::DealStageEntered { status: DealStatus::Lost, .. } => 2,
        _ => 0,
    };
    (fact.at, fact.says.kind(), among_its_kind, fact.canonical(), fact.id)
}
