//! A source that is slow or stuck: time waits for it, nothing is told meanwhile, and it is named.

use std::sync::Arc;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;

use rapport::funnel::journey::Passing;
use rapport::funnel::terms::Terms;
use rapport::model::definitions::{DIRECT, Definitions, SourceDefinition};
use rapport::model::effect::Holder;
use rapport::model::record::{Holds, LogRecord};
use rapport::model::{DAY_MS, EventTime, MINUTE_MS, Minute, Text};

use crate::support::definitions;
use crate::support::random_log::{Arrival, Spice, history_of};
use crate::support::rig::{Rig, Running, Shown};

fn listing(sources: &[(&str, u32)]) -> Definitions {
    let source = |(name, partitions): &(&str, u32)| SourceDefinition {
        name: Text::from(*name),
        partitions: *partitions,
    };
    Definitions { sources: sources.iter().map(source).collect(), ..definitions::plain() }
}

/// Whoever is named is the one whose time is the partition's.
#[test]
fn the_holder_of_time_is_the_source_that_has_come_least_far() {
    let definitions = listing(&[("leads", 2), ("deals", 1), (DIRECT, 1)]);
    let mut passing = Passing::default();
    let holder = |passing: &Passing| {
        let holder = passing.holder(3, &definitions).expect("sources are listed");
        let behind = holder.behind_ms();
        (holder.source.to_string(), holder.partition, holder.time.map(|time| time.0), behind)
    };
    assert_eq!(holder(&passing), ("leads".into(), 0, None, Some(0)), "nobody has told anything");
    for (source, partition, told, held) in [
        ("leads", 0, 9, ("leads", 1, None)),
        ("leads", 2, 1, ("leads", 1, None)),
        ("leads", 1, 5, ("deals", 0, None)),
        ("deals", 0, 7, (DIRECT, 3, None)),
        (DIRECT, 3, 6, ("leads", 1, Some(5))),
        ("leads", 1, 8, (DIRECT, 3, Some(6))),
        // `direct` is one in each partition: another one's is nobody's here.
        (DIRECT, 7, 5, (DIRECT, 3, Some(6))),
        (DIRECT, 3, 9, ("deals", 0, Some(7))),
    ] {
        passing.progress(3, (&Text::from(source), partition), EventTime(told * MINUTE_MS), &definitions);
        let (name, of, time) = held;
        let behind = time.map(|time: i64| (9 - time) * MINUTE_MS);
        let time = time.map(|time| time * MINUTE_MS);
        assert_eq!(holder(&passing), (name.to_owned(), of, time, behind), "{source}/{partition} told {told}");
        let known = time.map_or(Minute::MIN, |time| EventTime(time).minute());
        assert_eq!(passing.time(), known);
    }
    assert_eq!(passing.holder(3, &listing(&[])), None);
}

const LEADS: &str = "crm.leads";
const DEALS: &str = "crm.deals";

/// Twelve days of a company whose leads and deals come from two sources, both in time.
fn company(terms: &Arc<Terms>) -> Vec<Arrival> {
    let spice = Spice { moves: 0, misrouted: 0, garbage: 0, late: 0, skewed: 0, ..Spice::HOT };
    let partitions = terms.ids.partitions();
    history_of(ChaCha8Rng::seed_from_u64(5), 500, partitions, spice, 12, 30)
}

fn feed(rig: &Rig, member: &mut Running, history: &[Arrival]) {
    for arrivals in history.chunks(10) {
        rig.feed(arrivals);
        rig.settle(member);
    }
}

fn held_by(member: &Running, partition: u32) -> Holder {
    member.journeys(partition).held_by.expect("sources are listed")
}

/// One source says nothing from somewhere in a history on, and then comes back. Gives how many events there were in the
/// event log before it did.
fn silence(
    history: &[Arrival],
    terms: &Arc<Terms>,
    undisturbed: &Shown,
    silent_from: usize,
    max_ahead_ms: i64,
) -> usize {
    let mut rig = Rig::new(terms);
    rig.settings.max_ahead_ms = max_ahead_ms;
    // Nobody runs the intake of a source that never tells anything.
    let never = silent_from == 0;
    let run = || {
        let inputs = rig.inputs().into_iter().filter(|at| !never || at.topic != DEALS).collect::<Vec<_>>();
        let mut member = rig.join_as("0", &inputs);
        rig.restore(&mut member);
        member
    };
    let mut member = run();
    let (before, after) = history.split_at(silent_from);
    feed(&rig, &mut member, before);
    let told_before = rig.alerts();
    let is_of_deals = |arrival: &Arrival| {
        let key = match &arrival.record.holds {
            Holds::Event(event) => event.record_key().to_string(),
            Holds::Tombstone { id } => id.to_string(),
            _ => panic!("there is nothing else in this history"),
        };
        rig.source_of(arrival, Some(key.as_bytes())).topic == DEALS
    };
    let (deals, leads): (Vec<_>, Vec<_>) = after.iter().cloned().partition(is_of_deals);
    let deals_told = if never { None } else { member.intake(DEALS, 0).time };
    feed(&rig, &mut member, &leads);
    assert_eq!(rig.alerts(), told_before, "nothing is judged without the deals");
    let is_bound = max_ahead_ms <= DAY_MS;
    for partition in 0..2 {
        let holder = held_by(&member, partition);
        let ahead = member.intake(LEADS, 0).time;
        let (source, time) = (DEALS.into(), deals_told);
        assert_eq!(holder, Holder { source, partition: 0, time, ahead });
        // A poll of the leads more than it may be.
        let as_bound = |ms: i64| if is_bound { (DAY_MS..2 * DAY_MS).contains(&ms) } else { ms > 5 * DAY_MS };
        // Who never told anything is waited for from the beginning on.
        let waited_since = deals_told.unwrap_or(history[0].at).0;
        assert!(as_bound(ahead.expect("the leads have told").0 - waited_since), "{holder:?}");
        assert_eq!((holder.behind_ms().is_none(), deals_told.is_none()), (never, never));
        assert_eq!(held_by(&run(), partition), holder, "who holds it is state");
    }
    let is_event = |record: &&LogRecord| matches!(record.holds, Holds::Event(_));
    let copied = rig.event_log().iter().flatten().filter(is_event).count();
    let mut member = rig.start();
    feed(&rig, &mut member, &deals);
    assert!(undisturbed.alerts.len() > told_before.len(), "too dull to prove anything");
    assert_eq!(rig.alerts(), undisturbed.alerts);
    assert_eq!(rig.windows(), undisturbed.windows);
    let behind = held_by(&member, 0).behind_ms();
    assert!(behind.is_some_and(|ms| ms < DAY_MS), "{behind:?}");
    copied
}

/// From the beginning or after a while, with and without a bound on how far others may be ahead meanwhile.
#[test]
fn a_silent_source_is_named_and_costs_no_alert() {
    let mut definitions = listing(&[(LEADS, 1), (DEALS, 1)]);
    definitions::quicken_divergence(&mut definitions, true);
    definitions.event_partitions = 2;
    let terms = Arc::new(Terms::new(definitions, 1).unwrap());
    let history = company(&terms);
    let undisturbed = {
        let rig = Rig::new(&terms);
        let mut member = rig.start();
        feed(&rig, &mut member, &history);
        rig.shown()
    };
    for silent_from in [0, history.len() / 10] {
        let [all, bound] = [i64::MAX, DAY_MS]
            .map(|max_ahead_ms| silence(&history, &terms, &undisturbed, silent_from, max_ahead_ms));
        assert!(bound * 3 < all, "{bound} events were there where a day may be ahead, else {all}");
    }
}
