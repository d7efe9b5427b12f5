//! Where the rules stand at the end of a history: what was never told may never have been looked at.

use serde::Serialize;

use crate::funnel::segment::SegmentsTask;
use crate::funnel::signs::rule::Rule;
use crate::model::standing::RuleStanding;

/// Where a rule stands at the end of a history, in how many segments and subjects.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct AtEnd {
    /// All is well.
    pub kept: u32,
    /// Too little is known.
    pub learning: u32,
    /// It holds what it said, because what it rests on has stopped arriving.
    pub holding: u32,
    /// It is broken.
    pub broken: u32,
    /// Whether there was enough to judge anywhere, at any time of the history.
    pub had_enough: bool,
}

impl AtEnd {
    /// Where a rule stands, once all of the history is judged; `None` where it is off.
    pub fn of(rule: Rule, task: &SegmentsTask) -> Option<AtEnd> {
        let RuleStanding { kept, learning, holding, broken, .. } = task.standing(rule);
        let had_enough = task.had_enough(rule);
        let is_on = rule.is_on(&task.terms().definitions);
        is_on.then_some(AtEnd { kept, learning, holding, broken, had_enough })
    }

    /// The row of a table.
    pub fn row(self) -> String {
        let AtEnd { kept, learning, holding, broken, had_enough } = self;
        let remark = if had_enough { "" } else { "  never had enough to judge" };
        format!(" {kept:>7} {learning:>9} {holding:>8} {broken:>7}{remark}")
    }

    /// What stands above the rows.
    pub fn head() -> String {
        format!(" {:>7} {:>9} {:>8} {:>7}", "kept", "learning", "holding", "broken")
    }
}
