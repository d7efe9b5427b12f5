//! What varies though nobody means it: some weeks are better than others, and some reps.
//!
//! Counts and shares of a real company scatter more than chance alone would have them. Each week has a factor of its
//! own for everything that may vary, and each rep has his ways; how far they reach is the scenario's `noise`. A factor
//! is log-normal with mean 1. At noise 0 all are 1.

use super::life::REASONS;
use super::sampling::{Concern, Dice};
use super::scenario::Scenario;
use super::working_hours::day_of;
use crate::model::EventTime;

/// What varies from week to week.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mood {
    /// How many leads come.
    Volume,
    /// How many of them become MQLs, as odds.
    Qualifying,
    /// How many MQLs become SQLs, as odds.
    Quality,
    /// How many SQLs are won, as odds.
    Winning,
    /// How long sales takes for a first touch and a verdict.
    Delay,
    /// How many leads are forgotten.
    Neglect,
    /// How many verdicts come without a reason, as odds.
    Reasonless,
    /// How long leads and deals stay where they are.
    Pace,
    /// How often marketing is in touch with open deals.
    Contact,
    /// How much of what is used sales wrote, as odds.
    Authorship,
    /// How often each reason is given; the first of as many as there are.
    Reason,
}

/// How far each varies at noise 1, as the standard deviation of its logarithm; the last for each reason.
const SPREADS: [f64; 11] = [0.25, 0.2, 0.25, 0.3, 0.3, 0.5, 0.5, 0.2, 0.3, 0.4, 0.3];
/// How far reps differ at noise 1: in their delay, and in the odds that they give no reason or use their own content.
const REP_DELAY: f64 = 0.5;
const REP_WAYS: f64 = 0.8;
/// Factors of a week.
const FACTORS: usize = SPREADS.len() - 1 + REASONS.len();

/// The factors of every week and rep.
#[derive(Clone, Debug)]
pub(super) struct Moods {
    first_week: i64,
    weeks: Vec<[f64; FACTORS]>,
    reps: Vec<Ways>,
}

/// The ways of a rep.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ways {
    /// How long it takes, as a multiple of the usual.
    pub(super) delay: f64,
    /// The odds that it gives no reason, as a multiple of the usual.
    pub(super) reasonless: f64,
    /// The odds that it uses its own content, as a multiple of the usual.
    pub(super) authorship: f64,
}

/// Weeks from Monday, counted from 1970.
fn week_of(at: EventTime) -> i64 {
    (day_of(at) + 3).div_euclid(7)
}

fn factor(spread: f64, dice: &mut Dice) -> f64 {
    libm::exp(spread * dice.normal() - spread * spread / 2.0)
}

impl Moods {
    /// The factors of a scenario.
    pub(super) fn of(scenario: &Scenario) -> Moods {
        let first_week = week_of(scenario.start);
        let week = |number: i64| {
            let mut dice = Dice::new(scenario.seed, Concern::Moods, number as u64);
            let spread = |place: usize| scenario.noise * SPREADS[place.min(SPREADS.len() - 1)];
            std::array::from_fn(|place| factor(spread(place), &mut dice))
        };
        let rep = |number: u64| {
            let mut dice = Dice::new(scenario.seed, Concern::Reps, number);
            let mut way = |spread: f64| factor(scenario.noise * spread, &mut dice);
            Ways { delay: way(REP_DELAY), reasonless: way(REP_WAYS), authorship: way(REP_WAYS) }
        };
        Moods {
            first_week,
            weeks: (first_week..=week_of(scenario.end())).map(week).collect(),
            reps: (1..=u64::from(scenario.company.reps)).map(rep).collect(),
        }
    }

    /// The factor of a week.
    pub(super) fn factor(&self, mood: Mood, at: EventTime) -> f64 {
        self.week(at)[mood as usize]
    }

    /// The factor of a reason, by its place in the list.
    pub(super) fn of_reason(&self, place: usize, at: EventTime) -> f64 {
        self.week(at)[Mood::Reason as usize + place]
    }

    /// A share whose odds vary.
    pub(super) fn share(&self, usual: f64, mood: Mood, at: EventTime) -> f64 {
        tilted(usual, self.factor(mood, at))
    }

    /// The ways of a rep, counted from 0.
    pub(super) fn rep(&self, place: usize) -> Ways {
        self.reps[place.min(self.reps.len() - 1)]
    }

    /// What happens after the end is not told, and may be as in the last week.
    fn week(&self, at: EventTime) -> &[f64; FACTORS] {
        let place = (week_of(at) - self.first_week).clamp(0, self.weeks.len() as i64 - 1);
        &self.weeks[place as usize]
    }
}

/// The share whose odds are a multiple of those of `share`.
pub(super) fn tilted(share: f64, odds_factor: f64) -> f64 {
    let odds = share * odds_factor;
    odds / (1.0 - share + odds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_company_without_noise_is_always_in_the_same_mood() {
        let scenario = Scenario { noise: 0.0, ..Scenario::default() };
        let moods = Moods::of(&scenario);
        for week in 0..13 {
            let at = scenario.day(7 * week);
            assert_eq!(moods.factor(Mood::Volume, at), 1.0);
            assert_eq!(moods.of_reason(REASONS.len() - 1, at), 1.0);
            assert_eq!(moods.share(0.3, Mood::Quality, at), 0.3);
        }
        assert_eq!(moods.rep(3).delay, 1.0);
    }

    #[test]
    fn factors_have_mean_one_and_the_stated_spread() {
        let scenario = Scenario { noise: 1.0, days: 7 * 2_000, ..Scenario::default() };
        let moods = Moods::of(&scenario);
        let all: Vec<f64> =
            (0..2_000).map(|week| moods.factor(Mood::Volume, scenario.day(7 * week))).collect();
        let mean = all.iter().sum::<f64>() / 2_000.0;
        let variance = all.iter().map(|factor| (factor - mean).powi(2)).sum::<f64>() / 2_000.0;
        // e^(0.25^2) - 1 = 0.0645 is the variance of such a factor; five standard errors.
        assert!((mean - 1.0).abs() < 5.0 * (0.0645_f64 / 2_000.0).sqrt(), "{mean}");
        assert!((variance - 0.0645).abs() < 0.013, "{variance}");
    }

    #[test]
    fn odds_are_multiplied() {
        assert_eq!(tilted(0.5, 1.0), 0.5);
        assert!((tilted(0.2, 4.0) - 0.5).abs() < 1e-12);
        assert_eq!((tilted(0.0, 3.0), tilted(1.0, 3.0)), (0.0, 1.0));
    }
}
