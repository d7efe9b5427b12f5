//! One file a command: each wires rooms together and has no logic of its own.

mod at_end;
pub mod backtest;
pub mod check;
pub mod configured;
pub mod daemon;
pub mod definitions;
pub mod demo;
pub mod explain;
mod holding;
mod observer;
pub mod replay;
pub mod rules;
pub mod run;
mod say;
pub mod simulate;
pub mod state;
pub mod topics;

/// Why a command did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The request itself is wrong: an option, the configuration, a file that is not there.
    Request(anyhow::Error),
    /// The world did not play along.
    Failed(anyhow::Error),
}

/// A wrong request.
pub fn request(error: impl Into<anyhow::Error>) -> Failure {
    Failure::Request(error.into())
}

/// A failure of the world.
pub fn failed(error: impl Into<anyhow::Error>) -> Failure {
    Failure::Failed(error.into())
}
