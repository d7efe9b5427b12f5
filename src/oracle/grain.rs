//! The grain of what is usual, so that it does not change with every day.

/// Baselines are rounded to powers of this.
const GRAIN: f64 = 1.02;

/// The smallest power of the grain that is not below a positive number.
pub(super) fn rounded_up(x: f64) -> f64 {
    let mut power = (x.ln() / GRAIN.ln()).ceil() as i32 + 2;
    while GRAIN.powi(power - 1) >= x {
        power -= 1;
    }
    GRAIN.powi(power)
}

/// The largest power of the grain that is not above a number; none for 0.
pub(super) fn rounded_down(x: f64) -> Option<f64> {
    if x <= 0.0 {
        return None;
    }
    let mut power = (x.ln() / GRAIN.ln()).floor() as i32 - 2;
    while GRAIN.powi(power + 1) <= x {
        power += 1;
    }
    Some(GRAIN.powi(power))
}
