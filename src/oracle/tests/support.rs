//! Stories as text, a small network of partitions that hands on what they demand, and readable cells.

use std::collections::{BTreeMap, VecDeque};
use std::rc::Rc;

use crate::model::alert::{Alert, AlertState, Severity};
use crate::model::control::Control;
use crate::model::dead_letter::{Reason, Rejection};
use crate::model::definitions::{
    BurnWindow, CalendarDefinition, Definitions, Dimension, FirstTouchSlo, Limits, Millionths, Rules,
    SourceDefinition,
};
use crate::model::event::{Attributes, Body, Event};
use crate::model::money::{Amount, Currency};
use crate::model::partitioner::partition_of;
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::words::{Author, DealStatus, Stage, Team, Verdict};
use crate::model::{EventTime, Minute, Text};
use crate::oracle::partition::Partition;
use crate::oracle::{Answer, Demanded, Rulebooks, answer};

pub(super) fn time(text: &str) -> EventTime {
    let with_zone = if text.len() == 16 { format!("{text}:00Z") } else { format!("{text}Z") };
    let at: jiff::Timestamp = with_zone.parse().unwrap_or_else(|_| panic!("{text:?} is no time"));
    EventTime(at.as_millisecond())
}

pub(super) fn minute(text: &str) -> Minute {
    time(text).minute()
}

/// Monday to Friday, 9 to 17, in a zone.
pub(super) fn office(zone: &str) -> CalendarDefinition {
    let weekly = std::array::from_fn(|day| if day < 5 { vec![(540, 1_020)] } else { vec![] });
    CalendarDefinition { zone: zone.into(), weekly, holidays: vec![] }
}

pub(super) fn slo() -> FirstTouchSlo {
    let window = |long_minutes, short_minutes, burn, severity| BurnWindow {
        long_minutes,
        short_minutes,
        burn: Millionths(burn),
        severity,
        gate: None,
    };
    FirstTouchSlo {
        target: Millionths(950_000),
        within_minutes: 240,
        windows: vec![
            window(1_440, 360, 3_000_000, Severity::Ticket),
            window(480, 120, 6_000_000, Severity::Page),
        ],
        gate: Millionths(1_000),
        min_n: 5,
        for_minutes: 10,
        clear_minutes: 60,
    }
}

/// One partition, offices in UTC, time by the `progress` of one source, no rule but the promise.
pub(super) fn definitions() -> Definitions {
    Definitions {
        sources: vec![SourceDefinition { name: "crm".into(), partitions: 1 }],
        event_partitions: 1,
        out_of_orderness_ms: 30_000,
        retention_days: None,
        open_retention_days: None,
        zone: "UTC".into(),
        calendars: ["marketing", "sales"].into_iter().map(|team| (team.into(), office("UTC"))).collect(),
        dimensions: vec![],
        horizons: BTreeMap::new(),
        windows_every_minutes: 60,
        rules: Rules { first_touch_slo: Some(slo()), ..Rules::default() },
        limits: Limits { facts_per_journey: 1_000, segments: 1_000, evidence_ids: 3 },
        id_key: [7; 16],
    }
}

pub(super) fn dimension(keys: &[&str]) -> Dimension {
    Dimension { keys: keys.iter().map(|&key| key.into()).collect() }
}

/// A record as a line says it: `TIME KIND WORD… KEY=VALUE…`. The event id is `id=…`, else the line.
pub(super) fn record(line: &str) -> LogRecord {
    let mut words = line.split_whitespace();
    let at = time(words.next().expect("a time"));
    let kind = words.next().expect("a kind");
    let (named, plain): (Vec<&str>, Vec<&str>) = words.partition(|word| word.contains('='));
    let named: BTreeMap<&str, &str> = named.iter().filter_map(|word| word.split_once('=')).collect();
    let holds = match kind {
        "progress" => Holds::Control(Control::Progress { source: "crm".into(), partition: 0, time: at }),
        "tombstone" => Holds::Tombstone { id: plain[0].into() },
        "unreadable" => Holds::Unreadable(Rejection::whole(Reason::Malformed)),
        _ => {
            let event_id = named.get("id").copied().map_or_else(|| line.into(), Text::from);
            Holds::Event(Event { event_id, occurred_at: at, body: body(kind, &plain, &named) })
        }
    };
    LogRecord { timestamp: at, came: Came::Intake { source: "crm".into() }, holds }
}

fn body(kind: &str, plain: &[&str], named: &BTreeMap<&str, &str>) -> Body {
    let text = |i: usize| Text::from(plain[i]);
    let maybe = |key: &str| named.get(key).map(|&value| Text::from(value));
    let rest = |keys: &[&str]| {
        let others = named.iter().filter(|(key, _)| !keys.contains(*key) && **key != "id");
        Attributes::new(others.map(|(&key, &value)| (key.into(), value.into())))
    };
    let amount = named.get("eur").map(|minor| Amount {
        minor: minor.parse().expect("minor units"),
        currency: Currency::parse("EUR").expect("a code"),
    });
    let automated = plain.contains(&"automated");
    let team = |i: usize| Team::parse(plain[i]).expect("a team");
    match kind {
        "lead_created" => Body::LeadCreated {
            lead_id: text(0),
            source: maybe("source"),
            campaign_id: maybe("campaign_id"),
            attributes: rest(&["source", "campaign_id"]),
        },
        "lead_stage_entered" => {
            Body::LeadStageEntered { lead_id: text(0), stage: Stage::parse(plain[1]).expect("a stage") }
        }
        "lead_assigned" => Body::LeadAssigned { lead_id: text(0), owner_id: "rep".into(), team: None },
        "lead_touched" => Body::LeadTouched { lead_id: text(0), team: team(1), channel: None, automated },
        "lead_dispositioned" => Body::LeadDispositioned {
            lead_id: text(0),
            verdict: Verdict::parse(plain[1]).expect("a verdict"),
            reason: maybe("reason"),
        },
        "lead_merged" => Body::LeadMerged { lead_id: text(0), into: text(1) },
        "lead_deleted" => Body::LeadDeleted { lead_id: text(0) },
        "lead_erased" => Body::LeadErased { lead_id: text(0) },
        "deal_opened" => Body::DealOpened {
            deal_id: text(0),
            lead_id: maybe("lead"),
            amount,
            origin: None,
            attributes: rest(&["lead", "eur"]),
        },
        "deal_stage_entered" => Body::DealStageEntered {
            deal_id: text(0),
            lead_id: maybe("lead"),
            stage: "s".into(),
            status: DealStatus::parse(plain[1]).expect("a status"),
            amount,
            reason: None,
        },
        "deal_amount_changed" => Body::DealAmountChanged {
            deal_id: text(0),
            lead_id: maybe("lead"),
            amount: amount.expect("an amount"),
        },
        "deal_touched" => Body::DealTouched {
            deal_id: text(0),
            lead_id: maybe("lead"),
            team: team(1),
            channel: None,
            automated,
        },
        "deal_linked" => Body::DealLinked { deal_id: text(0), lead_id: text(1) },
        "deal_deleted" => Body::DealDeleted { deal_id: text(0), lead_id: maybe("lead") },
        "deal_erased" => Body::DealErased { deal_id: text(0), lead_id: maybe("lead") },
        "content_published" => Body::ContentPublished { asset_id: text(0), author_team: Author::Marketing },
        other => panic!("{other} is no kind of these stories"),
    }
}

/// Partitions, and what is on its way between them: in order from each to each, nothing else is sure.
pub(super) struct Network<'d> {
    definitions: &'d Definitions,
    pub(super) partitions: Vec<Partition>,
    pub(super) logs: Vec<Vec<LogRecord>>,
    /// By (from, to), in order.
    pub(super) on_the_way: BTreeMap<(u32, u32), VecDeque<LogRecord>>,
}

impl<'d> Network<'d> {
    pub(super) fn new(definitions: &'d Definitions) -> Network<'d> {
        let (all, books) = (0..definitions.event_partitions, Rc::new(Rulebooks::default()));
        Network {
            definitions,
            partitions: all.clone().map(|number| Partition::new(number, definitions, &books)).collect(),
            logs: all.map(|_| vec![]).collect(),
            on_the_way: BTreeMap::new(),
        }
    }

    /// A partition reads a record; what it demands sets out.
    pub(super) fn read(&mut self, partition: u32, record: LogRecord) {
        let reader = &mut self.partitions[partition as usize];
        reader.read(&record);
        for demand in reader.demanded.last().expect("a record was read").clone() {
            let sent = match demand.record {
                Demanded::Control(control) => LogRecord { holds: Holds::Control(control), ..record.clone() },
                Demanded::Forwarded => LogRecord { came: Came::Forwarded, ..record.clone() },
            };
            self.on_the_way.entry((partition, demand.partition)).or_default().push_back(sent);
        }
        self.logs[partition as usize].push(record);
    }

    /// The next record from one partition to another arrives.
    pub(super) fn deliver(&mut self, way: (u32, u32)) {
        let queue = self.on_the_way.get_mut(&way).expect("something is on this way");
        let record = queue.pop_front().expect("something is on this way");
        if queue.is_empty() {
            self.on_the_way.remove(&way);
        }
        self.read(way.1, record);
    }

    /// Everything that is on its way arrives.
    pub(super) fn deliver_all(&mut self) {
        while let Some(&way) = self.on_the_way.keys().next() {
            self.deliver(way);
        }
    }

    /// Where a record of a producer goes: everywhere if it is progress.
    pub(super) fn places(&self, record: &LogRecord) -> Vec<u32> {
        let count = self.definitions.event_partitions;
        match &record.holds {
            Holds::Control(_) => (0..count).collect(),
            Holds::Event(event) => vec![partition_of(event.record_key().as_bytes(), count)],
            Holds::Tombstone { id } => vec![partition_of(id.as_bytes(), count)],
            Holds::Unreadable(_) => vec![0],
        }
    }
}

/// The whole log of a story in which everything arrives at once, line by line.
pub(super) fn log_of(definitions: &Definitions, story: &str) -> Vec<Vec<LogRecord>> {
    log_with(definitions, &[], story)
}

/// The same, with definitions that change: `TIME announce NUMBER NAME` announces those of a name. With `to=P` a
/// line is read by one partition only.
pub(super) fn log_with(
    definitions: &Definitions,
    others: &[(&str, &Definitions)],
    story: &str,
) -> Vec<Vec<LogRecord>> {
    let mut network = Network::new(definitions);
    for line in story.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let (line, to) = line.split_once(" to=").map_or((line, None), |(line, to)| (line, Some(to)));
        let words: Vec<&str> = line.split_whitespace().collect();
        let record = if let [at, "announce", number, name] = words[..] {
            let known = others.iter().find(|(known, _)| *known == name);
            announcement(at, number.parse().expect("a number"), known.expect("their name").1)
        } else {
            record(line)
        };
        let places = network.places(&record);
        for partition in to.map_or(places, |to| vec![to.parse().expect("a partition")]) {
            network.read(partition, record.clone());
            network.deliver_all();
        }
    }
    network.logs
}

pub(super) fn announcement(at: &str, number: u32, definitions: &Definitions) -> LogRecord {
    let definitions = Box::new(definitions.clone());
    let holds = Holds::Control(Control::DefinitionsInForce { number, definitions });
    LogRecord { timestamp: time(at), came: Came::Direct, holds }
}

pub(super) fn answer_to(definitions: &Definitions, story: &str) -> Answer {
    answer(definitions, &log_of(definitions, story))
}

/// The counts of a boundary under the first definitions, one line a cell: `[SEGMENT] MEASURE[SUBJECT]
/// MINUTE[/GRADE] = N`; the segment is left out where it is `all`, zero grades and empty subjects too.
pub(super) fn cells(answer: &Answer, boundary: &str) -> Vec<String> {
    cells_under(answer, 1, boundary)
}

/// The same under the definitions of a number.
pub(super) fn cells_under(answer: &Answer, number: u32, boundary: &str) -> Vec<String> {
    let counts = answer.counts(number, minute(boundary));
    let mut lines: Vec<String> = counts
        .iter()
        .map(|((segment, cell), n)| {
            let segment = if segment == "all" { String::new() } else { format!("{segment} ") };
            let subject = if cell.subject.is_empty() { String::new() } else { format!("[{}]", cell.subject) };
            let grade = if cell.grade == 0 { String::new() } else { format!("/{}", cell.grade) };
            format!("{segment}{}{subject} {:?}{grade} = {n}", cell.measure, cell.slice)
        })
        .collect();
    lines.sort();
    lines
}

/// Every message: when, what, since when, the value and its window, whose it is, the evidence.
pub(super) fn told(answer: &Answer) -> Vec<String> {
    let short = |at: EventTime| at.rfc3339()[5..16].to_owned();
    let line = |alert: &Alert| {
        let state = if alert.state == AlertState::Firing { "firing" } else { "resolved" };
        format!(
            "{} {state} {} {} since {}: {:.4} of {} from {} to {}, {}, {}",
            short(alert.at),
            alert.severity.as_str(),
            alert.segment,
            short(alert.since),
            alert.value,
            alert.n,
            short(alert.window_start),
            short(alert.window_end),
            format!("{:?}", alert.owner_team).to_lowercase(),
            alert.evidence.join(" ")
        )
    };
    answer.alerts.iter().map(line).collect()
}

/// The lines of a table that speak of these measures, sorted.
pub(super) fn of(lines: &[String], measures: &[&str]) -> Vec<String> {
    let wanted = |line: &&String| measures.iter().any(|measure| line.contains(measure));
    lines.iter().filter(wanted).cloned().collect()
}

#[track_caller]
pub(super) fn assert_table(found: &[String], expected: &str) {
    let mut lines: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    lines.sort_unstable();
    assert!(found == lines, "found\n  {}\nexpected\n  {}", found.join("\n  "), lines.join("\n  "));
}
