//! `[funnel]`: what is shown of the funnel, over which days, split by what.

use std::collections::{BTreeMap, BTreeSet};

use toml_edit::{Array, Item, Table, value as toml};

use super::log::KEPT_DAYS;
use super::quantity::print_ms;
use super::section::{Findings, Section, Wrong};
use super::tree::{Node, Shape};
use super::value;
use crate::model::MINUTE_MS;
use crate::model::definitions::Dimension;
use crate::model::words::Step;

const DIMENSIONS_MAX: usize = 16;
const KEYS_MAX: usize = 8;

/// The section `[funnel]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Funnel {
    /// IANA zone whose days are the days of the funnel and whose months are its cohorts.
    pub zone: String,
    /// What splits the funnel besides `all`.
    pub dimensions: Vec<Dimension>,
    /// Within how many days a step counts as taken.
    pub horizons: BTreeMap<Step, u16>,
    /// Window results are computed at multiples of so many minutes.
    pub windows_every_minutes: u16,
}

pub(super) fn read(top: &mut Section<'_>, findings: &mut Findings) -> Funnel {
    let mut s = top.section("funnel");
    let zone = s.read("zone", "UTC".to_owned(), value::zone);
    let dimensions = dimensions(&mut s);
    let windows_every_minutes = s.read("windows_every", 15, value::minutes_of_a_day);
    let horizons = horizons(&mut s, findings);
    s.finish(findings);
    Funnel { zone, dimensions, horizons, windows_every_minutes }
}

fn default_horizon_days(step: Step) -> u16 {
    match step {
        Step::LeadToMql | Step::MqlToSql | Step::SalToSql | Step::SqlToOpportunity => 14,
        Step::MqlToSal => 7,
        Step::MqlToWon | Step::SqlToWon | Step::OpportunityToWon => 90,
    }
}

fn horizons(funnel: &mut Section<'_>, findings: &mut Findings) -> BTreeMap<Step, u16> {
    let mut s = funnel.section("horizons");
    let mut days =
        |step: Step| s.read(step.as_str(), default_horizon_days(step), |n| value::days(n, 1..=KEPT_DAYS));
    let horizons = Step::ALL.iter().map(|&step| (step, days(step))).collect();
    s.finish(findings);
    horizons
}

fn dimensions(s: &mut Section<'_>) -> Vec<Dimension> {
    let mut seen: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    let read = s.list("dimensions", "lists of keys, such as [[\"source\"]]", |node| {
        let keys = keys(node)?;
        if !seen.insert(keys.iter().cloned().collect()) {
            let wrong = format!("the keys {} are there twice", keys.join(", "));
            return Err(Wrong::new(wrong, "leave one of them out; their order makes no other segments"));
        }
        Ok(Dimension { keys: keys.into_iter().map(Into::into).collect() })
    });
    let dimensions = read.unwrap_or_else(|| {
        [&["source"][..], &["source", "region"]]
            .map(|keys| Dimension { keys: keys.iter().copied().map(Into::into).collect() })
            .to_vec()
    });
    if dimensions.len() > DIMENSIONS_MAX {
        let wrong = format!("{} dimensions are too many", dimensions.len());
        s.refuse("dimensions", wrong, format!("write at most {DIMENSIONS_MAX}"));
    }
    dimensions
}

fn keys(node: &Node) -> Result<Vec<String>, Wrong> {
    let right = "write a list of keys, such as [\"source\", \"region\"]";
    let Shape::List(nodes) = &node.shape else {
        return Err(Wrong::new(format!("{} is no list of keys", node.written), right));
    };
    if nodes.is_empty() {
        return Err(Wrong::new("a dimension without keys is `all`, which is always there", "leave it out"));
    }
    if nodes.len() > KEYS_MAX {
        let wrong = format!("{} keys are too many", nodes.len());
        return Err(Wrong::new(wrong, format!("write at most {KEYS_MAX}")));
    }
    let mut keys: Vec<String> = Vec::new();
    for node in nodes {
        let key = value::filled(node, "source, campaign_id or the name of an attribute")?;
        if key.contains(['%', ',', '=']) {
            let wrong = format!("{} has a character that separates segments", node.written);
            return Err(Wrong::new(wrong, "name an attribute without '%', ',' and '='"));
        }
        if keys.contains(&key) {
            return Err(Wrong::new(format!("the key {key} is there twice"), "leave one of them out"));
        }
        keys.push(key);
    }
    Ok(keys)
}

impl Funnel {
    pub(super) fn print(&self, into: &mut Table) {
        into["zone"] = toml(&self.zone);
        let keys = |d: &Dimension| d.keys.iter().map(|key| key.as_str()).collect::<Array>();
        into["dimensions"] = toml(self.dimensions.iter().map(keys).collect::<Array>());
        into["windows_every"] = toml(print_ms(i64::from(self.windows_every_minutes) * MINUTE_MS));
        let mut horizons = Table::new();
        for (step, days) in &self.horizons {
            horizons[step.as_str()] = toml(format!("{days}d"));
        }
        into["horizons"] = Item::Table(horizons);
    }
}
