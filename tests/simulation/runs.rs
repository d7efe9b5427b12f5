//! The runs: thousands of drawn schedules, and every one that once failed.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use super::draw::draw;
use super::ledger::{Failure, Totals};
use super::mutations::{Mutation, SEEDS};
use super::schedule::{Flavour, Group, Schedule};
use super::shrink::shrink;
use super::world::{run, run_broken};

/// So many schedules are run, unless the environment says another number: `RAPPORT_SCHEDULES=100000`. It may
/// also say with which seed to begin: `RAPPORT_SEED=7`.
const SCHEDULES: u64 = 1_000;

/// What comes before the text of a schedule that is to be kept.
const KEPT: &str = "kept in tests/simulation/regressions/ it is run every time:\n";

/// Of so many that fail it is said how.
const SHOWN: usize = 30;

/// How a schedule fails, if it does.
fn failure(schedule: &Schedule) -> Option<Failure> {
    run(schedule).err()
}

/// What to tell of a schedule that fails: the shortest one that fails in the same way, to be kept as a file.
fn report(
    what: &str,
    schedule: &Schedule,
    found: &Failure,
    failure: impl Fn(&Schedule) -> Option<Failure>,
) -> String {
    let mut same = |schedule: &Schedule| failure(schedule).is_some_and(|other| other.kind == found.kind);
    let smallest = shrink(schedule, &mut same);
    let last = failure(&smallest).unwrap_or_else(|| found.clone());
    format!("{what} fails: {}: {}\n{KEPT}{smallest}", last.kind, last.said)
}

/// Runs the schedules of these seeds on every core; gives what happened, and the seeds that failed.
fn run_all(seeds: std::ops::Range<u64>) -> (Totals, Vec<(u64, Failure)>) {
    let next = AtomicU64::new(seeds.start);
    let work = || {
        let (mut totals, mut failures) = (Totals::default(), Vec::new());
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end {
                return (totals, failures);
            }
            match run(&draw(seed)) {
                Ok(outcome) => totals.add_all(&outcome.totals),
                Err(failure) => failures.push((seed, failure)),
            }
        }
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        let (mut totals, mut failures) = (Totals::default(), Vec::new());
        for worker in workers {
            let (more, failed) = worker.join().expect("what panics in a world is caught there");
            totals.add_all(&more);
            failures.extend(failed);
        }
        failures.sort_by_key(|(seed, _)| *seed);
        (totals, failures)
    })
}

/// Every promise holds whatever happens, and enough of it happens.
#[test]
fn a_thousand_schedules_keep_every_promise() {
    let said = |name| std::env::var(name).ok().map(|n| n.parse::<u64>().expect("it says a number"));
    let schedules = said("RAPPORT_SCHEDULES").unwrap_or(SCHEDULES);
    let first = said("RAPPORT_SEED").unwrap_or(0);
    let (totals, failures) = run_all(first..first + schedules);
    if let Some((seed, found)) = failures.first() {
        let in_short = |(seed, found): &(u64, Failure)| {
            let said: String = found.said.lines().next().unwrap_or("").chars().take(90).collect();
            format!("  seed {seed}: {}: {said}", found.kind)
        };
        let all: Vec<String> = failures.iter().take(SHOWN).map(in_short).collect();
        let said = report(&format!("seed {seed}"), &draw(*seed), found, failure);
        panic!("{} of {schedules} schedules fail:\n{}\n{said}", failures.len(), all.join("\n"));
    }
    println!("{schedules} schedules:");
    totals.counts.iter().for_each(|(what, n)| println!("  {n:>9} {what}"));
    totals.peaks.iter().for_each(|(what, n)| println!("  {n:>9} {what} at most"));
    let wanted = [
        ("faults struck", 500),
        ("calls failed: fenced", 300),
        ("calls failed: unstable", 500),
        ("calls failed: unreachable", 1_000),
        ("coordinators moved", 100),
        ("dead owners fenced", 300),
        ("deaths", 400),
        ("zombies", 100),
        ("cuts", 150),
        ("outages", 80),
        ("slow spells", 50),
        ("partitions that waited", 1_000),
        ("restores of state", 4_000),
        ("alerts", 500),
        ("answers that are lost", 90),
        ("answers that come late", 350),
        ("requests that outlive who sent them", 180),
        ("transactions expired", 75),
        ("calls failed: timed_out", 350),
        ("rebalances: lost", 140),
        ("departures", 100),
    ];
    for (what, in_1000) in wanted {
        let (n, least) = (totals.of(what), in_1000 * schedules / 1000);
        assert!(n >= least, "{what}: {n}, at least {least} are wanted: the schedules are too dull");
    }
}

/// What once failed.
#[test]
fn what_once_failed_is_run_again() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/simulation/regressions");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "schedule"));
    files.sort();
    assert!(files.len() > 3, "the schedules that once failed are gone: {files:?}");
    for path in &files {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).unwrap();
        let schedule: Schedule = text.parse().unwrap_or_else(|why| panic!("{name}: {why}"));
        if let Some(found) = failure(&schedule) {
            panic!("{name} fails again: {}: {}", found.kind, found.said);
        }
    }
}

/// I9: where nothing moves between partitions, one, two and three instances come to the same, whoever is next.
#[test]
fn one_two_and_three_instances_agree() {
    let mut compared = 0;
    for seed in 0..300 {
        let mut schedule = draw(seed);
        let company = &mut schedule.company;
        if company.has_wall || company.has_intakes {
            continue;
        }
        company.flavour = Flavour::Still;
        let other = |instances, seed| {
            let group = Group { instances, seed, ..schedule.group.clone() };
            let outcome = run(&Schedule { group, ..schedule.clone() });
            outcome.unwrap_or_else(|f| panic!("seed {seed}: {}: {}", f.kind, f.said)).decided
        };
        let alone = other(1, seed);
        for instances in [2, 3] {
            let difference = alone.difference(&other(instances, seed + 1000));
            assert_eq!(difference, None, "seed {seed}, {instances} instances");
            compared += 1;
        }
    }
    assert!(compared > 200, "only {compared} runs were compared");
}

/// What is printed of a run that fails is a short text, and who keeps it as a file sees the same failure again.
#[test]
fn what_is_told_of_a_failing_run_is_short_and_fails_again() {
    for (mutation, actions_max) in
        [(Mutation::RecordLost, 1), (Mutation::GenerationsIgnored, 4), (Mutation::SeekDropped, 3)]
    {
        let broken = |schedule: &Schedule| run_broken(schedule, Some(mutation)).err();
        let failing = (0..SEEDS).map(draw).find_map(|schedule| {
            let found = broken(&schedule)?;
            (schedule.actions.len() > 5).then_some((schedule, found))
        });
        let (schedule, found) = failing.expect("some seed notices it");
        let told = report("a seed", &schedule, &found, broken);
        let (_, text) = told.split_once(KEPT).expect("it says where to keep it");
        let kept: Schedule = text.parse().unwrap_or_else(|why| panic!("{mutation:?}: {why}: {told}"));
        let again = broken(&kept).unwrap_or_else(|| panic!("{mutation:?}: nothing fails: {told}"));
        assert_eq!(again.kind, found.kind, "{mutation:?}");
        let (actions, events) = (kept.actions.len(), kept.company.events);
        println!("{mutation:?}: {} of {} actions, {events} events", actions, schedule.actions.len());
        assert!(actions <= actions_max && events <= 100, "{mutation:?}: {told}");
        assert_eq!(run(&kept).err().map(|f| f.kind), None, "{mutation:?}: it fails without the mutation");
    }
}

/// The same schedule is the same run, to the step.
#[test]
fn a_schedule_is_one_run() {
    for seed in 0..20 {
        let schedule = draw(seed);
        let [one, other] = [(); 2].map(|()| run(&schedule).map(|outcome| (outcome.totals, outcome.decided)));
        assert_eq!(one, other, "seed {seed}");
    }
}

#[test]
fn a_schedule_is_read_back_from_its_text() {
    for seed in 0..500 {
        let schedule = draw(seed);
        assert_eq!(schedule.to_string().parse(), Ok(schedule));
    }
    let text = draw(1).to_string();
    for (wrong, said) in [
        (text.replace("at ", "at noon "), "noon is no number"),
        (text.clone() + "at 3 jump 1\n", "at 3 jump 1: jump is nothing that happens"),
        (text.clone() + "at 3 cut 1 ms\n", "at 3 cut 1 ms: the line ends too early"),
        (text.replace("batch", "batches"), "batches where batch is to be"),
    ] {
        let why = wrong.parse::<Schedule>().unwrap_err();
        assert!(why.contains(said), "{why}");
    }
}
