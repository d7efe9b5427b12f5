//! `divergence` in companies in which neither the volume nor the conversion changes.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::book::Book;
use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::Verdict;
use rapport::funnel::signs::mql_tunnel_vision::divergence::{self, Thresholds, Watch};
use rapport::funnel::signs::told_days::ToldDays;
use rapport::funnel::terms::Terms;
use rapport::model::definitions::Divergence;
use rapport::model::measure::Measure;
use rapport::model::words::Stage;

use super::{
    Begun, Counted, MONDAY, MONTH, business_days, definitions, is_business_day, on_business_days, poisson,
    terms,
};

/// A company whose MQLs convert as ever.
#[derive(Clone, Copy)]
struct Company {
    /// MQLs in the days that are learned from, about.
    baseline: u32,
    /// How many of them take the step.
    conversion: f64,
    /// From the day that is first judged on so many times more MQLs come.
    factor: f64,
}

/// What began in so many such companies in so many months.
fn begun(company: Company, (companies, months): (u32, u32), seed: u64) -> Begun {
    let terms = terms(|definitions| definitions.rules.divergence.as_mut().unwrap().min_n = 30);
    let rule = terms.definitions.rules.divergence.as_ref().unwrap();
    let first = MONDAY.plus(i32::from(rule.baseline_days + rule.detect_days));
    let last = on_business_days(first, MONTH * months).last().unwrap();
    let (mut thresholds, mut dice) = (Thresholds::default(), ChaCha8Rng::seed_from_u64(seed));
    let mut begun = Begun::default();
    for _ in 0..companies {
        let book = company.book(rule, (first, last), &terms, &mut dice);
        let segment = book.segment("all").unwrap();
        let (mut frozen, mut told_to): (Option<Watch>, Option<Day>) = (None, None);
        let mut told = ToldDays::default();
        for today in on_business_days(first, MONTH * months) {
            if let Some(watch) = &frozen {
                let sight = divergence::look(rule, watch, segment, &terms, (today, &ToldDays::default()));
                let end = thresholds.end(rule, watch, &sight);
                if divergence::is_over(rule, watch, end, &sight) {
                    (frozen, told_to) = (None, Some(today));
                } else if let Some((from, to)) = sight.told(watch) {
                    told.add(from, to);
                }
                continue;
            }
            let Some(learned) = divergence::baseline(rule, segment, &told, &terms, today) else {
                continue;
            };
            begun.days += 1;
            let from = today.plus(-i32::from(rule.detect_days)).max(told_to.unwrap_or(Day(i32::MIN)));
            let watch = thresholds.watch(rule, learned, 1, from);
            let sight = divergence::look(rule, &watch, segment, &terms, (today, &ToldDays::default()));
            if matches!(divergence::read(rule, &watch, &sight), Verdict::Broken(_)) {
                begun.alerts += 1;
                frozen = Some(watch);
            }
        }
    }
    begun
}

impl Company {
    fn book(
        self,
        rule: &Divergence,
        (first, last): (Day, Day),
        terms: &Terms,
        dice: &mut ChaCha8Rng,
    ) -> Book {
        let learned = business_days(MONDAY, MONDAY.plus(i32::from(rule.baseline_days)));
        let a_day = f64::from(self.baseline) / learned as f64;
        let mut counted = Counted::default();
        // What is counted begins before the first day that is learned from.
        counted.add(terms, MONDAY.plus(-3), Measure::Entered(Stage::Mql), "", 0, 1);
        for day in (MONDAY.0..last.0).map(Day).filter(|day| is_business_day(*day)) {
            let n = poisson(if day < first { a_day } else { a_day * self.factor }, dice);
            counted.add(terms, day, Measure::Entered(Stage::Mql), "", 0, n);
            for _ in 0..n {
                if dice.random_bool(self.conversion) {
                    let age = dice.random_range(0..rule.horizon_days);
                    counted.add(terms, day, Measure::Converted(rule.step), "", age, 1);
                }
            }
        }
        counted.book(terms, first)
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
            let company = Company { baseline, conversion, factor: 1.0 };
            let begun = begun(company, (companies, 6), 40 + i as u64);
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
            let company = Company { baseline, conversion, factor: 2.0 };
            let begun = begun(company, (companies, 2), 50 + i as u64);
            begun.assert_at_most(budget().sqrt(), &format!("{baseline} MQLs, conversion {conversion}"));
        }
    }
}
