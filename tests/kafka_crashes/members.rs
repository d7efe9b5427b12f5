//! Members that join and leave, of every kind: with a name and without, with one engine thread and with two.

use rand::RngExt as _;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, dice, read_by, settle, start};
use super::verifier::{Expected, verify};
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
    for count in 1..=all.len() {
        let layout = Layout { way: Way::Direct, ..short() };
        let installation = installed(broker, &format!("instances-{count}"), layout);
        installation.send(&records);
        let daemons: Vec<Daemon> =
            all[..count].iter().map(|instance| start(&installation, *instance)).collect();
        let mut daemons = daemons.into_iter();
        let mut first = daemons.next().expect("there is one");
        let others: Vec<Daemon> = daemons.collect();
        first.until("a partition for each", |first| {
            let mut reads = others.iter().map(read_by).chain([read_by(first)]);
            reads.all(|n| n > 0).then_some(())
        });
        for daemon in others.into_iter().chain([first]) {
            daemon.stop(Stop::Terminate);
        }
        settle(&installation);
        let evidence = Evidence::gather(broker, &installation);
        let alerts = verify(&evidence);
        let end = Expected::of(&evidence).time();
        let replayed = quarter::replayed(&records, &installation.config, &installation.folder);
        let expected: Vec<_> =
            replayed.iter().filter(|alert| alert["at"].as_i64().unwrap() <= end.0).collect();
        assert!(expected.len() > 3, "only {} alerts: the history is too dull", expected.len());
        for (i, (alert, expected)) in alerts.iter().zip(&expected).enumerate() {
            let mut found = serde_json::to_value(alert).unwrap();
            found["catching_up"] = false.into();
            assert_eq!(found, **expected, "{count} instances: alert {i}");
        }
        assert_eq!(alerts.len(), expected.len(), "{count} instances");
    }
}
