//! The whole program as its user meets it: topics, check, daemon, over a real Apache Kafka, with a simulated
//! quarter that an independent producer sends and independent consumers of what comes out.

mod backtest;
mod breaker;
mod definitions;
mod large;
mod rights;
mod topics;

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use rapport::model::EventTime;
use serde_json::Value;

use crate::support::installed::daemon::{Daemon, Stop, rapport};
use crate::support::installed::exposition::{Scrape, Series, check_with_promtool, series_of};
use crate::support::installed::quarter::{self, Family, Sent};
use crate::support::installed::{Installation, Layout, Way, header};

/// 2024-03-04, a Monday, at nine.
const NINE: i64 = 1_709_542_800_000;
/// So many looks, a tenth of a second apart, at which nothing changes: then all is done.
const QUIET_LOOKS: u32 = 15;
/// How a record can end.
const OUTCOMES: [&str; 6] = ["applied", "duplicate", "late", "dead_letter", "ignored", "forwarded"];
/// One for each partition of the event log, and the one of the segments.
const TASKS_WITH_STATE: usize = 5;

fn installation(test: &str, name: &str, series_max: usize) -> Option<Installation> {
    let layout = Layout { series_max, ..Layout::default() };
    crate::kafka(test).map(|kafka| Installation::new(kafka, name, layout))
}

/// An installation with all its topics.
fn ready(test: &str, name: &str, series_max: usize) -> Option<Installation> {
    let installation = installation(test, name, series_max)?;
    installation.make_sources();
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.status, Some(0), "{made:?}");
    Some(installation)
}

/// An installation without intakes, with its topics.
fn direct(test: &str, name: &str, partitions: u32) -> Option<Installation> {
    let layout =
        Layout { way: Way::Direct, event_partitions: partitions, series_max: 100_000, ..Layout::default() };
    let installation = Installation::new(crate::kafka(test)?, name, layout);
    let made = rapport(&["topics", "create", "--config", installation.config()]);
    assert_eq!(made.status, Some(0), "{made:?}");
    Some(installation)
}

/// The promise that a daemon judges by.
fn promised(daemon: &mut Daemon) -> f64 {
    daemon.until("the definitions in force", |daemon| {
        let (_, body) = daemon.get("/api/v1/status")?;
        serde_json::from_str::<Value>(&body).ok()?["definitions"]["promise"]["target"].as_f64()
    })
}

/// The first start writes the definitions into the log; from then on the log's hold, whatever a file says.
#[test]
fn the_first_definitions_hold() {
    let test = "the_first_definitions_hold";
    let Some(installation) = ready(test, "definitions", 2000) else { return };
    let other = installation.another("rapport-0", "[rule.first_touch_slo]\ntarget = 0.94\n");
    let mut daemon = Daemon::start(&installation.config);
    assert_eq!(promised(&mut daemon), 0.95);
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    let first = installation.read("rapport.definitions");
    assert_eq!(first.len(), 1);

    let mut daemon = Daemon::start(&other);
    assert_eq!(promised(&mut daemon), 0.95);
    daemon.until("a warning that the file differs", |daemon| {
        daemon
            .has_said("the configuration differs from the newest definitions in the log, no. 1")
            .then_some(())
    });
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    assert_eq!(installation.read("rapport.definitions").len(), 1, "the second start wrote nothing");
}

/// Two instances that start at the same time on an empty log, with files that differ, judge by the same.
#[test]
fn instances_that_start_together_agree_on_the_definitions() {
    let test = "instances_that_start_together_agree_on_the_definitions";
    let Some(installation) = ready(test, "together", 2000) else { return };
    let other = installation.another("rapport-1", "[rule.first_touch_slo]\ntarget = 0.94\n");
    let configs = [&installation.config, &other];
    let mut daemons = std::thread::scope(|scope| {
        let starting = configs.map(|config| scope.spawn(move || Daemon::start(config)));
        starting.map(|started| started.join().expect("it starts"))
    });
    let [one, two] = daemons.each_mut().map(promised);
    assert_eq!(one, two);
    assert_eq!(installation.read("rapport.definitions").len(), 1, "whoever came first has written them");
}

/// One run from the first record to the last.
#[test]
fn a_quarter_gives_the_alerts_and_figures_of_a_replay() {
    let test = "a_quarter_gives_the_alerts_and_figures_of_a_replay";
    let Some(mut installation) = ready(test, "quarter", 100_000) else { return };
    let records = quarter::records();
    installation.send(&records);
    let end = installation.last_boundary(&records);
    let replayed = quarter::replayed(&records, &installation);

    let mut daemon = Daemon::start(&installation.config);
    judged(&mut daemon, end);
    let text = all_is_committed(&mut daemon, &records);
    assert_eq!(daemon.get("/readyz").map(|(status, _)| status), Some(200));
    assert_eq!(daemon.get("/livez").map(|(status, _)| status), Some(200));

    check_with_promtool(&text, test);
    let scrape = Scrape::read(&text);
    same_alerts(&installation, &replayed, end);
    same_windows(&installation, &scrape);
    assert_eq!(scrape.family("rapport_series_over_budget").map(|(_, n)| n).sum::<f64>(), 0.0);
    all_is_read(&mut installation);
    garbage_is_put_aside(&installation, &records);
    every_record_ended_once(&scrape, &records);
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    same_alerts(&installation, &replayed, end);
}

/// The same quarter, with a stop and a crash in the middle of it.
#[test]
fn a_stop_and_a_crash_in_the_middle_change_nothing() {
    let test = "a_stop_and_a_crash_in_the_middle_change_nothing";
    let Some(mut installation) = ready(test, "disturbed", 300) else { return };
    let records = quarter::records();
    let cut = |day: i64| {
        let until = records[0].at.unwrap().0 + day * 86_400_000;
        records.iter().position(|sent| sent.at.is_some_and(|at| at.0 > until)).unwrap()
    };
    let (first, second) = (cut(66), cut(80));

    installation.send(&records[..first]);
    let mut daemon = Daemon::start(&installation.config);
    fires(&mut daemon, "first_touch_slo");
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    let stopped_at = read_so_far(&mut installation);
    assert!(stopped_at > 0, "something was committed");

    installation.send(&records[first..second]);
    let mut daemon = Daemon::start(&installation.config);
    let restored = daemon.until("a commit after the stop, and every task that keeps state", |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        let keeps_state =
            |topic: &str| ["crm.events", "rapport.deltas"].iter().any(|own| topic.ends_with(own));
        let restored = scrape.family("rapport_restored_rows");
        let rows: Vec<f64> =
            restored.filter(|(labels, _)| keeps_state(&labels["topic"])).map(|(_, n)| n).collect();
        (taken_in(&scrape) > stopped_at && rows.len() == TASKS_WITH_STATE).then_some(rows)
    });
    assert!(restored.iter().all(|rows| *rows > 100.0), "each went on from its state: {restored:?} rows");
    daemon.stop(Stop::Kill);
    assert!(read_so_far(&mut installation) > stopped_at, "the second one came further");

    installation.send(&records[second..]);
    let end = installation.last_boundary(&records);
    let replayed = quarter::replayed(&records, &installation);
    let mut daemon = Daemon::start(&installation.config);
    judged(&mut daemon, end);
    let scrape = Scrape::read(&all_is_committed(&mut daemon, &records));
    same_alerts(&installation, &replayed, end);
    some_windows(&installation, &scrape);
    all_is_read(&mut installation);
    garbage_is_put_aside(&installation, &records);
    every_record_ended_once(&scrape, &records);
}

/// Waits until everything up to a boundary was judged.
fn judged(daemon: &mut Daemon, end: EventTime) {
    daemon.until(&format!("event time {end:?} of every partition"), |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        let aligned = scrape.single("rapport_event_time_aligned_seconds")?;
        assert!(aligned <= end.0 as f64 / 1e3, "time went past what the sources promise: {aligned}");
        (aligned == end.0 as f64 / 1e3).then_some(())
    });
}

/// Waits until an alert of a rule fires.
fn fires(daemon: &mut Daemon, rule: &str) {
    daemon.until(&format!("an alert of {rule}"), |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        scrape.family("rapport_alert_firing").find(|(labels, _)| labels["rule"] == rule).map(drop)
    });
}

/// Waits until the daemon shows no lag in any partition that it reads, has counted every record, and has committed
/// nothing more for as long as the longest commit takes; gives what it shows then.
fn all_is_committed(daemon: &mut Daemon, records: &[Sent]) -> String {
    let events = records.iter().filter(|sent| sent.reason.is_none()).count() as i64;
    let quiet = Cell::new((0.0, 0));
    daemon.until("the end of the lag and the last commit", |daemon| {
        let text = daemon.metrics()?;
        let scrape = Scrape::read(&text);
        let lags: Vec<f64> = scrape.family("rapport_consumer_lag_records").map(|(_, lag)| lag).collect();
        // Five partitions of sources, four of events, one of deltas.
        let is_read = lags.len() == 10 && lags.iter().all(|lag| *lag == 0.0);
        let counted: i64 = OUTCOMES.iter().map(|outcome| ended(&scrape, "journeys", outcome)).sum();
        let commits = scrape.single("rapport_commits_total")?;
        let is_as_before = is_read && counted == events && commits == quiet.get().0;
        quiet.set((commits, if is_as_before { quiet.get().1 + 1 } else { 0 }));
        (quiet.get().1 == QUIET_LOOKS).then_some(text)
    })
}

/// What independent consumers find is what a replay of the same events says, up to the last boundary that
/// both have judged, in the same order and each once. `catching_up` is stamped outside the core, by the
/// clock on the wall, and all else is the same.
fn same_alerts(installation: &Installation, replayed: &[Value], end: EventTime) {
    let is_judged = |alert: &&Value| alert["at"].as_i64().unwrap() <= end.0;
    let expected: Vec<Value> = replayed.iter().filter(is_judged).cloned().map(bare).collect();
    for rule in ["divergence", "first_touch_slo"] {
        for state in ["firing", "resolved"] {
            let told = expected.iter().any(|alert| alert["rule"] == rule && alert["state"] == state);
            assert!(told, "the quarter has no {state} {rule}, so this shows little");
        }
    }
    let found = installation.read("rapport.alerts");
    let mut ids = BTreeSet::new();
    let mut alerts = Vec::new();
    for record in &found {
        let alert: Value = serde_json::from_slice(record.value.as_ref().unwrap()).unwrap();
        assert!(ids.insert(header(record, "ce_id").to_owned()), "an alert came twice: {alert}");
        assert_eq!(record.key.as_deref(), alert["fingerprint"].as_str().map(str::as_bytes));
        assert_eq!(header(record, "ce_subject"), alert["fingerprint"]);
        assert_eq!(header(record, "ce_source"), format!("/{}", installation.prefix));
        let state = alert["state"].as_str().unwrap();
        assert_eq!(header(record, "ce_type"), format!("rapport.alert.{state}"));
        assert_eq!(header(record, "ce_time"), EventTime(alert["at"].as_i64().unwrap()).rfc3339());
        assert_eq!(alert["catching_up"], true, "last quarter is no reason to call anybody");
        alerts.push(bare(alert));
    }
    let places: BTreeSet<String> =
        alerts.iter().map(|a| format!("{}{}{}", a["fingerprint"], a["state"], a["at"])).collect();
    assert_eq!(places.len(), alerts.len(), "each alert comes once");
    for (i, (found, expected)) in alerts.iter().zip(&expected).enumerate() {
        assert_eq!(found, expected, "alert {i}");
    }
    assert_eq!(alerts.len(), expected.len());
}

fn bare(mut alert: Value) -> Value {
    alert.as_object_mut().unwrap().remove("catching_up").expect("it says whether it comes late");
    alert
}

/// Every series of a window is the last record of it, and the other way round.
fn same_windows(installation: &Installation, scrape: &Scrape) {
    let (shown, expected) = (scrape.windows(), expected_series(installation));
    assert!(shown.len() > 500, "{} series", shown.len());
    for (series, value) in &expected {
        assert_eq!(shown.get(series), Some(value), "{series:?} is not shown as it is in the topic");
    }
    for series in shown.keys() {
        assert!(expected.contains_key(series), "{series:?} is not in the topic");
    }
}

/// Beyond the limit of series whole segments are left out; what is shown is right.
fn some_windows(installation: &Installation, scrape: &Scrape) {
    let (shown, expected) = (scrape.windows(), expected_series(installation));
    let segments: BTreeSet<&String> = shown.keys().map(|(_, labels)| &labels["segment"]).collect();
    assert!(segments.iter().any(|segment| *segment == "all"), "{segments:?}");
    assert!(!shown.is_empty() && shown.len() < 300 && expected.len() > 300, "{} series", shown.len());
    let whole = expected.iter().filter(|((_, labels), _)| segments.contains(&labels["segment"]));
    assert!(whole.eq(shown.iter()), "what is shown is the whole of its segments");
    let left_out = scrape.family("rapport_series_over_budget").map(|(_, n)| n).sum::<f64>();
    assert!(left_out >= (expected.len() - shown.len()) as f64, "{left_out} are said to be left out");
}

fn expected_series(installation: &Installation) -> BTreeMap<Series, f64> {
    installation.windows().iter().flat_map(series_of).collect()
}

/// The group's places are the ends of the sources.
fn all_is_read(installation: &mut Installation) {
    for (at, committed, end) in installation.offsets() {
        assert_eq!(committed, end, "{at}");
    }
}

/// How many records of the sources lie before the group's places.
fn read_so_far(installation: &mut Installation) -> i64 {
    installation.offsets().iter().map(|(_, committed, _)| committed).sum()
}

/// The dead letters are the garbage, byte by byte, each with its reason and where it came from.
fn garbage_is_put_aside(installation: &Installation, records: &[Sent]) {
    let garbage = |sent: &&Sent| sent.reason.is_some();
    let mut expected: Vec<(Vec<u8>, &str)> = records
        .iter()
        .filter(garbage)
        .map(|sent| (sent.value.clone(), sent.reason.unwrap().as_str()))
        .collect();
    assert!(expected.len() > 5 && records.iter().filter(garbage).all(|sent| sent.family == Family::Leads));
    let sent = installation.sent();
    let letters = installation.read("rapport.dead-letters");
    let mut found: Vec<(Vec<u8>, &str)> = Vec::new();
    for letter in &letters {
        let number = |name: &str| header(letter, name).parse::<i64>().unwrap();
        let origin = sent
            .iter()
            .find(|record| {
                record.at.topic == header(letter, "__connect.errors.topic")
                    && i64::from(record.at.partition) == number("__connect.errors.partition")
                    && record.offset == number("__connect.errors.offset")
            })
            .expect("it says where it came from");
        assert_eq!((&letter.key, &letter.value), (&origin.key, &origin.value));
        assert_eq!(letter.timestamp, origin.timestamp);
        assert!(letter.headers.starts_with(&origin.headers), "the user's headers are kept");
        found.push((letter.value.clone().unwrap(), header(letter, "rapport.reason")));
    }
    expected.sort();
    found.sort();
    assert_eq!(found, expected);
}

/// How many records of one kind of task had this end.
fn ended(scrape: &Scrape, task: &str, outcome: &str) -> i64 {
    let records = scrape.family("rapport_records_total");
    let of = records.filter(|(labels, _)| labels["task"] == task && labels["outcome"] == outcome);
    of.map(|(_, n)| n).sum::<f64>() as i64
}

/// How many records the intakes have read.
fn taken_in(scrape: &Scrape) -> i64 {
    OUTCOMES.iter().map(|outcome| ended(scrape, "intake", outcome)).sum()
}

/// Every record has exactly one end in each task that reads it, whatever happened to the daemon.
fn every_record_ended_once(scrape: &Scrape, records: &[Sent]) {
    let garbage = records.iter().filter(|sent| sent.reason.is_some()).count() as i64;
    let events = records.len() as i64 - garbage;
    assert_eq!(ended(scrape, "intake", "dead_letter"), garbage);
    assert_eq!(ended(scrape, "intake", "forwarded"), events);
    assert_eq!(taken_in(scrape), garbage + events);
    let each = OUTCOMES.map(|outcome| ended(scrape, "journeys", outcome));
    assert_eq!(each.iter().sum::<i64>(), events, "{OUTCOMES:?} {each:?}");
}

#[test]
fn a_scrape_is_read_as_the_format_says() {
    let scrape = Scrape::read(
        "# HELP a_total Some.\n# TYPE a_total counter\na_total{x=\"1\\\"\\\\\\n}\",y=\"\"} 3.5\n\
         # HELP h Some.\n# TYPE h histogram\nh_bucket{le=\"+Inf\"} 2\nh_sum 1e-3\nh_count 2\n",
    );
    let (labels, value) = scrape.family("a_total").next().unwrap();
    assert_eq!((labels["x"].as_str(), labels["y"].as_str(), value), ("1\"\\\n}", "", 3.5));
    assert_eq!(scrape.single("h_sum"), Some(0.001));
    for wrong in ["a 1\n", "# TYPE a gauge\na{x=1} 1\n", "# TYPE a gauge\na 1\na 2\n", "# TYPE a gauge\na\n"]
    {
        assert!(std::panic::catch_unwind(|| Scrape::read(wrong)).is_err(), "{wrong}");
    }
}
