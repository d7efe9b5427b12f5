//! `no_data`: feeds that go on as ever, told of by chance.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::book::Book;
use rapport::funnel::signs::no_data::{self, BY_CHANCE, statement};
use rapport::funnel::signs::scene::Scene;
use rapport::model::alert::Severity;
use rapport::model::definitions::{Millionths, NoData};
use rapport::model::delta::Step;
use rapport::model::measure::{Cell, Measure};
use rapport::model::words::Family;
use rapport::model::{Minute, Text};

use super::{Begun, MONDAY, MONTH, definitions, on_business_days, poisson, terms};

/// The hours of a working day, in UTC.
const OPENS: i32 = 9;
const HOURS: usize = 8;
/// Business days before any feed is judged: the weeks from which is learned are full.
const BEFORE: u32 = 25;

/// How the events of a feed come.
#[derive(Clone, Copy, Debug)]
enum Come {
    /// By Poisson's law, so many a business day.
    Alone(f64),
    /// In so many bunches a business day, of four events on the average, with so many hours of business from one to
    /// the next.
    InBunches(f64, f64),
}

impl Come {
    /// How many come in each hour of so many business days.
    fn draw(self, days: u32, dice: &mut ChaCha8Rng) -> Vec<u32> {
        let mut hours = vec![0; days as usize * HOURS];
        for hour in 0..hours.len() {
            match self {
                Come::Alone(a_day) => hours[hour] = poisson(a_day / HOURS as f64, dice),
                Come::InBunches(a_day, gap) => {
                    for _ in 0..poisson(a_day / HOURS as f64, dice) {
                        let mut at = hour as f64 + dice.random::<f64>();
                        while let Some(n) = hours.get_mut(at as usize) {
                            *n += 1;
                            if dice.random_bool(0.25) {
                                break;
                            }
                            at -= (1.0 - dice.random::<f64>()).ln() * gap;
                        }
                    }
                }
            }
        }
        hours
    }
}

/// What began in so many months of a feed. What is usual, and so the limit, is asked of the rule at the end of each
/// business day on which anything came: it holds for the silences that begin on that day.
fn begun(come: Come, months: u32, seed: u64) -> Begun {
    let terms = terms(|_| {});
    let rule = terms.definitions.rules.no_data.as_ref().unwrap();
    let days = BEFORE + months * MONTH;
    let hours = come.draw(days, &mut ChaCha8Rng::seed_from_u64(seed));
    let (mut book, mut begun) = (Book::default(), Begun::default());
    // The limit of silences that begin now, in hours, and that of the one that there is, with its length.
    let (mut limit, mut silent, mut is_told) = (None, 0, false);
    for (place, day) in on_business_days(MONDAY, days).enumerate() {
        let today = &hours[place * HOURS..][..HOURS];
        let slice = |hour: i32| Minute((day.0 * 24 + OPENS + hour) * 60);
        let mut step = Step::default();
        for (hour, n) in (0..).zip(today).filter(|(_, n)| **n > 0) {
            let measure = Measure::Heard(Family::Touches);
            let cell = Cell { measure, subject: "crm".into(), slice: slice(hour), grade: 0 };
            step.counts.insert((Text::const_new("all"), cell), i64::from(*n));
        }
        let (evening, has_any) = (slice(HOURS as i32), !step.counts.is_empty());
        book.apply(evening, step, &terms, &mut |_, _| {});
        book.forget(evening, &terms);
        let scene = Scene::new(&terms, &book, evening);
        let feeds = no_data::feeds(rule, &scene);
        let feed = feeds.iter().find(|feed| feed.family == Family::Touches);
        let limit_today = feed.and_then(|feed| feed.limit_ms(rule, 1)).map(|ms| ms as f64 / 3_600_000.0);
        for n in today {
            if *n > 0 {
                (limit, silent, is_told) = (limit_today, 0, false);
                continue;
            }
            silent += 1;
            if place >= BEFORE as usize && !is_told && limit.is_some_and(|limit| f64::from(silent) > limit) {
                is_told = true;
                begun.alerts += 1;
            }
        }
        if let Some(feed) = feed.filter(|_| has_any) {
            assert_eq!(feed.silent_ms, i64::from(silent) * 3_600_000, "a second count of the silence");
        }
        begun.days += u32::from(place >= BEFORE as usize && limit.is_some());
    }
    begun
}

#[test]
fn a_feed_of_independent_events_is_told_of_as_seldom_as_the_rule_says() {
    let mut all = Begun::default();
    for (i, a_day) in [1.0, 2.0, 5.0, 12.0, 20.0, 50.0].into_iter().enumerate() {
        let begun = begun(Come::Alone(a_day), 150, 110 + i as u64);
        begun.assert_at_most(BY_CHANCE.independent, &format!("{a_day} a day"));
        all.add(&begun);
    }
    all.assert_at_most(BY_CHANCE.independent, "all");
    assert!(BY_CHANCE.independent <= definitions().rules.no_data.unwrap().alerts_per_month.as_f64());
}

/// Hours are empty together then, which the rule does not know: it is told of several times as often as it accepts, and
/// says so.
#[test]
fn a_feed_of_few_bunches_is_told_of_as_seldom_as_the_rule_says() {
    let counted = [(0.5, 2.0, 0.33), (1.0, 2.0, 0.36), (2.0, 2.0, 0.33), (0.5, 8.0, 0.22), (1.0, 8.0, 0.14)];
    for (i, (a_day, gap, a_month)) in counted.into_iter().enumerate() {
        let begun = begun(Come::InBunches(a_day, gap), 300, 120 + i as u64);
        begun.assert_at_most(a_month, &format!("{a_day} bunches a day, {gap} hours apart"));
        begun.assert_at_most(BY_CHANCE.in_bunches, "as stated");
        if a_month > 0.3 {
            begun.assert_no_exaggeration(BY_CHANCE.in_bunches);
        }
    }
}

#[test]
fn the_figure_is_stated_for_the_settings_for_which_it_was_counted() {
    let said = |change: fn(&mut NoData)| {
        let mut definitions = definitions();
        change(definitions.rules.no_data.as_mut().unwrap());
        statement(&definitions).unwrap().false_alarms
    };
    let by_default = said(|_| {});
    for figure in [BY_CHANCE.independent, BY_CHANCE.in_bunches] {
        assert!(by_default.contains(&format!(" {figure}")), "{figure}: {by_default}");
    }
    assert_eq!(said(|rule| rule.severity = Severity::Info), by_default);
    let others: [fn(&mut NoData); 4] = [
        |rule| rule.baseline_days = 14,
        |rule| rule.min_n = 5,
        |rule| rule.gap_factor = Millionths(2_000_000),
        |rule| rule.alerts_per_month = Millionths(50_000),
    ];
    for other in others {
        let said = said(other);
        assert!(!said.contains("In simulations"), "{said}");
    }
}
