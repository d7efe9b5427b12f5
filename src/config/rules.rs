//! `[rule.…]`: the rules, each with a table of its name.

use toml_edit::{Item, Table, value as toml};

use super::section::{Findings, Section};
use super::{divergence, first_touch_slo};
use crate::model::definitions::{CalendarDefinition, Rules};

pub(super) fn read(top: &mut Section<'_>, sales: &CalendarDefinition, findings: &mut Findings) -> Rules {
    let mut s = top.section("rule");
    let rules = Rules {
        first_touch_slo: first_touch_slo::read(&mut s, sales, findings),
        divergence: divergence::read(&mut s, findings),
    };
    s.finish(findings);
    rules
}

/// A rule that is off prints only that.
pub(super) fn print(rules: &Rules, into: &mut Table) {
    into.set_implicit(true);
    let mut rule = |name: &str, print: Option<&dyn Fn(&mut Table)>| {
        let mut table = Table::new();
        table["enabled"] = toml(print.is_some());
        if let Some(print) = print {
            print(&mut table);
        }
        into[name] = Item::Table(table);
    };
    let slo = rules.first_touch_slo.as_ref().map(|r| move |into: &mut Table| first_touch_slo::print(r, into));
    rule("first_touch_slo", slo.as_ref().map(|print| print as &dyn Fn(&mut Table)));
    let divergence = rules.divergence.as_ref().map(|r| move |into: &mut Table| divergence::print(r, into));
    rule("divergence", divergence.as_ref().map(|print| print as &dyn Fn(&mut Table)));
}
