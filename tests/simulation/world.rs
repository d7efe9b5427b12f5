//! The world of a schedule: one broker, the instances, their misfortunes, and time, which passes only here.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use rapport::engine::EngineSettings;
use rapport::log::memory::{CoordinatorType, Interleaving, Times};
use rapport::model::record::Holds;
use rapport::model::{DAY_MS, EventTime, HOUR_MS};

use crate::support::random_log::Arrival;
use crate::support::rig::Rig;

use super::Shared;
use super::checks::{self, Decided};
use super::company::history;
use super::company::terms;
use super::instance::{End, Instance, News, Setup};
use super::ledger::{Failure, Ledger, Totals};
use super::mutations::Mutation;
use super::readers::Readers;
use super::schedule::Schedule;

/// The group of all instances.
pub const GROUP: &str = "rapport";
/// What an instance says that has found another one in its seat.
const REPLACED: &str = "another member has joined group";
/// A wall clock that is before all events: its time is told by nobody.
pub const LONG_AGO: EventTime = EventTime(-100_000_000_000_000);
/// After so many rounds with nothing that is wrong any more it must be quiet.
const ROUNDS_TO_REST: u64 = 4_000;
/// So long it must stay quiet, in rounds.
const QUIET_ROUNDS: u64 = 12;
/// Time passes faster for those who only wait.
const WAITING_ROUNDS: u64 = 60;

/// An instance by its number, or the lack of it.
pub(super) struct Slot {
    pub(super) instance: Option<Instance>,
    /// When it starts again, if it is not there.
    pub(super) starts_ms: Option<u64>,
    pub(super) pause_ms: u64,
    pub(super) wakes_ms: Option<u64>,
    pub(super) connects_ms: Option<u64>,
    pub(super) speeds_up_ms: Option<u64>,
    pub(super) back_ms: Option<u64>,
}

impl Slot {
    fn empty(starts_ms: Option<u64>) -> Slot {
        Slot {
            instance: None,
            starts_ms,
            pause_ms: 0,
            wakes_ms: None,
            connects_ms: None,
            speeds_up_ms: None,
            back_ms: None,
        }
    }
}

/// Everything.
pub struct World<'a> {
    pub(super) schedule: &'a Schedule,
    pub(super) rig: Rig,
    pub(super) slots: Vec<Slot>,
    /// Instances whose number another one has taken: each with when it wakes, if it is asleep.
    pub(super) zombies: Vec<(usize, Instance, Option<u64>)>,
    /// The slots of zombies that have given up, or sit there again.
    laid: BTreeSet<usize>,
    pub(super) ledger: Shared<Ledger>,
    pub(super) readers: Readers,
    history: Vec<Arrival>,
    fed: usize,
    wall: Arc<AtomicI64>,
    up_ms: Option<u64>,
    rng: ChaCha8Rng,
    started: u64,
    is_healed: bool,
    mutation: Option<Mutation>,
}

/// What came of a run.
pub struct Outcome {
    /// What happened how often.
    pub totals: Totals,
    /// What everybody can see in the end.
    pub decided: Decided,
}

/// Runs a schedule to its rest and checks everything.
pub fn run(schedule: &Schedule) -> Result<Outcome, Failure> {
    run_broken(schedule, None)
}

/// The same with something broken on purpose in every instance.
pub fn run_broken(schedule: &Schedule, mutation: Option<Mutation>) -> Result<Outcome, Failure> {
    let mut world = World::new(schedule, mutation);
    world.play()?;
    world.rest()?;
    let decided = checks::check(&mut world)?;
    let mut totals = world.ledger.lock().unwrap().totals.clone();
    totals.add("faults struck", world.rig.broker.faults_struck());
    totals.add("coordinators moved", world.rig.broker.coordinators_moved());
    totals.add("generations", world.rig.broker.generation(GROUP).into());
    totals.add("seconds of the broker", world.now_ms() / 1000);
    totals.add("records forgotten", world.rig.all().iter().map(|at| world.rig.broker.start(at) as u64).sum());
    Ok(Outcome { totals, decided })
}

impl<'a> World<'a> {
    fn new(schedule: &'a Schedule, mutation: Option<Mutation>) -> World<'a> {
        let (company, group) = (&schedule.company, &schedule.group);
        let mut rig = Rig::new(&terms(company));
        let ahead_ms = i64::from(group.ahead_hours) * HOUR_MS;
        let max_ahead_ms = if ahead_ms > 0 { ahead_ms } else { i64::MAX };
        rig.settings = EngineSettings { commit_every_ms: group.commit_ms, max_ahead_ms, ..rig.settings };
        let history = history(company, &rig);
        rig.broker.set_batches(group.batch, Interleaving::Seeded(group.seed));
        rig.broker.delay_markers(group.marker_steps, group.seed);
        rig.broker.set_times(Times {
            call_ms: 1,
            timeout_ms: 100,
            heartbeat_ms: 20,
            session_ms: group.session_ms,
            poll_ms: 3 * group.session_ms,
            rebalance_ms: 60_000,
            transaction_ms: group.transaction_ms,
        });
        let readers = Readers::new(&rig.broker, rig.all(), &rig.topics.deltas);
        let ledger = Ledger::new(!company.has_wall);
        let mut world = World {
            schedule,
            rig,
            slots: (0..group.instances).map(|_| Slot::empty(Some(0))).collect(),
            zombies: Vec::new(),
            laid: BTreeSet::new(),
            ledger: Arc::new(Mutex::new(ledger)),
            readers,
            history,
            fed: 0,
            wall: Arc::new(AtomicI64::new(LONG_AGO.0)),
            up_ms: None,
            rng: ChaCha8Rng::seed_from_u64(group.seed ^ 0x5eed),
            started: 0,
            is_healed: false,
            mutation,
        };
        world.feed(company.events as usize / 3);
        world
    }

    pub(super) fn now_ms(&self) -> u64 {
        self.rig.broker.ticks_ms()
    }

    pub(super) fn count(&self, what: &str) {
        self.ledger.lock().unwrap().totals.add(what, 1);
    }

    /// Lets everything happen that the schedule names.
    fn play(&mut self) -> Result<(), Failure> {
        let last = self.schedule.actions.iter().map(|(round, _)| *round).max().unwrap_or(0);
        for round in 0..=last {
            let schedule = self.schedule;
            for (_, action) in schedule.actions.iter().filter(|(at, _)| *at == round) {
                self.act(action)?;
            }
            self.round()?;
        }
        Ok(())
    }

    /// Heals everything, and waits until nothing is left to be done.
    fn rest(&mut self) -> Result<(), Failure> {
        self.heal();
        let healed_ms = self.now_ms();
        let (mut quiet, mut waiting, mut before) = (0, 0, Vec::new());
        for round in 0..ROUNDS_TO_REST {
            self.round()?;
            self.let_zombies_take_free_seats();
            let ends = self.ends();
            (waiting, before) = if ends == before { (waiting + 1, ends) } else { (0, ends) };
            quiet = if self.is_quiet() { quiet + 1 } else { 0 };
            if quiet > QUIET_ROUNDS {
                let totals = &mut self.ledger.lock().unwrap().totals;
                totals.peak("rounds to rest", round);
                totals.peak("ms to rest", self.now_ms() - healed_ms);
                return Ok(());
            }
            if waiting > WAITING_ROUNDS {
                self.rig.broker.pass(200);
            }
        }
        Err(Failure::new("no rest", self.unrest()))
    }

    fn round(&mut self) -> Result<(), Failure> {
        self.let_time_come();
        if let Some(who) = self.next() {
            self.go(who)?;
        }
        let passes_ms = self.rng.random_range(0..=40);
        self.rig.broker.pass(passes_ms);
        self.readers.look();
        match self.ledger.lock().unwrap().failure.clone() {
            Some(failure) => Err(failure),
            None => Ok(()),
        }
    }

    /// Who is next: instances first by number, then zombies; none if everybody waits.
    fn next(&mut self) -> Option<usize> {
        let now_ms = self.now_ms();
        let can = |instance: &Instance| match instance.last {
            News::Sleeps(until_ms) => until_ms <= now_ms,
            News::Turned { .. } | News::Interrupted => true,
            News::Held | News::Ended(_) => false,
        };
        let slots = self.slots.iter().enumerate().filter(|(_, slot)| slot.wakes_ms.is_none());
        let live = slots.filter_map(|(i, slot)| slot.instance.as_ref().filter(|i| can(i)).map(|_| i));
        let numbers = self.slots.len()..;
        let awake =
            numbers.zip(&self.zombies).filter(|(_, (_, zombie, wakes))| wakes.is_none() && can(zombie));
        let all: Vec<usize> = live.chain(awake.map(|(i, _)| i)).collect();
        (!all.is_empty()).then(|| all[self.rng.random_range(0..all.len())])
    }

    fn go(&mut self, who: usize) -> Result<(), Failure> {
        if who >= self.slots.len() {
            let i = who - self.slots.len();
            let news = self.zombies[i].1.run().clone();
            return self.zombie_news(i, news);
        }
        let slot = &mut self.slots[who];
        let news = slot.instance.as_mut().expect("it was asked").run().clone();
        match news {
            News::Held => self.fall_asleep(who),
            News::Ended(end) => return self.ended(who, end),
            News::Turned { .. } | News::Interrupted | News::Sleeps(_) => {}
        }
        Ok(())
    }

    pub(super) fn ended(&mut self, who: usize, end: End) -> Result<(), Failure> {
        let slot = &mut self.slots[who];
        let back_ms = slot.back_ms.take();
        match end {
            End::Dead => self.count("deaths"),
            End::Closed => self.count("departures"),
            // While it was given up its zombie had taken its name back, and may have given up itself since; whoever
            // watches over it starts it again.
            End::Stopped(why)
                if why.contains(REPLACED)
                    && (self.zombies.iter().any(|z| z.0 == who) || self.laid.contains(&who)) =>
            {
                self.count("ousted by a zombie");
                self.slots[who] = Slot::empty(Some(self.now_ms()));
                return Ok(());
            }
            End::Stopped(why) => return Err(Failure::new("stopped", format!("instance {who}: {why}"))),
            End::Panicked(why) => return Err(Failure::new("panicked", format!("instance {who}: {why}"))),
        }
        let starts_ms = back_ms.map(|ms| self.now_ms() + ms);
        self.slots[who] = Slot::empty(starts_ms);
        Ok(())
    }

    /// A zombie learns in the end that it is one, if nothing else stops it before.
    fn zombie_news(&mut self, i: usize, news: News) -> Result<(), Failure> {
        let (who, ..) = self.zombies[i];
        match news {
            News::Ended(End::Panicked(why)) => {
                return Err(Failure::new("panicked", format!("zombie {who}: {why}")));
            }
            News::Ended(_) => {
                self.count("zombies that gave up");
                self.laid.insert(who);
                self.zombies.remove(i);
            }
            // It is told to hold no longer when it becomes a zombie.
            News::Held | News::Turned { .. } | News::Interrupted | News::Sleeps(_) => {}
        }
        Ok(())
    }

    /// A zombie whose successor is gone for good is the one that bears its name; it may still learn that there was one.
    fn let_zombies_take_free_seats(&mut self) {
        for i in (0..self.zombies.len()).rev() {
            let (who, _, wakes_ms) = &self.zombies[i];
            let slot = &self.slots[*who];
            if slot.instance.is_none() && slot.starts_ms.is_none() && wakes_ms.is_none() {
                let (who, instance, _) = self.zombies.remove(i);
                self.laid.insert(who);
                self.slots[who] = Slot { instance: Some(instance), ..Slot::empty(None) };
                self.count("zombies that took their seat again");
            }
        }
    }

    /// What is due now: who starts, wakes, is connected again.
    fn let_time_come(&mut self) {
        let now_ms = self.now_ms();
        let is_due = |at: &Option<u64>| at.is_some_and(|ms| ms <= now_ms);
        if is_due(&self.up_ms) {
            self.up_ms = None;
            self.rig.broker.set_down(false);
        }
        for who in 0..self.slots.len() {
            if is_due(&self.slots[who].starts_ms) && self.can_join() {
                self.start(who);
                continue;
            }
            let slot = &mut self.slots[who];
            let Some(instance) = &mut slot.instance else { continue };
            if is_due(&slot.connects_ms) {
                slot.connects_ms = None;
                instance.switch.set_cut(false);
            }
            if is_due(&slot.speeds_up_ms) {
                slot.speeds_up_ms = None;
                instance.switch.set_slow(0);
            }
            if is_due(&slot.wakes_ms) {
                slot.wakes_ms = None;
                instance.switch.set_asleep(false);
                // Who was held goes on by itself from now on.
                instance.last = match &instance.last {
                    News::Held => News::Interrupted,
                    last => last.clone(),
                };
            }
        }
        for (_, zombie, wakes_ms) in &mut self.zombies {
            if is_due(wakes_ms) {
                *wakes_ms = None;
                zombie.switch.set_asleep(false);
                if zombie.last == News::Held {
                    zombie.last = News::Interrupted;
                }
            }
        }
    }

    /// Whether an instance that starts finds all that it needs: who cannot join waits, and tries again.
    pub(super) fn can_join(&self) -> bool {
        let broker = &self.rig.broker;
        let is_moving =
            [CoordinatorType::Group, CoordinatorType::Transaction].iter().any(|of| broker.is_moving(*of));
        !broker.is_down() && !is_moving
    }

    fn fall_asleep(&mut self, who: usize) {
        let wakes_ms = self.now_ms() + self.slots[who].pause_ms;
        let slot = &mut self.slots[who];
        slot.wakes_ms = Some(wakes_ms);
        self.ledger.lock().unwrap().happened(wakes_ms, format_args!("instance {who} is to wake"));
        slot.instance.iter().for_each(|instance| instance.switch.set_asleep(true));
        self.count("pauses");
    }

    pub(super) fn start(&mut self, who: usize) {
        let group = &self.schedule.group;
        self.started += 1;
        let inputs = self.rig.inputs();
        let member = self.rig.broker.subscribe(GROUP, &who.to_string(), group.is_static, &inputs);
        let setup = Setup {
            who,
            member,
            tasks: self.rig.tasks.clone(),
            settings: self.rig.settings.clone(),
            chop: (if self.is_healed { 0 } else { group.chop }, group.seed.wrapping_add(self.started)),
            wall: self.wall.clone(),
            broker: self.rig.broker.clone(),
            ledger: self.ledger.clone(),
            mutation: self.mutation,
        };
        self.slots[who] = Slot { instance: Some(Instance::start(setup)), ..Slot::empty(None) };
        self.ledger.lock().unwrap().happened(self.now_ms(), format_args!("instance {who} starts"));
        self.count("starts");
    }

    pub(super) fn add_slot(&mut self) {
        self.slots.push(Slot::empty(Some(0)));
    }

    pub(super) fn set_down(&mut self, ms: u64) {
        self.rig.broker.set_down(true);
        self.up_ms = Some(self.now_ms() + ms);
    }

    /// So many more events happen; where wall time passes, it is the time of the last of them.
    pub(super) fn feed(&mut self, events: usize) {
        let end = (self.fed + events).min(self.history.len());
        self.rig.feed(&self.history[self.fed..end]);
        self.fed = end;
        if self.schedule.company.has_wall
            && let Some(last) = self.history[..end].last()
        {
            self.set_wall(last.at);
        }
    }

    /// How many records cannot be read.
    pub(super) fn garbage_fed(&self) -> usize {
        let is_bad = |arrival: &&Arrival| matches!(arrival.record.holds, Holds::Unreadable(_));
        self.history.iter().filter(is_bad).count()
    }

    fn set_wall(&self, wall: EventTime) {
        self.wall.store(wall.0, Ordering::Relaxed);
        self.rig.broker.set_now(wall);
    }

    /// Nothing is wrong any more, and everything has happened.
    fn heal(&mut self) {
        self.up_ms = self.up_ms.map(|_| 0);
        self.rig.broker.settle_coordinators();
        for slot in &mut self.slots {
            slot.starts_ms = slot.starts_ms.map(|_| 0);
            for due in [&mut slot.wakes_ms, &mut slot.connects_ms, &mut slot.speeds_up_ms] {
                *due = due.map(|_| 0);
            }
            if let Some(instance) = &slot.instance {
                instance.open_gate();
                instance.switch.disarm();
                if instance.switch.is_dead() {
                    // It has died in the middle of a turn, and comes back when that has ended.
                    slot.back_ms = Some(0);
                }
            }
        }
        self.is_healed = true;
        self.zombies.iter().for_each(|(_, zombie, _)| zombie.open_gate());
        self.zombies.iter_mut().for_each(|(_, _, wakes_ms)| *wakes_ms = wakes_ms.map(|_| 0));
        if self.slots.iter().all(|slot| slot.instance.is_none() && slot.starts_ms.is_none()) {
            self.slots[0].starts_ms = Some(0);
        }
        self.feed(self.history.len());
        if self.schedule.company.has_wall {
            let last = self.history.last().map_or(LONG_AGO, |last| last.at);
            self.set_wall(last.plus_ms(DAY_MS));
        }
    }

    fn ends(&self) -> Vec<i64> {
        self.rig.all().iter().map(|at| self.rig.broker.end(at)).collect()
    }

    /// Whether everything is read and committed, nothing is under way, and everybody knows what is theirs.
    fn is_quiet(&self) -> bool {
        let broker = &self.rig.broker;
        let live: Vec<&Instance> = self.slots.iter().filter_map(|slot| slot.instance.as_ref()).collect();
        let mut owned: Vec<_> = live.iter().flat_map(|instance| instance.switch.owned()).collect();
        owned.sort();
        let mut inputs = self.rig.inputs();
        inputs.sort();
        let is_settled = |instance: &&Instance| {
            let has_none = instance.switch.owned().is_empty();
            instance.last == News::Turned { is_settled: true } || (has_none && !instance.is_within_a_turn())
        };
        let is_read = |at| {
            let place = broker.committed_place(GROUP, at).map_or(0, |place| place.offset);
            broker.read_committed_from(at, place).0.is_empty()
        };
        self.zombies.is_empty()
            && owned == inputs
            && broker.is_calm(GROUP)
            && !broker.is_anything_under_way()
            && live.iter().all(is_settled)
            && inputs.iter().all(is_read)
    }

    /// Why it is not quiet.
    fn unrest(&self) -> String {
        let broker = &self.rig.broker;
        let mut said = vec![format!(
            "at {} ms: calm {}, under way {}",
            self.now_ms(),
            broker.is_calm(GROUP),
            broker.is_anything_under_way()
        )];
        for (who, slot) in self.slots.iter().enumerate() {
            let Some(instance) = &slot.instance else { continue };
            said.push(format!("instance {who}: {:?}, owns {:?}", instance.last, instance.switch.owned()));
        }
        said.extend(self.zombies.iter().map(|(who, zombie, _)| format!("zombie {who}: {:?}", zombie.last)));
        for at in self.rig.inputs() {
            let place = broker.committed_place(GROUP, &at).map_or(0, |place| place.offset);
            said.push(format!("{at}: committed {place} of {}", broker.end(&at)));
        }
        said.join("\n")
    }
}
