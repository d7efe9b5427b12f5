//! The windows that are published are those that follow from the counts of the oracle.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapport::codec;
use rapport::funnel::terms::Terms;
use rapport::log::TopicPartition;
use rapport::model::window::WindowResult;
use rapport::model::{EventTime, Minute};
use rapport::oracle;

use crate::support::counted::Counted;
use crate::support::definitions;
use crate::support::random_log::{Spice, history};
use crate::support::rig::Rig;

/// The last result of each window, and the last boundary at which any was told.
fn published(rig: &Rig) -> (Vec<WindowResult>, EventTime) {
    let (mut latest, mut last) = (BTreeMap::new(), EventTime(0));
    for record in rig.broker.read_committed(&TopicPartition::new(&rig.topics.windows, 0)) {
        let key = record.key.expect("a window has a key");
        let Some(value) = record.value else {
            latest.remove(&key);
            continue;
        };
        let window = codec::decode_window(&value).unwrap();
        last = last.max(window.at);
        latest.insert(key, window);
    }
    (latest.into_values().collect(), last)
}

#[test]
fn what_is_published_is_what_the_oracle_counts() {
    let mut compared = BTreeMap::<String, usize>::new();
    for seed in 0..24 {
        let mut plain = definitions::plain();
        plain.event_partitions = 1 + (seed % 3) as u32;
        let terms = Arc::new(Terms::new(plain.clone(), 1).unwrap());
        let rig = Rig::new(&terms);
        let mut member = rig.start();
        let spice = Spice { moves: 2, ..Spice::HOT };
        for arrivals in history(seed, 400, plain.event_partitions, spice).chunks(40) {
            rig.feed(arrivals);
            rig.settle(&mut member);
        }
        let (windows, at) = published(&rig);
        let boundary: Minute = at.minute();
        let answer = oracle::answer(&plain, &rig.event_log());
        let counted = Counted::new(&answer, &plain, boundary);
        for window in &windows {
            let Some(held) = counted.holds(window) else { continue };
            let value = held.unwrap_or_else(|wrong| panic!("seed {seed}: {wrong}"));
            let is_news = value.is_some_and(|value| value != 0.0);
            *compared.entry(window.measure.to_string()).or_default() += usize::from(is_news);
        }
    }
    let dull: Vec<&String> = compared.iter().filter(|(_, n)| **n == 0).map(|(measure, _)| measure).collect();
    // A customer's journey is not open.
    assert!(compared.len() > 40 && dull == ["open_customer"], "{} measures, dull: {dull:?}", compared.len());
}
