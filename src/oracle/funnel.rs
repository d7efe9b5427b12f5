//! All rows together: the funnel at any boundary.
//!
//! Between two of its own changes a row contributes the same; `pieces` are those stretches, so that the
//! rules need not count everything anew at every boundary. `counts` does.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::Rulebook;
use super::generation::Generation;
use super::journey::{Contributed, contributed, emissions, summed};
use super::order::in_time;
use super::row::Row;
use crate::model::delta::Evidence;
use crate::model::entity::EntityKind;
use crate::model::fact::Fact;
use crate::model::measure::{Cell, Measure};
use crate::model::{Minute, Text};

const HOUR_MINUTES: i32 = 60;

/// What a row contributes from a boundary on, up to its next piece.
struct Piece {
    from: Minute,
    contributed: Contributed,
}

/// What a partition counts under one set of definitions.
struct Counted {
    generation: Rc<Generation>,
    /// The first boundary that is counted under others.
    until: Minute,
    /// By row.
    pieces: Vec<Vec<Piece>>,
}

/// Every row of one partition, and how it counts them.
pub(super) struct Part {
    rows: Vec<Row>,
    counted: Vec<Counted>,
}

impl Part {
    pub(super) fn new(rows: Vec<Row>, generations: Vec<Rc<Generation>>, time: Minute) -> Part {
        let ends = generations.iter().skip(1).map(|next| next.from).chain([Minute::MAX]).collect::<Vec<_>>();
        let counted = generations.into_iter().zip(ends).map(|(generation, until)| {
            let pieces = rows.iter().map(|row| pieces(row, &generation, until, time)).collect();
            Counted { generation, until, pieces }
        });
        Part { counted: counted.collect(), rows }
    }

    fn counted(&self, number: u32) -> Option<&Counted> {
        self.counted.iter().find(|counted| counted.generation.number == number)
    }

    /// How the partition counts under a number, with the last boundary up to `boundary` that it counts so.
    fn counted_by(&self, number: u32, boundary: Minute) -> Option<(&Generation, Minute)> {
        let counted = self.counted(number)?;
        let at = boundary.min(counted.until.plus(-1));
        (counted.generation.from <= at).then_some((&*counted.generation, at))
    }
}

/// Every partition.
pub(super) struct Funnel {
    pub(super) parts: Vec<Part>,
    /// Every boundary up to this one has been passed by every partition.
    pub(super) time: Minute,
}

impl Funnel {
    /// What each row of each partition contributes.
    fn contributed(&self, number: u32, boundary: Minute) -> Vec<Contributed> {
        let mut all = vec![];
        for part in &self.parts {
            let Some((generation, at)) = part.counted_by(number, boundary) else { continue };
            all.extend(part.rows.iter().map(|row| contributed(row, generation, at)));
        }
        all
    }

    pub(super) fn counts(&self, number: u32, boundary: Minute) -> BTreeMap<(Text, Cell), i64> {
        summed(&self.contributed(number, boundary))
    }

    pub(super) fn kept(
        &self,
        number: u32,
        counts: &BTreeMap<(Text, Cell), i64>,
    ) -> BTreeMap<(Text, Cell), i64> {
        let mut sums = BTreeMap::new();
        let Some(counted) = self.parts.iter().find_map(|part| part.counted(number)) else { return sums };
        let days = &counted.generation.rulebook.days;
        for ((segment, cell), n) in counts {
            let day = days.start_of(days.day_of(cell.slice.start()));
            let hour = Minute(cell.slice.0.div_euclid(HOUR_MINUTES) * HOUR_MINUTES);
            let has_grade = matches!(
                cell.measure,
                Measure::Converted(_) | Measure::TouchDelay(_) | Measure::Left(_) | Measure::SourcedWonSize
            );
            let slice = if has_grade { day } else { day.max(hour) };
            *sums.entry((segment.clone(), Cell { slice, ..cell.clone() })).or_default() += n;
        }
        sums.retain(|_, n| *n != 0);
        sums
    }

    pub(super) fn evidence(&self, number: u32, boundary: Minute) -> BTreeMap<Evidence, i64> {
        let mut all = BTreeMap::new();
        for contributed in self.contributed(number, boundary) {
            for (evidence, n) in evidence_of(&contributed) {
                *all.entry(evidence).or_default() += n;
            }
        }
        all
    }

    pub(super) fn programs(&self, number: u32, boundary: Minute) -> Vec<Fact> {
        let mut facts: Vec<Fact> = vec![];
        for part in &self.parts {
            let Some((generation, at)) = part.counted_by(number, boundary) else { continue };
            let programs = part.rows.iter().filter(|row| row.entity.kind == EntityKind::Program);
            let stays = programs.flat_map(|row| &row.stays);
            let emitted = stays.filter(|stay| stay.since <= at && generation.from < stay.until);
            facts.extend(emitted.map(|stay| stay.fact.clone()));
        }
        facts.sort_by_cached_key(in_time);
        facts
    }

    /// The stretches of boundaries that are judged, one after the other.
    pub(super) fn judged(&self) -> Vec<Judged<'_>> {
        let numbers = self.parts.first().into_iter().flat_map(|part| &part.counted);
        numbers.filter_map(|counted| self.judged_under(counted.generation.number)).collect()
    }

    fn judged_under(&self, number: u32) -> Option<Judged<'_>> {
        let counted: Vec<&Counted> =
            self.parts.iter().map(|part| part.counted(number)).collect::<Option<_>>()?;
        let from = counted.iter().map(|counted| counted.generation.from).max()?;
        let until = counted.iter().map(|counted| counted.until).min()?;
        let to = self.time.min(until.plus(-1));
        let rulebook = &counted.first()?.generation.rulebook;
        (from <= to && to > Minute::MIN).then_some(Judged { number, rulebook, from, to, counted })
    }
}

/// The boundaries that are judged under one number: every partition has passed them and counts them under it.
pub(super) struct Judged<'f> {
    pub(super) number: u32,
    pub(super) rulebook: &'f Rulebook,
    /// E0, the largest S; *never* for definitions that held before any boundary was passed.
    pub(super) from: Minute,
    /// The last one.
    pub(super) to: Minute,
    counted: Vec<&'f Counted>,
}

impl Judged<'_> {
    pub(super) fn contains(&self, boundary: Minute) -> bool {
        self.from <= boundary && boundary <= self.to
    }

    /// What each row contributes at a boundary, where it contributes anything.
    pub(super) fn at(&self, boundary: Minute) -> impl Iterator<Item = &Contributed> {
        let pieces = self.counted.iter().flat_map(|counted| &counted.pieces);
        pieces.filter_map(move |pieces| {
            let begun = pieces.partition_point(|piece| piece.from <= boundary);
            pieces[..begun].last().map(|piece| &piece.contributed)
        })
    }

    /// The boundaries at which the funnel may differ from the one before, the first one aside.
    pub(super) fn changes(&self) -> Vec<Minute> {
        let pieces = self.counted.iter().flat_map(|counted| counted.pieces.iter().flatten());
        let all: BTreeSet<Minute> = pieces.map(|piece| piece.from.max(self.from)).collect();
        all.into_iter().filter(|&at| at <= self.to).collect()
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

fn pieces(row: &Row, generation: &Generation, until: Minute, time: Minute) -> Vec<Piece> {
    let mut changes = emissions(row, generation, until.plus(-1).min(time));
    changes.extend(row.freed.filter(|&freed| freed >= generation.from));
    let mut pieces: Vec<Piece> = vec![];
    for from in changes.into_iter().filter(|&at| at < until && at <= time) {
        let contributed = contributed(row, generation, from);
        if pieces.is_empty() && contributed.contributions.is_empty() {
            continue;
        }
        if pieces.last().is_none_or(|last| last.contributed != contributed) {
            pieces.push(Piece { from, contributed });
        }
    }
    pieces
}
