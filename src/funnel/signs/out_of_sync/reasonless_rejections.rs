//! `reasonless_rejections`: sales sends leads back and does not say why.
//!
//! Counts negative verdicts (rejected, recycled, disqualified) by their day: bad is one without a reason. Blind to:
//! reasons that say nothing ("other"), and to leads that are never sent back at all.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::model::words::Verdict;
use crate::stats::counts::Counts;

use super::super::rule::Rule;
use super::super::scene::Scene;
use super::super::share_rule::{
    ShareRule, Told, Words, no_details, no_span, no_subjects, no_worth, the_same_days,
};
use super::super::statement::{self, OwnWords, Statement};
use super::super::usual_share::{Outcomes, SetShare};
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::Day;

/// What there is to do.
const ADVICE: &str = "Sales: name a reason with every lead that goes back; make it a field that must be filled. \
                      Marketing: agree with sales on five reasons that you will act on, and show what you changed.";

/// The rule.
pub const REASONLESS_REJECTIONS: ShareRule = ShareRule {
    rule: Rule::ReasonlessRejections,
    settings: |definitions| definitions.rules.reasonless_rejections.as_ref(),
    of_all_alone: false,
    reads: |measure| matches!(measure, Measure::Verdicts(_)),
    subjects: no_subjects,
    of_set: SetShare::Usual,
    span: no_span,
    outcomes,
    unknown: the_same_days,
    evidence: |_| Some(Behind::sent_back("")),
    details: no_details,
    at_risk: no_worth,
    owner: OwnerTeam::Sales,
    words,
};

fn outcomes(scene: &Scene<'_>, segment: &Segment, _: &str, _: u16) -> Outcomes {
    let mut outcomes = Outcomes::known_to(scene.today);
    for verdict in Verdict::ALL.iter().filter(|verdict| verdict.is_negative()) {
        for (reason, series) in segment.subjects(Measure::Verdicts(*verdict)) {
            for (day, n) in series.each_day(Day(i32::MIN), scene.today) {
                let n = n.max(0) as u64;
                outcomes.add(day, Counts { n, bad: if reason.is_empty() { n } else { 0 } });
            }
        }
    }
    outcomes
}

fn words(told: &Told<'_>) -> Words {
    let (n, bad, whose) = (told.seen.n, told.seen.bad, told.whose());
    Words {
        summary: format!(
            "Since {} sales gave no reason with {bad} of {n} leads{whose} that it sent back: {}.",
            told.since(),
            told.share_and_usual()
        ),
        advice: ADVICE,
        resolved: format!(
            "Resolved: lately {} of the leads{whose} that went back came without a reason {}.",
            told.lately(),
            told.usual_and_since()
        ),
    }
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let watch = definitions.rules.reasonless_rejections.as_ref()?;
    let own = OwnWords {
        says: "Sales sends leads back and does not say why.".to_owned(),
        counts: "Negative verdicts without a reason.".to_owned(),
        out_of: "All negative verdicts (rejected, recycled, disqualified), by their day.".to_owned(),
        left_out: "Today's.".to_owned(),
        blind_to: "Reasons that say nothing, such as the first of a list that has to be chosen from.",
        act: ADVICE,
    };
    Some(statement::of_share(&REASONLESS_REJECTIONS, watch, own))
}
