//! An upgrade: what a version before left in its topics is taken up, and everything goes on as if it had always
//! been this one.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use rapport::funnel::terms::Terms;
use rapport::log::{Committed, NewRecord, TopicPartition};
use rapport::model::alert::{Alert, AlertState, OwnerTeam};
use rapport::model::control::Control;
use rapport::model::definitions::{Definitions, Millionths};
use rapport::model::effect::SegmentsFigures;
use rapport::model::event::{Body, Event};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Stage;
use rapport::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS, Minute};

use crate::support::random_log::{Arrival, Spice, history, history_of};
use crate::support::rig::{Rig, Running};
use crate::support::{all_rules, definitions};

/// A record as it lay in a topic: offset, timestamp, key, value, headers.
type Kept = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Vec<u8>)>);
/// The records by topic, and the committed places.
type Left = (Vec<(String, Vec<Kept>)>, Vec<(String, i64, String)>);

/// What a member that wrote format 1 left after a history, in partition 0 of each topic.
const FORMAT_1: &[u8] = include_bytes!("format_1.gz");
/// What one left that wrote format 3, after a crowded history.
const FORMAT_3: &[u8] = include_bytes!("format_3.gz");
/// What one left that wrote format 4 and stopped while alerts fired and a switch lay ahead, in each of two partitions:
/// what was read is deleted, and of windows the last of each key is left.
const FORMAT_4: &[u8] = include_bytes!("format_4.gz");

fn left<T: serde::de::DeserializeOwned>(packed: &[u8]) -> T {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(packed).read_to_end(&mut bytes).unwrap();
    postcard::from_bytes(&bytes).unwrap()
}

fn plain() -> Arc<Terms> {
    Arc::new(Terms::new(definitions::plain(), 1).unwrap())
}

fn spice() -> Spice {
    Spice { moves: 0, misrouted: 0, garbage: 0, ..Spice::HOT }
}

fn put_back(rig: &Rig, partition: u32, (topics, places): Left) {
    for (topic, records) in topics {
        let to = TopicPartition::new(topic, partition);
        for (offset, timestamp, key, value, headers) in records {
            // Between records lay the markers of transactions.
            while rig.broker.end(&to) < offset {
                rig.broker.append_hidden(&to);
            }
            let timestamp = Some(EventTime(timestamp));
            rig.broker.append(NewRecord { to: to.clone(), key, value, headers, timestamp });
        }
    }
    for (topic, offset, metadata) in places {
        let at = TopicPartition::new(topic, partition);
        while rig.broker.end(&at) < offset {
            rig.broker.append_hidden(&at);
        }
        rig.broker.set_place("rapport", &at, Committed { offset, metadata });
    }
}

/// The same so many days later.
fn later(days: i64, mut history: Vec<Arrival>) -> Vec<Arrival> {
    for arrival in &mut history {
        let record = &mut arrival.record;
        record.timestamp = record.timestamp.plus_ms(days * DAY_MS);
        if let Holds::Event(event) = &mut record.holds {
            event.occurred_at = event.occurred_at.plus_ms(days * DAY_MS);
        }
    }
    history
}

/// Many facts of one moment: each happened at midnight or at noon.
fn crowded(mut history: Vec<Arrival>) -> Vec<Arrival> {
    for arrival in &mut history {
        if let Holds::Event(event) = &mut arrival.record.holds {
            event.occurred_at = EventTime(event.occurred_at.0.div_euclid(DAY_MS / 2) * (DAY_MS / 2));
        }
    }
    history
}

#[test]
fn the_state_of_format_1_is_taken_up() {
    let upgraded = Rig::new(&plain());
    put_back(&upgraded, 0, left(FORMAT_1));
    let mut member = upgraded.start();
    let fresh = Rig::new(&plain());
    let mut always = fresh.start();
    for arrivals in history(17, 90, 1, spice()).chunks(3) {
        fresh.feed(arrivals);
        fresh.settle(&mut always);
    }
    // Records of time passing on the wall aside, which a start may write.
    let stands = |member: &Running| {
        let figures = member.journeys(0);
        // Ids that alerts had no room for were not counted in that format: the count begins with the upgrade.
        let segments = SegmentsFigures { evidence_left_out: 0, ..member.segments() };
        (figures.time, figures.tally, figures.rows, segments)
    };
    assert_eq!(stands(&member), stands(&always));

    let next = later(21, history(18, 300, 1, spice()));
    let upgraded_at = next.first().expect("there are some").record.timestamp;
    for arrivals in next.chunks(7) {
        for (rig, member) in [(&upgraded, &mut member), (&fresh, &mut always)] {
            rig.feed(arrivals);
            rig.settle(member);
        }
    }
    // What lived then began under the rules of that release.
    let begun_since = |rig: &Rig| -> Vec<_> {
        rig.alerts().into_iter().filter(|(_, alert)| alert.since >= upgraded_at).collect()
    };
    assert!(begun_since(&upgraded).len() >= 2, "too dull to prove anything");
    assert_eq!(begun_since(&upgraded), begun_since(&fresh));
    let (since, ever) = (upgraded.windows(), fresh.windows());
    assert!(since.len() > 50, "only {} windows: too dull to prove anything", since.len());
    since.iter().for_each(|(window, result)| assert_eq!(Some(result), ever.get(window), "{window}"));
    assert_eq!(
        stands(&upgraded.start()),
        stands(&always),
        "what it has written since is read back with the rest"
    );
}

/// In format 3 facts of one moment stood in another order, and were counted so: that is mended at the next boundary.
#[test]
fn what_format_3_counted_in_another_order_is_mended() {
    let upgraded = Rig::new(&plain());
    put_back(&upgraded, 0, left(FORMAT_3));
    let mut member = upgraded.start();
    let fresh = Rig::new(&plain());
    let mut always = fresh.start();
    // What was erased keeps the segments that were found before its attributes were gone.
    let spice = Spice { erasures: 0, ..spice() };
    for arrivals in crowded(history(23, 240, 1, spice)).chunks(3) {
        fresh.feed(arrivals);
        fresh.settle(&mut always);
    }
    let differ =
        upgraded.windows().iter().filter(|(window, told)| fresh.windows().get(*window) != Some(told)).count();
    assert!(differ > 5, "only {differ} windows differ: too dull to prove anything");
    for arrivals in later(12, history(18, 30, 1, spice)).chunks(7) {
        for (rig, member) in [(&upgraded, &mut member), (&fresh, &mut always)] {
            rig.feed(arrivals);
            rig.settle(member);
        }
    }
    let (mended, ever) = (upgraded.windows(), fresh.windows());
    for (window, told) in &ever {
        assert_eq!(mended.get(window), Some(told), "{window}");
    }
    assert_eq!(mended.len(), ever.len());
    let rows = |member: &Running| (member.journeys(0).rows, member.segments());
    assert_eq!(rows(&upgraded.start()), rows(&always), "what it has written since is read back in order");
}

/// The definitions of the member that wrote format 4, one after the other: those with which its log began, those that
/// came into force while it ran, and those that one partition had switched to when it stopped.
fn of_format_4() -> [Definitions; 3] {
    let mut first = definitions::plain();
    first.event_partitions = 2;
    definitions::quicken_divergence(&mut first, false);
    let rule = first.rules.divergence.as_mut().unwrap();
    (rule.detect_days, rule.baseline_days) = (8, 8);
    rule.alerts_per_month = Millionths(3_000_000);
    let rule = first.rules.first_touch_slo.as_mut().unwrap();
    rule.min_n = 3;
    rule.gate = Millionths(50_000);
    rule.target = Millionths(400_000);
    first.windows_every_minutes = 720;
    first.limits.evidence_ids = 5;
    let mut second = first.clone();
    definitions::set(&mut second, "dimensions", "region+source");
    let mut third = second.clone();
    definitions::set(&mut third, "dimensions", "source");
    third.rules.first_touch_slo.as_mut().unwrap().within_minutes = 300;
    [first, second, third]
}

fn announced(number: u32, definitions: &Definitions, partition: u32, after: &Arrival) -> Arrival {
    let holds =
        Holds::Control(Control::DefinitionsInForce { number, definitions: definitions.clone().into() });
    let record = LogRecord { timestamp: after.at, came: Came::Direct, holds };
    Arrival { at: after.at, partition, record }
}

/// Somebody asks for a lead of partition 1 to be forgotten.
fn erased(lead: u32, at: EventTime) -> Option<Arrival> {
    let lead_id = compact_str::format_compact!("L{lead}");
    let partition = partition_of(lead_id.as_bytes(), 2);
    let event_id = compact_str::format_compact!("erased-{lead}");
    let event = Event { event_id, occurred_at: at, body: Body::LeadErased { lead_id } };
    let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event) };
    Some(Arrival { at, partition, record }).filter(|arrival| arrival.partition == 1)
}

/// What was fed to it: read by all its tasks; then in partition 0 alone, whose changes wait for the other; then in
/// partition 1, read by the journeys tasks alone, so that the deltas lie unread; and what nobody has read: erasures
/// first, the definitions that partition 0 has switched to last.
fn fed_in_format_4() -> [Vec<Arrival>; 4] {
    const DAYS: i64 = 24;
    let [_, second, third] = of_format_4();
    let spice = Spice { moves: 3, circles: false, erasures: 5, late: 12, ..spice() };
    let mut all = history_of(ChaCha8Rng::seed_from_u64(23), 240, 2, spice, DAYS, 40);
    let monday = Minute(all[0].at.minute().0.div_euclid(1440) * 1440).start();
    for i in 0..45 {
        // More MQLs than usual, of which nothing comes, in the last days.
        let day = 9 + i % 9;
        let at = monday.plus_ms(day * DAY_MS + 9 * HOUR_MS + i * 19 % 480 * MINUTE_MS);
        let lead_id = compact_str::format_compact!("F{i}");
        let partition = partition_of(lead_id.as_bytes(), 2);
        let body = Body::LeadStageEntered { lead_id, stage: Stage::Mql };
        let event = Event { event_id: compact_str::format_compact!("f{i}"), occurred_at: at, body };
        let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event) };
        all.push(Arrival { at, partition, record });
    }
    all.sort_by_key(|arrival| arrival.at);
    let rest = all.split_off(all.len() * 4 / 5);
    let then = all.split_off(all.len() / 3);
    let last = all.last().unwrap();
    all.extend([announced(2, &second, 0, last), announced(2, &second, 1, last)]);
    all.extend(then);
    let (mut ahead, mut behind): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|arrival| arrival.partition == 0);
    ahead.push(announced(3, &third, 0, ahead.last().unwrap()));
    let mut unread = behind.split_off(behind.len() / 4);
    let at = behind.last().unwrap().at;
    unread.splice(0..0, (0..20).filter_map(|i| erased(i, at)));
    unread.push(announced(3, &third, 1, unread.last().unwrap()));
    [all, ahead, behind, unread]
}

/// A member of this release in the place of the one that wrote format 4, all the way.
fn always_in_the_place_of_format_4(fresh: &Rig) -> Running {
    let [all, ahead, behind, unread] = fed_in_format_4();
    let mut member = fresh.start();
    for arrivals in all.chunks(7) {
        fresh.feed(arrivals);
        fresh.settle(&mut member);
    }
    fresh.feed(&ahead);
    fresh.settle(&mut member);
    let of_events = |at: &TopicPartition| at.topic == fresh.topics.events;
    let events: Vec<_> = fresh.inputs().into_iter().filter(of_events).collect();
    let mut journeys_alone = fresh.join_as("0", &events);
    fresh.restore(&mut journeys_alone);
    fresh.feed(&behind);
    fresh.settle(&mut journeys_alone);
    drop(journeys_alone);
    fresh.feed(&unread);
    fresh.start()
}

/// What is told of all rules but `divergence`, without what is told again since somebody was erased whom it named: the
/// release before did not.
fn others(alerts: &[(String, Alert)]) -> Vec<(String, Alert)> {
    let mut last = BTreeMap::new();
    let is_new = |(_, alert): &&(String, Alert)| {
        let told = last.insert(alert.fingerprint.clone(), (alert.state, alert.severity));
        alert.rule != "divergence" && told != Some((alert.state, alert.severity))
    };
    alerts.iter().filter(is_new).cloned().collect()
}

/// What is told of `divergence` can't be as if this release had always been there, which ends alerts by other evidence
/// and learns nothing from days that were told of. But each that fired at the upgrade goes on: what is told of it next
/// is its end, or the same alert.
fn divergence_lives_on(alerts: &[(String, Alert)], told: usize) {
    let mut lives = 0;
    for (place, (_, alert)) in alerts[..told].iter().enumerate() {
        let mut later = alerts[place + 1..].iter().map(|(_, later)| later);
        let next =
            later.position(|later| later.fingerprint == alert.fingerprint).map(|next| place + 1 + next);
        let lived = alert.rule == "divergence" && alert.state == AlertState::Firing;
        if let Some(next) = next.filter(|next| lived && *next >= told) {
            let next = &alerts[next].1;
            assert!(next.since == alert.since && next.definitions_version >= alert.definitions_version);
            lives += 1;
        }
    }
    assert!(lives > 0, "too dull to prove anything");
}

/// What is the same of an alert in both releases: this one says more of it, and who carries it.
fn in_short(told: &(String, Alert)) -> impl PartialEq + std::fmt::Debug + use<> {
    let Alert { at, since, rule, segment, state, severity, value, n, evidence, .. } = told.1.clone();
    (at, since, rule, segment, state, severity, value, n, evidence)
}

/// What is told after so many, each alert that is over calling whom it had called. Whom the release before called may
/// be somebody else than this one would have: of an alert that it told last, nobody is compared at the end.
fn since_then(told: &[(String, Alert)], before: usize) -> Vec<(String, Alert)> {
    let mut after = told[before..].to_vec();
    for (i, (_, alert)) in after.iter_mut().enumerate().filter(|(_, (_, a))| a.state == AlertState::Resolved)
    {
        let of = |(_, other): &&(String, Alert)| other.fingerprint == alert.fingerprint;
        let (place, (_, last)) =
            told[..before + i].iter().enumerate().rfind(|(_, told)| of(told)).expect("it fired");
        assert_eq!((last.state, last.owner_team), (AlertState::Firing, alert.owner_team), "{alert:?}");
        if place < before {
            alert.owner_team = OwnerTeam::Operations;
        }
    }
    after
}

/// Nothing may differ but the words of what was told before, and what is told of `divergence`: alerts that live keep
/// what they were set by, what waited and what lay unread is counted, and leads are named no longer where what was said
/// of them is taken back. When the new rules come into force everything is counted anew, from rows that an older
/// release wrote.
#[test]
fn the_state_of_format_4_is_taken_up() {
    let [first, _, third] = of_format_4();
    let terms = Arc::new(Terms::new(first, 1).unwrap());
    let (upgraded, fresh) = (Rig::new(&terms), Rig::new(&terms));
    for (partition, left) in (0..).zip(left::<Vec<Left>>(FORMAT_4)) {
        put_back(&upgraded, partition, left);
    }
    let told = upgraded.alerts().len();
    let mut member = upgraded.start();
    let begins = member.segments();
    assert!(begins.waiting > 5 && begins.evidence_left_out > 0, "too dull to prove anything: {begins:?}");
    let mut always = always_in_the_place_of_format_4(&fresh);
    let stands = |member: &Running| {
        let journeys = [0, 1].map(|partition| member.journeys(partition));
        // Of the MQLs that waited at the upgrade some would have been left out.
        let segments = SegmentsFigures { evidence_left_out: 0, ..member.segments() };
        (journeys.map(|figures| (figures.time, figures.tally, figures.rows)), segments)
    };
    let same = |member: &Running, always: &Running| {
        let (told_here, told_there) = (upgraded.alerts(), fresh.alerts());
        let before = others(&told_here[..told]).len();
        let (here, there) = (others(&told_here), others(&told_there));
        for (here, there) in here.iter().zip(&there).take(before) {
            assert_eq!(in_short(here), in_short(there));
        }
        assert_eq!(since_then(&here, before), since_then(&there, before));
        divergence_lives_on(&told_here, told);
        assert_eq!(upgraded.windows(), fresh.windows());
        assert_eq!(stands(member), stands(always));
        told_here[told..].to_vec()
    };
    upgraded.settle(&mut member);
    fresh.settle(&mut always);
    let since = same(&member, &always);
    let stopped_at = begins.aligned.expect("both partitions have told").start();
    let lived = |rule: &str| since.iter().filter(|(_, a)| a.since <= stopped_at && a.rule == rule).count();
    assert!(lived("first_touch_slo") > 0 && lived("divergence") > 0, "too dull to prove anything: {since:?}");

    let spice = Spice { moves: 3, circles: false, erasures: 8, late: 15, ..spice() };
    let next = later(25, history_of(ChaCha8Rng::seed_from_u64(1023), 240, 2, spice, 10, 40));
    for arrivals in next.chunks(7) {
        for (rig, member) in [(&upgraded, &mut member), (&fresh, &mut always)] {
            rig.feed(arrivals);
            rig.settle(member);
        }
    }
    let before_the_rules = same(&member, &always).len();

    let mut rules = third;
    all_rules::switch_on(&mut rules, &mut ChaCha8Rng::seed_from_u64(23));
    let last = next.last().expect("there are some");
    let spice = Spice { programs: 20, ..self::spice() };
    let mut next = later(36, history_of(ChaCha8Rng::seed_from_u64(2023), 240, 2, spice, 20, 40));
    next.splice(0..0, [0, 1].map(|partition| announced(4, &rules, partition, last)));
    for arrivals in next.chunks(7) {
        for (rig, member) in [(&upgraded, &mut member), (&fresh, &mut always)] {
            rig.feed(arrivals);
            rig.settle(member);
        }
    }
    assert!(same(&member, &always).len() > before_the_rules + 10, "too dull to prove anything");
    same(&upgraded.start(), &fresh.start());
}
