//! Business time and local days, the slow way: every minute is asked whether it is open.
//!
//! Openness is constant within a UTC minute, because clocks and calendars move by whole minutes since
//! 1990. Whole UTC days are asked minute by minute once and remembered; everything else is a walk over
//! them. Never used by the processor.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use crate::model::definitions::CalendarDefinition;
use crate::model::{EventTime, MINUTE_MS, Minute};

/// No more closed days in a row are looked for.
const MOST_CLOSED: i32 = 62;

const DAY_MINUTES: i64 = 1_440;

/// Wall clocks jump by no more than this within a day.
const JUMP_MINUTES: usize = 180;

/// So many closed days in a row mean that no opening is ever to come.
const DAYS_WITHOUT_HOPE: i64 = 400;

/// The days of a zone, numbered from 1970-01-01.
#[derive(Clone, Debug)]
pub struct Days(TimeZone);

impl Days {
    /// The days of an IANA zone.
    ///
    /// # Panics
    /// When there is no such zone: definitions are checked before they hold.
    pub fn new(zone: &str) -> Days {
        let zone = TimeZoneDatabase::bundled().get(zone);
        Days(zone.expect("the definitions in force name zones of the IANA database"))
    }

    /// Whether there is such an IANA zone.
    pub fn is_zone(zone: &str) -> bool {
        TimeZoneDatabase::bundled().get(zone).is_ok()
    }

    /// The local date at an instant.
    pub fn day_of(&self, at: EventTime) -> i32 {
        local_minutes(&self.0, at.0.div_euclid(MINUTE_MS)).div_euclid(DAY_MINUTES) as i32
    }

    /// The first boundary at or after the first instant of a local date.
    pub fn start_of(&self, day: i32) -> Minute {
        let start =
            date_of(day).to_zoned_datetime(self.0.clone()).expect("dates of possible events lie in range");
        Minute(start.timestamp().as_millisecond().div_euclid(MINUTE_MS) as i32)
    }
}

/// What a clock on the wall reads in a UTC minute, in minutes since 1970-01-01 00:00 of the wall.
fn local_minutes(zone: &TimeZone, minute: i64) -> i64 {
    let at = Timestamp::from_millisecond(minute * MINUTE_MS).expect("possible event times lie in range");
    minute + i64::from(zone.to_offset(at).seconds()).div_euclid(60)
}

fn date_of(day: i32) -> Date {
    let at = Timestamp::from_second(i64::from(day) * 86_400).expect("days of possible events lie in range");
    TimeZone::UTC.to_datetime(at).date()
}

/// The weekday of a day, from Monday as 0; 1970-01-01 was a Thursday.
fn weekday(day: i64) -> usize {
    (day + 3).rem_euclid(7) as usize
}

/// A team's hours, asked minute by minute.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: Days,
    weekly: [Vec<(u16, u16)>; 7],
    holidays: BTreeSet<i64>,
    /// Of UTC days already walked: how many minutes are open before each minute of the day.
    walked: RefCell<BTreeMap<i64, Rc<Vec<i64>>>>,
}

impl Calendar {
    /// The calendar of a definition; a team without one is always open.
    ///
    /// # Panics
    /// When its zone or a holiday is not what it says: definitions are checked before they hold.
    pub fn new(definition: Option<&CalendarDefinition>) -> Calendar {
        let always = CalendarDefinition {
            zone: "UTC".into(),
            weekly: std::array::from_fn(|_| vec![(0, 1_440)]),
            holidays: vec![],
        };
        let definition = definition.unwrap_or(&always);
        let day = |text: &str| {
            let date: Date = text.parse().expect("holidays of the definitions in force are dates");
            let midnight = date.to_zoned_datetime(TimeZone::UTC).expect("holidays lie in range");
            midnight.timestamp().as_second() / 86_400
        };
        Calendar {
            zone: Days::new(&definition.zone),
            weekly: definition.weekly.clone(),
            holidays: definition.holidays.iter().map(|text| day(text)).collect(),
            walked: RefCell::default(),
        }
    }

    /// Whether a definition is one: its zone and its holidays are what they say, and some time is open.
    pub fn is_sound(definition: &CalendarDefinition) -> bool {
        let mut holidays = definition.holidays.iter();
        Days::is_zone(&definition.zone)
            && holidays.all(|text| text.parse::<Date>().is_ok())
            && definition.weekly.iter().any(|intervals| !intervals.is_empty())
    }

    /// Whether the wall clock of a UTC minute reads an open time.
    fn is_minute_open(&self, minute: i64) -> bool {
        let local = local_minutes(&self.zone.0, minute);
        let (today, t) = (local.div_euclid(DAY_MINUTES), local.rem_euclid(DAY_MINUTES) as u16);
        let of_today = self.weekly[weekday(today)].iter();
        let of_yesterday = self.weekly[weekday(today - 1)].iter();
        !self.holidays.contains(&today)
            && (of_today.clone().any(|&(start, end)| start <= t && (t < end || end <= start))
                || of_yesterday.clone().any(|&(start, end)| end <= start && t < end))
    }

    /// Open minutes before each minute of a UTC day, and those of the whole day at the end.
    fn day(&self, day: i64) -> Rc<Vec<i64>> {
        if let Some(known) = self.walked.borrow().get(&day) {
            return known.clone();
        }
        let mut before = vec![0];
        for minute in 0..DAY_MINUTES {
            let open = i64::from(self.is_minute_open(day * DAY_MINUTES + minute));
            before.push(before[minute as usize] + open);
        }
        self.walked.borrow_mut().entry(day).or_insert(Rc::new(before)).clone()
    }

    /// Open milliseconds of the UTC day of an instant that lie before the instant.
    fn before_ms(&self, at_ms: i64) -> i64 {
        let minute = at_ms.div_euclid(MINUTE_MS);
        let before = self.day(minute.div_euclid(DAY_MINUTES));
        let within = minute.rem_euclid(DAY_MINUTES) as usize;
        let this = if before[within] < before[within + 1] { at_ms.rem_euclid(MINUTE_MS) } else { 0 };
        before[within] * MINUTE_MS + this
    }

    /// Open milliseconds of a whole UTC day.
    fn whole_ms(&self, day: i64) -> i64 {
        self.day(day)[DAY_MINUTES as usize] * MINUTE_MS
    }

    /// Whether an instant is open; the closing instant is not.
    pub fn is_open(&self, at: EventTime) -> bool {
        self.is_minute_open(at.0.div_euclid(MINUTE_MS))
    }

    /// Business milliseconds from one instant to another; negative where `to` is the earlier.
    pub fn between_ms(&self, from: EventTime, to: EventTime) -> i64 {
        if to < from {
            return -self.between_ms(to, from);
        }
        let (first, last) = (utc_day(from.0), utc_day(to.0));
        let whole: i64 = (first..last).map(|day| self.whole_ms(day)).sum();
        whole - self.before_ms(from.0) + self.before_ms(to.0)
    }

    /// The earliest instant by which so much business time has passed since `from`, or since the next
    /// opening where it is closed. `None` where there is never so much.
    pub fn deadline(&self, from: EventTime, business_ms: i64) -> Option<EventTime> {
        let mut at_ms = self.next_open_ms(from.0)?;
        let mut left_ms = business_ms;
        let mut closed_days = 0;
        loop {
            let day = utc_day(at_ms);
            let rest_ms = self.whole_ms(day) - self.before_ms(at_ms);
            if rest_ms >= left_ms {
                return Some(EventTime(self.forward_within_day(at_ms, left_ms)));
            }
            left_ms -= rest_ms;
            closed_days = if rest_ms == 0 { closed_days + 1 } else { 0 };
            if closed_days > DAYS_WITHOUT_HOPE {
                return None;
            }
            at_ms = (day + 1) * DAY_MINUTES * MINUTE_MS;
        }
    }

    /// Goes forward minute by minute until so much has passed.
    fn forward_within_day(&self, from_ms: i64, business_ms: i64) -> i64 {
        let (mut at_ms, mut left_ms) = (from_ms, business_ms);
        while left_ms > 0 {
            let minute = at_ms.div_euclid(MINUTE_MS);
            let end_ms = (minute + 1) * MINUTE_MS;
            if self.is_minute_open(minute) {
                let step_ms = left_ms.min(end_ms - at_ms);
                (at_ms, left_ms) = (at_ms + step_ms, left_ms - step_ms);
            } else {
                at_ms = end_ms;
            }
        }
        at_ms
    }

    /// The instant itself where it is open, else the next opening.
    fn next_open_ms(&self, from_ms: i64) -> Option<i64> {
        if self.is_minute_open(from_ms.div_euclid(MINUTE_MS)) {
            return Some(from_ms);
        }
        let mut minute = from_ms.div_euclid(MINUTE_MS) + 1;
        let first_day = minute.div_euclid(DAY_MINUTES);
        loop {
            let day = minute.div_euclid(DAY_MINUTES);
            if day - first_day > DAYS_WITHOUT_HOPE {
                return None;
            }
            if self.whole_ms(day) == 0 {
                minute = (day + 1) * DAY_MINUTES;
            } else if self.is_minute_open(minute) {
                return Some(minute * MINUTE_MS);
            } else {
                minute += 1;
            }
        }
    }

    /// The latest instant from which `now` is so much business time away; `None` where there never was
    /// so much.
    pub fn window_start(&self, now: EventTime, business_ms: i64) -> Option<EventTime> {
        if business_ms <= 0 {
            return Some(now);
        }
        // Whole days back, until the start lies within a day.
        let mut day = utc_day(now.0);
        let mut wanted_ms = business_ms - self.before_ms(now.0);
        let mut closed_days = 0;
        while wanted_ms > 0 {
            day -= 1;
            let open_ms = self.whole_ms(day);
            closed_days = if open_ms == 0 { closed_days + 1 } else { 0 };
            if closed_days > DAYS_WITHOUT_HOPE {
                return None;
            }
            wanted_ms -= open_ms;
        }
        // From here on the day, so much open time is to lie before the start: the latest such instant.
        let before = self.day(day);
        let skip_ms = -wanted_ms;
        let minute = before.partition_point(|&open| open * MINUTE_MS <= skip_ms) - 1;
        if minute < DAY_MINUTES as usize {
            let start_ms = (day * DAY_MINUTES + minute as i64) * MINUTE_MS;
            let into_ms = skip_ms - before[minute] * MINUTE_MS;
            return Some(EventTime((start_ms + into_ms).min(now.0)));
        }
        // All of the day's open time lies before: the start is the next opening.
        self.next_open_ms((day + 1) * DAY_MINUTES * MINUTE_MS).map(|ms| EventTime(ms.min(now.0)))
    }

    /// The minute in which the team opens on a local date: the first open one from the start of the
    /// earliest interval of its weekday on. `None` where it does not work on that date.
    pub fn opening(&self, day: i32) -> Option<Minute> {
        let first = self.weekly[weekday(i64::from(day))].iter().map(|interval| interval.0).min()?;
        let earliest = i64::from(day) * DAY_MINUTES + i64::from(first);
        let midnight = i64::from(self.zone.start_of(day).0);
        // The wall clock goes on with the minutes, but for a jump or two.
        let mut reads = (midnight..midnight + 2 * DAY_MINUTES)
            .skip(usize::from(first).saturating_sub(JUMP_MINUTES))
            .map(|minute| (minute, local_minutes(&self.zone.0, minute)))
            .skip_while(|&(_, local)| local < earliest)
            .take_while(|&(_, local)| local < (i64::from(day) + 1) * DAY_MINUTES);
        let (minute, _) = reads.find(|&(minute, _)| self.is_minute_open(minute))?;
        Some(Minute(minute as i32))
    }

    /// The smallest number of days from a date on, but no fewer than so many, that hold as many working days as these
    /// would without holidays.
    pub fn days_of_as_much_work(&self, day: i32, days: i32) -> i32 {
        let wanted = (day..day + days).filter(|&day| self.has_hours(day)).count();
        let worked = |days: i32| (day..day + days).filter(|&day| self.is_business_day(day)).count();
        (days..days + MOST_CLOSED).find(|&days| worked(days) >= wanted).unwrap_or(days + MOST_CLOSED)
    }

    /// Whether a date lies between two working days with a holiday on a weekday that has hours between them as well.
    pub fn is_closed_by_a_holiday(&self, day: i32) -> bool {
        let is_business = |day: &i32| self.is_business_day(*day);
        if is_business(&day) {
            return false;
        }
        let last = (day - MOST_CLOSED..day).rev().find(is_business).unwrap_or(day - MOST_CLOSED);
        let next = (day..day + MOST_CLOSED).find(is_business).unwrap_or(day + MOST_CLOSED);
        (last..next).any(|day| self.has_hours(day) && !self.is_business_day(day))
    }

    /// Whether the team works on the weekday of a local date.
    pub fn has_hours(&self, day: i32) -> bool {
        !self.weekly[weekday(i64::from(day))].is_empty()
    }

    /// Whether the team works on a local date: no holiday, and an interval starts on its weekday.
    pub fn is_business_day(&self, day: i32) -> bool {
        self.has_hours(day) && !self.holidays.contains(&i64::from(day))
    }
}

fn utc_day(at_ms: i64) -> i64 {
    at_ms.div_euclid(DAY_MINUTES * MINUTE_MS)
}
