//! Emission: at a boundary, what a row contributes now less what it contributed at its last emission.

use std::collections::HashMap;

use crate::model::delta::{Evidence, Step};
use crate::model::entity::EntityKind;
use crate::model::fact::{Fact, Says};
use crate::model::measure::{Cell, Contribution, Measure};
use crate::model::{DAY_MS, EventTime, Minute, Text};

use super::super::grain;
use super::contribute::{self, Shown};
use super::row::{Row, Whose};
use super::rows::Slot;
use super::{JourneysTask, segments};

impl JourneysTask {
    /// Emits a row at a boundary that it is due at.
    pub(super) fn emit(&mut self, slot: Slot, boundary: Minute) {
        let row = self.rows.row(slot);
        let emitted = self.generation.emitted(row);
        let step = self.delta.steps.entry(boundary).or_default();
        if row.entity.kind == EntityKind::Program {
            step.programs.extend(begun(row, emitted, boundary));
            self.note_emission(slot, boundary);
            self.free_or_wait(slot, boundary, &Shown::default());
            return;
        }
        let before = match emitted {
            Minute::MIN => Shown::default(),
            emitted => {
                let shown = contribute::shown_then(row, &self.generation, emitted);
                Shown { id: shown.id.filter(|_| row.evident), ..shown }
            }
        };
        if !row.is_disordered
            && !row.is_of_old
            && !turns(row, emitted, boundary)
            && contribute::next_change(row, &self.generation.terms, emitted) > boundary
        {
            // It is due to be freed, or the fact that it waited for has left before it counted.
            self.free_or_wait(slot, boundary, &before);
            return;
        }
        self.rows.row_mut(slot).put_in_order();
        let after = contribute::shown(self.rows.row(slot), &self.generation, boundary);
        difference(&before, &after, step);
        self.note_emission(slot, boundary);
        self.free_or_wait(slot, boundary, &after);
    }

    /// Emits every row at the boundary at which a generation begins, as though it had never been emitted before.
    pub(super) fn emit_all_anew(&mut self, boundary: Minute) {
        let mut anew = Anew::default();
        for slot in self.rows.undo_due() {
            self.emit_anew(slot, boundary, &mut anew);
        }
        anew.add_to(self.delta.steps.entry(boundary).or_default());
    }

    /// A row to which nothing happens at the boundary stays as it is in the state.
    fn emit_anew(&mut self, slot: Slot, boundary: Minute, anew: &mut Anew) {
        let was_disordered = self.rows.row(slot).is_disordered;
        self.rows.row_mut(slot).put_in_order();
        let row = self.rows.row(slot);
        let mut after = Shown::default();
        if row.entity.kind == EntityKind::Program {
            let facts = row.held.iter().filter(|h| h.counts_at(boundary)).map(|h| h.fact.clone());
            self.delta.steps.entry(boundary).or_default().programs.extend(facts);
        } else {
            after = contribute::shown(row, &self.generation, boundary);
        }
        let changes = row.held.iter().any(|h| h.since == boundary || h.until == boundary);
        if was_disordered || row.is_of_old || changes || row.evident != contribute::is_named(row, boundary) {
            self.note_emission(slot, boundary);
        }
        let is_old = self.is_old(slot, boundary, after.open);
        if is_old {
            after.contributions.retain(|c| !is_open_item(c));
        }
        evidence_all(&after, 1, self.delta.steps.entry(boundary).or_default());
        let terms = &self.generation.terms;
        after.contributions.iter_mut().for_each(|c| c.cell = grain::coarse(&c.cell, terms));
        anew.count(&after);
        match is_old {
            true => self.free(slot),
            false => self.wait(slot, boundary, after.open),
        }
    }

    /// A row has been emitted: it forgets what it no longer needs.
    fn note_emission(&mut self, slot: Slot, boundary: Minute) {
        let row = self.rows.row_mut(slot);
        self.dirty.insert(row.entity.key);
        row.evident = contribute::is_named(row, boundary);
        if forgets(row, boundary) {
            let is_erased = row.is_erased(row.entity.key, boundary);
            if let Some(id) = row.id.take_if(|_| is_erased) {
                self.delta.steps.entry(boundary).or_default().erase(id);
            }
            if row.frozen.is_none() {
                row.frozen = Some(segments::of(row, &self.generation.terms, boundary));
            }
            forget(row, boundary);
        }
        row.emitted = boundary;
        row.is_of_old = false;
        row.forget_before(boundary);
    }

    /// A row that has been emitted and shows this is freed, or waits for what comes next.
    fn free_or_wait(&mut self, slot: Slot, boundary: Minute, shown: &Shown) {
        if !self.is_old(slot, boundary, shown.open) {
            return self.wait(slot, boundary, shown.open);
        }
        let step = self.delta.steps.entry(boundary).or_default();
        for contribution in shown.contributions.iter().filter(|c| is_open_item(c)) {
            for segment in &shown.segments {
                step.add(segment, &contribution.cell, -contribution.n);
            }
            evidence_of(contribution, shown, -1, step);
        }
        self.free(slot);
    }

    fn wait(&mut self, slot: Slot, boundary: Minute, open: bool) {
        self.rows.set_due(slot, self.due_after(self.rows.row(slot), boundary, open));
    }

    /// When a row is due next that was open or not at `boundary`.
    fn due_after(&self, row: &Row, boundary: Minute, open: bool) -> Minute {
        let next = contribute::next_change(row, &self.generation.terms, boundary);
        // Boundaries that have been passed do not come again.
        next.min(self.free_at(row, boundary.max(self.time), open))
    }

    /// When a row is due that stands as its last emission left it, with what has come since.
    pub(super) fn due(&self, row: &Row) -> Minute {
        if row.is_disordered || row.is_of_old {
            return self.time.next();
        }
        match self.generation.emitted(row) {
            Minute::MIN => match row.held.iter().map(|h| h.since).min() {
                Some(since) => since,
                None => self.free_at(row, self.time, false),
            },
            emitted => self.due_after(row, emitted, contribute::is_open(row, emitted)),
        }
    }

    /// The boundary, after `boundary`, at which a row that stays as it is will have been kept long enough.
    fn free_at(&self, row: &Row, boundary: Minute, open: bool) -> Minute {
        let Some(days) = self.kept_days(row, open) else { return Minute::MAX };
        let newest = row.newest().unwrap_or(boundary.start());
        let last_begins = row.held.iter().map(|h| h.since).max().unwrap_or(Minute::MIN);
        newest.plus_ms(days * DAY_MS).first_boundary_after().max(boundary.next()).max(last_begins)
    }

    /// How long a row is kept, in days; `None` if for ever.
    fn kept_days(&self, row: &Row, open: bool) -> Option<i64> {
        if row.entity.kind == EntityKind::Program {
            return None;
        }
        let definitions = &self.generation.terms.definitions;
        let days = if row.links.is_empty() && !open {
            definitions.retention_days
        } else {
            definitions.open_retention_days
        };
        days.map(i64::from)
    }

    /// Whether a row, open or not, has been kept long enough at `boundary`.
    fn is_old(&self, slot: Slot, boundary: Minute, open: bool) -> bool {
        let row = self.rows.row(slot);
        let Some(days) = self.kept_days(row, open) else { return false };
        let old: EventTime = boundary.start().plus_ms(-days * DAY_MS);
        row.newest().is_none_or(|newest| newest < old) && row.held.iter().all(|h| h.since <= boundary)
    }

    /// Drops a row whose open items are counted no more; all else that it counted stays as it is.
    fn free(&mut self, slot: Slot) {
        self.counters.journeys_freed += 1;
        self.dirty.insert(self.rows.row(slot).entity.key);
        self.rows.remove(slot);
    }
}

/// Whether this counts only as long as the journey is kept.
fn is_open_item(contribution: &Contribution) -> bool {
    matches!(contribution.cell.measure, Measure::Open(_))
}

/// Counts of very many rows at once: added up in no order, and put in order at the end.
#[derive(Default)]
struct Anew {
    counts: HashMap<Text, HashMap<Cell, i64>>,
}

impl Anew {
    fn count(&mut self, shown: &Shown) {
        for (i, segment) in shown.segments.iter().enumerate() {
            let counts = self.counts.entry(segment.clone()).or_default();
            let counted = |c: &&Contribution| i == 0 || !c.cell.measure.is_of_all_alone();
            for contribution in shown.contributions.iter().filter(counted) {
                *counts.entry(contribution.cell.clone()).or_default() += contribution.n;
            }
        }
    }

    fn add_to(self, step: &mut Step) {
        let of_segment = |(segment, counts): (Text, HashMap<Cell, i64>)| {
            counts.into_iter().map(move |(cell, n)| ((segment.clone(), cell), n))
        };
        let counts = self.counts.into_iter().flat_map(of_segment).filter(|(_, n)| *n != 0).collect();
        let before = std::mem::replace(&mut step.counts, counts);
        before.into_iter().for_each(|((segment, cell), n)| step.add(&segment, &cell, n));
    }
}

/// Whether a fact began or ended to count after the last emission, up to a boundary.
fn turns(row: &Row, emitted: Minute, boundary: Minute) -> bool {
    let is_passed = |at: Minute| emitted < at && at <= boundary;
    row.held.iter().any(|h| is_passed(h.since) || is_passed(h.until))
}

/// The program facts that began to count since the last emission of their row.
fn begun(row: &Row, emitted: Minute, boundary: Minute) -> impl Iterator<Item = Fact> {
    let begins = move |h: &&super::row::Held| h.since > emitted && h.since <= boundary;
    row.held.iter().filter(begins).map(|h| h.fact.clone())
}

/// Adds `after − before` to a step.
fn difference(before: &Shown, after: &Shown, step: &mut Step) {
    if before.segments == after.segments {
        let mut changes: Vec<(&Contribution, i64)> = Vec::new();
        let (mut b, mut a) = (before.contributions.iter().peekable(), after.contributions.iter().peekable());
        loop {
            match (b.peek(), a.peek()) {
                (Some(x), Some(y)) if x == y => {
                    b.next();
                    a.next();
                }
                (Some(x), Some(y)) if x < y => changes.extend(b.next().map(|c| (c, -c.n))),
                (Some(_), None) => changes.extend(b.next().map(|c| (c, -c.n))),
                (_, Some(_)) => changes.extend(a.next().map(|c| (c, c.n))),
                (None, None) => break,
            }
        }
        for (contribution, n) in changes {
            for segment in after.counted_in(contribution.cell.measure) {
                step.add(segment, &contribution.cell, n);
            }
        }
    } else {
        count_all(before, -1, step);
        count_all(after, 1, step);
    }
    evidence_all(before, -1, step);
    evidence_all(after, 1, step);
}

fn count_all(shown: &Shown, sign: i64, step: &mut Step) {
    for contribution in &shown.contributions {
        for segment in shown.counted_in(contribution.cell.measure) {
            step.add(segment, &contribution.cell, sign * contribution.n);
        }
    }
}

fn evidence_all(shown: &Shown, sign: i64, step: &mut Step) {
    shown.contributions.iter().for_each(|contribution| evidence_of(contribution, shown, sign, step));
}

fn evidence_of(contribution: &Contribution, shown: &Shown, sign: i64, step: &mut Step) {
    let Some(id) = shown.id.as_ref().filter(|_| contribution.evidence) else { return };
    let evidence = Evidence {
        measure: contribution.cell.measure,
        slice: contribution.cell.slice,
        id: id.clone(),
        subject: contribution.cell.subject.clone(),
        segments: shown.segments.clone(),
    };
    step.add_evidence(evidence, sign);
}

/// Whether an erasure takes effect at `boundary` that has not yet made its entity forgotten.
fn forgets(row: &Row, boundary: Minute) -> bool {
    row.held.iter().any(|h| h.fact.says.is_erasure() && h.since > row.emitted && h.since <= boundary)
}

/// Drops the names and attributes of every entity whose erasure has taken effect.
fn forget(row: &mut Row, boundary: Minute) {
    let erased: Vec<Whose> = row
        .held
        .iter()
        .filter(|h| h.fact.says.is_erasure() && h.since <= boundary)
        .map(|h| h.whose)
        .collect();
    let keys: Vec<_> = erased.iter().map(|whose| row.entity_of(*whose).key).collect();
    if keys.contains(&row.entity.key) {
        row.id = None;
    }
    for guest in &mut row.guests {
        if keys.contains(&guest.entity.key) {
            guest.id = None;
        }
    }
    for i in 0..row.held.len() {
        if !keys.contains(&row.entity_of(row.held[i].whose).key) {
            continue;
        }
        forget_attributes(&mut row.held[i].fact.says);
        row.is_disordered = true;
    }
    row.put_in_order();
}

/// Drops what a fact says only for the sake of segments.
pub(super) fn forget_attributes(says: &mut Says) {
    match says {
        Says::Created { source, campaign_id, attributes } => {
            *source = None;
            *campaign_id = None;
            *attributes = Default::default();
        }
        Says::DealOpened { attributes, .. } => *attributes = Default::default(),
        _ => {}
    }
}
