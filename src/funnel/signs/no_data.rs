//! `no_data`, beside the signs: what used to arrive has stopped.
//!
//! Watches each feed, a source and a family of kinds, in business time of the team that makes its events: of marketing
//! for leads and programs, of sales for touches, verdicts, deals and content. Touches by people in sales are a feed
//! beside all touches: marketing's go on when sales stops. A silence is the business time since the end of the last
//! hour in which anything arrived. It is too long beyond the larger of two limits that are learned from the `baseline`
//! days before the day of the last arrival: `gap_factor` times the longest silence in them, and the one that is
//! exceeded α times in a month, if each hour stays empty as often as hours of business did: t hours with M (1 − q)^t =
//! α, where q is the share of them in which anything arrived, or in the closed hours before (with one empty hour more
//! than there were), M the hours of a month of 21 business days, and α the part that each feed has of the alerts a
//! month. A feed with fewer than `min_n` arrivals, or with none on more than half of the business days, is not watched
//! (learning). The alert is over when anything arrives. Of the feeds of one source and team one speaks at a time: the
//! first to fall silent. Rules that rest on the family hold their state earlier, from the larger of the longest silence
//! and the one with (1 − q)^t = 1 % on, and say so. Blind to: a feed that sends less than it did, or the wrong things,
//! and one that never sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{Definitions, NoData};
use crate::model::explanation::Sum;
use crate::model::measure::Measure;
use crate::model::words::{Family, Team};
use crate::model::{EventTime, HOUR_MS, Minute, Text};
use crate::stats::business_time::BusinessClock;

use super::super::segment::book::{Named, Segment};
use super::super::segment::series::{Day, HOURS_KEPT_DAYS, Hour, Series};
use super::super::terms::Terms;
use super::rule::Rule;
use super::scene::Scene;
use super::statement::{Statement, spoken};
use super::usual_share::MONTH_BUSINESS_DAYS;
use super::{Measured, Resolved, Verdict};

/// How it was with a feed before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Usual {
    /// How many hours in which something arrived there were.
    pub n: u64,
    /// The longest silence between two of them, in ms of business time.
    pub longest_ms: i64,
    /// How many business hours there were.
    open_hours: u64,
    /// In how many of them, or since the one before, anything arrived.
    busy_hours: u64,
    /// On how many business days.
    business_days: u64,
}

impl Usual {
    /// The share of business hours in which anything arrived, with one empty hour more than there were.
    fn q(&self) -> f64 {
        self.busy_hours as f64 / (self.open_hours as f64 + 1.0)
    }

    /// −ln(1 − q).
    fn rate(&self) -> f64 {
        -(1.0 - self.q()).ln()
    }

    /// Business hours of a month.
    fn month_hours(&self) -> f64 {
        self.open_hours as f64 / self.business_days.max(1) as f64 * MONTH_BUSINESS_DAYS as f64
    }

    /// The silence that is exceeded `alpha` times in a month by chance, in ms of business time.
    fn by_chance_ms(&self, alpha: f64) -> i64 {
        hours_ms((self.month_hours() / alpha).max(1.0).ln() / self.rate())
    }
}

/// A feed at a boundary.
#[derive(Clone, Debug, PartialEq)]
pub struct Feed {
    /// Who sends.
    pub source: Text,
    /// What.
    pub family: Family,
    /// How it was before; `None` while that is being learned.
    pub usual: Option<Usual>,
    /// How long it has been silent, in ms of business time.
    pub silent_ms: i64,
    /// The end of the last hour in which something arrived.
    pub last: EventTime,
    /// Whether it is all of a wider feed, and so nothing beside it.
    pub is_the_whole: bool,
}

impl Feed {
    /// What an alert of the feed speaks of.
    pub fn subject(&self) -> Text {
        compact_str::format_compact!("{} {}", self.source, self.family)
    }

    /// A feed of which nothing is left in the hours that are kept.
    pub fn forgotten(source: Text, family: Family, now: EventTime) -> Feed {
        Feed { source, family, usual: None, silent_ms: 0, last: now, is_the_whole: false }
    }

    /// Whether it falls silent, so that rules that rest on it hold their state until something arrives.
    pub fn is_silent(&self) -> bool {
        let limit = self.usual.map(|usual| usual.longest_ms.max(hours_ms(100f64.ln() / usual.rate())));
        limit.is_some_and(|limit| self.silent_ms > limit)
    }

    /// Beyond which silence it is told; `watched` is the number of feeds that are.
    pub fn limit_ms(&self, rule: &NoData, watched: usize) -> Option<i64> {
        let usual = self.usual?;
        let by_chance = usual.by_chance_ms(alpha(rule, watched));
        Some(rule.gap_factor.of_rounded_up(usual.longest_ms).max(by_chance))
    }
}

/// The false alarms a month that each watched feed has of those that are accepted.
fn alpha(rule: &NoData, watched: usize) -> f64 {
    rule.alerts_per_month.as_f64() / watched.max(1) as f64
}

fn hours_ms(hours: f64) -> i64 {
    (hours * HOUR_MS as f64).ceil() as i64
}

/// Every feed that there ever was.
pub fn feeds(rule: &NoData, scene: &Scene<'_>) -> Vec<Feed> {
    let segment = scene.book.segment_or_empty("all");
    let mut weeks = BTreeMap::new();
    let of_family = |family: &Family| feeds_of(rule, scene, segment, *family, &mut weeks);
    Family::ALL.iter().flat_map(of_family).collect()
}

/// The weeks that are learned from, by whose calendar and before which day.
type AllWeeks = BTreeMap<(Team, Day), Weeks>;

fn feeds_of(
    rule: &NoData,
    scene: &Scene<'_>,
    segment: &Segment,
    family: Family,
    weeks: &mut AllWeeks,
) -> Vec<Feed> {
    let calendar = calendar(scene.terms, family);
    let feed = |(source, series): (&Text, &Series)| {
        let last = series.last_hour()?;
        let last_day = Day(scene.terms.days.local_day(last.end_ms() - HOUR_MS));
        let weeks = weeks
            .entry((team(family), last_day))
            .or_insert_with(|| Weeks::before(last_day, rule, scene, calendar));
        let wider = wider(family).map(|wider| segment.series(Measure::Heard(wider), source));
        let is_the_whole = wider.is_some_and(|wider| wider.hours().eq(series.hours()));
        let usual = if is_the_whole { None } else { weeks.usual(rule, scene, calendar, series) };
        Some(Feed {
            source: source.clone(),
            family,
            usual,
            silent_ms: calendar.between_ms(last.end_ms(), scene.at.start().0),
            last: EventTime(last.end_ms()),
            is_the_whole,
        })
    };
    segment.subjects(Measure::Heard(family)).filter_map(feed).collect()
}

/// The hours from which is learned: those of the weeks before a day.
struct Weeks {
    /// The first day, and the first one after them.
    days: (Day, Day),
    /// The first one that holds any of it, and the first one that holds any of what is after them: where a zone is half
    /// an hour off, an hour belongs to two days.
    hours: (Hour, Hour),
    /// Those that hold any business time.
    of_business: Vec<Hour>,
    business_days: usize,
}

impl Weeks {
    fn before(day: Day, rule: &NoData, scene: &Scene<'_>, calendar: &BusinessClock) -> Weeks {
        // Older hours may be forgotten, which does not mean that they were empty.
        let known = scene.today.plus(1 - HOURS_KEPT_DAYS);
        let first = day.plus(-i32::from(rule.baseline_days)).max(known);
        let [from, to] = [first, day].map(|day| Hour::of_ms(scene.terms.days.day_start_ms(day.0)));
        let is_open = |hour: &Hour| calendar.between_ms(hour.end_ms() - HOUR_MS, hour.end_ms()) > 0;
        Weeks {
            days: (first, day),
            hours: (from, to),
            of_business: (from.0..to.0).map(Hour).filter(is_open).collect(),
            business_days: (first.0..day.0).filter(|day| calendar.is_business_day(*day)).count(),
        }
    }

    /// How it was with a feed in them; `None` with too little to know.
    fn usual(
        &self,
        rule: &NoData,
        scene: &Scene<'_>,
        calendar: &BusinessClock,
        series: &Series,
    ) -> Option<Usual> {
        let hours: Vec<(Hour, i64)> = series.each_hour(self.hours.0, self.hours.1).collect();
        let arrived: i64 = hours.iter().map(|(_, n)| n).sum();
        let between =
            |pair: &[(Hour, i64)]| calendar.between_ms(pair[0].0.end_ms(), i64::from(pair[1].0.0) * HOUR_MS);
        // What arrives at night was there when business began.
        let of_business = |hour: &Hour| self.of_business.partition_point(|of_business| of_business < hour);
        let busy: BTreeSet<usize> = hours.iter().map(|(hour, _)| of_business(hour)).collect();
        let busy_hours = busy.range(..self.of_business.len()).count() as u64;
        let day_of = |(hour, _): &(Hour, i64)| scene.terms.days.local_day(hour.end_ms() - HOUR_MS);
        let heard_on: BTreeSet<i32> = hours.iter().map(day_of).collect();
        let heard_on = heard_on.range(self.days.0.0..self.days.1.0);
        let days = heard_on.filter(|day| calendar.is_business_day(**day)).count();
        let usual = Usual {
            n: arrived.max(0) as u64,
            longest_ms: hours.windows(2).map(between).max().unwrap_or(0),
            open_hours: self.of_business.len() as u64,
            busy_hours,
            business_days: self.business_days as u64,
        };
        let is_known = usual.n >= u64::from(rule.min_n) && busy_hours > 0 && 2 * days >= self.business_days;
        is_known.then_some(usual)
    }
}

/// Who makes the events of a family.
pub fn team(family: Family) -> Team {
    match family {
        Family::Leads | Family::Programs => Team::Marketing,
        Family::Touches | Family::SalesTouches | Family::Verdicts | Family::Deals | Family::Content => {
            Team::Sales
        }
    }
}

/// The family that holds all of another one.
pub fn wider(family: Family) -> Option<Family> {
    (family == Family::SalesTouches).then_some(Family::Touches)
}

/// What arrives, in words.
fn in_words(family: Family) -> &'static str {
    match family {
        Family::SalesTouches => "human touches by sales",
        _ => family.as_str(),
    }
}

fn calendar(terms: &Terms, family: Family) -> &BusinessClock {
    match team(family) {
        Team::Marketing => &terms.marketing,
        Team::Sales => &terms.sales,
    }
}

/// The families without which a rule cannot be judged.
pub fn rests_on(rule: Rule) -> &'static [Family] {
    match rule {
        Rule::FirstTouchSlo => &[Family::Touches, Family::SalesTouches],
        Rule::AbsentAfterHandoff => &[Family::Touches, Family::Deals],
        Rule::RevenuePace => &[Family::Leads, Family::Deals],
        // That a deal was opened is a verdict as well, and a step.
        Rule::Divergence | Rule::SilentLeads => &[Family::Leads, Family::Verdicts, Family::Deals],
        Rule::ReasonlessRejections => &[Family::Verdicts],
        Rule::UnansweredRejections => &[Family::Verdicts, Family::Programs],
        Rule::StageAgeing => &[Family::Leads, Family::Verdicts, Family::Deals],
        Rule::SalesAuthoredShare | Rule::DeadLibrary => &[Family::Content],
        Rule::LaunchWithoutNotice | Rule::NoRevenueTarget => &[Family::Programs],
        Rule::NoData => &[],
    }
}

/// How long a feed has been silent since a minute, in ms of business time.
pub fn silent_since_ms(feed: &Feed, from: Minute, scene: &Scene<'_>) -> i64 {
    let from = feed.last.max(from.start());
    calendar(scene.terms, feed.family).between_ms(from.0, scene.at.start().0)
}

/// Reads a feed against the limit beyond which it is told.
pub fn read(rule: &NoData, feed: &Feed, limit_ms: Option<i64>) -> Verdict {
    match limit_ms {
        None => Verdict::Learning,
        Some(limit) if feed.silent_ms > limit => Verdict::Broken(rule.severity),
        Some(_) => Verdict::Kept,
    }
}

/// What there is to do where a source was taken out.
const ADVICE_UNLISTED: &str = "Nothing is known to be mended: nobody waits for this source any more. If it was taken \
                               out by mistake, list it again.";

/// The figures behind a reading, of one of so many feeds that are `watched`.
pub fn measure(rule: &NoData, scene: &Scene<'_>, feed: &Feed, (limit_ms, watched): (i64, usize)) -> Measured {
    let (source, family) = (&feed.source, in_words(feed.family));
    let hours = |ms: i64| ms as f64 / HOUR_MS as f64;
    let rests = Rule::ALL.iter().filter(|rule| rests_on(**rule).contains(&feed.family));
    let rests: Vec<&str> = rests.map(|rule| rule.name()).collect();
    let others = match wider(feed.family) {
        Some(_) => " Ask sales on the same day whether anybody is called: other touches may still come.",
        None => "",
    };
    Measured {
        value: feed.silent_ms as f64 / 1e3,
        baseline: feed.usual.map(|usual| usual.longest_ms as f64 / 1e3),
        threshold: limit_ms as f64 / 1e3,
        interval: None,
        n: feed.usual.map_or(0, |usual| usual.n),
        excluded_immature: 0,
        window: (feed.last, scene.at.start()),
        owner: OwnerTeam::Operations,
        evidence: Named::default(),
        summary: format!(
            "No record of {family} has come from {source} for {:.1} business hours; the longest silence of the last \
             weeks was {:.1} hours.",
            hours(feed.silent_ms),
            hours(feed.usual.map_or(0, |usual| usual.longest_ms)),
        ),
        advice: format!(
            "Operations: look at the feed of {family} from {source}, it is more likely that it has stopped than \
             the work.{others} Until it is back these rules hold what they last said: {}.",
            rests.join(", ")
        ),
        resolved: match scene.terms.definitions.sources.iter().any(|listed| listed.name == *source) {
            true => Resolved::mended(format!("Resolved: records of {family} come from {source} again.")),
            false => {
                Resolved::unmended(format!("Resolved: {source} is no source any more."), ADVICE_UNLISTED)
            }
        },
        sum: sum(rule, feed, (limit_ms, watched)),
    }
}

/// How the limit comes about. It is that of the alert's beginning, which later figures need not lead to.
fn sum(rule: &NoData, feed: &Feed, (limit_ms, watched): (i64, usize)) -> Sum {
    let mut sum = Sum::default();
    let last = format!("business time since {}", feed.last.rfc3339());
    sum.figure("value", feed.silent_ms as f64 / 1e3, format!("seconds of {last}"));
    if let Some(usual) = feed.usual {
        sum.figure("arrivals", usual.n as f64, "in the weeks that were learned from");
        sum.figure(
            "longest silence",
            usual.longest_ms as f64 / 1e3,
            "between two hours with arrivals, in seconds",
        );
        let factor = rule.gap_factor;
        let by_gap = factor.of_rounded_up(usual.longest_ms) as f64 / 1e3;
        sum.figure("limit by the longest silence", by_gap, format!("{} times it", factor.as_f64()));
        sum.figure("h, business hours", usual.open_hours as f64, "in the weeks that were learned from");
        sum.figure(
            "u, hours with arrivals",
            usual.busy_hours as f64,
            "those of them in which anything arrived, or in the closed hours before",
        );
        sum.figure("q", usual.q(), "u / (h + 1)");
        let month = format!("{MONTH_BUSINESS_DAYS} h / the {} business days among them", usual.business_days);
        sum.figure("M, business hours of a month", usual.month_hours(), month);
        let alpha = alpha(rule, watched);
        let shared = format!("{} / {watched} feeds that are watched", rule.alerts_per_month.as_f64());
        sum.figure("alpha, false alarms of the feed a month", alpha, shared);
        sum.figure(
            "limit by chance",
            usual.by_chance_ms(alpha) as f64 / 1e3,
            "3600 ln(M / alpha) / -ln(1 - q) seconds, at least 0: M (1 - q)^hours = alpha",
        );
    }
    let is_of_now = feed.limit_ms(rule, watched) == Some(limit_ms);
    sum.figure(
        "limit",
        limit_ms as f64 / 1e3,
        match is_of_now {
            true => "the larger of the limit by the longest silence and the limit by chance",
            false => "that of the alert's beginning, at which it stands still",
        },
    );
    sum
}

/// How often a feed that goes on as ever is told of by chance, in alerts a month of 21 business days.
#[derive(Clone, Copy, Debug)]
pub struct ByChance {
    /// Where its events come independently of each other, at most.
    pub independent: f64,
    /// Where they come in bunches, at most.
    pub in_bunches: f64,
}

/// By simulation, with the default settings, a working day of 8 hours, and one feed that is watched
/// (`tests/false_alarms/no_data.rs`). Of events by Poisson's law, 1, 2, 5, 12, 20 and 50 a business day: 0.008, 0.010,
/// 0.013, 0.011, 0.012 and 0.001. Of bunches of four events on the average, with 2 hours of business from one to the
/// next, 0.5, 1, 2 and 4 bunches a business day: 0.33, 0.36, 0.33 and 0.20; with 8 hours: 0.22, 0.14, 0.07 and 0.04.
pub const BY_CHANCE: ByChance = ByChance { independent: 0.015, in_bunches: 0.4 };

/// Whether the settings are those by which [`BY_CHANCE`] was counted.
fn is_counted(rule: &NoData) -> bool {
    let settings = (rule.baseline_days, rule.min_n, rule.gap_factor.0, rule.alerts_per_month.0);
    settings == (28, 20, 1_500_000, 30_000)
}

fn false_alarms(rule: &NoData) -> String {
    let a_month = match is_counted(rule) {
        true => format!(
            "In simulations with these settings, one feed of 1 to 50 events a business day, each independent of the \
             others, was told of at most {} times a month; where events come in bunches, as the touches of few leads \
             do, hours are empty together, and it was up to {}.",
            BY_CHANCE.independent, BY_CHANCE.in_bunches
        ),
        false => {
            "Where events come in bunches, as the touches of few leads do, hours are empty together, and it \
                  is more often."
                .to_owned()
        }
    };
    format!(
        "{} a month for the company if each hour stays empty as often as hours did. {a_month}",
        rule.alerts_per_month.as_f64()
    )
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.no_data.as_ref()?;
    Some(Statement {
        rule: Rule::NoData.name(),
        sign: Rule::NoData.sign(),
        says: "What used to arrive has stopped.".to_owned(),
        counts: "How long nothing has arrived, in the working time of marketing for leads and programs, in that of \
                 sales for all else.".to_owned(),
        out_of: "Each feed by itself: a source, and leads, touches, verdicts, deals, content or programs; human \
                 touches by sales also by themselves, where others are recorded as well.".to_owned(),
        window: "Until now, every hour.".to_owned(),
        left_out: "Copies, erasures, and events from the future of their own record.".to_owned(),
        usual: format!(
            "The feed's own longest silence, and how often something arrived, in the {} days before the day of its \
             last arrival.",
            rule.baseline_days
        ),
        least: format!(
            "With fewer than {} arrivals in these days, or none on more than half of the business days.",
            rule.min_n
        ),
        speaks: format!(
            "{} when the silence is longer than {} times the longest, and than one that comes by chance so rarely, \
             with hours as often empty as they were. Rules that rest on the feed hold what they last said \
             before that, from a silence on that one gap in a hundred exceeds.",
            spoken(rule.severity),
            rule.gap_factor.as_f64()
        ),
        false_alarms: false_alarms(rule),
        stays: "The limit stands still while the alert lives; of the feeds of one source and team one speaks at a time."
            .to_owned(),
        over: "Anything arrives.".to_owned(),
        blind_to: "A feed that sends less than it did, or the wrong things, one that comes seldom, and one that never \
                   sent."
            .to_owned(),
        act: "Operations: look at the feed first, it is more likely that it has stopped than the work.".to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::alert::Severity;
    use crate::model::definitions::Millionths;

    fn rule() -> NoData {
        NoData {
            baseline_days: 28,
            min_n: 20,
            gap_factor: Millionths(1_500_000),
            alerts_per_month: Millionths(30_000),
            severity: Severity::Ticket,
        }
    }

    /// A feed that comes in so many of 160 hours of 20 business days.
    fn feed(busy_hours: u64, longest_hours: i64) -> Feed {
        let usual = Usual {
            n: 300,
            longest_ms: longest_hours * HOUR_MS,
            open_hours: 160,
            busy_hours,
            business_days: 20,
        };
        Feed {
            source: "crm".into(),
            family: Family::Touches,
            usual: Some(usual),
            silent_ms: 40 * HOUR_MS,
            last: EventTime(0),
            is_the_whole: false,
        }
    }

    #[test]
    fn the_limit_follows_from_the_figures_that_are_shown() {
        for (busy_hours, longest_hours) in [(70, 4), (150, 6)] {
            let feed = feed(busy_hours, longest_hours);
            let limit_ms = feed.limit_ms(&rule(), 4).unwrap();
            let sum = sum(&rule(), &feed, (limit_ms, 4));
            let of = |name: &str| {
                let figure = sum.figures.iter().find(|figure| figure.name == name);
                figure.and_then(|figure| figure.value).unwrap_or_else(|| panic!("{name} is shown"))
            };
            let q = of("u, hours with arrivals") / (of("h, business hours") + 1.0);
            assert!((of("q") - q).abs() < 1e-12);
            let (month, alpha) = (21.0 * of("h, business hours") / 20.0, 0.03 / 4.0);
            assert!((of("M, business hours of a month") - month).abs() < 1e-9);
            assert!((of("alpha, false alarms of the feed a month") - alpha).abs() < 1e-12);
            let by_chance = 3600.0 * (month / alpha).ln() / -(1.0 - q).ln();
            assert!((of("limit by chance") - by_chance).abs() < 0.002, "{by_chance}");
            let by_gap = 1.5 * of("longest silence");
            assert!((of("limit by the longest silence") - by_gap).abs() < 1e-9);
            assert!((of("limit") - by_gap.max(by_chance)).abs() < 0.002, "{by_gap} {by_chance}");
        }
    }

    #[test]
    fn a_limit_that_stands_still_is_said_to() {
        let from = |limit_ms: i64| {
            let sum = sum(&rule(), &feed(70, 4), (limit_ms, 4));
            sum.figures.last().map(|figure| figure.from.clone())
        };
        let now = feed(70, 4).limit_ms(&rule(), 4).unwrap();
        assert_ne!(from(now), from(now + 1));
    }
}
