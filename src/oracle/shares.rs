//! What the rules have in common that watch a share of bad outcomes.
//!
//! Rules: `src/funnel/semantics.md`, "Rules that watch a share".

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::counted::Counted;
use super::funnel::Judged;
use super::message::{Reading, Said, Speaker, alert, lives_on, newest};
use super::no_data::Silences;
use super::outages::Outage;
use super::outcomes::Outcomes;
use super::usual_share::{self, Normal};
use super::wider::{in_order, lies_within, parts_by_dimension};
use super::worth::at_risk;
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::definitions::{Rules, ShareWatch};
use crate::model::delta::Evidence;
use crate::model::measure::Measure;
use crate::model::words::{Family, Stage};
use crate::model::{Minute, Text};
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::binomial;
use crate::stats::interval::Confidence;

/// In so many months an alert may end though all is as bad as it is watched for.
const ENDS_WRONGLY: f64 = 0.05;
/// The worst odds are rounded down to powers of this over those that are watched for.
const WORST_GRAIN: f64 = 1.5;

/// What one of these rules counts, and how it speaks.
pub(super) struct ShareRule {
    pub(super) name: &'static str,
    pub(super) sign: u8,
    pub(super) owner: OwnerTeam,
    pub(super) of_all_alone: bool,
    /// Whether what is usual is learned even where it is set, and is that only where it is less.
    pub(super) learns_anyway: bool,
    /// The families without which it holds its state.
    pub(super) rests_on: &'static [Family],
    pub(super) watch: fn(&Rules) -> Option<&ShareWatch>,
    pub(super) is_wanted: fn(Measure) -> bool,
    /// The subjects that there are in a segment.
    pub(super) subjects: fn(&Look) -> Vec<Text>,
    /// How many days an outcome takes, learned of days that were not told of; none while it is.
    pub(super) span: fn(&Look, &Text, &BTreeSet<i32>) -> Option<i32>,
    pub(super) outcomes: fn(&Look, &Text, i32) -> Outcomes,
    /// The first and the last day of which an outage makes outcomes unknown, beside its own, by the span.
    pub(super) unknown: fn(&Look, i32, &Outage) -> (i32, i32),
    /// Behind which leads stand.
    pub(super) evidence: fn(&Evidence, &Text) -> bool,
    /// The stage whose entries are at risk.
    pub(super) at_risk: fn(&Text) -> Option<Stage>,
}

/// A segment, looked at on a day.
pub(super) struct Look<'f> {
    pub(super) judged: &'f Judged<'f>,
    pub(super) watch: &'f ShareWatch,
    pub(super) counted: &'f Counted,
    pub(super) segment: &'f Text,
    pub(super) day: i32,
    pub(super) at: Minute,
    /// Those of the rule, `[from, to)`.
    pub(super) outages: &'f [(Minute, Minute)],
}

/// A segment and subject that speaks, with what it is judged by.
#[derive(Clone)]
struct Firing {
    since: Minute,
    severity: Severity,
    frozen: Frozen,
}

#[derive(Clone, Copy)]
struct Frozen {
    share: f64,
    /// Whether that was set.
    is_set: bool,
    p: f64,
    p1: f64,
    scatter: f64,
    swing: f64,
    /// Outcomes a month, as the thresholds take them.
    volume: u64,
    threshold: f64,
    first_day: i32,
    span: i32,
}

/// A segment and a subject, which is empty where the rule has none.
type Of = (Text, Text);

/// Every message of a rule.
pub(super) fn said(rule: &ShareRule, stretches: &[Judged], silent: &Silences) -> Said {
    let mut said = Said::default();
    let mut judge = Judge {
        rule,
        firing: BTreeMap::new(),
        ended: BTreeMap::new(),
        told: BTreeMap::new(),
        thresholds: RefCell::default(),
    };
    for judged in stretches {
        let watch = (rule.watch)(&judged.rulebook.definitions.rules);
        let ends = |of: &Of| !lives_on(&of.0, watch, judged);
        said.end(
            judge.firing.keys().filter(|of| ends(of)).map(|(segment, subject)| (segment, subject)),
            judged,
        );
        judge.firing.retain(|of, _| !ends(of));
        let Some(watch) = watch else { continue };
        for (day, at) in judged.openings() {
            if !silent.any_at(rule.rests_on, judged.number, at) {
                said.messages.extend(judge.evaluate(judged, watch, silent, (day, at)));
            }
        }
    }
    said
}

struct Judge<'f> {
    rule: &'f ShareRule,
    firing: BTreeMap<Of, Firing>,
    /// The largest K at which each stood as after an alert, while it or a wider one was firing.
    ended: BTreeMap<Of, i32>,
    /// The days that alerts of each told of.
    told: BTreeMap<Of, BTreeSet<i32>>,
    /// By the bits of p, p1, the volume and the probability of a false alarm.
    thresholds: RefCell<BTreeMap<[u64; 4], f64>>,
}

impl Judge<'_> {
    fn evaluate(
        &mut self,
        judged: &Judged,
        watch: &ShareWatch,
        silent: &Silences,
        (day, at): (i32, Minute),
    ) -> Vec<Alert> {
        let counted = Counted::at(judged, at, self.rule.is_wanted);
        let alive = self.firing.keys().map(|of| of.0.clone());
        let all: BTreeSet<Text> = counted.segments().cloned().chain(alive).chain(["all".into()]).collect();
        let mut segments: Vec<Text> =
            all.into_iter().filter(|segment| !self.rule.of_all_alone || segment == "all").collect();
        segments.sort_by_key(in_order);
        let outages = &silent.outages(self.rule.rests_on, judged, at)[..];
        let look = |segment| Look { judged, watch, counted: &counted, segment, day, at, outages };
        let mut cases: Vec<(Of, i32, Outcomes)> = vec![];
        for segment in &segments {
            let look = look(segment);
            let alive = self.firing.keys().filter(|of| of.0 == *segment).map(|of| of.1.clone());
            let mut subjects = (self.rule.subjects)(&look);
            let outlived: Vec<Text> = alive.filter(|subject| !subjects.contains(subject)).collect();
            subjects.extend(outlived);
            subjects.sort_by_key(|subject| Stage::parse(subject));
            for subject in subjects {
                let of = (segment.clone(), subject);
                let frozen = self.firing.get(&of).map(|firing| firing.frozen.span);
                let learned = || (self.rule.span)(&look, &of.1, &self.told(&of));
                let Some(span) = frozen.or_else(learned) else { continue };
                let mut outcomes = (self.rule.outcomes)(&look, &of.1, span);
                let unknown = look.unknown_days(self.rule, span);
                outcomes.days.retain(|day, _| !unknown.contains(day));
                cases.push((of, span, outcomes));
            }
        }
        let normal: Vec<Option<Normal>> = cases
            .iter()
            .map(|(of, _, outcomes)| {
                usual_share::normal(judged, (watch, self.rule.learns_anyway), outcomes, &self.told(of))
            })
            .collect();
        let eligible = normal.iter().flatten().count();
        let mut speaking: BTreeSet<Of> = BTreeSet::new();
        let mut messages = vec![];
        for ((of, span, outcomes), normal) in cases.iter().zip(normal) {
            let firing = self.firing.get(of).cloned();
            let is_wider = |wider: &Of| wider.1 == of.1 && lies_within(&of.0, &wider.0);
            let begun = |normal: Option<Normal>| {
                let Normal { share, is_set, p, scatter, swing, volume } = normal?;
                let p1 = shifted(watch, p);
                let lately = two_digits((volume as f64 / scatter).ceil() as u64);
                let alpha = (watch.alerts_per_month.as_f64() / eligible as f64).min(0.5);
                let threshold = self.threshold((p, p1), lately, alpha) + swing * odds_ratio(p1, p).ln();
                let first_day = outcomes.known_to - i32::from(watch.detect_days);
                let ended = self.ended.iter().filter(|(other, _)| *other == of || is_wider(other));
                let first_day = ended.map(|(_, day)| *day).max().map_or(first_day, |day| day.max(first_day));
                Some(Frozen {
                    share,
                    is_set,
                    p,
                    p1,
                    scatter,
                    swing,
                    volume: lately,
                    threshold,
                    first_day,
                    span: *span,
                })
            };
            let fires_by = firing.as_ref().map(|firing| firing.frozen);
            let is_by_another = fires_by.is_some_and(|known| {
                let is_learned = normal.as_ref().is_some_and(|normal| !normal.is_set);
                let learns = self.rule.learns_anyway;
                watch.baseline.map(|set| set.as_f64()).is_some_and(|set| match known.is_set {
                    true => known.share != set || learns && is_learned,
                    false => !learns || known.p < set,
                })
            });
            let judged_by = match (fires_by, is_by_another) {
                (Some(known), true) => begun(normal)
                    .map(|of| Frozen { first_day: known.first_day, span: known.span, ..of })
                    .or(Some(known)),
                (Some(known), false) => Some(known),
                (None, _) => begun(normal),
            };
            let Some(frozen) = judged_by else { continue };
            // What is left of it is judged as though it were it; none where that is learning.
            let breaches_outside = |parts: BTreeSet<Text>| {
                let counted = Counted::outside(judged, at, (&of.0, &parts), self.rule.is_wanted);
                let look = Look { counted: &counted, ..look(&of.0) };
                let mut outcomes = (self.rule.outcomes)(&look, &of.1, *span);
                let unknown = look.unknown_days(self.rule, *span);
                outcomes.days.retain(|day, _| !unknown.contains(day));
                let begun = begun(usual_share::normal(
                    judged,
                    (watch, self.rule.learns_anyway),
                    &outcomes,
                    &self.told(of),
                ))?;
                Some(breaches(&begun, &outcomes))
            };
            let is_of_parts = || {
                let watched = frozen.first_day..outcomes.known_to;
                let is_told = |days: &BTreeSet<i32>| days.range(watched.clone()).next().is_some();
                let firing: BTreeSet<&Of> = self.firing.keys().filter(|told| told.1 == of.1).collect();
                let told = self.told.iter().filter(|(told, days)| told.1 == of.1 && is_told(days));
                let all: BTreeSet<&Of> = firing.iter().copied().chain(told.map(|(told, _)| told)).collect();
                let parts = |told: &BTreeSet<&Of>| parts_by_dimension(&of.0, told.iter().map(|of| &of.0));
                parts(&firing).into_iter().any(|parts| breaches_outside(parts) != Some(true))
                    || parts(&all).into_iter().any(|parts| breaches_outside(parts) == Some(false))
            };
            let is_hushed = speaking.iter().any(is_wider);
            let begins = firing.is_none() && !is_hushed && breaches(&frozen, outcomes) && !is_of_parts();
            // At the evaluation at which it resolves it still speaks.
            if firing.is_some() {
                speaking.insert(of.clone());
            }
            let has_ended = (is_hushed || firing.is_some()) && self.has_ended(watch, &frozen, outcomes);
            if has_ended {
                self.end(of, outcomes.known_to);
            }
            let tell = |state, severity, since| {
                let speaker = (state, severity, since);
                message(self.rule, &look(&of.0), of, &frozen, outcomes, speaker)
            };
            match firing {
                Some(firing) if has_ended || is_hushed => {
                    self.firing.remove(of);
                    messages.push(tell(AlertState::Resolved, firing.severity, firing.since));
                }
                Some(firing) if watch.severity > firing.severity => {
                    let since = firing.since;
                    self.firing.insert(of.clone(), Firing { severity: watch.severity, ..firing });
                    messages.push(tell(AlertState::Firing, watch.severity, since));
                }
                None if begins => {
                    speaking.insert(of.clone());
                    self.firing.insert(of.clone(), Firing { since: at, severity: watch.severity, frozen });
                    messages.push(tell(AlertState::Firing, watch.severity, at));
                }
                _ => {}
            }
            let first_told = first_told(&frozen, outcomes).filter(|_| self.firing.contains_key(of));
            if let Some(first_told) = first_told {
                self.told.entry(of.clone()).or_default().extend(first_told..outcomes.known_to);
            }
        }
        messages
    }

    fn end(&mut self, of: &Of, day: i32) {
        let ended = self.ended.entry(of.clone()).or_insert(day);
        *ended = day.max(*ended);
    }

    /// The days of which alerts of a segment and subject, or of a wider one, told.
    fn told(&self, of: &Of) -> BTreeSet<i32> {
        let is_of = |other: &Of| other.1 == of.1 && (other.0 == of.0 || lies_within(&of.0, &other.0));
        self.told.iter().filter(|(other, _)| is_of(other)).flat_map(|(_, days)| days).copied().collect()
    }

    fn has_ended(&self, watch: &ShareWatch, frozen: &Frozen, outcomes: &Outcomes) -> bool {
        let (seen, _) = outcomes.sum(outcomes.known_to - i32::from(watch.detect_days), outcomes.known_to);
        if seen == 0 {
            return true;
        }
        let reached = first_told(frozen, outcomes);
        let first_told = reached.unwrap_or(frozen.first_day);
        let days: Vec<(u64, u64)> =
            outcomes.days.iter().filter(|(day, _)| **day >= first_told).map(|(_, &day)| day).collect();
        let clear = usize::from(watch.clear_days).max(1);
        if days.len() < clear {
            return false;
        }
        let (n, bad) =
            days[days.len() - clear..].iter().fold((0, 0), |sum, day| (sum.0 + day.0, sum.1 + day.1));
        let is_usual = bad as f64 <= (frozen.p * frozen.p1).sqrt() * n as f64;
        let Some(reached) = reached else { return is_usual };
        let worst = worst(frozen, outcomes, reached);
        let Ok(back) = BernoulliCusum::new(worst, frozen.p) else { return false };
        let step = |s: f64, day: &(u64, u64)| back.step(s * frozen.scatter, day.1, day.0) / frozen.scatter;
        let good_in_a_row = (-ENDS_WRONGLY.ln() / worst).ceil() as u64;
        let least = self.threshold((worst, frozen.p), frozen.volume.max(good_in_a_row), ENDS_WRONGLY)
            + frozen.swing * odds_ratio(worst, frozen.p).ln();
        is_usual && days.iter().fold(0.0, step) >= least
    }

    /// The smallest threshold with P(alarm within the volume) ≤ α.
    fn threshold(&self, (p, p1): (f64, f64), volume: u64, alpha: f64) -> f64 {
        let key = [p.to_bits(), p1.to_bits(), volume, alpha.to_bits()];
        *self.thresholds.borrow_mut().entry(key).or_insert_with(|| {
            let chart = BernoulliCusum::new(p, p1).ok();
            let found = chart.and_then(|chart| chart.smallest_threshold(volume, alpha).ok());
            found.map_or(f64::INFINITY, |threshold| threshold.usable)
        })
    }
}

/// How many times the odds of one share those of another are.
fn odds_ratio(of: f64, to: f64) -> f64 {
    of * (1.0 - to) / (to * (1.0 - of))
}

/// The share that is watched for.
fn shifted(watch: &ShareWatch, p: f64) -> f64 {
    let odds = p / (1.0 - p) * watch.odds_factor.as_f64();
    odds / (1.0 + odds)
}

/// Rounded up to two digits.
fn two_digits(n: u64) -> u64 {
    let mut unit = 1;
    while n > 100 * unit {
        unit *= 10;
    }
    n.div_ceil(unit) * unit
}

/// The chart after each watched day with outcomes.
fn course(frozen: &Frozen, outcomes: &Outcomes) -> Vec<(i32, f64)> {
    let Ok(chart) = BernoulliCusum::new(frozen.p, frozen.p1) else { return vec![] };
    let mut s = 0.0;
    let watched = outcomes.days.iter().filter(|(day, _)| **day >= frozen.first_day);
    let step = |(&day, &(n, bad)): (&i32, &(u64, u64))| {
        // A chart that starts again at 0 may be read in any unit.
        s = chart.step(s * frozen.scatter, bad, n) / frozen.scatter;
        (day, s)
    };
    watched.map(step).collect()
}

fn breaches(frozen: &Frozen, outcomes: &Outcomes) -> bool {
    course(frozen, outcomes).last().is_some_and(|(_, s)| *s >= frozen.threshold)
}

/// The lower limit of the share from a day on until the chart stands highest, for the last time; at least what is
/// watched for.
fn worst(frozen: &Frozen, outcomes: &Outcomes, from: i32) -> f64 {
    let course = course(frozen, outcomes);
    let highest =
        course.iter().filter(|(day, _)| *day >= from).max_by(|a, b| a.1.total_cmp(&b.1).then(a.0.cmp(&b.0)));
    let to = highest.map_or(from, |(day, _)| day + 1);
    let (n, bad) = outcomes.sum(from, to);
    let rid = |n: u64| (n as f64 / frozen.scatter).round() as u64;
    let low = binomial::wilson(rid(bad), rid(n), Confidence::P90).low;
    let odds = |share: f64| share / (1.0 - share);
    let mut steps = 0;
    while odds(frozen.p1) * WORST_GRAIN.powi(steps + 1) <= odds(low) {
        steps += 1;
    }
    let odds = odds(frozen.p1) * WORST_GRAIN.powi(steps);
    odds / (1.0 + odds)
}

/// The first day that is told of: where the run of days above 0 begins that reached the threshold last, if one did.
fn first_told(frozen: &Frozen, outcomes: &Outcomes) -> Option<i32> {
    let mut first_told = None;
    let mut run_begins = None;
    for (day, s) in course(frozen, outcomes) {
        let begins = *run_begins.get_or_insert(day);
        if s >= frozen.threshold {
            first_told = Some(begins);
        }
        if s == 0.0 {
            run_begins = None;
        }
    }
    first_told
}

fn message(
    rule: &ShareRule,
    look: &Look,
    (segment, subject): &Of,
    frozen: &Frozen,
    outcomes: &Outcomes,
    (state, severity, since): (AlertState, Severity, Minute),
) -> Alert {
    let first_told = first_told(frozen, outcomes).unwrap_or(frozen.first_day);
    let (n, bad) = outcomes.sum(first_told, outcomes.known_to);
    let days = &look.judged.rulebook.days;
    let (from, to) = (days.start_of(first_told), days.start_of(outcomes.known_to));
    let unknown = look.unknown_days(rule, frozen.span);
    let is_known = |at: Minute| from <= at && at < to && !unknown.contains(&days.day_of(at.start()));
    let is_evidence = |of: &Evidence| (rule.evidence)(of, subject) && is_known(of.slice);
    let beyond = bad as f64 - n as f64 * frozen.share;
    let stage = (rule.at_risk)(subject);
    let reading = Reading {
        value: if n == 0 { 0.0 } else { bad as f64 / n as f64 },
        baseline: Some(frozen.share),
        threshold: frozen.p,
        interval: Some(binomial::wilson(bad, n, Confidence::P95)),
        n,
        excluded_immature: outcomes.young,
        window: (from.start(), to.start()),
        evidence: newest(look.judged, segment, look.at, is_evidence),
        owner_team: rule.owner,
        at_risk: stage.and_then(|stage| at_risk(look.judged, look.at, beyond, stage)),
    };
    let (name, number) = (rule.name, look.judged.number);
    let speaker = Speaker {
        rule: name,
        sign: rule.sign,
        segment,
        subject,
        state,
        severity,
        since,
        at: look.at,
        number,
    };
    alert(&speaker, reading)
}
