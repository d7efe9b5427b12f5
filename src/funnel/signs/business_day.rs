//! When the rules of each business day are judged.

use crate::model::{EventTime, Minute};

use super::super::terms::Terms;

/// A business day is looked for this far ahead.
const DAYS_AHEAD: i32 = 400;

/// The first minute of the business day of marketing that begins after `after`; `None` if none will.
pub fn next_opening(terms: &Terms, after: Minute) -> Option<Minute> {
    let today = terms.marketing.local_day(after.start().0);
    let openings = (today..today + DAYS_AHEAD).filter_map(|day| terms.marketing.opening_ms(day));
    openings.map(|ms| EventTime(ms).minute()).find(|at| *at > after)
}
