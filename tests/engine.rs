//! The engine and its tasks by the clock: wall time that passes for whoever is quiet, when a transaction
//! is committed, what stops it.

use rapport::log::memory::{Effect as When, Interleaving};
use rapport::log::{NewRecord, TopicPartition};
use rapport::model::definitions::SourceDefinition;
use rapport::model::delta::Delta;
use rapport::model::outcome::Outcome;
use rapport::model::partitioner::partition_of;
use rapport::model::record::Holds;
use rapport::model::{DAY_MS, MINUTE_MS};
use rapport::pipeline::breaker::BreakerSettings;

use crate::support::monday::{
    NINE, an_afternoon_of_silence, late, let_pass_to, mql, mql_at, past_nine, terms,
};
use crate::support::random_log::Arrival;
use crate::support::rig::{Rig, Running};

/// Half a minute: events may come so much out of order.
const BOUND_MS: i64 = MINUTE_MS / 2;

/// Missed and met first touches of the whole company, as the committed windows show them.
fn outcomes(rig: &Rig) -> (Option<f64>, u64) {
    let windows = rig.windows();
    windows.get("all|first_touch_attainment|28d").map_or((None, 0), |window| (window.value, window.n))
}

/// One MQL and then silence, beside a partition in which nobody has ever said anything: it is the clock
/// that lets time pass over the promise, and so the miss is counted.
#[test]
fn wall_time_passes_for_the_quiet() {
    let rig = Rig::new(&terms(|definitions| definitions.event_partitions = 2));
    let of_lead = partition_of(b"L1", 2) as usize;
    rig.set_wall(NINE);
    rig.feed(&[late("mql", "L1", NINE, 0, 2, mql("L1"))]);
    let mut member = rig.start();
    rig.settle(&mut member);
    assert_eq!(rig.progress(of_lead), [], "the event has told it: 8:59");
    assert_eq!(rig.progress(1 - of_lead), [past_nine(-1)], "no event has");
    for (wall, passed) in [(past_nine(60), 59), (past_nine(241), 240)] {
        let_pass_to(&rig, &mut member, wall);
        assert_eq!(member.journeys(of_lead as u32).time, past_nine(passed).minute());
        assert_eq!(member.segments().aligned, Some(past_nine(passed).minute()));
    }
    assert_eq!(outcomes(&rig), (None, 0), "the promise ends at one, and one o'clock is not over");
    let_pass_to(&rig, &mut member, past_nine(241).plus_ms(BOUND_MS));
    assert_eq!(outcomes(&rig), (Some(0.0), 1), "it is over, and nobody has called");
    let told = [59, 240, 241].map(past_nine);
    assert_eq!(rig.progress(of_lead), told, "each wall time is told once");
    rig.set_wall(past_nine(242).plus_ms(BOUND_MS - 1));
    rig.settle(&mut member);
    assert_eq!(rig.progress(of_lead), told, "nothing is told before the minute is over");
}

/// A back-fill must not drag time to now: what lies a day behind its own record is history, and nobody
/// knows what else of it is to come. The next event that comes in time ends that.
#[test]
fn wall_time_does_not_pass_over_history_that_is_read() {
    for (late_ms, told) in [(DAY_MS, Some(DAY_MS - MINUTE_MS)), (DAY_MS + 1, None)] {
        let rig = Rig::new(&terms(|_| {}));
        rig.set_wall(NINE.plus_ms(DAY_MS));
        rig.feed(&[late("old", "L1", NINE, late_ms, 1, mql("L1"))]);
        let mut member = rig.start();
        rig.settle(&mut member);
        let told: Vec<_> = told.into_iter().map(|ms| NINE.plus_ms(ms)).collect();
        assert_eq!(rig.progress(0), told, "an event {late_ms} ms before its record");
        assert_eq!(member.journeys(0).time, told.first().map_or(past_nine(-1), |time| *time).minute());
    }
    let rig = Rig::new(&terms(|_| {}));
    let live = NINE.plus_ms(3 * DAY_MS);
    rig.set_wall(live);
    rig.feed(&[late("old", "L1", NINE, 3 * DAY_MS, 1, mql("L1")), mql_at("L2", live)]);
    let mut member = rig.start();
    let_pass_to(&rig, &mut member, live.plus_ms(10 * MINUTE_MS));
    assert_eq!(rig.progress(0), [live.plus_ms(9 * MINUTE_MS)]);
}

/// While records lie unread that were there when the clock was asked, nobody may say that all was read;
/// and once they are read, it was all as of then, not as of now.
#[test]
fn what_lies_unread_holds_wall_time_back() {
    let mut rig = Rig::new(&terms(|_| {}));
    rig.settings.commit_every_ms = 0;
    rig.broker.set_batches(1, Interleaving::InTurn);
    let leads = ["L1", "L2", "L3", "L4", "L5"];
    rig.feed(&leads.map(|lead| mql_at(lead, NINE)));
    rig.set_wall(past_nine(30));
    let mut member = rig.start();
    let events = TopicPartition::new(&rig.topics.events, 0);
    for turn in 0.. {
        rig.set_wall(past_nine(30 + 10 * turn));
        rig.turns(&mut member, 1);
        if member.next_offset(&events) == 5 {
            break;
        }
        assert_eq!(rig.progress(0), [], "turn {turn}: events are still unread");
        assert!(turn < 20, "the events are read one by one");
    }
    rig.settle(&mut member);
    assert_eq!(rig.progress(0)[0], past_nine(29), "when the clock was asked it was half past nine");
}

/// A clock that is set back tells nothing: neither to a member that runs nor to one that starts anew.
#[test]
fn time_does_not_go_back_with_the_clock() {
    let rig = Rig::new(&terms(|_| {}));
    rig.feed(&[mql_at("L1", NINE)]);
    let mut member = rig.start();
    let_pass_to(&rig, &mut member, past_nine(30));
    let_pass_to(&rig, &mut member, past_nine(20));
    let mut member = rig.start();
    let_pass_to(&rig, &mut member, past_nine(25));
    assert_eq!(rig.progress(0), [past_nine(29)]);
    assert_eq!(member.journeys(0).time, past_nine(29).minute());
    let_pass_to(&rig, &mut member, past_nine(31));
    assert_eq!(rig.progress(0), [past_nine(29), past_nine(30)]);
}

/// A member dies at any step of telling wall time, and the machine on which it starts anew is behind: what
/// was told is not told again, what was not is, and time only rises.
#[test]
fn wall_time_is_told_once_whatever_dies() {
    let (mut kept, mut lost) = (0, 0);
    for step in 1.. {
        let mut struck = false;
        for when in [When::Before, When::After] {
            let rig = Rig::new(&terms(|_| {}));
            rig.feed(&[mql_at("L1", NINE)]);
            let mut member = rig.start();
            rig.settle(&mut member);
            member.crash_after(step, when);
            let_pass_to(&rig, &mut member, past_nine(250));
            struck |= member.is_dead();
            rig.set_wall(past_nine(242));
            let mut member = rig.start();
            let_pass_to(&rig, &mut member, past_nine(242));
            let_pass_to(&rig, &mut member, past_nine(260));
            let told = rig.progress(0);
            let after_it = if told[0] == past_nine(249) { &mut kept } else { &mut lost };
            *after_it += 1;
            let first = if told[0] == past_nine(249) { 249 } else { 241 };
            assert_eq!(told, [past_nine(first), past_nine(259)], "step {step}, {when:?} its effect");
            assert_eq!(member.journeys(0).time, past_nine(259).minute());
            assert_eq!(outcomes(&rig), (Some(0.0), 1), "step {step}, {when:?} its effect");
        }
        if !struck {
            break;
        }
    }
    assert!(kept > 5 && lost > 5, "{kept} deaths after the commit, {lost} before");
}

/// What a member loses while it begins anew is not its own to show any more.
#[test]
fn what_is_lost_while_it_is_restored_is_told_to_be_gone() {
    let rig = Rig::new(&terms(|_| {}));
    rig.feed(&[mql_at("L1", NINE)]);
    let mut member = rig.start();
    rig.settle(&mut member);
    member.begin_anew_after(1);
    rig.turns(&mut member, 1);
    let lost = rig.expel_the_only_one();
    rig.turns(&mut member, 3);
    assert_eq!(member.gone(), lost);
}

/// An installation with an intake: each event of its source is a record to be written.
fn with_an_intake() -> (Rig, Vec<Arrival>, usize) {
    let rig = Rig::new(&terms(|definitions| {
        definitions.sources = vec![SourceDefinition { name: "crm.leads".into(), partitions: 1 }];
    }));
    let leads = ["L1", "L2", "L3", "L4", "L5"];
    let events = leads.map(|lead| mql_at(lead, NINE)).to_vec();
    let Holds::Event(event) = &events[0].record.holds else { panic!("these are events") };
    let bytes = rapport::codec::encode_event_json(event).len() + "L1".len();
    (rig, events, bytes)
}

/// However still the clock stands, what waits is committed when it is large enough, and not before.
#[test]
fn a_transaction_is_committed_once_it_is_large() {
    let (mut rig, events, bytes) = with_an_intake();
    rig.settings.commit_bytes = 3 * bytes;
    rig.broker.set_batches(1, Interleaving::InTurn);
    let mut member = rig.start();
    rig.feed(&events);
    let mut commits = |turns| {
        rig.turns(&mut member, turns);
        member.commits()
    };
    assert_eq!(commits(2), 0, "two events wait");
    assert_eq!(commits(1), 1, "three events are enough");
    let log = TopicPartition::new(&rig.topics.events, 0);
    let read: usize = rig.broker.read_committed(&log).iter().filter(|record| record.key.is_some()).count();
    assert_eq!(read, 3);
}

/// However little waits, it is committed when it is old enough, and not before.
#[test]
fn a_transaction_is_committed_once_it_is_old() {
    let (mut rig, events, _) = with_an_intake();
    rig.settings.commit_bytes = usize::MAX;
    rig.pause_ms(1000);
    let mut member = rig.start();
    rig.settle(&mut member);
    let before = member.commits();
    rig.feed(&events);
    let mut commits = |pause_ms| {
        rig.pause_ms(pause_ms);
        rig.turns(&mut member, 20);
        member.commits() - before
    };
    assert_eq!(commits(0), 0, "the clock stands still");
    assert_eq!(commits(99), 0, "99 ms after the first record was read");
    assert_eq!(commits(1), 1, "100 ms after it");
    assert_eq!(commits(99), 1, "what followed from the first commit waits as long");
    assert_eq!(commits(1), 2);
}

/// What is found in history is marked, so that nobody is paged for last month; what is found live is not.
#[test]
fn an_alert_says_whether_it_was_found_in_history() {
    let fires = |late_ms: i64| {
        let mut rig = Rig::new(&terms(|_| {}));
        rig.tasks.catching_up_after_ms = Some(60 * MINUTE_MS);
        rig.feed(&an_afternoon_of_silence(late_ms));
        let mut member = rig.start();
        rig.settle(&mut member);
        for minute in (240..300).step_by(5) {
            let at = past_nine(minute);
            let id = format!("later {minute}");
            rig.set_wall(at.plus_ms(late_ms));
            rig.feed(&[late(&id, &id, at, late_ms, 1, mql(&id))]);
            rig.settle(&mut member);
        }
        let alerts = rig.alerts().into_iter().map(|(_, alert)| alert);
        alerts.map(|alert| (alert.rule.to_string(), alert.catching_up)).collect::<Vec<_>>()
    };
    let rule = || "first_touch_slo".to_owned();
    assert_eq!(fires(0), [(rule(), false)], "live");
    assert_eq!(fires(50 * MINUTE_MS), [(rule(), false)], "not so late that it were history");
    assert_eq!(fires(30 * DAY_MS), [(rule(), true)], "last month");
}

/// A partition that counts under definitions which nobody has told of has lost its state, or the task that judges
/// has: to go on would judge without it, so the daemon stops and says so.
#[test]
fn a_partition_that_counts_under_unknown_definitions_stops_the_daemon() {
    let mut rig = Rig::new(&terms(|_| {}));
    let delta = Delta { time: NINE.minute(), definitions: 3, ..Delta::default() };
    rig.broker.append(NewRecord {
        to: TopicPartition::new(&rig.topics.deltas, 0),
        key: None,
        value: Some(rapport::codec::encode_delta(&delta)),
        headers: Vec::new(),
        timestamp: Some(NINE),
    });
    let said = rig.run_until_it_stops(BreakerSettings::default());
    assert!(said.starts_with("stopped at rapport.deltas[0], offset 0: "), "{said}");
    assert!(said.contains("partition 0 of crm.events counts under definitions no. 3"), "{said}");
    assert!(said.contains("those in force are no. 1"), "{said}");
}

/// A broker that is down for long is one beginning anew, not as many as there are turns; and then all is right.
#[test]
fn a_hundred_turns_without_a_broker_are_one_beginning_anew() {
    let rig = Rig::new(&terms(|_| {}));
    let mut member = rig.start();
    rig.settle(&mut member);
    rig.feed(&[mql_at("L1", NINE)]);
    rig.turns(&mut member, 1);
    rig.broker.set_down(true);
    rig.pause_ms(rig.settings.commit_every_ms);
    rig.turns(&mut member, 100);
    assert_eq!((member.rebuilt(), member.rebuilds_failed()), (1, 99));
    let waits_for = member.waits_for().expect("it cannot work");
    assert!(waits_for.contains("no broker can be reached"), "{waits_for}");
    rig.broker.set_down(false);
    rig.settle(&mut member);
    assert_eq!(member.rebuilt(), 1);
    assert_eq!(member.journeys(0).tally.of(Outcome::Applied), 1);
}

fn to_deltas(rig: &Rig, headers: Vec<(String, Vec<u8>)>, value: Option<Vec<u8>>) -> i64 {
    let to = TopicPartition::new(&rig.topics.deltas, 0);
    let offset = rig.broker.end(&to);
    rig.broker.append(NewRecord { to, key: None, value, headers, timestamp: None });
    offset
}

/// A delta that cannot be read is a part of every figure after it: the daemon stops before it, however often it is
/// started again.
#[test]
fn a_delta_that_cannot_be_read_is_not_passed_over() {
    let delta = Delta { time: past_nine(10).minute(), definitions: 1, ..Delta::default() };
    let bytes = rapport::codec::encode_delta(&delta);
    let marked = rapport::codec::delta_headers;
    let elsewhere = Delta { partition: 7, ..delta };
    let cases = [
        (marked(), Some([&[9], &bytes[1..]].concat()), "a delta record of version 9"),
        (marked(), Some(bytes[..bytes.len() - 1].to_vec()), "a damaged delta record"),
        (marked(), None, "an empty delta record"),
        (Vec::new(), Some(bytes[..bytes.len() - 1].to_vec()), "a damaged delta record"),
        (
            marked(),
            Some(rapport::codec::encode_delta(&elsewhere)),
            "a delta of partition 7 of crm.events, which was made with 1",
        ),
    ];
    for (headers, value, why) in cases {
        let rig = Rig::new(&terms(|_| {}));
        rig.feed(&an_afternoon_of_silence(0));
        rig.feed(&[mql_at("later", past_nine(300))]);
        let mut member = rig.start();
        rig.settle(&mut member);
        drop(member);
        let offset = to_deltas(&rig, headers, value);
        let windows = rig.windows();
        assert!(!windows.is_empty(), "something was told before");
        for _ in 0..2 {
            rig.feed(&[mql_at("much later", past_nine(400))]);
            let said = rig.start_in_vain().to_string();
            assert!(
                said.starts_with(&format!("stopped at rapport.deltas[0], offset {offset}: {why}")),
                "{said}"
            );
            let way_out =
                if why.contains("made with") { "another topic prefix" } else { "rapport state rebuild" };
            assert!(said.contains(way_out), "{said}");
            assert_eq!(rig.windows(), windows, "{why}");
        }
    }
}

/// A record of another program among the deltas counts nothing: it is set aside, and nothing else changes.
#[test]
fn a_record_of_somebody_else_among_the_deltas_is_set_aside() {
    let run = |foreign: &[&[u8]]| {
        let rig = Rig::new(&terms(|_| {}));
        let mut member = rig.start();
        rig.feed(&an_afternoon_of_silence(0));
        rig.settle(&mut member);
        for value in foreign {
            to_deltas(&rig, Vec::new(), Some(value.to_vec()));
        }
        rig.feed(&[mql_at("later", past_nine(400))]);
        rig.settle(&mut member);
        (rig.alerts(), rig.windows(), rig.shown().dead_letters)
    };
    let foreign: [&[u8]; 3] = [b"{\"kind\":\"lead_created\"}", b"\x00\x00\x00\x00\x07abc", b"\xff"];
    let (alerts, windows, none) = run(&[]);
    assert!(alerts.len() == 1 && !windows.is_empty() && none.is_empty(), "too dull to prove anything");
    let dead = foreign.map(|value| (value.to_vec(), 1)).into();
    assert_eq!(run(&foreign), (alerts, windows, dead));
}

/// What is begun anew counts as an abort where something was written, and not where nothing was, nor where a commit
/// is in doubt.
#[test]
fn a_transaction_that_is_broken_off_counts_as_aborted() {
    let rig = Rig::new(&terms(|_| {}));
    let mut member = rig.start();
    rig.settle(&mut member);
    let told = |member: &mut Running, lead: &str, minutes: i64| {
        rig.feed(&[mql_at(lead, past_nine(minutes))]);
        rig.settle(member);
        (member.rebuilt(), member.aborted())
    };
    member.begin_anew_after(1);
    assert_eq!(told(&mut member, "asked", 0), (1, 0), "it was asking for records");
    member.begin_anew_at_the_next_commit();
    assert_eq!(told(&mut member, "in doubt", 60), (2, 0), "it was committing");
    let written = (1..30).find(|steps| {
        member.begin_anew_after(*steps);
        told(&mut member, &format!("after {steps}"), 60 * (2 + *steps as i64)).1 == 1
    });
    assert!(written.is_some_and(|steps| steps > 1), "it never broke off after it had written: {written:?}");
}
