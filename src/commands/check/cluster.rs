//! Whether the brokers let rapport work as it must.

use crate::config::Config;
use crate::log::kafka::{Admin, BrokerState, KafkaSettings};
use crate::log::{MESSAGE_BYTES_MAX, METADATA_BYTES_MAX};

use super::super::{Failure, failed};

/// A group's places should outlive the longest outage: a week, as the event log is kept.
const OFFSETS_RETENTION_MINUTES: i64 = 7 * 24 * 60;

/// What a request takes beside its record, amply.
const REQUEST_BYTES: i64 = 1024 * 1024;

/// How the brokers are.
pub(super) struct Cluster {
    /// Everything that is wrong with them.
    pub(super) faults: Vec<String>,
    /// What cannot be told of them: it takes a right that rapport does not need.
    pub(super) unknown: Option<String>,
}

/// Looks at how the brokers are set.
pub(super) fn look(admin: &Admin, settings: &KafkaSettings, config: &Config) -> Result<Cluster, Failure> {
    let brokers = admin.brokers().map_err(failed)?;
    let mut faults: Vec<String> = brokers
        .iter()
        .flat_map(|broker| of_broker(broker, settings, config.kafka.instance_id.is_some()))
        .collect();
    faults.dedup();
    let hidden: Vec<i32> =
        brokers.iter().filter(|broker| broker.configs.is_empty()).map(|broker| broker.id).collect();
    let unknown = (!hidden.is_empty()).then(|| {
        format!(
            "limits are not known of brokers {hidden:?}, without the right DescribeConfigs on the cluster"
        )
    });
    Ok(Cluster { faults, unknown })
}

fn of_broker(broker: &BrokerState, settings: &KafkaSettings, is_static: bool) -> Vec<String> {
    let number = |key: &str| broker.configs.get(key).and_then(|value| value.parse::<i64>().ok());
    let id = broker.id;
    let mut faults = Vec::new();
    let timeout = i64::from(settings.transaction_timeout_ms);
    if let Some(most) = number("transaction.max.timeout.ms").filter(|most| *most < timeout) {
        faults.push(format!(
            "broker {id} has transaction.max.timeout.ms = {most}, less than transaction.timeout.ms = {timeout}: no \
             transaction would begin; raise the one, or lower the other under [kafka.producer]"
        ));
    }
    if let Some(kept) = number("offsets.retention.minutes").filter(|kept| *kept < OFFSETS_RETENTION_MINUTES) {
        faults.push(format!(
            "broker {id} has offsets.retention.minutes = {kept}, less than {OFFSETS_RETENTION_MINUTES}: after so long \
             an outage the group's places are gone, and intakes would read their topics from the start; raise it"
        ));
    }
    let text = METADATA_BYTES_MAX as i64;
    if let Some(most) = number("offset.metadata.max.bytes").filter(|most| *most < text) {
        faults.push(format!(
            "broker {id} has offset.metadata.max.bytes = {most}, less than {text}: places could not be committed; \
             raise it"
        ));
    }
    let record = MESSAGE_BYTES_MAX as i64;
    if let Some(most) = number("socket.request.max.bytes").filter(|most| *most < record + REQUEST_BYTES) {
        faults.push(format!(
            "broker {id} has socket.request.max.bytes = {most}, less than {}: it would hang up on a large record; \
             raise it",
            record + REQUEST_BYTES
        ));
    }
    let session = settings.session_timeout_ms(is_static);
    let (least, most) = (number("group.min.session.timeout.ms"), number("group.max.session.timeout.ms"));
    if least.is_some_and(|least| session < least) || most.is_some_and(|most| session > most) {
        faults.push(format!(
            "broker {id} lets sessions last from {} to {} ms, not session.timeout.ms = {session}: the group could not \
             be joined; set it under [kafka.consumer]",
            least.unwrap_or(0),
            most.unwrap_or(i64::MAX)
        ));
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_that_is_too_low_is_named_with_the_way_out() {
        let settings = KafkaSettings::new("localhost:9092", "rapport", Some("0"));
        let of = |configs: &[(&str, &str)]| {
            let configs = configs.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
            of_broker(&BrokerState { id: 3, configs }, &settings, true)
        };
        let usual = [
            ("transaction.max.timeout.ms", "900000"),
            ("offsets.retention.minutes", "10080"),
            ("offset.metadata.max.bytes", "4096"),
            ("socket.request.max.bytes", "104857600"),
            ("group.min.session.timeout.ms", "6000"),
            ("group.max.session.timeout.ms", "1800000"),
        ];
        assert_eq!(of(&usual), [] as [&str; 0]);
        assert_eq!(of(&[]), [] as [&str; 0], "what is hidden is not known to be wrong");
        for (key, value) in [
            ("transaction.max.timeout.ms", "30000"),
            ("offsets.retention.minutes", "1440"),
            ("offset.metadata.max.bytes", "100"),
            ("socket.request.max.bytes", "52428800"),
            ("group.max.session.timeout.ms", "30000"),
        ] {
            let faults = of(&[(key, value)]);
            assert_eq!(faults.len(), 1, "{key}: {faults:?}");
            assert!(faults[0].starts_with("broker 3 ") && faults[0].contains(value), "{faults:?}");
        }
    }
}
