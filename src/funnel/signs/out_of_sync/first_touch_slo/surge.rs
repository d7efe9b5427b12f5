//! Whether so many more MQLs came than usual that sales, who did about as much as ever, could not touch them all in
//! time: then the promise is broken by marketing.
//!
//! What came are the MQLs that are due in the window or are still awaited: those that entered since the latest instant
//! from which the window's start is the promised time away. A promise is broken within hours, and what came in them for
//! the most part is not due yet. It is held against what came in the same hours of as many weeks before as are kept (or
//! of every second week, where the window is longer than one, and so on), so that a Monday is held against Mondays;
//! only weeks count in which sales was to work for as long, give or take an hour for a change of the clock, since a
//! holiday makes nothing usual. Usual is the median, so that neither the surge of another week does.
//!
//! It is a surge if at least a quarter more came than usual and chance alone brings so many with a probability of less
//! than 1 %; if at least a quarter more came than in each of these weeks in which the promise was kept all the same,
//! since sales has coped with that; if of those that were due already as many more than usual were due as are more
//! than half of the misses, or it would explain them badly; and if sales made at least two thirds of the usual human
//! touches: a handful varies so much by chance alone. These are the touches of the window, whomever they went to: where
//! sales takes the oldest first, all are late soon although nobody works less. With fewer than `min_n` MQLs in these
//! weeks, or with none or no touch as usual, there is none.

use crate::model::definitions::{FirstTouchSlo, Millionths};
use crate::model::explanation::Sum;
use crate::model::measure::Measure;
use crate::model::words::{Stage, Team};
use crate::model::{HOUR_MS, MINUTE_MS};
use crate::stats::poisson;

use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::{HOURS_KEPT_DAYS, Hour, Series};

use super::super::super::scene::Scene;
use super::Outcomes;

/// So much more is a surge.
const FACTOR: f64 = 1.25;
/// Chance brings it more rarely than this.
const CHANCE: f64 = 0.01;
/// Usual touches that are no more than so many times those of the window are about as many.
const AS_EVER: f64 = 1.5;
/// Hours of a week.
const WEEK: i32 = 7 * 24;

/// What came and was done in the window, or in the same hours of another week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Week {
    /// So many weeks before.
    pub weeks_before: i32,
    /// MQLs that came.
    pub came: i64,
    /// MQLs that were due.
    pub due: i64,
    /// Those of them that were missed.
    pub missed: i64,
    /// Human touches by sales.
    pub touches: i64,
}

/// The hours of a window, held against those of weeks before.
#[derive(Clone, Debug, PartialEq)]
pub struct Volume {
    min_n: i64,
    /// The part of those that are due that may be missed, in millionths.
    budget: i64,
    missed: u64,
    /// Those of the window.
    pub now: Week,
    /// Those of the weeks before that count, the latest first.
    pub before: Vec<Week>,
}

impl Volume {
    /// The volume in the window of these outcomes; `None` where no week before counts.
    pub fn of(
        rule: &FirstTouchSlo,
        scene: &Scene<'_>,
        segment: &Segment,
        outcomes: Outcomes,
    ) -> Option<Volume> {
        let sales = &scene.terms.sales;
        let within_ms = i64::from(rule.within_minutes) * MINUTE_MS;
        let (from, to) = (Hour(outcomes.since), Hour(Hour::of(scene.at.plus(-1)).0 + 1));
        let came_from = Hour::of_ms(sales.start_of_window(i64::from(from.0) * HOUR_MS, within_ms)?);
        let came_to = Hour::of(scene.at);
        let entries = [Measure::Entered(Stage::Mql), Measure::Reentered].map(|of| segment.series(of, ""));
        let first = entries.into_iter().filter_map(Series::first_day).min()?;
        let first = Hour::of_ms(scene.terms.days.day_start_ms(first.0));
        let least = first.0.max(came_to.0 - HOURS_KEPT_DAYS * 24);
        let sum = |series: &Series, (from, to): (Hour, Hour), back: i32| -> i64 {
            series.each_hour(Hour(from.0 - back), Hour(to.0 - back)).map(|(_, n)| n).sum()
        };
        let of = |back: i32| {
            let missed: i64 =
                segment.subjects(Measure::TouchMissed).map(|(_, series)| sum(series, (from, to), back)).sum();
            Week {
                weeks_before: back / WEEK,
                came: entries.into_iter().map(|series| sum(series, (came_from, came_to), back)).sum(),
                due: sum(segment.series(Measure::TouchMet, ""), (from, to), back) + missed,
                missed,
                touches: sum(segment.series(Measure::Touches(Team::Sales), ""), (from, to), back),
            }
        };
        let open_ms = |back: i32| {
            let ms = |hour: Hour| i64::from(hour.0 - back) * HOUR_MS;
            sales.between_ms(ms(came_from), ms(came_to))
        };
        let usual_ms = open_ms(0);
        // Two that share an hour lie apart all the same.
        let shift = WEEK * (to.0 - from.0 - 1 + WEEK - 1).div_euclid(WEEK).max(1);
        let weeks = (1..).map(|i| i * shift).take_while(|back| came_from.0 - back >= least);
        let before = weeks.filter(|back| (open_ms(*back) - usual_ms).abs() <= HOUR_MS).map(of);
        let volume = Volume {
            min_n: rule.min_n.into(),
            budget: Millionths::ONE.0 - rule.target.0,
            missed: outcomes.missed,
            now: of(0),
            before: before.collect(),
        };
        Some(volume).filter(|volume| !volume.before.is_empty())
    }

    /// The median of the weeks before.
    pub fn usual(&self, of: impl Fn(&Week) -> i64) -> f64 {
        let mut counts: Vec<i64> = self.before.iter().map(of).collect();
        counts.sort_unstable();
        let (low, high) = (counts[(counts.len() - 1) / 2], counts[counts.len() / 2]);
        (low + high) as f64 / 2.0
    }

    /// The weeks before in which the promise was kept.
    fn kept(&self) -> impl Iterator<Item = &Week> {
        self.before.iter().filter(|week| week.missed * Millionths::ONE.0 <= self.budget * week.due)
    }

    fn chance(&self) -> f64 {
        poisson::at_least(self.now.came, self.usual(|of| of.came)).value()
    }

    /// Whether it is a surge that explains most of the misses, while sales did about as much as ever.
    pub fn is_surge(&self) -> bool {
        let usual_came = self.usual(|of| of.came);
        let usual_touches = self.usual(|of| of.touches);
        let is_known = self.before.iter().map(|of| of.came).sum::<i64>() >= self.min_n
            && usual_came > 0.0
            && usual_touches > 0.0;
        let is_busy = AS_EVER * self.now.touches as f64 >= usual_touches;
        let is_more_than = |came: f64| self.now.came as f64 >= FACTOR * came;
        let is_more = is_more_than(usual_came) && self.kept().all(|week| is_more_than(week.came as f64));
        let is_most = 2.0 * (self.now.due as f64 - self.usual(|of| of.due)) > self.missed as f64;
        is_known && is_busy && is_more && is_most && self.chance() < CHANCE
    }

    /// Says what came and was done, what is usual, and what would be a surge.
    pub fn tell(&self, sum: &mut Sum) {
        let median = |of: &dyn Fn(&Week) -> i64| {
            let counts: Vec<String> = self.before.iter().map(|week| of(week).to_string()).collect();
            let weeks: Vec<String> = self.before.iter().map(|week| week.weeks_before.to_string()).collect();
            format!(
                "the median of {}, in the same hours {} weeks before",
                counts.join(", "),
                weeks.join(", ")
            )
        };
        let (came, due, touches) = (|of: &Week| of.came, |of: &Week| of.due, |of: &Week| of.touches);
        let full = "MQLs that entered from as long before the window as is promised until its last full hour";
        sum.figure("came", self.now.came as f64, full);
        sum.figure("came as usual", self.usual(came), median(&came));
        let asks =
            format!("P(so many came by chance); a surge: below {CHANCE}, and {FACTOR} x the usual came");
        sum.figure("chance of the surplus", self.chance(), asks);
        if let Some(most) = self.kept().map(|week| week.came).max() {
            let weeks: Vec<String> = self.kept().map(|week| week.weeks_before.to_string()).collect();
            let kept = format!(
                "the most of weeks in which the promise was kept, {} before; a surge: {FACTOR} x as many came",
                weeks.join(", ")
            );
            sum.figure("came and was coped with", most as f64, kept);
        }
        sum.figure("due", self.now.due as f64, "met or missed, hours that an outage leaves out among them");
        let asks = "a surge: more than half as many as were missed were due beyond it";
        sum.figure("due as usual", self.usual(due), format!("{}; {asks}", median(&due)));
        let whose = "by sales in the hours of the window, to anyone here";
        sum.figure("human touches", self.now.touches as f64, whose);
        let asks = format!("a surge: at most {AS_EVER} x as many as there were");
        sum.figure("human touches as usual", self.usual(touches), format!("{}; {asks}", median(&touches)));
    }
}
