//! `no_revenue_target`: marketing has a target for MQLs and none for revenue.
//!
//! Broken while a period runs in which marketing has a target for MQLs, `grace` business days of marketing of it are
//! over, and no target of marketing for revenue, in whatever currency, has a period in common with it. It needs no
//! statistics: it is what was set. Without a target for MQLs it has nothing to say (learning). The whole company
//! alone is judged. Blind to: targets that are set and not told, and to what they are worth to those who have them.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::explanation::Sum;
use crate::model::words::TargetMeasure;

use super::super::program_rule::{Finding, Place, ProgramRule};
use super::super::rule::Rule;
use super::super::statement::{Statement, spoken};
use super::super::{Measured, Resolved, Verdict};
use super::targets::{self, Target};
use crate::funnel::segment::book::Named;
use crate::funnel::segment::series::Day;

/// What there is to do.
const ADVICE: &str = "Marketing and sales: set a target for the revenue that comes of marketing's leads in this \
                      period, however rough, and look at both numbers in one meeting.";

/// What there is to do when the period ends without one.
const ADVICE_WITHOUT: &str = "Nothing is mended: no target for revenue was set. Set one together with the next one for \
                              MQLs.";

/// The rule.
pub const NO_REVENUE_TARGET: ProgramRule = ProgramRule::of_all(Rule::NoRevenueTarget, read);

fn read(place: &Place<'_>) -> Vec<Finding> {
    let Some(rule) = &place.definitions().rules.no_revenue_target else { return Vec::new() };
    let scene = place.scene;
    let now = scene.at.start();
    let targets = targets::of_marketing(scene);
    let of = |measure| targets.iter().filter(move |target| target.measure == measure);
    let running = of(TargetMeasure::Mql).filter(|target| target.holds(now));
    let period = running.min_by_key(|target| (target.from, target.to)).copied();
    let Some(period) = period else {
        let measured = measured(place, None, 0);
        return vec![Finding {
            subject: Default::default(),
            verdict: Verdict::Learning,
            is_settled: true,
            measured,
        }];
    };
    let revenue = of(TargetMeasure::Revenue).filter(|target| target.overlaps(&period)).count();
    let first = Day(scene.terms.days.local_day(period.from.0));
    let is_settled = scene.business_days(first, scene.today) >= u64::from(rule.grace_days);
    let verdict = match revenue == 0 && is_settled {
        true => Verdict::Broken(rule.severity),
        false => Verdict::Kept,
    };
    let measured = measured(place, Some(period), revenue as u64);
    vec![Finding { subject: Default::default(), verdict, is_settled: true, measured }]
}

fn measured(place: &Place<'_>, period: Option<Target>, revenue: u64) -> Measured {
    let now = place.scene.at.start();
    let says = match (period, revenue) {
        (None, _) => "Resolved: marketing has no target for MQLs in a period that runs.",
        (_, 0) => "Resolved: a new period has begun, and there is time left to set a target for revenue.",
        _ => "Resolved: marketing has a target for revenue beside the one for MQLs.",
    };
    let is_set = period.is_some() && revenue > 0;
    Measured {
        value: revenue as f64,
        baseline: None,
        threshold: 1.0,
        interval: None,
        n: 1,
        excluded_immature: 0,
        window: period.map_or((now, now), |period| (period.from, period.to)),
        owner: OwnerTeam::Marketing,
        evidence: Named::default(),
        summary: format!(
            "Marketing has a target of {} MQLs for this period and none for revenue.",
            period.map_or(0, |period| period.value)
        ),
        advice: ADVICE.to_owned(),
        resolved: Resolved::by(is_set, says.to_owned(), ADVICE_WITHOUT),
        sum: sum(period, revenue),
    }
}

fn sum(period: Option<Target>, revenue: u64) -> Sum {
    let mut sum = Sum::default();
    if let Some(period) = period {
        sum.figure("target for MQLs", period.value as f64, "as set for the period that runs");
    }
    sum.figure("value", revenue as f64, "how many targets for revenue have a day in common with that period");
    sum
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.no_revenue_target.as_ref()?;
    Some(Statement {
        rule: Rule::NoRevenueTarget.name(),
        sign: Rule::NoRevenueTarget.sign(),
        says: "Marketing has a target for MQLs and none for revenue.".to_owned(),
        counts:
            "Targets of marketing for revenue, in any currency, that overlap the period of its one for MQLs."
                .to_owned(),
        out_of: "The period that runs, of the whole company.".to_owned(),
        window: "That period.".to_owned(),
        left_out: "Periods that have not begun.".to_owned(),
        usual: "At least one.".to_owned(),
        least: "While no target for MQLs runs.".to_owned(),
        speaks: format!(
            "{} once {} business days of the period are over without one.",
            spoken(rule.severity),
            rule.grace_days
        ),
        false_alarms: "None by chance: it is what was set.".to_owned(),
        stays: "It stands until one is set or the period is over.".to_owned(),
        over: "A target for revenue is set, or the period is over.".to_owned(),
        blind_to: "Targets that are set and not told, and what they are worth to those who have them."
            .to_owned(),
        act: ADVICE.to_owned(),
    })
}
