//! What the difference between two rates is made of: another mix of parts, or other rates within them.
//!
//! Kitagawa, "Components of a difference between two rates" (Journal of the American Statistical Association 50,
//! 1955), which economists know as the decomposition of Oaxaca and Blinder: with a the share of a part in its
//! population and r its rate, ā and r̄ the means of both populations, the difference is Σ (a₁ − a₀) r̄ + Σ (r₁ − r₀) ā.
//! The rate of the whole is taken from r̄ of each part, which changes no sum: a part that grows carries something only
//! if its rate is another than that of the whole.

use super::two_proportion::Share;

/// A part of two populations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// In the first population.
    pub before: Share,
    /// In the second.
    pub after: Share,
}

/// What a part carries of the difference: all of these add up to the second rate less the first.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Carried {
    /// By being more or less of the whole.
    pub mix: f64,
    /// By its own rate.
    pub rate: f64,
}

/// What each part carries. A part that is missing in one population has there the rate of the other, so that it carries
/// by mix alone. Nothing where a whole population is empty.
pub fn decompose(parts: &[Part]) -> Vec<Carried> {
    let whole = |of: fn(&Part) -> Share| {
        let n: u64 = parts.iter().map(|part| of(part).n).sum();
        let k: u64 = parts.iter().map(|part| of(part).k.min(of(part).n)).sum();
        (n as f64, k as f64 / n as f64)
    };
    let ((n0, all0), (n1, all1)) = (whole(|part| part.before), whole(|part| part.after));
    if n0 == 0.0 || n1 == 0.0 {
        return vec![Carried::default(); parts.len()];
    }
    let middle = (all0 + all1) / 2.0;
    let of = |part: &Part| {
        let (r0, r1) = (part.before.proportion(), part.after.proportion());
        let (r0, r1) = (r0.or(r1).unwrap_or(0.0), r1.or(r0).unwrap_or(0.0));
        let (a0, a1) = (part.before.n as f64 / n0, part.after.n as f64 / n1);
        Carried { mix: (a1 - a0) * ((r0 + r1) / 2.0 - middle), rate: (r1 - r0) * (a0 + a1) / 2.0 }
    };
    parts.iter().map(of).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn part((k0, n0): (u64, u64), (k1, n1): (u64, u64)) -> Part {
        Part { before: Share { k: k0, n: n0 }, after: Share { k: k1, n: n1 } }
    }

    #[test]
    fn mix_and_rate_are_told_apart() {
        // Rates stay at 10 % and 30 %; the better part grows from half to three quarters.
        let mix = decompose(&[part((10, 100), (5, 50)), part((30, 100), (45, 150))]);
        assert!(mix.iter().all(|carried| carried.rate == 0.0));
        assert!((mix.iter().map(|carried| carried.mix).sum::<f64>() - 0.05).abs() < 1e-15);
        // The mix stays; one rate of 10 % becomes 20 %, in half of all.
        let rate = decompose(&[part((10, 100), (20, 100)), part((30, 100), (30, 100))]);
        assert_eq!((rate[0].mix, rate[1]), (0.0, Carried::default()));
        assert!((rate[0].rate - 0.05).abs() < 1e-15);
        // By hand, after Kitagawa's formula: a part that is new brings its own rate.
        let new = decompose(&[part((10, 100), (10, 100)), part((0, 0), (50, 100))]);
        assert!((new[1].mix - 0.5 * (0.5 - 0.2)).abs() < 1e-15 && new[1].rate == 0.0, "{new:?}");
        assert!((new[0].mix - -0.5 * (0.1 - 0.2)).abs() < 1e-15, "{new:?}");
        assert_eq!(decompose(&[part((0, 0), (5, 10))]), [Carried::default()]);
        assert_eq!(decompose(&[]), []);
    }

    proptest! {
        #[test]
        fn what_the_parts_carry_adds_up(
            parts in prop::collection::vec((0u64..50, 0u64..50, 0u64..50, 0u64..50), 1..8),
        ) {
            let parts: Vec<Part> =
                parts.iter().map(|&(a, b, c, d)| part((a, a + b), (c, c + d))).collect();
            let rate = |of: fn(&Part) -> Share| {
                let (k, n) = parts.iter().fold((0, 0), |(k, n), p| (k + of(p).k, n + of(p).n));
                (n > 0).then(|| k as f64 / n as f64)
            };
            let (before, after) = (rate(|part| part.before), rate(|part| part.after));
            let sum: f64 = decompose(&parts).iter().map(|carried| carried.mix + carried.rate).sum();
            let difference = before.zip(after).map_or(0.0, |(before, after)| after - before);
            prop_assert!((sum - difference).abs() < 1e-12);
        }
    }
}
