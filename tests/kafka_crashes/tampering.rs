//! The verifier finds what is to be found: a record that is lost, doubled or changed, in every topic, and whatever
//! else was left undone.

use rapport::log::RawRecord;
use rapport::pipeline::SOURCE_HEADER;

use super::evidence::Evidence;
use super::fleet::Flow;
use super::verifier::{Expected, faults, verify};
use super::{installed, shared_broker, short};
use crate::support::installed::quarter;

type Tamper = fn(&mut Evidence);

fn doubled(records: &mut Vec<RawRecord>, i: usize) {
    let mut again = records[i].clone();
    again.offset = records[records.len() - 1].offset + 1;
    records.push(again);
}

/// A record of the middle of the first partition of the event log that an intake wrote and that is an event.
fn taken_in(evidence: &Evidence) -> usize {
    let records = &evidence.events[0];
    let is_event = |record: &RawRecord| {
        record.key.is_some() && record.headers.iter().any(|(name, _)| name == SOURCE_HEADER)
    };
    let middle = records.len() / 2;
    middle + records[middle..].iter().position(is_event).expect("there are events")
}

/// What is done to a right run, and what the verifier must say of it.
const TAMPERED: &[(&str, Tamper, &str)] = &[
    ("an alert is lost", |e| drop(e.alerts.remove(1)), "alerts by the oracle"),
    ("an alert is doubled", |e| doubled(&mut e.alerts, 1), "came twice"),
    ("alerts are swapped", |e| e.alerts.swap(0, 1), "alerts by the oracle"),
    (
        "an alert says more than it should",
        |e| {
            let text = String::from_utf8(e.alerts[0].value.clone().unwrap()).unwrap();
            let (head, rest) = text.split_once("\"n\":").unwrap();
            e.alerts[0].value = Some(format!("{head}\"n\":1{rest}").into_bytes());
        },
        "alerts by the oracle",
    ),
    ("a header of an alert is lost", |e| drop(e.alerts[0].headers.pop()), "headers of the alert"),
    (
        "a window is older than it should be",
        |e| {
            let last = e.windows.last().unwrap().clone();
            let before = e.windows.iter().position(|w| w.key == last.key && w.value != last.value);
            let older = before.map_or(b"{}".to_vec(), |i| e.windows[i].value.clone().unwrap());
            e.windows.last_mut().unwrap().value = Some(older);
        },
        "windows: ",
    ),
    (
        "an event is lost between its source and the log",
        |e| {
            let i = taken_in(e);
            e.events[0].remove(i);
        },
        "in crm.events[0]: ",
    ),
    (
        "an event is doubled",
        |e| {
            let i = taken_in(e);
            doubled(&mut e.events[0], i);
        },
        "in crm.events[0]: ",
    ),
    (
        "two events have changed places",
        |e| {
            let of = |r: &RawRecord| r.headers.iter().find(|(name, _)| name == SOURCE_HEADER).cloned();
            let i = taken_in(e);
            let source = of(&e.events[0][i]);
            let next = (i + 1..e.events[0].len())
                .find(|j| e.events[0][*j].key.is_some() && of(&e.events[0][*j]) == source)
                .unwrap();
            e.events[0].swap(i, next);
        },
        "in crm.events[0]: ",
    ),
    (
        "a fact on the move is lost",
        |e| {
            let text = b"\"kind\":\"moved\"";
            let is_move = |r: &RawRecord| {
                r.value.as_deref().is_some_and(|value| value.windows(text.len()).any(|part| part == text))
            };
            let (partition, i) = (0..e.events.len())
                .find_map(|p| Some((p, e.events[p].iter().position(is_move)?)))
                .expect("facts move in this history");
            e.events[partition].remove(i);
        },
        "records that the event log demands",
    ),
    (
        "a time was told to one partition alone",
        |e| {
            let text = b"\"kind\":\"progress\"";
            let is_progress = |r: &RawRecord| {
                r.value.as_deref().is_some_and(|value| value.windows(text.len()).any(|part| part == text))
            };
            let i = e.events[1].iter().position(is_progress).unwrap();
            e.events[1].remove(i);
        },
        "crm.events[1] was not told",
    ),
    ("a dead letter is lost", |e| drop(e.dead_letters.pop()), "dead letters"),
    ("a dead letter is doubled", |e| doubled(&mut e.dead_letters, 0), "dead letters"),
    ("a dead letter has changed", |e| e.dead_letters[0].value = Some(b"x".to_vec()), "dead letters"),
    (
        "a record was counted twice",
        |e| {
            // In sum it would be right.
            *e.shown.records.get_mut(&("journeys".into(), 0, "applied".into())).unwrap() += 1;
            *e.shown.records.get_mut(&("journeys".into(), 1, "applied".into())).unwrap() -= 1;
        },
        "how records ended in journeys",
    ),
    (
        "a record of a source was not counted",
        |e| *e.shown.records.get_mut(&("intake".into(), 0, "forwarded".into())).unwrap() -= 1,
        "how records ended in intake",
    ),
    (
        "a counter is wrong",
        |e| *e.shown.counters.get_mut(&("rapport_moved_facts_total", 0)).unwrap() += 1,
        "counters of journeys",
    ),
    ("a record is unread", |e| e.places[0].next += 1, "the next record at"),
    ("a transaction is open", |e| e.ends[0].1.1 += 1, "a transaction is open between"),
    (
        "a transaction is undecided",
        |e| drop(e.transactions.insert("somebody".into(), "Ongoing".into())),
        "the transaction of somebody is Ongoing",
    ),
    ("a member has not left", |e| e.members = 1, "the group has 1 members"),
];

#[test]
fn the_verifier_finds_what_is_lost_doubled_or_changed() {
    let Some(broker) = shared_broker("the_verifier_finds_what_is_lost_doubled_or_changed") else { return };
    let records = quarter::unruly_records(16);
    let mut installation = installed(broker, "tampered", short());
    Flow::begin(&mut installation, &records, 1).end();
    let right = Evidence::gather(broker, &installation);
    assert!(verify(&right).len() > 3, "there is too little to tamper with");
    let expected = Expected::of(&right);
    for (what, tamper, says) in TAMPERED {
        let mut wrong = right.clone();
        tamper(&mut wrong);
        // What the log demands is worked out anew where the log is another one.
        let another = (wrong.events != right.events).then(|| Expected::of(&wrong));
        let found = faults(&wrong, another.as_ref().unwrap_or(&expected));
        assert!(found.iter().any(|fault| fault.contains(says)), "{what}: {found:?} do not say \"{says}\"");
    }
}
