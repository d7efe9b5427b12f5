//! rapport watches how marketing and sales get along.
#![warn(missing_docs)]

pub mod cli;
pub mod codec;
pub mod commands;
pub mod config;
pub mod engine;
pub mod funnel;
pub mod intake;
pub mod log;
pub mod model;
pub mod oracle;
pub mod pipeline;
pub mod serve;
pub mod simulator;
pub mod stats;
