//! What the tests share.

pub mod definitions;
pub mod random_log;
pub mod run;
pub mod story;
