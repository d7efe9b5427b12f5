//! Where each rule stands: in how many segments it says what, so that learning, holding and missing data are seen and
//! never silence, and how healthy the whole company is by it.

use crate::model::standing::RuleStanding;

use super::super::journey::segments::ALL;
use super::super::signs::Verdict;
use super::super::signs::rule::Rule;

/// What a rule said at its last evaluation.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Standing {
    kept: u32,
    learning: u32,
    holding: u32,
    broken: u32,
    /// From 1, as usual, to 0, where it would be told of; none while it is not known.
    health: Option<f64>,
}

impl Standing {
    /// What it says of one segment or subject, by which nobody's health is known; where nothing could ever be rare
    /// enough to speak of, it is learning.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Kept => self.kept += 1,
            Verdict::Learning => self.learning += 1,
            Verdict::NoData => self.holding += 1,
            Verdict::Broken(_) => self.broken += 1,
        }
    }

    /// What it says of one segment or subject, and how much of its threshold it has used up there, if that is known:
    /// all of it where it is broken. The worst of the whole company's counts.
    pub fn read(&mut self, segment: &str, verdict: Verdict, used: Option<f64>) {
        self.count(verdict);
        let used = if matches!(verdict, Verdict::Broken(_)) { Some(1.0) } else { used };
        if let Some(used) = used.filter(|used| segment == ALL && used.is_finite()) {
            let health = 1.0 - used.clamp(0.0, 1.0);
            self.health = Some(self.health.map_or(health, |known| known.min(health)));
        }
    }

    /// Whether in any segment or subject there was enough to say more than *learning*, and it did not hold.
    pub fn is_known(&self) -> bool {
        self.kept + self.broken > 0
    }

    /// As it is shown.
    pub fn shown(&self, rule: Rule) -> RuleStanding {
        let Standing { kept, learning, holding, broken, health } = *self;
        let health = health.filter(|_| holding == 0);
        RuleStanding { rule: rule.name(), sign: rule.sign(), kept, learning, holding, broken, health }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert::Severity;

    #[test]
    fn what_holds_has_no_health() {
        let mut standing = Standing::default();
        standing.read(ALL, Verdict::Kept, Some(0.2));
        standing.read("source=ads", Verdict::Broken(Severity::Ticket), Some(0.9));
        assert_eq!(standing.shown(Rule::Divergence).health, Some(0.8));
        standing.count(Verdict::NoData);
        assert_eq!(standing.shown(Rule::Divergence).health, None);
    }

    #[test]
    fn what_is_broken_has_used_up_all() {
        let mut standing = Standing::default();
        standing.read(ALL, Verdict::Broken(Severity::Ticket), Some(0.2));
        assert_eq!(
            standing.shown(Rule::Divergence).health,
            Some(0.0),
            "it is on its way back, and not yet there"
        );
    }
}
