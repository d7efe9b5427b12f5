//! The rules that watch a share of what is counted by day as it is: `silent_leads`, `reasonless_rejections`,
//! `absent_after_handoff` and `sales_authored_share`.
//!
//! Rules: `src/funnel/semantics.md`, "Rules that watch a share".

use std::collections::BTreeSet;

use super::outcomes::Outcomes;
use super::rounds;
use super::shares::{Look, ShareRule};
use crate::model::alert::OwnerTeam;
use crate::model::measure::Measure;
use crate::model::words::{Author, Family, Stage, Verdict};
use crate::model::{Minute, Text};

/// Verdict deadlines further back than this are not waited for.
const WAIT_DAYS: i32 = 120;
/// Days are kept for so many.
const KEPT_DAYS: i32 = 400;

fn no_subject(_: &Look) -> Vec<Text> {
    vec![Text::default()]
}

fn at_once(_: &Look, _: &Text, _: &BTreeSet<i32>) -> Option<i32> {
    Some(0)
}

pub(super) const SILENT_LEADS: ShareRule = ShareRule {
    name: "silent_leads",
    sign: 2,
    owner: OwnerTeam::Sales,
    of_all_alone: false,
    learns_anyway: false,
    rests_on: &[Family::Leads, Family::Verdicts, Family::Deals],
    watch: |rules| rules.silent_leads.as_ref().map(|rule| &rule.watch),
    is_wanted: |measure| {
        matches!(measure, Measure::CycleBegun | Measure::VerdictMet | Measure::VerdictMissed)
    },
    subjects: no_subject,
    span: at_once,
    outcomes: of_cycles,
    unknown: |look, _, outage| (cycles_known_to(look, outage.first_day, outage.from), outage.last_day),
    evidence: |of, _| of.measure == Measure::VerdictMissed,
    at_risk: |_| Some(Stage::Mql),
};

/// Cycles by the day on which they begin, as far as the deadlines of that day have passed.
fn of_cycles(look: &Look, _: &Text, _: i32) -> Outcomes {
    let known_to = cycles_known_to(look, look.day, look.at);
    let mut outcomes = Outcomes::new(known_to);
    for (measure, bad) in [(Measure::VerdictMet, 0), (Measure::VerdictMissed, 1)] {
        for (_, day, _, n) in look.counted.each(look.segment, measure) {
            outcomes.add(day, n, bad * n);
        }
    }
    outcomes.young = look.counted.sum(look.segment, Measure::CycleBegun, known_to, look.day) as u64;
    outcomes
}

/// The day, at most the one of a moment, before which all deadlines had passed at that moment.
fn cycles_known_to(look: &Look, day: i32, at: Minute) -> i32 {
    let rulebook = look.judged.rulebook;
    let has_passed = |day: &i32| {
        let end_of_day_before = rulebook.days.start_of(*day).start();
        rulebook.verdict_deadline(end_of_day_before).is_some_and(|deadline| deadline < at.start())
    };
    (day - WAIT_DAYS..=day).rev().find(has_passed).unwrap_or(day - WAIT_DAYS)
}

pub(super) const REASONLESS_REJECTIONS: ShareRule = ShareRule {
    name: "reasonless_rejections",
    sign: 2,
    owner: OwnerTeam::Sales,
    of_all_alone: false,
    learns_anyway: false,
    rests_on: &[Family::Verdicts],
    watch: |rules| rules.reasonless_rejections.as_ref(),
    is_wanted: |measure| matches!(measure, Measure::Verdicts(_)),
    subjects: no_subject,
    span: at_once,
    outcomes: |look, _, _| {
        let mut outcomes = Outcomes::new(look.day);
        for verdict in Verdict::ALL.iter().filter(|verdict| verdict.is_negative()) {
            for (reason, day, _, n) in look.counted.each(look.segment, Measure::Verdicts(*verdict)) {
                outcomes.add(day, n, if reason.is_empty() { n } else { 0 });
            }
        }
        outcomes
    },
    unknown: |_, _, outage| (outage.first_day, outage.last_day),
    evidence: |of, _| {
        matches!(of.measure, Measure::Verdicts(verdict) if verdict.is_negative()) && of.subject.is_empty()
    },
    at_risk: |_| None,
};

pub(super) const ABSENT_AFTER_HANDOFF: ShareRule = ShareRule {
    name: "absent_after_handoff",
    sign: 3,
    owner: OwnerTeam::Marketing,
    of_all_alone: false,
    learns_anyway: false,
    rests_on: &[Family::Touches, Family::Deals],
    watch: |rules| rules.absent_after_handoff.as_ref().map(|rule| &rule.watch),
    is_wanted: |measure| {
        let of_rounds = [Measure::HandoffTouched, Measure::HandoffSilent, Measure::HandoffRuns];
        of_rounds.contains(&measure) || measure == Measure::DealsOpened
    },
    subjects: no_subject,
    span: at_once,
    outcomes: of_rounds,
    unknown: |look, _, outage| {
        let rulebook = look.judged.rulebook;
        let last = rulebook.round_ends(outage.to.start(), 1);
        (outage.first_day, last.map_or(outage.last_day, |at| rulebook.days.day_of(at)))
    },
    evidence: |of, _| of.measure == Measure::HandoffSilent,
    at_risk: |_| None,
};

/// Rounds by the day on which they end, from the day on which the first last ones do, or those of the deals of the
/// first day would.
fn of_rounds(look: &Look, _: &Text, _: i32) -> Outcomes {
    let (mut outcomes, rulebook) = (Outcomes::new(look.day), look.judged.rulebook);
    let is_kept = |day: i32| (look.day - KEPT_DAYS..look.day).contains(&day);
    let each = |measure| look.counted.each(look.segment, measure).filter(|of| of.3 != 0 && is_kept(of.1));
    let running: i64 = each(Measure::HandoffRuns).map(|of| of.3).sum();
    outcomes.young = u64::try_from(running).expect("it is not negative");
    let opened = each(Measure::DealsOpened).map(|of| of.1).min();
    let end_of_first_day = opened.map(|day| rulebook.days.start_of(day + 1).start());
    let had_all = end_of_first_day.and_then(|at| rulebook.round_ends(at, rounds::COUNTED));
    let last = rounds::COUNTED.to_string();
    let mut from: Vec<i32> = had_all.map(|at| rulebook.days.day_of(at)).into_iter().collect();
    for measure in [Measure::HandoffTouched, Measure::HandoffSilent] {
        from.extend(each(measure).filter(|of| *of.0 == last.as_str()).map(|of| of.1));
    }
    let Some(from) = from.into_iter().min() else { return outcomes };
    for (measure, bad) in [(Measure::HandoffTouched, 0), (Measure::HandoffSilent, 1)] {
        for (_, day, _, n) in each(measure).filter(|of| from <= of.1) {
            outcomes.add(day, n, bad * n);
        }
    }
    outcomes
}

pub(super) const SALES_AUTHORED_SHARE: ShareRule = ShareRule {
    name: "sales_authored_share",
    sign: 4,
    owner: OwnerTeam::Marketing,
    of_all_alone: false,
    learns_anyway: false,
    rests_on: &[Family::Content],
    watch: |rules| rules.sales_authored_share.as_ref(),
    is_wanted: |measure| matches!(measure, Measure::ContentBegun(_)),
    subjects: no_subject,
    span: at_once,
    outcomes: |look, _, _| {
        let mut outcomes = Outcomes::new(look.day);
        for author in Author::ALL {
            for (_, day, _, n) in look.counted.each(look.segment, Measure::ContentBegun(*author)) {
                outcomes.add(day, n, if *author == Author::Sales { n } else { 0 });
            }
        }
        outcomes
    },
    unknown: |_, _, outage| (outage.first_day, outage.last_day),
    evidence: |of, _| of.measure == Measure::ContentBegun(Author::Sales),
    at_risk: |_| None,
};
