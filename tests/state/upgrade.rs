//! An upgrade: what a version before left in its topics is taken up, and everything goes on as if it had always
//! been this one.

use std::io::Read as _;
use std::sync::Arc;

use rapport::funnel::terms::Terms;
use rapport::log::{Committed, NewRecord, TopicPartition};
use rapport::model::effect::SegmentsFigures;
use rapport::model::record::Holds;
use rapport::model::{DAY_MS, EventTime};

use crate::support::definitions;
use crate::support::random_log::{Arrival, Spice, history};
use crate::support::rig::{Rig, Running};

/// A record as it lay in a topic: offset, timestamp, key, value, headers.
type Kept = (i64, i64, Option<Vec<u8>>, Option<Vec<u8>>, Vec<(String, Vec<u8>)>);
/// The records by topic, and the committed places.
type Left = (Vec<(String, Vec<Kept>)>, Vec<(String, i64, String)>);

/// What a member that wrote format 1 left after a history, in partition 0 of each topic.
const FORMAT_1: &[u8] = include_bytes!("format_1.gz");
/// What one left that wrote format 3, after a crowded history.
const FORMAT_3: &[u8] = include_bytes!("format_3.gz");

fn left(packed: &[u8]) -> Left {
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

fn put_back(rig: &Rig, (topics, places): Left) {
    for (topic, records) in topics {
        let to = TopicPartition::new(topic, 0);
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
        let at = TopicPartition::new(topic, 0);
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
    put_back(&upgraded, left(FORMAT_1));
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
    put_back(&upgraded, left(FORMAT_3));
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
