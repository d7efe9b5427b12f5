//! The rule `unanswered_rejections` (sign 3): the same reason leads again and marketing changes nothing.
//!
//! Rules: `src/funnel/semantics.md`, under its name.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Reading, newest};
use super::programs::{Finding, Look, ProgramRule};
use crate::model::Text;
use crate::model::alert::OwnerTeam;
use crate::model::definitions::UnansweredRejections;
use crate::model::delta::Evidence;
use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::{Family, Verdict};
use crate::stats::binomial;
use crate::stats::interval::Confidence;

pub(super) const UNANSWERED_REJECTIONS: ProgramRule = ProgramRule {
    name: "unanswered_rejections",
    sign: 3,
    of_all_alone: false,
    rests_on: &[Family::Verdicts, Family::Programs],
    severity: |rules| Some(rules.unanswered_rejections.as_ref()?.severity),
    is_wanted: |measure| matches!(measure, Measure::Verdicts(_)),
    is_judged: |look| {
        let rule = look.judged.rulebook.definitions.rules.unanswered_rejections.as_ref();
        rule.is_some_and(|rule| {
            let latest = window(look, look.day - i32::from(rule.window_days), look.day);
            latest.values().sum::<u64>() >= u64::from(rule.min_n)
        })
    },
    read,
};

/// Negative verdicts of a window by reason, which may be empty.
type Window = BTreeMap<Text, u64>;

fn of(window: &Window, reason: &Text) -> u64 {
    window.get(reason).copied().unwrap_or(0)
}

fn read(look: &Look) -> Vec<Finding> {
    let Some(rule) = &look.judged.rulebook.definitions.rules.unanswered_rejections else { return vec![] };
    let days = i32::from(rule.window_days);
    let starts = (1..=i32::from(rule.windows)).map(|i| look.day - i * days);
    let windows: Vec<Window> = starts.map(|from| window(look, from, from + days)).collect();
    let Some(latest) = windows.first() else { return vec![] };
    let oldest_day = look.day - i32::from(rule.windows) * days;
    let oldest = look.judged.rulebook.days.start_of(oldest_day).start();
    let mut has_ever_changed = false;
    let mut answered: BTreeSet<Text> = BTreeSet::new();
    for fact in look.judged.programs(look.at) {
        if let Says::PlaybookChanged { reasons, .. } = fact.says {
            has_ever_changed = true;
            answered.extend(reasons.into_iter().filter(|_| fact.at >= oldest));
        }
    }
    let n: u64 = latest.values().sum();
    let is_learning = n < u64::from(rule.min_n) || (rule.waits_for_first && !has_ever_changed);
    let named = || latest.iter().filter(|(reason, _)| !reason.is_empty());
    let most = named().map(|(_, given)| *given).max();
    let with_most = named().filter(|(_, given)| Some(**given) == most).map(|(reason, _)| reason);
    let reasons: BTreeSet<Text> = with_most.chain(look.alive.keys()).cloned().collect();
    let may_be_answered = look.outages(Family::Programs).iter().any(|(_, to)| to.start() > oldest);
    let mut findings = vec![];
    for reason in reasons {
        let leads_all = windows.iter().all(|window| leads(rule, window, &reason));
        let (all, given) = windows
            .iter()
            .fold((0, 0), |sum, window| (sum.0 + window.values().sum::<u64>(), sum.1 + of(window, &reason)));
        let confidence = 1.0 - 0.02 / look.judged_segments.max(1) as f64;
        let confidence = Confidence::new(confidence).expect("it is below 1");
        let surely = binomial::wilson(given, all, confidence).low >= rule.share.as_f64();
        let is_answered = answered.contains(&reason);
        let stands_out = !is_learning && leads_all && surely && !is_answered;
        let (is_broken, is_unknown) = (stands_out && !may_be_answered, stands_out && may_be_answered);
        let clear_days = if is_answered { 0 } else { usize::from(rule.clear_days) };
        let reading = reading(look, rule, latest, &reason, oldest_day);
        findings.push(Finding { subject: reason, is_broken, is_unknown, clear_days, reading });
    }
    findings
}

fn window(look: &Look, from: i32, to: i32) -> Window {
    let mut window = Window::new();
    for verdict in Verdict::ALL.iter().filter(|verdict| verdict.is_negative()) {
        for (reason, day, _, n) in look.counted.each(look.segment, Measure::Verdicts(*verdict)) {
            if from <= day && day < to && n > 0 {
                *window.entry(reason.clone()).or_default() += n as u64;
            }
        }
    }
    window
}

/// Whether a named reason leads a window.
fn leads(rule: &UnansweredRejections, window: &Window, reason: &Text) -> bool {
    let (n, given) = (window.values().sum::<u64>(), of(window, reason));
    let most = window.iter().filter(|(other, _)| !other.is_empty()).map(|(_, given)| *given).max();
    n >= u64::from(rule.min_n) && most == Some(given) && given as f64 >= rule.share.as_f64() * n as f64
}

fn reading(look: &Look, rule: &UnansweredRejections, latest: &Window, reason: &Text, oldest: i32) -> Reading {
    let (n, given) = (latest.values().sum::<u64>(), of(latest, reason));
    let days = &look.judged.rulebook.days;
    let (from, to) = (days.start_of(oldest), days.start_of(look.day));
    let is_evidence = |of: &Evidence| {
        let is_negative = matches!(of.measure, Measure::Verdicts(verdict) if verdict.is_negative());
        is_negative && of.subject == *reason && from <= of.slice && of.slice < to
    };
    Reading {
        value: if n == 0 { 0.0 } else { given as f64 / n as f64 },
        baseline: None,
        threshold: rule.share.as_f64(),
        interval: Some(binomial::wilson(given, n, Confidence::P95)),
        n,
        excluded_immature: 0,
        window: (from.start(), to.start()),
        evidence: newest(look.judged, look.segment, look.at, is_evidence),
        owner_team: OwnerTeam::Marketing,
        at_risk: None,
    }
}
