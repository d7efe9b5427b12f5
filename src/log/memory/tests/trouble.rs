//! Time, connections, requests adrift: what ends by itself, what waits, what arrives late.

use super::super::{Broker, CoordinatorType, END, Effect, Fault, Member, PLACES, Times, Trigger};
use super::{in_transaction, place, record, tp, values};
use crate::log::{Cause, Log, Road};

const TIMES: Times = Times { call_ms: 1, timeout_ms: 100, heartbeat_ms: 10, ..Times::STILL };

/// A broker whose time passes, with an input of a few records and an output.
fn stand() -> Broker {
    let broker = super::copy_stand();
    broker.set_times(TIMES);
    broker
}

/// Lets so many steps be made by somebody of no interest.
fn steps(broker: &Broker, steps: u64) {
    (0..steps).for_each(|_| broker.pass(0));
}

fn shown(broker: &Broker) -> Vec<String> {
    values(&broker.read_committed(&tp("out", 0)))
}

#[test]
fn a_transaction_that_is_open_too_long_ends() {
    let broker = stand();
    broker.set_times(Times { transaction_ms: 500, ..TIMES });
    let mut log = in_transaction(&broker);
    broker.pass(400);
    assert!(broker.is_anything_under_way());
    broker.pass(100);
    assert!(!broker.is_anything_under_way());
    let error = log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
    assert_eq!((error.road, error.cause), (Road::Rebuild, Cause::Fenced));
    assert!(shown(&broker).is_empty());
}

#[test]
fn calls_take_time_and_slow_ones_more() {
    let broker = stand();
    let mut log = broker.join("g", "m", &[tp("in", 0)]);
    let took = |log: &mut Member| {
        let before = broker.ticks_ms();
        log.poll(0).unwrap();
        broker.ticks_ms() - before
    };
    assert_eq!(took(&mut log), 1);
    log.switch().set_slow(40);
    assert_eq!(took(&mut log), 41);
    log.switch().set_slow(0);
    assert_eq!(took(&mut log), 1);
}

#[test]
fn an_end_that_is_adrift_arrives_and_commits() {
    let broker = stand();
    let mut log = in_transaction(&broker);
    log.switch().arm_at(Trigger::End, Effect::Before, Fault::Late(5));
    let error = log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
    assert_eq!(
        (error.to_string().as_str(), error.cause),
        (&*format!("{END}: no answer came in time"), Cause::TimedOut)
    );
    assert!(shown(&broker).is_empty());
    assert_eq!(log.committed(&[tp("in", 0)]).unwrap_err().cause, Cause::Unstable);
    steps(&broker, 5);
    assert_eq!(shown(&broker), ["x"]);
    assert_eq!(log.committed(&[tp("in", 0)]).unwrap(), [Some(place(&tp("in", 0), 1).1)]);
}

#[test]
fn an_end_that_is_adrift_is_nothing_to_a_producer_that_was_renewed() {
    let broker = stand();
    let mut log = in_transaction(&broker);
    log.switch().arm_at(Trigger::End, Effect::Before, Fault::Late(5));
    log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
    log.renew().unwrap();
    log.begin().unwrap();
    log.produce(record(&tp("out", 0), "y")).unwrap();
    steps(&broker, 9);
    assert!(shown(&broker).is_empty(), "the next transaction is not ended by it");
    log.commit(&[place(&tp("in", 0), 2)]).unwrap();
    assert_eq!(shown(&broker), ["y"]);
}

/// Why a producer must not be kept after a time-out: the request of the last transaction ends the next one.
#[test]
fn an_end_that_is_adrift_tears_the_next_transaction_of_a_producer_that_was_kept() {
    let broker = stand();
    let mut log = in_transaction(&broker);
    log.switch().arm_at(Trigger::End, Effect::Before, Fault::Late(5));
    log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
    log.abort_and_keep_the_producer();
    log.begin().unwrap();
    log.produce(record(&tp("out", 0), "half of it")).unwrap();
    steps(&broker, 9);
    assert_eq!(shown(&broker), ["half of it"]);
}

#[test]
fn places_that_are_adrift_come_too_late_for_a_transaction_that_is_over() {
    for (renews, taken) in [(false, true), (true, false)] {
        let broker = stand();
        let mut log = in_transaction(&broker);
        log.switch().arm_at(Trigger::Places, Effect::Before, Fault::Late(5));
        let error = log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
        assert_eq!(error.to_string(), format!("{PLACES}: no answer came in time"));
        if renews {
            log.renew().unwrap();
        }
        steps(&broker, 5);
        let is_held = log.committed(&[tp("in", 0)]).is_err();
        assert_eq!(is_held, taken, "renewed: {renews}");
    }
}

#[test]
fn a_request_outlives_its_sender_and_a_lost_one_does_not() {
    for (fault, arrives) in [(Fault::CrashLate(3), true), (Fault::Lost, false)] {
        let broker = stand();
        let mut log = in_transaction(&broker);
        log.switch().arm_at(Trigger::End, Effect::Before, fault);
        log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
        assert_eq!(log.switch().is_dead(), arrives);
        steps(&broker, 3);
        assert_eq!(shown(&broker).len(), usize::from(arrives), "{fault:?}");
    }
}

#[test]
fn who_is_cut_off_waits_reads_nothing_and_goes_on_afterwards() {
    let broker = stand();
    let mut log = in_transaction(&broker);
    log.switch().set_cut(true);
    let before = broker.ticks_ms();
    assert!(log.poll(0).unwrap().records.is_empty());
    assert!(broker.ticks_ms() - before >= TIMES.timeout_ms);
    let error = log.watermarks(&tp("in", 0)).unwrap_err();
    assert_eq!((error.road, error.cause), (Road::Retry, Cause::Unreachable));
    assert_eq!(log.position(&tp("in", 0)).unwrap(), 0, "that the client knows by itself");
    log.produce(record(&tp("out", 0), "y")).unwrap();
    log.switch().set_cut(false);
    log.commit(&[place(&tp("in", 0), 1)]).unwrap();
    assert_eq!(shown(&broker), ["x", "y"], "what was handed over meanwhile is sent");

    log.begin().unwrap();
    log.produce(record(&tp("out", 0), "z")).unwrap();
    log.switch().set_cut(true);
    let error = log.commit(&[place(&tp("in", 0), 2)]).unwrap_err();
    assert_eq!((error.road, error.cause), (Road::Rebuild, Cause::Unreachable));
    assert_eq!(log.renew().unwrap_err().road, Road::Retry);
    log.switch().set_cut(false);
    log.renew().unwrap();
    assert_eq!(shown(&broker), ["x", "y"]);
}

#[test]
fn while_the_broker_is_away_nothing_ends_and_nothing_arrives() {
    let broker = stand();
    broker.set_times(Times { session_ms: 100, transaction_ms: 2_000, ..TIMES });
    broker.delay_markers(3, 1);
    let mut log = broker.subscribe("g", "m", true, &[tp("in", 0)]);
    (0..20).find_map(|_| log.poll(0).unwrap().change).unwrap();
    log.accept(&[]).unwrap();
    log.begin().unwrap();
    log.produce(record(&tp("out", 0), "x")).unwrap();
    broker.set_down(true);
    assert_eq!(log.committed(&[tp("in", 0)]).unwrap_err().cause, Cause::Unreachable);
    broker.pass(900);
    broker.set_down(false);
    log.commit(&[place(&tp("in", 0), 1)]).unwrap();
    steps(&broker, 4);
    assert_eq!(shown(&broker), ["x"], "the transaction was still open, the member still one of the group");
}

/// Whether the end in flight was carried out its sender cannot know: only a new producer ends the doubt.
#[test]
fn a_coordinator_of_transactions_that_moves_leaves_an_end_in_doubt() {
    for (in_flight, expected) in [(Effect::Before, [].as_slice()), (Effect::After, &["x"])] {
        let broker = stand();
        let mut log = in_transaction(&broker);
        broker.move_coordinator(CoordinatorType::Transaction, in_flight, 150);
        let error = log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
        assert_eq!((error.road, error.cause), (Road::Rebuild, Cause::TimedOut));
        assert_eq!(shown(&broker), expected);
        assert_eq!(
            log.committed(&[tp("in", 0)]).is_ok(),
            in_flight == Effect::After,
            "groups are looked after"
        );
        let error = log.renew().unwrap_err();
        assert_eq!((error.road, error.cause), (Road::Retry, Cause::Unreachable));
        log.renew().unwrap();
        assert_eq!(shown(&broker), expected);
        log.begin().unwrap();
        log.produce(record(&tp("out", 0), "y")).unwrap();
        log.commit(&[place(&tp("in", 0), 2)]).unwrap();
        assert_eq!(shown(&broker), [expected, &["y"]].concat());
    }
}

/// A coordinator of groups that was away takes nobody for gone.
#[test]
fn a_coordinator_of_groups_that_moves_keeps_its_members() {
    for (in_flight, is_held) in [(Effect::Before, false), (Effect::After, true)] {
        let broker = stand();
        broker.set_times(Times { session_ms: 200, ..TIMES });
        let mut log = broker.subscribe("g", "m", true, &[tp("in", 0)]);
        (0..20).find_map(|_| log.poll(0).unwrap().change).unwrap();
        log.accept(&[]).unwrap();
        log.begin().unwrap();
        log.produce(record(&tp("out", 0), "x")).unwrap();
        broker.move_coordinator(CoordinatorType::Group, in_flight, 900);
        let error = log.commit(&[place(&tp("in", 0), 1)]).unwrap_err();
        assert_eq!((error.road, error.cause), (Road::Rebuild, Cause::TimedOut));
        assert_eq!(log.committed(&[tp("in", 0)]).unwrap_err().cause, Cause::Unreachable);
        broker.pass(800);
        assert_eq!(log.committed(&[tp("in", 0)]).is_err(), is_held, "{in_flight:?}");
        assert_eq!(log.poll(0).unwrap().change, None);
        log.renew().unwrap();
        log.begin().unwrap();
        log.commit(&[place(&tp("in", 0), 1)]).unwrap();
        assert!(shown(&broker).is_empty());
    }
}
