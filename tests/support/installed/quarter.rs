//! A simulated quarter as a user's CRM pipeline would send it, and what a replay of the same events says.
//!
//! Nothing arrives later than the bound on disorder: a fact that does is due at the first boundary after
//! it was read, which depends on how fast the log is read. Nor is a lead merged with another: its facts
//! move through the log, and while a quarter is caught up with they are on their way for hours of event
//! time. All else is there: events out of order and twice, deals linked later or to another lead first,
//! deletions, erasures, and garbage.

use std::path::Path;

use rapport::codec;
use rapport::model::dead_letter::Reason;
use rapport::model::entity::EntityKind;
use rapport::model::event::{Body, Event};
use rapport::model::partitioner::partition_of;
use rapport::model::window::WindowResult;
use rapport::model::words::Team;
use rapport::model::{EventTime, Text};
use rapport::simulator::{Company, Disorder, Payload, Plot, Scenario, Simulated};
use serde_json::Value;

use super::daemon::rapport;
use super::{Installation, OUT_OF_ORDERNESS_MS, Way};

/// How often windows are told, by default.
const WINDOWS_MS: i64 = 900_000;
const SECOND_MS: i64 = 1_000;

/// The number of the deals' schema in the user's registry.
pub(crate) const DEAL_SCHEMA: u32 = 4711;

/// The two topics of the user's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Family {
    /// Leads, and what concerns the whole company: JSON, three partitions.
    Leads,
    /// Deals: Avro in Confluent's framing, two partitions.
    Deals,
}

impl Family {
    pub(crate) const ALL: [Family; 2] = [Family::Leads, Family::Deals];

    /// The one that an event is of.
    pub(crate) fn of(event: &Event) -> Family {
        match event.entity().kind {
            EntityKind::Deal => Family::Deals,
            EntityKind::Lead | EntityKind::Program => Family::Leads,
        }
    }

    /// How many partitions the topic has.
    pub(crate) fn partitions(self) -> u32 {
        match self {
            Family::Leads => 3,
            Family::Deals => 2,
        }
    }
}

/// A record of the quarter.
pub(crate) struct Sent {
    pub(crate) family: Family,
    /// What it speaks of; garbage has no key.
    pub(crate) key: Option<Text>,
    pub(crate) value: Vec<u8>,
    /// When it happened; garbage never did.
    pub(crate) at: Option<EventTime>,
    /// Why it is to be a dead letter, if it is.
    pub(crate) reason: Option<Reason>,
    /// The same record as a line of a file, or as one that is written into the event log itself, under this key.
    pub(crate) line: Vec<u8>,
    pub(crate) log_key: Option<Text>,
}

fn sent(record: Simulated) -> Sent {
    match record.payload {
        Payload::Event(event) => {
            let entity = event.entity();
            let family = Family::of(&event);
            let line = codec::encode_event_json(&event);
            let log_key = Some(event.record_key());
            let value = match family {
                Family::Deals => codec::encode_event_confluent(&event, DEAL_SCHEMA),
                Family::Leads => line.clone(),
            };
            Sent {
                family,
                key: Some(entity.id),
                value,
                at: Some(event.occurred_at),
                reason: None,
                line,
                log_key,
            }
        }
        Payload::Garbage { bytes, reason } => {
            let (value, line) = (bytes.clone(), bytes);
            Sent {
                family: Family::Leads,
                key: None,
                value,
                at: None,
                reason: Some(reason),
                line,
                log_key: None,
            }
        }
    }
}

/// Ninety days: a healthy start, a flood of poor leads, then slow first touches, then all is well again.
pub(crate) fn records() -> Vec<Sent> {
    records_of(scenario())
}

/// The same company with everything that may happen: facts that come late, and leads that are merged.
pub(crate) fn unruly_records(seed: u64) -> Vec<Sent> {
    let mut scenario = Scenario { seed, disorder: Disorder::default(), ..scenario() };
    scenario.company.mishaps.merged = 0.02;
    records_of(scenario)
}

fn records_of(scenario: Scenario) -> Vec<Sent> {
    Company::new(scenario).expect("the scenario can be played").map(sent).collect()
}

fn scenario() -> Scenario {
    let mut scenario = Scenario {
        onset_day: 50,
        second_onset_day: 62,
        end_day: Some(76),
        disorder: Disorder { late_share: 0.0, ..Disorder::default() },
        ..Scenario::of(Plot::FallingOut, 7)
    };
    scenario.company.leads_per_business_day = 20.0;
    scenario.company.mishaps.merged = 0.0;
    scenario
}

/// An end of a history: in every partition of its topics at the same time, just past a time at which windows are told,
/// which it gives. It comes after everything before `last`.
pub(crate) fn end(last: EventTime) -> (Vec<Sent>, EventTime) {
    let end = EventTime((last.0 + SECOND_MS) / WINDOWS_MS * WINDOWS_MS + WINDOWS_MS);
    let mut records = Vec::new();
    for at in [end.plus_ms(-SECOND_MS), end.plus_ms(OUT_OF_ORDERNESS_MS)] {
        for family in Family::ALL {
            let partitions = family.partitions();
            for partition in 0..partitions {
                let mut ids = (0..).map(|n| format!("end-{n}"));
                let is_there = |id: &String| partition_of(id.as_bytes(), partitions) == partition;
                let id: Text = ids.find(is_there).expect("some id is there").into();
                let (team, channel, automated) = (Team::Marketing, None, true);
                let body = match family {
                    Family::Leads => Body::LeadTouched { lead_id: id.clone(), team, channel, automated },
                    Family::Deals => {
                        Body::DealTouched { deal_id: id.clone(), lead_id: None, team, channel, automated }
                    }
                };
                let event =
                    Event { event_id: format!("{id} {family:?} {}", at.0).into(), occurred_at: at, body };
                records.push(sent(Simulated { arrival: at, payload: Payload::Event(event) }));
            }
        }
    }
    (records, end)
}

/// What `rapport replay` finds.
pub(crate) struct Replayed {
    /// In their order.
    pub(crate) alerts: Vec<Value>,
    /// As they stand at the end.
    pub(crate) windows: Vec<WindowResult>,
}

/// The alerts that `rapport replay` finds in the records, in their order.
pub(crate) fn replayed(records: &[Sent], installation: &Installation) -> Vec<Value> {
    let lines: Vec<(Family, &[u8])> =
        records.iter().map(|record| (record.family, record.line.as_slice())).collect();
    replay(&lines, installation).alerts
}

/// What `rapport replay` finds in these lines: each is of the source that sends its family, where there is one.
pub(crate) fn replay(lines: &[(Family, &[u8])], installation: &Installation) -> Replayed {
    let folder = &installation.folder;
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    let write = |name: &str, lines: Vec<&[u8]>| {
        let file = folder.join(name);
        std::fs::write(&file, lines.join(&b'\n')).unwrap();
        path(&file)
    };
    let files = match installation.way() {
        Way::Direct => vec![write("quarter.jsonl", lines.iter().map(|(_, line)| *line).collect())],
        Way::Intakes => Family::ALL
            .map(|family| {
                let source = installation.source(family);
                let of = lines.iter().filter(|(of, _)| *of == family).map(|(_, line)| *line).collect();
                format!("{source}={}", write(&format!("{source}.jsonl"), of))
            })
            .to_vec(),
    };
    let out = folder.join("replayed");
    let (config, to) = (path(&installation.config), path(&out));
    let mut args = vec!["replay", "--config", &config, "--out", &to];
    args.extend(files.iter().map(String::as_str));
    let said = rapport(&args);
    assert_eq!(said.status, Some(0), "{said:?}");
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    Replayed {
        alerts: read("alerts.jsonl").lines().map(|line| serde_json::from_str(line).unwrap()).collect(),
        windows: read("windows.jsonl")
            .lines()
            .map(|line| codec::decode_window(line.as_bytes()).unwrap())
            .collect(),
    }
}
