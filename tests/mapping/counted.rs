//! What the funnel counts of the real files, further than a replay writes it down: against the same figures.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapport::funnel::report;
use rapport::funnel::terms::Terms;
use rapport::model::control::Control;
use rapport::model::definitions::{DIRECT, Rules};
use rapport::model::event::Event;
use rapport::model::measure::{Cell, Measure};
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::window::WindowResult;
use rapport::model::words::{Stage, Step};
use rapport::model::{EventTime, Text};
use rapport::pipeline::local::Local;
use rapport::stats::quantile::{Level, nearest_rank};
use toml_edit::{Item, Table};

use super::real::{figures, number};
use crate::support::definitions;

/// The funnel at the end of a day.
pub struct Counted {
    counts: BTreeMap<(Text, Cell), i64>,
    report: report::Report,
    windows: Vec<WindowResult>,
}

/// Counts the events up to the last minute of a day, with a horizon of 90 days and no rules.
pub fn counted(events: &[Event], dimensions: &str, day: &str) -> Counted {
    let mut definitions = definitions::plain();
    definitions::set(&mut definitions, "dimensions", dimensions);
    definitions::set(&mut definitions, "horizon_days", "90");
    definitions.rules = Rules::default();
    definitions.windows_every_minutes = 24 * 60;
    let terms = Arc::new(Terms::new(definitions, 1).unwrap());
    let mut local = Local::new(&terms);
    let end: jiff::Timestamp = format!("{day}T23:59:00Z").parse().unwrap();
    let end = EventTime(end.as_millisecond());
    let mut known: Vec<&Event> = events.iter().filter(|event| event.occurred_at < end).collect();
    known.sort_by_key(|event| event.occurred_at);
    for event in known {
        let holds = Holds::Event(event.clone());
        local.append(
            0,
            LogRecord { timestamp: event.occurred_at, came: Came::Intake { source: "crm".into() }, holds },
        );
    }
    let holds =
        Holds::Control(Control::Progress { source: Text::const_new(DIRECT), partition: 0, time: end });
    local.append(0, LogRecord { timestamp: end, came: Came::Direct, holds });
    local.read_all();
    let delta = local.take_deltas(0).pop().unwrap();
    let mut counts: BTreeMap<(Text, Cell), i64> = BTreeMap::new();
    for (key, n) in delta.steps.values().flat_map(|step| &step.counts) {
        *counts.entry(key.clone()).or_default() += n;
    }
    local.judge(delta);
    let report = report::report(local.rows(), &terms, end.minute());
    Counted { counts, report, windows: local.segments().windows_now() }
}

impl Counted {
    /// Every count of the whole company, summed over time, subjects and grades.
    pub fn sums(&self) -> BTreeMap<String, i64> {
        let mut sums = BTreeMap::new();
        for ((_, cell), n) in self.counts.iter().filter(|((segment, _), n)| segment == "all" && **n != 0) {
            *sums.entry(cell.measure.to_string()).or_default() += n;
        }
        sums
    }

    fn sum(&self, segment: &str, measure: Measure) -> i64 {
        let of = |(known, cell): &(Text, Cell)| known == segment && cell.measure == measure;
        self.counts.iter().filter(|(key, _)| of(key)).map(|(_, n)| n).sum()
    }
}

/// Holds segments, ages and windows against the figures of one set.
pub fn assert_counted(events: &[Event], set: &str, dimensions: &str) {
    let figures = figures();
    let expected = figures[set].as_table().unwrap();
    let mut at_end = None;
    for (day, windows) in expected["mql_to_won_in_90_days"].as_table().unwrap() {
        let counted = counted(events, dimensions, day);
        assert_windows(&counted.windows, windows, &format!("{set}: {day}"));
        at_end = Some(counted);
    }
    let at_end = at_end.expect("the last day of a file is there");
    assert_segments(&at_end, expected["segments"].as_table().unwrap());
    for step in Step::ALL {
        let mut days: Vec<u64> = Vec::new();
        for ((_, cell), n) in at_end.counts.iter().filter(|((segment, _), _)| segment == "all") {
            if cell.measure == Measure::Converted(*step) {
                days.extend(std::iter::repeat_n(u64::from(cell.grade), *n as usize));
            }
        }
        days.sort_unstable();
        let whole_days = expected["steps"][step.as_str()]["whole_days"].as_array().unwrap();
        for (level, expected) in [Level::P50, Level::P90].into_iter().zip(whole_days) {
            assert_eq!(nearest_rank(&days, level).map(|n| n as i64), expected.as_integer(), "{set}: {step}");
        }
    }
}

fn assert_segments(counted: &Counted, expected: &Table) {
    for (segment, figures) in expected {
        let figure = |key: &str| figures[key].as_integer().unwrap();
        for stage in [Stage::Mql, Stage::Sal, Stage::Sql, Stage::Opportunity] {
            let reached = counted.sum(segment, Measure::Entered(stage));
            assert_eq!(reached, figure(stage.as_str()), "{segment}: {stage}");
        }
        assert_eq!(counted.sum(segment, Measure::Entered(Stage::Customer)), figure("won"), "{segment}: won");
        let cohorts = counted.report.cohorts.iter().filter(|cohort| cohort.segment == segment);
        assert_eq!(cohorts.map(|cohort| cohort.lost as i64).sum::<i64>(), figure("lost"), "{segment}: lost");
    }
}

fn assert_windows(windows: &[WindowResult], expected: &Item, place: &str) {
    for (estimate, figures) in expected.as_table_like().unwrap().iter() {
        let measure = format!("mql_to_won_{estimate}");
        let of = |window: &&WindowResult| window.segment == "all" && window.measure == measure;
        let found = windows.iter().find(of).unwrap();
        assert_eq!(found.window, "118d", "{place}");
        let figures: Vec<f64> = (figures.as_array().unwrap().iter())
            .map(|figure| figure.as_float().or(figure.as_integer().map(|n| n as f64)).unwrap())
            .collect();
        let numbers = [found.value, found.interval_low, found.interval_high];
        let counts = [found.n, found.excluded_immature].map(|n| n as f64);
        let found: Vec<f64> = match found.value {
            Some(_) => numbers.map(|n| n.unwrap_or(f64::NAN)).into_iter().chain(counts).collect(),
            None => vec![counts[1]],
        };
        let close = |(a, b): (&f64, &f64)| (a - b).abs() < 1e-8;
        let same = found.len() == figures.len() && found.iter().zip(&figures).all(close);
        assert!(same, "{place}: {measure} is {found:?}, not {figures:?}");
    }
}

/// The whole number of a figure.
pub fn figure(set: &str, key: &str) -> u64 {
    number(figures()[set].as_table().unwrap(), key)
}
