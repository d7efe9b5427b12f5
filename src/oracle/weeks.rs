//! By how much a share goes up and down from week to week, and it or a number of arrivals within a usual one.

use super::outcomes::Outcomes;
use crate::stats::chi_square;

/// With fewer weeks nothing is said of their scatter.
const LEAST_WEEKS: usize = 8;
const MOST_SCATTER: f64 = 20.0;

/// By how much more than by chance alone the whole weeks of the days `[from, to)` differ, counted from the end.
pub(super) fn scatter(outcomes: &Outcomes, from: i32, to: i32) -> f64 {
    let starts = (1..).map(|i| to - 7 * i).take_while(|&start| start >= from);
    let weeks: Vec<(u64, u64)> =
        starts.map(|start| outcomes.sum(start, start + 7)).filter(|&(n, _)| n > 0).collect();
    let (n, bad) = weeks.iter().fold((0, 0), |sum, week| (sum.0 + week.0, sum.1 + week.1));
    if weeks.len() < LEAST_WEEKS || bad == 0 || bad >= n {
        return 1.0;
    }
    let q = bad as f64 / n as f64;
    let off = |&(n, bad): &(u64, u64)| (bad as f64 - n as f64 * q).powi(2) / (n as f64 * q * (1.0 - q));
    let chi_square: f64 = weeks.iter().map(off).sum();
    let freedom = (weeks.len() - 1) as f64;
    if chi_square > chi_square::quantile(freedom, 0.9) {
        (chi_square / freedom).clamp(1.0, MOST_SCATTER)
    } else {
        1.0
    }
}

/// The most bad outcomes that weekdays which follow each other have beyond the share of all, over the scatter, in all
/// of these days (each with its outcomes and the bad ones of them); 0 where weekdays differ by no more than by chance.
pub(super) fn swing(days: impl Iterator<Item = (i32, (u64, u64))>, scatter: f64) -> f64 {
    let mut of_weekday = [(0.0, 0.0); 7];
    for (day, (n, bad)) in days {
        let sum = &mut of_weekday[day.rem_euclid(7) as usize];
        *sum = (sum.0 + n as f64, sum.1 + bad as f64);
    }
    let (mut n, mut bad) = (0.0, 0.0);
    for weekday in of_weekday {
        n += weekday.0;
        bad += weekday.1;
    }
    if bad == 0.0 || bad >= n {
        return 0.0;
    }
    let q = bad / n;
    let (mut chi_square, mut weekdays) = (0.0, 0);
    for (n, bad) in of_weekday {
        if n > 0.0 {
            weekdays += 1;
            chi_square += (bad - n * q).powi(2) / (n * q * (1.0 - q)) / scatter;
        }
    }
    if weekdays < 2 || chi_square <= chi_square::quantile(f64::from(weekdays - 1), 0.9) {
        return 0.0;
    }
    let mut most: f64 = 0.0;
    for first in 0..7 {
        for length in 1..7 {
            let stretch = (first..first + length).map(|day| of_weekday[day % 7]);
            most = most.max(stretch.map(|(n, bad)| bad - n * q).sum());
        }
    }
    most / scatter
}

/// The most that weekdays which follow each other have beyond the mean of all, of weekdays each with what came on them
/// and how many of them there were; 0 where they differ by no more than by chance.
pub(super) fn most_of_a_week(weekdays: Vec<(f64, f64)>) -> f64 {
    let came: f64 = weekdays.iter().map(|of| of.0).sum();
    let all: f64 = weekdays.iter().map(|of| of.1).sum();
    let known: Vec<f64> =
        weekdays.iter().map(|&(_, days)| days * came / all).filter(|of| *of > 0.0).collect();
    if known.len() < 2 {
        return 0.0;
    }
    let beyond: Vec<f64> = weekdays
        .iter()
        .map(|&(n, days)| if days * came / all > 0.0 { n - days * came / all } else { 0.0 })
        .collect();
    let off = weekdays.iter().zip(&beyond).filter(|(of, _)| of.1 * came / all > 0.0);
    let chi_square: f64 = off.map(|(of, beyond)| beyond * beyond / (of.1 * came / all)).sum();
    if chi_square <= chi_square::quantile((known.len() - 1) as f64, 0.9) {
        return 0.0;
    }
    let mut most: f64 = 0.0;
    for first in 0..7 {
        for length in 1..7 {
            most = most.max((first..first + length).map(|day| beyond[day % 7]).sum());
        }
    }
    most
}
