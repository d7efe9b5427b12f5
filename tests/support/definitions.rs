//! Plain definitions for tests: one partition, sales and marketing from nine to five in UTC, both rules with
//! small thresholds.

use std::collections::BTreeMap;

use rapport::model::alert::Severity;
use rapport::model::definitions::{
    BurnWindow, CalendarDefinition, DIRECT, Definitions, Dimension, Divergence, DivergenceBaseline,
    FirstTouchSlo, Limits, Millionths, Rules, SourceDefinition,
};
use rapport::model::words::Step;

/// The plain definitions.
pub fn plain() -> Definitions {
    let calendar = CalendarDefinition {
        zone: "UTC".into(),
        weekly: rapport::funnel::terms::default_week(),
        holidays: Vec::new(),
    };
    let window = |long, short, burn: i64, severity| BurnWindow {
        long_minutes: long,
        short_minutes: short,
        burn: Millionths(burn * 1_000_000),
        severity,
    };
    Definitions {
        sources: vec![SourceDefinition { name: DIRECT.into(), partitions: 1 }],
        event_partitions: 1,
        out_of_orderness_ms: 30_000,
        retention_days: None,
        open_retention_days: None,
        zone: "UTC".into(),
        calendars: BTreeMap::from([("sales".into(), calendar.clone()), ("marketing".into(), calendar)]),
        dimensions: vec![Dimension { keys: vec!["source".into()] }],
        horizons: Step::ALL.iter().map(|step| (*step, 14)).collect(),
        windows_every_minutes: 60,
        rules: Rules {
            first_touch_slo: Some(FirstTouchSlo {
                target: Millionths(950_000),
                within_minutes: 240,
                windows: vec![
                    window(480, 120, 6, Severity::Page),
                    window(1440, 360, 3, Severity::Page),
                    window(4800, 960, 1, Severity::Ticket),
                ],
                gate: Millionths(1_000),
                min_n: 5,
                for_minutes: 10,
                clear_minutes: 60,
            }),
            divergence: Some(Divergence {
                step: Step::MqlToSql,
                horizon_days: 7,
                baseline_days: 28,
                detect_days: 21,
                volume_factor: Millionths(1_300_000),
                quality_factor: Millionths(700_000),
                min_n: 100,
                alerts_per_month: Millionths(100_000),
                clear_days: 5,
                baseline: None,
            }),
        },
        limits: Limits { facts_per_journey: 1000, segments: 100, evidence_ids: 5 },
        id_key: *b"plain test key 0",
    }
}

/// Makes `divergence` see within days what it takes weeks to see; with a set baseline it learns nothing first.
pub fn quicken_divergence(definitions: &mut Definitions, is_set: bool) {
    let rule = definitions.rules.divergence.as_mut().expect("the plain definitions have it");
    rule.horizon_days = 2;
    rule.detect_days = 10;
    rule.baseline_days = 10;
    rule.min_n = 5;
    rule.clear_days = 2;
    rule.alerts_per_month = Millionths(500_000);
    rule.baseline = is_set.then_some(DivergenceBaseline { mqls_per_business_day: 0.5, conversion: 0.5 });
}

/// Changes one setting, as a story's `set` line says it.
pub fn set(definitions: &mut Definitions, key: &str, value: &str) {
    let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("{key}: {value} is no number"));
    let first_touch = definitions.rules.first_touch_slo.as_mut().expect("the plain definitions have it");
    let divergence = definitions.rules.divergence.as_mut().expect("the plain definitions have it");
    match key {
        "partitions" => definitions.event_partitions = number(),
        "retention_days" => definitions.retention_days = Some(number()),
        "open_retention_days" => definitions.open_retention_days = Some(number()),
        "zone" => definitions.zone = value.into(),
        "horizon_days" => {
            definitions.horizons.values_mut().for_each(|days| *days = number() as u16);
        }
        "first_touch_slo.min_n" => first_touch.min_n = number(),
        "first_touch_slo.for" => first_touch.for_minutes = number(),
        "divergence.horizon_days" => divergence.horizon_days = number() as u16,
        "divergence.detect_days" => divergence.detect_days = number() as u16,
        "divergence.clear_days" => divergence.clear_days = number() as u16,
        "divergence.baseline" => divergence.baseline = Some(baseline(value)),
        "dimensions" => {
            let dimension =
                |keys: &str| Dimension { keys: keys.split('+').map(|key| key.trim().into()).collect() };
            definitions.dimensions = value.split(',').map(dimension).collect();
        }
        _ => panic!("no setting is called {key}"),
    }
}

/// `N a day, SHARE convert`.
fn baseline(value: &str) -> DivergenceBaseline {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text} is no number"));
    let said = value.strip_suffix(" convert").and_then(|said| said.split_once(" a day, "));
    let (mqls, conversion) = said.unwrap_or_else(|| panic!("{value} is not N a day, SHARE convert"));
    DivergenceBaseline { mqls_per_business_day: number(mqls), conversion: number(conversion) }
}
