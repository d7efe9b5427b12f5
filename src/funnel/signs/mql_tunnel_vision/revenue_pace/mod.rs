//! `revenue_pace`: the MQLs are on plan, the revenue that they are for is not.
//!
//! In a period for which marketing has targets for revenue and for MQLs, both are held against their plan as of the
//! business days of marketing that are over, of all those of the period. Revenue is that of won deals which marketing
//! sourced, by the day of the win. If the plan is kept, it is a compound Poisson sum: with deals of the sizes that
//! were won in the time that is kept, its variance is plan · E(x²) ÷ E(x). Broken when the MQLs are on plan and the
//! revenue lies so far below that a plan which is kept comes to it with a probability of at most alerts a month ÷ 21
//! (each business day looks once; the normal limit is on the safe side, since deals are skewed to the right).
//! Learning before `least_elapsed` of the period is over, that of the MQLs as well, and with fewer than `min_n` deals
//! of known size; also where deals were won whose amount is not known, or is in a currency without a target, and with
//! these at the usual size the revenue would not be too far behind: what is not recorded is not missing. Taking them
//! at the mean takes away from the variance, so the promise holds. Of deals that were opened before the log began
//! nobody knows who sourced them, so revenue is held against the plan of the days after the first
//! `funnel.horizons.mql_to_won`. Once it fires it holds until the MQLs fall to below nine tenths of their plan, half
//! of the gap is made up, or the period ends, and says how it ended. Of a period that began before these were over,
//! the plan is that of the days since. The whole company alone is judged, each currency by itself. Blind to: deals
//! that close in another period than their leads came in, and a plan that was never in reach.

mod statement;
mod sum;

use std::cmp::Reverse;
use std::collections::BTreeSet;

use crate::model::alert::OwnerTeam;
use crate::model::definitions::RevenuePace;
use crate::model::explanation::Sum;
use crate::model::measure::Measure;
use crate::model::money::Currency;
use crate::model::words::{Family, Stage, TargetMeasure};
use crate::model::{EventTime, Text};
use crate::stats::interval::Confidence;
use crate::stats::{normal, poisson};

use super::super::program_rule::{Finding, Place, ProgramRule};
use super::super::rule::Rule;
use super::super::usual_share::MONTH_BUSINESS_DAYS;
use super::super::{Measured, Resolved, Verdict, percent};
use super::pace::{self, Pace, pace};
use super::targets::{self, Target};
use crate::funnel::journey::segments::ALL;
use crate::funnel::segment::book::{Behind, Named};
use crate::funnel::segment::series::Day;

pub use statement::statement;

/// The rule.
pub const REVENUE_PACE: ProgramRule = ProgramRule::of_all(Rule::RevenuePace, read);

/// While an alert lives MQLs are on plan with this part of it.
const MQLS_STAY: f64 = 0.9;

/// What there is to do.
const ADVICE: &str = "Marketing: look at which campaigns bring MQLs that never become deals, and move money to those \
                      that do. Sales: say which open deals of marketing's could still close in this period, and \
                      what they wait for.";
/// What there is to do when the period is over.
const ADVICE_ENDED: &str = "The period ended behind its plan, and nothing of that can be mended any more. Look \
                            together at what the next one needs.";
/// What there is to do when part of the gap is made up.
const ADVICE_NEARLY: &str = "The gap is so much smaller that it may be chance, and revenue is not on plan yet: go on \
                             with what helped.";
/// What there is to do when the MQLs fall behind.
const ADVICE_BOTH: &str = "Nothing is mended: the MQLs have fallen behind their plan as well. Look at both plans \
                           together.";
/// What there is to do when amounts are missing.
const ADVICE_UNSEEN: &str = "Nothing is known to be mended. Sales: record the amounts of the deals that were won, in \
                             the currency of the target. Operations: see whether they still reach the CRM's feed.";
/// What there is to do when it can no longer be judged.
const ADVICE_UNKNOWN: &str = "Nothing is known to be mended: there is too little to judge by. Set the targets of the \
                              period that runs.";

/// The sizes of deals in a currency.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    n: u64,
    /// E(x).
    mean: f64,
    /// E(x²) ÷ E(x).
    spread: f64,
}

/// Won deals that marketing sourced, and those of them that count for no plan.
#[derive(Clone, Copy, Debug)]
struct Won {
    n: u64,
    /// Those without an amount.
    without_amount: u64,
    /// Those in a currency for which there is no target.
    without_target: u64,
}

impl Won {
    fn unseen(&self) -> u64 {
        self.without_amount + self.without_target
    }

    /// A sentence, with a space before it; nothing where all count.
    fn sentence(&self) -> String {
        let parts = [
            (self.without_amount, "without an amount"),
            (self.without_target, "in a currency without a target"),
        ];
        let told = parts.iter().filter(|(n, _)| *n > 0).map(|(n, which)| format!("{n} {which}"));
        match self.unseen() {
            0 => String::new(),
            _ => format!(
                " Of {} deals won some count nowhere: {}.",
                self.n,
                told.collect::<Vec<_>>().join(", ")
            ),
        }
    }
}

/// The probability with which a look may tell of a plan that is kept.
fn a_look(rule: &RevenuePace) -> f64 {
    (rule.alerts_per_month.as_f64() / MONTH_BUSINESS_DAYS as f64).min(0.5)
}

/// A period of a target for revenue, and how both plans stand in it as of a day.
struct Course {
    currency: Currency,
    revenue: Target,
    pace: Pace,
    /// The target for MQLs, and how it stands.
    mqls: Option<(Target, Pace)>,
    sizes: Sizes,
    won: Won,
    /// How many standard deviations behind are too far.
    limit: f64,
    /// The standard deviation of the revenue, if the plan is kept.
    sd: f64,
    /// Up to which day it is looked at.
    until: Day,
}

impl Course {
    /// A period as it stands before a day; the plan of the MQLs is the earliest that holds at `at`.
    fn of(
        rule: &RevenuePace,
        place: &Place<'_>,
        revenue: &Target,
        at: EventTime,
        until: Day,
    ) -> Option<Course> {
        let currency = revenue.currency?;
        let targets = targets::of_marketing(place.scene);
        let won = place.segment.series(Measure::SourcedWonAmount, currency.as_str());
        let entered = place.segment.series(Measure::Entered(Stage::Mql), "");
        let mqls = targets.iter().filter(|target| target.measure == TargetMeasure::Mql && target.holds(at));
        let mqls = mqls.min_by_key(|target| (target.from, target.to)).copied();
        let course = pace(place, revenue, (until, Family::Deals), |from, to| won.days(from, to));
        let sizes = sizes(place, currency, Day(i32::MIN), place.scene.today);
        Some(Course {
            currency,
            revenue: *revenue,
            pace: course,
            mqls: mqls.map(|target| {
                let leads = (until, Family::Leads);
                (target, pace(place, &target, leads, |from, to| entered.days(from, to)))
            }),
            sizes,
            won: won_of(place, revenue, &targets, course.from, until),
            limit: normal::quantile(1.0 - a_look(rule)),
            sd: (course.planned * sizes.spread).sqrt(),
            until,
        })
    }

    fn of_plan(&self, minor: f64) -> f64 {
        if self.pace.planned > 0.0 { minor / self.pace.planned } else { 0.0 }
    }

    fn behind(&self) -> f64 {
        self.pace.planned - self.pace.done
    }

    /// How far behind it would be with the deals that count nowhere at their usual size.
    fn behind_at_least(&self) -> f64 {
        self.behind() - self.won.unseen() as f64 * self.sizes.mean
    }

    /// How both stand: `MQLs are at 130.0 % of their plan so far, marketing-sourced revenue in EUR at 78.0 % of its`.
    fn words(&self, rule: &RevenuePace, so_far: &str) -> String {
        let revenue = percent(self.of_plan(self.pace.done));
        let currency = self.currency.as_str();
        let mqls = match &self.mqls {
            None => "MQLs have no plan".to_owned(),
            Some((_, pace)) if pace.elapsed < rule.least_elapsed.as_f64() => {
                format!("{:.0} MQLs have come where {:.0} were asked for{so_far}", pace.done, pace.planned)
            }
            Some((target, pace)) => {
                let part = percent(pace.done / pace.planned.max(1.0));
                format!("MQLs are at {part} of {}{so_far}", mql_plan(&self.revenue, target))
            }
        };
        format!("{mqls}, marketing-sourced revenue in {currency} at {revenue} of its")
    }

    fn measured(
        &self,
        (rule, place): (&RevenuePace, &Place<'_>),
        summary: String,
        resolved: Resolved,
    ) -> Measured {
        let pace = self.pace;
        let day_start = |day: Day| EventTime(place.scene.terms.days.day_start_ms(day.0));
        let n = sizes(place, self.currency, pace.from, self.until).n;
        Measured {
            value: self.of_plan(pace.done),
            baseline: Some(1.0),
            threshold: self.threshold(),
            interval: self.interval(),
            n,
            excluded_immature: 0,
            window: (self.revenue.from.max(day_start(pace.from)), day_start(self.until)),
            owner: OwnerTeam::Marketing,
            evidence: self.evidence(place),
            summary,
            advice: ADVICE.to_owned(),
            resolved,
            sum: self.sum(rule, place, n),
        }
    }

    /// How much of the plan the revenue may be before it is too far behind.
    fn threshold(&self) -> f64 {
        1.0 - self.of_plan(self.limit * self.sd)
    }

    /// As many deals of the size that varies as much as these do as the revenue counts.
    fn wins(&self) -> f64 {
        if self.sizes.spread > 0.0 { self.pace.done.max(0.0) / self.sizes.spread } else { 0.0 }
    }

    /// The part of the plan that the revenue may stand for, at 95 %: Garwood's interval of as many deals as it counts
    /// as ([`poisson::garwood_of`]), so that no deal at all may stand for up to 3.7 of them; `None` where no size of a
    /// deal is known, or nothing was asked for.
    ///
    /// Simulated with log-normal sizes of σ 0.3 to 1.3, of which 20 or 150 were known: a normal interval covers 78 to
    /// 87 % where 3 deals are expected, 84 to 92 % where 8 are, and has no width with none. Of the honest ones that of
    /// the number of deals won, times their mean, covers 65 to 99 % where 0.5 to 50 are expected. This one covers 93
    /// to 99 %, less than 95 % only where sizes differ much (σ from 1 on) and 20 are known; with k rounded to whole
    /// deals, down for the lower end and up for the upper one, it would be 4 to 26 % wider and cover 94 to 99.5 %.
    fn interval(&self) -> Option<(f64, f64)> {
        let of_deals = poisson::garwood_of(self.wins(), Confidence::P95).scaled(self.sizes.spread);
        (self.sd > 0.0).then(|| (self.of_plan(of_deals.low), self.of_plan(of_deals.high)))
    }

    /// The deals that make up the revenue.
    fn evidence(&self, place: &Place<'_>) -> Named {
        let left_out = pace::left_out(place.scene, Family::Deals);
        let minutes = place.scene.minutes_but(self.pace.from, self.until, &left_out);
        place.scene.evidence(&Behind::sourced_won(self.currency.as_str()), ALL, &minutes)
    }
}

fn read(place: &Place<'_>) -> Vec<Finding> {
    let Some(rule) = &place.definitions().rules.revenue_pace else { return Vec::new() };
    let now = place.scene.at.start();
    let targets = targets::of_marketing(place.scene);
    let of_revenue = || targets.iter().filter(|target| target.measure == TargetMeasure::Revenue);
    let mut findings: Vec<Finding> = Vec::new();
    for revenue in of_revenue().filter(|target| target.holds(now)) {
        let Some(currency) = revenue.currency else { continue };
        let subject = currency.as_str();
        // Of several periods that run the first says it; an alert of one before is over.
        let is_said = findings.iter().any(|finding| finding.subject == subject);
        let is_of_before = place.alive_since(subject).is_some_and(|since| since < revenue.from);
        if !is_said && !is_of_before {
            findings.extend(of_running(rule, place, revenue));
        }
    }
    for alive in place.alive {
        if findings.iter().all(|finding| finding.subject != alive.subject) {
            let is_its = |target: &&Target| {
                target.currency.is_some_and(|currency| alive.subject == currency.as_str())
                    && target.holds(alive.since)
                    && target.to <= now
            };
            // It lived under the one that ended last.
            let spoken_of =
                of_revenue().filter(is_its).max_by_key(|target| (target.to, Reverse(target.from)));
            let ended = spoken_of.and_then(|target| of_ended(rule, place, target, alive.since));
            findings.push(ended.unwrap_or_else(|| without_target(place, &alive.subject)));
        }
    }
    findings
}

/// The period that runs.
fn of_running(rule: &RevenuePace, place: &Place<'_>, revenue: &Target) -> Option<Finding> {
    let course = Course::of(rule, place, revenue, place.scene.at.start(), place.scene.today)?;
    let subject = Text::from(course.currency.as_str());
    let is_alive = place.is_alive(&subject);
    let is_far = |pace: &Pace| pace.elapsed >= rule.least_elapsed.as_f64();
    let is_on_plan = |mqls: &Pace| match is_alive {
        true => !is_far(mqls) || mqls.done >= MQLS_STAY * mqls.planned,
        false => mqls.done >= mqls.planned,
    };
    let mqls = course.mqls.as_ref().map(|(_, pace)| pace);
    let are_mqls_known = mqls.is_some_and(|mqls| is_alive || is_far(mqls));
    let is_known = course.sizes.n >= u64::from(rule.min_n) && is_far(&course.pace) && are_mqls_known;
    let are_mqls_on_plan = mqls.is_some_and(is_on_plan);
    let held = if is_alive { course.limit / 2.0 } else { course.limit };
    let is_far_behind = |behind: f64| course.sd > 0.0 && behind >= held * course.sd;
    let (is_behind, is_surely) = (is_far_behind(course.behind()), is_far_behind(course.behind_at_least()));
    let verdict = match (is_known, are_mqls_on_plan && is_behind) {
        (false, _) => Verdict::Learning,
        (true, true) if !is_surely => Verdict::Learning,
        (true, true) => Verdict::Broken(rule.severity),
        (true, false) => Verdict::Kept,
    };
    let words = course.words(rule, " so far");
    let unseen = course.won.sentence();
    let summary = format!(
        "{} of the period is over{}: {words}.{unseen}",
        percent(course.pace.elapsed),
        counted_from(place, revenue, course.pace.from),
    );
    let says = format!("Resolved: {words}.{unseen}");
    let resolved = match is_known {
        false => Resolved::unmended(says, ADVICE_UNKNOWN),
        true if course.behind() <= 0.0 => Resolved::mended(says),
        true if !are_mqls_on_plan => Resolved::unmended(says, ADVICE_BOTH),
        true if is_behind => Resolved::unmended(says, ADVICE_UNSEEN),
        true => Resolved::unmended(says, ADVICE_NEARLY),
    };
    Some(Finding {
        subject,
        verdict,
        is_settled: true,
        measured: course.measured((rule, place), summary, resolved),
    })
}

/// An alert of a period that is over: it says how that ended.
fn of_ended(rule: &RevenuePace, place: &Place<'_>, revenue: &Target, since: EventTime) -> Option<Finding> {
    let until = Day(place.scene.terms.days.local_day(revenue.to.0)).min(place.scene.today);
    let course = Course::of(rule, place, revenue, since, until)?;
    let says = format!(
        "Resolved: the period is over{}. It ended so: {}.{}",
        counted_from(place, revenue, course.pace.from),
        course.words(rule, ""),
        course.won.sentence(),
    );
    let resolved = Resolved::by(course.behind() <= 0.0, says, ADVICE_ENDED);
    Some(Finding {
        subject: course.currency.as_str().into(),
        verdict: Verdict::Kept,
        is_settled: true,
        measured: course.measured((rule, place), String::new(), resolved),
    })
}

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

/// An alert of which nothing is known any more: no target of its currency runs, and none is known that ran.
fn without_target(place: &Place<'_>, subject: &Text) -> Finding {
    let now = place.scene.at.start();
    let says = format!("Resolved: no target for revenue in {subject} runs.");
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
        resolved: Resolved::unmended(says, ADVICE_UNKNOWN),
        sum: Sum::default(),
    };
    Finding { subject: subject.clone(), verdict: Verdict::Kept, is_settled: true, measured }
}

/// The sizes of deals that were won on the days `from..to`.
fn sizes(place: &Place<'_>, currency: Currency, from: Day, to: Day) -> Sizes {
    let buckets = &place.scene.terms.buckets;
    let series = place.segment.series(Measure::SourcedWonSize, currency.as_str());
    let (mut n, mut sum, mut squares) = (0, 0.0, 0.0);
    for (_, bucket, count) in series.each_grade(from, to) {
        let (count, size) = (count.max(0) as u64, buckets.estimate(bucket));
        n += count;
        sum += count as f64 * size;
        squares += count as f64 * size * size;
    }
    Sizes {
        n,
        mean: if n > 0 { sum / n as f64 } else { 0.0 },
        spread: if sum > 0.0 { squares / sum } else { 0.0 },
    }
}

/// The deals that were won on the days `from..to`, and those of them that count for no target which has a moment in
/// common with the period of `revenue`.
fn won_of(place: &Place<'_>, revenue: &Target, targets: &[Target], from: Day, to: Day) -> Won {
    let planned = targets.iter().filter(|target| target.overlaps(revenue));
    let planned: BTreeSet<&str> =
        planned.filter_map(|target| target.currency.as_ref()).map(Currency::as_str).collect();
    let n = place.segment.series(Measure::SourcedWon, "").days(from, to).max(0) as u64;
    let (mut with_amount, mut without_target) = (0, 0);
    for (currency, series) in place.segment.subjects(Measure::SourcedWonSize) {
        let won = series.each_grade(from, to).map(|(_, _, n)| n.max(0) as u64).sum::<u64>();
        with_amount += won;
        without_target += if planned.contains(currency.as_str()) { 0 } else { won };
    }
    Won { n, without_amount: n.saturating_sub(with_amount), without_target }
}
