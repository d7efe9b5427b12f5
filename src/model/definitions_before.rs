//! Definitions as they were written before most of the rules came to be, in the first formats of the state and of the
//! deltas: how they are read today.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Text;
use super::alert::Severity;
use super::definitions::{
    BurnWindow, CalendarDefinition, Definitions, Dimension, Divergence, FirstTouchSlo, Limits, Millionths,
    Rules, SourceDefinition,
};
use super::words::Step;

/// Definitions with two rules.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
pub struct DefinitionsBefore {
    sources: Vec<SourceDefinition>,
    event_partitions: u32,
    out_of_orderness_ms: i64,
    retention_days: Option<u32>,
    open_retention_days: Option<u32>,
    zone: Text,
    calendars: BTreeMap<Text, CalendarDefinition>,
    dimensions: Vec<Dimension>,
    horizons: BTreeMap<Step, u16>,
    windows_every_minutes: u16,
    rules: RulesBefore,
    limits: Limits,
    id_key: [u8; 16],
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct RulesBefore {
    first_touch_slo: Option<FirstTouchSloBefore>,
    divergence: Option<Divergence>,
}

/// `first_touch_slo`, with one gate for all windows.
#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct FirstTouchSloBefore {
    target: Millionths,
    within_minutes: u32,
    windows: Vec<BurnWindowBefore>,
    gate: Millionths,
    min_n: u32,
    for_minutes: u32,
    clear_minutes: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[cfg_attr(test, derive(serde::Serialize))]
struct BurnWindowBefore {
    long_minutes: u32,
    short_minutes: u32,
    burn: Millionths,
    severity: Severity,
}

impl From<BurnWindowBefore> for BurnWindow {
    fn from(before: BurnWindowBefore) -> BurnWindow {
        let BurnWindowBefore { long_minutes, short_minutes, burn, severity } = before;
        BurnWindow { long_minutes, short_minutes, burn, severity, gate: None }
    }
}

impl From<FirstTouchSloBefore> for FirstTouchSlo {
    fn from(before: FirstTouchSloBefore) -> FirstTouchSlo {
        FirstTouchSlo {
            target: before.target,
            within_minutes: before.within_minutes,
            windows: before.windows.into_iter().map(BurnWindow::from).collect(),
            gate: before.gate,
            min_n: before.min_n,
            for_minutes: before.for_minutes,
            clear_minutes: before.clear_minutes,
        }
    }
}

impl From<DefinitionsBefore> for Definitions {
    fn from(before: DefinitionsBefore) -> Definitions {
        let RulesBefore { first_touch_slo, divergence } = before.rules;
        let first_touch_slo = first_touch_slo.map(FirstTouchSlo::from);
        Definitions {
            sources: before.sources,
            event_partitions: before.event_partitions,
            out_of_orderness_ms: before.out_of_orderness_ms,
            retention_days: before.retention_days,
            open_retention_days: before.open_retention_days,
            zone: before.zone,
            calendars: before.calendars,
            dimensions: before.dimensions,
            horizons: before.horizons,
            windows_every_minutes: before.windows_every_minutes,
            rules: Rules { first_touch_slo, divergence, ..Rules::default() },
            limits: before.limits,
            id_key: before.id_key,
        }
    }
}
