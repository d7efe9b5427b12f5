//! Poison of every kind in the middle of a run: the task goes on, each record has one end, and what is told is what is
//! told without it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use rapport::codec::SchemaStore;
use rapport::funnel::terms::Terms;
use rapport::log::{NewRecord, RawRecord, TopicPartition};
use rapport::model::alert::Alert;
use rapport::model::dead_letter::Reason;
use rapport::model::definitions::{DIRECT, SourceDefinition};
use rapport::model::event::Event;
use rapport::model::outcome::{Outcome, Tally};
use rapport::model::record::Holds;
use rapport::model::{EventTime, MINUTE_MS};

use crate::support::definitions;
use crate::support::poison::{End, OTHER_SCHEMA, OTHER_SCHEMA_TEXT, Poison, every_kind};
use crate::support::random_log::{Arrival, Spice, history_of};
use crate::support::rig::{Rig, Running};

const PARTITIONS: u32 = 2;
const LEADS: &str = "crm.leads";
const DEALS: &str = "crm.deals";
/// The poison comes after so many parts of the history, before the first alert.
const POISONED_AFTER: usize = 10;
const RECORD_BYTES_MAX: usize = 1 << 20;

/// By which way records come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    Intake,
    Direct,
}

/// Whether a record of a log can be a dead letter for this reason.
fn is_of_a_log(reason: Reason) -> bool {
    match reason {
        Reason::Malformed
        | Reason::Empty
        | Reason::TooLarge
        | Reason::UnknownFraming
        | Reason::UnknownSchema
        | Reason::SchemaMismatch
        | Reason::LeftOverBytes
        | Reason::UnknownKind
        | Reason::UnknownSymbol
        | Reason::MissingField
        | Reason::WrongType
        | Reason::ImpossibleValue
        | Reason::TooLong => true,
        // It is said of rows of a table.
        Reason::UnmappedRow => false,
    }
}

#[test]
fn there_is_poison_for_every_reason() {
    let ends = |end: fn(&Poison) -> End| {
        let all = every_kind(&known(&company()), PARTITIONS, RECORD_BYTES_MAX);
        let reasons = all.iter().filter_map(|poison| match end(poison) {
            End::Dead(reason) => Some(reason),
            _ => None,
        });
        reasons.collect::<BTreeSet<Reason>>()
    };
    let wanted: BTreeSet<Reason> = Reason::ALL.into_iter().filter(|reason| is_of_a_log(*reason)).collect();
    assert_eq!(ends(|poison| poison.direct), wanted);
    assert_eq!(ends(|poison| poison.by_intake), wanted);
}

/// Ten days of a company in which nothing comes late, twice or to the wrong place.
fn company() -> Vec<Arrival> {
    let spice = Spice {
        late: 0,
        duplicates: 0,
        conflicts: 0,
        moves: 0,
        deletions: 0,
        erasures: 0,
        garbage: 0,
        misrouted: 0,
        skewed: 0,
        ..Spice::HOT
    };
    history_of(ChaCha8Rng::seed_from_u64(5), 300, PARTITIONS, spice, 10, 20)
}

/// An event of a lead that comes early, with attributes.
fn known(history: &[Arrival]) -> Event {
    let of_a_lead = |arrival: &Arrival| match &arrival.record.holds {
        Holds::Event(event) if event.record_key().starts_with('L') => Some(event.clone()),
        _ => None,
    };
    history.iter().find_map(of_a_lead).expect("there are leads")
}

/// What a run shows in the end.
#[derive(Debug)]
struct Run {
    alerts: Vec<(String, Alert)>,
    windows: Vec<String>,
    letters: Vec<RawRecord>,
    intake: Tally,
    journeys: Tally,
    copies: u64,
    control: u64,
}

fn rig(way: Way) -> Rig {
    let source = |name: &str, partitions| SourceDefinition { name: name.into(), partitions };
    let mut definitions = definitions::plain();
    definitions::quicken_divergence(&mut definitions, true);
    definitions.event_partitions = PARTITIONS;
    definitions.sources = match way {
        Way::Intake => vec![source(LEADS, 2), source(DEALS, 1)],
        Way::Direct => vec![source(DIRECT, 1)],
    };
    let mut rig = Rig::new(&Arc::new(Terms::new(definitions, 1).unwrap()));
    let file = (format!("{OTHER_SCHEMA}.avsc"), OTHER_SCHEMA_TEXT);
    let schemas = Arc::new(SchemaStore::new([file]).unwrap());
    rig.tasks.intakes.values_mut().for_each(|intake| intake.schemas = schemas.clone());
    rig.tasks.schemas = schemas;
    rig
}

fn feed(rig: &Rig, member: &mut Running, history: &[Arrival]) {
    for arrivals in history.chunks(15) {
        rig.feed(arrivals);
        rig.settle(member);
    }
}

/// Writes a record in the middle of a run; gives where it lies.
fn put(rig: &Rig, way: Way, poison: &Poison, timestamp: EventTime) -> (TopicPartition, i64) {
    let to = match way {
        Way::Intake => TopicPartition::new(LEADS, poison.partition(2)),
        Way::Direct => TopicPartition::new(&rig.topics.events, poison.partition(PARTITIONS)),
    };
    let offset = rig.broker.end(&to);
    let Poison { key, value, headers, .. } = poison.clone();
    rig.broker.append(NewRecord { to: to.clone(), key, value, headers, timestamp: Some(timestamp) });
    (to, offset)
}

/// Runs the company, with this in the middle of it; gives where that lay, too.
fn run(way: Way, poison: Option<&Poison>) -> (Run, Option<(TopicPartition, i64)>) {
    let rig = rig(way);
    let mut member = rig.start();
    let history = company();
    let (before, after) = history.split_at(history.len() / POISONED_AFTER);
    feed(&rig, &mut member, before);
    let place = poison.map(|poison| put(&rig, way, poison, before[before.len() - 1].record.timestamp));
    rig.settle(&mut member);
    feed(&rig, &mut member, after);
    (shown(&rig, &member), place)
}

/// Everything that is committed. Each record must have one end, and a member that starts now must show the same.
fn shown(rig: &Rig, member: &Running) -> Run {
    let read = |at: &TopicPartition| rig.broker.read_committed(at);
    let (mut intake, mut journeys, mut copies, mut control) = (Tally::default(), Tally::default(), 0, 0);
    let again = rig.start();
    for at in rig.inputs() {
        let records = read(&at).len() as u64;
        if at.topic == rig.topics.events {
            let figures = member.journeys(at.partition);
            let ends =
                figures.tally.total() + figures.counters.control_records + figures.counters.forwarded_copies;
            assert_eq!(ends, records, "I6: each record of {at} has one end");
            assert_eq!(again.journeys(at.partition).tally, figures.tally);
            journeys.add(&figures.tally);
            copies += figures.counters.forwarded_copies;
            control += figures.counters.control_records;
        } else if at.topic != rig.topics.deltas {
            let figures = member.intake(&at.topic, at.partition);
            assert_eq!(figures.tally.total(), records, "I6: each record of {at} has one end");
            let restored = again.intake(&at.topic, at.partition);
            assert_eq!((restored.tally, restored.time), (figures.tally, figures.time));
            intake.add(&figures.tally);
        }
    }
    let windows = rig.windows().values().map(|window| format!("{window:?}")).collect();
    let letters = read(&TopicPartition::new(&rig.topics.dead_letters, 0));
    Run { alerts: rig.alerts(), windows, letters, intake, journeys, copies, control }
}

fn header<'a>(record: &'a RawRecord, name: &str) -> &'a str {
    let found = record.headers.iter().find(|(known, _)| known == name);
    std::str::from_utf8(&found.unwrap_or_else(|| panic!("no header {name}")).1).unwrap()
}

/// The one dead letter is the record as it was, with why and where from.
fn assert_letter(letter: &RawRecord, poison: &Poison, reason: Reason, (at, offset): &(TopicPartition, i64)) {
    assert_eq!((&letter.key, &letter.value), (&poison.key, &poison.value));
    assert_eq!(letter.headers[..poison.headers.len()], poison.headers);
    assert_eq!(header(letter, "rapport.reason"), reason.as_str());
    let said = |name: &str| header(letter, &format!("__connect.errors.{name}")).to_owned();
    let origin = (at.topic.clone(), at.partition.to_string(), offset.to_string());
    assert_eq!((said("topic"), said("partition"), said("offset")), origin);
}

fn plus(tally: Tally, outcomes: &[Outcome]) -> Tally {
    let mut tally = tally;
    outcomes.iter().for_each(|outcome| tally.count(*outcome));
    tally
}

fn poison_changes_nothing(way: Way) {
    let (clean, _) = run(way, None);
    let history = company();
    let poisoned_at = history[history.len() / POISONED_AFTER].at;
    let (alerts, windows) = (clean.alerts.len(), clean.windows.len());
    assert!(alerts > 1 && windows > 50, "{alerts} alerts, {windows} windows: too dull to prove anything");
    assert!(clean.alerts[0].1.at > poisoned_at, "the first alert comes before the poison");
    assert_eq!((clean.letters.len(), clean.copies), (0, 0));
    for poison in every_kind(&known(&history), PARTITIONS, RECORD_BYTES_MAX) {
        let what = format!("{}, {way:?}", poison.what);
        println!("{what}");
        let (run, place) = run(way, Some(&poison));
        let place = place.expect("it was written");
        assert_eq!(run.alerts, clean.alerts, "{what}");
        assert_eq!(run.windows, clean.windows, "{what}");
        let end = if way == Way::Intake { poison.by_intake } else { poison.direct };
        let (intake, journeys, copies, control): (&[_], &[_], _, _) = match (way, end) {
            (Way::Intake, End::Dead(_)) => (&[Outcome::DeadLetter], &[], 0, 0),
            (Way::Direct, End::Dead(_)) => (&[], &[Outcome::DeadLetter], 0, 0),
            (Way::Intake, End::Ends(outcome)) => (&[Outcome::Forwarded], &[outcome], 0, 0),
            (Way::Direct, End::Ends(outcome)) => (&[], &[outcome], 0, 0),
            // What the copy ends as is not counted: its record was where it was read first.
            (Way::Direct, End::SentOn) => (&[], &[Outcome::Forwarded], 1, 0),
            (Way::Direct, End::Copy) => (&[], &[], 1, 0),
            (Way::Direct, End::Control) => (&[], &[], 0, 1),
            (Way::Intake, other) => panic!("no intake lets a record end as {other:?}"),
        };
        assert_eq!(run.intake, plus(clean.intake, intake), "{what}");
        assert_eq!(run.journeys, plus(clean.journeys, journeys), "{what}");
        assert_eq!((run.copies, run.control), (copies, clean.control + control), "{what}");
        match end {
            End::Dead(reason) => {
                assert_eq!(run.letters.len(), 1, "{what}");
                assert_letter(&run.letters[0], &poison, reason, &place);
            }
            _ => assert_eq!(run.letters.len(), 0, "{what}"),
        }
    }
}

#[test]
fn poison_in_a_source_changes_nothing() {
    poison_changes_nothing(Way::Intake);
}

#[test]
fn poison_in_the_event_log_changes_nothing() {
    poison_changes_nothing(Way::Direct);
}

/// An event from the future of its own record moves no time, be it read by an intake or from the event log, and is
/// counted; one that is a little ahead is neither.
#[test]
fn events_from_the_future_are_counted() {
    for way in [Way::Intake, Way::Direct] {
        let rig = rig(way);
        let mut member = rig.start();
        let history = company();
        feed(&rig, &mut member, &history[..60]);
        let timestamp = history[59].record.timestamp;
        let known = known(&history);
        let time = |member: &Running| (0..2).map(|p| member.journeys(p).time).max();
        let before = time(&member);
        for (minutes, id) in [(5, "a little"), (6, "ahead"), (600_000, "far ahead")] {
            let event = Event {
                event_id: id.into(),
                occurred_at: timestamp.plus_ms(minutes * MINUTE_MS),
                ..known.clone()
            };
            put(&rig, way, &Poison::again("from the future", &event), timestamp);
        }
        rig.settle(&mut member);
        let skewed = |member: &Running| {
            let of_sources = (0..2).map(|p| member.intake(LEADS, p).future_skew);
            let of_log = (0..2).map(|p| member.journeys(p).counters.future_skew);
            match way {
                Way::Intake => (of_sources.sum::<u64>(), of_log.sum::<u64>()),
                Way::Direct => (0, of_log.sum()),
            }
        };
        let expected = if way == Way::Intake { (2, 0) } else { (0, 2) };
        assert_eq!(skewed(&member), expected, "{way:?}");
        assert_eq!(skewed(&rig.start()), expected, "{way:?}: it is remembered");
        let moved = time(&member).unwrap().start().0 - before.unwrap().start().0;
        assert!(moved <= 10 * MINUTE_MS, "{way:?}: time went on by {} minutes", moved / MINUTE_MS);
    }
}
