//! One TOML file and the overrides of the environment, read once, become a checked configuration, or
//! the list of everything that is wrong with them.
//!
//! ```text
//! text, variables ─ tree (what stands where) ─ sections (what it means) ─ Config ─┬─ definitions
//!                                                                                └─ effective TOML
//! ```
//!
//! Every default stands once, where its key is read. Nothing here reads a file, the environment or a
//! secret: they are arguments. `deploy/config.example.toml` says what each key is for.

mod calendar;
pub mod defined;
mod definitions;
mod effective;
mod error;
mod funnel;
mod kafka;
mod limits;
mod log;
mod output;
mod properties;
mod quantity;
mod rules;
mod section;
mod source;
mod tree;
mod value;

#[cfg(test)]
mod tests;

pub use calendar::Calendars;
pub use error::{ConfigError, ConfigErrors, Place};
pub use funnel::Funnel;
pub use kafka::{DEFINITIONS, Kafka, Topics};
pub use limits::Limits;
pub use log::{DeadLetterLimits, Direct, Log};
pub use output::{Alerts, Http, Language, LogFormat, LogLevel, Logging};
pub use properties::{Client, Properties, PropertyValue, SecretRef};
pub use section::nearest_word;
pub use source::{Encoding, Format, Source};

use section::{Findings, Section};

use crate::model::definitions::Rules;

/// The configuration: checked, complete.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// `[kafka]`.
    pub kafka: Kafka,
    /// Each `[[source]]`.
    pub sources: Vec<Source>,
    /// `[log]`.
    pub log: Log,
    /// `[funnel]`.
    pub funnel: Funnel,
    /// `[calendar.…]`.
    pub calendars: Calendars,
    /// `[rule.…]`.
    pub rules: Rules,
    /// `[limits]`.
    pub limits: Limits,
    /// `[alerts]`.
    pub alerts: Alerts,
    /// `[http]`.
    pub http: Http,
    /// `[logging]`.
    pub logging: Logging,
}

impl Default for Config {
    /// What an empty file says.
    fn default() -> Config {
        load("", "", &[]).expect("the defaults fit each other")
    }
}

/// Reads the text of a configuration file, overridden by the variables of `env` whose names begin with
/// `RAPPORT__`. `file_name` is only for messages.
///
/// Fails with everything that is wrong, not only the first; but a text that is no TOML at all has one
/// error.
pub fn load(text: &str, file_name: &str, env: &[(String, String)]) -> Result<Config, ConfigErrors> {
    let (config, findings) = read(text, env).map_err(|e| ConfigErrors::new(file_name, vec![e]))?;
    if findings.errors.is_empty() {
        return Ok(config);
    }
    Err(ConfigErrors::new(file_name, findings.errors))
}

/// What the text means, with the default in the place of each mistake, and what was found on the way.
fn read(text: &str, env: &[(String, String)]) -> Result<(Config, Findings), ConfigError> {
    let mut findings = Findings::default();
    let mut root = tree::parse(text)?;
    properties::join_names(&mut root);
    tree::lay_over(&mut root, env, &properties::path_of, &mut findings.errors);
    let found = &mut findings;
    let mut top = Section::top(&root);
    let kafka = kafka::read(&mut top, found);
    let sources = source::read(&mut top, &kafka.topics, found);
    let log = log::read(&mut top, &kafka, &sources, found);
    let funnel = funnel::read(&mut top, found);
    let calendars = calendar::read(&mut top, found);
    let rules = rules::read(&mut top, &calendars, found);
    let limits = limits::read(&mut top, found);
    let alerts = output::alerts(&mut top, found);
    let http = output::http(&mut top, found);
    let logging = output::logging(&mut top, found);
    top.finish(found);
    found.refuse_unknown();
    let config = Config { kafka, sources, log, funnel, calendars, rules, limits, alerts, http, logging };
    Ok((config, findings))
}
