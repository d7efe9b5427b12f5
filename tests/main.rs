//! Everything that needs no broker, no clock and no sleep: one binary, a module for each room or promise.
#![allow(clippy::unwrap_used, reason = "a test that meets what it does not expect is to fail there")]

/// `rapport backtest` as a person runs it.
mod backtest;
/// Each rule at each beat of its life: which story shows it.
mod beats;
/// Crashes, lost answers, members that come and go: they change nothing.
mod crashes;
/// What documents quote is what the program says.
mod documents;
/// The engine by the clock.
mod engine;
/// The equalities that guard the core.
mod equality;
/// `rapport explain` as a person runs it on the folder of a replay.
mod explain;
mod false_alarms;
/// Files as a log that has an end.
mod files;
/// A source that is slow or stuck.
mod holding;
/// What happens at the limits.
mod limits;
/// The log in this process keeps the contract of the log; the same tests run over Kafka in `kafka.rs`.
mod log_contract;
/// Tables as mapping files read them.
mod mapping;
/// The processor against the oracle, for a thousand seeds.
mod oracle;
/// A feed that stops and comes back.
mod outages;
/// Poison of every kind in the middle of a run.
mod poison;
/// The rules for Prometheus.
mod prometheus_rules;
/// Every alert worked out again from the sum that explains it.
mod recomputed;
/// `rapport replay` as a person runs it.
mod replay;
/// Shifts of cohort quality in the history of a real funnel.
mod shifts;
/// `rapport simulate` as a person runs it.
mod simulate;
/// The engine with all its tasks through thousands of schedules of everything that can happen.
mod simulation;
/// A company that works for a long time, and one with ten times the leads.
mod soak;
/// The state in its topics: trimmed, read back, refused.
mod state;
/// An input table and the expected output table.
mod stories;
/// What tests share.
mod support;
/// Definitions that change while the log runs.
mod switching;
/// The rules of the house.
mod tidy;
/// Windows, worked out a second time.
mod windows;
