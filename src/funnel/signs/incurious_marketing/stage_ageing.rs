//! `stage_ageing`: items stay in a stage for longer than they did.
//!
//! The rule learns the age by which 90 % of the items that enter a stage have left it (where more than a tenth never
//! leave, the age of 75 %, or of half of them), by Kaplan–Meier over the entries of the baseline, so that items which
//! are still there are not taken for gone. From then on it counts the items by the day of their entry, once all of
//! that day have had that time: bad is one that is still there. The age is frozen with the baseline while an alert
//! lives, and the history must be twice as long. It follows each entry, so a falling volume, which makes what is open
//! look old, is no ageing. Blind to: a stage that empties by being closed in bulk, and to what leaves and comes back.

use std::collections::BTreeMap;

use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::explanation::Sum;
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::stats::counts::Counts;

use super::super::rule::Rule;
use super::super::scene::Scene;
use super::super::share_rule::{ShareRule, Told, Words};
use super::super::statement::{self, OwnWords, Statement};
use super::super::told_days::ToldDays;
use super::super::usual_share::{Outcomes, SetShare};
use super::super::working_days::WorkingDays;
use crate::funnel::journey::stays::AGEING_STAGES;
use crate::funnel::segment::book::{Behind, Segment};
use crate::funnel::segment::series::{DAYS_KEPT, Day, Series};

/// The shares that are to have left.
const LEVELS: [f64; 3] = [0.9, 0.75, 0.5];
/// No age beyond this is learned, in working days of sales.
const SPAN_MAX: u16 = 85;

/// What there is to do.
const ADVICE: &str = "Marketing: ask sales which three things hold these items up, and answer one of them this \
                      week. Sales: go through the oldest ones, and close those that are dead with a reason.";

/// The rule.
pub const STAGE_AGEING: ShareRule = ShareRule {
    rule: Rule::StageAgeing,
    settings: |definitions| definitions.rules.stage_ageing.as_ref(),
    of_all_alone: false,
    reads: |measure| matches!(measure, Measure::Stayed(_) | Measure::Left(_)),
    subjects: |_, segment| {
        let is_used = |stage: &Stage| segment.series(Measure::Stayed(*stage), "").first_day().is_some();
        AGEING_STAGES.iter().filter(|stage| is_used(stage)).map(|stage| stage.as_str().into()).collect()
    },
    of_set: SetShare::Least,
    span,
    outcomes,
    unknown: |outage, span| (known_to(&outage.begins, span), outage.ends.today.plus(1)),
    evidence: |subject| Some(Behind::count(Measure::Open(stage_of(subject)))),
    details,
    at_risk: |subject| Some(stage_of(subject)),
    owner: OwnerTeam::Marketing,
    words,
};

fn stage_of(subject: &str) -> Stage {
    Stage::parse(subject).unwrap_or(Stage::Mql)
}

/// The age by which most items have left the stage, in working days of sales, as it was known when the watched days
/// began; `None` while that is not known.
fn span(scene: &Scene<'_>, segment: &Segment, subject: &str, told: &ToldDays) -> Option<u16> {
    let rule = scene.terms.definitions.rules.stage_ageing.as_ref()?;
    let stage = stage_of(subject);
    let entered = segment.series(Measure::Stayed(stage), "");
    let to = scene.today.plus(-i32::from(rule.detect_days));
    let from = told.back(to, i32::from(rule.baseline_days));
    let stays = (entered, segment.series(Measure::Left(stage), ""));
    let table = life_table(scene.working_days(), stays, (from, to), told);
    let span = LEVELS.iter().find_map(|level| age_of(&table, *level))?;
    let history = scene.working_days().between(entered.first_day()?, to);
    (history >= 2 * span).then_some(span)
}

/// (at risk, left) at each age below [`SPAN_MAX`], over what entered in the days `from..to` but those told of, as known
/// at the start of `to`. The age is that of the days after the one of the entry; only ages that are over for a whole
/// day's entries count.
fn life_table(
    days: &WorkingDays,
    (entered, left): (&Series, &Series),
    (from, to): (Day, Day),
    told: &ToldDays,
) -> Vec<(u64, u64)> {
    let mut at_risk = vec![0i64; usize::from(SPAN_MAX)];
    let mut events = vec![0i64; usize::from(SPAN_MAX)];
    let complete = |day: Day| usize::from(days.between(day.plus(1), to).min(SPAN_MAX));
    for (day, n) in entered.each_day(from, to).filter(|(day, _)| !told.holds(*day)) {
        at_risk[..complete(day)].iter_mut().for_each(|cell| *cell += n);
    }
    for (day, grade, n) in left.each_grade(from, to).filter(|(day, ..)| !told.holds(*day)) {
        let (age, complete) = (usize::from(age(days, day, grade)), complete(day));
        if age < complete {
            events[age] += n;
            at_risk[age + 1..complete].iter_mut().for_each(|cell| *cell -= n);
        }
    }
    let sum = |n: i64| n.max(0) as u64;
    at_risk.into_iter().zip(events).map(|(r, e)| (sum(r), sum(e))).take_while(|(r, _)| *r > 0).collect()
}

/// The age in working days of what entered on a day and left so many whole days later.
fn age(days: &WorkingDays, entered: Day, whole_days: u16) -> u16 {
    days.between(entered.plus(1), entered.plus(i32::from(whole_days) + 1))
}

/// The age by which this share has left: the first at which the share that stays is no larger than the rest.
fn age_of(table: &[(u64, u64)], level: f64) -> Option<u16> {
    let mut stay = 1.0;
    let reached = table.iter().position(|(at_risk, left)| {
        stay *= 1.0 - *left as f64 / *at_risk as f64;
        stay <= 1.0 - level + f64::EPSILON
    });
    reached.map(|age| age as u16 + 1)
}

/// The day before which every item has had its time.
fn known_to(scene: &Scene<'_>, span: u16) -> Day {
    let days = scene.working_days();
    let is_known = |day: &Day| days.between(day.plus(1), scene.today) >= span;
    let known_to =
        (0..=DAYS_KEPT + 2).map(|back| scene.today.plus(-back)).find(|day| is_known(&day.plus(-1)));
    known_to.unwrap_or(scene.today)
}

fn outcomes(scene: &Scene<'_>, segment: &Segment, subject: &str, span: u16) -> Outcomes {
    let (stage, days) = (stage_of(subject), scene.working_days());
    let known_to = known_to(scene, span);
    let mut outcomes = Outcomes::known_to(known_to);
    let entered = segment.series(Measure::Stayed(stage), "");
    let mut left: BTreeMap<Day, i64> = BTreeMap::new();
    for (day, grade, n) in segment.series(Measure::Left(stage), "").each_grade(Day(i32::MIN), known_to) {
        if age(days, day, grade) < span {
            *left.entry(day).or_default() += n;
        }
    }
    for (day, n) in entered.each_day(Day(i32::MIN), known_to) {
        let (n, left) = (n.max(0) as u64, left.get(&day).copied().unwrap_or(0).max(0) as u64);
        outcomes.add(day, Counts { n, bad: n - left.min(n) });
    }
    outcomes.young = entered.days(known_to, scene.today).max(0) as u64;
    outcomes
}

/// Only what can still be moved is named, so fewer may be than were bad.
fn details(told: &Told<'_>, sum: &mut Sum) {
    let open = told.scene.book.segment_or_empty(told.name).series(Measure::Open(stage_of(told.subject)), "");
    let days = i64::from(told.span);
    sum.figure(
        "still there now",
        open.days(told.since, known_to(told.scene, told.span)).max(0) as f64,
        format!("of the items in the rows; these are named, and none that left after {days} working days"),
    );
}

fn words(told: &Told<'_>) -> Words {
    let (n, bad, whose, stage) = (told.seen.n, told.seen.bad, told.whose(), told.subject.to_uppercase());
    let days = match told.span {
        1 => "1 working day".to_owned(),
        days => format!("{days} working days"),
    };
    Words {
        summary: format!(
            "{bad} of {n} items{whose} that entered {stage} since {} were still there after {days}: {}.",
            told.since(),
            told.share_and_usual()
        ),
        advice: ADVICE,
        resolved: format!(
            "Resolved: lately {} of the items{whose} that entered {stage} were still there after {days} {}.",
            told.lately(),
            told.usual_and_since()
        ),
    }
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let watch = definitions.rules.stage_ageing.as_ref()?;
    let own = OwnWords {
        says: "Leads or deals stay in a stage for longer than they did.".to_owned(),
        counts: format!(
            "Items that are still in the stage after the time in which 90 % used to have left it (75 % or 50 % \
             where so many never do), at most {SPAN_MAX} working days of sales; it is learned from the days of \
             the usual share by Kaplan-Meier, so that those who are still there are not taken for gone. An alert \
             names those that are still there when it is told."
        ),
        out_of: "All items that entered the stage (MQL, SAL, SQL, opportunity), by the day of their entry."
            .to_owned(),
        left_out: "Items that are younger than that time.".to_owned(),
        blind_to: "A stage that is emptied by closing its items in bulk, and items that leave and come back.",
        act: ADVICE,
    };
    Some(statement::of_share(&STAGE_AGEING, watch, own))
}
