//! Event time and the whole-minute boundaries by which a task's time moves.
//!
//! Nothing here reads a clock: every time is an argument that came out of a record.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Milliseconds in a minute, the step of every boundary.
pub const MINUTE_MS: i64 = 60_000;
/// Milliseconds in an hour.
pub const HOUR_MS: i64 = 60 * MINUTE_MS;
/// Milliseconds in a day of 24 hours.
pub const DAY_MS: i64 = 24 * HOUR_MS;

/// The earliest event time that is taken as possible: 1990-01-01.
pub const EARLIEST: EventTime = EventTime(631_152_000_000);
/// The latest event time that is taken as possible: 2100-01-01, exclusive.
pub const LATEST: EventTime = EventTime(4_102_444_800_000);

/// When something happened in the CRM: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct EventTime(pub i64);

impl EventTime {
    /// Whether the time lies within [`EARLIEST`] and [`LATEST`]; anything else is an impossible value.
    pub fn is_possible(self) -> bool {
        self >= EARLIEST && self < LATEST
    }

    /// Whether an event of this time lies in the future of its own record, by more than clocks differ: it counts,
    /// and moves nobody's time.
    pub fn is_skewed(self, stamped: EventTime) -> bool {
        self.0 > stamped.0.saturating_add(5 * MINUTE_MS)
    }

    /// Whole days from this time to a later one, as the grade of a count; 0 for an earlier one.
    pub fn whole_days_to(self, later: EventTime) -> u16 {
        ((later.0 - self.0).max(0) / DAY_MS).min(i64::from(u16::MAX)) as u16
    }

    /// Whether a source may say that it has come to this time: later than every possible event would be the end of
    /// time for all who wait for it. A time before them holds nobody, and a clock that is wrong may tell it.
    pub fn can_be_told(self) -> bool {
        self < LATEST && self.minute() > Minute::MIN
    }

    /// The minute that contains this time; the first or the last of all minutes for one that no minute reaches.
    pub fn minute(self) -> Minute {
        let minute = self.0.div_euclid(MINUTE_MS).clamp(i64::from(i32::MIN), i64::from(i32::MAX));
        Minute(minute as i32)
    }

    /// The first boundary by which something of this time has passed: the smallest B with `self < B`.
    pub fn first_boundary_after(self) -> Minute {
        self.minute().next()
    }

    /// This time moved by `ms` milliseconds.
    pub fn plus_ms(self, ms: i64) -> EventTime {
        EventTime(self.0.saturating_add(ms))
    }

    /// RFC 3339 in UTC with milliseconds, for people and for JSON that people read.
    pub fn rfc3339(self) -> String {
        match jiff::Timestamp::from_millisecond(self.0) {
            Ok(t) => format!("{t:.3}"),
            Err(_) => format!("{} ms", self.0),
        }
    }
}

impl fmt::Debug for EventTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.rfc3339())
    }
}

/// A boundary of event time: whole minutes since 1970-01-01T00:00:00Z.
///
/// As the time T of a task it says "everything older than this has been applied"; as a slice it
/// names the minute that begins here.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, Default)]
#[serde(transparent)]
pub struct Minute(pub i32);

impl Minute {
    /// Before every possible boundary: the T of a task that has seen nothing.
    pub const MIN: Minute = Minute(i32::MIN);
    /// After every possible boundary.
    pub const MAX: Minute = Minute(i32::MAX);

    /// The instant at which this minute begins.
    pub fn start(self) -> EventTime {
        EventTime(i64::from(self.0) * MINUTE_MS)
    }

    /// The following minute.
    pub fn next(self) -> Minute {
        Minute(self.0.saturating_add(1))
    }

    /// This minute moved by `minutes`.
    pub fn plus(self, minutes: i32) -> Minute {
        Minute(self.0.saturating_add(minutes))
    }
}

impl fmt::Debug for Minute {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Minute::MIN => f.write_str("never"),
            Minute::MAX => f.write_str("end of time"),
            m => f.write_str(&m.start().rfc3339()[..16]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_boundary_has_passed_only_what_is_older() {
        assert_eq!(EventTime(0).first_boundary_after(), Minute(1));
        assert_eq!(EventTime(59_999).first_boundary_after(), Minute(1));
        assert_eq!(EventTime(60_000).first_boundary_after(), Minute(2));
        assert_eq!(EventTime(-1).minute(), Minute(-1));
        assert_eq!(Minute(2).start(), EventTime(120_000));
    }

    #[test]
    fn no_time_is_so_far_away_that_its_minute_is_another_one() {
        for (time, minute, can_be_told) in [
            (i64::MIN, Minute::MIN, false),
            (-200_000_000_000_000, Minute::MIN, false),
            (-100_000_000_000_000, Minute(-1_666_666_667), true),
            (EARLIEST.0, Minute(10_519_200), true),
            (LATEST.0 - 1, Minute(68_374_079), true),
            (LATEST.0, Minute(68_374_080), false),
            (200_000_000_000_000, Minute::MAX, false),
            (i64::MAX, Minute::MAX, false),
        ] {
            let time = EventTime(time);
            assert_eq!((time.minute(), time.can_be_told()), (minute, can_be_told), "{} ms", time.0);
        }
    }

    #[test]
    fn times_print_as_people_read_them() {
        assert_eq!(format!("{:?}", EventTime(1_543_190_400_123)), "2018-11-26T00:00:00.123Z");
        assert_eq!(format!("{:?}", Minute(25_719_840)), "2018-11-26T00:00");
    }
}
