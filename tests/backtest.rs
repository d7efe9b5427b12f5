//! `rapport backtest` as a person runs it: on a simulated company whose sales team becomes slow.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use rapport::model::DAY_MS;
use serde_json::{Value, json};

use crate::support::written;

/// 2026-01-05, on which the company begins.
const START: i64 = 1_767_571_200_000;
/// The day of the onset.
const ONSET: i64 = START + 60 * DAY_MS;

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rapport")).args(args).output().unwrap()
}

fn rapport(args: &[&str]) -> String {
    let done = run(args);
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "rapport {args:?}: {errors}");
    String::from_utf8(done.stdout).unwrap()
}

/// What is said to a request that is wrong.
fn refused(args: &[&str]) -> String {
    let done = run(args);
    assert_eq!(done.status.code(), Some(2), "{args:?}: {done:?}");
    String::from_utf8(done.stderr).unwrap()
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap()
}

fn lines(folder: &Path, file: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(folder.join(file)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A company whose sales team becomes slow with the first touch on day 60 of 90, and the truth about it.
fn company() -> (&'static str, &'static str) {
    static COMPANY: OnceLock<(String, String)> = OnceLock::new();
    let (events, truth) = COMPANY.get_or_init(|| {
        let path = |name: &str| folder(name).to_str().unwrap().to_owned();
        let events = path("backtest-company.jsonl");
        rapport(&["simulate", "--scenario", "slow_first_touch", "--seed", "5", "--out", &events]);
        (events, path("backtest-company.truth.json"))
    });
    (events, truth)
}

/// The one rule of a variant.
fn rule<'a>(backtest: &'a Value, variant: usize, name: &str) -> &'a Value {
    let rules = backtest["variants"][variant]["rules"].as_array().unwrap();
    rules.iter().find(|rule| rule["rule"] == name).unwrap()
}

/// The alerts are those of a replay of the same file, and the figures are those of the alerts.
#[test]
fn the_alerts_are_those_of_a_replay() {
    let (events, truth) = company();
    let (out, replayed) = (folder("backtest-plain"), folder("backtest-replayed"));
    let text = rapport(&["backtest", "--truth", truth, "--out", out.to_str().unwrap(), events]);
    rapport(&["replay", "--out", replayed.to_str().unwrap(), events]);
    let said = |alert: &Value| {
        let text = |key: &str| alert[key].as_str().unwrap_or_default().to_owned();
        (text("fingerprint"), text("rule"), text("segment"), alert["at"].as_i64().unwrap())
    };
    let mut open: Vec<Value> = Vec::new();
    let mut expected = Vec::new();
    for alert in lines(&replayed, "alerts.jsonl") {
        let is_open = open.contains(&alert["fingerprint"]);
        match alert["state"].as_str().unwrap() {
            "firing" if is_open => {}
            "firing" => {
                open.push(alert["fingerprint"].clone());
                expected.push(said(&alert));
            }
            _ => open.retain(|fingerprint| *fingerprint != alert["fingerprint"]),
        }
    }
    let found = lines(&out, "alerts.jsonl");
    assert!(!found.is_empty());
    assert_eq!(found.iter().map(said).collect::<Vec<_>>(), expected);

    let backtest = json(&out, "backtest.json");
    let summary = json(&replayed, "summary.json");
    for key in ["first_event", "last_event", "records"] {
        assert_eq!(backtest[key], summary[key], "{key}");
    }
    let days = (summary["last_event"].as_i64().unwrap() - summary["first_event"].as_i64().unwrap()) as f64
        / DAY_MS as f64;
    let months = backtest["months"].as_f64().unwrap();
    assert!((months - days / 30.44).abs() < 1e-9, "{months}");

    let touch = rule(&backtest, 0, "first_touch_slo");
    let alerts = expected.iter().filter(|(_, rule, _, _)| rule == "first_touch_slo").count();
    assert_eq!(touch["alerts"].as_u64(), Some(alerts as u64));
    assert!((touch["alerts_a_month"].as_f64().unwrap() - alerts as f64 / months).abs() < 1e-9);
    assert_eq!((touch["found"].as_u64(), touch["missed"].as_u64()), (Some(1), Some(0)));
    let at = expected.iter().find(|(_, rule, _, at)| rule == "first_touch_slo" && *at >= ONSET).unwrap().3;
    let delay = (at - ONSET) as f64 / DAY_MS as f64;
    assert!((touch["delay_days"]["median"].as_f64().unwrap() - delay).abs() < 1e-9);
    assert_eq!(touch["delay_days"]["median"], touch["delay_days"]["worst"]);
    let working = touch["delay_business_days"]["median"].as_f64().unwrap();
    assert!(working > 0.0 && working <= delay.ceil(), "{working} of {delay}");
    assert!(text.contains("first_touch_slo") && text.contains("found"), "{text}");
}

/// Another threshold speaks more or less; a rule set with the rule off finds nothing and says why.
#[test]
fn rule_sets_are_judged_side_by_side() {
    let (events, truth) = company();
    let off = written("backtest-off.toml", b"[rule.first_touch_slo]\nenabled = false\n");
    let out = folder("backtest-side-by-side");
    let text = rapport(&[
        "backtest",
        "--truth",
        truth,
        "--out",
        out.to_str().unwrap(),
        "--against",
        off.to_str().unwrap(),
        "--vary",
        "first_touch_slo.within=4bh,40bh",
        events,
    ]);
    let backtest = json(&out, "backtest.json");
    let variants = backtest["variants"].as_array().unwrap();
    let names: Vec<&str> = variants.iter().map(|variant| variant["name"].as_str().unwrap()).collect();
    let expected =
        ["the defaults", "backtest-off", "first_touch_slo.within=4bh", "first_touch_slo.within=40bh"];
    assert_eq!(names, expected);
    let hash = |i: usize| &variants[i]["definitions"]["hash"];
    assert_eq!(hash(0), hash(2), "the default said once more is the same rule set");
    assert_ne!(hash(0), hash(3));
    let touch = |i: usize| rule(&backtest, i, "first_touch_slo");
    assert_eq!(variants[0]["rules"], variants[2]["rules"]);
    assert!(touch(0)["found"] == 1 && touch(0)["on"] == true);
    assert!(touch(1)["alerts"] == 0 && touch(1)["on"] == false && touch(1)["missed"] == 1);
    assert!(touch(3)["alerts"] == 0 && touch(3)["missed"] == 1, "nobody takes that long");
    assert!(text.contains("off: first_touch_slo"), "{text}");
    let day = "2026-03-06";
    assert!(
        text.contains(&format!("missed: first_touch_slo in all, planted from {day}: the rule is off")),
        "{text}"
    );
    let found = &variants[0]["periods"][0];
    assert_eq!(found["from"].as_i64(), Some(ONSET));
    assert!(found["found_at"].as_i64().unwrap() > ONSET);
    assert!(variants[1]["periods"][0]["found_at"].is_null());
    let of = |name: &str| lines(&out, "alerts.jsonl").iter().filter(|a| a["variant"] == name).count();
    assert_eq!(of("the defaults"), of("first_touch_slo.within=4bh"));
    assert_eq!(of("the defaults") - touch(0)["alerts"].as_u64().unwrap() as usize, of("backtest-off"));
}

/// What lies before `--from` is told apart; what lies outside `--since` and `--to` is not read.
#[test]
fn times_bound_what_is_read_and_what_is_counted() {
    let (events, truth) = company();
    let of = |name: &str, more: &[&str]| {
        let out = folder(name);
        let args = ["backtest", "--truth", truth, "--out", out.to_str().unwrap()];
        rapport(&[&args, more, &[events]].concat());
        json(&out, "backtest.json")
    };
    let whole = of("backtest-whole", &[]);
    let all = rule(&whole, 0, "first_touch_slo")["alerts"].as_u64().unwrap();
    let late = of("backtest-from", &["--from", "2026-04-01"]);
    let touch = rule(&late, 0, "first_touch_slo");
    assert_eq!(touch["alerts"].as_u64().unwrap() + touch["before_from"].as_u64().unwrap(), all);
    assert!(touch["before_from"].as_u64().unwrap() > 0, "{touch}");
    assert_eq!(touch["found"].as_u64(), Some(1), "an onset before counts as well");
    assert!(late["months"].as_f64().unwrap() < 1.0);
    assert_eq!(late["records"], whole["records"]);

    let healthy = of("backtest-to", &["--to", "2026-03-06"]);
    assert!(healthy["last_event"].as_i64().unwrap() < ONSET);
    assert_eq!(rule(&healthy, 0, "first_touch_slo")["alerts"], 0);
    assert_eq!(healthy["truth"]["planted"], 0, "what was planted later cannot be missed");
    assert_eq!(healthy["truth"]["outside"], 1);
    let short = of("backtest-since", &["--since", "2026-03-06T00:00:00Z"]);
    assert!(short["first_event"].as_i64().unwrap() >= ONSET);
}

/// The truth of the company with other periods, written to a file.
fn other_truth(name: &str, periods: &[Value]) -> String {
    let mut truth: Value = serde_json::from_slice(&std::fs::read(company().1).unwrap()).unwrap();
    truth["periods"] = periods.into();
    written(name, truth.to_string().as_bytes()).to_str().unwrap().to_owned()
}

/// The planted period, from one day of the company to another.
fn period(from_day: i64, to_day: Option<i64>) -> Value {
    let truth: Value = serde_json::from_slice(&std::fs::read(company().1).unwrap()).unwrap();
    let mut period = truth["periods"][0].clone();
    period["from"] = (START + from_day * DAY_MS).into();
    period["to"] = to_day.map(|day| START + day * DAY_MS).into();
    period
}

/// What nobody could find is neither found nor missed, and that is said; a delay begins with the history.
#[test]
fn what_was_planted_outside_of_the_history_is_told_apart() {
    let (events, _) = company();
    let judged = |name: &str, periods: &[Value], more: &[&str]| {
        let (truth, out) = (other_truth(&format!("{name}.truth.json"), periods), folder(name));
        let args = ["backtest", "--truth", &truth, "--out", out.to_str().unwrap()];
        let done = run(&[&args, more, &[events]].concat());
        assert!(done.status.success(), "{done:?}");
        let said = String::from_utf8(done.stderr).unwrap();
        // A slow machine also tells of its progress.
        let lines = said.lines().filter(|line| !line.starts_with("backtest: "));
        (json(&out, "backtest.json"), lines.collect::<Vec<_>>().join("\n"))
    };
    let all = [period(60, None), period(400, None), period(-40, Some(-10))];
    let (backtest, said) = judged("backtest-outside", &all, &[]);
    let why = "2 of 3 planted periods lie outside of the history (2026-01-05 to 2026-04-";
    assert!(said.contains(why) && said.contains(") and are not counted"), "{said}");
    assert_eq!(backtest["truth"], json!({"planted": 1, "outside": 2, "begun_before": 0}));
    let touch = rule(&backtest, 0, "first_touch_slo");
    assert!(touch["found"] == 1 && touch["missed"] == 0, "{touch}");

    // Ten years before; and it lasts. Days are counted from the first event on.
    let (backtest, said) = judged("backtest-begun", &[period(-3652, None)], &["--since", "2026-03-20"]);
    assert!(said.contains("1 of 1 planted period began before the history"), "{said}");
    assert_eq!(backtest["truth"], json!({"planted": 1, "outside": 0, "begun_before": 1}));
    let touch = rule(&backtest, 0, "first_touch_slo");
    assert_eq!(touch["found"], 1);
    let since = backtest["first_event"].as_i64().unwrap();
    let found = backtest["variants"][0]["periods"][0]["found_at"].as_i64().unwrap();
    let delay = touch["delay_days"]["worst"].as_f64().unwrap();
    assert!((delay - (found - since) as f64 / DAY_MS as f64).abs() < 1e-9 && delay < 30.0, "{touch}");

    // Over since the day before: its alerts are neither found nor false.
    let (backtest, said) = judged("backtest-over", &[period(60, Some(65))], &["--since", "2026-03-12"]);
    assert!(said.contains("1 of 1 planted period lies outside"), "{said}");
    let touch = rule(&backtest, 0, "first_touch_slo");
    assert!(touch["alerts"].as_u64().unwrap() > 0, "{touch}");
    assert!(touch["found"] == 0 && touch["missed"] == 0 && touch["beside"].as_u64() > Some(0), "{touch}");

    let (_, said) = judged("backtest-inside", &[period(60, None)], &[]);
    assert_eq!(said, "");
}

/// A slip in a truth would look like a fault of the rules.
#[test]
fn a_truth_that_cannot_be_meant_is_refused_by_its_place() {
    let (events, _) = company();
    let said = |change: &dyn Fn(&mut Value)| {
        let mut wrong = period(60, Some(70));
        change(&mut wrong);
        let truth = other_truth("backtest-wrong.truth.json", &[period(60, None), wrong]);
        refused(&["backtest", "--truth", &truth, events])
    };
    let why = said(&|period| period["rule"] = "first_touch".into());
    assert!(why.contains("backtest-wrong.truth.json: periods[1].rule: there is no rule"), "{why}");
    assert!(why.contains("did you mean first_touch_slo?"), "{why}");
    let why = said(&|period| period["rule"] = "nosuch_rule".into());
    assert!(why.contains("periods[1].rule") && why.contains("the rules are first_touch_slo, "), "{why}");
    let why = said(&|period| period["to"] = START.into());
    assert!(
        why.contains("periods[1].to: 2026-01-05T00:00:00") && why.contains("write a later time"),
        "{why}"
    );
    let why = said(&|period| period["till"] = period["to"].take());
    assert!(why.contains("unknown field `till`") && why.contains("`to`") && why.contains("line "), "{why}");
    let why = said(&|period| period["segment"] = "webinar".into());
    assert!(why.contains("periods[1].segment") && why.contains("KEY=VALUE"), "{why}");
}

/// Each reason with the place of its first record; what stands there is not told.
#[test]
fn a_broken_line_is_located() {
    let (events, _) = company();
    let text = std::fs::read_to_string(events).unwrap();
    let mut lines: Vec<&str> = text.lines().take(2_000).collect();
    lines[16] = r#"{"event_id": "e1", "email": "ada@example.com", "#;
    let one = written("backtest-broken.jsonl", lines.join("\n").as_bytes());
    lines[40] =
        r#"{"event_id": "e2", "lead_id": "ada lovelace", "occurred_at": 1767600000000, "kind": "Ada"}"#;
    lines[20] = lines[16];
    let more = written("backtest-more-broken.jsonl", lines.join("\n").as_bytes());
    let [one, more] = [&one, &more].map(|path| path.to_str().unwrap());
    for command in ["backtest", "replay"] {
        let said = rapport(&[command, one]);
        let place = format!("  dead letter: 1 × malformed (first: {one}:17)\n");
        assert!(said.contains(" 1 dead letter") && !said.contains("1 dead letters"), "{said}");
        assert!(said.contains(&place), "{said}");
        let said = rapport(&[command, more]);
        assert!(said.contains(" 3 dead letters"), "{said}");
        assert!(said.contains(&format!("  dead letters: 2 × malformed (first: {more}:17)\n")), "{said}");
        assert!(said.contains(&format!("1 × unknown_kind (kind) (first: {more}:41)\n")), "{said}");
        assert!(!said.to_lowercase().contains("ada"), "{said}");
    }
    let nothing = written("backtest-nothing.jsonl", lines[16].as_bytes());
    let said = refused(&["backtest", nothing.to_str().unwrap()]);
    assert!(said.contains("there is no event") && said.contains("backtest-nothing.jsonl:1)"), "{said}");
}

#[test]
fn a_history_without_truth_is_not_graded() {
    let (events, _) = company();
    let out = folder("backtest-untrue");
    let text = rapport(&["backtest", "--out", out.to_str().unwrap(), "--to", "2026-03-20", events]);
    let backtest = json(&out, "backtest.json");
    assert!(backtest["truth"].is_null() && backtest["variants"][0]["periods"].is_null());
    let touch = rule(&backtest, 0, "first_touch_slo");
    assert!(touch["found"].is_null() && touch["false_alarms"].is_null() && touch["delay_days"].is_null());
    assert!(lines(&out, "alerts.jsonl").iter().all(|alert| alert["grade"].is_null()));
    assert!(!text.contains("found"), "{text}");
}

#[test]
fn a_wrong_request_is_refused_with_the_way_out() {
    let (events, truth) = company();
    let said = refused(&["backtest", "--vary", "first_touch_slo.gate", events]);
    assert!(said.contains("write RULE.KEY=VALUE,VALUE"), "{said}");
    let said = refused(&["backtest", "--vary", "first_touch_slo.gata=0.1", events]);
    assert!(said.contains("--vary first_touch_slo.gata=0.1") && said.contains("gate"), "{said}");
    let said = refused(&["backtest", "--vary", "first_touch_slo.gate=7", events]);
    assert!(said.contains("gate"), "{said}");
    let said = refused(&["backtest", "--from", "soon", events]);
    assert!(said.contains("--from soon is no time") && said.contains("YYYY-MM-DD"), "{said}");
    let said = refused(&["backtest", "--from", "2026-03-01", "--to", "2026-02-01", events]);
    assert!(said.contains("in this order"), "{said}");
    let said = refused(&["backtest", "--from", "2027-01-01", events]);
    assert!(said.contains("--from 2027-01-01 is not before the last event, 2026-04-"), "{said}");
    let said = refused(&["backtest", "--to", "2020-01-01", events]);
    assert!(said.contains("no event") && said.contains("widen"), "{said}");
    let said = refused(&["backtest", "--truth", events, events]);
    assert!(said.contains("is no truth file"), "{said}");
    let said = refused(&["backtest", "--truth", &truth.replace("truth", "lie"), events]);
    assert!(said.contains("cannot read the truth"), "{said}");
    let said = refused(&["backtest", "no-such-file.jsonl"]);
    assert!(said.contains("no-such-file.jsonl"), "{said}");
    let said = refused(&["backtest"]);
    assert!(said.contains("FILE"), "{said}");
    let said = refused(&["backtest", "--topic", events]);
    assert!(said.contains("--topic"), "{said}");
    let said = refused(&["backtest", "--topic", "--offsets", "0:9-3"]);
    assert!(said.contains("PARTITION:FROM-TO"), "{said}");
}

#[test]
fn the_help_teaches_with_an_example() {
    let help = rapport(&["backtest", "--help"]);
    for taught in ["--vary first_touch_slo.gate=0.01,0.0001", "backtest.json", "alerts.jsonl", "30.44"] {
        assert!(help.contains(taught), "{taught} is not in:\n{help}");
    }
}
