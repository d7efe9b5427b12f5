//! What several tests need: the shared data, and a place for files.

pub mod definitions;
pub mod random_log;
pub mod run;
pub mod story;

use std::path::{Path, PathBuf};

/// A file or folder of the shared data. Without them a test says so loudly and passes, so that a
/// newcomer can run the rest; in CI (`CI=true`) it fails.
pub(crate) fn shared(path: &str) -> Option<PathBuf> {
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if shared.exists() {
        return Some(shared);
    }
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{} is missing", shared.display());
    eprintln!("NOT TESTED: {} is missing", shared.display());
    None
}

/// Writes a file for one test; `name` must be of that test alone.
pub(crate) fn written(name: &str, bytes: &[u8]) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}
