//! `rapport check`: everything that is wrong with the configuration, the cluster, the topics and the rights, at
//! once.

mod cluster;
mod rights;
mod topics;

use anyhow::anyhow;

use crate::cli::Check;
use crate::commands::say::say_line;
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
        say_line!("{}", config.effective());
    }
    say_line!("configuration: right");
    if args.offline {
        return Ok(());
    }
    let settings = daemon::kafka_settings(&config)?;
    let admin = Admin::connect(&settings).map_err(failed)?;
    let mut wrong = Vec::new();
    let cluster = cluster::look(&admin, &settings, &config)?;
    let mut parts = vec![
        ("cluster", cluster.faults, cluster.unknown),
        ("topics", topics::faults(&admin, &config)?, None),
    ];
    // Rights on a topic that is not there cannot be tried.
    if parts.iter().all(|(_, faults, _)| faults.is_empty()) && !args.read_only {
        parts.push(("rights", rights::faults(&admin, &settings, &config)?, None));
    }
    for (part, faults, unknown) in parts {
        match unknown {
            Some(unknown) => say_line!("{part}: {unknown}"),
            None if faults.is_empty() => say_line!("{part}: right"),
            None => {}
        }
        wrong.extend(faults);
    }
    if wrong.is_empty() {
        return Ok(());
    }
    let count =
        if wrong.len() == 1 { "1 thing is".to_owned() } else { format!("{} things are", wrong.len()) };
    Err(failed(anyhow!("{count} wrong:\n  {}", wrong.join("\n  "))))
}
