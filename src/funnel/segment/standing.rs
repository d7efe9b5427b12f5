//! Where each rule stands: in how many segments it says what, so that learning, holding and missing data are seen and
//! never silence, and how healthy the whole company is by it.

use crate::model::effect::RuleStanding;

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
    /// A reading of one segment or subject.
    pub fn count(&mut self, verdict: Verdict) {
        match verdict {
            Verdict::Kept => self.kept += 1,
            Verdict::Learning => self.learning += 1,
            Verdict::NoData => self.holding += 1,
            Verdict::Broken(_) => self.broken += 1,
        }
    }

    /// How much of its threshold the detector of a segment has used up; the worst of the whole company's counts.
    pub fn used(&mut self, segment: &str, used: f64) {
        if segment == ALL && used.is_finite() {
            let health = 1.0 - used.clamp(0.0, 1.0);
            self.health = Some(self.health.map_or(health, |known| known.min(health)));
        }
    }

    /// As it is shown.
    pub fn shown(&self, rule: Rule) -> RuleStanding {
        let Standing { kept, learning, holding, broken, health } = *self;
        let health = health.filter(|_| holding == 0);
        RuleStanding { rule: rule.name(), sign: rule.sign(), kept, learning, holding, broken, health }
    }
}

/// From 0, where every sign that is known has a rule that is broken, to 100, where all is as usual: the mean over the
/// signs that are known of the health of the weakest rule of each. `None` while none is known.
pub fn alignment_score(standings: &[RuleStanding]) -> Option<f64> {
    let of_sign = |sign: u8| {
        let known = standings.iter().filter(|standing| standing.sign == sign);
        known.filter_map(|standing| standing.health).min_by(f64::total_cmp)
    };
    let signs: Vec<f64> = (1..=4).filter_map(of_sign).collect();
    (!signs.is_empty()).then(|| 100.0 * signs.iter().sum::<f64>() / signs.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert::Severity;

    #[test]
    fn each_sign_is_as_healthy_as_its_weakest_rule() {
        let standing = |rule: Rule, used: f64| {
            let mut standing = Standing::default();
            standing.used(ALL, used);
            standing.shown(rule)
        };
        assert_eq!(alignment_score(&[]), None);
        let all = [
            standing(Rule::Divergence, 0.5),
            standing(Rule::RevenuePace, 0.0),
            standing(Rule::SilentLeads, 2.0),
            standing(Rule::StageAgeing, 0.1),
            Standing::default().shown(Rule::SalesAuthoredShare),
            standing(Rule::NoData, 1.0),
        ];
        let score = alignment_score(&all).unwrap();
        assert!((score - 100.0 * (0.5 + 0.0 + 0.9) / 3.0).abs() < 1e-9, "{score}");
    }

    #[test]
    fn what_holds_has_no_health() {
        let mut standing = Standing::default();
        standing.used(ALL, 0.2);
        standing.used("source=ads", 0.9);
        standing.count(Verdict::Broken(Severity::Ticket));
        assert_eq!(standing.shown(Rule::Divergence).health, Some(0.8));
        standing.count(Verdict::NoData);
        assert_eq!(standing.shown(Rule::Divergence).health, None);
    }
}
