//! `sales_authored_share`: sales writes what it uses.
//!
//! Counts deals by the day on which they first use any content: bad is one whose first content was written by sales.
//! One deal is one outcome however much it uses, since what a rep wrote once is used again and again. Beside it
//! alerts say the share of all assets used. Blind to: content that nobody records, and to who wrote it where the
//! author is missing (`other`).

use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::model::words::Author;
use crate::stats::counts::Counts;

use super::super::percent;
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
const ADVICE: &str = "Marketing: take the three pieces that sales uses most of its own and make them yours, with \
                      the reps who wrote them. Sales: say what was missing when you wrote your own.";

/// The rule.
pub const SALES_AUTHORED_SHARE: ShareRule = ShareRule {
    rule: Rule::SalesAuthoredShare,
    settings: |definitions| definitions.rules.sales_authored_share.as_ref(),
    of_all_alone: false,
    reads: |measure| matches!(measure, Measure::ContentBegun(_)),
    subjects: no_subjects,
    of_set: SetShare::Usual,
    span: no_span,
    outcomes,
    unknown: the_same_days,
    evidence: |_| Some(Behind::count(Measure::ContentBegun(Author::Sales))),
    details: no_details,
    at_risk: no_worth,
    owner: OwnerTeam::Marketing,
    words,
};

fn outcomes(scene: &Scene<'_>, segment: &Segment, _: &str, _: u16) -> Outcomes {
    let mut outcomes = Outcomes::known_to(scene.today);
    for author in Author::ALL {
        for (day, n) in
            segment.series(Measure::ContentBegun(*author), "").each_day(Day(i32::MIN), scene.today)
        {
            let n = n.max(0) as u64;
            outcomes.add(day, Counts { n, bad: if *author == Author::Sales { n } else { 0 } });
        }
    }
    outcomes
}

fn words(told: &Told<'_>) -> Words {
    let (n, bad, whose) = (told.seen.n, told.seen.bad, told.whose());
    let segment = told.scene.book.segment_or_empty(told.name);
    let used = |author: Author| {
        let series = segment.series(Measure::ContentUsed(author), "");
        series.days(told.since, told.scene.today).max(0) as u64
    };
    let all: u64 = Author::ALL.iter().map(|author| used(*author)).sum();
    let of_uses = percent(used(Author::Sales) as f64 / all.max(1) as f64);
    Words {
        summary: format!(
            "Since {} {bad} of {n} deals{whose} began with content that sales wrote itself: {}. Of all assets used it \
             wrote {of_uses}.",
            told.since(),
            told.share_and_usual()
        ),
        advice: ADVICE,
        resolved: format!(
            "Resolved: lately {} of deals{whose} began with content that sales wrote itself {}.",
            told.lately(),
            told.usual_and_since()
        ),
    }
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let watch = definitions.rules.sales_authored_share.as_ref()?;
    let own = OwnWords {
        says: "Sales writes the content that it uses.".to_owned(),
        counts: "Deals whose first content was written by sales.".to_owned(),
        out_of: "All deals that used content, by the day of the first use; one deal is one outcome, however much it \
                 uses.".to_owned(),
        left_out: "Deals without content, and today's.".to_owned(),
        blind_to: "Content that nobody records, and whoever wrote it where the author is `other`.",
        act: ADVICE,
    };
    Some(statement::of_share(&SALES_AUTHORED_SHARE, watch, own))
}
