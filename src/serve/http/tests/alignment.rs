//! `/api/v1/alignment`: the score with its parts.

use serde_json::Value;

use super::start;
use crate::model::alert::{AlertState, Severity};
use crate::model::effect::Effect;
use crate::model::standing::RuleStanding;
use crate::serve::samples::{MONDAY, alert, explained, journeys, rules, terms};

#[test]
fn the_score_is_never_alone() {
    let server = start();
    let nothing = server.get("/api/v1/alignment").json();
    assert_eq!(nothing["alignment_score"], Value::Null);
    let fires = alert("a", "all", Severity::Ticket, AlertState::Firing);
    server.board.note(|picture| picture.terms = Some(terms(&["first_touch_slo", "divergence"])));
    server.board.observe_all(&[rules(), Effect::Alert(fires.clone()), explained(&fires, 700)]);
    let answer = server.get("/api/v1/alignment").json();
    assert_eq!(answer["alignment_score"], 62.5);
    assert_eq!(answer["signs"][2]["health"], 0.25);
    assert_eq!(answer["signs"][2]["rules"][0]["learning"], 2);
    assert_eq!(answer["signs"][3]["health"], Value::Null);
    assert_eq!(answer["revenue_at_risk_minor"], serde_json::json!({"EUR": 700}));
    server.end();
}

#[test]
fn a_rule_that_does_not_look_is_shown_as_such() {
    let server = start();
    server.board.note(|picture| {
        picture.terms = Some(terms(&["first_touch_slo", "divergence", "silent_leads"]));
    });
    let standing = |rule, sign, [kept, learning, holding, broken]: [u32; 4]| RuleStanding {
        rule,
        sign,
        kept,
        learning,
        holding,
        broken,
        health: None,
    };
    let states = |standings: Vec<RuleStanding>| {
        server.board.observe(&Effect::Rules(standings));
        let answer = server.get("/api/v1/alignment").json();
        let rules = |sign: usize| answer["signs"][sign]["rules"].as_array().unwrap().clone();
        let of_signs = [1, 2].into_iter().flat_map(rules);
        of_signs.map(|rule| rule["state"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(
        states(vec![]),
        ["unjudged", "off", "off", "unjudged", "unjudged", "off", "off"],
        "nothing was judged since the start"
    );
    let told = states(vec![
        standing("divergence", 1, [0, 5, 0, 0]),
        standing("first_touch_slo", 2, [3, 1, 0, 1]),
        standing("silent_leads", 2, [0, 1, 6, 0]),
    ]);
    assert_eq!(told, ["learning", "off", "off", "broken", "holding", "off", "off"]);
    let told =
        states(vec![standing("divergence", 1, [1, 5, 0, 0]), standing("first_touch_slo", 2, [0, 0, 0, 0])]);
    assert_eq!(told, ["kept", "off", "off", "idle", "unjudged", "off", "off"]);
    server.end();
}

#[test]
fn the_alignment_has_a_version_that_rises_with_it_alone() {
    let server = start();
    let version = || {
        let told = server.get("/api/v1/status").json()["alignment_version"].as_u64().unwrap();
        assert_eq!(server.get("/api/v1/alignment").json()["version"], told);
        told
    };
    let before = version();
    server.board.observe(&rules());
    let judged = version();
    assert!(judged > before);
    server.board.observe_all(&[rules(), journeys(0, MONDAY.minute())]);
    assert_eq!(version(), judged, "the rules stand where they stood");
    let fires = alert("a", "all", Severity::Ticket, AlertState::Firing);
    server.board.observe(&Effect::Alert(fires.clone()));
    let fired = version();
    assert!(fired > judged);
    server.board.observe(&explained(&fires, 700));
    assert!(version() > fired, "what is at risk is known by the explanation");
    server.end();
}
