//! I10: what is over is freed. A company works for a long time, and another one with ten times the leads; what
//! their tasks hold, and what their topics keep, stays in proportion to what is going on, not to what has been.

use std::collections::BTreeSet;
use std::sync::Arc;

use rapport::funnel::terms::Terms;
use rapport::log::TopicPartition;
use rapport::model::entity::EntityKind;
use rapport::model::event::{Attributes, Body, Event};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Stage;
use rapport::model::{EventTime, Text};
use rapport::simulator::{Company, Payload, Profile, Scenario};

use crate::support::definitions;
use crate::support::random_log::Arrival;
use crate::support::rig::{Rig, Running};

const PARTITIONS: u32 = 2;
/// Closed journeys are kept for so many days, open ones for twice as many.
const RETENTION_DAYS: u32 = 10;

/// What an installation holds at a time.
#[derive(Clone, Copy, Debug, Default)]
struct Held {
    /// Rows of leads and deals; those of programs (campaigns, targets, content) stay, and are few.
    rows: usize,
    waiting: usize,
    state_bytes: usize,
    deltas: i64,
}

fn terms() -> Arc<Terms> {
    let mut definitions = definitions::plain();
    definitions.event_partitions = PARTITIONS;
    definitions.retention_days = Some(RETENTION_DAYS);
    definitions.open_retention_days = Some(2 * RETENTION_DAYS);
    Arc::new(Terms::new(definitions, 1).expect("these definitions are right"))
}

fn arrivals(leads_per_day: f64, days: u32) -> impl Iterator<Item = Arrival> {
    let company = Profile { leads_per_business_day: leads_per_day, ..Profile::default() };
    let scenario = Scenario { company, days, onset_day: days, second_onset_day: days, ..Scenario::default() };
    let records = Company::new(scenario).expect("the scenario can be played");
    records.filter_map(|record| match record.payload {
        Payload::Event(event) => {
            let partition = partition_of(event.record_key().as_bytes(), PARTITIONS);
            let holds = Holds::Event(event);
            let record = LogRecord { timestamp: record.arrival, came: Came::Direct, holds };
            Some(Arrival { at: record.timestamp, partition, record })
        }
        Payload::Garbage { .. } => None,
    })
}

fn held(rig: &Rig, member: &Running, programs: usize) -> Held {
    let kept = |topic: &str, partition| {
        let records = rig.broker.read_committed(&TopicPartition::new(topic, partition));
        records.iter().map(|record| record.value.as_ref().map_or(0, Vec::len)).sum::<usize>()
    };
    let deltas = TopicPartition::new(&rig.topics.deltas, 0);
    Held {
        rows: (0..PARTITIONS).map(|partition| member.journeys(partition).rows).sum::<usize>() - programs,
        waiting: member.segments().waiting,
        state_bytes: (0..PARTITIONS).map(|partition| kept(&rig.topics.journeys_state, partition)).sum(),
        deltas: rig.broker.end(&deltas) - rig.broker.start(&deltas),
    }
}

/// The program that an event is about.
fn program(arrival: &Arrival) -> Option<String> {
    let Holds::Event(event) = &arrival.record.holds else { return None };
    let entity = event.entity();
    (entity.kind == EntityKind::Program).then(|| entity.id.to_string())
}

/// What is held on each of these days.
fn soak(leads_per_day: f64, days: &[u32]) -> Vec<Held> {
    let rig = Rig::new(&terms());
    let mut member = rig.start();
    let last = *days.last().expect("there is a day");
    let start = Scenario::default().start;
    let mut arrivals = arrivals(leads_per_day, last).peekable();
    let (mut looked, mut programs) = (Vec::new(), BTreeSet::new());
    for day in 1..=last {
        let end: EventTime = start.plus_ms(i64::from(day) * rapport::model::DAY_MS);
        let of_day: Vec<Arrival> =
            std::iter::from_fn(|| arrivals.next_if(|arrival| arrival.at < end)).collect();
        programs.extend(of_day.iter().filter_map(program));
        for few in of_day.chunks(50) {
            rig.feed(few);
            rig.settle(&mut member);
        }
        if days.contains(&day) {
            looked.push(held(&rig, &member, programs.len()));
        }
    }
    looked
}

#[test]
fn what_is_over_is_freed_however_long_a_company_works() {
    // Deals go on for weeks, so it takes until here before as many end as begin.
    let looked = soak(6.0, &[80, 120, 160, 240]);
    let first = looked[0];
    assert!(first.rows > 50, "{first:?}");
    for later in &looked[1..] {
        assert!(later.rows * 10 < first.rows * 14, "rows: {looked:?}");
        assert!(later.state_bytes * 10 < first.state_bytes * 25, "state: {looked:?}");
        assert!(later.waiting < 500 && later.deltas < first.deltas * 3 + 1_000, "waiting: {looked:?}");
    }
}

#[test]
fn ten_times_the_leads_take_ten_times_the_room_and_no_more() {
    let (few, many) = (soak(6.0, &[60])[0], soak(60.0, &[60])[0]);
    assert!(many.rows > few.rows * 7 && many.rows < few.rows * 13, "{few:?} {many:?}");
    assert!(many.state_bytes < few.state_bytes * 13, "{few:?} {many:?}");
    assert!(many.waiting <= few.waiting * 13 + 500, "{few:?} {many:?}");
}

/// Each month another source of leads: segments in which nothing has been counted for as long as days are kept
/// are freed, with their windows, and make room under the limit.
#[test]
fn segments_that_are_over_make_room() {
    let mut definitions = definitions::plain();
    definitions.retention_days = Some(RETENTION_DAYS);
    definitions.open_retention_days = Some(2 * RETENTION_DAYS);
    // `all`, and the sources of 14 months.
    definitions.limits.segments = 16;
    let rig = Rig::new(&Arc::new(Terms::new(definitions, 1).expect("these definitions are right")));
    let mut member = rig.start();
    let start = Scenario::default().start;
    let mut most = 0;
    for day in 0..1_200_i64 {
        let at = start.plus_ms(day * rapport::model::DAY_MS);
        let source: Text = format!("month-{:02}", day / 30).into();
        let lead_id: Text = format!("L-{day}").into();
        let created = Body::LeadCreated {
            lead_id: lead_id.clone(),
            source: Some(source),
            campaign_id: None,
            attributes: Attributes::default(),
        };
        let mql = Body::LeadStageEntered { lead_id, stage: Stage::Mql };
        let arrivals: Vec<Arrival> = [("created", created), ("mql", mql)]
            .into_iter()
            .map(|(kind, body)| {
                let event = Event { event_id: format!("{day}-{kind}").into(), occurred_at: at, body };
                let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event) };
                Arrival { at, partition: 0, record }
            })
            .collect();
        rig.feed(&arrivals);
        rig.settle(&mut member);
        most = most.max(member.segments().segments);
    }
    assert!((14..=16).contains(&most), "{most} segments at a time");
    assert_eq!(member.segments().over_limit, 0);
    let shown: BTreeSet<String> =
        rig.windows().keys().map(|key| key.split('|').next().unwrap().to_owned()).collect();
    assert_eq!(shown.len(), member.segments().segments, "{shown:?}");
    assert!(!shown.contains("source=month-00") && shown.contains("source=month-39"), "{shown:?}");
    assert_eq!(rig.start().segments(), member.segments());
}
