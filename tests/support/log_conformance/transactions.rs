//! What is committed, all of it or nothing, and by whom.

#![allow(clippy::cloned_ref_to_slice_refs, reason = "a list of one partition reads like one of two")]

use rapport::log::{Committed, LogError, Road};

use super::{
    POLLS, Stand, WAIT_MS, given, place, read, record, renew, stable, start, through, tp, values, visible,
    write,
};

pub(crate) fn a_transaction_shows_all_or_nothing(stand: &mut dyn Stand) {
    let (input, output) = (stand.topic(1), stand.topic(2));
    let (in0, out0, out1) = (tp(&input, 0), tp(&output, 0), tp(&output, 1));
    let group = stand.unique("all-or-nothing");
    let mut log = stand.member(&group, "0", &[in0.clone()]);
    assert_eq!(start(&mut *log), [in0.clone()]);

    log.begin().unwrap();
    log.produce(record(&out0, "a")).unwrap();
    log.produce(record(&out1, "b")).unwrap();
    assert!(stand.read_committed(&out0).is_empty(), "nothing is shown before the commit");
    log.commit(&[place(&in0, 0, "")]).unwrap();
    assert_eq!(visible(stand, &out0, 1), ["a"]);
    assert_eq!(visible(stand, &out1, 1), ["b"]);

    log.begin().unwrap();
    log.produce(record(&out0, "aborted")).unwrap();
    log.produce(record(&out1, "aborted")).unwrap();
    renew(&mut *log);
    write(&mut *log, &[record(&out0, "c"), record(&out1, "d")], &[]);
    assert_eq!(visible(stand, &out0, 2), ["a", "c"]);
    assert_eq!(visible(stand, &out1, 2), ["b", "d"]);
    assert_eq!(values(&through(&mut *log, &out0, 0).unwrap()), ["a", "c"]);
}

pub(crate) fn places_are_committed_with_their_texts(stand: &mut dyn Stand) {
    let topic = stand.topic(2);
    let (p0, p1) = (tp(&topic, 0), tp(&topic, 1));
    let group = stand.unique("places");
    let text = r#"{"seq":7,"cycle":1024,"words":"сделка"}"#.to_string() + &"x".repeat(4000);
    {
        let mut log = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
        assert_eq!(stable(&mut *log, &[p0.clone(), p1.clone()]), [None, None]);
        start(&mut *log);
        stand.append(record(&p0, "a"));
        read(&mut *log, 1);
        write(&mut *log, &[record(&p1, "b")], &[place(&p0, 1, &text), place(&p1, 0, "")]);
        // The places of a transaction that is not committed are not committed either.
        log.begin().unwrap();
        log.produce(record(&p1, "aborted")).unwrap();
        renew(&mut *log);
        let expected = [Some(Committed { offset: 1, metadata: text.clone() }), Some(place(&p1, 0, "").1)];
        assert_eq!(stable(&mut *log, &[p0.clone(), p1.clone()]), expected);
        assert_eq!(stable(&mut *log, &[p1.clone(), p0.clone()])[1], expected[0], "in the order asked");
    }
    let mut next = stand.member(&group, "0", &[p0.clone(), p1.clone()]);
    assert_eq!(stable(&mut *next, &[p0])[0], Some(Committed { offset: 1, metadata: text }));
}

pub(crate) fn a_text_that_is_too_long_is_refused(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("long-text");
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    start(&mut *log);
    write(&mut *log, &[record(&p0, "a")], &[place(&p0, 0, &"x".repeat(4096))]);
    log.begin().unwrap();
    log.produce(record(&p0, "b")).unwrap();
    let error = log.commit(&[place(&p0, 1, &"x".repeat(4097))]).unwrap_err();
    assert_eq!(error.road, Road::Fatal, "{error}");
    assert_eq!(visible(stand, &p0, 1), ["a"]);
}

pub(crate) fn a_new_member_of_an_id_ends_what_the_old_one_left(stand: &mut dyn Stand) {
    let (input, output) = (stand.topic(1), stand.topic(1));
    let (in0, out0) = (tp(&input, 0), tp(&output, 0));
    let group = stand.unique("left-open");
    let mut old = stand.member(&group, "0", &[in0.clone()]);
    start(&mut *old);
    write(&mut *old, &[record(&out0, "a")], &[place(&in0, 0, "first")]);
    old.begin().unwrap();
    old.produce(record(&out0, "never")).unwrap();
    let mut new = stand.member(&group, "0", &[in0.clone()]);
    assert_eq!(stable(&mut *new, &[in0.clone()]), [Some(place(&in0, 0, "first").1)]);
    start(&mut *new);
    write(&mut *new, &[record(&out0, "b")], &[place(&in0, 0, "second")]);
    assert_eq!(visible(stand, &out0, 2), ["a", "b"]);
}

pub(crate) fn the_old_member_is_fenced(stand: &mut dyn Stand) {
    let (input, output) = (stand.topic(1), stand.topic(1));
    let (in0, out0) = (tp(&input, 0), tp(&output, 0));
    let group = stand.unique("fenced");
    let mut old = stand.member(&group, "0", &[in0.clone()]);
    start(&mut *old);
    write(&mut *old, &[record(&out0, "a")], &[place(&in0, 0, "")]);
    let mut new = stand.member(&group, "0", &[in0.clone()]);
    start(&mut *new);

    let attempt = old.begin().and_then(|()| old.produce(record(&out0, "zombie")));
    let error = attempt.and_then(|()| old.commit(&[place(&in0, 9, "zombie")])).unwrap_err();
    assert_ne!(error.road, Road::Retry, "{error}");
    let error = old.begin().unwrap_err();
    assert_ne!(error.road, Road::Retry, "every later call fails too: {error}");

    write(&mut *new, &[record(&out0, "b")], &[place(&in0, 1, "")]);
    assert_eq!(visible(stand, &out0, 2), ["a", "b"]);
    assert_eq!(stable(&mut *new, &[in0.clone()]), [Some(place(&in0, 1, "").1)]);

    // In time the zombie learns that its place in the group is taken as well.
    for _ in 0..POLLS {
        if let Err(error) = old.poll(WAIT_MS) {
            assert_eq!(error.road, Road::Fatal, "{error}");
            assert_eq!(old.renew().unwrap_err().road, Road::Fatal);
            return;
        }
    }
    panic!("the old member never noticed that it was replaced");
}

pub(crate) fn a_failed_writer_is_renewed(stand: &mut dyn Stand) {
    let (input, output) = (stand.topic(1), stand.topic(1));
    let (in0, out0) = (tp(&input, 0), tp(&output, 0));
    let group = stand.unique("renewed");
    let mut log = stand.member(&group, "0", &[in0.clone()]);
    start(&mut *log);
    for text in ["one", "two"] {
        log.begin().unwrap();
        log.produce(record(&out0, "given up")).unwrap();
        renew(&mut *log);
        write(&mut *log, &[record(&out0, text)], &[place(&in0, 0, text)]);
    }
    assert_eq!(visible(stand, &out0, 2), ["one", "two"]);
    assert_eq!(stable(&mut *log, &[in0.clone()]), [Some(place(&in0, 0, "two").1)]);
}

pub(crate) fn places_are_unstable_while_another_transaction_holds_them(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("unstable");
    stand.hold_place(&group, &p0);
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    assert_eq!(given(&mut *log), [p0.clone()]);
    let error = log.committed(&[p0.clone()]).unwrap_err();
    assert_eq!(error.road, Road::Retry, "{error}");
    stand.abort_held();
    assert_eq!(stable(&mut *log, &[p0.clone()]), [None]);
    log.assign(&[(p0, 0)]).unwrap();
}

pub(crate) fn misuse_is_fatal(stand: &mut dyn Stand) {
    let topic = stand.topic(1);
    let p0 = tp(&topic, 0);
    let group = stand.unique("misuse");
    let mut log = stand.member(&group, "0", &[p0.clone()]);
    let road = |answer: Result<(), LogError>| answer.unwrap_err().road;
    assert_eq!(road(log.position(&p0).map(drop)), Road::Fatal, "not assigned");
    assert_eq!(road(log.seek(&[(p0.clone(), 0)])), Road::Fatal, "not assigned");
    assert_eq!(road(log.pause(&[p0.clone()], true)), Road::Fatal, "not assigned");
    start(&mut *log);
    assert_eq!(road(log.assign(&[(p0.clone(), 0)])), Road::Fatal, "assigned twice");
    log.begin().unwrap();
    assert_eq!(road(log.begin()), Road::Fatal, "begun twice");
    renew(&mut *log);
    assert_eq!(road(log.produce(record(&p0, "a"))), Road::Fatal, "produced outside of a transaction");
    renew(&mut *log);
    assert_eq!(road(log.commit(&[])), Road::Fatal, "committed what was not begun");
}
