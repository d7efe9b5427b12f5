//! `[rule.…]`: the rules, each with a table of its name.

mod divergence;
mod first_touch_slo;
mod programs;
mod share_watch;
mod shares;

use toml_edit::{Item, Table, value as toml};

use super::calendar::minutes_of_a_working_day;
use super::section::{Findings, Section};
use super::{Calendars, value};
use crate::model::alert::Severity;
use crate::model::definitions::Rules;

const SEVERITIES: [(&str, Severity); 3] =
    [("info", Severity::Info), ("ticket", Severity::Ticket), ("page", Severity::Page)];

pub(super) fn read(top: &mut Section<'_>, calendars: &Calendars, findings: &mut Findings) -> Rules {
    let mut s = top.section("rule");
    let sales_day = minutes_of_a_working_day(&calendars.sales);
    let marketing_day = minutes_of_a_working_day(&calendars.marketing);
    let rules = Rules {
        first_touch_slo: first_touch_slo::read(&mut s, &calendars.sales, findings),
        divergence: divergence::read(&mut s, findings),
        revenue_pace: programs::revenue_pace(&mut s, findings),
        no_revenue_target: programs::no_revenue_target(&mut s, findings),
        silent_leads: shares::silent_leads(&mut s, sales_day, findings),
        reasonless_rejections: shares::plain(&mut s, "reasonless_rejections", findings),
        launch_without_notice: programs::launch_without_notice(&mut s, sales_day, findings),
        unanswered_rejections: programs::unanswered_rejections(&mut s, findings),
        stage_ageing: shares::plain(&mut s, "stage_ageing", findings),
        absent_after_handoff: shares::absent_after_handoff(&mut s, marketing_day, findings),
        sales_authored_share: shares::plain(&mut s, "sales_authored_share", findings),
        dead_library: shares::dead_library(&mut s, findings),
        no_data: programs::no_data(&mut s, findings),
    };
    s.finish(findings);
    rules
}

fn enabled(s: &mut Section<'_>) -> bool {
    s.read("enabled", true, value::flag)
}

fn severity(s: &mut Section<'_>, usual: Severity) -> Severity {
    s.read("severity", usual, |n| value::word(n, &SEVERITIES))
}

/// A rule that is off prints only that.
pub(super) fn print(rules: &Rules, into: &mut Table) {
    into.set_implicit(true);
    rule(into, "first_touch_slo", &rules.first_touch_slo, first_touch_slo::print);
    rule(into, "divergence", &rules.divergence, divergence::print);
    rule(into, "revenue_pace", &rules.revenue_pace, programs::print_revenue_pace);
    rule(into, "no_revenue_target", &rules.no_revenue_target, programs::print_no_revenue_target);
    rule(into, "silent_leads", &rules.silent_leads, shares::print_silent_leads);
    rule(into, "reasonless_rejections", &rules.reasonless_rejections, share_watch::print);
    rule(into, "launch_without_notice", &rules.launch_without_notice, programs::print_launch_without_notice);
    rule(into, "unanswered_rejections", &rules.unanswered_rejections, programs::print_unanswered_rejections);
    rule(into, "stage_ageing", &rules.stage_ageing, share_watch::print);
    rule(into, "absent_after_handoff", &rules.absent_after_handoff, shares::print_absent_after_handoff);
    rule(into, "sales_authored_share", &rules.sales_authored_share, share_watch::print);
    rule(into, "dead_library", &rules.dead_library, shares::print_dead_library);
    rule(into, "no_data", &rules.no_data, programs::print_no_data);
}

fn rule<R>(into: &mut Table, name: &str, rule: &Option<R>, print: fn(&R, &mut Table)) {
    let mut table = Table::new();
    table["enabled"] = toml(rule.is_some());
    if let Some(rule) = rule {
        print(rule, &mut table);
    }
    into[name] = Item::Table(table);
}
