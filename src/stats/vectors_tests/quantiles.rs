//! Quantiles by nearest rank, interpolated, and from logarithmic buckets.

use super::super::quantile::{Level, LogBuckets, RelativeError, interpolated, nearest_rank};
use super::{Fields, Tolerance, close, read_cases};

#[test]
fn quantiles() {
    let tolerances = ["rank", "linear_rel", "bucket", "bounds_rel"];
    let Some((cases, tolerance)) = read_cases("quantiles.json", &tolerances) else { return };
    let sketches = [("sketch_1pct", RelativeError::OnePercent), ("sketch_2pct", RelativeError::TwoPercent)]
        .map(|(key, error)| (key, LogBuckets::new(error)));
    for mut case in cases {
        case.inform(&["name"]);
        let mut values = case.u64s("values");
        values.sort_unstable();
        let mut expect = case.object("expect");
        for (key, level) in [("p50", Level::P50), ("p90", Level::P90), ("p99", Level::P99)] {
            if values.is_empty() {
                assert!(expect.take(key).is_null());
                assert_eq!((nearest_rank(&values, level), interpolated(&values, level)), (None, None));
                assert!(sketches.iter().all(|(_, buckets)| buckets.quantile(&[], level).is_none()));
                continue;
            }
            let mut want = expect.object(key);
            let value = nearest_rank(&values, level).unwrap();
            assert_eq!(level.rank(values.len() as u64), want.u64("rank"), "{}", want.name);
            assert_eq!(value, want.u64("nearest_rank"), "{}", want.name);
            let linear = interpolated(&values, level).unwrap();
            close(&want.name.clone(), linear, want.f64("linear"), tolerance.of("linear_rel"), 0.0);
            for (key, buckets) in &sketches {
                check_sketch(want.object(key), buckets, &values, value, level, &tolerance);
            }
            want.done();
        }
        expect.done();
        case.done();
    }
}

fn check_sketch(
    mut want: Fields,
    buckets: &LogBuckets,
    sorted: &[u64],
    value: u64,
    level: Level,
    tolerance: &Tolerance,
) {
    let rel = tolerance.of("bounds_rel");
    let name = want.name.clone();
    let bucket = buckets.bucket(value);
    let index = (bucket > 0).then(|| i64::from(bucket) - 1);
    assert_eq!(index, want.maybe_i64("bucket"), "{name}");
    let (low, high) = buckets.limits(bucket);
    close(&name, low, want.f64("low"), rel, 0.0);
    close(&name, high, want.f64("high"), rel, 0.0);
    let mut counts: Vec<(u16, u64)> = Vec::new();
    for &value in sorted {
        counts.push((buckets.bucket(value), 1));
    }
    let estimate = buckets.quantile(&counts, level).unwrap();
    assert_eq!(estimate, buckets.estimate(bucket), "{name}");
    close(&name, estimate, want.f64("estimate"), rel, 0.0);
    let allowed = want.interval("allowed");
    assert!(allowed.low * (1.0 - rel) <= estimate && estimate <= allowed.high * (1.0 + rel), "{name}");
    want.done();
}
