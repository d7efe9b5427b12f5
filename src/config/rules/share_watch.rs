//! What every rule that watches a share has in common.

use toml_edit::{Table, value as toml};

use super::super::effective::decimal;
use super::super::log::KEPT_DAYS;
use super::super::section::Section;
use super::super::value;
use super::severity;
use crate::model::alert::Severity;
use crate::model::definitions::{Millionths, ShareWatch};

/// The defaults of a rule: all of them may be written otherwise.
pub(super) fn usual() -> ShareWatch {
    ShareWatch {
        baseline_days: 182,
        detect_days: 56,
        odds_factor: Millionths(2_500_000),
        min_n: 100,
        alerts_per_month: Millionths(30_000),
        clear_days: 5,
        severity: Severity::Ticket,
        baseline: None,
    }
}

pub(super) fn read(s: &mut Section<'_>, usual: &ShareWatch) -> ShareWatch {
    let watch = ShareWatch {
        baseline_days: s.read("baseline", usual.baseline_days, |n| value::days(n, 56..=KEPT_DAYS)),
        detect_days: s.read("detect", usual.detect_days, |n| value::days(n, 3..=KEPT_DAYS)),
        odds_factor: s.read("odds_factor", usual.odds_factor, |n| {
            value::decimal(n, "above 1 and at most 100", |m| {
                m > Millionths::ONE && m.0 <= 100 * Millionths::ONE.0
            })
        }),
        min_n: s.read("min_n", usual.min_n, |n| value::integer(n, 1..=10_000_000)),
        alerts_per_month: alerts_per_month(s, usual.alerts_per_month),
        clear_days: s.read("clear", usual.clear_days, |n| value::integer(n, 1..=60)),
        severity: severity(s, usual.severity),
        baseline: s.optional("baseline_share", |n| {
            value::decimal(n, "above 0 and below 1", |m| m.0 > 0 && m < Millionths::ONE)
        }),
    };
    if s.sound(&["detect", "baseline"]) && watch.detect_days + watch.baseline_days > KEPT_DAYS {
        let (detect, baseline) = (watch.detect_days, watch.baseline_days);
        let wrong = format!("detect = {detect}d and baseline = {baseline}d look back further than is kept");
        let right = format!("write at most {KEPT_DAYS} days together");
        s.refuse_together(&["baseline", "detect"], wrong, right);
    }
    watch
}

/// False alarms that a company accepts in a month.
pub(super) fn alerts_per_month(s: &mut Section<'_>, usual: Millionths) -> Millionths {
    s.read("alerts_per_month", usual, |n| {
        value::decimal(n, "above 0 and at most 21, one each business day", |m| {
            m.0 > 0 && m.0 <= 21 * Millionths::ONE.0
        })
    })
}

pub(super) fn print(watch: &ShareWatch, into: &mut Table) {
    let days = |n: u16| toml(format!("{n}d"));
    into["baseline"] = days(watch.baseline_days);
    into["detect"] = days(watch.detect_days);
    into["odds_factor"] = decimal(watch.odds_factor);
    into["min_n"] = toml(i64::from(watch.min_n));
    into["alerts_per_month"] = decimal(watch.alerts_per_month);
    into["clear"] = toml(i64::from(watch.clear_days));
    into["severity"] = toml(watch.severity.as_str());
    if let Some(baseline) = watch.baseline {
        into["baseline_share"] = decimal(baseline);
    }
}
