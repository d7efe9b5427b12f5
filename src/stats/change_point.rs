//! From where on the proportion in a sequence of counts was another one than the usual.
//!
//! The likeliest place, the usual proportion known and the other one not: Samuel and Pignatiello, "Identifying the time
//! of a step change in the process fraction nonconforming" (Quality Engineering 13, 2001). Unlike the last visit of a
//! CUSUM to 0 it is not drawn to an earlier place where the change is larger than the one that the chart was set for.

use super::two_proportion::Share;

/// The index from which on the proportion is likeliest to be another one than `usual`, a higher one (`rises`) or a
/// lower one: the earliest of several, and never that of a slice without trials. None where there is no such index, or
/// where `usual` is not strictly between 0 and 1.
pub fn likeliest(slices: &[Share], usual: f64, rises: bool) -> Option<usize> {
    if !(usual > 0.0 && usual < 1.0) {
        return None;
    }
    let (mut k, mut n) = (0, 0);
    let mut best: Option<(usize, f64)> = None;
    for (i, slice) in slices.iter().enumerate().rev() {
        (k, n) = (k + slice.k.min(slice.n), n + slice.n);
        let is_so = if rises { k as f64 > usual * n as f64 } else { (k as f64) < usual * n as f64 };
        let gain = gain(k, n, usual);
        if slice.n > 0 && is_so && best.is_none_or(|(_, least)| gain >= least) {
            best = Some((i, gain));
        }
    }
    best.map(|(i, _)| i)
}

/// By how much k successes in n trials are likelier at their own proportion than at the usual one, in ln.
fn gain(k: u64, n: u64, usual: f64) -> f64 {
    let part = |x: u64, p: f64| if x == 0 { 0.0 } else { x as f64 * (x as f64 / n as f64 / p).ln() };
    part(k, usual) + part(n - k, 1.0 - usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slices(counts: &[(u64, u64)]) -> Vec<Share> {
        counts.iter().map(|&(k, n)| Share { k, n }).collect()
    }

    #[test]
    fn a_change_is_found_where_it_is() {
        let rise = slices(&[(1, 10), (2, 10), (1, 10), (0, 0), (5, 10), (4, 10), (6, 10)]);
        assert_eq!(likeliest(&rise, 0.15, true), Some(4), "a slice without trials begins nothing");
        let fall = slices(&[(5, 10), (4, 10), (6, 10), (1, 10), (2, 10)]);
        assert_eq!(likeliest(&fall, 0.5, false), Some(3));
        assert_eq!(likeliest(&fall, 0.7, true), None, "nothing is above that");
        assert_eq!(likeliest(&[], 0.5, true), None);
        assert_eq!(likeliest(&rise, 0.0, true), None);
    }

    #[test]
    fn a_small_change_before_a_large_one_does_not_take_its_place() {
        let steps = slices(&[(1, 100), (1, 100), (2, 100), (2, 100), (2, 100), (12, 100), (12, 100)]);
        assert_eq!(likeliest(&steps, 0.01, true), Some(5));
    }

    #[test]
    fn the_gain_is_that_of_every_single_trial() {
        let by_hand = 3.0 * (0.3f64 / 0.1).ln() + 7.0 * (0.7f64 / 0.9).ln();
        assert!((gain(3, 10, 0.1) - by_hand).abs() < 1e-12);
        assert!((gain(0, 7, 0.1) - 7.0 * (1.0f64 / 0.9).ln()).abs() < 1e-12);
        assert_eq!(gain(0, 0, 0.1), 0.0);
    }
}
