//! The rules over targets (sign 1): `no_revenue_target` and `revenue_pace`.
//!
//! Rules: `src/funnel/semantics.md`, under their names.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::programs::{Finding, Look, ProgramRule};
use crate::model::alert::OwnerTeam;
use crate::model::delta::Evidence;
use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::money::Currency;
use crate::model::words::{Family, Stage, Step, TargetMeasure};
use crate::model::{EventTime, Minute, Text};
use crate::stats::interval::{Confidence, Interval};
use crate::stats::{normal, poisson};

use super::message::{Reading, newest};

/// Business days in a month.
const MONTH_DAYS: f64 = 21.0;

pub(super) const NO_REVENUE_TARGET: ProgramRule = ProgramRule {
    name: "no_revenue_target",
    sign: 1,
    of_all_alone: true,
    rests_on: &[Family::Programs],
    severity: |rules| Some(rules.no_revenue_target.as_ref()?.severity),
    is_wanted: |_| false,
    is_judged: |_| true,
    read: no_revenue_target,
};

pub(super) const REVENUE_PACE: ProgramRule = ProgramRule {
    name: "revenue_pace",
    sign: 1,
    of_all_alone: true,
    rests_on: &[Family::Leads, Family::Deals],
    severity: |rules| Some(rules.revenue_pace.as_ref()?.severity),
    is_wanted: |measure| {
        matches!(
            measure,
            Measure::SourcedWon
                | Measure::SourcedWonAmount
                | Measure::SourcedWonSize
                | Measure::DealsOpened
                | Measure::DealsWon
                | Measure::Entered(Stage::Mql)
        )
    },
    is_judged: |_| true,
    read: revenue_pace,
};

/// A target of marketing.
#[derive(Clone, Copy)]
struct Target {
    measure: TargetMeasure,
    from: EventTime,
    to: EventTime,
    currency: Option<Currency>,
    value: i64,
}

impl Target {
    fn contains(&self, at: EventTime) -> bool {
        self.from <= at && at < self.to
    }
}

/// Those that hold: of each measure, period and currency the last one.
fn targets(look: &Look) -> Vec<Target> {
    let mut targets = BTreeMap::new();
    for fact in look.judged.programs(look.at) {
        if let Says::TargetSet { team, measure, from, to, value, currency } = fact.says
            && team == "marketing"
        {
            let target = Target { measure, from, to, currency, value };
            targets.insert((from, to, measure, currency), target);
        }
    }
    targets.into_values().collect()
}

/// The one for MQLs whose period runs, the earliest period first.
fn of_mqls(targets: &[Target], at: EventTime) -> Option<Target> {
    let mut running = targets.iter().filter(|target| target.contains(at));
    running.find(|target| target.measure == TargetMeasure::Mql).copied()
}

fn no_revenue_target(look: &Look) -> Vec<Finding> {
    let Some(rule) = &look.judged.rulebook.definitions.rules.no_revenue_target else { return vec![] };
    let (targets, now) = (targets(look), look.at.start());
    let period = of_mqls(&targets, now);
    let overlapping = period.map_or(0, |period| {
        let overlaps = |target: &&Target| {
            target.measure == TargetMeasure::Revenue
                && target.from.max(period.from) < target.to.min(period.to)
        };
        targets.iter().filter(overlaps).count()
    });
    let has_run = period.is_some_and(|period| {
        let first = look.judged.rulebook.days.day_of(period.from);
        look.judged.business_days(first, look.day) >= usize::from(rule.grace_days)
    });
    let reading = Reading {
        value: overlapping as f64,
        baseline: None,
        threshold: 1.0,
        interval: None,
        n: 1,
        excluded_immature: 0,
        window: period.map_or((now, now), |period| (period.from, period.to)),
        evidence: vec![],
        owner_team: OwnerTeam::Marketing,
        at_risk: None,
    };
    let is_broken = has_run && overlapping == 0;
    vec![Finding { subject: Text::default(), is_broken, is_unknown: false, clear_days: 0, reading }]
}

/// With an alert, MQLs on so many parts of their plan are on plan.
const STILL_ON_PLAN: f64 = 0.9;
/// Days are kept for so many.
const KEPT_DAYS: i32 = 400;

/// How far a period is, and what was to be done by then and is, from the first day of it that is counted.
#[derive(Clone, Copy)]
struct Pace {
    from: i32,
    elapsed: f64,
    plan: f64,
    done: f64,
}

fn pace(look: &Look, target: Target, before: i32, family: Family, done: impl Fn(i32, i32) -> i64) -> Pace {
    let days = &look.judged.rulebook.days;
    let (begins, to) = (days.day_of(target.from), days.day_of(target.to));
    let of = [Measure::Entered(Stage::Mql), Measure::DealsOpened, Measure::DealsWon];
    let counted = of.iter().flat_map(|measure| look.counted.each("all", *measure));
    let first = counted.filter(|of| of.3 != 0).map(|of| of.1).min().unwrap_or(look.day);
    // Of deals that were opened before the log began nobody knows who sourced them.
    let horizon = look.judged.rulebook.definitions.horizons.get(&Step::MqlToWon);
    let is_young = family == Family::Deals && look.day - first < KEPT_DAYS - 30;
    let unknown = if is_young { horizon.map_or(90, |days| i32::from(*days)) } else { 0 };
    let from = begins.max(first + unknown).max(look.day - KEPT_DAYS);
    let from = from.min(before.min(to).max(begins));
    let all = look.judged.business_days(begins, to).max(1);
    let elapsed = look.judged.business_days(from, before.min(to)) as f64 / all as f64;
    let is_told = |day: &i32| is_told(look, *day, family);
    let told = (from..before.min(to)).filter(is_told);
    let told = told.map(|day| look.judged.business_days(day, day + 1)).sum::<usize>() as f64 / all as f64;
    let done: i64 = (from..before.min(to)).filter(is_told).map(|day| done(day, day + 1)).sum();
    Pace { from, elapsed, plan: target.value as f64 * told, done: done as f64 }
}

/// Whether nothing of a day is unknown.
fn is_told(look: &Look, day: i32, family: Family) -> bool {
    let day_of = |at: Minute| look.judged.rulebook.days.day_of(at.start());
    let of = |(from, to): &(Minute, Minute)| day_of(*from)..=day_of(to.plus(-1));
    !look.outages(family).iter().any(|outage| of(outage).contains(&day))
}

/// The deals of a currency, or their leads, that make up the revenue of the days `[from, before)`.
fn names_of_won(look: &Look, currency: &str, from: i32, before: i32) -> Vec<Text> {
    let is_won = |of: &Evidence| {
        let day = look.judged.rulebook.days.day_of(of.slice.start());
        of.measure == Measure::SourcedWonSize
            && of.subject == currency
            && (from..before).contains(&day)
            && is_told(look, day, Family::Deals)
    };
    newest(look.judged, &Text::const_new("all"), look.at, is_won)
}

fn revenue_pace(look: &Look) -> Vec<Finding> {
    let targets = targets(look);
    let mut findings: Vec<Finding> = vec![];
    for target in targets.iter().filter(|target| target.contains(look.at.start())) {
        let Some(currency) = target.currency.filter(|_| target.measure == TargetMeasure::Revenue) else {
            continue;
        };
        // The targets are in the order of their periods.
        let known = findings.iter().any(|finding| finding.subject == currency.as_str());
        let began = look.alive.get(currency.as_str());
        if !known && began.is_none_or(|began| target.from <= began.start()) {
            let period = Period { target: *target, currency, at: look.at.start(), before: look.day };
            findings.extend(of_currency(look, &targets, &period));
        }
    }
    for (subject, began) in look.alive {
        if findings.iter().any(|finding| finding.subject == *subject) {
            continue;
        }
        let over = targets.iter().filter_map(|target| {
            let currency = target.currency.filter(|currency| subject == currency.as_str())?;
            let is_told = target.measure == TargetMeasure::Revenue && target.contains(began.start());
            let before = look.judged.rulebook.days.day_of(target.to).min(look.day);
            (is_told && target.to <= look.at.start()).then_some(Period {
                target: *target,
                currency,
                at: began.start(),
                before,
            })
        });
        // Of several the one that ended last, and of these the longest.
        let over = over.max_by_key(|period| (period.target.to, Reverse(period.target.from)));
        let finding = over.and_then(|period| of_currency(look, &targets, &period));
        if let Some(finding) = finding {
            findings.push(Finding { is_broken: false, ..finding });
        } else {
            let reading = Reading {
                value: 0.0,
                baseline: None,
                threshold: 0.0,
                interval: None,
                n: 0,
                excluded_immature: 0,
                window: (look.at.start(), look.at.start()),
                evidence: vec![],
                owner_team: OwnerTeam::Marketing,
                at_risk: None,
            };
            let subject = subject.clone();
            findings.push(Finding { subject, is_broken: false, is_unknown: false, clear_days: 0, reading });
        }
    }
    findings
}

/// A period of a target for revenue, up to a day; the plan for MQLs is the one of a moment.
struct Period {
    target: Target,
    currency: Currency,
    at: EventTime,
    before: i32,
}

fn of_currency(look: &Look, targets: &[Target], period: &Period) -> Option<Finding> {
    let &Period { target, currency, at, before } = period;
    let rulebook = look.judged.rulebook;
    let rule = rulebook.definitions.rules.revenue_pace.as_ref()?;
    let (subject, counted) = (Text::from(currency.as_str()), look.counted);
    let won = |from: i32, to: i32| {
        let all = counted.each("all", Measure::SourcedWonAmount);
        all.filter(|of| *of.0 == subject && from <= of.1 && of.1 < to).map(|of| of.3).sum()
    };
    let revenue = pace(look, target, before, Family::Deals, won);
    let entered = |from: i32, to: i32| counted.sum("all", Measure::Entered(Stage::Mql), from, to);
    let mqls = of_mqls(targets, at).map(|mqls| pace(look, mqls, before, Family::Leads, entered));
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    for (of, day, bucket, count) in counted.each("all", Measure::SourcedWonSize) {
        if *of == subject && day < look.day {
            let x = rulebook.buckets.estimate(bucket);
            n += count;
            sum += count as f64 * x;
            squares += count as f64 * x * x;
        }
    }
    let spread = if sum > 0.0 { squares / sum } else { 0.0 };
    let deviation = (revenue.plan * spread).sqrt();
    let z = normal::quantile(1.0 - (rule.alerts_per_month.as_f64() / MONTH_DAYS).min(0.5));
    let is_alive = look.alive.contains_key(&subject);
    let needed = if is_alive { z / 2.0 } else { z };
    let least = rule.least_elapsed.as_f64();
    let is_known = n >= i64::from(rule.min_n) && revenue.elapsed >= least;
    let are_mqls_on_plan = mqls.is_some_and(|mqls| match (mqls.elapsed >= least, is_alive) {
        (true, true) => mqls.done >= STILL_ON_PLAN * mqls.plan,
        (true, false) => mqls.done >= mqls.plan,
        (false, is_alive) => is_alive,
    });
    let behind = revenue.plan - revenue.done;
    let mean = if n > 0 { sum / n as f64 } else { 0.0 };
    let unseen = unseen(look, targets, target, revenue.from, before);
    let is_behind = deviation > 0.0
        && behind >= needed * deviation
        && behind - unseen as f64 * mean >= needed * deviation;
    let of_plan = |minor: f64| if revenue.plan > 0.0 { minor / revenue.plan } else { 0.0 };
    let counts_as = if spread > 0.0 { revenue.done.max(0.0) / spread } else { 0.0 };
    let of_deals = poisson::garwood_of(counts_as, Confidence::P95);
    let of_period = counted.each("all", Measure::SourcedWonSize);
    let of_period =
        of_period.filter(|(of, day, _, _)| **of == subject && revenue.from <= *day && *day < before);
    let wins = of_period.map(|of| of.3).sum::<i64>().max(0) as u64;
    let reading = Reading {
        value: of_plan(revenue.done),
        baseline: Some(1.0),
        threshold: 1.0 - of_plan(z * deviation),
        interval: (deviation > 0.0)
            .then(|| Interval { low: of_plan(of_deals.low * spread), high: of_plan(of_deals.high * spread) }),
        n: wins,
        excluded_immature: 0,
        window: (
            target.from.max(rulebook.days.start_of(revenue.from).start()),
            rulebook.days.start_of(before).start(),
        ),
        evidence: names_of_won(look, &subject, revenue.from, before),
        owner_team: OwnerTeam::Marketing,
        at_risk: Some((behind.round() as i64, currency)).filter(|&(minor, _)| minor > 0),
    };
    let is_broken = is_known && are_mqls_on_plan && is_behind;
    Some(Finding { subject, is_broken, is_unknown: false, clear_days: 0, reading })
}

/// Of the deals that marketing sourced, won on the days `[from, to)`, those that count for no target: they have no
/// amount, or one in a currency for which no target has a moment in common with this one.
fn unseen(look: &Look, targets: &[Target], target: Target, from: i32, to: i32) -> i64 {
    let won = look.counted.sum("all", Measure::SourcedWon, from, to);
    let overlapping = targets.iter().filter(|of| of.from.max(target.from) < of.to.min(target.to));
    let planned: Vec<Currency> = overlapping.filter_map(|of| of.currency).collect();
    let sizes = look.counted.each("all", Measure::SourcedWonSize);
    let of_plan = sizes.filter(|(currency, day, _, _)| {
        (from..to).contains(day) && planned.iter().any(|planned| *currency == planned.as_str())
    });
    won - of_plan.map(|of| of.3).sum::<i64>()
}
