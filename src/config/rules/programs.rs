//! The rules over targets, campaigns, reasons and arrivals.

use toml_edit::{Table, value as toml};

use super::super::effective::decimal;
use super::super::log::KEPT_DAYS;
use super::super::quantity::print_business_minutes;
use super::super::section::{Findings, Section};
use super::super::value;
use super::share_watch::alerts_per_month;
use super::{enabled, severity};
use crate::model::alert::Severity;
use crate::model::definitions::{
    LaunchWithoutNotice, Millionths, NoData, NoRevenueTarget, RevenuePace, UnansweredRejections,
};

pub(super) fn revenue_pace(rules: &mut Section<'_>, findings: &mut Findings) -> Option<RevenuePace> {
    let mut s = rules.section("revenue_pace");
    let enabled = enabled(&mut s);
    let rule = RevenuePace {
        least_elapsed: s.read("least_elapsed", Millionths(250_000), share),
        min_n: s.read("min_n", 10, |n| value::integer(n, 1..=10_000_000)),
        alerts_per_month: alerts_per_month(&mut s, Millionths(30_000)),
        severity: severity(&mut s, Severity::Ticket),
    };
    s.finish(findings);
    enabled.then_some(rule)
}

pub(super) fn no_revenue_target(rules: &mut Section<'_>, findings: &mut Findings) -> Option<NoRevenueTarget> {
    let mut s = rules.section("no_revenue_target");
    let enabled = enabled(&mut s);
    let rule = NoRevenueTarget {
        grace_days: s.read("grace", 10, |n| value::business_days(n, 0..=60)),
        severity: severity(&mut s, Severity::Info),
    };
    s.finish(findings);
    enabled.then_some(rule)
}

pub(super) fn launch_without_notice(
    rules: &mut Section<'_>,
    day: u32,
    findings: &mut Findings,
) -> Option<LaunchWithoutNotice> {
    let mut s = rules.section("launch_without_notice");
    let enabled = enabled(&mut s);
    let rule = LaunchWithoutNotice {
        notice_minutes: s.read("notice", 5 * day, |n| value::business_minutes(n, day, 0..=60 * day)),
        news_minutes: s.read("news", 5 * day, |n| value::business_minutes(n, day, 1..=60 * day)),
        waits_for_first: waits_for_first(&mut s),
        severity: severity(&mut s, Severity::Ticket),
    };
    s.finish(findings);
    enabled.then_some(rule)
}

pub(super) fn unanswered_rejections(
    rules: &mut Section<'_>,
    findings: &mut Findings,
) -> Option<UnansweredRejections> {
    let mut s = rules.section("unanswered_rejections");
    let enabled = enabled(&mut s);
    let rule = UnansweredRejections {
        window_days: s.read("window", 14, |n| value::days(n, 1..=90)),
        windows: s.read("windows", 2, |n| value::integer(n, 1..=12)),
        share: s.read("share", Millionths(300_000), share),
        min_n: s.read("min_n", 10, |n| value::integer(n, 1..=10_000_000)),
        clear_days: s.read("clear", 5, |n| value::business_days(n, 0..=60)),
        waits_for_first: waits_for_first(&mut s),
        severity: severity(&mut s, Severity::Ticket),
    };
    if s.sound(&["window", "windows"]) && rule.window_days * rule.windows > KEPT_DAYS {
        let wrong =
            format!("{} windows of {}d look back further than is kept", rule.windows, rule.window_days);
        s.refuse_together(&["window", "windows"], wrong, format!("write at most {KEPT_DAYS} days together"));
    }
    s.finish(findings);
    enabled.then_some(rule)
}

pub(super) fn no_data(rules: &mut Section<'_>, findings: &mut Findings) -> Option<NoData> {
    let mut s = rules.section("no_data");
    let enabled = enabled(&mut s);
    let rule = NoData {
        baseline_days: s.read("baseline", 28, |n| value::days(n, 7..=35)),
        min_n: s.read("min_n", 20, |n| value::integer(n, 1..=10_000_000)),
        gap_factor: s.read("gap_factor", Millionths(1_500_000), |n| {
            value::decimal(n, "from 1 to 100", |m| m >= Millionths::ONE && m.0 <= 100 * Millionths::ONE.0)
        }),
        alerts_per_month: alerts_per_month(&mut s, Millionths(30_000)),
        severity: severity(&mut s, Severity::Ticket),
    };
    s.finish(findings);
    enabled.then_some(rule)
}

fn waits_for_first(s: &mut Section<'_>) -> bool {
    s.read("wait_for_first", true, value::flag)
}

fn share(node: &super::super::tree::Node) -> Result<Millionths, super::super::section::Wrong> {
    value::decimal(node, "above 0 and below 1", |m| m.0 > 0 && m < Millionths::ONE)
}

pub(super) fn print_revenue_pace(rule: &RevenuePace, into: &mut Table) {
    into["least_elapsed"] = decimal(rule.least_elapsed);
    into["min_n"] = toml(i64::from(rule.min_n));
    into["alerts_per_month"] = decimal(rule.alerts_per_month);
    into["severity"] = toml(rule.severity.as_str());
}

pub(super) fn print_no_revenue_target(rule: &NoRevenueTarget, into: &mut Table) {
    into["grace"] = toml(format!("{}bd", rule.grace_days));
    into["severity"] = toml(rule.severity.as_str());
}

pub(super) fn print_launch_without_notice(rule: &LaunchWithoutNotice, into: &mut Table) {
    into["notice"] = toml(print_business_minutes(rule.notice_minutes));
    into["news"] = toml(print_business_minutes(rule.news_minutes));
    into["wait_for_first"] = toml(rule.waits_for_first);
    into["severity"] = toml(rule.severity.as_str());
}

pub(super) fn print_unanswered_rejections(rule: &UnansweredRejections, into: &mut Table) {
    into["window"] = toml(format!("{}d", rule.window_days));
    into["windows"] = toml(i64::from(rule.windows));
    into["share"] = decimal(rule.share);
    into["min_n"] = toml(i64::from(rule.min_n));
    into["clear"] = toml(format!("{}bd", rule.clear_days));
    into["wait_for_first"] = toml(rule.waits_for_first);
    into["severity"] = toml(rule.severity.as_str());
}

pub(super) fn print_no_data(rule: &NoData, into: &mut Table) {
    into["baseline"] = toml(format!("{}d", rule.baseline_days));
    into["min_n"] = toml(i64::from(rule.min_n));
    into["gap_factor"] = decimal(rule.gap_factor);
    into["alerts_per_month"] = decimal(rule.alerts_per_month);
    into["severity"] = toml(rule.severity.as_str());
}
