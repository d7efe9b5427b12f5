//! Definitions that change while the log runs: in a partition, in judging, over restarts.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::journey::JourneysTask;
use rapport::funnel::segment::{SegmentsTask, Told};
use rapport::funnel::terms::Terms;
use rapport::model::alert::{Alert, AlertState};
use rapport::model::control::Control;
use rapport::model::definitions::{Definitions, Dimension, SourceDefinition};
use rapport::model::delta::{Delta, Step, Switch};
use rapport::model::event::{Body, Event};
use rapport::model::measure::{Blame, Cell, Measure};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::window::WindowResult;
use rapport::model::words::{Stage, Team};
use rapport::model::{EventTime, MINUTE_MS, Minute};
use rapport::pipeline::local::Local;

use crate::support::definitions;
use crate::support::random_log::{Arrival, Spice, announce, history};
use crate::support::run::{Schedule, run};

/// A history of a few weeks with everything in it, in which other definitions are announced.
fn company(seed: u64, spice: Spice) -> (Arc<Terms>, Vec<Arrival>) {
    let mut definitions = definitions::plain();
    definitions.event_partitions = 1 + (seed % 4) as u32;
    let mut history = history(seed, 300, definitions.event_partitions, spice);
    announce(seed, &definitions, &mut history);
    (Arc::new(Terms::new(definitions, 1).expect("the plain definitions are right")), history)
}

/// What is written of a task's state: the rows that changed, commit by commit.
type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

fn keep(rows: &mut Rows, changed: Vec<Vec<u8>>, row: impl Fn(&[u8]) -> Option<Vec<u8>>) {
    for key in changed {
        match row(&key) {
            Some(value) => rows.insert(key, value),
            None => rows.remove(&key),
        };
    }
}

/// A partition's task that is restored now and then from what it has written says the same as one that runs on.
#[test]
fn a_partition_that_is_restored_goes_on_as_though_it_had_never_stopped() {
    for seed in 0..60 {
        let (terms, history) = company(seed, Spice::HOT);
        let ran = run(&terms, &history, Schedule::Live);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for (partition, log) in (0..).zip(&ran.logs) {
            let records: Vec<&LogRecord> = log.iter().map(|(record, _)| record).collect();
            let fresh = || JourneysTask::new(partition, terms.clone());
            let (mut steady, mut restored, mut rows) = (fresh(), fresh(), Rows::new());
            for (i, record) in records.into_iter().enumerate() {
                let place = format!("seed {seed}, partition {partition}, record {i}");
                assert_eq!(steady.apply(record), restored.apply(record), "{place}");
                if rng.random_range(0..5) == 0 {
                    assert_eq!(steady.take_deltas(), restored.take_deltas(), "{place}");
                    assert_eq!(figures(&steady), figures(&restored), "{place}");
                    keep(&mut rows, restored.take_changed(), |key| restored.state_row(key));
                    let all: Rows = restored
                        .state_keys()
                        .into_iter()
                        .filter_map(|key| restored.state_row(&key).map(|value| (key, value)))
                        .collect();
                    assert_eq!(rows, all, "{place}: what is written is what there is");
                    restored = fresh();
                    rows.iter().for_each(|(key, value)| restored.load(key, Some(value)).unwrap());
                    restored.loaded();
                }
            }
            assert_eq!(steady.take_deltas(), restored.take_deltas(), "seed {seed}, partition {partition}");
        }
    }
}

fn figures(task: &JourneysTask) -> impl PartialEq + std::fmt::Debug + use<> {
    (task.time(), *task.tally(), *task.counters(), task.rows_len(), task.terms().number)
}

/// The same for the task that judges.
#[test]
fn judging_that_is_restored_goes_on_as_though_it_had_never_stopped() {
    let mut switched = 0;
    for seed in 0..40 {
        let (terms, history) = company(seed, Spice::HOT);
        let deltas = deltas(&terms, &history, seed);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let fresh = || SegmentsTask::new(terms.clone());
        let (mut steady, mut restored, mut rows) = (fresh(), fresh(), Rows::new());
        let (mut steady_told, mut restored_told) = (Reader::default(), Reader::default());
        for (i, delta) in deltas.into_iter().enumerate() {
            let place = format!("seed {seed}, delta {i}");
            steady_told.hear(steady.apply(delta.clone()));
            restored_told.hear(restored.apply(delta));
            assert_eq!(steady_told.alerts, restored_told.alerts, "{place}");
            assert_eq!(steady.terms().number, restored.terms().number, "{place}");
            if rng.random_range(0..5) == 0 {
                keep(&mut rows, restored.take_changed(), |key| restored.state_row(key));
                let all: Rows = restored
                    .state_keys()
                    .into_iter()
                    .filter_map(|key| restored.state_row(&key).map(|value| (key, value)))
                    .collect();
                assert_eq!(rows, all, "{place}: what is written is what there is");
                restored = fresh();
                rows.iter().for_each(|(key, value)| restored.load(key, Some(value)).unwrap());
                restored.loaded();
                assert_eq!(steady.windows_now(), restored.windows_now(), "{place}");
                assert_eq!(steady.waiting_len(), restored.waiting_len(), "{place}");
            }
        }
        switched += usize::from(steady.terms().number > 1);
        same_windows(&steady_told, &restored_told, &format!("seed {seed}"));
    }
    assert!(switched > 30, "only {switched} companies came to be judged by other definitions");
}

/// What a reader of alerts and windows knows.
#[derive(Default)]
struct Reader {
    alerts: Vec<Alert>,
    windows: BTreeMap<String, WindowResult>,
}

impl Reader {
    fn hear(&mut self, told: Vec<Told>) {
        for told in told {
            match told {
                Told::Alert(alert) => self.alerts.push(alert),
                Told::Window(result) => {
                    let result = WindowResult { at: EventTime(0), ..result };
                    self.windows.insert(result.record_key(), result);
                }
                Told::WindowGone(key) => drop(self.windows.remove(&key.record_key())),
            }
        }
    }
}

/// Both know the same windows; the first that differs is shown.
fn same_windows(one: &Reader, other: &Reader, place: &str) {
    for key in one.windows.keys().chain(other.windows.keys()) {
        assert_eq!(one.windows.get(key), other.windows.get(key), "{place}: {key}");
    }
}

/// The deltas of a history, in the order in which they come from partitions that run ahead of each other.
fn deltas(terms: &Arc<Terms>, history: &[Arrival], seed: u64) -> Vec<Delta> {
    let ran = run(terms, history, Schedule::Live);
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0xde17a);
    let mut queues: Vec<Vec<Delta>> = Vec::new();
    for (partition, log) in (0..).zip(&ran.logs) {
        let mut task = JourneysTask::new(partition, terms.clone());
        let mut queue = Vec::new();
        for (record, _) in log {
            task.apply(record);
            if rng.random_range(0..4) == 0 {
                queue.extend(task.take_deltas().into_iter().flat_map(|delta| delta.parts(300)));
            }
        }
        queue.extend(task.take_deltas());
        queue.reverse();
        queues.push(queue);
    }
    let mut deltas = Vec::new();
    while queues.iter().any(|queue| !queue.is_empty()) {
        let partition = rng.random_range(0..queues.len());
        let many = rng.random_range(0..30);
        for _ in 0..many {
            deltas.extend(queues[partition].pop());
        }
    }
    deltas
}

/// However the partitions run ahead of each other, and however a delta is cut into records, the same is judged.
#[test]
fn speed_and_batches_change_nothing_when_definitions_change() {
    let spice = Spice { moves: 0, misrouted: 0, ..Spice::HOT };
    let mut alerts = 0;
    for seed in 0..60 {
        let (terms, history) = company(seed, spice);
        let judged: Vec<_> = [seed, seed + 1000, seed + 2000]
            .iter()
            .map(|order| {
                let mut task = SegmentsTask::new(terms.clone());
                let mut reader = Reader::default();
                deltas(&terms, &history, *order).into_iter().for_each(|delta| reader.hear(task.apply(delta)));
                (reader, task.terms().number)
            })
            .collect();
        for (other, number) in &judged[1..] {
            assert_eq!((&judged[0].0.alerts, judged[0].1), (&other.alerts, *number), "seed {seed}");
            same_windows(&judged[0].0, other, &format!("seed {seed}"));
        }
        let live = run(&terms, &history, Schedule::Live);
        assert_eq!(live.alerts, judged[0].0.alerts, "seed {seed}: live");
        alerts += live.alerts.len();
    }
    assert!(alerts > 50, "only {alerts} alerts: the histories are too dull to prove anything");
}

/// 2026-03-02, a Monday, at nine.
const NINE: EventTime = EventTime(1_772_442_000_000);

fn past_nine(minutes: i64) -> EventTime {
    NINE.plus_ms(minutes * MINUTE_MS)
}

fn boundary(minutes: i64) -> Minute {
    past_nine(minutes).minute()
}

fn control(control: Control) -> LogRecord {
    LogRecord { timestamp: NINE, came: Came::Direct, holds: Holds::Control(control) }
}

fn progress(source: &str, partition: u32, minutes: i64) -> LogRecord {
    control(Control::Progress { source: source.into(), partition, time: past_nine(minutes) })
}

fn announced(number: u32, definitions: &Definitions) -> LogRecord {
    control(Control::DefinitionsInForce { number, definitions: Box::new(definitions.clone()) })
}

fn mql(lead: &str, minutes: i64) -> LogRecord {
    let occurred_at = past_nine(minutes);
    let body = Body::LeadStageEntered { lead_id: lead.into(), stage: Stage::Mql };
    let event = Event { event_id: format!("{lead} {minutes}").into(), occurred_at, body };
    LogRecord { timestamp: occurred_at, came: Came::Intake, holds: Holds::Event(event) }
}

fn plain(partitions: u32, change: impl FnOnce(&mut Definitions)) -> Definitions {
    let mut definitions = definitions::plain();
    definitions.event_partitions = partitions;
    definitions.windows_every_minutes = 1;
    change(&mut definitions);
    definitions
}

fn task_of(definitions: &Definitions) -> JourneysTask {
    JourneysTask::new(0, Arc::new(Terms::new(definitions.clone(), 1).unwrap()))
}

/// Number, time, and where it begins with a switch that one's boundary, of each delta.
fn outline(deltas: &[Delta]) -> Vec<(u32, Minute, Option<Minute>)> {
    deltas.iter().map(|d| (d.definitions, d.time, d.switch.as_ref().map(|switch| switch.at))).collect()
}

#[test]
fn a_transaction_that_spans_a_switch_has_a_delta_for_each_generation() {
    let first = plain(1, |_| {});
    let second = plain(1, |definitions| definitions.dimensions.clear());
    let third = plain(1, |definitions| definitions.zone = "Asia/Kolkata".into());
    let mut task = task_of(&first);
    task.apply(&mql("a", 0));
    task.apply(&progress("direct", 0, 10));
    task.apply(&announced(2, &second));
    assert_eq!(outline(&task.take_deltas()), [(1, boundary(10), None)]);
    task.apply(&progress("direct", 0, 20));
    task.apply(&announced(3, &third));
    task.apply(&progress("direct", 0, 30));
    task.apply(&progress("direct", 0, 31));
    let deltas = task.take_deltas();
    let (at, again) = (boundary(11), boundary(21));
    assert_eq!(outline(&deltas), [(2, boundary(20), Some(at)), (3, boundary(31), Some(again))]);
    assert_eq!(deltas[0].switch.as_ref().map(|switch| &switch.definitions), Some(&second));
    assert_eq!(deltas[0].steps.keys().collect::<Vec<_>>(), [&at]);
    assert_eq!(deltas[1].steps.keys().collect::<Vec<_>>(), [&again]);
    task.apply(&progress("direct", 0, 40));
    assert_eq!(outline(&task.take_deltas()), [(3, boundary(40), None)]);
}

/// Before time has begun to pass there is nothing to be counted anew: the other definitions hold at once, and the
/// first delta says so, however late it comes.
#[test]
fn before_time_begins_other_definitions_hold_at_once() {
    let first = plain(1, |definitions| {
        definitions.sources.push(SourceDefinition { name: "crm".into(), partitions: 1 });
        definitions.retention_days = Some(10);
    });
    let second = plain(1, |definitions| definitions.retention_days = Some(20));
    let mut task = task_of(&first);
    let mut rows = Rows::new();
    task.apply(&progress("direct", 0, 30));
    task.apply(&mql("long ago", -15 * 1440));
    assert_eq!((task.time(), task.terms().number), (Minute::MIN, 1));
    task.apply(&announced(2, &plain(1, |definitions| definitions.sources = first.sources.clone())));
    assert_eq!((task.time(), task.terms().number), (Minute::MIN, 2));
    assert_eq!(task.take_deltas(), []);
    keep(&mut rows, task.take_changed(), |key| task.state_row(key));
    let mut task = task_of(&first);
    rows.iter().for_each(|(key, value)| task.load(key, Some(value)).unwrap());
    task.loaded();
    assert_eq!(task.terms().number, 2, "its state says so");
    task.apply(&announced(3, &second));
    assert_eq!(
        (task.time(), task.terms().number),
        (boundary(30), 3),
        "the other source is waited for no more"
    );
    let deltas = task.take_deltas();
    assert_eq!(outline(&deltas), [(3, boundary(30), Some(Minute::MIN))]);
    let counted: Vec<_> = deltas[0].steps.values().flat_map(|step| step.counts.keys()).collect();
    assert!(!counted.is_empty(), "what was read before counts, and nothing of it is cut off");
}

/// The list of sources and the bound on disorder hold from the announcement on, all else from the next boundary.
#[test]
fn sources_hold_at_once() {
    let crm = SourceDefinition { name: "crm".into(), partitions: 2 };
    let first = plain(1, |definitions| definitions.sources.push(crm.clone()));
    let mut task = task_of(&first);
    let apply = |task: &mut JourneysTask, record: LogRecord| {
        task.apply(&record);
        (task.time(), task.terms().number)
    };
    apply(&mut task, progress("crm", 0, 10));
    apply(&mut task, progress("crm", 1, 90));
    assert_eq!(apply(&mut task, progress("direct", 0, 60)), (boundary(10), 1));
    let direct_alone = plain(1, |definitions| definitions.out_of_orderness_ms = 10 * MINUTE_MS);
    assert_eq!(apply(&mut task, announced(2, &direct_alone)), (boundary(60), 2), "crm holds nobody any more");
    let other = plain(1, |definitions| {
        definitions.sources = vec![SourceDefinition { name: "erp".into(), partitions: 1 }, crm.clone()];
    });
    assert_eq!(apply(&mut task, announced(3, &other)), (boundary(60), 2), "erp has told nothing yet");
    apply(&mut task, progress("crm", 0, 80));
    assert_eq!(apply(&mut task, progress("direct", 0, 95)), (boundary(60), 2), "direct is not listed");
    assert_eq!(apply(&mut task, progress("erp", 0, 85)), (boundary(80), 3));
    let fewer = plain(1, |definitions| {
        definitions.sources = vec![SourceDefinition { name: "crm".into(), partitions: 1 }];
    });
    apply(&mut task, progress("crm", 0, 95));
    assert_eq!(apply(&mut task, announced(4, &fewer)), (boundary(95), 4), "of what is listed, the slowest");
    let mut event = mql("live", 120);
    event.came = Came::Direct;
    apply(&mut task, event);
    let direct_again = plain(1, |definitions| definitions.out_of_orderness_ms = 0);
    assert_eq!(
        apply(&mut task, announced(5, &direct_again)),
        (boundary(119), 5),
        "told half a minute before"
    );
}

/// What cannot follow is ignored, and so is what comes out of turn; of two that wait the higher one comes.
#[test]
fn what_cannot_follow_is_ignored() {
    let first = plain(1, |_| {});
    let mut task = task_of(&first);
    let switched = |task: &mut JourneysTask, minutes: i64| {
        task.apply(&progress("direct", 0, minutes));
        let switches =
            task.take_deltas().into_iter().filter_map(|delta| delta.switch).map(|switch| switch.at);
        (task.terms().number, switches.collect::<Vec<_>>())
    };
    assert_eq!(switched(&mut task, 0), (1, vec![]));
    task.apply(&announced(9, &plain(2, |_| {})));
    task.apply(&announced(9, &plain(1, |definitions| definitions.id_key = *b"another key, 16b")));
    task.apply(&announced(9, &plain(1, |definitions| definitions.zone = "Europe/Atlantis".into())));
    task.apply(&announced(1, &plain(1, |definitions| definitions.zone = "Asia/Kolkata".into())));
    assert_eq!(switched(&mut task, 10), (1, vec![]), "none of them was announced");
    let named = |zone: &str| plain(1, |definitions| definitions.zone = zone.into());
    task.apply(&announced(3, &named("Asia/Kolkata")));
    task.apply(&announced(2, &named("Asia/Tokyo")));
    task.apply(&announced(4, &named("Europe/Berlin")));
    assert_eq!(switched(&mut task, 20), (4, vec![boundary(11)]));
    task.apply(&announced(4, &named("Asia/Tokyo")));
    task.apply(&announced(3, &named("Asia/Tokyo")));
    assert_eq!(switched(&mut task, 30), (4, vec![]));
    assert_eq!(task.terms().definitions.zone, "Europe/Berlin");
    assert_eq!(task.counters().control_records, 13, "every one of them was read");
}

/// At a switch the rows to which nothing happens just then stay as they are in the state.
#[test]
fn a_switch_writes_no_rows_that_stay_as_they_are() {
    let mut task = task_of(&plain(1, |_| {}));
    for n in 0..100 {
        task.apply(&mql(&format!("L{n}"), n % 10));
    }
    task.apply(&progress("direct", 0, 20));
    task.apply(&mql("at the switch", 20));
    assert_eq!(task.take_changed().len(), 1 + 2 + 101, "the head, the definitions, the rows");
    task.apply(&announced(2, &plain(1, |definitions| definitions.dimensions.clear())));
    task.apply(&progress("direct", 0, 21));
    let all = task.take_deltas().pop().unwrap();
    let entered: i64 = all.steps[&boundary(21)].counts.values().sum();
    assert!(entered > 300, "everybody has entered two stages and is open in one: {entered}");
    assert_eq!(task.take_changed().len(), 1 + 2 + 1);
}

/// A lead whose home is this partition.
fn lead_of(partition: u32, partitions: u32) -> String {
    another_lead_of(partition, partitions, 0)
}

fn another_lead_of(partition: u32, partitions: u32, which: usize) -> String {
    let leads = (0..).map(|n| format!("L{n}"));
    leads.filter(|lead| partition_of(lead.as_bytes(), partitions) == partition).nth(which).unwrap()
}

/// Partitions switch at boundaries of their own. Between the first switch and the last nothing is judged; then
/// everything is there that was counted under the new definitions.
#[test]
fn between_two_switches_nothing_is_judged() {
    let first = plain(2, |_| {});
    let second = plain(2, |definitions| definitions.dimensions.clear());
    let mut local = Local::new(&Arc::new(Terms::new(first, 1).unwrap()));
    let mut judged = Vec::new();
    let mut commit = |local: &mut Local| {
        local.read_all();
        for told in local.commit_all() {
            if let Told::Window(result) = told {
                judged.push((result.at.minute(), result.definitions_version));
            }
        }
        judged.sort_unstable();
        judged.dedup();
        std::mem::take(&mut judged)
    };
    for partition in 0..2 {
        local.append(partition, mql(&lead_of(partition, 2), 5));
        local.append(partition, progress("direct", partition, 10));
    }
    let told = commit(&mut local);
    assert_eq!(told, [(boundary(6), 1)]);
    local.append(0, announced(2, &second));
    for minutes in [15, 20] {
        local.append(0, mql(&lead_of(0, 2), minutes));
        local.append(0, progress("direct", 0, minutes + 5));
        local.append(1, mql(&lead_of(1, 2), minutes));
        local.append(1, progress("direct", 1, minutes + 10));
        assert_eq!(commit(&mut local), [], "one counts under others from 9:11 on");
    }
    assert_eq!((local.segments().terms().number, local.segments().aligned()), (1, Some(boundary(25))));
    local.append(1, announced(2, &second));
    assert_eq!(commit(&mut local), []);
    for partition in 0..2 {
        local.append(partition, progress("direct", partition, 50));
    }
    assert_eq!(commit(&mut local), [(boundary(31), 2)], "the other one has switched at 9:31");
    assert_eq!(local.segments().terms().number, 2);
    assert_eq!(local.segments().waiting_len(), 0);
    let entered = |name: &str| {
        let windows = local.segments().windows_now();
        let of = |w: &&WindowResult| w.segment == name && w.measure == "entered_mql" && w.window == "1d";
        windows.iter().find(of).and_then(|window| window.value)
    };
    assert_eq!((entered("all"), entered("source=(empty)")), (Some(2.0), None));
}

/// Several changes come before the partitions agree on any of them: what no boundary is judged by is forgotten.
#[test]
fn definitions_that_never_hold_for_all_leave_nothing_behind() {
    let first = plain(2, |_| {});
    let zone = |zone: &str| plain(2, |definitions| definitions.zone = zone.into());
    let (second, third) = (zone("Asia/Tokyo"), zone("Asia/Kolkata"));
    let mut local = Local::new(&Arc::new(Terms::new(first, 1).unwrap()));
    let pass = |local: &mut Local, partition: u32, minutes: i64, then: Option<(u32, &Definitions)>| {
        local.append(partition, mql(&another_lead_of(partition, 2, minutes as usize), minutes - 5));
        local.append(partition, progress("direct", partition, minutes));
        if let Some((number, definitions)) = then {
            local.append(partition, announced(number, definitions));
        }
        local.read_all();
        local.commit_all();
        (local.segments().terms().number, local.segments().waiting_len())
    };
    assert_eq!(pass(&mut local, 0, 10, Some((2, &second))), (1, 1));
    assert_eq!(pass(&mut local, 0, 30, Some((3, &third))), (1, 3), "of 9:06, 9:11 and 9:26");
    assert_eq!(pass(&mut local, 0, 50, None), (1, 5));
    assert_eq!(pass(&mut local, 1, 40, Some((2, &second))), (1, 4), "up to 9:10 all was judged");
    assert_eq!(pass(&mut local, 1, 60, Some((3, &third))), (1, 6), "two by two wait under each number");
    assert_eq!(pass(&mut local, 1, 70, None), (1, 4), "nobody counts under the second any more");
    assert_eq!(pass(&mut local, 0, 80, None), (3, 1), "from 9:61 on all is judged again");
}

/// In these segments ten MQLs of ten were missed, in the whole company those of a thousand.
fn missed_in(segments: &[&str]) -> Step {
    let mut step = Step::default();
    let mut count = |segment: &str, measure, subject: &str, n| {
        let cell = Cell { measure, subject: subject.into(), slice: boundary(-60), grade: 0 };
        step.add(&segment.into(), &cell, n);
    };
    for segment in segments {
        count(segment, Measure::TouchMissed, Blame::Sales.as_str(), 10);
    }
    count("all", Measure::TouchMissed, Blame::Sales.as_str(), 10);
    count("all", Measure::TouchMet, "", 990);
    count("all", Measure::Touches(Team::Sales), "", 990);
    step
}

/// At a switch the alerts end whose segment is not made any more; the others live on, even where nothing is counted.
#[test]
fn alerts_of_segments_that_are_not_made_end_and_the_others_live_on() {
    let by = |keys: &[&str]| {
        let dimension = |key: &&str| Dimension { keys: vec![(*key).into()] };
        plain(1, |definitions| definitions.dimensions = keys.iter().map(dimension).collect())
    };
    let mut task = SegmentsTask::new(Arc::new(Terms::new(by(&["region", "source"]), 1).unwrap()));
    let mut alerts =
        |number: u32, minutes: i64, switch: Option<(i64, Definitions)>, step: Option<(i64, Step)>| {
            let switch = switch.map(|(at, definitions)| Box::new(Switch { at: boundary(at), definitions }));
            let steps = step.into_iter().map(|(at, step)| (boundary(at), step)).collect();
            let delta = Delta { partition: 0, time: boundary(minutes), definitions: number, switch, steps };
            let mut reader = Reader::default();
            reader.hear(task.apply(delta));
            let line = |alert: Alert| {
                let what = if alert.state == AlertState::Firing { "firing" } else { "resolved" };
                let (at, n) = ((alert.at.0 - NINE.0) / MINUTE_MS, alert.n);
                format!("{at} {what} {} n={n} by {}", alert.segment, alert.definitions_version)
            };
            reader.alerts.into_iter().map(line).collect::<Vec<_>>()
        };
    let segments = ["region=x", "region=y", "source=a"];
    let fires = segments.map(|name| format!("15 firing {name} n=10 by 1"));
    assert_eq!(alerts(1, 15, None, Some((1, missed_in(&segments)))), fires);
    let told = alerts(2, 31, Some((32, by(&["source"]))), None);
    assert_eq!(told, Vec::<String>::new(), "they have not passed 9:32");
    let told = alerts(2, 40, None, Some((32, missed_in(&[]))));
    let ends = ["region=x", "region=y"].map(|name| format!("32 resolved {name} n=10 by 2"));
    assert_eq!(told, ends);
    assert_eq!(alerts(2, 94, None, None), Vec::<String>::new());
    assert_eq!(alerts(2, 95, None, None), ["95 resolved source=a n=0 by 2"], "an hour after it was gone");
}
