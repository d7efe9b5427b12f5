//! `rapport replay` as a person runs it: on the real files, against figures counted by another road
//! (`real_data_figures.toml`), and on a simulated company.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use toml_edit::{DocumentMut, Item, Table};

use crate::support::shared;

fn rapport(args: &[&str]) -> String {
    let done = Command::new(env!("CARGO_BIN_EXE_rapport")).args(args).output().unwrap();
    let errors = String::from_utf8_lossy(&done.stderr).into_owned();
    assert!(done.status.success(), "rapport {args:?}: {errors}");
    String::from_utf8(done.stdout).unwrap()
}

/// As behind `| head`, once it has what it wants. What a command says by its exit code it says all the same.
#[test]
fn where_nobody_reads_on_a_command_ends_as_it_does() {
    std::fs::create_dir_all(folder("unread")).unwrap();
    let (company, nowhere) = (folder("unread").join("events.jsonl"), folder("unread").join("nowhere.toml"));
    let (company, nowhere) = (company.to_str().unwrap(), nowhere.to_str().unwrap());
    rapport(&["simulate", "--days", "30", "--out", company]);
    std::fs::write(nowhere, "[kafka]\nbootstrap_servers = \"127.0.0.1:1\"\n").unwrap();
    let cases = [
        (&["rules"][..], 0),
        (&["rules", "--json"], 0),
        (&["replay", company], 0),
        // It says that the configuration is right before it finds that there is no broker.
        (&["check", "--config", nowhere], 1),
    ];
    for (args, code) in cases {
        let (nobody, stdout) = std::io::pipe().unwrap();
        drop(nobody);
        let done = Command::new(env!("CARGO_BIN_EXE_rapport")).args(args).stdout(stdout).output().unwrap();
        assert_eq!(done.status.code(), Some(code), "{args:?}: {done:?}");
        assert!(!String::from_utf8_lossy(&done.stderr).contains("panicked"), "{args:?}: {done:?}");
    }
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_TARGET_TMPDIR")).join(name)
}

fn json(folder: &Path, file: &str) -> Value {
    serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap()
}

/// Replays files of the shared data with a mapping of the project, and checks everything that is counted.
fn assert_figures(set: &str, mapping: &str, files: &[&str]) {
    let paths: Vec<PathBuf> = files.iter().filter_map(|file| shared(file)).collect();
    if paths.len() < files.len() {
        return;
    }
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/mappings").join(mapping);
    let out = folder(&format!("replay-{set}"));
    let mut args = vec!["replay", "--mapping", mapping.to_str().unwrap(), "--out", out.to_str().unwrap()];
    args.extend(paths.iter().map(|path| path.to_str().unwrap()));
    rapport(&args);

    let figures: DocumentMut = include_str!("real_data_figures.toml").parse().unwrap();
    let expected = figures[set].as_table().unwrap();
    let summary = json(&out, "summary.json");
    for key in ["records", "duplicate", "ignored", "dead_letter"] {
        assert_eq!(summary[key].as_i64(), expected[key].as_integer(), "{set}: {key}");
    }
    for key in ["first_event", "last_event"] {
        let time: jiff::Timestamp = expected[key].as_str().unwrap().parse().unwrap();
        let found = summary[key].as_i64().map(|ms| ms.div_euclid(1000));
        assert_eq!(found, Some(time.as_second()), "{set}: {key}");
    }
    let sum: i64 = ["applied", "duplicate", "late", "dead_letter", "ignored", "forwarded"]
        .iter()
        .map(|outcome| summary[outcome].as_i64().unwrap())
        .sum();
    assert_eq!(summary["records"].as_i64(), Some(sum), "{set}: the outcomes add up");

    let funnel = json(&out, "funnel.json");
    assert_cohorts(set, &funnel, expected["cohorts"].as_table().unwrap());
    assert_steps(set, &funnel, expected["steps"].as_table().unwrap());
    assert_sources(&funnel, expected["segments"].as_table().unwrap());
    let windows = expected["mql_to_won_in_90_days"].as_table().unwrap();
    assert_windows(&out, windows.get(&expected["last_event"].as_str().unwrap()[..10]).unwrap());
    let step = |name: &str, key: &str| {
        let steps = funnel["steps"].as_array().unwrap();
        let of = |step: &&Value| step["segment"] == "all" && step["step"] == name;
        steps.iter().find(of).map_or(0, |step| step[key].as_i64().unwrap())
    };
    let journeys = expected["journeys"].as_integer().unwrap();
    assert_eq!(step("lead_to_mql", "entered"), journeys, "{set}: journeys");
    if let Some(never_closed) = expected.get("never_closed") {
        let closed = step("opportunity_to_won", "converted");
        assert_eq!(Some(journeys - closed), never_closed.as_integer(), "{set}: never closed");
    }
}

/// The last conversions to a win, by cohort.
fn assert_windows(out: &Path, expected: &Item) {
    let text = std::fs::read_to_string(out.join("windows.jsonl")).unwrap();
    let windows: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    for (estimate, figures) in expected.as_table_like().unwrap().iter() {
        let measure = format!("mql_to_won_{estimate}");
        let of = |window: &&Value| window["segment"] == "all" && window["measure"] == measure.as_str();
        let found = windows.iter().find(of).unwrap();
        let figures = figures.as_array().unwrap();
        let keys: &[&str] = match figures.len() {
            1 => &["excluded_immature"],
            _ => &["value", "interval_low", "interval_high", "n", "excluded_immature"],
        };
        assert_eq!(found["value"].is_null(), keys.len() == 1, "{out:?}: {measure}");
        for (key, figure) in keys.iter().zip(figures) {
            let figure = figure.as_float().or(figure.as_integer().map(|n| n as f64)).unwrap();
            let found = found[key].as_f64().unwrap();
            assert!((found - figure).abs() < 1e-8, "{out:?}: {measure} {key} is {found}, not {figure}");
        }
    }
}

/// What is known of each source, summed over its months.
fn assert_sources(funnel: &Value, expected: &Table) {
    for (segment, counts) in expected.iter().filter(|(segment, _)| segment.starts_with("source=")) {
        let cohorts = funnel["cohorts"].as_array().unwrap().iter();
        let cohorts: Vec<&Value> = cohorts.filter(|cohort| cohort["segment"] == segment).collect();
        for stage in ["mql", "sal", "sql", "opportunity", "won", "lost"] {
            let sum: i64 = cohorts.iter().map(|cohort| cohort[stage].as_i64().unwrap()).sum();
            assert_eq!(Some(sum), counts[stage].as_integer(), "{segment} {stage}");
        }
    }
}

fn assert_cohorts(set: &str, funnel: &Value, expected: &Table) {
    let found: Vec<&Value> =
        funnel["cohorts"].as_array().unwrap().iter().filter(|cohort| cohort["segment"] == "all").collect();
    assert_eq!(found.len(), expected.len(), "{set}: months");
    for cohort in found {
        let month = cohort["month"].as_str().unwrap();
        let counts = &expected[month];
        for stage in ["mql", "sal", "sql", "opportunity", "won", "lost"] {
            assert_eq!(cohort[stage].as_i64(), counts[stage].as_integer(), "{set}: {month} {stage}");
        }
    }
}

fn assert_steps(set: &str, funnel: &Value, expected: &Table) {
    for step in funnel["steps"].as_array().unwrap().iter().filter(|step| step["segment"] == "all") {
        let name = step["step"].as_str().unwrap();
        let figures = &expected[name];
        for key in ["entered", "converted"] {
            assert_eq!(step[key].as_i64(), figures[key].as_integer(), "{set}: {name} {key}");
        }
        for (key, days) in ["days_p50", "days_p90"].iter().zip(figures["days"].as_array().unwrap()) {
            let days = Item::from(days.clone()).as_float().unwrap();
            let found = step[key].as_f64().unwrap_or(f64::NAN);
            assert!((found - days).abs() < 5e-5, "{set}: {name} {key} is {found}, not {days}");
        }
    }
}

#[test]
fn olist_gives_the_known_funnel() {
    let files = ["olist_marketing_qualified_leads_dataset.csv", "olist_closed_deals_dataset.csv"];
    let paths = files.map(|file| format!("data/olist/{file}"));
    assert_figures("olist", "olist.toml", &[&paths[0], &paths[1]]);
}

#[test]
fn crm_sales_opportunities_gives_the_known_funnel() {
    let file = "data/crm_sales_opportunities/sales_pipeline.csv";
    assert_figures("crm", "crm_sales_opportunities.toml", &[file]);
}

#[test]
fn the_helpdesk_log_gives_the_known_funnel() {
    assert_figures("helpdesk", "helpdesk_log.toml", &["data/helpdesk_log/helpdesk_events.csv.gz"]);
}

/// What is sent by two sources is told of each apart, as the daemon tells it that reads both.
#[test]
fn a_file_may_be_what_a_source_has_sent() {
    let folder = folder("sources");
    std::fs::create_dir_all(&folder).unwrap();
    let path = |name: &str| folder.join(name).to_str().unwrap().to_owned();
    let (events, out) = (path("events.jsonl"), path("out"));
    rapport(&["simulate", "--scenario", "no_data_deals", "--seed", "3", "--out", &events]);
    let lines = std::fs::read_to_string(&events).unwrap();
    let (deals, leads): (Vec<&str>, Vec<&str>) = lines.lines().partition(|line| line.contains("\"deal_id\""));
    let files = [("crm.leads", leads), ("crm.deals", deals)].map(|(source, lines)| {
        let file = path(&format!("{source}.jsonl"));
        std::fs::write(&file, lines.join("\n")).unwrap();
        format!("{source}={file}")
    });
    let config = path("rapport.toml");
    let sources = "[[source]]\nname = \"crm.leads\"\n\n[[source]]\nname = \"crm.deals\"\n";
    std::fs::write(&config, sources).unwrap();
    let told = |files: &[&str]| -> Vec<Value> {
        rapport(&[&["replay", "--config", &config, "--out", &out][..], files].concat());
        let alerts = std::fs::read_to_string(path("out/alerts.jsonl")).unwrap();
        alerts.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let silent = |alerts: &[Value]| -> Vec<String> {
        let of_feeds = alerts.iter().filter(|alert| alert["rule"] == "no_data" && alert["state"] == "firing");
        of_feeds.map(|alert| alert["subject"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(silent(&told(&[&files[0], &files[1]])), ["crm.deals deals"]);
    assert_eq!(silent(&told(&[&events])), ["direct deals"], "without a name all are one source");
    let args = ["replay", "--config", &config, &files[0].replace("crm.leads=", "crm.lead=")];
    let done = Command::new(env!("CARGO_BIN_EXE_rapport")).args(args).output().unwrap();
    let said = String::from_utf8_lossy(&done.stderr).into_owned();
    assert_eq!(done.status.code(), Some(2), "{said}");
    let why = "crm.lead is no source of the configuration; it has crm.leads, crm.deals";
    assert!(said.contains(why), "{said}");
}

/// A healthy company is left alone; one whose teams fall out is told so, in the planted periods.
#[test]
fn simulated_companies_are_understood() {
    let fired = |scenario: &str| -> Vec<(String, i64)> {
        let events = folder(&format!("{scenario}.jsonl"));
        let out = folder(&format!("replay-{scenario}"));
        let (events, out) = (events.to_str().unwrap(), out.to_str().unwrap());
        rapport(&["simulate", "--scenario", scenario, "--seed", "3", "--disorder", "usual", "--out", events]);
        rapport(&["replay", "--out", out, events]);
        let alerts = std::fs::read_to_string(Path::new(out).join("alerts.jsonl")).unwrap();
        let alerts = alerts.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let firing = alerts.filter(|alert| alert["state"] == "firing");
        firing.map(|a| (a["rule"].as_str().unwrap().to_owned(), a["at"].as_i64().unwrap())).collect()
    };
    assert_eq!(fired("healthy"), []);
    let told = fired("falling_out");
    let truth = json(&folder(""), "falling_out.truth.json");
    for planted in truth["periods"].as_array().unwrap() {
        let (rule, from) = (planted["rule"].as_str().unwrap(), planted["from"].as_i64().unwrap());
        let first = told.iter().find(|(told, _)| told == rule).unwrap_or_else(|| panic!("{rule} is silent"));
        assert!(first.1 >= from, "{rule} spoke before it was planted");
    }
}
