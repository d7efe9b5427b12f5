//! The state of tasks in its topics: it is trimmed, it is read back, and what cannot be read back is refused with
//! what to do.

mod erasure;
mod rebuild;
mod upgrade;

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rapport::funnel::terms::Terms;
use rapport::log::memory::{Effect as When, Interleaving};
use rapport::log::{NewRecord, TopicPartition};
use rapport::model::definitions::SourceDefinition;
use rapport::model::outcome::Outcome;
use rapport::model::{DAY_MS, Minute};

use crate::support::definitions;
use crate::support::random_log::{Arrival, Spice, history, history_of};
use crate::support::rig::{Rig, Running};

fn direct(partitions: u32) -> Arc<Terms> {
    let mut definitions = definitions::plain();
    definitions.event_partitions = partitions;
    Arc::new(Terms::new(definitions, 1).expect("the plain definitions are right"))
}

fn plain_history(seed: u64, events: u32, partitions: u32) -> Vec<Arrival> {
    history(seed, events, partitions, Spice { moves: 0, misrouted: 0, garbage: 0, ..Spice::HOT })
}

/// An installation that has read a history, record by record, and the member that runs it.
fn grown(partitions: u32, events: u32) -> (Rig, Running) {
    let rig = Rig::new(&direct(partitions));
    let mut member = rig.start();
    for arrivals in plain_history(11, events, partitions).chunks(3) {
        rig.feed(arrivals);
        rig.settle(&mut member);
    }
    (rig, member)
}

fn state_of(rig: &Rig, partition: u32) -> TopicPartition {
    TopicPartition::new(&rig.topics.journeys_state, partition)
}

/// What a member says that cannot start.
fn refused(rig: &Rig) -> String {
    rig.start_in_vain().to_string()
}

const WAY_OUT: &str = "make the state anew from the event log with `rapport state rebuild`, restore the topic from a \
                       backup, or begin anew with another kafka.group_id and kafka.topics.prefix";

/// Old blocks and deltas are forgotten while the tasks run, and what is left is the whole state.
#[test]
fn old_state_is_forgotten_and_the_rest_is_whole() {
    let (rig, member) = grown(2, 300);
    let before: Vec<_> = (0..2).map(|partition| member.journeys(partition)).collect();
    let segments = member.segments();
    for topic in [&rig.topics.journeys_state, &rig.topics.segments_state, &rig.topics.deltas] {
        let at = TopicPartition::new(topic, 0);
        let (first, end) = (rig.broker.start(&at), rig.broker.end(&at));
        assert!(first > 100, "{at} begins at {first} of {end}");
    }
    let deltas = TopicPartition::new(&rig.topics.deltas, 0);
    assert!(rig.broker.start(&deltas) <= member.next_offset(&deltas));
    let again = rig.start();
    assert_eq!((0..2).map(|partition| again.journeys(partition)).collect::<Vec<_>>(), before);
    assert_eq!(again.segments(), segments);
}

/// A member that took its place long ago and was not heard of meanwhile: what it wants to read is gone, and the
/// place that was committed since tells it where to go on.
#[test]
fn who_wants_to_read_what_was_forgotten_goes_on_from_the_committed_place() {
    let rig = Rig::new(&direct(1));
    let mut sleeper = rig.start();
    rig.feed(&plain_history(3, 20, 1));
    rig.settle(&mut sleeper);
    let deltas = TopicPartition::new(&rig.topics.deltas, 0);
    rig.broker.delete_records(&deltas, sleeper.next_offset(&deltas));
    sleeper.seek_back(&deltas, 0);
    rig.feed(&plain_history(4, 20, 1));
    rig.settle(&mut sleeper);
    assert_eq!(sleeper.rebuilt(), 1);
    assert_eq!(rig.start().segments(), sleeper.segments());
}

#[test]
fn a_state_whose_beginning_is_gone_is_refused() {
    let (rig, member) = grown(1, 60);
    drop(member);
    let state = state_of(&rig, 0);
    rig.broker.delete_records(&state, rig.broker.end(&state) - 2);
    let said = refused(&rig);
    assert!(said.starts_with("read rapport.journeys-state[0]: offset "), "{said}");
    assert!(said.contains(" is not there: the log reaches from ") && said.ends_with(WAY_OUT), "{said}");
}

#[test]
fn a_state_without_its_last_block_is_refused_once_waiting_is_in_vain() {
    let (mut rig, member) = grown(1, 60);
    drop(member);
    let events = TopicPartition::new(&rig.topics.events, 0);
    rig.broker.edit_place("rapport", &events, |text| text.replace("\"seq\":", "\"seq\":9"));
    rig.settings.restore_patience_ms = 1_000;
    let said = refused(&rig);
    assert!(said.starts_with("state of crm.events[0]: block 9"), "{said}");
    assert!(
        said.contains("is committed but the state ends with block ") && said.ends_with(WAY_OUT),
        "{said}"
    );
}

#[test]
fn a_state_that_lacks_a_block_in_its_middle_is_refused() {
    let (rig, member) = grown(1, 60);
    drop(member);
    let state = state_of(&rig, 0);
    let blocks = rig.broker.read_committed(&state);
    let last = blocks.last().expect("there is state").clone();
    // The last block once more, with the number of the one after the next. It begins with its number.
    let mut value = last.value.expect("a block is no tombstone");
    assert!(value[0] < 120, "its number takes one byte");
    value[0] += 2;
    let (seq, offset) = (value[0], rig.broker.end(&state));
    let value = Some(value);
    rig.broker.append(NewRecord { to: state, key: None, value, headers: last.headers, timestamp: None });
    let said = refused(&rig);
    let words = format!("offset {offset}: block {seq} part 0 does not follow block {} part 0", seq - 2);
    assert!(said.contains(&words) && said.ends_with(WAY_OUT), "{said}");
}

#[test]
fn a_state_of_a_newer_format_is_refused() {
    let (rig, member) = grown(1, 30);
    drop(member);
    rig.broker.forget_places("rapport");
    rig.broker.append(NewRecord {
        to: state_of(&rig, 0),
        key: None,
        value: Some(vec![1, 2, 3]),
        headers: vec![("rapport-state".to_owned(), vec![9])],
        timestamp: None,
    });
    let said = refused(&rig);
    assert!(said.starts_with("state in rapport.journeys-state[0]: offset "), "{said}");
    let words = "it was written in format [9], this version of rapport reads formats 1 to ";
    assert!(said.contains(words), "{said}");
}

/// What another program writes into a topic of state is passed over, and counted: no block is missing, and so
/// nothing is.
#[test]
fn what_rapport_did_not_write_is_passed_over_in_the_state() {
    for places in ["kept", "gone"] {
        let rig = Rig::new(&direct(1));
        let mut member = rig.start();
        for (i, arrivals) in plain_history(11, 60, 1).chunks(3).enumerate() {
            rig.feed(arrivals);
            rig.settle(&mut member);
            for to in [state_of(&rig, 0), TopicPartition::new(&rig.topics.segments_state, 0)] {
                let value =
                    [None, Some(Vec::new()), Some(vec![1, 2, 3]), Some(b"{}".to_vec())][i % 4].clone();
                rig.broker.append(NewRecord { to, key: None, value, headers: Vec::new(), timestamp: None });
            }
        }
        let before = (member.journeys(0), member.segments());
        assert_eq!(member.foreign_state(), 0, "it was restored from nothing");
        drop(member);
        if places == "gone" {
            rig.broker.forget_places("rapport");
        }
        let mut again = rig.start();
        assert_eq!((again.journeys(0), again.segments()), before, "places {places}");
        assert!(again.foreign_state() > 4, "only {} were met", again.foreign_state());
        let undisturbed = grown(1, 60);
        assert_eq!(again.journeys(0).tally, undisturbed.1.journeys(0).tally);
        rig.settle(&mut again);
        assert_eq!(rig.windows(), undisturbed.0.windows());
    }
}

/// After `offsets.retention.minutes` without a member a broker forgets a group's places; the state knows them.
#[test]
fn a_group_whose_places_are_gone_goes_on_from_its_state() {
    let (rig, mut member) = grown(2, 100);
    rig.settle(&mut member);
    let before = (member.journeys(0), member.journeys(1), member.segments());
    let next = member.next_offset(&TopicPartition::new(&rig.topics.events, 1));
    drop(member);
    rig.broker.forget_places("rapport");
    let again = rig.start();
    assert_eq!((again.journeys(0), again.journeys(1), again.segments()), before);
    assert_eq!(again.next_offset(&TopicPartition::new(&rig.topics.events, 1)), next);
}

/// An intake has no state: it reads its source again from the beginning, and what is known already counts once.
#[test]
fn a_group_whose_places_are_gone_reads_its_sources_again_and_counts_nothing_twice() {
    let mut definitions = definitions::plain();
    definitions.sources = vec![SourceDefinition { name: "crm.leads".into(), partitions: 2 }];
    let rig = Rig::new(&Arc::new(Terms::new(definitions, 1).unwrap()));
    let mut member = rig.start();
    let history = plain_history(11, 200, 1);
    for arrivals in history.chunks(5) {
        rig.feed(arrivals);
        rig.settle(&mut member);
    }
    let shown = || (rig.alerts(), rig.windows());
    let (before, counted) = (shown(), member.journeys(0).tally);
    drop(member);
    rig.broker.forget_places("rapport");
    let mut again = rig.start();
    rig.settle(&mut again);
    assert_eq!(shown(), before);
    let now = again.journeys(0).tally;
    assert_eq!(now.of(Outcome::Applied), counted.of(Outcome::Applied));
    assert_eq!(now.total(), 2 * counted.total());
}

#[test]
fn a_group_whose_places_are_gone_and_whose_state_lacks_its_beginning_is_refused() {
    let (rig, member) = grown(1, 100);
    drop(member);
    rig.broker.forget_places("rapport");
    let state = state_of(&rig, 0);
    rig.broker.delete_records(&state, rig.broker.end(&state) - 2);
    let said = refused(&rig);
    assert!(said.starts_with("state of crm.events[0]: no place is committed for the group"), "{said}");
    assert!(
        said.contains("the start of it was deleted; restore the topics of the state from a backup"),
        "{said}"
    );
}

#[test]
fn events_that_were_deleted_before_they_were_read_are_missed_loudly() {
    let (rig, member) = grown(1, 40);
    drop(member);
    rig.feed(&plain_history(5, 40, 1));
    let events = TopicPartition::new(&rig.topics.events, 0);
    rig.broker.delete_records(&events, rig.broker.end(&events) - 10);
    let said = refused(&rig);
    assert!(said.starts_with("go on in crm.events[0]: offset "), "{said}");
    assert!(said.contains("was deleted before it was read; raise the topic's retention"), "{said}");
}

/// Who restores a state that does not come in one piece says how far it has come, further each time.
#[test]
fn a_restore_says_how_far_it_has_come() {
    let (rig, member) = grown(1, 300);
    rig.broker.set_piece(1);
    let figures = member.journeys(0);
    drop(member);
    let member = rig.start();
    assert_eq!(member.journeys(0), figures);
    let told = member.restoring(&TopicPartition::new(&rig.topics.events, 0));
    assert!(told.len() > 1, "{told:?}");
    assert!(told.iter().all(|(read, all)| read < all && *all == told[0].1), "{told:?}");
    assert!(told.is_sorted_by(|(before, _), (after, _)| before < after), "{told:?}");
}

#[test]
fn a_place_of_another_program_is_refused() {
    let (rig, member) = grown(1, 20);
    drop(member);
    let events = TopicPartition::new(&rig.topics.events, 0);
    rig.broker.edit_place("rapport", &events, |_| "checkpoint 7".to_owned());
    let said = refused(&rig);
    assert!(said.starts_with("the place committed for crm.events[0]: "), "{said}");
    assert!(said.contains("the group id is used by another program"), "{said}");
}

/// A member dies in the middle of a transaction, before its places are sent or after, and does not come back: whoever
/// takes its partitions over ends its transaction, instead of waiting until the broker does.
#[test]
fn who_takes_over_ends_what_a_dead_member_holds() {
    let undisturbed = {
        let rig = Rig::new(&direct(2));
        let mut member = rig.start();
        rig.feed(&plain_history(7, 60, 2));
        rig.settle(&mut member);
        rig.feed(&plain_history(8, 60, 2));
        rig.settle(&mut member);
        ([0, 1].map(|partition| member.journeys(partition).tally), member.segments().aligned)
    };
    for (step, when) in [("produce", When::After), ("end the transaction", When::Before)] {
        let mut rig = Rig::new(&direct(2));
        rig.settings.restore_patience_ms = 5_000;
        let all = rig.inputs();
        let mut first = rig.join_as("first", &all);
        rig.feed(&plain_history(7, 60, 2));
        rig.settle(&mut first);
        rig.feed(&plain_history(8, 60, 2));
        while !first.is_dead() {
            first.crash_at(step, when);
            rig.pause_ms(100);
            rig.turns(&mut first, 1);
        }
        rig.expel("first");
        let open: Vec<_> =
            rig.all().iter().filter(|at| rig.broker.stable_end(at) < rig.broker.end(at)).collect();
        assert!(!open.is_empty(), "{step}: nothing was left open");
        let mut second = rig.join_as("second", &all);
        rig.restore(&mut second);
        rig.settle(&mut second);
        assert_eq!(second.fenced(), ["first"], "{step}");
        assert!(second.settled_after_ms() < 3_000, "{step}: {} ms", second.settled_after_ms());
        let stands = ([0, 1].map(|partition| second.journeys(partition).tally), second.segments().aligned);
        assert_eq!(stands, undisturbed, "{step}");
        // It has said that they are its own: who comes back does not take them for those of the dead one.
        let rebuilt = second.rebuilt();
        second.begin_anew_after(1);
        rig.settle(&mut second);
        assert_eq!((second.rebuilt(), second.fenced().len()), (rebuilt + 1, 1), "{step}");
    }
}

/// Who takes over says so at once, though there is nothing to read: it is not asked for by the dead one's name again.
#[test]
fn who_takes_over_says_so_though_there_is_nothing_to_read() {
    let rig = Rig::new(&direct(1));
    let all = rig.inputs();
    let mut first = rig.join_as("first", &all);
    rig.feed(&plain_history(7, 60, 1));
    rig.settle(&mut first);
    drop(first);
    rig.expel("first");
    let mut second = rig.join_as("second", &all);
    rig.restore(&mut second);
    rig.settle(&mut second);
    let places: BTreeMap<_, _> = rig.broker.committed_history("rapport").into_iter().collect();
    assert_eq!(places.len(), 2);
    for (at, place) in places {
        assert!(place.metadata.contains("\"owner\":\"second\""), "{at}: {}", place.metadata);
    }
}

/// A member that leaves as it should is not taken for dead.
#[test]
fn who_has_said_good_bye_is_not_fenced() {
    let rig = Rig::new(&direct(2));
    let all = rig.inputs();
    let mut first = rig.join_as("first", &all);
    rig.feed(&plain_history(7, 60, 2));
    rig.settle(&mut first);
    rig.leave(first);
    rig.expel("first");
    let mut second = rig.join_as("second", &all);
    rig.restore(&mut second);
    assert_eq!(second.fenced(), [] as [String; 0]);
}

/// While one partition's place cannot be known, the member goes on with the others.
#[test]
fn who_restores_one_task_goes_on_with_the_others() {
    let rig = Rig::new(&direct(2));
    let events = |partition| TopicPartition::new(&rig.topics.events, partition);
    let mut dead = rig.join_as("dead", &[events(1)]);
    rig.feed(&plain_history(7, 60, 2));
    rig.settle(&mut dead);
    rig.feed(&plain_history(8, 60, 2));
    while !dead.is_dead() {
        dead.crash_at("end the transaction", When::Before);
        rig.pause_ms(100);
        rig.turns(&mut dead, 1);
    }
    rig.expel("dead");
    let mut heir = rig.join_as("heir", &[events(0), events(1)]);
    let end = rig.broker.end(&events(0));
    for _ in 0..40 {
        rig.pause_ms(10);
        rig.turns(&mut heir, 1);
    }
    assert!(
        heir.waits_for().is_some_and(|waits| waits == "restoring crm.events[1]"),
        "{:?}",
        heir.waits_for()
    );
    assert_eq!(heir.next_offset(&events(0)), end, "the other partition is read to its end meanwhile");
    rig.restore(&mut heir);
    rig.settle(&mut heir);
    assert_eq!(heir.next_offset(&events(1)), rig.broker.end(&events(1)));
}

/// Partitions that are read at very different speeds: the fast one waits, what waits for the slow one stays
/// bounded, and what is decided is the same.
#[test]
fn who_is_far_ahead_waits_and_nothing_is_decided_otherwise() {
    let run = |max_ahead_ms: i64| {
        let mut rig = Rig::new(&direct(2));
        rig.settings.max_ahead_ms = max_ahead_ms;
        rig.feed(&plain_history(21, 400, 2));
        let events = |partition| TopicPartition::new(&rig.topics.events, partition);
        let deltas = TopicPartition::new(&rig.topics.deltas, 0);
        let mut slow = rig.join_as("slow", &[events(0), deltas]);
        let mut fast = rig.join_as("fast", &[events(1)]);
        rig.broker.set_batches(4, Interleaving::InTurn);
        let mut most_waiting = 0;
        for round in 0..6_000 {
            rig.pause_ms(50);
            rig.turns(&mut fast, 1);
            if round % 20 == 0 {
                rig.turns(&mut slow, 1);
            }
            if slow.waits_for().is_none() {
                most_waiting = most_waiting.max(slow.segments().waiting);
            }
        }
        rig.settle(&mut slow);
        rig.settle(&mut fast);
        rig.settle(&mut slow);
        (rig.alerts(), rig.windows(), most_waiting)
    };
    let (alerts, windows, unbounded) = run(i64::MAX);
    let (paced, paced_windows, bounded) = run(DAY_MS / 2);
    assert!(bounded * 3 < unbounded, "{bounded} boundaries waited at most, {unbounded} without a bound");
    assert_eq!(paced, alerts);
    assert_eq!(paced_windows, windows);
}

/// Two partitions of one thread with a backlog of the same days, one of them read ten times as fast through them: the
/// one that lags is served first, so they stay near each other, and little waits.
#[test]
fn the_partition_that_lags_is_served_first() {
    let terms = direct(2);
    let spice = Spice { moves: 0, misrouted: 0, garbage: 0, ..Spice::HOT };
    let mut history = history_of(ChaCha8Rng::seed_from_u64(21), 4_000, 2, spice, 14, 30);
    let mut sparse = 0;
    history.retain(|arrival| {
        sparse += arrival.partition;
        arrival.partition == 0 || sparse % 10 == 1
    });
    let run = |max_ahead_ms: i64| {
        let mut rig = Rig::new(&terms);
        rig.settings.max_ahead_ms = max_ahead_ms;
        rig.broker.set_batches(4, Interleaving::InTurn);
        let mut member = rig.start();
        rig.feed(&history);
        let (mut most_apart_ms, mut most_waiting) = (0, 0);
        for _ in 0..5_000 {
            rig.pause_ms(100);
            rig.turns(&mut member, 1);
            let [dense, sparse] = [0, 1].map(|partition| member.journeys(partition).time);
            if dense.min(sparse) > Minute::MIN {
                most_apart_ms = most_apart_ms.max((dense.start().0 - sparse.start().0).abs());
            }
            most_waiting = most_waiting.max(member.segments().waiting);
        }
        rig.settle(&mut member);
        (most_apart_ms, most_waiting, rig.alerts(), rig.windows())
    };
    // A partition may be eight days ahead of all, and so a day ahead of another one of its thread.
    let (apart_ms, waiting, alerts, windows) = run(8 * DAY_MS);
    let (unbounded_ms, unbounded, other_alerts, other_windows) = run(i64::MAX);
    assert!(unbounded_ms > 10 * DAY_MS, "{unbounded_ms} ms apart: too alike to prove anything");
    assert!(apart_ms < 2 * DAY_MS, "{apart_ms} ms apart, {unbounded_ms} without a bound");
    assert!(waiting * 5 < unbounded, "{waiting} boundaries waited at most, {unbounded} without a bound");
    assert_eq!((alerts, windows), (other_alerts, other_windows));
}
