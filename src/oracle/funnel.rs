//! All rows together: the funnel at any boundary.
//!
//! Between two of its own changes a row contributes the same; `pieces` are those stretches, so that the
//! rules need not count everything anew at every boundary. `counts` does.

use std::collections::{BTreeMap, BTreeSet};

use super::Rulebook;
use super::journey::{Contributed, contributed, emissions, summed};
use super::row::Row;
use crate::model::delta::Evidence;
use crate::model::entity::EntityKind;
use crate::model::fact::Fact;
use crate::model::measure::Cell;
use crate::model::{Minute, Text};

/// What a row contributes from a boundary on, up to its next piece.
struct Piece {
    from: Minute,
    contributed: Contributed,
}

/// Every row of every partition, with the definitions.
pub(super) struct Funnel<'a> {
    pub(super) rulebook: Rulebook<'a>,
    rows: Vec<Row>,
    pieces: Vec<Vec<Piece>>,
}

impl<'a> Funnel<'a> {
    pub(super) fn new(rulebook: Rulebook<'a>, rows: Vec<Row>) -> Funnel<'a> {
        let pieces = rows.iter().map(|row| pieces(row, &rulebook)).collect();
        Funnel { rulebook, rows, pieces }
    }

    pub(super) fn counts(&self, boundary: Minute) -> BTreeMap<(Text, Cell), i64> {
        let all: Vec<Contributed> =
            self.rows.iter().map(|row| contributed(row, &self.rulebook, boundary)).collect();
        summed(&all)
    }

    pub(super) fn evidence(&self, boundary: Minute) -> BTreeMap<Evidence, i64> {
        let mut all = BTreeMap::new();
        for row in &self.rows {
            for (evidence, n) in evidence_of(&contributed(row, &self.rulebook, boundary)) {
                *all.entry(evidence).or_default() += n;
            }
        }
        all
    }

    pub(super) fn programs(&self, boundary: Minute) -> Vec<Fact> {
        let programs = self.rows.iter().filter(|row| row.entity.kind == EntityKind::Program);
        let stays = programs.flat_map(|row| &row.stays).filter(|stay| stay.since <= boundary);
        let mut facts: Vec<Fact> = stays.map(|stay| stay.fact.clone()).collect();
        facts.sort_by_key(Fact::order);
        facts
    }

    pub(super) fn changes(&self) -> Vec<Minute> {
        let all: BTreeSet<Minute> = self.pieces.iter().flatten().map(|piece| piece.from).collect();
        all.into_iter().collect()
    }

    /// What each row contributes at a boundary, where it contributes anything.
    pub(super) fn at(&self, boundary: Minute) -> impl Iterator<Item = &Contributed> {
        self.pieces.iter().filter_map(move |pieces| {
            let begun = pieces.partition_point(|piece| piece.from <= boundary);
            pieces[..begun].last().map(|piece| &piece.contributed)
        })
    }
}

/// The evidence in what a row contributes.
pub(super) fn evidence_of(contributed: &Contributed) -> BTreeMap<Evidence, i64> {
    let mut all = BTreeMap::new();
    let Some(id) = &contributed.lead_id else { return all };
    for contribution in contributed.contributions.iter().filter(|contribution| contribution.evidence) {
        let evidence = Evidence {
            measure: contribution.cell.measure,
            slice: contribution.cell.slice,
            id: id.clone(),
            segments: contributed.segments.clone(),
        };
        *all.entry(evidence).or_default() += contribution.n;
    }
    all
}

fn pieces(row: &Row, rulebook: &Rulebook) -> Vec<Piece> {
    let mut changes = emissions(row, rulebook);
    changes.extend(row.freed);
    let mut pieces: Vec<Piece> = vec![];
    for from in changes {
        let contributed = contributed(row, rulebook, from);
        if pieces.is_empty() && contributed.contributions.is_empty() {
            continue;
        }
        if pieces.last().is_none_or(|last| last.contributed != contributed) {
            pieces.push(Piece { from, contributed });
        }
    }
    pieces
}
