//! What a daemon holds, and what its topics keep, while a company works for more than a year, and one with ten times
//! the leads after it. It measures; what is freed, and when, is held by `tests/soak.rs`.
//!
//! `RAPPORT_PROGRAM=target/release/rapport cargo test --test crashes soak -- --ignored --nocapture`

use std::time::Duration;

use rapport::engine::clock::{Clock as _, SystemClock};
use rapport::model::{DAY_MS, EventTime};
use rapport::simulator::{Company, Payload, Profile, Scenario};

use super::super::fleet::{has_read, inputs, lags, runs};
use super::super::{installed, shared_broker};
use super::{Writing, resident};
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::{EVENT_PARTITIONS, Installation, Layout, Way};

/// Leads of a business day.
const LEADS: [f64; 2] = [200.0, 2_000.0];
/// On which days it is looked.
const DAYS: [i64; 6] = [60, 120, 180, 240, 360, 480];
/// Monday, 1 January 2024: everything is to be in the past, or the time of a partition stands still.
const START: EventTime = EventTime(1_704_067_200_000);
/// Closed journeys are kept for ten days, open ones for twenty.
const LOG: [(&str, &str); 3] = [("retention", "10d"), ("open_retention", "20d"), ("max_ahead", "10d")];

/// The events of a company, each with the day on which it comes.
fn events(leads_per_day: f64) -> impl Iterator<Item = (i64, rapport::model::event::Event)> {
    let days = u32::try_from(DAYS[DAYS.len() - 1]).unwrap();
    let company = Profile { leads_per_business_day: leads_per_day, ..Profile::default() };
    let scenario = Scenario {
        start: START,
        company,
        days,
        onset_day: days,
        second_onset_day: days,
        ..Scenario::default()
    };
    Company::new(scenario).expect("the scenario can be played").filter_map(move |record| {
        match record.payload {
            Payload::Event(event) => Some(((record.arrival.0 - START.0) / DAY_MS, event)),
            Payload::Garbage { .. } => None,
        }
    })
}

/// How many records the topics of journeys' state keep.
fn state_kept(installation: &Installation) -> i64 {
    let state = installation.each("rapport.journeys-state", EVENT_PARTITIONS);
    state.iter().map(|at| installation.kafka.ends(at).1 - installation.kafka.first(at)).sum()
}

#[test]
#[ignore = "it measures"]
fn soak() {
    let Some(broker) = shared_broker("soak") else { return };
    let clock = SystemClock::new();
    for leads_per_day in LEADS {
        let layout = Layout { way: Way::Direct, log: LOG.to_vec(), ..Layout::default() };
        let installation = installed(broker, "soak", layout);
        let all = inputs(&installation).len();
        let mut writing = Writing::begin(&installation);
        let mut events = events(leads_per_day).peekable();
        let mut daemon = Daemon::start(&installation.config);
        println!("{leads_per_day} leads a business day; empty: {} MiB", resident(&daemon) >> 20);
        for day in DAYS {
            while let Some((_, event)) = events.next_if(|(came, _)| *came < day) {
                writing.write(&event);
            }
            writing.finish();
            let written = writing.written;
            let since_ms = clock.ticks_ms();
            loop {
                let read = daemon.metrics().map_or(0.0, |text| {
                    Scrape::read(&text).family("rapport_records_total").map(|(_, n)| n).sum()
                });
                if has_read(&daemon, all) && read as u64 == written {
                    break;
                }
                assert!(daemon.listen(Duration::from_millis(200)), "{}", daemon.said());
                assert!(clock.ticks_ms() - since_ms < 600_000, "{:?}", lags(&daemon));
            }
            let scrape = Scrape::read(&daemon.metrics().unwrap());
            let of = |family: &str| scrape.family(family).map(|(_, value)| value).sum::<f64>();
            println!(
                "day {day:>3}: {written:>8} events, {:>6} journeys, {:>6} boundaries wait, {:>4} records of state, \
                 {:>4} MiB resident",
                of("rapport_journeys"),
                of("rapport_waiting_boundaries"),
                state_kept(&installation),
                resident(&daemon) >> 20,
            );
        }
        assert_eq!(daemon.stop(Stop::Terminate), Some(0));
        let mut daemon = Daemon::start(&installation.config);
        daemon.until("the state", |daemon| (runs(daemon) == all).then_some(()));
        let scrape = Scrape::read(&daemon.metrics().unwrap());
        let rows: f64 = scrape.family("rapport_restored_rows").map(|(_, rows)| rows).sum();
        println!("started again: {rows} rows read, {} MiB resident", resident(&daemon) >> 20);
        assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    }
}
