//! The terms by which everything is counted: the definitions in force with their clocks made ready.
//!
//! Built once per set of definitions and shared; it never changes and reads no clock of its own.

use std::sync::{Arc, Mutex, PoisonError, Weak};

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
    shelf: Arc<Shelf>,
}

/// Every set of terms that stems from the same one and is in use. The clocks of a set take megabytes, and an
/// installation has as many tasks as partitions, on several threads: hence a mutex, held for a look or while a set
/// is made. What is found there is what would have been made.
#[derive(Debug, Default)]
struct Shelf(Mutex<Vec<Weak<Terms>>>);

impl Terms {
    /// Makes the clocks of `definitions` ready. Fails if a zone is unknown, a week has no working hours, hours do not
    /// fit a day, or a holiday is no date.
    pub fn new(definitions: Definitions, number: u32) -> Result<Terms, CalendarError> {
        Terms::on(Arc::default(), definitions, number)
    }

    /// The terms of other definitions, shared by everybody who comes to them from these. Fails as [`Terms::new`].
    pub fn other(
        self: &Arc<Terms>,
        definitions: Definitions,
        number: u32,
    ) -> Result<Arc<Terms>, CalendarError> {
        let is_meant = |terms: &Arc<Terms>| terms.number == number && terms.definitions == definitions;
        if is_meant(self) {
            return Ok(self.clone());
        }
        let mut shelf = self.shelf.0.lock().unwrap_or_else(PoisonError::into_inner);
        shelf.retain(|terms| terms.strong_count() > 0);
        if let Some(known) = shelf.iter().filter_map(Weak::upgrade).find(is_meant) {
            return Ok(known);
        }
        let made = Arc::new(Terms::on(self.shelf.clone(), definitions, number)?);
        shelf.push(Arc::downgrade(&made));
        Ok(made)
    }

    fn on(shelf: Arc<Shelf>, definitions: Definitions, number: u32) -> Result<Terms, CalendarError> {
        let clock = |team: &str| match definitions.calendars.get(team) {
            Some(c) if c.weekly.iter().all(Vec::is_empty) => Err(CalendarError::NoHours),
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
            shelf,
        })
    }

    /// The first-touch deadline of an MQL cycle that starts at `start`; `None` if the rule is off.
    pub fn first_touch_deadline(&self, start: EventTime) -> Option<EventTime> {
        let rule = self.definitions.rules.first_touch_slo.as_ref()?;
        let ms = i64::from(rule.within_minutes) * crate::model::MINUTE_MS;
        self.sales.deadline(start.0, ms).map(EventTime)
    }

    /// The deadline for a verdict in an MQL cycle that starts at `start`; `None` if the rule is off.
    pub fn verdict_deadline(&self, start: EventTime) -> Option<EventTime> {
        let rule = self.definitions.rules.silent_leads.as_ref()?;
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

#[cfg(test)]
mod tests {
    use super::*;

    fn definitions(zone: &str) -> Definitions {
        let plain = crate::config::Config::default().definitions(&|_| Some(1), *b"a key of the ids");
        Definitions { zone: zone.into(), ..plain.unwrap() }
    }

    #[test]
    fn terms_are_made_once_for_all_who_use_them() {
        let first = Arc::new(Terms::new(definitions("UTC"), 1).unwrap());
        let mine = first.other(definitions("Asia/Tokyo"), 2).unwrap();
        let yours = first.other(definitions("Asia/Tokyo"), 2).unwrap();
        assert!(Arc::ptr_eq(&mine, &yours) && mine.number == 2 && mine.definitions.zone == "Asia/Tokyo");
        assert!(Arc::ptr_eq(&mine.other(definitions("UTC"), 1).unwrap().shelf, &first.shelf));
        assert!(Arc::ptr_eq(&first.other(definitions("UTC"), 1).unwrap(), &first));
        assert!(!Arc::ptr_eq(&first.other(definitions("Asia/Tokyo"), 3).unwrap(), &mine));
        assert!(first.other(definitions("Europe/Atlantis"), 3).is_err());
        let mut never = definitions("UTC");
        never.calendars.get_mut("sales").unwrap().weekly = Default::default();
        assert_eq!(first.other(never, 3).unwrap_err(), CalendarError::NoHours);
        drop((mine, yours));
        first.other(definitions("UTC"), 9).unwrap();
        assert_eq!(first.shelf.0.lock().unwrap().len(), 1, "what nobody uses is gone");
    }
}
