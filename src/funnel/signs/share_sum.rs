//! How the value of a rule that watches a share comes about, for a person who works it out by hand.

use crate::model::EventTime;
use crate::model::definitions::ShareWatch;
use crate::model::explanation::{Outcomes as Shown, Row, Sum};
use crate::stats::binomial;
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;

use super::super::segment::series::Day;
use super::scene::Scene;
use super::share_watch::{self, Sight, Watch};
use super::told_days::ToldDays;
use super::usual_share::{self, MONTH_BUSINESS_DAYS, OUTCOMES_MAX, Outcomes};

/// The value of an alert that is a share, k of n, with its interval.
pub fn value(sum: &mut Sum, (k, n): (u64, u64), of_none: f64) {
    sum.figure("value", if n == 0 { of_none } else { k as f64 / n as f64 }, format!("{k} / {n}"));
    let interval = binomial::wilson(k, n, Confidence::P95);
    let wilson = format!("Wilson's 95 % interval of {k} in {n}");
    sum.figure("interval_low", interval.low, wilson.clone());
    sum.figure("interval_high", interval.high, wilson);
}

/// What shows that a watched share is as usual again, where an alert of it lives.
pub fn tell_end(
    settings: &ShareWatch,
    watch: &Watch,
    end: share_watch::End,
    outcomes: &Outcomes,
    sum: &mut Sum,
) {
    let Some(seen) = share_watch::end_seen(watch, end, outcomes) else { return };
    let worst = match share_watch::until_highest(watch, outcomes) {
        None => "p1, since by what is known now S never was at h",
        Some(seen) => {
            tell_effective(
                sum,
                "the worst",
                "rows that are told of, until S was highest",
                seen,
                watch.baseline.scatter,
            );
            "Wilson's lower one-sided 95 % limit of these, its odds rounded down to those of p1 times a power of 1.5, \
             and no less than p1"
        }
    };
    sum.figure("p2, the worst", end.from, worst);
    sum.figure(
        "R, the detector of the end",
        seen,
        "a CUSUM over the rows that are told of: ln((1-p0)/(1-p2)) for each outcome that is not bad, ln(p0/p2) for \
         each other, divided by the scatter, never below 0",
    );
    let within = share_watch::end_within(watch, end.from);
    let most =
        "outcomes for h, or -ln(0.05) / p2, rounded up, if that is more: so many good ones are no chance";
    sum.figure("outcomes for the threshold of R", within as f64, most);
    let rarely = match end.h > 0.0 {
        true => format!(
            "the smallest that {within} outcomes at p2 reach with a chance of at most 5 %, and ln(odds(p2) / odds(p0)) \
             for each of the swing; "
        ),
        false => String::new(),
    };
    sum.figure(
        "its threshold",
        end.h,
        format!(
            "{rarely}over when R comes to it, and the last {} days with outcomes are nearer to p0 than to p1",
            settings.clear_days.max(1)
        ),
    );
}

/// The effective sample size of which a limit is taken, where outcomes scatter.
fn tell_effective(sum: &mut Sum, of: &str, which: &str, counts: Counts, scatter: f64) {
    let Counts { n, bad } = counts;
    let effective = usual_share::effective(counts, scatter);
    let from = |counted: u64| format!("the {counted} of the {which}, over the scatter, rounded");
    sum.figure(format!("bad outcomes for {of}"), effective.bad as f64, from(bad));
    sum.figure(format!("outcomes for {of}"), effective.n as f64, from(n));
}

/// The sum of a watched share; what is usual was learned from other days than those that were told of.
pub fn sum(
    scene: &Scene<'_>,
    settings: &ShareWatch,
    (watch, told): (&Watch, &ToldDays),
    outcomes: &Outcomes,
) -> Sum {
    let start = |day: Day| EventTime(scene.terms.days.day_start_ms(day.0));
    let Sight { s, since, seen } = share_watch::look(watch, outcomes);
    let usual = &watch.baseline;
    let mut sum = Sum::default();
    let rows = match since == watch.from {
        true => "the sum of the rows below".to_owned(),
        false => format!(
            "the sum of the rows below from {} on: the first after S was last 0, before it was at h",
            since.date()
        ),
    };
    sum.figure("bad outcomes", seen.bad as f64, rows.clone());
    sum.figure("outcomes", seen.n as f64, rows);
    value(&mut sum, (seen.bad, seen.n), 0.0);
    let (from, to) = (usual.days.0.date(), usual.days.1.date());
    let learned = match usual.is_set() {
        true => "as set".to_owned(),
        false => {
            let without = told.named(usual.days.0, usual.days.1);
            let without =
                without.map_or_else(String::new, |days| format!(", without {days}, of which alerts told"));
            let n = usual.n;
            format!("{} of {n} in the days from {from} to before {to}{without}", usual.learned().bad)
        }
    };
    sum.figure("baseline", usual.share, learned);
    sum.figure(
        "scatter",
        usual.scatter,
        "of the weeks of the baseline, chi-square / degrees of freedom, where chance seldom has it so large: an \
         outcome is worth so much less",
    );
    let p0_from = match usual.is_set() {
        true => "as set",
        false => {
            tell_effective(&mut sum, "p0", "baseline", usual.learned(), usual.scatter);
            "Wilson's upper one-sided 95 % limit of these, its odds rounded up to a power of 1.02"
        }
    };
    sum.figure("p0, taken for normal", usual.p0, p0_from);
    sum.figure(
        "swing",
        usual.swing,
        "bad outcomes beyond the baseline on the worst days of a week that follow each other, where weekdays differ by \
         more than chance, over the scatter",
    );
    let factor = settings.odds_factor.as_f64();
    sum.figure("p1, watched for", watch.p1, format!("{factor} times the odds of p0"));
    sum.figure(
        "S, the detector",
        s,
        "a CUSUM over the rows: ln(p1/p0) for each bad outcome, ln((1-p1)/(1-p0)) for each other, divided by the \
         scatter, never below 0",
    );
    let a_month = format!(
        "what {MONTH_BUSINESS_DAYS} business days bring as usual, rounded up; {OUTCOMES_MAX} at most"
    );
    sum.figure("outcomes a month", usual.a_month as f64, a_month);
    let for_h = usual.effective_a_month();
    let reduced = "outcomes a month / scatter, rounded up, and again to two digits";
    sum.figure("outcomes for h", for_h as f64, reduced);
    sum.figure(
        "h, its threshold",
        watch.h,
        format!(
            "the smallest that {for_h} outcomes at p0 reach with a chance of at most {:.5}, and ln(odds(p1) / \
             odds(p0)) for each of the swing",
            watch.alpha
        ),
    );
    sum.figure(
        "probability of a false alarm a month",
        watch.alpha,
        format!("{} a month for the company, over all that is watched", settings.alerts_per_month.as_f64()),
    );
    let columns = ["outcomes", "bad", "S"].map(str::to_owned).to_vec();
    let row = |(day, counts, s): (Day, Counts, f64)| Row {
        from: start(day),
        numbers: vec![counts.n as f64, counts.bad as f64, s],
    };
    let rows = share_watch::each_day(watch, outcomes).into_iter().map(row).collect();
    sum.outcomes = Shown { columns, rows };
    sum
}
