//! `rapport topics create`: makes the topics that are missing, as they must be.

use crate::cli::ConfigFile;
use crate::commands::say::say_line;
use crate::log::kafka::{Admin, NewTopicPlan};

use super::{Failure, configured, daemon, failed};

/// Makes the missing topics; says what was made and what was there.
pub fn create(args: &ConfigFile) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    let admin = Admin::connect(&daemon::kafka_settings(&config)?).map_err(failed)?;
    let plan = configured::topics(&config).plan(config.kafka.event_partitions);
    let wanted: Vec<NewTopicPlan> = plan
        .iter()
        .map(|topic| NewTopicPlan {
            name: topic.name.clone(),
            partitions: topic.partitions,
            replication: None,
            configs: topic.config.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        })
        .collect();
    let made = admin.create_topics(&wanted).map_err(failed)?;
    for topic in &plan {
        let what = if made.contains(&topic.name) { "created" } else { "was there already" };
        say_line!("{:30} {what} ({} partitions; {})", topic.name, topic.partitions, topic.purpose);
    }
    Ok(())
}
