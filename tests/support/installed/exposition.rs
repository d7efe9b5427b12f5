//! Prometheus' text format, read as its documentation says (version 0.0.4), and the series that the
//! records of the topic of windows should be.
//!
//! Strict where a scraper is: what is not in the format fails the test. The naming is written down here a
//! second time, as a reader of the README would map a record to its gauge.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::Skip;

/// A series: its name and its labels.
pub(crate) type Series = (String, BTreeMap<String, String>);

/// A scrape.
#[derive(Debug, Default)]
pub(crate) struct Scrape {
    /// The value of each series.
    pub(crate) samples: BTreeMap<Series, f64>,
    kinds: BTreeMap<String, String>,
    helps: BTreeSet<String>,
}

impl Scrape {
    /// Reads a scrape; panics where it is not in the format, or says a thing twice.
    pub(crate) fn read(text: &str) -> Scrape {
        assert!(text.ends_with('\n'), "the last line has an end");
        let mut scrape = Scrape::default();
        for line in text.lines() {
            if let Some(rest) = line.strip_prefix("# HELP ") {
                let (name, help) = rest.split_once(' ').expect("a help text");
                assert!(!help.is_empty() && scrape.helps.insert(name.to_owned()), "{line}");
            } else if let Some(rest) = line.strip_prefix("# TYPE ") {
                let (name, kind) = rest.split_once(' ').expect("a type");
                assert!(["counter", "gauge", "histogram"].contains(&kind), "{line}");
                assert!(scrape.kinds.insert(name.to_owned(), kind.to_owned()).is_none(), "{line}");
            } else {
                let (series, value) = sample(line);
                assert!(scrape.is_declared(&series.0), "{line}: no type was said before");
                assert!(scrape.samples.insert(series, value).is_none(), "{line}: said twice");
            }
        }
        scrape
    }

    /// A histogram's samples have their own endings.
    fn is_declared(&self, name: &str) -> bool {
        let of_histogram = ["_bucket", "_sum", "_count"].iter().filter_map(|end| name.strip_suffix(end));
        let kind = |family: &str| self.kinds.get(family).map(String::as_str);
        matches!(kind(name), Some("counter" | "gauge"))
            || of_histogram.into_iter().any(|family| kind(family) == Some("histogram"))
    }

    /// Every series of a family.
    pub(crate) fn family<'a>(
        &'a self,
        name: &'a str,
    ) -> impl Iterator<Item = (&'a BTreeMap<String, String>, f64)> {
        let of = move |((known, labels), value): (&'a Series, &'a f64)| {
            (known == name).then_some((labels, *value))
        };
        self.samples.iter().filter_map(of)
    }

    /// The value of the one series of a family, if there is one.
    pub(crate) fn single(&self, name: &str) -> Option<f64> {
        let values: Vec<f64> = self.family(name).map(|(_, value)| value).collect();
        assert!(values.len() <= 1, "{name} has {} series", values.len());
        values.first().copied()
    }

    /// The series that stem from windows.
    pub(crate) fn windows(&self) -> BTreeMap<Series, f64> {
        let of_window = |((name, _), _): &(&Series, &f64)| WINDOW_FAMILIES.contains(&name.as_str());
        self.samples.iter().filter(of_window).map(|(series, value)| (series.clone(), *value)).collect()
    }
}

/// `name{label="value",…} 1.5`
fn sample(line: &str) -> (Series, f64) {
    let end = line.find(['{', ' ']).unwrap_or_else(|| panic!("{line}: no value"));
    let (name, mut rest) = line.split_at(end);
    let word = |text: &str| {
        let first = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        first && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    };
    assert!(word(name), "{line}: {name} is no name");
    let mut labels = BTreeMap::new();
    if let Some(inside) = rest.strip_prefix('{') {
        rest = inside;
        while !rest.starts_with('}') {
            let (label, after) = rest.split_once("=\"").unwrap_or_else(|| panic!("{line}: no label"));
            assert!(word(label), "{line}: {label} is no name");
            let (value, after) = quoted(after).unwrap_or_else(|| panic!("{line}: no end of {label}"));
            assert!(labels.insert(label.to_owned(), value).is_none(), "{line}: {label} twice");
            rest = after.strip_prefix(',').unwrap_or(after);
        }
        rest = &rest[1..];
    }
    let value = rest.strip_prefix(' ').and_then(|value| value.replace("Inf", "inf").parse().ok());
    ((name.to_owned(), labels), value.unwrap_or_else(|| panic!("{line}: no value")))
}

/// The text up to the closing quote, and what follows it.
fn quoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((i, c)) = chars.next() {
        match c {
            '"' => return Some((value, &text[i + 1..])),
            '\\' => value.push(match chars.next()?.1 {
                'n' => '\n',
                escaped @ ('\\' | '"') => escaped,
                _ => return None,
            }),
            other => value.push(other),
        }
    }
    None
}

/// The families that show windows.
const WINDOW_FAMILIES: &[&str] = &[
    "rapport_funnel_entered",
    "rapport_funnel_open",
    "rapport_funnel_open_age_p90_seconds",
    "rapport_funnel_conversion_ratio",
    "rapport_first_touch_attainment_ratio",
    "rapport_first_touch_seconds",
    "rapport_verdict_ratio",
    "rapport_reasonless_ratio",
    "rapport_deals",
    "rapport_won_amount_minor",
    "rapport_window_value",
];

/// Where the records of a measure are shown.
struct Shown<'a> {
    name: &'static str,
    labels: Vec<(&'static str, &'a str)>,
    scale: f64,
    /// Values of the label `bound`, each with the field that it shows; without them there is no such label.
    bounds: &'static [(&'static str, &'static str)],
}

const INTERVAL: &[(&str, &str)] = &[("value", "value"), ("low", "interval_low"), ("high", "interval_high")];
const VALUE: &[(&str, &str)] = &[("value", "value")];

fn shown<'a>(measure: &'a str, window: &'a str) -> Shown<'a> {
    let plain = |name, labels: &[(&'static str, &'a str)]| {
        let labels = [labels, &[("window", window)]].concat();
        Shown { name, labels, scale: 1.0, bounds: &[] }
    };
    let now = |name, stage, scale| Shown { name, labels: vec![("stage", stage)], scale, bounds: &[] };
    for (estimate, bounds) in [("naive", VALUE), ("matured", INTERVAL), ("kaplan_meier", INTERVAL)] {
        if let Some(step) = measure.strip_suffix(estimate).and_then(|step| step.strip_suffix('_')) {
            let labels = [("step", step), ("estimate", estimate)];
            return Shown { bounds, ..plain("rapport_funnel_conversion_ratio", &labels) };
        }
    }
    let words: Vec<&str> = measure.split('_').collect();
    match words.as_slice() {
        ["entered", stage] => plain("rapport_funnel_entered", &[("stage", stage)]),
        ["open", stage] => now("rapport_funnel_open", stage, 1.0),
        ["open", stage, "age", "days", "p90"] => {
            now("rapport_funnel_open_age_p90_seconds", stage, 24.0 * 60.0 * 60.0)
        }
        ["first", "touch", "attainment"] => {
            Shown { bounds: INTERVAL, ..plain("rapport_first_touch_attainment_ratio", &[]) }
        }
        ["first", "touch", part, "seconds", percentile] => {
            let percentile = percentile.strip_prefix('p').expect("a percentile");
            plain("rapport_first_touch_seconds", &[("part", part), ("percentile", percentile)])
        }
        ["reasonless", "share"] => plain("rapport_reasonless_ratio", &[]),
        [verdict, "share"] => plain("rapport_verdict_ratio", &[("verdict", verdict)]),
        ["deals", state] => plain("rapport_deals", &[("state", state)]),
        ["won", "amount", "minor", currency] => plain("rapport_won_amount_minor", &[("currency", currency)]),
        _ => plain("rapport_window_value", &[("measure", measure)]),
    }
}

/// The series that a record of the topic of windows is shown as: none while its value is undefined.
pub(crate) fn series_of(record: &Value) -> Vec<(Series, f64)> {
    let text = |field: &str| record[field].as_str().unwrap_or_else(|| panic!("{field} of {record}"));
    let shown = shown(text("measure"), text("window"));
    let mut labels: BTreeMap<String, String> =
        shown.labels.iter().map(|(label, value)| ((*label).to_owned(), (*value).to_owned())).collect();
    labels.insert("segment".to_owned(), text("segment").to_owned());
    let mut series = Vec::new();
    let mut put = |labels: &BTreeMap<String, String>, field: &str| {
        let value = record[field].as_f64().filter(|_| !record["value"].is_null());
        series.extend(value.map(|value| ((shown.name.to_owned(), labels.clone()), value * shown.scale)));
    };
    if shown.bounds.is_empty() {
        put(&labels, "value");
    }
    for (bound, field) in shown.bounds {
        labels.insert("bound".to_owned(), (*bound).to_owned());
        put(&labels, field);
    }
    series
}

/// Lets Prometheus' own checker read a scrape. Without it, that is said loudly.
pub(crate) fn check_with_promtool(text: &str, test: &str) {
    let child = Command::new("promtool")
        .args(["check", "metrics"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    let mut child = match child {
        Ok(child) => child,
        Err(e) => return Skip { why: format!("promtool: {e}") }.announce(&format!("{test} with promtool")),
    };
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let done = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout) + String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success() && said.trim().is_empty(), "promtool: {said}");
}
