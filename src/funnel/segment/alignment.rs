//! How far the partitions of the event log have come, and under which definitions each counts.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Minute;

/// The times of the partitions, and the switches that lie ahead of the definitions in force.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Alignment {
    times: BTreeMap<u32, Minute>,
    /// Of each partition the numbers that it has switched to since, each with the boundary, in order.
    switches: BTreeMap<u32, Vec<(u32, Minute)>>,
}

impl Alignment {
    /// A partition has come so far.
    pub(super) fn passed(&mut self, partition: u32, time: Minute) {
        let known = self.times.entry(partition).or_insert(Minute::MIN);
        *known = (*known).max(time);
    }

    /// A partition counts under another number from a boundary on.
    pub(super) fn switched(&mut self, partition: u32, number: u32, at: Minute) {
        let switches = self.switches.entry(partition).or_default();
        if switches.last().is_none_or(|(last, _)| *last < number) {
            switches.push((number, at));
        }
    }

    /// The boundary that each of so many partitions has passed; `None` while one has not reported.
    pub(super) fn aligned(&self, partitions: u32) -> Option<Minute> {
        let lowest = self.times.values().min().copied()?;
        (self.times.len() == partitions as usize && lowest != Minute::MIN).then_some(lowest)
    }

    /// The first boundary that a partition counts under another number than the one in force.
    pub(super) fn counted_alike_before(&self) -> Minute {
        let first = self.switches.values().filter_map(|switches| switches.first());
        first.map(|(_, at)| *at).min().unwrap_or(Minute::MAX)
    }

    /// The next number under which all of so many partitions count a boundary up to `aligned`, and the first
    /// such boundary.
    pub(super) fn next_alike(&self, partitions: u32, aligned: Minute) -> Option<(u32, Minute)> {
        if self.switches.len() < partitions as usize {
            return None;
        }
        let numbers = self.switches.values().next()?.iter().map(|(number, _)| *number);
        numbers.into_iter().find_map(|number| {
            let (mut from, mut before) = (Minute::MIN, Minute::MAX);
            for switches in self.switches.values() {
                let place = switches.iter().position(|(known, _)| *known == number)?;
                from = from.max(switches[place].1);
                before = before.min(switches.get(place + 1).map_or(Minute::MAX, |(_, at)| *at));
            }
            (from < before && from <= aligned).then_some((number, from))
        })
    }

    /// A number has come into force: switches to it and to those before it are no more.
    pub(super) fn in_force(&mut self, number: u32) {
        for switches in self.switches.values_mut() {
            switches.retain(|(known, _)| *known > number);
        }
        self.switches.retain(|_, switches| !switches.is_empty());
    }

    /// The lowest of the numbers under which so many partitions count now; `None` while one counts under the
    /// number in force.
    pub(super) fn lowest_number(&self, partitions: u32) -> Option<u32> {
        let latest = self.switches.values().filter_map(|switches| switches.last());
        let lowest = latest.map(|(number, _)| *number).min()?;
        (self.switches.len() == partitions as usize).then_some(lowest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn alignment(switches: &[&[(u32, i32)]]) -> Alignment {
        let mut alignment = Alignment::default();
        for (partition, switches) in (0..).zip(switches) {
            for (number, at) in *switches {
                alignment.switched(partition, *number, Minute(*at));
            }
        }
        alignment
    }

    #[test]
    fn a_number_is_judged_where_all_count_under_it() {
        let two = |one: &[(u32, i32)], other: &[(u32, i32)]| {
            let alignment = alignment(&[one, other]);
            let next = alignment.next_alike(2, Minute(1000)).map(|(number, at)| (number, at.0));
            (alignment.counted_alike_before().0, next)
        };
        assert_eq!(two(&[], &[]), (i32::MAX, None));
        assert_eq!(two(&[(2, 10)], &[]), (10, None), "the other still counts under the old ones");
        assert_eq!(two(&[(2, 10)], &[(2, 30)]), (10, Some((2, 30))));
        assert_eq!(two(&[(2, 10), (3, 20)], &[(2, 30)]), (10, None), "one had left it before the other came");
        assert_eq!(two(&[(2, 10), (3, 20)], &[(2, 20), (3, 25)]), (10, Some((3, 25))));
        assert_eq!(two(&[(2, 10), (3, 21)], &[(2, 20), (3, 25)]), (10, Some((2, 20))), "for one boundary");
        assert_eq!(two(&[(2, 10), (4, 20)], &[(3, 15), (4, 18)]), (10, Some((4, 20))));
        assert_eq!(two(&[(2, 2000)], &[(2, 10)]), (10, None), "it lies ahead");
    }

    #[test]
    fn what_came_into_force_is_behind() {
        let mut alignment = alignment(&[&[(2, 10), (3, 40)], &[(2, 30)]]);
        assert_eq!(alignment.lowest_number(2), Some(2));
        alignment.in_force(2);
        assert_eq!((alignment.counted_alike_before(), alignment.lowest_number(2)), (Minute(40), None));
        alignment.switched(1, 3, Minute(50));
        assert_eq!(alignment.next_alike(2, Minute(50)), Some((3, Minute(50))));
    }
}
