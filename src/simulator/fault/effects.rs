//! What each fault does: to a lead, a verdict, a deal, a campaign. At dose 0 everything is as usual.

use super::{Fault, Faults, Scope, Spell};
use crate::model::event::Event;
use crate::model::words::{Author, Origin, Stage};
use crate::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS};
use crate::simulator::lead::Whom;
use crate::simulator::profile::Profile;
use crate::simulator::sampling::{Dice, LogNormal};

/// MQL volume during a flood of full dose, as a multiple of the usual.
const FLOOD_VOLUME: f64 = 2.2;
/// Leads during a surge of full dose, as a multiple of the usual: so many more than sales can call in time.
const SURGE_VOLUME: f64 = 2.0;
/// The share of a flood's leads that become MQLs: hardly anything is asked of them.
pub(in crate::simulator) const FLOOD_LEAD_TO_MQL: f64 = 0.9;
/// The share of a flood's MQLs that become SQLs.
pub(in crate::simulator) const FLOOD_MQL_TO_SQL: f64 = 0.05;
/// The share of won deals of marketing's that are lost instead at full dose.
const LOST_SHARE: f64 = 0.9;
/// The share of first touches that are slow at full dose; with the usual misses 35 % are too late.
const SLOW_SHARE: f64 = 0.335;
/// The share of leads that routing delays or forgets at full dose.
const ROUTING_SHARE: f64 = 0.4;
/// Working time from assignment to a slow first touch, beyond the promised four hours.
const SLOW_BEYOND: LogNormal = LogNormal { median: 2.5 * HOUR_MS as f64, sigma: 0.7 };
/// The longest working time from assignment to a slow first touch, and from the MQL entry to a slow assignment.
const SLOW_MS_MAX: i64 = 12 * HOUR_MS;
/// Working time that slow routing takes: some of it leaves the rep a few minutes of the four hours.
const ROUTED_FROM_MS: i64 = 200 * MINUTE_MS;
const ROUTED_BEYOND: LogNormal = LogNormal { median: 1.5 * HOUR_MS as f64, sigma: 0.8 };
/// The share of verdicts that are never given at full dose.
const SILENT_SHARE: f64 = 0.9;
/// The share of reasons that are never given at full dose.
const REASONLESS_SHARE: f64 = 0.6;
/// The share of reject reasons that turn into one and the same at full dose.
const ONE_REASON_SHARE: f64 = 0.5;
/// That reason.
pub(in crate::simulator) const ONE_REASON: &str = "outside_target";
/// The share of items that stick at full dose, and for how long, by stage.
const STUCK_IN_SAL: LogNormal = LogNormal { median: 30.0 * DAY_MS as f64, sigma: 0.4 };
const STUCK_IN_SQL: LogNormal = LogNormal { median: 18.0 * DAY_MS as f64, sigma: 0.4 };
const STUCK_AS_OPPORTUNITY: LogNormal = LogNormal { median: 90.0 * DAY_MS as f64, sigma: 0.4 };
/// The share of marketing's touches of open deals that are left out at full dose.
const ABSENT_SHARE: f64 = 0.95;
/// The share of content uses that turn to what sales wrote itself at full dose.
const SHADOW_SHARE: f64 = 0.7;
/// The share of uses of marketing's content that go to the same few pieces at full dose.
const FAVOURITE_SHARE: f64 = 0.98;

/// What routing does with a lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Routing {
    /// Assigns it within minutes.
    AsEver,
    /// Assigns it after so much working time.
    Slow(i64),
    /// Never assigns it.
    Never,
}

/// Who wrote a piece of content.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Authorship {
    /// As ever.
    Known(Author),
    /// Sales, past marketing.
    Shadow,
    /// Marketing, and it is what everybody uses.
    Favourite,
}

impl Spell {
    /// How many leads a flood adds to each usual one at a time from its onset on.
    pub(in crate::simulator) fn flood_ratio(&self, company: &Profile, at: EventTime) -> f64 {
        let part = match self.scope {
            Scope::Region(place) => {
                let total: f64 = company.regions.iter().map(|region| region.weight).sum();
                company.regions[place].weight / total
            }
            Scope::All | Scope::Source(_) => 1.0,
        };
        (FLOOD_VOLUME - 1.0) * self.dose_at(at) * part * company.lead_to_mql / FLOOD_LEAD_TO_MQL
    }

    /// How many leads a surge adds to each usual one at a time from its onset on.
    pub(in crate::simulator) fn surge_ratio(&self, at: EventTime) -> f64 {
        (SURGE_VOLUME - 1.0) * self.dose_at(at)
    }
}

/// The working time from assignment to a slow first touch.
pub(in crate::simulator) fn slow_touch_ms(dice: &mut Dice) -> i64 {
    let beyond_ms = dice.lag_ms(SLOW_BEYOND).max(MINUTE_MS);
    (4 * HOUR_MS + beyond_ms).min(SLOW_MS_MAX)
}

impl Faults {
    /// What becomes of a lead that became an MQL at `at`, on its way to a rep.
    pub(in crate::simulator) fn routing(&self, at: EventTime, whom: Whom, dice: &mut Dice) -> Routing {
        if dice.chance(self.dose(Fault::SlowRouting, at, whom) * ROUTING_SHARE) {
            return Routing::Slow((ROUTED_FROM_MS + dice.lag_ms(ROUTED_BEYOND)).min(SLOW_MS_MAX));
        }
        match dice.chance(self.dose(Fault::NoRouting, at, whom) * SLOW_SHARE) {
            true => Routing::Never,
            false => Routing::AsEver,
        }
    }

    /// The working time from assignment to the first human touch of a lead that became an MQL at `at`.
    pub(in crate::simulator) fn touch_delay_ms(
        &self,
        usual_ms: i64,
        at: EventTime,
        whom: Whom,
        dice: &mut Dice,
    ) -> i64 {
        match dice.chance(self.dose(Fault::SlowFirstTouch, at, whom) * SLOW_SHARE) {
            true => slow_touch_ms(dice),
            false => usual_ms,
        }
    }

    /// Whether a verdict that would be given at `at` is not.
    pub(in crate::simulator) fn silences(&self, at: EventTime, whom: Whom, dice: &mut Dice) -> bool {
        dice.chance(self.dose(Fault::Silence, at, whom) * SILENT_SHARE)
    }

    /// The reason that is given at `at` in place of the usual one; `None` where none is.
    pub(in crate::simulator) fn reason<'a>(
        &self,
        usual: Option<&'a str>,
        at: EventTime,
        whom: Whom,
        dice: &mut Dice,
    ) -> Option<&'a str> {
        let same = dice.chance(self.dose(Fault::OneReason, at, whom) * ONE_REASON_SHARE);
        let unsaid = dice.chance(self.dose(Fault::Reasonless, at, whom) * REASONLESS_SHARE);
        usual.filter(|_| !unsaid).map(|usual| if same { ONE_REASON } else { usual })
    }

    /// How much longer an item that enters a stage at `at` sticks there; `share` of them do at full dose.
    pub(in crate::simulator) fn sticks_ms(
        &self,
        stage: Stage,
        share: f64,
        at: EventTime,
        whom: Whom,
        dice: &mut Dice,
    ) -> i64 {
        let law = match stage {
            Stage::Sal => STUCK_IN_SAL,
            Stage::Sql => STUCK_IN_SQL,
            _ => STUCK_AS_OPPORTUNITY,
        };
        match dice.chance(self.dose(Fault::Ageing(stage), at, whom) * share) {
            true => dice.lag_ms(law),
            false => 0,
        }
    }

    /// Whether a deal that would be won at `at` is lost.
    pub(in crate::simulator) fn loses(
        &self,
        origin: Option<Origin>,
        at: EventTime,
        whom: Whom,
        dice: &mut Dice,
    ) -> bool {
        let is_sourced = matches!(origin, None | Some(Origin::Marketing));
        dice.chance(self.dose(Fault::LostRevenue, at, whom) * LOST_SHARE) && is_sourced
    }

    /// Whether marketing leaves out a touch of an open deal.
    pub(in crate::simulator) fn keeps_away(&self, at: EventTime, whom: Whom, dice: &mut Dice) -> bool {
        dice.chance(self.dose(Fault::Absence, at, whom) * ABSENT_SHARE)
    }

    /// Whose content a rep uses, `usual` being who wrote what it would use.
    pub(in crate::simulator) fn author(
        &self,
        usual: Author,
        at: EventTime,
        whom: Whom,
        dice: &mut Dice,
    ) -> Authorship {
        let is_shadow = dice.chance(self.dose(Fault::ShadowContent, at, whom) * SHADOW_SHARE);
        let is_favourite = dice.chance(self.dose(Fault::DeadLibrary, at, whom) * FAVOURITE_SHARE);
        match usual {
            _ if is_shadow => Authorship::Shadow,
            Author::Marketing if is_favourite => Authorship::Favourite,
            _ => Authorship::Known(usual),
        }
    }

    /// Whether an event does not arrive.
    pub(in crate::simulator) fn swallows(&self, event: &Event, dice: &mut Dice) -> bool {
        let dose_of = |family| self.dose_of_all(Fault::NoData(family), event.occurred_at);
        let dose = event.body.families().map(dose_of).fold(0.0, f64::max);
        dose > 0.0 && dice.chance(dose)
    }

    /// Whether any event may fail to arrive.
    pub(in crate::simulator) fn swallow_anything(&self) -> bool {
        self.spells().iter().any(|spell| matches!(spell.fault, Fault::NoData(_)))
    }

    /// Whether marketing leaves out the target for revenue that it would set at `at`.
    pub(in crate::simulator) fn sets_no_revenue_target(&self, at: EventTime, dice: &mut Dice) -> bool {
        dice.chance(self.dose_of_all(Fault::NoRevenueTarget, at))
    }

    /// Whether sales does not acknowledge a campaign as it would at `at`, and whether it does so late.
    pub(in crate::simulator) fn notice(&self, at: EventTime, dice: &mut Dice) -> Notice {
        let roll = dice.unit();
        if roll < self.dose_of_all(Fault::NoNotice, at) {
            return Notice::None;
        }
        match roll < self.dose_of_all(Fault::ShortNotice, at) {
            true => Notice::Short,
            false => Notice::AsEver,
        }
    }
}

/// How sales hears of a campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::simulator) enum Notice {
    /// Weeks before.
    AsEver,
    /// Days before.
    Short,
    /// Not at all.
    None,
}
