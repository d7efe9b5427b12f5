//! What is in an event log because its records demanded it, in the oracle's words.

use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::oracle::{Answer, Demand, Demanded};

/// What is to be written into the event log, progress aside.
pub fn demanded(answer: &Answer) -> Vec<Demand> {
    answer.partitions.iter().flat_map(|partition| partition.demanded.concat()).collect()
}

/// What the tasks have written into the event log: not progress, and not definitions, which a person announces.
pub fn written(log: &[Vec<LogRecord>]) -> Vec<Demand> {
    let mut written = Vec::new();
    for (partition, records) in (0..).zip(log) {
        for record in records {
            match (&record.holds, &record.came) {
                (Holds::Control(Control::Progress { .. } | Control::DefinitionsInForce { .. }), _) => {}
                (Holds::Control(control), _) => written.extend(Demand::each(partition, control)),
                (_, Came::Forwarded) => written.push(Demand { partition, record: Demanded::Forwarded }),
                _ => {}
            }
        }
    }
    written
}

/// Demands in an order, as words.
pub fn sorted(demands: Vec<Demand>) -> Vec<String> {
    let mut sorted: Vec<String> = demands.iter().map(|demand| format!("{demand:?}")).collect();
    sorted.sort_unstable();
    sorted
}

/// An alert as the oracle words it: not at all.
pub fn bare(alert: Alert) -> Alert {
    Alert { summary: String::new(), advice: String::new(), ..alert }
}
