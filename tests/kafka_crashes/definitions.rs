//! A fleet whose instances have differing files is restarted one after the other, mostly by `kill -9`, while
//! definitions are applied by a command that is killed too. What is committed is what the log's definitions say.

use rand::RngExt as _;

use super::evidence::Evidence;
use super::fleet::{Flow, dice};
use super::verifier::{Expected, alerts, faults};
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::{Daemon, Stop, rapport, rapport_with};
use crate::support::installed::quarter;

/// How often definitions are applied.
const CHANGES: usize = 4;
/// Where the command dies the first time: before anything is written, in the middle, when it may be in force.
const DEATHS: [&str; CHANGES] = ["id_taken:1", "transaction_begun:1", "delivered:1", "end_asked:1"];
/// The instances.
const NAMES: [&str; 3] = ["rapport-1", "rapport-2", "rapport-3"];

/// What a file says otherwise the n-th time.
fn otherwise(n: usize) -> String {
    let dimensions = ["[[\"source\"]]", "[[\"source\"], [\"source\", \"region\"]]", "[[\"region\"]]"][n % 3];
    let target = format!("0.9{n}");
    format!("[funnel]\ndimensions = {dimensions}\n[rule.first_touch_slo]\ntarget = {target}\n")
}

#[test]
fn definitions_that_change_in_a_rolling_restart_are_those_of_the_log() {
    let test = "definitions_that_change_in_a_rolling_restart_are_those_of_the_log";
    let Some(broker) = shared_broker(test) else { return };
    let mut dice = dice(test);
    let records = quarter::unruly_records(16);
    let mut installation = installed(broker, "definitions", short());
    let mut flow = Flow::begin(&mut installation, &records, 1_500);
    let spawn = |name, n| Daemon::spawn(&installation.another(name, &otherwise(n)), &[]);
    let mut fleet: Vec<Daemon> = NAMES.iter().map(|name| spawn(name, 0)).collect();
    fleet[0].wait_for_address();
    flow.go_on_until("the first definitions", || !installation.read("rapport.definitions").is_empty());
    flow.go_on(100);
    for (change, dies_at) in DEATHS.into_iter().enumerate() {
        let wanted = installation.with("wanted", &otherwise(change + 1));
        let apply = ["definitions", "apply", "--config", wanted.to_str().unwrap()];
        let dead = rapport_with(&apply, &[("RAPPORT_CRASH_AT", dies_at)]);
        assert_eq!(dead.status, None, "{dies_at}: {dead:?}");
        flow.go_on(dice.random_range(0..20));
        let said = rapport(&apply);
        assert_eq!(said.status, Some(0), "{said:?}");
        // One instance after the other, each with its file as it is now; some have the one before, some a later one.
        for (i, name) in NAMES.iter().enumerate() {
            let next = || spawn(name, (change + i) % (CHANGES + 2));
            if dice.random_range(0..3) == 0 {
                fleet.remove(i).stop(Stop::Terminate);
                fleet.insert(i, next());
            } else {
                // The next one is there before the one before is gone.
                std::mem::replace(&mut fleet[i], next()).stop(Stop::Kill);
            }
            flow.go_on(dice.random_range(10..80));
        }
    }
    assert!(!flow.is_over(), "the history was over before the last change");
    flow.end();
    for daemon in fleet {
        daemon.stop(Stop::Terminate);
    }
    let evidence = Evidence::gather(broker, &installation);
    let count = installation.read("rapport.definitions").len();
    assert_eq!(count, 1 + CHANGES, "the first ones, and each change once");
    let expected = Expected::of(&evidence);
    assert_eq!(faults(&evidence, &expected), [] as [String; 0]);
    assert!(expected.switches() > CHANGES, "{} of {count} definitions were in force", expected.switches());
    let alerts = alerts(&evidence);
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}
