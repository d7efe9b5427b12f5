//! Whether each topic is there and as it must be.

use crate::config::Config;
use crate::log::kafka::{Admin, TopicState};
use crate::pipeline::topics::TopicPlan;

use super::super::{Failure, configured, failed};

/// Everything that is wrong with the topics.
pub(super) fn faults(admin: &Admin, config: &Config) -> Result<Vec<String>, Failure> {
    let plan = configured::topics(config).plan(config.kafka.event_partitions);
    let names: Vec<&str> = plan.iter().map(|topic| topic.name.as_str()).collect();
    let found = admin.describe(&names).map_err(failed)?;
    let mut faults = Vec::new();
    for topic in &plan {
        match found.iter().find(|state| state.name == topic.name) {
            Some(state) => faults.extend(of_topic(topic, state)),
            None => faults.push(format!(
                "topic {} ({}) is missing: run `rapport topics create`",
                topic.name, topic.purpose
            )),
        }
    }
    let all = admin.topics().map_err(failed)?;
    for source in &config.sources {
        if !all.iter().any(|topic| topic.name == source.name) {
            faults.push(format!(
                "source topic {} is missing, or may not be read: make it, grant the right to read it, or correct \
                 its name in [[source]]",
                source.name
            ));
        }
    }
    Ok(faults)
}

fn of_topic(plan: &TopicPlan, state: &TopicState) -> Vec<String> {
    let name = &plan.name;
    let mut faults = Vec::new();
    if state.partitions != plan.partitions {
        faults.push(format!(
            "topic {name} has {} partitions, not {}: the count of the event log is fixed for its life; set \
             kafka.event_partitions to what it is, or begin anew under another prefix",
            state.partitions, plan.partitions
        ));
    }
    let set = |key: &str| state.configs.get(key).map(String::as_str).filter(|value| !value.is_empty());
    let number = |key: &str| set(key).and_then(|value| value.parse::<i64>().ok());
    for (key, wanted) in &plan.config {
        let Some(is) = set(key) else { continue };
        let less = match *key {
            "retention.ms" if is_shorter(number(key), wanted.parse().ok()) => {
                "records would be deleted before they are surely of no use"
            }
            "max.message.bytes" if number(key) < wanted.parse().ok() => {
                "a large record would stop the daemon"
            }
            "retention.ms" | "max.message.bytes" => continue,
            _ if is == *wanted => continue,
            _ => {
                faults.push(format!("topic {name} has {key} = {is}, not {wanted}"));
                continue;
            }
        };
        faults.push(format!("topic {name} has {key} = {is}, less than {wanted}: {less}; raise it"));
    }
    let is_deleted_by_age = plan.config.iter().any(|(key, _)| *key == "retention.ms");
    if let Some(bytes) = number("retention.bytes").filter(|bytes| is_deleted_by_age && *bytes >= 0) {
        faults.push(format!(
            "topic {name} has retention.bytes = {bytes}: records would be deleted by size before their time; set it \
             to -1"
        ));
    }
    faults
}

/// Whether a retention ends before another; -1 never does.
fn is_shorter(is: Option<i64>, wanted: Option<i64>) -> bool {
    let ends = |ms: Option<i64>| ms.filter(|ms| *ms >= 0).unwrap_or(i64::MAX);
    ends(is) < ends(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_retention_may_be_longer_than_wanted_and_not_shorter() {
        for (is, wanted, shorter) in
            [(100, 100, false), (99, 100, true), (-1, 100, false), (100, -1, true), (-1, -1, false)]
        {
            assert_eq!(is_shorter(Some(is), Some(wanted)), shorter, "{is} for {wanted}");
        }
    }

    #[test]
    fn each_setting_that_would_lose_records_is_named() {
        let config = crate::config::load("", "none", &[]).expect("the defaults are right");
        let plan = configured::topics(&config).plan(8).remove(0);
        let of = |configs: &[(&str, &str)]| {
            let configs = configs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            of_topic(&plan, &TopicState { name: plan.name.clone(), partitions: 8, configs })
        };
        assert_eq!(of(&[("cleanup.policy", "delete"), ("retention.ms", "-1")]), [] as [&str; 0]);
        let faults = of(&[
            ("cleanup.policy", "compact"),
            ("retention.ms", "3600000"),
            ("retention.bytes", "1000"),
            ("max.message.bytes", "1000000"),
        ]);
        let keys = [
            "cleanup.policy = compact",
            "retention.ms = 3600000",
            "max.message.bytes = 1000000",
            "retention.bytes = 1000",
        ];
        assert_eq!(faults.len(), keys.len(), "{faults:?}");
        for (fault, key) in faults.iter().zip(keys) {
            assert!(fault.contains(key), "{fault}");
        }
    }
}
