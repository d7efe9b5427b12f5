//! Whether so many leads came that sales, who did as much as ever, could not touch them all in time: then the promise
//! is broken by marketing.
//!
//! The outcomes of a window are held against those of the hours before it that are kept, in business time of sales.
//! Sales did as much as ever if it touched at least as many in time; a surge is half as many due again or more, which
//! chance alone brings with a probability of less than 1 %. With fewer than `min_n` outcomes before, or less than
//! twice as much time, nothing is said.

use crate::model::HOUR_MS;
use crate::model::definitions::FirstTouchSlo;
use crate::model::measure::Measure;
use crate::stats::poisson;

use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::{HOURS_KEPT_DAYS, Hour, Series};
use crate::funnel::terms::Terms;

use super::Outcomes;

/// So much more is a surge.
const FACTOR: f64 = 1.5;
/// Chance brings it more rarely than this.
const CHANCE: f64 = 0.01;
/// The time before must be so many times as long as the window.
const LEAST_BEFORE: f64 = 2.0;

/// A window held against the time before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// How many would have been due in the window as usual.
    pub due: f64,
    /// How many would have been touched in time as usual.
    pub met: f64,
}

/// A surge in the window of these outcomes, which ends at `now_ms`; `None` if there is none.
pub fn surge(
    rule: &FirstTouchSlo,
    segment: &Segment,
    outcomes: Outcomes,
    terms: &Terms,
    now_ms: i64,
) -> Option<Surge> {
    let from = Hour(outcomes.since);
    let kept = Hour(Hour::of_ms(now_ms).0 - HOURS_KEPT_DAYS * 24);
    let sum = |measure: Measure| {
        let before = |(_, series): (_, &Series)| series.each_hour(kept, from).map(|(_, n)| n).sum::<i64>();
        segment.subjects(measure).map(before).sum::<i64>().max(0) as f64
    };
    let (met, missed) = (sum(Measure::TouchMet), sum(Measure::TouchMissed));
    let start = |hour: Hour| hour.end_ms() - HOUR_MS;
    let before_ms = terms.sales.between_ms(start(kept), start(from)) as f64;
    let window_ms = terms.sales.between_ms(start(from), now_ms) as f64;
    let is_known = met + missed >= f64::from(rule.min_n);
    if !is_known || before_ms < LEAST_BEFORE * window_ms || window_ms <= 0.0 {
        return None;
    }
    let part = window_ms / before_ms;
    let usual = Surge { due: (met + missed) * part, met: met * part };
    let is_busy = outcomes.met as f64 >= usual.met;
    let is_more = outcomes.n() as f64 >= FACTOR * usual.due && usual.due > 0.0;
    let is_no_chance = || poisson::at_least(outcomes.n() as i64, usual.due).value() < CHANCE;
    (is_busy && is_more && is_no_chance()).then_some(usual)
}
