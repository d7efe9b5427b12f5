//! Every alert of every story is worked out again from nothing but the figures and rows by which it is explained, as a
//! person with a calculator would, and comes to what the alert says.

mod by_hand;
mod divergence;
mod shares;
mod thresholds;

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::path::Path;

use rapport::funnel::signs::rule::Rule;
use rapport::model::alert::{Alert, AlertState, OwnerTeam};
use rapport::model::explanation::Sum;

use crate::support::story;
use by_hand::{
    ONE_PERCENT_OF, Z95, days_of, garwood, normal_beyond, poisson_at_least, same, whole_numbers, wilson,
};
use thresholds::Promises;

/// A sum, and the alert that it explains.
struct Worked<'a> {
    alert: &'a Alert,
    sum: &'a Sum,
    promises: &'a RefCell<Promises>,
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
    let promises = RefCell::default();
    for entry in std::fs::read_dir(folder).expect("the stories are there") {
        let path = entry.expect("a folder can be read").path();
        let text = std::fs::read_to_string(&path).expect("the story is there");
        let check = |alert: &Alert, sum: &Sum| {
            let worked = Worked { alert, sum, promises: &promises };
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
    promises.borrow().assert_many();
    let missing: Vec<&&str> = SELDOM.iter().filter(|what| !seldom.contains(**what)).collect();
    assert!(missing.is_empty(), "no story has {missing:?}");
}
