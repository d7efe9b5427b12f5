//! Every alert of every story is worked out again from nothing but the figures and rows by which it is explained, as a
//! person with a calculator would, and comes to what the alert says.

use std::collections::BTreeSet;
use std::path::Path;

use rapport::funnel::signs::rule::Rule;
use rapport::model::alert::{Alert, AlertState, OwnerTeam};
use rapport::model::explanation::Sum;

use crate::support::story;

/// A sum, and the alert that it explains.
struct Worked<'a> {
    alert: &'a Alert,
    sum: &'a Sum,
}

/// Equal, but for the last digits of a float.
#[track_caller]
fn same(of: &str, printed: f64, is: f64) {
    assert!((printed - is).abs() <= 1e-9 * is.abs().max(1.0), "{of}: {printed} is said, and it is {is}");
}

/// The normal quantile of 1 − 1 % / m, from tables.
const ONE_PERCENT_OF: [f64; 4] = [2.326_347_874, 2.575_829_304, 2.713_051_888, 2.807_033_768];

/// Wilson's limits of k in n: Journal of the American Statistical Association 22, 1927.
fn wilson(k: f64, n: f64, z: f64) -> (f64, f64) {
    let (p, z2) = (k / n, z * z);
    let (middle, reach) = (p + z2 / (2.0 * n), z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt());
    let of = |x: f64| (x / (1.0 + z2 / n)).clamp(0.0, 1.0);
    (of(middle - reach), of(middle + reach))
}

/// P(X ≥ k) for X of Poisson, term by term.
fn poisson_at_least(k: f64, mean: f64) -> f64 {
    let terms =
        std::iter::successors(Some((0.0, (-mean).exp())), |(i, p)| Some((i + 1.0, p * mean / (i + 1.0))));
    1.0 - terms.take_while(|(i, _)| *i < k).map(|(_, p)| p).sum::<f64>()
}

impl Worked<'_> {
    fn known(&self, name: &str) -> Option<f64> {
        self.sum.figures.iter().find(|figure| figure.name == name).and_then(|figure| figure.value)
    }

    #[track_caller]
    fn figure(&self, name: &str) -> f64 {
        self.known(name)
            .unwrap_or_else(|| panic!("no figure {name} of {} {:?}", self.alert.rule, self.sum.figures))
    }

    fn column(&self, name: &str) -> usize {
        self.sum
            .outcomes
            .columns
            .iter()
            .position(|column| column == name)
            .unwrap_or_else(|| panic!("no {name}"))
    }

    /// The sum of a column over the rows of the alert's window.
    fn told(&self, column: &str) -> f64 {
        let place = self.column(column);
        let rows = self.sum.outcomes.rows.iter().filter(|row| row.from >= self.alert.window_start);
        rows.map(|row| row.numbers[place]).sum()
    }

    fn fires(&self) -> bool {
        self.alert.state == AlertState::Firing
    }

    /// Value, n and interval are those of k in n.
    fn is_share(&self, k: f64, n: f64, of_none: f64) {
        let rule = &self.alert.rule;
        same(&format!("value of {rule}"), self.alert.value, if n == 0.0 { of_none } else { k / n });
        same(&format!("n of {rule}"), self.alert.n as f64, n);
        if n > 0.0 {
            let (low, high) = wilson(k, n, 1.959_963_985);
            let said = (self.alert.interval_low.unwrap(), self.alert.interval_high.unwrap());
            assert!(
                (said.0 - low).abs() < 1e-6 && (said.1 - high).abs() < 1e-6,
                "{rule}: {said:?}, {low} {high}"
            );
        }
    }

    /// A watched share: its outcomes, and the detector over the rows.
    fn watched_share(&self) {
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
    }

    fn divergence(&self) {
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
    }

    fn first_touch(&self) {
        let met = self.told("met");
        let missed: f64 =
            ["missed, routing", "missed, sales", "missed, unassigned"].iter().map(|of| self.told(of)).sum();
        same("met", self.figure("met"), met);
        same("missed", self.figure("missed"), missed);
        self.is_share(met, met + missed, 1.0);
        let long = missed / (met + missed) / (1.0 - self.alert.threshold);
        if self.fires() {
            assert!((self.figure("burn of the long window") - long).abs() < 1e-6);
            assert!(long > self.figure("burn that is too fast"));
            assert!(self.figure("burn of the short window") > self.figure("burn that is too fast"));
            assert!(self.figure("gate") < self.figure("gate that is rare enough"));
            self.surge(missed);
        }
    }

    /// Marketing is named for more than chance brings, which explains most of the misses, and for nothing else.
    fn surge(&self, missed: f64) {
        let is_surge = self.known("came").is_some_and(|came| {
            let usual = self.figure("came as usual");
            came >= 1.25 * usual.max(0.5)
                && poisson_at_least(came, usual) < 0.01
                && self.figure("due") - self.figure("due as usual") > missed / 2.0
                && 1.5 * self.figure("human touches") >= self.figure("human touches as usual").max(0.5)
        });
        let names_marketing = self.alert.owner_team == OwnerTeam::Marketing;
        assert!(is_surge || !names_marketing);
        assert!(!is_surge || names_marketing || self.alert.owner_team == OwnerTeam::Operations);
    }

    fn unanswered(&self) {
        let rows = &self.sum.outcomes.rows;
        let (all, given) = (self.column("sent back"), self.column("for this reason"));
        let latest = rows.last().expect("there are windows");
        self.is_share(latest.numbers[given], latest.numbers[all], 0.0);
        let total = |column: usize| rows.iter().map(|row| row.numbers[column]).sum::<f64>();
        let judged = self.figure("segments judged") as usize;
        if let Some(z) = ONE_PERCENT_OF.get(judged.max(1) - 1).filter(|_| total(all) > 0.0) {
            let (low, _) = wilson(total(given), total(all), *z);
            assert!((self.figure("lower limit of its share in all windows") - low).abs() < 1e-6);
            assert!(!self.fires() || low >= self.alert.threshold);
        }
    }

    fn pace(&self) {
        // Without a target that is meant there is nothing to hold the revenue against.
        let Some(asked) = self.known("revenue asked for by now").filter(|asked| *asked > 0.0) else { return };
        let revenue = self.figure("revenue");
        same("value", self.alert.value, revenue / asked);
        same("behind", self.figure("behind"), asked - revenue);
        let spread = (asked * self.figure("spread of a deal")).sqrt();
        assert!((self.figure("spread of the revenue") - spread).abs() <= 1e-6 * spread);
        let unseen = self.figure("deals without an amount") + self.figure("deals without a target");
        let at_least = self.figure("behind") - unseen * self.figure("usual size of a deal");
        same("behind at least", self.figure("behind at least"), at_least);
        assert!(!self.fires() || at_least >= self.figure("too far behind"));
    }

    fn silence(&self) {
        let (Some(longest), limit) = (self.known("longest silence"), self.figure("limit")) else { return };
        let (h, u) = (self.figure("h, business hours"), self.figure("u, hours with arrivals"));
        let q = u / (h + 1.0);
        same("q", self.figure("q"), q);
        let month = self.figure("M, business hours of a month");
        let alpha = self.figure("alpha, false alarms of the feed a month");
        let by_chance = (3600.0 * (month / alpha).max(1.0).ln() / -(1.0 - q).ln()).max(0.0);
        // Rounded up to a thousandth of a second.
        assert!((0.0..0.001_1).contains(&(self.figure("limit by chance") - by_chance)));
        let by_gap = self.figure("limit by the longest silence");
        assert!(by_gap >= longest);
        let is_of_now = limit == by_gap.max(self.figure("limit by chance"));
        assert!(is_of_now || !self.fires(), "at its beginning an alert has the limit of that evaluation");
        assert!(!self.fires() || self.alert.value > limit);
    }

    fn check(&self) {
        match self.alert.rule.as_str() {
            "first_touch_slo" => self.first_touch(),
            "divergence" => self.divergence(),
            "unanswered_rejections" => self.unanswered(),
            "revenue_pace" => self.pace(),
            "no_data" => self.silence(),
            "no_revenue_target" => same("value", self.alert.value, self.figure("value")),
            "launch_without_notice" => {
                same("value", self.alert.value, self.figure("value"));
                assert!(!self.fires() || self.alert.value < self.figure("notice that is asked for"));
            }
            _ => self.watched_share(),
        }
    }
}

#[test]
fn every_alert_of_every_story_can_be_worked_out_from_its_sum() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut fired: BTreeSet<String> = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the stories are there") {
        let path = entry.expect("a folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("the story is there");
        let check = |alert: &Alert, sum: &Sum| {
            let worked = Worked { alert, sum };
            worked.check();
            if worked.fires() {
                fired.insert(alert.rule.to_string());
            }
        };
        story::play_with(&path.display().to_string(), &text, Box::new(check));
    }
    let all: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.name().to_owned()).collect();
    assert_eq!(fired, all, "every rule fires in a story");
}
