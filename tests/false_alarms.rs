//! An estimated baseline does not break the stated false-alarm rate: watched shares over simulated outcomes that stay
//! as they are, with baselines of 50 to 5,000 outcomes.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::share_watch::{self, Outcomes, Thresholds};
use rapport::funnel::signs::told_days::ToldDays;
use rapport::model::alert::Severity;
use rapport::model::definitions::{Millionths, ShareWatch};
use rapport::stats::counts::Counts;

/// Days that are learned from, and those of a month that are watched.
const BASELINE: i32 = 182;
const MONTH: i32 = 21;
/// Companies of each kind.
const COMPANIES: u32 = 3_000;

/// A rule that may be wrong in three months of a hundred.
fn rule() -> ShareWatch {
    ShareWatch {
        baseline_days: BASELINE as u16,
        detect_days: MONTH as u16,
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
        let mut outcomes = Outcomes::known_to(Day(BASELINE + MONTH));
        scatter(&mut outcomes, baseline, (0, BASELINE), share, &mut dice);
        let a_month = (baseline * MONTH as u32).div_ceil(BASELINE as u32);
        scatter(&mut outcomes, a_month, (BASELINE, BASELINE + MONTH), share, &mut dice);
        let Some(learned) = share_watch::baseline(&rule, &outcomes, &ToldDays::default(), every_day) else {
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
