//! The part of the definitions that a reader needs to understand the figures.

use crate::model::Text;
use crate::model::definitions::{Definitions, Millionths, Rules};

/// What the definitions in force say to a reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShownTerms {
    /// The number of the definitions.
    pub number: u32,
    /// IANA zone of the funnel's days.
    pub zone: Text,
    /// What sales promises, if there is such a rule.
    pub promise: Option<Promise>,
    /// Every rule, sign by sign.
    pub rules: Vec<RuleSwitch>,
}

/// The promise that an MQL gets a human touch by sales in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Promise {
    /// The share that is to be touched in time.
    pub target: Millionths,
    /// The time, in minutes of the sales team's business time.
    pub within_minutes: u32,
}

/// A rule, and whether it is at work.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleSwitch {
    /// Its name.
    pub rule: &'static str,
    /// The sign that it belongs to; 0 for none.
    pub sign: u8,
    /// Whether the definitions have it.
    pub is_on: bool,
}

impl ShownTerms {
    /// Those of these definitions.
    pub fn of(number: u32, definitions: &Definitions) -> ShownTerms {
        let touch = definitions.rules.first_touch_slo.as_ref();
        ShownTerms {
            number,
            zone: definitions.zone.clone(),
            promise: touch.map(|rule| Promise { target: rule.target, within_minutes: rule.within_minutes }),
            rules: switches(&definitions.rules).to_vec(),
        }
    }
}

/// Declares the rules as they are shown, each under its sign; one that is left out does not compile.
macro_rules! switches {
    ($rules:expr; $($field:ident $sign:literal),+ $(,)?) => {{
        let Rules { $($field),+ } = $rules;
        [$(RuleSwitch { rule: stringify!($field), sign: $sign, is_on: $field.is_some() }),+]
    }};
}

/// Every rule, sign by sign.
pub(super) fn switches(rules: &Rules) -> [RuleSwitch; 13] {
    switches!(rules;
        divergence 1,
        revenue_pace 1,
        no_revenue_target 1,
        first_touch_slo 2,
        silent_leads 2,
        reasonless_rejections 2,
        launch_without_notice 2,
        unanswered_rejections 3,
        stage_ageing 3,
        absent_after_handoff 3,
        sales_authored_share 4,
        dead_library 4,
        no_data 0,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::funnel::signs::rule::Rule;

    #[test]
    fn rules_are_shown_under_the_signs_that_they_are_judged_by() {
        let usual = crate::config::Config::default().definitions(&|_| Some(1), *b"a key of the ids");
        let mut definitions = usual.unwrap();
        definitions.rules.dead_library = None;
        let mut shown = ShownTerms::of(1, &definitions).rules;
        let of = |rule: &Rule| RuleSwitch {
            rule: rule.name(),
            sign: rule.sign(),
            is_on: rule.is_on(&definitions),
        };
        let mut judged: Vec<RuleSwitch> = Rule::ALL.iter().map(of).collect();
        for rules in [&mut shown, &mut judged] {
            rules.sort_by_key(|switch| switch.rule);
        }
        assert_eq!(shown, judged);
        assert_eq!(shown.iter().filter(|switch| !switch.is_on).count(), 1);
    }
}
