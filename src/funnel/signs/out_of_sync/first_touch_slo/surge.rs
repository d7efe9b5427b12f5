//! Whether so many leads came that sales, who did as much as ever, could not touch them all in time: then the promise
//! is broken by marketing.
//!
//! The window is held against the same hours of as many weeks before as are kept (or of every second week, where the
//! window is longer than one, and so on), so that a Monday is held against Mondays. Sales did as much as ever if there
//! are at least as many human touches: outcomes stand at the deadline and tell what was done before the surge. Windows
//! before the segment's first MQL are no usual ones. A surge is half as many MQLs again or more, which chance alone
//! brings with a probability of less than 1 %. With fewer than `min_n` MQLs in these weeks nothing is said.

use crate::model::definitions::FirstTouchSlo;
use crate::model::measure::Measure;
use crate::model::words::{Stage, Team};
use crate::stats::poisson;

use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::{HOURS_KEPT_DAYS, Hour};

use super::super::super::scene::Scene;
use super::Outcomes;

/// So much more is a surge.
const FACTOR: f64 = 1.5;
/// Chance brings it more rarely than this.
const CHANCE: f64 = 0.01;
/// Hours of a week.
const WEEK: i32 = 7 * 24;

/// A surge, and what is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// MQLs of the window.
    pub mqls: i64,
    /// MQLs as usual.
    pub usual_mqls: f64,
    /// Human touches by sales as usual.
    pub usual_touches: f64,
}

/// A surge in the window of these outcomes, which ends in the hour `to`; `None` if there is none.
pub fn surge(
    rule: &FirstTouchSlo,
    scene: &Scene<'_>,
    segment: &Segment,
    outcomes: Outcomes,
) -> Option<Surge> {
    let (from, to) = (Hour(outcomes.since), Hour::of(scene.at));
    let shift = WEEK * ((to.0 - from.0).max(1) + WEEK - 1).div_euclid(WEEK);
    let entries = [Measure::Entered(Stage::Mql), Measure::Reentered];
    let first = entries.into_iter().filter_map(|measure| segment.series(measure, "").first_day()).min()?;
    let first = Hour::of_ms(scene.terms.days.day_start_ms(first.0));
    let least = first.0.max(to.0 - HOURS_KEPT_DAYS * 24);
    let before: Vec<i32> = (1..).map(|i| i * shift).take_while(|back| from.0 - back >= least).collect();
    let of = |measure: Measure, back: i32| {
        let hours = segment.series(measure, "").each_hour(Hour(from.0 - back), Hour(to.0 - back));
        hours.map(|(_, n)| n).sum::<i64>()
    };
    let mqls = |back: i32| of(Measure::Entered(Stage::Mql), back) + of(Measure::Reentered, back);
    let all: i64 = before.iter().map(|back| mqls(*back)).sum();
    if before.is_empty() || all < i64::from(rule.min_n) {
        return None;
    }
    let weeks = before.len() as f64;
    let touches = |back: i32| of(Measure::Touches(Team::Sales), back);
    let usual_touches = before.iter().map(|back| touches(*back)).sum::<i64>() as f64 / weeks;
    let surge = Surge { mqls: mqls(0), usual_mqls: all as f64 / weeks, usual_touches };
    let is_busy = touches(0) as f64 >= surge.usual_touches;
    let is_more = surge.mqls as f64 >= FACTOR * surge.usual_mqls;
    let is_no_chance = || poisson::at_least(surge.mqls, surge.usual_mqls).value() < CHANCE;
    (is_busy && is_more && is_no_chance()).then_some(surge)
}
