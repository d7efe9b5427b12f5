//! Generations: what a partition counts from one switch of the definitions to the next.
//!
//! Rules: `src/funnel/semantics.md`, "Definitions that change". A generation knows the one before it, since
//! its cut is never earlier and an erased row keeps the segments that it had there.

use std::rc::Rc;

use super::Rulebook;
use crate::model::definitions::Definitions;
use crate::model::{DAY_MS, Minute};

/// The number of the definitions that hold from the beginning of the log.
const FIRST: u32 = 1;

/// What a partition counts under one set of definitions.
pub(super) struct Generation {
    /// Of the definitions.
    pub(super) number: u32,
    pub(super) rulebook: Rc<Rulebook>,
    /// S, the first boundary that is counted under them; *never* for those of the beginning.
    pub(super) from: Minute,
    /// Nothing is contributed of a minute before this one; *never* where nothing is left out.
    pub(super) cut: Minute,
    /// None for the first one.
    pub(super) before: Option<Rc<Generation>>,
}

impl Generation {
    /// That of the beginning of the log.
    pub(super) fn first(rulebook: Rc<Rulebook>) -> Generation {
        Generation { number: FIRST, rulebook, from: Minute::MIN, cut: Minute::MIN, before: None }
    }

    /// The one that begins with a switch at `from`.
    pub(super) fn next(
        before: &Rc<Generation>,
        number: u32,
        rulebook: Rc<Rulebook>,
        from: Minute,
    ) -> Generation {
        let kept_days = [before.definitions().retention_days, rulebook.definitions.retention_days];
        let shortest_days = kept_days.into_iter().flatten().min();
        let own_cut = match shortest_days {
            // At *never* nothing was emitted, and nothing can be missing.
            Some(days) if from > Minute::MIN => from.start().plus_ms(-i64::from(days) * DAY_MS).minute(),
            _ => Minute::MIN,
        };
        Generation { number, rulebook, from, cut: before.cut.max(own_cut), before: Some(before.clone()) }
    }

    /// This one or the one before it that counted a boundary.
    pub(super) fn at(&self, boundary: Minute) -> &Generation {
        match &self.before {
            Some(before) if boundary < self.from => before.at(boundary),
            _ => self,
        }
    }

    pub(super) fn definitions(&self) -> &Definitions {
        &self.rulebook.definitions
    }
}
