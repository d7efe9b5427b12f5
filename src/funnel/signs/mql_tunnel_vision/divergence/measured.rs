//! The figures behind a reading, what carries it, and how it is said.

use crate::model::alert::OwnerTeam;
use crate::model::definitions::Divergence;
use crate::model::explanation::{Outcomes as Shown, Row, Sum};
use crate::model::measure::Measure;
use crate::model::words::Stage;
use crate::model::{EventTime, Text};
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;
use crate::stats::{binomial, poisson};

use super::super::super::carriers::{self, Part};
use super::super::super::scene::Scene;
use super::super::super::share_sum;
use super::super::super::told_days::ToldDays;
use super::super::super::usual_share::MONTH_BUSINESS_DAYS;
use super::super::super::{Measured, Resolved, percent, worth};
use super::sight::Sight;
use super::working_time::matured_to;
use super::{Baseline, End, Watch, back, converted, leads_a_month};
use crate::funnel::journey::segments::ALL;
use crate::funnel::segment::book::Behind;
use crate::funnel::segment::series::Day;

/// What there is to do.
pub(super) const ADVICE: &str = "Marketing: look at which sources and campaigns brought the additional MQLs and pause \
                                 the ones that sales sends back. Sales: give a reason with every rejection. Both: \
                                 agree on what counts as qualified before the next push.";

/// Where `divergence` is read.
pub struct Case<'a> {
    /// What is normal.
    pub watch: &'a Watch,
    /// What its detectors see.
    pub sight: &'a Sight,
    /// What shows that it is over, where an alert lives.
    pub end: Option<End>,
    /// The days that were told of: parts learn nothing from them either.
    pub told: &'a ToldDays,
    /// The segments within it that were told of by themselves.
    pub told_apart: &'a [Text],
    /// The days that are left out, since a feed did not tell.
    pub left_out: &'a ToldDays,
    /// The segment's name.
    pub name: &'a str,
    /// All segments.
    pub names: &'a [Text],
}

/// The figures behind a reading of `divergence`.
pub fn measure(rule: &Divergence, scene: &Scene<'_>, case: &Case<'_>) -> Measured {
    let Case { watch, sight, name, .. } = *case;
    let (n, k) = told_quality(watch, sight);
    let value = if n == 0 { 0.0 } else { k as f64 / n as f64 };
    let start = |day: Day| EventTime(scene.terms.days.day_start_ms(day.0));
    let since = start(sight.since(watch));
    let judged_since = sight.quality_since(watch);
    let judged_to = matured_to(rule, scene.terms, judged_since, scene.today);
    let minutes = scene.minutes_but(judged_since, judged_to, case.left_out);
    let mut sum = sum(rule, watch, scene, (sight, case.told));
    case.left_out.tell(watch.baseline.days.0.min(watch.from), scene.today, &mut sum);
    if let Some(end) = case.end {
        tell_end(rule, watch, end, sight, &mut sum);
    }
    tell_worth(rule, scene, case, &mut sum);
    let where_it_lies = where_it_lies(rule, scene, case, judged_since, &mut sum);
    Measured {
        value,
        baseline: Some(watch.baseline.conversion),
        threshold: watch.baseline.p0,
        interval: Some(binomial::wilson(k, n, Confidence::P95).into()),
        n,
        excluded_immature: sight.young,
        window: (since, start(scene.today)),
        owner: OwnerTeam::Marketing,
        evidence: scene.evidence(&Behind::count(Measure::Entered(Stage::Mql)), name, &minutes),
        summary: summary(rule, watch, sight, name, value) + &where_it_lies,
        advice: ADVICE.to_owned(),
        resolved: resolved(rule, watch, sight, name),
        sum,
    }
}

/// The MQLs that are old enough since the run of quality began, and those of them that went on.
fn told_quality(watch: &Watch, sight: &Sight) -> (u64, u64) {
    sight.quality_run(watch).iter().fold((0, 0), |(n, k), day| (n + day.n, k + day.k))
}

/// Where it lies, in words and in the sum.
fn where_it_lies(rule: &Divergence, scene: &Scene<'_>, case: &Case<'_>, since: Day, sum: &mut Sum) -> String {
    let part = |name: &Text| part(rule, scene, case, since, name);
    let nothing = |bad: u64, usual: f64| format!("{bad} MQLs came to nothing (usual: {:.0})", usual.max(0.0));
    let parts: Vec<Part> = case.names.iter().map(part).collect();
    let here = part(&case.name.into());
    let carried =
        carriers::carried(&here, &parts, case.told_apart, |rest, expected| is_usual(rule, rest, expected));
    let within = carried.sentence(|rest| format!("without it {}", nothing(rest.counts.bad, rest.expected)));
    sum.carriers = carried.carriers;
    let elsewhere = carriers::elsewhere(&part(&ALL.into()), &here, |rest, _| is_unusual_too(rule, rest));
    let others = elsewhere.map_or_else(String::new, |elsewhere| {
        elsewhere.tell(sum);
        elsewhere.sentence(|rest| nothing(rest.counts.bad, rest.expected))
    });
    within + &others
}

/// The MQLs of a segment that are old enough, those of them that came to nothing, and how many of these it would have
/// as usual: more that come count here, and fewer that go on, as they do in a divergence.
fn part(rule: &Divergence, scene: &Scene<'_>, case: &Case<'_>, since: Day, name: &Text) -> Part {
    let segment = scene.book.segment_or_empty(name);
    let mqls = segment.series(Measure::Entered(Stage::Mql), "");
    let usual = &case.watch.baseline;
    let nothing = |from: Day, to: Day| {
        let n = mqls.days(from, to).max(0) as u64;
        n - converted(rule, scene.terms, segment, from, to).min(n)
    };
    let matured_to = matured_to(rule, scene.terms, since, scene.today);
    let (from, to) = usual.days;
    let usual_days = case.told.others(from, to, |from, to| scene.business_days(from, to)).max(1) as f64;
    let a_day = match name == case.name {
        true => usual.mqls_a_day * (1.0 - usual.conversion),
        false => case.told.others(from, to, nothing) as f64 / usual_days,
    };
    let of = |count: &dyn Fn(Day, Day) -> u64| case.left_out.others(since, matured_to, count);
    let counts = Counts { n: of(&|from, to| mqls.days(from, to).max(0) as u64), bad: of(&nothing) };
    let days = of(&|from, to| scene.business_days(from, to)) as f64;
    Part { segment: name.clone(), counts, expected: a_day * days }
}

/// Whether so many MQLs that came to nothing are as usual: below the middle between the usual number and the one that
/// the volume is watched for.
fn is_usual(rule: &Divergence, counts: Counts, expected: f64) -> bool {
    counts.bad as f64 <= expected * rule.volume_factor.as_f64().sqrt()
}

/// Whether the other segments have more of them as well, by more than chance (one-sided 95 %, Garwood).
fn is_unusual_too(rule: &Divergence, rest: &Part) -> bool {
    let low = poisson::garwood(rest.counts.bad, Confidence::P90).low;
    low > rest.expected && !is_usual(rule, rest.counts, rest.expected)
}

/// What is at risk: as many as would have converted of the usual MQLs, less those that did.
fn tell_worth(rule: &Divergence, scene: &Scene<'_>, case: &Case<'_>, sum: &mut Sum) {
    let Case { watch, sight, left_out, .. } = *case;
    let is_judged = !sight.matured.is_empty();
    let Some(worth) = worth::of_stage(scene, rule.step.to()).filter(|_| is_judged) else { return };
    let since = sight.quality_since(watch);
    let to = matured_to(rule, scene.terms, since, scene.today);
    let days = left_out.others(since, to, |from, to| scene.business_days(from, to)) as f64;
    let usual = watch.baseline.mqls_a_day * days * watch.baseline.conversion;
    sum.figure(
        "conversions as usual",
        usual,
        format!(
            "{:.1} MQLs x {days} business day{} x {}",
            watch.baseline.mqls_a_day,
            if days == 1.0 { "" } else { "s" },
            percent(watch.baseline.conversion)
        ),
    );
    let (_, k) = told_quality(watch, sight);
    worth.tell((usual - k as f64).max(0.0), "conversions as usual - converted, at least 0", sum);
}

/// The MQLs of volume that a baseline was learned from, and the business days that brought them.
type UsualVolume = (f64, u64);

/// What the days of the baseline brought; `None` where it is set, or the days that were told of are others than when
/// an alert froze it.
fn usual_volume(scene: &Scene<'_>, watch: &Watch, told: &ToldDays) -> Option<UsualVolume> {
    let Baseline { days: (from, to), mqls_a_day, n, .. } = watch.baseline;
    let days = told.others(from, to, |from, to| scene.business_days(from, to));
    let mqls = (mqls_a_day * days as f64).round();
    let is_it = n > 0 && days > 0 && (mqls / days as f64 - mqls_a_day).abs() <= 1e-9 * mqls_a_day;
    is_it.then_some((mqls, days))
}

/// How what is taken for normal follows from what was counted.
fn tell_usual(usual: &Baseline, volume: Option<UsualVolume>, sum: &mut Sum) {
    if usual.n == 0 {
        sum.figure("MQLs a business day as usual", usual.mqls_a_day, "as set");
        sum.figure("p0, taken for normal", usual.p0, "as set");
        sum.figure("lambda0, taken for normal", usual.lambda0, "as set");
        return;
    }
    let a_day = match volume {
        Some((mqls, days)) => {
            format!(
                "{mqls} over {days} business days of these; MQLs of closed days around a holiday are left out"
            )
        }
        None => "of the same days".to_owned(),
    };
    sum.figure("MQLs a business day as usual", usual.mqls_a_day, a_day);
    let (n, k) = (usual.n, (usual.conversion * usual.n as f64).round());
    let wilson =
        format!("Wilson's lower one-sided 95 % limit of {k} in {n}, rounded down to a power of 1.02");
    sum.figure("p0, taken for normal", usual.p0, wilson);
    let of = match volume {
        Some((mqls, days)) => format!(" of {mqls}, over {days}"),
        None => String::new(),
    };
    let garwood = format!("Garwood's upper one-sided 95 % limit{of}, rounded up to a power of 1.02");
    sum.figure("lambda0, taken for normal", usual.lambda0, garwood);
}

fn sum(rule: &Divergence, watch: &Watch, scene: &Scene<'_>, (sight, told): (&Sight, &ToldDays)) -> Sum {
    let (n, k) = told_quality(watch, sight);
    let usual = &watch.baseline;
    let mut sum = Sum::default();
    let rows = match sight.reached(watch) {
        true => format!(
            "of the rows below from {} on that are old enough: the first after S of quality was last 0, before it was \
             at its threshold",
            sight.quality_since(watch).date()
        ),
        false => "of the rows below, the days that are old enough".to_owned(),
    };
    sum.figure("converted", k as f64, rows.clone());
    sum.figure("matured MQLs", n as f64, rows);
    share_sum::value(&mut sum, (k, n), 0.0);
    let learned = match usual.n {
        0 => "as set".to_owned(),
        n => {
            let (from, to) = (usual.days.0.date(), usual.days.1.date());
            let k = (usual.conversion * n as f64).round();
            let without = told.named(usual.days.0, usual.days.1);
            let without = without.map_or_else(String::new, |days| {
                format!(", without {days}, of which alerts told or feeds did not")
            });
            format!("{k} of {n} MQLs from {from} to before {to}{without}")
        }
    };
    sum.figure("baseline", usual.conversion, learned);
    let volume = Volume::told(watch, sight);
    let from = volume.from.date();
    let mqls_words = format!(
        "{} MQLs over {} from {from} on, those of closed days added to the next",
        volume.mqls,
        volume.days_words()
    );
    sum.figure("MQLs a business day", volume.a_day(), mqls_words);
    tell_usual(usual, usual_volume(scene, watch, told), &mut sum);
    let (factor, less) = (rule.volume_factor.as_f64(), rule.quality_factor.as_f64());
    sum.figure("p1, watched for", usual.p0 * less, format!("{less} x p0"));
    sum.figure("lambda1, watched for", usual.lambda0 * factor, format!("{factor} x lambda0"));
    let volume_words = format!(
        "a CUSUM over the business days of MQLs, those of other days added to the next, for {factor} times as many"
    );
    sum.figure("S of volume", sight.volume_s(), volume_words);
    let month = format!("{MONTH_BUSINESS_DAYS} business days");
    sum.figure(
        "swing",
        usual.swing,
        "MQLs beyond the mean that the business days of a usual week bring which follow each other and have most; 0 \
         where its days are alike",
    );
    let rarely =
        |what: &str| format!("the smallest that {what} reaches with a chance of at most {:.5}", watch.alpha);
    let volume_rarely = rarely(&format!("lambda0 within {month}")) + ", and the swing above that";
    sum.figure("threshold of volume", watch.volume_h, volume_rarely);
    sum.figure(
        "S of quality",
        sight.quality_s(),
        "a CUSUM over the rows that are old enough: ln(p1/p0) for each that was converted, ln((1-p1)/(1-p0)) for each \
         other, never below 0",
    );
    let leads = leads_a_month(usual);
    sum.figure("MQLs of a month", leads as f64, format!("lambda0 x {month}, rounded"));
    sum.figure("threshold of quality", watch.quality_h, rarely(&format!("p0 in {leads} MQLs")));
    let both = format!(
        "{} a month for the company, over all that is watched; each detector takes the root of its part",
        rule.alerts_per_month.as_f64()
    );
    sum.figure("probability of a false alarm a month, each", watch.alpha, both);
    let columns = ["MQLs", "S of volume", "converted", "S of quality"].map(str::to_owned).to_vec();
    let row = |(day, n): &(Day, u64)| {
        let (volume_s, matured, quality_s) = sight.at(*day);
        Row {
            from: EventTime(scene.terms.days.day_start_ms(day.0)),
            numbers: match matured {
                Some(matured) => vec![*n as f64, volume_s, matured.k as f64, quality_s],
                None => vec![*n as f64, volume_s],
            },
        }
    };
    sum.outcomes = Shown { columns, rows: sight.mqls.iter().map(row).collect() };
    sum
}

/// What shows that the volume or the quality is back.
fn tell_end(rule: &Divergence, watch: &Watch, end: End, sight: &Sight, sum: &mut Sum) {
    let back = back(rule, watch, end, sight);
    let days = days_words(rule.clear_days.max(1));
    let most = match sight.volume_until_highest(watch) {
        None => "lambda0, since by what is known now S of volume never was at its threshold".to_owned(),
        Some((mqls, days)) => format!(
            "Garwood's lower one-sided 95 % limit of {mqls}, over {days}, the MQLs and business days told of until S \
             of volume was highest, rounded down to lambda1 times a power of 1.25, and no less than lambda1"
        ),
    };
    sum.figure("lambda2, the most", end.lambda, most);
    sum.figure("R of volume", back.volume, "a CUSUM over the days told of, from lambda2 down to lambda0");
    let rarely = |what: &str| format!("the smallest that {what} reaches with a chance of at most 5 %");
    let rarely_few = match end.volume_h > 0.0 {
        true => {
            rarely(&format!("lambda2 within {MONTH_BUSINESS_DAYS} business days"))
                + ", and the swing above that; "
        }
        false => String::new(),
    };
    let few = format!(
        "{rarely_few}over when R of volume comes to it, and the MQLs of the last {days} are below the reference of S"
    );
    sum.figure("threshold of R of volume", end.volume_h, few);
    let worst = match sight.quality_until_highest(watch) {
        None => "p0, since by what is known now S of quality never was at its threshold".to_owned(),
        Some((n, k)) => format!(
            "Wilson's upper one-sided 95 % limit of {k} in {n}, the rows told of until S of quality was highest, \
             rounded up to p1 over a power of 1.25, and no more than p1"
        ),
    };
    sum.figure("p2, the worst", end.p, worst);
    sum.figure("R of quality", back.quality, "a CUSUM over the rows told of, from p2 up to p0");
    let rarely_enough = match end.quality_h > 0.0 {
        true => rarely(&format!("p2 in {} MQLs", leads_a_month(&watch.baseline))) + "; ",
        false => String::new(),
    };
    let enough = format!(
        "{rarely_enough}over, too, when R of quality comes to it, and of the last {days} at least the root \
         of p0 x p1 went on"
    );
    sum.figure("threshold of R of quality", end.quality_h, enough);
}

/// The MQLs of the run of volume, and the business days that brought them.
struct Volume {
    from: Day,
    mqls: u64,
    business_days: usize,
}

impl Volume {
    /// Fewer business days than this say little of a usual one: they are named.
    const FEW: usize = 5;

    fn told(watch: &Watch, sight: &Sight) -> Volume {
        let run = sight.volume_run(watch);
        Volume {
            from: run.first().map_or(watch.from, |day| day.day),
            mqls: run.iter().map(|day| day.mqls).sum(),
            business_days: run.len(),
        }
    }

    fn a_day(&self) -> f64 {
        self.mqls as f64 / self.business_days.max(1) as f64
    }

    fn days_words(&self) -> String {
        match self.business_days {
            1 => "1 business day".to_owned(),
            days => format!("{days} business days"),
        }
    }

    /// On how few days it rests, for a sentence; nothing where they are many.
    fn few_words(&self) -> String {
        if self.business_days < Volume::FEW {
            format!(" (over {})", self.days_words())
        } else {
            String::new()
        }
    }
}

fn summary(rule: &Divergence, watch: &Watch, sight: &Sight, name: &str, value: f64) -> String {
    let whose = if name == "all" { String::new() } else { format!(" ({name})") };
    let volume = Volume::told(watch, sight);
    format!(
        "MQLs{whose} went from {:.0} to {:.0} a business day{} while {} within {} fell from {} to {}.",
        watch.baseline.mqls_a_day,
        volume.a_day(),
        volume.few_words(),
        step_words(rule),
        days_words(rule.horizon_days),
        percent(watch.baseline.conversion),
        percent(value),
    )
}

fn resolved(rule: &Divergence, watch: &Watch, sight: &Sight, name: &str) -> Resolved {
    let whose = if name == "all" { String::new() } else { format!(" ({name})") };
    let lately = sight.lately(rule, watch);
    let a_day = lately.mqls / lately.business_days.max(1) as f64;
    let volume = format!("Resolved: lately {a_day:.0} MQLs{whose} a business day");
    if lately.n == 0 {
        let says = format!("{volume}, and none that is old enough to judge.");
        return Resolved::unmended(says, ADVICE_FEWER);
    }
    let quality = percent(lately.k as f64 / lately.n as f64);
    let (n, step, days) = (lately.n, step_words(rule), days_words(rule.horizon_days));
    let says = format!(
        "{volume}, and {quality} of the last {n} that are old enough to judge went {step} within {days}."
    );
    let is_usual = lately.k as f64 >= watch.baseline.p0 * lately.n as f64;
    Resolved::by(is_usual, says, ADVICE_FEWER)
}

/// What there is to do when an alert ends, and what comes is not known to be as good as ever.
const ADVICE_FEWER: &str = "It is no longer both: but what comes is not known to go on as it used to. Ask sales what \
                            is wrong with the MQLs of today before more are sent.";

/// A step as people write it: `MQL→SQL`.
pub(super) fn step_words(rule: &Divergence) -> String {
    rule.step.as_str().replace("_to_", "→").to_uppercase().replace("WON", "won")
}

pub(super) fn days_words(days: u16) -> String {
    if days == 1 { "1 day".to_owned() } else { format!("{days} days") }
}
