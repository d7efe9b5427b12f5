//! Members that join and leave, of every kind: with a name and without, with one engine thread and with two.

use rand::RngExt as _;
use rapport::model::alert::Alert;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, dice, lags, start};
use super::verifier::{Expected, alerts, faults, verify};
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::quarter;
use crate::support::installed::{Instance, Layout, Way};

/// How often somebody comes or goes.
const STEPS: usize = 16;

#[test]
fn members_that_come_and_go_change_nothing() {
    let test = "members_that_come_and_go_change_nothing";
    let Some(broker) = shared_broker(test) else { return };
    let mut dice = dice(test);
    let records = quarter::unruly_records(13);
    let mut installation = installed(broker, "members", short());
    let mut flow = Flow::begin(&mut installation, &records, STEPS * 70);
    let kinds = [
        Instance::named(LAST),
        Instance::nameless().threads(2),
        Instance::named("rapport-2").threads(2),
        Instance::nameless(),
    ];
    let mut running: Vec<Option<Daemon>> = kinds.iter().map(|_| None).collect();
    for step in 0..STEPS {
        let count = running.iter().flatten().count();
        let who = loop {
            let who = dice.random_range(0..kinds.len());
            // At least one works, and at most three.
            let may = if running[who].is_some() { count > 1 } else { count < 3 };
            if may || step == 0 {
                break who;
            }
        };
        match running[who].take() {
            None => running[who] = Some(Daemon::spawn(&installation.instance(kinds[who]), &[])),
            Some(daemon) if dice.random_range(0..3) == 0 => {
                daemon.stop(Stop::Terminate);
            }
            Some(daemon) => {
                daemon.stop(Stop::Kill);
            }
        }
        flow.go_on(dice.random_range(10..130));
    }
    for daemon in running.into_iter().flatten() {
        daemon.stop(Stop::Terminate);
    }
    flow.end();
    let alerts = verify(&Evidence::gather(broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}

/// The same log read by one, two and three instances, the second of them with two threads and the third without
/// a name: the alerts are the same, and those of a replay of the same events from a file.
#[test]
fn one_two_and_three_instances_give_the_alerts_of_a_replay() {
    let test = "one_two_and_three_instances_give_the_alerts_of_a_replay";
    let Some(broker) = shared_broker(test) else { return };
    let records = quarter::records();
    let all = [Instance::named(LAST), Instance::named("rapport-1").threads(2), Instance::nameless()];
    let mut replayed = Vec::new();
    for count in 1..=all.len() {
        let layout = Layout { way: Way::Direct, ..short() };
        let installation = installed(broker, &format!("instances-{count}"), layout);
        installation.send(&records);
        let mut daemons: Vec<Daemon> =
            all[..count].iter().map(|instance| start(&installation, *instance)).collect();
        let (first, others) = daemons.split_first_mut().expect("there is one");
        first.until("a part for each and the end of the log", |first| {
            let lags: Vec<Vec<f64>> = others.iter().chain([first]).map(lags).collect();
            let is_read = lags.concat().len() == 5 && lags.concat().iter().all(|lag| *lag == 0.0);
            (is_read && lags.iter().all(|lags| !lags.is_empty())).then_some(())
        });
        for daemon in daemons {
            daemon.stop(Stop::Terminate);
        }
        let evidence = Evidence::gather(broker, &installation);
        let expected = Expected::of(&evidence);
        assert_eq!(faults(&evidence, &expected), [] as [String; 0], "{count} instances");
        if replayed.is_empty() {
            replayed = quarter::replayed(&records, &installation);
            replayed.retain(|alert| alert["at"].as_i64().unwrap() <= expected.time().0);
            assert!(replayed.len() > 3, "only {} alerts: the history is too dull", replayed.len());
        }
        let found: Vec<_> = alerts(&evidence)
            .into_iter()
            .map(|alert| serde_json::to_value(Alert { catching_up: false, ..alert }).unwrap())
            .collect();
        assert_eq!(found, replayed, "{count} instances");
    }
}
