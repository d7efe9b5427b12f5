//! A feed that stops for a week and comes back without what it missed: that it stopped is told, and nothing else.

use std::sync::Arc;

use rapport::config;
use rapport::funnel::segment::Told;
use rapport::funnel::terms::Terms;
use rapport::model::alert::{Alert, AlertState};
use rapport::model::definitions::{DIRECT, SourceDefinition};
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::{DAY_MS, EventTime};
use rapport::pipeline::local::Local;
use rapport::simulator::{Company, Payload, Plot, Scenario};

const FROM: u32 = 280;
const TO: u32 = 287;
const DAYS: u32 = 322;

fn terms() -> Arc<Terms> {
    let mut definitions = config::load("", "the defaults", &[])
        .unwrap()
        .definitions(&|_| Some(1), *b"rapport, passing")
        .unwrap();
    definitions.sources = vec![SourceDefinition { name: DIRECT.into(), partitions: 1 }];
    definitions.event_partitions = 1;
    Arc::new(Terms::new(definitions, 1).unwrap())
}

/// The alerts that begin from the outage on, each with its day.
fn told(scenario: Scenario, terms: &Arc<Terms>) -> Vec<String> {
    let start = scenario.start;
    let mut local = Local::new(terms);
    let mut alerts = Vec::new();
    let mut records = 0;
    for record in Company::new(scenario).unwrap() {
        let Payload::Event(event) = record.payload else { continue };
        local.append(
            0,
            LogRecord { timestamp: record.arrival, came: Came::Direct, holds: Holds::Event(event) },
        );
        local.read_all();
        records += 1;
        if records % 1_000 == 0 {
            alerts.extend(local.commit_all());
        }
    }
    alerts.extend(local.finish());
    let day = |at: EventTime| (at.0 - start.0) / DAY_MS;
    let alerts = alerts.into_iter().filter_map(|told| match told {
        Told::Alert(alert) if day(alert.since) >= i64::from(FROM) => Some(alert),
        _ => None,
    });
    let begun = |alert: &Alert| alert.state == AlertState::Firing;
    let line = |alert: Alert| {
        let subject = alert.subject.as_deref().unwrap_or_default();
        format!("day {}: {} {} {subject}", day(alert.at), alert.rule, alert.segment)
    };
    alerts.filter(begun).map(line).collect()
}

fn scenario(plot: Plot) -> Scenario {
    let mut scenario = Scenario { days: DAYS, onset_day: FROM, end_day: Some(TO), ..Scenario::of(plot, 72) };
    scenario.company.leads_per_business_day = 40.0;
    scenario
}

/// Held against a company with the same dice in which nothing is planted.
#[test]
fn a_feed_that_returns_without_what_it_missed_is_no_fall() {
    let terms = terms();
    let without = told(scenario(Plot::Healthy), &terms);
    for plot in [
        Plot::NoData,
        Plot::NoDataSalesTouches,
        Plot::NoDataLeads,
        Plot::NoDataVerdicts,
        Plot::NoDataDeals,
        Plot::NoDataContent,
    ] {
        let with = told(scenario(plot), &terms);
        let is_new = |line: &&String| !without.contains(line) && !line.contains("no_data");
        let new: Vec<&String> = with.iter().filter(is_new).collect();
        assert!(new.is_empty(), "{plot}: {new:#?}, beside {without:#?}");
        assert!(with.iter().any(|line| line.contains("no_data")), "{plot}: it is told that it stopped");
    }
}
