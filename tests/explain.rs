//! `rapport explain` as a person runs it on what `rapport replay --out` wrote: the printed numbers are worked out by
//! hand, and come to what the alert says.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use rapport::funnel::signs::rule::Rule;
use serde_json::{Value, json};

use crate::support::{story, written};

fn run(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_rapport")).args(args).output().unwrap()
}

fn rapport(args: &[&str]) -> String {
    let done = run(args);
    assert!(done.status.success(), "rapport {args:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// Replays the events of a story until a time; gives the folder that was written, and the alerts of a rule.
fn replayed(name: &str, rule: Rule, until: &str, config: &str) -> (PathBuf, Vec<Value>) {
    let path = format!("{}/tests/stories/{name}.story", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(path).unwrap();
    let until = until.parse::<jiff::Timestamp>().unwrap().as_millisecond();
    let mut events = story::events(name, &text);
    events.retain(|event| event["occurred_at"].as_i64().unwrap() < until);
    // Time goes on with events alone.
    let last = json!({"event_id": "last", "occurred_at": until, "kind": "lead_created", "lead_id": "last"});
    let lines: String = events.iter().chain([&last]).map(|event| format!("{event}\n")).collect();
    let events = written(&format!("explain-{name}.jsonl"), lines.as_bytes());
    let off = Rule::ALL.iter().filter(|other| **other != rule);
    let off: String = off.map(|rule| format!("[rule.{}]\nenabled = false\n", rule.name())).collect();
    let config = written(&format!("explain-{name}.toml"), format!("{config}\n{off}").as_bytes());
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("explain-{name}"));
    let [config, folder, events] = [&config, &out, &events].map(|path| path.to_str().unwrap());
    rapport(&["replay", "--config", config, "--out", folder, events]);
    let alerts = std::fs::read_to_string(out.join("alerts.jsonl")).unwrap();
    let alerts: Vec<Value> = alerts.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (out, alerts)
}

/// What is printed of an alert.
struct Printed {
    text: String,
    /// The figures by their names, each with what it follows from.
    figures: BTreeMap<String, (f64, String)>,
    columns: Vec<String>,
    /// The beginning of each row, and its numbers.
    rows: Vec<(String, Vec<f64>)>,
}

impl Printed {
    /// Asks for an alert of a folder by the first digits of its fingerprint.
    fn of(folder: &Path, alert: &Value) -> Printed {
        let digits = &alert["fingerprint"].as_str().unwrap()[..8];
        let text = rapport(&["explain", digits, "--folder", folder.to_str().unwrap()]);
        let part = |heading: &str| {
            let lines = text.lines().skip_while(|line| *line != heading).skip(1);
            lines.take_while(|line| !line.is_empty()).collect::<Vec<&str>>()
        };
        let cells = |line: &str| -> Vec<String> {
            let cells = line.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
            cells.map(str::to_owned).collect()
        };
        let figure = |line: &&str| {
            let cells = cells(line);
            (cells[0].clone(), (cells[1].parse().unwrap(), cells[2..].join("  ")))
        };
        let figures = part("How its value comes about").iter().map(figure).collect();
        let table = part("The rows");
        let columns = cells(table[0])[1..].to_vec();
        let row = |line: &&str| {
            let cells = cells(line);
            (cells[0].clone(), cells[1..].iter().map(|cell| cell.parse().unwrap()).collect())
        };
        let rows = table[1..].iter().map(row).collect();
        Printed { figures, columns, rows, text }
    }

    fn figure(&self, name: &str) -> f64 {
        self.figures.get(name).unwrap_or_else(|| panic!("no figure {name}:\n{}", self.text)).0
    }

    /// The sum of a column from a time on.
    fn sum(&self, column: &str, from: &str) -> f64 {
        let place = self.columns.iter().position(|known| known == column).unwrap();
        self.rows.iter().filter(|(at, _)| at.as_str() >= from).map(|(_, numbers)| numbers[place]).sum()
    }
}

/// A time as it is printed.
fn minute(ms: &Value) -> String {
    let at = jiff::Timestamp::from_millisecond(ms.as_i64().unwrap()).unwrap();
    at.strftime("%Y-%m-%d %H:%M").to_string()
}

fn number(alert: &Value, key: &str) -> f64 {
    alert[key].as_f64().unwrap_or_else(|| panic!("{key} of {alert}"))
}

/// A number and what was printed of it, with four digits behind the point.
#[track_caller]
fn assert_printed(printed: f64, is: f64) {
    assert!((printed - is).abs() <= 0.5001e-4, "{printed} is printed of {is}");
}

#[test]
fn a_first_touch_alert_can_be_worked_out_by_hand() {
    let config = "[funnel.horizons]\nmql_to_won = \"14d\"\n";
    let until = "2026-03-23T14:00:00Z";
    let (folder, alerts) = replayed("first_touch_surge", Rule::FirstTouchSlo, until, config);
    let alert = alerts.iter().rfind(|alert| alert["segment"] == "all").unwrap();
    assert_eq!((alert["state"].as_str(), alert["owner_team"].as_str()), (Some("firing"), Some("marketing")));
    let printed = Printed::of(&folder, alert);
    let (met, missed, n) = (printed.figure("met"), printed.figure("missed"), number(alert, "n"));
    assert_eq!(met + missed, n);
    assert_printed(printed.figure("value"), met / n);
    assert_printed(printed.figure("value"), number(alert, "value"));
    let from = minute(&alert["window_start"]);
    let late = printed.columns.iter().filter(|column| column.starts_with("missed, "));
    assert_eq!(printed.sum("met", &from), met);
    assert_eq!(late.map(|column| printed.sum(column, &from)).sum::<f64>(), missed);

    // At risk is what lies beyond the promise.
    let journeys = printed.figure("journeys at risk");
    assert_printed(journeys, missed - n * (1.0 - number(alert, "threshold")));
    let worth = printed.figure("win rate") * printed.figure("EUR of a won deal, in minor units");
    assert_eq!(printed.figure("EUR at risk, in minor units"), (journeys * worth).round());
    assert_eq!(printed.figure("EUR at risk, in minor units"), number(alert, "cost_at_risk_minor"));

    let ids: Vec<&str> =
        alert["evidence"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect();
    assert_eq!(ids.len() as f64, missed, "each is named");
    assert!(printed.text.contains(&format!("  {}\n", ids.join(", "))), "{}", printed.text);
    for key in ["summary", "advice"] {
        assert!(printed.text.contains(alert[key].as_str().unwrap()), "{key}:\n{}", printed.text);
    }
}

/// The upper limit of Wilson's one-sided 95 % interval (E. B. Wilson, Probable inference, JASA 22, 1927).
fn wilson_upper(k: f64, n: f64) -> f64 {
    let (z, share) = (1.644_853_627, k / n);
    let reach = z * (share * (1.0 - share) / n + z * z / (4.0 * n * n)).sqrt();
    (share + z * z / (2.0 * n) + reach) / (1.0 + z * z / n)
}

#[test]
fn an_alert_on_a_share_can_be_worked_out_by_hand() {
    let config = "[rule.dead_library]\nbaseline = \"56d\"\ndetect = \"21d\"\nmin_n = 50\nalerts_per_month = 0.5\n\
                  clear = 1\nunused = \"7d\"\n";
    let (folder, alerts) = replayed("dead_library", Rule::DeadLibrary, "2026-04-21T10:00:00Z", config);
    let [alert] = alerts.as_slice() else { panic!("{alerts:?}") };
    assert_eq!(alert["state"], "firing");
    let printed = Printed::of(&folder, alert);
    let (bad, n) = (printed.figure("bad outcomes"), printed.figure("outcomes"));
    let from = minute(&alert["window_start"]);
    assert_eq!((printed.sum("bad", &from), printed.sum("outcomes", &from)), (bad, n));
    assert_eq!(n, number(alert, "n"));
    assert_printed(printed.figure("value"), bad / n);
    assert_printed(printed.figure("value"), number(alert, "value"));

    // Its threshold is the usual share at its upper limit, the odds of which are the next power of 1.02.
    let (baseline, learned) = &printed.figures["baseline"];
    let mut words = learned.split(' ').filter_map(|word| word.parse::<f64>().ok());
    let (k, of) = (words.next().unwrap(), words.next().unwrap());
    assert_printed(*baseline, k / of);
    assert_printed(*baseline, number(alert, "baseline"));
    assert_eq!(printed.figure("scatter"), 1.0, "its weeks are alike, so that each outcome counts in full");
    let upper = wilson_upper(k, of);
    let odds = 1.02_f64.powf(((upper / (1.0 - upper)).ln() / 1.02_f64.ln()).ceil());
    let p0 = odds / (1.0 + odds);
    assert_printed(printed.figure("p0, taken for normal"), p0);
    assert!((number(alert, "threshold") - p0).abs() < 1e-9);

    // The detector goes over the rows, and stands at its threshold.
    let p1 = 2.5 * odds / (1.0 + 2.5 * odds);
    assert_printed(printed.figure("p1, watched for"), p1);
    let mut s = 0.0_f64;
    for (at, numbers) in &printed.rows {
        let [outcomes, bad, shown] = numbers[..] else { panic!("{at}: {numbers:?}") };
        s = (s + bad * (p1 / p0).ln() + (outcomes - bad) * ((1.0 - p1) / (1.0 - p0)).ln()).max(0.0);
        assert_printed(shown, s);
    }
    assert_printed(printed.figure("S, the detector"), s);
    assert!(s >= printed.figure("h, its threshold"), "{s}");

    // What is bad is counted by piece. They are no leads.
    let unused = printed.figures.iter().filter(|(name, _)| name.starts_with("unused: "));
    assert_eq!(unused.map(|(_, (periods, _))| periods).sum::<f64>(), bad);
    assert!(printed.figures.contains_key("unused: piece-04-13/9"), "{}", printed.text);
    assert!(alert["evidence"].as_array().unwrap().is_empty() && !printed.text.contains("Behind it"));
}

#[test]
fn an_alert_that_was_resolved_is_explained_as_it_fired() {
    let config = "[rule.sales_authored_share]\nbaseline = \"56d\"\ndetect = \"7d\"\nmin_n = 50\n\
                  alerts_per_month = 0.5\nclear = 2\n";
    let (name, rule) = ("sales_authored_share", Rule::SalesAuthoredShare);
    let (folder, alerts) = replayed(name, rule, "2026-04-13T10:00:00Z", config);
    let of_all: Vec<&Value> = alerts.iter().filter(|alert| alert["segment"] == "all").collect();
    let [fired, resolved] = of_all[..] else { panic!("{of_all:?}") };
    let digits = fired["fingerprint"].as_str().unwrap();
    let printed =
        |more: &[&str]| rapport(&[&["explain", digits, "--folder", folder.to_str().unwrap()], more].concat());
    assert!(printed(&[]).contains(resolved["summary"].as_str().unwrap()), "{}", printed(&[]));
    assert!(printed(&[]).contains("--fired"), "{}", printed(&[]));
    assert!(printed(&["--fired"]).contains(fired["summary"].as_str().unwrap()), "{}", printed(&["--fired"]));
    let json: Value = serde_json::from_str(&printed(&["--fired", "--json"])).unwrap();
    assert_eq!((&json["alert"], &json["explanation"]["at"]), (fired, &fired["at"]));
}

#[test]
fn digits_of_no_alert_are_refused_with_the_way_out() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("explain-nothing");
    std::fs::create_dir_all(&folder).unwrap();
    let refused = |digits: &str, folder: &Path| {
        let done = run(&["explain", digits, "--folder", folder.to_str().unwrap()]);
        assert_eq!(done.status.code(), Some(2), "{done:?}");
        String::from_utf8(done.stderr).unwrap()
    };
    let nowhere = refused("ab12", &folder.join("nowhere"));
    assert!(nowhere.contains("explanations.jsonl"), "it says what it looked for: {nowhere}");
    let said = |digits: &str| refused(digits, &folder);
    let of = |fingerprint: &str| {
        let sum =
            json!({"figures": [], "outcomes": {"columns": [], "rows": []}, "carriers": [], "at_risk": []});
        format!("{}\n", json!({"fingerprint": fingerprint, "at": 0, "sum": sum}))
    };
    let two = of("ab12000000000001") + &of("ab12000000000002");
    std::fs::write(folder.join("explanations.jsonl"), two).unwrap();
    assert!(said("cd").contains("no alert in") && said("cd").contains("alerts.jsonl"), "{}", said("cd"));
    assert!(said("ab12").contains("write more digits"), "{}", said("ab12"));
}
