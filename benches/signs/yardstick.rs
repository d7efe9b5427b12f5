//! The best delay that CUSUM theory allows: a chart that knows the healthy share and the one of the fault, set by the
//! rule's own budget, over the same outcomes known at the same time, from the onset with S = 0.
//!
//! The healthy share is that of the company's own outcomes before the onset, the other one that of its outcomes from
//! the onset to the end. For rules that are no detectors the best is the first evaluation at which their own
//! definition is met on the same log.

use rapport::funnel::segment::book::Segment;
use rapport::funnel::segment::series::Day;
use rapport::funnel::signs::business_day::next_opening;
use rapport::funnel::signs::mql_tunnel_vision::divergence;
use rapport::funnel::signs::program_rule::{Place, ProgramRule};
use rapport::funnel::signs::scene::Scene;
use rapport::funnel::signs::share_rule::ShareRule;
use rapport::funnel::signs::share_watch;
use rapport::funnel::signs::told_days::ToldDays;
use rapport::funnel::signs::usual_share::{self, MONTH_BUSINESS_DAYS, Outcomes};
use rapport::funnel::signs::{self, PROGRAM_RULES, SHARE_RULES, no_data};
use rapport::funnel::terms::Terms;
use rapport::model::definitions::{Divergence, NoData, ShareWatch};
use rapport::model::measure::Measure;
use rapport::model::words::Stage;
use rapport::model::{DAY_MS, EventTime, Text};
use rapport::simulator::Planted;
use rapport::stats::bernoulli_cusum::BernoulliCusum;
use rapport::stats::counts::Counts;
use rapport::stats::poisson_cusum::PoissonCusum;

use serde::{Deserialize, Serialize};

use crate::play::Played;

/// The best that can be, for one planted period.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Best {
    /// When the ideal chart alarms, in days from the onset; `None` if it does not to the end.
    pub days: Option<f64>,
    /// What it knew, and what the rule itself had learned: for looking into what was missed.
    pub why: String,
}

/// The best for a planted period; `None` for a rule that has no yardstick here.
pub fn best(played: &Played, planted: &Planted, touch_budget: f64) -> Option<Best> {
    let terms: &Terms = &played.terms;
    if let Some(rule) = SHARE_RULES.iter().find(|rule| rule.rule.name() == planted.rule) {
        let settings = (rule.settings)(&terms.definitions)?;
        return Some(of_share(played, planted, terms, rule, settings));
    }
    if let Some(rule) = PROGRAM_RULES.iter().find(|rule| rule.rule.name() == planted.rule) {
        return Some(of_program(played, planted, terms, rule));
    }
    match planted.rule.as_str() {
        "divergence" => {
            terms.definitions.rules.divergence.as_ref().map(|r| of_divergence(played, planted, terms, r))
        }
        "no_data" => terms.definitions.rules.no_data.as_ref().map(|r| of_silence(played, planted, terms, r)),
        "first_touch_slo" => Some(of_touches(played, planted, terms, touch_budget)),
        _ => None,
    }
}

/// The boundaries at which daily rules are judged from the onset on.
fn mornings(played: &Played, planted: &Planted, terms: &Terms) -> Vec<rapport::model::Minute> {
    let end = played.local.time();
    let mut at = planted.from.minute();
    let next = || {
        at = next_opening(terms, at)?;
        (at <= end).then_some(at)
    };
    std::iter::from_fn(next).collect()
}

fn scene<'a>(played: &'a Played, terms: &'a Terms, at: rapport::model::Minute) -> Scene<'a> {
    Scene::new(terms, played.local.segments().book(), at)
}

fn days_since(onset: EventTime, at: EventTime) -> f64 {
    (at.0 - onset.0) as f64 / DAY_MS as f64
}

/// A share that is neither 0 nor 1, as a chart must have it.
fn inner(counts: Counts) -> f64 {
    (counts.bad as f64 + 0.5) / (counts.n as f64 + 1.0)
}

fn of_share(
    played: &Played,
    planted: &Planted,
    terms: &Terms,
    rule: &ShareRule,
    settings: &ShareWatch,
) -> Best {
    let mornings = mornings(played, planted, terms);
    let Some(first) = mornings.first().copied() else { return Best::default() };
    let at_onset = scene(played, terms, first);
    let name = if rule.of_all_alone { "all" } else { planted.segment.as_str() };
    let segment = at_onset.book.segment_or_empty(name);
    let subjects = match &planted.subject {
        Some(subject) => vec![subject.clone()],
        None => (rule.subjects)(&at_onset, segment),
    };
    let eligible = eligible(&at_onset, rule, settings);
    let one = |subject: &str| {
        share_of(played, planted, terms, (rule, settings), (segment, subject), &mornings, eligible)
    };
    let all: Vec<Best> = subjects.iter().map(|subject| one(subject)).collect();
    let order = |best: &Best| best.days.unwrap_or(f64::INFINITY);
    all.into_iter().min_by(|a, b| order(a).total_cmp(&order(b))).unwrap_or_default()
}

/// How many segments and subjects have a baseline: the budget is split over them.
fn eligible(scene: &Scene<'_>, rule: &ShareRule, settings: &ShareWatch) -> usize {
    let mut eligible = 0;
    for (_, segment) in scene.book.segments().filter(|(name, _)| !rule.of_all_alone || *name == "all") {
        for subject in (rule.subjects)(scene, segment) {
            let Some(span) = (rule.span)(scene, segment, &subject, &ToldDays::default()) else { continue };
            let outcomes = (rule.outcomes)(scene, segment, &subject, span);
            let days = |from: Day, to: Day| scene.business_days(from, to);
            let settings = (settings, rule.of_set);
            let baseline = usual_share::baseline(settings, &outcomes, &ToldDays::default(), days);
            eligible += usize::from(baseline.is_some());
        }
    }
    eligible.max(1)
}

fn share_of(
    played: &Played,
    planted: &Planted,
    terms: &Terms,
    (rule, settings): (&ShareRule, &ShareWatch),
    (segment, subject): (&Segment, &str),
    mornings: &[rapport::model::Minute],
    eligible: usize,
) -> Best {
    let onset = Day(terms.days.local_day(planted.from.0));
    let (Some(first), Some(last)) = (mornings.first(), mornings.last()) else { return Best::default() };
    let start = scene(played, terms, *first);
    let Some(span) = (rule.span)(&start, segment, subject, &ToldDays::default()) else {
        return Best { days: None, why: "the span is not learned by the onset".to_owned() };
    };
    let known = |at| (rule.outcomes)(&scene(played, terms, at), segment, subject, span);
    let whole: Outcomes = known(*last);
    let (before, after) = (whole.sum(Day(i32::MIN), onset), whole.sum(onset, whole.known_to));
    let at_onset = known(*first);
    let days = |from: Day, to: Day| start.business_days(from, to);
    let learned = usual_share::baseline((settings, rule.of_set), &at_onset, &ToldDays::default(), days);
    let (p0, p1) = (inner(before), inner(after));
    let first_day = whole.days.keys().next().copied().unwrap_or(onset);
    let a_month = (before.n * MONTH_BUSINESS_DAYS).div_ceil(days(first_day, onset).max(1)).max(1);
    let alpha = (settings.alerts_per_month.as_f64() / eligible as f64).min(0.5);
    let mut why = format!(
        "usual {:.1} % of {} outcomes a month, then {:.1} %; over {eligible} baselines",
        100.0 * p0,
        a_month,
        100.0 * p1
    );
    match learned {
        Some(baseline) => {
            let p1 = share_watch::shifted(settings, baseline.p0);
            why += &format!("; learned {:.1} % (set for {:.1} %)", 100.0 * baseline.p0, 100.0 * p1);
        }
        None => {
            why += &format!(
                "; learning: {} outcomes are known at the onset",
                at_onset.sum(Day(i32::MIN), onset).n
            )
        }
    }
    if p1 <= p0 {
        return Best { days: None, why };
    }
    let Ok(chart) = BernoulliCusum::new(p0, p1) else { return Best { days: None, why } };
    let Ok(h) = chart.smallest_threshold(a_month, alpha) else { return Best { days: None, why } };
    let (mut s, mut next) = (0.0, onset);
    for at in mornings {
        let outcomes = known(*at);
        for (_, day) in outcomes.days.range(next.min(outcomes.known_to)..outcomes.known_to) {
            s = chart.step(s, day.bad, day.n);
            if s >= h.usable {
                return Best { days: Some(days_since(planted.from, at.start())), why };
            }
        }
        next = next.max(outcomes.known_to);
    }
    Best { days: None, why }
}

fn of_program(played: &Played, planted: &Planted, terms: &Terms, rule: &ProgramRule) -> Best {
    let name = if rule.of_all_alone { "all" } else { planted.segment.as_str() };
    for at in mornings(played, planted, terms) {
        let scene = scene(played, terms, at);
        let segment = scene.book.segment_or_empty(name);
        let findings = (rule.read)(&Place { scene: &scene, name, segment, judged: 1, alive: &[] });
        let is_it = |finding: &signs::program_rule::Finding| {
            let broken = matches!(finding.verdict, signs::Verdict::Broken(_));
            broken
                && planted
                    .subject
                    .as_ref()
                    .is_none_or(|s| finding.subject.is_empty() || *s == finding.subject)
        };
        if findings.iter().any(is_it) {
            return Best {
                days: Some(days_since(planted.from, at.start())),
                why: "its definition is met".to_owned(),
            };
        }
    }
    Best { days: None, why: "its definition is never met".to_owned() }
}

/// The first hour at which a feed has been silent beyond the rule's limit. Hours are kept for 35 days: the history must
/// end soon after the onset, or the usual is learned from too little.
fn of_silence(played: &Played, planted: &Planted, terms: &Terms, rule: &NoData) -> Best {
    let (mut at, end) = (planted.from.first_boundary_after(), played.local.time());
    while at <= end {
        let feeds = no_data::feeds(rule, &scene(played, terms, at));
        let watched = feeds.iter().filter(|feed| feed.usual.is_some()).count();
        let is_it = |feed: &&no_data::Feed| planted.subject.as_ref().is_none_or(|s| *s == feed.subject());
        let limit =
            |feed: &no_data::Feed| feed.limit_ms(rule, watched).is_some_and(|limit| feed.silent_ms > limit);
        if feeds.iter().filter(is_it).any(limit) {
            return Best {
                days: Some(days_since(planted.from, at.start())),
                why: "its definition is met".to_owned(),
            };
        }
        at = at.plus(60);
    }
    Best { days: None, why: "its definition is never met".to_owned() }
}

fn of_divergence(played: &Played, planted: &Planted, terms: &Terms, rule: &Divergence) -> Best {
    let segment = played.local.segments().book().segment_or_empty(&planted.segment);
    let onset = Day(terms.days.local_day(planted.from.0));
    let mqls = segment.series(Measure::Entered(Stage::Mql), "");
    let first = mqls.first_day().unwrap_or(onset);
    let mornings = mornings(played, planted, terms);
    let Some(last) = mornings.last() else { return Best::default() };
    let today = |at: rapport::model::Minute| Day(terms.days.local_day(at.start().0));
    let matured = |at| today(at).plus(-i32::from(rule.horizon_days));
    let quality = |from: Day, to: Day| {
        let n = mqls.days(from, to).max(0) as u64;
        let grades = segment.series(Measure::Converted(rule.step), "").each_grade(from, to);
        let k: i64 = grades.filter(|(_, age, _)| *age < rule.horizon_days).map(|(_, _, n)| n).sum();
        Counts { n, bad: (k.max(0) as u64).min(n) }
    };
    let business =
        |from: Day, to: Day| (from.0..to.0).filter(|d| terms.marketing.is_business_day(*d)).count();
    let rate = |from: Day, to: Day| mqls.days(from, to) as f64 / business(from, to).max(1) as f64;
    let (lambda0, lambda1) = (rate(first, onset), rate(onset, today(*last)));
    let (p0, p1) = (inner(quality(first, onset)), inner(quality(onset, matured(*last))));
    let start = scene(played, terms, mornings[0]);
    let with_baseline = |(name, segment): &(&Text, &Segment)| {
        divergence::baseline(
            (rule, divergence::set_for(rule, name)),
            segment,
            &ToldDays::default(),
            terms,
            start.today,
        )
        .is_some()
    };
    let eligible = start.book.segments().filter(with_baseline).count().max(1);
    let alpha = (rule.alerts_per_month.as_f64() / eligible as f64).sqrt().min(0.5);
    let why = format!(
        "{lambda0:.1} then {lambda1:.1} MQLs a business day, {:.1} % then {:.1} % go on; over {eligible} baselines",
        100.0 * p0,
        100.0 * p1
    );
    if lambda1 <= lambda0 || p1 >= p0 {
        return Best { days: None, why };
    }
    let charts = PoissonCusum::new(lambda0, lambda1).ok().zip(BernoulliCusum::new(p0, p1).ok());
    let Some((volume, drop)) = charts else { return Best { days: None, why } };
    let leads = (MONTH_BUSINESS_DAYS as f64 * lambda0).round().max(1.0) as u64;
    let thresholds = volume.smallest_threshold(MONTH_BUSINESS_DAYS, alpha).ok();
    let Some((volume_h, drop_h)) = thresholds.zip(drop.smallest_threshold(leads, alpha).ok()) else {
        return Best { days: None, why };
    };
    for at in &mornings {
        let (mut volume_s, mut drop_s, mut waiting) = (0.0, 0.0, 0);
        for d in onset.0..today(*at).0 {
            waiting += mqls.days(Day(d), Day(d + 1)).max(0) as u64;
            if terms.marketing.is_business_day(d) {
                volume_s = volume.step(volume_s, std::mem::take(&mut waiting));
            }
            if Day(d) < matured(*at) {
                let day = quality(Day(d), Day(d + 1));
                drop_s = drop.step(drop_s, day.bad, day.n);
            }
        }
        if volume_s >= volume_h.usable && drop_s >= drop_h.usable {
            return Best { days: Some(days_since(planted.from, at.start())), why };
        }
    }
    Best { days: None, why }
}

fn of_touches(played: &Played, planted: &Planted, terms: &Terms, budget: f64) -> Best {
    let (mut before, mut after) = (Counts::default(), Counts::default());
    let onset = planted.from.0;
    for (hour, (n, bad)) in &played.touches {
        let side = if hour.end_ms() <= onset { &mut before } else { &mut after };
        side.n += n;
        side.bad += bad;
    }
    // The rule's promise of few false alarms is made to a team that just keeps its own.
    let target = terms.definitions.rules.first_touch_slo.as_ref().map_or(1.0, |rule| rule.target.as_f64());
    let (p0, p1) = (inner(before).max(1.0 - target), inner(after));
    let first = played.touches.keys().next().map_or(onset, |hour| hour.end_ms());
    let days = (terms.days.local_day(first)..terms.days.local_day(onset))
        .filter(|d| terms.sales.is_business_day(*d));
    let a_month = (before.n * MONTH_BUSINESS_DAYS).div_ceil((days.count() as u64).max(1)).max(1);
    let why = format!(
        "missed {:.1} % of {a_month} outcomes a month, then {:.1} %",
        100.0 * inner(before),
        100.0 * p1
    );
    let chart = BernoulliCusum::new(p0, p1).ok().filter(|_| p1 > p0);
    let threshold = chart.and_then(|chart| Some((chart, chart.smallest_threshold(a_month, budget).ok()?)));
    let Some((chart, h)) = threshold else { return Best { days: None, why } };
    let mut s = 0.0;
    for (hour, (n, bad)) in played.touches.iter().filter(|(hour, _)| hour.end_ms() > onset) {
        s = chart.step(s, *bad, *n);
        if s >= h.usable {
            return Best { days: Some(days_since(planted.from, EventTime(hour.end_ms()))), why };
        }
    }
    Best { days: None, why }
}
