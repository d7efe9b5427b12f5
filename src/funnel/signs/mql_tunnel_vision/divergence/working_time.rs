//! What listed holidays do to a divergence: time stands still in them.
//!
//! Where sales is closed nobody takes a lead to the next step, so the MQLs before a holiday have as many working days
//! of sales as ever. While marketing is closed some sources bring MQLs and others don't: the MQLs of closed days that
//! hold a listed holiday are no business day's volume.

use crate::model::definitions::Divergence;

use super::super::super::no_data::rests_on;
use super::super::super::outage_days;
use super::super::super::rule::Rule;
use super::super::super::scene::Scene;
use super::super::super::told_days::ToldDays;
use crate::funnel::segment::series::Day;
use crate::funnel::terms::Terms;

/// Holidays in a row are no more days than these.
const MOST_CLOSED: i32 = 62;

/// How many days the MQLs of a day have to go on: the horizon, and so many more that they hold as many working days of
/// sales as it would without the holidays in it.
pub(super) fn horizon(rule: &Divergence, terms: &Terms, day: Day) -> i32 {
    let days = i32::from(rule.horizon_days);
    let mut lost = terms.sales.lost_days(day.0, day.0 + days);
    let mut end = day.0 + days;
    while lost > 0 && end < day.0 + days + MOST_CLOSED {
        lost -= usize::from(terms.sales.is_business_day(end));
        end += 1;
    }
    end - day.0
}

/// The first day, from `from` on, whose MQLs are not all old enough at the start of `today`.
pub(super) fn matured_to(rule: &Divergence, terms: &Terms, from: Day, today: Day) -> Day {
    let mut to = today.plus(-i32::from(rule.horizon_days)).max(from);
    while to > from && to.plus(-1 + horizon(rule, terms, to.plus(-1))) >= today {
        to = to.plus(-1);
    }
    to
}

/// The days on which MQLs came of which an outage did not tell, or not whether they went on.
pub fn outage_days(rule: &Divergence, scene: &Scene<'_>) -> ToldDays {
    outage_days::outage_days(scene, rests_on(Rule::Divergence), |outage| {
        let (begins, today) = (&outage.begins, outage.begins.today);
        let far_back = today.plus(-i32::from(rule.horizon_days) - MOST_CLOSED);
        (matured_to(rule, begins.terms, far_back, today), outage.ends.today.plus(1))
    })
}

/// The business day of marketing on which the MQLs of a day count as volume: itself, or the next one.
pub(super) fn next_work(terms: &Terms, day: Day) -> Day {
    let mut days = (day.0..day.0 + MOST_CLOSED).map(Day);
    days.find(|day| terms.marketing.is_business_day(day.0)).unwrap_or(day)
}

/// Whether the MQLs of a day are volume: not those of days between two business days of marketing that hold a listed
/// holiday.
pub(super) fn is_volume(terms: &Terms, day: Day) -> bool {
    let team = &terms.marketing;
    let (first, last) = (day.0 - MOST_CLOSED, day.0 + MOST_CLOSED);
    if team.is_business_day(day.0) || team.lost_days(first, last) == 0 {
        return true;
    }
    let before = (first..day.0).rev().find(|day| team.is_business_day(*day)).unwrap_or(first);
    let after = (day.0..last).find(|day| team.is_business_day(*day)).unwrap_or(last);
    team.lost_days(before, after) == 0
}
