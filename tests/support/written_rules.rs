//! Rules of a story that are set as in the configuration: `set silent_leads.min_n = 20`.

use std::collections::BTreeMap;

use rapport::config;
use rapport::model::definitions::{Definitions, Rules};

/// The settings so far, by rule and key.
#[derive(Default)]
pub struct WrittenRules(BTreeMap<String, BTreeMap<String, String>>);

/// Gives the rules that were written their settings.
macro_rules! copy {
    ($from:expr, $to:expr, $written:expr, $($rule:ident),+) => {
        $(if $written.contains_key(stringify!($rule)) {
            $to.$rule = $from.$rule.clone();
        })+
    };
}

impl WrittenRules {
    /// Takes a setting, if it is one of a rule that has no words of the test's own.
    pub fn take(&mut self, key: &str, value: &str) -> bool {
        let Some((rule, setting)) = key.split_once('.') else { return false };
        if ["first_touch_slo", "divergence"].contains(&rule) {
            return false;
        }
        self.0.entry(rule.into()).or_default().insert(setting.into(), value.into());
        true
    }

    /// Puts the rules into definitions.
    pub fn apply(&self, definitions: &mut Definitions) {
        let table = |(rule, settings): (&String, &BTreeMap<String, String>)| {
            let lines: Vec<String> =
                settings.iter().map(|(key, value)| format!("{key} = {value}\n")).collect();
            format!("[rule.{rule}]\n{}", lines.concat())
        };
        let text: String = self.0.iter().map(table).collect();
        let config = config::load(&text, "the story", &[]).unwrap_or_else(|errors| panic!("{errors}"));
        let (from, to): (&Rules, &mut Rules) = (&config.rules, &mut definitions.rules);
        copy!(
            from,
            to,
            self.0,
            revenue_pace,
            no_revenue_target,
            silent_leads,
            reasonless_rejections,
            launch_without_notice,
            unanswered_rejections,
            stage_ageing,
            absent_after_handoff,
            sales_authored_share,
            dead_library,
            no_data
        );
    }
}
