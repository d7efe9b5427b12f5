//! rapport watches how marketing and sales get along.
#![warn(missing_docs)]

pub mod log;
pub mod model;
pub mod serve;
