//! Paths, run lengths and smallest thresholds of both charts.

use super::super::bernoulli_cusum::BernoulliCusum;
use super::super::cusum::{CusumError, Path};
use super::super::cusum_threshold::Threshold;
use super::super::poisson_cusum::PoissonCusum;
use super::super::run_length::RunLength;
use super::{Fields, Tolerance, close, read_cases};

fn check_path(case: &str, expect: &mut Fields, path: &Path, tolerance: &Tolerance) {
    let values = expect.f64s("s");
    assert_eq!(values.len(), path.values.len(), "{case}");
    for (&got, want) in path.values.iter().zip(values) {
        close(case, got, want, 0.0, tolerance.of("path_abs"));
    }
    let alarms: Vec<u64> = path.alarms.iter().map(|&i| i as u64).collect();
    assert_eq!(alarms, expect.u64s("crossings"), "{case}");
    assert_eq!(alarms.first().map(|&i| i as i64), expect.maybe_i64("first_crossing"), "{case}");
}

fn check_quantile(case: &str, expect: &mut Fields, key: &str, run_length: &RunLength, q: f64) {
    assert_eq!(run_length.quantile(q).unwrap(), Some(expect.u64(key)), "{case}: {key}");
}

/// An exact method must keep to the narrow tolerances; those of a lattice are for others.
const BERNOULLI: [&str; 7] =
    ["path_abs", "arl_rel", "arl_rel_if_lattice", "p_abs", "h_abs", "h_abs_if_lattice", "quantiles"];
const POISSON: [&str; 6] = ["path_abs", "arl_rel", "arl_rel_if_lattice", "p_abs", "h_abs", "quantiles"];

#[test]
fn bernoulli_cusum() {
    let Some((cases, tolerance)) = read_cases("bernoulli_cusum.json", &BERNOULLI) else { return };
    for mut case in cases {
        case.inform(&["name", "checked"]);
        let what = case.string("what");
        let (p0, p1) = (case.f64("p0"), case.f64("p1"));
        let chart = BernoulliCusum::new(p0, p1);
        let mut expect = case.object("expect");
        match (what.as_str(), chart) {
            ("invalid", chart) => assert!(expect.bool("error") && chart.is_err(), "{}", case.name),
            ("path", chart) => {
                let (chart, threshold) = (chart.unwrap(), case.maybe_f64("h"));
                close(&case.name, chart.success_weight(), expect.f64("w1"), 0.0, tolerance.of("path_abs"));
                close(&case.name, chart.failure_weight(), expect.f64("w0"), 0.0, tolerance.of("path_abs"));
                let path = chart.path(case.u64s("x").into_iter().map(|x| x == 1), threshold);
                check_path(&case.name, &mut expect, &path, &tolerance);
            }
            ("arl", chart) => {
                let (h, n) = (case.f64("h"), case.u64("n"));
                let chart = chart.unwrap();
                let (at_p0, at_p1) = (chart.run_length(h, p0).unwrap(), chart.run_length(h, p1).unwrap());
                let (rel, abs) = (tolerance.of("arl_rel"), tolerance.of("p_abs"));
                close(&case.name, at_p0.mean(), expect.f64("arl0"), rel, 0.0);
                close(&case.name, at_p1.mean(), expect.f64("arl1"), rel, 0.0);
                close(&case.name, at_p0.within(n).unwrap(), expect.f64("p_alarm_within_n_at_p0"), 0.0, abs);
                close(&case.name, at_p1.within(n).unwrap(), expect.f64("p_alarm_within_n_at_p1"), 0.0, abs);
                check_quantile(&case.name, &mut expect, "median_run_length_at_p1", &at_p1, 0.5);
                check_quantile(&case.name, &mut expect, "p90_run_length_at_p1", &at_p1, 0.9);
            }
            ("smallest_h", chart) => {
                smallest_bernoulli(&mut case, &mut expect, chart.unwrap(), (p0, p1), &tolerance)
            }
            (other, _) => panic!("{}: what is {other}?", case.name),
        }
        expect.done();
        case.done();
    }
}

fn smallest_bernoulli(
    case: &mut Fields,
    expect: &mut Fields,
    chart: BernoulliCusum,
    (p0, p1): (f64, f64),
    tolerance: &Tolerance,
) {
    let (n, alpha) = (case.u64("n"), case.f64("alpha"));
    let got = chart.smallest_threshold(n, alpha).unwrap();
    let p_abs = tolerance.of("p_abs");
    close(&case.name, got.infimum, expect.f64("h"), 0.0, tolerance.of("h_abs"));
    check_sides(&case.name, &got, alpha, expect.f64("p_just_above"), expect.f64("p_just_below"), p_abs);
    for mut at in expect.objects("p_at") {
        let p = chart.run_length(at.f64("h"), p0).unwrap().within(n).unwrap();
        close(&case.name, p, at.f64("p"), 0.0, p_abs);
        at.done();
    }
    let at_p1 = chart.run_length(got.usable, p1).unwrap();
    close(&case.name, at_p1.mean(), expect.f64("mean_delay_at_p1"), tolerance.of("arl_rel"), 0.0);
    check_quantile(&case.name, expect, "median_delay_at_p1", &at_p1, 0.5);
}

fn check_sides(case: &str, got: &Threshold, alpha: f64, above: f64, below: f64, p_abs: f64) {
    close(case, got.false_alarm, above, 0.0, p_abs);
    close(case, got.false_alarm_at_infimum, below, 0.0, p_abs);
    assert!(got.false_alarm <= alpha && alpha < got.false_alarm_at_infimum, "{case}: {got:?}");
}

#[test]
fn poisson_cusum() {
    let Some((cases, tolerance)) = read_cases("poisson_cusum.json", &POISSON) else { return };
    for mut case in cases {
        case.inform(&["name", "checked"]);
        let what = case.string("what");
        let (lambda0, lambda1) = (case.f64("lambda0"), case.f64("lambda1"));
        let chart: Result<PoissonCusum, CusumError> = PoissonCusum::new(lambda0, lambda1);
        let mut expect = case.object("expect");
        match (what.as_str(), chart) {
            ("invalid", chart) => assert!(expect.bool("error") && chart.is_err(), "{}", case.name),
            ("path", chart) => {
                let (chart, threshold) = (chart.unwrap(), case.maybe_f64("h"));
                close(&case.name, chart.reference(), expect.f64("k"), 0.0, tolerance.of("path_abs"));
                let path = chart.path(case.u64s("counts"), threshold);
                check_path(&case.name, &mut expect, &path, &tolerance);
            }
            ("arl", chart) => {
                let (h, n) = (case.f64("h"), case.u64("n"));
                let chart = chart.unwrap();
                let at_0 = chart.run_length(h, lambda0).unwrap();
                let at_1 = chart.run_length(h, lambda1).unwrap();
                let (rel, abs) = (tolerance.of("arl_rel"), tolerance.of("p_abs"));
                close(&case.name, chart.reference(), expect.f64("k"), 0.0, tolerance.of("path_abs"));
                close(&case.name, at_0.mean(), expect.f64("arl0"), rel, 0.0);
                close(&case.name, at_1.mean(), expect.f64("arl1"), rel, 0.0);
                close(
                    &case.name,
                    at_0.within(n).unwrap(),
                    expect.f64("p_alarm_within_n_at_lambda0"),
                    0.0,
                    abs,
                );
                close(
                    &case.name,
                    at_1.within(n).unwrap(),
                    expect.f64("p_alarm_within_n_at_lambda1"),
                    0.0,
                    abs,
                );
                check_quantile(&case.name, &mut expect, "median_run_length_at_lambda1", &at_1, 0.5);
            }
            ("smallest_h", chart) => {
                smallest_poisson(&mut case, &mut expect, chart.unwrap(), lambda1, &tolerance)
            }
            (other, _) => panic!("{}: what is {other}?", case.name),
        }
        expect.done();
        case.done();
    }
}

fn smallest_poisson(
    case: &mut Fields,
    expect: &mut Fields,
    chart: PoissonCusum,
    lambda1: f64,
    tolerance: &Tolerance,
) {
    let (n, alpha) = (case.u64("n"), case.f64("alpha"));
    let got = chart.smallest_threshold(n, alpha).unwrap();
    let h_abs = tolerance.of("h_abs");
    close(&case.name, got.infimum, expect.f64("h"), 0.0, h_abs);
    super::maybe_close(&case.name, got.next, expect.maybe_f64("h_next"), 0.0, h_abs);
    let (above, below) = (expect.f64("p_between"), expect.f64("p_just_below"));
    check_sides(&case.name, &got, alpha, above, below, tolerance.of("p_abs"));
    let at_1 = chart.run_length(got.usable, lambda1).unwrap();
    close(&case.name, at_1.mean(), expect.f64("mean_delay_at_lambda1"), tolerance.of("arl_rel"), 0.0);
    check_quantile(&case.name, expect, "median_delay_at_lambda1", &at_1, 0.5);
}
