//! A process that stands still until the group has given it up and another has taken over, and then goes on as if
//! nothing had happened.

use rand::RngExt as _;

use super::evidence::Evidence;
use super::fleet::{Flow, LAST, commits, dice, runs, start};
use super::verifier::verify;
use super::{installed, shared_broker, short};
use crate::support::installed::Instance;
use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::quarter;

/// How many transactional ids of members that were gone an instance has taken.
fn fences_of(daemon: &Daemon) -> f64 {
    Scrape::read(&daemon.metrics().unwrap()).single("rapport_fences_total").unwrap()
}

#[test]
fn a_zombie_commits_nothing_and_becomes_a_good_member() {
    let test = "a_zombie_commits_nothing_and_becomes_a_good_member";
    let Some(broker) = shared_broker(test) else { return };
    let mut dice = dice(test);
    let records = quarter::unruly_records(14);
    let mut layout = short();
    layout.log.push(("commit_every", "200ms"));
    let mut installation = installed(broker, "zombies", layout);
    let mut flow = Flow::begin(&mut installation, &records, 2_500);
    let mut heir = start(&installation, Instance::named(LAST));
    for zombie in [Instance::nameless(), Instance::named("rapport-1"), Instance::nameless().threads(2)] {
        let mut zombie = start(&installation, zombie);
        flow.go_on_until("a part for each", || {
            heir.listen(std::time::Duration::ZERO);
            zombie.listen(std::time::Duration::ZERO);
            let (ours, theirs) = (runs(&heir), runs(&zombie));
            ours > 0 && theirs > 0 && ours + theirs == 10 && commits(&zombie) > 3.0
        });
        flow.go_on(dice.random_range(0..30));
        let fences = fences_of(&heir);
        zombie.signal("-STOP");
        flow.go_on_until("that all is taken over", || {
            heir.listen(std::time::Duration::ZERO);
            runs(&heir) == 10
        });
        let taken = fences_of(&heir) - fences;
        assert!(
            taken >= 1.0,
            "it waited for the zombie's transaction instead of taking its id; {}",
            heir.said()
        );
        let before = commits(&heir);
        flow.go_on_until("commits of the heir", || {
            heir.listen(std::time::Duration::ZERO);
            commits(&heir) > before + 5.0
        });
        zombie.signal("-CONT");
        let before = commits(&zombie);
        flow.go_on_until("that the zombie works again", || {
            assert!(zombie.listen(std::time::Duration::ZERO), "it ended: {}", zombie.said());
            heir.listen(std::time::Duration::ZERO);
            runs(&zombie) > 0 && commits(&zombie) > before + 3.0
        });
        zombie.stop(if dice.random_range(0..2) == 0 { Stop::Terminate } else { Stop::Kill });
    }
    heir.stop(Stop::Terminate);
    flow.end();
    let alerts = verify(&Evidence::gather(broker, &installation));
    assert!(alerts.len() > 3, "only {} alerts: the history is too dull to prove anything", alerts.len());
}
