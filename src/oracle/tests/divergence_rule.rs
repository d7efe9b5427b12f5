//! `divergence` over a week, worked out by hand.

use super::support::{answer_to, definitions, told};
use crate::model::definitions::{Definitions, Divergence, DivergenceBaseline, Millionths};
use crate::model::words::Step;

fn with_rule() -> Definitions {
    let rule = Divergence {
        step: Step::MqlToSql,
        horizon_days: 1,
        baseline_days: 28,
        detect_days: 5,
        volume_factor: Millionths(1_300_000),
        quality_factor: Millionths(700_000),
        min_n: 5,
        alerts_per_month: Millionths(100_000),
        clear_days: 2,
        baseline: Some(DivergenceBaseline { mqls_per_business_day: 1.0, conversion: 0.5 }),
    };
    let mut definitions = definitions();
    definitions.rules.divergence = Some(rule);
    definitions.rules.first_touch_slo = None;
    definitions
}

/// Twenty MQLs on Monday, 4 March 2024; the first `converting` of them reach SQL within the hour.
fn monday(converting: usize) -> String {
    let line = |i: usize| {
        let entered = format!("2024-03-04T09:{i:02} lead_stage_entered L{i} mql\n");
        let converted = format!("2024-03-04T10:{i:02} lead_stage_entered L{i} sql\n");
        entered + if i < converting { &converted } else { "" }
    };
    let rejected = "2024-03-04T11:00 lead_dispositioned L19 rejected\n";
    (0..20).map(line).collect::<String>() + rejected + "2024-03-07T10:00 progress"
}

#[test]
fn twenty_leads_instead_of_one_and_none_converts() {
    // Monday's leads are a day old from D = Wednesday on (d <= D - 2). Marketing opens at 9:00. The five days
    // before begin on Friday, 1 March. Twenty where one is expected and twenty times nothing where half is
    // expected are beyond any threshold; both charts were at 0 until Monday, which is when it began. On Thursday the
    // last two business days had none: it is over.
    let definitions = with_rule();
    let answer = answer_to(&definitions, &monday(0));
    assert_eq!(
        told(&answer),
        [
            "03-06T09:00 firing ticket all since 03-06T09:00: 0.0000 of 20 from 03-04T00:00 to 03-06T00:00, \
             marketing, L19 L18 L17",
            "03-07T09:00 resolved ticket all since 03-06T09:00: 0.0000 of 20 from 03-04T00:00 to 03-07T00:00, \
             marketing, L19 L18 L17",
        ]
    );
}

#[test]
fn more_leads_as_good_as_before_are_no_divergence() {
    let definitions = with_rule();
    assert_eq!(told(&answer_to(&definitions, &monday(10))), [""; 0]);
}
