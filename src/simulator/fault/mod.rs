//! The faults: what goes wrong in the company, when, for whom and how strongly.
//!
//! A fault draws from dice of its own and only changes what happens from its onset on, so that the
//! same seed tells the same story with and without it up to that moment, and the same story of
//! everything that it does not touch afterwards. `plots` says which plot plants which fault and what
//! should be found of it, `effects` what a fault does to a life.

mod effects;
mod plots;

pub(super) use effects::{
    Authorship, FLOOD_LEAD_TO_MQL, FLOOD_MQL_TO_SQL, Notice, ONE_REASON, Routing, slow_touch_ms,
};

use super::lead::Whom;
use super::scenario::{Scenario, Segment};
use crate::model::words::{Family, Stage};
use crate::model::{DAY_MS, EventTime};

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// MQLs pour in from a poor source.
    Flood,
    /// Deals of marketing's are lost that would have been won.
    LostRevenue,
    /// Marketing sets itself no target for revenue.
    NoRevenueTarget,
    /// Sales is slow with the first human touch.
    SlowFirstTouch,
    /// Routing is slow.
    SlowRouting,
    /// Routing forgets leads.
    NoRouting,
    /// Marketing sends more leads than sales can call in time.
    Surge,
    /// Sales gives no verdict.
    Silence,
    /// Sales gives no reason.
    Reasonless,
    /// Sales does not acknowledge a campaign.
    NoNotice,
    /// Sales acknowledges a campaign just before its launch.
    ShortNotice,
    /// Sales gives one and the same reason.
    OneReason,
    /// Marketing does not answer that reason.
    Unanswered,
    /// Marketing answers no reason at all.
    NoPlaybook,
    /// Items stick at a stage.
    Ageing(Stage),
    /// Marketing leaves open deals alone.
    Absence,
    /// Sales writes its own content.
    ShadowContent,
    /// Reps use the same few pieces.
    DeadLibrary,
    /// Events of a family no longer arrive.
    NoData(Family),
}

/// The leads that a fault touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    /// Every one.
    All,
    /// Those of the source at this place.
    Source(usize),
    /// Those of the region at this place.
    Region(usize),
}

/// A fault and its time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Spell {
    pub(super) fault: Fault,
    /// Inclusive.
    pub(super) from: EventTime,
    /// Exclusive.
    pub(super) to: EventTime,
    /// How strong it is once it has grown.
    pub(super) dose: f64,
    /// For how long it grows.
    pub(super) ramp_ms: i64,
    pub(super) scope: Scope,
}

impl Spell {
    fn holds(&self, at: EventTime) -> bool {
        self.from <= at && at < self.to
    }

    /// How strong it is at a time from its onset on: it grows evenly.
    fn dose_at(&self, at: EventTime) -> f64 {
        let grown_ms = (at.0 - self.from.0).max(0);
        if grown_ms >= self.ramp_ms { self.dose } else { self.dose * grown_ms as f64 / self.ramp_ms as f64 }
    }
}

/// Everything that goes wrong in a scenario.
#[derive(Clone, Debug)]
pub(super) struct Faults(Vec<Spell>);

impl Faults {
    /// The faults of a scenario that has been checked.
    pub(super) fn of(scenario: &Scenario) -> Faults {
        let to = scenario.end_day.map_or(scenario.end(), |day| scenario.day(day).min(scenario.end()));
        let (dose, scope) = (scenario.dose, scope_of(scenario));
        let ramp_ms = i64::from(scenario.ramp_days) * DAY_MS;
        let mut spells: Vec<Spell> = plots::faults(scenario)
            .into_iter()
            .map(|(fault, onset)| Spell { fault, from: scenario.day(onset), to, dose, ramp_ms, scope })
            .filter(|spell| spell.from < spell.to && spell.dose > 0.0)
            .collect();
        spells.sort_by_key(|spell| spell.from);
        Faults(spells)
    }

    /// Every fault with its time, in order of onset.
    pub(super) fn spells(&self) -> &[Spell] {
        &self.0
    }

    /// How strongly a fault holds for a lead at a time; 0 where it does not.
    fn dose(&self, fault: Fault, at: EventTime, whom: Whom) -> f64 {
        let touched = |scope| match scope {
            Scope::All => true,
            Scope::Source(place) => whom.source == place,
            Scope::Region(place) => whom.region == place,
        };
        let mut spells = self.0.iter().filter(|spell| spell.fault == fault && spell.holds(at));
        spells.find(|spell| touched(spell.scope)).map_or(0.0, |spell| spell.dose_at(at))
    }

    /// How strongly a fault holds at a time, for anyone.
    fn dose_of_all(&self, fault: Fault, at: EventTime) -> f64 {
        let mut spells = self.0.iter().filter(|spell| spell.fault == fault && spell.holds(at));
        spells.next().map_or(0.0, |spell| spell.dose_at(at))
    }

    /// Whether a fault holds at a time, for anyone.
    pub(super) fn holds(&self, fault: Fault, at: EventTime) -> bool {
        self.dose_of_all(fault, at) > 0.0
    }
}

/// The scenario's segment, by place. Checked: the name is known.
fn scope_of(scenario: &Scenario) -> Scope {
    let company = &scenario.company;
    match &scenario.segment {
        Segment::All => Scope::All,
        Segment::Source(name) => Scope::Source(
            company.sources.iter().position(|source| source.name == *name).expect("the scenario was checked"),
        ),
        Segment::Region(name) => Scope::Region(
            company.regions.iter().position(|region| region.name == *name).expect("the scenario was checked"),
        ),
    }
}

/// The place of the source that a flood of this scope comes from.
pub(super) fn flooding_source(scenario: &Scenario, scope: Scope) -> usize {
    match scope {
        Scope::Source(place) => place,
        Scope::All | Scope::Region(_) => scenario.company.poorest_source(),
    }
}
