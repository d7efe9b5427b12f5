//! What differs between what the oracle and the processor say, in words.

use rapport::model::alert::Alert;

/// Whether two messages are the same but for rounding.
fn is_same_alert(one: &Alert, other: &Alert) -> bool {
    let near = |a: f64, b: f64| a == b || (a - b).abs() <= 1e-9 * a.abs().max(b.abs());
    let near_if_any = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => near(a, b),
        (a, b) => a == b,
    };
    let exact = Alert {
        value: other.value,
        baseline: other.baseline,
        threshold: other.threshold,
        interval_low: other.interval_low,
        interval_high: other.interval_high,
        cost_at_risk_minor: other.cost_at_risk_minor,
        ..one.clone()
    };
    // Half a minor unit is rounded up or down by the last digit of a float.
    let is_near = |(a, b): (i64, i64)| a.abs_diff(b) <= 1;
    let costs = (one.cost_at_risk_minor, other.cost_at_risk_minor);
    let same_cost = costs.0.is_some() == costs.1.is_some() && costs.0.zip(costs.1).is_none_or(is_near);
    exact == *other
        && same_cost
        && near(one.value, other.value)
        && near_if_any(one.baseline, other.baseline)
        && near(one.threshold, other.threshold)
        && near_if_any(one.interval_low, other.interval_low)
        && near_if_any(one.interval_high, other.interval_high)
}

pub(super) fn same_alerts(oracle: &[Alert], processor: &[Alert]) -> Result<(), String> {
    let first = oracle.iter().zip(processor).position(|(one, other)| !is_same_alert(one, other));
    let Some(i) = first.or((oracle.len() != processor.len()).then(|| oracle.len().min(processor.len())))
    else {
        return Ok(());
    };
    let at = |alerts: &[Alert]| alerts.get(i).map_or_else(|| "none".to_owned(), |alert| format!("{alert:?}"));
    Err(format!("alert {i}:\n  oracle    {}\n  processor {}", at(oracle), at(processor)))
}

pub(super) fn same<T: PartialEq + std::fmt::Debug>(
    what: &str,
    oracle: &T,
    processor: &T,
) -> Result<(), String> {
    if oracle == processor {
        return Ok(());
    }
    Err(format!("{what}:\n  oracle    {}\n  processor {}", short(oracle), short(processor)))
}

pub(super) fn same_set<T: PartialEq + std::fmt::Debug>(
    what: &str,
    oracle: &[T],
    processor: &[T],
) -> Result<(), String> {
    let only = |one: &[T], other: &[T]| -> Vec<String> {
        one.iter().filter(|&item| !other.contains(item)).map(short).collect()
    };
    let (ours, theirs) = (only(oracle, processor), only(processor, oracle));
    if ours.is_empty() && theirs.is_empty() && oracle.len() == processor.len() {
        return Ok(());
    }
    Err(format!(
        "{what}:\n  only oracle    {}\n  only processor {}",
        ours.join("\n    "),
        theirs.join("\n    ")
    ))
}

pub(super) fn same_map<K: Ord + std::fmt::Debug>(
    what: &str,
    oracle: &std::collections::BTreeMap<K, i64>,
    processor: &std::collections::BTreeMap<K, i64>,
) -> Result<(), String> {
    let keys = oracle.keys().chain(processor.keys());
    let differs = |key: &&K| oracle.get(*key) != processor.get(*key);
    let Some(key) = keys.filter(differs).min() else { return Ok(()) };
    let (ours, theirs) = (oracle.get(key).unwrap_or(&0), processor.get(key).unwrap_or(&0));
    Err(format!("{what} of {}: oracle {ours}, processor {theirs}", short(key)))
}

/// What a person can read of a thing.
pub(super) fn short<T: std::fmt::Debug>(thing: &T) -> String {
    let mut text = format!("{thing:?}");
    if let Some((end, _)) = text.char_indices().nth(700) {
        text.truncate(end);
    }
    text
}
