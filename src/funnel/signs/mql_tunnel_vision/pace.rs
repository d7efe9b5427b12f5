//! How a target stands as of a day: what its plan asks for by then, and what there is.

use crate::model::measure::Measure;
use crate::model::words::{Family, Stage, Step};

use super::super::outage_days::{of_the_same_days, outage_days};
use super::super::program_rule::Place;
use super::super::scene::Scene;
use super::super::told_days::ToldDays;
use super::targets::Target;
use crate::funnel::segment::series::{DAYS_KEPT, Day};

/// How a target stands as of a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pace {
    /// The first day of the period of which anything is counted.
    pub(super) from: Day,
    /// Which part of the period's business days is over, of those from that day on.
    pub(super) elapsed: f64,
    /// Which part is over and was told of.
    pub(super) told: f64,
    /// What the plan asks for by then.
    pub(super) planned: f64,
    /// What there is.
    pub(super) done: f64,
}

/// Deals are won within so many days of the MQL, where no horizon says otherwise.
const USUAL_HORIZON_DAYS: u16 = 90;
/// Where the first day on which anything was counted is one of the first so many that are kept, others may lie before
/// it.
const LOG_IS_OLD_DAYS: i32 = 30;

/// How a target stands before a day, whose family of events is told of; `done` counts the days `[from, to)`.
pub(super) fn pace(
    place: &Place<'_>,
    target: &Target,
    (until, family): (Day, Family),
    done: impl Fn(Day, Day) -> i64,
) -> Pace {
    let scene = place.scene;
    let [begins, to] = [target.from, target.to].map(|at| Day(scene.terms.days.local_day(at.0)));
    // Of what lies before nothing is known: the plan is that of the days since.
    let first = match family {
        Family::Deals => first_sourced(place),
        _ => first_counted(place),
    };
    let all = scene.business_days(begins, to).max(1) as f64;
    let until = until.min(to);
    let from = first.max(begins).min(until.max(begins));
    let elapsed = scene.business_days(from, until) as f64 / all;
    // What was done in an outage is not known: the plan is that of the other days.
    let outages = left_out(scene, family);
    let told = outages.others(from, until, |from, to| scene.business_days(from, to)) as f64 / all;
    let done: i64 = outages.spans_of_others(from, until).map(|(from, to)| done(from, to)).sum();
    Pace { from, elapsed, told, planned: target.value as f64 * told, done: done as f64 }
}

/// The days of which not all events of a family were told.
pub(super) fn left_out(scene: &Scene<'_>, family: Family) -> ToldDays {
    outage_days(scene, &[family], of_the_same_days)
}

/// The first day on which it is known who sourced most of the deals that are won: those that were opened before the log
/// began are won by then. Where the log is so old that its first days are not kept, it was always known.
fn first_sourced(place: &Place<'_>) -> Day {
    let first = first_counted(place);
    let horizon = place.definitions().horizons.get(&Step::MqlToWon).copied().unwrap_or(USUAL_HORIZON_DAYS);
    match first > place.scene.today.plus(LOG_IS_OLD_DAYS - DAYS_KEPT) {
        true => first.plus(i32::from(horizon)),
        false => first,
    }
}

/// The first day that is kept on which a lead became an MQL, or a deal was opened or won.
fn first_counted(place: &Place<'_>) -> Day {
    let counted = [Measure::Entered(Stage::Mql), Measure::DealsOpened, Measure::DealsWon];
    let first = counted.iter().filter_map(|measure| place.segment.series(*measure, "").first_day()).min();
    first.unwrap_or(place.scene.today).max(place.scene.today.plus(-DAYS_KEPT))
}
