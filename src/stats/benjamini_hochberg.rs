//! False discovery over the p-values of one evaluation.
//!
//! Benjamini and Hochberg, "Controlling the false discovery rate" (JRSS B 57, 1995), for independent or
//! positively dependent tests; Benjamini and Yekutieli (Annals of Statistics 29, 2001) for any dependence.
//! What has no p-value is not handed in and does not count.

/// What is known of how the tests depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dependence {
    /// Independent, or positively dependent: Benjamini and Hochberg.
    Positive,
    /// Anything: Benjamini and Yekutieli, stricter by Σ 1/i.
    Any,
}

/// The verdict on one p-value, in the order in which they were handed in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Discovery {
    /// The adjusted p-value: the smallest false discovery rate at which this would be rejected; at most 1.
    pub adjusted: f64,
    /// Whether `adjusted` is at or below the wanted rate.
    pub is_rejected: bool,
}

/// Two values closer than this, relatively, are the same decimal seen through floats; "at or below" holds.
const SAME: f64 = 1e-12;

/// Adjusts the p-values and rejects those whose adjusted value is at or below the false discovery rate `q`.
///
/// Ties share their adjusted value. A p-value that is not a number counts as 1.
pub fn false_discovery(p_values: &[f64], q: f64, dependence: Dependence) -> Vec<Discovery> {
    let p = |i: usize| if p_values[i].is_nan() { 1.0 } else { p_values[i].clamp(0.0, 1.0) };
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&i, &j| p(i).total_cmp(&p(j)).then(i.cmp(&j)));
    let m = p_values.len() as f64;
    let penalty = match dependence {
        Dependence::Positive => 1.0,
        // From the smallest term up, so that the sum does not depend on how it was grouped.
        Dependence::Any => (1..=p_values.len()).rev().map(|i| 1.0 / i as f64).sum(),
    };
    let mut verdicts = vec![Discovery { adjusted: 1.0, is_rejected: false }; p_values.len()];
    let mut adjusted: f64 = 1.0;
    for (rank, &i) in order.iter().enumerate().rev() {
        adjusted = adjusted.min(p(i) * m * penalty / (rank + 1) as f64);
        verdicts[i] = Discovery { adjusted, is_rejected: adjusted <= q * (1.0 + SAME) };
    }
    verdicts
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn on_the_line_is_rejected_in_decimals() {
        // 0.03 · 5 / 3 is 0.05, and 0.07 · 5 / 7 is, whatever floats say.
        let verdicts = false_discovery(&[0.03, 0.03, 0.03, 0.9, 0.9], 0.05, Dependence::Positive);
        assert_eq!(verdicts.iter().filter(|v| v.is_rejected).count(), 3);
        let verdicts = false_discovery(&[f64::NAN, 0.02], 0.05, Dependence::Positive);
        assert!(!verdicts[0].is_rejected && verdicts[1].is_rejected);
    }

    proptest! {
        #[test]
        fn agrees_with_the_step_up_definition(
            p in prop::collection::vec(0.0..1.0f64, 0..40), q in 0.01..0.5f64,
        ) {
            let mut sorted = p.clone();
            sorted.sort_by(f64::total_cmp);
            let m = p.len() as f64;
            let count = (1..=p.len()).rev().find(|&r| sorted[r - 1] <= r as f64 * q / m).unwrap_or(0);
            let verdicts = false_discovery(&p, q, Dependence::Positive);
            prop_assert_eq!(verdicts.iter().filter(|v| v.is_rejected).count(), count);
            let strict = false_discovery(&p, q, Dependence::Any);
            for (loose, strict) in verdicts.iter().zip(&strict) {
                prop_assert!(loose.adjusted <= strict.adjusted);
            }
        }
    }
}
