//! Where the tail of a continuous distribution has a wanted probability.
//!
//! Newton's method on the logarithm of the tail, which is concave for the beta and gamma distributions used
//! here, inside a bracket that always holds the answer: a step that leaves it is a bisection instead.

/// The side of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tail {
    /// Values below the point: grows with it.
    Lower,
    /// Values above the point: shrinks with it.
    Upper,
}

/// Where to look, and where to begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bracket {
    pub(crate) low: f64,
    /// May be infinite.
    pub(crate) high: f64,
    pub(crate) start: f64,
}

/// The x at which the tail has the logarithm `ln_wanted`; `at(x)` gives the logarithms of tail and density.
pub(crate) fn tail_point(side: Tail, within: Bracket, ln_wanted: f64, at: impl Fn(f64) -> (f64, f64)) -> f64 {
    let Bracket { mut low, mut high, start } = within;
    let mut x = start;
    for _ in 0..500 {
        let (ln_tail, ln_density) = at(x);
        let too_much = ln_tail - ln_wanted;
        if (too_much > 0.0) == (side == Tail::Lower) {
            high = high.min(x);
        } else {
            low = low.max(x);
        }
        let slope = (ln_density - ln_tail).exp();
        let step = if side == Tail::Lower { too_much / slope } else { -too_much / slope };
        let newton = x - step;
        let next = if newton > low && newton < high {
            newton
        } else if high.is_finite() {
            low + (high - low) / 2.0
        } else {
            2.0 * x
        };
        if (next - x).abs() <= 1e-15 * x {
            return next;
        }
        x = next;
    }
    x
}
