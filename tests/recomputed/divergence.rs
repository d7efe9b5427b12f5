//! An alert of `divergence`, worked out again: its MQLs, the detector of quality, what is usual, all four thresholds.
//! Never the detector of volume: the sum does not say which days are business days.

use rapport::model::explanation::Row;

use super::Worked;
use super::by_hand::{Z90, garwood, same, wilson};

impl Worked<'_> {
    pub fn divergence(&self) {
        let quality = self.column("S of quality");
        let matured: Vec<_> =
            self.sum.outcomes.rows.iter().filter(|row| row.numbers.len() > quality).collect();
        let h = self.figure("threshold of quality");
        let reached = matured.iter().rposition(|row| row.numbers[quality] >= h);
        // The first after S was last 0 before that.
        let first = reached.map_or(0, |last| {
            matured[..last].iter().rposition(|row| row.numbers[quality] == 0.0).map_or(0, |zero| zero + 1)
        });
        let told = |column: usize| matured[first..].iter().map(|row| row.numbers[column]).sum::<f64>();
        let (n, k) = (told(self.column("MQLs")), told(self.column("converted")));
        same("matured MQLs", self.figure("matured MQLs"), n);
        same("converted", self.figure("converted"), k);
        self.is_share(k, n, 0.0);
        assert!(!self.fires() || reached.is_some());
        self.usual_divergence(&matured);
    }

    /// What is usual is the limit of what was counted, thresholds are solved for the MQLs of a month, and S goes over
    /// the rows.
    fn usual_divergence(&self, matured: &[&Row]) {
        let (p0, p1, lambda0) = (
            self.figure("p0, taken for normal"),
            self.figure("p1, watched for"),
            self.figure("lambda0, taken for normal"),
        );
        let is_power = |of: f64| {
            let power = of.ln() / 1.02_f64.ln();
            (power - power.round()).abs() < 1e-6
        };
        if self.is_learned("baseline") {
            let [k, n, ..] = self.numbers("baseline")[..] else { panic!("no counts") };
            same("baseline", self.figure("baseline"), k / n);
            assert_eq!(self.numbers_after("p0, taken for normal", " of "), [k, n]);
            let below = (wilson(k, n, Z90).0 / p0).ln() / 1.02_f64.ln();
            assert!(is_power(p0) && (-1e-6..1.0 + 1e-6).contains(&below), "{p0} of {k} in {n}");
            let [mqls, days, ..] = self.numbers("MQLs a business day as usual")[..] else {
                panic!("no counts")
            };
            same("MQLs a business day", self.figure("MQLs a business day as usual"), mqls / days);
            assert_eq!(self.numbers_after("lambda0, taken for normal", " of "), [mqls, days]);
            let above = (lambda0 / (garwood(mqls, 0.05).1 / days)).ln() / 1.02_f64.ln();
            assert!(
                is_power(lambda0) && (-1e-6..1.0 + 1e-6).contains(&above),
                "{lambda0} of {mqls} in {days}"
            );
        }
        same("MQLs of a month", self.figure("MQLs of a month"), (21.0 * lambda0).round().max(1.0));
        assert_eq!(self.numbers_after("threshold of quality", " in ")[0], self.figure("MQLs of a month"));
        let [mqls, converted, at] = ["MQLs", "converted", "S of quality"].map(|of| self.column(of));
        let mut s = 0.0_f64;
        for row in matured {
            let (n, k) = (row.numbers[mqls], row.numbers[converted]);
            s = (s + k * (p1 / p0).ln() + (n - k) * ((1.0 - p1) / (1.0 - p0)).ln()).max(0.0);
            assert!((s - row.numbers[at]).abs() < 1e-6, "S of quality after {} is {s}", row.from.rfc3339());
        }
        assert!((self.figure("S of quality") - s).abs() < 1e-6);
        self.thresholds(p0, p1, lambda0);
        if self.known("p2, the worst").is_some() {
            self.worst_divergence(p1);
        }
    }

    /// The worst that was told of, from which what ends an alert goes back.
    fn worst_divergence(&self, p1: f64) {
        let (p2, lambda2) = (self.figure("p2, the worst"), self.figure("lambda2, the most"));
        let lambda1 = self.figure("lambda1, watched for");
        let step = |by: f64| 1.25_f64.powf((by.ln() / 1.25_f64.ln()).floor().max(0.0));
        match self.numbers_after("lambda2, the most", " of ")[..] {
            [mqls, days] => {
                let low = garwood(mqls, 0.05).0 / days;
                assert!(
                    (lambda2 / (lambda1 * step(low / lambda1)) - 1.0).abs() < 1e-6,
                    "{lambda2} of {mqls}"
                );
            }
            _ => same("lambda2, of nothing", lambda2, self.figure("lambda0, taken for normal")),
        }
        match self.numbers_after("p2, the worst", " of ")[..] {
            [k, n] => {
                let high = wilson(k, n, Z90).1;
                assert!((p2 / (p1 / step(p1 / high)) - 1.0).abs() < 1e-6, "{p2} of {k} in {n}");
            }
            _ => same("p2, of nothing", p2, self.figure("p0, taken for normal")),
        }
    }

    /// The thresholds of both detectors, and of both of the end.
    fn thresholds(&self, p0: f64, p1: f64, lambda0: f64) {
        let (alpha, leads) =
            (self.figure("probability of a false alarm a month, each"), self.figure("MQLs of a month"));
        let (swing, lambda1) = (self.figure("swing"), self.figure("lambda1, watched for"));
        let mut promises = self.promises.borrow_mut();
        promises.of_counts((lambda0, lambda1), self.figure("threshold of volume") - swing, alpha);
        promises.of_shares((p0, p1), self.figure("threshold of quality"), leads, alpha);
        if let Some(h) = self.known("threshold of R of volume").filter(|h| *h > 0.0) {
            promises.of_counts((self.figure("lambda2, the most"), lambda0), h - swing, 0.05);
        }
        if let Some(h) = self.known("threshold of R of quality").filter(|h| *h > 0.0) {
            promises.of_shares((self.figure("p2, the worst"), p0), h, leads, 0.05);
        }
    }
}
