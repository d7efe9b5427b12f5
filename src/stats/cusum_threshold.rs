//! The smallest threshold of a chart that keeps a promise about false alarms.
//!
//! P(alarm within n observations) is a step function of the threshold h that jumps at values which S can
//! take. The smallest good threshold is thus an infimum that is not itself good: S >= h still alarms there.
//! It is found exactly: a bracket by log-linear steps, then a search among the attainable values inside it.

use super::cusum::{Chart, CusumError, MOST_OBSERVATIONS};
use super::run_length::RunLength;

/// Where the probability of a false alarm comes down to what was asked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Threshold {
    /// The infimum of the good thresholds; itself not good, for there S >= h still alarms too often. 0 where
    /// any positive threshold will do.
    pub infimum: f64,
    /// The next value above it that S might take within the observations: all thresholds between the two
    /// alarm alike. None where the infimum is 0, or no such value is within reach.
    pub next: Option<f64>,
    /// A threshold to use: strictly between the two, out of the reach of rounding. Infinite where no course of the
    /// observations is rare enough: a finite one would be passed soon after them, whatever the truth.
    pub usable: f64,
    /// The probability of a false alarm within the observations for that threshold.
    pub false_alarm: f64,
    /// The same for alarm at S >= infimum, which is too much.
    pub false_alarm_at_infimum: f64,
}

/// A bracket narrow enough to list its attainable values holds about so many.
const LISTED: f64 = 1_000.0;

/// Thresholds tried before the search is given up; ten are usual.
const MOST_TRIES: u32 = 100;

/// So far above the infimum no rounding of a sum of weights reaches, and the alarm comes hardly later.
const CLEAR: f64 = 1e-6;

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
    tries: u32,
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
    let mut search = Search { chart, n, alpha, low, high, tries: 0 };
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
    fn tried(&mut self, h: f64) -> Result<Tried, CusumError> {
        self.tries += 1;
        if self.tries > MOST_TRIES {
            return Err(CusumError::TooMuchWork);
        }
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

    /// Finds a threshold that is good: from Siegmund's corrected diffusion ("Sequential Analysis", 1985, X),
    /// then up, since a log-likelihood of 1 more makes alarms about e times rarer.
    fn find_high(&mut self) -> Result<(), CusumError> {
        let unit = self.chart.log_likelihood_unit();
        let (fall, deviation) = self.chart.drift();
        let alarms = (self.n as f64 * fall).ln() - ln_alarms(self.alpha);
        let mut h = (alarms - 1.166 * deviation).max(0.3) / unit;
        while self.high.p == 0.0 && h < self.high.h {
            self.move_to(h)?;
            let excess = self.low.ln_alarms() - ln_alarms(self.alpha);
            // The step grows with the tries, lest a law that is far from this one take thousands.
            let step = (1.1 * excess).clamp(0.01, 3.0) * f64::from(self.tries).powi(2) / 4.0;
            h = self.low.h + step / unit;
        }
        Ok(())
    }

    fn width(&self) -> f64 {
        self.high.h - self.low.h
    }

    /// A threshold a little beyond where the wanted number of alarms seems to be, seen from the nearer end:
    /// it becomes the nearer end on the other side, so that the bracket shrinks from both.
    fn aim(&self) -> f64 {
        let wanted = ln_alarms(self.alpha);
        let (low, high) = (self.low.ln_alarms() - wanted, wanted - self.high.ln_alarms());
        let margin = 0.01 * self.width();
        let slope = (low + high) / self.width();
        if !slope.is_finite() {
            let unit = self.chart.log_likelihood_unit();
            let step =
                if low.is_finite() { self.low.h + 1.1 * low / unit } else { self.high.h - 1.1 * high / unit };
            let middle = self.low.h + self.width() / 2.0;
            return if step > self.low.h + margin && step < self.high.h - margin { step } else { middle };
        }
        let aim = if low < high { self.low.h + 1.1 * low / slope } else { self.high.h - 1.1 * high / slope };
        aim.clamp(self.low.h + margin, self.high.h - margin)
    }

    /// Narrows the bracket until its attainable values can be listed.
    fn narrow(&mut self) -> Result<(), CusumError> {
        let most_width = LISTED * self.chart.spacing() / self.n as f64;
        let mut turns = 0;
        while self.width() > most_width && self.width() > self.chart.tie(self.n) {
            turns += 1;
            let middle = self.low.h + self.width() / 2.0;
            self.move_to(if turns % 4 == 0 { middle } else { self.aim() })?;
        }
        Ok(())
    }

    /// Searches among the attainable values of the bracket, of which one is the infimum.
    fn choose(mut self) -> Result<Threshold, CusumError> {
        let tie = self.chart.tie(self.n);
        let mut values = self.chart.attainable(self.low.h, self.high.h, self.n);
        values.dedup_by(|later, earlier| *later - *earlier <= tie);
        let mut turns = 0;
        while values.len() > 1 {
            turns += 1;
            let aim = values.partition_point(|&value| value < self.aim());
            let split = if turns % 4 == 0 { values.len() / 2 } else { aim.clamp(1, values.len() - 1) };
            self.move_to(values[split - 1] + (values[split] - values[split - 1]) / 2.0)?;
            if self.low.h > values[split - 1] {
                values.drain(..split);
            } else {
                values.truncate(split);
            }
        }
        let infimum = values.first().copied().unwrap_or(self.high.h);
        let next = self.next_above(infimum + tie);
        let half_way = next.map_or(f64::INFINITY, |next| (next - infimum) / 2.0);
        let is_reachable = self.high.p > 0.0;
        let clear = infimum + half_way.min(f64::max(CLEAR, 2.0 * tie));
        let usable = if is_reachable { clear } else { f64::INFINITY };
        Ok(Threshold { infimum, next, usable, false_alarm: self.high.p, false_alarm_at_infimum: self.low.p })
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
