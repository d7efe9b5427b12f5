//! Groups that share out by themselves: who gets what when, who is waited for, who is refused.

use super::super::{Broker, Member, Times};
use super::{place, record, tp, values};
use crate::log::{AssignmentChange, Cause, Log, LogError, Road, TopicPartition};

const TIMES: Times = Times {
    call_ms: 1,
    timeout_ms: 30,
    heartbeat_ms: 10,
    session_ms: 200,
    poll_ms: 1_000,
    rebalance_ms: 5_000,
    transaction_ms: 2_000,
};

/// A broker with an input of four partitions, two records each, and an output.
fn stand() -> (Broker, Vec<TopicPartition>) {
    let broker = Broker::new();
    broker.set_times(TIMES);
    broker.create_topic("in", 4);
    broker.create_topic("out", 1);
    for i in 0..8 {
        broker.append(record(&tp("in", i % 4), &i.to_string()));
    }
    (broker, (0..4).map(|p| tp("in", p)).collect())
}

fn subscribe(broker: &Broker, id: &str, is_static: bool) -> Member {
    let inputs: Vec<_> = (0..4).map(|p| tp("in", p)).collect();
    broker.subscribe("g", id, is_static, &inputs)
}

/// Polls until the group says something, and answers as an engine would that has nothing to commit.
fn told(log: &mut Member) -> AssignmentChange {
    let change = (0..100).find_map(|_| log.poll(0).unwrap().change).expect("the group says something");
    answer(log, &change);
    change
}

fn answer(log: &mut Member, change: &AssignmentChange) {
    match change {
        AssignmentChange::Given(given) => {
            log.accept(given).unwrap();
            log.assign(&given.iter().map(|at| (at.clone(), 0)).collect::<Vec<_>>()).unwrap();
        }
        AssignmentChange::Taken(gone) | AssignmentChange::Lost(gone) => log.unassign(gone).unwrap(),
    }
}

fn given(partitions: &[u32]) -> AssignmentChange {
    AssignmentChange::Given(partitions.iter().map(|p| tp("in", *p)).collect())
}

/// A member that alone reads everything, in a transaction with one record.
fn alone_in_a_transaction(broker: &Broker, is_static: bool) -> Member {
    let mut log = subscribe(broker, "a", is_static);
    assert_eq!(told(&mut log), given(&[0, 1, 2, 3]));
    log.begin().unwrap();
    log.produce(record(&tp("out", 0), "x")).unwrap();
    log
}

fn refusal(answer: Result<(), LogError>) -> (Road, Cause) {
    let error = answer.unwrap_err();
    (error.road, error.cause)
}

#[test]
fn who_joins_gets_a_share_once_it_is_given_up() {
    let (broker, _) = stand();
    let mut one = subscribe(&broker, "a", true);
    assert_eq!(told(&mut one), given(&[0, 1, 2, 3]));
    let mut two = subscribe(&broker, "b", true);
    assert_eq!(told(&mut one), AssignmentChange::Taken(vec![tp("in", 2), tp("in", 3)]));
    assert_eq!(told(&mut two), given(&[]), "there is nothing to be had yet");
    broker.pass(50);
    assert_eq!(told(&mut two), given(&[2, 3]));
    assert_eq!(told(&mut one), given(&[]));
    broker.pass(50);
    assert!(broker.is_calm("g"));
    assert_eq!(one.switch().owned().len() + two.switch().owned().len(), 4);
}

#[test]
fn nobody_joins_again_before_it_has_answered() {
    let (broker, _) = stand();
    let mut one = subscribe(&broker, "a", true);
    assert_eq!((0..100).find_map(|_| one.poll(0).unwrap().change), Some(given(&[0, 1, 2, 3])));
    let two = subscribe(&broker, "b", true);
    broker.pass(150);
    assert_eq!(two.switch().owned().len(), 0, "the first one has not answered");
    assert!(one.poll(0).unwrap().records.is_empty(), "nothing is read meanwhile");
    one.accept(&[]).unwrap();
    broker.pass(150);
    assert_eq!(told(&mut one), AssignmentChange::Taken(vec![tp("in", 2), tp("in", 3)]));
}

#[test]
fn places_of_a_generation_that_is_over_are_refused() {
    let (broker, _) = stand();
    let mut log = alone_in_a_transaction(&broker, true);
    let at = place(&tp("in", 0), 2);
    // Two members join; the generation that begins then is not known to the first one at once.
    broker.rebalance("g");
    let _other = subscribe(&broker, "b", true);
    let refused = (0..200).find_map(|_| {
        broker.pass(1);
        let answer = log.commit(std::slice::from_ref(&at));
        let refused = answer.as_ref().err().map(|error| (error.road, error.cause));
        log.renew().unwrap();
        log.begin().unwrap();
        refused
    });
    assert_eq!(refused, Some((Road::Rebuild, Cause::StaleMember)));
}

#[test]
fn who_sleeps_through_its_session_is_replaced_and_commits_nothing() {
    for is_static in [true, false] {
        let (broker, inputs) = stand();
        let mut log = alone_in_a_transaction(&broker, is_static);
        let mut heir = subscribe(&broker, "b", is_static);
        log.switch().set_asleep(true);
        broker.pass(TIMES.session_ms + 50);
        assert_eq!(told(&mut heir), given(&[0, 1, 2, 3]));
        heir.begin().unwrap();
        heir.commit(&[place(&inputs[0], 2)]).unwrap();

        log.switch().set_asleep(false);
        let refused = refusal(log.commit(&[place(&inputs[0], 1)]));
        assert_eq!(refused, (Road::Rebuild, Cause::StaleMember), "static: {is_static}");
        assert_eq!(told(&mut log), AssignmentChange::Lost(inputs.clone()));
        assert_eq!(broker.committed_place("g", &inputs[0]), Some(place(&inputs[0], 2).1));
        assert!(broker.read_committed(&tp("out", 0)).is_empty());
    }
}

/// What was sent in time counts: the group has taken the places, and who takes over waits for the end.
#[test]
fn a_commit_that_was_all_but_done_is_done_after_the_sleep() {
    let (broker, inputs) = stand();
    let mut log = alone_in_a_transaction(&broker, true);
    let mut heir = subscribe(&broker, "b", true);
    let (switch, holder) = (log.switch(), broker.clone());
    log.before_each_step(move |what| {
        if what == super::super::END {
            switch.set_asleep(true);
            holder.pass(TIMES.session_ms + 50);
            switch.set_asleep(false);
        }
    });
    log.commit(&[place(&inputs[0], 2)]).unwrap();
    assert_eq!(told(&mut heir), given(&[0, 1, 2, 3]));
    assert_eq!(heir.committed(&inputs[..1]).unwrap(), [Some(place(&inputs[0], 2).1)]);
}

#[test]
fn a_static_member_that_comes_back_in_time_finds_its_seat() {
    let (broker, inputs) = stand();
    let mut one = subscribe(&broker, "a", true);
    assert_eq!(told(&mut one), given(&[0, 1, 2, 3]));
    let generation = broker.generation("g");
    one.switch().kill();
    broker.pass(TIMES.session_ms / 2);
    let mut again = subscribe(&broker, "a", true);
    assert_eq!(told(&mut again), given(&[0, 1, 2, 3]));
    assert_eq!(broker.generation("g"), generation, "nobody else is asked");

    drop(again);
    let mut other = subscribe(&broker, "b", true);
    broker.pass(TIMES.session_ms / 2);
    assert_eq!(other.poll(0).unwrap().change, None, "the seat is kept");
    broker.pass(TIMES.session_ms);
    assert_eq!(told(&mut other), AssignmentChange::Given(inputs));
}

#[test]
fn a_dynamic_member_that_is_closed_leaves_and_one_that_dies_is_waited_for() {
    let (broker, inputs) = stand();
    let mut one = subscribe(&broker, "a", false);
    told(&mut one);
    drop(one);
    let mut two = subscribe(&broker, "b", false);
    assert_eq!(told(&mut two), AssignmentChange::Given(inputs.clone()));
    two.switch().kill();
    let mut three = subscribe(&broker, "b", false);
    broker.pass(TIMES.session_ms / 2);
    assert_eq!(three.poll(0).unwrap().change, None);
    broker.pass(TIMES.session_ms);
    assert_eq!(told(&mut three), AssignmentChange::Given(inputs));
}

/// Two processes under one name: the one that came first finds out with its next heartbeat, and until then it
/// can only take the transactional id back, not the seat.
#[test]
fn a_zombie_under_the_same_name_is_fatal_once_it_knows() {
    let (broker, inputs) = stand();
    let mut zombie = alone_in_a_transaction(&broker, true);
    zombie.switch().set_asleep(true);
    let mut heir = subscribe(&broker, "a", true);
    assert_eq!(told(&mut heir), given(&[0, 1, 2, 3]));
    assert_eq!(refusal(zombie.commit(&[place(&inputs[0], 1)])), (Road::Rebuild, Cause::Fenced));
    zombie.renew().unwrap();
    assert_eq!(refusal(heir.begin()), (Road::Rebuild, Cause::Fenced), "it took the id");
    zombie.begin().unwrap();
    let answer = zombie.commit(&[place(&inputs[0], 1)]);
    assert_eq!(refusal(answer), (Road::Fatal, Cause::StaleMember), "but not the seat");

    zombie.switch().set_asleep(false);
    broker.pass(TIMES.heartbeat_ms * 2);
    assert_eq!(zombie.poll(0).unwrap_err().road, Road::Fatal);
    assert_eq!(zombie.renew().unwrap_err().road, Road::Fatal);
    heir.renew().unwrap();
    heir.begin().unwrap();
    heir.commit(&[place(&inputs[0], 2)]).unwrap();
}

#[test]
fn who_does_not_poll_is_given_up_by_its_own_client() {
    for is_static in [true, false] {
        let (broker, inputs) = stand();
        let mut stuck = subscribe(&broker, "a", is_static);
        told(&mut stuck);
        let mut other = subscribe(&broker, "b", is_static);
        for _ in 0..(TIMES.poll_ms + TIMES.session_ms) / 50 {
            broker.pass(50);
            let change = other.poll(0).unwrap().change;
            change.iter().for_each(|change| answer(&mut other, change));
        }
        assert_eq!(other.switch().owned().len(), 4, "static: {is_static}");
        assert_eq!(told(&mut stuck), AssignmentChange::Lost(inputs));
        assert_eq!(values(&stuck.poll(0).unwrap().records), Vec::<String>::new());
    }
}
