//! What is wrong with a configuration: every finding at once, each with its place, what is wrong
//! there and what would be right.
//!
//! A finding never carries the value of a Kafka property, since that may be a secret.

use std::fmt;

/// Where in the configuration something is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// Nowhere in particular: a key that is missing, or one whose default does not fit the others.
    Whole,
    /// In the file; both count from 1, columns in characters.
    File {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// In an environment variable of this name.
    Variable(String),
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigError {
    /// Where.
    pub place: Place,
    /// The key, from the top of the file: `kafka.group_id`.
    pub key: String,
    /// What is wrong.
    pub wrong: String,
    /// What would be right.
    pub right: String,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ConfigError { key, wrong, right, .. } = self;
        if key.is_empty() { write!(f, "{wrong}; {right}") } else { write!(f, "{key}: {wrong}; {right}") }
    }
}

/// Everything that is wrong with one configuration, in the order of the file. Prints one line each.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct ConfigErrors {
    file_name: String,
    errors: Vec<ConfigError>,
}

impl ConfigErrors {
    /// The findings in `file_name`, sorted by place.
    pub(super) fn new(file_name: &str, mut errors: Vec<ConfigError>) -> ConfigErrors {
        errors.sort();
        ConfigErrors { file_name: file_name.to_owned(), errors }
    }

    /// The findings, in the order of the file.
    pub fn errors(&self) -> &[ConfigError] {
        &self.errors
    }
}

impl fmt::Display for ConfigErrors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, error) in self.errors.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            match &error.place {
                Place::Whole => write!(f, "{}: {error}", self.file_name)?,
                Place::File { line, column } => write!(f, "{}:{line}:{column}: {error}", self.file_name)?,
                Place::Variable(name) => write!(f, "environment variable {name}: {error}")?,
            }
        }
        Ok(())
    }
}
