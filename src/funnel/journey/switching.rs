//! Definitions that are announced in the partition, and the switch to them at the next boundary.

use std::sync::Arc;

use crate::model::Minute;
use crate::model::definitions::Definitions;

use super::super::terms::Terms;
use super::JourneysTask;

impl JourneysTask {
    /// The terms that were announced last, in force or not: they say whose time is waited for.
    pub(super) fn announced(&self) -> &Arc<Terms> {
        self.pending.as_ref().unwrap_or(&self.generation.terms)
    }

    /// Others are announced. They are taken if they come after all that were, and can follow at all.
    pub(super) fn announce(&mut self, number: u32, definitions: &Definitions) {
        let known = self.announced();
        let is_fixed = known.definitions.event_partitions == definitions.event_partitions
            && known.definitions.id_key == definitions.id_key;
        if number <= known.number || !is_fixed {
            return;
        }
        let Ok(terms) = known.other(definitions.clone(), number) else { return };
        self.pending = Some(terms);
        self.definitions_dirty = true;
        self.passing.defined(self.partition, definitions);
        if self.time == Minute::MIN {
            self.switch(Minute::MIN);
        }
    }

    /// What is pending comes into force at `at`, the boundary after T; all before it has been emitted.
    pub(super) fn switch(&mut self, at: Minute) {
        let Some(terms) = self.pending.take() else { return };
        let ended = self.end_delta();
        self.past.extend(ended);
        self.generation = self.generation.next(terms, at);
        self.definitions_dirty = true;
        self.begin_delta();
        self.delta.switch = self.generation.switch();
        match at {
            Minute::MIN => self.settle_due(),
            at => self.emit_all_anew(at),
        }
        if self.generation.terms.definitions.rules.no_data.is_none() {
            self.heard.clear();
        } else if at != Minute::MIN {
            self.heard.tell_anew(self.delta.steps.entry(at).or_default());
        }
    }

    /// Works out anew when each row is due.
    pub(super) fn settle_due(&mut self) {
        for slot in self.rows.undo_due() {
            self.rows.set_due(slot, self.due(self.rows.row(slot)));
        }
    }
}
