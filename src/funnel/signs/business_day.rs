//! When the rules of each business day are judged.

use crate::model::{EventTime, Minute};

use super::super::terms::Terms;

/// A business day is looked for this far ahead, and back.
const DAYS_AHEAD: i32 = 400;

/// The first minute of the business day of marketing that begins after `after`; `None` if none will.
pub fn next_opening(terms: &Terms, after: Minute) -> Option<Minute> {
    let today = terms.marketing.local_day(after.start().0);
    let openings = (today..today + DAYS_AHEAD).filter_map(|day| terms.marketing.opening_ms(day));
    openings.map(|ms| EventTime(ms).minute()).find(|at| *at > after)
}

/// The first minute of the last business day of marketing that began before `before`; `None` if none did.
pub fn last_opening(terms: &Terms, before: Minute) -> Option<Minute> {
    let today = terms.marketing.local_day(before.start().0);
    let openings = (today - DAYS_AHEAD..=today).rev().filter_map(|day| terms.marketing.opening_ms(day));
    openings.map(|ms| EventTime(ms).minute()).find(|at| *at < before)
}
