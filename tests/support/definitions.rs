//! Plain definitions for tests: one partition, sales and marketing from nine to five in UTC, both rules with
//! small thresholds.

use std::collections::BTreeMap;

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use rapport::model::MINUTE_MS;
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
        gate: None,
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
            ..Rules::default()
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
    // Far enough apart that a few days show which of both it is.
    rule.volume_factor = Millionths(2_000_000);
    rule.quality_factor = Millionths(400_000);
    rule.baseline = is_set.then_some(DivergenceBaseline { mqls_per_business_day: 0.5, conversion: 0.5 });
}

/// The same with some settings changed, at random.
pub fn changed(definitions: &Definitions, rng: &mut ChaCha8Rng) -> Definitions {
    const CHANGES: &[(&str, &[&str])] = &[
        ("retention_days", &["2", "5", "30"]),
        ("open_retention_days", &["30", "60"]),
        ("zone", &["UTC", "America/New_York", "Asia/Kolkata"]),
        ("horizon_days", &["7", "14", "21"]),
        ("dimensions", &["source", "region+source", "source,region", "none"]),
        ("first_touch_slo", &["off", "on"]),
        ("first_touch_slo", &["on"]),
        ("divergence", &["off", "on"]),
        ("out_of_orderness_minutes", &["0", "1", "10"]),
        ("segments", &["2", "100"]),
    ];
    let mut changed = definitions.clone();
    for _ in 0..rng.random_range(1..=3) {
        let (key, values) = CHANGES[rng.random_range(0..CHANGES.len())];
        set(&mut changed, key, values[rng.random_range(0..values.len())]);
    }
    if let Some(rule) = &mut changed.rules.first_touch_slo {
        rule.min_n = 3;
        rule.gate = Millionths(50_000);
        rule.within_minutes = [60, 240][rng.random_range(0..2)];
    }
    changed
}

/// Changes one setting, as a story's `set` or `define` line says it. `RULE = off` switches a rule off, `RULE = on`
/// makes it plain again.
pub fn set(definitions: &mut Definitions, key: &str, value: &str) {
    let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("{key}: {value} is no number"));
    let rules = &mut definitions.rules;
    if let Some((rule, setting)) = key.split_once('.') {
        match rule {
            "first_touch_slo" => set_first_touch(on(key, &mut rules.first_touch_slo), setting, value),
            "divergence" => set_divergence(on(key, &mut rules.divergence), setting, value),
            _ => panic!("no rule is called {rule}"),
        }
        return;
    }
    match key {
        "source" => definitions.sources.push(SourceDefinition { name: value.into(), partitions: 1 }),
        "partitions" => definitions.event_partitions = number(),
        "retention_days" => definitions.retention_days = Some(number()),
        "open_retention_days" => definitions.open_retention_days = Some(number()),
        "out_of_orderness_minutes" => definitions.out_of_orderness_ms = i64::from(number()) * MINUTE_MS,
        "segments" => definitions.limits.segments = number(),
        "zone" => definitions.zone = value.into(),
        // Of all teams.
        "holidays" => {
            let days: Vec<_> = value.split_whitespace().map(Into::into).collect();
            definitions.calendars.values_mut().for_each(|calendar| calendar.holidays = days.clone());
        }
        "windows_every_minutes" => definitions.windows_every_minutes = number() as u16,
        "horizon_days" => {
            definitions.horizons.values_mut().for_each(|days| *days = number() as u16);
        }
        "marketing_holidays" => {
            let marketing =
                definitions.calendars.get_mut("marketing").expect("the plain definitions have it");
            marketing.holidays = value.split(',').map(Into::into).collect();
        }
        "dimensions" => {
            let dimension =
                |keys: &str| Dimension { keys: keys.split('+').map(|key| key.trim().into()).collect() };
            definitions.dimensions = value.split(',').filter(|keys| *keys != "none").map(dimension).collect();
        }
        "first_touch_slo" => {
            rules.first_touch_slo = plain().rules.first_touch_slo.filter(|_| switch(key, value));
        }
        "divergence" => rules.divergence = plain().rules.divergence.filter(|_| switch(key, value)),
        _ => panic!("no setting is called {key}"),
    }
}

fn on<'a, T>(key: &str, rule: &'a mut Option<T>) -> &'a mut T {
    rule.as_mut().unwrap_or_else(|| panic!("{key}: the rule is off"))
}

fn switch(key: &str, value: &str) -> bool {
    match value {
        "on" => true,
        "off" => false,
        _ => panic!("{key}: {value} is neither on nor off"),
    }
}

fn set_first_touch(rule: &mut FirstTouchSlo, setting: &str, value: &str) {
    let number = || value.parse::<u32>().unwrap_or_else(|_| panic!("{setting}: {value} is no number"));
    match setting {
        "min_n" => rule.min_n = number(),
        "for" => rule.for_minutes = number(),
        "within" => rule.within_minutes = number(),
        "windows" => rule.windows = value.split(',').map(|window| burn_window(window.trim())).collect(),
        "target" => rule.target = share(value),
        "gate" => rule.gate = share(value),
        _ => panic!("first_touch_slo has no {setting}"),
    }
}

/// `LONG/SHORT xBURN SEVERITY`, in minutes of business time, and perhaps a gate.
fn burn_window(window: &str) -> BurnWindow {
    let wrong = format!("{window} is not LONG/SHORT xBURN SEVERITY [GATE]");
    let words: Vec<&str> = window.split(' ').collect();
    let (gate, words) = match words[..] {
        [spans, burn, severity, gate] => (Some(share(gate)), [spans, burn, severity]),
        _ => (None, words.try_into().expect(&wrong)),
    };
    let [spans, burn, severity] = words;
    let (long, short) = spans.split_once('/').expect(&wrong);
    let severity = match severity {
        "page" => Severity::Page,
        "ticket" => Severity::Ticket,
        _ => panic!("{wrong}"),
    };
    BurnWindow {
        long_minutes: long.parse().expect(&wrong),
        short_minutes: short.parse().expect(&wrong),
        burn: share(burn.strip_prefix('x').expect(&wrong)),
        severity,
        gate,
    }
}

fn share(value: &str) -> Millionths {
    let share: f64 = value.parse().unwrap_or_else(|_| panic!("{value} is no number"));
    Millionths((share * 1_000_000.0).round() as i64)
}

fn set_divergence(rule: &mut Divergence, setting: &str, value: &str) {
    let number = || value.parse::<u16>().unwrap_or_else(|_| panic!("{setting}: {value} is no number"));
    match setting {
        "min_n" => rule.min_n = u32::from(number()),
        "horizon_days" => rule.horizon_days = number(),
        "detect_days" => rule.detect_days = number(),
        "clear_days" => rule.clear_days = number(),
        "baseline" => rule.baseline = Some(baseline(value)),
        _ => panic!("divergence has no {setting}"),
    }
}

/// `N a day, SHARE convert`.
fn baseline(value: &str) -> DivergenceBaseline {
    let number = |text: &str| text.parse().unwrap_or_else(|_| panic!("{text} is no number"));
    let said = value.strip_suffix(" convert").and_then(|said| said.split_once(" a day, "));
    let (mqls, conversion) = said.unwrap_or_else(|| panic!("{value} is not N a day, SHARE convert"));
    DivergenceBaseline { mqls_per_business_day: number(mqls), conversion: number(conversion) }
}
