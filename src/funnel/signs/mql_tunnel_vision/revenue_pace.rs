//! `revenue_pace`: the MQLs are on plan, the revenue that they are for is not.
//!
//! In a period for which marketing has targets for revenue and for MQLs, both are held against their plan as of the
//! business days of marketing that are over, of all those of the period. Revenue is that of won deals which marketing
//! sourced, by the day of the win. If the plan is kept, it is a compound Poisson sum: with deals of the sizes that
//! were won in the time that is kept, its variance is plan · E(x²) ÷ E(x). Broken when the MQLs are on plan and the
//! revenue lies so far below that a plan which is kept comes to it with a probability of at most alerts a month ÷ 21
//! (each business day looks once; the normal limit is on the safe side, since deals are skewed to the right).
//! Learning before `least_elapsed` of the period is over, that of the MQLs as well, and with fewer than `min_n` deals
//! of known size. Once it fires it holds until the MQLs fall to below nine tenths of their plan or half of the gap is
//! made up. Of a period that began before anything was counted, the plan is that of the days since. The whole company
//! alone is judged, each currency by itself. Blind to: deals that close in another period than their leads came in,
//! and a plan that was never in reach.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{Definitions, RevenuePace};
use crate::model::explanation::{AtRisk, Sum};
use crate::model::measure::Measure;
use crate::model::money::Currency;
use crate::model::words::{Stage, TargetMeasure};
use crate::model::{EventTime, Text};
use crate::stats::normal;

use super::super::program_rule::{Finding, Place, ProgramRule, at_once};
use super::super::rule::Rule;
use super::super::share_watch::MONTH_BUSINESS_DAYS;
use super::super::statement::{Statement, spoken};
use super::super::{Measured, Verdict, percent};
use super::targets::{self, Target};
use crate::funnel::segment::book::Named;
use crate::funnel::segment::series::{DAYS_KEPT, Day};

/// The rule.
pub const REVENUE_PACE: ProgramRule =
    ProgramRule { rule: Rule::RevenuePace, of_all_alone: true, clear_days: at_once, read };

/// While an alert lives MQLs are on plan with this part of it.
const MQLS_STAY: f64 = 0.9;

/// How a target stands as of today.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// The first day of the period of which anything is counted.
    from: Day,
    /// Which part of the period's business days is over, of those from that day on.
    elapsed: f64,
    /// What the plan asks for by now.
    planned: f64,
    /// What there is.
    done: f64,
}

/// The sizes of deals in a currency.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    n: u64,
    /// E(x²) ÷ E(x).
    spread: f64,
}

fn read(place: &Place<'_>) -> Vec<Finding> {
    let Some(rule) = &place.definitions().rules.revenue_pace else { return Vec::new() };
    let now = place.scene.at.start();
    let running: Vec<Target> =
        targets::of_marketing(place.scene).into_iter().filter(|target| target.holds(now)).collect();
    let mqls = running.iter().filter(|target| target.measure == TargetMeasure::Mql);
    let mqls = mqls.min_by_key(|target| (target.from, target.to));
    let mut findings: Vec<Finding> = Vec::new();
    for revenue in running.iter().filter(|target| target.measure == TargetMeasure::Revenue) {
        let Some(currency) = revenue.currency else { continue };
        // Of several periods that run the first says it.
        if findings.iter().all(|finding| finding.subject != currency.as_str()) {
            findings.push(finding(rule, place, revenue, mqls, currency));
        }
    }
    for subject in place.alive {
        if findings.iter().all(|finding| finding.subject != *subject) {
            findings.push(over(place, subject));
        }
    }
    findings
}

fn finding(
    rule: &RevenuePace,
    place: &Place<'_>,
    revenue: &Target,
    mqls: Option<&Target>,
    currency: Currency,
) -> Finding {
    let won = place.segment.series(Measure::SourcedWonAmount, currency.as_str());
    let entered = place.segment.series(Measure::Entered(Stage::Mql), "");
    let pace = pace(place, revenue, |from, to| won.days(from, to));
    let mql_pace = mqls.map(|target| self::pace(place, target, |from, to| entered.days(from, to)));
    let sizes = sizes(place, currency, Day(i32::MIN));
    let a_look = rule.alerts_per_month.as_f64() / MONTH_BUSINESS_DAYS as f64;
    let limit = normal::quantile(1.0 - a_look.min(0.5));
    let sd = (pace.planned * sizes.spread).sqrt();
    let behind = pace.planned - pace.done;
    let is_alive = place.is_alive(currency.as_str());
    let is_far = |pace: &Pace| pace.elapsed >= rule.least_elapsed.as_f64();
    let is_on_plan = |mqls: Pace| match is_alive {
        true => !is_far(&mqls) || mqls.done >= MQLS_STAY * mqls.planned,
        false => mqls.done >= mqls.planned,
    };
    let are_mqls_known = mql_pace.is_some_and(|mqls| is_alive || is_far(&mqls));
    let is_known = sizes.n >= u64::from(rule.min_n) && is_far(&pace) && are_mqls_known;
    let held = if is_alive { limit / 2.0 } else { limit };
    let is_behind = sd > 0.0 && behind >= held * sd;
    let verdict = match (is_known, mql_pace.is_some_and(is_on_plan) && is_behind) {
        (false, _) => Verdict::Learning,
        (true, true) => Verdict::Broken(rule.severity),
        (true, false) => Verdict::Kept,
    };
    let of_plan = |minor: f64| if pace.planned > 0.0 { minor / pace.planned } else { 0.0 };
    let reach = normal::two_sided_quantile(0.95) * (pace.done.max(0.0) * sizes.spread).sqrt();
    let mqls_of_plan = mql_pace.map_or(0.0, |mqls| mqls.done / mqls.planned.max(1.0));
    let day_start = |day: Day| EventTime(place.scene.terms.days.day_start_ms(day.0));
    let told_mqls = mqls.map_or_else(String::new, |target| mql_plan(revenue, target));
    let (value, name) = (of_plan(pace.done), currency.as_str());
    let measured = Measured {
        value,
        baseline: Some(1.0),
        threshold: 1.0 - of_plan(limit * sd),
        interval: Some((of_plan(pace.done - reach).max(0.0), of_plan(pace.done + reach))),
        n: self::sizes(place, currency, pace.from).n,
        excluded_immature: 0,
        window: (revenue.from.max(day_start(pace.from)), day_start(place.scene.today)),
        owner: OwnerTeam::Marketing,
        evidence: Named::default(),
        summary: format!(
            "{} of the period is over{}: MQLs are at {} of {told_mqls} so far, marketing-sourced revenue in {name} \
             at {} of its.",
            percent(pace.elapsed),
            counted_from(place, revenue, pace.from),
            percent(mqls_of_plan),
            percent(value),
        ),
        advice: ADVICE.to_owned(),
        resolved: format!(
            "Resolved: MQLs are at {} of {told_mqls} so far, marketing-sourced revenue in {name} at {} of its.",
            percent(mqls_of_plan),
            percent(value),
        ),
        sum: sum(currency, (pace, mql_pace), sizes, (limit, sd)),
    };
    Finding { subject: currency.as_str().into(), verdict, is_settled: true, measured }
}

const ADVICE: &str = "Marketing: look at which campaigns bring MQLs that never become deals, and move money to those \
                      that do. Sales: say which open deals of marketing's could still close in this period, and \
                      what they wait for.";

/// Which plan of MQLs is meant: its period is said where it is not that of the revenue.
fn mql_plan(revenue: &Target, mqls: &Target) -> String {
    let day = |at: EventTime| at.rfc3339().get(..10).unwrap_or_default().to_owned();
    match (mqls.from, mqls.to) == (revenue.from, revenue.to) {
        true => "their plan".to_owned(),
        false => format!("their plan of {} to {}", day(mqls.from), day(mqls.to)),
    }
}

/// Says since when anything is counted, where that is not the whole period.
fn counted_from(place: &Place<'_>, revenue: &Target, from: Day) -> String {
    let days = &place.scene.terms.days;
    match from.0 > days.local_day(revenue.from.0) {
        true => format!(" and counted, from {} on", from.date()),
        false => String::new(),
    }
}

/// An alert whose period is over, or has no target any more.
fn over(place: &Place<'_>, subject: &Text) -> Finding {
    let now = place.scene.at.start();
    let measured = Measured {
        value: 0.0,
        baseline: None,
        threshold: 0.0,
        interval: None,
        n: 0,
        excluded_immature: 0,
        window: (now, now),
        owner: OwnerTeam::Marketing,
        evidence: Named::default(),
        summary: String::new(),
        advice: ADVICE.to_owned(),
        resolved: format!(
            "Resolved: the period is over, and none with a target for revenue in {subject} runs."
        ),
        sum: Sum::default(),
    };
    Finding { subject: subject.clone(), verdict: Verdict::Kept, is_settled: true, measured }
}

fn pace(place: &Place<'_>, target: &Target, done: impl Fn(Day, Day) -> i64) -> Pace {
    let scene = place.scene;
    let [begins, to] = [target.from, target.to].map(|at| Day(scene.terms.days.local_day(at.0)));
    // Of what lies before nothing is known: the plan is that of the days since.
    let from = first_counted(place).max(begins);
    let all = scene.business_days(begins, to).max(1) as f64;
    let elapsed = scene.business_days(from, scene.today.min(to)) as f64 / all;
    Pace { from, elapsed, planned: target.value as f64 * elapsed, done: done(from, scene.today) as f64 }
}

/// The first day that is kept on which a lead became an MQL, or a deal was opened or won.
fn first_counted(place: &Place<'_>) -> Day {
    let counted = [Measure::Entered(Stage::Mql), Measure::DealsOpened, Measure::DealsWon];
    let first = counted.iter().filter_map(|measure| place.segment.series(*measure, "").first_day()).min();
    first.unwrap_or(place.scene.today).max(place.scene.today.plus(-DAYS_KEPT))
}

/// The sizes of deals that were won from a day on.
fn sizes(place: &Place<'_>, currency: Currency, from: Day) -> Sizes {
    let buckets = &place.scene.terms.buckets;
    let series = place.segment.series(Measure::SourcedWonSize, currency.as_str());
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    for (_, bucket, count) in series.each_grade(from, place.scene.today) {
        let (count, size) = (count.max(0) as u64, buckets.estimate(bucket));
        n += count;
        sum += count as f64 * size;
        squares += count as f64 * size * size;
    }
    Sizes { n, spread: if sum > 0.0 { squares / sum } else { 0.0 } }
}

/// How the paces come about, in minor units.
fn sum(currency: Currency, (pace, mqls): (Pace, Option<Pace>), sizes: Sizes, (limit, sd): (f64, f64)) -> Sum {
    let mut sum = Sum::default();
    sum.figure(
        "part of the period that is over",
        pace.elapsed,
        "business days of marketing that are over, of all",
    );
    if let Some(mqls) = mqls {
        sum.figure("MQLs asked for by now", mqls.planned, "target x the part that is over");
        sum.figure("MQLs", mqls.done, "since the period began");
    }
    sum.figure("revenue asked for by now", pace.planned, "target x the part that is over, in minor units");
    sum.figure(
        "revenue",
        pace.done,
        "won by deals that marketing sourced since the period began, in minor units",
    );
    let value = if pace.planned > 0.0 { pace.done / pace.planned } else { 0.0 };
    sum.figure("value", value, "revenue / revenue asked for by now");
    sum.figure("behind", pace.planned - pace.done, "revenue asked for by now - revenue");
    sum.figure("spread of a deal", sizes.spread, format!("E[x^2] / E[x] of {} deals that were won", sizes.n));
    sum.figure("spread of the revenue", sd, "root of (revenue asked for by now x spread of a deal)");
    sum.figure("too far behind", limit * sd, format!("{limit:.2} times that spread"));
    let minor = (pace.planned - pace.done).round() as i64;
    if minor > 0 {
        sum.at_risk.push(AtRisk { currency, minor });
    }
    sum
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.revenue_pace.as_ref()?;
    Some(Statement {
        rule: Rule::RevenuePace.name(),
        sign: Rule::RevenuePace.sign(),
        says: "The MQLs are on plan, the revenue that they are for is not.".to_owned(),
        counts:
            "Won revenue of deals that marketing sourced, by the day of the win: the deal's origin or, where \
                 none is said, that its lead was an MQL before it was opened."
                .to_owned(),
        out_of:
            "The target for the part of the period's business days that is over, each currency by itself, of \
                 the whole company."
                .to_owned(),
        window: "The period of the target for revenue that runs.".to_owned(),
        left_out:
            "Deals that are still open, deals without an amount, and the part of the plan that is for days \
                   before anything was counted."
                .to_owned(),
        usual: "The plan: a compound Poisson sum of deals of the sizes that were won so far.".to_owned(),
        least: format!(
            "Until {} of the period is over, that of the MQLs as well, and {} deals of known size were won.",
            percent(rule.least_elapsed.as_f64()),
            rule.min_n
        ),
        speaks: format!(
            "{} when the MQLs are on plan and the revenue is so far behind that a plan which is kept \
                         would be so rarely.",
            spoken(rule.severity)
        ),
        false_alarms: format!(
            "{} a month for the company, a look each business day.",
            rule.alerts_per_month.as_f64()
        ),
        stays: "Half of the gap must be made up; the MQLs stay on plan with nine tenths of it.".to_owned(),
        over: "Half of the gap is made up, the MQLs fall behind as well, or the period is over.".to_owned(),
        blind_to:
            "Deals that close in another period than their leads came in, and a plan that was never in reach."
                .to_owned(),
        act: ADVICE.to_owned(),
    })
}
