//! The rule `divergence` (sign 1): more MQLs, of less worth.
//!
//! Rules: `src/funnel/semantics.md`, "Judging" and "Definitions that change".

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::Rulebook;
use super::chart_runs::{last_run, until_highest};
use super::flood::{Days, Watch, smallest_thresholds};
use super::funnel::Judged;
use super::grain::{rounded_down, rounded_up};
use super::journey::Contributed;
use super::message::{Reading, Said, Speaker, alert, lives_on, newest};
use super::no_data::Silences;
use super::outages::unknown_days;
use super::weeks::most_of_a_week;
use super::wider::{has_wider, in_order, is_outside, lies_within, parts_by_dimension};
use super::worth::at_risk;
use crate::model::alert::{Alert, AlertState, OwnerTeam, Severity};
use crate::model::definitions::Divergence;
use crate::model::delta::Evidence;
use crate::model::measure::Measure;
use crate::model::words::{Family, Stage};
use crate::model::{Minute, Text};
use crate::stats::bernoulli_cusum::BernoulliCusum;
use crate::stats::interval::Confidence;
use crate::stats::poisson_cusum::PoissonCusum;
use crate::stats::{binomial, poisson};

const RULE: &str = "divergence";
const RESTS_ON: [Family; 3] = [Family::Leads, Family::Verdicts, Family::Deals];
/// Listed holidays put off what is old enough by no more days.
const MOST_CLOSED: i32 = 62;
/// In so many months an alert may end though all is as bad as it is watched for.
const ENDS_WRONGLY: f64 = 0.05;
/// The worst is rounded towards what is watched for, to powers of this.
const WORST_GRAIN: f64 = 1.25;
/// A baseline has so many days, or as many as the rule asks for if these are fewer.
const LEAST_DAYS: usize = 56;

/// What a segment is judged by; it stays as it is while an alert is firing.
#[derive(Clone, Copy)]
struct Frozen {
    since: Minute,
    first_day: i32,
    watch: Watch,
    thresholds: Thresholds,
}

/// Every message of the rule.
pub(super) fn said(stretches: &[Judged], silent: &Silences) -> Said {
    let mut said = Said::default();
    let mut firing: BTreeMap<Text, Frozen> = BTreeMap::new();
    // These days stay, whatever rules and dimensions there are meanwhile.
    let mut ended: BTreeMap<Text, i32> = BTreeMap::new();
    let mut told: BTreeMap<Text, BTreeSet<i32>> = BTreeMap::new();
    for judged in stretches {
        let rule = judged.rulebook.definitions.rules.divergence.as_ref();
        let ends = |segment: &&Text| !lives_on(segment, rule, judged);
        let no_subject = Text::default();
        said.end(firing.keys().filter(ends).map(|segment| (segment, &no_subject)), judged);
        firing.retain(|segment, _| lives_on(segment, rule, judged));
        if let Some(rule) = rule {
            for frozen in firing.values_mut() {
                frozen.watch = frozen.watch.under(rule).unwrap_or(frozen.watch);
            }
            let mut judge = Judge {
                judged,
                silent,
                rule,
                firing,
                ended,
                told,
                thresholds: RefCell::default(),
                unknown: BTreeSet::new(),
                horizons: RefCell::default(),
            };
            said.messages.extend(judge.judge());
            (firing, ended, told) = (judge.firing, judge.ended, judge.told);
        }
    }
    said
}

/// Of volume and of quality; infinite where there is none.
type Thresholds = (f64, f64);

struct Judge<'f> {
    judged: &'f Judged<'f>,
    silent: &'f Silences,
    rule: &'f Divergence,
    firing: BTreeMap<Text, Frozen>,
    /// The last day on which each segment stood as after an alert, while it or a wider one was firing.
    ended: BTreeMap<Text, i32>,
    /// The days that alerts of each segment told of.
    told: BTreeMap<Text, BTreeSet<i32>>,
    /// Thresholds by the bits of the rates, the conversions and the probability of a false alarm: they are slow to
    /// find.
    thresholds: RefCell<BTreeMap<[u64; 5], Thresholds>>,
    /// The days of which outages leave unknown how many came or went on.
    unknown: BTreeSet<i32>,
    /// Horizons by day: they are asked for with every conversion.
    horizons: RefCell<BTreeMap<i32, i32>>,
}

impl Judge<'_> {
    fn rulebook(&self) -> &Rulebook {
        self.judged.rulebook
    }

    /// Every message under one set of definitions.
    fn judge(&mut self) -> Vec<Alert> {
        let Judged { from, to, .. } = *self.judged;
        // Before anything is counted nothing begins, but what fires may end.
        let begins = if self.firing.is_empty() { self.judged.changes().first().copied() } else { Some(from) };
        let Some(first) = begins else { return vec![] };
        let day_of = |at: Minute| self.rulebook().days.day_of(at.start());
        // Marketing's dates may be one off those of the definitions.
        let openings: Vec<(i32, Minute)> = (day_of(first) - 1..=day_of(to) + 1)
            .filter_map(|day| self.rulebook().marketing.opening(day))
            .filter(|&at| first <= at && at <= to)
            .map(|at| (day_of(at), at))
            .collect();
        let is_heard = |&(_, at): &(i32, Minute)| !self.silent.any_at(&RESTS_ON, self.judged.number, at);
        let heard: Vec<(i32, Minute)> = openings.into_iter().filter(is_heard).collect();
        heard.into_iter().flat_map(|(day, at)| self.evaluate(day, at)).collect()
    }

    fn evaluate(&mut self, day: i32, at: Minute) -> Vec<Alert> {
        let not_old_before =
            |begins: i32| self.matured_by(begins - i32::from(self.rule.horizon_days) - MOST_CLOSED, begins);
        let outages = self.silent.outages(&RESTS_ON, self.judged, at);
        self.unknown = unknown_days(self.judged, &outages, |of| (not_old_before(of.first_day), of.last_day));
        let counts = self.counts(at, |contributed| contributed.segments.clone());
        let mut segments: Vec<Text> = counts.keys().chain(self.firing.keys()).cloned().collect();
        segments.sort_by_key(in_order);
        segments.dedup();
        let none = Days::default();
        let of = |segment: &Text| counts.get(segment).unwrap_or(&none);
        let watches: BTreeMap<Text, Watch> = segments
            .iter()
            .filter_map(|segment| Some((segment.clone(), self.watch(segment, of(segment), day)?)))
            .collect();
        let mut messages = vec![];
        let mut speaking: BTreeSet<Text> = BTreeSet::new();
        for segment in &segments {
            let days = of(segment);
            // At the evaluation at which it resolves it still speaks.
            if self.firing.contains_key(segment) {
                speaking.insert(segment.clone());
            }
            let is_hushed = has_wider(speaking.iter(), segment);
            let firing = self.firing.get(segment).copied();
            let ended = self.ended.iter().filter(|(of, _)| *of == segment || lies_within(segment, of));
            let since_ended = ended.map(|(_, day)| *day).max().unwrap_or(i32::MIN);
            let first_day = since_ended.max(day - i32::from(self.rule.detect_days));
            let freeze = |&watch: &Watch| {
                let alpha = (self.rule.alerts_per_month.as_f64() / watches.len() as f64).sqrt().min(0.5);
                let Watch { lambda0, p0, p1, .. } = watch;
                let lambda1 = lambda0 * self.rule.volume_factor.as_f64();
                let (volume, quality) = self.thresholds((lambda0, lambda1), (p0, p1), lambda0, alpha);
                let thresholds = (volume + watch.swing, quality);
                Frozen { since: at, first_day, watch, thresholds }
            };
            let begun = watches.get(segment).map(freeze);
            // What is set holds for what fires as well.
            let judged_by = match firing {
                Some(known) if segment == "all" && known.watch.is_set_otherwise(self.rule) => begun
                    .map(|of| Frozen { since: known.since, first_day: known.first_day, ..of })
                    .or(Some(known)),
                Some(known) => Some(known),
                None => begun,
            };
            let Some(frozen) = judged_by else { continue };
            let would_begin = firing.is_none() && !is_hushed && self.breaches(&frozen, days, day);
            let begins = would_begin && !self.is_of_parts(segment, (day, at), first_day, freeze);
            let has_ended = (is_hushed || firing.is_some()) && self.has_ended(&frozen, days, day);
            if has_ended {
                self.ended.insert(segment.clone(), day);
            }
            if firing.is_some() && (has_ended || is_hushed) {
                self.firing.remove(segment);
                messages.push(self.alert(segment, at, day, days, &frozen, AlertState::Resolved));
            } else if begins {
                self.firing.insert(segment.clone(), frozen);
                messages.push(self.alert(segment, at, day, days, &frozen, AlertState::Firing));
            }
            if self.firing.contains_key(segment) {
                speaking.insert(segment.clone());
                if let Some(first) = self.first_told(&frozen, days, day) {
                    self.told.entry(segment.clone()).or_default().extend(first..day);
                }
            }
        }
        messages
    }

    /// Whether what is left of a segment without those within it that are told of would not breach in its place.
    fn is_of_parts(
        &self,
        segment: &Text,
        (day, at): (i32, Minute),
        first_day: i32,
        freeze: impl Fn(&Watch) -> Frozen,
    ) -> bool {
        let is_told = |days: &BTreeSet<i32>| days.range(first_day..day).next().is_some();
        let told = self.told.iter().filter(|(_, days)| is_told(days)).map(|(of, _)| of);
        let outside = |parts: BTreeSet<Text>| {
            let is_it = |of: &Contributed| is_outside(&of.segments, segment, &parts);
            let outside = |of: &Contributed| is_it(of).then(|| segment.clone()).into_iter().collect();
            let rest = self.counts(at, outside).remove(segment)?;
            let watch = self.learned(segment, &rest, day)?;
            Some(self.breaches(&freeze(&watch), &rest, day))
        };
        let all = parts_by_dimension(segment, told.chain(self.firing.keys()));
        let mut firing = parts_by_dimension(segment, self.firing.keys()).into_iter();
        firing.any(|parts| outside(parts) != Some(true))
            || all.into_iter().any(|parts| outside(parts) == Some(false))
    }

    /// MQLs and conversions of each segment by day of entry, from the counts at a boundary.
    fn counts(&self, at: Minute, segments: impl Fn(&Contributed) -> Vec<Text>) -> BTreeMap<Text, Days> {
        let mut counts: BTreeMap<Text, Days> = BTreeMap::new();
        for contributed in self.judged.at(at) {
            for of in &contributed.contributions {
                let (n, k) = match of.cell.measure {
                    Measure::Entered(Stage::Mql) => (1, 0),
                    Measure::Converted(step) if step == self.rule.step => (0, 1),
                    _ => continue,
                };
                let day = self.rulebook().days.day_of(of.cell.slice.start());
                if k > 0 && i32::from(of.cell.grade) >= self.horizon(day) {
                    continue;
                }
                for segment in segments(contributed) {
                    let day = counts.entry(segment).or_default().0.entry(day).or_default();
                    *day = (day.0 + n, day.1 + k);
                }
            }
        }
        counts.retain(|_, days| days.0.values().any(|&(n, _)| n > 0));
        counts
    }

    /// The charts of a segment; none while it is learning.
    fn watch(&self, segment: &Text, days: &Days, day: i32) -> Option<Watch> {
        // A number of MQLs is that of the whole company.
        match self.rule.baseline.filter(|_| segment == "all") {
            Some(_) if days.0.values().all(|counts| counts.0 == 0) => None,
            Some(set) => {
                let as_set = (set.mqls_per_business_day, set.conversion);
                Watch::new(self.rule, as_set, as_set)
            }
            None => self.learned(segment, days, day),
        }
    }

    /// The charts of a segment by what is learned.
    fn learned(&self, segment: &Text, days: &Days, day: i32) -> Option<Watch> {
        let first = days.0.iter().find(|(_, counts)| counts.0 > 0).map(|(&day, _)| day)?;
        let is_of = |other: &Text| other == segment || lies_within(segment, other);
        let told: BTreeSet<i32> =
            self.told.iter().filter(|(other, _)| is_of(other)).flat_map(|(_, days)| days).copied().collect();
        let to = day - i32::from(self.rule.detect_days);
        let (mut from, mut learned) = (to, vec![]);
        let most = usize::from(self.rule.baseline_days);
        while learned.len() < most && from > first {
            from -= 1;
            if !told.contains(&from) && !self.unknown.contains(&from) {
                learned.push(from);
            }
        }
        let (n, k) = learned.iter().map(|&day| days.on(day)).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
        let volume: u64 = learned.iter().map(|&day| self.volume(days, day)).sum();
        let business_days =
            learned.iter().filter(|day| self.rulebook().marketing.is_business_day(**day)).count();
        if learned.len() < most.min(LEAST_DAYS)
            || n < u64::from(self.rule.min_n)
            || n == 0
            || business_days == 0
        {
            return None;
        }
        let lambda0 = rounded_up(poisson::garwood(volume, Confidence::P90).high / business_days as f64);
        let p0 = rounded_down(binomial::wilson(k, n, Confidence::P90).low)?;
        let rate = volume as f64 / business_days as f64;
        let watch = Watch::new(self.rule, (lambda0, p0), (rate, k as f64 / n as f64))?;
        Some(Watch { swing: self.swing(days, &learned), ..watch })
    }

    /// By how many MQLs a usual week of these days goes up and down.
    fn swing(&self, days: &Days, learned: &[i32]) -> f64 {
        let works = |day: &i32| self.rulebook().marketing.is_business_day(*day);
        let of_weekday = |weekday: i32| {
            let is_it = |day: &i32| day.rem_euclid(7) == weekday;
            let worked = learned.iter().filter(|day| works(day) && is_it(day)).count() as f64;
            let counts_on = |day: i32| (day..day + 62).find(works).unwrap_or(day);
            let came = learned.iter().filter(|day| is_it(&counts_on(**day)));
            (came.map(|&day| self.volume(days, day) as f64).sum::<f64>(), worked)
        };
        most_of_a_week((0..7).map(of_weekday).collect()) / (learned.len() as f64 / 7.0)
    }

    /// How many days those of a day have to go on: as many that hold as many working days of sales as the horizon has
    /// without holidays.
    fn horizon(&self, day: i32) -> i32 {
        let known = self.horizons.borrow().get(&day).copied();
        known.unwrap_or_else(|| {
            let days = self.rulebook().sales.days_of_as_much_work(day, i32::from(self.rule.horizon_days));
            self.horizons.borrow_mut().insert(day, days);
            days
        })
    }

    /// The first day, from `from` on, of which not all are old enough.
    fn matured_by(&self, from: i32, day: i32) -> i32 {
        let last = day - i32::from(self.rule.horizon_days) - 1;
        let is_old = |of: i32| of + self.horizon(of) < day;
        (from..=last).rev().find(|&of| is_old(of)).map_or(from, |of| of + 1)
    }

    /// The MQLs of a day as volume: none of closed days beside a listed holiday.
    fn volume(&self, days: &Days, day: i32) -> u64 {
        if self.rulebook().marketing.is_closed_by_a_holiday(day) { 0 } else { days.on(day).0 }
    }

    /// Whether both charts stand at or above their thresholds, and there are that many more MQLs in all.
    fn breaches(&self, frozen: &Frozen, days: &Days, day: i32) -> bool {
        let Frozen { first_day, watch, thresholds: (most_volume, most_badness), .. } = *frozen;
        let counts: Vec<u64> = self.business_days(days, first_day, day).into_values().collect();
        let usual = watch.rate * counts.len() as f64;
        let is_more = counts.iter().sum::<u64>() as f64 >= self.rule.volume_factor.as_f64().sqrt() * usual;
        let volume = self.volumes(frozen, days, day).last().map_or(0.0, |&(_, s)| s);
        let badness = self.badnesses(frozen, days, day).last().map_or(0.0, |&(_, s)| s);
        volume >= most_volume && badness >= most_badness && is_more
    }

    /// The thresholds of a chart of volume and of one of quality, each from one level to another.
    fn thresholds(&self, volume: (f64, f64), quality: (f64, f64), usual: f64, alpha: f64) -> Thresholds {
        let key = [volume.0, volume.1, quality.0, quality.1, alpha].map(f64::to_bits);
        let known = self.thresholds.borrow().get(&key).copied();
        known.unwrap_or_else(|| {
            let both = smallest_thresholds(volume, quality, usual, alpha);
            self.thresholds.borrow_mut().insert(key, both);
            both
        })
    }

    /// The chart of volume after each watched business day, with its MQLs.
    fn volumes(&self, frozen: &Frozen, days: &Days, day: i32) -> Vec<(u64, f64)> {
        let mut s = 0.0;
        let counts = self.business_days(days, frozen.first_day, day).into_values();
        let step = |count| {
            s = frozen.watch.volume.step(s, count);
            (count, s)
        };
        counts.map(step).collect()
    }

    /// The chart of badness after each watched day with MQLs that are old enough, with these.
    fn badnesses(&self, frozen: &Frozen, days: &Days, day: i32) -> Vec<((i32, u64, u64), f64)> {
        let mut s = 0.0;
        let matured = frozen.first_day..self.matured_by(frozen.first_day, day);
        let step = |day| {
            let (n, k) = days.on(day);
            s = frozen.watch.quality.step(s, k, n);
            ((day, n, k), s)
        };
        let is_seen = |day: &i32| days.on(*day).0 > 0 && !self.unknown.contains(day);
        matured.filter(is_seen).map(step).collect()
    }

    /// The first day that is told of, where both charts were at their thresholds.
    fn first_told(&self, frozen: &Frozen, days: &Days, day: i32) -> Option<i32> {
        let (most_volume, most_badness) = frozen.thresholds;
        let business = self.business_days(days, frozen.first_day, day).into_keys();
        let volumes: Vec<(i32, f64)> =
            business.zip(self.volumes(frozen, days, day)).map(|(day, (_, s))| (day, s)).collect();
        let badnesses = self.badnesses(frozen, days, day);
        let reached = volumes.iter().any(|(_, s)| *s >= most_volume)
            && badnesses.iter().any(|(_, s)| *s >= most_badness);
        let volume = last_run(volumes, most_volume).first().copied();
        let badness = last_run(badnesses, most_badness).first().map(|of| of.0);
        volume.into_iter().chain(badness).min().filter(|_| reached)
    }

    /// MQLs of the business days within `[from, to)`, each with those of the days since the one before.
    fn business_days(&self, days: &Days, from: i32, to: i32) -> BTreeMap<i32, u64> {
        let mut counts = BTreeMap::new();
        let mut waiting = 0;
        for day in from..to {
            if self.unknown.contains(&day) {
                waiting = 0;
                continue;
            }
            waiting += self.volume(days, day);
            if self.rulebook().marketing.is_business_day(day) {
                counts.insert(day, waiting);
                waiting = 0;
            }
        }
        counts
    }

    /// Whether the last clear days of a chart, none of them before its run that was last at the threshold, are as
    /// usual, and the run, if there is one, shows by a chart from its worst back to the usual that it is over.
    fn has_ended(&self, frozen: &Frozen, days: &Days, day: i32) -> bool {
        let clear = usize::from(self.rule.clear_days);
        let (most_volume, most_badness) = frozen.thresholds;
        let Watch { lambda0, p0, p1, .. } = frozen.watch;
        let lambda1 = lambda0 * self.rule.volume_factor.as_f64();

        let course = self.volumes(frozen, days, day);
        let was_at = course.iter().any(|(_, s)| *s >= most_volume);
        let run = last_run(course.clone(), most_volume);
        let lately = &run[run.len().saturating_sub(clear)..];
        let mean = lately.iter().sum::<u64>() as f64 / clear as f64;
        let is_few = lately.len() == clear && mean < frozen.watch.volume.reference();
        let is_volume_down = is_few
            && (!was_at || {
                let to_worst = until_highest(&course, run.len());
                let n = to_worst.iter().sum::<u64>();
                let least = poisson::garwood(n, Confidence::P90).low / to_worst.len() as f64;
                let mut worst = lambda1;
                while worst * WORST_GRAIN <= least {
                    worst *= WORST_GRAIN;
                }
                let Ok(back) = PoissonCusum::new(worst, lambda0) else { return false };
                let evidence = run.iter().fold(0.0, |s, &count| back.step(s, count));
                let least = self.thresholds((worst, lambda0), (p1, p0), lambda0, ENDS_WRONGLY).0;
                evidence >= least + frozen.watch.swing
            });

        let course = self.badnesses(frozen, days, day);
        let was_at = course.iter().any(|(_, s)| *s >= most_badness);
        let run = last_run(course.clone(), most_badness);
        let lately = &run[run.len().saturating_sub(clear)..];
        let (n, k) = lately.iter().fold((0, 0), |sum, of| (sum.0 + of.1, sum.1 + of.2));
        let is_much = lately.len() == clear && k as f64 / n as f64 >= (p0 * p1).sqrt();
        let is_quality_up = is_much
            && (!was_at || {
                let to_worst = until_highest(&course, run.len());
                let (n, k) = to_worst.iter().fold((0, 0), |sum, of| (sum.0 + of.1, sum.1 + of.2));
                let most = binomial::wilson(k, n, Confidence::P90).high;
                let mut worst = p1;
                while worst / WORST_GRAIN >= most {
                    worst /= WORST_GRAIN;
                }
                let Ok(back) = BernoulliCusum::new(worst, p0) else { return false };
                let evidence = run.iter().fold(0.0, |s, of| back.step(s, of.2, of.1));
                evidence >= self.thresholds((lambda1, lambda0), (worst, p0), lambda0, ENDS_WRONGLY).1
            });
        is_volume_down || is_quality_up
    }

    fn alert(
        &self,
        segment: &Text,
        at: Minute,
        day: i32,
        days: &Days,
        frozen: &Frozen,
        state: AlertState,
    ) -> Alert {
        let run = last_run(self.badnesses(frozen, days, day), frozen.thresholds.1);
        let (n, k) = run.iter().fold((0, 0), |sum, of| (sum.0 + of.1, sum.1 + of.2));
        let quality_from = run.first().map_or(frozen.first_day, |of| of.0);
        let is_business_day =
            |day: &i32| self.rulebook().marketing.is_business_day(*day) && !self.unknown.contains(day);
        let matured_by = self.matured_by(quality_from, day);
        let business_days = (quality_from..matured_by).filter(is_business_day).count() as f64;
        let beyond = frozen.watch.rate * business_days * frozen.watch.conversion - k as f64;
        let first_told = self.first_told(frozen, days, day).unwrap_or(frozen.first_day);
        let window_start = self.rulebook().days.start_of(first_told);
        let is_judged = |at: Minute| {
            let day = self.rulebook().days.day_of(at.start());
            (quality_from..matured_by).contains(&day) && !self.unknown.contains(&day)
        };
        let is_evidence = |of: &Evidence| of.measure == Measure::Entered(Stage::Mql) && is_judged(of.slice);
        let young = self.matured_by(frozen.first_day, day)..day;
        let young = young.filter(|day| !self.unknown.contains(day));
        let reading = Reading {
            value: if n == 0 { 0.0 } else { k as f64 / n as f64 },
            baseline: Some(frozen.watch.conversion),
            threshold: frozen.watch.p0,
            interval: Some(binomial::wilson(k, n, Confidence::P95)),
            n,
            excluded_immature: young.map(|day| days.on(day).0).sum(),
            window: (window_start.start(), self.rulebook().days.start_of(day).start()),
            evidence: newest(self.judged, segment, at, is_evidence),
            owner_team: OwnerTeam::Marketing,
            at_risk: at_risk(self.judged, at, beyond, self.rule.step.to()),
        };
        let (severity, since, number) = (Severity::Ticket, frozen.since, self.judged.number);
        let subject = &Text::default();
        alert(&Speaker { rule: RULE, sign: 1, segment, subject, state, severity, since, at, number }, reading)
    }
}
