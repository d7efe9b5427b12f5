//! What was found in a company is kept beside the build, by the program that found it: a run that was broken off goes
//! on where it stopped, and never with what another program found.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::findings::{Company, Finding};

/// Where it is kept, and by which settings it was found.
pub struct Kept {
    dir: PathBuf,
    set: Vec<(String, String)>,
}

/// What was found in a company, and how long that took.
#[derive(Serialize, Deserialize)]
pub struct Timed {
    /// What was found.
    pub finding: Finding,
    /// So many seconds of one core, if it had it for itself.
    pub seconds: f64,
}

impl Kept {
    /// What this very program has kept.
    pub fn of_this_program(set: &[(String, String)]) -> Result<Kept, String> {
        let wrong = |what: &str, error: std::io::Error| format!("{what}: {error}");
        let program = std::env::current_exe().map_err(|e| wrong("this program", e))?;
        let bytes = std::fs::read(&program).map_err(|e| wrong(&program.display().to_string(), e))?;
        // A build puts its programs under target/release/deps.
        let beside = program.ancestors().nth(3).unwrap_or(&program);
        let dir = beside.join("signs").join(format!("{:016x}", hash_of(&bytes)));
        std::fs::create_dir_all(&dir).map_err(|e| wrong(&dir.display().to_string(), e))?;
        Ok(Kept { dir, set: set.to_vec() })
    }

    fn file(&self, company: &Company) -> PathBuf {
        self.dir.join(format!("{:016x}.json", hash_of(&format!("{company:?} {:?}", self.set))))
    }

    /// What was found in a company before, if it was played to its end.
    pub fn get(&self, company: &Company) -> Option<Timed> {
        serde_json::from_slice(&std::fs::read(self.file(company)).ok()?).ok()
    }

    /// Keeps what was found; that it cannot be kept stops nothing.
    pub fn put(&self, company: &Company, timed: &Timed) {
        let file = self.file(company);
        let half = file.with_extension("part");
        let written = serde_json::to_vec(timed).map_err(std::io::Error::from);
        let kept =
            written.and_then(|json| std::fs::write(&half, json)).and_then(|()| std::fs::rename(&half, &file));
        if let Err(error) = kept {
            eprintln!("signs: {}: {error}; a run that is broken off begins there again", file.display());
        }
    }
}

fn hash_of(of: &(impl Hash + ?Sized)) -> u64 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    hasher.finish()
}
