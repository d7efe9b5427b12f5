//! The statistics: pure functions over plain numbers, each with its published source.
//!
//! Rates and their intervals, tails of counts, change detectors with exact run lengths, conversion with
//! censored leads, false discovery, burn rates, quantiles of durations, and business time. Nothing here
//! knows what a lead is, keeps state between calls, reads a clock, or panics on its input.

pub mod benjamini_hochberg;
pub mod bernoulli_cusum;
pub mod binomial;
pub mod burn_rate;
pub mod business_time;
pub mod change_point;
pub mod chi_square;
pub mod counts;
pub mod cusum;
pub mod cusum_threshold;
pub mod day_clock;
pub mod interval;
pub mod kaplan_meier;
pub mod log_probability;
pub mod normal;
pub mod poisson;
pub mod poisson_cusum;
pub mod quantile;
pub mod rate_difference;
pub mod run_length;
pub mod two_proportion;

mod exact_tail;
mod incomplete_beta;
mod incomplete_gamma;
mod saddle_point;
mod tail_point;

#[cfg(test)]
mod vectors_tests;
