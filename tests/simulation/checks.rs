//! What must hold once a world has come to rest: the invariants, one after the other.

use std::collections::BTreeMap;

use rapport::engine::Engine;
use rapport::engine::clock::Clock;
use rapport::funnel::journey::{JourneysTask, Write};
use rapport::funnel::segment::{SegmentsTask, Told};
use rapport::log::TopicPartition;
use rapport::log::memory::Broker;
use rapport::model::EventTime;
use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::definitions::DIRECT;
use rapport::model::effect::{Effect, JourneysFigures};
use rapport::model::outcome::Outcome;
use rapport::model::record::{Holds, LogRecord};
use rapport::model::window::WindowResult;
use rapport::oracle::{self, Answer, Demand, Demanded};

use crate::support::demanded::{bare, demanded, sorted, written};

use super::instance::{End, Instance, News};
use super::ledger::{Failure, Watching, seq_of};
use super::state::{Kind, State};
use super::witness::{WatchedLog, WatchedTasks};
use super::world::{GROUP, LONG_AGO, World};

/// What everybody can see in the end: where two runs over the same event log agree.
#[derive(Debug, PartialEq)]
pub struct Decided {
    alerts: Vec<(String, Alert)>,
    windows: BTreeMap<String, WindowResult>,
    /// What the state of each task means.
    states: BTreeMap<TopicPartition, u64>,
}

impl Decided {
    /// In what two runs differ, if they do.
    pub fn difference(&self, other: &Decided) -> Option<String> {
        let words = |alerts: &[(String, Alert)]| alerts.iter().map(|a| format!("{a:?}")).collect::<Vec<_>>();
        if self.alerts != other.alerts {
            return Some(difference(&words(&self.alerts), &words(&other.alerts)));
        }
        let keys = self.windows.keys().chain(other.windows.keys());
        if let Some(key) = keys.into_iter().find(|key| self.windows.get(*key) != other.windows.get(*key)) {
            return Some(format!("{key}: {:?} and {:?}", self.windows.get(key), other.windows.get(key)));
        }
        let mut keys = self.states.keys();
        let at = keys.find(|at| self.states.get(*at) != other.states.get(*at));
        at.map(|at| format!("the state of the task of {at}"))
    }
}

/// Checks everything.
pub fn check(world: &mut World<'_>) -> Result<Decided, Failure> {
    say_good_bye(world)?;
    world.readers.look();
    world.readers.check()?;
    let restored = restore(world)?;
    chains(world)?;
    let log = world.rig.event_log();
    let definitions = world.rig.tasks.terms.definitions.clone();
    let answer = oracle::answer(&definitions, &log);
    replay(world, &log)?;
    oracle(world, &answer, &log)?;
    figures(world, &answer, &restored)?;
    progress(&log)?;
    dead_letters(world, &log)?;
    count(world, &answer);
    let restored = &world.ledger.lock().unwrap().restored;
    Ok(Decided {
        alerts: world.rig.alerts(),
        windows: world.rig.windows().into_iter().filter(|(_, window)| window.n > 0).collect(),
        states: restored.iter().map(|(at, state)| (at.clone(), state.meaning)).collect(),
    })
}

fn fail(kind: &'static str, said: impl Into<String>) -> Result<(), Failure> {
    Err(Failure::new(kind, said))
}

/// Everybody goes, with nothing left to be committed.
fn say_good_bye(world: &mut World<'_>) -> Result<(), Failure> {
    for who in 0..world.slots.len() {
        if let Some(mut instance) = world.slots[who].instance.take() {
            end_of(&mut instance, who)?;
        }
    }
    world.rig.broker.disband(GROUP);
    Ok(())
}

fn end_of(instance: &mut Instance, who: usize) -> Result<(), Failure> {
    match instance.close() {
        News::Ended(End::Closed) => Ok(()),
        other => fail("stopped", format!("instance {who} ends with {other:?}")),
    }
}

/// A member that starts now restores everything as it was, shows it, and writes nothing but that it is here.
fn restore(world: &World<'_>) -> Result<Vec<Effect>, Failure> {
    let before: Vec<i64> = ends(world);
    let inputs = world.rig.inputs();
    let member = world.rig.broker.join(GROUP, "inspector", &inputs);
    let (notes, ledger) = (std::rc::Rc::default(), world.ledger.clone());
    let tasks = WatchedTasks {
        tasks: world.rig.tasks.clone(),
        notes: std::rc::Rc::clone(&notes),
        ledger: ledger.clone(),
    };
    let log = WatchedLog::new(usize::MAX, member, notes, ledger.clone());
    let clock = Alone(world.rig.broker.clone());
    let mut engine = Engine::new(log, tasks, Watching::new(ledger), world.rig.settings.clone());
    for _ in 0..200 {
        engine.turn(&clock).map_err(|error| Failure::new("stopped", error.to_string()))?;
        if engine.is_settled() {
            break;
        }
    }
    if !engine.is_settled() {
        return Err(Failure::new("no rest", "a new member does not restore everything"));
    }
    if ends(world) != before {
        return Err(Failure::new("I2 restore", "a member that only restores has written something"));
    }
    let failure = world.ledger.lock().unwrap().failure.clone();
    let (_, watching) = engine.into_parts();
    failure.map_or(Ok(watching.restored), Err)
}

/// The clock of one for whom nobody else waits.
struct Alone(Broker);

impl Clock for Alone {
    fn wall(&self) -> EventTime {
        LONG_AGO
    }

    fn ticks_ms(&self) -> u64 {
        self.0.ticks_ms()
    }

    fn pause_ms(&self, ms: u64) {
        self.0.pass(ms);
    }
}

/// The ends of all partitions that hold no state.
fn ends(world: &World<'_>) -> Vec<i64> {
    let states = [&world.rig.topics.journeys_state, &world.rig.topics.segments_state];
    let of_others = world.rig.all().iter().filter(|at| !states.contains(&&at.topic));
    of_others.map(|at| world.rig.broker.end(at)).collect()
}

/// I2, I4: the places of each task follow one another, block by block, none is missing, none comes twice.
fn chains(world: &World<'_>) -> Result<(), Failure> {
    let mut last: BTreeMap<TopicPartition, (u64, i64)> = BTreeMap::new();
    for (at, place) in world.rig.broker.committed_history(GROUP) {
        let (seq, offset) = last.get(&at).copied().unwrap_or((0, 0));
        let next = seq_of(&place);
        let has_state = !world.rig.tasks.intakes.contains_key(&at.topic);
        if (has_state && next != seq + 1) || place.offset < offset {
            let (to, from) = (place.offset, offset);
            return fail(
                "I4 chain",
                format!("{at}: block {next} up to {to} follows block {seq} up to {from}"),
            );
        }
        last.insert(at, (next, place.offset));
    }
    Ok(())
}

/// I1: what is in the event log is what it demands, and the alerts are those of the oracle. A row that holds a
/// fact twice, in spans that do not touch, sends it twice and the oracle says it once; how often each record is
/// there is held against the [`replay`].
fn oracle(world: &World<'_>, answer: &Answer, log: &[Vec<LogRecord>]) -> Result<(), Failure> {
    let (mut demanded, mut written) = (sorted(demanded(answer)), sorted(written(log)));
    demanded.dedup();
    written.dedup();
    if demanded != written {
        return fail("I1 records", difference(&demanded, &written));
    }
    let alerts = world.rig.alerts();
    let committed: Vec<Alert> = alerts.iter().map(|(_, alert)| bare(alert.clone())).collect();
    if answer.alerts != committed {
        let words = |alerts: &[Alert]| alerts.iter().map(|alert| format!("{alert:?}")).collect::<Vec<_>>();
        return fail("I1 alerts", difference(&words(&answer.alerts), &words(&committed)));
    }
    // I8: nothing was shown before it was committed, and nothing twice.
    let mut there: Vec<String> = alerts.iter().map(|(_, alert)| format!("{alert:?}")).collect();
    for shown in &world.ledger.lock().unwrap().alerts {
        match there.iter().position(|alert| alert == shown) {
            Some(i) => drop(there.swap_remove(i)),
            None => return fail("I8 shown", format!("shown and not committed, or twice: {shown}")),
        }
    }
    Ok(())
}

fn difference(expected: &[String], found: &[String]) -> String {
    let only = |one: &[String], other: &[String]| -> Vec<String> {
        let mut left = other.to_vec();
        let mut only = Vec::new();
        for item in one {
            match left.iter().position(|other| other == item) {
                Some(i) => drop(left.swap_remove(i)),
                None => only.push(item.chars().take(1_200).collect()),
            }
        }
        only.truncate(3);
        only
    };
    let (missing, more) = (only(expected, found), only(found, expected));
    format!("expected {}, found {}\nmissing: {missing:#?}\ntoo much: {more:#?}", expected.len(), found.len())
}

/// I6: what each task has counted is what the oracle counts, and it adds up to the records that were read.
fn figures(world: &World<'_>, answer: &Answer, restored: &[Effect]) -> Result<(), Failure> {
    let mut seen = 0;
    for effect in restored {
        match effect {
            Effect::Journeys(figures) => {
                seen += 1;
                let &JourneysFigures { partition, time, tally, counters, .. } = figures;
                let expected = &answer.partitions[partition as usize];
                if (time, tally, counters) != (expected.time, expected.tally, expected.counters) {
                    let oracle = (expected.time, expected.tally, expected.counters);
                    let said = format!("partition {partition}: {figures:?}, the oracle says {oracle:?}");
                    return fail("I6 figures", said);
                }
            }
            Effect::Intake(figures) => {
                seen += 1;
                let at = TopicPartition::new(figures.source.as_str(), figures.partition);
                let records = world.rig.broker.read_committed(&at).len() as u64;
                if figures.tally.total() != records {
                    return fail("I6 figures", format!("{at}: {figures:?} of {records} records"));
                }
            }
            _ => {}
        }
    }
    let tasks = world.rig.inputs().len() - 1;
    if seen == tasks { Ok(()) } else { fail("I6 figures", format!("{seen} of {tasks} tasks tell figures")) }
}

/// I5: what each source tells of time in a partition rises. What `direct` has told may be told again: who starts
/// anew cannot read it while somebody's open transaction lies before it.
fn progress(log: &[Vec<LogRecord>]) -> Result<(), Failure> {
    for (number, records) in log.iter().enumerate() {
        let mut told: BTreeMap<(String, u32), EventTime> = BTreeMap::new();
        for record in records {
            let Holds::Control(Control::Progress { source, partition, time }) = &record.holds else {
                continue;
            };
            let before = told.insert((source.to_string(), *partition), *time);
            let is_told_again = source == DIRECT && before == Some(*time);
            if before.is_some_and(|before| before >= *time) && !is_told_again {
                let said =
                    format!("partition {number}: {source}/{partition} tells {before:?}, then {time:?}");
                return fail("I5 progress", said);
            }
        }
    }
    Ok(())
}

/// I7: each record that cannot be read lies in the dead letters once, and nothing else does.
fn dead_letters(world: &World<'_>, log: &[Vec<LogRecord>]) -> Result<(), Failure> {
    let is_bad = |record: &&LogRecord| matches!(record.holds, Holds::Unreadable(_));
    let bad = match world.rig.tasks.intakes.is_empty() {
        true => log.iter().flatten().filter(is_bad).count(),
        // What an intake cannot read it does not pass on.
        false => world.garbage_fed(),
    };
    let topic = TopicPartition::new(&world.rig.topics.dead_letters, 0);
    let letters = world.rig.broker.read_committed(&topic).len();
    world.ledger.lock().unwrap().totals.add("dead letters", letters as u64);
    if bad == letters { Ok(()) } else { fail("I7 dead letters", format!("{letters} of {bad} bad records")) }
}

/// I9, I10: the tasks alone, without any engine, one after the other over the same event log, come to the same
/// state, row by row, write the same records, and come to the same windows. Whether a window is told in which
/// nothing counts depends on who has been restored when.
fn replay(world: &World<'_>, log: &[Vec<LogRecord>]) -> Result<(), Failure> {
    let terms = &world.rig.tasks.terms;
    let mut segments = SegmentsTask::new(terms.clone());
    let mut writes = Vec::new();
    let mut windows: BTreeMap<String, WindowResult> = BTreeMap::new();
    let ledger = world.ledger.lock().unwrap();
    let same = |topic: &str, partition, state: State| {
        let at = TopicPartition::new(topic, partition);
        let is_same = ledger.restored.get(&at).is_none_or(|restored| restored.meaning == state.meaning);
        if is_same { Ok(()) } else { fail("I9 replay", format!("{at}: not the state of a calm run")) }
    };
    for (number, records) in (0..).zip(log) {
        let mut task = JourneysTask::new(number, terms.clone());
        for record in records {
            writes.extend(task.apply(record).writes.iter().flat_map(demand_of));
        }
        for told in task.take_deltas().into_iter().flat_map(|delta| segments.apply(delta)) {
            match told {
                Told::Window(window) => {
                    windows.insert(window.record_key(), WindowResult { at: EventTime(0), ..window });
                }
                Told::WindowGone(key) => drop(windows.remove(&key.record_key())),
                Told::Alert(_) | Told::Explained(_) | Told::Erased(_) => {}
            }
        }
        let rows = task.state_keys().into_iter().filter_map(|key| task.state_row(&key).map(|row| (key, row)));
        same(&world.rig.topics.events, number, State::of_rows(rows, Kind::Journeys))?;
    }
    let (writes, written) = (sorted(writes), sorted(written(log)));
    if writes != written {
        return fail("I9 records", difference(&writes, &written));
    }
    let keys = segments.state_keys().into_iter();
    let rows = keys.filter_map(|key| segments.state_row(&key).map(|row| (key, row)));
    same(&world.rig.topics.deltas, 0, State::of_rows(rows, Kind::Segments))?;
    let shown = world.rig.windows();
    let counts = |window: &&WindowResult| window.n > 0;
    let differs = |key: &&String| shown.get(*key).filter(counts) != windows.get(*key).filter(counts);
    match shown.keys().chain(windows.keys()).find(differs) {
        None => Ok(()),
        Some(key) => {
            let said = format!("{key}: {:?}, in a calm run {:?}", shown.get(key), windows.get(key));
            fail("I9 windows", said)
        }
    }
}

/// What a write is in the oracle's words.
fn demand_of(write: &Write) -> Vec<Demand> {
    match write {
        Write::Control { to, control } => Demand::each(*to, control),
        Write::Forward { to } => vec![Demand { partition: *to, record: Demanded::Forwarded }],
    }
}

fn count(world: &World<'_>, answer: &Answer) {
    let totals = &mut world.ledger.lock().unwrap().totals;
    totals.add("alerts", answer.alerts.len() as u64);
    for partition in &answer.partitions {
        totals.add("records", partition.outcomes.len() as u64);
        totals.add("records demanded", partition.demanded.iter().map(|d| d.len() as u64).sum());
        totals.add("late records", partition.tally.of(Outcome::Late));
        totals.add("journeys freed", partition.counters.journeys_freed);
    }
}
