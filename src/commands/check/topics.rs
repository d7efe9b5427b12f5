//! Whether each topic is there and as it must be.

use crate::config::Config;
use crate::log::kafka::{Admin, TopicState};
use crate::model::DAY_MS;
use crate::pipeline::topics::TopicPlan;

use super::super::{Failure, configured, failed};

/// Everything that is wrong with the topics.
pub(super) fn faults(admin: &Admin, config: &Config) -> Result<Vec<String>, Failure> {
    let plan = configured::topics(config).plan(config.kafka.event_partitions);
    let own = plan.iter().map(|topic| topic.name.as_str());
    let names: Vec<&str> = own.chain(config.sources.iter().map(|source| source.name.as_str())).collect();
    let found = admin.describe(&names).map_err(failed)?;
    let mut faults = Vec::new();
    for topic in &plan {
        match found.iter().find(|state| state.name == topic.name) {
            Some(state) => {
                faults.extend(hidden(state));
                faults.extend(of_topic(topic, state));
            }
            None => faults.push(format!(
                "topic {} ({}) is missing: run `rapport topics create`",
                topic.name, topic.purpose
            )),
        }
    }
    for source in &config.sources {
        match found.iter().find(|state| state.name == source.name) {
            Some(state) => {
                faults.extend(hidden(state));
                faults.extend(of_source(state));
            }
            None => faults.push(format!(
                "source topic {} is missing, or may not be read: make it, grant the right to read it, or correct \
                 its name in [[source]]",
                source.name
            )),
        }
    }
    Ok(faults)
}

/// Kafka's client tells a topic whose settings may not be asked for as one without any; no topic has none. Silence
/// would say that they are right.
fn hidden(state: &TopicState) -> Option<String> {
    let name = &state.name;
    state.configs.is_empty().then(|| {
        format!(
            "a right is missing: DescribeConfigs on topic {name}: whether it keeps its records cannot be told"
        )
    })
}

/// What would lose records of a topic of somebody else's: that only the last one of a key is kept, or that none is
/// kept for a day. Whether its size is bounded is not looked at: nobody knows here how long a size lasts.
fn of_source(state: &TopicState) -> Vec<String> {
    let name = &state.name;
    let mut faults = Vec::new();
    if let Some(policy) = set(state, "cleanup.policy").filter(|policy| policy.contains("compact")) {
        faults.push(format!(
            "source topic {name} has cleanup.policy = {policy}: what happened to a lead before its last record would \
             be lost; set it to delete, or read a topic that is not compacted"
        ));
    }
    if is_shorter(number(state, "retention.ms"), Some(DAY_MS)) {
        faults.push(format!(
            "source topic {name} has retention.ms = {}, less than a day ({DAY_MS}): a night's outage would lose \
             records; raise it",
            set(state, "retention.ms").unwrap_or_default()
        ));
    }
    faults
}

/// A setting that a topic has.
fn set<'a>(state: &'a TopicState, key: &str) -> Option<&'a str> {
    state.configs.get(key).map(String::as_str).filter(|value| !value.is_empty())
}

fn number(state: &TopicState, key: &str) -> Option<i64> {
    set(state, key)?.parse().ok()
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
    for (key, wanted) in &plan.config {
        let Some(is) = set(state, key) else { continue };
        let less = match *key {
            "retention.ms" if is_shorter(number(state, key), wanted.parse().ok()) => {
                "records would be deleted before they are surely of no use"
            }
            "max.message.bytes" if number(state, key) < wanted.parse().ok() => {
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
    if let Some(bytes) = number(state, "retention.bytes").filter(|bytes| is_deleted_by_age && *bytes >= 0) {
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
    fn a_source_keeps_every_record_for_a_day() {
        let of = |policy: &str, retention: &str| {
            let configs = [("cleanup.policy", policy), ("retention.ms", retention)];
            let configs = configs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            of_source(&TopicState { name: "leads".into(), partitions: 3, configs })
        };
        for (policy, retention) in [("delete", "-1"), ("delete", "86400000")] {
            assert_eq!(of(policy, retention), [] as [&str; 0]);
        }
        assert_eq!(
            of("compact,delete", "3600000"),
            [
                "source topic leads has cleanup.policy = compact,delete: what happened to a lead before its last \
                 record would be lost; set it to delete, or read a topic that is not compacted",
                "source topic leads has retention.ms = 3600000, less than a day (86400000): a night's outage would \
                 lose records; raise it",
            ]
        );
    }

    /// Of each topic: a value that is no worse than what is wanted, if there is another one, and one that is worse.
    #[test]
    fn each_setting_that_would_lose_records_is_named() {
        let config = crate::config::load("", "none", &[]).expect("the defaults are right");
        let mut looked_at = 0;
        for plan in configured::topics(&config).plan(8) {
            let of = |partitions: u32, configs: &[(&str, &str)]| {
                let configs = configs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
                of_topic(&plan, &TopicState { name: plan.name.clone(), partitions, configs })
            };
            let name = &plan.name;
            assert_eq!(of(plan.partitions, &plan.config), [] as [&str; 0], "{name} as it is made");
            assert_eq!(of(plan.partitions, &[]), [] as [&str; 0], "{name}, of which nothing is known");
            let fault = format!("topic {name} has 3 partitions, not {}: ", plan.partitions);
            let faults = of(3, &plan.config);
            assert!(matches!(&faults[..], [one] if one.starts_with(&fault)), "{faults:?}");
            for (key, wanted) in &plan.config {
                let (better, worse) = match (*key, *wanted) {
                    ("cleanup.policy", "delete") => (None, "compact"),
                    ("cleanup.policy", "compact") => (None, "delete"),
                    ("retention.ms", "-1") => (None, "31536000000"),
                    ("retention.ms", _) => (Some("-1"), "3600000"),
                    ("max.message.bytes", _) => (Some("268435456"), "1048588"),
                    other => panic!("{name}: nobody said what would be worse than {other:?}"),
                };
                let with = |value| of(plan.partitions, &[(*key, value)]);
                better.into_iter().for_each(|better| assert_eq!(with(better), [] as [&str; 0], "{name}"));
                let faults = with(worse);
                let fault = format!("topic {name} has {key} = {worse}, ");
                assert!(matches!(&faults[..], [one] if one.starts_with(&fault)), "{faults:?}");
                assert!(faults[0].contains(wanted), "{faults:?}");
                looked_at += 1;
            }
            let faults = of(plan.partitions, &[("retention.bytes", "1000")]);
            let is_compacted = plan.config.contains(&("cleanup.policy", "compact"));
            let named = faults.iter().filter(|fault| fault.contains(" has retention.bytes = 1000: ")).count();
            assert_eq!(
                (faults.len(), named),
                if is_compacted { (0, 0) } else { (1, 1) },
                "{name}: {faults:?}"
            );
            assert_eq!(of(plan.partitions, &[("retention.bytes", "-1")]), [] as [&str; 0], "{name}");
        }
        assert_eq!(looked_at, 20, "settings of eight topics");
    }
}
