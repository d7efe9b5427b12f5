//! The broker is killed and comes back, alone and together with the program.

use rand::RngExt as _;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, dice, start};
use super::verifier::verify;
use super::{installed, short};
use crate::support::installed::daemon::Stop;
use crate::support::installed::quarter;
use crate::support::installed::{Instance, Layout};
use crate::support::kafka_broker::KafkaBroker;

#[test]
fn a_broker_that_is_killed_and_comes_back_changes_nothing() {
    let test = "a_broker_that_is_killed_and_comes_back_changes_nothing";
    let broker = match KafkaBroker::start() {
        Ok(broker) => broker,
        Err(skip) => return skip.announce(test),
    };
    let mut dice = dice(test);
    let records = quarter::unruly_records(15);
    // Transactions outlive a restart of the broker, as they do by default.
    let layout = Layout { producer: Vec::new(), ..short() };
    let mut installation = installed(&broker, "broker", layout);
    let mut flow = Flow::begin(&mut installation, &records, 1_200);
    let mut daemon = start(&installation, Instance::named(LAST));
    daemon.until("that it is ready", |daemon| (daemon.get("/readyz")?.0 == 200).then_some(()));
    for with_the_program in [false, true, false] {
        flow.go_on(dice.random_range(50..150));
        broker.kill();
        // What is sent meanwhile waits in the producer.
        flow.go_on(dice.random_range(0..20));
        if with_the_program {
            daemon.stop(Stop::Kill);
            broker.start_again();
            daemon = start(&installation, Instance::named(LAST));
        } else {
            broker.start_again();
        }
        flow.go_on_until("that it works again", || {
            assert!(daemon.listen(std::time::Duration::ZERO), "it ended: {}", daemon.said());
            daemon.get("/readyz").is_some_and(|(status, _)| status == 200)
        });
    }
    daemon.stop(Stop::Terminate);
    flow.end();
    let alerts = verify(&Evidence::gather(&broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}
