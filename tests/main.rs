//! Everything that needs no broker: one binary, a module for each room or promise.
#![allow(clippy::unwrap_used, reason = "clippy knows a test by its attribute, not what it calls")]

mod equality;
mod oracle_probe;
mod files;
mod mapping;
mod stories;
mod support;
