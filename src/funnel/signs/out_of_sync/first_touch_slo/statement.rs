//! The rule in words.

use crate::model::alert::Severity;
use crate::model::definitions::{BurnWindow, Definitions, FirstTouchSlo};

use super::super::super::rule::Rule;
use super::super::super::statement::{ONE_CAUSE, Statement, spoken};
use super::super::super::{business_time, percent};

/// How often a team that just keeps its promise is told of by chance, in alerts a month of 21 business days.
#[derive(Clone, Copy, Debug)]
pub struct ByChance {
    /// Alerts that page, at once or later, at most.
    pub pages: f64,
    /// The others, at most.
    pub tickets: f64,
}

/// By simulation, with the default settings, a working day of 8 hours, and a team of 5 to 100 MQLs a business day that
/// misses each of them with 5 %, whatever became of the others (`tests/false_alarms/first_touch.rs`). With 5, 20, 35,
/// 60 and 100 of them: 0.006, 0.028, 0.030, 0.007 and 0.000 pages, 0.029, 0.041, 0.044, 0.050 and 0.005 tickets.
pub const BY_CHANCE: ByChance = ByChance { pages: 0.03, tickets: 0.05 };

/// The same of thirty segments together, each at its promise (`tests/false_alarms/touch_segments.rs`). With 1, 5 and 20
/// MQLs a business day in each, over 600 months of each: 0.000, 0.018 and 0.035 pages, 0.010, 0.037 and 0.045 tickets.
pub const IN_SEGMENTS: ByChance = ByChance { pages: 0.05, tickets: 0.06 };

/// The windows by which both were counted: long and short in minutes, burn and gate in millionths, severity.
const COUNTED: [(u32, u32, i64, i64, Severity); 5] = [
    (480, 120, 4_000_000, 300, Severity::Page),
    (240, 60, 5_000_000, 150, Severity::Page),
    (960, 240, 3_000_000, 600, Severity::Page),
    (1_920, 480, 2_000_000, 1_200, Severity::Ticket),
    (4_800, 960, 1_500_000, 3_000, Severity::Ticket),
];

/// Whether the settings are those by which [`BY_CHANCE`] was counted.
fn is_counted(rule: &FirstTouchSlo) -> bool {
    let window = |window: &BurnWindow| {
        let (long, short) = (window.long_minutes, window.short_minutes);
        (long, short, window.burn.0, rule.gate_of(window).0, window.severity)
    };
    let settings = (rule.target.0, rule.min_n, rule.for_minutes, rule.clear_minutes);
    settings == (950_000, 10, 10, 480) && rule.windows.iter().map(window).eq(COUNTED)
}

fn false_alarms(rule: &FirstTouchSlo) -> String {
    let a_month = match is_counted(rule) {
        true => format!(
            "In simulations with these settings, a team of 5 to 100 MQLs a business day that misses each with a \
             probability of {} was told of at most {} times a month as a page and {} times as a ticket, together less \
             than once a year; of thirty segments that do, all of them together {} and {} times.",
            percent(1.0 - rule.target.as_f64()),
            BY_CHANCE.pages,
            BY_CHANCE.tickets,
            IN_SEGMENTS.pages,
            IN_SEGMENTS.tickets
        ),
        false => {
            "How many alerts a month that comes to depends on these settings and was counted for the default \
                  ones alone."
                .to_owned()
        }
    };
    format!(
        "A team at its promise passes the gate of a window with a probability below it at a look. {a_month} Over many \
         segments at once Benjamini and Hochberg's rule keeps the share of false ones at the gate."
    )
}

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
        left_out: "Cycles that were closed before their deadline without a touch, touches by machines, and what was \
                   due before an alert of the segment or of a wider one was over: it was told of there.".to_owned(),
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
        false_alarms: false_alarms(rule),
        stays: format!(
            "It must hold for {} before it is told, and be gone for {}. {ONE_CAUSE}",
            business_time(rule.for_minutes),
            business_time(rule.clear_minutes)
        ),
        over: "No window burns too fast any more.".to_owned(),
        blind_to: "Leads that nobody entered, touches that nobody records, single hot leads, and what was said in \
                   the touch.".to_owned(),
        act: "Who let them wait is named: routing (operations), sales, or marketing, where sales made at least two \
              thirds of the usual touches, at least a quarter more MQLs came than usual, than chance brings in 1 % of \
              such weeks and than in any week in which sales kept the promise, and those due beyond the usual number \
              are more than half of the misses. That a lead was never assigned counts against routing only where \
              assignments are on record for most MQLs that were touched.".to_owned(),
    })
}
