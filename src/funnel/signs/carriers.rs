//! Which segments carry what is wrong in a wider one.
//!
//! Of each segment that lies within the wider one it is known how many outcomes count against it and how many were to
//! be expected; what is beyond that is its excess, and its share is its excess over that of the wider one. One
//! segment *explains* the whole if it carries nearly all of the excess, and if the whole is not as usual, and would be
//! without it, held against what was to be expected of the rest: of several the one with the fewest outcomes, since it
//! is the narrowest place to look.
//!
//! The other way round, an alert of a segment says how all the others stand: whoever reads it should know whether the
//! trouble is of that segment alone.

use crate::model::Text;
use crate::model::explanation::{Carrier, Sum};
use crate::stats::binomial;
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;

use super::percent;
use crate::funnel::journey::segments::{ALL, lies_within};

/// So many are named.
const MOST: usize = 5;
/// A smaller share is not worth a name.
const LEAST_SHARE: f64 = 0.1;
/// A carrier that is named in the sentence carries so much.
pub(super) const SHARE_SAID: f64 = 0.5;
/// What explains the whole carries so much of its excess: a largest segment of which no more than its due is bad would
/// make the rest look better too.
const SHARE_EXPLAINS: f64 = 0.8;
/// Elsewhere it is bad as well if it is there by so much of what it is in the segment that is told of.
const ALIKE: f64 = 0.25;
/// What is left of the whole must be as large a part of it to say that it is as usual without a segment.
const LEAST_REST: f64 = 0.1;

/// A segment's part.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Which one.
    pub segment: Text,
    /// Its outcomes.
    pub counts: Counts,
    /// How many bad ones were to be expected.
    pub expected: f64,
}

impl Part {
    /// How many more are bad than was to be expected.
    pub(super) fn excess(&self) -> f64 {
        self.counts.bad as f64 - self.expected
    }

    /// What is left of a whole without one of its parts.
    pub fn without(&self, part: &Part) -> Part {
        let counts = Counts {
            n: self.counts.n.saturating_sub(part.counts.n),
            bad: self.counts.bad.saturating_sub(part.counts.bad),
        };
        Part { segment: self.segment.clone(), counts, expected: self.expected - part.expected }
    }
}

/// How all the others stand beside a segment.
#[derive(Clone, Debug, PartialEq)]
pub struct Elsewhere {
    /// The segment.
    outside: Text,
    /// All that is not in the segment.
    pub rest: Part,
    /// Whether it is not as usual either.
    pub is_unusual: bool,
}

/// How all the others stand while a segment is told of; `None` for the whole company, and where next to nothing is
/// left of it. `is_unusual` says of the others, beside the segment, whether they are not as usual either.
pub fn elsewhere(all: &Part, here: &Part, is_unusual: impl Fn(&Part, &Part) -> bool) -> Option<Elsewhere> {
    let rest = all.without(here);
    let is_something = rest.counts.n > 0 && rest.counts.n as f64 >= LEAST_REST * all.counts.n as f64;
    (here.segment != all.segment && is_something).then(|| Elsewhere {
        outside: here.segment.clone(),
        is_unusual: is_unusual(&rest, here),
        rest,
    })
}

/// Whether of the others more are bad than was to be expected, by more than chance (one-sided 95 %, Wilson), and by a
/// quarter of what it is in a segment, outcome for outcome.
pub fn is_alike(rest: &Part, here: &Part) -> bool {
    let low = binomial::wilson(rest.counts.bad, rest.counts.n, Confidence::P90).low;
    let each = |part: &Part| part.excess() / part.counts.n.max(1) as f64;
    low * rest.counts.n as f64 > rest.expected && each(rest) >= ALIKE * each(here)
}

impl Elsewhere {
    /// A sentence, with a space before it; `words` says how the others stand.
    pub fn sentence(&self, words: impl Fn(&Part) -> String) -> String {
        match self.is_unusual {
            true => format!(" It is not only there: outside {} {}.", self.outside, words(&self.rest)),
            false => format!(" Outside {} {}.", self.outside, words(&self.rest)),
        }
    }

    /// Puts it into the sum of the alert.
    pub fn tell(&self, sum: &mut Sum) {
        let Part { counts, expected, .. } = &self.rest;
        let from = format!(
            "{} / {}, all but this segment in the same time; as usual it would be {expected:.1} of them",
            counts.bad, counts.n
        );
        sum.figure("elsewhere", counts.share(), from);
    }
}

/// What carries a whole.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Carried {
    /// The heaviest segments first.
    pub carriers: Vec<Carrier>,
    /// The segment without which the whole is as usual, and what is left then.
    pub explained: Option<(Text, Part)>,
    /// How many segments lie within.
    parts: usize,
    /// Whether the whole is a segment itself.
    is_segment: bool,
}

/// Finds what carries a whole; `is_usual` says of outcomes, and of how many bad ones are expected of them, whether
/// they are as usual. What was told of by itself does not explain the whole, which would not be told of then.
pub fn carried(
    whole: &Part,
    parts: &[Part],
    told: &[Text],
    is_usual: impl Fn(Counts, f64) -> bool,
) -> Carried {
    // A segment that holds everything says nothing of where.
    let is_part = |part: &&Part| {
        lies_within(&part.segment, &whole.segment) && part.counts.n > 0 && part.counts.n < whole.counts.n
    };
    let within: Vec<&Part> = parts.iter().filter(is_part).collect();
    let excess = whole.excess();
    if excess <= 0.0 {
        return Carried::default();
    }
    let carrier = |part: &&Part| Carrier {
        segment: part.segment.clone(),
        n: part.counts.n,
        bad: part.counts.bad,
        expected: part.expected,
        share: part.excess() / excess,
    };
    let is_unusual = !is_usual(whole.counts, whole.expected);
    let explains = |part: &&&Part| {
        let rest = whole.without(part);
        is_unusual
            && !told.contains(&part.segment)
            && part.excess() >= SHARE_EXPLAINS * excess
            && rest.counts.n as f64 >= LEAST_REST * whole.counts.n as f64
            && is_usual(rest.counts, rest.expected)
    };
    let explaining = within.iter().filter(explains).min_by_key(|part| (part.counts.n, &part.segment));
    let explained = explaining.map(|part| (part.segment.clone(), whole.without(part)));
    let mut heavy: Vec<Carrier> =
        within.iter().map(carrier).filter(|carrier| carrier.share >= LEAST_SHARE).collect();
    let is_named = |carrier: &Carrier| explained.as_ref().is_some_and(|(name, _)| *name == carrier.segment);
    heavy.sort_by(|a, b| {
        is_named(b).cmp(&is_named(a)).then(b.share.total_cmp(&a.share)).then(a.segment.cmp(&b.segment))
    });
    let mut carriers: Vec<Carrier> = Vec::new();
    for carrier in heavy {
        let is_said = carriers.iter().any(|said| lies_within(&carrier.segment, &said.segment));
        if !is_said && carriers.len() < MOST {
            carriers.push(carrier);
        }
    }
    Carried { carriers, explained, parts: within.len(), is_segment: whole.segment != ALL }
}

impl Carried {
    /// A sentence that says where the trouble lies, with a space before it; nothing where there are no segments to
    /// tell apart. `rest_words` says how the rest stands.
    pub fn sentence(&self, rest_words: impl Fn(&Part) -> String) -> String {
        match (&self.explained, self.carriers.first()) {
            (Some((segment, rest)), _) => format!(" It lies in {segment}: {}.", rest_words(rest)),
            (None, Some(heaviest)) if heaviest.share >= SHARE_SAID => {
                format!(" {} of the excess lies in {}.", percent(heaviest.share.min(1.0)), heaviest.segment)
            }
            _ if self.parts > 1 && self.is_segment => " No one part of it carries it.".to_owned(),
            _ if self.parts > 1 => " No one segment carries it.".to_owned(),
            _ => String::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(segment: &str, n: u64, bad: u64) -> Part {
        Part { segment: segment.into(), counts: Counts { n, bad }, expected: n as f64 / 10.0 }
    }

    fn is_usual(counts: Counts, expected: f64) -> bool {
        counts.bad as f64 <= 1.5 * expected
    }

    fn names(carried: &Carried) -> Vec<&str> {
        carried.carriers.iter().map(|carrier| carrier.segment.as_str()).collect()
    }

    #[test]
    fn the_narrowest_segment_without_which_all_is_as_usual_explains_the_whole() {
        let parts = [
            part("source=ads", 60, 6),
            part("source=webinar", 40, 24),
            part("region=emea", 50, 25),
            part("region=emea,source=webinar", 25, 20),
        ];
        let carried = carried(&part("all", 100, 30), &parts, &[], is_usual);
        assert_eq!(names(&carried), ["region=emea,source=webinar", "region=emea", "source=webinar"]);
        let rest = |carried: &Carried| carried.explained.clone().map(|(name, rest)| (name, rest.counts));
        assert_eq!(rest(&carried), Some(("region=emea,source=webinar".into(), Counts { n: 75, bad: 10 })));
        let said = carried.sentence(|rest| format!("without it {} of {}", rest.counts.bad, rest.counts.n));
        assert_eq!(said, " It lies in region=emea,source=webinar: without it 10 of 75.");
        let told =
            super::carried(&part("all", 100, 30), &parts, &["region=emea,source=webinar".into()], is_usual);
        assert_eq!(
            rest(&told),
            Some(("source=webinar".into(), Counts { n: 60, bad: 6 })),
            "but it was told of"
        );
        let shares: Vec<f64> = carried.carriers.iter().map(|carrier| carrier.share).collect();
        assert_eq!(shares, [17.5 / 20.0, 20.0 / 20.0, 20.0 / 20.0]);
    }

    #[test]
    fn what_is_spread_lies_in_no_segment() {
        let spread = carried(
            &part("all", 100, 30),
            &[part("source=a", 34, 10), part("source=b", 33, 10), part("source=c", 33, 10)],
            &[],
            is_usual,
        );
        assert_eq!(spread.explained, None);
        assert_eq!(names(&spread), ["source=b", "source=c", "source=a"]);
        assert_eq!(spread.sentence(|_| String::new()), " No one segment carries it.");
        let within = carried(
            &part("source=a", 100, 30),
            &["emea", "apac", "amer"].map(|of| part(&format!("region={of},source=a"), 33, 10)),
            &[],
            is_usual,
        );
        assert_eq!(within.sentence(|_| String::new()), " No one part of it carries it.");
        let most = carried(
            &part("all", 100, 50),
            &[part("source=a", 50, 32), part("source=b", 50, 18)],
            &[],
            is_usual,
        );
        assert_eq!(most.sentence(|_| String::new()), " 67.5 % of the excess lies in source=a.");
    }

    #[test]
    fn a_whole_that_is_as_usual_is_explained_by_nothing() {
        let parts = [part("source=a", 50, 9), part("source=b", 50, 5)];
        let slight = carried(&part("all", 100, 14), &parts, &[], is_usual);
        assert_eq!(slight.explained, None, "without any of them it is as usual, and with all of them too");
    }

    #[test]
    fn the_rest_is_held_against_what_is_usual_in_it() {
        let worse = Part { expected: 24.0, ..part("source=worse", 40, 24) };
        let parts = [worse, Part { expected: 6.0, ..part("source=ads", 60, 30) }];
        let whole = Part { expected: 30.0, ..part("all", 100, 54) };
        let explained = carried(&whole, &parts, &[], is_usual).explained;
        assert_eq!(
            explained.map(|(name, rest)| (name, rest.counts)),
            Some(("source=ads".into(), Counts { n: 40, bad: 24 })),
            "always worse is no news"
        );
    }

    #[test]
    fn the_largest_segment_explains_nothing_if_the_rest_has_its_due() {
        // 70 of the 120 outcomes lie in one segment, and the bad ones everywhere alike.
        let parts = [part("source=large", 70, 14), part("source=small", 50, 10)];
        let spread = carried(&part("all", 120, 24), &parts, &[], |counts, expected| {
            counts.bad as f64 <= 2.0 * expected - 1e-9 || counts.n < 60
        });
        assert_eq!(spread.explained, None, "though the rest alone would be taken for usual");
        assert_eq!(spread.sentence(|_| String::new()), " 58.3 % of the excess lies in source=large.");
    }

    #[test]
    fn a_segment_that_is_told_of_says_how_the_others_stand() {
        let (all, here) = (part("all", 200, 62), part("source=a", 50, 20));
        let beside = |all: &Part| elsewhere(all, &here, is_alike).unwrap();
        let worse = beside(&all);
        assert_eq!((worse.rest.counts, worse.rest.expected), (Counts { n: 150, bad: 42 }, 15.0));
        let words = |rest: &Part| format!("{} of {}", rest.counts.bad, rest.counts.n);
        assert_eq!(worse.sentence(words), " It is not only there: outside source=a 42 of 150.");
        let usual = beside(&part("all", 200, 38));
        assert_eq!(usual.sentence(words), " Outside source=a 18 of 150.", "18 where 15 are usual is chance");
        let many = beside(&part("all", 100_050, 11_020));
        assert!(!many.is_unusual, "11 % for 10 % is no chance among so many, but a tenth of a part of it");
        assert_eq!(
            elsewhere(&all, &part("all", 200, 62), is_alike),
            None,
            "of the whole there is no elsewhere"
        );
        assert_eq!(elsewhere(&part("all", 52, 20), &here, is_alike), None, "next to nothing is left");
    }

    #[test]
    fn only_what_lies_within_a_segment_carries_it() {
        let parts = [part("source=ads", 10, 10), part("region=emea,source=web", 10, 10)];
        let of_web = carried(&part("source=web", 100, 20), &parts, &[], is_usual);
        assert_eq!(names(&of_web), ["region=emea,source=web"]);
        assert_eq!(
            carried(&part("all", 100, 10), &parts, &[], is_usual),
            Carried::default(),
            "nothing is too much"
        );
    }
}
