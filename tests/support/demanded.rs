//! What the oracle demands of an event log, and what was written into it, as lists that can be compared.

use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::oracle::{Answer, Demand, Demanded};

/// What is to be written into the event log, progress aside.
pub(crate) fn demanded(answer: &Answer<'_>) -> Vec<Demand> {
    answer.partitions.iter().flat_map(|partition| partition.demanded.concat()).collect()
}

/// What the tasks have written into the event log, progress aside.
pub(crate) fn written(log: &[Vec<LogRecord>]) -> Vec<Demand> {
    let mut written = Vec::new();
    for (partition, records) in (0..).zip(log) {
        for record in records {
            match (&record.holds, record.came) {
                (Holds::Control(Control::Progress { .. }), _) => {}
                (Holds::Control(control), _) => written.extend(Demand::each(partition, control)),
                (_, Came::Forwarded) => written.push(Demand { partition, record: Demanded::Forwarded }),
                _ => {}
            }
        }
    }
    written
}

/// Demands in an order of their own.
pub(crate) fn sorted(demands: Vec<Demand>) -> Vec<String> {
    let mut sorted: Vec<String> = demands.iter().map(|demand| format!("{demand:?}")).collect();
    sorted.sort_unstable();
    sorted
}

/// An alert as the oracle words it: not at all.
pub(crate) fn bare(alert: Alert) -> Alert {
    Alert { summary: String::new(), advice: String::new(), ..alert }
}
