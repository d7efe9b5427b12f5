//! `rapport check`: everything that is wrong with the configuration and the topics, at once.

use anyhow::anyhow;

use crate::cli::Check;
use crate::log::kafka::Admin;

use super::{Failure, configured, daemon, failed, request};

/// Checks the file, then the cluster.
pub fn check(args: &Check) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    let sources = config.sources.iter().map(|source| &source.encoding);
    let unreadable: Vec<String> = sources
        .chain([&config.log.encoding])
        .filter_map(|encoding| configured::schemas_of(encoding).err())
        .map(|(Failure::Request(why) | Failure::Failed(why))| format!("{why:#}"))
        .collect();
    if !unreadable.is_empty() {
        return Err(request(anyhow!(unreadable.join("\n  "))));
    }
    if args.print {
        println!("{}", config.effective());
    }
    println!("configuration: right");
    if args.offline {
        return Ok(());
    }
    let settings = daemon::kafka_settings(&config)?;
    let admin = Admin::connect(&settings).map_err(failed)?;
    let plan = configured::topics(&config).plan(config.kafka.event_partitions);
    let names: Vec<&str> = plan.iter().map(|topic| topic.name.as_str()).collect();
    let found = admin.describe(&names).map_err(failed)?;
    let mut wrong = Vec::new();
    for topic in &plan {
        let Some(state) = found.iter().find(|state| state.name == topic.name) else {
            wrong.push(format!(
                "topic {} ({}) is missing: run `rapport topics create`",
                topic.name, topic.purpose
            ));
            continue;
        };
        if state.partitions != topic.partitions {
            wrong.push(format!(
                "topic {} has {} partitions, not {}: the count of the event log is fixed for its life; set \
                 kafka.event_partitions to what it is, or begin anew under another prefix",
                topic.name, state.partitions, topic.partitions
            ));
        }
        for (key, value) in &topic.config {
            let is = state.configs.get(*key).map_or("", String::as_str);
            if is != *value && !is.is_empty() {
                wrong.push(format!("topic {} has {key} = {is}, not {value}", topic.name));
            }
        }
    }
    let all = admin.topics().map_err(failed)?;
    for source in &config.sources {
        if !all.iter().any(|topic| topic.name == source.name) {
            wrong.push(format!(
                "source topic {} is missing, or may not be read: make it, grant the right to read it, or correct \
                 its name in [[source]]",
                source.name
            ));
        }
    }
    if wrong.is_empty() {
        println!("topics: right");
        return Ok(());
    }
    let count =
        if wrong.len() == 1 { "1 thing is".to_owned() } else { format!("{} things are", wrong.len()) };
    Err(failed(anyhow!("{count} wrong:\n  {}", wrong.join("\n  "))))
}
