//! The event log's own records: time passing, the definitions in force, and facts on the move.
//!
//! They travel in `crm.events` beside the CRM's events, as JSON with one of these kinds, and have
//! counters of their own.

use serde::{Deserialize, Serialize};

use super::definitions::Definitions;
use super::entity::{EntityRef, FactId};
use super::fact::Fact;
use super::{EventTime, Text};

/// A record that rapport itself wrote into the event log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Control {
    /// One partition of a source has told everything older than `time`.
    Progress {
        /// The source's name, or `direct` for the events written here without an intake.
        source: Text,
        /// The partition of the source.
        partition: u32,
        /// Everything older has been read.
        time: EventTime,
    },
    /// These definitions hold from the next boundary on. They come with their number, so that the event log
    /// says by itself under which terms it was counted.
    DefinitionsInForce {
        /// Their place in `rapport.definitions`, from 1.
        number: u32,
        /// The definitions.
        definitions: Box<Definitions>,
    },
    /// Facts of an entity, sent to the partition of the journey that they belong to now.
    Moved(Moved),
    /// A lead's partition tells the home of a deal that an event named the lead.
    Told {
        /// The deal.
        deal: EntityRef,
        /// The lead that was named.
        lead: EntityRef,
        /// The earliest event time at which it was named so far.
        at: EventTime,
        /// The event that named it.
        id: FactId,
    },
    /// A former owner is to give an entity back to its home from this time on.
    Release {
        /// The row that holds the facts.
        from: EntityRef,
        /// The entity to give back.
        entity: EntityRef,
        /// From the first boundary after this time.
        at: EventTime,
        /// How often this release has been passed on.
        hops: u8,
    },
}

impl Control {
    /// The row that it is for, if it is for one.
    pub fn addressee(&self) -> Option<EntityRef> {
        match self {
            Control::Progress { .. } | Control::DefinitionsInForce { .. } => None,
            Control::Moved(moved) => Some(moved.to),
            Control::Told { deal, .. } => Some(*deal),
            Control::Release { from, .. } => Some(*from),
        }
    }

    /// Every entity that it names; what follows from it may be written to the home of each.
    pub fn entities(&self) -> Vec<EntityRef> {
        match self {
            Control::Progress { .. } | Control::DefinitionsInForce { .. } => Vec::new(),
            Control::Moved(moved) => {
                [moved.to, moved.entity].into_iter().chain(moved.trail.clone()).collect()
            }
            Control::Told { deal, lead, .. } => vec![*deal, *lead],
            Control::Release { from, entity, .. } => vec![*from, *entity],
        }
    }
}

/// Facts of one entity on their way to another row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// The row that receives them.
    pub to: EntityRef,
    /// Whose facts they are.
    pub entity: EntityRef,
    /// Its raw id, unless erased or unknown.
    pub id: Option<Text>,
    /// The entities through whose rows they came, the last sender last.
    pub trail: Vec<EntityRef>,
    /// They count at the receiver from the first boundary after this time.
    pub at: EventTime,
    /// How often they have been passed on since they left their home.
    pub hops: u8,
    /// The facts.
    pub facts: Vec<Fact>,
}
