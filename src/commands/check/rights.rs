//! Whether this user may do what rapport does.

use crate::config::Config;
use crate::log::kafka::{Admin, KafkaSettings, Probe};
use crate::log::{Cause, LogError};

use super::super::{Failure, configured, failed};

/// Every right that is missing.
pub(super) fn faults(
    admin: &Admin,
    settings: &KafkaSettings,
    config: &Config,
) -> Result<Vec<String>, Failure> {
    let topics = configured::topics(config);
    let sources = config.sources.iter().map(|source| source.name.as_str());
    let read =
        [&topics.events, &topics.deltas, &topics.journeys_state, &topics.segments_state, &topics.definitions];
    let written = topics.plan(config.kafka.event_partitions);
    let trimmed = [&topics.deltas, &topics.journeys_state, &topics.segments_state];

    let mut missing = Vec::new();
    let mut probe = Probe::new(settings);
    for topic in sources.chain(read.map(String::as_str)) {
        let grant = format!("Read on topic {topic} (and on group {})", settings.group_id);
        note(&mut missing, probe.read(topic), &grant)?;
    }
    let id = Probe::transactional_id(settings);
    let grant = format!("Write on transactional id {id} (grant it on the prefix {})", settings.group_id);
    let may_begin = probe.begin();
    let can_write = may_begin.is_ok();
    note(&mut missing, may_begin, &grant)?;
    for topic in written.iter().filter(|_| can_write) {
        let grant = format!("Write on topic {}", topic.name);
        note(&mut missing, probe.write(&topic.name), &grant)?;
        // This ends what was begun, and makes good what failed.
        probe.begin().map_err(failed)?;
    }
    for topic in trimmed {
        let grant = format!("Delete on topic {topic}: without it state topics grow for ever");
        note(&mut missing, probe.delete(admin, topic), &grant)?;
    }
    Ok(missing)
}

/// Takes note of a missing right; any other failure ends the check.
fn note(missing: &mut Vec<String>, tried: Result<(), LogError>, grant: &str) -> Result<(), Failure> {
    match tried {
        Ok(()) => Ok(()),
        Err(error) if error.cause == Cause::Unauthorized => {
            missing.push(format!("a right is missing: {grant}"));
            Ok(())
        }
        Err(error) => Err(failed(error)),
    }
}
