//! One alert for one cause: while a segment speaks, what lies within it keeps quiet.

use crate::model::Text;

use super::super::super::alerting::Identity;
use super::super::super::journey::segments::lies_within;

/// What speaks of a rule at one evaluation, in the order of wider segments before narrower ones.
#[derive(Debug, Default)]
pub(super) struct Speaking(Vec<(Text, Text)>);

impl Speaking {
    /// A segment breaches or fires, with a subject.
    pub(super) fn add(&mut self, id: &Identity) {
        self.0.push((id.segment.clone(), id.subject.clone()));
    }

    /// Whether a wider segment speaks of the same.
    pub(super) fn quiets(&self, id: &Identity) -> bool {
        self.0.iter().any(|(wide, subject)| *subject == id.subject && lies_within(&id.segment, wide))
    }

    /// The wider segments that speak of the same, the widest first.
    pub(super) fn wider(&self, id: &Identity) -> impl Iterator<Item = &Text> {
        let is_wider =
            move |(wide, subject): &&(Text, Text)| *subject == id.subject && lies_within(&id.segment, wide);
        self.0.iter().filter(is_wider).map(|(wide, _)| wide)
    }
}
