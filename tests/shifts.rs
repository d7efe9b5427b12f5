//! Shifts of cohort quality in Olist's funnel: found, explained and dated, and none made up by the end of the data.
//! What is right is counted here from the files, by another road.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use jiff::civil::{Date, DateTime};
use jiff::{Span, ToSpan as _};
use rapport::commands::configured;
use rapport::funnel::segment::Told;
use rapport::funnel::segment::series::Day;
use rapport::funnel::shifts::detect::Direction;
use rapport::funnel::shifts::{Shift, Shifts};
use rapport::model::alert::Alert;
use rapport::model::event::Event;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Step;
use rapport::model::{DAY_MS, EventTime};
use rapport::pipeline::local::Local;
use serde_json::Value;

use crate::mapping::{map, mapping};
use crate::support::shared;

const LEADS: &str = "olist_marketing_qualified_leads_dataset.csv";
const DEALS: &str = "olist_closed_deals_dataset.csv";

fn lines(path: PathBuf) -> Vec<Value> {
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn day(value: &Value) -> Date {
    value.as_str().unwrap().parse().unwrap()
}

fn after(day: Date, days: i64) -> Date {
    day.checked_add(days.days()).unwrap()
}

/// Of each source and day: leads, and those who won within 90 days, as the files say it.
fn counted(folder: &Path) -> BTreeMap<(String, Date), (u64, u64)> {
    let rows = |file: &str, columns: [&str; 3]| -> Vec<[String; 3]> {
        let mut reader = csv::Reader::from_path(folder.join(file)).unwrap();
        let header = reader.headers().unwrap().clone();
        let places = columns.map(|name| header.iter().position(|column| column == name).unwrap());
        reader.records().map(|row| row.unwrap()).map(|row| places.map(|i| row[i].to_owned())).collect()
    };
    let won: BTreeMap<String, DateTime> = rows(DEALS, ["mql_id", "won_date", "won_date"])
        .into_iter()
        .map(|[id, won, _]| (id, won.parse().unwrap()))
        .collect();
    let mut counted: BTreeMap<(String, Date), (u64, u64)> = BTreeMap::new();
    for [id, date, origin] in rows(LEADS, ["mql_id", "first_contact_date", "origin"]) {
        let contact: Date = date.parse().unwrap();
        let won = won.get(&id);
        // One is won before the first contact: it came when it was won.
        let came = won.map_or(contact, |won| won.date().min(contact));
        let origin = if origin.is_empty() { "(empty)".to_owned() } else { origin };
        let counts = counted.entry((format!("source={origin}"), came)).or_default();
        let horizon = contact.to_datetime(jiff::civil::Time::midnight()) + Span::new().days(90);
        *counts = (counts.0 + 1, counts.1 + u64::from(won.is_some_and(|won| *won < horizon)));
    }
    counted
}

fn sum(counted: &BTreeMap<(String, Date), (u64, u64)>, source: &str, first: Date, last: Date) -> (u64, u64) {
    let is_meant =
        |(of, day): &(String, Date)| (source == "all" || of == source) && (first..=last).contains(day);
    let meant = counted.iter().filter(|(key, _)| is_meant(key));
    meant.fold((0, 0), |sum, (_, counts)| (sum.0 + counts.0, sum.1 + counts.1))
}

fn taken(value: &Value) -> (u64, u64) {
    (value["n"].as_u64().unwrap(), value["k"].as_u64().unwrap())
}

/// What is rightly told: the file of leads ends before that of deals.
fn is_end_of_leads(rule: &Value, subject: &Value) -> bool {
    *rule == "no_data" && *subject == "direct leads"
}

#[test]
fn the_jump_of_olist_is_found_explained_and_dated() {
    let Some(folder) = shared("data/olist") else { return };
    let mapping = Path::new(env!("CARGO_MANIFEST_DIR")).join("deploy/mappings/olist.toml");
    let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("shifts-olist");
    let done = Command::new(env!("CARGO_BIN_EXE_rapport"))
        .arg("replay")
        .args([Path::new("--mapping"), &mapping, Path::new("--out"), &out])
        .args([LEADS, DEALS].map(|file| folder.join(file)))
        .output()
        .unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let printed = String::from_utf8(done.stdout).unwrap();

    // Every rule is on. Of a history in which only MQLs and wins are known nobody is to be told but that the MQLs end
    // on 31 May, while deals go on.
    let alerts = lines(out.join("alerts.jsonl"));
    assert!(alerts.iter().all(|alert| is_end_of_leads(&alert["rule"], &alert["subject"])), "{alerts:?}");
    assert_eq!(alerts.len(), 1);
    assert!(
        alerts[0]["summary"]
            .as_str()
            .unwrap()
            .starts_with("No record of leads has come from direct for 71.0"),
        "{alerts:?}"
    );

    let shifts = lines(out.join("shifts.jsonl"));
    let steps: Vec<&str> = shifts.iter().map(|shift| shift["step"].as_str().unwrap()).collect();
    assert_eq!(steps, ["mql_to_sql", "mql_to_won"], "each tells the jump once, and nothing else");
    let (early, jump) = (&shifts[0], &shifts[1]);
    assert_eq!((&jump["direction"], &jump["horizon_days"]), (&"better".into(), &90.into()));
    let jumped: Date = "2018-01-02".parse().unwrap();
    assert_eq!(day(&jump["from"]), jumped, "nobody of the nine of New Year's Day was won");
    let reached = day(&jump["reached"]);
    assert!((jumped..=after(jumped, 6)).contains(&reached), "{reached}");
    assert_eq!(day(&jump["known_on"]), after(reached, 91));
    assert!(jump["known_on"].as_str().unwrap().starts_with("2018-04-"), "{}", jump["known_on"]);
    assert!(printed.contains("MQL→won within 90 days: better from the MQLs of 2018-01-02 on"), "{printed}");

    let counted = counted(&folder);
    let first: Date = "2017-06-14".parse().unwrap();
    let (before, since) = (&jump["before"], &jump["after"]);
    assert_eq!((day(&before["first_day"]), day(&before["last_day"])), (first, after(jumped, -1)));
    assert_eq!(taken(before), sum(&counted, "all", first, after(jumped, -1)));
    let last = day(&since["last_day"]);
    assert_eq!(taken(since), sum(&counted, "all", jumped, last));
    assert_eq!(taken(&jump["at_first"]), sum(&counted, "all", jumped, reached));

    // The volume more than tripled at the same time.
    let volume = |key: &str| jump["volume"][key].as_f64().unwrap();
    assert!(volume("after") > 3.0 * volume("before"), "{}", jump["volume"]);

    // Each origin carries what the files say, and together they carry all of it.
    let by_source = &jump["explained"][0];
    assert_eq!(by_source["keys"], serde_json::json!(["source"]));
    let parts = by_source["parts"].as_array().unwrap();
    assert_eq!(parts.len(), 11);
    let mut carried = 0.0;
    for part in parts {
        let source = part["segment"].as_str().unwrap();
        assert_eq!(taken(&part["before"]), sum(&counted, source, first, after(jumped, -1)), "{source}");
        assert_eq!(taken(&part["after"]), sum(&counted, source, jumped, last), "{source}");
        carried += part["mix"].as_f64().unwrap() + part["rate"].as_f64().unwrap();
    }
    let share = |span: &Value| span["share"].as_f64().unwrap();
    assert!((carried - (share(since) - share(before))).abs() < 1e-12);
    assert!(by_source["rate"].as_f64().unwrap() > 0.9 * carried, "the same origins fare otherwise");
    let heaviest: Vec<&str> = parts[..3].iter().map(|part| part["segment"].as_str().unwrap()).collect();
    assert_eq!(heaviest, ["source=organic search", "source=unknown", "source=paid search"]);

    // That no win is known from before is said, since it may be the reason.
    assert_eq!(jump["unseen"]["first_taken"], "2017-12-05");

    // What can be seen within 14 days tells of the same day two months earlier.
    assert_eq!((day(&early["from"]), &early["direction"]), (jumped, &"better".into()));
    assert!(day(&early["known_on"]) < after(day(&jump["known_on"]), -50));
}

/// The leads and deals of a folder, up to a time, as a replay hears them: what it tells.
fn heard(events: &[Event], until: EventTime) -> (Vec<Alert>, Vec<Shift>) {
    let config = configured::config(None).unwrap();
    let mut definitions = configured::local_definitions(&config).unwrap();
    (definitions.retention_days, definitions.open_retention_days) = (None, None);
    definitions.windows_every_minutes = 24 * 60;
    let terms = configured::terms(definitions, 1).unwrap();
    let (mut local, mut shifts) = (Local::new(&terms), Shifts::new(&terms.definitions));
    let mut told = Vec::new();
    let mut today = i32::MIN;
    let mut look = |local: &Local| {
        let now = terms.days.local_day(local.time().start().0);
        if now > today {
            today = now;
            shifts.look(local.segments().book(), Day(now));
        }
    };
    let mut heard_on = i64::MIN;
    for event in events.iter().filter(|event| event.occurred_at < until) {
        let at = event.occurred_at;
        if at.0.div_euclid(DAY_MS) > heard_on {
            heard_on = at.0.div_euclid(DAY_MS);
            told.extend(local.commit_all());
            look(&local);
        }
        let holds = Holds::Event(event.clone());
        local.append(0, LogRecord { timestamp: at, came: Came::Direct, holds });
        local.read_all();
    }
    told.extend(local.finish());
    look(&local);
    let alerts = told.into_iter().filter_map(|told| match told {
        Told::Alert(alert) => Some(alert),
        _ => None,
    });
    (alerts.collect(), shifts.told(&terms).into_iter().flat_map(|outcome| outcome.shifts).collect())
}

/// What does not depend on how the level went on.
fn as_known_first(shift: &Shift) -> (Step, Direction, [&str; 3], u64, u64) {
    let Shift { step, direction, from, reached, known_on, at_first, before, .. } = shift;
    (*step, *direction, [from, reached, known_on], at_first.k, before.taken.n)
}

/// Wherever the history ends, it says what the whole one says of the time until then: leads that are too young, and
/// deals that are not won yet, are never taken for a fall.
#[test]
fn the_end_of_the_data_makes_up_nothing() {
    let Some(folder) = shared("data/olist") else { return };
    let mut events = map(&mapping("olist.toml"), &folder, &[LEADS, DEALS]).events;
    events.sort_by_key(|event| event.occurred_at);
    let (alerts, whole) = heard(&events, EventTime(i64::MAX));
    assert!(alerts.iter().all(|a| is_end_of_leads(&a.rule.as_str().into(), &a.subject.as_deref().into())));
    let last = events.last().unwrap().occurred_at.rfc3339();
    for shift in &whole {
        let old: Date = after(shift.reached.parse().unwrap(), 1 + i64::from(shift.horizon_days));
        assert!(old <= last[..10].parse().unwrap(), "{shift:?}");
    }
    for cut in ["2018-01-20", "2018-03-10", "2018-04-20", "2018-06-01", "2018-07-15"] {
        let until: jiff::Timestamp = format!("{cut}T00:00:00Z").parse().unwrap();
        let (alerts, told) = heard(&events, EventTime(until.as_millisecond()));
        let is_told =
            alerts.iter().all(|a| is_end_of_leads(&a.rule.as_str().into(), &a.subject.as_deref().into()));
        assert!(is_told && (alerts.is_empty() || cut > "2018-06-12"), "up to {cut}: {alerts:?}");
        let told: Vec<_> = told.iter().map(as_known_first).collect();
        let known = whole.iter().filter(|shift| shift.known_on.as_str() < cut);
        assert_eq!(told, known.map(as_known_first).collect::<Vec<_>>(), "up to {cut}");
    }
}
