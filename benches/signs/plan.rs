//! The scenario file: which companies are played.

use rapport::simulator::{Case, Disorder, Plot, Scenario, Segment};
use toml_edit::{DocumentMut, Item, Table, Value};

/// Some companies that differ by their seeds, sizes and doses alone.
#[derive(Clone, Debug)]
pub struct Group {
    /// What they have in common, in a few words.
    pub name: String,
    /// The rule that is to find what is planted; empty where nothing is.
    pub rule: String,
    /// The companies without their seeds.
    pub scenarios: Vec<Scenario>,
    /// How many seeds each of them is played with.
    pub seeds: u64,
}

/// Everything that is played.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Days at the beginning of a healthy company that do not count, since most rules are learning.
    pub warmup_days: u32,
    /// Companies in which nothing is planted.
    pub healthy: Vec<Group>,
    /// Companies in which something is.
    pub planted: Vec<Group>,
}

/// Which seeds are played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seeds {
    /// From 1 on, below 1000: for trying things out.
    Development,
    /// From 2000 on: those of the report. Nothing is tuned on them; those from 1000 on were, in a sense, once they had
    /// been reported.
    Reported,
}

/// Each group has seeds of its own, so many for trying things out and so many of the report: what is counted in one is
/// independent of what is counted in another. The same seed draws the same moods, whatever the group makes of them.
const OF_A_GROUP: (u64, u64) = (20, 100);
/// So many groups fit below seed 1000.
const GROUPS: usize = 49;

impl Seeds {
    /// The first one of the group at this place of the file, the healthy ones before the others.
    pub fn first(self, group: usize) -> u64 {
        match self {
            Seeds::Development => 1 + group as u64 * OF_A_GROUP.0,
            Seeds::Reported => 2000 + group as u64 * OF_A_GROUP.1,
        }
    }
}

impl Plan {
    /// Reads the scenario file.
    pub fn parse(text: &str) -> Result<Plan, String> {
        let document: DocumentMut = text.parse().map_err(|e| format!("this is not TOML: {e}"))?;
        let groups = |key: &str| -> Result<Vec<Group>, String> {
            let tables = document.get(key).and_then(Item::as_array_of_tables).into_iter().flatten();
            tables.map(|table| group(table).map_err(|e| format!("[[{key}]] {e}"))).collect()
        };
        let warmup = document.get("warmup_days").and_then(Item::as_integer);
        let (healthy, planted) = (groups("healthy")?, groups("planted")?);
        if healthy.len() + planted.len() > GROUPS {
            return Err(format!("there are seeds for {GROUPS} groups"));
        }
        let warmup_days = warmup.and_then(|days| days.try_into().ok()).ok_or("warmup_days is missing")?;
        Ok(Plan { warmup_days, healthy, planted })
    }
}

const KEYS: [&str; 14] = [
    "name",
    "rule",
    "plot",
    "case",
    "case_day",
    "noise",
    "leads_per_day",
    "days",
    "onset",
    "end",
    "doses",
    "segment",
    "disorder",
    "companies",
];

fn group(table: &Table) -> Result<Group, String> {
    if let Some((unknown, _)) = table.iter().find(|(key, _)| !KEYS.contains(key)) {
        return Err(format!("{unknown} is no key; there are {}", KEYS.join(", ")));
    }
    let text = |key: &str, usual: &str| table.get(key).and_then(Item::as_str).unwrap_or(usual).to_owned();
    let days = |key: &str| -> Option<u32> { table.get(key)?.as_integer()?.try_into().ok() };
    let (name, rule) = (text("name", ""), text("rule", ""));
    let wrong = |what: &str| format!("{name} {rule}: {what}");
    let plot = Plot::parse(&text("plot", "healthy")).ok_or_else(|| wrong("no such plot"))?;
    let case = Case::parse(&text("case", "ordinary")).ok_or_else(|| wrong("no such case"))?;
    let segment = Segment::parse(&text("segment", "all")).ok_or_else(|| wrong("no such segment"))?;
    let disorder = match text("disorder", "usual").as_str() {
        "none" => Disorder::none(),
        "usual" => Disorder::default(),
        _ => return Err(wrong("disorder is none or usual")),
    };
    let usual = Scenario::in_case(case, 0);
    let scenario = Scenario {
        plot,
        days: days("days").ok_or_else(|| wrong("days is missing"))?,
        onset_day: days("onset").unwrap_or(0),
        end_day: days("end"),
        case_day: days("case_day").unwrap_or(usual.case_day),
        noise: numbers(table.get("noise")).first().copied().unwrap_or(usual.noise),
        segment,
        disorder,
        ..usual
    };
    let or = |numbers: Vec<f64>, usual: f64| if numbers.is_empty() { vec![usual] } else { numbers };
    let mut scenarios = Vec::new();
    for leads in or(numbers(table.get("leads_per_day")), scenario.company.leads_per_business_day) {
        for dose in or(numbers(table.get("doses")), 1.0) {
            let mut scenario = Scenario { dose, ..scenario.clone() };
            scenario.company.leads_per_business_day = leads;
            scenarios.push(scenario);
        }
    }
    let seeds = u64::from(days("companies").unwrap_or(1));
    if seeds > OF_A_GROUP.0 {
        return Err(wrong("no group has so many seeds of its own"));
    }
    Ok(Group { seeds, name, rule, scenarios })
}

/// A number, or a list of them.
fn numbers(item: Option<&Item>) -> Vec<f64> {
    let number = |value: &Value| value.as_float().or(value.as_integer().map(|n| n as f64));
    match item.and_then(Item::as_value) {
        Some(Value::Array(list)) => list.iter().filter_map(number).collect(),
        Some(value) => number(value).into_iter().collect(),
        None => Vec::new(),
    }
}
