//! What a member does that takes partitions over: it accepts them, reads their state beside the group, ends what
//! its predecessor left open, forgets what nobody needs.

#![allow(clippy::cloned_ref_to_slice_refs, reason = "a list of one partition reads like one of two")]

use rapport::log::{AssignmentChange, Cause, Committed, Road};

use super::{
    POLLS, Stand, WAIT_MS, given, place, poll_until, read, record, stable, start, tp, values, write,
};

pub(crate) fn what_is_accepted_is_read_once_it_is_assigned(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("accepted");
    [&p0, &p1].into_iter().for_each(|at| stand.append(record(at, &format!("{}", at.partition))));
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    let both = given(&mut *log);
    assert_eq!(both, [p0.clone(), p1.clone()]);
    log.accept(&both).unwrap();
    log.accept(&both).unwrap();
    log.assign(&[(p0.clone(), 0)]).unwrap();
    assert_eq!(values(&read(&mut *log, 1)), ["0"], "one of them is read while the other waits");
    for _ in 0..3 {
        assert!(log.poll(WAIT_MS).unwrap().records.is_empty(), "what is not assigned is not read");
    }
    write(&mut *log, &[], &[place(&p0, 1, "")]);
    log.assign(&[(p1.clone(), 0)]).unwrap();
    assert_eq!(values(&read(&mut *log, 1)), ["1"]);
    write(&mut *log, &[], &[place(&p1, 1, "")]);
    assert_eq!(stable(&mut *log, &[p1])[0].as_ref().map(|place| place.offset), Some(1));
}

pub(crate) fn what_was_accepted_can_be_taken_before_it_is_read(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let all = [tp(&topic, 0), tp(&topic, 1)];
    let group = stand.unique("accepted-and-taken");
    let mut one = stand.member(&group, "1", &all);
    let both = given(&mut *one);
    one.accept(&both).unwrap();
    let mut two = stand.member(&group, "2", &[]);
    stand.reassign(&group, &[("1", vec![all[0].clone()]), ("2", vec![all[1].clone()])]);
    let mut other = None;
    for _ in 0..POLLS {
        if let Some(AssignmentChange::Taken(taken)) = one.poll(WAIT_MS).unwrap().change {
            one.unassign(&taken).unwrap();
        }
        match two.poll(WAIT_MS).unwrap().change {
            Some(AssignmentChange::Given(given)) if given.is_empty() => two.accept(&given).unwrap(),
            Some(AssignmentChange::Given(given)) => {
                other = Some(given);
                break;
            }
            _ => {}
        }
    }
    let other = other.expect("the second member gets its share");
    two.assign(&[(other[0].clone(), 0)]).unwrap();
    stand.append(record(&other[0], "x"));
    assert_eq!(values(&read(&mut *two, 1)), ["x"]);
}

pub(crate) fn a_paused_partition_goes_on_from_where_it_is_sent(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("paused-and-sought");
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    start(&mut *log);
    (0..4).for_each(|i| stand.append(record(&p0, &i.to_string())));
    assert_eq!(values(&read(&mut *log, 4)), ["0", "1", "2", "3"]);
    log.pause(&[p0.clone()], true).unwrap();
    log.seek(&[(p0.clone(), 2)]).unwrap();
    stand.append(record(&p1, "other"));
    assert_eq!(values(&read(&mut *log, 1)), ["other"], "it is still paused");
    log.pause(&[p0.clone()], false).unwrap();
    assert_eq!(values(&read(&mut *log, 2)), ["2", "3"]);
    assert_eq!(log.position(&p0).unwrap(), 4);
}

pub(crate) fn a_partition_is_read_aside_piece_by_piece(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("pieces");
    (0..300).for_each(|i| stand.append(record(&p0, &i.to_string())));
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    let (mut next, mut seen) = (0, Vec::new());
    for _ in 0..POLLS {
        let piece = log.read_aside(&p0, next, WAIT_MS).unwrap();
        assert!(piece.next >= next && piece.end == 300, "{} of {}", piece.next, piece.end);
        next = piece.next;
        seen.extend(values(&piece.records));
        if next == piece.end {
            break;
        }
    }
    let all: Vec<String> = (0..300).map(|i| i.to_string()).collect();
    assert_eq!(seen, all);
    stand.append(record(&p0, "later"));
    let later = log.read_aside(&p0, next, WAIT_MS);
    let mut later = later.unwrap();
    for _ in 0..POLLS {
        if !later.records.is_empty() {
            break;
        }
        later = log.read_aside(&p0, next, WAIT_MS).unwrap();
    }
    assert_eq!((values(&later.records), later.next, later.end), (vec!["later".to_owned()], 301, 301));
    stand.delete_records(&p0, 10);
    let gone = log.read_aside(&p0, 9, WAIT_MS).unwrap_err();
    assert_eq!((gone.road, gone.cause), (Road::Fatal, Cause::OffsetGone), "{gone}");
    let first = (0..POLLS).find_map(|_| {
        let piece = log.read_aside(&p0, 10, WAIT_MS).unwrap();
        values(&piece.records).first().cloned()
    });
    assert_eq!(first, Some("10".into()));
}

pub(crate) fn who_is_gone_is_fenced_so_that_its_places_are_known(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("fenced-for-good");
    {
        let mut log = stand.member(&group, "0", &[p0.clone()]);
        start(&mut *log);
        stand.append(record(&p0, "a"));
        read(&mut *log, 1);
        write(&mut *log, &[], &[place(&p0, 1, "mine")]);
        stable(&mut *log, &[p0.clone()]);
        log.unassign(&[p0.clone()]).unwrap();
    }
    stand.reassign(&group, &[("0", vec![])]);
    let ghost = stand.hold_place(&group, &p0);
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    given(&mut *log);
    assert_eq!(log.committed(&[p0.clone()]).unwrap_err().road, Road::Retry);
    let mine = Some(Committed { offset: 1, metadata: "mine".to_owned() });
    assert_eq!(log.last_committed(&[p0.clone()]).unwrap(), [mine.clone()], "whatever is held beside it");
    log.fence(&ghost).unwrap();
    assert_eq!(
        stable(&mut *log, &[p0.clone()]),
        [mine],
        "its transaction is over, and nothing of it is left"
    );
    log.assign(&[(p0.clone(), 1)]).unwrap();
    write(&mut *log, &[], &[place(&p0, 1, "still mine")]);
}

pub(crate) fn what_nobody_needs_is_forgotten(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("trimmed");
    for at in [&p0, &p1] {
        (0..5).for_each(|i| stand.append(record(at, &i.to_string())));
    }
    let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    start(&mut *log);
    read(&mut *log, 10);
    let mut first = (0, 0);
    for _ in 0..POLLS {
        log.trim(&[(p0.clone(), 3), (p1.clone(), 1)]).unwrap();
        log.poll(WAIT_MS).unwrap();
        first = (log.watermarks(&p0).unwrap().0, log.watermarks(&p1).unwrap().0);
        if first == (3, 1) {
            break;
        }
    }
    assert_eq!(first, (3, 1));
    poll_until(&mut *log, "the log goes on", |log, _, _| log.position(&p0).is_ok());
}
