//! The rule in words.

use crate::model::definitions::{BurnWindow, Definitions};

use super::super::super::rule::Rule;
use super::super::super::statement::{Statement, spoken};
use super::super::super::{business_time, percent};

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.first_touch_slo.as_ref()?;
    let within = business_time(rule.within_minutes);
    let window = |window: &BurnWindow| {
        let (long, short) = (business_time(window.long_minutes), business_time(window.short_minutes));
        let gate = rule.gate_of(window).as_f64();
        format!(
            "{} at {} times over {long} and {short} ({gate})",
            spoken(window.severity),
            window.burn.as_f64()
        )
    };
    let windows: Vec<String> = rule.windows.iter().map(window).collect();
    Some(Statement {
        rule: Rule::FirstTouchSlo.name(),
        sign: Rule::FirstTouchSlo.sign(),
        says: "MQLs wait for a person of sales longer than was promised.".to_owned(),
        counts: format!("MQL cycles without a human touch by sales within {within} of its business time, counted at \
                         their deadline."),
        out_of: "All MQL cycles whose deadline has passed. Those that were touched in time count at it as well."
            .to_owned(),
        window: "Two windows of business time of sales for each burn rate: a long one that says it matters, a short \
                 one that says it goes on.".to_owned(),
        left_out: "Cycles that were closed before their deadline without a touch, and touches by machines.".to_owned(),
        usual: format!("The promise itself: {} in time.", percent(rule.target.as_f64())),
        least: format!(
            "With fewer than {} outcomes in the longest window; a shorter one with fewer is not asked. No \
             alert begins while no human touch by sales at all is on record for the last {within}: it holds.",
            rule.min_n
        ),
        speaks: format!(
            "When the error budget burns too fast in both windows, and a team that just keeps its promise would do \
             as badly by chance less often than the window's gate (in brackets): {}.",
            windows.join("; ")
        ),
        false_alarms: "A team at its promise passes the gate of a window with a probability below it at a look, which \
                       for the default windows comes to about one alert in a year; over many segments at once \
                       Benjamini and Hochberg's rule keeps the share of false ones at the gate."
            .to_owned(),
        stays: format!(
            "It must hold for {} before it is told, and be gone for {}.",
            business_time(rule.for_minutes),
            business_time(rule.clear_minutes)
        ),
        over: "No window burns too fast any more.".to_owned(),
        blind_to: "Leads that nobody entered, touches that nobody records, single hot leads, and what was said in \
                   the touch.".to_owned(),
        act: "Who let them wait is named: routing (operations), sales, or marketing where sales did as much as ever \
              and more came than that. That a lead was never assigned counts against routing only where assignments \
              are on record for most MQLs that were touched.".to_owned(),
    })
}
