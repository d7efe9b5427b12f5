//! What every alert says, whatever its rule.
//!
//! Rules: `src/funnel/semantics.md`, "Judging".

use std::hash::Hasher as _;

use siphasher::sip::SipHasher13;

use crate::model::Text;
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::{EventTime, Minute};
use crate::stats::interval::Interval;

/// The number of the first definitions; the oracle answers for one generation.
const FIRST_DEFINITIONS: u32 = 1;

/// The identity of an alert without a subject: each part after its length.
pub(super) fn fingerprint(rule: &str, segment: &str) -> Text {
    let mut hasher = SipHasher13::new();
    for part in [rule, segment, ""] {
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
    pub(super) interval: Interval,
    pub(super) n: u64,
    pub(super) excluded_immature: u64,
    pub(super) window_start: EventTime,
    pub(super) evidence: Vec<Text>,
    pub(super) owner_team: OwnerTeam,
}

/// Which alert speaks, and how.
pub(super) struct Speaker<'s> {
    pub(super) rule: &'static str,
    pub(super) sign: u8,
    pub(super) segment: &'s Text,
    pub(super) state: AlertState,
    pub(super) severity: Severity,
    pub(super) since: Minute,
    pub(super) at: Minute,
}

/// The message; summary and advice are for people and left empty.
pub(super) fn alert(speaker: &Speaker, reading: Reading) -> Alert {
    Alert {
        fingerprint: fingerprint(speaker.rule, speaker.segment),
        rule: speaker.rule.into(),
        sign: speaker.sign,
        segment: speaker.segment.clone(),
        subject: None,
        state: speaker.state,
        severity: speaker.severity,
        since: speaker.since.start(),
        at: speaker.at.start(),
        value: reading.value,
        baseline: reading.baseline,
        threshold: reading.threshold,
        interval_low: Some(reading.interval.low),
        interval_high: Some(reading.interval.high),
        n: reading.n,
        excluded_immature: reading.excluded_immature,
        window_start: reading.window_start,
        window_end: speaker.at.start(),
        summary: String::new(),
        advice: String::new(),
        evidence: reading.evidence,
        owner_team: reading.owner_team,
        cost_at_risk_minor: None,
        currency: None,
        catching_up: false,
        definitions_version: FIRST_DEFINITIONS,
    }
}
