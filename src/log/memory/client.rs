//! The client of a member that has subscribed: what it does beside the member's own thread. It keeps the
//! member in the group, and notes what the group has decided until the member asks.

use std::collections::{BTreeSet, VecDeque};

use crate::log::{AssignmentChange, TopicPartition};

/// What the client of one member knows.
pub(super) struct Client {
    /// The member's group, and the name of its seat there.
    pub(super) group: String,
    pub(super) seat: String,
    /// Whether that is a name of its own, which is waited for.
    pub(super) is_static: bool,
    /// The generation in which it belongs to the group; none while it does not.
    pub(super) generation: Option<u32>,
    /// What is its own as far as the member has been told, and what it is about to be told.
    pub(super) owned: BTreeSet<TopicPartition>,
    /// What the member has not been told yet.
    notes: VecDeque<AssignmentChange>,
    /// The member has been told something that it has not answered.
    asked: bool,
    /// Something was given up: the group is to share out anew.
    pub(super) rejoins: bool,
    /// Another process sits on its seat.
    pub(super) is_replaced: bool,
    /// When it says the next time that it is alive.
    pub(super) beat_at_ms: u64,
    /// When the member has polled last.
    pub(super) polled_at_ms: u64,
}

impl Client {
    /// A client that knows nothing yet and speaks for the first time then.
    pub(super) fn new(group: &str, seat: &str, is_static: bool, beat_at_ms: u64) -> Client {
        Client {
            group: group.to_string(),
            seat: seat.to_string(),
            is_static,
            generation: None,
            owned: BTreeSet::new(),
            notes: VecDeque::new(),
            asked: false,
            rejoins: false,
            is_replaced: false,
            beat_at_ms,
            polled_at_ms: beat_at_ms,
        }
    }

    /// Whether nothing waits for an answer of the member: only then it joins again.
    pub(super) fn is_free(&self) -> bool {
        self.notes.is_empty() && !self.asked
    }

    /// Whether the partitions are lost and the member has not been told.
    pub(super) fn has_lost(&self) -> bool {
        self.notes.iter().any(|note| matches!(note, AssignmentChange::Lost(_)))
    }

    /// The group has decided: what is not in the assignment is to be given up, what is new is given.
    pub(super) fn take(&mut self, generation: u32, assignment: &BTreeSet<TopicPartition>) {
        self.generation = Some(generation);
        let taken: Vec<_> = self.owned.difference(assignment).cloned().collect();
        let given: Vec<_> = assignment.difference(&self.owned).cloned().collect();
        self.owned.extend(given.iter().cloned());
        if !taken.is_empty() {
            self.notes.push_back(AssignmentChange::Taken(taken));
            self.rejoins = true;
        }
        // That there is nothing new is said too, as Kafka's client says it.
        if !given.is_empty() || !self.rejoins {
            self.notes.push_back(AssignmentChange::Given(given));
        }
    }

    /// The group does not know this member any more.
    pub(super) fn lose(&mut self) {
        self.rejoins = false;
        if self.generation.take().is_some() && !self.owned.is_empty() {
            // What it was never told it need not lose.
            for note in std::mem::take(&mut self.notes) {
                if let AssignmentChange::Given(given) = note {
                    self.owned.retain(|at| !given.contains(at));
                }
            }
            let lost: Vec<_> = self.owned.iter().cloned().collect();
            if !lost.is_empty() {
                self.notes.push_back(AssignmentChange::Lost(lost));
            }
        }
    }

    /// What the member is told next, if it has answered what it was told before. What is lost is told in any case.
    pub(super) fn tell(&mut self) -> Option<AssignmentChange> {
        if self.asked && !self.has_lost() {
            return None;
        }
        let note = self.notes.pop_front()?;
        self.asked = !matches!(note, AssignmentChange::Lost(_));
        if let AssignmentChange::Lost(lost) = &note {
            self.owned.retain(|at| !lost.contains(at));
        }
        Some(note)
    }

    /// The member has answered.
    pub(super) fn answered(&mut self) {
        self.asked = false;
    }
}
