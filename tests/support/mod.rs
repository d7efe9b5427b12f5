//! What tests share: the contract of the log, a real broker, the loud way to skip.

#![allow(dead_code, reason = "each test binary uses its part")]

pub(crate) mod kafka_broker;
pub(crate) mod kafka_stand;
pub(crate) mod log_conformance;

use std::io::Write;

/// Why a test could not run.
#[derive(Clone, Debug)]
pub(crate) struct Skip {
    /// What is missing.
    pub(crate) why: String,
}

impl Skip {
    /// Says loudly that a test was skipped. With `CI=true` nothing may be skipped: it panics.
    pub(crate) fn announce(&self, test: &str) {
        let required = std::env::var("CI").is_ok_and(|ci| ci == "true");
        assert!(!required, "{test} must not be skipped here: {}", self.why);
        // Not `eprintln`: what a passing test prints with that is swallowed.
        let _ = writeln!(std::io::stderr(), "\n==== SKIPPED: {test}: {} ====", self.why);
    }
}
