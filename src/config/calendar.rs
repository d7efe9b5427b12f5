//! `[calendar.sales]` and `[calendar.marketing]`: when each team works.
//!
//! `hours` is the whole week: a day that neither it nor its group names is closed. Without `hours` a
//! team works Monday to Friday from 9 to 17.

use std::collections::BTreeMap;

use jiff::civil::Date;
use toml_edit::{Array, Item, Table, value as toml};

use super::section::{Findings, Section, Wrong};
use super::tree::{Node, Shape};
use super::value;
use crate::model::Text;
use crate::model::definitions::CalendarDefinition;

const DAY_MINUTES: u16 = 1_440;
const DAYS: [(&str, &str); 7] = [
    ("mon", "weekdays"),
    ("tue", "weekdays"),
    ("wed", "weekdays"),
    ("thu", "weekdays"),
    ("fri", "weekdays"),
    ("sat", "weekend"),
    ("sun", "weekend"),
];
const HOURS_RIGHT: &str =
    "write \"09:00-17:00\"; 24:00 is midnight, and an end before the start is overnight";

/// The calendars, each with the team's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Calendars {
    /// When sales works.
    pub sales: CalendarDefinition,
    /// When marketing works.
    pub marketing: CalendarDefinition,
}

pub(super) fn read(top: &mut Section<'_>, findings: &mut Findings) -> Calendars {
    let mut s = top.section("calendar");
    let sales = calendar(s.section("sales"), findings);
    let marketing = calendar(s.section("marketing"), findings);
    s.finish(findings);
    Calendars { sales, marketing }
}

fn calendar(mut s: Section<'_>, findings: &mut Findings) -> CalendarDefinition {
    let zone = s.read("zone", "UTC".to_owned(), value::zone).into();
    let weekly = weekly(&mut s, findings);
    let mut holidays = s.list("holidays", "dates", holiday).unwrap_or_default();
    holidays.sort();
    holidays.dedup();
    s.finish(findings);
    CalendarDefinition { zone, weekly, holidays }
}

fn weekly(calendar: &mut Section<'_>, findings: &mut Findings) -> [Vec<(u16, u16)>; 7] {
    let written = calendar.has("hours");
    let mut s = calendar.section("hours");
    let mut hours = |key| s.list(key, "hours, such as \"09:00-17:00\"", interval);
    let weekdays = hours("weekdays");
    let weekend = hours("weekend");
    let weekly = DAYS.map(|(day, group)| {
        let of_group = if group == "weekend" { &weekend } else { &weekdays };
        let mut day = hours(day).or_else(|| of_group.clone()).unwrap_or_default();
        day.sort_unstable();
        day.dedup();
        day
    });
    let groups = ["weekdays", "weekend"];
    let sound = s.sound(&groups) && s.sound(&DAYS.map(|(day, _)| day)) && s.all_known();
    s.finish(findings);
    let is_empty = weekly.iter().all(Vec::is_empty);
    if written && sound && calendar.sound(&["hours"]) && is_empty {
        let right = "write hours for at least one day, such as weekdays = [\"09:00-17:00\"]";
        calendar.refuse("hours", "the team never works, so no business time would ever pass", right);
    }
    if is_empty || !sound { DAYS.map(|(_, group)| default_hours(group)) } else { weekly }
}

fn default_hours(group: &str) -> Vec<(u16, u16)> {
    if group == "weekdays" { vec![(9 * 60, 17 * 60)] } else { Vec::new() }
}

fn interval(node: &Node) -> Result<(u16, u16), Wrong> {
    let read = |text: &str| {
        let (start, end) = text.split_once('-')?;
        Some((minute(start)?, minute(end)?)).filter(|(start, _)| *start < DAY_MINUTES)
    };
    match &node.shape {
        Shape::Text(text) => read(text),
        _ => None,
    }
    .ok_or_else(|| Wrong::new(format!("{} are no hours", node.written), HOURS_RIGHT))
}

/// Minutes after midnight of `HH:MM`, up to 24:00.
fn minute(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let two =
        |s: &str| (s.len() == 2 && s.bytes().all(|b| b.is_ascii_digit())).then(|| s.parse::<u16>().ok())?;
    let (hour, minute) = (two(hour)?, two(minute)?);
    (minute < 60).then_some(hour * 60 + minute).filter(|m| *m <= DAY_MINUTES)
}

fn holiday(node: &Node) -> Result<Text, Wrong> {
    let text = match &node.shape {
        Shape::Text(text) => text,
        _ => &node.written,
    };
    match text.parse::<Date>() {
        Ok(date) if text.len() == 10 && date.to_string() == *text => Ok(text.into()),
        _ => Err(Wrong::new(format!("{} is no date", node.written), "write \"2026-12-25\"")),
    }
}

/// How many minutes a team works in a week: the union of its hours, holidays left out of account.
pub(super) fn minutes_of_a_week(calendar: &CalendarDefinition) -> u32 {
    let week = 7 * usize::from(DAY_MINUTES);
    let mut open = vec![false; week];
    for (day, intervals) in calendar.weekly.iter().enumerate() {
        for &(start, end) in intervals {
            let length = if end > start { end - start } else { DAY_MINUTES - start + end };
            let from = day * usize::from(DAY_MINUTES) + usize::from(start);
            (from..from + usize::from(length)).for_each(|minute| open[minute % week] = true);
        }
    }
    open.into_iter().filter(|open| *open).count() as u32
}

/// How many minutes the average working day has, rounded, at least 1. A working day is a weekday on
/// which hours begin.
pub(super) fn minutes_of_a_working_day(calendar: &CalendarDefinition) -> u32 {
    let days = calendar.weekly.iter().filter(|day| !day.is_empty()).count().max(1) as u32;
    ((minutes_of_a_week(calendar) + days / 2) / days).max(1)
}

impl Calendars {
    pub(super) fn print(&self, into: &mut Table) {
        Calendars::print_all([("sales", &self.sales), ("marketing", &self.marketing)], into);
    }

    /// The calendars of definitions, each under its team's name.
    pub(super) fn print_each(calendars: &BTreeMap<Text, CalendarDefinition>, into: &mut Table) {
        Calendars::print_all(calendars.iter().map(|(team, calendar)| (team.as_str(), calendar)), into);
    }

    fn print_all<'a>(
        calendars: impl IntoIterator<Item = (&'a str, &'a CalendarDefinition)>,
        into: &mut Table,
    ) {
        into.set_implicit(true);
        for (team, calendar) in calendars {
            let mut table = Table::new();
            table["zone"] = toml(calendar.zone.as_str());
            table["holidays"] = toml(calendar.holidays.iter().map(|d| d.as_str()).collect::<Array>());
            let mut hours = Table::new();
            for ((day, _), intervals) in DAYS.iter().zip(&calendar.weekly) {
                hours[day] = toml(intervals.iter().map(print_interval).collect::<Array>());
            }
            table["hours"] = Item::Table(hours);
            into[team] = Item::Table(table);
        }
    }
}

fn print_interval((start, end): &(u16, u16)) -> String {
    format!("{:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(weekly: [&[(u16, u16)]; 7]) -> CalendarDefinition {
        CalendarDefinition { zone: "UTC".into(), weekly: weekly.map(<[_]>::to_vec), holidays: vec![] }
    }

    #[test]
    fn a_working_day_is_the_average_of_the_days_with_hours() {
        const DAY: &[(u16, u16)] = &[(540, 1020)];
        const SPLIT: &[(u16, u16)] = &[(540, 720), (700, 720), (780, 1020)];
        let cases = [
            (of([DAY, DAY, DAY, DAY, DAY, &[], &[]]), 2_400, 480),
            (of([SPLIT, &[], &[], &[], &[], &[], &[]]), 420, 420),
            (of([DAY, DAY, DAY, DAY, &[(540, 720)], &[], &[]]), 2_100, 420),
            (of([&[(1320, 360)], &[], &[], &[], &[], &[], &[]]), 480, 480),
            (of([&[], &[], &[], &[], &[], &[], &[(1320, 360)]]), 480, 480),
            (of([&[(0, 1440)]; 7]), 10_080, 1_440),
            (of([&[(0, 0)], &[], &[], &[], &[], &[], &[]]), 1_440, 1_440),
            (of([&[(0, 1)], &[(0, 2)], &[], &[], &[], &[], &[]]), 3, 2),
        ];
        for (calendar, week, day) in cases {
            assert_eq!(minutes_of_a_week(&calendar), week, "{calendar:?}");
            assert_eq!(minutes_of_a_working_day(&calendar), day, "{calendar:?}");
        }
    }

    #[test]
    fn clock_times_have_two_digits_each() {
        let cases =
            [("09:00", Some(540)), ("24:00", Some(1440)), ("24:01", None), ("9:00", None), ("12:60", None)];
        for (text, minutes) in cases {
            assert_eq!(minute(text), minutes, "{text}");
        }
    }
}
