//! Facts on the move: what a row sends away when its entity turns out to live with another one, and
//! what it sends back when asked to.

use crate::model::control::{Control, Moved};
use crate::model::entity::{EntityKey, EntityRef};
use crate::model::fact::Says;
use crate::model::{EventTime, Minute};

use super::row::{Link, LinkSaid, Owner, Row, Whose};

/// A fact is passed on at most this often after it left its home.
pub const HOPS_MAX: u8 = 4;

/// The first boundary at which a switch at `at` is done, for a partition at time `now`.
pub fn switch(at: EventTime, now: Minute) -> Minute {
    at.first_boundary_after().max(after(now))
}

/// The first boundary that a partition at time `now` has yet to pass; no bound while it has passed none.
pub fn after(now: Minute) -> Minute {
    if now == Minute::MIN { now } else { now.next() }
}

/// Whether a fact leaves with its entity.
pub fn leaves(says: &Says) -> bool {
    !matches!(says, Says::Deleted)
}

/// Whether a fact also stays behind when it leaves: an erasure is to be known everywhere.
pub fn stays_too(says: &Says) -> bool {
    says.is_erasure()
}

/// The entity for whose sake a guest is given back, and from when on: its own before those on its way.
pub fn given_back(row: &Row, whose: Whose) -> Option<(EntityRef, EventTime)> {
    let Whose::Guest(guest) = whose else { return None };
    let guest = &row.guests[usize::from(guest)];
    let mut way = std::iter::once(guest.entity).chain(guest.trail.iter().copied());
    way.find_map(|entity| {
        let released = row.released.iter().find(|(key, _)| *key == entity.key);
        released.map(|(_, at)| (entity, *at))
    })
}

/// Remembers a link; returns whether it was new.
pub fn remember(row: &mut Row, link: Link) -> bool {
    let same_place = |known: &Link| match link.said {
        LinkSaid::Outright => known.said == LinkSaid::Outright && known.id == link.id,
        LinkSaid::ByNaming => known.said == LinkSaid::ByNaming && known.to.key == link.to.key,
    };
    match row.links.iter_mut().find(|known| same_place(known)) {
        None => {
            row.links.push(link);
            true
        }
        Some(known) => {
            if (link.at, link.id, link.to.key) < (known.at, known.id, known.to.key) {
                *known = link;
            }
            false
        }
    }
}

/// What is to be written after the links of `row` changed its owner from `before`.
pub fn follow(row: &mut Row, before: Option<Owner>, now: Minute) -> Vec<Control> {
    let Some(owner) = row.owner() else { return Vec::new() };
    match before {
        Some(was) if was.to.key == owner.to.key && was.since <= owner.since => Vec::new(),
        Some(was) if was.to.key == owner.to.key => send_again(row, owner, now),
        was => {
            let mut writes = send_all(row, owner, now);
            writes.extend(was.map(|was| Control::Release {
                from: was.to,
                entity: row.entity,
                at: owner.since,
                hops: 0,
            }));
            writes
        }
    }
}

/// What to answer to a lead that was named but does not own the entity: it holds the facts that named it.
pub fn disown(row: &Row, lead: EntityRef) -> Option<Control> {
    let owner = row.owner().filter(|owner| owner.to.key != lead.key)?;
    Some(Control::Release { from: lead, entity: row.entity, at: owner.since, hops: 0 })
}

/// Sends every fact that lives here to the owner, if it does not leave earlier or is to be given back.
fn send_all(row: &mut Row, owner: Owner, now: Minute) -> Vec<Control> {
    let until = switch(owner.since, now);
    let mut parcels = Parcels::default();
    for i in 0..row.held.len() {
        let held = &row.held[i];
        let stays = !leaves(&held.fact.says) || given_back(row, held.whose).is_some();
        if held.until <= until || stays {
            continue;
        }
        parcels.add(held.whose, i);
        if !stays_too(&row.held[i].fact.says) {
            row.held[i].until = until;
        }
    }
    let writes = parcels.sent(row, now, |row, whose| to_owner(row, whose, owner, owner.since, 1));
    row.held.retain(|h| h.since < h.until);
    writes
}

/// Sends the facts still held again, because the owner turned out to own them earlier.
fn send_again(row: &mut Row, owner: Owner, now: Minute) -> Vec<Control> {
    let until = switch(owner.since, now);
    let mut parcels = Parcels::default();
    for i in 0..row.held.len() {
        let held = &row.held[i];
        let was_sent = held.until != Minute::MAX && given_back(row, held.whose).is_none();
        if held.until <= until || !was_sent {
            continue;
        }
        parcels.add(held.whose, i);
        row.held[i].until = until;
    }
    let writes = parcels.sent(row, now, |row, whose| to_owner(row, whose, owner, owner.since, 1));
    row.held.retain(|h| h.since < h.until);
    writes
}

/// A row is asked to give `entity` back from `at` on, with all that came through it.
pub fn release(row: &mut Row, entity: EntityRef, at: EventTime, now: Minute) -> Vec<Control> {
    let until = switch(at, now);
    match row.released.iter_mut().find(|(key, _)| *key == entity.key) {
        Some((_, known)) => *known = (*known).max(at),
        None => row.released.push((entity.key, at)),
    }
    let mut parcels = Parcels::default();
    for i in 0..row.held.len() {
        let held = &row.held[i];
        let Whose::Guest(guest) = held.whose else { continue };
        if held.until <= until || !row.guests[usize::from(guest)].came_with(entity.key) {
            continue;
        }
        parcels.add(held.whose, i);
        if !stays_too(&row.held[i].fact.says) {
            row.held[i].until = until;
        }
    }
    let writes = parcels.sent(row, now, |row, whose| back_home(row, whose, entity, at));
    row.held.retain(|h| h.since < h.until);
    writes
}

/// An empty parcel to the owner of `row`, stamped `at`.
pub fn to_owner(row: &Row, whose: Whose, owner: Owner, at: EventTime, hops: u8) -> Moved {
    let (entity, trail) = match whose {
        Whose::Own => (row.entity, Vec::new()),
        Whose::Guest(i) => {
            let guest = &row.guests[usize::from(i)];
            let mut trail = guest.trail.clone();
            trail.push(row.entity);
            (guest.entity, trail)
        }
    };
    Moved { to: owner.to, entity, id: None, trail, at, hops, facts: Vec::new() }
}

/// An empty parcel to the home of `entity`, which is asked for, with what came through it.
pub fn back_home(row: &Row, whose: Whose, entity: EntityRef, at: EventTime) -> Moved {
    let Whose::Guest(i) = whose else { unreachable!("only guests are given back") };
    let guest = &row.guests[usize::from(i)];
    let trail = guest.trail.iter().copied().take_while(|hop| hop.key != entity.key).collect();
    Moved { to: entity, entity: guest.entity, id: None, trail, at, hops: 0, facts: Vec::new() }
}

/// The raw id to send with facts of `whose`, unless an erasure has taken effect.
pub fn id_of(row: &Row, whose: Whose, now: Minute) -> Option<crate::model::Text> {
    let entity: EntityKey = row.entity_of(whose).key;
    if row.is_erased(entity, now) {
        return None;
    }
    match whose {
        Whose::Own => row.id.clone(),
        // It may have been named on another way only.
        Whose::Guest(_) => {
            let mut ways = row.guests.iter().filter(|guest| guest.entity.key == entity);
            ways.find_map(|guest| guest.id.clone())
        }
    }
}

/// Facts to be sent, gathered by whose they are.
#[derive(Default)]
struct Parcels {
    by_whose: Vec<(Whose, Vec<usize>)>,
}

impl Parcels {
    fn add(&mut self, whose: Whose, fact: usize) {
        match self.by_whose.iter_mut().find(|(known, _)| *known == whose) {
            Some((_, facts)) => facts.push(fact),
            None => self.by_whose.push((whose, vec![fact])),
        }
    }

    fn sent(self, row: &Row, now: Minute, address: impl Fn(&Row, Whose) -> Moved) -> Vec<Control> {
        let mut writes = Vec::with_capacity(self.by_whose.len());
        for (whose, facts) in self.by_whose {
            let mut moved = address(row, whose);
            moved.id = id_of(row, whose, now);
            moved.facts = facts.into_iter().map(|i| row.held[i].fact.clone()).collect();
            writes.push(Control::Moved(moved));
        }
        writes
    }
}
