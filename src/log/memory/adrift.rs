//! Requests of writers that are under way although nobody waits for their answer any more. They arrive after so
//! many steps and do what they say, unless their writer's epoch is over by then. As in Kafka before its
//! transactions got numbers, one that arrives late ends whatever transaction its writer has open by then.

use crate::log::{Committed, TopicPartition};

/// What a request of a writer asks for.
#[derive(Clone)]
pub(super) enum Request {
    /// To take these places into the open transaction.
    Places { stamp: Stamp, places: Vec<(TopicPartition, Committed)> },
    /// To commit the open transaction.
    End,
}

/// As what a member of a group sends places.
#[derive(Clone)]
pub(super) struct Stamp {
    pub(super) group: String,
    pub(super) seat: String,
    pub(super) number: u64,
    /// None where the group is assigned by hand and has no generations.
    pub(super) generation: Option<u32>,
}

/// A request under way.
pub(super) struct Adrift {
    pub(super) id: String,
    pub(super) epoch: u32,
    pub(super) request: Request,
    due: u64,
}

/// All requests under way, in the order in which they were sent.
#[derive(Default)]
pub(super) struct Sea {
    steps: u64,
    under_way: Vec<Adrift>,
}

impl Sea {
    /// Sends a request that takes so many steps.
    pub(super) fn send(&mut self, id: &str, epoch: u32, request: Request, steps: u64) {
        let due = self.steps + steps;
        self.under_way.push(Adrift { id: id.to_string(), epoch, request, due });
    }

    /// A step has passed; gives what arrives.
    pub(super) fn step(&mut self) -> Vec<Adrift> {
        self.steps += 1;
        let steps = self.steps;
        let (due, under_way) = std::mem::take(&mut self.under_way).into_iter().partition(|r| r.due <= steps);
        self.under_way = under_way;
        due
    }

    /// Whether nothing is under way.
    pub(super) fn is_empty(&self) -> bool {
        self.under_way.is_empty()
    }
}
