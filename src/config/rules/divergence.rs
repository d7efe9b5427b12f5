//! `[rule.divergence]`: more MQLs of less worth.

use toml_edit::{Table, value as toml};

use super::super::effective::decimal;
use super::super::log::KEPT_DAYS;
use super::super::section::{Findings, Section};
use super::super::value;
use crate::model::definitions::{Divergence, DivergenceBaseline, Millionths};
use crate::model::words::{Stage, Step};

/// So many days of leads that all are old enough must lie in the detection window.
const MATURED_DAYS_MIN: u16 = 2;

pub(super) fn read(rules: &mut Section<'_>, findings: &mut Findings) -> Option<Divergence> {
    let mut s = rules.section("divergence");
    let enabled = s.read("enabled", true, value::flag);
    let step = s.read("step", Step::MqlToSql, |n| {
        let steps: Vec<(&str, Step)> = Step::ALL
            .iter()
            .filter(|step| step.from() == Stage::Mql)
            .map(|step| (step.as_str(), *step))
            .collect();
        value::word(n, &steps)
    });
    let horizon_days = s.read("horizon", 14, |n| value::days(n, 1..=KEPT_DAYS));
    let baseline_days = s.read("baseline", 182, |n| value::days(n, 7..=KEPT_DAYS));
    let detect_days = s.read("detect", 28, |n| value::days(n, 3..=KEPT_DAYS));
    check_days(&mut s, horizon_days, baseline_days, detect_days);
    let volume_factor = s.read("volume_factor", Millionths(1_300_000), |n| {
        value::decimal(n, "above 1 and at most 100", |m| {
            m > Millionths::ONE && m.0 <= 100 * Millionths::ONE.0
        })
    });
    let quality_factor = s.read("quality_factor", Millionths(700_000), |n| {
        value::decimal(n, "above 0 and below 1", |m| m.0 > 0 && m < Millionths::ONE)
    });
    let min_n = s.read("min_n", 200, |n| value::integer(n, 1..=10_000_000));
    let alerts_per_month = s.read("alerts_per_month", Millionths(100_000), |n| {
        value::decimal(n, "above 0 and at most 21, one each business day", |m| {
            m.0 > 0 && m.0 <= 21 * Millionths::ONE.0
        })
    });
    let clear_days = s.read("clear", 5, |n| value::business_days(n, 1..=60));
    let baseline = baseline(&mut s);
    s.finish(findings);
    let rule = Divergence {
        step,
        horizon_days,
        baseline_days,
        detect_days,
        volume_factor,
        quality_factor,
        min_n,
        alerts_per_month,
        clear_days,
        baseline,
    };
    enabled.then_some(rule)
}

fn check_days(s: &mut Section<'_>, horizon: u16, baseline: u16, detect: u16) {
    let least = horizon + MATURED_DAYS_MIN;
    if s.sound(&["detect", "horizon"]) && detect < least {
        let days = format!("{MATURED_DAYS_MIN} days whose leads are horizon = {horizon}d old");
        let wrong = format!("detect = {detect}d has fewer than {days}");
        let right = format!("write detect = \"{least}d\" or more, or a shorter horizon");
        s.refuse_together(&["detect", "horizon"], wrong, right);
    }
    if s.sound(&["detect", "baseline"]) && detect + baseline > KEPT_DAYS {
        let wrong = format!("detect = {detect}d and baseline = {baseline}d look back further than is kept");
        let right = format!("write at most {KEPT_DAYS} days together");
        s.refuse_together(&["baseline", "detect"], wrong, right);
    }
}

fn baseline(s: &mut Section<'_>) -> Option<DivergenceBaseline> {
    const KEYS: [&str; 2] = ["baseline_mqls_per_business_day", "baseline_conversion"];
    let volume = s.optional(KEYS[0], |n| value::positive(n, "above 0", 1e9));
    let conversion = s.optional(KEYS[1], |n| value::positive(n, "above 0 and below 1", 1.0));
    if let [true, false] | [false, true] = KEYS.map(|key| s.has(key)) {
        let [given, missing] = if s.has(KEYS[0]) { KEYS } else { [KEYS[1], KEYS[0]] };
        let wrong = format!("a baseline is set as a whole, and {missing} is missing");
        s.refuse(given, wrong, "write both, or neither to have it learned");
    }
    Some(DivergenceBaseline { mqls_per_business_day: volume?, conversion: conversion? })
}

pub(super) fn print(rule: &Divergence, into: &mut Table) {
    let days = |n: u16| toml(format!("{n}d"));
    into["step"] = toml(rule.step.as_str());
    into["horizon"] = days(rule.horizon_days);
    into["baseline"] = days(rule.baseline_days);
    into["detect"] = days(rule.detect_days);
    into["volume_factor"] = decimal(rule.volume_factor);
    into["quality_factor"] = decimal(rule.quality_factor);
    into["min_n"] = toml(i64::from(rule.min_n));
    into["alerts_per_month"] = decimal(rule.alerts_per_month);
    into["clear"] = toml(format!("{}bd", rule.clear_days));
    if let Some(baseline) = rule.baseline {
        into["baseline_mqls_per_business_day"] = toml(baseline.mqls_per_business_day);
        into["baseline_conversion"] = toml(baseline.conversion);
    }
}
