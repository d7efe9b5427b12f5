//! State that is lost and made anew from the event log: everything goes on as if nothing had been.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};

use rapport::engine::clock::Clock;
use rapport::log::memory::Effect as When;
use rapport::log::{LogError, NewRecord, TopicPartition};
use rapport::model::EventTime;
use rapport::pipeline::rebuild::{Progress, Rebuilt, rebuild};

use super::direct;
use crate::support::random_log::{Spice, announce, history};
use crate::support::rig::{GROUP, Rig};

/// A clock that goes on whenever it is looked at.
#[derive(Default)]
struct Passing(AtomicU64);

impl Clock for Passing {
    fn wall(&self) -> EventTime {
        EventTime(0)
    }

    fn ticks_ms(&self) -> u64 {
        self.0.fetch_add(50, Ordering::Relaxed)
    }

    fn pause_ms(&self, ms: u64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

/// Makes the state anew as a member that is given these partitions; it may die at a step.
fn make_anew(rig: &Rig, given: &[TopicPartition], dies_at: Option<u64>) -> Result<Rebuilt, LogError> {
    let mut member = rig.broker.join(GROUP, "anew", given);
    if let Some(step) = dies_at {
        member.crash_after(step, When::After);
    }
    let mut seen: BTreeMap<TopicPartition, i64> = BTreeMap::new();
    let rebuilt = rebuild(&mut member, &rig.tasks, &Passing::default(), 90_000, &mut |progress| {
        if let Progress::Read(at, next, end) = progress {
            let before = seen.insert(at.clone(), next).unwrap_or(0);
            assert!(before <= next, "{at}: {before}, then {next} of {end}");
        }
    });
    drop(member);
    rig.expel("anew");
    rebuilt
}

/// Deletes every record of state there is.
fn lose_the_state(rig: &Rig) {
    for at in rig.all() {
        if [&rig.topics.journeys_state, &rig.topics.segments_state].contains(&&at.topic) {
            rig.broker.delete_records(at, rig.broker.end(at));
        }
    }
}

/// An installation that has read half of a history, in which definitions may change, and whose segments task may be
/// behind the others.
fn half_way(seed: u64, events: u32, behind: bool, changing: bool) -> Rig {
    let rig = Rig::new(&direct(3));
    let mut half = history(seed, events, 3, Spice::HOT);
    if changing {
        announce(seed, &rig.tasks.terms.definitions, &mut half);
    }
    let (first, second) = half.split_at(half.len() / 2);
    let deltas = TopicPartition::new(&rig.topics.deltas, 0);
    let events: Vec<_> = rig.inputs().into_iter().filter(|at| *at != deltas).collect();
    let mut journeys = rig.join_as("journeys", &events);
    let mut segments = rig.join_as("segments", std::slice::from_ref(&deltas));
    rig.restore(&mut journeys);
    rig.restore(&mut segments);
    for (part, is_judged) in [(first, true), (second, !behind)] {
        for arrivals in part.chunks(5) {
            rig.feed(arrivals);
            rig.settle(&mut journeys);
            if is_judged {
                rig.settle(&mut segments);
            }
        }
    }
    drop((journeys, segments));
    ["journeys", "segments"].iter().for_each(|id| rig.expel(id));
    rig
}

/// The rest of the history, read by one member.
fn go_on(rig: &Rig, seed: u64, events: u32) {
    let mut member = rig.start();
    rig.settle(&mut member);
    for arrivals in history(seed + 1_000, events, 3, Spice::HOT).chunks(5) {
        rig.feed(arrivals);
        rig.settle(&mut member);
    }
}

#[test]
fn state_that_is_lost_is_made_anew_and_everything_goes_on() {
    let mut untold = 0;
    let mut told = 0;
    for seed in 0..6 {
        for (behind, changing) in [(false, false), (true, false), (true, true)] {
            let calm = half_way(seed, 400, behind, changing);
            go_on(&calm, seed, 200);

            let rig = half_way(seed, 400, behind, changing);
            lose_the_state(&rig);
            let before = rig.alerts().len();
            let rebuilt = make_anew(&rig, &rig.inputs(), None).unwrap();
            assert_eq!(rebuilt.tasks, 4);
            assert!(rebuilt.records > 400 && rebuilt.rows > 20, "{rebuilt:?}");
            assert_eq!(rig.alerts().len(), before + rebuilt.alerts);
            untold += rebuilt.alerts;
            go_on(&rig, seed, 200);
            assert_eq!(rig.shown(), calm.shown(), "seed {seed}, behind: {behind}, changing: {changing}");
            told += rig.alerts().len();
        }
    }
    assert!(untold > 3 && told > 20, "{untold} alerts had not been told, {told} were in the end");
}

/// It dies at any of its steps, is begun again, and nothing is otherwise.
#[test]
fn making_it_anew_may_be_interrupted_anywhere() {
    let calm = half_way(3, 60, true, true);
    go_on(&calm, 3, 30);
    let mut deaths = 0;
    for step in 1.. {
        let rig = half_way(3, 60, true, true);
        lose_the_state(&rig);
        if make_anew(&rig, &rig.inputs(), Some(step)).is_ok() {
            break;
        }
        deaths += 1;
        make_anew(&rig, &rig.inputs(), None).unwrap();
        go_on(&rig, 3, 30);
        assert_eq!(rig.shown(), calm.shown(), "it died at step {step}");
    }
    assert!(deaths > 30, "it has only {deaths} steps");
}

/// Somebody has died with a transaction open, and what it has written lies before the end of the deltas: it is ended,
/// and nothing that came behind it is read twice.
#[test]
fn what_the_dead_have_left_open_is_ended_first() {
    let run = |dies: bool| {
        let rig = Rig::new(&direct(3));
        let deltas = TopicPartition::new(&rig.topics.deltas, 0);
        let events: Vec<_> = rig.inputs().into_iter().filter(|at| *at != deltas).collect();
        let all = history(2, 300, 3, Spice::HOT);
        let mut segments = rig.join_as("segments", std::slice::from_ref(&deltas));
        let mut dying = rig.join_as("dying", &events);
        rig.restore(&mut dying);
        rig.restore(&mut segments);
        for arrivals in all[..150].chunks(5) {
            rig.feed(arrivals);
            rig.settle(&mut dying);
            rig.settle(&mut segments);
        }
        drop(segments);
        rig.expel("segments");
        rig.feed(&all[150..]);
        if dies {
            while !dying.is_dead() {
                dying.crash_at("send the places", When::Before);
                rig.pause_ms(100);
                rig.turns(&mut dying, 1);
            }
            assert!(rig.broker.stable_end(&deltas) < rig.broker.end(&deltas), "nothing was left open");
        }
        drop(dying);
        rig.expel("dying");
        // Another one goes on behind it.
        let mut heir = rig.join_as("heir", &events[1..]);
        rig.turns(&mut heir, 2);
        rig.leave(heir);
        rig.expel("heir");
        if dies {
            lose_the_state(&rig);
            make_anew(&rig, &rig.inputs(), None).unwrap();
            assert_eq!(rig.broker.stable_end(&deltas), rig.broker.end(&deltas));
        }
        go_on(&rig, 2, 100);
        (rig.alerts(), rig.windows())
    };
    assert_eq!(run(true), run(false));
}

/// State that is whole is made anew as it was.
#[test]
fn what_is_not_lost_stays_as_it_was() {
    let rig = half_way(5, 100, false, true);
    let before = rig.shown();
    rig.expel_the_only_one();
    assert_eq!(make_anew(&rig, &rig.inputs(), None).unwrap().alerts, 0);
    assert_eq!(rig.shown(), before);
}

/// A delta that nobody can read any more stops the daemon each time, until the state is made anew without it.
#[test]
fn a_damaged_delta_is_done_without() {
    let calm = half_way(2, 200, false, false);
    go_on(&calm, 2, 100);
    let rig = half_way(2, 200, true, false);
    let to = TopicPartition::new(&rig.topics.deltas, 0);
    let (key, value, headers) = (None, Some(vec![2, 0]), rapport::codec::delta_headers());
    rig.broker.append(NewRecord { to, key, value, headers, timestamp: None });
    for _ in 0..2 {
        let said = rig.start_in_vain().to_string();
        assert!(said.contains("a damaged delta record") && said.contains("rapport state rebuild"), "{said}");
    }
    rig.expel_the_only_one();
    make_anew(&rig, &rig.inputs(), None).unwrap();
    go_on(&rig, 2, 100);
    assert_eq!(rig.shown(), calm.shown());
}

#[test]
fn while_another_member_lives_nothing_is_made_anew() {
    let rig = half_way(1, 60, false, false);
    let (held, given) =
        rig.inputs().split_first().map(|(held, given)| (held.clone(), given.to_vec())).unwrap();
    let error = make_anew(&rig, &given, None).unwrap_err().to_string();
    let expected =
        format!("make the state anew: {held} is read by another instance: stop every instance of the group");
    assert!(error.starts_with(&expected), "{error}");
}

#[test]
fn without_the_whole_event_log_nothing_is_made_anew() {
    let rig = half_way(1, 60, false, false);
    let at = TopicPartition::new(&rig.topics.events, 1);
    rig.broker.delete_records(&at, 3);
    let before: Vec<i64> = rig.all().iter().map(|at| rig.broker.end(at)).collect();
    let error = make_anew(&rig, &rig.inputs(), None).unwrap_err().to_string();
    assert!(
        error.contains("crm.events[1] begins at offset 3 only: the state that came of what lay before"),
        "{error}"
    );
    assert!(error.ends_with("or begin anew with another kafka.group_id and kafka.topics.prefix"), "{error}");
    assert_eq!(rig.all().iter().map(|at| rig.broker.end(at)).collect::<Vec<_>>(), before);
}
