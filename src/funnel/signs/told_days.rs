//! The days that alerts told of: what is usual is never learned from them, or a fault that came twice would be half as
//! strange the second time.

use serde::{Deserialize, Serialize};

use super::super::segment::series::Day;
use crate::model::explanation::Sum;

/// Spans of days `[from, to)`, in order and apart from each other.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToldDays(Vec<(Day, Day)>);

impl ToldDays {
    /// Adds the days `[from, to)`; whether any of them is new.
    pub fn add(&mut self, from: Day, to: Day) -> bool {
        if from >= to || self.0.iter().any(|(known_from, known_to)| *known_from <= from && to <= *known_to) {
            return false;
        }
        let touches = |(known_from, known_to): &&(Day, Day)| *known_from <= to && from <= *known_to;
        let (from, to) =
            self.0.iter().filter(touches).fold((from, to), |(from, to), (known_from, known_to)| {
                (from.min(*known_from), to.max(*known_to))
            });
        self.0.retain(|(known_from, known_to)| *known_to < from || to < *known_from);
        self.0.push((from, to));
        self.0.sort_unstable();
        true
    }

    /// Adds all days of others.
    pub fn add_all(&mut self, others: &ToldDays) {
        for (from, to) in &others.0 {
            self.add(*from, *to);
        }
    }

    /// Forgets the spans that end before a day, or on it; whether there were any.
    pub fn forget_to(&mut self, day: Day) -> bool {
        let before = self.0.len();
        self.0.retain(|(_, to)| *to > day);
        self.0.len() < before
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether any of the days `[from, to)` was told of.
    pub fn meet(&self, from: Day, to: Day) -> bool {
        self.0.iter().any(|(told_from, told_to)| *told_from < to && from < *told_to)
    }

    /// Whether a day was told of.
    pub fn holds(&self, day: Day) -> bool {
        self.0.iter().any(|(from, to)| *from <= day && day < *to)
    }

    /// What is counted of the days `[from, to)` that were not told of, where `count` counts those of a span.
    pub fn others(&self, from: Day, to: Day, count: impl Fn(Day, Day) -> u64) -> u64 {
        self.spans_of_others(from, to).map(|(from, to)| count(from, to)).sum()
    }

    /// The spans of days of `[from, to)` that were not told of.
    pub fn spans_of_others(&self, from: Day, to: Day) -> impl Iterator<Item = (Day, Day)> {
        let begins = std::iter::once(from).chain(self.0.iter().map(move |(_, told_to)| (*told_to).max(from)));
        let ends = self.0.iter().map(move |(told_from, _)| (*told_from).min(to)).chain([to]);
        begins.zip(ends).filter(|(from, to)| from < to)
    }

    /// Says in a sum how many days of `[from, to)` are left out, and which, if any are: these are days without data.
    pub fn tell(&self, from: Day, to: Day, sum: &mut Sum) {
        let days = |from: Day, to: Day| (to.0 - from.0).max(0) as u64;
        let left_out = days(from, to) - self.others(from, to, days);
        if let Some(named) = self.named(from, to) {
            let why =
                "no data: a feed on which the rule rests did not tell all of them; they count nowhere here";
            sum.figure("days left out", left_out as f64, format!("{named}; {why}"));
        }
    }

    /// The days of `[from, to)` that are among them, by their dates: `2026-03-02 to 2026-03-08, 2026-04-01`; `None`
    /// where none is.
    pub fn named(&self, from: Day, to: Day) -> Option<String> {
        let within = self.0.iter().map(|(a, b)| ((*a).max(from), (*b).min(to))).filter(|(a, b)| a < b);
        let name = |(a, b): (Day, Day)| match b.plus(-1) {
            last if last == a => a.date(),
            last => format!("{} to {}", a.date(), last.date()),
        };
        let named: Vec<String> = within.map(name).collect();
        (!named.is_empty()).then(|| named.join(", "))
    }

    /// The day from which on so many days that were not told of lie before `to`.
    pub fn back(&self, to: Day, days: i32) -> Day {
        let (mut from, mut left) = (to, days);
        for (a, b) in self.0.iter().rev().filter(|(a, _)| *a < to) {
            let free = from.0 - b.0.min(from.0);
            if free >= left {
                break;
            }
            left -= free;
            from = from.min(*a);
        }
        from.plus(-left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(spans: &[(i32, i32)]) -> ToldDays {
        let mut told = ToldDays::default();
        for (from, to) in spans {
            told.add(Day(*from), Day(*to));
        }
        told
    }

    #[test]
    fn spans_that_touch_are_one() {
        assert_eq!(told(&[(10, 20), (20, 25), (40, 50), (5, 12)]).0, [(Day(5), Day(25)), (Day(40), Day(50))]);
        assert_eq!(told(&[(10, 20), (40, 50), (15, 45)]).0, [(Day(10), Day(50))]);
        let mut known = told(&[(10, 20)]);
        assert!(!known.add(Day(12), Day(20)) && !known.add(Day(3), Day(3)));
        assert!(known.add(Day(12), Day(21)));
        assert!(!known.forget_to(Day(20)) && known.forget_to(Day(21)) && known.is_empty());
    }

    #[test]
    fn days_are_named_by_their_dates() {
        let known = told(&[(0, 1), (31, 33), (40, 50)]);
        let named = |from: i32, to: i32| known.named(Day(from), Day(to));
        assert_eq!(named(-5, 41).unwrap(), "1970-01-01, 1970-02-01 to 1970-02-02, 1970-02-10");
        assert_eq!((named(1, 31), named(50, 60), named(33, 33)), (None, None, None));
    }

    #[test]
    fn what_was_told_of_is_stepped_over() {
        let known = told(&[(10, 20), (40, 50)]);
        let count = |from: Day, to: Day| (to.0 - from.0) as u64;
        for (to, days) in
            [(60, 5), (60, 10), (60, 11), (60, 30), (60, 31), (60, 45), (45, 3), (40, 20), (15, 4), (10, 3)]
        {
            let from = known.back(Day(to), days);
            let untold = |day: &i32| !known.holds(Day(*day));
            assert_eq!(
                (from.0..to).filter(untold).count(),
                days as usize,
                "{days} before {to}: from {from:?}"
            );
            assert!(!known.holds(from), "the first one is learned from");
            assert_eq!(known.others(from, Day(to), count), days as u64);
        }
    }
}
