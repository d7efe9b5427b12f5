//! One partition of the event log, read from its first record to its last: its time, its rows, where
//! each record ended, and which records it has to write.
//!
//! Never looks at another partition: what came from there is a record here.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::generation::Generation;
use super::row::{Demand, Demanded, FIRST_HOP, IsNew, Link, Owner, Parcel, Placed, Row, Stay};
use super::row::{after, came_through, switch};
use super::time::{Clockwork, FUTURE_SKEW_MS};
use super::{Rulebook, Rulebooks};
use crate::model::control::{Control, Moved};
use crate::model::counters::JourneyCounters;
use crate::model::dead_letter::Rejection;
use crate::model::definitions::{DIRECT, Definitions};
use crate::model::entity::{EntityKind, EntityRef, IdSpace};
use crate::model::event::{Body, Event};
use crate::model::fact::{Fact, Says};
use crate::model::outcome::{Outcome, Tally};
use crate::model::partitioner::partition_of;
use crate::model::record::{Came, Holds, LogRecord};
use crate::model::words::{Family, Team};
use crate::model::{DAY_MS, EventTime, Minute, Text};

/// How often a moved record or a release is passed on at most.
const HOPS_MAX: u8 = 4;

/// Definitions that were announced and hold from a boundary on.
struct Waiting {
    number: u32,
    rulebook: Rc<Rulebook>,
    from: Minute,
}

/// A partition and everything it knows.
pub(super) struct Partition {
    number: u32,
    /// The last one is in force.
    pub(super) generations: Vec<Rc<Generation>>,
    waiting: Option<Waiting>,
    rulebooks: Rc<Rulebooks>,
    ids: IdSpace,
    clock: Clockwork,
    pub(super) rows: BTreeMap<EntityRef, Row>,
    /// Rows that were freed, as they were.
    pub(super) freed: Vec<Row>,
    pub(super) times: Vec<Minute>,
    pub(super) outcomes: Vec<Option<Outcome>>,
    pub(super) tally: Tally,
    pub(super) counters: JourneyCounters,
    pub(super) demanded: Vec<Vec<Demand>>,
    pub(super) heard: Vec<Heard>,
}

/// An event that arrived, where a rule asked for it.
#[derive(Clone, Debug)]
pub(super) struct Heard {
    /// The place of the generation under which it was read.
    pub(super) generation: usize,
    /// The boundary at which it counts.
    pub(super) boundary: Minute,
    pub(super) source: Text,
    pub(super) family: Family,
}

impl Partition {
    pub(super) fn new(number: u32, definitions: &Definitions, rulebooks: &Rc<Rulebooks>) -> Partition {
        Partition {
            number,
            waiting: None,
            rulebooks: rulebooks.clone(),
            ids: IdSpace::new(definitions.id_key, definitions.event_partitions),
            clock: Clockwork::new(definitions),
            generations: vec![Rc::new(Generation::first(rulebooks.of(definitions)))],
            rows: BTreeMap::new(),
            freed: vec![],
            times: vec![],
            outcomes: vec![],
            tally: Tally::default(),
            counters: JourneyCounters::default(),
            demanded: vec![],
            heard: vec![],
        }
    }

    pub(super) fn time(&self) -> Minute {
        self.clock.time
    }

    fn in_force(&self) -> &Rc<Generation> {
        self.generations.last().expect("the first definitions hold from the beginning")
    }

    /// Applies a record under the time before it, then lets it raise the time, by which other definitions may
    /// come into force.
    pub(super) fn read(&mut self, record: &LogRecord) {
        self.hear(record);
        let (outcome, demanded) = match &record.holds {
            Holds::Control(control) => {
                self.counters.control_records += 1;
                (None, self.control(control))
            }
            Holds::Event(event) => self.first_read(record, |this| this.event(event)),
            Holds::Tombstone { id } => self.first_read(record, |this| this.tombstone(id, record.timestamp)),
            Holds::Unreadable(Rejection { .. }) => self.first_read(record, |_| (Outcome::DeadLetter, vec![])),
        };
        self.outcomes.push(outcome);
        self.demanded.push(demanded);
        if self.clock.raise(record) {
            self.counters.future_skew += 1;
        }
        self.times.push(self.time());
        let time = self.time();
        if let Some(Waiting { number, rulebook, from }) = self.waiting.take_if(|next| next.from <= time) {
            let next = Generation::next(self.in_force(), number, rulebook, from);
            self.generations.push(Rc::new(next));
        }
    }

    /// Notes that an event arrived, unless it was heard elsewhere, is of no listed source, or out of its time.
    fn hear(&mut self, record: &LogRecord) {
        let Holds::Event(event) = &record.holds else { return };
        let source: Text = match &record.came {
            Came::Forwarded => return,
            Came::Direct => DIRECT.into(),
            Came::Intake { source } => source.clone(),
        };
        let definitions = self.in_force().definitions();
        let is_listed = definitions.sources.iter().any(|listed| listed.name == source);
        let is_skewed = event.occurred_at > record.timestamp.plus_ms(FUTURE_SKEW_MS);
        let is_asked_for = definitions.rules.no_data.is_some() && is_listed && !is_skewed;
        if let Some(family) = event.body.kind().family().filter(|_| is_asked_for) {
            let boundary = event.occurred_at.first_boundary_after().max(after(self.time()));
            let generation = self.generations.len() - 1;
            let by_a_person_of_sales = match &event.body {
                Body::LeadTouched { team, automated, .. } | Body::DealTouched { team, automated, .. } => {
                    *team == Team::Sales && !automated
                }
                _ => false,
            };
            if by_a_person_of_sales {
                let (source, family) = (source.clone(), Family::SalesTouches);
                self.heard.push(Heard { generation, boundary, source, family });
            }
            self.heard.push(Heard { generation, boundary, source, family });
        }
    }

    /// Takes other definitions, unless they are old, would change what can't be changed, or no time
    /// can be kept by them.
    fn announced(&mut self, number: u32, definitions: &Definitions) {
        let in_force = self.in_force();
        let is_same_log = definitions.event_partitions == in_force.definitions().event_partitions
            && definitions.id_key == in_force.definitions().id_key;
        let newest = self.waiting.as_ref().map_or(in_force.number, |waiting| waiting.number);
        if number <= newest || !is_same_log || !Rulebook::keeps_time(definitions) {
            return;
        }
        self.clock.follow(definitions);
        let rulebook = self.rulebooks.of(definitions);
        self.waiting = Some(Waiting { number, rulebook, from: after(self.time()) });
    }

    /// Applies a record; it is in the tally unless it was counted where it came from.
    fn first_read(
        &mut self,
        record: &LogRecord,
        apply: impl FnOnce(&mut Self) -> (Outcome, Vec<Demand>),
    ) -> (Option<Outcome>, Vec<Demand>) {
        let (outcome, demanded) = apply(self);
        if record.came == Came::Forwarded {
            self.counters.forwarded_copies += 1;
            return (None, demanded);
        }
        self.tally.count(outcome);
        (Some(outcome), demanded)
    }

    fn event(&mut self, event: &Event) -> (Outcome, Vec<Demand>) {
        if let Some(elsewhere) = self.misrouted(&event.record_key()) {
            return elsewhere;
        }
        if self.is_late(event.occurred_at) {
            return (Outcome::Late, vec![]);
        }
        let name = event.entity();
        let entity = self.ids.entity(name.kind, &name.id);
        match &event.body {
            Body::LeadMerged { into: lead, .. } | Body::DealLinked { lead_id: lead, .. } => {
                let to = self.ids.entity(EntityKind::Lead, lead);
                let id = self.ids.fact_id(&event.event_id);
                self.link(entity, &name.id, Link { at: event.occurred_at, id, to })
            }
            _ => {
                let fact = Fact::of(event, &self.ids).expect("every event but a link has a fact");
                let named = event.named_lead().map(|lead| (self.ids.entity(EntityKind::Lead, lead), lead));
                self.fact(entity, &name.id, named, fact)
            }
        }
    }

    fn misrouted(&self, key: &str) -> Option<(Outcome, Vec<Demand>)> {
        let home = partition_of(key.as_bytes(), self.ids.partitions());
        let forwarded =
            || (Outcome::Forwarded, vec![Demand { partition: home, record: Demanded::Forwarded }]);
        (home != self.number).then(forwarded)
    }

    fn is_late(&self, at: EventTime) -> bool {
        let Some(days) = self.in_force().definitions().retention_days else { return false };
        at < self.time().start().plus_ms(-i64::from(days) * DAY_MS)
    }

    fn row(&mut self, entity: EntityRef) -> &mut Row {
        self.rows.entry(entity).or_insert_with(|| Row::new(entity))
    }

    /// A fact of an event: in the named lead's row if it names one, else in its entity's own.
    fn fact(
        &mut self,
        entity: EntityRef,
        id: &Text,
        named: Option<(EntityRef, &Text)>,
        fact: Fact,
    ) -> (Outcome, Vec<Demand>) {
        let time = self.time();
        let mut demanded = vec![];
        let row = self.row(named.map_or(entity, |(lead, _)| lead));
        if let Some((lead, lead_id)) = named {
            row.learn(lead, lead_id, time);
            let naming = (fact.at, fact.id);
            if row.namings.get(&entity).is_none_or(|&known| naming < known) {
                row.namings.insert(entity, naming);
                let told = Control::Told { deal: entity, lead, at: fact.at, id: fact.id };
                demanded.push(Demand::control(entity.home, told));
            }
        }
        row.learn(entity, id, time);
        let (placed, sent) = arrive(row, entity, &[], fact, None, time);
        demanded.extend(sent);
        let outcome = match placed {
            Placed::Nowhere => Outcome::Forwarded,
            Placed::New => Outcome::Applied,
            Placed::Same | Placed::Conflicting => Outcome::Duplicate,
        };
        self.counters.conflicting += u64::from(placed == Placed::Conflicting);
        (outcome, demanded)
    }

    /// Erases every lead and deal with this id that has a row here.
    fn tombstone(&mut self, id: &Text, at: EventTime) -> (Outcome, Vec<Demand>) {
        if let Some(elsewhere) = self.misrouted(id) {
            return elsewhere;
        }
        let mut best = (Outcome::Ignored, vec![]);
        for (kind, says) in [(EntityKind::Lead, Says::Erased), (EntityKind::Deal, Says::DealErased)] {
            let entity = self.ids.entity(kind, id);
            if self.rows.contains_key(&entity) {
                let event_id = format!("tombstone-{}", at.0);
                let fact = Fact { at, id: self.ids.fact_id(&event_id), says };
                let (outcome, demanded) = self.fact(entity, id, None, fact);
                let rank = |outcome| {
                    [Outcome::Ignored, Outcome::Duplicate, Outcome::Forwarded, Outcome::Applied]
                        .iter()
                        .position(|&known| known == outcome)
                };
                best.0 = if rank(outcome) > rank(best.0) { outcome } else { best.0 };
                best.1.extend(demanded);
            }
        }
        best
    }

    /// A merge or a link that an event says.
    fn link(&mut self, entity: EntityRef, id: &Text, link: Link) -> (Outcome, Vec<Demand>) {
        if link.to == entity {
            return (Outcome::Ignored, vec![]);
        }
        let time = self.time();
        let row = self.row(entity);
        row.learn(entity, id, time);
        let known = row.links.iter().copied().find(|known| known.id == link.id);
        let mut outcome = Outcome::Applied;
        if let Some(known) = known {
            if known != link {
                self.counters.conflicting += 1;
            }
            if known <= link {
                return (Outcome::Duplicate, vec![]);
            }
            outcome = Outcome::Duplicate;
        }
        let row = self.row(entity);
        row.links.retain(|known| known.id != link.id);
        row.links.push(link);
        (outcome, relink(row, time))
    }

    fn control(&mut self, control: &Control) -> Vec<Demand> {
        let time = self.time();
        match control {
            Control::Progress { .. } => vec![],
            Control::DefinitionsInForce { number, definitions } => {
                self.announced(*number, definitions);
                vec![]
            }
            Control::Moved(moved) => self.moved(moved),
            Control::Told { deal, lead, at, id } => {
                let row = self.row(*deal);
                if row.hints.get(lead).is_none_or(|&known| (*at, *id) < known) {
                    row.hints.insert(*lead, (*at, *id));
                }
                let mut demanded = relink(row, time);
                let owner = row.owner.expect("a row with a hint has an owner");
                if owner.to != *lead {
                    demanded.push(release_to(*lead, *deal, owner.at, 0));
                }
                demanded
            }
            Control::Release { from, entity, at, hops } => {
                let row = self.row(*from);
                let mut demanded = row.release(*entity, *at, time);
                if let Some(owner) = row.owner.filter(|_| *hops < HOPS_MAX) {
                    demanded.push(release_to(owner.to, *entity, *at, hops + 1));
                }
                demanded
            }
        }
    }

    fn moved(&mut self, moved: &Moved) -> Vec<Demand> {
        let time = self.time();
        self.counters.moved_facts += moved.facts.len() as u64;
        let row = self.row(moved.to);
        if moved.hops > 0 {
            // Moved here again, not given back.
            row.released.retain(|entity, _| !came_through(*entity, moved.entity, &moved.trail));
        }
        if let Some(id) = &moved.id {
            row.learn(moved.entity, id, time);
        }
        // At its own home a fact's trail begins anew.
        let trail = if moved.entity == moved.to { vec![] } else { moved.trail.clone() };
        let mut demanded = vec![];
        let (mut conflicting, mut stopped) = (0, 0);
        for fact in &moved.facts {
            let stamp = Some((moved.at, moved.hops));
            stopped += u64::from(moved.hops >= HOPS_MAX && row.is_redirect());
            let (placed, sent) = arrive(row, moved.entity, &trail, fact.clone(), stamp, time);
            conflicting += u64::from(placed == Placed::Conflicting);
            demanded.extend(sent);
        }
        self.counters.conflicting += conflicting;
        self.counters.moves_stopped += stopped;
        demanded
    }

    /// Frees the rows that are kept no longer, after the time has risen. Definitions come into force with the
    /// first boundary that is passed after they were announced, so that all that were passed now are theirs.
    pub(super) fn free(&mut self, is_open: impl Fn(&Row, Minute) -> bool) {
        let before = self.times.iter().rev().nth(1).copied().unwrap_or(Minute::MIN);
        let (time, entities) = (self.time(), self.rows.keys().copied().collect::<Vec<EntityRef>>());
        let definitions = self.in_force().definitions();
        let kept_days = [definitions.retention_days, definitions.open_retention_days];
        if before == time || kept_days == [None, None] {
            return;
        }
        for entity in entities.into_iter().filter(|entity| entity.kind != EntityKind::Program) {
            let row = &self.rows[&entity];
            let days_at = |at: Minute| kept_days[usize::from(row.is_redirect() || is_open(row, at))];
            let all = kept_days
                .into_iter()
                .flatten()
                .flat_map(|days| row.turning_points(days))
                .chain([before.next()]);
            let points: BTreeSet<Minute> = all.filter(|&at| before < at && at <= time).collect();
            let freed = points.into_iter().find(|&at| days_at(at).is_some_and(|days| row.is_old(days, at)));
            if let Some(at) = freed {
                let mut row = self.rows.remove(&entity).expect("the row was just looked at");
                row.freed = Some(at);
                self.counters.journeys_freed += 1;
                self.freed.push(row);
            }
        }
    }
}

/// Puts a fact into a row, or sends it on, or both. `stamp` is the time and the hops of a moved one.
fn arrive(
    row: &mut Row,
    entity: EntityRef,
    trail: &[EntityRef],
    fact: Fact,
    stamp: Option<(EventTime, u8)>,
    time: Minute,
) -> (Placed, Vec<Demand>) {
    let hops = stamp.map_or(0, |(_, hops)| hops);
    let stays_at_home = matches!(fact.says, Says::Deleted);
    let released = row.released_by(entity, trail);
    let owner = row.owner.filter(|_| !stays_at_home && hops < HOPS_MAX);
    let leaves = released.map(|(_, at)| at).or(owner.map(|owner| owner.at));
    let moved_at = stamp.map(|(at, _)| at);
    let since = fact.at.first_boundary_after().max(match moved_at {
        Some(at) => switch(at, time),
        None => after(time),
    });
    let until = leaves.filter(|_| !fact.says.is_erasure()).map_or(Minute::MAX, |at| switch(at, time));
    let parcels = [Parcel { entity, trail: trail.to_vec(), fact: fact.clone() }];
    let placed = row.place(Stay { entity, trail: trail.to_vec(), fact, since, until }, time);
    let sent = match (released, owner) {
        _ if placed == Placed::Same && stamp.is_none() => vec![],
        (Some((home, at)), _) => row.give_back(&parcels, home, at, time),
        (None, Some(owner)) => {
            let at = moved_at.map_or(owner.at, |at| at.max(owner.at));
            row.post(&parcels, owner.to, at, hops + FIRST_HOP, time)
        }
        (None, None) => vec![],
    };
    let told = row.erase_merged(time);
    (placed, [sent, told].concat())
}

/// Finds the owner again after a link or a hint, and moves what has to be moved.
fn relink(row: &mut Row, time: Minute) -> Vec<Demand> {
    let before = row.owner;
    row.owner = row.owner_by_links();
    let Some(owner) = row.owner else { return vec![] };
    match before {
        Some(Owner { to, at }) if to == owner.to && at <= owner.at => vec![],
        Some(Owner { to, .. }) if to != owner.to => {
            let mut demanded = row.send_all(owner, IsNew::Yes, time);
            demanded.push(release_to(to, row.entity, owner.at, 0));
            demanded
        }
        Some(_) => row.send_all(owner, IsNew::No, time),
        None => row.send_all(owner, IsNew::Yes, time),
    }
}

fn release_to(from: EntityRef, entity: EntityRef, at: EventTime, hops: u8) -> Demand {
    Demand::control(from.home, Control::Release { from, entity, at, hops })
}
