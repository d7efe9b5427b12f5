//! `rapport check`: everything that is wrong with the configuration, the cluster, the topics and the rights, at
//! once.

mod cluster;
mod rights;
mod topics;

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
    let mut wrong = Vec::new();
    let cluster = cluster::look(&admin, &settings, &config)?;
    let mut parts = vec![("cluster", cluster.faults), ("topics", topics::faults(&admin, &config)?)];
    // Rights on a topic that is not there cannot be tried.
    if parts.iter().all(|(_, faults)| faults.is_empty()) && !args.read_only {
        parts.push(("rights", rights::faults(&admin, &settings, &config)?));
    }
    for (part, faults) in parts {
        if part == "cluster" && !cluster.hidden.is_empty() {
            println!(
                "cluster: limits are not known of brokers {:?}, without the right DescribeConfigs on the cluster",
                cluster.hidden
            );
        } else if faults.is_empty() {
            println!("{part}: right");
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
