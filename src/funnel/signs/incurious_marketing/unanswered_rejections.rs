//! `unanswered_rejections`: the same reason leads again and marketing changes nothing.
//!
//! Looks at the last windows of so many days each, back from today. A reason *leads* a window when at least `min_n`
//! leads were sent back in it (rejected, recycled, disqualified), no other reason was given more often, and its share
//! of all that were sent back, those without a reason included, is at least `share`. Broken when a reason leads all
//! of the windows, by more than chance in all of them together, however many segments are judged, and no
//! `playbook_changed` since the first of them began names it. Naming it ends the alert at once, not leading any more
//! ends it after `clear`. Learning with fewer sent back in the latest window and, unless told otherwise, as long as
//! marketing never changed the playbook: nothing could be answered where that is not recorded. Blind to: reasons in
//! other words for the same thing, changes that nobody records, and changes that change nothing.

use std::collections::BTreeMap;

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{Definitions, UnansweredRejections};
use crate::model::explanation::{Outcomes, Row, Sum};
use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::{Family, Verdict as SalesVerdict};
use crate::model::{EventTime, Text};
use crate::stats::binomial;
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;

use super::super::carriers::{self, Part};
use super::super::program_rule::{Finding, Place, ProgramRule};
use super::super::rule::Rule;
use super::super::statement::{ONE_CAUSE, Statement, spoken};
use super::super::{Measured, Resolved, Verdict, percent, share_sum};
use crate::funnel::journey::segments::ALL;
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::Day;

/// What there is to do.
const ADVICE: &str = "Marketing: take this reason to sales, agree on one change of scoring, definition, nurture or \
                      content, and record it as a playbook change. Sales: bring three examples.";

/// What there is to do when the reason stands out no more, and nothing was changed for it.
const ADVICE_UNANSWERED: &str = "No change of the playbook in this time names the reason. If there was one, record \
                                 it. If not, it may come back: take it to sales while it is quiet.";

/// The rule.
pub const UNANSWERED_REJECTIONS: ProgramRule = ProgramRule {
    rule: Rule::UnansweredRejections,
    of_all_alone: false,
    reads: |measure| matches!(measure, Measure::Verdicts(_)),
    is_judged: |scene, segment| {
        let rule = scene.terms.definitions.rules.unanswered_rejections.as_ref();
        rule.is_some_and(|rule| {
            let latest = window(segment, scene.today.plus(-i32::from(rule.window_days)), scene.today);
            n(&latest) >= u64::from(rule.min_n)
        })
    },
    clear_days: |definitions| {
        definitions.rules.unanswered_rejections.as_ref().map_or(0, |rule| rule.clear_days)
    },
    read,
};

/// What was sent back in a window, by its reason.
type Window = BTreeMap<Text, u64>;

fn read(place: &Place<'_>) -> Vec<Finding> {
    let Some(rule) = &place.definitions().rules.unanswered_rejections else { return Vec::new() };
    let days = i32::from(rule.window_days);
    let ends = (0..i32::from(rule.windows)).map(|i| place.scene.today.plus(-i * days));
    let windows: Vec<Window> = ends.map(|end| window(place.segment, end.plus(-days), end)).collect();
    let first = place.scene.today.plus(-days * i32::from(rule.windows));
    let Some(latest) = windows.first() else { return Vec::new() };
    let mut reasons = first_reasons(rule, latest);
    let alive = place.alive.iter().map(|alive| &alive.subject);
    let alive: Vec<&Text> = alive.filter(|reason| !reasons.contains(reason)).collect();
    reasons.extend(alive);
    let is_known = n(latest) >= u64::from(rule.min_n) && (!rule.waits_for_first || has_ever_answered(place));
    // What marketing changed in an outage of what it tells is not known.
    let programs = place.scene.book.outages().of(&[Family::Programs]);
    let may_be_answered = programs.into_iter().any(|(_, to)| to > place.scene.start(first));
    let finding = |reason: &Text| {
        let leads = windows.iter().all(|window| leads(rule, window, reason))
            && surely(rule, &windows, reason, place.judged);
        let is_answered = answered(place, reason, first);
        let verdict = match (is_known, leads && !is_answered) {
            (false, _) => Verdict::Learning,
            (true, true) if may_be_answered => Verdict::NoData,
            (true, true) => Verdict::Broken(rule.severity),
            (true, false) => Verdict::Kept,
        };
        let mut measured = measured(rule, place, &windows, reason, (first, is_answered));
        if matches!(verdict, Verdict::Broken(_)) {
            tell_elsewhere(rule, place, &windows[0], reason, &mut measured);
        }
        Finding { subject: reason.clone(), verdict, is_settled: is_answered, measured }
    };
    reasons.into_iter().map(finding).collect()
}

fn n(window: &Window) -> u64 {
    window.values().sum()
}

/// The named reasons that no other one is ahead of; of those that do not have the share, one alone.
fn first_reasons<'a>(rule: &UnansweredRejections, window: &'a Window) -> Vec<&'a Text> {
    let all = n(window) as f64;
    let named = || window.iter().filter(|(reason, _)| !reason.is_empty());
    let Some(most) = named().map(|(_, given)| *given).max() else { return Vec::new() };
    let first = named().filter(|(_, given)| **given == most).map(|(reason, _)| reason);
    let has_share = most as f64 >= rule.share.as_f64() * all;
    first.take(if has_share { usize::MAX } else { 1 }).collect()
}

fn window(segment: &Segment, from: Day, to: Day) -> Window {
    let mut window = Window::new();
    for verdict in SalesVerdict::ALL.iter().filter(|verdict| verdict.is_negative()) {
        for (reason, series) in segment.subjects(Measure::Verdicts(*verdict)) {
            let given = series.days(from, to).max(0) as u64;
            if given > 0 {
                *window.entry(reason.clone()).or_default() += given;
            }
        }
    }
    window
}

fn leads(rule: &UnansweredRejections, window: &Window, reason: &Text) -> bool {
    let (all, given) = (n(window), window.get(reason).copied().unwrap_or(0));
    let named = window.iter().filter(|(other, _)| !other.is_empty());
    all >= u64::from(rule.min_n)
        && named.map(|(_, given)| *given).max() == Some(given)
        && given as f64 >= rule.share.as_f64() * all as f64
}

/// Whether a reason has the share in all of the windows together by more than chance, beside so many segments that are
/// judged: the limit is no smaller.
fn surely(rule: &UnansweredRejections, windows: &[Window], reason: &Text, judged: usize) -> bool {
    let (given, all) = of_all_windows(windows, reason);
    lower_limit(given, all, judged) >= rule.share.as_f64()
}

/// How often a reason was given in all of the windows together, and any or none.
fn of_all_windows(windows: &[Window], reason: &Text) -> (u64, u64) {
    (windows.iter().filter_map(|window| window.get(reason)).sum(), windows.iter().map(n).sum())
}

/// With about so much probability one of the segments that are judged is beyond its limit by chance.
const BEYOND: f64 = 0.01;

/// The lower one-sided limit (Wilson) beside so many segments: by its approximation none of them is beyond its own with
/// 99 % (Bonferroni). How often it is, was counted ([`BY_CHANCE`]).
fn lower_limit(given: u64, all: u64, judged: usize) -> f64 {
    let confidence = Confidence::new(1.0 - 2.0 * BEYOND / judged.max(1) as f64).expect("it is at least 98 %");
    binomial::wilson(given.min(all), all, confidence).low
}

/// Whether marketing ever changed the playbook.
fn has_ever_answered(place: &Place<'_>) -> bool {
    place.scene.book.programs().any(|fact| matches!(fact.says, Says::PlaybookChanged { .. }))
}

/// Whether marketing changed the playbook for this reason from a day on.
fn answered(place: &Place<'_>, reason: &Text, from: Day) -> bool {
    let from = EventTime(place.scene.terms.days.day_start_ms(from.0));
    place.scene.book.programs().any(|fact| match &fact.says {
        Says::PlaybookChanged { reasons, .. } => fact.at >= from && reasons.contains(reason),
        _ => false,
    })
}

fn measured(
    rule: &UnansweredRejections,
    place: &Place<'_>,
    windows: &[Window],
    reason: &Text,
    (first, is_answered): (Day, bool),
) -> Measured {
    let scene = place.scene;
    let latest = &windows[0];
    let (all, given) = (n(latest), latest.get(reason).copied().unwrap_or(0));
    let value = if all == 0 { 0.0 } else { given as f64 / all as f64 };
    let [from, to] = [first, scene.today].map(|day| EventTime(scene.terms.days.day_start_ms(day.0)));
    let whose = place.whose();
    let weeks = u32::from(rule.windows) * u32::from(rule.window_days);
    Measured {
        value,
        baseline: None,
        threshold: rule.share.as_f64(),
        interval: Some(binomial::wilson(given, all, Confidence::P95).into()),
        n: all,
        excluded_immature: 0,
        window: (from, to),
        owner: OwnerTeam::Marketing,
        evidence: scene.evidence(
            &Behind::sent_back(reason),
            place.name,
            &[scene.minutes(first, scene.today)],
        ),
        summary: format!(
            "For {weeks} days \"{reason}\" has been the first reason for sending leads{whose} back, lately \
             {given} of {all} ({}), and marketing has changed nothing for it.",
            percent(value)
        ),
        advice: ADVICE.to_owned(),
        resolved: match (is_answered, all < u64::from(rule.min_n)) {
            (true, _) => {
                Resolved::mended(format!("Resolved: marketing has changed the playbook for \"{reason}\"."))
            }
            (false, true) => {
                let says = format!(
                    "Resolved: so few leads{whose} were sent back lately, {all}, that no reason stands out."
                );
                Resolved::unmended(says, ADVICE_UNANSWERED)
            }
            (false, false) => {
                let says = format!(
                    "Resolved: \"{reason}\" no longer stands out as the first reason for sending leads{whose} back; \
                     lately it was given for {given} of {all} ({}).",
                    percent(value)
                );
                Resolved::unmended(says, ADVICE_UNANSWERED)
            }
        },
        sum: sum(rule, place, windows, reason),
    }
}

/// Says of a segment how often the others give the reason: there too, if it has the share there as well.
fn tell_elsewhere(
    rule: &UnansweredRejections,
    place: &Place<'_>,
    latest: &Window,
    reason: &Text,
    measured: &mut Measured,
) {
    let today = place.scene.today;
    let all = place.scene.book.segment_or_empty(ALL);
    let part = |name: &str, window: &Window| {
        let counts = Counts { n: n(window), bad: window.get(reason).copied().unwrap_or(0) };
        Part { segment: name.into(), counts, expected: counts.n as f64 * rule.share.as_f64() }
    };
    let everywhere = window(all, today.plus(-i32::from(rule.window_days)), today);
    let has_share = |rest: &Part, _: &Part| rest.counts.bad as f64 >= rest.expected;
    let elsewhere = carriers::elsewhere(&part(ALL, &everywhere), &part(place.name, latest), has_share);
    if let Some(elsewhere) = elsewhere {
        let of = |rest: &Part| {
            let Counts { n, bad } = rest.counts;
            format!("it is the reason of {bad} of {n} ({})", percent(rest.counts.share()))
        };
        measured.summary += &elsewhere.sentence(of);
        let Counts { n, bad } = elsewhere.rest.counts;
        let from = format!("{bad} / {n}, the latest window of all but this segment");
        measured.sum.figure("elsewhere", elsewhere.rest.counts.share(), from);
    }
}

/// A row for each window: all that were sent back, those with the reason, and the most that any other reason has.
fn sum(rule: &UnansweredRejections, place: &Place<'_>, windows: &[Window], reason: &Text) -> Sum {
    let mut sum = figures(rule, windows, reason, place.judged);
    let given = |window: &Window| window.get(reason).copied().unwrap_or(0);
    let days = i32::from(rule.window_days);
    let others = |window: &Window| {
        let others = window.iter().filter(|(other, _)| *other != reason && !other.is_empty());
        others.map(|(_, given)| *given).max().unwrap_or(0)
    };
    let row = |(i, window): (usize, &Window)| {
        let from = place.scene.today.plus(-days * (i as i32 + 1));
        let from = EventTime(place.scene.terms.days.day_start_ms(from.0));
        Row { from, numbers: [n(window), given(window), others(window)].map(|n| n as f64).to_vec() }
    };
    let columns = ["sent back", "for this reason", "for the next reason"].map(str::to_owned).to_vec();
    sum.outcomes = Outcomes { columns, rows: windows.iter().enumerate().rev().map(row).collect() };
    sum
}

fn figures(rule: &UnansweredRejections, windows: &[Window], reason: &Text, judged: usize) -> Sum {
    let mut sum = Sum::default();
    let (all, given) = (n(&windows[0]), windows[0].get(reason).copied().unwrap_or(0));
    sum.figure("sent back in the latest window", all as f64, "the last row below");
    sum.figure("for this reason in the latest window", given as f64, "the last row below");
    share_sum::value(&mut sum, (given, all), 0.0);
    sum.figure("share that is too much", rule.share.as_f64(), "as set, in each window");
    sum.figure("least sent back", f64::from(rule.min_n), "as set, in each window");
    let (given, all) = of_all_windows(windows, reason);
    sum.figure("sent back in all windows", all as f64, "the sum of the rows below");
    sum.figure("for this reason in all windows", given as f64, "the sum of the rows below");
    sum.figure("segments judged", judged as f64, "this one and others in which enough was sent back");
    let limit = format!(
        "Wilson's lower limit of {given} in {all}, one-sided, that is too high with 1 % / {judged}; it must be no less \
         than the share that is too much"
    );
    sum.figure("lower limit of its share in all windows", lower_limit(given, all, judged), limit);
    sum
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.unanswered_rejections.as_ref()?;
    let (windows, days) = (rule.windows, rule.window_days);
    Some(Statement {
        rule: Rule::UnansweredRejections.name(),
        sign: Rule::UnansweredRejections.sign(),
        says: "Sales gives the same reason again and again, and marketing changes nothing.".to_owned(),
        counts: "Negative verdicts with a reason.".to_owned(),
        out_of: "All negative verdicts, those without a reason included; each reason by itself.".to_owned(),
        window: format!("The last {windows} windows of {days} days each."),
        left_out: "Today's.".to_owned(),
        usual: format!("That no reason keeps {} of all, as set.", percent(rule.share.as_f64())),
        least: match rule.waits_for_first {
            true => format!(
                "With fewer than {} negative verdicts in the last window, and until marketing has \
                             changed the playbook for the first time.",
                rule.min_n
            ),
            false => format!("With fewer than {} negative verdicts in the last window.", rule.min_n),
        },
        speaks: format!(
            "{} when a reason is the first and has {} of at least {} in each window, and over all of them so many \
             by more than chance (lower one-sided limit, Wilson, with 1 % / m for each of m segments that are \
             judged), and no change of the playbook since then names it.",
            spoken(rule.severity),
            percent(rule.share.as_f64()),
            rule.min_n
        ),
        false_alarms: false_alarms(rule),
        stays: format!("It must have stopped leading for {} business days. {ONE_CAUSE}", rule.clear_days),
        over: "Marketing changes the playbook for the reason (at once), or the reason no longer leads."
            .to_owned(),
        blind_to:
            "Reasons in other words for the same thing, changes that nobody records, and changes that change \
                   nothing."
                .to_owned(),
        act: ADVICE.to_owned(),
    })
}

/// How often a reason is told of by chance, in alerts a month of 21 business days.
#[derive(Clone, Copy, Debug)]
pub struct ByChance {
    /// One that stands exactly at the limit, at most.
    pub at_the_limit: f64,
    /// A share below the limit.
    pub lower_share: f64,
    /// One that stands there, at most.
    pub below: f64,
    /// One that stands there, with [`MANY`] or more negative verdicts in each window, at most.
    pub below_with_many: f64,
    /// In [`SEGMENTS`] segments in each of which one stands at the limit, together, at most.
    pub in_segments: f64,
    /// In as many in each of which one stands below it, together, at most.
    pub in_segments_below: f64,
}

/// So many segments were counted together.
pub const SEGMENTS: usize = 30;

/// By simulation, with the default settings and 10 to 100 negative verdicts in each window, of which the rest scatters
/// over many reasons (`tests/false_alarms/rejections.rs`): at the limit 0.07, 0.05 and 0.05 with 10, 30 and 100, below
/// it 0.02, 0.004 and 0.0003. In 30 segments together, over 12,000 months of one beside 29 others: at the limit 0.26,
/// 0.08 and 0.06, below it 0.05, 0 and 0.
pub const BY_CHANCE: ByChance = ByChance {
    at_the_limit: 0.08,
    lower_share: 0.25,
    below: 0.025,
    below_with_many: 0.005,
    in_segments: 0.3,
    in_segments_below: 0.06,
};

/// So many negative verdicts in a window are many.
const MANY: u32 = 30;

/// Whether the settings are those by which [`BY_CHANCE`] was counted.
fn is_counted(rule: &UnansweredRejections) -> bool {
    let settings = (rule.windows, rule.window_days, rule.share.0, rule.min_n, rule.clear_days);
    settings == (2, 14, 300_000, 10, 5)
}

fn false_alarms(rule: &UnansweredRejections) -> String {
    let ByChance { at_the_limit, lower_share, below, below_with_many, in_segments, in_segments_below } =
        BY_CHANCE;
    match is_counted(rule) {
        true => format!(
            "In simulations with these settings and 10 to 100 negative verdicts in each window, a reason that stands \
             exactly at {} was told of at most {at_the_limit} times a month, one that stands at {} at most {below} \
             times, and with {MANY} or more verdicts at most {below_with_many} times. {SEGMENTS} segments together \
             were told of at most {in_segments} times where a reason stands at the limit in each of them, and at \
             most {in_segments_below} times where it stands below it.",
            percent(rule.share.as_f64()),
            percent(lower_share)
        ),
        false => "A reason that stands just at the limit is told of by chance now and then, one below it seldom; how \
                  often depends on these settings and was counted for the default ones alone."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert::Severity;
    use crate::model::definitions::Millionths;

    #[test]
    fn the_limit_follows_from_the_figures_that_are_shown() {
        let rule = UnansweredRejections {
            window_days: 14,
            windows: 2,
            share: Millionths(300_000),
            min_n: 10,
            clear_days: 5,
            waits_for_first: true,
            severity: Severity::Ticket,
        };
        let window = |budget: u64, fit: u64| Window::from([("budget".into(), budget), ("fit".into(), fit)]);
        let sum = figures(&rule, &[window(9, 6), window(12, 8)], &"budget".into(), 1);
        let of = |name: &str| {
            let figure = sum.figures.iter().find(|figure| figure.name == name);
            figure.and_then(|figure| figure.value).unwrap_or_else(|| panic!("{name} is shown"))
        };
        let (n, k) = (of("sent back in all windows"), of("for this reason in all windows"));
        assert_eq!((n, k), (35.0, 21.0));
        // Wilson's score interval, with the normal quantile of 99 %.
        let z = 2.326_347_874_040_841_f64;
        let p = k / n;
        let reach = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let low = (p + z * z / (2.0 * n) - reach) / (1.0 + z * z / n);
        assert!((of("lower limit of its share in all windows") - low).abs() < 1e-9, "{low}");
        assert!(low >= of("share that is too much"));
    }
}
