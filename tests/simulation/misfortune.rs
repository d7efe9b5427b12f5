//! What each action does to the world.

use rapport::log::Road;
use rapport::log::memory::{CoordinatorType, Effect, Fault, Trigger};

use super::instance::{End, Instance, News};
use super::ledger::Failure;
use super::schedule::{Action, Call, When};
use super::world::World;

fn trigger(call: Call) -> Trigger {
    match call {
        Call::Nth(n) => Trigger::Step(n.max(1)),
        Call::Places => Trigger::Places,
        Call::End => Trigger::End,
    }
}

fn effect(when: When) -> Effect {
    match when {
        When::Before => Effect::Before,
        When::After => Effect::After,
    }
}

impl World<'_> {
    fn running(&self, who: usize) -> Option<&Instance> {
        self.slots.get(who).and_then(|slot| slot.instance.as_ref())
    }

    fn arm(&mut self, who: usize, call: Call, when: When, fault: Fault, back_ms: Option<u64>) {
        // Who has died in the middle of a turn is to come back as it was said then.
        if let Some(instance) = self.running(who).filter(|instance| !instance.switch.is_dead()) {
            instance.switch.arm_at(trigger(call), effect(when), fault);
            self.slots[who].back_ms = back_ms;
        }
    }

    /// Lets something happen.
    pub(super) fn act(&mut self, action: &Action) -> Result<(), Failure> {
        let now_ms = self.now_ms();
        self.ledger.lock().unwrap().happened(now_ms, format_args!("{action}"));
        match action {
            Action::Crash { who, call, when, back_ms } => {
                self.arm(*who, *call, *when, Fault::Crash, *back_ms);
            }
            Action::Fail { who, call, when, is_for_good } => {
                let road = if *is_for_good { Road::Rebuild } else { Road::Retry };
                self.arm(*who, *call, *when, Fault::Fail(road), None);
            }
            Action::Late { who, call, steps } => {
                self.count("answers that come late");
                self.arm(*who, *call, When::Before, Fault::Late(*steps), None);
            }
            Action::Lose { who, call } => {
                self.count("answers that are lost");
                self.arm(*who, *call, When::Before, Fault::Lost, None);
            }
            Action::CrashLate { who, call, steps, back_ms } => {
                self.count("requests that outlive who sent them");
                self.arm(*who, *call, When::Before, Fault::CrashLate(*steps), *back_ms);
            }
            Action::Pause { who, call, ms } => {
                if let Some(instance) = self.running(*who) {
                    instance.hold_at(Some(*call));
                    self.slots[*who].pause_ms = *ms;
                }
            }
            Action::Cut { who, ms } => {
                if let Some(instance) = self.running(*who) {
                    instance.switch.set_cut(true);
                    self.slots[*who].connects_ms = Some(now_ms + ms);
                    self.count("cuts");
                }
            }
            Action::Slow { who, by_ms, ms } => {
                if let Some(instance) = self.running(*who) {
                    instance.switch.set_slow(*by_ms);
                    self.slots[*who].speeds_up_ms = Some(now_ms + ms);
                    self.count("slow spells");
                }
            }
            Action::Fence { who } => {
                if !self.rig.broker.is_moving(CoordinatorType::Transaction) {
                    self.rig.broker.fence(&who.to_string());
                    self.count("ids taken");
                }
            }
            Action::Expire => {
                if !self.rig.broker.is_moving(CoordinatorType::Transaction) {
                    self.rig.broker.expire_transactions();
                    self.count("transactions expired");
                }
            }
            Action::Down { ms } => {
                self.set_down(*ms);
                self.count("outages");
            }
            Action::Move { of, when, ms } => {
                self.rig.broker.move_coordinator(*of, effect(*when), *ms);
            }
            Action::Rebalance => {
                if !self.rig.broker.is_moving(CoordinatorType::Group) {
                    self.rig.broker.rebalance(super::world::GROUP);
                }
            }
            Action::Join => self.add_slot(),
            Action::Leave { who, back_ms } => return self.leave(*who, *back_ms),
            Action::Restart { who } => self.restart(*who),
            Action::Feed { events } => self.feed(*events),
        }
        Ok(())
    }

    /// It commits and goes, if it is not in the middle of something.
    fn leave(&mut self, who: usize, back_ms: Option<u64>) -> Result<(), Failure> {
        let Some(slot) = self.slots.get_mut(who) else { return Ok(()) };
        let is_asleep = slot.wakes_ms.is_some();
        let Some(instance) = slot.instance.as_mut().filter(|i| !i.is_within_a_turn() && !is_asleep) else {
            return Ok(());
        };
        slot.back_ms = back_ms;
        instance.hold_at(None);
        let News::Ended(end) = instance.close().clone() else { return Ok(()) };
        let end = match end {
            // What could not be committed on the way out is read again by whoever comes next.
            End::Stopped(_) => End::Closed,
            end => end,
        };
        self.ended(who, end)
    }

    fn restart(&mut self, who: usize) {
        if !self.can_join() {
            return;
        }
        let Some(slot) = self.slots.get_mut(who) else { return };
        let Some(instance) = slot.instance.take() else { return };
        instance.hold_at(None);
        if self.schedule.group.is_static {
            let wakes_ms = slot.wakes_ms;
            instance.switch.set_cut(false);
            self.zombies.push((who, instance, wakes_ms));
            self.count("zombies");
        } else {
            drop(instance);
            self.count("deaths");
        }
        self.start(who);
    }
}
