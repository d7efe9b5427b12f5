//! `absent_after_handoff`: marketing leaves open deals alone.
//!
//! Counts rounds of open deals, each as long as the rule says in business time of marketing, by the day on which they
//! end: bad is one without any touch by marketing of the deal or its lead, automated ones counted as touches. A round
//! in which the deal is closed has no outcome. Blind to: touches that nobody records, and to what a touch is worth.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::stats::counts::Counts;

use super::super::rule::Rule;
use super::super::scene::Scene;
use super::super::share_rule::{ShareRule, Told, Words, no_span, no_subjects, no_worth};
use super::super::share_watch::Outcomes;
use super::super::statement::{self, OwnWords, Statement};
use super::super::business_time;
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::Day;

/// What there is to do.
const ADVICE: &str = "Marketing: ask the owners of the listed deals what would help them this week, and send that. \
                      Sales: say which deals are to be left alone, so that the others are not.";

/// The rule.
pub const ABSENT_AFTER_HANDOFF: ShareRule = ShareRule {
    rule: Rule::AbsentAfterHandoff,
    settings: |definitions| definitions.rules.absent_after_handoff.as_ref().map(|rule| &rule.watch),
    of_all_alone: false,
    subjects: no_subjects,
    span: no_span,
    outcomes,
    evidence: |_| Some(Behind::count(Measure::HandoffSilent)),
    at_risk: no_worth,
    owner: OwnerTeam::Marketing,
    words,
};

fn outcomes(scene: &Scene<'_>, segment: &Segment, _: &str, _: u16) -> Outcomes {
    let mut outcomes = Outcomes::known_to(scene.today);
    for (measure, bad) in [(Measure::HandoffTouched, 0), (Measure::HandoffSilent, 1)] {
        for (day, n) in segment.series(measure, "").each_day(Day(i32::MIN), scene.today) {
            let n = n.max(0) as u64;
            outcomes.add(day, Counts { n, bad: bad * n });
        }
    }
    outcomes
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
        out_of: "All rounds of open deals, by the day on which they end.".to_owned(),
        left_out: "Rounds that are not over, and those in which the deal was won or lost.".to_owned(),
        blind_to: "Touches that nobody records, and what a touch is worth.",
        act: ADVICE,
    };
    Some(statement::of_share(Rule::AbsentAfterHandoff, &rule.watch, own))
}
