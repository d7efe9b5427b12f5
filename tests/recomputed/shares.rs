//! An alert of a rule that watches a share, worked out again: its outcomes, both detectors with their thresholds, and
//! what is usual.

use super::Worked;
use super::by_hand::{Z90, odds, same, wilson};

impl Worked<'_> {
    /// A watched share: its outcomes, and the detector over the rows.
    pub fn watched_share(&self) {
        let (n, bad) = (self.told("outcomes"), self.told("bad"));
        self.is_share(bad, n, 0.0);
        same("outcomes", self.figure("outcomes"), n);
        same("bad outcomes", self.figure("bad outcomes"), bad);
        let (p0, p1) = (self.figure("p0, taken for normal"), self.figure("p1, watched for"));
        let (scatter, h) = (self.figure("scatter"), self.figure("h, its threshold"));
        let (mut s, mut highest) = (0.0_f64, 0.0_f64);
        for row in &self.sum.outcomes.rows {
            let (n, bad) = (row.numbers[self.column("outcomes")], row.numbers[self.column("bad")]);
            let evidence = bad * (p1 / p0).ln() + (n - bad) * ((1.0 - p1) / (1.0 - p0)).ln();
            s = (s + evidence / scatter).max(0.0);
            highest = highest.max(s);
            assert!(
                (s - row.numbers[self.column("S")]).abs() < 1e-6,
                "S after {} is {s}",
                row.from.rfc3339()
            );
        }
        assert!((self.figure("S, the detector") - s).abs() < 1e-6);
        assert!(!self.fires() || highest >= h - 1e-6, "{}: {highest} is below {h}", self.alert.rule);
        self.usual_share(p0, scatter);
        let for_h = self.figure("outcomes for h");
        let alpha = self.figure("probability of a false alarm a month");
        self.threshold((p0, p1), (p0, p1), h, (for_h, alpha));
        if self.known("p2, the worst").is_some() {
            self.way_back(p0, p1, scatter);
        }
    }

    /// What is usual is Wilson's limit of outcomes that count as many as the scatter lets them, and so do those of a
    /// month, for which the threshold is solved.
    fn usual_share(&self, p0: f64, scatter: f64) {
        if let Some((bad, n)) = self.worth("p0") {
            let counted = self.counted("bad outcomes for p0") / self.counted("outcomes for p0");
            same("baseline", self.figure("baseline"), counted);
            let (_, upper) = wilson(bad, n, Z90);
            let above = (odds(p0) / odds(upper)).ln() / 1.02_f64.ln();
            assert!((-1e-6..1.0 + 1e-6).contains(&above), "{p0} is not {upper} rounded up");
            let power = odds(p0).ln() / 1.02_f64.ln();
            assert!((power - power.round()).abs() < 1e-6, "the odds of {p0} are no power of 1.02");
        } else {
            same("p0, as set", p0, self.figure("baseline"));
        }
        let reduced = (self.figure("outcomes a month") / scatter).ceil();
        let unit = 10_f64.powf((reduced.log10().floor() - 1.0).max(0.0));
        same("outcomes for h", self.figure("outcomes for h"), (reduced / unit).ceil() * unit);
        same("outcomes that h says", self.counted("h, its threshold"), self.figure("outcomes for h"));
    }

    /// The detector of the end, over the rows that are told of.
    fn way_back(&self, p0: f64, p1: f64, scatter: f64) {
        let (p2, [all, bad, s]) =
            (self.figure("p2, the worst"), ["outcomes", "bad", "S"].map(|of| self.column(of)));
        let told = self.sum.outcomes.rows.iter().filter(|row| row.from >= self.alert.window_start);
        let told: Vec<&[f64]> = told.map(|row| &row.numbers[..]).collect();
        let r = told.iter().fold(0.0_f64, |r, row| {
            let evidence = (row[all] - row[bad]) * ((1.0 - p0) / (1.0 - p2)).ln() + row[bad] * (p0 / p2).ln();
            (r + evidence / scatter).max(0.0)
        });
        assert!((self.figure("R, the detector of the end") - r).abs() < 1e-6, "R is {r}");
        if let Some((k, n)) = self.worth("the worst") {
            let highest = told.iter().map(|row| row[s]).fold(0.0, f64::max);
            let until = told.iter().rposition(|row| row[s] >= highest).expect("there are rows");
            let sum = |column: usize| told[..=until].iter().map(|row| row[column]).sum::<f64>();
            same("bad until S was highest", self.counted("bad outcomes for the worst"), sum(bad));
            same("all until S was highest", self.counted("outcomes for the worst"), sum(all));
            let (low, _) = wilson(k, n, Z90);
            let steps = ((odds(low) / odds(p1)).ln() / 1.5_f64.ln()).floor().max(0.0);
            assert!((odds(p2) / (odds(p1) * 1.5_f64.powf(steps)) - 1.0).abs() < 1e-6, "{p2} of {k} in {n}");
        } else {
            same("p2, of nothing", p2, p1);
        }
        let within = self.figure("outcomes for h").max((-0.05_f64.ln() / p2).ceil());
        same("outcomes for R", self.figure("outcomes for the threshold of R"), within);
        let h = self.figure("its threshold");
        if h > 0.0 {
            self.threshold((p2, p0), (p0, p2), h, (within, 0.05));
        }
    }

    /// A threshold of a chart from one share to another keeps its promise, and what a usual week swings is above it.
    fn threshold(&self, (from, to): (f64, f64), (p0, other): (f64, f64), h: f64, (n, alpha): (f64, f64)) {
        let swing = self.figure("swing") * (odds(other) / odds(p0)).ln().abs();
        self.promises.borrow_mut().of_shares((from, to), h - swing, n, alpha);
    }
}
