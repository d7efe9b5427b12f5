//! What was planted and what was told: the answer key beside a simulated stream.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::case::Case;
use super::scenario::Scenario;
use super::working_hours::{WorkingHours, is_business_day};
use super::{Payload, Simulated};
use crate::model::event::Body;
use crate::model::words::{DealStatus, Stage};
use crate::model::{DAY_MS, EventTime, Text};

/// One planted cause: what a rule should find, where and when. A key that is unknown is refused: with a misspelt `to`
/// it would last for ever.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Planted {
    /// The sign, 1 to 4; 0 for `no_data`.
    pub sign: u8,
    /// The rule that should speak.
    pub rule: Text,
    /// Where it was planted: `all` or `k=v`. It may show in wider and in narrower segments as well.
    pub segment: Text,
    /// What it is made of: the flooding source, the reject reason; where there is such a thing.
    pub subject: Option<Text>,
    /// From when on (inclusive).
    pub from: EventTime,
    /// Until when (exclusive); `None` where it lasts to the end.
    pub to: Option<EventTime>,
    /// How strong, from 0 to 1.
    pub dose: f64,
    /// The team that the rule should call, where that is what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner_team: Option<Text>,
}

/// How many of what came out of the stream. All but the last four count events once, however often
/// they are delivered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// `lead_created`.
    pub leads: u64,
    /// Entries to `mql`, each cycle of a lead for itself.
    pub mqls: u64,
    /// Entries to `sql`.
    pub sqls: u64,
    /// `deal_opened`.
    pub deals: u64,
    /// Deals won.
    pub won: u64,
    /// `lead_merged`.
    pub merged: u64,
    /// `lead_deleted` and `deal_deleted`.
    pub deleted: u64,
    /// `lead_erased` and `deal_erased`.
    pub erased: u64,
    /// Second deliveries.
    pub duplicates: u64,
    /// First deliveries that were held back beyond any disorder; the processor still applies them.
    pub late: u64,
    /// Second deliveries under an id of their own.
    #[serde(default)]
    pub renamed: u64,
    /// Records that are no events, by the reason for which they should be refused.
    pub garbage: BTreeMap<String, u64>,
}

impl Counts {
    /// Records of any kind.
    pub fn records(&self) -> u64 {
        self.events + self.duplicates + self.renamed + self.garbage.values().sum::<u64>()
    }

    /// Counts one delivery.
    pub(super) fn count(&mut self, simulated: &Simulated, delivery: Delivery) {
        let event = match (&simulated.payload, delivery) {
            (Payload::Garbage { reason, .. }, _) => {
                // The entry API would allocate the name again for every record.
                match self.garbage.get_mut(reason.as_str()) {
                    Some(count) => *count += 1,
                    None => drop(self.garbage.insert(reason.as_str().to_owned(), 1)),
                }
                return;
            }
            (_, Delivery::Again) => {
                self.duplicates += 1;
                return;
            }
            (_, Delivery::Renamed) => {
                self.renamed += 1;
                return;
            }
            (Payload::Event(event), Delivery::Late) => {
                self.late += 1;
                event
            }
            (Payload::Event(event), Delivery::First) => event,
        };
        self.events += 1;
        match &event.body {
            Body::LeadCreated { .. } => self.leads += 1,
            Body::LeadStageEntered { stage: Stage::Mql, .. } => self.mqls += 1,
            Body::LeadStageEntered { stage: Stage::Sql, .. } => self.sqls += 1,
            Body::DealOpened { .. } => self.deals += 1,
            Body::DealStageEntered { status: DealStatus::Won, .. } => self.won += 1,
            Body::LeadMerged { .. } => self.merged += 1,
            Body::LeadDeleted { .. } | Body::DealDeleted { .. } => self.deleted += 1,
            Body::LeadErased { .. } | Body::DealErased { .. } => self.erased += 1,
            _ => {}
        }
    }
}

/// How a record is delivered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Delivery {
    /// For the first time.
    First,
    /// For the first time, long after it happened.
    Late,
    /// Once more.
    Again,
    /// Once more, as if it were another one.
    Renamed,
}

/// When a team works, in UTC: what its calendar in the configuration should say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TeamHours {
    /// From Monday to Friday: `09:00-17:00`.
    pub weekdays: Text,
    /// Dates on which nobody works: `2026-12-24`.
    pub holidays: Vec<Text>,
}

/// When both teams work.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Calendars {
    /// Sales.
    pub sales: TeamHours,
    /// Marketing.
    pub marketing: TeamHours,
}

impl Calendars {
    /// As they are to be known of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Calendars {
        let days = scenario.holidays().filter(|_| scenario.case == Case::Holidays).unwrap_or_default();
        let date = |day: i64| Text::from(&EventTime(day * DAY_MS).rfc3339()[..10]);
        let holidays: Vec<Text> = (days.0..days.1).filter(|day| is_business_day(*day)).map(date).collect();
        let clock = |minute: u16| format!("{:02}:{:02}", minute / 60, minute % 60);
        let of = |hours: WorkingHours| TeamHours {
            weekdays: format!("{}-{}", clock(hours.opens_minute), clock(hours.closes_minute)).into(),
            holidays: holidays.clone(),
        };
        Calendars { sales: of(scenario.company.sales_hours()), marketing: of(scenario.company.hours) }
    }
}

/// The answer key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Truth {
    /// Seed of the dice.
    pub seed: u64,
    /// The plot's name.
    pub scenario: Text,
    /// Nothing happens before.
    pub start: EventTime,
    /// For how many days things happen.
    pub days: u32,
    /// The circumstances.
    #[serde(default)]
    pub case: Text,
    /// When the teams work.
    #[serde(default)]
    pub calendars: Option<Calendars>,
    /// What was planted, in order of onset.
    pub periods: Vec<Planted>,
    /// What else may rightly be said because of it, and need not be.
    #[serde(default)]
    pub side_effects: Vec<Planted>,
    /// What has been told so far; complete once the stream has ended.
    pub counts: Counts,
}
