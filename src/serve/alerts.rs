//! The alerts that fire, what was said of late, and how it came about.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::model::Text;
use crate::model::alert::{Alert, AlertState};
use crate::model::explanation::Explanation;
use crate::model::money::Currency;

/// Most messages about alerts that are kept to be read back.
pub const HISTORY_MAX: usize = 200;

/// The alerts that fire, and what was said of late.
#[derive(Debug, Default)]
pub struct Alerts {
    /// Rises with every message.
    pub version: u64,
    firing: BTreeMap<Text, Alert>,
    history: VecDeque<Alert>,
    explanations: BTreeMap<Text, Explanation>,
    /// Of those that were resolved, the last message by which they fired.
    fired: BTreeMap<Text, (Alert, Explanation)>,
    told: BTreeMap<(Text, AlertState), u64>,
    doubted: BTreeSet<Text>,
    settled: bool,
}

impl Alerts {
    /// The last message of each alert that fires, the loudest first, then the oldest.
    pub fn firing(&self) -> Vec<&Alert> {
        let mut firing: Vec<&Alert> = self.firing.values().collect();
        firing.sort_by(|a, b| b.severity.cmp(&a.severity).then(a.since.cmp(&b.since)));
        firing
    }

    /// The value of the journeys behind the alerts that fire, in minor units of each currency.
    ///
    /// Within a sign no journey counts twice: of the rules that speak of one segment the one with the most at risk
    /// counts, the segments of one dimension are added up, and of the dimensions (the whole company is one) the one
    /// with the most counts. Over the signs it is added up, though two of them may speak of the same journeys: an
    /// upper bound.
    pub fn revenue_at_risk(&self) -> BTreeMap<Currency, i64> {
        let mut by_segment: BTreeMap<(Currency, u8, String, &str), i64> = BTreeMap::new();
        for alert in self.firing.values() {
            let Some(explanation) = self.explanations.get(&alert.fingerprint) else { continue };
            for risk in &explanation.sum.at_risk {
                let key = (risk.currency, alert.sign, dimension(&alert.segment), alert.segment.as_str());
                let known = by_segment.entry(key).or_default();
                *known = risk.minor.max(*known);
            }
        }
        let mut by_dimension: BTreeMap<(Currency, u8, String), i64> = BTreeMap::new();
        for ((currency, sign, dimension, _), minor) in by_segment {
            *by_dimension.entry((currency, sign, dimension)).or_default() += minor;
        }
        let mut by_sign: BTreeMap<(Currency, u8), i64> = BTreeMap::new();
        for ((currency, sign, _), minor) in by_dimension {
            let known = by_sign.entry((currency, sign)).or_default();
            *known = minor.max(*known);
        }
        let mut at_risk = BTreeMap::new();
        by_sign.into_iter().for_each(|((currency, _), minor)| *at_risk.entry(currency).or_default() += minor);
        at_risk
    }

    /// The last messages, the newest first.
    pub fn history(&self) -> impl Iterator<Item = &Alert> {
        self.history.iter().rev()
    }

    /// The last messages about the alerts whose fingerprints begin with these digits, and how they come about.
    pub fn explained(&self, digits: &str) -> Vec<(&Alert, &Explanation)> {
        let begins = self.explanations.iter().filter(|(fingerprint, _)| fingerprint.starts_with(digits));
        let with_alert = |(fingerprint, explanation): (&Text, _)| {
            let is_it = |alert: &&Alert| alert.fingerprint == *fingerprint;
            let last = || self.history.iter().rev().find(is_it);
            Some((self.firing.get(fingerprint).or_else(last)?, explanation))
        };
        begins.filter_map(with_alert).collect()
    }

    /// The same of the last messages by which they fired.
    pub fn explained_as_fired<'a>(&'a self, digits: &str) -> Vec<(&'a Alert, &'a Explanation)> {
        let as_fired =
            |(alert, explanation): (&'a Alert, &'a Explanation)| match alert.state == AlertState::Firing {
                true => Some((alert, explanation)),
                false => self.fired.get(&alert.fingerprint).map(|(alert, explanation)| (alert, explanation)),
            };
        self.explained(digits).into_iter().filter_map(as_fired).collect()
    }

    /// How the last message about an alert comes about.
    pub fn explanation(&self, fingerprint: &Text) -> Option<&Explanation> {
        self.explanations.get(fingerprint)
    }

    pub(super) fn explain(&mut self, explanation: &Explanation) {
        self.version += 1;
        self.explanations.insert(explanation.fingerprint.clone(), explanation.clone());
        let Alerts { firing, history, explanations, fired, .. } = self;
        let is_shown = |fingerprint: &Text| {
            firing.contains_key(fingerprint) || history.iter().any(|alert| alert.fingerprint == *fingerprint)
        };
        explanations.retain(|fingerprint, _| is_shown(fingerprint));
        fired.retain(|fingerprint, _| is_shown(fingerprint));
    }

    /// How many messages were sent here since the start, by rule and state.
    pub fn told(&self) -> &BTreeMap<(Text, AlertState), u64> {
        &self.told
    }

    /// Whether it was sent here and is news.
    pub(super) fn tell(&mut self, alert: &Alert) -> bool {
        self.doubted.remove(&alert.fingerprint);
        let same = |known: &Alert| {
            (&known.fingerprint, known.state, known.at) == (&alert.fingerprint, alert.state, alert.at)
        };
        let known = self.firing.get(&alert.fingerprint).is_some_and(same) || self.history.iter().any(same);
        match alert.state {
            AlertState::Firing => {
                self.firing.insert(alert.fingerprint.clone(), alert.clone());
                self.fired.remove(&alert.fingerprint);
            }
            AlertState::Resolved => {
                let fired = self.firing.remove(&alert.fingerprint);
                let explanation = self.explanations.get(&alert.fingerprint).cloned();
                let of = fired.zip(explanation).filter(|(fired, explanation)| fired.at == explanation.at);
                self.fired.extend(of.map(|of| (alert.fingerprint.clone(), of)));
            }
        }
        if known {
            return false;
        }
        self.version += 1;
        if self.settled {
            // What is told while the task is being restored was sent by somebody before.
            *self.told.entry((alert.rule.clone(), alert.state)).or_default() += 1;
        }
        self.history.push_back(alert.clone());
        if self.history.len() > HISTORY_MAX {
            self.history.pop_front();
        }
        self.settled
    }

    /// A lead or deal was erased: no alert names it any more.
    pub(super) fn forget(&mut self, id: &Text) {
        let fired = self.fired.values_mut().map(|(alert, _)| alert);
        let alerts = self.firing.values_mut().chain(&mut self.history).chain(fired);
        for alert in alerts.filter(|alert| alert.evidence.contains(id)) {
            alert.evidence.retain(|named| named != id);
            self.version += 1;
        }
    }

    /// What fires is to be told again; until then it stays.
    pub(super) fn doubt(&mut self) {
        self.doubted = self.firing.keys().cloned().collect();
    }

    /// Everything that fires has been told: the rest was resolved in a commit of unknown outcome.
    pub(super) fn settle(&mut self) {
        self.version += 1;
        self.settled = true;
        for fingerprint in std::mem::take(&mut self.doubted) {
            self.firing.remove(&fingerprint);
        }
    }

    pub(super) fn clear(&mut self) {
        let told = std::mem::take(&mut self.told);
        *self = Alerts { version: self.version + 1, told, ..Alerts::default() };
    }
}

/// The keys of a segment.
fn dimension(segment: &str) -> String {
    let key = |pair: &str| pair.split_once('=').map_or(pair, |(key, _)| key).to_owned();
    segment.split(',').map(key).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::super::samples::alert;
    use super::*;
    use crate::model::alert::Severity;
    use crate::model::explanation::{AtRisk, Sum};

    #[test]
    fn who_is_erased_is_forgotten_by_what_fires_and_by_what_was_said() {
        let mut alerts = Alerts::default();
        let named = |fingerprint: &str, state| {
            let told = alert(fingerprint, "all", Severity::Ticket, state);
            Alert { evidence: vec!["L1".into(), "L2".into()], ..told }
        };
        alerts.tell(&named("1", AlertState::Firing));
        alerts.tell(&named("2", AlertState::Resolved));
        alerts.forget(&"L1".into());
        let shown: Vec<&Alert> = alerts.firing().into_iter().chain(alerts.history()).collect();
        assert_eq!(shown.len(), 3);
        assert!(shown.iter().all(|alert| alert.evidence == ["L2"]));
    }

    #[test]
    fn no_journey_is_at_risk_twice_within_a_sign() {
        let mut alerts = Alerts::default();
        let mut fires = |fingerprint: &str, segment: &str, sign: u8, minor: i64| {
            let told = Alert { sign, ..alert(fingerprint, segment, Severity::Ticket, AlertState::Firing) };
            let currency = Currency::parse("EUR").unwrap();
            let sum = Sum { at_risk: vec![AtRisk { currency, minor }], ..Sum::default() };
            alerts.tell(&told);
            alerts.explain(&Explanation { fingerprint: told.fingerprint, at: told.at, sum });
        };
        fires("1", "source=ads", 2, 100);
        fires("2", "source=ads", 2, 70);
        fires("3", "source=web", 2, 50);
        fires("4", "region=emea", 2, 120);
        fires("5", "region=emea", 3, 30);
        let at_risk: Vec<(String, i64)> = alerts
            .revenue_at_risk()
            .into_iter()
            .map(|(code, minor)| (code.as_str().to_owned(), minor))
            .collect();
        assert_eq!(at_risk, [("EUR".to_owned(), 150 + 30)]);
    }
}
