//! The switches, the hand-over and the late markers; what every log must keep is tested once for all of
//! them, in `tests/support/log_conformance.rs`.

mod by_itself;
mod trouble;

use super::{Broker, Effect, Interleaving, Member, Switch};
use crate::log::{AssignmentChange, Committed, Log, LogError, NewRecord, RawRecord, Road, TopicPartition};
use crate::model::EventTime;

fn tp(topic: &str, partition: u32) -> TopicPartition {
    TopicPartition::new(topic, partition)
}

fn record(to: &TopicPartition, value: &str) -> NewRecord {
    let value = Some(value.as_bytes().to_vec());
    NewRecord { to: to.clone(), key: None, value, headers: Vec::new(), timestamp: None }
}

fn place(at: &TopicPartition, offset: i64) -> (TopicPartition, Committed) {
    (at.clone(), Committed { offset, metadata: String::new() })
}

fn values(records: &[RawRecord]) -> Vec<String> {
    records.iter().map(|r| String::from_utf8(r.value.clone().unwrap()).unwrap()).collect()
}

/// A broker with an input of two partitions, 7 records each, and an empty output of two.
fn copy_stand() -> Broker {
    let broker = Broker::new();
    broker.create_topic("in", 2);
    broker.create_topic("out", 2);
    for i in 0..14 {
        broker.append(record(&tp("in", i % 2), &format!("{i:02}")));
    }
    broker
}

fn places_to_go_on(
    log: &mut Member,
    partitions: &[TopicPartition],
) -> Result<Vec<(TopicPartition, i64)>, LogError> {
    loop {
        match log.committed(partitions) {
            Err(e) if e.road == Road::Retry => {}
            answer => {
                let offset = |c: Option<Committed>| c.map_or(0, |c| c.offset);
                return Ok(partitions.iter().cloned().zip(answer?.into_iter().map(offset)).collect());
            }
        }
    }
}

/// Copies `in` to `out` as an engine would, until it has read everything; gives up when it must.
fn copy(log: &mut Member) -> Result<(), LogError> {
    let inputs = [tp("in", 0), tp("in", 1)];
    loop {
        let polled = match log.poll(0) {
            Err(e) if e.road == Road::Fatal => return Err(e),
            polled => polled.unwrap_or_default(),
        };
        if let Some(AssignmentChange::Given(given)) = &polled.change {
            let from = places_to_go_on(log, given)?;
            log.assign(&from)?;
            continue;
        }
        let done = inputs.iter().all(|p| log.position(p).is_ok_and(|at| at == 7));
        if polled.records.is_empty() && done {
            return Ok(());
        }
        match copy_batch(log, &polled.records) {
            Err(e) if e.road == Road::Fatal => return Err(e),
            Err(_) => {
                log.renew()?;
                let from = places_to_go_on(log, &inputs)?;
                log.seek(&from)?;
            }
            Ok(()) => {}
        }
    }
}

fn copy_batch(log: &mut Member, records: &[RawRecord]) -> Result<(), LogError> {
    log.begin()?;
    let mut places = Vec::new();
    for r in records {
        let value = String::from_utf8_lossy(r.value.as_deref().unwrap_or_default()).into_owned();
        log.produce(record(&tp("out", r.at.partition), &value))?;
        places.retain(|(at, _): &(TopicPartition, Committed)| *at != r.at);
        places.push(place(&r.at, r.offset + 1));
    }
    log.commit(&places)
}

/// Runs the copy with a fault at a step, restarting what crashes; gives whether the fault struck.
fn copy_with_fault(broker: &Broker, arm: impl Fn(&Switch)) -> bool {
    let inputs = [tp("in", 0), tp("in", 1)];
    let mut log = broker.join("copy", "copier", &inputs);
    arm(&log.switch());
    let first = copy(&mut log);
    for _ in 0..3 {
        if first.is_ok() {
            break;
        }
        let mut next = broker.join("copy", "copier", &inputs);
        if copy(&mut next).is_ok() {
            break;
        }
    }
    // Whoever takes the id waits for the last markers under it.
    broker.fence("copier");
    for p in 0..2 {
        let (input, output) = (broker.read_committed(&tp("in", p)), broker.read_committed(&tp("out", p)));
        assert_eq!(values(&output), values(&input), "exactly once, in order");
    }
    first.is_err()
}

#[test]
fn a_copy_that_crashes_anywhere_is_made_exactly_once() {
    let mut struck = 0;
    for step in 1..60 {
        for effect in [Effect::Before, Effect::After] {
            for seed in 0..3 {
                let broker = copy_stand();
                broker.set_batches(3, Interleaving::Seeded(seed));
                broker.delay_markers(seed * 4, seed);
                struck += usize::from(copy_with_fault(&broker, |s| s.crash_after(step, effect)));
            }
        }
    }
    assert!(struck > 150, "only {struck} crashes struck: the run is shorter than it was");
}

#[test]
fn a_copy_whose_commits_fail_or_lose_their_answer_is_made_exactly_once() {
    for step in 1..60 {
        for effect in [Effect::Before, Effect::After] {
            let broker = copy_stand();
            broker.set_batches(2, Interleaving::InTurn);
            copy_with_fault(&broker, |s| s.fail_after(step, effect, Road::Rebuild));
        }
    }
}

/// A member that was given `in[0]` and has begun a transaction with one record for `out[0]`.
fn in_transaction(broker: &Broker) -> Member {
    let mut log = broker.join("g", "m", &[tp("in", 0)]);
    log.poll(0).unwrap();
    log.assign(&[(tp("in", 0), 0)]).unwrap();
    log.begin().unwrap();
    log.produce(record(&tp("out", 0), "x")).unwrap();
    log
}

#[test]
fn a_commit_can_be_cut_at_each_of_its_steps() {
    // (step of the commit, effect) -> is it shown, is its place unstable meanwhile
    for (step, effect, shown, unstable) in [
        (1, Effect::Before, false, false),
        (1, Effect::After, false, true),
        (2, Effect::Before, false, true),
        (2, Effect::After, true, false),
    ] {
        let broker = copy_stand();
        let mut log = in_transaction(&broker);
        log.crash_after(step, effect);
        assert_eq!(log.commit(&[place(&tp("in", 0), 5)]).unwrap_err().road, Road::Fatal);
        assert!(log.switch().is_dead());
        assert_eq!(log.poll(0).unwrap_err().to_string(), "poll: this member has crashed");

        let case = format!("step {step} {effect:?}");
        broker.expel("g", "m");
        let mut other = broker.join("g", "another", &[tp("in", 0)]);
        let found = other.committed(&[tp("in", 0)]);
        match unstable {
            true => assert_eq!(found.unwrap_err().road, Road::Retry, "{case}"),
            false => assert_eq!(found.unwrap()[0].is_some(), shown, "{case}"),
        }
        assert_eq!(broker.read_committed(&tp("out", 0)).len(), usize::from(shown), "{case}");
        assert_eq!(broker.committed_place("g", &tp("in", 0)).is_some(), shown, "{case}");
        broker.expire_transactions();
        assert_eq!(other.committed(&[tp("in", 0)]).unwrap()[0].is_some(), shown, "{case}, expired");
        assert_eq!(broker.read_committed(&tp("out", 0)).len(), usize::from(shown), "{case}, expired");
    }
}

#[test]
fn an_expired_or_fenced_writer_must_be_renewed() {
    let cuts: [fn(&Broker); 2] = [Broker::expire_transactions, |b| b.fence("m")];
    for cut in cuts {
        let broker = copy_stand();
        let mut log = in_transaction(&broker);
        cut(&broker);
        assert_eq!(log.commit(&[place(&tp("in", 0), 1)]).unwrap_err().road, Road::Rebuild);
        assert_eq!(log.begin().unwrap_err().road, Road::Rebuild, "nothing goes before the renewal");
        log.renew().unwrap();
        log.begin().unwrap();
        log.commit(&[place(&tp("in", 0), 1)]).unwrap();
    }
}

#[test]
fn a_member_that_was_given_up_is_told_and_cannot_commit() {
    let broker = copy_stand();
    let mut log = in_transaction(&broker);
    broker.expel("g", "m");
    let mut heir = broker.join("g", "heir", &[tp("in", 0)]);
    let given = Some(AssignmentChange::Given(vec![tp("in", 0)]));
    assert_eq!(heir.poll(0).unwrap().change, given, "nobody waits for the one that was given up");
    heir.assign(&[(tp("in", 0), 0)]).unwrap();

    log.poll(0).unwrap_or_default();
    assert_eq!(log.commit(&[place(&tp("in", 0), 1)]).unwrap_err().road, Road::Rebuild);
    log.renew().unwrap();
    broker.reassign("g", &[("heir", vec![]), ("m", vec![tp("in", 0)])]);
    assert_eq!(log.poll(0).unwrap().change, None, "not before the heir has given it up");
    assert_eq!(heir.poll(0).unwrap().change, Some(AssignmentChange::Taken(vec![tp("in", 0)])));
    heir.unassign(&[tp("in", 0)]).unwrap();
    assert_eq!(log.poll(0).unwrap().change, given);
}

#[test]
fn lost_partitions_are_told_first() {
    let broker = copy_stand();
    let mut log = in_transaction(&broker);
    broker.expel("g", "m");
    let lost = Some(AssignmentChange::Lost(vec![tp("in", 0)]));
    assert_eq!(log.poll(0).unwrap().change, lost);
    let error = log.commit(&[]).unwrap_err();
    assert_eq!(error.road, Road::Rebuild, "{error}");
    assert_eq!(log.position(&tp("in", 0)).unwrap_err().road, Road::Fatal);
}

#[test]
fn a_place_of_a_partition_of_others_is_refused() {
    let broker = copy_stand();
    let mut log = in_transaction(&broker);
    let error = log.commit(&[place(&tp("in", 1), 1)]).unwrap_err();
    assert_eq!(error.to_string(), "commit a place of in[1]: the member does not own the partition");
}

#[test]
fn polls_are_mixed_by_seed_and_the_same_each_time() {
    let read = |batch_max, interleaving| {
        let broker = copy_stand();
        broker.set_batches(batch_max, interleaving);
        let mut log = broker.join("g", "m", &[tp("in", 0), tp("in", 1)]);
        log.poll(0).unwrap();
        log.assign(&[(tp("in", 0), 0), (tp("in", 1), 0)]).unwrap();
        let mut polls = Vec::new();
        loop {
            match log.poll(0).unwrap().records {
                none if none.is_empty() => return polls,
                records => polls.push(values(&records).join(" ")),
            }
        }
    };
    let whole = read(100, Interleaving::InTurn);
    assert_eq!(whole, ["00 02 04 06 08 10 12 01 03 05 07 09 11 13"]);
    let small = read(3, Interleaving::InTurn);
    assert_eq!(small, ["00 02 04", "01 03 05", "06 08 10", "07 09 11", "12 13"]);
    let seeded = read(4, Interleaving::Seeded(1));
    assert_eq!(seeded, read(4, Interleaving::Seeded(1)));
    assert_ne!(seeded, read(4, Interleaving::Seeded(2)));
    let mut all: Vec<_> = seeded.iter().flat_map(|p| p.split(' ')).collect();
    all.sort_unstable();
    assert_eq!(all.len(), 14);
    assert_eq!((all[0], all[13]), ("00", "13"));
}

#[test]
fn records_without_a_time_get_the_broker_s() {
    let broker = copy_stand();
    let mut log = in_transaction(&broker);
    broker.set_now(EventTime(1_543_190_400_123));
    log.produce(record(&tp("out", 0), "later")).unwrap();
    log.commit(&[]).unwrap();
    let times: Vec<_> = broker.read_committed(&tp("out", 0)).iter().map(|r| r.timestamp).collect();
    assert_eq!(times, [EventTime(0), EventTime(1_543_190_400_123)]);
}

#[test]
fn forgotten_places_are_none() {
    let broker = copy_stand();
    let mut log = in_transaction(&broker);
    log.commit(&[place(&tp("in", 0), 3)]).unwrap();
    assert_eq!(log.committed(&[tp("in", 0)]).unwrap(), [Some(place(&tp("in", 0), 3).1)]);
    broker.forget_places("g");
    assert_eq!(log.committed(&[tp("in", 0)]).unwrap(), [None]);
}
