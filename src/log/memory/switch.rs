//! The switches of a member: crash, fail, or lose sight of a request, at a chosen step, before or after it took
//! effect; and what it suffers for a while: no connection, no time of the machine, slow calls.
//!
//! A step is one operation of the [`Log`](crate::log::Log) trait; a commit is two, since what lies
//! between (the offsets sent, the transaction not ended) is a state of its own.

use std::collections::BTreeSet;

use super::broker::Broker;
use crate::log::{Cause, LogError, Road, TopicPartition};

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
    /// No answer comes in time. A request of the writer is under way nevertheless, and arrives so many steps
    /// later; any other call did nothing.
    Late(u64),
    /// The same, and the member is dead.
    CrashLate(u64),
    /// No answer comes in time, and the call did nothing.
    Lost,
}

/// At which step a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// At the so-many-th step from now (1 is the next one).
    Step(u64),
    /// When places are sent the next time.
    Places,
    /// When a transaction is ended the next time.
    End,
}

/// What the step is called that hands a record over.
pub(super) const PRODUCE: &str = "produce";
/// What the step of a commit is called that sends the places.
pub const PLACES: &str = "send the places";
/// What the step of a commit is called that ends the transaction.
pub const END: &str = "end the transaction";

/// The state of a member's switches.
#[derive(Default)]
pub(super) struct SwitchState {
    steps: u64,
    armed: Option<(Trigger, Effect, Fault)>,
    /// The name of the step at which the member dies.
    fatal: Option<(String, Effect)>,
    pub(super) struck: u64,
    pub(super) dead: bool,
    /// It cannot reach the broker.
    pub(super) cut: bool,
    /// Its machine gives it no time, its client neither.
    pub(super) asleep: bool,
    /// How much longer each of its calls takes, in ms.
    pub(super) slow_ms: u64,
}

/// How a step goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Course {
    Usual,
    /// Its request arrives after so many steps.
    Late(u64),
}

impl SwitchState {
    /// Begins a step: an error if the member is dead or fails before it.
    pub(super) fn before(&mut self, what: &str) -> Result<Course, LogError> {
        if self.dead {
            return Err(dead(what));
        }
        self.steps += 1;
        self.strike(Effect::Before, what)
    }

    /// Ends a step: an error if its answer is lost.
    pub(super) fn after(&mut self, what: &str) -> Result<(), LogError> {
        self.strike(Effect::After, what).map(drop)
    }

    fn strike(&mut self, now: Effect, what: &str) -> Result<Course, LogError> {
        if self.fatal.as_ref().is_some_and(|(name, effect)| name == what && *effect == now) {
            self.dead = true;
            return Err(dead(what));
        }
        let Some((trigger, effect, fault)) = self.armed else { return Ok(Course::Usual) };
        let is_now = match trigger {
            Trigger::Step(step) => step == self.steps,
            Trigger::Places => what == PLACES,
            Trigger::End => what == END,
        };
        if !is_now || effect != now {
            return Ok(Course::Usual);
        }
        self.armed = None;
        self.struck += 1;
        match fault {
            Fault::Crash => {
                self.dead = true;
                Err(dead(what))
            }
            Fault::Fail(road) => Err(LogError::new(road, what, "made to fail")),
            Fault::Lost => Err(timed_out(what)),
            Fault::Late(steps) if now == Effect::Before && [PLACES, END].contains(&what) => {
                Ok(Course::Late(steps))
            }
            Fault::Late(_) => Err(timed_out(what)),
            Fault::CrashLate(steps) => {
                self.dead = true;
                let is_request = now == Effect::Before && [PLACES, END].contains(&what);
                if is_request { Ok(Course::Late(steps)) } else { Err(dead(what)) }
            }
        }
    }
}

pub(super) fn dead(what: &str) -> LogError {
    LogError::new(Road::Fatal, what, "this member has crashed")
}

/// No answer has come: whether the request was carried out is unknown.
pub(super) fn timed_out(what: &str) -> LogError {
    let road = if [PLACES, END, PRODUCE].contains(&what) { Road::Rebuild } else { Road::Retry };
    LogError::new(road, what, "no answer came in time").because(Cause::TimedOut)
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
        self.arm_at(Trigger::Step(steps), effect, fault);
    }

    /// Arms a fault in place of the one armed before.
    pub fn arm_at(&self, trigger: Trigger, effect: Effect, fault: Fault) {
        assert!(trigger != Trigger::Step(0), "the next step is step 1");
        self.broker.with_switch(self.member, |s| {
            let trigger = match trigger {
                Trigger::Step(steps) => Trigger::Step(s.steps + steps),
                call => call,
            };
            s.armed = Some((trigger, effect, fault));
        });
    }

    /// Takes back what is armed.
    pub fn disarm(&self) {
        self.broker.with_switch(self.member, |s| s.armed = None);
    }

    /// Whether a fault is armed that has not struck yet.
    pub fn is_armed(&self) -> bool {
        self.broker.with_switch(self.member, |s| s.armed.is_some())
    }

    /// How many steps the member has begun.
    pub fn steps(&self) -> u64 {
        self.broker.with_switch(self.member, |s| s.steps)
    }

    /// The member dies between two steps.
    pub fn kill(&self) {
        self.broker.with_switch(self.member, |s| s.dead = true);
    }

    /// Whether the member has crashed.
    pub fn is_dead(&self) -> bool {
        self.broker.with_switch(self.member, |s| s.dead)
    }

    /// Cuts the member off from the broker, or connects it again.
    pub fn set_cut(&self, cut: bool) {
        self.broker.with_switch(self.member, |s| s.cut = cut);
        self.broker.lock().speak_later(self.member);
    }

    /// Stops the member's machine, or lets it go on: its client says nothing meanwhile. Who calls this keeps
    /// the member's own thread from calling anything.
    pub fn set_asleep(&self, asleep: bool) {
        self.broker.with_switch(self.member, |s| s.asleep = asleep);
        self.broker.lock().speak_later(self.member);
    }

    /// What a member that subscribed has been given, or is about to be given, and has not given back.
    pub fn owned(&self) -> BTreeSet<TopicPartition> {
        let cluster = self.broker.lock();
        cluster.clients.get(&self.member).map_or_else(BTreeSet::new, |client| client.owned.clone())
    }

    /// Each of its calls takes so many ms longer.
    pub fn set_slow(&self, slow_ms: u64) {
        self.broker.with_switch(self.member, |s| s.slow_ms = slow_ms);
    }
}
