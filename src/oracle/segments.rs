//! The segments of a journey, and what an erasure and other definitions leave of them.
//!
//! Rules: `src/funnel/semantics.md`, "Segments" and "Definitions that change".

use std::collections::{BTreeMap, BTreeSet};

use super::generation::Generation;
use super::journey::{Journey, Said};
use super::row::Row;
use crate::model::definitions::Dimension;
use crate::model::entity::EntityKind;
use crate::model::fact::Says;
use crate::model::{Minute, Text};

const ALL: &str = "all";
const OTHER: &str = "other";
const EMPTY: &str = "(empty)";

/// One segment a dimension.
type Resolved = BTreeMap<Dimension, Text>;

/// `all` and one segment a dimension, sorted.
pub(super) fn segments(row: &Row, generation: &Generation, boundary: Minute) -> Vec<Text> {
    let erased_from = row.erasures().map(|erasure| erasure.1).min().filter(|&from| from <= boundary);
    let resolved = match erased_from {
        Some(from) => frozen(row, generation, from),
        None => resolved(row, generation, boundary),
    };
    let all: BTreeSet<Text> = resolved.into_values().chain([ALL.into()]).collect();
    all.into_iter().collect()
}

fn resolved(row: &Row, generation: &Generation, boundary: Minute) -> Resolved {
    let journey = Journey::of(row, boundary);
    let dimensions = generation.definitions().dimensions.iter();
    let named = |dimension: &Dimension| named(dimension, |key| value_of(&journey, key));
    dimensions.map(|dimension| (dimension.clone(), named(dimension))).collect()
}

/// The segments of a row that an erasure froze at `from`, of those dimensions that there are now.
fn frozen(row: &Row, generation: &Generation, from: Minute) -> Resolved {
    let then = resolved(row, generation.at(from), from);
    let keep = |dimension: &Dimension| {
        then.get(dimension).cloned().unwrap_or_else(|| named(dimension, |_| EMPTY.into()))
    };
    let dimensions = generation.definitions().dimensions.iter();
    dimensions.map(|dimension| (dimension.clone(), keep(dimension))).collect()
}

/// The segment of these values.
fn named(dimension: &Dimension, value_of: impl Fn(&str) -> Text) -> Text {
    let pair = |key: &Text| format!("{key}={}", percent_encoded(&value_of(key)));
    dimension.keys.iter().map(pair).collect::<Vec<String>>().join(",").into()
}

/// The first value that is said of a key: by the row's own creation, then by those of merged leads,
/// then by the opening of a deal.
fn value_of(journey: &Journey, key: &str) -> Text {
    let said_by = |(_, fact): &Said| match &fact.says {
        Says::Created { source, .. } if key == "source" => source.clone(),
        Says::Created { campaign_id, .. } if key == "campaign_id" => campaign_id.clone(),
        _ if key == "source" || key == "campaign_id" => None,
        Says::Created { attributes, .. } | Says::DealOpened { attributes, .. } => {
            attributes.get(key).cloned()
        }
        _ => None,
    };
    let is_lead = |said: &&Said| said.0.kind == EntityKind::Lead;
    let all = || journey.facts_for_segments.iter();
    let own = all().filter(|said| is_lead(said) && said.0 == journey.row);
    let merged = all().filter(|said| is_lead(said) && said.0 != journey.row);
    let deals = all().filter(|said| !is_lead(said));
    own.chain(merged).chain(deals).find_map(said_by).unwrap_or_else(|| EMPTY.into())
}

fn percent_encoded(value: &str) -> String {
    value.replace('%', "%25").replace(',', "%2C").replace('=', "%3D")
}

/// Whether a segment is one that these dimensions make, whatever the values.
pub(super) fn is_made(segment: &str, dimensions: &[Dimension]) -> bool {
    // No value holds a comma or an equals sign.
    let keys: Vec<&str> = segment.split(',').filter_map(|pair| Some(pair.split_once('=')?.0)).collect();
    segment == ALL || segment == OTHER || dimensions.iter().any(|dimension| dimension.keys == keys)
}
