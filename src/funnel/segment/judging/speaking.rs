//! One alert for one cause: while a segment speaks, what lies within it keeps quiet.

use crate::model::Text;

use super::super::super::alerting::Identity;
use super::super::super::journey::segments::lies_within;
use super::super::series::Day;

/// What speaks of a rule at one evaluation, in the order of wider segments before narrower ones.
#[derive(Debug, Default)]
pub(super) struct Speaking {
    all: Vec<(Text, Text)>,
    /// Those that resolve at this evaluation, and the day before which all has been told of.
    resolved: Vec<(Text, Text, Day)>,
}

impl Speaking {
    /// A segment breaches or fires, with a subject.
    pub(super) fn add(&mut self, id: &Identity) {
        self.all.push((id.segment.clone(), id.subject.clone()));
    }

    /// The alert of a segment is over; what was before a day has been told of, in all that lies within it as well.
    pub(super) fn resolve(&mut self, id: &Identity, day: Day) {
        self.resolved.push((id.segment.clone(), id.subject.clone(), day));
    }

    /// Whether a wider segment speaks of the same.
    pub(super) fn quiets(&self, id: &Identity) -> bool {
        self.all.iter().any(|(wide, subject)| *subject == id.subject && lies_within(&id.segment, wide))
    }

    /// The wider segments that speak of the same, the widest first.
    pub(super) fn wider(&self, id: &Identity) -> impl Iterator<Item = &Text> {
        let is_wider =
            move |(wide, subject): &&(Text, Text)| *subject == id.subject && lies_within(&id.segment, wide);
        self.all.iter().filter(is_wider).map(|(wide, _)| wide)
    }

    /// The day before which a wider segment, which resolves now, has told of everything.
    pub(super) fn told_to(&self, id: &Identity) -> Option<Day> {
        let is_wider = |(wide, subject, _): &&(Text, Text, Day)| {
            *subject == id.subject && lies_within(&id.segment, wide)
        };
        self.resolved.iter().filter(is_wider).map(|(_, _, day)| *day).max()
    }
}
