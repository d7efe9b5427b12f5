//! `[alerts]`, `[http]`, `[logging]`: how the process speaks to people and to other programs.

use std::net::SocketAddr;

use toml_edit::{Table, value as toml};

use super::section::{Findings, Section, Wrong};
use super::tree::Node;
use super::value;

/// The section `[alerts]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// The language of summaries and advice.
    pub language: Language,
    /// `ce_source` of the alerts: a URI reference that says who speaks.
    pub source: String,
}

/// A language of the alerts' texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    En,
}

/// The section `[http]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Http {
    /// Where the page, the metrics and the API listen.
    pub listen: SocketAddr,
}

/// The section `[logging]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Logging {
    /// How lines look.
    pub format: LogFormat,
    /// From which level on lines are written.
    pub level: LogLevel,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For a terminal.
    Human,
    /// One JSON object a line.
    Json,
}

/// From which level on lines are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LogLevel {
    /// Only what fails.
    Error,
    /// And what looks wrong.
    Warn,
    /// And each change of state.
    Info,
    /// And what leads there.
    Debug,
    /// And each record.
    Trace,
}

const LANGUAGES: [(&str, Language); 1] = [("en", Language::En)];
const FORMATS: [(&str, LogFormat); 2] = [("human", LogFormat::Human), ("json", LogFormat::Json)];
const LEVELS: [(&str, LogLevel); 5] = [
    ("error", LogLevel::Error),
    ("warn", LogLevel::Warn),
    ("info", LogLevel::Info),
    ("debug", LogLevel::Debug),
    ("trace", LogLevel::Trace),
];

fn spelling<T: PartialEq>(words: &[(&'static str, T)], of: T) -> &'static str {
    words.iter().find(|(_, value)| *value == of).expect("every value has a word").0
}

impl Language {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        spelling(&LANGUAGES, self)
    }
}

impl LogFormat {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        spelling(&FORMATS, self)
    }
}

impl LogLevel {
    /// The word in the configuration.
    pub fn as_str(self) -> &'static str {
        spelling(&LEVELS, self)
    }
}

pub(super) fn alerts(top: &mut Section<'_>, findings: &mut Findings) -> Alerts {
    let mut s = top.section("alerts");
    let language = s.read("language", Language::En, |n| value::word(n, &LANGUAGES));
    let source = s.read("source", "/rapport".to_owned(), uri_reference);
    s.finish(findings);
    Alerts { language, source }
}

fn uri_reference(node: &Node) -> Result<String, Wrong> {
    let text = value::filled(node, "\"/rapport\"")?;
    let legal = |b: u8| b.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&b);
    if text.bytes().all(legal) {
        return Ok(text);
    }
    let wrong = format!("{} has a character that a URI cannot have", node.written);
    Err(Wrong::new(wrong, "percent-encode it (RFC 3986)"))
}

pub(super) fn http(top: &mut Section<'_>, findings: &mut Findings) -> Http {
    let mut s = top.section("http");
    let listen = s.read("listen", SocketAddr::from(([127, 0, 0, 1], 9464)), |n| {
        let text = value::text(n)?;
        let right = "write an IP address and a port: \"127.0.0.1:9464\", \"[::1]:9464\", \"0.0.0.0:9464\"";
        text.parse().map_err(|_| Wrong::new(format!("{} is no such address", n.written), right))
    });
    s.finish(findings);
    Http { listen }
}

pub(super) fn logging(top: &mut Section<'_>, findings: &mut Findings) -> Logging {
    let mut s = top.section("logging");
    let format = s.read("format", LogFormat::Human, |n| value::word(n, &FORMATS));
    let level = s.read("level", LogLevel::Info, |n| value::word(n, &LEVELS));
    s.finish(findings);
    Logging { format, level }
}

impl Alerts {
    pub(super) fn print(&self, into: &mut Table) {
        into["language"] = toml(self.language.as_str());
        into["source"] = toml(&self.source);
    }
}

impl Http {
    pub(super) fn print(&self, into: &mut Table) {
        into["listen"] = toml(self.listen.to_string());
    }
}

impl Logging {
    pub(super) fn print(&self, into: &mut Table) {
        into["format"] = toml(self.format.as_str());
        into["level"] = toml(self.level.as_str());
    }
}
