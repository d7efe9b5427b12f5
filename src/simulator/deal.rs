//! One deal: opened on a qualified lead, worked by both teams, won or lost.

use compact_str::format_compact;

use super::diary::Diary;
use super::fault::Authorship;
use super::lead::Lead;
use super::moods::Mood;
use super::sampling::{Concern, Dice, LogNormal};
use crate::model::event::{Attributes, Body};
use crate::model::money::Amount;
use crate::model::words::{Author, DealStatus, Origin, Stage, Team};
use crate::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS, Text};

/// The share of SQLs on which a deal is opened (more where more are won).
const OPENED_SHARE: f64 = 0.8;
/// From the SQL entry to the opening.
const TO_OPENING: LogNormal = LogNormal { median: 6.0 * HOUR_MS as f64, sigma: 0.8 };
/// From the SQL entry to a won deal. Nights and weekends come on top, the median ends near 20 days.
const TO_WON: LogNormal = LogNormal { median: 18.7 * DAY_MS as f64, sigma: 0.6 };
/// From the SQL entry to a lost deal.
const TO_LOST: LogNormal = LogNormal { median: 24.0 * DAY_MS as f64, sigma: 0.6 };
/// From the opening of a deal that names no lead to its link.
const TO_LINK: LogNormal = LogNormal { median: DAY_MS as f64, sigma: 0.8 };
/// Spread of the value of deals, as the standard deviation of its logarithm.
pub(super) const VALUE_SIGMA: f64 = 0.8;
/// Days between two touches of an open deal by sales, by marketing, and between two uses of content.
const SALES_TOUCH_DAYS: f64 = 4.0;
const MARKETING_TOUCH_DAYS: f64 = 7.0;
const CONTENT_USE_DAYS: f64 = 6.0;
/// Who wrote what is used in deals.
const AUTHORS: [(Author, f64); 3] = [(Author::Marketing, 0.70), (Author::Sales, 0.18), (Author::Other, 0.12)];
/// Who brought the deal, as the CRM says, if it does.
const ORIGINS: [(Option<Origin>, f64); 4] = [
    (Some(Origin::Marketing), 0.80),
    (None, 0.13),
    (Some(Origin::Sales), 0.04),
    (Some(Origin::Partner), 0.03),
];
/// Why deals are lost.
const LOSSES: [(&str, f64); 4] =
    [("price", 0.35), ("competitor", 0.30), ("no_decision", 0.25), ("missing_feature", 0.10)];

/// Which of a deal's events name its lead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Naming {
    Always,
    Opening,
    Never,
}

/// A deal while its life is written down.
struct Deal<'l, 'w> {
    lead: &'l mut Lead<'w>,
    id: Text,
    naming: Naming,
    origin: Option<Origin>,
    opened_at: EventTime,
    closed_at: EventTime,
    amount: Amount,
    diary: Diary,
    dice: Dice,
}

/// Writes the deal of a lead that became an SQL into its diary; says whether there is one.
pub(super) fn pursue(lead: &mut Lead<'_>, sql_at: EventTime) -> bool {
    let (company, moods) = (&lead.world.scenario.company, &lead.world.moods);
    let hours = company.sales_hours();
    let mut dice = Dice::new(lead.world.scenario.seed, Concern::Deal, lead.number);
    let opened_share = OPENED_SHARE.max(company.sql_to_won);
    if !dice.chance(opened_share) {
        return false;
    }
    let won = dice.chance(moods.share(company.sql_to_won / opened_share, Mood::Winning, sql_at));
    let opened_at = hours.sometime_from(sql_at.plus_ms(dice.lag_ms(TO_OPENING).max(MINUTE_MS)), dice.unit());
    let opened_at = hours.next_open(opened_at.plus_ms(lead.sticks_ms(Stage::Sql, 0.5, sql_at)));
    let close_law = company.lag(if won { TO_WON } else { TO_LOST });
    let close_lag_ms = (dice.log_normal(close_law) * moods.factor(Mood::Pace, sql_at)) as i64;
    // A deal that will be won is not left lying.
    let stuck_ms = if won { 0 } else { lead.sticks_ms(Stage::Opportunity, 0.5, opened_at) };
    let closed_at = hours.sometime_from(sql_at.plus_ms(close_lag_ms + stuck_ms), dice.unit());
    let value = LogNormal { median: f64::from(company.deal_median_minor) / 100.0, sigma: VALUE_SIGMA };
    let amount = Amount { minor: dice.log_normal(value) as i64 * 100, currency: company.currency };
    let naming = match (dice.chance(company.mishaps.linked), dice.chance(0.6)) {
        (true, _) => Naming::Never,
        (false, true) => Naming::Always,
        (false, false) => Naming::Opening,
    };
    let id = format_compact!("D-{:06}", lead.number);
    let mut deal = Deal {
        closed_at: closed_at.max(lead.work(opened_at, 4 * HOUR_MS)),
        lead,
        diary: Diary::of(id.clone()),
        id,
        naming,
        origin: None,
        opened_at,
        amount,
        dice,
    };
    deal.open();
    deal.link();
    deal.progress(if won { DealStatus::Won } else { DealStatus::Lost });
    deal.touches();
    deal.content();
    deal.end(if won { DealStatus::Won } else { DealStatus::Lost });
    true
}

impl Deal<'_, '_> {
    /// The lead, where events after the opening name it.
    fn named(&self) -> Option<Text> {
        (self.naming == Naming::Always).then(|| self.lead.id.clone())
    }

    /// A point of the deal's life, from 0 for its opening to 1 for its end, in working hours.
    fn point(&mut self, from: f64, to: f64) -> EventTime {
        let part = from + (to - from) * self.dice.unit();
        let span_ms = (self.closed_at.0 - self.opened_at.0) as f64;
        let at = self.opened_at.plus_ms((part * span_ms) as i64);
        let hours = self.lead.world.scenario.company.sales_hours();
        hours.sometime_from(at, self.dice.unit()).min(self.closed_at)
    }

    fn open(&mut self) {
        let company = &self.lead.world.scenario.company;
        let region = company.regions[self.lead.whom.region].name.clone();
        let priced = self.dice.chance(0.9);
        let origin = ORIGINS[self.dice.pick(ORIGINS.iter().map(|origin| origin.1))].0;
        self.origin = origin;
        let body = Body::DealOpened {
            deal_id: self.id.clone(),
            lead_id: (self.naming != Naming::Never).then(|| self.lead.id.clone()),
            amount: priced.then_some(self.amount),
            origin,
            attributes: Attributes(Box::new([(Text::const_new("region"), region)])),
        };
        self.diary.write(self.opened_at, body);
        self.enter(self.opened_at, "discovery", DealStatus::Open, None);
    }

    fn enter(&mut self, at: EventTime, stage: &str, status: DealStatus, reason: Option<&str>) {
        let body = Body::DealStageEntered {
            deal_id: self.id.clone(),
            lead_id: self.named(),
            stage: stage.into(),
            status,
            amount: (status == DealStatus::Won).then_some(self.amount),
            reason: reason.map(Into::into),
        };
        self.diary.write(at, body);
    }

    /// A deal that named no lead is linked to it, now and then to the wrong one first.
    fn link(&mut self) {
        let lag_ms = self.dice.lag_ms(TO_LINK).max(MINUTE_MS);
        let wrong_first = self.dice.chance(self.lead.world.scenario.company.mishaps.relinked);
        let mended_ms = self.dice.between(MINUTE_MS, 8 * HOUR_MS);
        if self.naming != Naming::Never {
            return;
        }
        let mut at = self.opened_at.plus_ms(lag_ms).min(self.closed_at);
        if let Some(wrong) = self.lead.neighbour.clone().filter(|_| wrong_first) {
            self.diary.write(at, Body::DealLinked { deal_id: self.id.clone(), lead_id: wrong });
            at = at.plus_ms(mended_ms);
        }
        self.diary.write(at, Body::DealLinked { deal_id: self.id.clone(), lead_id: self.lead.id.clone() });
    }

    /// The stages between the opening and the end; a lost deal may not see them all.
    fn progress(&mut self, end: DealStatus) {
        for (stage, from, to) in [("proposal", 0.25, 0.45), ("negotiation", 0.6, 0.8)] {
            let at = self.point(from, to);
            if self.dice.chance(0.7) || end == DealStatus::Won {
                self.enter(at, stage, DealStatus::Open, None);
            }
        }
        let at = self.point(0.45, 0.95);
        let percent = self.dice.between(70, 120);
        if self.dice.chance(0.3) {
            self.amount.minor = self.amount.minor * percent / 100;
            let (deal_id, lead_id, amount) = (self.id.clone(), self.named(), self.amount);
            self.diary.write(at, Body::DealAmountChanged { deal_id, lead_id, amount });
        }
    }

    fn open_days(&self) -> f64 {
        (self.closed_at.0 - self.opened_at.0) as f64 / DAY_MS as f64
    }

    /// Both teams keep in touch while the deal is open.
    fn touches(&mut self) {
        for _ in 0..self.dice.poisson(self.open_days() / SALES_TOUCH_DAYS) {
            let (at, automated) = (self.point(0.0, 1.0), self.dice.chance(0.1));
            self.touch(at, Team::Sales, if automated { "sequence" } else { "meeting" }, automated);
        }
        let company = &self.lead.world.scenario.company;
        let contact = self.lead.world.moods.factor(Mood::Contact, self.opened_at);
        for _ in 0..self.dice.poisson(contact * self.open_days() / MARKETING_TOUCH_DAYS) {
            let (at, automated) = (self.point(0.0, 1.0), self.dice.chance(0.5));
            let stays_away = self.lead.world.faults.keeps_away(at, self.lead.whom, &mut self.lead.fault);
            if stays_away || !company.records_marketing_touches {
                self.diary.leave_out();
            } else {
                self.touch(at, Team::Marketing, if automated { "newsletter" } else { "event" }, automated);
            }
        }
    }

    fn touch(&mut self, at: EventTime, team: Team, channel: &str, automated: bool) {
        let (deal_id, lead_id, channel) = (self.id.clone(), self.named(), Some(channel.into()));
        self.diary.write(at, Body::DealTouched { deal_id, lead_id, team, channel, automated });
    }

    /// What the rep shows to the customer.
    fn content(&mut self) {
        let world = self.lead.world;
        for _ in 0..self.dice.poisson(self.open_days() / CONTENT_USE_DAYS) {
            let at = self.point(0.0, 1.0);
            let own = world.moods.factor(Mood::Authorship, at) * world.moods.rep(self.lead.rep).authorship;
            let weight = |&(author, weight): &(Author, f64)| match author {
                Author::Sales => weight * own,
                _ => weight,
            };
            let usual = AUTHORS[self.dice.pick(AUTHORS.iter().map(weight))].0;
            let known = world.library.take(Authorship::Known(usual), at, &mut self.dice);
            let authorship = world.faults.author(usual, at, self.lead.whom, &mut self.lead.fault);
            let taken = match authorship {
                Authorship::Known(_) => known,
                _ => world.library.take(authorship, at, &mut self.lead.fault),
            };
            let Some((asset_id, author_team)) = taken.filter(|_| world.scenario.company.records_programs)
            else {
                self.diary.leave_out();
                continue;
            };
            let (deal_id, lead_id) = (self.id.clone(), self.named());
            self.diary.write(at, Body::DealContentUsed { deal_id, lead_id, asset_id, author_team });
        }
    }

    /// The end of the deal, and of its diary.
    fn end(mut self, status: DealStatus) {
        let world = self.lead.world;
        let mishaps = world.scenario.company.mishaps;
        let is_lost = status == DealStatus::Won
            && world.faults.loses(self.origin, self.closed_at, self.lead.whom, &mut self.lead.fault);
        let status = if is_lost { DealStatus::Lost } else { status };
        let loss = LOSSES[self.dice.pick(LOSSES.iter().map(|loss| loss.1))].0;
        match status {
            DealStatus::Won => self.enter(self.closed_at, "closed_won", status, None),
            _ => self.enter(self.closed_at, "closed_lost", status, Some(loss)),
        }
        let (roll, at) = (self.dice.unit(), self.point(0.0, 0.5));
        let (deal_id, lead_id) = (self.id.clone(), self.named());
        if roll < mishaps.deals_deleted {
            self.diary.write(at, Body::DealDeleted { deal_id, lead_id });
            self.diary.cut_after(at);
        } else {
            if roll < mishaps.deals_deleted + mishaps.deals_erased {
                self.diary.write(at, Body::DealErased { deal_id, lead_id });
            }
            if status == DealStatus::Won {
                self.lead.enter(self.closed_at, Stage::Customer);
            }
        }
        self.lead.diary.absorb(self.diary);
    }
}
