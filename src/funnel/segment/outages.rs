//! Outages of feeds: when what one tells did not arrive. What happened then is not known, so nobody is held to it.
//!
//! A feed has stopped from the evaluation of `no_data` on at which its silence is long enough to be told of, until
//! anything arrives again; the outage of its family begins where the last hour ended in which something had.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::words::Family;
use crate::model::{Minute, Text};

/// A source, and what it sends.
pub type FeedName = (Text, Family);

/// The outages of all feeds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outages {
    /// Since when those that have stopped tell nothing.
    stopped: BTreeMap<FeedName, Minute>,
    /// Those that are over, `[from, to)`.
    over: BTreeSet<(Family, Minute, Minute)>,
}

impl Outages {
    /// What `no_data` found at an evaluation: the feeds that are `silent`, and those whose silence is long enough to be
    /// told of, each with the end of its last hour. Whether anything is new.
    pub(super) fn found(
        &mut self,
        at: Minute,
        silent: &BTreeSet<FeedName>,
        too_long: impl Iterator<Item = (FeedName, Minute)>,
    ) -> bool {
        let before = self.clone();
        self.end(at, |feed| !silent.contains(feed));
        for (feed, last) in too_long.filter(|(feed, _)| silent.contains(feed)) {
            self.stopped.entry(feed).or_insert(last);
        }
        *self != before
    }

    /// Nobody asks any more whether feeds have stopped. Whether any had.
    pub(super) fn end_all(&mut self, at: Minute) -> bool {
        let had = !self.stopped.is_empty();
        self.end(at, |_| true);
        had
    }

    fn end(&mut self, at: Minute, is_over: impl Fn(&FeedName) -> bool) {
        let over = &mut self.over;
        self.stopped.retain(|feed, from| {
            let is_over = is_over(feed);
            if is_over {
                over.insert((feed.1, *from, at));
            }
            !is_over
        });
    }

    /// Forgets those that were over before a minute; whether there were any.
    pub(super) fn forget_before(&mut self, minute: Minute) -> bool {
        let before = self.over.len();
        self.over.retain(|(_, _, to)| *to > minute);
        self.over.len() < before
    }

    /// Those of these families that are over, `[from, to)`.
    pub fn of(&self, families: &[Family]) -> impl Iterator<Item = (Minute, Minute)> {
        self.over.iter().filter(|(family, ..)| families.contains(family)).map(|(_, from, to)| (*from, *to))
    }

    /// Whether there is nothing to know of.
    pub fn is_empty(&self) -> bool {
        self.stopped.is_empty() && self.over.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn feed(source: &str) -> FeedName {
        (source.into(), Family::Touches)
    }

    #[test]
    fn an_outage_goes_from_the_last_arrival_until_anything_arrives() {
        let mut outages = Outages::default();
        let silent: BTreeSet<FeedName> = [feed("a"), feed("b")].into();
        let too_long = || [(feed("a"), Minute(60)), (feed("c"), Minute(70))].into_iter();
        assert!(outages.found(Minute(600), &silent, too_long()));
        assert!(!outages.found(Minute(660), &silent, [(feed("a"), Minute(65))].into_iter()), "it goes on");
        assert_eq!(outages.of(&[Family::Touches]).count(), 0, "none is over");
        assert!(outages.found(Minute(720), &[feed("b")].into(), std::iter::empty()));
        let over: Vec<_> = outages.of(&[Family::Touches]).collect();
        assert_eq!(over, [(Minute(60), Minute(720))], "b was never silent for long enough, c is not silent");
        assert_eq!(outages.of(&[Family::Leads]).count(), 0);
        assert!(!outages.forget_before(Minute(700)) && outages.forget_before(Minute(720)));
        assert!(outages.is_empty());
    }

    #[test]
    fn where_nobody_asks_any_more_it_is_over() {
        let mut outages = Outages::default();
        outages.found(Minute(600), &[feed("a")].into(), [(feed("a"), Minute(60))].into_iter());
        assert!(outages.end_all(Minute(630)) && !outages.end_all(Minute(640)));
        assert_eq!(outages.of(&[Family::Touches]).collect::<Vec<_>>(), [(Minute(60), Minute(630))]);
    }
}
