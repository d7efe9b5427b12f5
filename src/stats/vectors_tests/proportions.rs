//! Intervals and tails of proportions and counts, and two proportions.

use super::super::log_probability::LogProbability;
use super::super::two_proportion::{self, Share};
use super::super::{binomial, poisson};
use super::{Fields, Tolerance, close, interval_close, maybe_close, read_cases};

#[test]
fn binomial_intervals() {
    let Some((cases, tolerance)) = read_cases("binomial_intervals.json", &["rel", "abs"]) else { return };
    let (rel, abs) = (tolerance.of("rel"), tolerance.of("abs"));
    for mut case in cases {
        let (k, n, confidence) = (case.u64("k"), case.u64("n"), case.confidence());
        let mut expect = case.object("expect");
        let wilson = binomial::wilson(k, n, confidence);
        let jeffreys = binomial::jeffreys(k, n, confidence);
        let exact = binomial::clopper_pearson(k, n, confidence);
        for (key, got) in [("wilson", wilson), ("jeffreys", jeffreys), ("clopper_pearson", exact)] {
            let name = format!("{}: {key}", case.name);
            let want = expect.interval(key);
            interval_close(&name, got, want, rel, abs);
            // An end at 0 or 1 is exact, without rounding dust.
            assert_eq!((got.low == 0.0, got.high == 1.0), (want.low == 0.0, want.high == 1.0), "{name}");
        }
        expect.done();
        case.done();
    }
}

/// ge, le and their logarithms.
fn check_tails(mut case: Fields, tolerance: &Tolerance, ge: LogProbability, le: LogProbability) {
    let rel = if case.has("tolerance_rel") { case.f64("tolerance_rel") } else { tolerance.of("linear_rel") };
    let mut expect = case.object("expect");
    for (key, log_key, got) in [("ge", "log10_ge", ge), ("le", "log10_le", le)] {
        let name = format!("{}: {key}", case.name);
        match (expect.maybe_f64(key), expect.maybe_f64(log_key)) {
            (Some(0.0), None) => assert_eq!(got, LogProbability::ZERO, "{name}"),
            (linear, Some(log10)) => {
                close(&name, got.log10(), log10, 0.0, tolerance.of("log10_abs"));
                match linear {
                    Some(linear) => close(&name, got.value(), linear, rel, 0.0),
                    None => assert!(got.value() < 1e-300, "{name}"),
                }
            }
            other => panic!("{name}: {other:?}"),
        }
    }
    expect.done();
    case.done();
}

#[test]
fn binomial_tail() {
    let Some((cases, tolerance)) = read_cases("binomial_tail.json", &["linear_rel", "log10_abs"]) else {
        return;
    };
    for mut case in cases {
        let (k, n, p) = (case.i64("k"), case.u64("n"), case.f64("p"));
        check_tails(case, &tolerance, binomial::at_least(k, n, p), binomial::at_most(k, n, p));
    }
}

#[test]
fn poisson_tail() {
    let Some((cases, tolerance)) = read_cases("poisson_tail.json", &["linear_rel", "log10_abs"]) else {
        return;
    };
    for mut case in cases {
        let (k, lambda) = (case.i64("k"), case.f64("lambda"));
        check_tails(case, &tolerance, poisson::at_least(k, lambda), poisson::at_most(k, lambda));
    }
}

#[test]
fn poisson_intervals() {
    let Some((cases, tolerance)) = read_cases("poisson_intervals.json", &["rel", "abs"]) else { return };
    for mut case in cases {
        let (k, exposure, confidence) = (case.u64("k"), case.f64("exposure"), case.confidence());
        let mut expect = case.object("expect");
        let mean = poisson::garwood(k, confidence);
        let (rel, abs) = (tolerance.of("rel"), tolerance.of("abs"));
        interval_close(&case.name, mean, expect.interval("mean"), rel, abs);
        interval_close(&case.name, mean.scaled(1.0 / exposure), expect.interval("rate"), rel, abs);
        assert_eq!(mean.low == 0.0, k == 0, "{}", case.name);
        expect.done();
        case.done();
    }
}

fn share(case: &mut Fields, key: &str) -> Share {
    let mut fields = case.object(key);
    let share = Share { k: fields.u64("k"), n: fields.u64("n") };
    fields.done();
    share
}

#[test]
fn two_proportions() {
    let Some((cases, tolerance)) = read_cases("two_proportion.json", &["rel", "abs", "log10_abs"]) else {
        return;
    };
    let (rel, abs) = (tolerance.of("rel"), tolerance.of("abs"));
    for mut case in cases {
        let (b, a, confidence) = (share(&mut case, "b"), share(&mut case, "a"), case.confidence());
        let mut expect = case.object("expect");
        let name = &case.name;
        let below = two_proportion::fisher_b_below_a(b, a);
        let above = two_proportion::fisher_b_above_a(b, a);
        // Tails are compared relatively: an absolute 1e-12 would let any small one pass.
        close(name, below.value(), expect.f64("fisher_b_below_a"), rel, 0.0);
        close(name, above.value(), expect.f64("fisher_b_above_a"), rel, 0.0);
        close(name, below.log10(), expect.f64("log10_fisher_b_below_a"), 0.0, tolerance.of("log10_abs"));
        maybe_close(name, two_proportion::difference(b, a), expect.maybe_f64("difference"), rel, abs);
        interval_close(
            name,
            two_proportion::newcombe(b, a, confidence),
            expect.interval("newcombe"),
            rel,
            abs,
        );
        maybe_close(name, two_proportion::score_z(b, a), expect.maybe_f64("score_z"), rel, abs);
        let score = two_proportion::score_p_b_below_a(b, a);
        maybe_close(name, score, expect.maybe_f64("score_p_b_below_a"), rel, 0.0);
        expect.done();
        case.done();
    }
}
