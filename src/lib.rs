//! rapport watches how marketing and sales get along.
#![warn(missing_docs)]

pub mod model;
pub mod stats;
