//! A fleet whose instances have differing files is restarted one after the other, mostly by `kill -9`, while
//! definitions are applied by a command that is killed too; and a daemon dies in what a SIGHUP asked it for. What is
//! committed is what the log's definitions say.

use std::path::Path;
use std::time::Duration;

use rand::RngExt as _;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, commits, dice, has_read, inputs, settle, wait};
use super::verifier::{Expected, alerts, faults};
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::{Daemon, Stop, rapport, rapport_with};
use crate::support::installed::{Installation, quarter};

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
    let in_force = || {
        let windows = installation.windows();
        windows.iter().map(|window| window["definitions_version"].as_u64().unwrap()).max().unwrap_or(0)
    };
    flow.go_on_until("a window of the first definitions", || in_force() > 0);
    for (change, dies_at) in DEATHS.into_iter().enumerate() {
        let before = in_force();
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
        // What the next change overtook in one partition would be in force nowhere.
        flow.go_on_until("a window of the new definitions", || in_force() > before);
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

/// Where a daemon dies while it applies what a SIGHUP asked for, from its first step to its last, and whether it has
/// applied it then: at one place that is open.
const HUNG_UP: [(&str, Option<bool>); 4] = [
    ("id_taken", Some(false)),
    ("delivered", Some(false)),
    ("end_asked", None),
    ("end_answered", Some(true)),
];
/// A daemon that has committed nothing for so long has nothing to commit.
const QUIET: Duration = Duration::from_millis(1_000);
/// So often it is looked whether it has nothing to commit, or has died.
const LOOKS: usize = 60;

/// A daemon that has read everything and has nothing more to commit, and is to die at the n-th pass of a point; nothing
/// if it has died on its way.
fn at_rest(config: &Path, partitions: usize, point: &str, n: usize) -> Option<Daemon> {
    let mut daemon = Daemon::spawn(config, &[("RAPPORT_CRASH_AT", &format!("{point}:{n}"))]);
    let mut before = None;
    for _ in 0..LOOKS {
        if !daemon.listen(Duration::ZERO) {
            assert!(daemon.has_said(&format!("died at {point}")), "{}", daemon.said());
            return None;
        }
        let now = has_read(&daemon, partitions).then(|| commits(&daemon));
        if now.is_some() && now == before {
            return Some(daemon);
        }
        before = now;
        wait(QUIET);
    }
    panic!("it does not come to rest: {}", daemon.said());
}

/// Between the crashes the history goes on; whoever starts next finds the change applied, or applies it.
#[test]
fn a_daemon_that_dies_in_its_own_hangup_has_applied_all_or_nothing() {
    let test = "a_daemon_that_dies_in_its_own_hangup_has_applied_all_or_nothing";
    let Some(broker) = shared_broker(test) else { return };
    let records = quarter::unruly_records(17);
    let mut installation = installed(broker, "hangup", short());
    let all = inputs(&installation).len();
    let mut flow = Flow::begin(&mut installation, &records, 500);
    let count = |installation: &Installation| installation.read("rapport.definitions").len();
    for (change, (point, applied)) in HUNG_UP.into_iter().enumerate() {
        flow.go_on(60);
        settle(&installation);
        let before = count(&installation);
        let config = installation.another(LAST, "");
        // What it passes by itself comes first.
        let at_rest = (1..50).find_map(|n| at_rest(&config, all, point, n));
        let mut daemon = at_rest.expect("it comes to rest");
        let config = installation.another(LAST, &otherwise(change + 1));
        daemon.hang_up();
        // Nothing is sent meanwhile, or it would die in a transaction of its own.
        let is_dead = (0..LOOKS).any(|_| !daemon.listen(QUIET));
        assert!(is_dead, "{point}: {}", daemon.said());
        for said in ["SIGHUP: applying".to_owned(), format!("died at {point}")] {
            assert!(daemon.has_said(&said), "{point}: {}", daemon.said());
        }
        let mut next = Daemon::start(&config);
        next.hang_up();
        let was_applied = next.until("an answer to the hangup", |next| {
            let heard = ["applied definitions no.", "nothing to apply: the newest definitions, no."];
            heard.iter().position(|heard| next.has_said(heard)).map(|heard| heard == 1)
        });
        assert!(applied.is_none_or(|applied| applied == was_applied), "{point}: applied: {was_applied}");
        // It is committed, and may be seen a moment later.
        flow.go_on_until("the definitions", || count(&installation) > before);
        assert_eq!(count(&installation), before + 1, "{point}");
        next.stop(if change % 2 == 0 { Stop::Kill } else { Stop::Terminate });
    }
    flow.end();
    let evidence = Evidence::gather(broker, &installation);
    let expected = Expected::of(&evidence);
    assert_eq!(faults(&evidence, &expected), [] as [String; 0]);
    assert_eq!(expected.switches(), HUNG_UP.len() + 1);
    let alerts = alerts(&evidence);
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}
