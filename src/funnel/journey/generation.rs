//! What a partition emits under one set of definitions, from one switch to the next.

use std::sync::Arc;

use crate::model::delta::Switch;
use crate::model::{DAY_MS, MINUTE_MS, Minute};

use super::super::terms::Terms;
use super::row::Row;

/// Minutes of a day.
const DAY: i32 = (DAY_MS / MINUTE_MS) as i32;

/// The definitions in force in a partition, and since when.
#[derive(Clone, Debug)]
pub struct Generation {
    /// The definitions.
    pub terms: Arc<Terms>,
    /// The first boundary that is counted under them; `None` for those that hold from the log's beginning,
    /// [`Minute::MIN`] for others that came before time began to pass.
    pub since: Option<Minute>,
    /// No contribution of an earlier minute is made.
    pub cut: Minute,
}

impl Generation {
    /// The one that holds from the log's beginning.
    pub fn first(terms: Arc<Terms>) -> Generation {
        Generation { terms, since: None, cut: Minute::MIN }
    }

    /// The one that follows, from `at` on. What may have been freed before its time is cut off.
    pub fn next(&self, terms: Arc<Terms>, at: Minute) -> Generation {
        let kept = [&self.terms, &terms].into_iter().filter_map(|terms| terms.definitions.retention_days);
        let cut = kept.min().map_or(Minute::MIN, |days| {
            let minutes = i32::try_from(days).unwrap_or(i32::MAX).saturating_mul(DAY);
            at.plus(minutes.saturating_neg())
        });
        Generation { terms, since: Some(at), cut: cut.max(self.cut) }
    }

    /// The boundary at which `row` was emitted last under these definitions: at the switch every row was,
    /// whether it has changed since or not.
    pub fn emitted(&self, row: &Row) -> Minute {
        row.emitted.max(self.since.unwrap_or(Minute::MIN))
    }

    /// How the segments task is told of the switch.
    pub fn switch(&self) -> Option<Box<Switch>> {
        let definitions = self.terms.definitions.clone();
        self.since.map(|at| Box::new(Switch { at, definitions }))
    }
}
