//! What tests share: the contract of the log, a real broker, the loud way to skip.

#![allow(dead_code, unused_imports, unused_macros, reason = "each test binary uses its part")]

pub(crate) mod all_rules;
pub(crate) mod changing;
pub(crate) mod counted;
pub(crate) mod definitions;
pub(crate) mod demanded;
pub(crate) mod installed;
pub(crate) mod kafka_broker;
pub(crate) mod kafka_stand;
pub(crate) mod log_conformance;
pub(crate) mod monday;
pub(crate) mod poison;
pub(crate) mod random_log;
pub(crate) mod repeated;
pub(crate) mod rig;
pub(crate) mod run;
pub(crate) mod running;
pub(crate) mod story;
mod story_lines;
pub(crate) mod watching;
pub(crate) mod working_log;
pub(crate) mod written_rules;

use std::io::Write;
use std::path::{Path, PathBuf};

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

/// A file or folder of the shared data. Without them a test says so loudly and passes, so that a
/// newcomer can run the rest; in CI (`CI=true`) it fails.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if !shared.exists() {
        Skip { why: format!("{} is missing", shared.display()) }.announce(path);
        return None;
    }
    Some(shared)
}

/// Writes a file for one test; `name` must be of that test alone.
pub(crate) fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).expect("the test's folder can be written to");
    path
}
