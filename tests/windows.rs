//! The windows that are published, worked out a second time from the counts of the oracle, as `semantics.md` says it in
//! "Window figures". Left to the vectors of the statistics are percentiles of delays and the ends of intervals.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapport::codec;
use rapport::funnel::terms::Terms;
use rapport::log::TopicPartition;
use rapport::model::measure::{Cell, Measure};
use rapport::model::window::WindowResult;
use rapport::model::words::{Stage, Step, Verdict};
use rapport::model::{EventTime, Minute, Text};
use rapport::oracle;

use crate::support::definitions;
use crate::support::random_log::{Spice, history};
use crate::support::rig::Rig;

const DAY_MINUTES: i32 = 1440;
/// The horizon of the plain definitions, and the cohorts that are followed in it.
const HORIZON: i32 = 14;
const COHORTS: i32 = 28;

/// What the oracle counted, of which days are UTC days.
struct Counted {
    counts: BTreeMap<(Text, Cell), i64>,
    today: i32,
}

/// A value and the number of outcomes that it rests on.
type Figure = (Option<f64>, u64);

impl Counted {
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

    /// Every figure of a segment by measure and window.
    fn figures(&self, segment: &str) -> BTreeMap<(String, String), Figure> {
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
            let window = format!("{}d", HORIZON + COHORTS);
            let entered = |days| self.sum(segment, days, of(Measure::Entered(step.from())));
            let converted = |days, ages: (i32, i32)| {
                self.sum(segment, days, |cell| {
                    let age = i32::from(cell.grade);
                    cell.measure == Measure::Converted(*step) && ages.0 <= age && age <= ages.1
                })
            };
            let (first, _) = self.last(HORIZON + COHORTS);
            let (all, mature) = ((first, self.today), (first, self.today - HORIZON - 1));
            let soon = (0, HORIZON - 1);
            put(format!("{step}_naive"), &window, share(converted(all, soon), entered(all)));
            put(format!("{step}_matured"), &window, share(converted(mature, soon), entered(mature)));
            // At age a are the leads whose day of that age is over, less those converted before.
            let mut kept = None;
            let old_enough = |age: i32| (first, self.today - age - 2);
            for age in 0..HORIZON {
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

/// The last result of each window, and the last boundary at which any was told.
fn published(rig: &Rig) -> (Vec<WindowResult>, EventTime) {
    let (mut latest, mut last) = (BTreeMap::new(), EventTime(0));
    for record in rig.broker.read_committed(&TopicPartition::new(&rig.topics.windows, 0)) {
        let key = record.key.expect("a window has a key");
        let Some(value) = record.value else {
            latest.remove(&key);
            continue;
        };
        let window = codec::decode_window(&value).unwrap();
        last = last.max(window.at);
        latest.insert(key, window);
    }
    (latest.into_values().collect(), last)
}

fn is_left_out(measure: &str) -> bool {
    measure.ends_with("_p50") || measure.ends_with("_p90")
}

#[test]
fn what_is_published_is_what_the_oracle_counts() {
    let mut compared = BTreeMap::<String, usize>::new();
    for seed in 0..24 {
        let mut plain = definitions::plain();
        plain.event_partitions = 1 + (seed % 3) as u32;
        let terms = Arc::new(Terms::new(plain.clone(), 1).unwrap());
        let rig = Rig::new(&terms);
        let mut member = rig.start();
        let spice = Spice { moves: 2, ..Spice::HOT };
        for arrivals in history(seed, 400, plain.event_partitions, spice).chunks(40) {
            rig.feed(arrivals);
            rig.settle(&mut member);
        }
        let (windows, at) = published(&rig);
        let boundary: Minute = at.minute();
        let answer = oracle::answer(&plain, &rig.event_log());
        let today = boundary.0.div_euclid(DAY_MINUTES);
        let counted = Counted { counts: answer.counts(1, boundary), today };
        let mut expected = BTreeMap::new();
        for window in windows.iter().filter(|window| !is_left_out(&window.measure)) {
            let figures = expected.entry(&window.segment).or_insert_with(|| counted.figures(&window.segment));
            let key = (window.measure.to_string(), window.window.to_string());
            let (value, n) = *figures.get(&key).unwrap_or_else(|| panic!("nobody expects {key:?}"));
            let is_same = match (window.value, value) {
                (Some(told), Some(value)) => (told - value).abs() <= 1e-12 * value.abs().max(1.0),
                (told, value) => told == value,
            };
            assert!(is_same && window.n == n, "seed {seed}: {window:?}, the oracle says {value:?} of {n}");
            let is_news = value.is_some_and(|value| value != 0.0);
            *compared.entry(window.measure.to_string()).or_default() += usize::from(is_news);
        }
    }
    let dull: Vec<&String> = compared.iter().filter(|(_, n)| **n == 0).map(|(measure, _)| measure).collect();
    // A customer's journey is not open.
    assert!(compared.len() > 40 && dull == ["open_customer"], "{} measures, dull: {dull:?}", compared.len());
}
