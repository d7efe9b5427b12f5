//! Window results: what the gauges show. Pure functions of a segment's counts and a boundary.
//!
//! Windows are whole days of the definitions' zone, today so far included, so `7d` at noon is six and a
//! half days. Conversions are by cohort of entry: `naive` counts the young as not converted and is there
//! to be compared, `matured` leaves them out, `kaplan_meier` uses what is known of each.

use crate::model::measure::{Delay, Measure};
use crate::model::window::WindowResult;
use crate::model::words::{Stage, Step, Verdict};
use crate::model::{EventTime, Minute, Text};
use crate::stats::interval::{Confidence, Interval};
use crate::stats::quantile::Level;
use crate::stats::{binomial, kaplan_meier};

use super::super::terms::Terms;
use super::book::Segment;
use super::life_table::life_table;
use super::series::Day;

/// Confidence of every interval that is shown.
const CONFIDENCE: Confidence = Confidence::P95;
/// Cohorts of so many days are followed in conversions.
const COHORT_DAYS: i32 = 28;
/// The window of shares, delays and deals.
const MONTH_DAYS: i32 = 28;

/// Results that stand on the same counts, so that they are computed together and only when those changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// How many reached a stage.
    Entered(Stage),
    /// How many are in a stage now, and how old they are.
    Open(Stage),
    /// The conversions of a step.
    Conversion(Step),
    /// First touches and their delays.
    FirstTouch,
    /// Shares of verdicts.
    Verdicts,
    /// Deals and their value.
    Deals,
}

impl Family {
    /// Every family, in the order of a sheet.
    pub fn all() -> impl Iterator<Item = Family> {
        let stages = || Stage::FUNNEL.into_iter();
        stages()
            .map(Family::Entered)
            .chain(stages().map(Family::Open))
            .chain(Step::ALL.iter().copied().map(Family::Conversion))
            .chain([Family::FirstTouch, Family::Verdicts, Family::Deals])
    }

    /// Whether a change of these counts may change its results.
    pub fn stands_on(self, measure: Measure) -> bool {
        match self {
            Family::Entered(stage) => measure == Measure::Entered(stage),
            Family::Open(stage) => measure == Measure::Open(stage),
            Family::Conversion(step) => {
                measure == Measure::Entered(step.from()) || measure == Measure::Converted(step)
            }
            Family::FirstTouch => {
                matches!(measure, Measure::TouchMet | Measure::TouchMissed | Measure::TouchDelay(_))
            }
            Family::Verdicts => matches!(measure, Measure::Verdicts(_)),
            Family::Deals => {
                use Measure::{DealsLost, DealsOpened, DealsWon, WonAmount};
                matches!(measure, DealsOpened | DealsWon | DealsLost | WonAmount)
            }
        }
    }
}

/// The window results of a family of a segment at a boundary.
pub fn of(
    family: Family,
    name: &Text,
    segment: &Segment,
    terms: &Terms,
    boundary: Minute,
) -> Vec<WindowResult> {
    let today = Day(terms.days.local_day(boundary.start().0));
    let mut sheet = Sheet { name, at: boundary.start(), number: terms.number, today, results: Vec::new() };
    match family {
        Family::Entered(stage) => sheet.entered(segment, stage),
        Family::Open(stage) => sheet.open(segment, stage),
        Family::Conversion(step) => {
            let horizon = i32::from(terms.definitions.horizons.get(&step).copied().unwrap_or(30));
            sheet.conversion(segment, step, horizon);
        }
        Family::FirstTouch => sheet.first_touch(segment, terms),
        Family::Verdicts => sheet.verdicts(segment),
        Family::Deals => sheet.deals(segment),
    }
    sheet.results
}

/// Whether two results of a segment say the same of the same, whenever they were computed.
pub fn same(a: &WindowResult, b: &WindowResult) -> bool {
    let bits = |x: Option<f64>| x.map(f64::to_bits);
    (&a.measure, &a.window) == (&b.measure, &b.window)
        && bits(a.value) == bits(b.value)
        && bits(a.interval_low) == bits(b.interval_low)
        && bits(a.interval_high) == bits(b.interval_high)
        && (a.n, a.excluded_immature, a.definitions_version)
            == (b.n, b.excluded_immature, b.definitions_version)
}

struct Sheet<'a> {
    name: &'a Text,
    at: EventTime,
    number: u32,
    today: Day,
    results: Vec<WindowResult>,
}

/// A value with its interval.
struct Value {
    value: Option<f64>,
    interval: Option<Interval>,
    n: u64,
    excluded: u64,
}

impl Value {
    fn count(n: i64) -> Value {
        Value { value: Some(n as f64), interval: None, n: n.max(0) as u64, excluded: 0 }
    }

    fn share(k: u64, n: u64, excluded: u64) -> Value {
        let value = (n > 0).then(|| k as f64 / n as f64);
        Value { value, interval: value.map(|_| binomial::wilson(k.min(n), n, CONFIDENCE)), n, excluded }
    }
}

impl Sheet<'_> {
    fn put(&mut self, measure: impl Into<Text>, window: impl Into<Text>, value: Value) {
        self.results.push(WindowResult {
            segment: self.name.clone(),
            measure: measure.into(),
            window: window.into(),
            at: self.at,
            value: value.value,
            interval_low: value.interval.map(|interval| interval.low),
            interval_high: value.interval.map(|interval| interval.high),
            n: value.n,
            excluded_immature: value.excluded,
            definitions_version: self.number,
        });
    }

    /// The days of a window that ends with today.
    fn last(&self, days: i32) -> (Day, Day) {
        (self.today.plus(1 - days), self.today.plus(1))
    }

    fn entered(&mut self, segment: &Segment, stage: Stage) {
        let entered = segment.series(Measure::Entered(stage), "");
        for days in [1, 7, 28] {
            let (from, to) = self.last(days);
            let window = format!("{days}d");
            self.put(format!("entered_{stage}"), window, Value::count(entered.days(from, to)));
        }
    }

    fn open(&mut self, segment: &Segment, stage: Stage) {
        let open = segment.series(Measure::Open(stage), "");
        let (from, to) = (Day(i32::MIN), self.today.plus(1));
        let count = open.days(from, to);
        self.put(format!("open_{stage}"), "now", Value::count(count));
        let mut seen = 0;
        let rank = (count * 9 + 9) / 10;
        let mut youngest_first: Vec<(Day, i64)> = open.each_day(from, to).collect();
        youngest_first.reverse();
        let oldest = youngest_first.into_iter().find(|(_, n)| {
            seen += n;
            seen >= rank
        });
        let age = oldest.map(|(day, _)| f64::from(self.today.0 - day.0));
        let value = Value { value: age, interval: None, n: count.max(0) as u64, excluded: 0 };
        self.put(format!("open_{stage}_age_days_p90"), "now", value);
    }

    fn conversion(&mut self, segment: &Segment, step: Step, horizon: i32) {
        let entered = segment.series(Measure::Entered(step.from()), "");
        let converted = segment.series(Measure::Converted(step), "");
        let (from, to) = (self.today.plus(1 - horizon - COHORT_DAYS), self.today.plus(1));
        let window = format!("{}d", horizon + COHORT_DAYS);
        let mature_to = self.today.plus(-horizon);
        let sum = |n: i64| n.max(0) as u64;
        let within = |to: Day| {
            let grades = converted.each_grade(from, to).filter(|(_, age, _)| i32::from(*age) < horizon);
            sum(grades.map(|(_, _, n)| n).sum())
        };
        let all = sum(entered.days(from, to));
        let mature = sum(entered.days(from, mature_to));
        let young = all - mature.min(all);
        self.put(format!("{step}_naive"), window.clone(), Value::share(within(to), all, 0));
        self.put(format!("{step}_matured"), window.clone(), Value::share(within(mature_to), mature, young));
        let table = life_table(entered, converted, from, self.today, horizon as u16);
        let estimate = kaplan_meier::product_limit(&table, CONFIDENCE);
        let value = Value {
            value: estimate.map(|e| e.conversion),
            interval: estimate.and_then(|e| e.loglog),
            n: table.first().map_or(0, |(at_risk, _)| *at_risk),
            excluded: all - table.first().map_or(0, |(at_risk, _)| *at_risk).min(all),
        };
        self.put(format!("{step}_kaplan_meier"), window, value);
    }

    fn first_touch(&mut self, segment: &Segment, terms: &Terms) {
        let (from, to) = self.last(MONTH_DAYS);
        let window = format!("{MONTH_DAYS}d");
        let sum = |n: i64| n.max(0) as u64;
        let met = sum(segment.series(Measure::TouchMet, "").days(from, to));
        let missed: i64 = segment.subjects(Measure::TouchMissed).map(|(_, s)| s.days(from, to)).sum();
        self.put("first_touch_attainment", window.clone(), Value::share(met, met + sum(missed), 0));
        for part in [Delay::Total, Delay::Routing, Delay::Human] {
            let delays = segment.series(Measure::TouchDelay(part), "");
            let mut buckets = std::collections::BTreeMap::<u16, u64>::new();
            for (_, bucket, n) in delays.each_grade(from, to) {
                *buckets.entry(bucket).or_default() += sum(n);
            }
            let counts: Vec<(u16, u64)> = buckets.into_iter().filter(|(_, n)| *n > 0).collect();
            let n = counts.iter().map(|(_, n)| n).sum();
            for (percent, level) in [(50, Level::P50), (90, Level::P90)] {
                let value = terms.buckets.quantile(&counts, level);
                let measure = format!("first_touch_{}_seconds_p{percent}", part.as_str());
                self.put(measure, window.clone(), Value { value, interval: None, n, excluded: 0 });
            }
        }
    }

    fn verdicts(&mut self, segment: &Segment) {
        let (from, to) = self.last(MONTH_DAYS);
        let window = format!("{MONTH_DAYS}d");
        let sum = |n: i64| n.max(0) as u64;
        let of = |verdict: Verdict| -> u64 {
            sum(segment.subjects(Measure::Verdicts(verdict)).map(|(_, s)| s.days(from, to)).sum())
        };
        let all: u64 = Verdict::ALL.iter().map(|v| of(*v)).sum();
        for &verdict in Verdict::ALL {
            self.put(format!("{verdict}_share"), window.clone(), Value::share(of(verdict), all, 0));
        }
        let negative = || Verdict::ALL.iter().copied().filter(|v| v.is_negative());
        let without: i64 = negative().map(|v| segment.series(Measure::Verdicts(v), "").days(from, to)).sum();
        let n = negative().map(of).sum();
        self.put("reasonless_share", window, Value::share(sum(without), n, 0));
    }

    fn deals(&mut self, segment: &Segment) {
        let (from, to) = self.last(MONTH_DAYS);
        let window = format!("{MONTH_DAYS}d");
        for measure in [Measure::DealsOpened, Measure::DealsWon, Measure::DealsLost] {
            let n = segment.series(measure, "").days(from, to);
            self.put(measure.to_string(), window.clone(), Value::count(n));
        }
        let amounts: Vec<(String, i64)> = segment
            .subjects(Measure::WonAmount)
            .map(|(currency, series)| (format!("won_amount_minor_{currency}"), series.days(from, to)))
            .collect();
        for (measure, minor) in amounts {
            self.put(measure, window.clone(), Value { n: 0, ..Value::count(minor) });
        }
    }
}
