//! What people and Prometheus see: the page, the API, the metrics, the probes.
//!
//! Everything shown comes out of one [`picture::Picture`], a plain value that the engine's observer feeds
//! after each commit; [`board::Board`] shares it. Exposition, JSON and page are views of it. Nothing here
//! decides anything, writes to a log or reads a clock, and nothing is shown before it is committed.

pub mod alerts;
pub mod board;
pub mod http;
pub mod metrics;
pub mod picture;
#[cfg(test)]
mod samples;
pub mod terms;
