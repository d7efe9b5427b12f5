//! The rules that watch a share of bad outcomes.

use toml_edit::{Table, value as toml};

use super::super::log::KEPT_DAYS;
use super::super::quantity::print_business_minutes;
use super::super::section::{Findings, Section};
use super::super::value;
use super::{enabled, share_watch};
use crate::model::definitions::{AbsentAfterHandoff, DeadLibrary, ShareWatch, SilentLeads};

/// Most working days of a promise, or of a round.
const DAYS_MAX: u32 = 60;

/// A rule with nothing but what all of them have.
pub(super) fn plain(rules: &mut Section<'_>, name: &str, findings: &mut Findings) -> Option<ShareWatch> {
    let mut s = rules.section(name);
    let enabled = enabled(&mut s);
    let watch = share_watch::read(&mut s, &share_watch::usual());
    s.finish(findings);
    enabled.then_some(watch)
}

pub(super) fn silent_leads(
    rules: &mut Section<'_>,
    day: u32,
    findings: &mut Findings,
) -> Option<SilentLeads> {
    let mut s = rules.section("silent_leads");
    let enabled = enabled(&mut s);
    let within = |n: &_| value::business_minutes(n, day, 1..=DAYS_MAX * day);
    let within_minutes = s.read("within", 3 * day, within);
    let watch = share_watch::read(&mut s, &share_watch::usual());
    s.finish(findings);
    enabled.then_some(SilentLeads { within_minutes, watch })
}

pub(super) fn absent_after_handoff(
    rules: &mut Section<'_>,
    day: u32,
    findings: &mut Findings,
) -> Option<AbsentAfterHandoff> {
    let mut s = rules.section("absent_after_handoff");
    let enabled = enabled(&mut s);
    let within = |n: &_| value::business_minutes(n, day, 60..=DAYS_MAX * day);
    let within_minutes = s.read("within", 20 * day, within);
    let watch = share_watch::read(&mut s, &share_watch::usual());
    s.finish(findings);
    enabled.then_some(AbsentAfterHandoff { within_minutes, watch })
}

pub(super) fn dead_library(rules: &mut Section<'_>, findings: &mut Findings) -> Option<DeadLibrary> {
    let mut s = rules.section("dead_library");
    let enabled = enabled(&mut s);
    let unused_days = s.read("unused", 90, |n| value::days(n, 7..=KEPT_DAYS / 2));
    let usual = ShareWatch { min_n: 30, ..share_watch::usual() };
    let watch = share_watch::read(&mut s, &usual);
    s.finish(findings);
    enabled.then_some(DeadLibrary { unused_days, watch })
}

pub(super) fn print_silent_leads(rule: &SilentLeads, into: &mut Table) {
    into["within"] = toml(print_business_minutes(rule.within_minutes));
    share_watch::print(&rule.watch, into);
}

pub(super) fn print_absent_after_handoff(rule: &AbsentAfterHandoff, into: &mut Table) {
    into["within"] = toml(print_business_minutes(rule.within_minutes));
    share_watch::print(&rule.watch, into);
}

pub(super) fn print_dead_library(rule: &DeadLibrary, into: &mut Table) {
    into["unused"] = toml(format!("{}d", rule.unused_days));
    share_watch::print(&rule.watch, into);
}
