//! The content library: what was published when, by whom, and what a rep takes from it.

use compact_str::format_compact;

use super::diary::Diary;
use super::fault::{Authorship, Fault, Faults};
use super::sampling::Dice;
use super::scenario::Scenario;
use crate::model::event::Body;
use crate::model::words::Author;
use crate::model::{DAY_MS, EventTime, MINUTE_MS, Text};

/// The assets of one author: some to begin with, a minute apart, then one in every so many days.
#[derive(Clone, Debug)]
struct Shelf {
    author: Author,
    prefix: &'static str,
    from: EventTime,
    to: EventTime,
    initial: u64,
    every_days: i64,
}

impl Shelf {
    /// When the asset at this place was published.
    fn published_at(&self, place: u64) -> EventTime {
        match place.checked_sub(self.initial) {
            None => self.from.plus_ms(place as i64 * MINUTE_MS),
            Some(later) => self.from.plus_ms((later as i64 + 1) * self.every_days * DAY_MS),
        }
    }

    /// How many were there at a time.
    fn published_by(&self, at: EventTime) -> u64 {
        let age_ms = at.min(self.to.plus_ms(-1)).0 - self.from.0;
        if age_ms < 0 {
            return 0;
        }
        let initial = (age_ms / MINUTE_MS + 1) as u64;
        initial.min(self.initial) + (age_ms / (self.every_days * DAY_MS)) as u64
    }

    fn asset_id(&self, place: u64) -> Text {
        format_compact!("{}-{:03}", self.prefix, place + 1)
    }
}

/// Reps know so many of the newest pieces of an author: a library that grows uses each of its pieces no less.
const KNOWN: u64 = 24;
/// How many pieces everybody uses where the library is dead.
const FAVOURITES: u64 = 3;

/// Every shelf.
#[derive(Clone, Debug)]
pub(super) struct Library {
    shelves: Vec<Shelf>,
    /// What sales writes past marketing, one shelf for each spell of that fault.
    shadow: Vec<Shelf>,
}

impl Library {
    /// The library of a scenario.
    pub(super) fn of(scenario: &Scenario, faults: &Faults) -> Library {
        let (from, to) = (scenario.start, scenario.end());
        let shelf =
            |author, prefix, initial, every_days| Shelf { author, prefix, from, to, initial, every_days };
        let spells = faults.spells().iter().filter(|spell| spell.fault == Fault::ShadowContent);
        Library {
            shelves: vec![
                shelf(Author::Marketing, "asset-m", 24, 5),
                shelf(Author::Sales, "asset-s", 4, 30),
                shelf(Author::Other, "asset-o", 3, 60),
            ],
            shadow: spells
                .map(|spell| Shelf {
                    author: Author::Sales,
                    prefix: "asset-x",
                    from: spell.from,
                    to: spell.to,
                    initial: 3,
                    every_days: 3,
                })
                .collect(),
        }
    }

    /// Writes down what was published. A shelf has a diary of its own, so that none moves another's ids.
    pub(super) fn publish(&self) -> Vec<Diary> {
        let publish = |shelf: &Shelf| {
            let mut diary = Diary::of(shelf.prefix.into());
            for place in 0..shelf.published_by(shelf.to) {
                let body =
                    Body::ContentPublished { asset_id: shelf.asset_id(place), author_team: shelf.author };
                diary.write(shelf.published_at(place), body);
            }
            diary
        };
        self.shelves.iter().chain(&self.shadow).map(publish).collect()
    }

    fn shelf_of(&self, author: Author) -> Option<&Shelf> {
        self.shelves.iter().find(|shelf| shelf.author == author)
    }

    /// What a rep takes: the newer an asset, the more often; where the library is dead one of its oldest. `None` where
    /// the shelf is empty.
    pub(super) fn take(&self, from: Authorship, at: EventTime, dice: &mut Dice) -> Option<(Text, Author)> {
        let (first, second) = (dice.unit(), dice.unit());
        let shelf = match from {
            Authorship::Known(author) => self.shelf_of(author),
            Authorship::Favourite => self.shelf_of(Author::Marketing),
            Authorship::Shadow => self.shadow.iter().rfind(|shelf| shelf.from <= at),
        }?;
        let published = shelf.published_by(at);
        let one_of = |known: u64| (first.min(second) * known as f64) as u64;
        let place = match from {
            Authorship::Favourite => {
                Some(one_of(published.min(FAVOURITES))).filter(|place| *place < published)
            }
            _ => published.checked_sub(1 + one_of(published.min(KNOWN))),
        }?;
        Some((shelf.asset_id(place), shelf.author))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sampling::Concern;
    use super::*;

    #[test]
    fn a_shelf_counts_what_it_publishes() {
        let shelf = Shelf {
            author: Author::Sales,
            prefix: "asset-s",
            from: EventTime(0),
            to: EventTime(11 * DAY_MS),
            initial: 3,
            every_days: 5,
        };
        for (at, expected) in [
            (-1, 0),
            (0, 1),
            (MINUTE_MS, 2),
            (2 * MINUTE_MS, 3),
            (DAY_MS, 3),
            (5 * DAY_MS, 4),
            (10 * DAY_MS, 5),
            (99 * DAY_MS, 5),
        ] {
            assert_eq!(shelf.published_by(EventTime(at)), expected, "at {at} ms");
        }
        for place in 0..5 {
            let at = shelf.published_at(place);
            assert_eq!(shelf.published_by(at), place + 1);
            assert_eq!(shelf.published_by(at.plus_ms(-1)), place);
        }
    }

    /// How often each piece that was `age` places old was taken, of so many times.
    fn taken_by_age(library: &Library, day: i64, times: usize) -> Vec<usize> {
        let at = EventTime(day * DAY_MS);
        let published = library.shelf_of(Author::Marketing).unwrap().published_by(at);
        let mut dice = Dice::new(7, Concern::Deal, 0);
        let mut taken = vec![0; KNOWN as usize];
        for _ in 0..times {
            let (id, _) = library.take(Authorship::Known(Author::Marketing), at, &mut dice).unwrap();
            let place: u64 = id.rsplit('-').next().unwrap().parse().unwrap();
            taken[(published - place) as usize] += 1;
        }
        taken
    }

    #[test]
    fn a_library_that_grows_uses_each_piece_no_less() {
        let scenario = Scenario { start: EventTime(0), days: 700, ..Scenario::default() };
        let library = Library::of(&scenario, &Faults::of(&scenario));
        let young = taken_by_age(&library, 150, 2_000);
        assert_eq!(young, taken_by_age(&library, 650, 2_000));
        assert!(young[0] > young[12] && young[12] > 0, "the newer the more: {young:?}");
    }
}
