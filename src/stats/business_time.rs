//! Business time: how long a team was at work between two instants, and when so much work will have passed.
//!
//! An instant is open when its own local reading says so: its local date is no holiday, and its local time
//! lies in an interval [start, end) of its weekday, or in the morning after an overnight one. So a gap in the
//! clock shortens, an overlap lengthens, and a holiday cuts an overnight shift at midnight. The open
//! intervals of all possible years are listed once; every answer is a binary search without allocation.
//! Outside those years (1989 to 2101) all is closed.

use super::day_clock::{DAY_MS, DayClock, END_MS, FIRST_MS, Readings, UnknownZone, day_of};

/// Minutes in a day: the end of an interval that closes at midnight.
pub const DAY_MINUTES: u16 = 1_440;

const MINUTE_MS: i64 = 60_000;

/// Why a calendar cannot be had.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// The zone is not in the IANA database.
    #[error(transparent)]
    Zone(#[from] UnknownZone),
    /// An interval that begins at or after midnight, or ends after it.
    #[error(
        "interval from minute {start} to minute {end} of {weekday} does not fit a day; it starts before 1440 \
         and ends by 1440, at or before its start where it runs overnight"
    )]
    Interval {
        /// The weekday in English.
        weekday: &'static str,
        /// Minutes after local midnight.
        start: u16,
        /// Minutes after local midnight.
        end: u16,
    },
    /// A week in which nobody ever works.
    #[error("the week has no working hours, so that no business time would ever pass")]
    NoHours,
    /// A holiday that is not a date.
    #[error("holiday {0:?} is not a date such as 2024-12-25")]
    Holiday(String),
}

/// A team's zone, weekly hours and holidays, unrolled.
#[derive(Clone, Debug)]
pub struct BusinessClock {
    days: DayClock,
    /// Open intervals, ascending, apart from each other.
    open: Vec<Open>,
    holidays: Vec<i32>,
    /// For each weekday, from Monday, the minute at which its first interval starts.
    openings: [Option<u16>; 7],
}

/// An open interval [start, end) and the open time before it.
#[derive(Clone, Copy, Debug)]
struct Open {
    start_ms: i64,
    end_ms: i64,
    before_ms: i64,
}

impl BusinessClock {
    /// The calendar of an IANA zone, with the intervals of each weekday from Monday, as minutes after local
    /// midnight, and the holidays as `YYYY-MM-DD`.
    ///
    /// The end 1440 is midnight; an end at or before its start runs overnight. Intervals of a day may touch
    /// or overlap. A holiday closes the whole local day; the morning after it is open where its evening
    /// belongs to an overnight interval.
    pub fn new(
        zone: &str,
        weekly: &[Vec<(u16, u16)>; 7],
        holidays: &[impl AsRef<str>],
    ) -> Result<BusinessClock, CalendarError> {
        check(weekly)?;
        let days = DayClock::new(zone)?;
        let mut holidays = holidays
            .iter()
            .map(|date| parse_day(date.as_ref()))
            .collect::<Result<Vec<i32>, CalendarError>>()?;
        holidays.sort_unstable();
        let openings = std::array::from_fn(|weekday| weekly[weekday].iter().map(|interval| interval.0).min());
        let open = unroll(&days, &open_minutes(weekly), &holidays);
        Ok(BusinessClock { days, open, holidays, openings })
    }

    /// Business milliseconds from one instant to another; negative where `to_ms` is the earlier.
    pub fn between_ms(&self, from_ms: i64, to_ms: i64) -> i64 {
        self.open_before(to_ms) - self.open_before(from_ms)
    }

    /// Whether an instant is open; the closing instant is not.
    pub fn is_open(&self, ms: i64) -> bool {
        self.begun_by(ms).is_some_and(|open| ms < open.end_ms)
    }

    /// The instant itself where it is open, else the next opening; none where there is none.
    pub fn effective_start(&self, start_ms: i64) -> Option<i64> {
        if self.is_open(start_ms) {
            return Some(start_ms);
        }
        let next = self.open.partition_point(|open| open.start_ms <= start_ms);
        self.open.get(next).map(|open| open.start_ms)
    }

    /// The earliest instant by which `business_ms` have passed since the effective start: exactly at closing
    /// it stays at closing, and 0 or less gives the effective start. None where the calendar has not so much
    /// time left.
    pub fn deadline(&self, start_ms: i64, business_ms: i64) -> Option<i64> {
        let start_ms = self.effective_start(start_ms)?;
        if business_ms <= 0 {
            return Some(start_ms);
        }
        let wanted_ms = self.open_before(start_ms).checked_add(business_ms)?;
        let open = self.open[..self.open.partition_point(|open| open.before_ms < wanted_ms)].last()?;
        let deadline_ms = open.start_ms.checked_add(wanted_ms - open.before_ms)?;
        (deadline_ms <= open.end_ms).then_some(deadline_ms)
    }

    /// The latest instant t, not after `now_ms`, for which the business time from t to now is at least
    /// `business_ms`.
    ///
    /// The window (t, now] then holds exactly that much, and what happened out of hours just before it lies
    /// outside, as on an axis of business time: one working day before a closing is the opening of that day.
    /// 0 or less gives now; none where the calendar does not reach back so far.
    pub fn start_of_window(&self, now_ms: i64, business_ms: i64) -> Option<i64> {
        if business_ms <= 0 {
            return Some(now_ms);
        }
        // The latest t with so much open time before it lies in the last interval that begins with no more.
        let wanted_ms = self.open_before(now_ms).checked_sub(business_ms).filter(|&ms| ms >= 0)?;
        let open = self.open[..self.open.partition_point(|open| open.before_ms <= wanted_ms)].last()?;
        Some((open.start_ms + (wanted_ms - open.before_ms)).min(now_ms))
    }

    /// Whether a local date, in days since 1970-01-01, is no holiday and has an interval that starts on it.
    ///
    /// The morning at the end of Friday's night shift does not make Saturday a business day.
    pub fn is_business_day(&self, day: i32) -> bool {
        self.openings[weekday(day)].is_some() && self.holidays.binary_search(&day).is_err()
    }

    /// How many days of `[from, to)` a listed holiday closes that have working hours in other weeks.
    pub fn lost_days(&self, from: i32, to: i32) -> usize {
        let first = self.holidays.partition_point(|day| *day < from);
        let listed = self.holidays[first..].iter().take_while(|day| **day < to);
        listed.filter(|day| self.openings[weekday(**day)].is_some()).count()
    }

    /// The local date at an instant, in days since 1970-01-01.
    pub fn local_day(&self, ms: i64) -> i32 {
        self.days.local_day(ms)
    }

    /// The first instant of a local date: see [`DayClock::day_start_ms`].
    pub fn day_start_ms(&self, day: i32) -> i64 {
        self.days.day_start_ms(day)
    }

    /// The opening of a business day: the first open instant of that local date at which, or after which, the
    /// first interval that starts on it has started. None where [`BusinessClock::is_business_day`] says no,
    /// or the clock jumps over all of it.
    pub fn opening_ms(&self, day: i32) -> Option<i64> {
        let minute = self.openings[weekday(day)].filter(|_| self.is_business_day(day))?;
        let reading_ms = i64::from(day) * DAY_MS + i64::from(minute) * MINUTE_MS;
        let opening_ms = self.effective_start(self.days.first_reading_ms(reading_ms))?;
        (self.local_day(opening_ms) == day).then_some(opening_ms)
    }

    /// The local dates of the calendar's zone.
    pub fn days(&self) -> &DayClock {
        &self.days
    }

    /// The last interval that has begun at an instant.
    fn begun_by(&self, ms: i64) -> Option<&Open> {
        self.open[..self.open.partition_point(|open| open.start_ms <= ms)].last()
    }

    /// Open time before an instant, since the first year.
    fn open_before(&self, ms: i64) -> i64 {
        self.begun_by(ms).map_or(0, |open| open.before_ms + (ms.min(open.end_ms) - open.start_ms))
    }
}

const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

fn check(weekly: &[Vec<(u16, u16)>; 7]) -> Result<(), CalendarError> {
    for (weekday, intervals) in WEEKDAYS.into_iter().zip(weekly) {
        for &(start, end) in intervals {
            if start >= DAY_MINUTES || end > DAY_MINUTES {
                return Err(CalendarError::Interval { weekday, start, end });
            }
        }
    }
    Ok(())
}

fn parse_day(date: &str) -> Result<i32, CalendarError> {
    let refuse = || CalendarError::Holiday(date.to_owned());
    let parsed: jiff::civil::Date = date.parse().map_err(|_| refuse())?;
    // The parser reads other spellings too, a time behind the date among them.
    if parsed.to_string() != date {
        return Err(refuse());
    }
    let midnight = parsed.to_datetime(jiff::civil::Time::midnight());
    let instant = jiff::tz::TimeZone::UTC.to_timestamp(midnight).map_err(|_| refuse())?;
    Ok(day_of(instant.as_millisecond()))
}

/// The weekday of a day, from 0 for Monday; 1970-01-01 was a Thursday.
fn weekday(day: i32) -> usize {
    (i64::from(day) + 3).rem_euclid(7) as usize
}

/// For each weekday the minutes [start, end) at which it is open, its own and the morning after an overnight
/// interval, ascending and apart.
fn open_minutes(weekly: &[Vec<(u16, u16)>; 7]) -> [Vec<(u16, u16)>; 7] {
    std::array::from_fn(|weekday| {
        let own =
            weekly[weekday].iter().map(|&(start, end)| (start, if end <= start { DAY_MINUTES } else { end }));
        let overnight =
            weekly[(weekday + 6) % 7].iter().filter(|(start, end)| end <= start).map(|&(_, end)| (0, end));
        let mut minutes: Vec<(u16, u16)> = own.chain(overnight).filter(|(start, end)| start < end).collect();
        minutes.sort_unstable();
        minutes.dedup_by(|later, earlier| {
            let touches = later.0 <= earlier.1;
            if touches {
                earlier.1 = earlier.1.max(later.1);
            }
            touches
        });
        minutes
    })
}

/// Lists the open intervals of all years: local date by local date within each piece of constant offset.
fn unroll(days: &DayClock, minutes: &[Vec<(u16, u16)>; 7], holidays: &[i32]) -> Vec<Open> {
    let mut open: Vec<Open> = Vec::new();
    for Readings { from_ms, to_ms, offset_ms } in days.all_readings() {
        let (from_ms, to_ms) = (from_ms.max(FIRST_MS), to_ms.min(END_MS));
        for day in day_of(from_ms)..=day_of(to_ms) {
            if holidays.binary_search(&day).is_ok() {
                continue;
            }
            for &(start, end) in &minutes[weekday(day)] {
                let reading = |minute: u16| i64::from(day) * DAY_MS + i64::from(minute) * MINUTE_MS;
                let (start_ms, end_ms) = (reading(start).max(from_ms), reading(end).min(to_ms));
                if start_ms < end_ms {
                    append(&mut open, start_ms - offset_ms, end_ms - offset_ms);
                }
            }
        }
    }
    open
}

/// Appends an interval that begins where the last one ended or later; touching ones become one.
fn append(open: &mut Vec<Open>, start_ms: i64, end_ms: i64) {
    match open.last_mut() {
        Some(last) if last.end_ms == start_ms => last.end_ms = end_ms,
        last => {
            let before_ms = last.map_or(0, |last| last.before_ms + (last.end_ms - last.start_ms));
            open.push(Open { start_ms, end_ms, before_ms });
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::*;

    fn ms(rfc3339: &str) -> i64 {
        rfc3339.parse::<Timestamp>().unwrap().as_millisecond()
    }

    fn week(weekdays: std::ops::Range<usize>, interval: (u16, u16)) -> [Vec<(u16, u16)>; 7] {
        std::array::from_fn(|day| if weekdays.contains(&day) { vec![interval] } else { Vec::new() })
    }

    const NO_HOLIDAYS: [&str; 0] = [];

    #[test]
    fn refuses_what_makes_no_calendar() {
        let office = week(0..5, (540, 1020));
        assert!(matches!(BusinessClock::new("Nowhere", &office, &NO_HOLIDAYS), Err(CalendarError::Zone(_))));
        for date in ["2024-02-30", "25.12.2024", "2024-12-25T00:00", "20241225", ""] {
            let refused = BusinessClock::new("UTC", &office, &[date]).unwrap_err();
            assert_eq!(refused, CalendarError::Holiday(date.into()));
        }
        for (start, end) in [(1440, 1440), (540, 1441), (2000, 60)] {
            let refused = BusinessClock::new("UTC", &week(3..4, (start, end)), &NO_HOLIDAYS).unwrap_err();
            assert_eq!(refused, CalendarError::Interval { weekday: "Thursday", start, end });
        }
    }

    #[test]
    fn a_window_of_one_working_day_starts_at_the_opening() {
        let clock = BusinessClock::new("Europe/Berlin", &week(0..5, (540, 1020)), &["2024-05-01"]).unwrap();
        let day = 8 * 60 * MINUTE_MS;
        for (now, business_ms, start) in [
            // At closing, one day back: the opening of the same day, not the closing of the one before.
            ("2024-06-11T15:00:00Z", day, "2024-06-11T07:00:00Z"),
            ("2024-06-11T20:00:00Z", day, "2024-06-11T07:00:00Z"),
            ("2024-06-11T10:00:00Z", day, "2024-06-10T10:00:00Z"),
            ("2024-06-10T07:00:00Z", day, "2024-06-07T07:00:00Z"),
            ("2024-06-10T07:00:00Z", 1, "2024-06-07T14:59:59.999Z"),
            ("2024-05-02T07:00:00Z", 2 * day, "2024-04-29T07:00:00Z"),
            ("2024-06-09T12:00:00Z", 0, "2024-06-09T12:00:00Z"),
        ] {
            assert_eq!(clock.start_of_window(ms(now), business_ms), Some(ms(start)), "{now} {business_ms}");
        }
        assert_eq!(clock.start_of_window(ms("1989-01-03T12:00:00Z"), 100 * day), None);
    }

    #[test]
    fn business_days_open() {
        let clock =
            BusinessClock::new("America/New_York", &week(0..5, (540, 1020)), &["2024-07-04"]).unwrap();
        let day = |date| clock.local_day(ms(date));
        let monday = day("2024-07-01T12:00:00Z");
        let open: Vec<bool> = (monday..monday + 7).map(|day| clock.is_business_day(day)).collect();
        assert_eq!(open, [true, true, true, false, true, false, false]);
        assert_eq!(clock.opening_ms(monday), Some(ms("2024-07-01T13:00:00Z")));
        assert_eq!(clock.opening_ms(monday + 3), None);
        assert_eq!(clock.opening_ms(monday + 5), None);
        assert_eq!(clock.day_start_ms(monday), ms("2024-07-01T04:00:00Z"));

        let night = BusinessClock::new("America/New_York", &week(0..5, (1320, 360)), &NO_HOLIDAYS).unwrap();
        let saturday = monday + 5;
        assert!(night.is_open(ms("2024-07-06T09:59:59Z")) && !night.is_open(ms("2024-07-06T10:00:00Z")));
        assert!(!night.is_business_day(saturday) && night.opening_ms(saturday).is_none());
        assert_eq!(night.opening_ms(monday + 1), Some(ms("2024-07-03T02:00:00Z")));

        let gap = BusinessClock::new("America/New_York", &week(0..7, (150, 600)), &NO_HOLIDAYS).unwrap();
        let jump = clock.local_day(ms("2024-03-10T12:00:00Z"));
        assert_eq!(gap.opening_ms(jump), Some(ms("2024-03-10T07:00:00Z")));
        let swallowed =
            BusinessClock::new("America/New_York", &week(0..7, (130, 170)), &NO_HOLIDAYS).unwrap();
        assert_eq!(swallowed.opening_ms(jump), None);
        assert_eq!(swallowed.opening_ms(jump + 1), Some(ms("2024-03-11T06:10:00Z")));
    }

    #[test]
    fn all_is_closed_outside_the_years() {
        let always = BusinessClock::new("UTC", &week(0..7, (0, 1440)), &NO_HOLIDAYS).unwrap();
        assert_eq!(always.open.len(), 1);
        assert_eq!(always.effective_start(i64::MIN), Some(FIRST_MS));
        assert_eq!(always.effective_start(END_MS), None);
        assert_eq!(always.deadline(0, i64::MAX), None);
        assert_eq!(always.between_ms(i64::MIN, i64::MAX), END_MS - FIRST_MS);
        assert_eq!(always.start_of_window(i64::MAX, i64::MAX), None);
        let never = BusinessClock::new("UTC", &week(0..0, (0, 1)), &NO_HOLIDAYS).unwrap();
        assert_eq!(
            (never.effective_start(0), never.deadline(0, 1), never.start_of_window(0, 1)),
            (None, None, None)
        );
    }

    /// The definition, asked of one instant by way of the time zone library.
    fn is_open_by_definition(zone: &str, weekly: &[Vec<(u16, u16)>; 7], holidays: &[&str], ms: i64) -> bool {
        let local = Timestamp::from_millisecond(ms).unwrap().in_tz(zone).unwrap().datetime();
        let minute = (i32::from(local.hour()) * 60 + i32::from(local.minute())) as u16;
        let today = local.weekday().to_monday_zero_offset() as usize;
        let own = |&(start, end): &(u16, u16)| start <= minute && (end <= start || minute < end);
        let last_night = |&(start, end): &(u16, u16)| end <= start && minute < end;
        let open = weekly[today].iter().any(own) || weekly[(today + 6) % 7].iter().any(last_night);
        open && !holidays.contains(&local.date().to_string().as_str())
    }

    const ZONES: [&str; 6] = [
        "UTC",
        "America/New_York",
        "America/Sao_Paulo",
        "Australia/Lord_Howe",
        "Africa/Casablanca",
        "Pacific/Apia",
    ];
    /// Instants near which a clock of the zones above changes, and an ordinary one.
    const CHANGES: [&str; 7] = [
        "2024-03-10T07:00:00Z",
        "2024-11-03T06:00:00Z",
        "2017-10-15T03:00:00Z",
        "2018-02-18T02:00:00Z",
        "2024-04-06T15:00:00Z",
        "2011-12-30T10:00:00Z",
        "2024-07-04T12:00:00Z",
    ];
    const HOLIDAYS: [&str; 3] = ["2024-07-04", "2017-10-15", "2024-11-03"];

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn agrees_with_a_walk_minute_by_minute(
            zone in 0..ZONES.len(),
            change in 0..CHANGES.len(),
            intervals in prop::collection::vec((0usize..7, 0u16..1440, 0u16..=1440), 0..10),
            before_min in 0i64..4_000,
            wanted_min in 0i64..2_000,
        ) {
            let mut weekly: [Vec<(u16, u16)>; 7] = Default::default();
            for (weekday, start, end) in intervals {
                weekly[weekday].push((start, end));
            }
            let clock = BusinessClock::new(ZONES[zone], &weekly, &HOLIDAYS).unwrap();
            let from_ms = ms(CHANGES[change]) - before_min * MINUTE_MS;
            let walk: Vec<bool> = (0..6_000)
                .map(|i| is_open_by_definition(ZONES[zone], &weekly, &HOLIDAYS, from_ms + i * MINUTE_MS))
                .collect();
            let mut passed_min = 0;
            let mut deadline_ms = None;
            for (i, &open) in walk.iter().enumerate() {
                let now_ms = from_ms + i as i64 * MINUTE_MS;
                prop_assert_eq!(clock.is_open(now_ms), open);
                prop_assert_eq!(clock.between_ms(from_ms, now_ms), passed_min * MINUTE_MS);
                prop_assert_eq!(clock.between_ms(now_ms, from_ms), -passed_min * MINUTE_MS);
                if deadline_ms.is_none() && passed_min == wanted_min && (open || wanted_min > 0) {
                    deadline_ms = Some(now_ms);
                }
                passed_min += i64::from(open);
            }
            if let Some(deadline_ms) = deadline_ms {
                prop_assert_eq!(clock.deadline(from_ms, wanted_min * MINUTE_MS), Some(deadline_ms));
            }
        }

        #[test]
        fn deadline_and_window_undo_each_other(
            start_ms in ms("1995-01-01T00:00:00Z")..ms("2095-01-01T00:00:00Z"),
            business_ms in 1i64..400_000_000,
        ) {
            let clock = BusinessClock::new("America/New_York", &week(0..5, (540, 1020)), &HOLIDAYS).unwrap();
            let start_ms = clock.effective_start(start_ms).unwrap();
            let deadline_ms = clock.deadline(start_ms, business_ms).unwrap();
            prop_assert_eq!(clock.between_ms(start_ms, deadline_ms), business_ms);
            prop_assert!(clock.between_ms(start_ms, deadline_ms - 1) < business_ms);
            prop_assert_eq!(clock.start_of_window(deadline_ms, business_ms), Some(start_ms));
            prop_assert!(clock.between_ms(start_ms + 1, deadline_ms) < business_ms);
        }
    }
}
