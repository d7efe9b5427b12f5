//! Every alert of every story is worked out again from nothing but the figures and rows by which it is explained, as a
//! person with a calculator would, and comes to what the alert says.

mod by_hand;

use std::collections::BTreeSet;
use std::path::Path;

use rapport::funnel::signs::rule::Rule;
use rapport::model::alert::{Alert, AlertState, OwnerTeam};
use rapport::model::explanation::{Row, Sum};

use crate::support::story;
use by_hand::{
    ONE_PERCENT_OF, Z90, Z95, days_of, garwood, normal_beyond, odds, poisson_at_least, same, whole_numbers,
    wilson,
};

/// A sum, and the alert that it explains.
struct Worked<'a> {
    alert: &'a Alert,
    sum: &'a Sum,
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

    /// The words of a figure.
    fn words(&self, name: &str) -> &str {
        self.sum.figures.iter().find(|figure| figure.name == name).map_or("", |figure| figure.from.as_str())
    }

    /// The whole numbers in words of a figure.
    fn numbers(&self, name: &str) -> Vec<f64> {
        whole_numbers(self.words(name))
    }

    /// The first two whole numbers in the words of a figure after some of them; none where these are not said.
    fn numbers_after(&self, name: &str, words: &str) -> Vec<f64> {
        let after = self.words(name).split_once(words).map_or("", |(_, after)| after);
        whole_numbers(after).into_iter().take(2).collect()
    }

    /// Whether a figure was learned, not set.
    fn is_learned(&self, name: &str) -> bool {
        self.words(name) != "as set"
    }

    /// The first whole number in the words of a figure.
    #[track_caller]
    fn counted(&self, name: &str) -> f64 {
        *self.numbers(name).first().unwrap_or_else(|| panic!("no number in {name}: {}", self.words(name)))
    }

    /// The bad outcomes, and all of them, that a limit is taken of: what was counted, over the scatter.
    fn worth(&self, of: &str) -> Option<(f64, f64)> {
        let [bad, all] = [format!("bad outcomes for {of}"), format!("outcomes for {of}")];
        self.known(&all)?;
        for name in [&bad, &all] {
            same(name, self.figure(name), (self.counted(name) / self.figure("scatter")).round());
        }
        Some((self.figure(&bad), self.figure(&all)))
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
            let (low, high) = wilson(k, n, Z95);
            let said = (self.alert.interval_low.unwrap(), self.alert.interval_high.unwrap());
            assert!(
                (said.0 - low).abs() < 1e-6 && (said.1 - high).abs() < 1e-6,
                "{rule}: {said:?}, {low} {high}"
            );
            same("interval_low", self.figure("interval_low"), said.0);
            same("interval_high", self.figure("interval_high"), said.1);
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
        self.usual_share(p0, scatter);
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
        self.beside_the_others();
    }

    /// The gate of a segment must stand beside those of the others that were asked.
    fn beside_the_others(&self) {
        let Some(adjusted) = self.known("adjusted gate") else {
            return assert!(
                self.alert.segment.as_str() == "all" || !self.fires(),
                "{} is asked",
                self.alert.segment
            );
        };
        assert_ne!(self.alert.segment.as_str(), "all");
        let (gate, asked, rank) =
            (self.figure("gate"), self.figure("segments asked"), self.figure("rank of the gate"));
        let (least, at) = (
            self.figure("gate that the adjusted one follows from"),
            self.counted("gate that the adjusted one follows from"),
        );
        assert!(1.0 <= rank && rank <= at && at <= asked && least >= gate);
        same("adjusted gate", adjusted, (least * asked / at).min(1.0));
        assert!(adjusted <= gate * asked / rank * (1.0 + 1e-9), "{adjusted} of {gate}");
        assert!(!self.fires() || adjusted <= self.figure("gate that is rare enough") * (1.0 + 1e-9));
    }

    /// Marketing is named for more than chance brings, which explains most of the misses, and for nothing else.
    fn surge(&self, missed: f64) {
        let is_surge = self.known("came").is_some_and(|came| {
            let usual = self.figure("came as usual");
            came >= 1.25 * usual.max(0.5)
                && self.known("came and was coped with").is_none_or(|most| came >= 1.25 * most)
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
        same("sent back lately", self.figure("sent back in the latest window"), latest.numbers[all]);
        same(
            "for the reason lately",
            self.figure("for this reason in the latest window"),
            latest.numbers[given],
        );
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
        self.pace_interval(revenue, asked);
        let (z, too_far) = (self.figure("z"), self.figure("too far behind"));
        let beyond = normal_beyond(z);
        assert!((beyond - self.figure("chance of a look")).abs() < 1e-9, "{beyond} lie beyond {z}");
        same("chance of a look", self.figure("chance of a look"), self.alerts_a_month() / 21.0);
        same("too far behind", too_far, z * spread);
        same("threshold", self.alert.threshold, 1.0 - too_far / asked);
        same("threshold", self.figure("threshold"), self.alert.threshold);
        same("n", self.alert.n as f64, self.figure("n"));
        let elsewhere = self.figure("deals without an amount") + self.figure("deals without a target");
        assert!(self.figure("n") + elsewhere <= self.figure("deals won"));
        let unseen = self.figure("deals without an amount") + self.figure("deals without a target");
        let at_least = self.figure("behind") - unseen * self.figure("usual size of a deal");
        same("behind at least", self.figure("behind at least"), at_least);
        assert!(!self.fires() || at_least >= self.figure("too far behind"));
    }

    /// Garwood's interval of as many deals as the revenue counts, of none at all as well.
    fn pace_interval(&self, revenue: f64, asked: f64) {
        let a_deal = self.figure("spread of a deal");
        let said = (self.alert.interval_low, self.alert.interval_high);
        let (Some(said_low), Some(said_high)) = said else {
            return assert_eq!(a_deal, 0.0, "none is known of {said:?}");
        };
        let deals = revenue.max(0.0) / a_deal;
        same("deals", self.figure("deals that the revenue counts as"), deals);
        let (low, high) = garwood(deals, 0.025);
        for (said, is) in [(said_low, low), (said_high, high)] {
            let is = is * a_deal / asked;
            assert!(
                (said - is).abs() < 1e-9 * is.max(1.0),
                "{said} is said, and it is {is}, of {deals} deals"
            );
        }
        same("interval_low", self.figure("interval_low"), said_low);
        same("interval_high", self.figure("interval_high"), said_high);
        assert!(said_low <= self.alert.value.max(0.0) && self.alert.value < said_high);
    }

    /// The budget of `revenue_pace`, from its words.
    fn alerts_a_month(&self) -> f64 {
        let words = self.words("chance of a look");
        words.split(' ').next().and_then(|number| number.parse().ok()).expect("the budget is said")
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

    /// The days that are left out are named, as many as there are.
    fn days_left_out(&self) {
        if let Some(left_out) = self.known("days left out") {
            let words = self.words("days left out").split(';').next().unwrap_or_default();
            same("days left out", left_out, words.split(", ").map(days_of).sum());
        }
    }

    fn check(&self) {
        self.days_left_out();
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

/// What is printed in few alerts, and must be worked out in one at least.
const SELDOM: [&str; 9] = [
    "a scatter above 1",
    "what a share is as usual, as learned",
    "what a divergence is as usual, as learned",
    "the way back of a share",
    "the way back of a divergence",
    "a segment beside others",
    "days left out",
    "revenue without a deal won",
    "revenue with deals won",
];

impl Worked<'_> {
    fn is_seldom(&self, what: &str) -> bool {
        let is_known = |name: &str| self.known(name).is_some();
        match what {
            "a scatter above 1" => self.known("scatter").is_some_and(|scatter| scatter > 1.0),
            "what a share is as usual, as learned" => is_known("outcomes for p0"),
            "what a divergence is as usual, as learned" => {
                is_known("matured MQLs") && self.numbers_after("lambda0, taken for normal", " of ").len() == 2
            }
            "the way back of a share" => is_known("outcomes for the worst"),
            "the way back of a divergence" => self.numbers_after("lambda2, the most", " of ").len() == 2,
            "a segment beside others" => {
                self.fires() && self.known("segments asked").is_some_and(|n| n > 1.0)
            }
            "days left out" => is_known("days left out"),
            "revenue without a deal won" => self.known("deals that the revenue counts as") == Some(0.0),
            "revenue with deals won" => self.known("deals that the revenue counts as") > Some(0.0),
            _ => false,
        }
    }
}

#[test]
fn every_alert_of_every_story_can_be_worked_out_from_its_sum() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/stories");
    let mut fired: BTreeSet<String> = BTreeSet::new();
    let mut seldom: BTreeSet<&str> = BTreeSet::new();
    for entry in std::fs::read_dir(folder).expect("the stories are there") {
        let path = entry.expect("a folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("the story is there");
        let check = |alert: &Alert, sum: &Sum| {
            let worked = Worked { alert, sum };
            worked.check();
            seldom.extend(SELDOM.iter().filter(|what| worked.is_seldom(what)));
            if worked.fires() {
                fired.insert(alert.rule.to_string());
            }
        };
        story::play_with(&path.display().to_string(), &text, Box::new(check));
    }
    let all: BTreeSet<String> = Rule::ALL.iter().map(|rule| rule.name().to_owned()).collect();
    assert_eq!(fired, all, "every rule fires in a story");
    let missing: Vec<&&str> = SELDOM.iter().filter(|what| !seldom.contains(**what)).collect();
    assert!(missing.is_empty(), "no story has {missing:?}");
}
