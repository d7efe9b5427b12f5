//! Quantiles of whole numbers: exact by nearest rank, interpolated, and from logarithmic buckets.
//!
//! Buckets are those of DDSketch (Masson, Rim and Lee, VLDB 2019): they merge by adding counts and give every
//! quantile within a relative error. The same rank rule holds everywhere. Bucket limits are worked out in
//! whole numbers, so that a value falls into the same bucket on every machine.

/// A level such as 99 %, in millionths from 0 to 10^6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Level(u32);

impl Level {
    /// The median.
    pub const P50: Level = Level(500_000);
    /// 90 %.
    pub const P90: Level = Level(900_000);
    /// 99 %.
    pub const P99: Level = Level(990_000);

    /// A level in millionths; more than 10^6 count as 10^6.
    pub const fn from_millionths(millionths: u32) -> Level {
        Level(if millionths > 1_000_000 { 1_000_000 } else { millionths })
    }

    /// The rank, from 1, of this quantile among `n` values: max(1, ⌈q n⌉); 0 where there are none.
    pub fn rank(self, n: u64) -> u64 {
        let rank = (u128::from(self.0) * u128::from(n)).div_ceil(1_000_000) as u64;
        rank.max(1).min(n)
    }
}

/// The value of the nearest rank, of values in ascending order; none of none.
pub fn nearest_rank(sorted: &[u64], level: Level) -> Option<u64> {
    let rank = level.rank(sorted.len() as u64);
    sorted.get((rank as usize).checked_sub(1)?).copied()
}

/// The value at the position q (n − 1), interpolated between its neighbours, of values in ascending order.
///
/// Type 7 of Hyndman and Fan, "Sample quantiles in statistical packages" (1996), as in R and numpy.
pub fn interpolated(sorted: &[u64], level: Level) -> Option<f64> {
    let position = u128::from(level.0) * sorted.len().checked_sub(1)? as u128;
    let (below, part) = ((position / 1_000_000) as usize, (position % 1_000_000) as f64 / 1e6);
    let low = *sorted.get(below)?;
    let high = sorted.get(below + 1).copied().unwrap_or(low);
    Some(low as f64 + part * (high as f64 - low as f64))
}

/// Logarithmic buckets for whole numbers: bucket 0 holds 0, bucket i + 1 holds (γ^(i−1), γ^i], where
/// γ = (100 + e)/(100 − e) for a relative error of e %.
#[derive(Clone, Debug, PartialEq)]
pub struct LogBuckets {
    /// ⌊γ^i⌋, up to the first that reaches the largest whole number.
    upper: Vec<u64>,
    /// γ^i.
    bound: Vec<f64>,
    gamma: f64,
}

/// The relative error of [`LogBuckets`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelativeError {
    /// 1 %: 2,219 buckets for all of `u64`.
    OnePercent,
    /// 2 %: 1,110 buckets for all of `u64`.
    TwoPercent,
}

impl LogBuckets {
    /// The buckets of a relative error.
    pub fn new(error: RelativeError) -> LogBuckets {
        let percent: u128 = match error {
            RelativeError::OnePercent => 1,
            RelativeError::TwoPercent => 2,
        };
        let (up, down) = (100 + percent, 100 - percent);
        let gamma = up as f64 / down as f64;
        // γ^i = mantissa / 2^shift with 113 to 120 bits kept; no γ^i with i > 0 is whole, so that an error of
        // 2^-100 cannot move a limit.
        let (mut mantissa, mut shift) = (1u128 << 119, 119u32);
        let mut buckets = LogBuckets { upper: Vec::new(), bound: Vec::new(), gamma };
        loop {
            let whole = mantissa >> shift;
            buckets.bound.push(mantissa as f64 / 2f64.powi(shift as i32));
            buckets.upper.push(u64::try_from(whole).unwrap_or(u64::MAX));
            if whole > u128::from(u64::MAX) {
                return buckets;
            }
            mantissa = mantissa * up / down;
            if mantissa >= 1 << 120 {
                mantissa >>= 1;
                shift -= 1;
            }
        }
    }

    /// The bucket of a value.
    pub fn bucket(&self, value: u64) -> u16 {
        if value == 0 { 0 } else { self.upper.partition_point(|&upper| upper < value) as u16 + 1 }
    }

    /// The limits (low, high] of a bucket; (0, 0) for bucket 0. A bucket beyond the last counts as the last.
    pub fn limits(&self, bucket: u16) -> (f64, f64) {
        match self.high(bucket) {
            0.0 => (0.0, 0.0),
            high => (high / self.gamma, high),
        }
    }

    /// The value that stands for a bucket, 2 γ^i / (γ + 1): off by no more than the relative error.
    pub fn estimate(&self, bucket: u16) -> f64 {
        2.0 * self.high(bucket) / (self.gamma + 1.0)
    }

    /// The estimate of the bucket that holds the nearest rank, of (bucket, count) pairs in ascending order of
    /// bucket; none where the counts are all 0.
    pub fn quantile(&self, counts: &[(u16, u64)], level: Level) -> Option<f64> {
        let total = counts.iter().fold(0u64, |sum, pair| sum.saturating_add(pair.1));
        let mut left = level.rank(total);
        for &(bucket, count) in counts {
            if left <= count && left > 0 {
                return Some(self.estimate(bucket));
            }
            left = left.saturating_sub(count);
        }
        None
    }

    fn high(&self, bucket: u16) -> f64 {
        let last = self.bound.len() - 1;
        if bucket == 0 { 0.0 } else { self.bound[usize::from(bucket - 1).min(last)] }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ranks_are_ceilings() {
        // With 101 values the 99th is p99, with 99 the last is; ⌈0.5 · 10⌉ = 5 and never one more.
        for (n, p50, p99) in [(0, 0, 0), (1, 1, 1), (10, 5, 10), (99, 50, 99), (100, 50, 99), (101, 51, 100)]
        {
            assert_eq!((Level::P50.rank(n), Level::P99.rank(n)), (p50, p99), "{n}");
        }
        assert_eq!(Level::from_millionths(0).rank(5), 1);
        assert_eq!(Level::from_millionths(9_000_000).rank(u64::MAX), u64::MAX);
    }

    #[test]
    fn every_number_has_a_bucket() {
        for (error, last) in [(RelativeError::OnePercent, 2219), (RelativeError::TwoPercent, 1110)] {
            let buckets = LogBuckets::new(error);
            assert_eq!(buckets.bucket(0), 0);
            assert_eq!(buckets.bucket(1), 1);
            assert_eq!(buckets.bucket(u64::MAX), last);
            assert_eq!(buckets.upper.len(), usize::from(last));
            assert_eq!(buckets.estimate(u16::MAX), buckets.estimate(last));
        }
    }

    proptest! {
        #[test]
        fn an_estimate_is_within_the_error(value in 1u64.., small in 1u64..100_000) {
            for (error, part) in [(RelativeError::OnePercent, 0.01), (RelativeError::TwoPercent, 0.02)] {
                let buckets = LogBuckets::new(error);
                for value in [value, small] {
                    let bucket = buckets.bucket(value);
                    let (low, high) = buckets.limits(bucket);
                    let x = value as f64;
                    prop_assert!(low < x * (1.0 + 1e-12) && x <= high * (1.0 + 1e-12));
                    prop_assert!((buckets.estimate(bucket) / x - 1.0).abs() <= part + 1e-12);
                    prop_assert!(buckets.bucket(value - 1) <= bucket);
                }
            }
        }

        #[test]
        fn the_sketch_keeps_to_the_nearest_rank(
            mut values in prop::collection::vec(0u64..5000, 0..300), q in 0u32..=1_000_000,
        ) {
            let buckets = LogBuckets::new(RelativeError::TwoPercent);
            let level = Level::from_millionths(q);
            values.sort_unstable();
            let mut counts: Vec<(u16, u64)> = Vec::new();
            for &value in &values {
                match counts.last_mut() {
                    Some(last) if last.0 == buckets.bucket(value) => last.1 += 1,
                    _ => counts.push((buckets.bucket(value), 1)),
                }
            }
            let want = nearest_rank(&values, level).map(|v| buckets.estimate(buckets.bucket(v)));
            prop_assert_eq!(buckets.quantile(&counts, level), want);
        }
    }
}
