//! Putting facts and links where they belong: into a row, on to its owner, or back home.

use crate::model::control::{Control, Moved};
use crate::model::entity::{EntityRef, FactId};
use crate::model::event::Event;
use crate::model::fact::Fact;
use crate::model::outcome::Outcome;
use crate::model::{EventTime, Minute, Text};

use super::emit;
use super::erasing;
use super::moving::{self, HOPS_MAX};
use super::row::{Held, Link, LinkSaid, Offered, Row, Whose};
use super::rows::Slot;
use super::{Applied, JourneysTask, Write};

/// How a fact came to the row in which it is placed.
#[derive(Clone, Copy, Debug)]
struct Arrival {
    /// It counts from the first boundary after this time; `None` if it did not move here.
    stamp: Option<EventTime>,
    /// How often it has been passed on.
    hops: u8,
}

impl JourneysTask {
    /// A fact of an entity in that entity's own row.
    pub(super) fn own_fact(&mut self, fact: Fact, entity: EntityRef, id: &Text) -> Applied {
        let slot = self.rows.of(entity, Some(id), self.time);
        self.place(slot, Whose::Own, fact, Arrival { stamp: None, hops: 0 })
    }

    /// A fact of a deal that names its lead: it is a guest in the lead's row, and the deal's home is told.
    pub(super) fn deal_fact_with_lead(
        &mut self,
        fact: Fact,
        deal: EntityRef,
        deal_id: &Text,
        lead_id: &Text,
    ) -> Applied {
        let lead = self.generation.terms.ids.entity(crate::model::entity::EntityKind::Lead, lead_id);
        let slot = self.rows.of(lead, Some(lead_id), self.time);
        let now = self.time;
        let row = self.rows.row_mut(slot);
        let Some(whose) = row.guest(deal, Some(deal_id), &[], now) else { return self.full() };
        let told = tell(row, deal, lead, fact.at, fact.id);
        let mut applied = self.place(slot, whose, fact, Arrival { stamp: None, hops: 0 });
        applied.writes.extend(told.map(|control| Write::Control { to: deal.home, control }));
        applied
    }

    /// `lead_merged` or `deal_linked`.
    pub(super) fn link(&mut self, event: &Event, entity: EntityRef, id: &Text, to_lead: &Text) -> Applied {
        let to = self.generation.terms.ids.entity(crate::model::entity::EntityKind::Lead, to_lead);
        let link = Link {
            at: event.occurred_at,
            id: self.generation.terms.ids.fact_id(&event.event_id),
            to,
            said: LinkSaid::Outright,
        };
        let slot = self.rows.of(entity, Some(id), self.time);
        if self.rows.row(slot).links.len()
            >= self.generation.terms.definitions.limits.facts_per_journey as usize
        {
            return self.full();
        }
        let known = self.rows.row(slot).links.iter().any(|l| l.said == link.said && l.id == link.id);
        if known && !self.rows.row(slot).links.contains(&link) {
            self.counters.conflicting += 1;
        }
        let writes = self.follow(slot, link);
        let outcome = if known { Outcome::Duplicate } else { Outcome::Applied };
        Applied { outcome: Some(outcome), writes }
    }

    fn full(&mut self) -> Applied {
        self.counters.facts_over_limit += 1;
        Applied::ended(Outcome::Ignored)
    }

    /// The home of a deal is told that an event named its lead.
    pub(super) fn told(&mut self, deal: EntityRef, lead: EntityRef, at: EventTime, id: FactId) -> Vec<Write> {
        let slot = self.rows.of(deal, None, self.time);
        self.follow(slot, Link { at, id, to: lead, said: LinkSaid::ByNaming })
    }

    fn follow(&mut self, slot: Slot, link: Link) -> Vec<Write> {
        let now = self.time;
        let row = self.rows.row_mut(slot);
        let before = row.owner();
        let named = (link.said == LinkSaid::ByNaming).then_some(link.to);
        moving::remember(row, link);
        let mut writes = moving::follow(row, before, now);
        writes.extend(named.and_then(|lead| moving::disown(row, lead)));
        self.touched(slot);
        writes.into_iter().map(addressed).collect()
    }

    /// Facts that another row sent.
    pub(super) fn moved(&mut self, moved: &Moved) -> Vec<Write> {
        let now = self.time;
        let comes_home = moved.to.key == moved.entity.key;
        let slot = self.rows.of(moved.to, moved.id.as_ref().filter(|_| comes_home), now);
        let row = self.rows.row_mut(slot);
        let given_back = moved.hops == 0;
        let concerns = |key| key == moved.entity.key || moved.trail.iter().any(|hop| hop.key == key);
        row.released.retain(|(key, _)| given_back || !concerns(*key));
        let whose = match comes_home {
            true => Some(Whose::Own),
            false => row.guest(moved.entity, moved.id.as_ref(), &moved.trail, now),
        };
        self.touched(slot);
        let Some(whose) = whose else {
            self.counters.facts_over_limit += moved.facts.len() as u64;
            return Vec::new();
        };
        let mut writes = Vec::new();
        for fact in &moved.facts {
            self.counters.moved_facts += 1;
            let arrival = Arrival { stamp: Some(moved.at), hops: moved.hops };
            writes.extend(self.place(slot, whose, fact.clone(), arrival).writes);
        }
        writes
    }

    /// A former owner is asked to give an entity back.
    pub(super) fn release(
        &mut self,
        from: EntityRef,
        entity: EntityRef,
        at: EventTime,
        hops: u8,
    ) -> Vec<Write> {
        let now = self.time;
        let slot = self.rows.of(from, None, now);
        let row = self.rows.row_mut(slot);
        let mut writes = moving::release(row, entity, at, now);
        if let Some(owner) = row.owner().filter(|_| hops < HOPS_MAX) {
            writes.push(Control::Release { from: owner.to, entity, at, hops: hops + 1 });
        }
        self.touched(slot);
        writes.into_iter().map(addressed).collect()
    }

    /// Puts a fact into a row, or sends it on to where its entity lives, or both.
    fn place(&mut self, slot: Slot, whose: Whose, mut fact: Fact, arrival: Arrival) -> Applied {
        let now = self.time;
        let facts_max = self.generation.terms.definitions.limits.facts_per_journey as usize;
        let row = self.rows.row(slot);
        if row.is_erased(row.entity_of(whose).key, now) {
            emit::forget_attributes(&mut fact.says);
        }
        let stops = arrival.hops >= HOPS_MAX && row.owner().is_some();
        let parcel = if stops { None } else { onward(row, whose, &fact, arrival) };
        let mut since = moving::switch(fact.at, now);
        if let Some(stamp) = arrival.stamp {
            since = since.max(stamp.first_boundary_after());
        }
        let until = match &parcel {
            Some(parcel) if !moving::stays_too(&fact.says) => moving::switch(parcel.leaves_at, now),
            _ => Minute::MAX,
        };
        if stops {
            self.counters.moves_stopped += 1;
        }
        let offered = if since < until {
            let held = Held { fact: fact.clone(), whose, since, until };
            Some(self.rows.row_mut(slot).offer(held, now, facts_max))
        } else {
            None
        };
        let erased = erasing::erase_merged(self.rows.row_mut(slot), now, facts_max);
        self.touched(slot);
        let row = self.rows.row(slot);
        let mut writes = match parcel {
            // The next row may not have what this one has: what moves is passed on whatever is known here.
            Some(mut parcel) if offered != Some(Offered::Same) || arrival.stamp.is_some() => {
                parcel.moved.id = moving::id_of(row, whose, now);
                parcel.moved.facts.push(fact);
                vec![addressed(Control::Moved(parcel.moved))]
            }
            _ => Vec::new(),
        };
        writes.extend(erased.into_iter().map(addressed));
        let outcome = match offered {
            None => Outcome::Forwarded,
            Some(Offered::New) => Outcome::Applied,
            Some(Offered::Same) => Outcome::Duplicate,
            Some(Offered::Conflicting) => {
                self.counters.conflicting += 1;
                Outcome::Duplicate
            }
            Some(Offered::Full) => {
                self.counters.facts_over_limit += 1;
                Outcome::Ignored
            }
        };
        Applied { outcome: Some(outcome), writes }
    }

    /// A row has changed: it is state to be written, and due when its next fact begins or ends to count.
    fn touched(&mut self, slot: Slot) {
        let row = self.rows.row(slot);
        let emitted = self.generation.emitted(row);
        let begins = row.held.iter().map(|h| h.since).filter(|b| *b > emitted).min();
        let ends = row.held.iter().map(|h| h.until).filter(|b| *b > emitted).min();
        let due = match begins {
            Some(begins) => begins.min(ends.unwrap_or(begins)),
            // It may be kept less long than before: what kept it may be undone.
            None => self.due(row),
        };
        self.dirty.insert(row.entity.key);
        self.rows.make_due(slot, due);
    }
}

/// A parcel and the time from which the facts in it no longer count here.
struct Parcel {
    moved: Moved,
    leaves_at: EventTime,
}

/// Where a fact is to be sent on from `row`, if it does not stay.
fn onward(row: &Row, whose: Whose, fact: &Fact, arrival: Arrival) -> Option<Parcel> {
    if !moving::leaves(&fact.says) {
        return None;
    }
    if let Some((entity, at)) = moving::given_back(row, whose) {
        return Some(Parcel { moved: moving::back_home(row, whose, entity, at), leaves_at: at });
    }
    let owner = row.owner()?;
    let stamp = arrival.stamp.map_or(owner.since, |stamp| stamp.max(owner.since));
    Some(Parcel {
        moved: moving::to_owner(row, whose, owner, stamp, arrival.hops + 1),
        leaves_at: owner.since,
    })
}

/// What the deal's home is to be told, if this naming is the first or the earliest so far.
fn tell(row: &mut Row, deal: EntityRef, lead: EntityRef, at: EventTime, id: FactId) -> Option<Control> {
    match row.told.iter_mut().find(|(key, ..)| *key == deal.key) {
        Some((_, told_at, told_id)) if (at, id) < (*told_at, *told_id) => {
            (*told_at, *told_id) = (at, id);
        }
        Some(_) => return None,
        None => row.told.push((deal.key, at, id)),
    }
    Some(Control::Told { deal, lead, at, id })
}

/// A control record with the partition that it goes to.
fn addressed(control: Control) -> Write {
    let to = control.addressee().expect("rows write neither progress nor definitions");
    Write::Control { to: to.home, control }
}
