//! What a row contributes to the funnel at one boundary: a pure function of its facts.
//!
//! Rules: `src/funnel/semantics.md`, "What a journey contributes at B". The stages are in `stages`, the
//! cycles and their first touch in `touches`, the segments in `segments`; here is everything else, and the
//! putting together.

use std::collections::{BTreeMap, BTreeSet};

use super::generation::Generation;
use super::order::in_time;
use super::row::Row;
use super::segments::segments;
use super::{stages, touches};
use crate::model::entity::{EntityKind, EntityRef};
use crate::model::fact::{Fact, Says};
use crate::model::measure::{Cell, Contribution, Measure};
use crate::model::money::Amount;
use crate::model::words::{DealStatus, Stage};
use crate::model::{EventTime, Minute, Text};

/// Everything that a row adds at a boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contributed {
    /// Sorted.
    pub(super) segments: Vec<Text>,
    /// The raw id of the journey's lead, where it may be shown.
    pub(super) lead_id: Option<Text>,
    pub(super) contributions: Vec<Contribution>,
}

/// A fact and whose it is.
pub(super) type Said = (EntityRef, Fact);

/// What counts of a row at a boundary, after deletions; in fact order.
pub(super) struct Journey {
    pub(super) row: EntityRef,
    /// Whether there is a lead whose stages count.
    pub(super) has_lead: bool,
    /// Facts of the lead and of its deals together.
    pub(super) facts: Vec<Said>,
    /// What is deleted still says which segments the journey belongs to.
    pub(super) facts_for_segments: Vec<Said>,
}

/// A deal as its facts make it.
pub(super) struct Deal {
    /// When it begins to exist.
    pub(super) begins: Option<EventTime>,
    /// Its status and since when it has it.
    pub(super) status: Option<(DealStatus, EventTime)>,
    amount: Option<Amount>,
}

impl Journey {
    /// What counts of a row at `boundary`.
    pub(super) fn of(row: &Row, boundary: Minute) -> Journey {
        let mut facts: Vec<Said> = vec![];
        for stay in row.stays.iter().filter(|stay| stay.counts_at(boundary)) {
            let identity = |(entity, fact): &&Said| {
                (*entity, fact.says.kind(), fact.id) == (stay.entity, stay.fact.says.kind(), stay.fact.id)
            };
            if facts.iter().find(identity).is_none() {
                facts.push((stay.entity, stay.fact.clone()));
            }
        }
        facts.sort_by_cached_key(|(entity, fact)| (in_time(fact), *entity));
        let own: Vec<&Fact> = facts.iter().filter(|said| said.0 == row.entity).map(|said| &said.1).collect();
        let created = latest(&own, |says| matches!(says, Says::Created { .. }));
        let deleted = latest(&own, |says| matches!(says, Says::Deleted));
        let is_lead_deleted = deleted.is_some() && deleted >= created;
        let has_lead = row.entity.kind == EntityKind::Lead && !is_lead_deleted;
        let deleted_deals: BTreeSet<EntityRef> = entities(&facts, EntityKind::Deal)
            .into_iter()
            .filter(|&deal| {
                let of: Vec<&Fact> = facts.iter().filter(|said| said.0 == deal).map(|said| &said.1).collect();
                let opened = latest(&of, |says| matches!(says, Says::DealOpened { .. }));
                let deleted = latest(&of, |says| matches!(says, Says::DealDeleted));
                deleted.is_some() && deleted >= opened
            })
            .collect();
        let facts_for_segments = facts.clone();
        facts.retain(|(entity, _)| match entity.kind {
            EntityKind::Lead => has_lead,
            EntityKind::Deal => !deleted_deals.contains(entity),
            EntityKind::Program => false,
        });
        Journey { row: row.entity, has_lead, facts, facts_for_segments }
    }

    /// The facts of the lead family.
    pub(super) fn lead_facts(&self) -> impl Iterator<Item = &Fact> {
        self.facts.iter().filter(|said| said.0.kind == EntityKind::Lead).map(|said| &said.1)
    }

    /// The deals that count.
    pub(super) fn deals(&self) -> Vec<Deal> {
        let deals = entities(&self.facts, EntityKind::Deal);
        deals.into_iter().map(|deal| Deal::of(self.facts.iter().filter(|said| said.0 == deal))).collect()
    }

    /// Whether a stage is open.
    pub(super) fn is_open(&self) -> bool {
        stages::open_stage(self).is_some()
    }
}

impl Deal {
    fn of<'f>(facts: impl Iterator<Item = &'f Said>) -> Deal {
        let mut deal = Deal { begins: None, status: None, amount: None };
        for (_, fact) in facts {
            let begins = deal.begins.unwrap_or(fact.at);
            match &fact.says {
                Says::DealOpened { amount, .. } => {
                    deal.begins = Some(begins);
                    deal.amount = amount.or(deal.amount);
                }
                Says::DealStageEntered { status, amount, .. } => {
                    deal.begins = Some(begins);
                    deal.amount = amount.or(deal.amount);
                    if deal.status.is_none_or(|(known, _)| known != *status) {
                        deal.status = Some((*status, fact.at));
                    }
                }
                Says::DealAmountChanged { amount } => deal.amount = Some(*amount),
                _ => {}
            }
        }
        deal
    }
}

/// What a row contributes at a boundary of a generation.
pub(super) fn contributed(row: &Row, generation: &Generation, boundary: Minute) -> Contributed {
    match row.freed.filter(|&freed| freed <= boundary) {
        // It was gone before these definitions came.
        Some(freed) if freed < generation.from => Contributed::default(),
        Some(freed) => {
            let mut frozen = contributed_then(row, generation, freed);
            frozen.contributions.retain(|of| !matches!(of.cell.measure, Measure::Open(_)));
            frozen
        }
        None => contributed_then(row, generation, boundary),
    }
}

fn contributed_then(row: &Row, generation: &Generation, boundary: Minute) -> Contributed {
    let rulebook = &generation.rulebook;
    let journey = Journey::of(row, boundary);
    let mut contributions = vec![];
    if journey.has_lead {
        contributions.extend(stages::contributions(&journey));
        contributions.extend(touches::contributions(&journey, rulebook, boundary));
    }
    let open = stages::open_stage(&journey);
    contributions.extend(open.map(|(stage, at)| one(Measure::Open(stage), at, 0)));
    for (_, fact) in &journey.facts {
        contributions.extend(of_fact(fact));
    }
    for deal in journey.deals() {
        contributions.extend(of_deal(&deal));
    }
    contributions.retain(|of| of.cell.slice >= generation.cut);
    contributions.sort();
    let is_lead = row.entity.kind == EntityKind::Lead && !row.is_erased(row.entity, boundary);
    let emissions = emissions(row, generation);
    let is_told = |from: Minute| emissions.range(from..=boundary.max(from)).any(|&at| at <= boundary);
    let known = row.ids.get(&row.entity).filter(|&&(_, from)| is_lead && is_told(from));
    Contributed {
        segments: segments(row, generation, boundary),
        lead_id: known.map(|(id, _)| id.clone()),
        contributions,
    }
}

/// The boundaries at which a row looks at itself: the first one of the generation, and where a fact begins or
/// ends to count, or a first touch that was awaited is missed.
pub(super) fn emissions(row: &Row, generation: &Generation) -> BTreeSet<Minute> {
    let mut all = BTreeSet::new();
    for stay in &row.stays {
        all.insert(stay.since);
        all.extend(Some(stay.until).filter(|&until| until < Minute::MAX));
        if let Says::StageEntered { stage: Stage::Mql } = stay.fact.says {
            let deadline = generation.rulebook.deadline(stay.fact.at);
            let passed = deadline.map(EventTime::first_boundary_after).filter(|&at| !all.contains(&at));
            all.extend(
                passed.filter(|&at| touches::is_missed_at(&Journey::of(row, at), &generation.rulebook, at)),
            );
        }
    }
    all.insert(generation.from);
    all.split_off(&generation.from)
}

/// One in a cell without a subject.
pub(super) fn one(measure: Measure, at: EventTime, grade: u16) -> Contribution {
    one_of(measure, "", at, grade)
}

/// One in a cell.
pub(super) fn one_of(measure: Measure, subject: &str, at: EventTime, grade: u16) -> Contribution {
    let cell = Cell { measure, subject: subject.into(), slice: at.minute(), grade };
    Contribution { cell, n: 1, evidence: false }
}

fn of_fact(fact: &Fact) -> Option<Contribution> {
    match &fact.says {
        Says::Touched { team, automated: false, .. } | Says::DealTouched { team, automated: false, .. } => {
            Some(one(Measure::Touches(*team), fact.at, 0))
        }
        Says::Dispositioned { verdict, reason } => {
            let reason = reason.as_deref().unwrap_or("");
            let verdicts = one_of(Measure::Verdicts(*verdict), reason, fact.at, 0);
            Some(Contribution { evidence: verdict.is_negative(), ..verdicts })
        }
        _ => None,
    }
}

fn of_deal(deal: &Deal) -> Vec<Contribution> {
    let mut all: Vec<Contribution> =
        deal.begins.map(|at| one(Measure::DealsOpened, at, 0)).into_iter().collect();
    match deal.status {
        Some((DealStatus::Won, at)) => {
            all.push(one(Measure::DealsWon, at, 0));
            if let Some(Amount { minor, currency }) = deal.amount {
                let amount = one_of(Measure::WonAmount, currency.as_str(), at, 0);
                all.push(Contribution { n: minor, ..amount });
            }
        }
        Some((DealStatus::Lost, at)) => all.push(one(Measure::DealsLost, at, 0)),
        Some((DealStatus::Open, _)) | None => {}
    }
    all
}

fn latest(facts: &[&Fact], says: impl Fn(&Says) -> bool) -> Option<EventTime> {
    facts.iter().filter(|fact| says(&fact.says)).map(|fact| fact.at).max()
}

fn entities(facts: &[Said], kind: EntityKind) -> BTreeSet<EntityRef> {
    facts.iter().map(|said| said.0).filter(|entity| entity.kind == kind).collect()
}

/// Counts of many rows by (segment, cell), without those that are 0.
pub(super) fn summed<'c>(all: impl IntoIterator<Item = &'c Contributed>) -> BTreeMap<(Text, Cell), i64> {
    let mut sums: BTreeMap<(Text, Cell), i64> = BTreeMap::new();
    for contributed in all {
        for segment in &contributed.segments {
            for contribution in &contributed.contributions {
                *sums.entry((segment.clone(), contribution.cell.clone())).or_default() += contribution.n;
            }
        }
    }
    sums.retain(|_, n| *n != 0);
    sums
}
