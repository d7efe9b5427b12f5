//! The switches of a member: crash, or fail, at a chosen step, before or after it took effect.
//!
//! A step is one operation of the [`Log`](crate::log::Log) trait; a commit is two, since what lies
//! between (the offsets sent, the transaction not ended) is a state of its own.

use super::broker::Broker;
use crate::log::{LogError, Road};

/// Whether a step that fails has happened nevertheless.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// The step did not happen.
    Before,
    /// The step happened, only its answer was lost.
    After,
}

/// What happens to a member at a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The member is dead for good: every later call fails. Its transaction stays open until its id is
    /// taken again or the broker expires it.
    Crash,
    /// Only this call fails, with this answer to be given.
    Fail(Road),
}

/// The state of a member's switches.
#[derive(Default)]
pub(super) struct SwitchState {
    steps: u64,
    armed: Option<(u64, Effect, Fault)>,
    /// The name of the step at which the member dies.
    fatal: Option<(String, Effect)>,
    dead: bool,
}

impl SwitchState {
    /// Begins a step: an error if the member is dead or fails before it.
    pub(super) fn before(&mut self, what: &str) -> Result<(), LogError> {
        if self.dead {
            return Err(dead(what));
        }
        self.steps += 1;
        self.strike(Effect::Before, what)
    }

    /// A step that fails before it or not at all: no client loses what a poll has already brought.
    pub(super) fn whole(&mut self, what: &str) -> Result<(), LogError> {
        self.before(what)?;
        self.strike(Effect::After, what)
    }

    /// Ends a step: an error if its answer is lost.
    pub(super) fn after(&mut self, what: &str) -> Result<(), LogError> {
        self.strike(Effect::After, what)
    }

    fn strike(&mut self, now: Effect, what: &str) -> Result<(), LogError> {
        if self.fatal.as_ref().is_some_and(|(name, effect)| name == what && *effect == now) {
            self.dead = true;
            return Err(dead(what));
        }
        match self.armed {
            Some((step, effect, fault)) if step == self.steps && effect == now => {
                self.armed = None;
                match fault {
                    Fault::Crash => {
                        self.dead = true;
                        Err(dead(what))
                    }
                    Fault::Fail(road) => Err(LogError::new(road, what, "made to fail")),
                }
            }
            _ => Ok(()),
        }
    }
}

fn dead(what: &str) -> LogError {
    LogError::new(Road::Fatal, what, "this member has crashed")
}

/// A hold on the switches of a member that an engine owns.
#[derive(Clone)]
pub struct Switch {
    pub(super) broker: Broker,
    pub(super) member: u64,
}

impl Switch {
    /// The member crashes at the `steps`-th step from now (1 is the next one).
    pub fn crash_after(&self, steps: u64, effect: Effect) {
        self.arm(steps, effect, Fault::Crash);
    }

    /// The member crashes at its next step of this name.
    pub fn crash_at(&self, step: &str, effect: Effect) {
        self.broker.with_switch(self.member, |s| s.fatal = Some((step.to_string(), effect)));
    }

    /// The `steps`-th step from now fails, with `road` as the answer to be given.
    pub fn fail_after(&self, steps: u64, effect: Effect, road: Road) {
        self.arm(steps, effect, Fault::Fail(road));
    }

    /// Arms a fault for the `steps`-th step from now, in place of the one armed before.
    pub fn arm(&self, steps: u64, effect: Effect, fault: Fault) {
        assert!(steps > 0, "the next step is step 1");
        self.broker.with_switch(self.member, |s| s.armed = Some((s.steps + steps, effect, fault)));
    }

    /// Whether a fault is armed that has not struck yet.
    pub fn is_armed(&self) -> bool {
        self.broker.with_switch(self.member, |s| s.armed.is_some())
    }

    /// How many steps the member has begun.
    pub fn steps(&self) -> u64 {
        self.broker.with_switch(self.member, |s| s.steps)
    }

    /// Whether the member has crashed.
    pub fn is_dead(&self) -> bool {
        self.broker.with_switch(self.member, |s| s.dead)
    }
}
