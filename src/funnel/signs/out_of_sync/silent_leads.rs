//! `silent_leads`: sales says nothing of the leads that it was given.
//!
//! Counts MQL cycles, by the day on which they begin, as soon as the promised time has passed for all of that day: bad
//! is one without a verdict in that time. A verdict is a disposition of any kind, or that the lead went on to `sal` or
//! beyond, or out. Cycles whose time is not over count nowhere. Blind to: verdicts that are given and not recorded, a
//! verdict without thought, and a silence older than the baseline.

use crate::model::MINUTE_MS;
use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::stats::counts::Counts;

use super::super::business_time;
use super::super::rule::Rule;
use super::super::scene::Scene;
use super::super::share_rule::{ShareRule, Told, Words, no_details, no_span, no_subjects};
use super::super::statement::{self, OwnWords, Statement};
use super::super::usual_share::{Outcomes, SetShare};
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::Day;

/// What there is to do.
const ADVICE: &str = "Sales: give each of the listed leads a verdict today, one word is enough, and say who does it \
                      when a rep is away. Marketing: ask whether the leads reach the people who are to judge them.";

/// The rule.
pub const SILENT_LEADS: ShareRule = ShareRule {
    rule: Rule::SilentLeads,
    settings: |definitions| definitions.rules.silent_leads.as_ref().map(|rule| &rule.watch),
    of_all_alone: false,
    reads: |measure| matches!(measure, Measure::CycleBegun | Measure::VerdictMet | Measure::VerdictMissed),
    subjects: no_subjects,
    of_set: SetShare::Usual,
    span: no_span,
    outcomes,
    unknown: |outage, _| (known_to(&outage.begins), outage.ends.today.plus(1)),
    evidence: |_| Some(Behind::count(Measure::VerdictMissed)),
    details: no_details,
    at_risk: |_| Some(Stage::Mql),
    owner: OwnerTeam::Sales,
    words,
};

fn within_minutes(definitions: &Definitions) -> u32 {
    definitions.rules.silent_leads.as_ref().map_or(0, |rule| rule.within_minutes)
}

fn outcomes(scene: &Scene<'_>, segment: &Segment, _: &str, _: u16) -> Outcomes {
    let known_to = known_to(scene);
    let (met, missed) = (segment.series(Measure::VerdictMet, ""), segment.series(Measure::VerdictMissed, ""));
    let mut outcomes = Outcomes::known_to(known_to);
    let from = Day(i32::MIN);
    for (day, n) in met.each_day(from, known_to) {
        outcomes.add(day, Counts { n: n.max(0) as u64, bad: 0 });
    }
    for (day, n) in missed.each_day(from, known_to) {
        outcomes.add(day, Counts { n: n.max(0) as u64, bad: n.max(0) as u64 });
    }
    let begun = segment.series(Measure::CycleBegun, "").days(known_to, scene.today);
    outcomes.young = begun.max(0) as u64;
    outcomes
}

/// The day before which every cycle has had its time.
fn known_to(scene: &Scene<'_>) -> Day {
    let within_ms = i64::from(within_minutes(&scene.terms.definitions)) * MINUTE_MS;
    let now_ms = scene.at.start().0;
    let is_over = |day: Day| {
        let end_ms = scene.terms.days.day_start_ms(day.0 + 1);
        scene.terms.sales.deadline(end_ms, within_ms).is_some_and(|deadline| deadline < now_ms)
    };
    let mut day = scene.today;
    while day > scene.today.plus(-120) && !is_over(day.plus(-1)) {
        day = day.plus(-1);
    }
    day
}

fn words(told: &Told<'_>) -> Words {
    let within = business_time(within_minutes(&told.scene.terms.definitions));
    let (n, bad, whose) = (told.seen.n, told.seen.bad, told.whose());
    Words {
        summary: format!(
            "Since {} sales said nothing within {within} of {bad} of {n} MQLs{whose}: {}.",
            told.since(),
            told.share_and_usual()
        ),
        advice: ADVICE,
        resolved: format!(
            "Resolved: lately {} of MQLs{whose} stayed without a word from sales for {within} {}.",
            told.lately(),
            told.usual_and_since()
        ),
    }
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.silent_leads.as_ref()?;
    let within = business_time(rule.within_minutes);
    let own = OwnWords {
        says: "Sales says nothing of leads that it was given.".to_owned(),
        counts: format!(
            "MQL cycles without a verdict by sales within {within}: neither accepted, rejected, recycled nor \
             disqualified, and no later stage reached."
        ),
        out_of: "All MQL cycles, by the day on which they began.".to_owned(),
        left_out: format!(
            "Days of which some deadline has not passed yet: {within} of sales after their end."
        ),
        blind_to: "Verdicts that nobody records, and verdicts that are given without a look at the lead.",
        act: ADVICE,
    };
    Some(statement::of_share(&SILENT_LEADS, &rule.watch, own))
}
