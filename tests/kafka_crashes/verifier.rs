//! What must be so, whatever died: everything that is committed follows from the event log, and the event log
//! from the sources, each record once.
//!
//! It knows the evidence alone, finds every fault there is, and words each for a person. Beside the oracle, which
//! is separate code, an undisturbed run of the processor's own core over the same event log tells the windows
//! and the texts of alerts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Debug;
use std::sync::Arc;

use rapport::codec;
use rapport::funnel::journey::JourneysTask;
use rapport::funnel::segment::{SegmentsTask, Told};
use rapport::funnel::terms::Terms;
use rapport::log::RawRecord;
use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::outcome::{Outcome, Tally};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::window::WindowResult;
use rapport::model::{EventTime, MINUTE_MS, Minute};
use rapport::oracle::{self, PartitionAnswer};
use rapport::pipeline::{FORWARDED_HEADER, SOURCE_HEADER};

use super::evidence::{COUNTERS, Evidence, Taken};
use crate::support::counted::Counted;
use crate::support::demanded::{bare, demanded, sorted, written};
use crate::support::installed::Way;
use crate::support::installed::header;

/// What follows from an event log.
pub(super) struct Expected {
    /// By the oracle, without words.
    alerts: Vec<Alert>,
    demanded: Vec<String>,
    partitions: Vec<PartitionAnswer>,
    /// What the oracle counted by the last boundary at which windows were told; where definitions changed nobody asks.
    counted: Option<Counted>,
    undisturbed: Undisturbed,
}

impl Expected {
    /// Works it out twice, by the oracle and by an undisturbed run.
    pub(super) fn of(evidence: &Evidence) -> Expected {
        let log = evidence.log();
        let undisturbed = Undisturbed::run(evidence, &log);
        let answer = oracle::answer(&evidence.definitions, &log);
        let demanded = sorted(demanded(&answer));
        let time =
            answer.partitions.iter().map(|partition| partition.time).min().expect("there are partitions");
        let every = i32::from(evidence.definitions.windows_every_minutes);
        // Where a partition has told nothing there is no such boundary.
        let told = Minute(time.0.div_euclid(every).saturating_mul(every));
        let is_plain = answer.partitions.iter().all(|partition| partition.switches.len() == 1);
        let counted = is_plain.then(|| Counted::new(&answer, &evidence.definitions, told));
        Expected { alerts: answer.alerts, demanded, partitions: answer.partitions, counted, undisturbed }
    }

    /// Under how many definitions every partition has counted.
    pub(super) fn switches(&self) -> usize {
        self.partitions.iter().map(|partition| partition.switches.len()).min().expect("there are partitions")
    }

    /// Up to when everything is judged.
    pub(super) fn time(&self) -> EventTime {
        self.partitions.iter().map(|partition| partition.time).min().expect("there are partitions").start()
    }
}

/// Everything that is wrong; nothing, where all is right.
pub(super) fn faults(evidence: &Evidence, expected: &Expected) -> Vec<String> {
    let log = evidence.log();
    let mut faults = Faults::default();
    same_alerts(&mut faults, evidence, expected);
    windows(&mut faults, evidence, expected);
    faults.compare("records that the event log demands", &expected.demanded, &sorted(written(&log)));
    taken_in(&mut faults, evidence, &log);
    progress(&mut faults, evidence, &log);
    dead_letters(&mut faults, evidence, &log);
    counters(&mut faults, evidence, &expected.partitions);
    all_is_read(&mut faults, evidence);
    nothing_is_open(&mut faults, evidence);
    faults.0
}

/// Panics with everything that is wrong; gives the committed alerts, in order.
pub(super) fn verify(evidence: &Evidence) -> Vec<Alert> {
    let faults = faults(evidence, &Expected::of(evidence));
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    alerts(evidence)
}

/// The committed alerts, in order.
pub(super) fn alerts(evidence: &Evidence) -> Vec<Alert> {
    evidence.alerts.iter().map(alert).collect()
}

#[derive(Default)]
struct Faults(Vec<String>);

impl Faults {
    fn add(&mut self, fault: String) {
        self.0.push(fault);
    }

    /// Holds two sequences against each other, and names where they part.
    fn compare<T: PartialEq + Debug>(&mut self, what: &str, expected: &[T], found: &[T]) {
        if expected == found {
            return;
        }
        let parts = expected.iter().zip(found).position(|(expected, found)| expected != found);
        let at = parts.unwrap_or(expected.len().min(found.len()));
        self.add(format!(
            "{what}: {} expected, {} found; they part at {at}:\n  expected {:?}\n  found    {:?}",
            expected.len(),
            found.len(),
            expected.get(at),
            found.get(at)
        ));
    }
}

fn alert(record: &RawRecord) -> Alert {
    codec::decode_alert(record.value.as_deref().expect("an alert is no tombstone")).expect("it is an alert")
}

/// The committed alerts are the oracle's, as a sequence, in the processor's own words; none has the id of another.
fn same_alerts(faults: &mut Faults, evidence: &Evidence, expected: &Expected) {
    // What comes late is told so by the clock on the wall, outside of the core.
    let committed: Vec<Alert> =
        evidence.alerts.iter().map(|record| Alert { catching_up: false, ..alert(record) }).collect();
    let without_words: Vec<Alert> = committed.iter().cloned().map(bare).collect();
    faults.compare("alerts by the oracle", &expected.alerts, &without_words);
    faults.compare("alerts of an undisturbed run", &expected.undisturbed.alerts, &committed);
    let mut ids = BTreeSet::new();
    for record in &evidence.alerts {
        let id = header(record, "ce_id");
        if !ids.insert(id) {
            faults.add(format!("the alert {id} came twice, the second time at offset {}", record.offset));
        }
        let said = alert(record);
        let headers = codec::alert_headers(&said, &format!("/{}", evidence.prefix));
        faults.compare(&format!("headers of the alert {id}"), &headers, &record.headers);
        if record.key.as_deref() != Some(said.fingerprint.as_bytes()) {
            faults.add(format!("the key of the alert {id} is not its fingerprint"));
        }
    }
}

/// The last committed result of each window is the one of an undisturbed run, and what the oracle counts.
fn windows(faults: &mut Faults, evidence: &Evidence, expected: &Expected) {
    for record in &evidence.windows {
        let Some(window) = window(record) else { continue };
        faults.compare("the key of a window", &[window.record_key().into_bytes()], record.key.as_slice());
    }
    let committed = committed_windows(evidence);
    faults.compare("windows", &told(expected.undisturbed.windows.values().cloned()), &committed);
    if let Some(counted) = &expected.counted {
        let wrong = committed.iter().filter_map(|window| counted.holds(window)?.err());
        wrong.for_each(|wrong| faults.add(format!("windows by the oracle: {wrong}")));
    }
}

/// The result in a record; nothing where the window is no more.
fn window(record: &RawRecord) -> Option<WindowResult> {
    let value = record.value.as_deref()?;
    Some(codec::decode_window(value).expect("it is a window"))
}

/// The committed windows as they stand at the end, by their keys.
pub(super) fn committed_windows(evidence: &Evidence) -> Vec<WindowResult> {
    let mut committed = BTreeMap::new();
    for record in &evidence.windows {
        match window(record) {
            Some(window) => drop(committed.insert(record.key.clone(), window)),
            None => drop(committed.remove(&record.key)),
        }
    }
    told(committed.into_values())
}

/// Windows by their keys, whenever they were told. Whether one is told in which nothing counts depends on who was
/// restored when.
pub(super) fn told(windows: impl Iterator<Item = WindowResult>) -> Vec<WindowResult> {
    let counts = windows.filter(|window| window.n > 0);
    let by_key = counts.map(|window| (window.record_key(), WindowResult { at: EventTime(0), ..window }));
    by_key.collect::<BTreeMap<_, _>>().into_values().collect()
}

/// A record as it must arrive in the event log: its key, its time, what the user wrote beside it, what it says.
type Arrived = (Option<Vec<u8>>, EventTime, Vec<(String, Vec<u8>)>, String);

/// What an erasure says.
const ERASURE: &str = "an erasure";

/// What the user wrote beside a record.
fn of_the_user(record: &RawRecord) -> Vec<(String, Vec<u8>)> {
    let is_own = |name: &str| [SOURCE_HEADER, FORWARDED_HEADER].contains(&name);
    record.headers.iter().filter(|(name, _)| !is_own(name)).cloned().collect()
}

/// Every record of a source that can be read lies in the event log once, in the partition of its key, in the
/// order of its source; and nothing else does that names a source.
fn taken_in(faults: &mut Faults, evidence: &Evidence, log: &[Vec<LogRecord>]) {
    let mut expected: BTreeMap<(String, usize), Vec<Arrived>> = BTreeMap::new();
    for record in &evidence.sources {
        let (key, says) = match evidence.read(record) {
            Ok(Taken::Event(event)) => (event.record_key().as_bytes().to_vec(), format!("{event:?}")),
            Ok(Taken::Erasure) => (record.key.clone().expect("it says whom"), ERASURE.to_owned()),
            Err(_) => continue,
        };
        let to = partition_of(&key, evidence.definitions.event_partitions) as usize;
        let from = format!("{}/{}", record.at.topic, record.at.partition);
        let arrived = (Some(key), record.timestamp, of_the_user(record), says);
        expected.entry((from, to)).or_default().push(arrived);
    }
    let mut found: BTreeMap<(String, usize), Vec<Arrived>> = BTreeMap::new();
    for (to, (records, read)) in evidence.events.iter().zip(log).enumerate() {
        for (record, read) in records.iter().zip(read) {
            let says = match (&read.holds, &read.came) {
                (Holds::Control(_), _) | (_, Came::Forwarded) => continue,
                // Written by the user's own producer, as it may be, whatever it claims.
                _ if evidence.way == Way::Direct => continue,
                (Holds::Event(event), Came::Intake { .. }) => format!("{event:?}"),
                (Holds::Tombstone { .. }, Came::Intake { .. }) => ERASURE.to_owned(),
                (other, came) => {
                    let at = record.offset;
                    faults.add(format!("crm.events[{to}]@{at} came by {came:?} and holds {other:?}"));
                    continue;
                }
            };
            let arrived = (record.key.clone(), record.timestamp, of_the_user(record), says);
            let from = header(record, SOURCE_HEADER).to_owned();
            found.entry((from, to)).or_default().push(arrived);
        }
    }
    let ways: BTreeSet<_> = expected.keys().chain(found.keys()).cloned().collect();
    for way in ways {
        let of = |map: &BTreeMap<(String, usize), Vec<Arrived>>| map.get(&way).cloned().unwrap_or_default();
        faults.compare(
            &format!("records from {} in crm.events[{}]", way.0, way.1),
            &of(&expected),
            &of(&found),
        );
    }
}

/// Each partition of a source has told every partition of the event log the same times, each later than the one
/// before, up to its newest event less the bound; and nobody else that is waited for has told any.
fn progress(faults: &mut Faults, evidence: &Evidence, log: &[Vec<LogRecord>]) {
    let bound_ms = evidence.definitions.out_of_orderness_ms;
    let mut newest: BTreeMap<(String, u32), i64> = BTreeMap::new();
    for record in &evidence.sources {
        let Ok(Taken::Event(event)) = evidence.read(record) else { continue };
        let of = newest.entry((record.at.topic.clone(), record.at.partition)).or_insert(i64::MIN);
        *of = (*of).max(event.occurred_at.0);
    }
    let last = |at: &i64| (at - bound_ms).div_euclid(MINUTE_MS) * MINUTE_MS;
    let expected: Vec<_> = newest.iter().map(|(from, at)| (from.clone(), last(at))).collect();
    let mut first: Option<BTreeMap<(String, u32), Vec<i64>>> = None;
    for (to, records) in log.iter().enumerate() {
        let mut told: BTreeMap<(String, u32), Vec<i64>> = BTreeMap::new();
        for record in records {
            if let Holds::Control(Control::Progress { source, partition, time }) = &record.holds
                && evidence.definitions.sources.iter().any(|listed| listed.name == *source)
            {
                told.entry((source.to_string(), *partition)).or_default().push(time.0);
            }
        }
        for (from, times) in &told {
            if let Some(pair) = times.windows(2).find(|pair| pair[0] >= pair[1]) {
                faults.add(format!(
                    "crm.events[{to}]: the time of {from:?} went from {} to {}",
                    pair[0], pair[1]
                ));
            }
        }
        let ends: Vec<_> = told.iter().map(|(from, times)| (from.clone(), times[times.len() - 1])).collect();
        faults.compare(&format!("the last times told to crm.events[{to}]"), &expected, &ends);
        match &first {
            None => first = Some(told),
            Some(first) if *first != told => {
                faults.add(format!("crm.events[{to}] was not told the times that crm.events[0] was told"));
            }
            Some(_) => {}
        }
    }
}

/// The dead letters are the records that cannot be read, byte by byte, once each, with where they came from.
fn dead_letters(faults: &mut Faults, evidence: &Evidence, log: &[Vec<LogRecord>]) {
    type Letter = (String, Option<Vec<u8>>, Option<Vec<u8>>, EventTime, String);
    let letter = |record: &RawRecord, why: &str| -> Letter {
        let place = format!("{}[{}]@{}", record.at.topic, record.at.partition, record.offset);
        (place, record.key.clone(), record.value.clone(), record.timestamp, why.to_owned())
    };
    let of_sources = evidence.sources.iter().filter_map(|record| {
        let why = evidence.read(record).err()?;
        Some(letter(record, &why))
    });
    let of_log = evidence.events.iter().flatten().zip(log.iter().flatten()).filter_map(|(record, read)| {
        let Holds::Unreadable(rejection) = &read.holds else { return None };
        Some(letter(record, rejection.reason.as_str()))
    });
    let mut expected: Vec<Letter> = of_sources.chain(of_log).collect();
    let found = evidence.dead_letters.iter().map(|record| {
        let said = |name: &str| header(record, &format!("__connect.errors.{name}"));
        let place = format!("{}[{}]@{}", said("topic"), said("partition"), said("offset"));
        let why = header(record, "rapport.reason").to_owned();
        (place, record.key.clone(), record.value.clone(), record.timestamp, why)
    });
    let mut found: Vec<Letter> = found.collect();
    expected.sort();
    found.sort();
    faults.compare("dead letters", &expected, &found);
}

/// What restored state shows is what was read: each record has one end in each task that reads it.
fn counters(faults: &mut Faults, evidence: &Evidence, partitions: &[PartitionAnswer]) {
    let mut intakes = BTreeMap::<u32, Tally>::new();
    for record in &evidence.sources {
        let outcome = if evidence.read(record).is_ok() { Outcome::Forwarded } else { Outcome::DeadLetter };
        intakes.entry(record.at.partition).or_default().count(outcome);
    }
    let intakes = intakes.into_iter().map(|(partition, tally)| ("intake", partition, tally));
    let journeys = (0..).zip(partitions).map(|(partition, of)| ("journeys", partition, of.tally));
    for (task, partition, tally) in intakes.chain(journeys) {
        let expected: Vec<_> = Outcome::ALL.iter().map(|end| (end.as_str(), tally.of(*end))).collect();
        let shown = |end: &Outcome| {
            let key = (task.to_owned(), partition, end.as_str().to_owned());
            (end.as_str(), evidence.shown.records.get(&key).copied().unwrap_or(0))
        };
        let found: Vec<_> = Outcome::ALL.iter().map(shown).collect();
        faults.compare(&format!("how records ended in {task} {partition}"), &expected, &found);
    }
    for (partition, of) in (0..).zip(partitions) {
        let counted = [
            of.counters.control_records,
            of.counters.forwarded_copies,
            of.counters.future_skew,
            of.counters.conflicting,
            of.counters.moved_facts,
            of.counters.moves_stopped,
            of.counters.facts_over_limit,
            of.counters.journeys_freed,
        ];
        let expected: Vec<_> = COUNTERS.iter().copied().zip(counted).collect();
        let shown =
            |name: &&'static str| evidence.shown.counters.get(&(*name, partition)).copied().unwrap_or(0);
        let found: Vec<_> = COUNTERS.iter().map(|name| (*name, shown(name))).collect();
        faults.compare(&format!("counters of journeys {partition}"), &expected, &found);
    }
}

/// The group has read every record there is; behind its places there are markers at most.
fn all_is_read(faults: &mut Faults, evidence: &Evidence) {
    for place in &evidence.places {
        if place.committed.unwrap_or(0) != place.next {
            let (at, next) = (&place.at, place.next);
            faults.add(format!("{at}: the group is at {:?}, the next record at {next}", place.committed));
        }
    }
}

/// No transaction is open, and nobody is left in the group.
fn nothing_is_open(faults: &mut Faults, evidence: &Evidence) {
    for (at, (stable, end)) in &evidence.ends {
        if stable != end {
            faults.add(format!("{at}: a transaction is open between {stable} and {end}"));
        }
    }
    if evidence.transactions.is_empty() {
        faults.add(
            "the cluster knows no transactional id of the installation: nothing says that none is open"
                .to_owned(),
        );
    }
    for (id, state) in &evidence.transactions {
        if !["Empty", "CompleteCommit", "CompleteAbort"].contains(&state.as_str()) {
            faults.add(format!("the transaction of {id} is {state}"));
        }
    }
    if evidence.members > 0 {
        faults.add(format!("the group has {} members", evidence.members));
    }
}

/// What the processor's core makes of the event log when nothing disturbs it.
struct Undisturbed {
    alerts: Vec<Alert>,
    windows: BTreeMap<String, WindowResult>,
}

impl Undisturbed {
    fn run(evidence: &Evidence, log: &[Vec<LogRecord>]) -> Undisturbed {
        let terms = Arc::new(Terms::new(evidence.definitions.clone(), 1).expect("they were in force"));
        let mut segments = SegmentsTask::new(terms.clone());
        let mut undisturbed = Undisturbed { alerts: Vec::new(), windows: BTreeMap::new() };
        for (partition, records) in (0..).zip(log) {
            let mut journeys = JourneysTask::new(partition, terms.clone());
            records.iter().for_each(|record| drop(journeys.apply(record)));
            for told in journeys.take_deltas().into_iter().flat_map(|delta| segments.apply(delta)) {
                match told {
                    Told::Alert(alert) => undisturbed.alerts.push(alert),
                    Told::Explained(_) | Told::Erased(_) => {}
                    Told::Window(window) => {
                        let key = window.record_key();
                        undisturbed.windows.insert(key, WindowResult { at: EventTime(0), ..window });
                    }
                    Told::WindowGone(key) => drop(undisturbed.windows.remove(&key.record_key())),
                }
            }
        }
        undisturbed
    }
}
