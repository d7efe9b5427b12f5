//! Segments within others: one cause, one alert.
//!
//! Rules: `src/funnel/semantics.md`, "One alert for one cause".

use std::collections::BTreeSet;

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
