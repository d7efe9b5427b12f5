//! How the value of a rule that watches a share comes about, for a person who works it out by hand.

use crate::model::EventTime;
use crate::model::definitions::ShareWatch;
use crate::model::explanation::{Outcomes as Shown, Row, Sum};
use crate::stats::binomial;
use crate::stats::counts::Counts;
use crate::stats::interval::Confidence;

use super::super::segment::series::Day;
use super::percent;
use super::scene::Scene;
use super::share_watch::{self, MONTH_BUSINESS_DAYS, Outcomes, Sight, Watch};

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
    sum.figure(
        "p2, the worst",
        end.from,
        "the lower one-sided 95 % limit (Wilson) of the share until S was highest, its odds rounded down to those \
         of p1 times a power of 1.5",
    );
    sum.figure(
        "R, the detector of the end",
        seen,
        "a CUSUM over the rows that are told of: ln((1-p0)/(1-p2)) for each outcome that is not bad, ln(p0/p2) for \
         each other, divided by the scatter, never below 0",
    );
    sum.figure(
        "its threshold",
        end.h,
        format!(
            "over when R comes to it, and the last {} days with outcomes are nearer to p0 than to p1",
            settings.clear_days.max(1)
        ),
    );
}

/// The sum of a watched share.
pub fn sum(scene: &Scene<'_>, settings: &ShareWatch, watch: &Watch, outcomes: &Outcomes) -> Sum {
    let start = |day: Day| EventTime(scene.terms.days.day_start_ms(day.0));
    let Sight { s, since, seen } = share_watch::look(watch, outcomes);
    let usual = &watch.baseline;
    let mut sum = Sum::default();
    let told = match since == watch.from {
        true => "the sum of the rows below".to_owned(),
        false => format!(
            "the sum of the rows below from {} on: the first after S was last 0, before it was at h",
            since.date()
        ),
    };
    sum.figure("bad outcomes", seen.bad as f64, told.clone());
    sum.figure("outcomes", seen.n as f64, told);
    value(&mut sum, (seen.bad, seen.n), 0.0);
    let (from, to) = (usual.days.0.date(), usual.days.1.date());
    let learned = match usual.n {
        0 => "as set".to_owned(),
        n => format!(
            "{:.0} of {n} in the days from {from} to before {to}, without days that alerts told of",
            usual.share * n as f64
        ),
    };
    sum.figure("baseline", usual.share, learned);
    let p0_from = match usual.n {
        0 => "as set".to_owned(),
        n => format!(
            "Wilson's upper one-sided 95 % limit of {} in {n}, its odds rounded up",
            percent(usual.share)
        ),
    };
    sum.figure("p0, taken for normal", usual.p0, p0_from);
    sum.figure(
        "scatter",
        usual.scatter,
        "of the weeks before, chi-square / degrees of freedom, where chance seldom has it so large: an outcome is \
         worth so much less",
    );
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
    sum.figure(
        "h, its threshold",
        watch.h,
        format!(
            "the smallest that {} outcomes at p0, {MONTH_BUSINESS_DAYS} business days of them, reach with a chance of \
             at most {:.5}, and ln(odds(p1) / odds(p0)) for each of the swing",
            usual.a_month, watch.alpha
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
