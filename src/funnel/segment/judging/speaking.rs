//! One alert for one cause: while a segment speaks, what lies within it keeps quiet, unless it is louder: a slow ticket
//! of the whole company is no reason not to page those whose part of it has gone all wrong.

use crate::model::Text;
use crate::model::alert::Severity;

use super::super::super::alerting::Identity;
use super::super::super::journey::segments::lies_within;

/// What speaks of a rule at one evaluation, in the order of wider segments before narrower ones.
#[derive(Debug, Default)]
pub(super) struct Speaking(Vec<(Text, Text, Severity)>);

impl Speaking {
    /// A segment breaches or fires, with a subject, by a rule of which all breaches are equally loud.
    pub(super) fn add(&mut self, id: &Identity) {
        self.add_as(id, Severity::Page);
    }

    /// A segment breaches or fires so loudly.
    pub(super) fn add_as(&mut self, id: &Identity, severity: Severity) {
        self.0.push((id.segment.clone(), id.subject.clone(), severity));
    }

    /// Whether a wider segment speaks of the same.
    pub(super) fn quiets(&self, id: &Identity) -> bool {
        self.quiets_as(id, Severity::Info)
    }

    /// Whether a wider segment speaks of the same at least as loudly.
    pub(super) fn quiets_as(&self, id: &Identity, severity: Severity) -> bool {
        self.wider(id, severity).next().is_some()
    }

    /// The wider segments that speak of the same at least so loudly, the widest first.
    pub(super) fn wider(&self, id: &Identity, least: Severity) -> impl Iterator<Item = &Text> {
        let is_wider = move |(wide, subject, severity): &&(Text, Text, Severity)| {
            *severity >= least && *subject == id.subject && lies_within(&id.segment, wide)
        };
        self.0.iter().filter(is_wider).map(|(wide, ..)| wide)
    }
}
