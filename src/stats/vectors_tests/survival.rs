//! Conversion by a horizon with censored leads.

use super::super::interval::Confidence;
use super::super::kaplan_meier::{Horizon, Outcome, at_horizon};
use super::{Fields, Tolerance, maybe_close, maybe_interval_close, read_cases};

/// The fields of a horizon that both files share, `horizon` apart.
pub(super) fn check_horizon(expect: &mut Fields, got: &Horizon, tolerance: &Tolerance) {
    let (rel, abs) = (tolerance.of("rel"), tolerance.of("abs"));
    let name = expect.name.clone();
    let estimate = got.estimate;
    assert_eq!(got.events, expect.u64("events"), "{name}: events");
    assert_eq!(got.at_risk, expect.u64("at_risk"), "{name}: at risk");
    assert_eq!(got.is_beyond_last, expect.bool("beyond_last"), "{name}: beyond last");
    maybe_close(&name, estimate.map(|e| e.conversion), expect.maybe_f64("conversion"), rel, abs);
    maybe_close(&name, estimate.map(|e| e.survival), expect.maybe_f64("survival"), rel, abs);
    // The variance is often below 1e-6, so that only the relative tolerance says anything.
    let variance = estimate.and_then(|e| e.variance);
    maybe_close(&name, variance, expect.maybe_f64("greenwood_variance"), rel, 0.0);
    maybe_interval_close(&name, estimate.and_then(|e| e.plain), expect.maybe_interval("plain"), rel, abs);
    maybe_interval_close(&name, estimate.and_then(|e| e.loglog), expect.maybe_interval("loglog"), rel, abs);
}

#[test]
fn kaplan_meier() {
    let Some((cases, tolerance)) = read_cases("kaplan_meier.json", &["rel", "abs"]) else { return };
    for mut case in cases {
        case.inform(&["name"]);
        let confidence: Confidence = case.confidence();
        let (durations, converted) = (case.u64s("durations"), case.u64s("converted"));
        assert_eq!(durations.len(), converted.len(), "{}", case.name);
        let outcome = |flag: &u64| match flag {
            0 => Outcome::Censored,
            1 => Outcome::Converted,
            other => panic!("{other} is no flag"),
        };
        let leads: Vec<_> = durations.into_iter().zip(converted.iter().map(outcome)).collect();
        for mut expect in case.objects("expect") {
            let got = at_horizon(&leads, expect.u64("horizon"), confidence);
            check_horizon(&mut expect, &got, &tolerance);
            expect.done();
        }
        case.done();
    }
}
