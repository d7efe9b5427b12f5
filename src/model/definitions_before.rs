//! Definitions as they were written before most of the rules came to be, in the first formats of the state and of the
//! deltas: how they are read today.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Text;
use super::definitions::{
    CalendarDefinition, Definitions, Dimension, Divergence, FirstTouchSlo, Limits, Rules, SourceDefinition,
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
    first_touch_slo: Option<FirstTouchSlo>,
    divergence: Option<Divergence>,
}

impl From<DefinitionsBefore> for Definitions {
    fn from(before: DefinitionsBefore) -> Definitions {
        let RulesBefore { first_touch_slo, divergence } = before.rules;
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
