//! `absent_after_handoff`: marketing leaves open deals alone.
//!
//! Counts rounds of open deals, each as long as the rule says in business time of marketing, by the day on which they
//! end: bad is one without any touch by marketing of the deal or its lead, automated ones counted as touches. A round
//! in which the deal is closed has no outcome. Only the first three rounds of a deal count, and no day counts before
//! the oldest deals could have had as many: deals are touched less as they grow old, and where a log is young all
//! deals are, so that its outcomes would get worse by themselves. From then on the mix of rounds stays. It is there on
//! the first day with a third round, which after a change of definitions is the first one of all, and once the deals
//! of the first day that is known have had their time. Blind to: what becomes of deals after their third round, touches
//! that nobody records, and to what a touch is worth.

use std::collections::BTreeMap;

use crate::model::MINUTE_MS;
use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::stats::counts::Counts;

use super::super::business_time;
use super::super::outage_days::Outage;
use super::super::rule::Rule;
use super::super::scene::Scene;
use super::super::share_rule::{ShareRule, Told, Words, no_details, no_span, no_subjects, no_worth};
use super::super::statement::{self, OwnWords, Statement};
use super::super::usual_share::{Outcomes, SetShare};
use crate::funnel::journey::handoff::ROUNDS;
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::{DAYS_KEPT, Day};

/// What there is to do.
const ADVICE: &str = "Marketing: listed are the leads of these deals, and deals that have none. Ask their owners what \
                      would help them this week, and send that. Sales: say which deals are to be left alone, so that \
                      the others are not.";

/// The rule.
pub const ABSENT_AFTER_HANDOFF: ShareRule = ShareRule {
    rule: Rule::AbsentAfterHandoff,
    settings: |definitions| definitions.rules.absent_after_handoff.as_ref().map(|rule| &rule.watch),
    of_all_alone: false,
    reads: |measure| {
        let of_rounds = [Measure::HandoffTouched, Measure::HandoffSilent, Measure::HandoffRuns];
        measure == Measure::DealsOpened || of_rounds.contains(&measure)
    },
    subjects: no_subjects,
    of_set: SetShare::Usual,
    span: no_span,
    outcomes,
    unknown,
    evidence: |_| Some(Behind::count(Measure::HandoffSilent)),
    details: no_details,
    at_risk: no_worth,
    owner: OwnerTeam::Marketing,
    words,
};

fn outcomes(scene: &Scene<'_>, segment: &Segment, _: &str, _: u16) -> Outcomes {
    let mut outcomes = Outcomes::known_to(scene.today);
    let from = known_from(scene, segment);
    let kept_from = scene.today.plus(-DAYS_KEPT);
    // An older release did not tell of rounds that it took back later.
    let runs =
        segment.subjects(Measure::HandoffRuns).flat_map(|(_, runs)| runs.each_day(kept_from, scene.today));
    outcomes.young = runs.map(|(_, n)| n.max(0) as u64).sum();
    for (measure, bad) in [(Measure::HandoffTouched, 0), (Measure::HandoffSilent, 1)] {
        let mut days: BTreeMap<Day, i64> = BTreeMap::new();
        for (_, series) in segment.subjects(measure) {
            series.each_day(from, scene.today).for_each(|(day, n)| *days.entry(day).or_default() += n);
        }
        for (day, n) in days {
            let n = n.max(0) as u64;
            outcomes.add(day, Counts { n, bad: bad * n });
        }
    }
    outcomes
}

/// Rounds that began before the end of an outage may have had touches of which it told nothing.
fn unknown(outage: &Outage<'_>, _: u16) -> (Day, Day) {
    let terms = outage.ends.terms;
    let rule = terms.definitions.rules.absent_after_handoff.as_ref();
    let within_ms = rule.map_or(0, |rule| i64::from(rule.within_minutes) * MINUTE_MS);
    let last = terms.marketing.deadline(outage.ends.at.start().0, within_ms);
    let last = last.map_or(outage.ends.today, |at| Day(terms.days.local_day(at)));
    (outage.begins.today, last.plus(1))
}

/// The first day on which deals of all counted rounds end one: there is one of the last, or the deals of the first day
/// that is known have had as many.
fn known_from(scene: &Scene<'_>, segment: &Segment) -> Day {
    let kept_from = scene.today.plus(-DAYS_KEPT);
    let first_day = |measure: Measure, subject: &str| {
        segment.series(measure, subject).each_day(kept_from, scene.today).map(|(day, _)| day).next()
    };
    let rounds = [Measure::HandoffTouched, Measure::HandoffSilent].into_iter();
    let last = rounds.filter_map(|measure| first_day(measure, ROUNDS[ROUNDS.len() - 1]));
    let rule = scene.terms.definitions.rules.absent_after_handoff.as_ref();
    let all_ms = rule.map_or(0, |rule| i64::from(rule.within_minutes) * MINUTE_MS * ROUNDS.len() as i64);
    let had_all = first_day(Measure::DealsOpened, "")
        .and_then(|first| scene.terms.marketing.deadline(scene.terms.days.day_start_ms(first.0 + 1), all_ms));
    let had_all = had_all.map(|at| Day(scene.terms.days.local_day(at)));
    last.chain(had_all).min().unwrap_or(scene.today)
}

fn words(told: &Told<'_>) -> Words {
    let rule = told.scene.terms.definitions.rules.absent_after_handoff.as_ref();
    let within = business_time(rule.map_or(0, |rule| rule.within_minutes));
    let (n, bad, whose) = (told.seen.n, told.seen.bad, told.whose());
    Words {
        summary: format!(
            "Since {} open deals{whose} went {within} without a touch by marketing {bad} of {n} times: {}.",
            told.since(),
            told.share_and_usual()
        ),
        advice: ADVICE,
        resolved: format!(
            "Resolved: lately open deals{whose} went {within} without a touch by marketing {} of the times {}.",
            told.lately(),
            told.usual_and_since()
        ),
    }
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.absent_after_handoff.as_ref()?;
    let within = business_time(rule.within_minutes);
    let own = OwnWords {
        says: "Marketing leaves open deals alone.".to_owned(),
        counts: format!(
            "Rounds of {within} of an open deal in which marketing touched neither the deal nor its lead; automated \
             touches count as touches."
        ),
        out_of: "The first three rounds of each deal while it is open, by the day on which they end.".to_owned(),
        left_out: "Rounds that are not over, those in which the deal was won or lost, and all that ended before the \
                   oldest deals that are known could have had three."
            .to_owned(),
        blind_to: "Deals after their third round, touches that nobody records, and what a touch is worth.",
        act: ADVICE,
    };
    Some(statement::of_share(&ABSENT_AFTER_HANDOFF, &rule.watch, own))
}
