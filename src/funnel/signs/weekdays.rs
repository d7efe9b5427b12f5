//! By how much a share, or a number of arrivals, swings within a usual week.
//!
//! Where a share depends on the day of the week, bad outcomes come together every week: a chart rises on some days and
//! falls on the others. It rises by no more, beyond what it does of independent outcomes, than the worst days that
//! follow each other bring beyond the usual share; so a threshold that is higher by as much keeps its promise. (The
//! chart is the largest sum of a stretch that ends now, and a sum of two parts is at most the sum of the largest.) It
//! is the same with arrivals, of which a weekday may bring more than others: what comes at weekends is there on Monday.

use crate::stats::chi_square;
use crate::stats::counts::Counts;

use super::super::segment::series::Day;
use super::usual_share::Outcomes;

/// A difference of weekdays that chance brings more often is none.
const CONFIDENCE: f64 = 0.9;
const WEEK: usize = 7;

/// The bad outcomes beyond the usual share on the worst days of a week that follow each other, where there are so many
/// weeks of outcomes from `from` to before `to`; 0 where chance would have weekdays differ so in more than one case of
/// ten. Outcomes are worth `scatter` times fewer.
pub(super) fn swing(outcomes: &Outcomes, (from, to): (Day, Day), weeks: f64, scatter: f64) -> f64 {
    let mut weekdays = [Counts::default(); WEEK];
    for (day, counts) in outcomes.days.range(from..to) {
        let weekday = &mut weekdays[day.0.rem_euclid(WEEK as i32) as usize];
        *weekday = weekday.plus(*counts);
    }
    let all = weekdays.iter().fold(Counts::default(), |sum, weekday| sum.plus(*weekday));
    let share = all.share();
    let freedom = weekdays.iter().filter(|weekday| weekday.n > 0).count().saturating_sub(1);
    if freedom == 0 || share <= 0.0 || share >= 1.0 {
        return 0.0;
    }
    let beyond = weekdays.map(|weekday| weekday.bad as f64 - weekday.n as f64 * share);
    let of_weekday = |(beyond, counts): (&f64, &Counts)| match counts.n {
        0 => 0.0,
        n => beyond.powi(2) / (n as f64 * share * (1.0 - share)),
    };
    let chi_square = beyond.iter().zip(&weekdays).map(of_weekday).sum::<f64>() / scatter;
    if chi_square <= chi_square::quantile(freedom as f64, CONFIDENCE) {
        return 0.0;
    }
    largest_stretch(&beyond) / scatter / weeks
}

/// The arrivals of a week beyond the mean of its days on those that follow each other and have most, where so many came
/// on each weekday and there are so many such days, of so many weeks; 0 where chance (Poisson's) would have weekdays
/// differ so in more than one case of ten.
pub(super) fn swing_of_arrivals(arrivals: [u64; WEEK], days: [u64; WEEK], weeks: f64) -> f64 {
    let mean = arrivals.iter().sum::<u64>() as f64 / days.iter().sum::<u64>().max(1) as f64;
    let expected = days.map(|days| days as f64 * mean);
    let freedom = expected.iter().filter(|expected| **expected > 0.0).count().saturating_sub(1);
    if freedom == 0 {
        return 0.0;
    }
    let mut beyond = expected;
    let mut chi_square = 0.0;
    for ((beyond, n), expected) in beyond.iter_mut().zip(arrivals).zip(expected) {
        *beyond = if expected > 0.0 { n as f64 - expected } else { 0.0 };
        chi_square += if expected > 0.0 { beyond.powi(2) / expected } else { 0.0 };
    }
    match chi_square > chi_square::quantile(freedom as f64, CONFIDENCE) {
        true => largest_stretch(&beyond) / weeks,
        false => 0.0,
    }
}

/// The largest sum of days that follow each other, around the turn of the week or not.
fn largest_stretch(beyond: &[f64; WEEK]) -> f64 {
    let stretches = (0..WEEK).flat_map(|first| {
        beyond.iter().cycle().skip(first).take(WEEK).scan(0.0, |sum, beyond| {
            *sum += beyond;
            Some(*sum)
        })
    });
    stretches.fold(0.0, f64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each weekday's outcomes and bad ones, the same in each of so many weeks.
    fn weeks(weeks: i32, week: [(u64, u64); WEEK]) -> Outcomes {
        let mut outcomes = Outcomes::known_to(Day(weeks * 7));
        for day in 0..weeks * 7 {
            let (n, bad) = week[day as usize % WEEK];
            outcomes.add(Day(day), Counts { n, bad });
        }
        outcomes
    }

    fn swing_of(count: i32, week: [(u64, u64); WEEK]) -> f64 {
        swing(&weeks(count, week), (Day(0), Day(count * 7)), f64::from(count), 1.0)
    }

    #[test]
    fn it_is_what_the_worst_days_in_a_row_bring_beyond_the_usual_share() {
        // 70 of 350 are bad. The first and the last day have 15 and 5 more than 10; the others fewer.
        let week = [(50, 25), (50, 4), (50, 6), (50, 6), (50, 8), (50, 6), (50, 15)];
        assert!(
            (swing_of(10, week) - 20.0).abs() < 1e-9,
            "around the turn of the week: {}",
            swing_of(10, week)
        );
        let apart = [(50, 25), (50, 4), (50, 15), (50, 6), (50, 8), (50, 6), (50, 6)];
        assert!((swing_of(10, apart) - 15.0).abs() < 1e-9, "15, or 15 - 6 + 5: {}", swing_of(10, apart));
        let none = (0, 0);
        let two = [(40, 20), none, none, (40, 0), none, none, none];
        assert!((swing_of(10, two) - 10.0).abs() < 1e-9, "days without outcomes bring nothing");
    }

    #[test]
    fn what_chance_brings_is_none() {
        let even = [(50, 10); WEEK];
        assert_eq!(swing_of(10, even), 0.0);
        // Of 10 outcomes a day a few more on one day are no rule: χ² is 3.1 with 6 degrees of freedom.
        let by_chance = [(10, 3), (10, 2), (10, 2), (10, 2), (10, 2), (10, 2), (10, 1)];
        assert_eq!(swing_of(2, by_chance), 0.0);
        assert_eq!(swing_of(10, [(5, 0); WEEK]), 0.0, "nothing is bad");
        assert_eq!(swing_of(10, [(5, 5); WEEK]), 0.0, "all is");
        let one = [(50, 25), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0), (0, 0)];
        assert_eq!(swing_of(10, one), 0.0, "one day of the week alone differs from nothing");
    }

    #[test]
    fn the_arrivals_of_a_weekend_are_the_swing_of_its_monday() {
        let (weeks, days) = (10.0, [10, 10, 10, 10, 10, 0, 0]);
        // 100 on each day and 50 on each of the weekend: 120 a working day, of which Monday has 200.
        let swing = swing_of_arrivals([2_000, 1_000, 1_000, 1_000, 1_000, 0, 0], days, weeks);
        assert!((swing - 80.0).abs() < 1e-9, "{swing}");
        let twice = swing_of_arrivals([1_300, 900, 900, 900, 1_000, 0, 0], days, weeks);
        assert!((twice - 30.0).abs() < 1e-9, "Friday has no more than the mean: {twice}");
        let turned = swing_of_arrivals([1_200, 900, 900, 900, 1_100, 0, 0], days, weeks);
        assert!((turned - 30.0).abs() < 1e-9, "from Friday to Monday: {turned}");
        // χ² is 2.0 with 4 degrees of freedom: the 90 % quantile is 7.8.
        assert_eq!(swing_of_arrivals([110, 100, 100, 100, 90, 0, 0], days, weeks), 0.0);
        assert_eq!(swing_of_arrivals([500, 0, 0, 0, 0, 0, 0], [10, 0, 0, 0, 0, 0, 0], weeks), 0.0);
        assert_eq!(swing_of_arrivals([0; WEEK], days, weeks), 0.0);
    }
}
