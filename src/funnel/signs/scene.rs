//! Where and when a rule is judged.

use std::cell::OnceCell;
use std::ops::Range;

use crate::model::{EventTime, Minute};

use super::super::segment::book::{Behind, Book, Named};
use super::super::segment::series::{DAYS_KEPT, Day};
use super::super::terms::Terms;
use super::told_days::ToldDays;
use super::working_days::WorkingDays;

/// The funnel as it stands at a boundary.
pub struct Scene<'a> {
    /// By which terms it is judged.
    pub terms: &'a Terms,
    /// Everything that is counted.
    pub book: &'a Book,
    /// The boundary.
    pub at: Minute,
    /// The day that contains it: only days before are looked at.
    pub today: Day,
    working_days: OnceCell<WorkingDays>,
}

impl<'a> Scene<'a> {
    /// The scene at a boundary.
    pub fn new(terms: &'a Terms, book: &'a Book, at: Minute) -> Scene<'a> {
        let today = Day(terms.days.local_day(at.start().0));
        Scene { terms, book, at, today, working_days: OnceCell::new() }
    }

    /// The working days of sales, as far back as days are kept.
    pub fn working_days(&self) -> &WorkingDays {
        let count =
            || WorkingDays::new(&self.terms.sales, self.today.plus(-DAYS_KEPT - 1), self.today.plus(1));
        self.working_days.get_or_init(count)
    }

    /// The start of a day, as a minute.
    pub fn start(&self, day: Day) -> Minute {
        EventTime(self.terms.days.day_start_ms(day.0)).minute()
    }

    /// How many business days of marketing lie in `from..to`.
    pub fn business_days(&self, from: Day, to: Day) -> u64 {
        (from.0..to.0).filter(|day| self.terms.marketing.is_business_day(*day)).count() as u64
    }

    /// The leads behind counts of a segment in `spans`, as many as an alert may name.
    pub fn evidence(&self, behind: &Behind, name: &str, spans: &[Range<Minute>]) -> Named {
        let most = self.terms.definitions.limits.evidence_ids as usize;
        self.book.evidence(behind, name, spans, self.at, most)
    }

    /// The minutes of the days `from..to` that are not left out.
    pub fn minutes_but(&self, from: Day, to: Day, left_out: &ToldDays) -> Vec<Range<Minute>> {
        left_out.spans_of_others(from, to).map(|(from, to)| self.minutes(from, to)).collect()
    }

    /// The minutes of the days `from..to`.
    pub fn minutes(&self, from: Day, to: Day) -> Range<Minute> {
        self.start(from)..self.start(to)
    }
}
