//! What a reader sees, in which order, from where to where, and how it changes hands.

#![allow(clippy::cloned_ref_to_slice_refs, reason = "a list of one partition reads like one of two")]

use rapport::log::{AssignmentChange, Log, NewRecord, RawRecord, Road, TopicPartition};
use rapport::model::EventTime;

use super::{
    POLLS, Stand, WAIT_MS, given, place, poll_until, read, record, renew, stable, start, through, tp, values,
    visible, wait_for_end, write,
};

pub(crate) fn records_come_back_unchanged(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("unchanged");
    let header = |name: &str, value: &[u8]| (name.to_string(), value.to_vec());
    let new = |key: Option<&[u8]>, value: Option<&[u8]>, headers, timestamp| NewRecord {
        to: p0.clone(),
        key: key.map(<[u8]>::to_vec),
        value: value.map(<[u8]>::to_vec),
        headers,
        timestamp: Some(EventTime(timestamp)),
    };
    let headers =
        vec![header("ce_id", b"1"), header("ce_id", b"2"), header("empty", b""), header("bin", &[0, 255])];
    let written = [
        new(Some(b"lead-1"), Some(b"{}"), headers, 1_543_190_400_123),
        new(None, Some(b"no key"), Vec::new(), 1_543_190_400_124),
        new(Some(b"lead-1"), None, Vec::new(), 1_543_190_400_125),
        new(Some(b""), Some(b""), Vec::new(), 1_543_190_400_120),
        new(None, None, vec![header("only", b"header")], 1_543_190_400_126),
    ];
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    start(&mut *log);
    write(&mut *log, &written, &[]);
    wait_for_end(&mut *log, &p0, written.len() as i64 + 1);
    let expected: Vec<_> = (0..)
        .zip(&written)
        .map(|(offset, w)| RawRecord {
            at: p0.clone(),
            offset,
            timestamp: w.timestamp.unwrap(),
            key: w.key.clone(),
            value: w.value.clone(),
            headers: w.headers.clone(),
        })
        .collect();
    assert_eq!(read(&mut *log, written.len()), expected);
    assert_eq!(through(&mut *log, &p0, 0).unwrap(), expected);
    assert_eq!(stand.read_committed(&p0), expected);
}

pub(crate) fn after_an_abort_the_same_records_come_again(stand: &mut dyn Stand) {
    let (input, output) = (stand.topic(1), stand.topic(1));
    let (in0, out0) = (tp(&input, 0), tp(&output, 0));
    let group = stand.unique("again");
    ["a", "b", "c", "d"].iter().for_each(|v| stand.append(record(&in0, v)));
    let mut log = stand.member(&group, "0", &[in0.clone()]);
    start(&mut *log);
    assert_eq!(values(&read(&mut *log, 4)), ["a", "b", "c", "d"]);
    write(&mut *log, &[record(&out0, "ab")], &[place(&in0, 2, "")]);
    log.begin().unwrap();
    log.produce(record(&out0, "given up")).unwrap();
    stand.append(record(&in0, "e"));
    renew(&mut *log);

    let from = stable(&mut *log, &[in0.clone()])[0].clone().unwrap().offset;
    log.seek(&[(in0.clone(), from)]).unwrap();
    assert_eq!(log.position(&in0).unwrap(), 2);
    let again = read(&mut *log, 3);
    assert_eq!(values(&again), ["c", "d", "e"]);
    assert_eq!(again.iter().map(|r| r.offset).collect::<Vec<_>>(), [2, 3, 4]);
    write(&mut *log, &[record(&out0, "cde")], &[place(&in0, 5, "")]);
    assert_eq!(visible(stand, &out0, 2), ["ab", "cde"]);
}

pub(crate) fn the_position_passes_markers_and_aborted_records(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("position");
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    start(&mut *log);
    assert_eq!(log.position(&p0).unwrap(), 0);
    assert_eq!(log.watermarks(&p0).unwrap(), (0, 0));

    write(&mut *log, &[record(&p0, "a"), record(&p0, "b")], &[]);
    log.begin().unwrap();
    log.produce(record(&p0, "aborted")).unwrap();
    poll_until(&mut *log, "waiting for the record to arrive", |_, _, _| stand.end(&p0) >= 4);
    renew(&mut *log);
    // Two records and a marker, then one record and the marker of its abort.
    let caught_up = |log: &mut dyn Log, _: &[RawRecord], _: &[AssignmentChange]| {
        let (_, high) = log.watermarks(&p0).unwrap();
        high == 5 && log.position(&p0).unwrap() >= high
    };
    let (records, _) = poll_until(&mut *log, "waiting to catch up", caught_up);
    // What came before the wait for the aborted record was dropped there.
    assert!(values(&records).iter().all(|v| v == "a" || v == "b"), "{records:?}");
    assert_eq!(log.position(&p0).unwrap(), 5);
    assert_eq!(values(&through(&mut *log, &p0, 0).unwrap()), ["a", "b"]);
}

pub(crate) fn what_is_unread_is_told_and_runs_out(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("unread");
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    start(&mut *log);
    log.pause(std::slice::from_ref(&p1), true).unwrap();
    for value in ["a", "b", "c"] {
        stand.append(record(&p0, value));
        stand.append(record(&p1, value));
    }
    write(&mut *log, &[record(&p0, "d")], &[]);
    let told = |log: &mut dyn Log, at: &TopicPartition, wanted: u64| {
        (0..POLLS).any(|_| log.poll(WAIT_MS).unwrap().unread.contains(&(at.clone(), wanted)))
    };
    assert_eq!(values(&read(&mut *log, 4)), ["a", "b", "c", "d"]);
    assert!(told(&mut *log, &p0, 0), "all is read, the marker behind the last record too");
    log.pause(std::slice::from_ref(&p1), false).unwrap();
    // Kafka's client hears of an end only with records, or where it waits for them.
    assert_eq!(values(&read(&mut *log, 3)), ["a", "b", "c"]);
    assert!(told(&mut *log, &p1, 0), "all is read");
    log.seek(&[(p1.clone(), 1)]).unwrap();
    log.pause(std::slice::from_ref(&p1), true).unwrap();
    assert!(told(&mut *log, &p1, 2), "what is paused stays unread");
}

pub(crate) fn reading_through_stops_before_an_open_transaction(stand: &mut dyn Stand) {
    let (input, output) = (stand.topic(1), stand.topic(1));
    let (in0, out0) = (tp(&input, 0), tp(&output, 0));
    let group = stand.unique("through");
    let mut log = stand.member(&group, "0", &[in0.clone()]);
    start(&mut *log);
    assert!(through(&mut *log, &out0, 0).unwrap().is_empty(), "an empty partition ends at once");
    for value in ["a", "b", "c"] {
        write(&mut *log, &[record(&out0, value)], &[]);
    }
    wait_for_end(&mut *log, &out0, 6);
    assert_eq!(values(&through(&mut *log, &out0, 0).unwrap()), ["a", "b", "c"]);
    assert_eq!(values(&through(&mut *log, &out0, 1).unwrap()), ["b", "c"]);
    assert!(through(&mut *log, &out0, 5).unwrap().is_empty(), "only the last marker is left");
    assert!(through(&mut *log, &out0, 6).unwrap().is_empty());

    log.begin().unwrap();
    log.produce(record(&out0, "open")).unwrap();
    poll_until(&mut *log, "waiting for the record to arrive", |_, _, _| stand.end(&out0) >= 7);
    stand.append(record(&out0, "plain, behind it"));
    assert_eq!(values(&through(&mut *log, &out0, 0).unwrap()), ["a", "b", "c"]);
    log.commit(&[]).unwrap();
    wait_for_end(&mut *log, &out0, 9);
    let all = ["a", "b", "c", "open", "plain, behind it"];
    assert_eq!(values(&through(&mut *log, &out0, 0).unwrap()), all);
}

pub(crate) fn what_is_gone_is_refused(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("gone");
    for i in 0..10 {
        stand.append(record(&p0, &i.to_string()));
        stand.append(record(&p1, &i.to_string()));
    }
    stand.delete_records(&p1, 4);
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    assert_eq!(given(&mut *log), [p0.clone(), p1.clone()]);
    assert_eq!(log.watermarks(&p1).unwrap(), (4, 10));
    for from in [3, 11] {
        let error = through(&mut *log, &p1, from).unwrap_err();
        assert_eq!(error.road, Road::Fatal);
        let said = format!("read {p1}: offset {from} is not there: the log reaches from 4 to 10");
        assert_eq!(error.to_string(), said);
    }
    assert_eq!(values(&through(&mut *log, &p1, 4).unwrap()), ["4", "5", "6", "7", "8", "9"]);

    log.assign(&[(p0, 0), (p1.clone(), 3)]).unwrap();
    for _ in 0..POLLS {
        match log.poll(WAIT_MS) {
            Ok(polled) => assert!(polled.records.iter().all(|r| r.at != p1), "{polled:?}"),
            Err(error) => {
                assert_eq!(error.road, Road::Fatal);
                let said = format!("read {p1}: offset 3 is not there: the log reaches from 4 to 10");
                assert_eq!(error.to_string(), said);
                return;
            }
        }
    }
    panic!("the gap was never noticed");
}

pub(crate) fn what_is_assigned_again_goes_where_it_is_told(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("assigned-again");
    ["a", "b"].iter().for_each(|v| stand.append(record(&p0, v)));
    stand.append(record(&p1, "c"));
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    assert_eq!(given(&mut *log), [p0.clone(), p1.clone()]);
    log.assign(&[(p0.clone(), 0)]).unwrap();
    assert_eq!(values(&read(&mut *log, 2)), ["a", "b"]);
    log.assign(&[(p0.clone(), 1), (p1.clone(), 0)]).unwrap();
    let mut again = values(&read(&mut *log, 2));
    again.sort();
    assert_eq!(again, ["b", "c"]);
}

pub(crate) fn a_paused_partition_waits(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("paused");
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    start(&mut *log);
    stand.append(record(&p0, "a"));
    assert_eq!(values(&read(&mut *log, 1)), ["a"]);
    log.pause(&[p0.clone()], true).unwrap();
    stand.append(record(&p0, "b"));
    (0..3).for_each(|i| stand.append(record(&p1, &format!("other {i}"))));
    assert_eq!(values(&read(&mut *log, 3)), ["other 0", "other 1", "other 2"]);
    assert_eq!(log.position(&p0).unwrap(), 1);
    log.pause(&[p0], false).unwrap();
    assert_eq!(values(&read(&mut *log, 1)), ["b"], "nothing was lost and nothing comes twice");
}

/// Whether a poll gives this member no partition.
fn gets_nothing(log: &mut dyn Log) -> bool {
    match log.poll(WAIT_MS).unwrap().change {
        None => true,
        Some(AssignmentChange::Given(given)) if given.is_empty() => {
            log.accept(&given).unwrap();
            true
        }
        Some(_) => false,
    }
}

pub(crate) fn a_partition_changes_hands_when_it_is_given_up(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let all = [tp(&topic, 0), tp(&topic, 1)];
    let group = stand.unique("hands");
    all.iter().for_each(|at| stand.append(record(at, "first")));
    let mut one = stand.member(&group, "1", &all);
    assert_eq!(start(&mut *one), all);
    read(&mut *one, 2);

    let mut two = stand.member(&group, "2", &[]);
    stand.reassign(&group, &[("1", vec![all[0].clone()]), ("2", vec![all[1].clone()])]);
    let mut taken = Vec::new();
    for _ in 0..POLLS {
        assert!(gets_nothing(&mut *two), "nothing is given before it is given up");
        match one.poll(WAIT_MS).unwrap().change {
            Some(AssignmentChange::Taken(these)) => taken = these,
            None if taken.is_empty() => continue,
            other => assert_eq!(other, None),
        }
        break;
    }
    assert_eq!(taken.len(), 1, "one of two partitions is taken");
    let kept = all.iter().find(|p| **p != taken[0]).unwrap();
    // The one that is taken can still be committed; the other waits until it is given up.
    write(&mut *one, &[], &[place(&taken[0], 1, "last words"), place(kept, 1, "")]);
    for _ in 0..5 {
        assert!(gets_nothing(&mut *two), "nothing is given before it is given up");
    }
    one.unassign(&taken).unwrap();

    let mut change = None;
    for _ in 0..POLLS {
        assert!(gets_nothing(&mut *one), "who gave a partition up gets none");
        change = two.poll(WAIT_MS).unwrap().change;
        match &change {
            // That it gets nothing yet may come late.
            Some(AssignmentChange::Given(these)) if these.is_empty() => two.accept(these).unwrap(),
            None => {}
            Some(_) => break,
        }
    }
    assert_eq!(change, Some(AssignmentChange::Given(taken.clone())));
    let found = stable(&mut *two, &taken)[0].clone().unwrap();
    assert_eq!(found, place(&taken[0], 1, "last words").1);
    two.assign(&[(taken[0].clone(), found.offset)]).unwrap();

    all.iter().for_each(|at| stand.append(record(at, "second")));
    assert_eq!(read(&mut *one, 1)[0].at, *kept);
    let here = read(&mut *two, 1);
    assert_eq!((&here[0].at, here[0].offset), (&taken[0], 1));
    write(&mut *two, &[], &[place(&taken[0], 2, "")]);
    write(&mut *one, &[], &[place(kept, 2, "")]);
}

pub(crate) fn a_topic_that_is_not_there_has_no_partitions(stand: &mut dyn Stand) {
    let topic = stand.topic(3);
    let group = stand.unique("no-topic");
    let mut log = stand.member(&group, "0", &[tp(&topic, 0), tp(&topic, 1), tp(&topic, 2)]);
    assert_eq!(log.partitions(&topic).unwrap(), Some(3));
    assert_eq!(log.partitions(&stand.unique("never-made")).unwrap(), None);
}
