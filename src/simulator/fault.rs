//! The faults: what goes wrong in the company, when, for whom and how strongly.
//!
//! A fault draws from dice of its own and only changes what happens from its onset on, so that the
//! same seed tells the same story with and without it up to that moment, and the same story of
//! everything that it does not touch afterwards.

use super::lead::Whom;
use super::profile::Profile;
use super::sampling::{Dice, LogNormal};
use super::scenario::{Plot, Scenario, Segment};
use super::truth::Planted;
use crate::model::words::Author;
use crate::model::{EventTime, HOUR_MS, MINUTE_MS};

/// MQL volume during a flood of full dose, as a multiple of the usual.
const FLOOD_VOLUME: f64 = 2.2;
/// The share of a flood's leads that become MQLs: hardly anything is asked of them.
pub(super) const FLOOD_LEAD_TO_MQL: f64 = 0.9;
/// The share of a flood's MQLs that become SQLs.
pub(super) const FLOOD_MQL_TO_SQL: f64 = 0.05;
/// The share of first touches that are slow at full dose; with the usual misses 35 % are too late.
const SLOW_SHARE: f64 = 0.335;
/// Working time from assignment to a slow first touch, beyond the promised four hours.
const SLOW_BEYOND: LogNormal = LogNormal { median: 2.5 * HOUR_MS as f64, sigma: 0.7 };
/// The longest working time from assignment to a slow first touch.
const SLOW_MS_MAX: i64 = 12 * HOUR_MS;
/// The share of verdicts that are never given at full dose.
const SILENT_SHARE: f64 = 0.9;
/// The share of reject reasons that turn into one and the same at full dose.
const ONE_REASON_SHARE: f64 = 0.5;
/// That reason.
pub(super) const ONE_REASON: &str = "outside_target";
/// The share of marketing's touches of open deals that are left out at full dose.
const ABSENT_SHARE: f64 = 0.95;
/// The share of content uses that turn to what sales wrote itself at full dose.
const SHADOW_SHARE: f64 = 0.7;

/// One thing that goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// MQLs pour in from a poor source.
    Flood,
    /// Sales is slow with the first human touch.
    SlowFirstTouch,
    /// Sales gives no verdict.
    Silence,
    /// Marketing answers no reject reason and leaves open deals alone.
    Incuriosity,
    /// Sales writes its own content.
    ShadowContent,
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
    pub(super) dose: f64,
    pub(super) scope: Scope,
}

impl Spell {
    fn holds(&self, at: EventTime) -> bool {
        self.from <= at && at < self.to
    }

    /// How many leads a flood adds to each usual one.
    pub(super) fn flood_ratio(&self, company: &Profile) -> f64 {
        let part = match self.scope {
            Scope::Region(place) => {
                let total: f64 = company.regions.iter().map(|region| region.weight).sum();
                company.regions[place].weight / total
            }
            Scope::All | Scope::Source(_) => 1.0,
        };
        (FLOOD_VOLUME - 1.0) * self.dose * part * company.lead_to_mql / FLOOD_LEAD_TO_MQL
    }
}

/// Everything that goes wrong in a scenario.
#[derive(Clone, Debug)]
pub(super) struct Faults(Vec<Spell>);

impl Faults {
    /// The faults of a scenario that has been checked.
    pub(super) fn of(scenario: &Scenario) -> Faults {
        let faults: &[(Fault, u32)] = match scenario.plot {
            Plot::Healthy => &[],
            Plot::MqlTunnelVision => &[(Fault::Flood, scenario.onset_day)],
            Plot::SlowFirstTouch => &[(Fault::SlowFirstTouch, scenario.onset_day)],
            Plot::SilentSales => &[(Fault::Silence, scenario.onset_day)],
            Plot::IncuriousMarketing => &[(Fault::Incuriosity, scenario.onset_day)],
            Plot::ShadowContent => &[(Fault::ShadowContent, scenario.onset_day)],
            Plot::FallingOut => {
                &[(Fault::Flood, scenario.onset_day), (Fault::SlowFirstTouch, scenario.second_onset_day)]
            }
        };
        let to = scenario.end_day.map_or(scenario.end(), |day| scenario.day(day).min(scenario.end()));
        let (dose, scope) = (scenario.dose, scope_of(scenario));
        let mut spells: Vec<Spell> = faults
            .iter()
            .map(|&(fault, onset_day)| Spell { fault, from: scenario.day(onset_day), to, dose, scope })
            .filter(|spell| spell.from < spell.to && spell.dose > 0.0)
            .collect();
        spells.sort_by_key(|spell| spell.from);
        Faults(spells)
    }

    /// Every fault with its time, in order of onset.
    pub(super) fn spells(&self) -> &[Spell] {
        &self.0
    }

    /// The answer key.
    pub(super) fn planted(&self, scenario: &Scenario) -> Vec<Planted> {
        let mut all = Vec::new();
        for spell in &self.0 {
            let source = &scenario.company.sources[flooding_source(scenario, spell.scope)].name;
            let rules: &[(u8, &str, Option<&str>)] = match spell.fault {
                Fault::Flood => &[(1, "divergence", Some(source))],
                Fault::SlowFirstTouch => &[(2, "first_touch_slo", None)],
                Fault::Silence => &[(2, "silent_leads", None)],
                Fault::Incuriosity => {
                    &[(3, "unanswered_rejections", Some(ONE_REASON)), (3, "absent_after_handoff", None)]
                }
                Fault::ShadowContent => &[(4, "sales_authored_share", None)],
            };
            all.extend(rules.iter().map(|&(sign, rule, subject)| Planted {
                sign,
                rule: rule.into(),
                segment: scenario.segment.to_string().into(),
                subject: subject.map(Into::into),
                from: spell.from,
                to: (spell.to < scenario.end()).then_some(spell.to),
                dose: spell.dose,
            }));
        }
        all
    }

    /// How strongly a fault holds for a lead at a time; 0 where it does not.
    fn dose(&self, fault: Fault, at: EventTime, whom: Whom) -> f64 {
        let touched = |scope| match scope {
            Scope::All => true,
            Scope::Source(place) => whom.source == place,
            Scope::Region(place) => whom.region == place,
        };
        let mut spells = self.0.iter().filter(|spell| spell.fault == fault && spell.holds(at));
        spells.find(|spell| touched(spell.scope)).map_or(0.0, |spell| spell.dose)
    }

    /// Whether a fault holds at a time, for anyone.
    pub(super) fn holds(&self, fault: Fault, at: EventTime) -> bool {
        self.0.iter().any(|spell| spell.fault == fault && spell.holds(at))
    }

    /// The working time from assignment to the first human touch of a lead that became an MQL at `at`.
    pub(super) fn touch_delay_ms(&self, usual_ms: i64, at: EventTime, whom: Whom, dice: &mut Dice) -> i64 {
        if !dice.chance(self.dose(Fault::SlowFirstTouch, at, whom) * SLOW_SHARE) {
            return usual_ms;
        }
        let beyond_ms = dice.lag_ms(SLOW_BEYOND).max(MINUTE_MS);
        (4 * HOUR_MS + beyond_ms).min(SLOW_MS_MAX)
    }

    /// Whether a verdict that would be given at `at` is not.
    pub(super) fn silences(&self, at: EventTime, whom: Whom, dice: &mut Dice) -> bool {
        dice.chance(self.dose(Fault::Silence, at, whom) * SILENT_SHARE)
    }

    /// The reason that is given at `at` in place of the usual one.
    pub(super) fn reason<'a>(&self, usual: &'a str, at: EventTime, whom: Whom, dice: &mut Dice) -> &'a str {
        let same = dice.chance(self.dose(Fault::Incuriosity, at, whom) * ONE_REASON_SHARE);
        if same { ONE_REASON } else { usual }
    }

    /// Whether marketing leaves out a touch of an open deal.
    pub(super) fn keeps_away(&self, at: EventTime, whom: Whom, dice: &mut Dice) -> bool {
        dice.chance(self.dose(Fault::Incuriosity, at, whom) * ABSENT_SHARE)
    }

    /// Whether sales uses something that it wrote itself, `usual` being who wrote what it would use.
    pub(super) fn author(&self, usual: Author, at: EventTime, whom: Whom, dice: &mut Dice) -> Authorship {
        match dice.chance(self.dose(Fault::ShadowContent, at, whom) * SHADOW_SHARE) {
            true => Authorship::Shadow,
            false => Authorship::Known(usual),
        }
    }
}

/// Who wrote a piece of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Authorship {
    /// As ever.
    Known(Author),
    /// Sales, past marketing.
    Shadow,
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
