//! The row of an entity: which facts stay in it, from which boundary until which.
//!
//! Nothing is ever forgotten here, so that every boundary of the past can be asked again; `is_held` says
//! what still belongs to the row. Rules: `src/funnel/semantics.md`, "Facts of a row", "Where facts live".

use std::collections::BTreeMap;

use crate::model::control::{Control, Moved};
use crate::model::entity::{EntityRef, FactId};
use crate::model::event::{Attributes, Kind};
use crate::model::fact::{Fact, Says};
use crate::model::{DAY_MS, EventTime, Minute, Text};

/// A control record or a forwarded one that a partition has to write.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demand {
    /// The partition of the event log to which it goes.
    pub partition: u32,
    /// What it is.
    pub record: Demanded,
}

/// What is demanded.
#[derive(Clone, Debug, PartialEq, Eq)]
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
    pub(super) until: Option<Minute>,
    /// Another content of the same identity took its place.
    pub(super) replaced: bool,
    /// It was sent to its home, because its entity was released.
    pub(super) given_back: bool,
}

impl Stay {
    pub(super) fn counts_at(&self, boundary: Minute) -> bool {
        self.since <= boundary && self.until.is_none_or(|until| boundary < until)
    }

    /// Whether the fact is still to count, while its partition's time is `time`.
    fn is_held(&self, time: Minute) -> bool {
        !self.replaced && self.until.is_none_or(|until| self.since.max(time.next()) < until)
    }

    /// Ends a stay. Says whether it ends earlier than before; an erasure stays wherever it was read.
    fn ends_by(&mut self, until: Minute) -> bool {
        if self.fact.says.is_erasure() {
            return true;
        }
        let is_earlier = self.until.is_none_or(|known| until < known);
        if is_earlier {
            self.until = Some(until);
        }
        is_earlier
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

/// What a row did with an identity that was said again.
pub(super) enum Again {
    /// It was not known.
    New,
    /// It was known with the same content, or its entity is erased.
    Same,
    /// It was known with other, smaller content, which stays.
    Larger,
    /// It took the place of other content.
    Smaller,
}

/// Everything that one partition knows of one entity.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) entity: EntityRef,
    pub(super) stays: Vec<Stay>,
    pub(super) links: Vec<Link>,
    pub(super) hints: BTreeMap<EntityRef, (EventTime, FactId)>,
    pub(super) owner: Option<Owner>,
    /// Entities given back to their homes, with the time from which on.
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

    fn erased_from(&self, entity: EntityRef) -> Option<Minute> {
        self.erasures().filter(|erasure| erasure.0 == entity).map(|erasure| erasure.1).min()
    }

    pub(super) fn is_erased(&self, entity: EntityRef, boundary: Minute) -> bool {
        self.erased_from(entity).is_some_and(|from| from <= boundary)
    }

    /// Takes the place of held content of the same identity if it is larger.
    pub(super) fn say_again(&mut self, entity: EntityRef, fact: &Fact, time: Minute) -> Again {
        let erased_from = self.erased_from(entity).filter(|&from| from <= time);
        let identity = |stay: &Stay| {
            stay.entity == entity && stay.fact.says.kind() == fact.says.kind() && stay.fact.id == fact.id
        };
        let mut held: Vec<&mut Stay> =
            self.stays.iter_mut().filter(|stay| identity(stay) && stay.is_held(time)).collect();
        let Some(known) = held.first() else { return Again::New };
        // What has counted since the erasure took effect has lost its content.
        let is_erased = erased_from.is_some() && known.since <= time;
        if is_erased || known.fact == *fact {
            return Again::Same;
        }
        if fact.canonical() >= known.fact.canonical() {
            return Again::Larger;
        }
        for stay in &mut held {
            stay.until = Some(stay.until.map_or(time.next(), |until| until.min(time.next())));
            stay.replaced = true;
        }
        Again::Smaller
    }

    /// Puts a fact into the row, if there is a boundary at which it counts. Says whether there is.
    pub(super) fn place(&mut self, stay: Stay) -> bool {
        let counts = stay.until.is_none_or(|until| stay.since < until);
        if counts {
            self.stays.push(stay);
        }
        counts
    }

    /// Whether the entity's facts belong to another row.
    pub(super) fn is_redirect(&self) -> bool {
        self.owner.is_some()
    }

    /// The first boundary at which nothing in the row is younger than so many days, and nothing in it
    /// begins or ends to count any more.
    pub(super) fn idle_since(&self, days: u32) -> Option<Minute> {
        let facts = self.stays.iter().map(|stay| stay.fact.at);
        let links = self.links.iter().map(|link| link.at);
        let hints = self.hints.values().map(|&(at, _)| at);
        let newest = facts.chain(links).chain(hints).max()?;
        let old = newest.plus_ms(i64::from(days) * DAY_MS).first_boundary_after();
        let settled = self.stays.iter().map(|stay| stay.until.unwrap_or(stay.since).max(stay.since));
        settled.chain([old]).max()
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

    /// Sends every held fact that is the row's to send to the owner, and ends its stay here. An owner
    /// that stays knows every erasure already.
    pub(super) fn send_all(&mut self, owner: Owner, is_new: IsNew, time: Minute) -> Vec<Demand> {
        let until = switch(owner.at, time);
        let mut parcels = vec![];
        for stay in self.stays.iter_mut().filter(|stay| stay.is_held(time)) {
            let is_known = stay.fact.says.is_erasure() && is_new == IsNew::No;
            let is_kept = stay.given_back || is_known || stay.fact.says.kind() == Kind::LeadDeleted;
            // What leaves earlier anyway was sent already.
            if !is_kept && stay.ends_by(until) {
                parcels.push(Parcel::of(stay));
            }
        }
        self.post(&once(parcels), owner.to, owner.at, FIRST_HOP, time)
    }

    /// Gives an entity, and what came through it, back to that entity's home.
    pub(super) fn release(&mut self, entity: EntityRef, at: EventTime, time: Minute) -> Vec<Demand> {
        if entity != self.entity {
            let known = self.released.entry(entity).or_insert(at);
            *known = at.max(*known);
        }
        let until = switch(at, time);
        let mut parcels = vec![];
        for stay in &mut self.stays {
            // Its own facts are at home here.
            let is_at_home = entity == self.entity && stay.entity == entity;
            if is_at_home || !stay.is_held(time) || !came_through(entity, stay.entity, &stay.trail) {
                continue;
            }
            if stay.ends_by(until) {
                parcels.push(Parcel::of(stay));
            }
            // An erasure is everybody's: whoever owns the row next has to know.
            stay.given_back = !stay.fact.says.is_erasure();
        }
        self.give_back(&once(parcels), entity, at, time)
    }

    /// The released entity by which a fact is to be given back, with the time from which on.
    pub(super) fn released_by(&self, entity: EntityRef, trail: &[EntityRef]) -> Option<(EntityRef, EventTime)> {
        let through = [entity].into_iter().chain(trail.iter().copied());
        through.filter_map(|entity| Some((entity, *self.released.get(&entity)?))).next()
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

/// The boundary at which facts change rows: the first after the time of the link, and after T.
pub(super) fn switch(at: EventTime, time: Minute) -> Minute {
    at.first_boundary_after().max(time.next())
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
    parcels.sort_by_key(|parcel| (parcel.entity, parcel.trail.clone(), parcel.fact.order()));
    parcels.dedup();
    parcels
}
