//! Many segments at once, each of which stays as it is: what the company accepts is split over them, so that all of
//! them together keep its budget. The task that judges them in the program judges them here.

use std::sync::Arc;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::segment::series::Day;
use rapport::funnel::segment::{SegmentsTask, Told};
use rapport::model::alert::AlertState;
use rapport::model::definitions::{Definitions, Rules};
use rapport::model::delta::{Delta, Step};
use rapport::model::measure::{Cell, Measure};
use rapport::model::words::{Stage, Step as FunnelStep, Verdict};
use rapport::model::{EventTime, Text};

use super::{Begun, MONDAY, MONTH, business_days, is_business_day, on_business_days, poisson, terms};

const SEGMENTS: u32 = 30;
/// Days from which the baseline of each segment is learned, at most.
const BASELINE: i32 = 182;
/// Days before anything is known, at least: those that are watched, and eight weeks.
const BEFORE: i32 = 84;

/// What a segment has on a day: measures with their subjects and ages.
type Drawn = Vec<(Measure, &'static str, u16)>;

/// No rule.
pub(super) fn off() -> Rules {
    Rules {
        first_touch_slo: None,
        divergence: None,
        revenue_pace: None,
        no_revenue_target: None,
        silent_leads: None,
        reasonless_rejections: None,
        launch_without_notice: None,
        unanswered_rejections: None,
        stage_ageing: None,
        absent_after_handoff: None,
        sales_authored_share: None,
        dead_library: None,
        no_data: None,
    }
}

/// One rule alone.
pub(super) fn alone(definitions: &mut Definitions, keep: impl FnOnce(Rules) -> Rules) {
    definitions.rules = keep(std::mem::replace(&mut definitions.rules, off()));
    definitions.event_partitions = 1;
    // Window figures are nobody's here.
    definitions.windows_every_minutes = u16::MAX;
}

/// What began in so many companies and months of which each segment has such days.
fn begun(
    change: impl Fn(&mut Definitions),
    draw: impl Fn(&mut ChaCha8Rng) -> Drawn,
    (companies, months): (u32, u32),
    seed: u64,
) -> Begun {
    let first = MONDAY.plus(BEFORE);
    let last = on_business_days(first, MONTH * months).last().unwrap();
    let names: Vec<Text> = (0..SEGMENTS).map(|of| format!("source=s{of}").into()).collect();
    let mut dice = ChaCha8Rng::seed_from_u64(seed);
    let mut begun = Begun::default();
    for _ in 0..companies {
        let terms = Arc::new(terms(&change));
        let mut task = SegmentsTask::new(terms.clone());
        let minute = |day: Day| EventTime(terms.days.day_start_ms(day.0)).minute();
        for day in (MONDAY.0..=last.0).map(Day) {
            let mut step = Step::default();
            for name in names.iter().filter(|_| is_business_day(day)) {
                for (measure, subject, grade) in draw(&mut dice) {
                    let cell = Cell { measure, subject: subject.into(), slice: minute(day), grade };
                    step.add(name, &cell, 1);
                    step.add(&Text::const_new("all"), &cell, 1);
                }
            }
            let end = minute(day.plus(1));
            let steps = [(end, step)].into_iter().filter(|(_, step)| !step.counts.is_empty()).collect();
            let told = task.apply(Delta { partition: 0, time: end, definitions: 1, switch: None, steps });
            let fires =
                |told: &&Told| matches!(told, Told::Alert(alert) if alert.state == AlertState::Firing);
            begun.alerts += told.iter().filter(fires).count() as u32;
            begun.days += u32::from(day >= first && is_business_day(day));
        }
        // There was something to judge in each of them.
        let standing = task.standings().into_iter().find(|standing| standing.kept + standing.broken > 0);
        assert!(standing.is_some_and(|standing| standing.kept + standing.broken > SEGMENTS / 2));
    }
    begun
}

/// How many of a segment come on a business day, if so many do in its baseline.
fn a_day(baseline: u32) -> f64 {
    f64::from(baseline) / business_days(MONDAY, MONDAY.plus(BASELINE)) as f64
}

#[test]
fn a_share_in_thirty_segments_keeps_the_budget_of_the_company() {
    let change = |definitions: &mut Definitions| {
        alone(definitions, |mut rules| {
            rules.reasonless_rejections.as_mut().unwrap().min_n = 30;
            Rules { reasonless_rejections: rules.reasonless_rejections, ..off() }
        });
    };
    for (i, baseline) in [50, 200, 1_000].into_iter().enumerate() {
        let mut all = Begun::default();
        for share in [0.05, 0.3] {
            let draw = |dice: &mut ChaCha8Rng| {
                let n = poisson(a_day(baseline), dice);
                let one = |dice: &mut ChaCha8Rng| match dice.random_bool(share) {
                    true => (Measure::Verdicts(Verdict::Rejected), "", 0),
                    false => (Measure::Verdicts(Verdict::Rejected), "budget", 0),
                };
                (0..n).map(|_| one(dice)).collect()
            };
            all.add(&begun(change, draw, (3, 12), 160 + i as u64));
        }
        println!("{baseline}: {all:?}");
        all.assert_at_most(0.03, &format!("{SEGMENTS} segments with a baseline of {baseline}"));
    }
}

#[test]
fn divergence_in_thirty_segments_keeps_the_budget_of_the_company() {
    let change = |definitions: &mut Definitions| {
        alone(definitions, |mut rules| {
            rules.divergence.as_mut().unwrap().min_n = 30;
            Rules { divergence: rules.divergence, ..off() }
        });
    };
    for (i, baseline) in [200, 1_000].into_iter().enumerate() {
        let draw = |dice: &mut ChaCha8Rng| {
            let mut drawn = Drawn::new();
            for _ in 0..poisson(a_day(baseline), dice) {
                drawn.push((Measure::Entered(Stage::Mql), "", 0));
                if dice.random_bool(0.3) {
                    drawn.push((Measure::Converted(FunnelStep::MqlToSql), "", dice.random_range(0..14)));
                }
            }
            drawn
        };
        let begun = begun(change, draw, (4, 12), 170 + i as u64);
        println!("{baseline}: {begun:?}");
        begun.assert_at_most(0.1, &format!("{SEGMENTS} segments with a baseline of {baseline}"));
    }
}
