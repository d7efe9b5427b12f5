//! When people work: one interval on every day from Monday to Friday, in UTC.
//!
//! The simulator's own walk through working time. It shares nothing with the calendars that the
//! funnel counts by, so that the one can stand in judgement over the other.

use crate::model::{DAY_MS, EventTime, MINUTE_MS};

/// Working hours in UTC: `[opens, closes)` from Monday to Friday, but for the holidays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkingHours {
    /// Minutes after midnight at which work begins.
    pub opens_minute: u16,
    /// Minutes after midnight at which work ends; more than `opens_minute`, at most 1440.
    pub closes_minute: u16,
    /// Days `[from, to)`, counted from 1970, on which nobody works.
    holidays: (i64, i64),
}

impl Default for WorkingHours {
    /// 09:00 to 17:00.
    fn default() -> WorkingHours {
        WorkingHours::between(9 * 60, 17 * 60)
    }
}

/// The calendar day of a time in UTC, counted from 1970-01-01.
pub(super) fn day_of(at: EventTime) -> i64 {
    at.0.div_euclid(DAY_MS)
}

/// Whether a calendar day is one from Monday to Friday. 1970-01-01 was a Thursday.
pub(super) fn is_business_day(day: i64) -> bool {
    (day + 3).rem_euclid(7) < 5
}

impl WorkingHours {
    /// From one minute of the day to another, on every day from Monday to Friday.
    pub fn between(opens_minute: u16, closes_minute: u16) -> WorkingHours {
        WorkingHours { opens_minute, closes_minute, holidays: (0, 0) }
    }

    /// The same, and nobody works on the days `[from, to)`, counted from 1970.
    pub fn but_for(self, holidays: (i64, i64)) -> WorkingHours {
        WorkingHours { holidays, ..self }
    }

    /// Whether people work on a calendar day.
    fn is_open_day(&self, day: i64) -> bool {
        is_business_day(day) && !(self.holidays.0..self.holidays.1).contains(&day)
    }

    /// The open intervals of each weekday from Monday, as calendars are written in the definitions.
    pub fn weekly(&self) -> [Vec<(u16, u16)>; 7] {
        std::array::from_fn(|weekday| match weekday {
            0..5 => vec![(self.opens_minute, self.closes_minute)],
            _ => Vec::new(),
        })
    }

    /// Whether there is any working time at all, within one day.
    pub(super) fn is_possible(&self) -> bool {
        self.opens_minute < self.closes_minute && self.closes_minute <= 24 * 60
    }

    /// Opening and closing time of a calendar day, business day or not.
    fn of_day(&self, day: i64) -> (EventTime, EventTime) {
        let minute = |m: u16| EventTime(day * DAY_MS + i64::from(m) * MINUTE_MS);
        (minute(self.opens_minute), minute(self.closes_minute))
    }

    /// The next opening after the working hours of a day.
    fn opening_after(&self, day: i64) -> EventTime {
        let mut next = day + 1;
        while !self.is_open_day(next) {
            next += 1;
        }
        self.of_day(next).0
    }

    /// The time itself when people work then, else the next opening.
    pub(super) fn next_open(&self, at: EventTime) -> EventTime {
        let day = day_of(at);
        let (opens, closes) = self.of_day(day);
        match self.is_open_day(day) {
            true if at < opens => opens,
            true if at < closes => at,
            _ => self.opening_after(day),
        }
    }

    /// The time at which `work_ms` of working time have passed since `at`.
    pub(super) fn advance(&self, at: EventTime, work_ms: i64) -> EventTime {
        let mut at = self.next_open(at);
        let mut rest = work_ms;
        loop {
            let closes = self.of_day(day_of(at)).1;
            if rest < closes.0 - at.0 {
                return at.plus_ms(rest);
            }
            rest -= closes.0 - at.0;
            at = self.next_open(closes);
        }
    }

    /// The time from which on `work_ms` of working time pass until `at`.
    pub(super) fn before(&self, at: EventTime, work_ms: i64) -> EventTime {
        let (mut day, mut rest) = (day_of(at), work_ms);
        loop {
            let (opens, closes) = self.of_day(day);
            let worked = closes.min(at).0 - opens.0;
            if self.is_open_day(day) && worked > 0 {
                if rest <= worked {
                    return closes.min(at).plus_ms(-rest);
                }
                rest -= worked;
            }
            day -= 1;
        }
    }

    /// Working time in so many days of work, or in a part of one, given as if a day of work had 24 hours.
    pub(super) fn business_ms(&self, days_ms: i64) -> i64 {
        let open_minutes = i64::from(self.closes_minute) - i64::from(self.opens_minute);
        days_ms * open_minutes / (24 * 60)
    }

    /// The time itself when people work then, else a time within the next working hours: `unit` of
    /// them, in `[0, 1)`, have passed. So that what was due overnight does not all happen at nine sharp.
    pub(super) fn sometime_from(&self, at: EventTime, unit: f64) -> EventTime {
        let open = self.next_open(at);
        if open == at {
            return at;
        }
        let (opens, closes) = self.of_day(day_of(open));
        open.plus_ms((unit * (closes.0 - opens.0) as f64) as i64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::HOUR_MS;

    fn at(text: &str) -> EventTime {
        let timestamp: jiff::Timestamp = format!("{text}:00Z").parse().unwrap();
        EventTime(timestamp.as_millisecond())
    }

    /// 2026-01-09 is a Friday.
    #[test]
    fn working_time_stands_still_when_nobody_works() {
        let hours = WorkingHours::default();
        for (from, worked_ms, expected) in [
            ("2026-01-09T10:00", HOUR_MS, "2026-01-09T11:00"),
            ("2026-01-09T16:00", 8 * HOUR_MS, "2026-01-12T16:00"),
            ("2026-01-09T16:00", HOUR_MS, "2026-01-12T09:00"),
            ("2026-01-10T12:00", HOUR_MS, "2026-01-12T10:00"),
            ("2026-01-12T03:00", 0, "2026-01-12T09:00"),
            ("2026-01-12T17:00", 0, "2026-01-13T09:00"),
            ("2026-01-12T12:00", 40 * HOUR_MS, "2026-01-19T12:00"),
        ] {
            assert_eq!(hours.advance(at(from), worked_ms), at(expected), "{from} + {worked_ms} ms");
        }
    }

    #[test]
    fn so_much_working_time_lies_before() {
        let hours = WorkingHours::default();
        for (to, worked_ms, expected) in [
            ("2026-01-09T11:00", HOUR_MS, "2026-01-09T10:00"),
            ("2026-01-12T16:00", 8 * HOUR_MS, "2026-01-09T16:00"),
            ("2026-01-12T10:00", HOUR_MS, "2026-01-12T09:00"),
            ("2026-01-12T09:00", HOUR_MS, "2026-01-09T16:00"),
            ("2026-01-11T12:00", 9 * HOUR_MS, "2026-01-08T16:00"),
            ("2026-01-12T03:00", 0, "2026-01-09T17:00"),
        ] {
            let from = hours.before(at(to), worked_ms);
            assert_eq!(from, at(expected), "{to} - {worked_ms} ms");
            assert_eq!(hours.advance(from, worked_ms), hours.next_open(at(to)), "and forth again");
        }
        assert_eq!(hours.business_ms(3 * DAY_MS), 24 * HOUR_MS);
        assert_eq!(WorkingHours::between(0, 360).business_ms(DAY_MS), 6 * HOUR_MS);
    }

    #[test]
    fn nobody_works_on_holidays() {
        // From Monday the 12th to Friday the 16th.
        let hours =
            WorkingHours::default().but_for((day_of(at("2026-01-12T00:00")), day_of(at("2026-01-17T00:00"))));
        assert_eq!(hours.advance(at("2026-01-09T16:00"), 2 * HOUR_MS), at("2026-01-19T10:00"));
        assert_eq!(hours.next_open(at("2026-01-14T12:00")), at("2026-01-19T09:00"));
        assert_eq!(hours.next_open(at("2026-01-09T12:00")), at("2026-01-09T12:00"));
        assert_eq!(hours.before(at("2026-01-19T10:00"), 2 * HOUR_MS), at("2026-01-09T16:00"));
    }

    #[test]
    fn what_is_due_overnight_happens_within_the_next_day() {
        let hours = WorkingHours::default();
        assert_eq!(hours.sometime_from(at("2026-01-09T10:30"), 0.9), at("2026-01-09T10:30"));
        assert_eq!(hours.sometime_from(at("2026-01-09T18:00"), 0.5), at("2026-01-12T13:00"));
        assert_eq!(hours.sometime_from(at("2026-01-12T08:59"), 0.0), at("2026-01-12T09:00"));
    }

    #[test]
    fn the_week_is_written_as_in_the_definitions() {
        let weekly = WorkingHours::default().weekly();
        assert_eq!(weekly[0], [(540, 1020)]);
        assert_eq!(weekly[4], [(540, 1020)]);
        assert!(weekly[5].is_empty() && weekly[6].is_empty());
    }
}
