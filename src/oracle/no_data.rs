//! The rule `no_data` (beside the signs): what used to arrive has stopped. And which rules hold their state meanwhile.
//!
//! Rules: `src/funnel/semantics.md`, "no_data".

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::Calendar;
use super::funnel::Judged;
use super::message::{Reading, Said, Speaker, alert, lives_on};
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::definitions::{Millionths, NoData};
use crate::model::words::Family;
use crate::model::{EventTime, HOUR_MS, MINUTE_MS, Minute, Text};

const RULE: &str = "no_data";
const HOUR_MINUTES: i32 = 60;
/// Business days in a month.
const MONTH_DAYS: f64 = 21.0;

/// Which families are silent from an evaluation on, under the number by which it was judged.
#[derive(Default)]
pub(super) struct Silences {
    all: Vec<(u32, Minute, BTreeSet<Family>)>,
    /// When a family did not tell, and that was over: `[from, to)`.
    outages: Vec<(Family, Minute, Minute)>,
    /// How often an evaluation of a rule was left out for it.
    pub(super) held: Cell<usize>,
}

impl Silences {
    /// The outages of these families that were over at a boundary, `[from, to)`, as long as they are remembered.
    pub(super) fn outages(&self, families: &[Family], judged: &Judged, at: Minute) -> Vec<(Minute, Minute)> {
        let days = &judged.rulebook.days;
        let remembered_from = days.start_of(days.day_of(at.start()) - 400);
        let is_meant =
            |of: &&(Family, Minute, Minute)| families.contains(&of.0) && of.2 <= at && of.2 > remembered_from;
        self.outages.iter().filter(is_meant).map(|of| (of.1, of.2)).collect()
    }

    /// Whether one of these families is silent at a boundary that is judged under a number.
    pub(super) fn any_at(&self, families: &[Family], number: u32, at: Minute) -> bool {
        let mut before = self.all.iter().filter(|(known, since, _)| *known == number && *since <= at);
        let last = before.next_back();
        let is_silent = last.is_some_and(|(_, _, silent)| families.iter().any(|it| silent.contains(it)));
        self.held.set(self.held.get() + usize::from(is_silent));
        is_silent
    }
}

/// Who sends what.
type Feed = (Text, Family);

/// How much was heard of each by UTC hour.
type Heard = BTreeMap<Feed, BTreeMap<i64, u64>>;

/// How often it usually arrives, in business time.
#[derive(Clone, Copy)]
struct Usual {
    n: u64,
    longest_ms: i64,
    /// The share of the hours of business that hold something.
    filled: f64,
    /// Hours of business in a month.
    month_hours: f64,
    /// Whether there is enough to know by what is too long.
    is_watched: bool,
}

impl Usual {
    /// A silence in ms, rounded up, that comes by chance once in so many.
    fn silence_ms(&self, once_in: f64) -> i64 {
        let hours = once_in.max(1.0).ln() / -(1.0 - self.filled).ln();
        (hours * HOUR_MS as f64).ceil() as i64
    }
}

/// A feed as it stands at an evaluation.
struct Standing<'h> {
    feed: &'h Feed,
    usual: Usual,
    ended: EventTime,
    silence_ms: i64,
}

#[derive(Clone)]
struct Firing {
    since: Minute,
    severity: Severity,
    limit_ms: i64,
}

/// Every message of the rule, and what is silent when.
pub(super) fn said(stretches: &[Judged]) -> (Said, Silences) {
    let mut said = Said::default();
    let mut silences = Silences::default();
    let mut firing: BTreeMap<Feed, Firing> = BTreeMap::new();
    let mut silent: BTreeSet<Feed> = BTreeSet::new();
    let mut stopped: BTreeMap<Feed, Minute> = BTreeMap::new();
    let mut back: BTreeMap<Feed, Minute> = BTreeMap::new();
    let mut judged_before: Option<Minute> = None;
    let all: Text = "all".into();
    for judged in stretches {
        let rule = judged.rulebook.definitions.rules.no_data.as_ref();
        if !lives_on("all", rule, judged) {
            let subjects: Vec<Text> = firing.keys().map(subject).collect();
            said.end(subjects.iter().map(|subject| (&all, subject)), judged);
            firing.clear();
            silent.clear();
            for (feed, from) in std::mem::take(&mut stopped) {
                silences.outages.push((feed.1, from, judged.from));
            }
        }
        let sources = &judged.rulebook.definitions.sources;
        silent.retain(|feed| sources.iter().any(|source| source.name == feed.0));
        silences.all.push((judged.number, judged.from, families(&silent)));
        let (Some(rule), Some(first)) = (rule, judged.begins()) else { continue };
        let mut at = Minute(-(-first.0).div_euclid(HOUR_MINUTES) * HOUR_MINUTES);
        while at <= judged.to {
            let heard = judged.heard(at);
            if let Some(before) = judged_before {
                let before = i64::from(before.0 / HOUR_MINUTES);
                let has_arrived =
                    |feed: &Feed| heard.get(feed).is_some_and(|hours| hours.range(before..).next().is_some());
                silent.retain(|feed| !has_arrived(feed));
            }
            let (fallen, too_long) =
                evaluate(judged, rule, at, &heard, (&silent, &back), &mut firing, &mut said);
            let resolved = said.messages.iter().rev().take_while(|message| message.at == at.start());
            for message in resolved.filter(|message| message.state == AlertState::Resolved) {
                let feed = heard.keys().find(|feed| Some(subject(feed)) == message.subject);
                back.extend(feed.map(|feed| (feed.clone(), at)));
            }
            silent.extend(fallen);
            let listed = |feed: &Feed| sources.iter().any(|source| source.name == feed.0);
            for (feed, from) in std::mem::take(&mut stopped) {
                if silent.contains(&feed) && listed(&feed) {
                    stopped.insert(feed, from);
                } else {
                    silences.outages.push((feed.1, from, at));
                }
            }
            for (feed, ended) in too_long {
                if silent.contains(&feed) {
                    stopped.entry(feed).or_insert(ended);
                }
            }
            silences.all.push((judged.number, at, families(&silent)));
            judged_before = Some(at);
            at = at.plus(HOUR_MINUTES);
        }
    }
    (said, silences)
}

fn families(feeds: &BTreeSet<Feed>) -> BTreeSet<Family> {
    feeds.iter().map(|feed| feed.1).collect()
}

fn subject((source, family): &Feed) -> Text {
    format!("{source} {family}").into()
}

/// One evaluation; gives the feeds that fall silent, beside those that were `silent` before, and those whose silence is
/// long enough to be told, with the end of their last hour.
fn evaluate(
    judged: &Judged,
    rule: &NoData,
    at: Minute,
    heard: &Heard,
    (were_silent, back): (&BTreeSet<Feed>, &BTreeMap<Feed, Minute>),
    firing: &mut BTreeMap<Feed, Firing>,
    said: &mut Said,
) -> (Vec<Feed>, Vec<(Feed, Minute)>) {
    let standings = standings(judged, rule, at, heard);
    let sources = &judged.rulebook.definitions.sources;
    let watched = standings.iter().filter(|of| of.usual.is_watched).count();
    // The feeds that speak, one of each source and calendar: those whose alerts live already, then the first to breach.
    let mut alive: Vec<(Minute, Feed)> = firing.iter().map(|(feed, of)| (of.since, feed.clone())).collect();
    alive.sort_by_key(|(since, feed)| (*since, feed.1));
    let mut speaking: Vec<Feed> = vec![];
    for (_, feed) in alive {
        if !speaking.iter().any(|other| speak_alike(other, &feed)) {
            speaking.push(feed);
        }
    }
    let (mut silent, mut too_long) = (vec![], vec![]);
    for Standing { feed, usual, ended, silence_ms } in standings {
        let is_listed = sources.iter().any(|source| source.name == feed.0);
        if is_listed && usual.is_watched && silence_ms > usual.longest_ms.max(usual.silence_ms(100.0)) {
            silent.push(feed.clone());
        }
        let known = firing.get(feed).cloned();
        let learned = usual.is_watched.then(|| limit_ms(rule, usual, watched));
        if is_listed && learned.is_some_and(|limit_ms| silence_ms > limit_ms) {
            too_long.push((feed.clone(), Minute((ended.0 / MINUTE_MS) as i32)));
        }
        let limit_ms = known.as_ref().map(|known| known.limit_ms).or(learned);
        // Where all touches are silent, those by sales are no news.
        let whole = (feed.0.clone(), Family::Touches);
        let is_told_with_the_whole = feed.1 == Family::SalesTouches
            && known.is_none()
            && (silent.contains(&whole) || were_silent.contains(&whole));
        let is_quiet =
            is_told_with_the_whole || speaking.iter().any(|other| other != feed && speak_alike(other, feed));
        // What was told of with another feed is no news as long as it is not too long since that one came back.
        let others_back = back.iter().filter(|(other, _)| speak_alike(other, feed)).map(|(_, at)| at.start());
        let from = others_back.max().filter(|_| known.is_none()).map_or(ended, |back| back.max(ended));
        let told_ms = calendar(judged, feed.1).between_ms(from, at.start());
        let is_too_long = limit_ms.is_some_and(|limit_ms| told_ms > limit_ms);
        let breaches = is_too_long && is_listed && !is_quiet;
        if breaches && !speaking.contains(feed) {
            speaking.push(feed.clone());
        }
        let (state, since, severity) = match (known, breaches) {
            (None, true) => (AlertState::Firing, at, rule.severity),
            (Some(known), true) if rule.severity > known.severity => {
                (AlertState::Firing, known.since, rule.severity)
            }
            (Some(known), false) => (AlertState::Resolved, known.since, known.severity),
            _ => continue,
        };
        let limit_ms = limit_ms.unwrap_or_default();
        match state {
            AlertState::Firing => firing.insert(feed.clone(), Firing { since, severity, limit_ms }),
            AlertState::Resolved => firing.remove(feed),
        };
        let reading = Reading {
            value: silence_ms as f64 / 1e3,
            baseline: usual.is_watched.then_some(usual.longest_ms as f64 / 1e3),
            threshold: limit_ms as f64 / 1e3,
            interval: None,
            n: if usual.is_watched { usual.n } else { 0 },
            excluded_immature: 0,
            window: (ended, at.start()),
            evidence: vec![],
            owner_team: OwnerTeam::Operations,
            at_risk: None,
        };
        said.messages.push(message(judged, at, &subject(feed), (state, severity, since), reading));
    }
    (silent, too_long)
}

/// The feeds that are known, in the order of families, and of sources within one.
fn standings<'h>(judged: &Judged, rule: &NoData, at: Minute, heard: &'h Heard) -> Vec<Standing<'h>> {
    let kept_from = i64::from(judged.hours_kept_from(at).0.div_euclid(HOUR_MINUTES));
    let mut all: Vec<Standing> = vec![];
    for (feed, hours) in heard {
        let Some((last, _)) = hours.range(kept_from..).next_back() else { continue };
        let ended = EventTime((last + 1) * HOUR_MS);
        let silence_ms = calendar(judged, feed.1).between_ms(ended, at.start());
        let mut usual = usual(judged, rule, feed.1, (at, *last), hours);
        if feed.1 == Family::SalesTouches {
            // As long as nobody else touches, these are all touches: one feed under two names.
            let touches = heard.get(&(feed.0.clone(), Family::Touches));
            let lately = |hours: &BTreeMap<i64, u64>| -> Vec<(i64, u64)> {
                hours.range(kept_from..).map(|(&hour, &n)| (hour, n)).collect()
            };
            usual.is_watched &= touches.map(lately) != Some(lately(hours));
        }
        all.push(Standing { feed, usual, ended, silence_ms });
    }
    all.sort_by_key(|of| (of.feed.1, of.feed.0.clone()));
    all
}

/// Whether two feeds stop together, so that one alert is enough.
fn speak_alike(one: &Feed, other: &Feed) -> bool {
    one.0 == other.0 && is_of_marketing(one.1) == is_of_marketing(other.1)
}

fn message(
    judged: &Judged,
    at: Minute,
    subject: &Text,
    (state, severity, since): (AlertState, Severity, Minute),
    reading: Reading,
) -> Alert {
    let (segment, number) = (&Text::from("all"), judged.number);
    alert(&Speaker { rule: RULE, sign: 0, segment, subject, state, severity, since, at, number }, reading)
}

fn calendar<'j>(judged: &'j Judged, family: Family) -> &'j Calendar {
    if is_of_marketing(family) { &judged.rulebook.marketing } else { &judged.rulebook.sales }
}

fn is_of_marketing(family: Family) -> bool {
    matches!(family, Family::Leads | Family::Programs)
}

/// What is usual over the days before the one with the last of the hours that are kept.
fn usual(
    judged: &Judged,
    rule: &NoData,
    family: Family,
    (at, last): (Minute, i64),
    hours: &BTreeMap<i64, u64>,
) -> Usual {
    let (days, calendar) = (&judged.rulebook.days, calendar(judged, family));
    let start_of = |hour: i64| EventTime(hour * HOUR_MS);
    let last_day = days.day_of(start_of(last));
    // Older hours may not be kept any more.
    let first = (last_day - i32::from(rule.baseline_days)).max(days.day_of(at.start()) - 34);
    let (from, to) = (days.start_of(first).start(), days.start_of(last_day).start());
    let whole = from.0.div_euclid(HOUR_MS)..to.0.div_euclid(HOUR_MS);
    let lately: BTreeMap<i64, u64> =
        hours.iter().filter(|(hour, _)| whole.contains(*hour)).map(|(&hour, &n)| (hour, n)).collect();
    let n: u64 = lately.values().sum();
    let gaps = lately.keys().zip(lately.keys().skip(1));
    let gaps = gaps.map(|(&one, &next)| calendar.between_ms(start_of(one + 1), start_of(next)));
    let of_business: Vec<i64> =
        whole.clone().filter(|&hour| calendar.between_ms(start_of(hour), start_of(hour + 1)) > 0).collect();
    // Each with the closed hours before it.
    let since = std::iter::once(i64::MIN).chain(of_business.iter().map(|hour| hour + 1));
    let filled =
        of_business.iter().zip(since).filter(|(hour, since)| lately.range(*since..=**hour).next().is_some());
    let filled = filled.count();
    let business_days: Vec<i32> = (first..last_day).filter(|&day| calendar.is_business_day(day)).collect();
    let with_something: BTreeSet<i32> = lately.keys().map(|&hour| days.day_of(start_of(hour))).collect();
    let busy_days = business_days.iter().filter(|day| with_something.contains(day)).count();
    Usual {
        n,
        longest_ms: gaps.max().unwrap_or(0),
        filled: filled as f64 / (of_business.len() + 1) as f64,
        month_hours: MONTH_DAYS * of_business.len() as f64 / business_days.len().max(1) as f64,
        is_watched: n >= u64::from(rule.min_n) && filled > 0 && 2 * busy_days >= business_days.len(),
    }
}

/// The silence beyond which a feed is told of, of so many that are watched; in whole ms, rounded up.
fn limit_ms(rule: &NoData, usual: Usual, watched: usize) -> i64 {
    let alpha = rule.alerts_per_month.as_f64() / watched as f64;
    let million = i128::from(Millionths::ONE.0);
    let by_gap = (i128::from(usual.longest_ms) * i128::from(rule.gap_factor.0) + million - 1) / million;
    i64::try_from(by_gap).unwrap_or(i64::MAX).max(usual.silence_ms(usual.month_hours / alpha))
}
