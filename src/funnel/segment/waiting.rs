//! Changes of boundaries that not every partition has passed yet, as they came.
//!
//! Each stays the row of state that it was written as; they are added up only when their boundary is taken.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::delta::Step;
use crate::model::{Minute, Text};

/// Where changes wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Place {
    /// The number of the definitions under which they were counted.
    pub(super) number: u32,
    /// Their boundary.
    pub(super) boundary: Minute,
    /// The partition.
    pub(super) partition: u32,
    /// The part, where the changes of a boundary came in several.
    pub(super) part: u32,
}

/// All changes that wait.
#[derive(Clone, Debug, Default)]
pub(super) struct Waiting {
    steps: BTreeMap<Place, Step>,
    /// In how many places something waits for each boundary.
    boundaries: BTreeMap<Minute, usize>,
}

impl Waiting {
    /// Adds what came of a boundary; says where it waits.
    pub(super) fn add(&mut self, number: u32, boundary: Minute, partition: u32, step: Step) -> Place {
        let place = |part| Place { number, boundary, partition, part };
        let last = self.steps.range(place(0)..=place(u32::MAX)).next_back();
        let at = place(last.map_or(0, |(last, _)| last.part + 1));
        self.load(at, Some(step));
        at
    }

    /// The first boundary for which something counted under a number waits.
    pub(super) fn first(&self, number: u32) -> Option<Minute> {
        self.places_from(number, Minute::MIN).next().map(|place| place.boundary)
    }

    /// Takes the changes of the first boundary up to `boundary` that were counted under a number, added up.
    pub(super) fn take(
        &mut self,
        number: u32,
        boundary: Minute,
        taken: &mut dyn FnMut(Place),
    ) -> Option<(Minute, Step)> {
        let first = self.first(number).filter(|first| *first <= boundary)?;
        let places = self.places_from(number, first).take_while(|place| place.boundary == first);
        let mut sum = Step::default();
        for place in places.collect::<Vec<_>>() {
            taken(place);
            sum.merge(self.remove(&place).unwrap_or_default());
        }
        Some((first, sum))
    }

    /// Drops what was counted under a number from a boundary on. Whom alerts are to forget waits on, with what is
    /// counted under the next number.
    pub(super) fn drop(&mut self, number: u32, boundary: Minute, changed: &mut dyn FnMut(Place)) {
        let places = self.places_from(number, boundary).collect();
        self.drop_places(places, number + 1, changed);
    }

    /// Drops what was counted under numbers below this one, but for whom alerts are to forget.
    pub(super) fn drop_below(&mut self, number: u32, changed: &mut dyn FnMut(Place)) {
        let below = self.steps.keys().copied().take_while(|place| place.number < number);
        self.drop_places(below.collect(), number, changed);
    }

    fn drop_places(&mut self, places: Vec<Place>, number: u32, changed: &mut dyn FnMut(Place)) {
        for place in places {
            changed(place);
            let erased = self.remove(&place).map(|mut step| step.take_erased()).unwrap_or_default();
            if erased.is_empty() {
                continue;
            }
            let mut step = Step::default();
            erased.into_iter().for_each(|id| step.erase(id));
            changed(self.add(number, place.boundary, place.partition, step));
        }
    }

    /// Whom alerts are to forget by what was counted under a number up to a boundary.
    pub(super) fn erased(&self, number: u32, boundary: Minute) -> BTreeSet<Text> {
        let places = self.places_from(number, Minute::MIN).take_while(|place| place.boundary <= boundary);
        places.filter_map(|place| self.step(&place)).flat_map(Step::erased).cloned().collect()
    }

    /// For how many boundaries something waits.
    pub(super) fn boundaries(&self) -> usize {
        self.boundaries.len()
    }

    /// The first boundary for which something waits, whatever it was counted under.
    pub(super) fn first_boundary(&self) -> Option<Minute> {
        self.boundaries.keys().next().copied()
    }

    /// Every place where something waits.
    pub(super) fn places(&self) -> impl Iterator<Item = Place> {
        self.steps.keys().copied()
    }

    /// What waits in a place.
    pub(super) fn step(&self, place: &Place) -> Option<&Step> {
        self.steps.get(place)
    }

    /// Takes the changes of a place back from state.
    pub(super) fn load(&mut self, place: Place, step: Option<Step>) {
        self.remove(&place);
        if let Some(step) = step {
            *self.boundaries.entry(place.boundary).or_default() += 1;
            self.steps.insert(place, step);
        }
    }

    fn remove(&mut self, place: &Place) -> Option<Step> {
        use std::collections::btree_map::Entry;
        let removed = self.steps.remove(place)?;
        if let Entry::Occupied(mut places) = self.boundaries.entry(place.boundary) {
            *places.get_mut() -= 1;
            if *places.get() == 0 {
                places.remove();
            }
        }
        Some(removed)
    }

    fn places_from(&self, number: u32, boundary: Minute) -> impl Iterator<Item = Place> {
        let first = Place { number, boundary, partition: 0, part: 0 };
        let places = self.steps.range(first..).map(|(place, _)| *place);
        places.take_while(move |place| place.number == number)
    }
}
