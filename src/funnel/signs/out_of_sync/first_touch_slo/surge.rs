//! Whether so many more MQLs came than usual that sales, who did about as much as ever, could not touch them all in
//! time: then the promise is broken by marketing.
//!
//! The window is held against the same hours of as many weeks before as are kept (or of every second week, where the
//! window is longer than one, and so on), so that a Monday is held against Mondays. Usual is their median: neither a
//! holiday nor the surge of another week makes it. Windows before the segment's first MQL are none. Its last hour may
//! not be over yet and is held against whole ones, rather than left out: that is where the misses are that break the
//! promise.
//!
//! What came is what was due, met or missed, and what is awaited: a promise is broken within hours, and what came in
//! them for the most part is not due yet. It is a surge if that is at least a quarter more than usual and chance alone
//! brings it with a probability of less than 1 %, and if the surplus of what was due already is more than half of the
//! misses, or it would explain them badly. Sales did about as much as ever if there are at least two thirds of the
//! usual human touches: a handful varies so much by chance alone. These are the touches of the window, whomever they
//! went to: where sales takes the oldest first, all are late soon although nobody works less. With fewer than `min_n`
//! MQLs in these weeks nothing is said.

use crate::model::definitions::FirstTouchSlo;
use crate::model::measure::Measure;
use crate::model::words::{Stage, Team};
use crate::stats::poisson;

use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::{HOURS_KEPT_DAYS, Hour, Series};

use super::super::super::scene::Scene;
use super::{Edges, Outcomes};

/// So much more is a surge.
const FACTOR: f64 = 1.25;
/// Chance brings it more rarely than this.
const CHANCE: f64 = 0.01;
/// Usual touches that are no more than so many times those of the window are about as many.
const AS_EVER: f64 = 1.5;
/// Hours of a week.
const WEEK: i32 = 7 * 24;

/// A surge, and what is usual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Surge {
    /// MQLs that were due in the hours of the window, or are awaited.
    pub came: i64,
    /// As many are usual.
    pub usually_came: f64,
    /// Of those that were due as many are usual.
    pub usually_due: f64,
    /// Human touches by sales in the window.
    pub touches: i64,
    /// As many are usual.
    pub usual_touches: f64,
}

/// A surge in the window of these outcomes; `None` if there is none.
pub fn surge(
    rule: &FirstTouchSlo,
    scene: &Scene<'_>,
    segment: &Segment,
    (outcomes, edges): (Outcomes, &Edges),
) -> Option<Surge> {
    let (from, to) = (Hour(outcomes.since), Hour(Hour::of(scene.at.plus(-1)).0 + 1));
    let awaited_from = edges.awaited_from.unwrap_or(to);
    let shift = WEEK * ((to.0 - from.0).max(1) + WEEK - 1).div_euclid(WEEK);
    let entries = [Measure::Entered(Stage::Mql), Measure::Reentered].map(|of| segment.series(of, ""));
    let first = entries.into_iter().filter_map(Series::first_day).min()?;
    let first = Hour::of_ms(scene.terms.days.day_start_ms(first.0));
    let least = first.0.max(to.0 - HOURS_KEPT_DAYS * 24);
    let of = |series: &Series, from: Hour, back: i32| -> i64 {
        series.each_hour(Hour(from.0 - back), Hour(to.0 - back)).map(|(_, n)| n).sum()
    };
    let due = |back: i32| {
        let missed = segment.subjects(Measure::TouchMissed).map(|(_, series)| of(series, from, back));
        of(segment.series(Measure::TouchMet, ""), from, back) + missed.sum::<i64>()
    };
    let awaited = |back: i32| entries.into_iter().map(|series| of(series, awaited_from, back)).sum::<i64>();
    let came = |back: i32| due(back) + awaited(back);
    let touches = |back: i32| of(segment.series(Measure::Touches(Team::Sales), ""), from, back);
    let before = || (1..).map(|i| i * shift).take_while(|back| from.0 - back >= least);
    if before().map(came).sum::<i64>() < i64::from(rule.min_n) {
        return None;
    }
    let surge = Surge {
        came: came(0),
        usually_came: median(before().map(came))?,
        usually_due: median(before().map(due))?,
        touches: touches(0),
        usual_touches: median(before().map(touches))?,
    };
    let is_busy = AS_EVER * surge.touches as f64 >= surge.usual_touches;
    let is_more = surge.came as f64 >= FACTOR * surge.usually_came;
    let is_most = 2.0 * (due(0) as f64 - surge.usually_due) > outcomes.missed as f64;
    let is_no_chance = || poisson::at_least(surge.came, surge.usually_came).value() < CHANCE;
    (is_busy && is_more && is_most && is_no_chance()).then_some(surge)
}

/// The one in the middle, or half of both; `None` of none.
fn median(counts: impl Iterator<Item = i64>) -> Option<f64> {
    let mut counts: Vec<i64> = counts.collect();
    counts.sort_unstable();
    let (low, high) = (counts.get(counts.len().checked_sub(1)? / 2)?, counts.get(counts.len() / 2)?);
    Some((low + high) as f64 / 2.0)
}
