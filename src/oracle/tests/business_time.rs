//! The calendar against values that were made outside this project.

use std::path::Path;

use crate::model::EventTime;
use crate::model::definitions::CalendarDefinition;
use crate::oracle::{Calendar, Days};

use super::support::{office, time};

fn vectors() -> Option<serde_json::Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/vectors/business_time.json");
    match std::fs::read_to_string(&path) {
        Ok(text) => Some(serde_json::from_str(&text).expect("the vectors are JSON")),
        Err(error) => {
            assert!(std::env::var("CI").is_err(), "no vectors at {}: {error}", path.display());
            eprintln!("NOT TESTED: no vectors at {}", path.display());
            None
        }
    }
}

fn minutes(clock: &serde_json::Value) -> u16 {
    let (hours, minutes) = clock.as_str().and_then(|text| text.split_once(':')).expect("HH:MM");
    hours.parse::<u16>().expect("hours") * 60 + minutes.parse::<u16>().expect("minutes")
}

fn calendar(definition: &serde_json::Value) -> Calendar {
    let weekly = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].map(|day| {
        let intervals = definition["weekly"][day].as_array().cloned().unwrap_or_default();
        intervals.iter().map(|ends| (minutes(&ends[0]), minutes(&ends[1]))).collect::<Vec<_>>()
    });
    let holidays = definition["holidays"].as_array().expect("holidays");
    Calendar::new(Some(&CalendarDefinition {
        zone: definition["zone"].as_str().expect("a zone").into(),
        weekly,
        holidays: holidays.iter().map(|day| day.as_str().expect("a date").into()).collect(),
    }))
}

#[test]
fn the_calendar_agrees_with_the_vectors() {
    let Some(vectors) = vectors() else { return };
    let calendars = vectors["calendars"].as_object().expect("calendars");
    let calendars: std::collections::BTreeMap<&str, Calendar> =
        calendars.iter().map(|(name, definition)| (name.as_str(), calendar(definition))).collect();
    let cases = vectors["cases"].as_array().expect("cases");
    for case in cases {
        let calendar = &calendars[case["calendar"].as_str().expect("a calendar")];
        let ms = |field: &str| EventTime(case[field].as_i64().expect("a time"));
        if case["what"] == "deadline" {
            let business_ms = case["minutes"].as_i64().expect("minutes") * 60_000;
            let found = calendar.deadline(ms("start_ms"), business_ms).map(|at| at.0);
            assert_eq!(found, case["expect"]["deadline_ms"].as_i64(), "{case}");
        } else {
            let found = calendar.between_ms(ms("from_ms"), ms("to_ms"));
            assert_eq!(Some(found), case["expect"]["business_ms"].as_i64(), "{case}");
        }
    }
    assert!(cases.len() >= 100, "only {} cases", cases.len());
}

#[test]
fn a_window_starts_at_the_latest_instant_that_is_far_enough_away() {
    let calendar = Calendar::new(Some(&office("UTC")));
    // 2024-03-04 is a Monday.
    for (now, minutes, expected) in [
        ("2024-03-04T12:00", 60, "2024-03-04T11:00"),
        ("2024-03-04T12:00", 180, "2024-03-04T09:00"),
        ("2024-03-04T12:00", 181, "2024-03-01T16:59"),
        ("2024-03-04T09:00", 60, "2024-03-01T16:00"),
        ("2024-03-04T17:00", 480, "2024-03-04T09:00"),
        ("2024-03-05T00:00", 480, "2024-03-04T09:00"),
        ("2024-03-04T03:00", 480, "2024-03-01T09:00"),
        ("2024-03-04T03:00", 960, "2024-02-29T09:00"),
        ("2024-03-04T12:00", 0, "2024-03-04T12:00"),
    ] {
        let found = calendar.window_start(time(now), minutes * 60_000);
        assert_eq!(found, Some(time(expected)), "{minutes} minutes before {now}");
    }
    let never = CalendarDefinition { weekly: std::array::from_fn(|_| vec![]), ..office("UTC") };
    assert_eq!(Calendar::new(Some(&never)).window_start(time("2024-03-04T12:00"), 60_000), None);
}

#[test]
fn days_are_those_of_the_zone() {
    let days = Days::new("America/Sao_Paulo");
    // On 2018-11-04 the clock jumped from 00:00 to 01:00.
    let day = days.day_of(time("2018-11-04T12:00"));
    assert_eq!(days.start_of(day).start(), time("2018-11-04T03:00"));
    assert_eq!(days.day_of(time("2018-11-04T02:59")), day - 1);
    assert_eq!(days.start_of(day + 1).start(), time("2018-11-05T02:00"));
}

#[test]
fn a_business_day_has_an_opening_that_begins_on_it() {
    let mut nights = office("UTC");
    nights.weekly[4] = vec![(1_320, 360)];
    nights.holidays = vec!["2024-03-04".into()];
    let calendar = Calendar::new(Some(&nights));
    let days = Days::new("UTC");
    for (date, expected) in [
        ("2024-03-01T12:00", true),
        ("2024-03-02T03:00", false),
        ("2024-03-04T12:00", false),
        ("2024-03-05T12:00", true),
    ] {
        assert_eq!(calendar.is_business_day(days.day_of(time(date))), expected, "{date}");
    }
}
