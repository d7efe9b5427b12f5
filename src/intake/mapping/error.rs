//! What is wrong with a mapping file: every problem at once, each with its place and a way out.

use std::fmt::{self, Write as _};

use super::tree::Node;

/// One problem of a mapping file, or of a mapping file and the CSV file that it is to read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct MappingError {
    /// The mapping file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The key, such as `table[1].event[2].stage`; entries of a list are counted from 1. Empty for the
    /// file as a whole.
    pub key: String,
    /// What is wrong, and where a name is misspelt the nearest one.
    pub problem: String,
}

impl fmt::Display for MappingError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: ", self.file, self.line)?;
        if !self.key.is_empty() {
            write!(f, "{}: ", self.key)?;
        }
        f.write_str(&self.problem)
    }
}

impl std::error::Error for MappingError {}

/// Where something was said: a line and a key of the mapping file.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) line: usize,
    pub(super) key: String,
}

/// Collects problems, so that one reading finds them all.
pub(super) struct Problems {
    file: String,
    found: Vec<MappingError>,
}

impl Problems {
    pub(super) fn new(file: &str) -> Problems {
        Problems { file: file.to_owned(), found: Vec::new() }
    }

    /// Notes a problem of a node.
    pub(super) fn note(&mut self, node: &Node, problem: impl Into<String>) {
        self.note_at(&node.said, problem);
    }

    /// Notes a problem of something that was said before.
    pub(super) fn note_at(&mut self, said: &Said, problem: impl Into<String>) {
        let (file, key) = (self.file.clone(), said.key.clone());
        self.found.push(MappingError { file, line: said.line, key, problem: problem.into() });
    }

    /// Whether nothing has been noted.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The value if nothing was wrong with it, and everything that was.
    pub(super) fn or<T>(mut self, value: Option<T>) -> Result<T, Vec<MappingError>> {
        match value {
            Some(value) if self.found.is_empty() => Ok(value),
            _ => {
                assert!(!self.found.is_empty(), "nothing is refused without a reason");
                self.found.sort_by_key(|error| error.line);
                Err(self.found)
            }
        }
    }
}

/// "unknown X `word`" with the nearest known word, or with all of them if none is near.
pub(super) fn unknown<'w>(what: &str, word: &str, known: impl IntoIterator<Item = &'w str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let mut problem = format!("unknown {what} `{word}`");
    let distance = |near: &&str| strsim::damerau_levenshtein(&near.to_lowercase(), &word.to_lowercase());
    let nearest = known.iter().copied().min_by_key(distance);
    match nearest {
        Some(near) if distance(&near) <= 1.max(word.chars().count() / 3) => {
            write!(problem, "; did you mean `{near}`?").expect("a String takes every text");
        }
        Some(_) => {
            let all = known.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
            write!(problem, "; known are {all}").expect("a String takes every text");
        }
        None => {}
    }
    problem
}
