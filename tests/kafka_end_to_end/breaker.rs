//! A daemon that stops because going on would hide something, or would end badly: it says so at its end, has
//! committed what it read until then, and goes on there once a person has decided.

use std::path::Path;

use rapport::log::kafka::Feed;
use rapport::log::{NewRecord, TopicPartition};
use serde_json::{Value, json};

use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::{Installation, header};

use super::{NINE, OUTCOMES, direct, ended, ready, taken_in};

fn created(n: usize) -> Value {
    json!({"event_id": format!("E-{n}"), "occurred_at": NINE + n as i64, "kind": "lead_created",
        "lead_id": format!("L-{n}"), "source": "webinar"})
}

/// Runs a daemon that is to end by itself; gives its last line.
fn stops(config: &Path, environment: &[(&str, &str)]) -> String {
    let (status, last) = Daemon::spawn(config, environment).ended();
    assert_eq!(status, Some(1), "{last}");
    last
}

/// Where in its source each dead letter was.
fn dead_letters(installation: &Installation) -> Vec<i64> {
    let letters = installation.read("rapport.dead-letters");
    letters.iter().map(|letter| header(letter, "__connect.errors.offset").parse().unwrap()).collect()
}

/// Every other record is garbage, and a quarter may be. Each start reads another window of a hundred.
#[test]
fn a_source_full_of_garbage_stops_the_daemon_until_it_is_allowed() {
    let test = "a_source_full_of_garbage_stops_the_daemon_until_it_is_allowed";
    let Some(installation) = ready(test, "garbage", 2000) else { return };
    let leads = TopicPartition::new(installation.topic("leads"), 0);
    let mut feed = Feed::connect(&installation.kafka.bootstrap_servers).unwrap();
    for n in 0..250 {
        let text = if n % 2 == 0 { format!("garbage {n}") } else { created(n).to_string() };
        let key = Some(format!("L-{n}").into_bytes());
        let value = Some(text.into_bytes());
        feed.send(NewRecord { to: leads.clone(), key, value, headers: Vec::new(), timestamp: None }).unwrap();
    }
    feed.finish().unwrap();

    let allowing =
        |ratio: &str| format!("[log.dead_letter]\nratio = {ratio}\nwindow_records = 100\nconsecutive = 10\n");
    let config = installation.with("breaker", &allowing("0.25"));
    for read in [100, 200] {
        let last = stops(&config, &[]);
        let why = format!(
            "rapport: stopped at {leads}, offset {}: 50 of the last 100 records are dead letters, more than the 25 % \
             allowed; look into the topic of dead letters for the reason, mend the source or its encoding and start \
             again, or allow more under [log.dead_letter]",
            read - 1
        );
        assert_eq!(last, why);
        assert_eq!(installation.places(std::slice::from_ref(&leads)), [Some(read)]);
        assert!(dead_letters(&installation).into_iter().eq((0..read).step_by(2)), "each once, in order");
    }

    assert_eq!(installation.with("breaker", &allowing("0.5")), config);
    let mut daemon = Daemon::start(&config);
    let scrape = daemon.until("the end of what was sent", |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        (taken_in(&scrape) == 250 && ended(&scrape, "journeys", "applied") == 125).then_some(scrape)
    });
    assert_eq!(ended(&scrape, "intake", "dead_letter"), 125);
    assert_eq!(ended(&scrape, "intake", "forwarded"), 125);
    assert_eq!(OUTCOMES.map(|outcome| ended(&scrape, "journeys", outcome)).iter().sum::<i64>(), 125);
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
    assert!(dead_letters(&installation).into_iter().eq((0..250).step_by(2)), "each once, in order");
}

/// A partition may hold a thousand journeys, and eleven hundred leads are made.
#[test]
fn too_many_journeys_stop_the_daemon_until_they_are_allowed() {
    let test = "too_many_journeys_stop_the_daemon_until_they_are_allowed";
    let Some(installation) = direct(test, "journeys", 1) else { return };
    let leads: Vec<(u32, Value)> = (0..1_100).map(|n| (0, created(n))).collect();
    installation.write(&leads);
    let last = stops(&installation.config, &[("RAPPORT__LIMITS__JOURNEYS", "1000")]);
    let why = format!(
        "rapport: stopped at {}, offset 1000: 1001 journeys are held, more than the 1000 allowed: find out whether an \
         integration makes leads up; else raise limits.journeys where there is memory for it, or shorten log.retention",
        installation.events()[0]
    );
    assert_eq!(last, why);
    assert_eq!(installation.places(&installation.events()), [Some(1_001)]);

    let mut daemon = Daemon::start(&installation.config);
    daemon.until("the end of what was sent", |daemon| {
        let scrape = Scrape::read(&daemon.metrics()?);
        (ended(&scrape, "journeys", "applied") == 1_100).then_some(())
    });
    assert_eq!(daemon.stop(Stop::Terminate), Some(0));
}
