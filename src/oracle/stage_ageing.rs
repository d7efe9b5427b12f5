//! The rule `stage_ageing` (sign 3): items stay in a stage for longer than they did.
//!
//! Rules: `src/funnel/semantics.md`, "Rules that watch a share" and the span below its table.

use std::collections::{BTreeMap, BTreeSet};

use super::outcomes::Outcomes;
use super::shares::{Look, ShareRule};
use crate::model::Text;
use crate::model::alert::OwnerTeam;
use crate::model::measure::Measure;
use crate::model::words::{Family, Stage};

/// A span is not longer than this.
const MOST_DAYS: i32 = 85;
/// Outcomes further back than this are not waited for.
const WAIT_DAYS: i32 = 402;
/// So many have not left by the end of a span, at most; the next only where none is as long as the one before asks.
const STAYING: [f64; 3] = [0.10, 0.25, 0.50];

pub(super) const STAGE_AGEING: ShareRule = ShareRule {
    name: "stage_ageing",
    sign: 3,
    owner: OwnerTeam::Marketing,
    of_all_alone: false,
    learns_anyway: true,
    rests_on: &[Family::Leads, Family::Verdicts, Family::Deals],
    watch: |rules| rules.stage_ageing.as_ref(),
    is_wanted: |measure| matches!(measure, Measure::Stayed(_) | Measure::Left(_)),
    subjects: |look| {
        let stages = [Stage::Mql, Stage::Sal, Stage::Sql, Stage::Opportunity];
        let has_any =
            |stage: &Stage| look.counted.each(look.segment, Measure::Stayed(*stage)).next().is_some();
        stages.into_iter().filter(has_any).map(|stage| stage.as_str().into()).collect()
    },
    span,
    outcomes,
    unknown: |look, span, outage| (known_to(look, outage.first_day, span), outage.last_day),
    evidence: |of, subject| Stage::parse(subject).is_some_and(|stage| of.measure == Measure::Open(stage)),
    at_risk: |subject| Stage::parse(subject),
};

/// The business days of sales among the days `[from, to)`.
fn sales_days(look: &Look, from: i32, to: i32) -> i32 {
    (from..to).filter(|&day| look.judged.rulebook.sales.is_business_day(day)).count() as i32
}

/// The age, in business days of sales, of what left after so many whole days.
fn age(look: &Look, day: i32, whole_days: u16) -> i32 {
    sales_days(look, day + 1, day + i32::from(whole_days) + 1)
}

fn stage_of(subject: &Text) -> Stage {
    Stage::parse(subject).expect("the subjects of this rule are stages")
}

/// The smallest number of business days after which few enough have not left, as the life table of the baseline has it.
fn span(look: &Look, subject: &Text, told: &BTreeSet<i32>) -> Option<i32> {
    let stage = stage_of(subject);
    let to = look.day - i32::from(look.watch.detect_days);
    let untold = (1..).map(|back| to - back).filter(|day| !told.contains(day));
    let learned: Vec<i32> = untold.take(usize::from(look.watch.baseline_days)).collect();
    let stayed: Vec<(i32, i64)> =
        look.counted.each(look.segment, Measure::Stayed(stage)).map(|(_, day, _, n)| (day, n)).collect();
    let left: Vec<(i32, i32, i64)> = look
        .counted
        .each(look.segment, Measure::Left(stage))
        .map(|(_, day, whole_days, n)| (day, age(look, day, whole_days), n))
        .collect();
    let over: BTreeMap<i32, i32> =
        learned.into_iter().map(|day| (day, sales_days(look, day + 1, to))).collect();
    // Of each age: those whose time at that age was over at the start of `to`.
    let mut staying = vec![];
    let mut s = 1.0;
    for age in 0..MOST_DAYS {
        let is_of = |day: i32| over.get(&day).is_some_and(|&over| age < over);
        let all: i64 = stayed.iter().filter(|of| is_of(of.0)).map(|of| of.1).sum();
        let before: i64 = left.iter().filter(|of| is_of(of.0) && of.1 < age).map(|of| of.2).sum();
        let now: i64 = left.iter().filter(|of| is_of(of.0) && of.1 == age).map(|of| of.2).sum();
        let at_risk = all - before;
        if at_risk <= 0 {
            break;
        }
        s *= 1.0 - now as f64 / at_risk as f64;
        staying.push(s);
    }
    let enough = |share: &f64| staying.iter().position(|s| *s <= share + f64::EPSILON);
    let span = STAYING.iter().find_map(enough)? as i32 + 1;
    let first = stayed.iter().map(|of| of.0).min()?;
    (sales_days(look, first, to) >= 2 * span).then_some(span)
}

/// The day before which the time of every stay was over before another day.
fn known_to(look: &Look, day: i32, span: i32) -> i32 {
    let is_known = |known_to: &i32| sales_days(look, *known_to, day) >= span;
    (day - WAIT_DAYS..=day).rev().find(is_known).unwrap_or(day)
}

/// Stays by the day on which they began; bad are those that had not ended within the span.
fn outcomes(look: &Look, subject: &Text, span: i32) -> Outcomes {
    let stage = stage_of(subject);
    let known_to = known_to(look, look.day, span);
    let mut outcomes = Outcomes::new(known_to);
    for (_, day, _, n) in look.counted.each(look.segment, Measure::Stayed(stage)) {
        let left = look.counted.each(look.segment, Measure::Left(stage));
        let gone: i64 = left.filter(|of| of.1 == day && age(look, day, of.2) < span).map(|of| of.3).sum();
        outcomes.add(day, n, (n - gone).max(0));
    }
    outcomes.young = look.counted.sum(look.segment, Measure::Stayed(stage), known_to, look.day) as u64;
    outcomes
}
