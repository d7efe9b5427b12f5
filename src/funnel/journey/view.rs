//! A row at a boundary: the facts that count there, told apart into the lead's and each deal's.

use crate::model::entity::{EntityKey, EntityKind};
use crate::model::fact::{Fact, Says};
use crate::model::money::Amount;
use crate::model::words::{DealStatus, Origin, Stage};
use crate::model::{EventTime, Minute};

use super::row::{Row, Whose};

/// What a row holds at a boundary. Facts are in the order of facts.
#[derive(Debug)]
pub struct View<'a> {
    /// The facts of the lead and of the leads merged into it; empty if the lead is deleted.
    pub lead: Vec<&'a Fact>,
    /// Whether the row is that of a lead which is not deleted, so that its journey has stages.
    pub has_lead: bool,
    /// The deals that are not deleted, in order of their keys.
    pub deals: Vec<Deal<'a>>,
    /// Every fact, deleted or not, in the order of the row: a deal's with its key.
    all: Vec<(&'a Fact, Option<EntityKey>)>,
}

/// A deal at a boundary.
#[derive(Debug)]
pub struct Deal<'a> {
    key: EntityKey,
    /// Its facts, in order.
    pub facts: Vec<&'a Fact>,
    /// Since when it exists; `None` if it was only touched or amended so far.
    pub exists_since: Option<EventTime>,
    /// The status that it has, and since when.
    pub status: Option<(DealStatus, EventTime)>,
    /// Its amount as last said.
    pub amount: Option<Amount>,
    /// Who brought it, as last said.
    pub origin: Option<Origin>,
}

impl<'a> View<'a> {
    /// The facts of `row` that count at `boundary`.
    pub fn at(row: &'a Row, boundary: Minute) -> View<'a> {
        let mut lead: Vec<&Fact> = Vec::new();
        let mut own: Vec<&Fact> = Vec::new();
        let mut deals: Vec<(EntityKey, Vec<&Fact>)> = Vec::new();
        let mut all = Vec::new();
        for held in row.held.iter().filter(|h| h.counts_at(boundary)) {
            let entity = row.entity_of(held.whose);
            all.push((&held.fact, (entity.kind == EntityKind::Deal).then_some(entity.key)));
            match entity.kind {
                EntityKind::Lead => lead.push(&held.fact),
                EntityKind::Deal => match deals.binary_search_by_key(&entity.key, |(key, _)| *key) {
                    Ok(i) => deals[i].1.push(&held.fact),
                    Err(i) => deals.insert(i, (entity.key, vec![&held.fact])),
                },
                EntityKind::Program => {}
            }
            if held.whose == Whose::Own {
                own.push(&held.fact);
            }
        }
        let deleted = row.entity.kind == EntityKind::Lead
            && is_deleted(
                &own,
                |says| matches!(says, Says::Deleted),
                |says| matches!(says, Says::Created { .. }),
            );
        if deleted {
            lead.clear();
        }
        let deals = deals.into_iter().filter_map(|(key, facts)| Deal::of(key, facts)).collect::<Vec<_>>();
        let has_lead =
            row.entity.kind == EntityKind::Lead && !deleted && !(lead.is_empty() && deals.is_empty());
        View { lead, has_lead, deals, all }
    }

    /// The facts that are not deleted, in order: the lead's with `None`, a deal's with its place in `deals`.
    pub fn in_order(&self) -> impl Iterator<Item = (&'a Fact, Option<usize>)> {
        self.all.iter().filter_map(|(fact, deal)| match deal {
            None => (!self.lead.is_empty()).then_some((*fact, None)),
            Some(key) => {
                let place = self.deals.binary_search_by_key(key, |deal| deal.key).ok()?;
                Some((*fact, Some(place)))
            }
        })
    }
}

impl<'a> Deal<'a> {
    fn of(key: EntityKey, facts: Vec<&'a Fact>) -> Option<Deal<'a>> {
        if is_deleted(&facts, |s| matches!(s, Says::DealDeleted), |s| matches!(s, Says::DealOpened { .. })) {
            return None;
        }
        let mut deal =
            Deal { key, facts: Vec::new(), exists_since: None, status: None, amount: None, origin: None };
        for fact in &facts {
            match &fact.says {
                Says::DealOpened { amount, origin, .. } => {
                    deal.exists_since = deal.exists_since.or(Some(fact.at));
                    deal.origin = origin.or(deal.origin);
                    deal.amount = amount.or(deal.amount);
                }
                Says::DealStageEntered { status, amount, .. } => {
                    deal.exists_since = deal.exists_since.or(Some(fact.at));
                    deal.amount = amount.or(deal.amount);
                    if deal.status.is_none_or(|(was, _)| was != *status) {
                        deal.status = Some((*status, fact.at));
                    }
                }
                Says::DealAmountChanged { amount } => deal.amount = Some(*amount),
                _ => {}
            }
        }
        deal.facts = facts;
        Some(deal)
    }

    /// When it was won, if it stands as won.
    pub fn won_at(&self) -> Option<EventTime> {
        self.status.and_then(|(status, at)| (status == DealStatus::Won).then_some(at))
    }

    /// Whether marketing sourced it: by its origin or, where none was said, because its lead was an MQL before it
    /// existed.
    pub fn is_sourced_by_marketing(&self, view: &View<'_>) -> bool {
        let is_mql = |says: &Says| matches!(says, Says::StageEntered { stage: Stage::Mql });
        match self.origin {
            Some(origin) => origin == Origin::Marketing,
            None => {
                let handed_over = view.lead.iter().find(|fact| is_mql(&fact.says)).map(|fact| fact.at);
                handed_over.is_some_and(|at| self.exists_since.is_some_and(|since| at < since))
            }
        }
    }

    /// When it was lost, if it stands as lost.
    pub fn lost_at(&self) -> Option<EventTime> {
        self.status.and_then(|(status, at)| (status == DealStatus::Lost).then_some(at))
    }
}

/// Deleted = the latest deletion is at or after the latest creation, or there was no creation.
fn is_deleted(facts: &[&Fact], deletes: fn(&Says) -> bool, creates: fn(&Says) -> bool) -> bool {
    let last = |which: fn(&Says) -> bool| facts.iter().rev().find(|f| which(&f.says)).map(|f| f.at);
    match (last(deletes), last(creates)) {
        (Some(deleted), Some(created)) => deleted >= created,
        (deleted, _) => deleted.is_some(),
    }
}
