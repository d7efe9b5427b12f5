//! A person who is erased is gone from the state and the deltas, byte by byte, within two snapshot cycles: a day of
//! the clock that blocks are written by.

use rapport::log::TopicPartition;
use rapport::model::event::{Attributes, Body};
use rapport::model::{EventTime, HOUR_MS, MINUTE_MS};

use super::direct;
use crate::support::monday::{NINE, late, mql_at};
use crate::support::random_log::Arrival;
use crate::support::rig::Rig;

/// Two cycles of 12 hours, and the block with which each begins: one a hour.
const HOURS: i64 = 27;
const PERSON: &str = "L-erika.mustermann";

fn mql(lead: &str, at: EventTime) -> [Arrival; 2] {
    let created = Body::LeadCreated {
        lead_id: lead.into(),
        source: Some("webinar".into()),
        campaign_id: None,
        attributes: Attributes::default(),
    };
    [late(&format!("{lead} created"), lead, at, 0, 1, created), mql_at(lead, at)]
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
    rig.feed(&[late("erased", PERSON, NINE.plus_ms(6 * HOUR_MS), 0, 1, erased)]);
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
