//! A lead: who it is, how good it is, and what marketing does with it until it qualifies.

use compact_str::format_compact;

use super::diary::Diary;
use super::fault::{FLOOD_LEAD_TO_MQL, FLOOD_MQL_TO_SQL, Scope, Spell, flooding_source};
use super::moods::Mood;
use super::sampling::{Concern, Dice, LogNormal};
use super::world::World;
use crate::model::event::{Attributes, Body};
use crate::model::words::{Stage, Team};
use crate::model::{DAY_MS, EventTime, MINUTE_MS, Text};

/// Numbers of the additional leads of a flood or surge begin here, so that the usual ones keep theirs.
pub(super) const FLOOD_NUMBERS_FROM: u64 = 500_000_000;

/// From creation to MQL for those who ask for a demo.
const HOT: LogNormal = LogNormal { median: 10.0 * MINUTE_MS as f64, sigma: 1.0 };
/// The share of MQLs that do.
const HOT_SHARE: f64 = 0.35;
/// From creation to MQL for those who are nurtured.
const NURTURED: LogNormal = LogNormal { median: DAY_MS as f64, sigma: 1.0 };
/// From creation to the day on which marketing gives up on a lead.
const SUNSET: LogNormal = LogNormal { median: 45.0 * DAY_MS as f64, sigma: 0.3 };
/// How often marketing gets in touch with a lead while it nurtures it, on average.
const NURTURE_TOUCHES: f64 = 1.2;
/// The share of those touches that no person made.
const NURTURE_AUTOMATED: f64 = 0.7;
/// The share of leads that name the campaign that runs, and for how long a campaign runs.
const CAMPAIGN_SHARE: f64 = 0.6;
const CAMPAIGN_RUNS_MS: i64 = 45 * DAY_MS;

/// What a fault looks at to know whether it touches a lead: places of its source and region.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Whom {
    pub(super) source: usize,
    pub(super) region: usize,
}

/// A lead that arrives.
#[derive(Clone, Copy, Debug)]
pub(super) struct Birth {
    pub(super) at: EventTime,
    /// Its number: unique, and that of the lead before it plus one.
    pub(super) number: u64,
    /// The flood that brought it, if one did.
    pub(super) flood: Option<Spell>,
}

/// A lead while its life is written down.
pub(super) struct Lead<'w> {
    pub(super) world: &'w World,
    pub(super) number: u64,
    pub(super) id: Text,
    /// The lead that arrived just before.
    pub(super) neighbour: Option<Text>,
    pub(super) whom: Whom,
    /// The probability that its first MQL cycle ends in an SQL.
    pub(super) mql_to_sql: f64,
    pub(super) diary: Diary,
    pub(super) sales: Dice,
    pub(super) fault: Dice,
    marketing: Dice,
    pub(super) born_at: EventTime,
    flood: Option<Spell>,
    /// The rep that it is assigned to, counted from 0.
    pub(super) rep: usize,
}

impl<'w> Lead<'w> {
    /// Whether it comes beside the usual ones, and is as good.
    pub(super) fn is_of_a_surge(&self) -> bool {
        self.number >= FLOOD_NUMBERS_FROM && self.flood.is_none()
    }

    /// Writes down the arrival of a lead.
    pub(super) fn born(world: &'w World, birth: Birth) -> Lead<'w> {
        let scenario = &world.scenario;
        let company = &scenario.company;
        let dice = |concern| Dice::new(scenario.seed, concern, birth.number);
        let mut marketing = dice(Concern::Marketing);
        let mut whom = Whom {
            source: marketing.pick(company.sources.iter().map(|source| source.weight)),
            region: marketing.pick(company.regions.iter().map(|region| region.weight)),
        };
        let mut mql_to_sql = company.sources[whom.source].mql_to_sql;
        if let Some(spell) = &birth.flood {
            whom.source = flooding_source(scenario, spell.scope);
            mql_to_sql = FLOOD_MQL_TO_SQL;
            if let Scope::Region(place) = spell.scope {
                whom.region = place;
            }
        }
        let id = lead_id(birth.number);
        // The lead before it may be one that an outage kept away.
        let is_after = |from: EventTime, to: EventTime| from <= birth.at && birth.at < to.plus_ms(7 * DAY_MS);
        let first = birth.number == 1
            || birth.number == FLOOD_NUMBERS_FROM
            || scenario.outage().is_some_and(|(_, from, to)| is_after(from, to));
        let mut lead = Lead {
            world,
            number: birth.number,
            neighbour: (!first).then(|| lead_id(birth.number - 1)),
            whom,
            mql_to_sql,
            diary: Diary::of(id.clone()),
            id,
            sales: dice(Concern::Sales),
            fault: dice(Concern::Fault),
            marketing,
            born_at: birth.at,
            flood: birth.flood,
            rep: 0,
        };
        lead.create();
        lead
    }

    fn create(&mut self) {
        let company = &self.world.scenario.company;
        let names_campaign = self.marketing.chance(CAMPAIGN_SHARE);
        let campaign = self.world.campaigns.iter().rfind(|campaign| campaign.launched_at <= self.born_at);
        let running = campaign.filter(|campaign| self.born_at.0 - campaign.launched_at.0 < CAMPAIGN_RUNS_MS);
        let region = company.regions[self.whom.region].name.clone();
        let body = Body::LeadCreated {
            lead_id: self.id.clone(),
            source: Some(company.sources[self.whom.source].name.clone()),
            campaign_id: running.filter(|_| names_campaign).map(|campaign| campaign.id.clone()),
            attributes: Attributes(Box::new([(Text::const_new("region"), region)])),
        };
        self.diary.write(self.born_at, body);
    }

    /// Marketing nurtures the lead until it is an MQL, if ever; says when it becomes one.
    pub(super) fn nurture(&mut self) -> Option<EventTime> {
        let (share, hot_share) = match self.flood {
            None => (self.world.scenario.company.lead_to_mql, HOT_SHARE),
            Some(_) => (FLOOD_LEAD_TO_MQL, 1.0),
        };
        let share = self.world.moods.share(share, Mood::Qualifying, self.born_at);
        let qualifies = self.marketing.chance(share);
        let lag_law = match self.marketing.chance(hot_share) {
            _ if !qualifies => SUNSET,
            true => HOT,
            false => self.world.scenario.company.lag(NURTURED),
        };
        let until = self.born_at.plus_ms(self.marketing.lag_ms(lag_law).max(1));
        for _ in 0..self.marketing.poisson(NURTURE_TOUCHES) {
            let at = EventTime(self.marketing.between(self.born_at.0, until.0));
            let automated = self.marketing.chance(NURTURE_AUTOMATED);
            let at = if automated { at } else { self.in_hours(at) };
            self.touch(at, Team::Marketing, if automated { "email" } else { "event" }, automated);
        }
        if !qualifies {
            self.enter(until, Stage::Disqualified);
        }
        qualifies.then_some(until)
    }

    /// The time itself if people work then, else some time in the next working hours.
    fn in_hours(&mut self, at: EventTime) -> EventTime {
        let unit = self.marketing.unit();
        self.world.scenario.company.hours.sometime_from(at, unit)
    }

    /// Writes down an entry to a stage.
    pub(super) fn enter(&mut self, at: EventTime, stage: Stage) {
        self.diary.write(at, Body::LeadStageEntered { lead_id: self.id.clone(), stage });
    }

    /// Writes down a touch.
    pub(super) fn touch(&mut self, at: EventTime, team: Team, channel: &str, automated: bool) {
        if team == Team::Marketing && !self.world.scenario.company.records_marketing_touches {
            return self.diary.leave_out();
        }
        let channel = Some(channel.into());
        self.diary.write(at, Body::LeadTouched { lead_id: self.id.clone(), team, channel, automated });
    }

    /// A de-duplication finds that a lead whose story is over was the one before it.
    pub(super) fn merge_away(&mut self, wave_at: EventTime) {
        const SHARE: f64 = 0.2;
        // Every second one at most, so that none is merged into one that is merged itself.
        let Some(into) = self.neighbour.clone().filter(|_| self.number.is_multiple_of(2)) else { return };
        let mut dice = Dice::new(self.world.scenario.seed, Concern::MergeWave, self.number);
        let (is_found, later_ms) = (dice.chance(SHARE), dice.between(0, 2 * DAY_MS - 1));
        if is_found && self.diary.is_over_by(wave_at) {
            let body = Body::LeadMerged { lead_id: self.id.clone(), into };
            self.diary.write(wave_at.plus_ms(later_ms), body);
        }
    }

    /// Merges, deletions and erasures. Says after which time nothing more is heard of the lead.
    pub(super) fn accident(&mut self) -> Option<EventTime> {
        const FOUND: LogNormal = LogNormal { median: DAY_MS as f64, sigma: 1.0 };
        let shares = self.world.scenario.company.mishaps;
        let mut dice = Dice::new(self.world.scenario.seed, Concern::Accidents, self.number);
        let roll = dice.unit();
        if roll >= shares.merged + shares.deleted + shares.erased {
            return None;
        }
        let found = self.born_at.plus_ms(dice.lag_ms(FOUND).max(1));
        let at = self.world.scenario.company.hours.sometime_from(found, dice.unit());
        let lead_id = self.id.clone();
        if roll < shares.merged {
            let into = self.neighbour.clone()?;
            self.diary.write(at, Body::LeadMerged { lead_id: lead_id.clone(), into });
            if !dice.chance(0.5) {
                return Some(at);
            }
            let deleted_at = at.plus_ms(dice.between(0, 2_000));
            self.diary.write(deleted_at, Body::LeadDeleted { lead_id });
            return Some(deleted_at);
        }
        if roll < shares.merged + shares.deleted {
            self.diary.write(at, Body::LeadDeleted { lead_id });
            return Some(at);
        }
        self.diary.write(at.plus_ms(dice.between(0, 60 * DAY_MS)), Body::LeadErased { lead_id });
        None
    }
}

fn lead_id(number: u64) -> Text {
    format_compact!("L-{number:06}")
}
