//! The program dies at each of its named points: the first time that it passes there, the second, and some time
//! later. What is left is started again.

use rand::RngExt as _;
use rapport::log::crash_points::CrashPoint;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, dice, runs, start};
use super::verifier::verify;
use super::{installed, shared_broker, short};
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::quarter;
use crate::support::installed::{Installation, Instance};

/// How often a point is passed at least while the program starts and works; `None` where there is no end.
fn passes(point: CrashPoint) -> Option<u64> {
    match point {
        CrashPoint::IdTaken | CrashPoint::GivenAnswered | CrashPoint::RevokeAnswered => Some(1),
        // A state for each partition of the event log, and one of the deltas.
        CrashPoint::StateHalfRead => Some(5),
        // Beside these, three and two partitions of the sources.
        CrashPoint::PlaceLookedUp | CrashPoint::AssignedAfterRestore => Some(10),
        _ => None,
    }
}

/// Starts an instance that is to die at the n-th pass of a point, and lets the history go on until it does.
fn die(installation: &Installation, flow: &mut Flow<'_>, point: CrashPoint, n: u64) {
    let at = format!("{}:{n}", point.as_str());
    let config = installation.instance(Instance::named(LAST));
    let mut dying = Daemon::spawn(&config, &[("RAPPORT_CRASH_AT", &at)]);
    let other = (point == CrashPoint::RevokeAnswered).then(|| {
        dying.wait_for_address();
        flow.go_on_until("every partition", || {
            !dying.listen(std::time::Duration::ZERO) || runs(&dying) == 10
        });
        // It is given some of the partitions.
        start(installation, Instance::named("rapport-1"))
    });
    flow.go_on_until(&format!("the death at {at}"), || !dying.listen(std::time::Duration::ZERO));
    assert!(dying.has_said(&format!("died at {}", point.as_str())), "{at}: {}", dying.said());
    if let Some(other) = other {
        other.stop(Stop::Kill);
    }
}

#[test]
fn dying_at_any_point_changes_nothing() {
    let test = "dying_at_any_point_changes_nothing";
    let Some(broker) = shared_broker(test) else { return };
    let mut dice = dice(test);
    let records = quarter::unruly_records(11);
    let mut layout = short();
    layout.log.push(("commit_every", "30ms"));
    let mut installation = installed(broker, "points", layout);
    let mut flow = Flow::begin(&mut installation, &records, 3_000);
    for round in 0..3 {
        for point in CrashPoint::ALL {
            let n = match (round, passes(*point)) {
                (0, _) => 1,
                (_, Some(1)) => continue,
                (1, _) => 2,
                (_, most) => dice.random_range(3..=most.unwrap_or(15)),
            };
            die(&installation, &mut flow, *point, n);
        }
    }
    assert!(!flow.is_over(), "the history was over before the last death");
    flow.end();
    let alerts = verify(&Evidence::gather(broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}

/// A misspelt point is to fail a test, not to let it pass in peace.
#[test]
fn a_point_that_is_not_there_is_refused() {
    let Some(broker) = shared_broker("a_point_that_is_not_there_is_refused") else { return };
    let installation = installed(broker, "no-such-point", short());
    for wrong in ["nowhere:1", "places_sent", "places_sent:0", "places_sent:x"] {
        let mut daemon = Daemon::spawn(&installation.config, &[("RAPPORT_CRASH_AT", wrong)]);
        daemon.until("its end", |daemon| daemon.has_said("is no point with a number above 0").then_some(()));
    }
}
