//! What every alert says, whatever its rule.
//!
//! Rules: `src/funnel/semantics.md`, "Judging" and "Definitions that change".

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use super::funnel::{Judged, evidence_of};
use super::segments::is_made;
use crate::model::Text;
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::delta::Evidence;
use crate::model::measure::Measure;
use crate::model::money::Currency;
use crate::model::{EventTime, Minute};
use crate::stats::interval::Interval;

/// The identity of an alert, with an empty subject if it has none: each part after its length.
fn fingerprint(rule: &str, segment: &str, subject: &str) -> Text {
    let mut hasher = SipHasher13::new();
    for part in [rule, segment, subject] {
        hasher.write(&(part.len() as u64).to_le_bytes());
        hasher.write(part.as_bytes());
    }
    format!("{:016x}", hasher.finish()).into()
}

/// What a rule measured.
pub(super) struct Reading {
    pub(super) value: f64,
    pub(super) baseline: Option<f64>,
    pub(super) threshold: f64,
    /// None where the value is no estimate.
    pub(super) interval: Option<Interval>,
    pub(super) n: u64,
    pub(super) excluded_immature: u64,
    pub(super) window: (EventTime, EventTime),
    pub(super) evidence: Vec<Text>,
    pub(super) owner_team: OwnerTeam,
    /// What is at risk, in minor units of a currency.
    pub(super) at_risk: Option<(i64, Currency)>,
}

/// Which alert speaks, and how.
pub(super) struct Speaker<'s> {
    pub(super) rule: &'static str,
    pub(super) sign: u8,
    pub(super) segment: &'s Text,
    /// Empty where the rule has none.
    pub(super) subject: &'s Text,
    pub(super) state: AlertState,
    pub(super) severity: Severity,
    pub(super) since: Minute,
    pub(super) at: Minute,
    /// Of the definitions under which it was judged.
    pub(super) number: u32,
}

/// What a rule says over the whole log.
#[derive(Default)]
pub(super) struct Said {
    /// What ended because of other definitions, in order.
    pub(super) endings: Vec<Alert>,
    /// Everything else, in order.
    pub(super) messages: Vec<Alert>,
}

impl Said {
    /// The last message about a segment that fires.
    fn told_last(&self, segment: &str, subject: &str) -> &Alert {
        let of = |alert: &&Alert| {
            alert.segment == segment && alert.subject.as_deref().unwrap_or_default() == subject
        };
        let firing = |alert: &&Alert| of(alert) && alert.state == AlertState::Firing;
        let told = self.messages.iter().rev().find(firing);
        told.expect("what fires has been told")
    }

    /// Ends alerts that fire, `all` first and the others by name, because of the definitions that are judged
    /// by from now on.
    pub(super) fn end<'s>(
        &mut self,
        firing: impl IntoIterator<Item = (&'s Text, &'s Text)>,
        judged: &Judged,
    ) {
        let mut ending: Vec<(&Text, &Text)> = firing.into_iter().collect();
        ending.sort_by_key(|(segment, subject)| (*segment != "all", *segment, *subject));
        for (segment, subject) in ending {
            let ending = Alert {
                state: AlertState::Resolved,
                at: judged.from.start(),
                definitions_version: judged.number,
                ..self.told_last(segment, subject).clone()
            };
            self.endings.push(ending);
        }
    }
}

/// Whether an alert of this segment lives on under the definitions that are judged by from now on, of whose
/// rules this one is on or off.
pub(super) fn lives_on<R>(segment: &str, rule: Option<&R>, judged: &Judged) -> bool {
    rule.is_some() && is_made(segment, &judged.rulebook.definitions.dimensions)
}

/// The message; summary and advice are for people and left empty.
pub(super) fn alert(speaker: &Speaker, reading: Reading) -> Alert {
    Alert {
        fingerprint: fingerprint(speaker.rule, speaker.segment, speaker.subject),
        rule: speaker.rule.into(),
        sign: speaker.sign,
        segment: speaker.segment.clone(),
        subject: Some(speaker.subject.clone()).filter(|subject| !subject.is_empty()),
        state: speaker.state,
        severity: speaker.severity,
        since: speaker.since.start(),
        at: speaker.at.start(),
        value: reading.value,
        baseline: reading.baseline,
        threshold: reading.threshold,
        interval_low: reading.interval.map(|interval| interval.low),
        interval_high: reading.interval.map(|interval| interval.high),
        n: reading.n,
        excluded_immature: reading.excluded_immature,
        window_start: reading.window.0,
        window_end: reading.window.1,
        summary: String::new(),
        advice: String::new(),
        evidence: reading.evidence,
        owner_team: reading.owner_team,
        cost_at_risk_minor: reading.at_risk.map(|(minor, _)| minor),
        currency: reading.at_risk.map(|(_, currency)| currency),
        catching_up: false,
        definitions_version: speaker.number,
    }
}

/// The ids behind counts of a segment, each once: newest minute first, then the larger id first.
pub(super) fn newest(
    judged: &Judged,
    segment: &Text,
    at: Minute,
    is_wanted: impl Fn(&Evidence) -> bool,
) -> Vec<Text> {
    let hour_of = |minute: Minute| i64::from(minute.0).div_euclid(60);
    let kept_days = |of: &Evidence| match of.measure {
        Measure::Open(_) | Measure::SourcedWonSize => 400,
        Measure::TouchMissed => 35,
        _ => 100,
    };
    let mut found: Vec<(Minute, Text)> = judged
        .at(at)
        .flat_map(|contributed| evidence_of(contributed).into_keys())
        .filter(|evidence| evidence.segments.contains(segment) && is_wanted(evidence))
        .filter(|evidence| hour_of(evidence.slice) >= hour_of(at) - 24 * kept_days(evidence))
        .map(|evidence| (evidence.slice, evidence.id))
        .collect();
    found.sort();
    let mut ids: Vec<Text> = vec![];
    for (_, id) in found.into_iter().rev() {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    ids.truncate(judged.rulebook.definitions.limits.evidence_ids as usize);
    ids
}
