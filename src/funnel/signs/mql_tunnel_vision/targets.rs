//! The targets of marketing.

use std::collections::BTreeMap;

use crate::model::fact::{Fact, Says};
use crate::model::money::Currency;
use crate::model::words::{TargetMeasure, Team};
use crate::model::{EventTime, Text};

use super::super::scene::Scene;

/// A target as it was set last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Target {
    /// What it counts.
    pub measure: TargetMeasure,
    /// The period, `[from, to)`.
    pub from: EventTime,
    /// Its end.
    pub to: EventTime,
    /// How many, or minor units.
    pub value: i64,
    /// The currency, where it is money.
    pub currency: Option<Currency>,
}

impl Target {
    /// Whether a moment lies in the period.
    pub fn holds(&self, at: EventTime) -> bool {
        self.from <= at && at < self.to
    }

    /// Whether the periods of both have a moment in common.
    pub fn overlaps(&self, other: &Target) -> bool {
        self.from < other.to && other.from < self.to
    }
}

/// The targets of marketing; of those for the same measure, period and currency the one that was set last.
pub fn of_marketing(scene: &Scene<'_>) -> Vec<Target> {
    let mut set: BTreeMap<(TargetMeasure, EventTime, EventTime, Option<Currency>), &Fact> = BTreeMap::new();
    for fact in scene.book.programs() {
        let Says::TargetSet { team, measure, from, to, currency, .. } = &fact.says else { continue };
        if *team != Text::const_new(Team::Marketing.as_str()) {
            continue;
        }
        let known = set.entry((*measure, *from, *to, *currency)).or_insert(fact);
        if known.order(fact).is_lt() {
            *known = fact;
        }
    }
    let target = |((measure, from, to, currency), fact): (_, &Fact)| match fact.says {
        Says::TargetSet { value, .. } => Some(Target { measure, from, to, value, currency }),
        _ => None,
    };
    set.into_iter().filter_map(target).collect()
}
