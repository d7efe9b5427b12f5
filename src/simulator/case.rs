//! Hard cases: circumstances under which a healthy company looks odd, though nothing is wrong between its teams.
//!
//! A case goes with any plot. Some are a kind of company, and stand in its profile; some happen on a day, and stand
//! here. None of them is planted: a rule that speaks of one alone is wrong.

use std::fmt;

use super::plot::named;
use super::profile::Profile;
use super::scenario::Scenario;
use super::working_hours::{WorkingHours, day_of, is_business_day};
use crate::model::{DAY_MS, EventTime};

named! {
    /// Circumstances.
    Case {
    /// Nothing out of the ordinary.
    Ordinary = "ordinary",
    /// A fortnight in which nobody works; the truth lists it among the calendars' holidays.
    Holidays = "holidays",
    /// The same fortnight, and no calendar knows of it.
    HolidaysUnknown = "holidays_unknown",
    /// A campaign brings three times as many leads for two weeks, as good as ever.
    Burst = "burst",
    /// Volume goes up and down by half over the year, and from Monday to Friday.
    Seasonality = "seasonality",
    /// The largest source brings no leads for 10 days.
    SourceOutage = "source_outage",
    /// A de-duplication merges a tenth of the older leads within two days.
    MergeWave = "merge_wave",
    /// A migration sends every event of the past again within a day, in order, with the same ids.
    CrmMigration = "crm_migration",
    /// The same migration, and every event gets a new id.
    CrmMigrationNewIds = "crm_migration_new_ids",
    /// A team of two with 5 leads a week.
    Tiny = "tiny",
    /// 2,000 leads a day.
    Huge = "huge",
    /// Sales works on another continent, from 00:00 to 08:00 UTC; the truth says so.
    OtherContinent = "other_continent",
    /// Few deals, large ones, and everything takes four times as long.
    SlowEnterprise = "slow_enterprise",
    /// Targets, campaigns, the playbook and content are recorded nowhere.
    NoPrograms = "no_programs",
    /// No touch by marketing is recorded.
    NoMarketingTouches = "no_marketing_touches",
    /// The promise of a first touch is just kept: 95.5 % instead of 97.
    EdgeOfPromise = "edge_of_promise",
    /// Twice as many leads, on every day of the week alike: most come by night and at weekends, and are called first
    /// thing in the morning.
    Overnight = "overnight",
    }
}

/// Days of holidays.
const HOLIDAYS: i64 = 14;
/// Leads of the holidays, as a share of the usual.
const HOLIDAY_VOLUME: f64 = 0.4;
/// Days of a burst, and its leads as a multiple of the usual.
const BURST_DAYS: i64 = 14;
const BURST_VOLUME: f64 = 3.0;
/// Days of an outage.
const OUTAGE_DAYS: i64 = 10;
/// Leads of each weekday from Monday where volume is seasonal, as a multiple of the usual.
const BY_WEEKDAY: [f64; 7] = [1.5, 1.25, 1.0, 0.75, 0.5, 1.0, 1.0];

impl Case {
    /// The company of the case.
    pub fn company(self) -> Profile {
        let usual = Profile::default();
        match self {
            Case::Tiny => Profile { leads_per_business_day: 0.91, reps: 2, ..usual },
            Case::Huge => Profile { leads_per_business_day: 2_000.0, reps: 300, ..usual },
            Case::OtherContinent => Profile { sales_hours: Some(WorkingHours::between(0, 8 * 60)), ..usual },
            Case::SlowEnterprise => Profile {
                leads_per_business_day: 15.0,
                reps: 6,
                sql_to_won: 0.2,
                deal_median_minor: 25_000_000,
                slowness: 4.0,
                ..usual
            },
            Case::NoPrograms => Profile { records_programs: false, ..usual },
            Case::NoMarketingTouches => Profile { records_marketing_touches: false, ..usual },
            Case::EdgeOfPromise => Profile { slow_touches: 0.017, ..usual },
            Case::Overnight => Profile { leads_per_business_day: 80.0, weekend_share: 1.0, ..usual },
            _ => usual,
        }
    }
}

impl Scenario {
    /// The days `[from, to)` on which the holidays of the case lie, counted from 1970.
    pub(super) fn holidays(&self) -> Option<(i64, i64)> {
        let first = day_of(self.day(self.case_day));
        let has_some = matches!(self.case, Case::Holidays | Case::HolidaysUnknown);
        has_some.then_some((first, first + HOLIDAYS))
    }

    /// The leads that people expect on a calendar day, the company having been as it is for ever.
    pub(super) fn planned_leads(&self, day: i64) -> f64 {
        let company = &self.company;
        let share = if is_business_day(day) { 1.0 } else { company.weekend_share };
        let season = match self.case {
            Case::Seasonality => {
                let turn = std::f64::consts::TAU * (day as f64 / 365.25);
                // 1970-01-01 was a Thursday.
                (1.0 + 0.5 * libm::sin(turn)) * BY_WEEKDAY[(day + 3).rem_euclid(7) as usize]
            }
            _ => 1.0,
        };
        let is_holiday = self.holidays().is_some_and(|(from, to)| (from..to).contains(&day));
        let at_work = if is_holiday { HOLIDAY_VOLUME } else { 1.0 };
        company.leads_per_business_day * share * season * at_work
    }

    /// The leads that come on a calendar day, on average.
    pub(super) fn leads_of(&self, day: i64) -> f64 {
        let first = day_of(self.day(self.case_day));
        let bursts = self.case == Case::Burst && (first..first + BURST_DAYS).contains(&day);
        self.planned_leads(day) * if bursts { BURST_VOLUME } else { 1.0 }
    }

    /// The place of the source that brings nothing, from when and until when.
    pub(super) fn outage(&self) -> Option<(usize, EventTime, EventTime)> {
        let from = self.day(self.case_day);
        let weight = |&place: &usize| self.company.sources[place].weight;
        let largest = (0..self.company.sources.len()).max_by(|a, b| weight(a).total_cmp(&weight(b)))?;
        (self.case == Case::SourceOutage).then_some((largest, from, from.plus_ms(OUTAGE_DAYS * DAY_MS)))
    }

    /// When the older leads are merged, from that day's beginning on.
    pub(super) fn merge_wave(&self) -> Option<EventTime> {
        (self.case == Case::MergeWave).then(|| self.day(self.case_day))
    }
}
