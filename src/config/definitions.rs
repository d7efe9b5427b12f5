//! The part of the configuration that decides what is counted, as the definitions of the log.
//!
//! The order in which sources and dimensions are written means nothing, so it makes no other
//! definitions.

use super::error::{ConfigError, ConfigErrors, Place};
use super::{Config, Direct};
use crate::model::definitions::{DIRECT, Definitions, Limits, SourceDefinition};

impl Config {
    /// The definitions that this configuration asks for. `source_partitions` says how many partitions a
    /// source's topic has; `id_key` is the key of the hash of ids, which is no setting: it is drawn once.
    ///
    /// Fails if a source's topic does not exist.
    pub fn definitions(
        &self,
        source_partitions: &dyn Fn(&str) -> Option<u32>,
        id_key: [u8; 16],
    ) -> Result<Definitions, ConfigErrors> {
        let (mut sources, mut errors) = (Vec::new(), Vec::new());
        for source in &self.sources {
            match source_partitions(&source.name) {
                Some(partitions) if partitions > 0 => {
                    sources.push(SourceDefinition { name: source.name.as_str().into(), partitions });
                }
                _ => errors.push(ConfigError {
                    place: Place::Whole,
                    key: "source.name".to_owned(),
                    wrong: format!("there is no topic \"{}\"", source.name),
                    right: "create it, or correct the name".to_owned(),
                }),
            }
        }
        if !errors.is_empty() {
            return Err(ConfigErrors::new("configuration", errors));
        }
        if self.log.direct == Direct::Listed {
            sources.push(SourceDefinition { name: DIRECT.into(), partitions: 1 });
        }
        sources.sort_by(|a, b| a.name.cmp(&b.name));
        let mut dimensions = self.funnel.dimensions.clone();
        dimensions.sort();
        Ok(Definitions {
            sources,
            event_partitions: self.kafka.event_partitions,
            out_of_orderness_ms: self.log.out_of_orderness_ms,
            retention_days: self.log.retention_days,
            open_retention_days: self.log.open_retention_days,
            zone: self.funnel.zone.as_str().into(),
            calendars: [
                ("marketing".into(), self.calendars.marketing.clone()),
                ("sales".into(), self.calendars.sales.clone()),
            ]
            .into(),
            dimensions,
            horizons: self.funnel.horizons.clone(),
            windows_every_minutes: self.funnel.windows_every_minutes,
            rules: self.rules.clone(),
            limits: Limits {
                facts_per_journey: self.limits.facts_per_journey,
                segments: self.limits.segments,
                evidence_ids: self.limits.evidence_ids,
            },
            id_key,
        })
    }
}
