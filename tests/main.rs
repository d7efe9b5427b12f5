//! Everything that can be tested without a broker, without a clock and without a sleep: one module a
//! theme, each with a sentence of what it holds.

#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect is to fail there")]

/// The log in this process keeps the contract of the log; the same tests run over Kafka in `kafka.rs`.
mod log_contract;
/// What tests share.
mod support;
