//! `/api/v1/alignment`: how the two teams get along: the score with its parts, and what is at risk.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::Served;
use crate::model::standing::{self, RuleStanding};
use crate::serve::picture::Picture;
use crate::serve::terms::RuleSwitch;

#[derive(Debug, Serialize)]
struct AlignmentAnswer {
    version: u64,
    /// From 0 to 100, as usual; null while no sign is known.
    alignment_score: Option<f64>,
    signs: Vec<SignAnswer>,
    /// Minor units, by currency.
    revenue_at_risk_minor: BTreeMap<String, i64>,
}

#[derive(Debug, Serialize)]
struct SignAnswer {
    sign: u8,
    /// That of its weakest rule, from 0 to 1; null while none is known.
    health: Option<f64>,
    /// Those that are off too: a rule that does not look is not a rule that sees nothing.
    rules: Vec<RuleAnswer>,
}

#[derive(Debug, Serialize)]
struct RuleAnswer {
    /// Where it stands, in a word: the first that is true of any place that it looks at.
    state: &'static str,
    #[serde(flatten)]
    standing: RuleStanding,
}

impl RuleAnswer {
    fn of(picture: &Picture, switch: &RuleSwitch) -> RuleAnswer {
        let RuleSwitch { rule, sign, is_on } = *switch;
        let judged = picture.rules.iter().find(|standing| standing.rule == rule && is_on);
        let nothing = RuleStanding { rule, sign, kept: 0, learning: 0, holding: 0, broken: 0, health: None };
        let state = match judged {
            None if !is_on => "off",
            None => "unjudged",
            Some(standing) => word(standing),
        };
        RuleAnswer { state, standing: judged.copied().unwrap_or(nothing) }
    }
}

fn word(standing: &RuleStanding) -> &'static str {
    match standing {
        RuleStanding { broken: 1.., .. } => "broken",
        RuleStanding { holding: 1.., .. } => "holding",
        RuleStanding { kept: 1.., .. } => "kept",
        RuleStanding { learning: 1.., .. } => "learning",
        _ => "idle",
    }
}

/// Rises whenever the answer may be another.
pub(super) fn version(picture: &Picture) -> u64 {
    picture.rules_version + picture.alerts.version
}

/// `GET /api/v1/alignment`.
pub(super) async fn alignment(State(served): State<Served>) -> Response {
    Json(served.board.read(answer)).into_response()
}

fn answer(picture: &Picture) -> AlignmentAnswer {
    let switches = picture.terms.as_ref().map_or(&[][..], |terms| &terms.rules);
    let sign = |sign| SignAnswer {
        sign,
        health: standing::sign_health(&picture.rules, sign),
        rules: switches
            .iter()
            .filter(|switch| switch.sign == sign)
            .map(|switch| RuleAnswer::of(picture, switch))
            .collect(),
    };
    let at_risk = picture.alerts.revenue_at_risk().into_iter();
    AlignmentAnswer {
        version: version(picture),
        alignment_score: standing::alignment_score(&picture.rules),
        signs: (0..=4).map(sign).collect(),
        revenue_at_risk_minor: at_risk.map(|(code, minor)| (code.as_str().to_owned(), minor)).collect(),
    }
}
