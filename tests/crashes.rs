//! Whatever dies, is told nothing, comes or goes: what is committed in the end is what one undisturbed
//! member commits. The engine with all its tasks, over the log in this process.

use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rapport::funnel::terms::Terms;
use rapport::log::Road;
use rapport::log::memory::{Effect as When, Fault};
use rapport::model::alert::{Alert, AlertState};
use rapport::model::definitions::SourceDefinition;
use rapport::oracle;
use rapport::pipeline::breaker::BreakerSettings;

use crate::support::definitions;
use crate::support::demanded::{bare, demanded, sorted, written};
use crate::support::random_log::{Arrival, Spice, announce, history, history_of};
use crate::support::rig::{Rig, Shown, Weather};

/// Terms for an event log of so many partitions, read directly.
fn direct(partitions: u32) -> Arc<Terms> {
    let mut definitions = definitions::plain();
    definitions.event_partitions = partitions;
    Arc::new(Terms::new(definitions, 1).expect("the plain definitions are right"))
}

/// Terms with a source of leads and a source of deals, with keys and partitions of their own.
fn with_intakes(partitions: u32) -> Arc<Terms> {
    let mut definitions = definitions::plain();
    definitions.event_partitions = partitions;
    let source = |name: &str, partitions| SourceDefinition { name: name.into(), partitions };
    definitions.sources = vec![source("crm.leads", 3), source("crm.deals", 2)];
    Arc::new(Terms::new(definitions, 1).expect("the plain definitions are right"))
}

/// One to three members that are struck a dozen times, and swap partitions in every other storm.
fn storm(seed: u64) -> Weather {
    Weather {
        seed,
        members: 1 + (seed % 3) as usize,
        batch_max: 1 + (seed as usize * 7) % 60,
        faults: 12,
        moves: 4 * (seed % 2) as u32,
        marker_delay: seed % 9,
    }
}

fn shown(terms: &Arc<Terms>, history: &[Arrival], weather: Weather) -> (Shown, u32) {
    let mut rig = Rig::new(terms);
    rig.feed(history);
    rig.run(weather);
    (rig.shown(), rig.restarts)
}

fn assert_same_decisions(what: &str, calm: &Shown, stormy: &Shown) {
    assert_eq!(calm.alerts, stormy.alerts, "{what}: alerts");
    assert_eq!(calm.windows, stormy.windows, "{what}: windows");
    assert_eq!(calm.dead_letters, stormy.dead_letters, "{what}: dead letters");
}

fn assert_same(what: &str, calm: &Shown, stormy: &Shown) {
    assert_same_decisions(what, calm, stormy);
    assert_eq!(calm.restored, stormy.restored, "{what}: state");
}

/// Each seed's history in calm and in a storm, held against each other; at least so many restarts and alerts.
fn weather_changes_nothing(
    seeds: std::ops::Range<u64>,
    least: (u32, usize),
    given: impl Fn(u64) -> (Arc<Terms>, Vec<Arrival>),
    hold_same: fn(&str, &Shown, &Shown),
) {
    let (mut restarts, mut alerts) = (0, 0);
    for seed in seeds {
        let (terms, history) = given(seed);
        let (calm, _) = shown(&terms, &history, Weather::CALM);
        let (stormy, restarted) = shown(&terms, &history, storm(seed));
        hold_same(&format!("seed {seed}"), &calm, &stormy);
        restarts += restarted;
        alerts += calm.alerts.len();
    }
    assert!(restarts > least.0, "only {restarts} restarts: the weather is too fine to prove anything");
    assert!(alerts > least.1, "only {alerts} alerts: the histories are too dull to prove anything");
}

#[test]
fn crashes_and_members_that_come_and_go_change_nothing() {
    let spice = Spice { moves: 0, misrouted: 0, ..Spice::HOT };
    let given = |seed| {
        let terms = direct(1 + (seed % 4) as u32);
        let history = history(seed, 200, terms.ids.partitions(), spice);
        (terms, history)
    };
    weather_changes_nothing(0..40, (200, 20), given, assert_same);
}

/// The same by way of the intakes, whose records meet in the event log in an order that no two runs share:
/// what is decided is the same, while the state also counts how often progress was told.
#[test]
fn crashes_change_nothing_where_sources_have_intakes() {
    let spice = Spice { moves: 0, late: 0, conflicts: 0, erasures: 0, misrouted: 0, ..Spice::HOT };
    let given = |seed| {
        let terms = with_intakes(1 + (seed % 3) as u32);
        let history = history(seed, 150, terms.ids.partitions(), spice);
        (terms, history)
    };
    weather_changes_nothing(100..125, (120, 10), given, assert_same_decisions);
}

/// The same while other definitions are announced: whoever dies in the middle of a switch goes on from there.
#[test]
fn crashes_change_nothing_while_definitions_change() {
    let spice = Spice { moves: 0, misrouted: 0, ..Spice::HOT };
    let given = |seed| {
        let terms = direct(1 + (seed % 4) as u32);
        let mut history = history(seed, 200, terms.ids.partitions(), spice);
        announce(seed, &terms.definitions, &mut history);
        (terms, history)
    };
    weather_changes_nothing(300..340, (200, 20), given, assert_same);
}

/// I1: leads that merge and deals that are linked anew send facts from partition to partition, and no two
/// runs write them in the same order. What is committed is what follows from the event log as it came to
/// be: exactly the records that it demands, and the alerts of the oracle.
#[test]
fn under_crashes_the_alerts_are_those_of_the_oracle() {
    let given = |seed| {
        let spice = Spice { circles: seed % 2 == 0, ..Spice::HOT };
        let partitions = 2 + (seed % 3) as u32;
        let terms = if seed % 4 == 3 { with_intakes(partitions) } else { direct(partitions) };
        (terms, history(seed, 150, partitions, spice))
    };
    let (alerts, moved) = strike_and_ask_the_oracle(200..260, 300, given);
    assert!(alerts.len() > 30, "only {} alerts: the histories are too dull to prove anything", alerts.len());
    assert!(moved > 1000, "only {moved} records on the move: the histories are too dull to prove anything");
}

/// The same with a rule that remembers what it learned, since when it fires and from when it is to watch again.
#[test]
fn under_crashes_divergence_is_that_of_the_oracle() {
    let given = |seed: u64| {
        let partitions = 1 + (seed % 3) as u32;
        let mut definitions = definitions::plain();
        definitions.event_partitions = partitions;
        definitions::quicken_divergence(&mut definitions, seed.is_multiple_of(2));
        let terms = Arc::new(Terms::new(definitions, 1).expect("the definitions are right"));
        let spice = Spice { moves: 1, deletions: 0, erasures: 0, garbage: 0, circles: false, ..Spice::HOT };
        let history = history_of(ChaCha8Rng::seed_from_u64(seed), 400, partitions, spice, 45, 120);
        (terms, history)
    };
    let (alerts, _) = strike_and_ask_the_oracle(0..24, 60, given);
    let of = |state| alerts.iter().filter(|a| a.rule == "divergence" && a.state == state).count();
    let (firing, resolved) = (of(AlertState::Firing), of(AlertState::Resolved));
    assert!(firing > 10 && resolved > 5, "{firing} firing, {resolved} resolved: too dull to prove anything");
}

/// Storms over each seed's history: what is in the log is what the oracle demands. Gives the alerts, and how
/// many records were on the move.
fn strike_and_ask_the_oracle(
    seeds: std::ops::Range<u64>,
    least_restarts: u32,
    given: impl Fn(u64) -> (Arc<Terms>, Vec<Arrival>),
) -> (Vec<Alert>, usize) {
    let (mut restarts, mut alerts, mut moved) = (0, Vec::new(), 0);
    for seed in seeds {
        let (terms, history) = given(seed);
        let mut rig = Rig::new(&terms);
        rig.feed(&history);
        rig.run(storm(seed));
        let log = rig.event_log();
        let answer = oracle::answer(&terms.definitions, &log);
        let demanded = sorted(demanded(&answer));
        assert_eq!(demanded, sorted(written(&log)), "seed {seed}: records in the event log");
        let committed: Vec<Alert> = rig.shown().alerts.into_iter().map(|(_, alert)| bare(alert)).collect();
        assert_eq!(answer.alerts, committed, "seed {seed}: alerts");
        restarts += rig.restarts;
        alerts.extend(committed);
        moved += demanded.len();
    }
    let few = format!("only {restarts} restarts: the weather is too fine to prove anything");
    assert!(restarts > least_restarts, "{few}");
    (alerts, moved)
}

/// A small run is struck at every one of its steps, before and after it takes effect, once by death and
/// once by a failure that says to begin anew or to try again.
#[test]
fn a_fault_at_any_step_changes_nothing() {
    let spice = Spice { moves: 0, misrouted: 0, garbage: 20, ..Spice::HOT };
    let terms = direct(2);
    let history = history(7, 10, 2, spice);
    let run = |fault: Option<(u64, When, Fault)>| {
        let mut rig = Rig::new(&terms);
        rig.feed(&history);
        let steps = rig.run_with(Weather { batch_max: 5, ..Weather::CALM }, fault);
        (rig.shown(), steps)
    };
    let (calm, steps) = run(None);
    assert!(steps > 100, "{steps} steps are too few");
    for step in 1..=steps {
        for when in [When::Before, When::After] {
            for fault in [Fault::Crash, Fault::Fail(Road::Rebuild), Fault::Fail(Road::Retry)] {
                let (struck, _) = run(Some((step, when, fault)));
                assert_same(&format!("{fault:?} at step {step}, {when:?} its effect"), &calm, &struck);
            }
        }
    }
}

/// I7: a few poison records pass by; a source that is broken stops the daemon loudly, with every record of
/// it that was read in the dead letters.
#[test]
fn a_source_of_garbage_stops_the_daemon_and_loses_nothing() {
    let terms = direct(1);
    let mut rig = Rig::new(&terms);
    rig.feed(&history(3, 40, 1, Spice { garbage: 100, ..Spice::HOT }));
    let breaker = BreakerSettings { ratio_max: 0.2, window_records: 20, in_a_row_max: 1000 };
    let said = rig.run_until_it_stops(breaker);
    assert!(said.starts_with("stopped at crm.events[0], offset 19: "), "{said}");
    assert!(said.contains("of the last 20 records are dead letters, more than the 20 % allowed"), "{said}");
    let bad: usize = rig.shown().dead_letters.values().sum();
    assert!(said.contains(&format!(": {bad} of the last")), "{said}: {bad} in the topic");
}
