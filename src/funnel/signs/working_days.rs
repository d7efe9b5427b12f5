//! Working days between days, counted once for many questions.

use super::super::segment::series::Day;
use crate::stats::business_time::BusinessClock;

/// How many working days lie before each day of a span.
#[derive(Clone, Debug)]
pub struct WorkingDays {
    first: i32,
    before: Vec<u32>,
}

impl WorkingDays {
    /// The working days of a team from `first` to before `end`.
    pub fn new(team: &BusinessClock, first: Day, end: Day) -> WorkingDays {
        let mut before = vec![0];
        for day in first.0..end.0 {
            before.push(before[before.len() - 1] + u32::from(team.is_business_day(day)));
        }
        WorkingDays { first: first.0, before }
    }

    /// How many lie in `from..to`; none outside of the span.
    pub fn between(&self, from: Day, to: Day) -> u16 {
        let place = |day: Day| (day.0 - self.first).clamp(0, self.before.len() as i32 - 1) as usize;
        let n = self.before[place(to)].saturating_sub(self.before[place(from)]);
        n.min(u32::from(u16::MAX)) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funnel::terms::default_week;

    #[test]
    fn weekends_and_holidays_do_not_count() {
        let team = BusinessClock::new("UTC", &default_week(), &["2026-03-03"]).unwrap();
        let monday = Day(20_514);
        assert_eq!(team.day_start_ms(monday.0), 1_772_409_600_000, "2026-03-02");
        let days = WorkingDays::new(&team, monday, monday.plus(14));
        assert_eq!(days.between(monday, monday.plus(1)), 1);
        assert_eq!(days.between(monday.plus(1), monday.plus(2)), 0, "a holiday");
        assert_eq!(days.between(monday, monday.plus(7)), 4);
        assert_eq!(days.between(monday.plus(-100), monday.plus(100)), 9);
        assert_eq!(days.between(monday.plus(7), monday), 0);
    }
}
