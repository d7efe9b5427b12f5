//! A person who is erased is gone from the state and the deltas, byte by byte, within two snapshot cycles: a day of
//! the clock that blocks are written by.

use rapport::log::TopicPartition;
use rapport::model::event::{Attributes, Body, Event};
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Stage;
use rapport::model::{EventTime, HOUR_MS, MINUTE_MS, Text};

use super::direct;
use crate::support::random_log::Arrival;
use crate::support::rig::Rig;

/// 2026-03-02, a Monday, at nine, when sales opens.
const NINE: EventTime = EventTime(1_772_442_000_000);
/// Two cycles of 12 hours, and the block with which each begins: one a hour.
const HOURS: i64 = 27;
const PERSON: &str = "L-erika.mustermann";

fn arrival(id: &str, at: EventTime, body: Body) -> Arrival {
    let event = Event { event_id: id.into(), occurred_at: at, body };
    let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event) };
    Arrival { at, partition: 0, record }
}

fn mql(lead: &str, at: EventTime) -> [Arrival; 2] {
    let lead_id: Text = lead.into();
    let created = Body::LeadCreated {
        lead_id: lead_id.clone(),
        source: Some("webinar".into()),
        campaign_id: None,
        attributes: Attributes::default(),
    };
    let entered = Body::LeadStageEntered { lead_id, stage: Stage::Mql };
    [arrival(&format!("{lead} created"), at, created), arrival(&format!("{lead} mql"), at, entered)]
}

/// The topics of rapport's own in which the person's id occurs.
fn where_the_person_is(rig: &Rig) -> Vec<&str> {
    let topics = [&rig.topics.journeys_state, &rig.topics.segments_state, &rig.topics.deltas];
    let occurs = |topic: &&&String| {
        let records = rig.broker.read_committed(&TopicPartition::new(topic.as_str(), 0));
        let holds = |bytes: &[u8]| bytes.windows(PERSON.len()).any(|bytes| bytes == PERSON.as_bytes());
        records.iter().any(|record| record.value.as_deref().is_some_and(holds))
    };
    topics.iter().filter(occurs).map(|topic| topic.as_str()).collect()
}

#[test]
fn who_is_erased_is_gone_from_the_state_within_two_cycles() {
    let rig = Rig::new(&direct(1));
    let mut member = rig.start();
    // Enough of others that a cycle of small blocks would take far longer than it may.
    for n in 0..3_000 {
        rig.feed(&mql(&format!("L-{n}"), NINE));
    }
    rig.feed(&mql(PERSON, NINE));
    rig.settle(&mut member);
    // Nobody has called: the id stands behind the miss.
    rig.feed(&mql("L-afternoon", NINE.plus_ms(5 * HOUR_MS)));
    rig.settle(&mut member);
    let is_in = where_the_person_is(&rig);
    assert!(is_in.starts_with(&["rapport.journeys-state", "rapport.segments-state"]), "{is_in:?}");

    let erased = Body::LeadErased { lead_id: PERSON.into() };
    rig.feed(&[arrival("erased", NINE.plus_ms(6 * HOUR_MS), erased)]);
    rig.settle(&mut member);
    drop(member);
    let mut member = rig.start();
    for hour in 0..HOURS {
        // Time passes in the log by a minute, and on the clock by an hour.
        let at = NINE.plus_ms(7 * HOUR_MS + hour * MINUTE_MS);
        rig.feed(&mql(&format!("L-later-{hour}"), at));
        rig.settle(&mut member);
        rig.pause_ms(HOUR_MS as u64);
    }
    assert_eq!(where_the_person_is(&rig), [] as [&str; 0]);
    let before = member.journeys(0);
    assert_eq!(rig.start().journeys(0), before);
}
