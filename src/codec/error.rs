//! Why one of our own records cannot be read back. Says where, never what: the text of the record may
//! not be logged.

/// A record that rapport wrote, or that should look as if, and that is not what it should be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not the JSON of {noun}: {problem} at line {line}, column {column}")]
pub struct DecodeError {
    noun: &'static str,
    problem: &'static str,
    line: usize,
    column: usize,
}

impl DecodeError {
    /// The error without the parts of its message that may quote the record.
    pub(super) fn new(noun: &'static str, error: &serde_json::Error) -> DecodeError {
        let problem = match error.classify() {
            serde_json::error::Category::Io => "unreadable",
            serde_json::error::Category::Syntax => "a syntax error",
            serde_json::error::Category::Data => "a missing field or a value of another type",
            serde_json::error::Category::Eof => "an early end",
        };
        DecodeError { noun, problem, line: error.line(), column: error.column() }
    }
}
