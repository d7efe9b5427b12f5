//! rapport watches how marketing and sales get along.
#![warn(missing_docs)]

pub mod codec;
pub mod intake;
pub mod log;
pub mod model;
