//! Sign 2, the teams are out of sync: `first_touch_slo`, `silent_leads`, `reasonless_rejections`,
//! `launch_without_notice`.

pub mod first_touch_slo;
pub mod launch_without_notice;
pub mod reasonless_rejections;
pub mod silent_leads;

pub use launch_without_notice::LAUNCH_WITHOUT_NOTICE;
pub use reasonless_rejections::REASONLESS_REJECTIONS;
pub use silent_leads::SILENT_LEADS;
