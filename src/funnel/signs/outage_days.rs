//! The days whose outcomes an outage of a feed makes unknown: they are left out wherever a rule counts.

use super::super::segment::series::Day;
use super::scene::Scene;
use super::told_days::ToldDays;
use crate::model::Minute;
use crate::model::words::Family;

/// An outage, by what is judged when it begins and in its last minute.
pub struct Outage<'a> {
    /// Its beginning.
    pub begins: Scene<'a>,
    /// Its last minute.
    pub ends: Scene<'a>,
}

impl Outage<'_> {
    /// From a day to before another one, or of its own days alone if that is none.
    fn days(&self, unknown: impl Fn(&Outage<'_>) -> (Day, Day)) -> (Day, Day) {
        let (from, to) = unknown(self);
        (from.min(self.begins.today), to.max(self.ends.today.plus(1)))
    }
}

/// The days of which not all outcomes are known, since a feed of these families did not tell: those of each outage, and
/// of each the ones that `unknown` says, `[from, to)`.
pub fn outage_days(
    scene: &Scene<'_>,
    families: &[Family],
    unknown: impl Fn(&Outage<'_>) -> (Day, Day),
) -> ToldDays {
    let mut days = ToldDays::default();
    for (from, to) in scene.book.outages().of(families) {
        let at = |minute: Minute| Scene::new(scene.terms, scene.book, minute);
        let outage = Outage { begins: at(from), ends: at(to.plus(-1)) };
        let (from, to) = outage.days(&unknown);
        days.add(from, to);
    }
    days
}

/// Outcomes that are known on the day to which they belong.
pub fn of_the_same_days(outage: &Outage<'_>) -> (Day, Day) {
    (outage.begins.today, outage.ends.today.plus(1))
}
