//! How fast an error budget burns, and whether so few events can say so.
//!
//! Burn rate = share of bad events ÷ (1 − target), as in the Google SRE workbook's multi-window alerts, with
//! an exact binomial gate for low counts. Targets and thresholds are decimals in millionths and every
//! comparison is exact: 1 − 0.9 as a float lies below 0.1 and would fire wrongly. Windows are `(now − W,
//! now]` on an axis of business time that the caller provides.

use super::counts::Counts;
use super::log_probability::LogProbability;
use super::{binomial, exact_tail};

/// Millionths in 1.
pub const MILLION: i64 = 1_000_000;

/// The gate opens below this probability, in millionths: 0.001.
pub const GATE_MILLIONTHS: i64 = 1_000;

/// Beyond this many events a tail this close to the gate is left to floats, which are right to 12 digits.
const EXACT_EVENTS: u64 = 4_096;

/// A target, such as 95 % of events good, in millionths from 0 to 10^6.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Target(i64);

/// A target outside 0..=10^6 millionths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a target of {0} millionths does not lie between 0 and 1000000; 95 % is 950000")]
pub struct NotATarget(pub i64);

/// A rule of two windows, in milliseconds of business time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Length of the long window, which the gate looks at too.
    pub long_ms: i64,
    /// Length of the short window, which ends the alert soon after the cause has ended.
    pub short_ms: i64,
    /// The burn rate that both must exceed, in millionths: 14.4 is 14400000.
    pub burn_millionths: i64,
}

/// What a rule says of its two windows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// Whether the long window burns strictly faster than the rule allows.
    pub long_over: bool,
    /// Whether the short window does.
    pub short_over: bool,
    /// P(X >= bad) on the long window if the target were just met.
    pub gate: LogProbability,
    /// Whether that is strictly below 0.001, decided exactly.
    pub gate_open: bool,
}

impl Verdict {
    /// Whether the rule fires: both windows over, and the gate open.
    pub fn fires(&self) -> bool {
        self.long_over && self.short_over && self.gate_open
    }
}

impl Target {
    /// A target in millionths: 95 % is 950,000.
    pub fn from_millionths(millionths: i64) -> Result<Target, NotATarget> {
        if (0..=MILLION).contains(&millionths) { Ok(Target(millionths)) } else { Err(NotATarget(millionths)) }
    }

    /// The target in millionths.
    pub fn millionths(self) -> i64 {
        self.0
    }

    /// The budget, 1 − target, in millionths.
    pub fn budget_millionths(self) -> i64 {
        MILLION - self.0
    }

    /// The burn rate; none without events and where the target leaves no budget.
    pub fn burn(self, counts: Counts) -> Option<f64> {
        let budget = self.budget_millionths();
        (counts.n > 0 && budget > 0).then(|| {
            let bad = counts.bad.min(counts.n);
            // Both products are whole numbers, so that only the division rounds.
            (u128::from(bad) * MILLION as u128) as f64 / (u128::from(counts.n) * budget as u128) as f64
        })
    }

    /// Whether the burn rate lies strictly above a threshold in millionths; never where it is undefined.
    pub fn is_burning_above(self, counts: Counts, burn_millionths: i64) -> bool {
        let budget = self.budget_millionths();
        if counts.n == 0 || budget == 0 {
            return false;
        }
        let bad = i128::from(counts.bad.min(counts.n));
        let events = i128::from(counts.n) * i128::from(budget);
        match i128::from(burn_millionths).checked_mul(events) {
            Some(allowed) => bad * i128::from(MILLION) * i128::from(MILLION) > allowed,
            // Beyond 128 bits a threshold is out of reach, or below every burn rate.
            None => burn_millionths < 0,
        }
    }

    /// P(X >= bad) for X ~ Binomial(n, 1 − target): how likely so many bad events are if the target is just
    /// met.
    pub fn gate(self, counts: Counts) -> LogProbability {
        let bad = i64::try_from(counts.bad.min(counts.n)).unwrap_or(i64::MAX);
        binomial::at_least(bad, counts.n, self.budget_millionths() as f64 / MILLION as f64)
    }

    /// Whether [`Target::gate`] is strictly below a limit in millionths; where floats cannot tell, in whole
    /// numbers.
    pub fn is_gate_open(self, counts: Counts, limit_millionths: i64) -> bool {
        let gate = self.gate(counts).value();
        let limit = limit_millionths as f64 / MILLION as f64;
        if (gate - limit).abs() > 1e-9 * limit || counts.n > EXACT_EVENTS {
            return gate < limit;
        }
        let bad = counts.bad.min(counts.n) as u32;
        exact_tail::is_below(
            bad,
            counts.n as u32,
            self.budget_millionths() as u32,
            limit_millionths.max(0) as u32,
        )
    }

    /// What a rule says of the counts of its two windows.
    pub fn judge(self, rule: &Rule, long: Counts, short: Counts) -> Verdict {
        Verdict {
            long_over: self.is_burning_above(long, rule.burn_millionths),
            short_over: self.is_burning_above(short, rule.burn_millionths),
            gate: self.gate(long),
            gate_open: self.is_gate_open(long, GATE_MILLIONTHS),
        }
    }
}

/// The events of the window `(now − length, now]`, of pairs of a time and its counts.
pub fn window(events: impl IntoIterator<Item = (i64, Counts)>, now_ms: i64, length_ms: i64) -> Counts {
    let start_ms = now_ms.saturating_sub(length_ms);
    let inside = |event: &(i64, Counts)| start_ms < event.0 && event.0 <= now_ms;
    events.into_iter().filter(inside).fold(Counts::default(), |sum, (_, counts)| Counts {
        n: sum.n.saturating_add(counts.n),
        bad: sum.bad.saturating_add(counts.bad),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn exactly_at_the_line_is_not_over() {
        let nine = Target::from_millionths(900_000).unwrap();
        assert!(!nine.is_burning_above(Counts { n: 100, bad: 30 }, 3_000_000));
        assert!(nine.is_burning_above(Counts { n: 100, bad: 31 }, 3_000_000));
        assert!(!nine.is_gate_open(Counts { n: 3, bad: 3 }, GATE_MILLIONTHS));
        assert!(nine.is_gate_open(Counts { n: 4, bad: 4 }, GATE_MILLIONTHS));
    }

    #[test]
    fn no_events_and_no_budget_never_burn() {
        let all = Target::from_millionths(MILLION).unwrap();
        assert_eq!(all.burn(Counts { n: 10, bad: 2 }), None);
        assert!(!all.is_burning_above(Counts { n: 10, bad: 2 }, 0));
        let none = Counts::default();
        assert!(!Target::from_millionths(950_000).unwrap().is_burning_above(none, -1));
        assert!(Target::from_millionths(1_000_001).is_err() && Target::from_millionths(-1).is_err());
        // The largest counts neither panic nor wrap.
        let most = Counts { n: u64::MAX, bad: u64::MAX };
        assert!(!Target::from_millionths(0).unwrap().is_burning_above(most, i64::MAX));
        assert_eq!(Target::from_millionths(0).unwrap().burn(most), Some(1.0));
    }

    proptest! {
        #[test]
        fn over_is_burn_above(
            n in 1u64..5000, bad in 0.0..1.0f64, target in 0i64..1_000_000, rule in 0i64..20_000_000,
        ) {
            let counts = Counts { n, bad: (bad * n as f64) as u64 };
            let target = Target::from_millionths(target).unwrap();
            let burn = target.burn(counts).unwrap();
            let rate = rule as f64 / 1e6;
            if (burn - rate).abs() > 1e-9 {
                prop_assert_eq!(target.is_burning_above(counts, rule), burn > rate);
            }
        }

        #[test]
        fn more_bad_events_never_shut_the_gate(
            n in 1u64..500, bad in 0.0..1.0f64, target in 0i64..=1_000_000,
        ) {
            let counts = Counts { n, bad: (bad * n as f64) as u64 };
            let worse = Counts { n, bad: counts.bad + 1 };
            let target = Target::from_millionths(target).unwrap();
            prop_assert!(!target.is_gate_open(counts, GATE_MILLIONTHS) || target.is_gate_open(worse, GATE_MILLIONTHS));
        }
    }
}
