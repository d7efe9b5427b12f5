//! What carries a shift: other leads than before, or the same leads that fare otherwise.

use serde::Serialize;

use crate::model::Text;
use crate::model::definitions::Dimension;
use crate::stats::rate_difference::{Carried, Part, decompose};
use crate::stats::two_proportion::Share;

use super::super::journey::segments::makes;
use super::super::segment::book::OTHER;
use super::Taken;

/// What the segments of one dimension carry. Everything is in points of the share: mix and rate add up to the share
/// after less the share before, and so do those of the parts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Dimensional {
    /// The keys of the dimension.
    pub keys: Vec<Text>,
    /// What is due to another mix of segments.
    pub mix: f64,
    /// What is due to other shares within segments.
    pub rate: f64,
    /// Each segment, the one that carries most in the direction of the shift first.
    pub parts: Vec<PartCarried>,
}

/// What a segment carries.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PartCarried {
    /// Which one; `other` is all that has no segment of its own.
    pub segment: Text,
    /// Its cohorts before.
    pub before: Taken,
    /// Its cohorts after.
    pub after: Taken,
    /// What it carries by being more or less of the whole, in points of the whole's share.
    pub mix: f64,
    /// What it carries by its own share.
    pub rate: f64,
}

/// What every dimension says of a shift between two levels of the whole.
pub(super) fn by_dimension<'a>(
    dimensions: &[Dimension],
    whole: (Share, Share),
    segments: impl Iterator<Item = (&'a Text, Share, Share)>,
) -> Vec<Dimensional> {
    let segments: Vec<_> = segments.collect();
    let of = |dimension: &Dimension| {
        let own = segments.iter().filter(|(name, ..)| makes(dimension, name));
        let mut parts: Vec<(Text, Part)> = own
            .filter(|(_, before, after)| before.n + after.n > 0)
            .map(|(name, before, after)| ((*name).clone(), Part { before: *before, after: *after }))
            .collect();
        let rest = |whole: Share, of: fn(&Part) -> Share| {
            let (k, n) = parts.iter().fold((0, 0), |(k, n), (_, part)| (k + of(part).k, n + of(part).n));
            let n = whole.n.saturating_sub(n);
            Share { k: whole.k.saturating_sub(k).min(n), n }
        };
        let rest = Part { before: rest(whole.0, |p| p.before), after: rest(whole.1, |p| p.after) };
        if rest.before.n + rest.after.n > 0 {
            parts.push((Text::const_new(OTHER), rest));
        }
        let shares: Vec<Part> = parts.iter().map(|(_, part)| *part).collect();
        let carried = decompose(&shares);
        let (mix, rate) = carried.iter().fold((0.0, 0.0), |sum, c| (sum.0 + c.mix, sum.1 + c.rate));
        let part = |((segment, part), carried): ((Text, Part), Carried)| {
            let (before, after) = (Taken::of(part.before), Taken::of(part.after));
            PartCarried { segment, before, after, mix: carried.mix, rate: carried.rate }
        };
        let mut parts: Vec<PartCarried> = parts.into_iter().zip(carried).map(part).collect();
        let way = (mix + rate).signum();
        let weight = |part: &PartCarried| (part.mix + part.rate) * way;
        parts.sort_by(|a, b| weight(b).total_cmp(&weight(a)).then_with(|| a.segment.cmp(&b.segment)));
        Dimensional { keys: dimension.keys.clone(), mix, rate, parts }
    };
    dimensions.iter().map(of).collect()
}
