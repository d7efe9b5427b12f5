//! The equalities that guard the core, for any seed: arrival order, batch size and speed change nothing.

use std::sync::Arc;

use rapport::funnel::terms::Terms;
use rapport::model::definitions::Definitions;
use rapport::model::event::{Attributes, Body, Event};
use rapport::model::measure::Measure;
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::DealStatus;
use rapport::model::{EventTime, HOUR_MS, MINUTE_MS};

use crate::support::definitions;
use crate::support::random_log::{Arrival, Spice, history};
use crate::support::run::{Run, Schedule, run};

const HALF_A_DAY_MS: i64 = 12 * HOUR_MS;

fn terms(seed: u64, partitions: u32) -> Arc<Terms> {
    let mut definitions: Definitions = definitions::plain();
    definitions.event_partitions = partitions;
    if seed.is_multiple_of(3) {
        definitions.zone = "America/New_York".into();
    }
    Arc::new(Terms::new(definitions, 1).expect("the plain definitions are right"))
}

fn assert_same(seed: u64, what: &str, one: &Run, other: &Run) {
    assert_eq!(one.counts, other.counts, "seed {seed}: counts, {what}");
    assert_eq!(one.evidence, other.evidence, "seed {seed}: evidence, {what}");
    assert_eq!(one.bare_alerts(), other.bare_alerts(), "seed {seed}: alerts, {what}");
}

/// I9: with facts that stay where they are, no schedule and no batch size changes anything.
#[test]
fn speed_and_batches_change_nothing() {
    let spice = Spice { moves: 0, misrouted: 0, ..Spice::HOT };
    for seed in 0..200 {
        let terms = terms(seed, 1 + (seed % 4) as u32);
        let history = history(seed, 300, terms.ids.partitions(), spice);
        let live = run(&terms, &history, Schedule::Live);
        let ragged = run(&terms, &history, Schedule::Ragged(seed));
        assert_same(seed, "live and ragged", &live, &ragged);
        assert_eq!(live.tally, ragged.tally, "seed {seed}: outcomes");
    }
}

/// I9: any order of arrival within the bound is as good as the sorted one.
#[test]
fn arrival_order_within_the_bound_changes_nothing() {
    let spice = Spice { late: 0, garbage: 0, moves: 0, misrouted: 0, skewed: 0, ..Spice::HOT };
    for seed in 0..200 {
        let terms = terms(seed, 1 + (seed % 3) as u32);
        let shuffled = history(seed, 300, terms.ids.partitions(), spice);
        let mut sorted = shuffled.clone();
        sorted.sort_by_key(|arrival| match &arrival.record.holds {
            Holds::Event(event) => event.occurred_at,
            _ => arrival.record.timestamp,
        });
        let one = run(&terms, &shuffled, Schedule::Live);
        let other = run(&terms, &sorted, Schedule::Live);
        assert_same(seed, "shuffled and sorted", &one, &other);
    }
}

/// I9: the key of the ids' hash, which each installation draws for itself, changes nothing, though many facts are of
/// one moment: those of a lead, and of the deals that live with it. Nobody is linked to two leads: of links of one
/// moment the hash says which is the later.
#[test]
fn the_key_of_the_hash_changes_nothing() {
    let spice = Spice { moves: 0, misrouted: 0, ..Spice::HOT };
    for seed in 0..200 {
        let terms = terms(seed, 1 + (seed % 4) as u32);
        let mut history = history(seed, 300, terms.ids.partitions(), spice);
        for arrival in &mut history {
            if let Holds::Event(event) = &mut arrival.record.holds {
                event.occurred_at = EventTime(event.occurred_at.0 / HALF_A_DAY_MS * HALF_A_DAY_MS);
                name_the_lead(&mut event.body);
                let key = event.record_key();
                arrival.partition = partition_of(key.as_bytes(), terms.ids.partitions());
            }
        }
        let elsewhere = Definitions { id_key: seed_key(seed), ..terms.definitions.clone() };
        let elsewhere = Arc::new(Terms::new(elsewhere, 1).expect("they differ in the key only"));
        let one = run(&terms, &history, Schedule::Live);
        let other = run(&elsewhere, &history, Schedule::Live);
        assert_same(seed, "another key", &one, &other);
        assert_eq!(one.tally, other.tally, "seed {seed}: outcomes");
    }
}

/// Every other deal lives with one lead, always the same.
fn name_the_lead(body: &mut Body) {
    if let Body::DealOpened { deal_id, lead_id, .. }
    | Body::DealStageEntered { deal_id, lead_id, .. }
    | Body::DealTouched { deal_id, lead_id, .. }
    | Body::DealDeleted { deal_id, lead_id }
    | Body::DealErased { deal_id, lead_id } = body
    {
        let number: u32 = deal_id[1..].parse().expect("a deal is a letter and a number");
        *lead_id = number.is_multiple_of(2).then(|| format!("L{}", number % 3).into());
    }
}

fn seed_key(seed: u64) -> [u8; 16] {
    (u128::from(seed) + 1).to_be_bytes()
}

/// I9: with moves across partitions the counts agree once all have arrived.
#[test]
fn moves_across_partitions_end_in_the_same_counts() {
    let spice = Spice { erasures: 0, circles: false, ..Spice::HOT };
    for seed in 0..200 {
        let terms = terms(seed, 1 + (seed % 4) as u32);
        let history = history(seed, 200, terms.ids.partitions(), spice);
        let live = run(&terms, &history, Schedule::Live);
        let ragged = run(&terms, &history, Schedule::Ragged(seed));
        assert_eq!(live.counts, ragged.counts, "seed {seed}");
    }
}

/// I5 and I6: time never goes back, and every record has exactly one end.
#[test]
fn time_never_goes_back_and_every_record_ends_once() {
    for seed in 0..100 {
        let terms = terms(seed, 1 + (seed % 4) as u32);
        let history = history(seed, 300, terms.ids.partitions(), Spice::HOT);
        let run = run(&terms, &history, Schedule::Ragged(seed));
        for times in &run.times {
            assert!(times.is_sorted(), "seed {seed}: T went back");
        }
        assert_eq!(run.tally.total(), history.len() as u64, "seed {seed}: outcomes add up");
    }
}

/// A fact that comes back to a row in which it still counts is passed on: the row after it has given it away.
#[test]
fn a_deal_given_back_by_one_lead_reaches_it_by_way_of_another() {
    let terms = terms(1, 1);
    let said = |minute: i64, body: Body| {
        let occurred_at = EventTime(1_772_409_600_000 + minute * MINUTE_MS);
        let event = Event { event_id: compact_str::format_compact!("{minute}"), occurred_at, body };
        let record = LogRecord { timestamp: occurred_at, came: Came::Direct, holds: Holds::Event(event) };
        Arrival { at: occurred_at, partition: 0, record }
    };
    let won = Body::DealStageEntered {
        deal_id: "D".into(),
        lead_id: Some("L1".into()),
        stage: "closed".into(),
        status: DealStatus::Won,
        amount: None,
        reason: None,
    };
    let opened = Body::DealOpened {
        deal_id: "D".into(),
        lead_id: Some("L0".into()),
        amount: None,
        origin: None,
        attributes: Attributes::default(),
    };
    let history = [
        said(939, Body::LeadMerged { lead_id: "L0".into(), into: "L1".into() }),
        said(0, won),
        said(1, opened),
        said(1_000, Body::LeadDeleted { lead_id: "another".into() }),
    ];
    let run = run(&terms, &history, Schedule::Live);
    for measure in [Measure::DealsOpened, Measure::DealsWon] {
        let all =
            run.counts.iter().filter(|((segment, cell), _)| segment == "all" && cell.measure == measure);
        assert_eq!(all.map(|(_, n)| n).sum::<i64>(), 1, "{measure}");
    }
}
