//! How marketing answers what sales reports: twice a month it looks at the reasons that were given for sending leads
//! back, and changes something for those that lead.
//!
//! It looks as people do, over the whole company and the last four weeks. What is written is therefore known only as
//! the story is told, and belongs into the stream at its time.

use std::collections::BTreeMap;
use std::vec::IntoIter;

use compact_str::format_compact;

use super::fault::{Fault, Faults, ONE_REASON};
use super::programs::{dice_of, months, time_of};
use super::sampling::Concern;
use super::scenario::Scenario;
use super::working_hours::day_of;
use crate::model::event::{Body, Event};
use crate::model::words::PlaybookChange;
use crate::model::{DAY_MS, EventTime, HOUR_MS, MINUTE_MS, Text};

/// Days of the month on which the playbook is changed.
const CHANGE_DAYS: [i8; 2] = [8, 22];
/// How many days back marketing looks.
const LOOKS_BACK_DAYS: i64 = 28;
/// How many reject reasons one change names.
const REASONS_NAMED: usize = 3;
/// What is changed, in turn.
const CHANGES: [PlaybookChange; 4] =
    [PlaybookChange::Scoring, PlaybookChange::Nurture, PlaybookChange::Content, PlaybookChange::Definition];

/// Marketing with its ear to what sales says.
#[derive(Debug)]
pub(super) struct Playbook {
    /// The changes to come: their places and times.
    changes: IntoIter<(u32, EventTime)>,
    /// How often each reason was given, by calendar day.
    heard: BTreeMap<i64, BTreeMap<Text, u32>>,
}

impl Playbook {
    /// Nothing has been said yet.
    pub(super) fn of(scenario: &Scenario, faults: &Faults) -> Playbook {
        let mut changes = Vec::new();
        let mut place = 0;
        let months = if scenario.company.records_programs { months(scenario) } else { Vec::new() };
        for month in months {
            let mut dice = dice_of(scenario, Concern::Playbook, month);
            for day in CHANGE_DAYS {
                let day_start = time_of(month).plus_ms((i64::from(day) - 1) * DAY_MS);
                let later_ms = dice.between(4 * HOUR_MS, 7 * HOUR_MS + MINUTE_MS);
                let at = scenario.company.hours.advance(day_start, later_ms);
                if scenario.start <= at && at < scenario.end() {
                    place += 1;
                    changes.push((place, at));
                }
            }
        }
        changes.retain(|(_, at)| !faults.holds(Fault::NoPlaybook, *at));
        Playbook { changes: changes.into_iter(), heard: BTreeMap::new() }
    }

    /// When the playbook is looked at next.
    pub(super) fn next_at(&self) -> Option<EventTime> {
        self.changes.as_slice().first().map(|(_, at)| *at)
    }

    /// Hears what sales says.
    pub(super) fn hear(&mut self, event: &Event) {
        if let Body::LeadDispositioned { verdict, reason: Some(reason), .. } = &event.body
            && verdict.is_negative()
        {
            let day = self.heard.entry(day_of(event.occurred_at)).or_default();
            match day.get_mut(reason) {
                Some(times) => *times += 1,
                None => drop(day.insert(reason.clone(), 1)),
            }
        }
    }

    /// The change that [`Playbook::next_at`] spoke of; `None` where there is nothing to answer.
    pub(super) fn change(&mut self, faults: &Faults) -> Option<Event> {
        let (place, at) = self.changes.next()?;
        self.heard = self.heard.split_off(&(day_of(at) - LOOKS_BACK_DAYS));
        let mut times: BTreeMap<&Text, u32> = BTreeMap::new();
        for (reason, given) in self.heard.values().flatten() {
            *times.entry(reason).or_default() += given;
        }
        if faults.holds(Fault::Unanswered, at) {
            times.remove(&Text::const_new(ONE_REASON));
        }
        let mut leading: Vec<(&Text, u32)> = times.into_iter().collect();
        leading.sort_by_key(|(_, given)| std::cmp::Reverse(*given));
        if leading.is_empty() {
            return None;
        }
        let body = Body::PlaybookChanged {
            change: CHANGES[(place as usize - 1) % CHANGES.len()],
            reasons: leading.into_iter().take(REASONS_NAMED).map(|(reason, _)| reason.clone()).collect(),
        };
        Some(Event { event_id: format_compact!("e-playbook-{place:02}"), occurred_at: at, body })
    }
}
