//! Every rule of every sign, in companies that work for months: the processor and the oracle say the same of them.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::model::HOUR_MS;
use rapport::model::control::Control;
use rapport::model::definitions::{Definitions, Dimension, Millionths};
use rapport::model::record::{Came, Holds, LogRecord};

use super::{Case, Compared, WINDOWS_EVERY_MINUTES, add_intake, compare_all};
use crate::support::random_log::Arrival;
use crate::support::run::Schedule;
use crate::support::{all_rules, definitions, working_log};

/// The days of a history: rules that watch a share learn for 56 days at least.
const DAYS: i64 = 170;

/// A company with every rule on.
fn working(seed: u64) -> Case {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let mut definitions = definitions::plain();
    definitions.event_partitions = 1 + (seed % 3) as u32;
    definitions.zone = ["UTC", "America/New_York", "Asia/Kolkata"][(seed % 3) as usize].into();
    definitions.windows_every_minutes = WINDOWS_EVERY_MINUTES;
    let dimension = |keys: &[&str]| Dimension { keys: keys.iter().map(|&key| key.into()).collect() };
    definitions.dimensions = match seed % 3 {
        0 => vec![],
        1 => vec![dimension(&["source"])],
        _ => vec![dimension(&["source"]), dimension(&["source", "region"])],
    };
    all_rules::switch_on(&mut definitions, &mut rng);
    if seed.is_multiple_of(4) {
        for calendar in definitions.calendars.values_mut() {
            calendar.zone = "Europe/Berlin".into();
            calendar.holidays = vec!["2026-05-01".into(), "2026-06-12".into()];
        }
    }
    let mut history = working_log::history(seed, definitions.event_partitions, DAYS);
    if seed % 4 == 1 {
        add_intake(&mut definitions, &mut history);
    }
    Case { definitions, history, schedule: Schedule::Ragged(seed) }
}

/// The same with other rules from some day on, twice.
fn changing(seed: u64) -> Case {
    changing_by(seed, |definitions, rng| {
        for _ in 0..rng.random_range(1..=6) {
            all_rules::change(definitions, rng);
        }
    })
}

/// The same where from some day on it is set what is usual, and another day otherwise or not any more.
fn set(seed: u64) -> Case {
    changing_by(seed, all_rules::set_what_is_usual)
}

fn changing_by(seed: u64, change: impl Fn(&mut Definitions, &mut ChaCha8Rng)) -> Case {
    let mut case = working(seed);
    let mut rng = ChaCha8Rng::seed_from_u64(seed ^ 0x0c4a);
    let mut definitions = case.definitions.clone();
    let mut told = vec![];
    for number in 2..=3 {
        change(&mut definitions, &mut rng);
        let least = case.history.len() / 2;
        let at = case.history[rng.random_range(least..case.history.len())].at;
        for partition in 0..definitions.event_partitions {
            let at = at.plus_ms(rng.random_range(0..3 * HOUR_MS));
            let definitions = Box::new(definitions.clone());
            let holds = Holds::Control(Control::DefinitionsInForce { number, definitions });
            let record = LogRecord { timestamp: at, came: Came::Direct, holds };
            told.push(Arrival { at, partition, record });
        }
    }
    case.history.extend(told);
    case.history.sort_by_key(|arrival| arrival.at);
    case
}

/// A company whose `divergence` learns from half a year, as far as there is one. No feed is watched: days of outages,
/// of which these companies have many, are not learned from, and too few would be left.
fn growing_old(seed: u64) -> Case {
    let mut case = working(seed);
    case.definitions.rules.no_data = None;
    if let Some(rule) = &mut case.definitions.rules.divergence {
        (rule.baseline_days, rule.baseline) = (182, None);
        // So much is known of what is usual that a few good days or bad ones are to be enough.
        (rule.volume_factor, rule.quality_factor) = (Millionths(1_100_000), Millionths(900_000));
        rule.alerts_per_month = Millionths(10_000_000);
    }
    case
}

/// The least that is to be seen of a rule over all seeds: how often it begins to fire, and how often it resolves.
const SEEN: [(&str, usize, usize); 13] = [
    ("no_data", 5, 5),
    ("first_touch_slo", 80, 60),
    ("divergence", 15, 10),
    ("silent_leads", 10, 10),
    ("reasonless_rejections", 10, 10),
    ("stage_ageing", 20, 15),
    ("absent_after_handoff", 15, 10),
    ("sales_authored_share", 6, 5),
    ("dead_library", 15, 12),
    ("revenue_pace", 10, 8),
    ("no_revenue_target", 8, 8),
    ("launch_without_notice", 60, 60),
    ("unanswered_rejections", 5, 5),
];

fn assert_seen(compared: &Compared) {
    let of = |rule: &str| compared.by_rule.get(rule).copied().unwrap_or_default();
    let enough = |&(rule, firing, resolved): &(&str, usize, usize)| {
        of(rule).firing >= firing && of(rule).resolved >= resolved
    };
    assert!(SEEN.iter().all(enough), "{compared:#?}");
}

#[test]
fn the_stream_and_the_oracle_agree_on_every_rule() {
    let compared = compare_all(0..16, working);
    assert_seen(&compared);
    assert!(compared.within >= 80 && compared.at_risk >= 100 && compared.held >= 500, "{compared:#?}");
}

#[test]
fn the_stream_and_the_oracle_agree_where_half_a_year_is_learned_from() {
    let compared = compare_all(40..56, growing_old);
    assert!(compared.divergence_firing >= 1, "{compared:#?}");
}

#[test]
fn the_stream_and_the_oracle_agree_on_every_rule_while_definitions_change() {
    let compared = compare_all(100..152, changing);
    assert_seen(&compared);
    assert!(compared.switches >= 20 && compared.stretches >= 10 && compared.ended >= 5, "{compared:#?}");
    assert!(compared.outlived >= 5, "{compared:#?}");
}

#[test]
fn the_stream_and_the_oracle_agree_where_what_is_usual_is_set() {
    let compared = compare_all(200..224, set);
    let of = |rule: &str| compared.by_rule.get(rule).copied().unwrap_or_default();
    let are_seen = ["stage_ageing", "silent_leads", "divergence"].map(|rule| of(rule).firing >= 5);
    assert!(are_seen == [true; 3] && compared.switches >= 10, "{compared:#?}");
}
