//! The funnel of a whole history, exact to the millisecond: what `replay` writes as `funnel.json`.
//!
//! Counted from the journeys themselves, not from slices: a cohort is the month of a journey's first
//! `mql` entry in the definitions' zone, and its counts are the journeys of that cohort that have reached
//! the stage by the given boundary.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::model::entity::EntityKind;
use crate::model::fact::Says;
use crate::model::words::{Stage, Step, Verdict};
use crate::model::{DAY_MS, Minute, Text};
use crate::stats::quantile::{Level, interpolated};

use super::journey::{Row, Stages, View, segments};
use super::terms::Terms;

/// The funnel by cohort, and its steps.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Report {
    /// One for each segment and month, sorted.
    pub cohorts: Vec<Cohort>,
    /// One for each segment and step, sorted by segment, steps in the order of the funnel.
    pub steps: Vec<StepReport>,
}

/// The journeys of a segment that first became MQLs in a month.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[allow(missing_docs, reason = "counts of journeys that reached the stage of that name")]
pub struct Cohort {
    /// `all` or `k=v[,k=v]`.
    pub segment: Text,
    /// `YYYY-MM`.
    pub month: String,
    pub mql: u64,
    pub sal: u64,
    pub sql: u64,
    pub opportunity: u64,
    pub won: u64,
    /// Not won, and disqualified or with every deal lost.
    pub lost: u64,
}

/// How a step went over the whole history.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StepReport {
    /// `all` or `k=v[,k=v]`.
    pub segment: Text,
    /// E.g. `mql_to_sql`.
    pub step: Step,
    /// Journeys that reached the first stage.
    pub entered: u64,
    /// Those of them that reached the second.
    pub converted: u64,
    /// Median days between the two (linear between neighbours); `None` if nobody converted.
    pub days_p50: Option<f64>,
    /// 90th percentile of the same.
    pub days_p90: Option<f64>,
}

#[derive(Default)]
struct StepCount {
    entered: u64,
    took_ms: Vec<u64>,
}

/// Counts the journeys in `rows` as they stand at `boundary`.
pub fn report<'a>(rows: impl Iterator<Item = &'a Row>, terms: &Terms, boundary: Minute) -> Report {
    let mut cohorts: BTreeMap<(Text, (i32, u8)), Cohort> = BTreeMap::new();
    let mut steps: BTreeMap<(Text, Step), StepCount> = BTreeMap::new();
    for row in rows.filter(|row| row.entity.kind != EntityKind::Program) {
        let view = View::at(row, boundary);
        if !view.has_lead {
            continue;
        }
        let stages = Stages::of(&view);
        let names = segments::of(row, terms, boundary);
        for name in &names {
            for &step in Step::ALL {
                if stages.reached(step.from()).is_some() {
                    let count = steps.entry((name.clone(), step)).or_default();
                    count.entered += 1;
                    count.took_ms.extend(stages.took_ms(step).map(|ms| ms.max(0) as u64));
                }
            }
        }
        let Some(mql_at) = stages.reached(Stage::Mql) else { continue };
        let (year, month) = terms.days.month_of(terms.days.local_day(mql_at.0));
        let lost = stages.reached(Stage::Customer).is_none() && is_lost(&view);
        for name in names {
            let cohort = cohorts.entry((name.clone(), (year, month))).or_insert_with(|| Cohort {
                segment: name,
                month: format!("{year:04}-{month:02}"),
                ..Cohort::default()
            });
            cohort.mql += 1;
            let reached = |stage| u64::from(stages.reached(stage).is_some());
            cohort.sal += reached(Stage::Sal);
            cohort.sql += reached(Stage::Sql);
            cohort.opportunity += reached(Stage::Opportunity);
            cohort.won += reached(Stage::Customer);
            cohort.lost += u64::from(lost);
        }
    }
    let steps = steps.into_iter().map(|((segment, step), count)| step_report(segment, step, count)).collect();
    Report { cohorts: cohorts.into_values().collect(), steps }
}

/// Disqualified as the last word on the lead, or every deal (at least one) lost.
fn is_lost(view: &View<'_>) -> bool {
    let disqualified = view.lead.iter().rev().find_map(|fact| match fact.says {
        Says::StageEntered { stage } => Some(stage == Stage::Disqualified),
        Says::Dispositioned { verdict, .. } => Some(verdict == Verdict::Disqualified),
        _ => None,
    });
    let all_lost = !view.deals.is_empty() && view.deals.iter().all(|deal| deal.lost_at().is_some());
    all_lost || disqualified == Some(true)
}

fn step_report(segment: Text, step: Step, mut count: StepCount) -> StepReport {
    count.took_ms.sort_unstable();
    let days = |level| interpolated(&count.took_ms, level).map(|ms| ms / DAY_MS as f64);
    StepReport {
        segment,
        step,
        entered: count.entered,
        converted: count.took_ms.len() as u64,
        days_p50: days(Level::P50),
        days_p90: days(Level::P90),
    }
}
