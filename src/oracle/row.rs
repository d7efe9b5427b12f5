//! The row of an entity: which facts stay in it, from which boundary until which.
//!
//! Nothing is ever forgotten here, so that every boundary of the past can be asked again; `is_held` says
//! what still belongs to the row. Rules: `src/funnel/semantics.md`, "Facts of a row", "Where facts live".

use std::collections::{BTreeMap, BTreeSet};

use super::order::in_time;
use crate::model::control::{Control, Moved};
use crate::model::entity::{EntityKind, EntityRef, FactId};
use crate::model::event::{Attributes, Kind};
use crate::model::fact::{Fact, Says};
use crate::model::{DAY_MS, EventTime, Minute, Text};

/// A control record or a forwarded one that a partition has to write.
#[derive(Clone, Debug, PartialEq)]
pub struct Demand {
    /// The partition of the event log to which it goes.
    pub partition: u32,
    /// What it is.
    pub record: Demanded,
}

/// What is demanded.
#[derive(Clone, Debug, PartialEq)]
pub enum Demanded {
    /// A record of the log's own.
    Control(Control),
    /// The input record itself, as a forwarded copy.
    Forwarded,
}

impl Demand {
    pub(super) fn control(partition: u32, control: Control) -> Demand {
        Demand { partition, record: Demanded::Control(control) }
    }

    /// A control record as it is demanded: facts on the move one by one, for it is all the same how
    /// many of them travel in one record.
    pub fn each(partition: u32, control: &Control) -> Vec<Demand> {
        let Control::Moved(moved) = control else {
            return vec![Demand::control(partition, control.clone())];
        };
        let alone = |fact: &Fact| Control::Moved(Moved { facts: vec![fact.clone()], ..moved.clone() });
        moved.facts.iter().map(|fact| Demand::control(partition, alone(fact))).collect()
    }
}

/// The hops of a fact that a home, or a row on the way, sends to the owner of its own accord.
pub(super) const FIRST_HOP: u8 = 1;

/// A fact in a row, with the boundaries between which it counts there.
#[derive(Clone, Debug)]
pub(super) struct Stay {
    /// Whose fact it is.
    pub(super) entity: EntityRef,
    /// The entities through whose rows it came, its own home aside.
    pub(super) trail: Vec<EntityRef>,
    pub(super) fact: Fact,
    pub(super) since: Minute,
    pub(super) until: Minute,
}

impl Stay {
    pub(super) fn counts_at(&self, boundary: Minute) -> bool {
        self.since <= boundary && boundary < self.until
    }

    fn counts_ever(&self) -> bool {
        self.since < self.until
    }

    /// Goes by the way of another stay of the same identity, if that one ends later.
    fn follow_the_longer(&mut self, other: &Stay) {
        if other.until > self.until {
            self.until = other.until;
            self.trail = other.trail.clone();
        }
    }
}

/// A merge, a link or a hint: from this time on the entity belongs to `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Link {
    pub(super) at: EventTime,
    pub(super) id: FactId,
    pub(super) to: EntityRef,
}

/// The row that an entity's facts belong to, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Owner {
    pub(super) to: EntityRef,
    pub(super) at: EventTime,
}

/// Whether an owner took the place of another one, or of none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum IsNew {
    Yes,
    No,
}

/// What a row did with a fact that is to count in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Placed {
    /// There is no boundary at which it counts here.
    Nowhere,
    /// Its identity was not known.
    New,
    /// It was known with the same content, or with one that is forgotten.
    Same,
    /// It was known with other content; the smaller one is kept.
    Conflicting,
}

/// Everything that one partition knows of one entity.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) entity: EntityRef,
    pub(super) stays: Vec<Stay>,
    pub(super) links: Vec<Link>,
    pub(super) hints: BTreeMap<EntityRef, (EventTime, FactId)>,
    pub(super) owner: Option<Owner>,
    /// Entities to be given back to their homes, with the time from which on.
    pub(super) released: BTreeMap<EntityRef, EventTime>,
    /// Deals that events said to belong to this lead: the earliest such event.
    pub(super) namings: BTreeMap<EntityRef, (EventTime, FactId)>,
    /// Raw ids, with the boundary from which on each is known.
    pub(super) ids: BTreeMap<EntityRef, (Text, Minute)>,
    /// The boundary at which the row was freed: its contributions stay as they were then.
    pub(super) freed: Option<Minute>,
}

impl Row {
    pub(super) fn new(entity: EntityRef) -> Row {
        Row {
            entity,
            stays: vec![],
            links: vec![],
            hints: BTreeMap::new(),
            owner: None,
            released: BTreeMap::new(),
            namings: BTreeMap::new(),
            ids: BTreeMap::new(),
            freed: None,
        }
    }

    /// Remembers a raw id, unless its entity is erased.
    pub(super) fn learn(&mut self, entity: EntityRef, id: &Text, time: Minute) {
        if !self.is_erased(entity, time) {
            self.ids.entry(entity).or_insert_with(|| (id.clone(), time.next()));
        }
    }

    /// The boundaries at which erasures take effect, with whose they are.
    pub(super) fn erasures(&self) -> impl Iterator<Item = (EntityRef, Minute)> {
        let erasures = self.stays.iter().filter(|stay| stay.fact.says.is_erasure());
        erasures.filter(|stay| stay.counts_at(stay.since)).map(|stay| (stay.entity, stay.since))
    }

    pub(super) fn erased_from(&self, entity: EntityRef) -> Option<Minute> {
        self.erasures().filter(|erasure| erasure.0 == entity).map(|erasure| erasure.1).min()
    }

    pub(super) fn is_erased(&self, entity: EntityRef, boundary: Minute) -> bool {
        self.erased_from(entity).is_some_and(|from| from <= boundary)
    }

    /// Puts a fact into the row, if there is a boundary at which it counts.
    pub(super) fn place(&mut self, new: Stay, time: Minute) -> Placed {
        if !new.counts_ever() {
            return Placed::Nowhere;
        }
        let is_erased = self.is_erased(new.entity, time);
        let content = |fact: &Fact| if is_erased { without_attributes(fact.clone()) } else { fact.clone() };
        let is_same = |stay: &&mut Stay| {
            stay.entity == new.entity
                && stay.fact.says.kind() == new.fact.says.kind()
                && stay.fact.id == new.fact.id
                && new.since < stay.until
        };
        let Some(known) = self.stays.iter_mut().filter(is_same).max_by_key(|stay| stay.until) else {
            self.stays.push(new);
            return Placed::New;
        };
        let is_forgotten = is_erased && known.since <= time;
        let (old_content, new_content) = (content(&known.fact), content(&new.fact));
        if is_forgotten || new_content.canonical() >= old_content.canonical() {
            known.since = known.since.min(new.since);
            known.follow_the_longer(&new);
            let is_same = is_forgotten || new_content == old_content;
            return if is_same { Placed::Same } else { Placed::Conflicting };
        }
        let mut kept = Stay { since: new.since, fact: new.fact.clone(), ..known.clone() };
        kept.follow_the_longer(&new);
        known.until = known.until.min(after(time));
        self.stays.retain(Stay::counts_ever);
        self.stays.push(kept);
        Placed::Conflicting
    }

    /// Erases the leads that live here and were merged into one that is erased here, and tells their homes.
    pub(super) fn erase_merged(&mut self, time: Minute) -> Vec<Demand> {
        let mut told = vec![];
        loop {
            let mut erased: BTreeMap<EntityRef, Stay> = BTreeMap::new();
            for merged in self.erased_by_others(time) {
                let rank = |stay: &Stay| (stay.fact.at, stay.fact.id, stay.since, stay.trail.clone());
                let known = erased.entry(merged.entity).or_insert_with(|| merged.clone());
                if rank(&merged) < rank(known) {
                    *known = merged;
                }
            }
            if erased.is_empty() {
                return told;
            }
            for (lead, stay) in erased {
                told.push(self.moved(lead, vec![], stay.fact.at, 0, &Parcel::of(&stay), time));
                self.stays.push(stay);
            }
        }
    }

    /// Every way in which a lead that lives here is erased with another one.
    fn erased_by_others(&self, time: Minute) -> Vec<Stay> {
        let is_of_lead = |stay: &&Stay| stay.fact.says == Says::Erased;
        let erasures: Vec<&Stay> = self.stays.iter().filter(is_of_lead).collect();
        let mut found = vec![];
        for living in &self.stays {
            let is_known = erasures.iter().any(|erasure| erasure.entity == living.entity);
            if living.entity.kind != EntityKind::Lead || living.entity == self.entity || is_known {
                continue;
            }
            for erasure in &erasures {
                let since = erasure.since.max(after(time));
                let is_of_other = erasure.entity == self.entity || living.trail.contains(&erasure.entity);
                if is_of_other && since < living.until {
                    let (entity, trail) = (living.entity, living.trail.clone());
                    found.push(Stay { entity, trail, fact: erasure.fact.clone(), since, until: Minute::MAX });
                }
            }
        }
        found
    }

    /// Whether the entity's facts belong to another row.
    pub(super) fn is_redirect(&self) -> bool {
        self.owner.is_some()
    }

    /// Whether the row is too old to be kept at a boundary, if it is kept for so many days.
    pub(super) fn is_old(&self, days: u32, boundary: Minute) -> bool {
        let is_settled = self.stays.iter().all(|stay| stay.since <= boundary);
        let staying = self.stays.iter().filter(|stay| boundary < stay.until).map(|stay| stay.fact.at);
        let newest = staying.chain(self.times_told()).max();
        is_settled && newest.is_none_or(|at| at.plus_ms(i64::from(days) * DAY_MS) < boundary.start())
    }

    /// The boundaries at which the row may have become too old, if it is kept for so many days.
    pub(super) fn turning_points(&self, days: u32) -> BTreeSet<Minute> {
        let at = self.stays.iter().map(|stay| stay.fact.at).chain(self.times_told());
        let old = at.map(|at| at.plus_ms(i64::from(days) * DAY_MS).first_boundary_after());
        old.chain(self.stays.iter().flat_map(|stay| [stay.since, stay.until])).collect()
    }

    /// The times of links, hints, namings and releases.
    fn times_told(&self) -> impl Iterator<Item = EventTime> {
        let links = self.links.iter().map(|link| link.at);
        let named = self.hints.values().chain(self.namings.values()).map(|&(at, _)| at);
        links.chain(named).chain(self.released.values().copied())
    }

    /// The owner by the links and hints that are known.
    pub(super) fn owner_by_links(&self) -> Option<Owner> {
        let hints = self.hints.iter().map(|(&to, &(at, id))| Link { at, id, to });
        let mut all: Vec<Link> = self.links.iter().copied().chain(hints).collect();
        all.sort();
        let to = all.last()?.to;
        let run = all.iter().rev().take_while(|link| link.to == to);
        run.last().map(|earliest| Owner { to, at: earliest.at })
    }

    /// Sends what is not to be given back to the owner and ends its stay here, unless it ends earlier
    /// anyway. An owner that stays knows already what stays here too.
    pub(super) fn send_all(&mut self, owner: Owner, is_new: IsNew, time: Minute) -> Vec<Demand> {
        let until = switch(owner.at, time);
        let released = self.released.clone();
        let mut parcels = vec![];
        for stay in self.stays.iter_mut().filter(|stay| until < stay.until) {
            let is_known = stay.until == Minute::MAX && is_new == IsNew::No;
            let is_given_back = release_of(&released, self.entity, stay.entity, &stay.trail).is_some();
            if is_known || is_given_back || stay.fact.says.kind() == Kind::LeadDeleted {
                continue;
            }
            parcels.push(Parcel::of(stay));
            if !stay.fact.says.is_erasure() {
                stay.until = until;
            }
        }
        self.stays.retain(Stay::counts_ever);
        self.post(&once(parcels), owner.to, owner.at, FIRST_HOP, time)
    }

    /// Gives an entity, and what came through it, back to that entity's home.
    pub(super) fn release(&mut self, entity: EntityRef, at: EventTime, time: Minute) -> Vec<Demand> {
        let known = self.released.entry(entity).or_insert(at);
        *known = at.max(*known);
        let until = switch(at, time);
        let mut parcels = vec![];
        for stay in self.stays.iter_mut().filter(|stay| until < stay.until) {
            // The row's own facts are at home here.
            let is_at_home = stay.entity == self.entity;
            if is_at_home || !came_through(entity, stay.entity, &stay.trail) {
                continue;
            }
            parcels.push(Parcel::of(stay));
            if !stay.fact.says.is_erasure() {
                stay.until = until;
            }
        }
        self.stays.retain(Stay::counts_ever);
        self.give_back(&once(parcels), entity, at, time)
    }

    /// The released entity by which a fact is to be given back, with the time from which on.
    pub(super) fn released_by(
        &self,
        entity: EntityRef,
        trail: &[EntityRef],
    ) -> Option<(EntityRef, EventTime)> {
        release_of(&self.released, self.entity, entity, trail)
    }

    /// The records that carry facts back to the home of a released entity.
    pub(super) fn give_back(
        &self,
        parcels: &[Parcel],
        to: EntityRef,
        at: EventTime,
        time: Minute,
    ) -> Vec<Demand> {
        let back = |parcel: &Parcel| {
            // The way by which it came to the released entity, if it did not come from there.
            let before = parcel.trail.iter().copied().take_while(|&through| through != to).collect();
            self.moved(to, before, at, 0, parcel, time)
        };
        parcels.iter().map(back).collect()
    }

    /// The records that carry facts to another row, by way of this one.
    pub(super) fn post(
        &self,
        parcels: &[Parcel],
        to: EntityRef,
        at: EventTime,
        hops: u8,
        time: Minute,
    ) -> Vec<Demand> {
        let on = |parcel: &Parcel| {
            let mut trail = parcel.trail.clone();
            if parcel.entity != self.entity {
                trail.push(self.entity);
            }
            self.moved(to, trail, at, hops, parcel, time)
        };
        parcels.iter().map(on).collect()
    }

    fn moved(
        &self,
        to: EntityRef,
        trail: Vec<EntityRef>,
        at: EventTime,
        hops: u8,
        parcel: &Parcel,
        time: Minute,
    ) -> Demand {
        let Parcel { entity, fact, .. } = parcel.clone();
        let erased = self.is_erased(entity, time);
        let fact = if erased { without_attributes(fact) } else { fact };
        let known = self.ids.get(&entity).map(|(id, _)| id.clone());
        let id = known.filter(|_| !erased);
        let moved = Moved { to, entity, id, trail, at, hops, facts: vec![fact] };
        Demand::control(to.home, Control::Moved(moved))
    }
}

/// Whether facts of `whose` that came by `trail` are the entity's own or came through it.
pub(super) fn came_through(entity: EntityRef, whose: EntityRef, trail: &[EntityRef]) -> bool {
    whose == entity || trail.contains(&entity)
}

/// The first released entity of a fact's way, from the fact's own on; a row's own facts are at home.
fn release_of(
    released: &BTreeMap<EntityRef, EventTime>,
    home: EntityRef,
    entity: EntityRef,
    trail: &[EntityRef],
) -> Option<(EntityRef, EventTime)> {
    let mut way = [entity].into_iter().chain(trail.iter().copied()).filter(|_| entity != home);
    way.find_map(|entity| Some((entity, *released.get(&entity)?)))
}

/// The boundary at which facts change rows: the first after the time of the link, and after T.
pub(super) fn switch(at: EventTime, time: Minute) -> Minute {
    at.first_boundary_after().max(after(time))
}

/// The first boundary after T; no bound while T is *never*.
pub(super) fn after(time: Minute) -> Minute {
    if time == Minute::MIN { time } else { time.next() }
}

/// A fact without what it says for the sake of segments only.
fn without_attributes(mut fact: Fact) -> Fact {
    match &mut fact.says {
        Says::Created { source, campaign_id, attributes } => {
            (*source, *campaign_id, *attributes) = (None, None, Attributes::default());
        }
        Says::DealOpened { attributes, .. } => *attributes = Attributes::default(),
        _ => {}
    }
    fact
}

/// A fact to be sent.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parcel {
    pub(super) entity: EntityRef,
    pub(super) trail: Vec<EntityRef>,
    pub(super) fact: Fact,
}

impl Parcel {
    fn of(stay: &Stay) -> Parcel {
        Parcel { entity: stay.entity, trail: stay.trail.clone(), fact: stay.fact.clone() }
    }
}

/// Each parcel once, in the order of entities and facts.
fn once(mut parcels: Vec<Parcel>) -> Vec<Parcel> {
    parcels.sort_by_cached_key(|parcel| (parcel.entity, parcel.trail.clone(), in_time(&parcel.fact)));
    parcels.dedup();
    parcels
}
