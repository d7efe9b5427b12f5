//! `revenue_pace`: a plan that is kept, told of by chance.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::alerting::{self, Message, Patience};
use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::Verdict;
use rapport::funnel::signs::mql_tunnel_vision::revenue_pace::REVENUE_PACE;
use rapport::funnel::signs::program_rule::{Alive, Place};
use rapport::funnel::signs::scene::Scene;
use rapport::funnel::terms::Terms;
use rapport::model::definitions::Millionths;
use rapport::model::fact::{Fact, Says};
use rapport::model::measure::Measure;
use rapport::model::money::Currency;
use rapport::model::words::{Stage, TargetMeasure, Team};
use rapport::model::{DAY_MS, EventTime, Text};

use super::{
    Begun, Counted, MONDAY, business_days, definitions, is_business_day, on_business_days, poisson, terms,
};

/// A period of the plan: twenty business days.
const PERIOD_DAYS: i32 = 28;
const PERIOD_BUSINESS_DAYS: u32 = 20;
/// Periods that are judged of a company: a year.
const PERIODS: u16 = 13;
/// Days before the first of them: by then it is known who sourced the deals that are won (the horizon is 90 days).
const BEFORE: i32 = 13 * 7;
/// What a deal brings on average, in minor units.
const MEAN_MINOR: f64 = 1_000_000.0;
const EUR: &str = "EUR";

/// A company that keeps its plan.
#[derive(Clone, Copy)]
struct Kept {
    /// Deals that the plan asks for in a period; so many come, by Poisson's law.
    wins: f64,
    /// The standard deviation of the logarithm of what a deal brings.
    sigma: f64,
}

impl Kept {
    /// What a deal brings: log-normal, with a normal number by Box and Muller.
    fn amount(&self, dice: &mut ChaCha8Rng) -> u32 {
        let (a, b) = (1.0 - dice.random::<f64>(), dice.random::<f64>());
        let z = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        (MEAN_MINOR * (self.sigma * z - self.sigma * self.sigma / 2.0).exp()).max(1.0) as u32
    }

    /// A year and what lies before it: twice the MQLs that were asked for, so that nothing but the revenue decides.
    fn counted(&self, terms: &Terms, dice: &mut ChaCha8Rng) -> Counted {
        let mut counted = Counted::default();
        let last = MONDAY.plus(BEFORE + PERIOD_DAYS * i32::from(PERIODS));
        for day in (MONDAY.0..last.0).map(Day).filter(|day| is_business_day(*day)) {
            counted.add(terms, day, Measure::Entered(Stage::Mql), "", 0, 10);
            for _ in 0..poisson(self.wins / f64::from(PERIOD_BUSINESS_DAYS), dice) {
                let amount = self.amount(dice);
                let size = terms.buckets.bucket(u64::from(amount));
                counted.add(terms, day, Measure::DealsWon, "", 0, 1);
                counted.add(terms, day, Measure::SourcedWon, "", 0, 1);
                counted.add(terms, day, Measure::SourcedWonAmount, EUR, 0, amount);
                counted.add(terms, day, Measure::SourcedWonSize, EUR, size, 1);
            }
        }
        let at = EventTime(terms.days.day_start_ms(MONDAY.0));
        for period in 0..i32::from(PERIODS) {
            let start =
                |period| EventTime(terms.days.day_start_ms(MONDAY.plus(BEFORE + PERIOD_DAYS * period).0));
            let target = |measure: TargetMeasure, value, currency| Fact {
                at,
                id: terms.ids.fact_id(&format!("{} {period}", measure.as_str())),
                says: Says::TargetSet {
                    team: Text::const_new(Team::Marketing.as_str()),
                    measure,
                    from: start(period),
                    to: start(period + 1),
                    value,
                    currency,
                },
            };
            let revenue = (self.wins * MEAN_MINOR) as i64;
            counted.0.programs.push(target(TargetMeasure::Revenue, revenue, Currency::parse(EUR)));
            let mqls = i64::from(5 * PERIOD_BUSINESS_DAYS);
            counted.0.programs.push(target(TargetMeasure::Mql, mqls, None));
        }
        counted
    }

    /// What began in so many companies in a year, where so many alerts a month are accepted; beside it, on how many
    /// days too little was known.
    fn begun(&self, accepted: Millionths, companies: u16, seed: u64) -> (Begun, u32) {
        let terms = terms(|definitions| {
            definitions.rules.revenue_pace.as_mut().unwrap().alerts_per_month = accepted;
        });
        let first = MONDAY.plus(BEFORE);
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let (mut begun, mut learning) = (Begun::default(), 0);
        for _ in 0..companies {
            let book = self.counted(&terms, &mut dice).book(&terms, first);
            let mut life: Option<alerting::Life> = None;
            for today in on_business_days(first, PERIOD_BUSINESS_DAYS * u32::from(PERIODS)) {
                let now = EventTime(terms.days.day_start_ms(today.0));
                let scene = Scene::new(&terms, &book, now.minute());
                let segment = book.segment("all").unwrap();
                let alive: Vec<Alive> =
                    life.iter().map(|life| Alive { subject: EUR.into(), since: life.since }).collect();
                let place = Place { scene: &scene, name: "all", segment, judged: 1, alive: &alive };
                let found = (REVENUE_PACE.read)(&place);
                let verdict = found.iter().find(|finding| finding.subject == EUR).unwrap().verdict;
                let elapsed = |from: EventTime| {
                    let from = Day(terms.days.local_day(from.0));
                    business_days(from.plus(1), today.plus(1)) as i64 * DAY_MS
                };
                let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms: 0, may_begin: true };
                begun.days += u32::from(life.is_none());
                learning += u32::from(verdict == Verdict::Learning);
                let message;
                (life, message) = alerting::step(life, verdict, now, None, &patience);
                begun.alerts += u32::from(matches!(message, Some(Message::Firing(_))));
            }
        }
        (begun, learning)
    }
}

/// What the rule says of itself by default, a month.
fn stated() -> Millionths {
    definitions().rules.revenue_pace.unwrap().alerts_per_month
}

/// With few deals and many, of much the same size and of very different ones, whose spread is learned from those that
/// were won. Five thousand months in all.
#[test]
fn a_plan_that_is_kept_is_told_of_as_seldom_as_the_rule_says() {
    for (i, wins) in [10.0, 30.0, 100.0].into_iter().enumerate() {
        for (j, sigma) in [0.3, 0.8].into_iter().enumerate() {
            let (begun, learning) = Kept { wins, sigma }.begun(stated(), 70, 190 + 10 * i as u64 + j as u64);
            let of = format!("{wins} deals a period, sigma {sigma}");
            println!("{of}: {begun:?}, {:.0} months, {learning} days of learning", begun.months());
            // Little else than the first quarter of each period is too early, and it was judged.
            assert!(begun.months() > 800.0 && learning < begun.days * 4 / 10, "{of}: {learning}");
            begun.assert_at_most(stated().as_f64(), &of);
        }
    }
}

/// Where more alerts are accepted there are enough to count: still no more than that, and not none.
#[test]
fn a_plan_that_is_kept_is_told_of_no_more_than_is_accepted() {
    let accepted = Millionths(500_000);
    for (i, wins) in [30.0, 100.0].into_iter().enumerate() {
        let (begun, _) = Kept { wins, sigma: 0.8 }.begun(accepted, 30, 240 + i as u64);
        println!("{wins} deals a period: {begun:?}, {:.0} months", begun.months());
        begun.assert_at_most(accepted.as_f64(), &format!("{wins} deals a period"));
        assert!(begun.alerts >= 10, "{wins} deals a period: {begun:?}");
    }
}

/// The count above is of the rule at work: where three deals of four are missing, it is told of in nearly every period.
#[test]
fn a_plan_that_is_missed_by_far_is_told_of() {
    let terms = terms(|_| {});
    let first = MONDAY.plus(BEFORE);
    let mut dice = ChaCha8Rng::seed_from_u64(196);
    let kept = Kept { wins: 100.0, sigma: 0.8 };
    let mut counted = Kept { wins: 25.0, ..kept }.counted(&terms, &mut dice);
    for fact in &mut counted.0.programs {
        if let Says::TargetSet { measure: TargetMeasure::Revenue, value, .. } = &mut fact.says {
            *value = (kept.wins * MEAN_MINOR) as i64;
        }
    }
    let book = counted.book(&terms, first);
    let last_days = (1..=i32::from(PERIODS)).map(|period| first.plus(PERIOD_DAYS * period - 3));
    let broken = last_days.filter(|day| {
        let now = EventTime(terms.days.day_start_ms(day.0));
        let scene = Scene::new(&terms, &book, now.minute());
        let segment = book.segment("all").unwrap();
        let place = Place { scene: &scene, name: "all", segment, judged: 1, alive: &[] };
        let found = (REVENUE_PACE.read)(&place);
        found.iter().any(|finding| matches!(finding.verdict, Verdict::Broken(_)))
    });
    assert!(broken.count() >= usize::from(PERIODS) - 1);
}
