//! Figures, for whoever asks for them: how long it takes until everything flows again after a death, how long a
//! restore takes, and what a lead costs. Nothing is held against a bound here.
//!
//! `RAPPORT_PROGRAM=target/release/rapport cargo test --test crashes figures -- --ignored --nocapture --test-threads 1`

use std::time::Duration;

use rand::RngExt as _;
use rapport::engine::clock::{Clock as _, SystemClock};
use rapport::model::event::{Attributes, Body, Event};
use rapport::model::words::{Stage, Team};
use rapport::model::{DAY_MS, EventTime, HOUR_MS, Text};

use super::super::fleet::{Flow, LAST, dice, has_read, inputs, lags, runs, start, wait};
use super::super::{installed, shared_broker, short};
use super::{Writing, resident};
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::quarter;
use crate::support::installed::{Instance, Layout, Way};

/// How often each death is measured.
const DEATHS: usize = 5;
/// How often each restore is measured.
const RESTORES: usize = 5;

/// Up to when everything is judged, as one of these instances shows it, in seconds.
fn aligned(daemons: &[&Daemon]) -> f64 {
    let shown =
        |daemon: &&Daemon| Scrape::read(&daemon.metrics()?).single("rapport_event_time_aligned_seconds");
    daemons.iter().filter_map(shown).fold(0.0, f64::max)
}

/// Who is there after a death.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Heir {
    /// The same member starts again at once.
    Itself,
    /// A new member without a name starts at once.
    Stranger,
    /// Another member was there all the time.
    Standing,
}

/// From the death of an instance until what is judged goes on, with the default timeouts.
#[test]
#[ignore = "it measures"]
fn fail_over() {
    let Some(broker) = shared_broker("fail_over") else { return };
    let clock = SystemClock::new();
    let mut dice = dice("fail_over");
    let records = quarter::records();
    for (dies, heir) in [
        (Instance::named("rapport-1"), Heir::Standing),
        (Instance::named("rapport-1"), Heir::Itself),
        (Instance::nameless(), Heir::Stranger),
        (Instance::nameless(), Heir::Standing),
    ] {
        let mut restored_s = Vec::new();
        let mut judged_s = Vec::new();
        for _ in 0..DEATHS {
            let layout = Layout { log: vec![("max_ahead", "100d")], ..Layout::default() };
            let mut installation = installed(broker, "fail-over", layout);
            let all = inputs(&installation).len();
            let mut flow = Flow::begin(&mut installation, &records, 6_000);
            let mut standing = (heir == Heir::Standing).then(|| start(&installation, Instance::named(LAST)));
            let mut dying = start(&installation, dies);
            flow.go_on_until("all to be restored", || {
                dying.listen(Duration::ZERO);
                let others = standing.as_mut().map_or(0, |standing| {
                    standing.listen(Duration::ZERO);
                    runs(standing)
                });
                others + runs(&dying) == all && runs(&dying) > 0
            });
            flow.go_on(dice.random_range(100..200));
            let before = {
                let both: Vec<&Daemon> = standing.iter().chain([&dying]).collect();
                aligned(&both)
            };
            assert!(before > 0.0);
            dying.stop(Stop::Kill);
            let died_ms = clock.ticks_ms();
            let mut heir = match heir {
                Heir::Itself => start(&installation, dies),
                Heir::Stranger => start(&installation, Instance::nameless()),
                Heir::Standing => standing.take().expect("it stands"),
            };
            let passed_s = || (clock.ticks_ms() - died_ms) as f64 / 1e3;
            flow.go_on_until("the heir to have it all", || {
                heir.listen(Duration::ZERO);
                runs(&heir) == all
            });
            restored_s.push(passed_s());
            flow.go_on_until("time to go on", || {
                heir.listen(Duration::ZERO);
                aligned(&[&heir]) > before
            });
            judged_s.push(passed_s());
            heir.stop(Stop::Kill);
        }
        let name = if dies.id.is_some() { "with a name" } else { "without a name" };
        println!("a member {name} dies; heir: {heir:?}; s until all is restored {restored_s:.2?}");
        println!("    s until what is judged goes on {judged_s:.2?}");
    }
}

/// An event of a lead.
fn event(lead: &Text, kind: &str, at: i64, body: Body) -> Event {
    Event { event_id: format!("{lead}-{kind}").into(), occurred_at: EventTime(at), body }
}

/// So many leads over twenty days, each with four facts within three hours, in order of time.
fn leads(count: i64) -> impl Iterator<Item = Event> {
    let start = EventTime(1_767_571_200_000).0;
    let apart_ms = 20.0 * DAY_MS as f64 / count as f64;
    let an_hour = (HOUR_MS as f64 / apart_ms) as i64;
    let at = move |n: i64| start + (n as f64 * apart_ms) as i64;
    (0..count + 3 * an_hour).flat_map(move |now| {
        (0..4).filter_map(move |fact| {
            let n = now - fact * an_hour;
            (0..count).contains(&n).then(|| {
                let lead: Text = format!("00Q5g00000{n:08}AAB").into();
                let lead_id = lead.clone();
                let (kind, body) = match fact {
                    0 => {
                        let source = Some(["paid_search", "organic", "webinar"][(n % 3) as usize].into());
                        let region = ["emea", "amer", "apac"][(n / 3 % 3) as usize].into();
                        let attributes = Attributes::new([("region".into(), region)]);
                        ("c", Body::LeadCreated { lead_id, source, campaign_id: None, attributes })
                    }
                    1 => ("m", Body::LeadStageEntered { lead_id, stage: Stage::Mql }),
                    2 => {
                        let owner_id = format!("rep-{:02}", n % 12).into();
                        ("a", Body::LeadAssigned { lead_id, owner_id, team: None })
                    }
                    _ => {
                        let (team, channel) = (Team::Sales, Some("call".into()));
                        ("t", Body::LeadTouched { lead_id, team, channel, automated: false })
                    }
                };
                event(&lead, kind, at(now), body)
            })
        })
    })
}

/// How long a restore takes, and what a lead costs, at many leads.
#[test]
#[ignore = "it measures"]
fn restore() {
    let Some(broker) = shared_broker("restore") else { return };
    let clock = SystemClock::new();
    for count in [100_000, 1_000_000] {
        let layout = Layout { way: Way::Direct, log: vec![("max_ahead", "100d")], ..short() };
        let installation = installed(broker, "restore", layout);
        let all = inputs(&installation).len();
        let mut writing = Writing::begin(&installation);
        leads(count).for_each(|event| writing.write(&event));
        writing.finish();
        let written = writing.written;

        let started_ms = clock.ticks_ms();
        let mut daemon = start(&installation, Instance::named(LAST));
        let empty = resident(&daemon);
        loop {
            daemon.listen(Duration::ZERO);
            if has_read(&daemon, all) {
                break;
            }
            assert!(clock.ticks_ms() - started_ms < 900_000, "{:?}; {}", lags(&daemon), daemon.said());
            wait(Duration::from_millis(100));
        }
        let seconds = (clock.ticks_ms() - started_ms) as f64 / 1e3;
        let full = resident(&daemon);
        daemon.stop(Stop::Terminate);
        let per_lead = |held: u64| held.saturating_sub(empty) / count as u64;
        println!("{count} leads, {written} facts: read in {seconds:.1} s");
        println!(
            "    resident: {} MiB empty, {} MiB full, {} B a lead",
            empty >> 20,
            full >> 20,
            per_lead(full)
        );
        for (threads, restore) in [1, 2].into_iter().flat_map(|n| (0..RESTORES).map(move |i| (n, i))) {
            let started_ms = clock.ticks_ms();
            let mut daemon = start(&installation, Instance::named(LAST).threads(threads));
            daemon.until("the state", |daemon| (runs(daemon) == all).then_some(()));
            let seconds = (clock.ticks_ms() - started_ms) as f64 / 1e3;
            let scrape = Scrape::read(&daemon.metrics().unwrap());
            let each: Vec<f64> = scrape.family("rapport_restore_seconds").map(|(_, s)| s).collect();
            let rows: f64 = scrape.family("rapport_restored_rows").map(|(_, rows)| rows).sum();
            let held = resident(&daemon);
            println!(
                "    {threads} threads: restored in {seconds:.2} s from the start of the process, {rows} rows"
            );
            println!("    rapport_restore_seconds {each:.2?}");
            println!("    resident then: {} MiB, {} B a lead", held >> 20, per_lead(held));
            daemon.stop(if restore % 2 == 0 { Stop::Terminate } else { Stop::Kill });
        }
    }
}
