//! The right values, made outside this project, against the statistics: every case of every file.
//!
//! The folder is `RAPPORT_VECTORS`, or `../shared/data/vectors` beside the crate. A field or a kind of case
//! that these tests do not know fails them; none is passed over.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::interval::{Confidence, Interval};

mod calendar;
mod cusum;
mod detection;
mod olist;
mod proportions;
mod quantiles;
mod survival;

/// The folder of the vectors, if it is there.
pub(crate) fn vectors_dir() -> Option<PathBuf> {
    if let Some(dir) = std::env::var_os("RAPPORT_VECTORS") {
        let dir = PathBuf::from(dir);
        assert!(dir.is_dir(), "RAPPORT_VECTORS names {}, which is no folder", dir.display());
        return Some(dir);
    }
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/vectors");
    if dir.is_dir() {
        return Some(dir);
    }
    assert!(std::env::var_os("CI").is_none_or(|ci| ci != "true"), "no vectors at {}", dir.display());
    eprintln!("NOT TESTED: no vectors at {}; set RAPPORT_VECTORS", dir.display());
    None
}

/// A JSON object whose fields must all be asked for.
struct Fields {
    name: String,
    map: Map<String, Value>,
}

impl Fields {
    fn new(name: impl Into<String>, value: Value) -> Fields {
        let name = name.into();
        match value {
            Value::Object(map) => Fields { name, map },
            other => panic!("{name}: {other} is no object"),
        }
    }

    /// Takes a field out; it must be there.
    fn take(&mut self, key: &str) -> Value {
        self.map.remove(key).unwrap_or_else(|| panic!("{}: no field {key}", self.name))
    }

    fn has(&self, key: &str) -> bool {
        self.map.contains_key(key)
    }

    fn object(&mut self, key: &str) -> Fields {
        let value = self.take(key);
        Fields::new(format!("{}.{key}", self.name), value)
    }

    fn list(&mut self, key: &str) -> Vec<Value> {
        match self.take(key) {
            Value::Array(list) => list,
            other => panic!("{}.{key}: {other} is no list", self.name),
        }
    }

    fn objects(&mut self, key: &str) -> Vec<Fields> {
        let name = format!("{}.{key}", self.name);
        let list = self.list(key);
        list.into_iter().enumerate().map(|(i, value)| Fields::new(format!("{name}[{i}]"), value)).collect()
    }

    fn as_type<T>(&mut self, key: &str, read: impl Fn(&Value) -> Option<T>) -> T {
        let value = self.take(key);
        read(&value).unwrap_or_else(|| panic!("{}.{key}: {value} has another type", self.name))
    }

    fn f64(&mut self, key: &str) -> f64 {
        self.as_type(key, Value::as_f64)
    }

    /// A number, or null.
    fn maybe_f64(&mut self, key: &str) -> Option<f64> {
        self.as_type(key, |v| if v.is_null() { Some(None) } else { v.as_f64().map(Some) })
    }

    fn u64(&mut self, key: &str) -> u64 {
        self.as_type(key, Value::as_u64)
    }

    fn i64(&mut self, key: &str) -> i64 {
        self.as_type(key, Value::as_i64)
    }

    fn maybe_i64(&mut self, key: &str) -> Option<i64> {
        self.as_type(key, |v| if v.is_null() { Some(None) } else { v.as_i64().map(Some) })
    }

    fn bool(&mut self, key: &str) -> bool {
        self.as_type(key, Value::as_bool)
    }

    fn string(&mut self, key: &str) -> String {
        self.as_type(key, |v| v.as_str().map(str::to_owned))
    }

    fn f64s(&mut self, key: &str) -> Vec<f64> {
        self.as_type(key, |v| v.as_array()?.iter().map(Value::as_f64).collect())
    }

    fn u64s(&mut self, key: &str) -> Vec<u64> {
        self.as_type(key, |v| v.as_array()?.iter().map(Value::as_u64).collect())
    }

    fn interval(&mut self, key: &str) -> Interval {
        self.maybe_interval(key).unwrap_or_else(|| panic!("{}.{key}: null", self.name))
    }

    fn maybe_interval(&mut self, key: &str) -> Option<Interval> {
        self.as_type(key, |v| {
            if v.is_null() {
                return Some(None);
            }
            match v.as_array()?.as_slice() {
                [low, high] => Some(Some(Interval { low: low.as_f64()?, high: high.as_f64()? })),
                _ => None,
            }
        })
    }

    fn confidence(&mut self) -> Confidence {
        Confidence::new(self.f64("confidence")).unwrap()
    }

    /// Passes over fields that only inform, where they are there.
    fn inform(&mut self, keys: &[&str]) {
        for key in keys {
            self.map.remove(*key);
        }
    }

    /// Every field must have been taken.
    fn done(self) {
        let left: Vec<_> = self.map.keys().collect();
        assert!(left.is_empty(), "{}: fields that are not tested: {left:?}", self.name);
    }
}

/// A file of vectors: its cases, and its tolerances by name.
struct File {
    /// The object of the file, of which `cases` and `tolerance` have been taken.
    rest: Fields,
    cases: Vec<Fields>,
    tolerance: Tolerance,
}

/// Tolerances by name; `exact` is 0. Those of names that no test looks at must not be there.
struct Tolerance(Map<String, Value>);

impl Tolerance {
    fn of(&self, name: &str) -> f64 {
        match self.0.get(name) {
            Some(Value::String(word)) if word == "exact" => 0.0,
            Some(value) => value.as_f64().unwrap_or_else(|| panic!("tolerance {name} is {value}")),
            None => panic!("no tolerance {name}"),
        }
    }
}

/// Reads a file whose tolerances are exactly those named; none where the vectors are not there.
fn read(file: &str, tolerances: &[&str]) -> Option<File> {
    let path = vectors_dir()?.join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut rest = Fields::new(file, serde_json::from_str(&text).unwrap());
    let cases = rest.objects("cases");
    assert!(!cases.is_empty(), "{file} has no cases");
    let tolerance = Tolerance(rest.object("tolerance").map);
    let names: BTreeSet<&str> = tolerance.0.keys().map(String::as_str).collect();
    assert_eq!(names, tolerances.iter().copied().collect(), "{file}: tolerances");
    rest.inform(&["about", "method"]);
    Some(File { rest, cases, tolerance })
}

/// Reads a file that has nothing besides its cases.
fn read_cases(file: &str, tolerances: &[&str]) -> Option<(Vec<Fields>, Tolerance)> {
    let File { rest, cases, tolerance } = read(file, tolerances)?;
    rest.done();
    Some((cases, tolerance))
}

/// Fails unless the two agree relatively or absolutely.
#[track_caller]
fn close(what: &str, got: f64, want: f64, rel: f64, abs: f64) {
    let near = (got - want).abs() <= f64::max(rel * want.abs(), abs);
    assert!(near, "{what}: {got} instead of {want}");
}

/// The same for what may be undefined.
#[track_caller]
fn maybe_close(what: &str, got: Option<f64>, want: Option<f64>, rel: f64, abs: f64) {
    match (got, want) {
        (Some(got), Some(want)) => close(what, got, want, rel, abs),
        (got, want) => assert!(got.is_none() && want.is_none(), "{what}: {got:?} instead of {want:?}"),
    }
}

/// The same for both ends of an interval.
#[track_caller]
fn interval_close(what: &str, got: Interval, want: Interval, rel: f64, abs: f64) {
    close(&format!("{what} low"), got.low, want.low, rel, abs);
    close(&format!("{what} high"), got.high, want.high, rel, abs);
}

/// The same for an interval that may be undefined.
#[track_caller]
fn maybe_interval_close(what: &str, got: Option<Interval>, want: Option<Interval>, rel: f64, abs: f64) {
    match (got, want) {
        (Some(got), Some(want)) => interval_close(what, got, want, rel, abs),
        (got, want) => assert!(got.is_none() && want.is_none(), "{what}: {got:?} instead of {want:?}"),
    }
}
