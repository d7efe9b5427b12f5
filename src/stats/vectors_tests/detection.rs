//! False discovery and burn rates.

use super::super::benjamini_hochberg::{Dependence, Discovery, false_discovery};
use super::super::burn_rate::{Rule, Target, window};
use super::super::counts::Counts;
use super::{Fields, close, maybe_close, read_cases};

#[test]
fn benjamini_hochberg() {
    let Some((cases, tolerance)) = read_cases("benjamini_hochberg.json", &["adjusted_rel", "rejected"])
    else {
        return;
    };
    for mut case in cases {
        let name = case.string("name");
        let (q, p_values) = (case.f64("q"), case.f64s("p"));
        let mut expect = case.object("expect");
        for (key, dependence) in [("bh", Dependence::Positive), ("by", Dependence::Any)] {
            let got: Vec<Discovery> = false_discovery(&p_values, q, dependence);
            let mut want = expect.object(key);
            let adjusted = want.f64s("adjusted");
            assert_eq!(adjusted.len(), got.len(), "{name}");
            for (got, want) in got.iter().zip(adjusted) {
                close(&name, got.adjusted, want, tolerance.of("adjusted_rel"), 0.0);
            }
            let rejected: Vec<bool> = got.iter().map(|verdict| verdict.is_rejected).collect();
            let wanted = want.as_type("rejected", |v| {
                v.as_array()?.iter().map(|v| v.as_bool()).collect::<Option<Vec<_>>>()
            });
            assert_eq!(rejected, wanted, "{name}: {key}");
            assert_eq!(
                rejected.iter().filter(|&&yes| yes).count() as u64,
                want.u64("count"),
                "{name}: {key}"
            );
            want.done();
        }
        expect.done();
        case.done();
    }
}

/// A decimal of at most six places as millionths.
fn millionths(decimal: f64) -> i64 {
    let millionths = (decimal * 1e6).round();
    assert!((millionths / 1e6 - decimal).abs() < 1e-12, "{decimal} has more than six places");
    millionths as i64
}

fn check_window(expect: &mut Fields, key: &str, target: Target, got: Counts, burn_rel: f64) {
    let mut want = expect.object(key);
    assert_eq!((got.n, got.bad), (want.u64("n"), want.u64("bad")), "{}", want.name);
    maybe_close(&want.name.clone(), target.burn(got), want.maybe_f64("burn"), burn_rel, 0.0);
    want.done();
}

#[test]
fn burn_rate() {
    let tolerances = ["burn_rel", "gate_p_rel", "counts", "fire"];
    let Some((cases, tolerance)) = read_cases("burn_rate.json", &tolerances) else { return };
    for mut case in cases {
        let name = case.string("name");
        let target = Target::from_millionths(millionths(case.f64("target"))).unwrap();
        let mut rule = case.object("rule");
        rule.inform(&["name"]);
        let burn_millionths = millionths(rule.f64("burn"));
        let (long_ms, short_ms) = (rule.i64("long_ms"), rule.i64("short_ms"));
        rule.done();
        let rule = Rule { long_ms, short_ms, burn_millionths };
        let event = |event: &serde_json::Value| match event.as_array().unwrap().as_slice() {
            [time, bad] => (time.as_i64().unwrap(), Counts { n: 1, bad: bad.as_u64().unwrap() }),
            other => panic!("{name}: event {other:?}"),
        };
        let events: Vec<(i64, Counts)> = case.list("events").iter().map(event).collect();
        for mut evaluation in case.objects("evaluations") {
            let now_ms = evaluation.i64("now");
            let mut expect = evaluation.object("expect");
            let long = window(events.iter().copied(), now_ms, rule.long_ms);
            let short = window(events.iter().copied(), now_ms, rule.short_ms);
            check_window(&mut expect, "long", target, long, tolerance.of("burn_rel"));
            check_window(&mut expect, "short", target, short, tolerance.of("burn_rel"));
            let verdict = target.judge(&rule, long, short);
            let got = (verdict.long_over, verdict.short_over, verdict.gate_open, verdict.fires());
            let want = (
                expect.bool("long_over"),
                expect.bool("short_over"),
                expect.bool("gate_open"),
                expect.bool("fire"),
            );
            assert_eq!(got, want, "{name} at {now_ms}");
            close(&name, verdict.gate.value(), expect.f64("gate_p"), tolerance.of("gate_p_rel"), 0.0);
            expect.done();
            evaluation.done();
        }
        case.done();
    }
}
