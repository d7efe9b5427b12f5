//! Sign 1, marketing cares only about MQLs: `divergence`, `revenue_pace`, `no_revenue_target`.

pub mod divergence;
pub mod no_revenue_target;
mod pace;
pub mod revenue_pace;
mod targets;

pub use no_revenue_target::NO_REVENUE_TARGET;
pub use revenue_pace::REVENUE_PACE;
