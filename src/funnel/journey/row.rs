//! The row of one entity: the facts that live in it, each with the boundaries from and up to which it
//! counts, and where its entity has been said to live.
//!
//! Because every fact carries its own span, what the row contributes at any boundary is a function of
//! the row alone, and so is what it contributed at its last emission.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

use crate::model::entity::{EntityKey, EntityKind, EntityRef, FactId};
use crate::model::fact::Fact;
use crate::model::{EventTime, Minute, Text};

/// Most guests of one row.
const GUESTS_MAX: usize = u16::MAX as usize;

/// Everything known in one partition under one entity's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The entity and its home.
    pub entity: EntityRef,
    /// Its raw id; `None` if it was erased or never named here.
    pub id: Option<Text>,
    /// Entities whose facts live here with it, told apart by the way they came.
    pub guests: Vec<Guest>,
    /// The facts, in the order of facts, then of their entities; a row that [`Row::is_disordered`] in another one, in
    /// which what it emitted last was counted.
    pub held: Vec<Held>,
    /// Where this entity has been said to live: links and hints.
    pub links: Vec<Link>,
    /// What this row has told the homes of deals: (deal, event time, event).
    pub told: Vec<(EntityKey, EventTime, FactId)>,
    /// Entities that this row was asked to give back, and from when on.
    pub released: Vec<(EntityKey, EventTime)>,
    /// The boundary of the last emission; [`Minute::MIN`] if there was none.
    pub emitted: Minute,
    /// Whether the raw id stood behind the evidence of the last emission.
    pub evident: bool,
    /// The segments, once an erasure has made the facts behind them forget.
    pub frozen: Option<Vec<Text>>,
    /// Whether its last emission is that of a release that counted otherwise, until it is emitted next. The last of
    /// what is written: rows of formats before end here.
    pub is_of_old: bool,
    /// The next boundary at which something here changes; [`Minute::MAX`] if nothing will by itself.
    #[serde(skip, default = "never_due")]
    pub due: Minute,
    /// Whether its facts are in the order of a version before, until it is emitted next.
    #[serde(skip)]
    pub is_disordered: bool,
}

fn never_due() -> Minute {
    Minute::MAX
}

/// An entity whose facts live in another one's row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Guest {
    /// The entity.
    pub entity: EntityRef,
    /// Its raw id, unless erased or unknown.
    pub id: Option<Text>,
    /// The entities through whose rows its facts came, the last one last.
    pub trail: Vec<EntityRef>,
}

impl Guest {
    /// Whether giving `entity` back takes this guest along.
    pub fn came_with(&self, entity: EntityKey) -> bool {
        self.entity.key == entity || self.trail.iter().any(|hop| hop.key == entity)
    }
}

/// Whose fact a held one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// The row's own entity's.
    Own,
    /// The guest's with this index.
    Guest(u16),
}

/// A fact and the boundaries at which it counts: `since ≤ B < until`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The fact.
    pub fact: Fact,
    /// Whose it is.
    pub whose: Whose,
    /// First boundary at which it counts.
    pub since: Minute,
    /// First boundary at which it no longer does.
    pub until: Minute,
}

impl Held {
    /// The same fact came once more: it stays as long as either would, under the way by which it stays longer.
    fn stay(&mut self, again: &Held) {
        self.since = self.since.min(again.since);
        if again.until > self.until {
            self.until = again.until;
            self.whose = again.whose;
        }
    }

    /// Whether the fact counts at a boundary.
    pub fn counts_at(&self, boundary: Minute) -> bool {
        self.since <= boundary && boundary < self.until
    }
}

/// Where an entity has been said to live.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// When.
    pub at: EventTime,
    /// The event that said so.
    pub id: FactId,
    /// With whom.
    pub to: EntityRef,
    /// Whether it is a link of its own or only a hint (a deal event that named the lead).
    pub said: LinkSaid,
}

/// How a link came about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkSaid {
    /// By `lead_merged` or `deal_linked`.
    Outright,
    /// By a deal event that named its lead.
    ByNaming,
}

/// The present owner of an entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Owner {
    /// The row where its facts live.
    pub to: EntityRef,
    /// Since when.
    pub since: EventTime,
}

/// What became of a fact offered to a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// It is new here.
    New,
    /// It was known, with the same content.
    Same,
    /// It was known with other content; the smaller of the two is kept.
    Conflicting,
    /// The row is full.
    Full,
}

impl Row {
    /// An empty row of an entity.
    pub fn new(entity: EntityRef, id: Option<Text>) -> Row {
        Row {
            entity,
            id,
            guests: Vec::new(),
            held: Vec::new(),
            links: Vec::new(),
            told: Vec::new(),
            released: Vec::new(),
            emitted: Minute::MIN,
            evident: false,
            frozen: None,
            due: Minute::MAX,
            is_disordered: false,
            is_of_old: false,
        }
    }

    /// The entity of a held fact.
    pub fn entity_of(&self, whose: Whose) -> EntityRef {
        match whose {
            Whose::Own => self.entity,
            Whose::Guest(i) => self.guests[usize::from(i)].entity,
        }
    }

    /// The guest for an entity that came along `trail`, made if needed; `None` if the row is full.
    pub fn guest(
        &mut self,
        entity: EntityRef,
        id: Option<&Text>,
        trail: &[EntityRef],
        now: Minute,
    ) -> Option<Whose> {
        let found = self.guests.iter().position(|g| g.entity.key == entity.key && g.trail == trail);
        let index = match found {
            Some(index) => index,
            None if self.guests.len() >= GUESTS_MAX => return None,
            None => {
                self.guests.push(Guest { entity, id: None, trail: trail.to_vec() });
                self.guests.len() - 1
            }
        };
        let erased = self.is_erased(entity.key, now);
        let guest = &mut self.guests[index];
        if guest.id.is_none() && !erased {
            guest.id = id.cloned();
        }
        Some(Whose::Guest(u16::try_from(index).expect("guests are fewer than GUESTS_MAX")))
    }

    /// Whether an erasure of this entity has taken effect here by `boundary`.
    pub fn is_erased(&self, key: EntityKey, boundary: Minute) -> bool {
        self.held
            .iter()
            .any(|h| h.fact.says.is_erasure() && h.since <= boundary && self.entity_of(h.whose).key == key)
    }

    /// Offers a fact that counts in `since..until`; `now` is the partition's time T. There is always room
    /// for the erasure of an entity that no other erasure forgets.
    pub fn offer(&mut self, new: Held, now: Minute, facts_max: usize) -> Offered {
        let key = self.entity_of(new.whose).key;
        let same_identity = |h: &Held| {
            h.fact.id == new.fact.id
                && h.fact.says.kind() == new.fact.says.kind()
                && self.entity_of(h.whose).key == key
        };
        let known = (0..self.held.len())
            .filter(|&i| same_identity(&self.held[i]) && new.since < self.held[i].until)
            .max_by_key(|&i| self.held[i].until);
        let Some(i) = known else {
            let forgets_more = new.fact.says.is_erasure() && !self.is_erased(key, Minute::MAX);
            if self.held.len() >= facts_max && !forgets_more {
                return Offered::Full;
            }
            self.insert(new);
            return Offered::New;
        };
        let forgotten = self.held[i].since <= now && self.is_erased(key, now);
        let old = &mut self.held[i];
        if old.fact == new.fact || forgotten {
            old.stay(&new);
            return Offered::Same;
        }
        if new.fact.canonical() >= old.fact.canonical() {
            old.stay(&new);
            return Offered::Conflicting;
        }
        let (until, whose) =
            if new.until > old.until { (new.until, new.whose) } else { (old.until, old.whose) };
        if old.since <= now {
            old.until = old.until.min(now.next());
        } else {
            self.held.remove(i);
        }
        self.insert(Held { until, whose, ..new });
        Offered::Conflicting
    }

    fn insert(&mut self, new: Held) {
        let at = self.held.partition_point(|held| self.order(held, &new).is_le());
        self.held.insert(at, new);
    }

    /// Looks whether the facts are in their order, which a version before may have written otherwise. Of program facts
    /// nothing is counted by their order.
    pub fn look_at_order(&mut self) {
        self.is_disordered = !self.held.is_sorted_by(|a, b| self.order(a, b).is_le());
        if self.entity.kind == EntityKind::Program {
            self.put_in_order();
        }
    }

    /// Puts the facts in their order.
    pub fn put_in_order(&mut self) {
        if !self.is_disordered {
            return;
        }
        let mut held = std::mem::take(&mut self.held);
        held.sort_by(|a, b| self.order(a, b));
        self.held = held;
        self.is_disordered = false;
    }

    fn order(&self, a: &Held, b: &Held) -> Ordering {
        let rest = |held: &Held| (self.entity_of(held.whose).key, held.since);
        a.fact.order(&b.fact).then_with(|| rest(a).cmp(&rest(b)))
    }

    /// The latest owner and the start of its unbroken run of links; `None` while it lives at home.
    pub fn owner(&self) -> Option<Owner> {
        let mut links: Vec<&Link> = self.links.iter().collect();
        links.sort_by_key(|l| (l.at, l.id));
        let to = links.last()?.to;
        let since = links.iter().rev().take_while(|l| l.to.key == to.key).last()?.at;
        Some(Owner { to, since })
    }

    /// Whether there is a fact that will ever count again after `boundary`.
    pub fn is_empty_after(&self, boundary: Minute) -> bool {
        self.held.iter().all(|h| h.until <= boundary)
    }

    /// Drops facts that count at no boundary after `boundary`.
    pub fn forget_before(&mut self, boundary: Minute) {
        self.held.retain(|h| h.until > boundary);
    }

    /// The newest event time here: of facts, links, and what was told or asked about guests.
    pub fn newest(&self) -> Option<EventTime> {
        let facts = self.held.iter().map(|h| h.fact.at);
        let links = self.links.iter().map(|l| l.at);
        let told = self.told.iter().map(|(_, at, _)| *at);
        let released = self.released.iter().map(|(_, at)| *at);
        facts.chain(links).chain(told).chain(released).max()
    }
}
