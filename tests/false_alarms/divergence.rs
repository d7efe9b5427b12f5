//! `divergence` in companies in which neither the volume nor the conversion changes, and in those in which both do,
//! slowly.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::book::Book;
use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::Verdict;
use rapport::funnel::signs::mql_tunnel_vision::divergence::{self, Thresholds, Watch};
use rapport::funnel::signs::told_days::ToldDays;
use rapport::funnel::signs::usual_share::LEAST_DAYS;
use rapport::funnel::terms::Terms;
use rapport::model::measure::Measure;
use rapport::model::words::Stage;

use super::{
    Begun, Counted, MONDAY, MONTH, business_days, definitions, is_business_day, on_business_days, poisson,
    terms,
};

/// A company whose MQLs convert as ever.
#[derive(Clone, Copy)]
struct Company {
    /// MQLs in the first eight weeks, about, but for those of weekends.
    baseline: u32,
    /// How many of them take the step.
    conversion: f64,
    /// From the day that is first judged on so many times more MQLs come.
    factor: f64,
    /// How many MQLs a day of a weekend has, as a part of those of another day.
    weekend: f64,
}

/// What the rule says of a company.
#[derive(Default)]
struct Judged {
    /// The days on which an alert began.
    begun: Vec<Day>,
    /// The days on which one could have begun, and those of them on which the detector of volume was at its threshold.
    days: u32,
    at_the_threshold: u32,
}

/// Judges a company on each of these days by what was counted before.
fn judge(terms: &Terms, book: &Book, days: impl Iterator<Item = Day>, thresholds: &mut Thresholds) -> Judged {
    let rule = terms.definitions.rules.divergence.as_ref().unwrap();
    let segment = book.segment("all").unwrap();
    let (mut frozen, mut told_to): (Option<Watch>, Option<Day>) = (None, None);
    let mut told = ToldDays::default();
    let mut judged = Judged::default();
    for today in days {
        if let Some(watch) = &frozen {
            let sight = divergence::look(rule, watch, segment, terms, (today, &ToldDays::default()));
            let end = thresholds.end(rule, watch, &sight);
            if divergence::is_over(rule, watch, end, &sight) {
                (frozen, told_to) = (None, Some(today));
            } else if let Some((from, to)) = sight.told(watch) {
                told.add(from, to);
            }
            continue;
        }
        let Some(learned) = divergence::baseline((rule, rule.baseline), segment, &told, terms, today) else {
            continue;
        };
        judged.days += 1;
        let from = today.plus(-i32::from(rule.detect_days)).max(told_to.unwrap_or(Day(i32::MIN)));
        let watch = thresholds.watch(rule, learned, 1, from);
        let sight = divergence::look(rule, &watch, segment, terms, (today, &ToldDays::default()));
        judged.at_the_threshold += u32::from(divergence::is_volume_at_its_threshold(&watch, &sight));
        if matches!(divergence::read(rule, &watch, &sight), Verdict::Broken(_)) {
            judged.begun.push(today);
            frozen = Some(watch);
        }
    }
    judged
}

/// All that is counted in the days before `to`, of which each has so many MQLs and such a share of them that go on.
fn book(
    terms: &Terms,
    to: Day,
    dice: &mut ChaCha8Rng,
    (mqls, conversion): (impl Fn(Day) -> f64, impl Fn(Day) -> f64),
) -> Book {
    let rule = terms.definitions.rules.divergence.as_ref().unwrap();
    let mut counted = Counted::default();
    // What is counted begins before the first day that is learned from.
    counted.add(terms, MONDAY.plus(-3), Measure::Entered(Stage::Mql), "", 0, 1);
    for day in (MONDAY.0..to.0).map(Day) {
        let n = poisson(mqls(day), dice);
        counted.add(terms, day, Measure::Entered(Stage::Mql), "", 0, n);
        for _ in 0..n {
            if dice.random_bool(conversion(day)) {
                let age = dice.random_range(0..rule.horizon_days);
                counted.add(terms, day, Measure::Converted(rule.step), "", age, 1);
            }
        }
    }
    counted.book(terms, to)
}

/// What began in so many such companies in so many months from the first day on which anything is known, and the part
/// of the days on which the detector of volume was at its threshold.
fn begun(company: Company, (companies, months): (u32, u32), seed: u64) -> (Begun, f64) {
    let terms = terms(|definitions| definitions.rules.divergence.as_mut().unwrap().min_n = 30);
    let rule = terms.definitions.rules.divergence.as_ref().unwrap();
    let first = MONDAY.plus(LEAST_DAYS + i32::from(rule.detect_days));
    let last = on_business_days(first, MONTH * months).last().unwrap();
    let (mut thresholds, mut dice) = (Thresholds::default(), ChaCha8Rng::seed_from_u64(seed));
    let (mut begun, mut at_the_threshold) = (Begun::default(), 0);
    for _ in 0..companies {
        let book = book(&terms, last, &mut dice, (|day| company.mqls(day, first), |_| company.conversion));
        let judged = judge(&terms, &book, on_business_days(first, MONTH * months), &mut thresholds);
        begun.add(&Begun { alerts: judged.begun.len() as u32, days: judged.days });
        at_the_threshold += judged.at_the_threshold;
    }
    (begun, f64::from(at_the_threshold) / f64::from(begun.days))
}

impl Company {
    fn mqls(self, day: Day, first: Day) -> f64 {
        let a_day = f64::from(self.baseline) / business_days(MONDAY, MONDAY.plus(LEAST_DAYS)) as f64;
        let factor = if day < first { 1.0 } else { self.factor };
        a_day * factor * if is_business_day(day) { 1.0 } else { self.weekend }
    }
}

/// What the company accepts in a month.
fn budget() -> f64 {
    definitions().rules.divergence.unwrap().alerts_per_month.as_f64()
}

#[test]
fn divergence_keeps_the_false_alarm_rate_where_volume_and_conversion_stay_as_they_are() {
    let sizes = [(50, 100), (200, 60), (1_000, 30), (5_000, 15)];
    for (i, (baseline, companies)) in sizes.into_iter().enumerate() {
        let mut all = Begun::default();
        for conversion in [0.1, 0.3, 0.6] {
            let company = Company { baseline, conversion, factor: 1.0, weekend: 0.0 };
            let (begun, _) = begun(company, (companies, 6), 40 + i as u64);
            begun.assert_at_most(budget(), &format!("{baseline} MQLs, conversion {conversion}"));
            all.add(&begun);
        }
        all.assert_at_most(budget(), &format!("{baseline} MQLs"));
    }
}

/// The volume is no chance then, and only one detector is left, at the root of the budget.
#[test]
fn while_more_good_leads_come_divergence_keeps_the_rate_of_its_one_detector() {
    for (i, (baseline, companies)) in [(50, 100), (200, 100), (1_000, 50)].into_iter().enumerate() {
        for conversion in [0.1, 0.3, 0.6] {
            let company = Company { baseline, conversion, factor: 2.0, weekend: 0.0 };
            let (begun, _) = begun(company, (companies, 2), 50 + i as u64);
            begun.assert_at_most(budget().sqrt(), &format!("{baseline} MQLs, conversion {conversion}"));
        }
    }
}

/// MQLs come on all days, of weekends fewer: these count on Monday, so that the volume goes up and down each week. Each
/// detector may be at its threshold for nothing with the root of the budget in a month; where it is for a week or two,
/// that is a sixth of the days.
#[test]
fn where_leads_come_on_every_day_divergence_keeps_the_rate_of_both_detectors() {
    for (i, (a_day, companies)) in [(20, 20), (100, 10), (400, 5)].into_iter().enumerate() {
        let mut all = Begun::default();
        for weekend in [0.1, 0.3, 0.6] {
            let company = Company { baseline: a_day * 40, conversion: 0.3, factor: 1.0, weekend };
            let (begun, at_the_threshold) = begun(company, (companies, 4), 130 + i as u64);
            let of = format!("{a_day} MQLs a day, {weekend} of them at weekends");
            println!("{of}: {at_the_threshold:.3} of the days, {begun:?}");
            begun.assert_at_most(budget(), &of);
            assert!(at_the_threshold <= budget().sqrt() / 2.0, "{of}: {at_the_threshold:.3} of the days");
            all.add(&begun);
        }
        all.assert_at_most(budget(), &format!("{a_day} MQLs a day"));
    }
}

/// From 20 MQLs a day to 45, of which two fifths go on at first and one in the end. What is usual must not follow it.
/// As long as it is about as near to the usual as to what the detectors are set for, it may seem over for a while.
#[test]
fn a_divergence_that_grows_for_half_a_year_or_a_whole_one_is_found() {
    let terms = terms(|_| {});
    let (onset, mut thresholds) = (MONDAY.plus(238), Thresholds::default());
    for ramp in [180, 365] {
        let mut delays: Vec<i32> = Vec::new();
        for seed in 140..150 {
            let grown = |day: Day| (f64::from(day.0 - onset.0) / f64::from(ramp)).clamp(0.0, 1.0);
            let mqls = |day: Day| if is_business_day(day) { 20.0 + 25.0 * grown(day) } else { 0.0 };
            let end = onset.plus(ramp);
            let conversion = |day: Day| 0.4 - 0.2 * grown(day);
            let book = book(&terms, end, &mut ChaCha8Rng::seed_from_u64(seed), (mqls, conversion));
            let days = (MONDAY.0..end.0).map(Day).filter(|day| is_business_day(*day));
            let judged = judge(&terms, &book, days, &mut thresholds);
            let found: Vec<i32> =
                judged.begun.iter().map(|day| day.0 - onset.0).filter(|day| *day > 0).collect();
            println!("{ramp} days, seed {seed}: {found:?}");
            assert!(!found.is_empty(), "{ramp} days, seed {seed}");
            delays.extend(found.first());
        }
        delays.sort_unstable();
        assert!(delays[delays.len() / 2] <= ramp * 3 / 4, "{ramp} days: {delays:?}");
    }
}
