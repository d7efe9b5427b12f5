//! How a story writes what was counted and told, a line each.

use std::fmt::Write as _;

use rapport::funnel::segment::Told;
use rapport::model::alert::AlertState;
use rapport::model::measure::Cell;
use rapport::model::window::WindowResult;

pub(super) fn rounded(x: f64) -> String {
    ((x * 1e6).round() / 1e6).to_string()
}

pub(super) fn window_line(result: &WindowResult) -> String {
    let value = result.value.map_or("none".to_owned(), rounded);
    let mut line = format!("{} {} {value}", result.measure, result.window);
    if let (Some(low), Some(high)) = (result.interval_low, result.interval_high) {
        let _ = write!(line, " [{}, {}]", rounded(low), rounded(high));
    }
    for (name, count) in [("n", result.n), ("young", result.excluded_immature)] {
        if count > 0 {
            let _ = write!(line, " {name}={count}");
        }
    }
    line
}

pub(super) fn count_line(cell: &Cell, n: i64) -> String {
    let mut line = cell.measure.to_string();
    if !cell.subject.is_empty() {
        let _ = write!(line, "[{}]", cell.subject);
    }
    let at = cell.slice.start().rfc3339();
    let _ = write!(line, " {} {}", &at[..10], &at[11..16]);
    if cell.grade > 0 {
        let _ = write!(line, " /{}", cell.grade);
    }
    let _ = write!(line, " {n}");
    line
}

pub(super) fn alert_line(told: &Told) -> Option<String> {
    let Told::Alert(alert) = told else { return None };
    let at = alert.at.rfc3339();
    let subject = alert.subject.as_ref().map_or_else(String::new, |subject| format!(" · {subject}"));
    let state = if alert.state == AlertState::Firing { "firing" } else { "resolved" };
    Some(format!(
        "{} {} {state} {} {} {}{subject}",
        &at[..10],
        &at[11..16],
        alert.severity.as_str(),
        alert.rule,
        alert.segment
    ))
}
