//! Where a window result goes: from the name of its measure to a metric and its labels.
//!
//! One pure function. A name that it does not know goes to `rapport_window_value` under that name, so that
//! a new measure is seen before anybody has thought of a metric for it.

use crate::model::money::Currency;
use crate::model::words::{Stage, Step, Verdict};

use super::catalogue::{self, Family};

/// Seconds in a day of 24 hours.
const DAY_SECONDS: f64 = 86_400.0;

/// Where the results of a measure go.
#[derive(Clone, Debug, PartialEq)]
pub struct Place<'a> {
    /// The metric.
    pub family: &'static Family,
    /// Values of its labels between `segment` and `bound`, in their order.
    pub labels: Vec<&'a str>,
    /// The value is multiplied by this to come to the unit of the metric.
    pub scale: f64,
    /// Whether the interval is exposed beside the value.
    pub interval: Interval,
}

/// Whether the interval of a value is exposed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interval {
    /// As `bound="low"` and `bound="high"` beside `bound="value"`.
    Shown,
    /// It is in `rapport.windows` and in the API.
    Hidden,
}

/// The metric and labels of a measure over a window.
pub fn place<'a>(measure: &'a str, window: &'a str) -> Place<'a> {
    let at = |family, labels: &[&'a str]| Place {
        family,
        labels: labels.to_vec(),
        scale: 1.0,
        interval: Interval::Hidden,
    };
    if let Some(stage) = measure.strip_prefix("entered_").filter(|stage| is_stage(stage)) {
        return at(&catalogue::ENTERED, &[stage, window]);
    }
    if let Some(of) = measure.strip_prefix("open_") {
        if is_stage(of) {
            return at(&catalogue::OPEN, &[of]);
        }
        if let Some(stage) = of.strip_suffix("_age_days_p90").filter(|stage| is_stage(stage)) {
            return Place { scale: DAY_SECONDS, ..at(&catalogue::OPEN_AGE, &[stage]) };
        }
    }
    if let Some((step, estimate)) = conversion(measure) {
        // The naive share is there to be compared; an interval would lend it a trust that it lacks.
        let interval = if estimate == "naive" { Interval::Hidden } else { Interval::Shown };
        return Place { interval, ..at(&catalogue::CONVERSION, &[step, estimate, window, "value"]) };
    }
    if measure == "first_touch_attainment" {
        return Place { interval: Interval::Shown, ..at(&catalogue::ATTAINMENT, &[window, "value"]) };
    }
    if let Some((part, percentile)) = delay(measure) {
        return at(&catalogue::FIRST_TOUCH, &[part, percentile, window]);
    }
    if measure == "reasonless_share" {
        return at(&catalogue::REASONLESS, &[window]);
    }
    if let Some(verdict) = measure.strip_suffix("_share").filter(|word| Verdict::parse(word).is_some()) {
        return at(&catalogue::VERDICTS, &[verdict, window]);
    }
    if let Some(state @ ("opened" | "won" | "lost")) = measure.strip_prefix("deals_") {
        return at(&catalogue::DEALS, &[state, window]);
    }
    match measure.strip_prefix("won_amount_minor_").filter(|code| Currency::parse(code).is_some()) {
        Some(currency) => at(&catalogue::WON_AMOUNT, &[currency, window]),
        None => at(&catalogue::WINDOW_VALUE, &[measure, window]),
    }
}

/// How many series a measure takes up when its value and its interval are known.
pub fn series(measure: &str) -> usize {
    match place(measure, "").interval {
        Interval::Shown => 3,
        Interval::Hidden => 1,
    }
}

fn is_stage(word: &str) -> bool {
    Stage::parse(word).is_some()
}

/// `mql_to_sql_kaplan_meier` is the step `mql_to_sql` by the estimate `kaplan_meier`.
fn conversion(measure: &str) -> Option<(&str, &'static str)> {
    ["naive", "matured", "kaplan_meier"].into_iter().find_map(|estimate| {
        let step = measure.strip_suffix(estimate)?.strip_suffix('_')?;
        Step::parse(step).map(|_| (step, estimate))
    })
}

/// `first_touch_total_seconds_p90` is the part `total` at the percentile `90`.
fn delay(measure: &str) -> Option<(&str, &str)> {
    let (part, percentile) = measure.strip_prefix("first_touch_")?.split_once("_seconds_p")?;
    let known = matches!(part, "total" | "routing" | "human") && matches!(percentile, "50" | "90");
    known.then_some((part, percentile))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_measure_finds_its_metric() {
        let table: &[(&str, &str, &str, &[&str], f64)] = &[
            ("entered_mql", "28d", "rapport_funnel_entered", &["mql", "28d"], 1.0),
            ("entered_customer", "1d", "rapport_funnel_entered", &["customer", "1d"], 1.0),
            ("open_sal", "now", "rapport_funnel_open", &["sal"], 1.0),
            ("open_sal_age_days_p90", "now", "rapport_funnel_open_age_p90_seconds", &["sal"], 86_400.0),
            (
                "mql_to_sql_naive",
                "42d",
                "rapport_funnel_conversion_ratio",
                &["mql_to_sql", "naive", "42d", "value"],
                1.0,
            ),
            (
                "mql_to_won_matured",
                "118d",
                "rapport_funnel_conversion_ratio",
                &["mql_to_won", "matured", "118d", "value"],
                1.0,
            ),
            (
                "sql_to_opportunity_kaplan_meier",
                "58d",
                "rapport_funnel_conversion_ratio",
                &["sql_to_opportunity", "kaplan_meier", "58d", "value"],
                1.0,
            ),
            ("first_touch_attainment", "28d", "rapport_first_touch_attainment_ratio", &["28d", "value"], 1.0),
            (
                "first_touch_total_seconds_p50",
                "28d",
                "rapport_first_touch_seconds",
                &["total", "50", "28d"],
                1.0,
            ),
            (
                "first_touch_routing_seconds_p90",
                "28d",
                "rapport_first_touch_seconds",
                &["routing", "90", "28d"],
                1.0,
            ),
            ("recycled_share", "28d", "rapport_verdict_ratio", &["recycled", "28d"], 1.0),
            ("reasonless_share", "28d", "rapport_reasonless_ratio", &["28d"], 1.0),
            ("deals_lost", "28d", "rapport_deals", &["lost", "28d"], 1.0),
            ("won_amount_minor_EUR", "28d", "rapport_won_amount_minor", &["EUR", "28d"], 1.0),
            // Unknown ones, each close to a known one.
            ("entered_moon", "28d", "rapport_window_value", &["entered_moon", "28d"], 1.0),
            ("open_sal_age_days_p50", "now", "rapport_window_value", &["open_sal_age_days_p50", "now"], 1.0),
            ("mql_to_moon_naive", "42d", "rapport_window_value", &["mql_to_moon_naive", "42d"], 1.0),
            (
                "first_touch_total_seconds_p99",
                "28d",
                "rapport_window_value",
                &["first_touch_total_seconds_p99", "28d"],
                1.0,
            ),
            ("sales_authored_share", "28d", "rapport_window_value", &["sales_authored_share", "28d"], 1.0),
            ("deals_stalled", "28d", "rapport_window_value", &["deals_stalled", "28d"], 1.0),
            ("won_amount_minor_euro", "28d", "rapport_window_value", &["won_amount_minor_euro", "28d"], 1.0),
            ("alignment_score", "now", "rapport_window_value", &["alignment_score", "now"], 1.0),
        ];
        for (measure, window, name, labels, scale) in table {
            let place = place(measure, window);
            assert_eq!((place.family.name, place.labels.as_slice(), place.scale), (*name, *labels, *scale));
            assert_eq!(
                place.labels.len() + 1,
                place.family.labels.len(),
                "{measure}: every label has a value"
            );
        }
    }

    #[test]
    fn only_estimates_worth_an_interval_show_one() {
        for (measure, takes) in [
            ("mql_to_sql_kaplan_meier", 3),
            ("mql_to_sql_matured", 3),
            ("mql_to_sql_naive", 1),
            ("first_touch_attainment", 3),
            ("entered_mql", 1),
            ("accepted_share", 1),
        ] {
            assert_eq!(series(measure), takes, "{measure}");
        }
    }
}
