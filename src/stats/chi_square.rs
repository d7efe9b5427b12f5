//! The χ² distribution.

use statrs::distribution::{ChiSquared, ContinuousCDF as _};

/// The value that a χ² with so many degrees of freedom stays below with probability `p`; infinite without freedom.
pub fn quantile(freedom: f64, p: f64) -> f64 {
    ChiSquared::new(freedom).map_or(f64::INFINITY, |chi_square| chi_square.inverse_cdf(p))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From tables of the distribution.
    #[test]
    fn quantiles_are_those_of_the_tables() {
        for (freedom, p, value) in
            [(1.0, 0.95, 3.841), (7.0, 0.9, 12.017), (25.0, 0.9, 34.382), (25.0, 0.5, 24.337)]
        {
            assert!((quantile(freedom, p) - value).abs() < 1e-3, "{freedom} {p}");
        }
        assert_eq!(quantile(0.0, 0.9), f64::INFINITY);
    }
}
