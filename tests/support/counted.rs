//! The figures of windows, worked out a second time from the counts of the oracle, as `semantics.md` says it in "Window
//! figures". Left to the vectors of the statistics are percentiles and the ends of intervals.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use rapport::model::definitions::Definitions;
use rapport::model::measure::{Cell, Measure};
use rapport::model::window::WindowResult;
use rapport::model::words::{Stage, Step, Verdict};
use rapport::model::{Minute, Text};
use rapport::oracle::Answer;

const DAY_MINUTES: i32 = 1440;
/// So many days of cohorts are followed to their horizon.
const COHORTS: i32 = 28;

/// A value and the number of outcomes that it rests on.
type Figure = (Option<f64>, u64);
/// Figures by measure and window.
type Figures = BTreeMap<(String, String), Figure>;

/// What the oracle counted by a boundary, and the figures that follow from it.
pub(crate) struct Counted {
    counts: BTreeMap<(Text, Cell), i64>,
    today: i32,
    horizons: BTreeMap<Step, i32>,
    figures: BTreeMap<Text, Figures>,
}

impl Counted {
    /// Days are UTC days here.
    pub(crate) fn new(answer: &Answer, definitions: &Definitions, boundary: Minute) -> Counted {
        assert_eq!(definitions.zone, "UTC", "days are UTC days");
        let mut counted = Counted {
            counts: answer.counts(1, boundary),
            today: boundary.0.div_euclid(DAY_MINUTES),
            horizons: definitions.horizons.iter().map(|(step, days)| (*step, i32::from(*days))).collect(),
            figures: BTreeMap::new(),
        };
        let segments: BTreeSet<Text> = counted.counts.keys().map(|(segment, _)| segment.clone()).collect();
        counted.figures =
            segments.into_iter().map(|name| (name.clone(), counted.figures_of(&name))).collect();
        counted
    }

    /// Whether a window that was told is what was counted, in words where it is not; `None` where the figure is left to
    /// the vectors.
    pub(crate) fn holds(&self, window: &WindowResult) -> Option<Result<Option<f64>, String>> {
        if window.measure.ends_with("_p50") || window.measure.ends_with("_p90") {
            return None;
        }
        let key = (window.measure.to_string(), window.window.to_string());
        let nothing = || self.figures_of(&window.segment);
        let figures = self.figures.get(&window.segment).map_or_else(|| Cow::Owned(nothing()), Cow::Borrowed);
        let Some(&(value, n)) = figures.get(&key) else {
            return Some(Err(format!("nobody expects {window:?}")));
        };
        let is_same = match (window.value, value) {
            (Some(told), Some(value)) => (told - value).abs() <= 1e-12 * value.abs().max(1.0),
            (told, value) => told == value,
        };
        let right = is_same && window.n == n;
        Some(if right { Ok(value) } else { Err(format!("{window:?}, the oracle says {value:?} of {n}")) })
    }

    /// The sum over a segment's cells of a measure on the days `from..=to`.
    fn sum(&self, segment: &str, days: (i32, i32), is_meant: impl Fn(&Cell) -> bool) -> i64 {
        let lies_in = |cell: &Cell| {
            let day = cell.slice.0.div_euclid(DAY_MINUTES);
            days.0 <= day && day <= days.1
        };
        let cells =
            self.counts.iter().filter(|((of, cell), _)| of == segment && lies_in(cell) && is_meant(cell));
        cells.map(|(_, n)| n).sum()
    }

    fn last(&self, days: i32) -> (i32, i32) {
        (self.today - days + 1, self.today)
    }

    /// Every figure of a segment.
    fn figures_of(&self, segment: &str) -> Figures {
        let mut all = BTreeMap::new();
        let mut put = |measure: String, window: &str, figure: Figure| {
            all.insert((measure, window.to_owned()), figure);
        };
        let count = |n: i64| (Some(n as f64), n.max(0) as u64);
        let share = |k: i64, n: i64| ((n > 0).then(|| k as f64 / n as f64), n as u64);
        let of = |measure: Measure| move |cell: &Cell| cell.measure == measure;
        for stage in Stage::FUNNEL {
            for days in [1, 7, 28] {
                let n = self.sum(segment, self.last(days), of(Measure::Entered(stage)));
                put(format!("entered_{stage}"), &format!("{days}d"), count(n));
            }
            let open = self.sum(segment, (i32::MIN, self.today), of(Measure::Open(stage)));
            put(format!("open_{stage}"), "now", count(open));
        }
        let month = self.last(28);
        for (name, measure) in [
            ("deals_opened", Measure::DealsOpened),
            ("deals_won", Measure::DealsWon),
            ("deals_lost", Measure::DealsLost),
        ] {
            put(name.to_owned(), "28d", count(self.sum(segment, month, of(measure))));
        }
        for currency in ["EUR", "USD"] {
            let is_it = |cell: &Cell| cell.measure == Measure::WonAmount && cell.subject == currency;
            let minor = self.sum(segment, month, is_it) as f64;
            put(format!("won_amount_minor_{currency}"), "28d", (Some(minor), 0));
        }
        let verdicts = |verdict: Verdict| self.sum(segment, month, of(Measure::Verdicts(verdict)));
        let every = Verdict::ALL.iter().map(|verdict| verdicts(*verdict)).sum();
        for verdict in Verdict::ALL {
            put(format!("{verdict}_share"), "28d", share(verdicts(*verdict), every));
        }
        let negative = [Verdict::Rejected, Verdict::Recycled, Verdict::Disqualified];
        let is_silent = |cell: &Cell| {
            negative.iter().any(|verdict| cell.measure == Measure::Verdicts(*verdict))
                && cell.subject.is_empty()
        };
        let back = negative.iter().map(|verdict| verdicts(*verdict)).sum();
        put("reasonless_share".to_owned(), "28d", share(self.sum(segment, month, is_silent), back));
        let met = self.sum(segment, month, of(Measure::TouchMet));
        let missed = self.sum(segment, month, of(Measure::TouchMissed));
        put("first_touch_attainment".to_owned(), "28d", share(met, met + missed));
        for step in Step::ALL {
            let horizon = self.horizons[step];
            let window = format!("{}d", horizon + COHORTS);
            let entered = |days| self.sum(segment, days, of(Measure::Entered(step.from())));
            let converted = |days, ages: (i32, i32)| {
                self.sum(segment, days, |cell| {
                    let age = i32::from(cell.grade);
                    cell.measure == Measure::Converted(*step) && ages.0 <= age && age <= ages.1
                })
            };
            let (first, _) = self.last(horizon + COHORTS);
            let (all, mature) = ((first, self.today), (first, self.today - horizon - 1));
            let soon = (0, horizon - 1);
            put(format!("{step}_naive"), &window, share(converted(all, soon), entered(all)));
            put(format!("{step}_matured"), &window, share(converted(mature, soon), entered(mature)));
            // At age a are the leads whose day of that age is over, less those converted before.
            let mut kept = None;
            let old_enough = |age: i32| (first, self.today - age - 2);
            for age in 0..horizon {
                let days = old_enough(age);
                let at_risk = entered(days) - converted(days, (0, age - 1));
                if at_risk <= 0 {
                    break;
                }
                let stay = 1.0 - converted(days, (age, age)) as f64 / at_risk as f64;
                kept = Some(kept.unwrap_or(1.0) * stay);
            }
            let n = entered(old_enough(0)).max(0) as u64;
            put(format!("{step}_kaplan_meier"), &window, (kept.map(|kept| 1.0 - kept), n));
        }
        all
    }
}
