//! `dead_library`: nobody uses what marketing has published.
//!
//! Each asset that marketing published has periods of its own, each as long as the rule says, that follow one another
//! from its publication; one is counted by the day on which it ends. Bad is one in which no deal used the asset. The
//! whole company alone is judged: assets belong to no segment. An asset that is published again begins anew. What lies
//! before the first use of any asset that is known says nothing: it was not recorded then, or is counted no more.
//!
//! Only the first two periods of an asset count, and no day counts before the assets that were published after the
//! first day of which a publication is known could have had both: assets are used less as they grow old, and where a
//! library is young all of them are, so that it would die by itself. From then on the mix of both stays. Those of the
//! first day may be of any age: a library that existed is told of on the day on which its record begins. An alert names
//! the pieces that nobody used, the newest period first: three in its words, as many as alerts name ids in its sum; its
//! evidence is empty, since that is of leads and deals. Blind to: what becomes of assets after their second period, so
//! also a library to which nothing is added, uses that nobody records, and assets whose publication was never told.

use std::collections::BTreeMap;

use crate::model::Text;
use crate::model::alert::OwnerTeam;
use crate::model::definitions::Definitions;
use crate::model::explanation::Sum;
use crate::model::fact::Says;
use crate::model::measure::Measure;
use crate::model::words::Author;
use crate::stats::counts::Counts;

use super::super::outage_days::Outage;
use super::super::rule::Rule;
use super::super::scene::Scene;
use super::super::share_rule::{ShareRule, Told, Words, no_span, no_subjects, no_worth};
use super::super::statement::{self, OwnWords, Statement};
use super::super::usual_share::{Outcomes, SetShare};
use crate::funnel::segment::book::Segment;
use crate::funnel::segment::series::{DAYS_KEPT, Day};

/// So many periods of an asset count.
const PERIODS: i32 = 2;
/// So many pieces are named in the words of an alert.
const NAMED: usize = 3;

/// What there is to do.
const ADVICE: &str = "Marketing: take down what nobody uses, and ask three reps what they looked for last week. \
                      Sales: say which pieces you do not use because they are wrong and which because you did not \
                      know them.";

/// The rule.
pub const DEAD_LIBRARY: ShareRule = ShareRule {
    rule: Rule::DeadLibrary,
    settings: |definitions| definitions.rules.dead_library.as_ref().map(|rule| &rule.watch),
    of_all_alone: true,
    reads: |measure| measure == Measure::AssetUsed,
    subjects: no_subjects,
    of_set: SetShare::Usual,
    span: no_span,
    outcomes,
    unknown,
    evidence: |_| None,
    details,
    at_risk: no_worth,
    owner: OwnerTeam::Marketing,
    words,
};

/// The assets of marketing, each with the day on which it was published last, and the first day on which any was.
fn library(scene: &Scene<'_>) -> (BTreeMap<Text, Day>, Option<Day>) {
    let mut library = BTreeMap::new();
    let mut first: Option<Day> = None;
    for fact in scene.book.programs() {
        let Says::ContentPublished { asset_id, author_team: Author::Marketing } = &fact.says else {
            continue;
        };
        let day = Day(scene.terms.days.local_day(fact.at.0));
        let known = library.entry(asset_id.clone()).or_insert(day);
        *known = day.max(*known);
        first = Some(first.map_or(day, |first| first.min(day)));
    }
    (library, first)
}

/// A period of an asset that counts, or will once it has ended.
struct Period {
    /// The day on which it ends.
    end: Day,
    asset: Text,
    is_used: bool,
}

fn outcomes(scene: &Scene<'_>, segment: &Segment, _: &str, _: u16) -> Outcomes {
    let mut outcomes = Outcomes::known_to(scene.today);
    for period in periods(scene, segment) {
        match period.end < scene.today {
            true => outcomes.add(period.end, Counts { n: 1, bad: u64::from(!period.is_used) }),
            false => outcomes.young += 1,
        }
    }
    outcomes
}

/// Periods that began before the end of an outage may have had uses of which it told nothing.
fn unknown(outage: &Outage<'_>, _: u16) -> (Day, Day) {
    let rule = outage.ends.terms.definitions.rules.dead_library.as_ref();
    let period = rule.map_or(0, |rule| i32::from(rule.unused_days));
    (outage.begins.today, outage.ends.today.plus(period + 1))
}

fn periods(scene: &Scene<'_>, segment: &Segment) -> Vec<Period> {
    let mut periods = Vec::new();
    let Some(rule) = &scene.terms.definitions.rules.dead_library else { return periods };
    let length = i32::from(rule.unused_days);
    let uses = segment.subjects(Measure::AssetUsed).filter_map(|(_, series)| series.first_day());
    let Some(first_use) = uses.min() else { return periods };
    let counted_from = first_use.max(scene.today.plus(-DAYS_KEPT));
    let (library, Some(first)) = library(scene) else { return periods };
    let had_all = first.plus(PERIODS * length);
    for (asset, published) in library {
        let uses = segment.series(Measure::AssetUsed, &asset);
        let ends = (1..=PERIODS).map(|n| published.plus(n * length));
        let ends = ends.take_while(|end| end.plus(-length) < scene.today);
        for end in ends.filter(|end| *end > had_all && end.plus(-length) >= counted_from) {
            let is_used = uses.days(end.plus(-length), end) > 0;
            periods.push(Period { end, asset: asset.clone(), is_used });
        }
    }
    periods
}

/// A piece that nobody used in a period that is told of.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Unused {
    /// The day on which the last such period ended.
    end: Day,
    asset: Text,
    /// How many there were.
    periods: u64,
}

/// Every one of them: the one whose period ended last first, of one day in descending order of the ids, as evidence is.
fn unused(told: &Told<'_>) -> Vec<Unused> {
    let segment = told.scene.book.segment_or_empty(told.name);
    let mut pieces: BTreeMap<Text, (Day, u64)> = BTreeMap::new();
    let left_out = DEAD_LIBRARY.outage_days(told.scene, told.span);
    let is_told = |period: &Period| {
        let has_ended = period.end < told.scene.today;
        has_ended && !period.is_used && period.end >= told.since && !left_out.holds(period.end)
    };
    for Period { end, asset, .. } in periods(told.scene, segment).into_iter().filter(is_told) {
        let (last, periods) = pieces.entry(asset).or_insert((end, 0));
        *last = end.max(*last);
        *periods += 1;
    }
    let piece = |(asset, (end, periods))| Unused { end, asset, periods };
    let mut unused: Vec<Unused> = pieces.into_iter().map(piece).collect();
    unused.sort_unstable_by(|a, b| b.cmp(a));
    unused
}

/// Names the first of them in a sentence, with a space before it.
fn named(unused: &[Unused]) -> String {
    let (first, rest) = unused.split_at(unused.len().min(NAMED));
    let names: Vec<&str> = first.iter().map(|piece| piece.asset.as_str()).collect();
    match (names.is_empty(), rest.len()) {
        (true, _) => String::new(),
        (false, 0) => format!(" Unused: {}.", names.join(", ")),
        (false, more) => format!(" Unused: {} and {more} more.", names.join(", ")),
    }
}

/// Tells which pieces the bad outcomes are of.
fn details(told: &Told<'_>, sum: &mut Sum) {
    let definitions = &told.scene.terms.definitions;
    let days = definitions.rules.dead_library.as_ref().map_or(0, |rule| rule.unused_days);
    let unused = unused(told);
    let (first, rest) = unused.split_at(unused.len().min(definitions.limits.evidence_ids as usize));
    for Unused { end, asset, periods } in first {
        let last = format!("bad outcomes of this piece, {days} days each; the last ended on {}", end.date());
        sum.figure(format!("unused: {asset}"), *periods as f64, last);
    }
    if !rest.is_empty() {
        let periods: u64 = rest.iter().map(|piece| piece.periods).sum();
        sum.figure("unused: others", periods as f64, format!("bad outcomes of {} more pieces", rest.len()));
    }
}

fn words(told: &Told<'_>) -> Words {
    let days = told.scene.terms.definitions.rules.dead_library.as_ref().map_or(0, |rule| rule.unused_days);
    let (n, bad) = (told.seen.n, told.seen.bad);
    Words {
        summary: format!(
            "Since {} a piece of marketing's content went {days} days without being used {bad} times of {n}: {}.{}",
            told.since(),
            told.share_and_usual(),
            named(&unused(told))
        ),
        advice: ADVICE,
        resolved: format!(
            "Resolved: lately a piece of marketing's content went {days} days without being used {} of the times {}.",
            told.lately(),
            told.usual_and_since()
        ),
    }
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.dead_library.as_ref()?;
    let days = rule.unused_days;
    let own = OwnWords {
        says: "Nobody uses what marketing publishes.".to_owned(),
        counts: format!("Periods of {days} days of a piece of marketing's content in which no deal used it."),
        out_of: format!(
            "The first two such periods of each piece, {days} days each from its last publication on, by the day on \
             which they end; of the whole company."
        ),
        left_out: "Periods that are not over, those that began before any use was recorded, and all that ended before \
                   a piece that was published on the day after the first one could have had two."
            .to_owned(),
        blind_to: "Pieces after their second period, so also a library to which nothing is added; uses that nobody \
                   records, so also a library that was never used at all; and pieces that were taken down without a \
                   word.",
        act: ADVICE,
    };
    Some(statement::of_share(&DEAD_LIBRARY, &rule.watch, own))
}
