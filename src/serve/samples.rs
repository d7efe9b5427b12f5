//! Made-up but plausible effects for the tests of this room.

use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::counters::JourneyCounters;
use crate::model::definitions::Rules;
use crate::model::effect::{Effect, Holder, IntakeFigures, JourneysFigures, SegmentsFigures};
use crate::model::explanation::{AtRisk, Carrier, Explanation, Sum};
use crate::model::money::Currency;
use crate::model::outcome::Tally;
use crate::model::standing::RuleStanding;
use crate::model::window::WindowResult;
use crate::model::{EventTime, Minute};

use super::board::Board;
use super::picture::TaskTopics;
use super::terms::{RuleSwitch, ShownTerms, switches};

/// 2026-03-02T09:00:00Z, a Monday.
pub(super) const MONDAY: EventTime = EventTime(1_772_442_000_000);

pub(super) fn topics() -> TaskTopics {
    TaskTopics { events: "crm.events".into(), deltas: "rapport.deltas".into() }
}

pub(super) fn board() -> Board {
    Board::new(topics())
}

pub(super) fn journeys(partition: u32, time: Minute) -> Effect {
    Effect::Journeys(JourneysFigures {
        partition,
        time,
        held_by: Some(Holder {
            source: "hubspot".into(),
            partition: 1,
            time: Some(MONDAY.plus_ms(-5_400_000)),
            ahead: Some(MONDAY),
        }),
        tally: Tally([1200, 17, 3, 2, 5, 8]),
        counters: JourneyCounters {
            control_records: 96,
            forwarded_copies: 7,
            future_skew: 1,
            conflicting: 2,
            moved_facts: 31,
            moves_stopped: 0,
            facts_over_limit: 4,
            journeys_freed: 55,
        },
        rows: 640,
        unknown_fields: 12,
    })
}

pub(super) fn intake(source: &str, partition: u32) -> Effect {
    Effect::Intake(IntakeFigures {
        source: source.into(),
        partition,
        tally: Tally([0, 0, 0, 2, 0, 900]),
        time: Some(MONDAY.plus_ms(1_500)),
        future_skew: 4,
        unknown_fields: 3,
    })
}

pub(super) fn segments(aligned: Option<Minute>) -> Effect {
    Effect::Segments(SegmentsFigures {
        aligned,
        waiting: 4,
        segments: 2,
        over_limit: 9,
        evidence_left_out: 7,
    })
}

pub(super) fn window(segment: &str, measure: &str, window: &str, value: Option<f64>) -> WindowResult {
    WindowResult {
        segment: segment.into(),
        measure: measure.into(),
        window: window.into(),
        at: MONDAY,
        value,
        interval_low: None,
        interval_high: None,
        n: value.map_or(0, |value| value as u64),
        excluded_immature: 0,
        definitions_version: 1,
    }
}

pub(super) fn estimate(segment: &str, measure: &str, window_: &str, value: [f64; 3]) -> WindowResult {
    WindowResult {
        interval_low: Some(value[1]),
        interval_high: Some(value[2]),
        n: 400,
        excluded_immature: 31,
        ..window(segment, measure, window_, Some(value[0]))
    }
}

pub(super) fn alert(fingerprint: &str, segment: &str, severity: Severity, state: AlertState) -> Alert {
    Alert {
        fingerprint: fingerprint.into(),
        rule: "first_touch_slo".into(),
        sign: 2,
        segment: segment.into(),
        subject: None,
        state,
        severity,
        since: MONDAY,
        at: MONDAY.plus_ms(60_000),
        value: 0.742,
        baseline: None,
        threshold: 0.95,
        interval_low: Some(0.681),
        interval_high: Some(0.794),
        n: 221,
        excluded_immature: 0,
        window_start: MONDAY.plus_ms(-86_400_000),
        window_end: MONDAY,
        summary: "57 of 221 MQLs got no human touch by sales within 4 business hours.".into(),
        advice: "Sales: take the listed leads today, oldest first.".into(),
        evidence: vec!["lead-48211".into()],
        owner_team: OwnerTeam::Sales,
        cost_at_risk_minor: None,
        currency: None,
        catching_up: false,
        definitions_version: 1,
    }
}

/// How two rules of sign 1 and 2 stand.
pub(super) fn rules() -> Effect {
    let rule =
        |rule, sign, health| RuleStanding { rule, sign, kept: 3, learning: 2, holding: 0, broken: 1, health };
    Effect::Rules(vec![rule("first_touch_slo", 2, Some(0.25)), rule("divergence", 1, Some(1.0))])
}

/// Terms of which these rules are on.
pub(super) fn terms(on: &[&str]) -> ShownTerms {
    let of = |switch: RuleSwitch| RuleSwitch { is_on: on.contains(&switch.rule), ..switch };
    let rules = switches(&Rules::default()).map(of).to_vec();
    ShownTerms { number: 1, zone: "UTC".into(), promise: None, rules }
}

/// How an alert came about, with so much at risk.
pub(super) fn explained(alert: &Alert, minor: i64) -> Effect {
    let currency = Currency::parse("EUR").expect("EUR is a currency");
    let carrier = Carrier { segment: "source=ads".into(), n: 8, bad: 6, expected: 1.5, share: 0.75 };
    let mut sum =
        Sum { at_risk: vec![AtRisk { currency, minor }], carriers: vec![carrier], ..Sum::default() };
    sum.figure("value", 0.5, "1 / 2");
    Effect::Explained(Explanation { fingerprint: alert.fingerprint.clone(), at: alert.at, sum })
}
