//! Whether a whole is not as usual only since it is mixed otherwise: each of its parts is as ever, and more comes of
//! one that was always worse.
//!
//! Direct standardisation: what each part of a dimension would have at its own usual share, summed over the parts as
//! they are mixed now. Where that makes the whole as usual, nothing got worse but the mix, unless one of the parts
//! carries half of the excess all the same: then it is said how much of it the mix is. A dimension counts only if all
//! outcomes of the whole lie in its parts, now and before.

use std::collections::BTreeMap;

use crate::model::Text;
use crate::model::explanation::Sum;
use crate::stats::counts::Counts;

use super::carriers::{Part, SHARE_SAID};
use super::percent;
use crate::funnel::journey::segments::{depth, lies_within};

/// A segment's part, and how many outcomes it had on the days from which is learned what is usual.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixed {
    /// Its part now.
    pub part: Part,
    /// Its outcomes then.
    pub usual_n: u64,
}

/// A mix that has changed, as far as that makes the whole as usual.
#[derive(Clone, Debug, PartialEq)]
pub struct Mix {
    /// The key by which the whole is split, such as `source`.
    key: Text,
    /// How many bad ones were to be expected as it is mixed now.
    expected: f64,
    /// All outcomes.
    n: u64,
    /// The part of which more comes than before.
    risen: Text,
    /// What part of all it was, and is.
    shares: (f64, f64),
    /// Which part of the excess of the whole comes of the mix.
    of_excess: f64,
    /// Whether one of the parts is not as ever: it carries half of the excess.
    is_carried: bool,
}

/// Finds the dimension, one key deeper than the whole, by which the mix has changed; of several the one that explains
/// most. `is_usual` says of outcomes, and of how many bad ones are expected of them, whether they are as usual.
pub fn mix(whole: &Mixed, parts: &[Mixed], is_usual: impl Fn(Counts, f64) -> bool) -> Option<Mix> {
    let all = &whole.part;
    if is_usual(all.counts, all.expected) {
        return None;
    }
    let is_deeper = |name: &str| lies_within(name, &all.segment) && depth(name) == depth(&all.segment) + 1;
    let mut dimensions: BTreeMap<Text, Vec<&Mixed>> = BTreeMap::new();
    for mixed in parts.iter().filter(|mixed| is_deeper(&mixed.part.segment)) {
        dimensions.entry(key_beyond(&all.segment, &mixed.part.segment)).or_default().push(mixed);
    }
    let explains = |(key, parts): (Text, Vec<&Mixed>)| {
        let is_whole = parts.iter().map(|mixed| mixed.part.counts.n).sum::<u64>() == all.counts.n
            && parts.iter().map(|mixed| mixed.usual_n).sum::<u64>() == whole.usual_n;
        let is_carried = parts.iter().any(|mixed| mixed.part.excess() >= SHARE_SAID * all.excess());
        let expected = parts.iter().map(|mixed| mixed.part.expected).sum();
        if !is_whole || !is_usual(all.counts, expected) {
            return None;
        }
        let shares = |mixed: &Mixed| {
            let of = |n: u64, all: u64| n as f64 / all.max(1) as f64;
            (of(mixed.usual_n, whole.usual_n), of(mixed.part.counts.n, all.counts.n))
        };
        let rise = |mixed: &Mixed| shares(mixed).1 - shares(mixed).0;
        let risen = parts.into_iter().max_by(|a, b| rise(a).total_cmp(&rise(b)))?;
        Some(Mix {
            key,
            expected,
            n: all.counts.n,
            risen: risen.part.segment.clone(),
            shares: shares(risen),
            of_excess: (expected - all.expected) / all.excess(),
            is_carried,
        })
    };
    let mixes = dimensions.into_iter().filter_map(explains);
    mixes.max_by(|a, b| a.expected.total_cmp(&b.expected))
}

/// The key that a segment has and a wider one has not.
fn key_beyond(wide: &str, narrow: &str) -> Text {
    let pair = narrow.split(',').find(|pair| !wide.split(',').any(|own| own == *pair));
    pair.and_then(|pair| pair.split_once('=')).map_or_else(Text::default, |(key, _)| key.into())
}

impl Mix {
    /// Whether nothing but the mix has changed.
    pub fn is_all(&self) -> bool {
        !self.is_carried
    }

    /// A sentence, with a space before it.
    pub fn sentence(&self) -> String {
        let Mix { key, risen, shares: (before, now), of_excess, .. } = self;
        let changed = format!(
            "mix that has changed, in which {risen} was {} and is {}",
            percent(*before),
            percent(*now)
        );
        match self.is_all() {
            true => format!(" Taken {key} by {key} it is as usual: it is the {changed}."),
            false => format!(" {} of the excess comes of the {changed}.", percent(*of_excess)),
        }
    }

    /// Puts it into the sum of the alert.
    pub fn tell(&self, sum: &mut Sum) {
        let Mix { key, expected, n, risen, shares: (before, now), .. } = self;
        let from = format!("{expected:.1} / {n}: each {key} at its own usual share, as they are mixed now");
        sum.figure(format!("expected by {key}"), expected / (*n).max(1) as f64, from);
        sum.figure(
            format!("part of {risen}"),
            *now,
            format!("of the outcomes; {} of those that the usual share was learned from", percent(*before)),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(segment: &str, (n, bad): (u64, u64), expected: f64, usual_n: u64) -> Mixed {
        Mixed { part: Part { segment: segment.into(), counts: Counts { n, bad }, expected }, usual_n }
    }

    fn is_usual(counts: Counts, expected: f64) -> bool {
        counts.bad as f64 <= 1.5 * expected
    }

    /// 900 of 1000 were quick, of which 5 % are bad, and 100 slow, of which half are; now it is half and half.
    fn half_and_half(slow_bad: u64) -> (Mixed, [Mixed; 2]) {
        let parts = [mixed("kind=quick", (100, 5), 5.0, 900), mixed("kind=slow", (100, slow_bad), 50.0, 100)];
        (mixed("all", (200, 5 + slow_bad), 19.0, 1000), parts)
    }

    #[test]
    fn a_mix_that_has_changed_is_said() {
        let (whole, parts) = half_and_half(52);
        let found = mix(&whole, &parts, is_usual).unwrap();
        assert_eq!(
            found.sentence(),
            " Taken kind by kind it is as usual: it is the mix that has changed, in which kind=slow was 10.0 % and is \
             50.0 %."
        );
        let mut sum = Sum::default();
        found.tell(&mut sum);
        let figures: Vec<(&str, f64)> =
            sum.figures.iter().map(|figure| (figure.name.as_str(), figure.value.unwrap())).collect();
        assert_eq!(figures, [("expected by kind", 0.275), ("part of kind=slow", 0.5)]);
    }

    #[test]
    fn what_got_worse_itself_is_no_mix() {
        let (whole, parts) = half_and_half(98);
        assert_eq!(mix(&whole, &parts, is_usual), None, "the slow ones are nearly all bad now");
        let parts = [mixed("kind=quick", (100, 5), 5.0, 900), mixed("kind=slow", (100, 46), 30.0, 100)];
        let whole = mixed("all", (200, 51), 19.0, 1000);
        let found = mix(&whole, &parts, is_usual).unwrap();
        assert!(!found.is_all(), "the slow ones carry 16 of the 32 that are too many");
        assert_eq!(
            found.sentence(),
            " 50.0 % of the excess comes of the mix that has changed, in which kind=slow was 10.0 % and is 50.0 %."
        );
    }

    #[test]
    fn a_dimension_that_holds_not_all_says_nothing() {
        let (whole, [quick, slow]) = half_and_half(52);
        assert_eq!(mix(&whole, std::slice::from_ref(&slow), is_usual), None);
        let renamed = mixed("kind=slow", (100, 52), 50.0, 40);
        assert_eq!(mix(&whole, &[quick.clone(), renamed], is_usual), None, "before there were others");
        let deeper = mixed("kind=slow,region=emea", (100, 52), 50.0, 100);
        assert_eq!(mix(&whole, &[quick, deeper], is_usual), None);
    }

    #[test]
    fn within_a_segment_the_next_key_counts() {
        let (whole, [quick, slow]) = half_and_half(52);
        let in_emea = |mixed: &Mixed| {
            let segment = compact_str::format_compact!("region=emea,{}", mixed.part.segment);
            Mixed { part: Part { segment, ..mixed.part.clone() }, ..mixed.clone() }
        };
        let whole = Mixed { part: Part { segment: "region=emea".into(), ..whole.part }, ..whole };
        let found = mix(&whole, &[in_emea(&quick), in_emea(&slow)], is_usual).unwrap();
        assert_eq!((found.key.as_str(), found.risen.as_str()), ("kind", "region=emea,kind=slow"));
    }

    #[test]
    fn a_whole_that_is_as_usual_has_no_mix_to_tell_of() {
        let (whole, parts) = half_and_half(20);
        assert_eq!(mix(&whole, &parts, is_usual), None);
    }
}
