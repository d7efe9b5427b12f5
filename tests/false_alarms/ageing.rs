//! `stage_ageing` in companies in which stays take as long as they did: how long they take is learned, too.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::incurious_marketing::STAGE_AGEING;
use rapport::funnel::signs::scene::Scene;
use rapport::funnel::signs::share_watch::Thresholds;
use rapport::funnel::signs::told_days::ToldDays;
use rapport::model::EventTime;
use rapport::model::definitions::Millionths;
use rapport::model::measure::Measure;
use rapport::model::words::Stage;

use super::{
    Begun, Counted, MONDAY, MONTH, WatchedShare, business_days, definitions, is_business_day,
    on_business_days, poisson, terms,
};

/// How long a stay takes, in days.
#[derive(Clone, Copy, Debug)]
enum Law {
    /// Exponential with a mean.
    Exponential(f64),
    /// Log-normal with a median and a sigma.
    LogNormal(f64, f64),
}

/// On which days items leave, and which days a law counts.
#[derive(Clone, Copy, Debug)]
enum Leave {
    WorkingDays,
    AnyDay,
}

impl Law {
    fn draw(self, dice: &mut ChaCha8Rng) -> f64 {
        let mut unit = || 1.0 - dice.random::<f64>();
        match self {
            Law::Exponential(mean) => -unit().ln() * mean,
            Law::LogNormal(median, sigma) => {
                // G. E. P. Box and M. E. Muller, A note on the generation of random normal deviates, 1958.
                let (radius, angle) = ((-2.0 * unit().ln()).sqrt(), std::f64::consts::TAU * unit());
                median * (sigma * radius * angle.cos()).exp()
            }
        }
    }
}

impl Leave {
    /// The whole days of the calendar that a stay takes.
    fn whole_days(self, entered: Day, days: f64) -> u16 {
        let days = days as u16;
        match self {
            Leave::AnyDay => days,
            Leave::WorkingDays => {
                let left = on_business_days(entered, u32::from(days) + 1).last().unwrap_or(entered);
                (left.0 - entered.0) as u16
            }
        }
    }
}

/// What began in so many companies, each with so many entries in half a year, judged from its first day until so many
/// months after all that can be known of what is usual is known.
fn begun((law, leave): (Law, Leave), baseline: u32, many: (u32, u32), seed: u64) -> Begun {
    begun_with(None, (law, leave), baseline, many, seed)
}

/// The same where a share is set as usual.
fn begun_with(
    set: Option<Millionths>,
    (law, leave): (Law, Leave),
    baseline: u32,
    (companies, months): (u32, u32),
    seed: u64,
) -> Begun {
    let terms = terms(|definitions| {
        let rule = definitions.rules.stage_ageing.as_mut().unwrap();
        (rule.min_n, rule.baseline) = (30, set);
    });
    let rule = (STAGE_AGEING.settings)(&terms.definitions).unwrap();
    let learned = i32::from(rule.baseline_days);
    let known = MONDAY.plus(learned + i32::from(rule.detect_days));
    let last = on_business_days(known, MONTH * months).last().unwrap();
    let a_day = f64::from(baseline) / business_days(MONDAY, MONDAY.plus(learned)) as f64;
    let (mut thresholds, mut dice) = (Thresholds::default(), ChaCha8Rng::seed_from_u64(seed));
    let mut begun = Begun::default();
    for _ in 0..companies {
        let mut counted = Counted::default();
        for day in (MONDAY.0..last.0).map(Day).filter(|day| is_business_day(*day)) {
            let n = poisson(a_day, &mut dice);
            counted.add(&terms, day, Measure::Stayed(Stage::Mql), "", 0, n);
            for _ in 0..n {
                let took = leave.whole_days(day, law.draw(&mut dice));
                counted.add(&terms, day, Measure::Left(Stage::Mql), "", took, 1);
            }
        }
        let book = counted.book(&terms, MONDAY);
        let segment = book.segment("all").unwrap();
        let mut company = WatchedShare::default();
        for today in (MONDAY.0..=last.0).map(Day).filter(|day| is_business_day(*day)) {
            let at = EventTime(terms.days.day_start_ms(today.0)).minute();
            let scene = Scene::new(&terms, &book, at);
            let span =
                company.span().or_else(|| (STAGE_AGEING.span)(&scene, segment, "mql", &ToldDays::default()));
            let Some(span) = span else { continue };
            let outcomes = (STAGE_AGEING.outcomes)(&scene, segment, "mql", span);
            company.judge((rule, STAGE_AGEING.of_set), &outcomes, span, &mut thresholds);
        }
        begun.add(&company.begun);
    }
    begun
}

/// Items that leave by the calendar, on any day, stay for more or fewer working days by the weekday of their entry: the
/// narrower the law is and the more entries there are, the more a usual week swings.
#[test]
fn a_share_that_goes_by_the_day_of_the_week_keeps_the_false_alarm_rate() {
    let laws = [Law::Exponential(7.0), Law::LogNormal(11.0, 0.3), Law::LogNormal(9.0, 0.15)];
    let budget = definitions().rules.stage_ageing.unwrap().alerts_per_month.as_f64();
    for (i, (entries, companies)) in [(2_000, 16), (20_000, 6)].into_iter().enumerate() {
        let mut all = Begun::default();
        for law in laws {
            let begun = begun((law, Leave::AnyDay), entries, (companies, 6), 70 + i as u64);
            all.add(&begun);
        }
        all.assert_at_most(budget, &format!("{entries} entries"));
    }
}

#[test]
fn an_age_that_is_learned_with_the_baseline_keeps_the_false_alarm_rate() {
    let laws = [
        (Law::Exponential(5.0), Leave::WorkingDays),
        (Law::LogNormal(6.0, 1.0), Leave::WorkingDays),
        (Law::LogNormal(8.0, 0.3), Leave::WorkingDays),
        (Law::Exponential(7.0), Leave::AnyDay),
    ];
    let budget = definitions().rules.stage_ageing.unwrap().alerts_per_month.as_f64();
    for (i, (baseline, companies)) in [(50, 90), (200, 40), (1_000, 20), (5_000, 8)].into_iter().enumerate() {
        let mut all = Begun::default();
        for law in laws {
            let begun = begun(law, baseline, (companies, 6), 60 + i as u64);
            begun.assert_at_most(budget, &format!("{baseline} entries, {law:?}"));
            all.add(&begun);
        }
        all.assert_at_most(budget, &format!("{baseline} entries"));
    }
}

/// Where stays are so long that the age is learned by which three of four have left, a quarter is there by nature: it
/// is learned, and a smaller share that is set says nothing of it.
#[test]
fn a_share_that_is_set_below_what_is_learned_keeps_the_false_alarm_rate() {
    let long = (Law::Exponential(60.0), Leave::WorkingDays);
    let set = Some(Millionths(100_000));
    let budget = definitions().rules.stage_ageing.unwrap().alerts_per_month.as_f64();
    for (i, (entries, companies)) in [(200, 20), (2_000, 10)].into_iter().enumerate() {
        let begun = begun_with(set, long, entries, (companies, 6), 80 + i as u64);
        begun.assert_at_most(budget, &format!("{entries} entries"));
    }
}

/// A share that is set a little above the learned one does not take away what a usual week swings.
#[test]
fn a_share_that_is_set_above_what_is_learned_keeps_the_false_alarm_rate() {
    let by_weekday = (Law::LogNormal(9.0, 0.15), Leave::AnyDay);
    let budget = definitions().rules.stage_ageing.unwrap().alerts_per_month.as_f64();
    for (i, set) in [120_000, 150_000, 200_000].into_iter().enumerate() {
        let begun = begun_with(Some(Millionths(set)), by_weekday, 2_000, (8, 6), 90 + i as u64);
        begun.assert_at_most(budget, &format!("{set} millionths set"));
    }
}
