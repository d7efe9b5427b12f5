//! Alerts that fire forget whom they name once that lead or deal is erased.
//!
//! The alert is told again, since what was told stands in the topic of alerts until something takes its place. It says
//! what it said, of the same condition as before: its figures, its severity and since when it holds stay as they were.

use std::collections::BTreeSet;

use crate::model::explanation::Explanation;
use crate::model::{Minute, Text};

use super::super::alerting::Identity;
use super::super::journey::segments::ALL;
use super::{Part, SegmentsTask, Told};

impl SegmentsTask {
    /// Forgets who was erased up to `limit`, boundary by boundary. What is judged at one of them has been judged
    /// before: that names nobody who is erased there.
    pub(super) fn forget_erased(&mut self, limit: Minute, told: &mut Vec<Told>) {
        while let Some(first) = self.erased.first_entry().filter(|first| *first.key() <= limit) {
            let (at, ids) = first.remove_entry();
            told.extend(ids.iter().cloned().map(Told::Erased));
            self.tell_again(at, &ids, told);
        }
    }

    /// Tells every alert again that names one of these, without it.
    fn tell_again(&mut self, at: Minute, erased: &BTreeSet<Text>, told: &mut Vec<Told>) {
        let names = |id: &&Identity| {
            let told = self.lives.get(*id).and_then(|life| life.told.as_ref());
            told.is_some_and(|told| told.evidence.iter().any(|named| erased.contains(named)))
        };
        let mut naming: Vec<Identity> = self.lives.keys().filter(names).cloned().collect();
        naming.sort_by_key(|id| (id.rule, id.segment != ALL));
        for id in naming {
            let Some(life) = self.lives.get_mut(&id) else { continue };
            let Some(alert) = &mut life.told else { continue };
            alert.evidence.retain(|named| !erased.contains(named));
            alert.at = at.start();
            alert.definitions_version = self.terms.number;
            told.push(Told::Alert((**alert).clone()));
            let sum = life.sum.as_deref().cloned().unwrap_or_default();
            let fingerprint = alert.fingerprint.clone();
            told.push(Told::Explained(Explanation { fingerprint, at: at.start(), sum }));
            self.dirty.insert(Part::Life(id));
        }
    }
}
