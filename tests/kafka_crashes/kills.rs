//! `kill -9` at random moments while a history is sent.

use std::time::Duration;

use rand::RngExt as _;
use rapport::codec;
use rapport::model::DAY_MS;
use rapport::model::alert::Alert;
use rapport::model::event::Event;
use rapport::model::record::{Holds, LogRecord};
use rapport::model::window::WindowResult;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, commits, dice, inputs, runs, settle};
use super::verifier::{committed_windows, told, verify};
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::quarter::{self, Family, Sent};
use crate::support::installed::{Installation, Instance};

/// How often the program is killed; `RAPPORT_KILLS` says otherwise.
const KILLS: usize = 12;
/// A life lasts up to so many moments, or so many more once it has got somewhere.
const LIFE: u32 = 120;
const AFTERLIFE: u32 = 50;
/// So many moments of history are there for each life, of those that wait for a commit too.
const HISTORY: usize = 250;

/// Sends a history while the program is killed again and again.
fn kill(test: &str, installation: &mut Installation, records: &[Sent]) {
    let kills = std::env::var("RAPPORT_KILLS").map_or(KILLS, |text| text.parse().expect("a number of kills"));
    let mut dice = dice(test);
    let mut flow = Flow::begin(installation, records, kills * HISTORY);
    let config = installation.instance(Instance::named(LAST));
    let has_committed = |daemon: &Daemon| commits(daemon) > 0.0;
    let has_restored = |daemon: &Daemon| runs(daemon) == inputs(installation).len();
    let (mut committed, mut restored) = (0, 0);
    for life in 0..kills {
        let mut daemon = Daemon::spawn(&config, &[]);
        // How far a life comes by chance depends on the machine: every other one is let come so far that its death
        // takes something away.
        match life % 4 {
            0 | 2 => {
                flow.go_on(dice.random_range(0..=LIFE));
                daemon.listen(Duration::ZERO);
                // What it tells is a little old: it may have come further.
                committed += usize::from(has_committed(&daemon));
                restored += usize::from(has_restored(&daemon));
            }
            at_least => {
                let mut is_restored = false;
                flow.go_on_until("a life with a commit", || {
                    assert!(daemon.listen(Duration::ZERO), "it ended: {}", daemon.said());
                    is_restored = has_restored(&daemon);
                    has_committed(&daemon) && (at_least == 1 || is_restored)
                });
                committed += 1;
                restored += usize::from(is_restored);
                flow.go_on(dice.random_range(0..=AFTERLIFE));
            }
        }
        daemon.stop(Stop::Kill);
    }
    println!("{test}: of {kills} lives {committed} had committed and {restored} had restored everything");
    assert!(committed >= kills / 2, "only {committed} of {kills} lives have committed anything");
    assert!(restored >= kills / 4, "only {restored} of {kills} lives have restored everything");
    flow.end();
}

#[test]
fn kill_9_at_any_moment_changes_nothing() {
    let test = "kill_9_at_any_moment_changes_nothing";
    let Some(broker) = shared_broker(test) else { return };
    let mut installation = installed(broker, "kills", short());
    kill(test, &mut installation, &quarter::unruly_records(37));
    let alerts = verify(&Evidence::gather(broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}

/// The command `replay` finds in the events of the final event log the alerts and the windows that are committed.
#[test]
fn kill_9_leaves_what_a_replay_of_the_event_log_says() {
    let test = "kill_9_leaves_what_a_replay_of_the_event_log_says";
    let Some(broker) = shared_broker(test) else { return };
    let mut installation = installed(broker, "replayed", short());
    let records = quarter::records();
    kill(test, &mut installation, &records);
    // While facts move between partitions, counts depend on how far each is; a day later all have arrived.
    settle(&installation);
    let last = records.iter().filter_map(|record| record.at).max().expect("something happens");
    let (records, end) = quarter::end(last.plus_ms(DAY_MS));
    Flow::begin(&mut installation, &records, 1).end();
    let evidence = Evidence::gather(broker, &installation);
    let committed = verify(&evidence);
    assert!(
        committed.len() > 3,
        "only {} alerts: the history is too dull to prove anything",
        committed.len()
    );
    // The last event takes time to the end and is not before it.
    let mut events: Vec<Event> = evidence.log().into_iter().flatten().filter_map(event_of).collect();
    events.retain(|event| event.occurred_at < end);
    events.sort_by_key(|event| event.occurred_at);
    let lines: Vec<_> =
        events.iter().map(|event| (Family::of(event), codec::encode_event_json(event))).collect();
    let lines: Vec<(Family, &[u8])> = lines.iter().map(|(family, line)| (*family, line.as_slice())).collect();
    let replayed = quarter::replay(&lines, &installation);
    let as_json = |alert| serde_json::to_value(Alert { catching_up: false, ..alert }).unwrap();
    let committed: Vec<_> = committed.into_iter().map(as_json).collect();
    assert_eq!(committed, replayed.alerts);
    let windows = committed_windows(&evidence);
    assert!(windows.len() > 100, "only {} windows: the history is too dull to prove anything", windows.len());
    let replayed = told(replayed.windows.into_iter());
    let alone = |these: &[WindowResult], those: &[WindowResult]| -> Vec<WindowResult> {
        these.iter().filter(|window| !those.contains(window)).cloned().collect()
    };
    assert_eq!(alone(&windows, &replayed), alone(&replayed, &windows), "committed, and replayed");
}

fn event_of(record: LogRecord) -> Option<Event> {
    match record.holds {
        Holds::Event(event) => Some(event),
        _ => None,
    }
}
