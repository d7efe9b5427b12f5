//! Local dates of a time zone, fast enough to be asked for every event.
//!
//! The zone's rules (IANA, bundled with the crate) are unrolled once into pieces of constant offset; every
//! answer is a binary search among them. Before and after the years that are unrolled the first and the last
//! offset go on.

use jiff::Timestamp;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// Milliseconds in a day of 24 hours.
pub(crate) const DAY_MS: i64 = 86_400_000;

/// The first instant for which zones are unrolled: 1989-01-01, a year before the earliest possible event.
pub(crate) const FIRST_MS: i64 = 599_616_000_000;
/// The end of what is unrolled: 2102-01-01, two years after the latest possible event.
pub(crate) const END_MS: i64 = 4_165_516_800_000;

/// A zone that is not in the IANA database.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("time zone {0:?} is not known; use an IANA name such as Europe/Berlin")]
pub struct UnknownZone(pub String);

/// The local dates of a zone. A day is the number of days from 1970-01-01 to a local date.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayClock {
    /// Ascending and without gaps; never empty.
    pieces: Vec<Piece>,
}

/// A time of constant offset: from `start_ms` until the next piece starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    start_ms: i64,
    offset_ms: i64,
}

/// A stretch of local readings that all occur, in order: each reading less `offset_ms` is its instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Readings {
    pub(crate) from_ms: i64,
    pub(crate) to_ms: i64,
    pub(crate) offset_ms: i64,
}

impl DayClock {
    /// The local dates of an IANA zone such as `America/New_York`.
    pub fn new(zone: &str) -> Result<DayClock, UnknownZone> {
        let tz = TimeZoneDatabase::bundled().get(zone).map_err(|_| UnknownZone(zone.to_owned()))?;
        Ok(DayClock { pieces: pieces(&tz) })
    }

    /// The local date at an instant.
    pub fn local_day(&self, ms: i64) -> i32 {
        day_of(ms.saturating_add(self.pieces[self.piece_at(ms)].offset_ms))
    }

    /// The first instant of a local date: the earliest whose local date is that day or a later one.
    ///
    /// That is when the clock jumps, where midnight is skipped, and the first of two midnights; for a date
    /// that the zone skipped (Samoa, 2011-12-30) it is the first instant of the next one.
    pub fn day_start_ms(&self, day: i32) -> i64 {
        self.first_reading_ms(i64::from(day) * DAY_MS)
    }

    /// The year and the month, from 1, of a day.
    ///
    /// `civil_from_days` of Howard Hinnant, "chrono-compatible low-level date algorithms": it holds for every
    /// day.
    pub fn month_of(&self, day: i32) -> (i32, u8) {
        // Years from 1 March, so that the leap day is the last.
        let days = i64::from(day) + 719_468;
        let era = days.div_euclid(146_097);
        let day_of_era = days.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_from_march = (5 * day_of_year + 2) / 153;
        let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
        ((year_of_era + era * 400 + i64::from(month <= 2)) as i32, month as u8)
    }

    /// The earliest instant whose local reading is `reading_ms` or later, both counted from 1970-01-01.
    pub(crate) fn first_reading_ms(&self, reading_ms: i64) -> i64 {
        // No offset is more than a day: two days earlier no clock shows the reading yet.
        let first = self.piece_at(reading_ms.saturating_sub(2 * DAY_MS));
        let found = (first..self.pieces.len()).find(|&i| self.readings(i).to_ms > reading_ms);
        let readings = self.readings(found.unwrap_or(self.pieces.len() - 1));
        reading_ms.max(readings.from_ms).saturating_sub(readings.offset_ms)
    }

    /// Each piece of constant offset as its local readings, in order of time.
    pub(crate) fn all_readings(&self) -> impl Iterator<Item = Readings> {
        (0..self.pieces.len()).map(|i| self.readings(i))
    }

    fn piece_at(&self, ms: i64) -> usize {
        self.pieces.partition_point(|piece| piece.start_ms <= ms).saturating_sub(1)
    }

    fn readings(&self, piece: usize) -> Readings {
        let Piece { start_ms, offset_ms } = self.pieces[piece];
        let end_ms = self.pieces.get(piece + 1).map_or(i64::MAX, |next| next.start_ms);
        Readings {
            from_ms: start_ms.saturating_add(offset_ms),
            to_ms: end_ms.saturating_add(offset_ms),
            offset_ms,
        }
    }
}

/// The day in which a local reading lies.
pub(crate) fn day_of(reading_ms: i64) -> i32 {
    reading_ms.div_euclid(DAY_MS).clamp(i32::MIN.into(), i32::MAX.into()) as i32
}

fn pieces(tz: &TimeZone) -> Vec<Piece> {
    let at = |ms| Timestamp::from_millisecond(ms).expect("the unrolled years are within a timestamp's range");
    let offset_ms = |seconds: i32| i64::from(seconds) * 1000;
    let first = Piece { start_ms: i64::MIN, offset_ms: offset_ms(tz.to_offset(at(FIRST_MS)).seconds()) };
    let mut pieces = vec![first];
    for transition in tz.following(at(FIRST_MS)) {
        let start_ms = transition.timestamp().as_millisecond();
        if start_ms >= END_MS {
            break;
        }
        let offset_ms = offset_ms(transition.offset().seconds());
        if pieces.last().is_none_or(|last| last.offset_ms != offset_ms) {
            pieces.push(Piece { start_ms, offset_ms });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(rfc3339: &str) -> i64 {
        rfc3339.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn day(date: &str) -> i32 {
        let date: jiff::civil::Date = date.parse().unwrap();
        (date - jiff::civil::date(1970, 1, 1)).get_days()
    }

    /// Changes of the clock as published: IANA tzdata, and timeanddate.com for the same dates.
    #[test]
    fn days_start_where_the_clock_says() {
        for (zone, date, start) in [
            ("UTC", "1970-01-01", "1970-01-01T00:00:00Z"),
            ("America/New_York", "2024-03-10", "2024-03-10T05:00:00Z"),
            ("America/New_York", "2024-03-11", "2024-03-11T04:00:00Z"),
            // Midnight did not exist, the day began at 01:00.
            ("America/Sao_Paulo", "2017-10-15", "2017-10-15T03:00:00Z"),
            // At midnight the clock went back to 23:00, so the day began an hour later.
            ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00:00Z"),
            // At 00:01 the clock went back to 23:01; the day began for a minute before that.
            ("America/St_Johns", "2010-11-07", "2010-11-07T02:30:00Z"),
            // Samoa went over the date line and had no 30 December.
            ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z"),
            ("Pacific/Apia", "2011-12-30", "2011-12-30T10:00:00Z"),
            ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00:00Z"),
            ("Asia/Kathmandu", "2024-01-01", "2023-12-31T18:15:00Z"),
        ] {
            let clock = DayClock::new(zone).unwrap();
            assert_eq!(clock.day_start_ms(day(date)), ms(start), "{zone} {date}");
        }
    }

    #[test]
    fn an_unknown_zone_is_named() {
        assert_eq!(DayClock::new("Mars/Olympus"), Err(UnknownZone("Mars/Olympus".into())));
    }

    #[test]
    fn nothing_panics_at_the_ends_of_time() {
        let clock = DayClock::new("Asia/Tokyo").unwrap();
        for extreme in [i64::MIN, i64::MAX] {
            clock.local_day(extreme);
        }
        for extreme in [i32::MIN, i32::MAX] {
            clock.day_start_ms(extreme);
            clock.month_of(extreme);
        }
    }

    const ZONES: [&str; 8] = [
        "UTC",
        "America/New_York",
        "America/Sao_Paulo",
        "America/St_Johns",
        "Australia/Lord_Howe",
        "Europe/Moscow",
        "Pacific/Apia",
        "Africa/Casablanca",
    ];

    proptest! {
        #[test]
        fn local_days_are_those_of_the_library(zone in 0..ZONES.len(), ms in FIRST_MS..END_MS) {
            let clock = DayClock::new(ZONES[zone]).unwrap();
            let zoned = Timestamp::from_millisecond(ms).unwrap().in_tz(ZONES[zone]).unwrap();
            let days = (zoned.date() - jiff::civil::date(1970, 1, 1)).get_days();
            prop_assert_eq!(clock.local_day(ms), days);
            prop_assert_eq!(clock.month_of(days), (i32::from(zoned.year()), zoned.month() as u8));
        }

        #[test]
        fn a_day_starts_where_its_date_is_first_reached(zone in 0..ZONES.len(), day in 7_000..48_000i32) {
            let clock = DayClock::new(ZONES[zone]).unwrap();
            let start = clock.day_start_ms(day);
            prop_assert!(clock.local_day(start) >= day);
            prop_assert!(clock.local_day(start - 1) < day);
        }
    }
}
