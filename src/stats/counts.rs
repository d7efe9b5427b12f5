//! Outcomes and the bad ones among them.

use super::binomial;
use super::interval::{Confidence, Interval};

/// Outcomes, some of them bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All of them.
    pub n: u64,
    /// The bad ones.
    pub bad: u64,
}

impl Counts {
    /// The share of bad ones; 0 where there are none at all.
    pub fn share(self) -> f64 {
        if self.n == 0 { 0.0 } else { self.bad as f64 / self.n as f64 }
    }

    /// Its 95 % interval, Wilson's.
    pub fn interval(self) -> Interval {
        binomial::wilson(self.bad, self.n, Confidence::P95)
    }

    /// Both together.
    pub fn plus(self, other: Counts) -> Counts {
        Counts { n: self.n + other.n, bad: self.bad + other.bad }
    }
}
