//! What an operator reads in the log and sees in the metrics of each thing that happens to the engine.

use std::io::Write;
use std::sync::{Arc, Mutex};

use crate::engine::{EngineEvent, Observer};
use crate::log::{Cause, Rebalance, TopicPartition};
use crate::model::counters::JourneyCounters;
use crate::model::effect::{Effect, Holder, JourneysFigures};
use crate::model::outcome::Tally;
use crate::model::{EventTime, Minute};
use crate::serve::board::Board;
use crate::serve::metrics;
use crate::serve::picture::TaskTopics;

use super::BoardObserver;

/// The lines of a log, while it is written.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// An observer and what comes of what it is told.
struct Told {
    board: Arc<Board>,
    observer: BoardObserver,
}

impl Told {
    fn new() -> Told {
        let topics = TaskTopics { events: "crm.events".into(), deltas: "rapport.deltas".into() };
        let board = Arc::new(Board::new(topics));
        Told { observer: BoardObserver::new(board.clone()), board }
    }

    /// The lines that are written about it.
    fn by(&mut self, tell: impl FnOnce(&mut BoardObserver)) -> Vec<String> {
        let lines = Lines::default();
        let writer = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_writer(move || writer.clone())
            .with_ansi(false)
            .with_target(false)
            .without_time()
            .finish();
        tracing::subscriber::with_default(subscriber, || tell(&mut self.observer));
        let text = String::from_utf8(lines.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim_start().to_owned()).collect()
    }

    fn of(&mut self, events: impl IntoIterator<Item = EngineEvent>) -> Vec<String> {
        self.by(|observer| events.into_iter().for_each(|event| observer.event(event)))
    }

    /// Every series of these families that is not 0.
    fn shown(&self, families: &[&str]) -> Vec<String> {
        let text = metrics::text(&self.board, 100);
        let name = |line: &str| line.split(['{', ' ']).next().unwrap().to_owned();
        let of = |line: &&str| families.contains(&name(line).as_str()) && !line.ends_with(" 0");
        text.lines().filter(of).map(|line| line.strip_prefix("rapport_").unwrap().to_owned()).collect()
    }
}

fn at(partition: u32) -> TopicPartition {
    TopicPartition::new("crm.events", partition)
}

#[test]
fn a_restore_tells_each_tenth_once() {
    let mut told = Told::new();
    let read = |partition, offsets| EngineEvent::Restoring(at(partition), offsets, 200);
    let lines = told.of([0, 19, 20, 21, 39, 40, 39, 130, 199].map(|offsets| read(3, offsets)));
    assert_eq!(
        lines,
        [
            "INFO restoring partition=crm.events[3] offsets=20 of=200",
            "INFO restoring partition=crm.events[3] offsets=40 of=200",
            "INFO restoring partition=crm.events[3] offsets=130 of=200",
            "INFO restoring partition=crm.events[3] offsets=199 of=200",
        ]
    );
    assert_eq!(told.of([read(4, 19), read(4, 50)]).len(), 1, "each partition has its own");
    assert_eq!(told.of([EngineEvent::Restoring(at(5), 0, 0)]), [] as [&str; 0], "there is nothing to read");
    let families = ["rapport_restore_remaining_offsets", "rapport_restore_seconds", "rapport_restored_rows"];
    assert_eq!(
        told.shown(&families),
        [
            "restore_remaining_offsets{topic=\"crm.events\",partition=\"3\"} 1",
            "restore_remaining_offsets{topic=\"crm.events\",partition=\"4\"} 150",
        ]
    );

    let lines = told.of([EngineEvent::Restored(at(3), 17, 2_500), EngineEvent::Restored(at(4), 0, 30)]);
    assert_eq!(
        lines,
        [
            "INFO restored partition=crm.events[3] rows=17 took_ms=2500",
            "INFO restored partition=crm.events[4] rows=0 took_ms=30",
        ]
    );
    assert_eq!(
        told.shown(&families),
        [
            "restore_seconds{topic=\"crm.events\",partition=\"3\"} 2.5",
            "restore_seconds{topic=\"crm.events\",partition=\"4\"} 0.03",
            "restored_rows{topic=\"crm.events\",partition=\"3\"} 17",
        ]
    );
}

/// The counters come to different numbers, so that none can stand for another.
#[test]
fn what_goes_wrong_is_told_and_counted_by_its_kind() {
    let mut told = Told::new();
    let rebuilding = |cause, why: &str, aborted| EngineEvent::Rebuilding { cause, why: why.into(), aborted };
    let lines = told.of([
        rebuilding(Cause::Fenced, "commit: fenced", true),
        rebuilding(Cause::Fenced, "commit: fenced again", false),
        rebuilding(Cause::TimedOut, "poll: no answer", true),
        rebuilding(Cause::Fenced, "send: fenced", false),
    ]);
    let again = "starting again from what is committed";
    assert_eq!(
        lines,
        [
            format!("WARN {again} cause=\"fenced\" why=commit: fenced aborted=true"),
            format!("WARN {again} cause=\"fenced\" why=commit: fenced again aborted=false"),
            format!("WARN {again} cause=\"timed_out\" why=poll: no answer aborted=true"),
            format!("WARN {again} cause=\"fenced\" why=send: fenced aborted=false"),
        ]
    );
    let failed = || EngineEvent::RebuildFailed { cause: Cause::Unreachable, why: "no broker".into() };
    assert_eq!(
        told.of(std::iter::repeat_with(failed).take(5)),
        ["DEBUG cannot start again yet cause=\"unreachable\" why=no broker"; 5]
    );
    let fenced = EngineEvent::Fenced(at(2), "rapport-7".into());
    assert_eq!(
        told.of(vec![fenced; 4]),
        ["WARN took the transactional id of a member that is gone, which ends its transaction \
          partition=crm.events[2] owner=\"rapport-7\""; 4]
    );
    let rebalanced = |kind, partitions: &[u32]| {
        EngineEvent::Rebalanced(kind, partitions.iter().map(|partition| at(*partition)).collect())
    };
    assert_eq!(
        told.of([
            rebalanced(Rebalance::Given, &[0, 1]),
            rebalanced(Rebalance::Taken, &[1]),
            rebalanced(Rebalance::Given, &[]),
            rebalanced(Rebalance::Lost, &[0]),
            rebalanced(Rebalance::Taken, &[0]),
            rebalanced(Rebalance::Given, &[2]),
        ]),
        [
            "INFO the group has given partitions partitions=[crm.events[0], crm.events[1]]",
            "INFO the group has taken partitions partitions=[crm.events[1]]",
            "INFO the group has given partitions partitions=[]",
            "INFO the group has lost partitions partitions=[crm.events[0]]",
            "INFO the group has taken partitions partitions=[crm.events[0]]",
            "INFO the group has given partitions partitions=[crm.events[2]]",
        ]
    );
    assert_eq!(
        told.of((0..6).map(|n| EngineEvent::NotTrimmed(format!("no right, {n}")))),
        ["WARN records that nobody needs cannot be deleted: state topics grow why=no right, 0"],
        "said once, counted each time"
    );
    assert_eq!(
        told.of([EngineEvent::Committed { records: 11, bytes: 1_300, took_ms: 20 }]),
        [] as [&str; 0],
        "a commit is nothing to speak of"
    );
    assert_eq!(
        told.shown(&[
            "rapport_rebuilds_total",
            "rapport_aborts_total",
            "rapport_rebuilds_failed_total",
            "rapport_fences_total",
            "rapport_rebalances_total",
            "rapport_trims_failed_total",
            "rapport_commits_total",
            "rapport_committed_records_total",
            "rapport_committed_bytes_total",
            "rapport_commit_seconds_sum",
        ]),
        [
            "commits_total 1",
            "committed_records_total 11",
            "committed_bytes_total 1300",
            "commit_seconds_sum 0.02",
            "rebuilds_total{cause=\"fenced\"} 3",
            "rebuilds_total{cause=\"timed_out\"} 1",
            "aborts_total 2",
            "rebuilds_failed_total 5",
            "fences_total 4",
            "rebalances_total{kind=\"given\"} 3",
            "rebalances_total{kind=\"lost\"} 1",
            "rebalances_total{kind=\"taken\"} 2",
            "trims_failed_total 6",
        ]
    );
}

#[test]
fn what_a_partition_does_is_told_and_gone_with_it() {
    let mut told = Told::new();
    let lag = |partition, records, ms| EngineEvent::Lag { partition: at(partition), records, ms };
    let lines = told.of([
        EngineEvent::Restored(at(0), 8, 100),
        EngineEvent::ForeignState(at(0), 9),
        EngineEvent::Restored(at(1), 5, 200),
        lag(0, 7, 1_500),
        lag(1, 0, 0),
        EngineEvent::Paused(at(0), true),
        EngineEvent::Paused(at(1), true),
        EngineEvent::Paused(at(1), false),
    ]);
    assert_eq!(
        lines,
        [
            "INFO restored partition=crm.events[0] rows=8 took_ms=100",
            "WARN records in its state topic were not written by rapport and are passed over: look who writes there \
             partition=crm.events[0] records=9",
            "INFO restored partition=crm.events[1] rows=5 took_ms=200",
            "INFO waits for slower partitions partition=crm.events[0]",
            "INFO waits for slower partitions partition=crm.events[1]",
            "INFO goes on partition=crm.events[1]",
        ]
    );
    let families = [
        "rapport_consumer_lag_records",
        "rapport_consumer_lag_seconds",
        "rapport_partition_idle",
        "rapport_partition_paused",
        "rapport_restored_rows",
        "rapport_foreign_state_records",
    ];
    assert_eq!(
        told.shown(&families),
        [
            "consumer_lag_records{topic=\"crm.events\",partition=\"0\"} 7",
            "consumer_lag_seconds{topic=\"crm.events\",partition=\"0\"} 1.5",
            "partition_idle{topic=\"crm.events\",partition=\"1\"} 1",
            "partition_paused{topic=\"crm.events\",partition=\"0\"} 1",
            "restored_rows{topic=\"crm.events\",partition=\"0\"} 8",
            "restored_rows{topic=\"crm.events\",partition=\"1\"} 5",
            "foreign_state_records{topic=\"crm.events\",partition=\"0\"} 9",
        ]
    );
    assert_eq!(told.of([EngineEvent::Gone(at(0))]), ["INFO given away partition=crm.events[0]"]);
    assert_eq!(
        told.shown(&families),
        [
            "partition_idle{topic=\"crm.events\",partition=\"1\"} 1",
            "restored_rows{topic=\"crm.events\",partition=\"1\"} 5",
        ]
    );
}

/// A source that holds time back is named once, until nobody does any more or the partition is gone.
#[test]
fn who_holds_time_back_is_told_once() {
    let nine = EventTime(1_709_542_800_000);
    let figures = |time: EventTime| {
        let ahead = Some(nine);
        Effect::Journeys(JourneysFigures {
            partition: 0,
            time: Minute::MIN,
            held_by: Some(Holder { source: "hubspot".into(), partition: 1, time: Some(time), ahead }),
            tally: Tally::default(),
            counters: JourneyCounters::default(),
            rows: 0,
            unknown_fields: 0,
        })
    };
    let (behind, near) = (figures(nine.plus_ms(-7_200_000)), figures(nine));
    let held = "WARN this source holds time back: nothing is judged beyond what it has told; look whether it is still \
                written and read, or take it off the list of sources source=hubspot partition=1 \
                told=\"2024-03-04T07:00:00.000Z\" ahead=\"2024-03-04T09:00:00.000Z\"";
    let mut told = Told::new();
    assert_eq!(told.by(|observer| observer.committed(vec![behind.clone(), behind.clone()])), [held]);
    assert_eq!(told.by(|observer| observer.restored(vec![behind.clone()])), [] as [&str; 0]);
    let free = "INFO no source holds time back any more";
    assert_eq!(told.by(|observer| observer.committed(vec![near.clone(), near.clone()])), [free]);
    assert_eq!(told.by(|observer| observer.committed(vec![behind.clone()])), [held]);
    // Another topic's partition of the same number is nobody's who waits.
    told.of([EngineEvent::Gone(TopicPartition::new("hubspot", 0))]);
    assert_eq!(told.by(|observer| observer.committed(vec![behind.clone()])), [] as [&str; 0]);
    told.of([EngineEvent::Gone(at(0))]);
    assert_eq!(told.by(|observer| observer.committed(vec![behind.clone()])), [held]);
}
