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

fn left() -> Left {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(FORMAT_1).read_to_end(&mut bytes).unwrap();
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

/// The same three weeks later.
fn later(mut history: Vec<Arrival>) -> Vec<Arrival> {
    for arrival in &mut history {
        let record = &mut arrival.record;
        record.timestamp = record.timestamp.plus_ms(21 * DAY_MS);
        if let Holds::Event(event) = &mut record.holds {
            event.occurred_at = event.occurred_at.plus_ms(21 * DAY_MS);
        }
    }
    history
}

#[test]
fn the_state_of_format_1_is_taken_up() {
    let upgraded = Rig::new(&plain());
    put_back(&upgraded, left());
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

    let told_before = fresh.alerts().len();
    for arrivals in later(history(18, 300, 1, spice())).chunks(7) {
        for (rig, member) in [(&upgraded, &mut member), (&fresh, &mut always)] {
            rig.feed(arrivals);
            rig.settle(member);
        }
    }
    assert_eq!(upgraded.alerts(), fresh.alerts().split_off(told_before));
    let (since, ever) = (upgraded.windows(), fresh.windows());
    assert!(since.len() > 50, "only {} windows: too dull to prove anything", since.len());
    since.iter().for_each(|(window, result)| assert_eq!(Some(result), ever.get(window), "{window}"));
    assert_eq!(
        stands(&upgraded.start()),
        stands(&always),
        "what it has written since is read back with the rest"
    );
}
