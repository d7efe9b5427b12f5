//! One alert for one cause: while a segment speaks, what lies within it keeps quiet, unless it is louder: a slow ticket
//! of the whole company is no reason not to page those whose part of it has gone all wrong.

use crate::model::Text;
use crate::model::alert::Severity;

use super::super::super::alerting::Identity;
use super::super::super::journey::segments::lies_within;
use super::super::series::Day;

/// What speaks of a rule at one evaluation, in the order of wider segments before narrower ones.
#[derive(Debug, Default)]
pub(super) struct Speaking {
    all: Vec<(Text, Text, Severity)>,
    /// Those that resolve at this evaluation, and the day before which all has been told of.
    resolved: Vec<(Text, Text, Day)>,
}

impl Speaking {
    /// A segment breaches or fires, with a subject, by a rule of which all breaches are equally loud.
    pub(super) fn add(&mut self, id: &Identity) {
        self.add_as(id, Severity::Page);
    }

    /// A segment breaches or fires so loudly.
    pub(super) fn add_as(&mut self, id: &Identity, severity: Severity) {
        self.all.push((id.segment.clone(), id.subject.clone(), severity));
    }

    /// The alert of a segment is over; what was before a day has been told of, in all that lies within it as well.
    pub(super) fn resolve(&mut self, id: &Identity, day: Day) {
        self.resolved.push((id.segment.clone(), id.subject.clone(), day));
    }

    /// Whether a wider segment speaks of the same.
    pub(super) fn quiets(&self, id: &Identity) -> bool {
        self.wider(id).next().is_some()
    }

    /// Whether a wider segment speaks of the same at least as loudly.
    pub(super) fn quiets_as(&self, id: &Identity, severity: Severity) -> bool {
        self.wider(id).any(|loudness| loudness >= severity)
    }

    /// How loudly wider segments speak of the same.
    fn wider(&self, id: &Identity) -> impl Iterator<Item = Severity> {
        let is_wider = |(wide, subject, _): &&(Text, Text, Severity)| {
            *subject == id.subject && lies_within(&id.segment, wide)
        };
        self.all.iter().filter(is_wider).map(|(.., severity)| *severity)
    }

    /// The day before which a wider segment, which resolves now, has told of everything.
    pub(super) fn told_to(&self, id: &Identity) -> Option<Day> {
        let is_wider = |(wide, subject, _): &&(Text, Text, Day)| {
            *subject == id.subject && lies_within(&id.segment, wide)
        };
        self.resolved.iter().filter(is_wider).map(|(_, _, day)| *day).max()
    }
}
