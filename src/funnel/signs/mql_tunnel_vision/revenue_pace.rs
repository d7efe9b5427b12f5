//! `revenue_pace`: the MQLs are on plan, the revenue that they are for is not.
//!
//! In a period for which marketing has targets for revenue and for MQLs, both are held against their plan as of the
//! business days of marketing that are over, of all those of the period. Revenue is that of won deals which marketing
//! sourced, by the day of the win. If the plan is kept, it is a compound Poisson sum: with deals of the sizes that
//! were won in the time that is kept, its variance is plan · E(x²) ÷ E(x). Broken when the MQLs are on plan and the
//! revenue lies so far below that a plan which is kept comes to it with a probability of at most alerts a month ÷ 21
//! (each business day looks once; the normal limit is on the safe side, since deals are skewed to the right).
//! Learning before `least_elapsed` of the period is over, and with fewer than `min_n` deals of known size. Once it
//! fires it holds until the MQLs fall behind too or half of the gap is made up. The whole company alone is judged,
//! each currency by itself. Blind to: deals that close in another period than their leads came in, and a plan that
//! was never in reach.

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
use crate::funnel::segment::series::Day;

/// The rule.
pub const REVENUE_PACE: ProgramRule =
    ProgramRule { rule: Rule::RevenuePace, of_all_alone: true, clear_days: at_once, read };

/// How a target stands as of today.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Which part of the period's business days is over.
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
    let sizes = sizes(place, currency);
    let a_look = rule.alerts_per_month.as_f64() / MONTH_BUSINESS_DAYS as f64;
    let limit = normal::quantile(1.0 - a_look.min(0.5));
    let sd = (pace.planned * sizes.spread).sqrt();
    let behind = pace.planned - pace.done;
    let is_on_plan = mql_pace.is_some_and(|mqls| mqls.done >= mqls.planned);
    let is_known = sizes.n >= u64::from(rule.min_n) && pace.elapsed >= rule.least_elapsed.as_f64();
    let held = if place.is_alive(currency.as_str()) { limit / 2.0 } else { limit };
    let verdict = match (is_known && mql_pace.is_some(), is_on_plan && sd > 0.0 && behind >= held * sd) {
        (false, _) => Verdict::Learning,
        (true, true) => Verdict::Broken(rule.severity),
        (true, false) => Verdict::Kept,
    };
    let of_plan = |minor: f64| if pace.planned > 0.0 { minor / pace.planned } else { 0.0 };
    let from = Day(place.scene.terms.days.local_day(revenue.from.0));
    let n = place.segment.series(Measure::SourcedWon, "").days(from, place.scene.today);
    let reach = normal::two_sided_quantile(0.95) * (pace.done.max(0.0) * sizes.spread).sqrt();
    let mqls_of_plan = mql_pace.map_or(0.0, |mqls| mqls.done / mqls.planned.max(1.0));
    let (value, name) = (of_plan(pace.done), currency.as_str());
    let measured = Measured {
        value,
        baseline: Some(1.0),
        threshold: 1.0 - of_plan(limit * sd),
        interval: Some((of_plan(pace.done - reach).max(0.0), of_plan(pace.done + reach))),
        n: n.max(0) as u64,
        excluded_immature: 0,
        window: (revenue.from, EventTime(place.scene.terms.days.day_start_ms(place.scene.today.0))),
        owner: OwnerTeam::Marketing,
        evidence: Named::default(),
        summary: format!(
            "{} of the period is over: MQLs are at {} of their plan so far, marketing-sourced revenue in {name} at \
             {}.",
            percent(pace.elapsed),
            percent(mqls_of_plan),
            percent(value),
        ),
        advice: ADVICE.to_owned(),
        resolved: format!(
            "Resolved: MQLs are at {} of their plan so far, marketing-sourced revenue in {name} at {}.",
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
    let [from, to] = [target.from, target.to].map(|at| Day(scene.terms.days.local_day(at.0)));
    let all = scene.business_days(from, to).max(1) as f64;
    let elapsed = scene.business_days(from, scene.today.min(to)) as f64 / all;
    Pace { elapsed, planned: target.value as f64 * elapsed, done: done(from, scene.today) as f64 }
}

fn sizes(place: &Place<'_>, currency: Currency) -> Sizes {
    let buckets = &place.scene.terms.buckets;
    let series = place.segment.series(Measure::SourcedWonSize, currency.as_str());
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    for (_, bucket, count) in series.each_grade(Day(i32::MIN), place.scene.today) {
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
        left_out: "Deals that are still open, and deals without an amount.".to_owned(),
        usual: "The plan: a compound Poisson sum of deals of the sizes that were won so far.".to_owned(),
        least: format!(
            "Until {} of the period is over and {} deals of known size were won.",
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
        stays: "Half of the gap must be made up.".to_owned(),
        over: "Half of the gap is made up, the MQLs fall behind as well, or the period is over.".to_owned(),
        blind_to:
            "Deals that close in another period than their leads came in, and a plan that was never in reach."
                .to_owned(),
        act: ADVICE.to_owned(),
    })
}
