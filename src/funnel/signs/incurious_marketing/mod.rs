//! Sign 3, marketing is not curious about what makes selling easier: `stage_ageing`, `absent_after_handoff`,
//! `unanswered_rejections`.

pub mod absent_after_handoff;
pub mod stage_ageing;
pub mod unanswered_rejections;

pub use absent_after_handoff::ABSENT_AFTER_HANDOFF;
pub use stage_ageing::STAGE_AGEING;
pub use unanswered_rejections::UNANSWERED_REJECTIONS;
