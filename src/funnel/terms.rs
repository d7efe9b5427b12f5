//! The terms by which everything is counted: the definitions in force with their clocks made ready.
//!
//! Built once per set of definitions and shared; it never changes and reads no clock of its own.

use crate::model::definitions::Definitions;
use crate::model::entity::IdSpace;
use crate::model::{EventTime, Minute};
use crate::stats::business_time::{BusinessClock, CalendarError};
use crate::stats::day_clock::DayClock;
use crate::stats::quantile::{LogBuckets, RelativeError};

/// Definitions and their clocks.
#[derive(Debug)]
pub struct Terms {
    /// What was defined.
    pub definitions: Definitions,
    /// The number under which it was defined.
    pub number: u32,
    /// How ids become keys and partitions.
    pub ids: IdSpace,
    /// The days of the funnel.
    pub days: DayClock,
    /// The buckets of durations.
    pub buckets: LogBuckets,
    /// The working hours of sales.
    pub sales: BusinessClock,
    /// The working hours of marketing.
    pub marketing: BusinessClock,
}

impl Terms {
    /// Makes the clocks of `definitions` ready. Fails if a zone is unknown or a week has no working hour.
    pub fn new(definitions: Definitions, number: u32) -> Result<Terms, CalendarError> {
        let clock = |team: &str| match definitions.calendars.get(team) {
            Some(c) => BusinessClock::new(&c.zone, &c.weekly, &c.holidays),
            None => BusinessClock::new("UTC", &default_week(), &[] as &[&str]),
        };
        Ok(Terms {
            number,
            ids: IdSpace::new(definitions.id_key, definitions.event_partitions),
            days: DayClock::new(&definitions.zone)?,
            buckets: LogBuckets::new(RelativeError::TwoPercent),
            sales: clock("sales")?,
            marketing: clock("marketing")?,
            definitions,
        })
    }

    /// The first-touch deadline of an MQL cycle that starts at `start`; `None` if the rule is off.
    pub fn first_touch_deadline(&self, start: EventTime) -> Option<EventTime> {
        let rule = self.definitions.rules.first_touch_slo.as_ref()?;
        let ms = i64::from(rule.within_minutes) * crate::model::MINUTE_MS;
        self.sales.deadline(start.0, ms).map(EventTime)
    }

    /// The last event time that is still late at T, exclusive; `None` if everything is kept.
    pub fn late_before(&self, time: Minute) -> Option<EventTime> {
        let days = self.definitions.retention_days?;
        (time != Minute::MIN).then(|| time.start().plus_ms(-i64::from(days) * crate::model::DAY_MS))
    }
}

/// Monday to Friday, 09:00 to 17:00.
pub fn default_week() -> [Vec<(u16, u16)>; 7] {
    std::array::from_fn(|day| if day < 5 { vec![(9 * 60, 17 * 60)] } else { Vec::new() })
}
