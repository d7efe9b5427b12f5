//! An estimated baseline does not break the stated false-alarm rate: watched shares over simulated outcomes that stay
//! as they are, with baselines of 50 to 5,000 outcomes. And what is usual does not follow a share that rises slowly.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::share_watch::{self, Thresholds};
use rapport::funnel::signs::told_days::ToldDays;
use rapport::funnel::signs::usual_share::{self, Outcomes, SetShare};
use rapport::model::alert::Severity;
use rapport::model::definitions::{Millionths, ShareWatch};
use rapport::stats::counts::Counts;

use super::{
    Begun, MONDAY, MONTH, WatchedShare, business_days, definitions, is_business_day, on_business_days,
    poisson,
};

/// Days that are learned from, and those of a month that are watched.
const BASELINE: i32 = 182;
const WATCHED: i32 = 21;
/// Companies of each kind.
const COMPANIES: u32 = 3_000;

/// A rule that may be wrong in three months of a hundred.
fn rule() -> ShareWatch {
    ShareWatch {
        baseline_days: BASELINE as u16,
        detect_days: WATCHED as u16,
        odds_factor: Millionths(2_500_000),
        min_n: 50,
        alerts_per_month: Millionths(30_000),
        clear_days: 5,
        severity: Severity::Ticket,
        baseline: None,
    }
}

/// So many outcomes, each on a day of its own choice in `from..to`, each bad with a probability.
fn scatter(outcomes: &mut Outcomes, n: u32, (from, to): (i32, i32), share: f64, dice: &mut ChaCha8Rng) {
    for _ in 0..n {
        let bad = u64::from(dice.random_bool(share));
        outcomes.add(Day(dice.random_range(from..to)), Counts { n: 1, bad });
    }
}

/// In how many companies the rule speaks within a month in which nothing has changed.
fn false_alarms(baseline: u32, share: f64, seed: u64) -> u32 {
    let (rule, mut thresholds) = (rule(), Thresholds::default());
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let every_day = |from: Day, to: Day| (to.0 - from.0).max(0) as u64;
    let mut alarms = 0;
    for _ in 0..COMPANIES {
        let mut outcomes = Outcomes::known_to(Day(BASELINE + WATCHED));
        scatter(&mut outcomes, baseline, (0, BASELINE), share, &mut dice);
        let a_month = (baseline * WATCHED as u32).div_ceil(BASELINE as u32);
        scatter(&mut outcomes, a_month, (BASELINE, BASELINE + WATCHED), share, &mut dice);
        let Some(learned) =
            usual_share::baseline((&rule, SetShare::Usual), &outcomes, &ToldDays::default(), every_day)
        else {
            continue;
        };
        let watch = thresholds.watch(&rule, learned, 1, Day(BASELINE));
        // On any day of the month, not only on its last.
        let speaks = share_watch::each_day(&watch, &outcomes).iter().any(|(_, _, s)| *s >= watch.h);
        alarms += u32::from(speaks);
    }
    alarms
}

/// The mean over what may be learned: a baseline that happens to be low is paid for by one that is high.
#[test]
fn an_estimated_baseline_keeps_the_false_alarm_rate() {
    let allowed = 0.03 * f64::from(COMPANIES);
    let most = (allowed + 3.0 * allowed.sqrt()) as u32;
    for (i, baseline) in [50, 100, 200, 500, 1_000, 2_000, 5_000].into_iter().enumerate() {
        for share in [0.02, 0.05, 0.2, 0.5] {
            let alarms = false_alarms(baseline, share, 7 + i as u64);
            assert!(alarms <= most, "baseline {baseline}, share {share}: {alarms} of {COMPANIES}");
        }
    }
}

/// Since when a company is judged.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Judged {
    /// From its first outcome on: what is usual is known as soon as the rule takes it to be.
    FromTheFirstDay,
    /// From a day on at which half a year and the watched days lie behind it, as where a rule is switched on.
    Later,
}

/// The rule with its default days, and a baseline as poor as any default allows.
fn by_default() -> ShareWatch {
    ShareWatch { detect_days: 56, min_n: 30, ..rule() }
}

/// What began in companies that stay as they are, with so many outcomes in half a year, and that learn what is usual
/// anew each business day.
fn relearning(
    rule: &ShareWatch,
    (baseline, share): (u32, f64),
    judged: Judged,
    (companies, months): (u32, u32),
    seed: u64,
) -> Begun {
    let later = MONDAY.plus(BASELINE + i32::from(rule.detect_days));
    let last = on_business_days(later, MONTH * months).last().unwrap();
    let first = if judged == Judged::Later { later } else { MONDAY };
    let a_day = f64::from(baseline) / business_days(MONDAY, MONDAY.plus(BASELINE)) as f64;
    let (mut thresholds, mut dice) = (Thresholds::default(), ChaCha8Rng::seed_from_u64(seed));
    let mut begun = Begun::default();
    for _ in 0..companies {
        let mut outcomes = Outcomes::known_to(first);
        for day in (MONDAY.0..last.0).map(Day).filter(|day| is_business_day(*day)) {
            let n = poisson(a_day, &mut dice);
            let bad = (0..n).filter(|_| dice.random_bool(share)).count();
            outcomes.add(day, Counts { n: u64::from(n), bad: bad as u64 });
        }
        let mut company = WatchedShare::default();
        for today in (first.0..=last.0).map(Day).filter(|day| is_business_day(*day)) {
            outcomes.known_to = today;
            company.judge((rule, SetShare::Usual), &outcomes, 0, &mut thresholds);
        }
        begun.add(&company.begun);
    }
    begun
}

/// From the first outcome on, through the weeks in which what is usual is hardly known, until half a year after it is
/// as well known as it ever will be.
#[test]
fn a_baseline_that_is_learned_anew_each_day_keeps_the_false_alarm_rate() {
    let rule = by_default();
    for (i, baseline) in [50, 100, 200, 500, 1_000, 5_000].into_iter().enumerate() {
        let mut all = Begun::default();
        for share in [0.02, 0.1, 0.5] {
            let begun =
                relearning(&rule, (baseline, share), Judged::FromTheFirstDay, (100, 6), 20 + i as u64);
            begun.assert_at_most(0.03, &format!("baseline {baseline}, share {share}"));
            all.add(&begun);
        }
        all.assert_at_most(0.03, &format!("baseline {baseline}"));
    }
}

/// The first look of a rule that is switched on later is at all of the watched days at once, which are two months, and
/// what they bring counts in its first month.
#[test]
fn a_rule_that_is_switched_on_later_keeps_the_false_alarm_rate_in_its_first_month() {
    let rule = by_default();
    for (i, baseline) in [100, 200, 500, 1_000, 5_000].into_iter().enumerate() {
        for share in [0.02, 0.1, 0.5] {
            let begun = relearning(&rule, (baseline, share), Judged::Later, (1_000, 1), 30 + i as u64);
            begun.assert_at_most(0.03, &format!("baseline {baseline}, share {share}"));
        }
    }
}

/// Twenty leads a day, of which one in twenty has no verdict; half a year or a whole one later it is six of twenty. It
/// may seem over for a while, as long as it is about as near to the usual as to what the detector is set for.
#[test]
fn leads_that_fall_silent_for_half_a_year_or_a_whole_one_are_told_of() {
    let rule = definitions().rules.silent_leads.unwrap().watch;
    let (onset, mut thresholds) = (MONDAY.plus(238), Thresholds::default());
    for ramp in [180, 365] {
        let mut delays: Vec<i32> = Vec::new();
        for seed in 150..160 {
            let mut dice = ChaCha8Rng::seed_from_u64(seed);
            let mut outcomes = Outcomes::known_to(MONDAY);
            let mut company = WatchedShare::default();
            let mut begun = Vec::new();
            for day in (MONDAY.0..onset.0 + ramp).map(Day).filter(|day| is_business_day(*day)) {
                outcomes.known_to = day;
                let before = company.begun.alerts;
                company.judge((&rule, SetShare::Usual), &outcomes, 0, &mut thresholds);
                if company.begun.alerts > before {
                    begun.push(day.0 - onset.0);
                }
                let silent = 0.05 + 0.25 * (f64::from(day.0 - onset.0) / f64::from(ramp)).clamp(0.0, 1.0);
                let bad = (0..20).filter(|_| dice.random_bool(silent)).count();
                outcomes.add(day, Counts { n: 20, bad: bad as u64 });
            }
            begun.retain(|day| *day > 0);
            println!("{ramp} days, seed {seed}: {begun:?}");
            assert!(!begun.is_empty(), "{ramp} days, seed {seed}");
            delays.extend(begun.first());
        }
        delays.sort_unstable();
        assert!(delays[delays.len() / 2] <= ramp / 2, "{ramp} days: {delays:?}");
    }
}
