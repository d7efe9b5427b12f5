//! `[rule.first_touch_slo]`: the promise that sales makes to marketing, and how fast it may be broken.

use toml_edit::{ArrayOfTables, Item, Table, value as toml};

use super::super::calendar::{minutes_of_a_week, minutes_of_a_working_day};
use super::super::effective::decimal;
use super::super::quantity::{Duration, print_business_minutes, print_decimal};
use super::super::section::{Findings, Section, Wrong};
use super::super::tree::Node;
use super::super::value;
use super::SEVERITIES;
use crate::model::alert::Severity;
use crate::model::definitions::{BurnWindow, CalendarDefinition, FirstTouchSlo, Millionths};

/// Hours are kept for 35 days; a week of them is left for holidays.
const WEEKS_MAX: u32 = 4;
const WINDOWS_MAX: usize = 8;
/// Long, short, burn in millionths, severity.
const WINDOWS: [(&str, &str, i64, Severity); 5] = [
    ("1bd", "2bh", 4_000_000, Severity::Page),
    ("4bh", "1bh", 5_000_000, Severity::Page),
    ("2bd", "4bh", 3_000_000, Severity::Page),
    ("4bd", "1bd", 2_000_000, Severity::Ticket),
    ("10bd", "2bd", 1_500_000, Severity::Ticket),
];

pub(super) fn read(
    rules: &mut Section<'_>,
    sales: &CalendarDefinition,
    findings: &mut Findings,
) -> Option<FirstTouchSlo> {
    let mut s = rules.section("first_touch_slo");
    let (day, most) = (minutes_of_a_working_day(sales), WEEKS_MAX * minutes_of_a_week(sales).max(1));
    let enabled = s.read("enabled", true, value::flag);
    let target = s.read("target", Millionths(950_000), fraction);
    let mut minutes = |key: &str, default: u32, least: u32| {
        s.read(key, default, |n| value::business_minutes(n, day, least..=most))
    };
    let within_minutes = minutes("within", 240, 1);
    let for_minutes = minutes("for", 10, 0);
    let clear_minutes = minutes("clear", day, 0);
    let gate = s.read("gate", Millionths(3_000), fraction);
    let min_n = s.read("min_n", 10, |n| value::integer(n, 1..=1_000_000));
    let mut windows = windows(&mut s, Bounds { day, most, target }, findings);
    if enabled && !s.has("windows") {
        check_default_windows(&mut s, &windows, Bounds { day, most, target });
    }
    narrow_gates(&mut windows, gate);
    s.finish(findings);
    let rule = FirstTouchSlo { target, within_minutes, windows, gate, min_n, for_minutes, clear_minutes };
    enabled.then_some(rule)
}

/// What a window is held against.
#[derive(Clone, Copy)]
struct Bounds {
    /// Minutes of an average working day.
    day: u32,
    /// Most minutes that a window may have.
    most: u32,
    target: Millionths,
}

fn windows(rule: &mut Section<'_>, bounds: Bounds, findings: &mut Findings) -> Vec<BurnWindow> {
    let target_holds = rule.sound(&["target"]);
    let windows: Vec<BurnWindow> = match rule.sections("windows") {
        Some(sections) => {
            if sections.is_empty() && rule.sound(&["windows"]) {
                rule.refuse("windows", "there is none", "write at least one, or enabled = false");
            }
            sections.into_iter().filter_map(|s| window(s, bounds, target_holds, findings)).collect()
        }
        None => WINDOWS.iter().map(|window| default_window(window, bounds.day)).collect(),
    };
    if windows.len() > WINDOWS_MAX {
        let wrong = format!("{} windows are too many", windows.len());
        rule.refuse("windows", wrong, format!("write at most {WINDOWS_MAX}"));
    }
    windows
}

/// Gives each window without a gate its part of the rule's: a month has many short windows and few long ones, so
/// chance opens each as rarely in a month if its gate is as much narrower as the window is shorter than the longest.
fn narrow_gates(windows: &mut [BurnWindow], gate: Millionths) {
    let longest = i64::from(windows.iter().map(|window| window.long_minutes).max().unwrap_or(1));
    for window in windows {
        let part = (gate.0 * i64::from(window.long_minutes) / longest).max(1);
        window.gate.get_or_insert(Millionths(part));
    }
}

fn default_window((long, short, burn, severity): &(&str, &str, i64, Severity), day: u32) -> BurnWindow {
    let minutes = |text: &str| {
        let duration = Duration::parse(text).expect("the defaults are durations");
        duration.business_minutes(day).expect("the defaults are business time") as u32
    };
    let (long_minutes, short_minutes) = (minutes(long), minutes(short));
    BurnWindow { long_minutes, short_minutes, burn: Millionths(*burn), severity: *severity, gate: None }
}

/// The default windows are meant for a common calendar and target; where they do not fit, the user has
/// to choose.
fn check_default_windows(rule: &mut Section<'_>, windows: &[BurnWindow], bounds: Bounds) {
    let target_holds = rule.sound(&["target"]);
    for ((long, short, ..), window) in WINDOWS.iter().zip(windows) {
        let why = if window.long_minutes > bounds.most {
            format!("{long} is more than {WEEKS_MAX} weeks of the sales calendar, and no more is kept")
        } else if window.short_minutes >= window.long_minutes {
            format!("{short} is not shorter than {long} of the sales calendar")
        } else if target_holds && is_out_of_reach(window.burn, bounds.target) {
            let burn = print_decimal(window.burn);
            format!("a burn of {burn} can never be exceeded: {}", highest_burn(bounds.target))
        } else {
            continue;
        };
        rule.refuse("windows", format!("a default one does not fit: {why}"), "write windows that fit");
    }
}

fn window(
    mut s: Section<'_>,
    Bounds { day, most, target }: Bounds,
    target_holds: bool,
    findings: &mut Findings,
) -> Option<BurnWindow> {
    for key in ["long", "short", "burn", "severity"] {
        if !s.has(key) {
            let example = "long = \"1bd\", short = \"2bh\", burn = 6, severity = \"page\"";
            s.refuse(key, "it is missing", format!("write these four: {example}"));
        }
    }
    let long = s.optional("long", |n| value::business_minutes(n, day, 2..=most));
    let short = s.optional("short", |n| value::business_minutes(n, day, 1..=most));
    let burn = s.optional("burn", |n| {
        value::decimal(n, "from 1: below it the promise is kept", |m| m >= Millionths::ONE)
    });
    let severity = s.optional("severity", |n| value::word(n, &SEVERITIES));
    let gate = s.optional("gate", fraction);
    if let (Some(long), Some(short)) = (long, short)
        && short >= long
    {
        let wrong = format!("it is not shorter than the long window, {}", print_business_minutes(long));
        s.refuse("short", wrong, "write a part of it, such as an eighth");
    }
    if let Some(burn) = burn.filter(|burn| target_holds && is_out_of_reach(*burn, target)) {
        let wrong = format!("{} can never be exceeded: {}", print_decimal(burn), highest_burn(target));
        s.refuse("burn", wrong, "write less");
    }
    s.finish(findings);
    Some(BurnWindow { long_minutes: long?, short_minutes: short?, burn: burn?, severity: severity?, gate })
}

fn fraction(node: &Node) -> Result<Millionths, Wrong> {
    value::decimal(node, "above 0 and below 1", |m| m.0 > 0 && m < Millionths::ONE)
}

/// Whether even a team that misses every lead burns no faster than this: 1/(1 − target).
fn is_out_of_reach(burn: Millionths, target: Millionths) -> bool {
    i128::from(burn.0) * i128::from(1_000_000 - target.0) >= 1_000_000_000_000
}

fn highest_burn(target: Millionths) -> String {
    let highest = Millionths(1_000_000_000_000 / (1_000_000 - target.0));
    let target = print_decimal(target);
    format!("missing every lead burns 1/(1 - {target}) = {}", print_decimal(highest))
}

pub(super) fn print(rule: &FirstTouchSlo, into: &mut Table) {
    let minutes = |n: u32| toml(print_business_minutes(n));
    into["target"] = decimal(rule.target);
    into["within"] = minutes(rule.within_minutes);
    into["gate"] = decimal(rule.gate);
    into["min_n"] = toml(i64::from(rule.min_n));
    into["for"] = minutes(rule.for_minutes);
    into["clear"] = minutes(rule.clear_minutes);
    let mut windows = ArrayOfTables::new();
    for window in &rule.windows {
        let mut table = Table::new();
        table["long"] = minutes(window.long_minutes);
        table["short"] = minutes(window.short_minutes);
        table["burn"] = decimal(window.burn);
        table["severity"] = toml(window.severity.as_str());
        if let Some(gate) = window.gate {
            table["gate"] = decimal(gate);
        }
        windows.push(table);
    }
    into["windows"] = Item::ArrayOfTables(windows);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burn_is_out_of_reach_from_the_inverse_of_the_budget_on() {
        let cases = [
            (20_000_000, 950_000, true),
            (19_999_999, 950_000, false),
            (3_000_000, 666_666, true),
            (2_999_990, 666_666, false),
            (1_000_000, 1, false),
            (1_000_001, 1, false),
            (1_000_002, 1, true),
        ];
        for (burn, target, out) in cases {
            assert_eq!(is_out_of_reach(Millionths(burn), Millionths(target)), out, "{burn} {target}");
        }
        assert!(highest_burn(Millionths(950_000)).ends_with("= 20"));
    }
}
