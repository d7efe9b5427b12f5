//! What the rules over programs have in common: they read the whole of what they speak of at once.
//!
//! Rules: `src/funnel/semantics.md`, "Lifecycle" and "One alert for one cause".

use std::collections::{BTreeMap, BTreeSet};

use super::counted::Counted;
use super::funnel::Judged;
use super::message::{Reading, Said, Speaker, alert, lives_on};
use super::no_data::Silences;
use super::wider::{in_order, lies_within, parts_by_dimension};
use crate::model::alert::{AlertState, Severity};
use crate::model::definitions::Rules;
use crate::model::measure::Measure;
use crate::model::words::Family;
use crate::model::{Minute, Text};

/// One of these rules.
pub(super) struct ProgramRule {
    pub(super) name: &'static str,
    pub(super) sign: u8,
    pub(super) of_all_alone: bool,
    /// The families without which it holds its state.
    pub(super) rests_on: &'static [Family],
    /// How loudly it speaks; none where it is off.
    pub(super) severity: fn(&Rules) -> Option<Severity>,
    pub(super) is_wanted: fn(Measure) -> bool,
    /// Whether there is enough in a segment to judge.
    pub(super) is_judged: fn(&Look) -> bool,
    pub(super) read: fn(&Look) -> Vec<Finding>,
}

/// A segment, looked at on a day.
pub(super) struct Look<'f> {
    pub(super) judged: &'f Judged<'f>,
    pub(super) counted: &'f Counted,
    pub(super) segment: &'f Text,
    pub(super) day: i32,
    pub(super) at: Minute,
    /// How many segments are judged.
    pub(super) judged_segments: usize,
    /// The subjects of which there is an alert, each with its beginning.
    pub(super) alive: &'f BTreeMap<Text, Minute>,
    pub(super) silent: &'f Silences,
}

impl Look<'_> {
    /// The outages of a family that were over, `[from, to)`.
    pub(super) fn outages(&self, family: Family) -> Vec<(Minute, Minute)> {
        self.silent.outages(&[family], self.judged, self.at)
    }
}

/// What is read of one subject.
pub(super) struct Finding {
    pub(super) subject: Text,
    pub(super) is_broken: bool,
    /// Whether that is not known: it holds what it said.
    pub(super) is_unknown: bool,
    /// For so many business days of marketing it must not be broken before an alert is over.
    pub(super) clear_days: usize,
    pub(super) reading: Reading,
}

#[derive(Clone)]
struct Firing {
    since: Minute,
    severity: Severity,
    /// The day of the first evaluation since which it is not broken.
    kept_since: Option<i32>,
}

/// Every message of a rule.
pub(super) fn said(rule: &ProgramRule, stretches: &[Judged], silent: &Silences) -> Said {
    let mut said = Said::default();
    let mut firing: BTreeMap<(Text, Text), Firing> = BTreeMap::new();
    for judged in stretches {
        let severity = (rule.severity)(&judged.rulebook.definitions.rules);
        let ends = |segment: &Text| !lives_on(segment, severity.as_ref(), judged);
        let ending = firing.keys().filter(|of| ends(&of.0));
        said.end(ending.map(|(segment, subject)| (segment, subject)), judged);
        firing.retain(|of, _| !ends(&of.0));
        let Some(severity) = severity else { continue };
        for (day, at) in judged.openings() {
            if !silent.any_at(rule.rests_on, judged.number, at) {
                evaluate(rule, (judged, silent), severity, (day, at), &mut firing, &mut said);
            }
        }
    }
    said
}

fn evaluate(
    rule: &ProgramRule,
    (judged, silent): (&Judged, &Silences),
    severity: Severity,
    (day, at): (i32, Minute),
    firing: &mut BTreeMap<(Text, Text), Firing>,
    said: &mut Said,
) {
    let counted = Counted::at(judged, at, rule.is_wanted);
    let alive = firing.keys().map(|of| of.0.clone());
    let all: BTreeSet<Text> = counted.segments().cloned().chain(alive).chain(["all".into()]).collect();
    let mut segments: Vec<Text> =
        all.into_iter().filter(|segment| !rule.of_all_alone || segment == "all").collect();
    segments.sort_by_key(in_order);
    let mut speaking: BTreeSet<(Text, Text)> = BTreeSet::new();
    let nothing = &BTreeMap::new();
    let look = |segment| {
        let (counted, alive) = (&counted, nothing);
        Look { judged, counted, segment, day, at, judged_segments: 0, alive, silent }
    };
    let judged_segments = segments.iter().filter(|segment| (rule.is_judged)(&look(segment))).count();
    for segment in &segments {
        let of_segment = firing.iter().filter(|(of, _)| of.0 == *segment);
        let alive = of_segment.map(|(of, firing)| (of.1.clone(), firing.since)).collect();
        let look = Look { judged_segments, alive: &alive, ..look(segment) };
        for Finding { subject, is_broken, is_unknown, clear_days, reading } in (rule.read)(&look) {
            let is_hushed = speaking.iter().any(|(wider, of)| *of == subject && lies_within(segment, wider));
            let of = (segment.clone(), subject);
            let known = firing.get(&of).cloned();
            let is_of_parts = || {
                let told = firing.keys().filter(|told| told.1 == of.1).map(|told| &told.0);
                let is_broken_outside = |parts: BTreeSet<Text>| {
                    let counted = Counted::outside(judged, at, (segment, &parts), rule.is_wanted);
                    let look = Look { counted: &counted, alive: nothing, ..look };
                    (rule.read)(&look).iter().any(|found| found.subject == of.1 && found.is_broken)
                };
                !parts_by_dimension(segment, told).into_iter().all(is_broken_outside)
            };
            let is_broken = is_broken && !is_hushed && (known.is_some() || !is_of_parts());
            if is_broken || known.is_some() {
                speaking.insert(of.clone());
            }
            if is_unknown {
                continue;
            }
            let (state, severity, since) = match known {
                None if is_broken => (AlertState::Firing, severity, at),
                Some(known) if is_broken && severity > known.severity => {
                    (AlertState::Firing, severity, known.since)
                }
                Some(known) if is_broken => {
                    firing.insert(of, Firing { kept_since: None, ..known });
                    continue;
                }
                Some(known) => {
                    let kept_since = known.kept_since.unwrap_or(day);
                    if judged.business_days(kept_since + 1, day + 1) < clear_days {
                        firing.insert(of, Firing { kept_since: Some(kept_since), ..known });
                        continue;
                    }
                    (AlertState::Resolved, known.severity, known.since)
                }
                None => continue,
            };
            let (name, sign, number) = (rule.name, rule.sign, judged.number);
            let (segment, subject) = (&of.0, &of.1);
            let speaker = Speaker { rule: name, sign, segment, subject, state, severity, since, at, number };
            said.messages.push(alert(&speaker, reading));
            match state {
                AlertState::Firing => firing.insert(of, Firing { since, severity, kept_since: None }),
                AlertState::Resolved => firing.remove(&of),
            };
        }
    }
}
