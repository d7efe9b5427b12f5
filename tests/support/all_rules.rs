//! Definitions with every rule on, and settings that are small enough for a small company; and others in their place.

use rand::RngExt as _;
use rand_chacha::ChaCha8Rng;

use rapport::model::alert::Severity;
use rapport::model::definitions::{
    AbsentAfterHandoff, DeadLibrary, Definitions, DivergenceBaseline, LaunchWithoutNotice, Millionths,
    NoData, NoRevenueTarget, RevenuePace, Rules, ShareWatch, SilentLeads, UnansweredRejections,
};

use super::definitions;

const LOUDNESS: [Severity; 3] = [Severity::Info, Severity::Ticket, Severity::Page];

fn pick<T: Copy>(rng: &mut ChaCha8Rng, from: &[T]) -> T {
    from[rng.random_range(0..from.len())]
}

/// Switches every rule on.
pub fn switch_on(definitions: &mut Definitions, rng: &mut ChaCha8Rng) {
    definitions::quicken_divergence(definitions, rng.random_range(0..3) == 0);
    let rule = definitions.rules.first_touch_slo.as_mut().expect("the plain definitions have it");
    rule.min_n = 3;
    rule.gate = Millionths(50_000);
    rule.target = Millionths(800_000);
    for rule in 0..RULES {
        set(&mut definitions.rules, rule, rng);
    }
    definitions.limits.evidence_ids = rng.random_range(1..=3);
    definitions.limits.segments = 1_000;
}

/// Switches a rule off or on, or gives it other settings.
pub fn change(definitions: &mut Definitions, rng: &mut ChaCha8Rng) {
    let rule = rng.random_range(0..RULES);
    if rng.random_range(0..3) > 0 {
        set(&mut definitions.rules, rule, rng);
        return;
    }
    let rules = &mut definitions.rules;
    match rule {
        0 => rules.silent_leads = None,
        1 => rules.reasonless_rejections = None,
        2 => rules.stage_ageing = None,
        3 => rules.absent_after_handoff = None,
        4 => rules.sales_authored_share = None,
        5 => rules.dead_library = None,
        6 => rules.revenue_pace = None,
        7 => rules.no_revenue_target = None,
        8 => rules.launch_without_notice = None,
        9 => rules.unanswered_rejections = None,
        _ => rules.no_data = None,
    }
}

/// How many rules there are besides `first_touch_slo` and `divergence`.
const RULES: u32 = 11;

fn set(rules: &mut Rules, rule: u32, rng: &mut ChaCha8Rng) {
    let severity = pick(rng, &LOUDNESS);
    match rule {
        0 => {
            let within_minutes = pick(rng, &[480, 960]);
            rules.silent_leads = Some(SilentLeads { within_minutes, watch: watch(rng) });
        }
        1 => rules.reasonless_rejections = Some(watch(rng)),
        2 => rules.stage_ageing = Some(watch(rng)),
        3 => {
            let within_minutes = pick(rng, &[1_440, 2_400]);
            rules.absent_after_handoff = Some(AbsentAfterHandoff { within_minutes, watch: watch(rng) });
        }
        4 => rules.sales_authored_share = Some(watch(rng)),
        5 => {
            rules.dead_library = Some(DeadLibrary { unused_days: rng.random_range(5..12), watch: watch(rng) })
        }
        6 => {
            rules.revenue_pace = Some(RevenuePace {
                least_elapsed: Millionths(pick(rng, &[100_000, 300_000])),
                min_n: rng.random_range(2..6),
                alerts_per_month: Millionths(pick(rng, &[500_000, 3_000_000])),
                severity,
            });
        }
        7 => {
            let grace_days = rng.random_range(0..8);
            rules.no_revenue_target = Some(NoRevenueTarget { grace_days, severity });
        }
        8 => {
            rules.launch_without_notice = Some(LaunchWithoutNotice {
                notice_minutes: pick(rng, &[480, 1_440, 2_400]),
                news_minutes: pick(rng, &[960, 4_800]),
                waits_for_first: rng.random_range(0..2) == 0,
                severity,
            });
        }
        9 => {
            rules.unanswered_rejections = Some(UnansweredRejections {
                window_days: pick(rng, &[7, 14]),
                windows: rng.random_range(1..=3),
                share: Millionths(pick(rng, &[300_000, 400_000])),
                min_n: rng.random_range(2..6),
                clear_days: rng.random_range(0..4),
                waits_for_first: rng.random_range(0..3) == 0,
                severity,
            });
        }
        _ => {
            rules.no_data = Some(NoData {
                baseline_days: rng.random_range(7..=21),
                min_n: rng.random_range(5..10),
                gap_factor: Millionths(pick(rng, &[1_200_000, 2_000_000])),
                alerts_per_month: Millionths(pick(rng, &[500_000, 2_000_000])),
                severity,
            });
        }
    }
}

/// Sets what is usual for each rule that knows that, or no more.
pub fn set_what_is_usual(definitions: &mut Definitions, rng: &mut ChaCha8Rng) {
    let rules = &mut definitions.rules;
    let watches = [
        rules.silent_leads.as_mut().map(|rule| &mut rule.watch),
        rules.reasonless_rejections.as_mut(),
        rules.stage_ageing.as_mut(),
        rules.absent_after_handoff.as_mut().map(|rule| &mut rule.watch),
        rules.sales_authored_share.as_mut(),
        rules.dead_library.as_mut().map(|rule| &mut rule.watch),
    ];
    for watch in watches.into_iter().flatten() {
        let share = pick(rng, &[50_000, 150_000, 300_000, 500_000, 800_000]);
        watch.baseline = (rng.random_range(0..4) > 0).then_some(Millionths(share));
    }
    if let Some(rule) = &mut rules.divergence {
        let (mqls_per_business_day, conversion) = (pick(rng, &[0.5, 1.0, 2.0]), pick(rng, &[0.3, 0.5, 0.8]));
        let set = DivergenceBaseline { mqls_per_business_day, conversion };
        rule.baseline = (rng.random_range(0..4) > 0).then_some(set);
    }
}

fn watch(rng: &mut ChaCha8Rng) -> ShareWatch {
    ShareWatch {
        baseline_days: rng.random_range(60..=90),
        detect_days: rng.random_range(10..=25),
        odds_factor: Millionths(pick(rng, &[2_500_000, 4_000_000, 8_000_000])),
        min_n: rng.random_range(3..=10),
        alerts_per_month: Millionths(pick(rng, &[200_000, 1_000_000, 3_000_000])),
        clear_days: rng.random_range(1..=4),
        severity: pick(rng, &LOUDNESS),
        baseline: (rng.random_range(0..6) == 0).then(|| Millionths(pick(rng, &[50_000, 150_000, 300_000]))),
    }
}
