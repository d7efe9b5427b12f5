//! Deadlines and elapsed business time.

use std::collections::BTreeMap;

use super::super::business_time::BusinessClock;
use super::{Fields, File, read};

const WEEKDAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

fn minute(text: &str) -> u16 {
    let (hours, minutes) = text.split_once(':').unwrap();
    hours.parse::<u16>().unwrap() * 60 + minutes.parse::<u16>().unwrap()
}

fn calendar(mut fields: Fields) -> BusinessClock {
    let mut week = fields.object("weekly");
    let interval = |interval: serde_json::Value| match interval.as_array().unwrap().as_slice() {
        [start, end] => (minute(start.as_str().unwrap()), minute(end.as_str().unwrap())),
        other => panic!("{other:?} is no interval"),
    };
    let weekly = WEEKDAYS
        .map(|day| if week.has(day) { week.list(day).into_iter().map(interval).collect() } else { vec![] });
    week.done();
    let holidays: Vec<String> =
        fields.list("holidays").iter().map(|date| date.as_str().unwrap().to_owned()).collect();
    let clock = BusinessClock::new(&fields.string("zone"), &weekly, &holidays).unwrap();
    fields.done();
    clock
}

#[test]
fn business_time() {
    let Some(File { mut rest, cases, tolerance }) = read("business_time.json", &["ms"]) else { return };
    assert_eq!(tolerance.of("ms"), 0.0);
    let calendars: BTreeMap<String, BusinessClock> = std::mem::take(&mut rest.object("calendars").map)
        .into_iter()
        .map(|(name, value)| (name.clone(), calendar(Fields::new(name, value))))
        .collect();
    rest.done();
    for mut case in cases {
        case.inform(&["why", "differs_from_naive", "start", "start_local", "from", "to"]);
        let clock = &calendars[&case.string("calendar")];
        let what = case.string("what");
        let mut expect = case.object("expect");
        expect.inform(&["deadline", "deadline_local"]);
        match what.as_str() {
            "deadline" => {
                let (start_ms, minutes) = (case.i64("start_ms"), case.i64("minutes"));
                let want = expect.maybe_i64("effective_start_ms");
                assert_eq!(clock.effective_start(start_ms), want, "{}", case.name);
                let want = expect.maybe_i64("deadline_ms");
                assert_eq!(clock.deadline(start_ms, minutes * 60_000), want, "{}", case.name);
            }
            "between" => {
                let (from_ms, to_ms) = (case.i64("from_ms"), case.i64("to_ms"));
                assert_eq!(clock.between_ms(from_ms, to_ms), expect.i64("business_ms"), "{}", case.name);
            }
            other => panic!("{}: what is {other}?", case.name),
        }
        expect.done();
        case.done();
    }
}
