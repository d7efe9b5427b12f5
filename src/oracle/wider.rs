//! Segments within others: one cause, one alert.
//!
//! Rules: `src/funnel/semantics.md`, "One alert for one cause".

use std::collections::{BTreeMap, BTreeSet};

use crate::model::Text;

/// The pairs `k=v` of a segment; `all` and `other` have none.
fn pairs(segment: &str) -> BTreeSet<&str> {
    segment.split(',').filter(|pair| pair.contains('=')).collect()
}

/// Whether everything in a segment is in a wider one too.
pub(super) fn lies_within(segment: &str, wider: &str) -> bool {
    if segment == wider || segment == "all" {
        return false;
    }
    let of_wider = pairs(wider);
    wider == "all" || (!of_wider.is_empty() && of_wider.is_subset(&pairs(segment)))
}

/// What segments are judged in the order of: `all`, then by the number of keys, then by name.
pub(super) fn in_order(segment: &Text) -> (bool, usize, Text) {
    (segment != "all", pairs(segment).len(), segment.clone())
}

/// Whether one of these segments is wider than a segment.
pub(super) fn has_wider<'t>(mut speaking: impl Iterator<Item = &'t Text>, segment: &str) -> bool {
    speaking.any(|wider| lies_within(segment, wider))
}

/// Of these segments those within a wider one, each dimension by itself: in one dimension nothing is in two of them.
/// In `other` something may be several times.
pub(super) fn parts_by_dimension<'t>(
    whole: &str,
    segments: impl Iterator<Item = &'t Text>,
) -> Vec<BTreeSet<Text>> {
    let key = |pair: &str| pair.split('=').next().unwrap_or_default().to_owned();
    let mut by_keys: BTreeMap<BTreeSet<String>, BTreeSet<Text>> = BTreeMap::new();
    for segment in segments.filter(|segment| *segment != "other" && lies_within(segment, whole)) {
        let keys = pairs(segment).into_iter().map(key).collect();
        by_keys.entry(keys).or_default().insert(segment.clone());
    }
    by_keys.into_values().collect()
}

/// Whether something is in a segment, by all that it is in, and in none of these parts of it.
pub(super) fn is_outside(of: &[Text], whole: &Text, parts: &BTreeSet<Text>) -> bool {
    of.contains(whole) && !of.iter().any(|segment| parts.contains(segment))
}
