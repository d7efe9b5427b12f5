//! `rapport definitions apply` and `show`: changing what is counted and judged by while the log runs, and
//! looking at what there was.

mod apply;
mod known;

use serde_json::Value;

use crate::cli::{DefinitionsApply, DefinitionsFormat, DefinitionsShow};
use crate::commands::say::say;
use crate::config::defined;
use crate::log::TopicPartition;
use crate::log::kafka::Ledger;
use crate::model::definitions::Definitions;

use super::{Failure, configured, daemon, failed, request};

pub use apply::{Applied, Asked, apply};
pub use known::{Known, difference, read_with, write_first};

/// The event log has another count of partitions than it was made with.
pub fn enlarged(events: &str, found: u32, fixed: u32) -> Failure {
    request(anyhow::anyhow!(
        "{events} has {found} partitions, but the definitions in the log count {fixed}: the topic was changed by hand; \
         begin anew under another topic prefix"
    ))
}

/// Puts the definitions of the file into force.
pub fn apply_file(args: &DefinitionsApply) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    let asked = if args.dry_run { Asked::WhatWouldChange } else { Asked::Apply };
    say!("{}", apply(&config, &config, asked)?);
    Ok(())
}

/// Lists the definitions that there are, or prints one set of them whole.
pub fn show(args: &DefinitionsShow) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    let topic = configured::topics(&config).definitions;
    let mut ledger = Ledger::connect(&daemon::kafka_settings(&config)?).map_err(failed)?;
    known::expect_topic(&ledger, &topic)?;
    let known = Known::read(&mut ledger, &TopicPartition::new(topic.as_str(), 0))?;
    match args.number {
        None => say!("{}", list(&known, &topic)),
        Some(number) => {
            let chosen = known.get(number).ok_or_else(|| {
                let there_is = match known.newest() {
                    None => "it is empty".to_owned(),
                    Some((last, _)) => format!("it goes from 1 to {last}"),
                };
                request(anyhow::anyhow!("there are no definitions no. {number} in {topic}: {there_is}"))
            })?;
            say!("{}", whole(chosen, args.format));
        }
    }
    Ok(())
}

/// Every number with its time and what it changed.
fn list(known: &Known, topic: &str) -> String {
    let mut text = String::new();
    if known.newest().is_none() {
        return format!("{topic} is empty: the first start of `rapport run` writes the first definitions.\n");
    }
    for (number, at, definitions) in known.iter() {
        let before = number.checked_sub(1).and_then(|before| known.get(before));
        let changes =
            before.map_or_else(|| vec!["the first".to_owned()], |before| difference(before, definitions));
        let mut margin = format!("{number:>4}  {}  ", at.rfc3339());
        for change in changes {
            text += &format!("{margin}{change}\n");
            margin = " ".repeat(margin.chars().count());
        }
    }
    text + "\nEach came into force in every partition at the first minute of event time after it was read there;\n\
            which one is judged by now stands at /api/v1/status. `--number N` prints one of them whole.\n"
}

/// Definitions as a person or a program reads them; without the key of the ids' hash, which is nobody's business.
fn whole(definitions: &Definitions, format: DefinitionsFormat) -> String {
    match format {
        DefinitionsFormat::Toml => defined::print(definitions),
        DefinitionsFormat::Json => {
            let mut value = serde_json::to_value(definitions).expect("definitions have text keys");
            if let Value::Object(fields) = &mut value {
                fields.remove("id_key");
            }
            let text = serde_json::to_string_pretty(&value).expect("a value always encodes");
            text + "\n"
        }
    }
}
