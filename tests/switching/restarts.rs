//! The same under random histories: restored tasks, partitions that run ahead of each other, deltas in parts.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::grain;
use rapport::funnel::journey::JourneysTask;
use rapport::funnel::segment::SegmentsTask;
use rapport::funnel::terms::Terms;
use rapport::model::Text;
use rapport::model::control::{Control, Moved};
use rapport::model::definitions::Definitions;
use rapport::model::delta::{Delta, Evidence, Step};
use rapport::model::entity::EntityKind;
use rapport::model::event::{Body, Event};
use rapport::model::fact::{Fact, Says};
use rapport::model::measure::Cell;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Team;

use super::{NINE, Reader, announced, control, past_nine, plain, progress, task_of};
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
pub(super) type Rows = BTreeMap<Vec<u8>, Vec<u8>>;

pub(super) fn keep(rows: &mut Rows, changed: Vec<Vec<u8>>, row: impl Fn(&[u8]) -> Option<Vec<u8>>) {
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
                    rows.iter().for_each(|(key, value)| {
                        restored.load(key, Some(value), rapport::engine::STATE_FORMAT).unwrap()
                    });
                    restored.loaded();
                }
            }
            assert_eq!(steady.take_deltas(), restored.take_deltas(), "seed {seed}, partition {partition}");
        }
    }
}

/// A lead that was merged away and kept only for a deal that it was to give back is freed when the deal comes
/// again: at the next boundary, not when the release would have been old, nor at a boundary that has passed.
#[test]
fn a_row_that_is_kept_no_longer_is_freed_at_the_next_boundary_with_or_without_a_restart() {
    const DAY: i64 = 1_440;
    let definitions = plain(1, |definitions| {
        definitions.retention_days = Some(4);
        definitions.open_retention_days = Some(7);
    });
    let mut steady = task_of(&definitions);
    let ids = steady.terms().ids.clone();
    let (from, deal) = (ids.entity(EntityKind::Lead, "double"), ids.entity(EntityKind::Deal, "D1"));
    let body = Body::LeadMerged { lead_id: "double".into(), into: "keeper".into() };
    let event = Event { event_id: "merged".into(), occurred_at: NINE, body };
    let merged = LogRecord {
        timestamp: NINE,
        came: Came::Intake { source: "crm".into() },
        holds: Holds::Event(event),
    };
    let release = Control::Release { from, entity: deal, at: past_nine(5 * DAY), hops: 0 };
    let says = Says::DealTouched { team: Team::Sales, channel: None, automated: false };
    let touched = Fact { at: NINE, id: ids.fact_id("touched"), says };
    let (id, trail, facts) = (Some("D1".into()), vec![], vec![touched]);
    let moved = Control::Moved(Moved { to: from, entity: deal, id, trail, at: NINE, hops: 1, facts });
    let records = [merged, progress("direct", 0, 5 * DAY), control(release), progress("direct", 0, 8 * DAY)];
    records.iter().for_each(|record| drop(steady.apply(record)));
    steady.apply(&control(moved));
    steady.take_deltas();
    let mut rows = Rows::new();
    keep(&mut rows, steady.state_keys(), |key| steady.state_row(key));
    let mut restored = task_of(&definitions);
    rows.iter().for_each(|(key, value)| {
        restored.load(key, Some(value), rapport::engine::STATE_FORMAT).unwrap();
    });
    restored.loaded();
    for task in [&mut steady, &mut restored] {
        assert_eq!((task.rows_len(), task.counters().journeys_freed), (1, 0));
        task.apply(&progress("direct", 0, 8 * DAY + 1));
        assert_eq!((task.rows_len(), task.counters().journeys_freed), (0, 1));
    }
    assert_eq!(steady.take_deltas(), restored.take_deltas());
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
                rows.iter().for_each(|(key, value)| {
                    restored.load(key, Some(value), rapport::engine::STATE_FORMAT).unwrap()
                });
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

/// What was counted step by step since a switch is what is counted anew at the next one, where the definitions are
/// the same and nothing is forgotten: no change was missed, and none was told twice.
#[test]
fn what_was_counted_step_by_step_is_what_is_counted_anew() {
    let (mut counts, mut evidence) = (0, 0);
    for seed in 0..150 {
        let mut definitions = definitions::plain();
        definitions.event_partitions = 1 + (seed % 3) as u32;
        let mut history = history(seed, 300, definitions.event_partitions, Spice::HOT);
        let last = announce(seed, &definitions, &mut history);
        let last = Definitions { retention_days: None, open_retention_days: None, ..last };
        let terms = Arc::new(Terms::new(definitions, 1).expect("the plain definitions are right"));
        let ran = run(&terms, &history, Schedule::Live);
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for (partition, log) in (0..).zip(&ran.logs) {
            let mut task = JourneysTask::new(partition, terms.clone());
            let place = rng.random_range(0..=log.len());
            for (i, (record, _)) in log.iter().enumerate() {
                if i == place {
                    task.apply(&announced(10, &last));
                }
                task.apply(record);
            }
            task.pass_time(task.time().plus(30 * 1440));
            task.apply(&announced(11, &last));
            task.pass_time(task.time().next());
            let deltas = task.take_deltas();
            let (before, anew) = (sums(&task, &deltas, 10), sums(&task, &deltas, 11));
            if place < log.len() {
                assert_eq!(before.0, anew.0, "seed {seed}, partition {partition}: counts");
                assert_eq!(before.1, anew.1, "seed {seed}, partition {partition}: evidence");
                counts += before.0.len();
                evidence += before.1.len();
            }
        }
    }
    assert!(counts > 10_000 && evidence > 500, "{counts} counts, {evidence} pieces of evidence");
}

/// Every count under a number, in the grain in which it is kept, and all evidence.
fn sums(
    task: &JourneysTask,
    deltas: &[Delta],
    number: u32,
) -> (BTreeMap<(Text, Cell), i64>, BTreeMap<Evidence, i64>) {
    let mut sum = Step::default();
    for step in
        deltas.iter().filter(|delta| delta.definitions == number).flat_map(|delta| delta.steps.values())
    {
        for ((segment, cell), n) in &step.counts {
            sum.add(segment, &grain::coarse(cell, task.terms()), *n);
        }
        step.evidence.iter().for_each(|(evidence, n)| sum.add_evidence(evidence.clone(), *n));
    }
    // Whom alerts are to forget is told once, and stands behind nothing.
    sum.take_erased();
    (sum.counts, sum.evidence)
}
