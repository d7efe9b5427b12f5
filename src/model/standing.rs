//! Where the rules stand, and how well the two teams get along by that.

use serde::Serialize;

/// Where a rule stood at its last evaluation.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct RuleStanding {
    /// Its name.
    pub rule: &'static str,
    /// The sign that it belongs to; 0 for none.
    pub sign: u8,
    /// In how many segments and subjects all is well.
    pub kept: u32,
    /// In how many too little is known.
    pub learning: u32,
    /// In how many it holds its state, because what it rests on has stopped arriving.
    pub holding: u32,
    /// In how many it is broken.
    pub broken: u32,
    /// How healthy the whole company is by it: from 1, as usual, to 0, where it would be told of.
    pub health: Option<f64>,
}

/// From 0, where every sign that is known has a rule that is broken, to 100, where all is as usual: the mean over the
/// signs that are known of the health of the weakest rule of each. `None` while none is known.
pub fn alignment_score(standings: &[RuleStanding]) -> Option<f64> {
    let of_sign = |sign| sign_health(standings, sign);
    let signs: Vec<f64> = (1..=4).filter_map(of_sign).collect();
    (!signs.is_empty()).then(|| 100.0 * signs.iter().sum::<f64>() / signs.len() as f64)
}

/// The health of a sign: that of its weakest rule, of those that are known; from 0 to 1.
pub fn sign_health(standings: &[RuleStanding], sign: u8) -> Option<f64> {
    let of_sign = standings.iter().filter(|standing| standing.sign == sign);
    of_sign.filter_map(|standing| standing.health).min_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standing(sign: u8, health: Option<f64>) -> RuleStanding {
        RuleStanding { rule: "a rule", sign, kept: 1, learning: 0, holding: 0, broken: 0, health }
    }

    #[test]
    fn each_sign_is_as_healthy_as_its_weakest_rule() {
        assert_eq!(alignment_score(&[]), None);
        let all = [
            standing(1, Some(0.5)),
            standing(1, Some(1.0)),
            standing(2, Some(0.0)),
            standing(3, Some(0.9)),
            standing(4, None),
            standing(0, Some(0.0)),
        ];
        let score = alignment_score(&all).unwrap();
        assert!((score - 100.0 * (0.5 + 0.0 + 0.9) / 3.0).abs() < 1e-9, "{score}");
    }
}
