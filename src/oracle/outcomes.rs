//! Good and bad outcomes by day, of which the rules that watch a share read the known ones.

use std::collections::BTreeMap;

/// Outcomes by day, before the day from which on not all are known: all, and the bad ones.
pub(super) struct Outcomes {
    pub(super) days: BTreeMap<i32, (u64, u64)>,
    pub(super) known_to: i32,
    pub(super) young: u64,
}

impl Outcomes {
    pub(super) fn new(known_to: i32) -> Outcomes {
        Outcomes { days: BTreeMap::new(), known_to, young: 0 }
    }

    pub(super) fn add(&mut self, day: i32, n: i64, bad: i64) {
        if day < self.known_to && n > 0 {
            let known = self.days.entry(day).or_default();
            let count = |n: i64| u64::try_from(n.max(0)).expect("it is not negative");
            *known = (known.0 + count(n), known.1 + count(bad));
        }
    }

    pub(super) fn sum(&self, from: i32, to: i32) -> (u64, u64) {
        let days = self.days.iter().filter(|(day, _)| (from..to).contains(*day));
        days.fold((0, 0), |sum, (_, day)| (sum.0 + day.0, sum.1 + day.1))
    }
}
