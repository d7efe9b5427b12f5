//! What a replay prints: the funnel, the steps, the alerts, the shifts, and where every record ended.

use crate::commands::at_end::AtEnd;
use crate::commands::say::say_line;
use crate::funnel::journey::segments::ALL;
use crate::funnel::report::{Cohort, Report};
use crate::funnel::shifts::Outcome;
use crate::funnel::signs::rule::Rule;
use crate::model::EventTime;
use crate::model::alert::{Alert, AlertState};

use super::output::Summary;
use super::{Run, reading, shifts};

/// Prints everything.
pub(super) fn all(summary: &Summary, report: &Report, told: &[Outcome], run: &Run) {
    funnel(report);
    steps(report);
    alerts(&run.alerts);
    rules(run);
    shifts::print(told);
    records(summary, run);
}

fn funnel(report: &Report) {
    let cohorts: Vec<&Cohort> = report.cohorts.iter().filter(|cohort| cohort.segment == ALL).collect();
    if cohorts.is_empty() {
        say_line!("No lead became an MQL.");
        return;
    }
    say_line!("Funnel by month of the first MQL entry");
    let head = ["month", "mql", "sal", "sql", "opportunity", "won", "lost"];
    say_line!(
        "  {:8} {:>7} {:>7} {:>7} {:>12} {:>7} {:>7}",
        head[0],
        head[1],
        head[2],
        head[3],
        head[4],
        head[5],
        head[6]
    );
    let mut sum = Cohort::default();
    for cohort in &cohorts {
        row(&cohort.month, cohort);
        sum.mql += cohort.mql;
        sum.sal += cohort.sal;
        sum.sql += cohort.sql;
        sum.opportunity += cohort.opportunity;
        sum.won += cohort.won;
        sum.lost += cohort.lost;
    }
    row("all", &sum);
}

fn row(name: &str, cohort: &Cohort) {
    say_line!(
        "  {name:8} {:>7} {:>7} {:>7} {:>12} {:>7} {:>7}",
        grouped(cohort.mql),
        grouped(cohort.sal),
        grouped(cohort.sql),
        grouped(cohort.opportunity),
        grouped(cohort.won),
        grouped(cohort.lost)
    );
}

fn steps(report: &Report) {
    say_line!("\nSteps");
    say_line!(
        "  {:20} {:>8} {:>10} {:>8} {:>11} {:>9}",
        "",
        "entered",
        "converted",
        "share",
        "days p50",
        "p90"
    );
    for step in report.steps.iter().filter(|step| step.segment == ALL && step.entered > 0) {
        let days = |days: Option<f64>| days.map_or("–".to_owned(), |d| format!("{d:.2}"));
        say_line!(
            "  {:20} {:>8} {:>10} {:>7.1}% {:>11} {:>9}",
            step.step.as_str(),
            grouped(step.entered),
            grouped(step.converted),
            100.0 * step.converted as f64 / step.entered as f64,
            days(step.days_p50),
            days(step.days_p90),
        );
    }
}

fn alerts(alerts: &[Alert]) {
    if alerts.is_empty() {
        say_line!("\nNo alert.");
        return;
    }
    say_line!("\nAlerts");
    for alert in alerts {
        let state = if alert.state == AlertState::Firing { "firing" } else { "resolved" };
        say_line!(
            "  {}  {state:8} {:6} {} ({})",
            &alert.at.rfc3339()[..16],
            alert.severity.as_str(),
            alert.rule,
            alert.segment
        );
        say_line!("      {}", alert.summary);
    }
}

/// In how many segments and subjects each rule stands how, at the end.
fn rules(run: &Run) {
    say_line!("\n{:24}{}", "Rules at the end", AtEnd::head());
    for rule in Rule::ALL {
        if let Some(at_end) = AtEnd::of(*rule, run.local.segments()) {
            say_line!("  {:22}{}", rule.name(), at_end.row());
        }
    }
}

fn records(summary: &Summary, run: &Run) {
    let date = |at: Option<EventTime>| at.map_or("–".to_owned(), |at| at.rfc3339()[..10].to_owned());
    say_line!(
        "\n{} {} from {} to {} in {:.2} s: {} applied, {} duplicate, {} late, {} {}, {} ignored, {} forwarded",
        grouped(summary.records),
        reading::records(summary.records),
        date(summary.first_event),
        date(summary.last_event),
        summary.seconds,
        grouped(summary.applied),
        grouped(summary.duplicate),
        grouped(summary.late),
        grouped(summary.dead_letter),
        reading::dead_letters(summary.dead_letter),
        grouped(summary.ignored),
        grouped(summary.forwarded),
    );
    for line in run.reading.set_aside_lines() {
        say_line!("  {line}");
    }
}

/// 1234567 as `1,234,567`.
pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
