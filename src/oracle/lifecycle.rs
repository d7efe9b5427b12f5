//! The life of an alert: inactive, pending, firing, resolved.
//!
//! Rules: `src/funnel/semantics.md`, "Lifecycle".

use super::Calendar;
use crate::model::{MINUTE_MS, Minute};

/// Where an alert stands; `S` is what it remembers of the way in which it spoke last.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Life<S> {
    /// Nothing is the matter.
    Inactive,
    /// It breaches, not yet for long enough.
    Pending { since: Minute },
    /// It speaks.
    Firing { since: Minute, spoke: S, clear_since: Option<Minute> },
}

/// What goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Message<S> {
    /// It begins to fire, or its severity rises.
    Firing { since: Minute, as_: S },
    /// It no longer fires.
    Resolved { since: Minute, as_: S },
}

/// How long a condition must hold.
pub(super) struct Patience<'c> {
    pub(super) calendar: &'c Calendar,
    pub(super) for_minutes: u32,
    pub(super) clear_minutes: u32,
}

impl Patience<'_> {
    fn has_held(&self, since: Minute, at: Minute, minutes: u32) -> bool {
        self.calendar.between_ms(since.start(), at.start()) >= i64::from(minutes) * MINUTE_MS
    }
}

impl<S: Copy> Life<S> {
    /// One evaluation. `breach` says how it breaches, if it does; `is_louder(new, old)` whether that is
    /// worth another message.
    pub(super) fn step(
        &mut self,
        at: Minute,
        breach: Option<S>,
        patience: &Patience,
        is_louder: impl Fn(S, S) -> bool,
    ) -> Option<Message<S>> {
        let Some(breach) = breach else { return self.calm(at, patience) };
        if let Life::Firing { since, spoke, clear_since } = self {
            *clear_since = None;
            let louder = is_louder(breach, *spoke);
            if louder {
                *spoke = breach;
            }
            return louder.then_some(Message::Firing { since: *since, as_: breach });
        }
        let since = if let Life::Pending { since } = self { *since } else { at };
        let patient = patience.has_held(since, at, patience.for_minutes);
        if patient && patience.calendar.is_open(at.start()) {
            *self = Life::Firing { since, spoke: breach, clear_since: None };
            return Some(Message::Firing { since, as_: breach });
        }
        *self = Life::Pending { since };
        None
    }

    fn calm(&mut self, at: Minute, patience: &Patience) -> Option<Message<S>> {
        let Life::Firing { since, spoke, clear_since } = self else {
            *self = Life::Inactive;
            return None;
        };
        let clear_since = *clear_since.get_or_insert(at);
        if !patience.has_held(clear_since, at, patience.clear_minutes) {
            return None;
        }
        let message = Message::Resolved { since: *since, as_: *spoke };
        *self = Life::Inactive;
        Some(message)
    }
}
