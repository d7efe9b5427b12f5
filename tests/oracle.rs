//! The processor and the oracle, which is written from the same text a second time, say the same of the
//! same event log: for a thousand companies with every kind of trouble, record by record, for some more
//! whose alerts are many, and for as many whose definitions change meanwhile.

mod same;
mod signs;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use rapport::funnel::journey::{Applied, Write};
use rapport::funnel::terms::Terms;
use rapport::model::alert::{Alert, AlertState};
use rapport::model::control::Control;
use rapport::model::definitions::{Definitions, Dimension, Millionths, SourceDefinition};
use rapport::model::delta::Step;
use rapport::model::measure::{Cell, Measure};
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::{EventTime, HOUR_MS, Minute, Text};
use rapport::oracle::{self, Answer, Demand, Demanded, PartitionAnswer};

use same::{same, same_alerts, same_map, same_set, short};

use crate::support::changing::{Mind, announce, publish};
use crate::support::random_log::{Arrival, Spice, history_of};
use crate::support::run::{Run, Schedule, run};
use crate::support::{all_rules, definitions};

/// At so many boundaries of a run the counts are compared, besides the last one.
const BOUNDARIES: usize = 3;

/// Of so many seeds that differ the first difference is shown.
const DIFFERENCES_SHOWN: usize = 4;

/// Windows are not compared: they are computed once a week.
const WINDOWS_EVERY_MINUTES: u16 = 10_080;

/// What is played and under which definitions.
struct Case {
    definitions: Definitions,
    history: Vec<Arrival>,
    schedule: Schedule,
}

/// How much was compared, so that nothing is compared in vain.
#[derive(Debug, Default)]
struct Compared {
    records: usize,
    writes: usize,
    first_touch_firing: usize,
    divergence_firing: usize,
    divergence_resolved: usize,
    divergence_again: usize,
    resolved: usize,
    late: u64,
    freed: u64,
    stopped: u64,
    conflicting: u64,
    skewed: u64,
    programs: usize,
    switches: usize,
    /// Stretches of boundaries that are judged under later definitions.
    stretches: usize,
    /// Alerts that ended because of other definitions.
    ended: usize,
    /// Alerts that began to fire under some definitions and resolved by themselves under others.
    outlived: usize,
    /// Alerts that were told again because somebody was erased.
    told_again: usize,
    /// Messages of each rule.
    by_rule: BTreeMap<String, Messages>,
    /// Those of segments within `all`, and those that say what is at risk.
    within: usize,
    at_risk: usize,
    /// Evaluations at which a rule held its state.
    held: usize,
}

/// How many messages there were.
#[derive(Clone, Copy, Debug, Default)]
struct Messages {
    firing: usize,
    resolved: usize,
}

impl Compared {
    fn add(&mut self, other: &Compared) {
        self.records += other.records;
        self.writes += other.writes;
        self.first_touch_firing += other.first_touch_firing;
        self.divergence_firing += other.divergence_firing;
        self.divergence_resolved += other.divergence_resolved;
        self.divergence_again += other.divergence_again;
        self.resolved += other.resolved;
        self.late += other.late;
        self.freed += other.freed;
        self.stopped += other.stopped;
        self.conflicting += other.conflicting;
        self.skewed += other.skewed;
        self.programs += other.programs;
        self.switches += other.switches;
        self.stretches += other.stretches;
        self.ended += other.ended;
        self.outlived += other.outlived;
        self.told_again += other.told_again;
        self.within += other.within;
        self.at_risk += other.at_risk;
        self.held += other.held;
        for (rule, messages) in &other.by_rule {
            let known = self.by_rule.entry(rule.clone()).or_default();
            known.firing += messages.firing;
            known.resolved += messages.resolved;
        }
    }

    fn add_alerts(&mut self, alerts: &[Alert]) {
        let mut known = BTreeSet::new();
        let mut told: BTreeMap<&Text, &Alert> = BTreeMap::new();
        for alert in alerts {
            let is_divergence = alert.rule == "divergence";
            let messages = self.by_rule.entry(alert.rule.to_string()).or_default();
            match alert.state {
                AlertState::Firing => messages.firing += 1,
                AlertState::Resolved => messages.resolved += 1,
            }
            self.within += usize::from(alert.segment != "all");
            self.at_risk += usize::from(alert.cost_at_risk_minor.is_some());
            let last = told.insert(&alert.fingerprint, alert);
            let is_same = |last: &&Alert| (last.state, last.severity) == (alert.state, alert.severity);
            if last.filter(is_same).is_some_and(|_| alert.state == AlertState::Firing) {
                self.told_again += 1;
                continue;
            }
            if let Some(last) = last.filter(|_| alert.state == AlertState::Resolved) {
                // Only an ending repeats the window that was told before.
                let is_ending = alert.window_end == last.window_end;
                self.ended += usize::from(is_ending);
                let is_under_others = alert.definitions_version != last.definitions_version;
                self.outlived += usize::from(!is_ending && is_under_others);
            }
            match (alert.state, is_divergence) {
                (AlertState::Firing, true) => {
                    self.divergence_firing += 1;
                    self.divergence_again += usize::from(!known.insert(&alert.fingerprint));
                }
                (AlertState::Firing, false) => self.first_touch_firing += 1,
                (AlertState::Resolved, _) => {
                    self.resolved += 1;
                    self.divergence_resolved += usize::from(is_divergence);
                }
            }
        }
    }
}

/// A company with every kind of trouble.
fn trouble(seed: u64) -> Case {
    let mut definitions = definitions::plain();
    definitions.event_partitions = 1 + (seed % 4) as u32;
    definitions.zone = ["UTC", "America/New_York", "Asia/Kolkata"][(seed % 3) as usize].into();
    definitions.windows_every_minutes = WINDOWS_EVERY_MINUTES;
    if seed.is_multiple_of(5) {
        let zones = ["Europe/Berlin", "America/New_York"];
        let calendars = definitions.calendars.values_mut();
        calendars.zip(zones).for_each(|(calendar, zone)| calendar.zone = zone.into());
    }
    if seed.is_multiple_of(2) {
        definitions.dimensions.push(Dimension { keys: vec!["region".into(), "source".into()] });
    }
    if seed % 7 == 3 {
        definitions.retention_days = Some(1 + (seed % 3) as u32);
        definitions.open_retention_days = Some(6);
    }
    let rule = definitions.rules.first_touch_slo.as_mut().expect("the plain definitions have it");
    rule.min_n = 3;
    rule.gate = Millionths(50_000);
    let events = if seed.is_multiple_of(100) { 300 } else { 40 + (seed % 60) as u32 };
    let days = if seed.is_multiple_of(20) { 20 } else { 1 + (seed % 9) as i64 };
    let (mut rng, leads) = (ChaCha8Rng::seed_from_u64(seed), 3 + (seed * 7 % 28) as u32);
    let mut spice = Spice::HOT;
    if seed % 5 == 2 {
        all_rules::switch_on(&mut definitions, &mut rng);
        spice.programs = 25;
    }
    let mut history = history_of(rng, events, definitions.event_partitions, spice, days, leads);
    if seed % 6 == 5 {
        add_intake(&mut definitions, &mut history);
    }
    let schedule = if seed % 8 == 7 { Schedule::Live } else { Schedule::Ragged(seed) };
    Case { definitions, history, schedule }
}

/// Half of the events come by an intake whose two partitions tell how far they are.
fn add_intake(definitions: &mut Definitions, history: &mut Vec<Arrival>) {
    definitions.sources.push(SourceDefinition { name: "crm".into(), partitions: 2 });
    let mut all = vec![];
    for (i, arrival) in history.drain(..).enumerate() {
        let (at, mut record) = (arrival.at, arrival.record);
        if i % 2 == 0 && matches!(record.holds, Holds::Event(_)) {
            record.came = Came::Intake { source: "crm".into() };
        }
        all.push(Arrival { record, ..arrival });
        for to in 0..definitions.event_partitions {
            let partition = (i as u32 / 3 + to) % 2;
            let time = at.plus_ms(-HOUR_MS * i64::from(partition));
            let holds = Holds::Control(Control::Progress { source: "crm".into(), partition, time });
            let record = LogRecord { timestamp: at, came: Came::Direct, holds };
            all.push(Arrival { at, partition: to, record });
        }
    }
    *history = all;
}

/// A company that keeps promising and stops delivering, under rules that are quick to speak.
fn alarm(seed: u64) -> Case {
    let mut definitions = definitions::plain();
    definitions.event_partitions = 1 + (seed % 3) as u32;
    definitions.zone = ["UTC", "America/New_York", "Asia/Kolkata"][(seed % 3) as usize].into();
    definitions.windows_every_minutes = WINDOWS_EVERY_MINUTES;
    definitions::quicken_divergence(&mut definitions, seed.is_multiple_of(2));
    let spice = Spice { moves: 1, deletions: 0, erasures: 0, garbage: 0, circles: false, ..Spice::HOT };
    let rng = ChaCha8Rng::seed_from_u64(seed);
    let history = history_of(rng, 400, definitions.event_partitions, spice, 45, 120);
    Case { definitions, history, schedule: Schedule::Ragged(seed) }
}

/// A company with every kind of trouble that changes its mind about what is to be counted; two of three are told of
/// every miss at once, and soon no longer.
fn changing(seed: u64) -> Case {
    let mut case = trouble(seed);
    if !seed.is_multiple_of(3) {
        let rule = case.definitions.rules.first_touch_slo.as_mut().expect("the plain definitions have it");
        rule.min_n = 1;
        rule.gate = Millionths(400_000);
        rule.clear_minutes = 10;
    }
    let intake = seed % 6 == 5 || seed.is_multiple_of(2);
    if intake && seed % 6 != 5 {
        let mut listed = case.definitions.clone();
        add_intake(&mut listed, &mut case.history);
        if seed.is_multiple_of(4) {
            case.definitions = listed;
        }
    }
    publish(seed, case.definitions.event_partitions, &mut case.history);
    announce(seed, &case.definitions, &mut case.history, Mind::Anything { intake }, &[]);
    case
}

/// A company that promises and stops delivering, and changes its mind about what is to be told of it: mostly
/// when something is about to be told, or was.
fn changing_alarm(seed: u64) -> Case {
    let mut case = alarm(seed);
    if seed.is_multiple_of(3) {
        let rule = case.definitions.rules.first_touch_slo.as_mut().expect("the plain definitions have it");
        rule.for_minutes = 240;
    }
    let alerts = play(&case).alerts;
    let around: Vec<EventTime> = alerts.iter().flat_map(|alert| [alert.since, alert.at]).collect();
    announce(seed, &case.definitions, &mut case.history, Mind::Rules, &around);
    case
}

fn play(case: &Case) -> Run {
    let terms = Terms::new(case.definitions.clone(), 1).expect("the definitions are right");
    run(&Arc::new(terms), &case.history, case.schedule)
}

/// Plays a case and compares everything; says the first difference.
fn compare(case: &Case) -> Result<Compared, String> {
    let run = play(case);
    let records = |log: &Vec<(LogRecord, Applied)>| log.iter().map(|(record, _)| record.clone()).collect();
    let logs: Vec<Vec<LogRecord>> = run.logs.iter().map(records).collect();
    let answer = oracle::answer(&case.definitions, &logs);
    let mut compared = Compared::default();
    for (number, partition) in answer.partitions.iter().enumerate() {
        same_partition(partition, &run, number, &mut compared)
            .map_err(|e| format!("partition {number}, {e}"))?;
    }
    same_funnel(&answer, &run, &mut compared)?;
    same_alerts(&answer.alerts, &run.bare_alerts())?;
    compared.add_alerts(&answer.alerts);
    compared.held = answer.held;
    Ok(compared)
}

fn same_partition(
    oracle: &PartitionAnswer,
    run: &Run,
    number: usize,
    compared: &mut Compared,
) -> Result<(), String> {
    let log = &run.logs[number];
    for (i, (record, applied)) in log.iter().enumerate() {
        let place = || format!("record {i} of {} ({}), ", log.len(), short(&record.holds));
        same("T", &oracle.times[i], &run.times[number][i]).map_err(|e| place() + &e)?;
        same("outcome", &oracle.outcomes[i], &applied.outcome).map_err(|e| place() + &e)?;
        let written = applied.writes.iter().flat_map(demands).collect::<Vec<Demand>>();
        same_set("writes", &oracle.demanded[i], &written).map_err(|e| place() + &e)?;
        compared.writes += written.len();
    }
    // Definitions that held before any boundary was passed have no first boundary to tell.
    let known = |switches: &[(u32, Minute)]| -> Vec<(u32, Minute)> {
        switches.iter().copied().filter(|&(_, from)| from > Minute::MIN).collect()
    };
    same("switches", &known(&oracle.switches), &known(&run.switches[number]))?;
    compared.switches += known(&oracle.switches).len();
    let (tally, counters) = run.counted[number];
    same("tally", &oracle.tally, &tally)?;
    same("counters", &oracle.counters, &counters)?;
    compared.records += log.len();
    compared.late += tally.of(rapport::model::outcome::Outcome::Late);
    compared.freed += counters.journeys_freed;
    compared.stopped += counters.moves_stopped;
    compared.conflicting += counters.conflicting;
    compared.skewed += counters.future_skew;
    Ok(())
}

/// What a write is in the oracle's words.
fn demands(write: &Write) -> Vec<Demand> {
    match write {
        Write::Control { to, control } => Demand::each(*to, control),
        Write::Forward { to } => vec![Demand { partition: *to, record: Demanded::Forwarded }],
    }
}

/// What was counted under each number at some boundaries, at the first one that is judged, and at the last one
/// that every partition has passed.
fn same_funnel(answer: &Answer, run: &Run, compared: &mut Compared) -> Result<(), String> {
    let common = answer.partitions.iter().map(|partition| partition.time).min().unwrap_or(Minute::MIN);
    let switches = answer.partitions.iter().flat_map(|partition| &partition.switches);
    let numbers: BTreeSet<u32> =
        switches.map(|&(number, _)| number).chain(run.steps.keys().copied()).collect();
    for number in numbers {
        let steps = run.steps.get(&number).cloned().unwrap_or_default();
        let boundaries: Vec<Minute> = steps.keys().copied().filter(|&at| at <= common).collect();
        let every = (boundaries.len() / BOUNDARIES).max(1);
        let begins = answer.partitions.iter().filter_map(|partition| {
            partition.switches.iter().find(|(known, _)| *known == number).map(|&(_, from)| from)
        });
        let first = begins.max().unwrap_or(Minute::MIN);
        compared.stretches += usize::from(first > Minute::MIN && answer.judged(first) == Some(number));
        let mut sum = Step::default();
        for (i, at) in boundaries.iter().enumerate() {
            sum.merge(steps[at].clone());
            // Whom alerts are to forget stands behind nothing.
            sum.take_erased();
            if i % every == every - 1 || i + 1 == boundaries.len() || *at == first {
                let place = |e: String| format!("boundary {at:?} under {number}, {e}");
                let counts = answer.counts(number, *at);
                if first == Minute::MIN {
                    same_map("counts", &counts, &sum.counts).map_err(place)?;
                } else if *at == first && answer.partitions.len() == 1 {
                    let told = |counts: &Counts| without_heard(counts.clone());
                    let ours = told(&answer.kept(number, &counts));
                    same_map("counts of a switch", &ours, &told(&sum.counts)).map_err(place)?;
                }
                let kept = |counts| answer.kept(number, counts);
                same_map("kept counts", &kept(&counts), &kept(&sum.counts)).map_err(place)?;
                same_map("evidence", &answer.evidence(number, *at), &sum.evidence).map_err(place)?;
                same("programs", &answer.programs(number, *at), &sum.programs).map_err(place)?;
            }
        }
        compared.programs += sum.programs.len();
        let kept = |counts| answer.kept(number, counts);
        same_map("kept counts", &kept(&answer.counts(number, common)), &kept(&sum.counts))
            .map_err(|e| format!("at the end, {common:?}, under {number}, {e}"))?;
    }
    Ok(())
}

type Counts = BTreeMap<(Text, Cell), i64>;

/// What was heard keeps its minute where it counts at the switch itself.
fn without_heard(mut counts: Counts) -> Counts {
    counts.retain(|(_, cell), _| !matches!(cell.measure, Measure::Heard(_)));
    counts
}

/// Compares many cases on every core; panics with the first few that differ.
fn compare_all(seeds: Range<u64>, case: impl Fn(u64) -> Case + Sync) -> Compared {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let mut compared = vec![];
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return compared;
            }
            compared.push((seed, compare(&case(seed))));
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut all: Vec<(u64, Result<Compared, String>)> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().expect("neither side panics")).collect()
    });
    all.sort_by_key(|(seed, _)| *seed);
    let mut sum = Compared::default();
    let mut differences = vec![];
    for (seed, compared) in all {
        match compared {
            Ok(compared) => sum.add(&compared),
            Err(difference) => differences.push(format!("seed {seed}: {difference}")),
        }
    }
    let few = &differences[..differences.len().min(DIFFERENCES_SHOWN)];
    assert!(differences.is_empty(), "{} seeds differ\n{}", differences.len(), few.join("\n"));
    sum
}

#[test]
fn the_stream_and_the_oracle_agree_in_trouble() {
    let compared = compare_all(0..1_000, trouble);
    assert!(compared.first_touch_firing >= 500 && compared.resolved >= 200, "{compared:?}");
    assert!(compared.writes >= 20_000 && compared.stopped >= 500 && compared.freed >= 500, "{compared:?}");
    assert!(compared.late >= 50 && compared.conflicting >= 500 && compared.skewed >= 200, "{compared:?}");
    assert!(compared.told_again > 0, "{compared:?}");
}

#[test]
fn the_stream_and_the_oracle_agree_on_alerts() {
    let compared = compare_all(0..40, alarm);
    assert!(compared.first_touch_firing >= 100 && compared.divergence_firing >= 50, "{compared:?}");
    assert!(compared.divergence_resolved >= 30 && compared.divergence_again >= 5, "{compared:?}");
}

#[test]
fn the_stream_and_the_oracle_agree_while_definitions_change() {
    let compared = compare_all(0..1_000, changing);
    assert!(compared.switches >= 2_000 && compared.stretches >= 500, "{compared:?}");
    assert!(compared.ended >= 50 && compared.outlived >= 50, "{compared:?}");
    assert!(compared.writes >= 20_000 && compared.freed >= 500 && compared.programs >= 1_000, "{compared:?}");
    assert!(compared.told_again > 0, "{compared:?}");
}

#[test]
fn the_stream_and_the_oracle_agree_on_alerts_while_definitions_change() {
    let compared = compare_all(0..120, changing_alarm);
    assert!(compared.first_touch_firing >= 100 && compared.divergence_firing >= 50, "{compared:?}");
    assert!(compared.ended >= 10 && compared.outlived >= 30, "{compared:?}");
}
