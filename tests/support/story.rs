//! Stories: an input table and the expected output table, in one readable file.
//!
//! ```text
//! # what the story is about
//! set first_touch_slo.min_n = 1          definitions other than the test's plain ones
//! 2026-03-02 09:00 lead_created lead_id=L1 source=webinar
//! 2026-03-02 09:05 lead_stage_entered lead_id=L1 stage=mql
//! read 2026-03-02 09:10                  what follows arrives when time has passed this boundary
//! each 2026-03-02 2026-03-16 x3 09:00 lead_stage_entered lead_id={} stage=mql
//!                                        so many on each day from Monday to Friday, from a day to before another; {}
//!                                        stands for the day and the number: 03-02/1, {-7} for those of 7 days before
//!                                        and so on, {n} for the number alone
//! daily 2026-03-02 2026-03-16 x3 09:00 … the same on each day of the week
//! define first_touch_slo.within = 60; …  other definitions are announced in every partition, with these changes
//! expect 2026-03-02 14:00 all entered_ open_
//!   entered_lead 2026-03-02 09:00 1
//!   …
//! windows 2026-03-31 12:00 all mql_to_sql_ entered_mql
//!   mql_to_sql_matured 42d 0.555556 [0.266651, 0.811221] n=9 young=8
//!   entered_mql 7d 5 n=5                 `none` for a value that is undefined; what is 0 or absent is left out
//! alerts
//!   2026-03-02 14:05 firing page first_touch_slo all
//! stands silent_leads learning=1         how a rule stood when it was judged last: in so many segments and subjects
//! score
//!   50                                   the score of the alignment, and the rules behind it
//!   divergence 1
//! summaries
//!   5 of 6 MQLs got no human touch …      what those alerts say
//! advice
//!   Sales: take the listed leads …        what the last ones say is to be done
//! named
//!   L1 L2                                whom they name as evidence
//! owners
//!   sales                                who is to act first
//! figure gate that is rare enough
//!   0.0005                               a figure of the sums behind them, where there is one of that name
//! young
//!   3 first_touch_slo all                 how many were too young to count, where there were any
//! outcomes applied=2
//! ```
//!
//! `# beat silent_leads fires: what happens` says which beat of a rule's life the lines up to the next one show;
//! `tests/beats.rs` holds that every rule has all of them.
//!
//! Lines that begin with two spaces are the expected table of the line above; all rows of the chosen
//! segment whose measure begins with one of the prefixes must be there, in this order, and no others. Counts are
//! those of the definitions that came last; what is counted anew after a switch stands in the first minute of its
//! hour, ages and delays in that of their day.
//! `windows` shows what a reader of `rapport.windows` knows by then: of each key the result told last, which
//! must be what is true now, and of no other key does the reader know any; the time must be a whole hour, when
//! windows are computed. Numbers are rounded to six digits after the point.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use rapport::codec::{self, Format, Record, SchemaStore};
use rapport::funnel::segment::{Told, windows};
use rapport::funnel::terms::Terms;
use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::definitions::{DIRECT, Definitions};
use rapport::model::delta::Delta;
use rapport::model::explanation::Sum;
use rapport::model::measure::Cell;
use rapport::model::outcome::Outcome;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::standing::alignment_score;
use rapport::model::window::WindowResult;
use rapport::model::{EventTime, Minute, Text};
use rapport::pipeline::local::Local;

use super::definitions;
use super::repeated::Repeated;
use super::story_lines::{alert_line, count_line, rounded, window_line};
use super::written_rules::WrittenRules;

/// Plays a story and panics with a readable difference where it goes otherwise than told.
pub fn play(name: &str, text: &str) {
    play_with(name, text, Box::new(|_, _| {}));
}

/// The same, and shows each alert with the sum that explains it.
pub fn play_with(name: &str, text: &str, explained: Shown<'_>) {
    let mut teller = Teller::new(name, text, explained);
    let mut lines = text.lines().enumerate().peekable();
    while let Some((i, line)) = lines.next() {
        let mut table = Vec::new();
        while let Some((_, row)) = lines.next_if(|(_, next)| next.starts_with("  ")) {
            table.push(row.trim().to_owned());
        }
        teller.line(i + 1, line.trim(), &table);
    }
}

/// Looks at an alert and its sum.
pub type Shown<'s> = Box<dyn FnMut(&Alert, &Sum) + 's>;

struct Teller<'s> {
    name: String,
    explained: Shown<'s>,
    last: Option<Alert>,
    local: Local,
    partitions: u32,
    definitions: Definitions,
    /// The settings of rules that are written as in the configuration.
    written: WrittenRules,
    number: u32,
    /// The number of the definitions under which the counts were counted.
    counted: u32,
    counts: BTreeMap<(Text, Cell), i64>,
    windows: BTreeMap<String, WindowResult>,
    alerts: Vec<String>,
    summaries: Vec<String>,
    advice: Vec<String>,
    named: Vec<String>,
    owners: Vec<String>,
    sums: Vec<Sum>,
    young: Vec<String>,
    schemas: SchemaStore,
}

impl<'s> Teller<'s> {
    fn new(name: &str, text: &str, explained: Shown<'s>) -> Teller<'s> {
        let mut definitions = definitions::plain();
        let mut written = WrittenRules::default();
        for line in text.lines().filter(|line| line.starts_with("set ")) {
            assert!(line.contains('='), "{name}: {line}: set KEY = VALUE");
        }
        for (key, value) in settings(text) {
            set(&mut definitions, &mut written, key, value);
        }
        let partitions = definitions.event_partitions;
        let terms = Terms::new(definitions.clone(), 1).expect("a story's definitions are right");
        Teller {
            name: name.to_owned(),
            explained,
            last: None,
            local: Local::new(&Arc::new(terms)),
            partitions,
            definitions,
            written,
            number: 1,
            counted: 1,
            counts: BTreeMap::new(),
            windows: BTreeMap::new(),
            alerts: Vec::new(),
            summaries: Vec::new(),
            advice: Vec::new(),
            named: Vec::new(),
            owners: Vec::new(),
            sums: Vec::new(),
            young: Vec::new(),
            schemas: SchemaStore::default(),
        }
    }

    fn line(&mut self, number: usize, line: &str, table: &[String]) {
        let place = format!("{}:{number}", self.name);
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "" | "#" | "set" => {}
            "define" => self.define(rest, &place),
            "read" => self.pass(time(rest, &place).minute()),
            "each" => self.each(rest, false, number, &place),
            "daily" => self.each(rest, true, number, &place),
            "stands" => self.stands(rest, &place),
            "score" => compare(&place, table, &self.score()),
            "expect" => self.expect(rest, table, &place),
            "windows" => self.windows(rest, table, &place),
            "alerts" => compare(&place, table, &std::mem::take(&mut self.alerts)),
            "young" => compare(&place, table, &std::mem::take(&mut self.young)),
            "summaries" => compare(&place, table, &std::mem::take(&mut self.summaries)),
            "advice" => compare(&place, table, &self.advice[self.advice.len().saturating_sub(table.len())..]),
            "named" => compare(&place, table, &std::mem::take(&mut self.named)),
            "owners" => compare(&place, table, &std::mem::take(&mut self.owners)),
            "figure" => self.figure(rest, table, &place),
            "outcomes" => self.outcomes(rest, &place),
            _ if word.starts_with('#') => {}
            _ => self.event(line, &format!("line-{number}"), &place),
        }
    }

    /// Other definitions are announced: those before with some settings changed.
    fn define(&mut self, rest: &str, place: &str) {
        for setting in rest.split(';') {
            let (key, value) =
                setting.split_once('=').unwrap_or_else(|| panic!("{place}: {setting} is no KEY = VALUE"));
            set(&mut self.definitions, &mut self.written, key.trim(), value.trim());
        }
        self.number += 1;
        self.local.announce(self.number, &self.definitions, EventTime(0));
        self.local.read_all();
    }

    /// The same events on each day of the working week, or of the whole one.
    fn each(&mut self, rest: &str, weekends: bool, number: usize, place: &str) {
        let repeated = Repeated::parse(rest, weekends)
            .unwrap_or_else(|| panic!("{place}: each FROM TO xN HH:MM KIND …"));
        for (id, line) in repeated.lines() {
            self.event(&line, &format!("line-{number}-{id}"), place);
        }
    }

    /// How a rule stood when it was judged last.
    fn stands(&self, rest: &str, place: &str) {
        let (rule, expected) = rest.split_once(' ').unwrap_or((rest, ""));
        let standings = self.local.segments().standings();
        let found = standings.iter().find(|standing| standing.rule == rule);
        let found = found.unwrap_or_else(|| panic!("{place}: {rule} was not judged"));
        let counts = [
            ("kept", found.kept),
            ("learning", found.learning),
            ("holding", found.holding),
            ("broken", found.broken),
        ];
        let told: Vec<String> =
            counts.iter().filter(|(_, n)| *n > 0).map(|(name, n)| format!("{name}={n}")).collect();
        assert_eq!(told.join(" "), expected, "{place}: how {rule} stands");
    }

    /// The score, and the health of each rule behind it.
    fn score(&self) -> Vec<String> {
        let standings = self.local.segments().standings();
        let score = alignment_score(&standings).map_or("none".to_owned(), rounded);
        let known = standings.iter().filter_map(|of| Some(format!("{} {}", of.rule, rounded(of.health?))));
        std::iter::once(score).chain(known).collect()
    }

    fn event(&mut self, line: &str, id: &str, place: &str) {
        let (at, event) = event(line, id, place);
        let bytes = event.to_string();
        let decoded = codec::decode(bytes.as_bytes(), Format::Json, &self.schemas);
        let Ok(codec::Decoded { record: Record::Event(event), .. }) = decoded else {
            panic!("{place}: {decoded:?}");
        };
        let partition =
            rapport::model::partitioner::partition_of(event.record_key().as_bytes(), self.partitions);
        let holds = Holds::Event(event);
        self.local.append(
            partition,
            LogRecord { timestamp: at, came: Came::Intake { source: "crm".into() }, holds },
        );
        self.local.read_all();
    }

    /// Time passes a boundary in every partition.
    fn pass(&mut self, boundary: Minute) {
        for partition in 0..self.partitions {
            let sources = self.definitions.sources.iter().map(|source| source.name.clone());
            for source in sources.collect::<Vec<_>>() {
                let holds = Holds::Control(Control::Progress { source, partition, time: boundary.start() });
                let record = LogRecord { timestamp: boundary.start(), came: Came::Direct, holds };
                self.local.append(partition, record);
            }
        }
        self.local.read_all();
        for partition in 0..self.partitions {
            for delta in self.local.take_deltas(partition) {
                self.count(&delta);
                let told = self.local.judge(delta);
                self.alerts.extend(told.iter().filter_map(alert_line));
                told.into_iter().for_each(|told| self.hear(told));
            }
        }
    }

    fn count(&mut self, delta: &Delta) {
        if delta.switch.is_some() && delta.definitions > self.counted {
            self.counted = delta.definitions;
            self.counts.clear();
        }
        if delta.definitions < self.counted {
            return;
        }
        for step in delta.steps.values() {
            for (key, n) in &step.counts {
                *self.counts.entry(key.clone()).or_default() += n;
            }
        }
    }

    fn figure(&mut self, name: &str, table: &[String], place: &str) {
        let figures =
            self.sums.iter().flat_map(|sum| sum.figures.iter().filter(|figure| figure.name == name));
        let values: Vec<String> =
            figures.map(|figure| figure.value.map_or("none".to_owned(), rounded)).collect();
        compare(place, table, &values);
    }

    fn hear(&mut self, told: Told) {
        match told {
            Told::Alert(alert) => {
                let young = Some(alert.excluded_immature).filter(|n| *n > 0);
                self.young.extend(young.map(|n| format!("{n} {} {}", alert.rule, alert.segment)));
                self.summaries.push(alert.summary.clone());
                self.advice.push(alert.advice.clone());
                self.named.push(alert.evidence.join(" "));
                self.owners.push(format!("{:?}", alert.owner_team).to_lowercase());
                self.last = Some(alert);
            }
            Told::Explained(explanation) => {
                let alert = self.last.take().expect("an explanation follows its alert");
                (self.explained)(&alert, &explanation.sum);
                self.sums.push(explanation.sum);
            }
            Told::Erased(_) => {}
            Told::Window(result) => {
                self.windows.insert(result.record_key(), result);
            }
            Told::WindowGone(key) => {
                self.windows.remove(&key.record_key());
            }
        }
    }

    fn expect(&mut self, rest: &str, table: &[String], place: &str) {
        let Asked { at, segment, prefixes } = asked(rest, place);
        self.pass(at);
        let chosen = |measure: &str| begins(measure, &prefixes);
        let rows: Vec<String> = self
            .counts
            .iter()
            .filter(|((known, cell), n)| known == segment && **n != 0 && chosen(&cell.measure.to_string()))
            .map(|((_, cell), n)| count_line(cell, *n))
            .collect();
        compare(place, table, &rows);
    }

    fn windows(&mut self, rest: &str, table: &[String], place: &str) {
        let Asked { at, segment, prefixes } = asked(rest, place);
        self.pass(at);
        let now = self.local.segments().windows_now();
        for key in self.windows.keys() {
            let is_there = now.iter().any(|now| now.record_key() == *key);
            assert!(is_there, "{place}: {key} is still known, but there is no such window now");
        }
        let chosen = now.iter().filter(|now| now.segment == segment && begins(&now.measure, &prefixes));
        let rows: Vec<String> = chosen
            .map(|now| {
                let told = self.windows.get(&now.record_key());
                let told = told.unwrap_or_else(|| panic!("{place}: {} was never told", now.record_key()));
                assert!(windows::same(told, now), "{place}: told {told:?}, but now it is {now:?}");
                window_line(told)
            })
            .collect();
        compare(place, table, &rows);
    }

    fn outcomes(&self, rest: &str, place: &str) {
        let tally = self.local.tally();
        let told: Vec<String> = Outcome::ALL
            .iter()
            .filter(|outcome| tally.of(**outcome) > 0)
            .map(|outcome| format!("{}={}", outcome.as_str(), tally.of(*outcome)))
            .collect();
        assert_eq!(rest, told.join(" "), "{place}: outcomes");
    }
}

/// The event of a line, and when it occurred.
fn event(line: &str, id: &str, place: &str) -> (EventTime, serde_json::Value) {
    let mut words = line.split_whitespace();
    let at = format!("{} {}", words.next().unwrap_or(""), words.next().unwrap_or(""));
    let at = time(&at, place);
    let kind = words.next().unwrap_or_else(|| panic!("{place}: a kind is missing"));
    let mut fields = serde_json::Map::new();
    fields.insert("event_id".into(), id.into());
    fields.insert("occurred_at".into(), at.0.into());
    fields.insert("kind".into(), kind.into());
    for pair in words {
        let (key, value) = pair.split_once('=').unwrap_or_else(|| panic!("{place}: {pair} is no k=v"));
        let value = match (key, value.parse::<i64>(), value.parse::<bool>()) {
            ("amount_minor" | "value" | "from" | "to", Ok(n), _) => n.into(),
            (_, _, Ok(flag)) => flag.into(),
            ("from" | "to", ..) => time(&format!("{value}T00:00"), place).0.into(),
            ("reasons", ..) => value.split('+').collect::<Vec<_>>().into(),
            _ => value.into(),
        };
        match key.strip_prefix("attributes.") {
            None => fields.insert(key.into(), value),
            Some(name) => {
                let attributes = fields.entry("attributes").or_insert_with(|| serde_json::json!({}));
                attributes.as_object_mut().and_then(|map| map.insert(name.into(), value))
            }
        };
    }
    (at, serde_json::Value::Object(fields))
}

/// Every event of a story, in the order of time, as producers write it.
pub fn events(name: &str, text: &str) -> Vec<serde_json::Value> {
    let mut events = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let (place, id) = (format!("{name}:{number}"), format!("line-{number}"));
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        if word.starts_with(|c: char| c.is_ascii_digit()) {
            events.push(event(line, &id, &place));
        } else if word == "each" || word == "daily" {
            let repeated = Repeated::parse(rest, word == "daily").expect("a story that is played is right");
            events.extend(repeated.lines().map(|(of, line)| event(&line, &format!("{id}-{of}"), &place)));
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events.into_iter().map(|(_, event)| event).collect()
}

/// Every setting of a story, as it is written.
pub fn settings(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let set = text.lines().filter_map(|line| line.strip_prefix("set ")?.split_once('='));
    set.map(|(key, value)| (key.trim(), value.trim()))
}

/// A setting of the test's own words, or of a rule as it is written in the configuration.
fn set(definitions: &mut Definitions, written: &mut WrittenRules, key: &str, value: &str) {
    if written.take(key, value) {
        written.apply(definitions);
    } else {
        definitions::set(definitions, key, value);
    }
}

/// What an expected table is of.
struct Asked<'a> {
    at: Minute,
    segment: &'a str,
    prefixes: Vec<&'a str>,
}

fn asked<'a>(rest: &'a str, place: &str) -> Asked<'a> {
    let mut words = rest.split_whitespace();
    let at = format!("{} {}", words.next().unwrap_or(""), words.next().unwrap_or(""));
    let at = time(&at, place).minute();
    Asked { at, segment: words.next().unwrap_or("all"), prefixes: words.collect() }
}

fn begins(measure: &str, prefixes: &[&str]) -> bool {
    prefixes.is_empty() || prefixes.iter().any(|prefix| measure.starts_with(prefix))
}

fn time(text: &str, place: &str) -> EventTime {
    let text = text.trim().replace(' ', "T");
    let seconds = if text.len() == 16 { ":00" } else { "" };
    let parsed: jiff::Timestamp =
        format!("{text}{seconds}Z").parse().unwrap_or_else(|e| panic!("{place}: {text} is no time: {e}"));
    EventTime(parsed.as_millisecond())
}

fn compare(place: &str, expected: &[String], found: &[String]) {
    if expected == found {
        return;
    }
    let mut difference = format!("{place}: expected (−) and found (+):\n");
    for row in expected.iter().filter(|row| !found.contains(row)) {
        let _ = writeln!(difference, "  − {row}");
    }
    for row in found {
        let mark = if expected.contains(row) { ' ' } else { '+' };
        let _ = writeln!(difference, "  {mark} {row}");
    }
    panic!("{difference}");
}
