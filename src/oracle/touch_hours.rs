//! What `first_touch_slo` looks at: outcomes, MQLs and touches by hour.
//!
//! Rules: `src/funnel/semantics.md`, "Judging".

use std::collections::BTreeMap;

use super::funnel::Judged;
use crate::model::measure::{Blame, Delay, Measure};
use crate::model::words::{Stage, Team};
use crate::model::{Minute, Text};

/// Outcomes of first touches.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Outcomes {
    pub(super) met: i64,
    pub(super) missed: i64,
    /// Of those missed, what routing kept for too long.
    pub(super) missed_in_routing: i64,
    /// Of those missed, what was assigned to nobody.
    pub(super) missed_unassigned: i64,
}

impl Outcomes {
    pub(super) fn n(self) -> u64 {
        u64::try_from(self.met + self.missed).expect("counts of outcomes are not negative")
    }

    pub(super) fn k(self) -> u64 {
        u64::try_from(self.missed).expect("counts of outcomes are not negative")
    }
}

/// What the rule looks at, by segment and UTC hour.
#[derive(Default)]
pub(super) struct Hours {
    pub(super) outcomes: BTreeMap<Text, BTreeMap<i64, Outcomes>>,
    /// Cycles that began, the first and the later ones.
    mqls: BTreeMap<Text, BTreeMap<i64, i64>>,
    /// Human touches by sales.
    touches: BTreeMap<Text, BTreeMap<i64, i64>>,
    /// The hours of which outages leave unknown who was touched, the first and the last one of each.
    pub(super) left_out: Vec<(i64, i64)>,
    /// First touches of MQLs by day, and those of them before which there was an assignment.
    first_touches: BTreeMap<i32, (i64, i64)>,
}

impl Hours {
    pub(super) fn at(judged: &Judged, boundary: Minute) -> Hours {
        let mut hours = Hours::default();
        for contributed in judged.at(boundary) {
            for of in &contributed.contributions {
                let hour = hour_of(of.cell.slice);
                if let Measure::TouchDelay(part) = of.cell.measure {
                    let day = judged.rulebook.days.day_of(of.cell.slice.start());
                    let (all, assigned) = hours.first_touches.entry(day).or_default();
                    match part {
                        Delay::Total => *all += of.n,
                        Delay::Routing => *assigned += of.n,
                        Delay::Human => {}
                    }
                }
                let sums = match of.cell.measure {
                    Measure::Touches(Team::Sales) => Some(&mut hours.touches),
                    Measure::Entered(Stage::Mql) | Measure::Reentered => Some(&mut hours.mqls),
                    _ => None,
                };
                if let Some(sums) = sums {
                    for segment in &contributed.segments {
                        let of_segment = sums.entry(segment.clone()).or_default();
                        *of_segment.entry(hour).or_default() += of.n;
                    }
                }
                if !matches!(of.cell.measure, Measure::TouchMet | Measure::TouchMissed) {
                    continue;
                }
                for segment in &contributed.segments {
                    let segment = hours.outcomes.entry(segment.clone()).or_default();
                    let outcomes = segment.entry(hour).or_default();
                    if of.cell.measure == Measure::TouchMet {
                        outcomes.met += of.n;
                    } else {
                        outcomes.missed += of.n;
                        if of.cell.subject == Blame::Routing.as_str() {
                            outcomes.missed_in_routing += of.n;
                        }
                        if of.cell.subject == Blame::Unassigned.as_str() {
                            outcomes.missed_unassigned += of.n;
                        }
                    }
                }
            }
        }
        hours
    }

    /// Of one segment the outcomes of what is in none of these parts of it, or later than the last hour of one.
    pub(super) fn outside(
        &self,
        judged: &Judged,
        boundary: Minute,
        (whole, parts): (&Text, &BTreeMap<Text, i64>),
    ) -> Hours {
        let mut hours = Hours { left_out: self.left_out.clone(), ..Hours::default() };
        let of_whole = hours.outcomes.entry(whole.clone()).or_default();
        for contributed in judged.at(boundary).filter(|of| of.segments.contains(whole)) {
            let told_to = contributed.segments.iter().filter_map(|segment| parts.get(segment)).max();
            let is_left = |hour: i64| told_to.is_none_or(|last| hour > *last);
            for of in contributed.contributions.iter().filter(|of| is_left(hour_of(of.cell.slice))) {
                let outcomes = of_whole.entry(hour_of(of.cell.slice)).or_default();
                match of.cell.measure {
                    Measure::TouchMet => outcomes.met += of.n,
                    Measure::TouchMissed => outcomes.missed += of.n,
                    _ => {}
                }
            }
        }
        hours
    }

    pub(super) fn outcomes_from(&self, segment: &str, hour: i64) -> Outcomes {
        let mut sum = Outcomes::default();
        let all = self.outcomes.get(segment).into_iter().flat_map(|hours| hours.range(hour..));
        for outcomes in all.filter(|(hour, _)| !self.is_left_out(**hour)) {
            sum.met += outcomes.1.met;
            sum.missed += outcomes.1.missed;
            sum.missed_in_routing += outcomes.1.missed_in_routing;
            sum.missed_unassigned += outcomes.1.missed_unassigned;
        }
        sum
    }

    pub(super) fn is_left_out(&self, hour: i64) -> bool {
        self.left_out.iter().any(|(first, last)| *first <= hour && hour <= *last)
    }

    /// MQLs of the hours `[from, to)`.
    pub(super) fn mqls_between(&self, segment: &str, from: i64, to: i64) -> i64 {
        let to = to.max(from);
        self.mqls.get(segment).into_iter().flat_map(|hours| hours.range(from..to)).map(|(_, n)| n).sum()
    }

    /// Human touches by sales of the hours `[from, to)`.
    pub(super) fn touches_between(&self, segment: &str, from: i64, to: i64) -> i64 {
        self.touches.get(segment).into_iter().flat_map(|hours| hours.range(from..to)).map(|(_, n)| n).sum()
    }

    /// What was due in the hours `[from, to)`, whether or not an outage leaves unknown what became of it.
    pub(super) fn between(&self, segment: &str, from: i64, to: i64) -> Outcomes {
        let of_segment = self.outcomes.get(segment).into_iter().flat_map(|hours| hours.range(from..to));
        of_segment.fold(Outcomes::default(), |sum, (_, of)| Outcomes {
            met: sum.met + of.met,
            missed: sum.missed + of.missed,
            ..sum
        })
    }

    /// Human touches by sales in the whole company from an hour on.
    pub(super) fn touches_from(&self, hour: i64) -> i64 {
        self.touches.get("all").into_iter().flat_map(|hours| hours.range(hour..)).map(|(_, n)| n).sum()
    }

    /// Whether most of the MQLs that were touched on the last 35 days were assigned before.
    pub(super) fn assignments_are_on_record(&self, today: i32) -> bool {
        let lately = self.first_touches.range(today - 34..).map(|(_, of)| *of);
        let (all, assigned) = lately.fold((0, 0), |sum, of| (sum.0 + of.0, sum.1 + of.1));
        assigned > all - assigned
    }

    /// The first hour in which an MQL was counted.
    pub(super) fn first_mql(&self, segment: &str) -> Option<i64> {
        self.mqls.get(segment)?.iter().find(|(_, n)| **n > 0).map(|(&hour, _)| hour)
    }

    /// The last hour in which something was missed.
    pub(super) fn last_miss(&self) -> Option<i64> {
        let all = self.outcomes.values().flatten();
        all.filter(|(_, outcomes)| outcomes.missed > 0).map(|(&hour, _)| hour).max()
    }
}

pub(super) fn hour_of(minute: Minute) -> i64 {
    i64::from(minute.0).div_euclid(60)
}
