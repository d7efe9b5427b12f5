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
use super::partition::Heard;
use super::row::{Row, Stay};
use crate::model::delta::Evidence;
use crate::model::entity::EntityKind;
use crate::model::fact::Fact;
use crate::model::measure::{Cell, Measure};
use crate::model::words::Family;
use crate::model::{Minute, Text};

const HOUR_MINUTES: i32 = 60;
const DAY_MINUTES: i32 = 24 * HOUR_MINUTES;
/// What was heard is kept for the UTC day before a switch and so many before it.
const HEARD_DAYS: i32 = 36;
/// Hours, and evidence with them, are kept for so many days.
const HOURS_KEPT_DAYS: i32 = 35;

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
    /// What was heard, with the boundary at which it counts under these definitions.
    heard: Vec<(Minute, Heard)>,
    programs: Vec<Program>,
}

/// A fact of a program, and how long it is the one of its identity.
struct Program {
    from: Minute,
    until: Minute,
    fact: Fact,
}

/// Every row of one partition, and how it counts them.
pub(super) struct Part {
    rows: Vec<Row>,
    counted: Vec<Counted>,
}

impl Part {
    pub(super) fn new(
        rows: Vec<Row>,
        generations: Vec<Rc<Generation>>,
        heard: Vec<Heard>,
        time: Minute,
    ) -> Part {
        let all = generations.clone();
        let ends = generations.iter().skip(1).map(|next| next.from).chain([Minute::MAX]).collect::<Vec<_>>();
        let counted = generations.into_iter().zip(ends).enumerate().map(|(i, (generation, until))| {
            let heard = heard.iter().filter_map(|heard| Some((heard_at(heard, &all, i)?, heard.clone())));
            let heard = heard.filter(|&(at, _)| at < until).collect();
            let programs = programs(&rows, &generation);
            let pieces = rows.iter().map(|row| pieces(row, &generation, until, time)).collect();
            Counted { generation, until, pieces, heard, programs }
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
        let mut counts = summed(&self.contributed(number, boundary));
        for part in &self.parts {
            let Some(counted) = part.counted(number) else { continue };
            for (at, heard) in counted.heard.iter().filter(|(at, _)| *at <= boundary) {
                let told_anew = heard.boundary < *at;
                let slice =
                    if told_anew { hour_of(heard.boundary.plus(-1)) } else { heard.boundary.plus(-1) };
                let cell = Cell {
                    measure: Measure::Heard(heard.family),
                    subject: heard.source.clone(),
                    slice,
                    grade: 0,
                };
                *counts.entry(("all".into(), cell)).or_default() += 1;
            }
        }
        counts
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
            let hour = hour_of(cell.slice);
            let has_grade = matches!(
                cell.measure,
                Measure::Converted(_) | Measure::TouchDelay(_) | Measure::Left(_) | Measure::SourcedWonSize
            );
            let slice = match cell.measure {
                Measure::Heard(_) => hour,
                _ if has_grade => day,
                _ => day.max(hour),
            };
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

    /// Every lead and deal whose id was known at home and whose erasure has taken effect there, with the boundary.
    pub(super) fn erasures(&self) -> Vec<(Minute, Text)> {
        let rows = self.parts.iter().flat_map(|part| &part.rows);
        let erased = |row: &Row| {
            let (id, _) = row.ids.get(&row.entity)?;
            Some((row.erased_from(row.entity)?, id.clone()))
        };
        rows.filter_map(erased).collect()
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

    /// The facts of programs by a boundary, each identity once, in fact order.
    pub(super) fn programs(&self, boundary: Minute) -> Vec<Fact> {
        let all = self.counted.iter().flat_map(|counted| &counted.programs);
        let there = all.filter(|program| program.from <= boundary && boundary < program.until);
        let mut facts: Vec<Fact> = there.map(|program| program.fact.clone()).collect();
        facts.sort_by_cached_key(in_time);
        facts
    }

    /// How much was heard by a boundary of each source and family, by UTC hour.
    pub(super) fn heard(&self, boundary: Minute) -> BTreeMap<(Text, Family), BTreeMap<i64, u64>> {
        let mut all: BTreeMap<(Text, Family), BTreeMap<i64, u64>> = BTreeMap::new();
        let heard = self.counted.iter().flat_map(|counted| &counted.heard);
        for (_, heard) in heard.filter(|(at, _)| *at <= boundary) {
            let hours = all.entry((heard.source.clone(), heard.family)).or_default();
            let hour = i64::from(heard.boundary.plus(-1).0.div_euclid(HOUR_MINUTES));
            *hours.entry(hour).or_default() += 1;
        }
        all
    }

    /// The first boundary at which there may be anything to judge.
    pub(super) fn begins(&self) -> Option<Minute> {
        if self.from > Minute::MIN {
            return Some(self.from);
        }
        let heard = self.counted.iter().flat_map(|counted| counted.heard.iter().map(|(at, _)| *at));
        let programs = self.counted.iter().flat_map(|counted| counted.programs.iter().map(|it| it.from));
        let all = self.changes().first().copied().into_iter().chain(heard).chain(programs);
        all.filter(|&at| at <= self.to).min()
    }

    /// The boundaries at which a business day of marketing opens, with the day of each.
    pub(super) fn openings(&self) -> Vec<(i32, Minute)> {
        let Some(first) = self.begins() else { return vec![] };
        let day_of = |at: Minute| self.rulebook.days.day_of(at.start());
        // Marketing's dates may be one off those of the definitions.
        (day_of(first) - 1..=day_of(self.to) + 1)
            .filter_map(|day| self.rulebook.marketing.opening(day))
            .filter(|&at| first <= at && at <= self.to)
            .map(|at| (day_of(at), at))
            .collect()
    }

    /// The first hour that is still kept at a boundary: at the first windows of each day older ones are forgotten.
    pub(super) fn hours_kept_from(&self, boundary: Minute) -> Minute {
        let every = i32::from(self.rulebook.definitions.windows_every_minutes.max(1));
        let day_of = |at: Minute| self.rulebook.days.day_of(at.start());
        let mut windows_at = Minute((boundary.0 - 1).div_euclid(every) * every);
        while day_of(windows_at) == day_of(windows_at.plus(-every)) {
            windows_at = windows_at.plus(-every);
        }
        let kept_at = |at: Minute| hour_of(at).plus(-HOURS_KEPT_DAYS * DAY_MINUTES);
        match self.begins() {
            Some(begins) if begins <= windows_at => kept_at(windows_at),
            // What was told at the switch was too old already.
            _ if self.from > Minute::MIN => kept_at(self.from),
            _ => Minute::MIN,
        }
    }

    /// How many business days of marketing lie in `[from, to)`.
    pub(super) fn business_days(&self, from: i32, to: i32) -> usize {
        (from..to).filter(|&day| self.rulebook.marketing.is_business_day(day)).count()
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
    let Some(id) = &contributed.id else { return all };
    for contribution in contributed.contributions.iter().filter(|contribution| contribution.evidence) {
        let evidence = Evidence {
            measure: contribution.cell.measure,
            slice: contribution.cell.slice,
            id: id.clone(),
            subject: contribution.cell.subject.clone(),
            segments: contributed.segments.clone(),
        };
        *all.entry(evidence).or_default() += contribution.n;
    }
    all
}

fn hour_of(minute: Minute) -> Minute {
    Minute(minute.0.div_euclid(HOUR_MINUTES) * HOUR_MINUTES)
}

/// The boundary at which something that was heard counts in a generation, if it counts there: as long as the rule is
/// on it is told anew at each switch, as far as it is kept.
fn heard_at(heard: &Heard, generations: &[Rc<Generation>], i: usize) -> Option<Minute> {
    let is_on = |generation: &Rc<Generation>| generation.definitions().rules.no_data.is_some();
    if heard.generation > i || !generations[heard.generation..=i].iter().all(is_on) {
        return None;
    }
    let from = generations[i].from;
    if heard.boundary >= from {
        return Some(heard.boundary);
    }
    let day = |minute: Minute| minute.0.div_euclid(DAY_MINUTES);
    (day(heard.boundary.plus(-1)) >= day(from.plus(-1)) - HEARD_DAYS).then_some(from)
}

/// The facts of programs that a generation tells, each with the boundaries between which no other one of the same
/// identity takes its place.
fn programs(rows: &[Row], generation: &Generation) -> Vec<Program> {
    let mut all = vec![];
    for row in rows.iter().filter(|row| row.entity.kind == EntityKind::Program) {
        let told = || row.stays.iter().filter(|stay| generation.from < stay.until);
        for stay in told() {
            let is_same = |other: &&Stay| {
                (other.entity, other.fact.id, other.fact.says.kind())
                    == (stay.entity, stay.fact.id, stay.fact.says.kind())
            };
            let later = told().filter(is_same).map(|other| other.since).filter(|&since| since > stay.since);
            let until = later.min().unwrap_or(Minute::MAX);
            all.push(Program { from: stay.since.max(generation.from), until, fact: stay.fact.clone() });
        }
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
