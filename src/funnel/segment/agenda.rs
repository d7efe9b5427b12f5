//! What is to be judged next: only where counts, the edges of windows or a pending state moved, so that
//! catching up on a quarter does not cost every possible evaluation.
//!
//! Skipping never changes an answer: what is skipped would have read as before.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::measure::Measure;
use crate::model::words::{Family, Team};
use crate::model::{EventTime, Minute, Text};

use super::super::alerting::{Life, LifeStage};
use super::super::journey::segments::ALL;
use super::super::signs::business_day;
use super::super::signs::out_of_sync::first_touch_slo::{self, Reading};
use super::super::signs::rule::Rule;
use super::SegmentsTask;
use super::windows::Family as WindowFamily;

/// What was read of first touches in a segment, and how long that stays true without new counts.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TouchRead {
    pub(super) reading: Reading,
    pub(super) stays_until: Minute,
}

/// Where judging stands.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    /// The boundary of the first change ever.
    pub(super) first_change: Option<Minute>,
    /// Last boundary at which first touches were judged.
    pub(super) touch_at: Option<Minute>,
    /// Segments whose first-touch counts changed since.
    pub(super) touch_changed: BTreeSet<Text>,
    /// Whether the touches of the whole company changed since.
    pub(super) touches_changed: bool,
    /// What was read of first touches in each segment.
    pub(super) touch_read: BTreeMap<Text, TouchRead>,
    /// Whether an alert of first touches began to fire then, became louder or was over: others may be quiet no more.
    pub(super) touch_again: bool,
    /// Last boundary at which the rules of each business day were judged.
    pub(super) daily_at: Option<Minute>,
    /// The next one, as long as it is known.
    pub(super) daily_next: Option<Minute>,
    /// Last boundary at which feeds were judged.
    pub(super) hourly_at: Option<Minute>,
    /// What had stopped arriving then.
    pub(super) silent: BTreeSet<(Text, Family)>,
    /// Last boundary at which windows were computed.
    pub(super) windows_at: Option<Minute>,
    /// Of each segment, the results whose counts changed since.
    pub(super) windows_changed: BTreeMap<Text, BTreeSet<WindowFamily>>,
}

impl Agenda {
    /// A count of a segment has changed.
    pub(super) fn changed(&mut self, segment: &Text, measure: Measure) {
        match measure {
            Measure::TouchMet | Measure::TouchMissed => {
                self.touch_changed.insert(segment.clone());
            }
            Measure::Touches(Team::Sales) if segment == ALL => {
                self.touches_changed = true;
            }
            _ => {}
        }
        let touched = || WindowFamily::all().filter(|family| family.stands_on(measure));
        match self.windows_changed.get_mut(segment) {
            Some(families) => families.extend(touched()),
            None => {
                self.windows_changed.insert(segment.clone(), touched().collect());
            }
        }
    }

    /// Everything is to be judged anew, as after a restore.
    pub(super) fn all_changed<'a>(&mut self, segments: impl Iterator<Item = &'a Text>) {
        for segment in segments {
            self.touch_changed.insert(segment.clone());
            self.windows_changed.insert(segment.clone(), WindowFamily::all().collect());
        }
        self.touches_changed = true;
    }
}

impl SegmentsTask {
    /// The next boundary, at most `limit`, at which something is to be judged.
    pub(super) fn next_evaluation(&mut self, limit: Minute) -> Option<Minute> {
        let due = [self.next_hourly(), self.next_touch(), self.next_daily(), self.next_windows()];
        let next = due.into_iter().flatten().min();
        next.filter(|boundary| *boundary <= limit)
    }

    pub(super) fn next_touch(&self) -> Option<Minute> {
        self.terms.definitions.rules.first_touch_slo.as_ref()?;
        let agenda = &self.agenda;
        let every = first_touch_slo::EVERY_MINUTES;
        let earliest =
            if self.first_touches_wait() || !agenda.touch_changed.is_empty() || agenda.touches_changed {
                Some(self.applied)
            } else {
                let edge = agenda.touch_read.values().map(|read| read.stays_until).min();
                [edge, self.next_waiting()].into_iter().flatten().min()
            };
        let after = agenda.touch_at.map_or(self.since, |at| at.next());
        Some(multiple_from(earliest?.max(after), every))
    }

    /// Whether first touches are to be judged though nothing has moved: an alert waits for time to pass, to fire or
    /// to resolve, or one has just changed that others are quiet for.
    fn first_touches_wait(&self) -> bool {
        let waits = |life: &Life| !matches!(life.stage, LifeStage::Firing { kept_since: None, .. });
        let an_alert_waits =
            self.lives.iter().any(|(id, life)| id.rule == Rule::FirstTouchSlo && waits(life));
        an_alert_waits || self.agenda.touch_again
    }

    pub(super) fn next_daily(&mut self) -> Option<Minute> {
        if !Rule::ALL.iter().any(|rule| rule.is_daily() && rule.is_on(&self.terms.definitions)) {
            return None;
        }
        if self.agenda.daily_next.is_none() {
            let first = self.first_boundary()?;
            let after = self.agenda.daily_at.unwrap_or(first.plus(-1));
            self.agenda.daily_next = business_day::next_opening(&self.terms, after);
        }
        self.agenda.daily_next
    }

    pub(super) fn next_hourly(&self) -> Option<Minute> {
        self.terms.definitions.rules.no_data.as_ref()?;
        let first = self.first_boundary()?;
        Some(multiple_from(self.agenda.hourly_at.map_or(first, |at| at.next().max(first)), 60))
    }

    /// The boundary from which on there is something to judge. An alert may have outlived what was counted: it is
    /// judged from the switch on, counts or none.
    fn first_boundary(&self) -> Option<Minute> {
        match self.since {
            Minute::MIN => self.agenda.first_change.or_else(|| self.next_waiting()),
            since => Some(since),
        }
    }

    pub(super) fn next_windows(&self) -> Option<Minute> {
        let agenda = &self.agenda;
        let every = i32::from(self.terms.definitions.windows_every_minutes.max(1));
        let earliest = if agenda.windows_changed.is_empty() {
            let next_day = agenda.windows_at.map(|at| {
                let day = self.terms.days.local_day(at.start().0);
                EventTime(self.terms.days.day_start_ms(day + 1)).minute()
            });
            [next_day, self.next_waiting()].into_iter().flatten().min()
        } else {
            Some(self.applied)
        };
        let after = agenda.windows_at.map_or(self.since, |at| at.next());
        Some(multiple_from(earliest?.max(after), every))
    }

    fn next_waiting(&self) -> Option<Minute> {
        self.waiting.first(self.terms.number)
    }
}

/// The smallest multiple of `every` at or after a boundary.
fn multiple_from(boundary: Minute, every: i32) -> Minute {
    let over = boundary.0.rem_euclid(every);
    if over == 0 { boundary } else { Minute(boundary.0.saturating_add(every - over)) }
}
