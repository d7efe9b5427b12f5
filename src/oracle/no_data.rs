//! The rule `no_data` (beside the signs): what used to arrive has stopped. And which rules hold their state meanwhile.
//!
//! Rules: `src/funnel/semantics.md`, "no_data".

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use super::Calendar;
use super::funnel::Judged;
use super::message::{Reading, Said, Speaker, alert, lives_on};
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::definitions::NoData;
use crate::model::words::Family;
use crate::model::{EventTime, HOUR_MS, Minute, Text};

const RULE: &str = "no_data";
const HOUR_MINUTES: i32 = 60;
/// Business days in a month.
const MONTH_DAYS: f64 = 21.0;

/// Which families are silent from an evaluation on, under the number by which it was judged.
#[derive(Default)]
pub(super) struct Silences {
    all: Vec<(u32, Minute, BTreeSet<Family>)>,
    /// How often an evaluation of a rule was left out for it.
    pub(super) held: Cell<usize>,
}

impl Silences {
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

/// How often it usually arrives, in business time.
#[derive(Clone, Copy)]
struct Usual {
    n: u64,
    longest_ms: i64,
    /// Arrivals in a millisecond.
    rate: f64,
    month_ms: f64,
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
    let mut silent: BTreeSet<Family> = BTreeSet::new();
    let all: Text = "all".into();
    for judged in stretches {
        let rule = judged.rulebook.definitions.rules.no_data.as_ref();
        if !lives_on("all", rule, judged) {
            let subjects: Vec<Text> = firing.keys().map(subject).collect();
            said.end(subjects.iter().map(|subject| (&all, subject)), judged);
            firing.clear();
            silent.clear();
        }
        silences.all.push((judged.number, judged.from, silent.clone()));
        let (Some(rule), Some(first)) = (rule, judged.begins()) else { continue };
        let mut at = Minute(-(-first.0).div_euclid(HOUR_MINUTES) * HOUR_MINUTES);
        while at <= judged.to {
            silent = evaluate(judged, rule, at, &mut firing, &mut said);
            silences.all.push((judged.number, at, silent.clone()));
            at = at.plus(HOUR_MINUTES);
        }
    }
    (said, silences)
}

fn subject((source, family): &Feed) -> Text {
    format!("{source} {family}").into()
}

/// One evaluation; gives the families that are silent.
fn evaluate(
    judged: &Judged,
    rule: &NoData,
    at: Minute,
    firing: &mut BTreeMap<Feed, Firing>,
    said: &mut Said,
) -> BTreeSet<Family> {
    let heard = judged.heard(at);
    let mut feeds: Vec<(&Feed, Option<Usual>, EventTime, i64)> = vec![];
    for (feed, hours) in &heard {
        let Some((last, _)) = hours.last_key_value() else { continue };
        let ended = EventTime((last + 1) * HOUR_MS);
        let silence_ms = calendar(judged, feed.1).between_ms(ended, at.start());
        feeds.push((feed, usual(judged, rule, at, feed.1, hours), ended, silence_ms));
    }
    // In the order of families, and of sources within one.
    feeds.sort_by_key(|(feed, ..)| (feed.1, feed.0.clone()));
    let watched = feeds.iter().filter(|(_, usual, ..)| usual.is_some()).count();
    let mut silent = BTreeSet::new();
    for (feed, usual, ended, silence_ms) in feeds {
        if let Some(usual) = usual {
            let limit = (usual.longest_ms as f64).max(100f64.ln() / usual.rate);
            if silence_ms as f64 > limit {
                silent.insert(feed.1);
            }
        }
        let known = firing.get(feed).cloned();
        let learned = usual.map(|usual| limit_ms(rule, usual, watched));
        let limit_ms = known.as_ref().map(|known| known.limit_ms).or(learned);
        let breaches = limit_ms.is_some_and(|limit_ms| silence_ms > limit_ms);
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
            baseline: usual.map(|usual| usual.longest_ms as f64 / 1e3),
            threshold: limit_ms as f64 / 1e3,
            interval: None,
            n: usual.map_or(0, |usual| usual.n),
            excluded_immature: 0,
            window: (ended, at.start()),
            evidence: vec![],
            owner_team: OwnerTeam::Operations,
            at_risk: None,
        };
        said.messages.push(message(judged, at, &subject(feed), (state, severity, since), reading));
    }
    silent
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
    match family {
        Family::Leads | Family::Programs => &judged.rulebook.marketing,
        _ => &judged.rulebook.sales,
    }
}

/// What is usual over the days before; none with fewer arrivals than are asked for.
fn usual(
    judged: &Judged,
    rule: &NoData,
    at: Minute,
    family: Family,
    hours: &BTreeMap<i64, u64>,
) -> Option<Usual> {
    let (days, calendar) = (&judged.rulebook.days, calendar(judged, family));
    let today = days.day_of(at.start());
    let first = today - i32::from(rule.baseline_days);
    let (from, to) = (days.start_of(first).start(), days.start_of(today).start());
    let whole = from.0.div_euclid(HOUR_MS)..to.0.div_euclid(HOUR_MS);
    let lately: Vec<(i64, u64)> =
        hours.iter().filter(|(hour, _)| whole.contains(*hour)).map(|(&hour, &n)| (hour, n)).collect();
    let n: u64 = lately.iter().map(|(_, n)| n).sum();
    let gaps = lately.windows(2).map(|pair| {
        let (ends, begins) = (EventTime((pair[0].0 + 1) * HOUR_MS), EventTime(pair[1].0 * HOUR_MS));
        calendar.between_ms(ends, begins)
    });
    let business_ms = calendar.between_ms(from, to) as f64;
    let business_days = (first..today).filter(|&day| calendar.is_business_day(day)).count().max(1);
    let usual = Usual {
        n,
        longest_ms: gaps.max().unwrap_or(0),
        rate: n as f64 / business_ms,
        month_ms: business_ms / business_days as f64 * MONTH_DAYS,
    };
    (n >= u64::from(rule.min_n) && n > 0 && business_ms > 0.0).then_some(usual)
}

/// The silence beyond which a feed is told of, of so many that are watched; in whole ms, rounded up.
fn limit_ms(rule: &NoData, usual: Usual, watched: usize) -> i64 {
    let alpha = rule.alerts_per_month.as_f64() / watched as f64;
    let by_chance = (usual.rate * usual.month_ms / alpha).max(1.0).ln() / usual.rate;
    (usual.longest_ms as f64 * rule.gap_factor.as_f64()).max(by_chance).ceil() as i64
}
