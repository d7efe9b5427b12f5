//! `first_touch_slo` over many segments at once, each of which just keeps its promise: what Benjamini and Hochberg's
//! rule lets stand of them. The task that judges them in the program judges them here.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rapport::funnel::segment::{SegmentsTask, Told};
use rapport::funnel::signs::out_of_sync::first_touch_slo::{BY_CHANCE, IN_SEGMENTS};
use rapport::model::alert::{Alert, AlertState};
use rapport::model::definitions::Rules;
use rapport::model::delta::{Delta, Step};
use rapport::model::measure::{Cell, Measure};
use rapport::model::{Minute, Text, words};

use super::first_touch::{Alerts, BEFORE, Come, DAY, EVERY, Team, minute};
use super::segments::{alone, off};
use super::{MONTH, terms};

const SEGMENTS: u32 = 30;

/// What began in so many months in which each segment just keeps its promise: in the whole company, and in segments.
fn begun(a_day: f64, months: u32, seed: u64) -> [Alerts; 2] {
    begun_but_one(a_day, 0.05, months, seed)
}

/// The same where the first segment misses so many.
fn begun_but_one(a_day: f64, missed: f64, months: u32, seed: u64) -> [Alerts; 2] {
    let terms = Arc::new(terms(|definitions| {
        alone(definitions, |rules| Rules { first_touch_slo: rules.first_touch_slo, ..off() });
    }));
    let mut task = SegmentsTask::new(terms);
    let names: Vec<Text> = (0..SEGMENTS).map(|of| format!("source=s{of}").into()).collect();
    let mut teams: Vec<Team> = (0..u64::from(SEGMENTS))
        .map(|of| {
            let missed = if of == 0 { missed } else { 0.05 };
            Team::new(a_day, Come::AtWork, missed, seed * 1_000 + of)
        })
        .collect();
    let days = months * MONTH;
    let mut begun = [Alerts::default(), Alerts::default()];
    let mut fires: BTreeSet<Text> = BTreeSet::new();
    for day in 0..BEFORE + days {
        let mut steps: BTreeMap<Minute, Step> = BTreeMap::new();
        for look in 0..DAY / EVERY {
            let passed = day * DAY + look * EVERY;
            let slice = minute(passed + 1);
            let step = steps.entry(minute(passed + EVERY)).or_default();
            let all = Text::const_new("all");
            let mut add = |name: &Text, measure, subject: &str, n: u64| {
                if n > 0 {
                    step.add(name, &Cell { measure, subject: subject.into(), slice, grade: 0 }, n as i64);
                }
            };
            add(&all, Measure::Touches(words::Team::Sales), "", 1);
            for (name, team) in names.iter().zip(&mut teams) {
                let due = team.look();
                for name in [name, &all] {
                    add(name, Measure::TouchMissed, "sales", due.bad);
                    add(name, Measure::TouchMet, "", due.n - due.bad);
                }
            }
        }
        let end = minute((day + 1) * DAY);
        let told = task.apply(Delta { partition: 0, time: end, definitions: 1, switch: None, steps });
        let alerts = told.into_iter().filter_map(|told| match told {
            Told::Alert(alert) => Some(alert),
            _ => None,
        });
        for Alert { segment, state, severity, fingerprint, .. } in alerts {
            if state == AlertState::Resolved {
                fires.remove(&fingerprint);
                continue;
            }
            let fired = !fires.insert(fingerprint);
            if day >= BEFORE {
                begun[usize::from(segment != "all")].tell(severity, fired);
            }
        }
    }
    for Alerts { pages, tickets } in &mut begun {
        (pages.days, tickets.days) = (days, days);
    }
    begun
}

#[test]
fn thirty_segments_at_their_promise_are_told_of_as_seldom_as_the_rule_says() {
    for (i, (a_day, months)) in [(1.0, 60), (5.0, 48), (20.0, 24)].into_iter().enumerate() {
        let [all, segments] = begun(a_day, months, 190 + i as u64);
        for (begun, by_chance, of) in [(all, BY_CHANCE, "the company"), (segments, IN_SEGMENTS, "segments")] {
            begun.pages.assert_at_most(by_chance.pages, &format!("pages of {of}, {a_day} a day"));
            begun.tickets.assert_at_most(by_chance.tickets, &format!("tickets of {of}, {a_day} a day"));
        }
    }
}

/// Where all of them keep their promise but one, that one is told of.
#[test]
fn one_of_thirty_segments_that_breaks_its_promise_is_told_of() {
    let [all, segments] = begun_but_one(20.0, 0.2, 1, 195);
    assert_eq!(all.pages.alerts + all.tickets.alerts, 0);
    assert_eq!((segments.pages.alerts, segments.tickets.alerts), (1, 0));
}
