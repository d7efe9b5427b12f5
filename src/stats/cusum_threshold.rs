//! The smallest threshold of a chart that keeps a promise about false alarms.
//!
//! P(alarm within n observations) is a step function of the threshold h that jumps at values which S can take. The
//! smallest good threshold is thus an infimum that is not itself good: S >= h still alarms there. It is found exactly:
//! a bracket by log-linear steps, then a search among the attainable values inside it.

use super::cusum::{Chart, CusumError, MOST_OBSERVATIONS};
use super::run_length::RunLength;

/// Where the probability of a false alarm comes down to what was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The infimum of the good thresholds; itself not good, for there S >= h still alarms too often. 0 where any
    /// positive threshold will do.
    pub infimum: f64,
    /// The next value above it that S can take within the observations: all thresholds between the two are the same.
    /// None where the infimum is 0, or no such value is within reach.
    pub next: Option<f64>,
    /// A threshold to use: strictly between the two, out of the reach of rounding.
    pub usable: f64,
    /// The probability of a false alarm within the observations for that threshold.
    pub false_alarm: f64,
    /// The same for alarm at S >= infimum, which is too much.
    pub false_alarm_at_infimum: f64,
}

/// A bracket narrow enough to list its attainable values holds about so many.
const LISTED: f64 = 1_000.0;

/// A threshold and its probability of a false alarm.
#[derive(Clone, Copy)]
struct Tried {
    h: f64,
    p: f64,
}

impl Tried {
    /// Logarithm of the expected number of alarms, nearly linear in h.
    fn ln_alarms(self) -> f64 {
        ln_alarms(self.p)
    }
}

fn ln_alarms(p: f64) -> f64 {
    (-(-p).ln_1p()).ln()
}

struct Search<'a, C> {
    chart: &'a C,
    n: u64,
    alpha: f64,
    /// Too many false alarms.
    low: Tried,
    /// Few enough.
    high: Tried,
}

/// The smallest threshold for which P(alarm within `n` observations) <= `alpha` in control.
pub(crate) fn smallest(chart: &impl Chart, n: u64, alpha: f64) -> Result<Threshold, CusumError> {
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(CusumError::FalseAlarm(alpha));
    }
    if n == 0 || n > MOST_OBSERVATIONS {
        return Err(CusumError::Observations(n));
    }
    let low = Tried { h: 0.0, p: 1.0 };
    let high = Tried { h: chart.ceiling(n) + 2.0 * chart.tie(n), p: 0.0 };
    let mut search = Search { chart, n, alpha, low, high };
    let least = search.tried(chart.tie(n))?;
    if least.p <= alpha {
        return Ok(Threshold {
            infimum: 0.0,
            next: None,
            usable: 2.0 * chart.tie(n),
            false_alarm: least.p,
            false_alarm_at_infimum: 1.0,
        });
    }
    search.low = least;
    search.find_high()?;
    search.narrow()?;
    search.choose()
}

impl<C: Chart> Search<'_, C> {
    fn tried(&self, h: f64) -> Result<Tried, CusumError> {
        let excursion = self.chart.excursion(h, self.n)?;
        Ok(Tried { h, p: RunLength::of(excursion).within(self.n)? })
    }

    /// Tries a threshold and moves the end of the bracket to it.
    fn move_to(&mut self, h: f64) -> Result<(), CusumError> {
        let tried = self.tried(h)?;
        if tried.p > self.alpha {
            self.low = tried;
        } else {
            self.high = tried;
        }
        Ok(())
    }

    /// Steps up until the threshold is good: a log-likelihood of 1 more makes alarms about e times rarer.
    fn find_high(&mut self) -> Result<(), CusumError> {
        let unit = self.chart.log_likelihood_unit();
        let mut h = 3.0 / unit;
        while self.high.p == 0.0 && h < self.high.h {
            self.move_to(h)?;
            let excess = self.low.ln_alarms() - ln_alarms(self.alpha);
            h = self.low.h + (excess.clamp(0.0, 3.0) + 0.05) / unit;
        }
        Ok(())
    }

    /// Narrows the bracket until its attainable values can be listed.
    fn narrow(&mut self) -> Result<(), CusumError> {
        let most_width = LISTED * self.chart.spacing() / self.n as f64;
        let mut upper_side = true;
        while self.width() > most_width && self.width() > self.chart.tie(self.n) {
            let aim = self.interpolated();
            // Once a little above and once a little below, so that both ends move.
            let pad = if upper_side { 0.05 } else { -0.05 } * self.width();
            upper_side = !upper_side;
            let margin = 0.02 * self.width();
            self.move_to((aim + pad).clamp(self.low.h + margin, self.high.h - margin))?;
        }
        Ok(())
    }

    fn width(&self) -> f64 {
        self.high.h - self.low.h
    }

    /// Where the straight line through the ends meets the wanted number of alarms; the middle where an end has none.
    fn interpolated(&self) -> f64 {
        let (low, high) = (self.low.ln_alarms(), self.high.ln_alarms());
        let part = (low - ln_alarms(self.alpha)) / (low - high);
        let part = if part.is_finite() && high.is_finite() { part.clamp(0.0, 1.0) } else { 0.5 };
        self.low.h + part * self.width()
    }

    /// Searches among the attainable values of the bracket, of which one is the infimum.
    fn choose(mut self) -> Result<Threshold, CusumError> {
        let tie = self.chart.tie(self.n);
        let mut values = self.chart.attainable(self.low.h, self.high.h, self.n);
        values.dedup_by(|later, earlier| *later - *earlier <= tie);
        let mut turns = 0;
        while values.len() > 1 {
            turns += 1;
            let aim = values.partition_point(|&value| value < self.interpolated());
            let split = if turns % 3 == 0 { values.len() / 2 } else { aim.clamp(1, values.len() - 1) };
            self.move_to(values[split - 1] + (values[split] - values[split - 1]) / 2.0)?;
            if self.low.h > values[split - 1] {
                values.drain(..split);
            } else {
                values.truncate(split);
            }
        }
        let infimum = values.first().copied().unwrap_or(self.high.h);
        let next = self.next_above(infimum + tie);
        Ok(Threshold {
            infimum,
            next,
            usable: next.map_or(infimum + 2.0 * tie, |next| infimum + (next - infimum) / 2.0),
            false_alarm: self.high.p,
            false_alarm_at_infimum: self.low.p,
        })
    }

    fn next_above(&self, h: f64) -> Option<f64> {
        let spacing = self.chart.spacing();
        let mut width = 4.0 * spacing / self.n as f64;
        loop {
            let next = self.chart.attainable(h, h + width, self.n).first().copied();
            if next.is_some() || width > 2.0 * spacing {
                return next;
            }
            width *= 4.0;
        }
    }
}
