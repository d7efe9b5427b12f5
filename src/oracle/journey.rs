//! What a row contributes to the funnel at one boundary: a pure function of its facts.
//!
//! Rules: `src/funnel/semantics.md`, "What a journey contributes at B". The stages are in `stages`, the
//! cycles and their first touch in `touches`, the segments in `segments`; here is everything else, and the
//! putting together.

use std::collections::{BTreeMap, BTreeSet};

use super::Rulebook;
use super::generation::Generation;
use super::order::in_time;
use super::row::Row;
use super::segments::segments;
use super::{content, rounds, stages, touches, verdicts};
use crate::model::entity::{EntityKind, EntityRef};
use crate::model::fact::{Fact, Says};
use crate::model::measure::{Cell, Contribution, Measure};
use crate::model::money::Amount;
use crate::model::words::{DealStatus, Origin, Stage};
use crate::model::{EventTime, Minute, Text};

/// Everything that a row adds at a boundary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Contributed {
    /// Sorted.
    pub(super) segments: Vec<Text>,
    /// The raw id of the journey's lead, or of a deal in a row of its own, where it may be shown.
    pub(super) id: Option<Text>,
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
    pub(super) entity: EntityRef,
    /// When it begins to exist.
    pub(super) begins: Option<EventTime>,
    /// Its status and since when it has it.
    pub(super) status: Option<(DealStatus, EventTime)>,
    amount: Option<Amount>,
    /// Who brought it, as said last.
    origin: Option<Origin>,
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
        deals
            .into_iter()
            .map(|deal| Deal::of(deal, self.facts.iter().filter(|said| said.0 == deal)))
            .collect()
    }

    /// Whether a stage is open.
    pub(super) fn is_open(&self) -> bool {
        stages::open_stage(self).is_some()
    }
}

impl Deal {
    fn of<'f>(entity: EntityRef, facts: impl Iterator<Item = &'f Said>) -> Deal {
        let mut deal = Deal { entity, begins: None, status: None, amount: None, origin: None };
        for (_, fact) in facts {
            let begins = deal.begins.unwrap_or(fact.at);
            match &fact.says {
                Says::DealOpened { amount, origin, .. } => {
                    deal.begins = Some(begins);
                    deal.amount = amount.or(deal.amount);
                    deal.origin = origin.or(deal.origin);
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
    let rules = &rulebook.definitions.rules;
    let journey = Journey::of(row, boundary);
    let mut contributions = vec![];
    if journey.has_lead {
        let step = rules.divergence.as_ref().map(|rule| rule.step);
        contributions.extend(stages::contributions(&journey, step));
        contributions.extend(touches::contributions(&journey, rulebook, boundary));
        contributions.extend(verdicts::contributions(&journey, rulebook, boundary));
    }
    if rules.stage_ageing.is_some() {
        contributions.extend(stages::stays(&journey));
    }
    contributions.extend(rounds::contributions(&journey, rulebook, boundary));
    contributions.extend(content::contributions(&journey, rules));
    let open = stages::open_stage(&journey);
    let is_evidence = |stage| {
        rules.stage_ageing.is_some() && !matches!(stage, Stage::Lead | Stage::Customer | Stage::Disqualified)
    };
    let of_open =
        |(stage, at)| Contribution { evidence: is_evidence(stage), ..one(Measure::Open(stage), at, 0) };
    contributions.extend(open.map(of_open));
    for (_, fact) in &journey.facts {
        contributions.extend(of_fact(fact));
    }
    for deal in journey.deals() {
        contributions.extend(of_deal(&deal));
        if rules.revenue_pace.is_some() {
            contributions.extend(of_sourced(&deal, &journey, rulebook));
        }
    }
    contributions.retain(|of| of.cell.slice >= generation.cut);
    contributions.sort();
    let may_be_shown = !row.is_erased(row.entity, boundary);
    let emissions = emissions(row, generation, boundary);
    let is_told = |from: Minute| emissions.range(from..=boundary.max(from)).any(|&at| at <= boundary);
    let known = row.ids.get(&row.entity).filter(|&&(_, from)| may_be_shown && is_told(from));
    Contributed {
        segments: segments(row, generation, boundary),
        id: known.map(|(id, _)| id.clone()),
        contributions,
    }
}

/// The boundaries up to `to` at which a row looks at itself: the first one of the generation, and where a fact begins
/// or ends to count, a first touch has its outcome, a verdict that was awaited is missed, or a round of a deal ends.
pub(super) fn emissions(row: &Row, generation: &Generation, to: Minute) -> BTreeSet<Minute> {
    let rulebook = &generation.rulebook;
    let mut all = BTreeSet::from([generation.from]);
    for stay in &row.stays {
        all.insert(stay.since);
        all.extend(Some(stay.until).filter(|&until| until < Minute::MAX));
    }
    let of_facts: Vec<Minute> = all.iter().copied().filter(|&at| at <= to).collect();
    for stay in &row.stays {
        if let Says::StageEntered { stage: Stage::Mql } = stay.fact.says {
            let passed = |deadline: Option<EventTime>| deadline.map(EventTime::first_boundary_after);
            let touch = passed(rulebook.deadline(stay.fact.at)).filter(|&at| at <= to && !all.contains(&at));
            all.extend(touch.filter(|&at| touches::is_decided_at(&Journey::of(row, at), rulebook, at)));
            let verdict =
                passed(rulebook.verdict_deadline(stay.fact.at)).filter(|&at| at <= to && !all.contains(&at));
            all.extend(verdict.filter(|&at| verdicts::is_missed_at(&Journey::of(row, at), rulebook, at)));
        }
    }
    if rulebook.definitions.rules.absent_after_handoff.is_some() {
        // Between two changes of its facts a journey stays the same.
        let nexts = of_facts.iter().skip(1).map(|next| next.plus(-1)).chain([to]);
        for (&from, last) in of_facts.iter().zip(nexts) {
            let ends = rounds::ends(&Journey::of(row, from), rulebook, last);
            all.extend(ends.into_iter().filter(|&at| from <= at && at <= last));
        }
    }
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

/// A won deal that marketing sourced.
fn of_sourced(deal: &Deal, journey: &Journey, rulebook: &Rulebook) -> Vec<Contribution> {
    let Some((DealStatus::Won, at)) = deal.status else { return vec![] };
    let is_sourced = match deal.origin {
        Some(origin) => origin == Origin::Marketing,
        None => {
            let is_mql = |fact: &&Fact| matches!(fact.says, Says::StageEntered { stage: Stage::Mql });
            let first = journey.lead_facts().filter(is_mql).map(|fact| fact.at).min();
            first.zip(deal.begins).is_some_and(|(mql, begins)| mql < begins)
        }
    };
    if !is_sourced {
        return vec![];
    }
    let mut all = vec![one(Measure::SourcedWon, at, 0)];
    if let Some(Amount { minor, currency }) = deal.amount {
        let amount = one_of(Measure::SourcedWonAmount, currency.as_str(), at, 0);
        all.push(Contribution { n: minor, ..amount });
        let size = rulebook.buckets.bucket(minor.unsigned_abs());
        let won = one_of(Measure::SourcedWonSize, currency.as_str(), at, size);
        all.push(Contribution { evidence: true, ..won });
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
        for contribution in &contributed.contributions {
            let in_all_alone = contribution.cell.measure.is_of_all_alone();
            for segment in contributed.segments.iter().filter(|segment| !in_all_alone || *segment == "all") {
                *sums.entry((segment.clone(), contribution.cell.clone())).or_default() += contribution.n;
            }
        }
    }
    sums.retain(|_, n| *n != 0);
    sums
}
