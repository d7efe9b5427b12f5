//! An instance: an engine with its tasks on a thread of its own, which runs only while the world waits for it.
//! So an instance can be held before any of its steps while others go on, and still everything happens in one
//! order.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use rapport::engine::clock::Clock;
use rapport::engine::{Engine, EngineSettings};
use rapport::log::memory::{Broker, END, Member, PLACES, Switch};
use rapport::model::EventTime;
use rapport::pipeline::factory::Tasks;

use super::Shared;
use super::ledger::{Ledger, Watching};
use super::mutant_log::MutantLog;
use super::mutant_tasks::MutantTasks;
use super::mutations::Mutation;
use super::schedule::Call;
use super::witness::{WatchedLog, WatchedTasks};

/// What the world tells an instance.
enum Order {
    /// Make a turn.
    Turn,
    /// Go on where you were held.
    GoOn,
    /// Commit and end.
    Close,
}

/// What an instance tells the world, which then goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// It has made a turn, and has everything that it was given, restored.
    Turned {
        /// Whether it reads all that it was given.
        is_settled: bool,
    },
    /// It is held before a step, as it was told to be.
    Held,
    /// It is interrupted before a step, and may go on at any time.
    Interrupted,
    /// It sleeps until that time of the broker's.
    Sleeps(u64),
    /// It has ended.
    Ended(End),
}

/// How an instance has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// It has died.
    Dead,
    /// It has committed and gone.
    Closed,
    /// It has stopped and says why.
    Stopped(String),
    /// It has met something that cannot be.
    Panicked(String),
}

/// What an instance is made of.
pub struct Setup {
    /// Its number.
    pub who: usize,
    /// Its log.
    pub member: Member,
    /// Its tasks.
    pub tasks: Tasks,
    /// How it works.
    pub settings: EngineSettings,
    /// It is interrupted before about every so-many-th step, drawn from the seed; never if 0.
    pub chop: (u32, u64),
    /// What time the clock on the wall says.
    pub wall: Arc<AtomicI64>,
    /// The broker, for its time.
    pub broker: Broker,
    /// Where everything is written down.
    pub ledger: Shared<Ledger>,
    /// What is broken in it on purpose.
    pub mutation: Option<Mutation>,
}

/// The instance as the world sees it.
pub struct Instance {
    /// The switches of its member.
    pub switch: Switch,
    orders: Sender<Order>,
    news: Receiver<News>,
    gate: Shared<Gate>,
    /// What it said last.
    pub last: News,
    thread: Option<JoinHandle<()>>,
}

impl Instance {
    /// Starts an instance; it does nothing yet.
    pub fn start(setup: Setup) -> Instance {
        let (orders, ordered) = channel();
        let (tell, news) = channel();
        let switch = setup.member.switch();
        let gate = Arc::new(Mutex::new(Gate { hold_at: None, chop: setup.chop.0 }));
        let same_gate = gate.clone();
        let live = move || {
            let link = Link { orders: Arc::new(Mutex::new(ordered)), news: tell.clone() };
            let lived = catch_unwind(AssertUnwindSafe(|| live(setup, &link, same_gate)));
            let end = lived.unwrap_or_else(|panic| End::Panicked(said(panic.as_ref())));
            // Who has let go of the instance does not listen.
            let _ = tell.send(News::Ended(end));
        };
        let thread = Some(std::thread::spawn(live));
        let last = News::Turned { is_settled: false };
        Instance { switch, orders, news, gate, last, thread }
    }

    /// Lets it run until it has made a turn, or is held, or ends.
    pub fn run(&mut self) -> &News {
        self.order(if self.is_within_a_turn() { Order::GoOn } else { Order::Turn })
    }

    /// Lets it commit and end, without interruption; it must not be within a turn.
    pub fn close(&mut self) -> &News {
        self.order(Order::Close);
        while !self.has_ended() {
            self.order(Order::GoOn);
        }
        &self.last
    }

    fn order(&mut self, order: Order) -> &News {
        if !self.has_ended() {
            self.orders.send(order).expect("it has not ended");
            self.last = self.news.recv().expect("it tells how it ends");
        }
        &self.last
    }

    /// Whether it waits somewhere within a turn.
    pub fn is_within_a_turn(&self) -> bool {
        matches!(self.last, News::Held | News::Interrupted | News::Sleeps(_))
    }

    /// Whether it has ended.
    pub fn has_ended(&self) -> bool {
        matches!(self.last, News::Ended(_))
    }

    /// Holds it before a step, or not at all.
    pub fn hold_at(&self, call: Option<Call>) {
        self.gate.lock().unwrap().hold_at = call;
    }

    /// It is neither held nor interrupted any more.
    pub fn open_gate(&self) {
        *self.gate.lock().unwrap() = Gate { hold_at: None, chop: 0 };
    }
}

/// Where an instance waits before steps.
struct Gate {
    /// It is held before this step.
    hold_at: Option<Call>,
    /// It is interrupted before about every so-many-th step; never if 0.
    chop: u32,
}

impl Gate {
    /// Whether it is held before this step.
    fn holds(&mut self, what: &str) -> bool {
        let is_now = match self.hold_at {
            None => false,
            Some(Call::Nth(n)) if n > 1 => {
                self.hold_at = Some(Call::Nth(n - 1));
                false
            }
            Some(Call::Nth(_)) => true,
            Some(Call::Places) => what == PLACES,
            Some(Call::End) => what == END,
        };
        if is_now {
            self.hold_at = None;
        }
        is_now
    }
}

/// An instance that is let go of dies.
impl Drop for Instance {
    fn drop(&mut self) {
        self.switch.kill();
        self.open_gate();
        while !self.has_ended() {
            self.run();
        }
        self.thread.take().expect("it is joined once").join().expect("it catches its own panics");
    }
}

fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("something").to_owned()
}

/// The instance's end of the link with the world.
#[derive(Clone)]
struct Link {
    /// Shared by the loop, the clock and the log of one thread: never contended.
    orders: Shared<Receiver<Order>>,
    news: Sender<News>,
}

impl Link {
    fn next(&self) -> Option<Order> {
        self.orders.lock().unwrap().recv().ok()
    }

    /// Lets the world go on until it says to go on.
    fn wait(&self, news: News) {
        let _ = self.news.send(news);
        self.next();
    }
}

struct InstanceClock {
    broker: Broker,
    wall: Arc<AtomicI64>,
    link: Link,
}

impl Clock for InstanceClock {
    fn wall(&self) -> EventTime {
        EventTime(self.wall.load(Ordering::Relaxed))
    }

    fn ticks_ms(&self) -> u64 {
        self.broker.ticks_ms()
    }

    fn pause_ms(&self, ms: u64) {
        self.link.wait(News::Sleeps(self.broker.ticks_ms() + ms));
    }
}

fn live(setup: Setup, link: &Link, gate: Shared<Gate>) -> End {
    let Setup { who, mut member, tasks, settings, chop, wall, broker, ledger, mutation } = setup;
    let switch = member.switch();
    let (waits, mut rng) = (link.clone(), ChaCha8Rng::seed_from_u64(chop.1));
    member.before_each_step(move |what| {
        let (is_held, chop) = {
            let mut gate = gate.lock().unwrap();
            (gate.holds(what), gate.chop)
        };
        if is_held {
            waits.wait(News::Held);
        } else if chop > 0 && rng.random_range(0..chop) == 0 {
            waits.wait(News::Interrupted);
        }
    });
    let clock = InstanceClock { broker, wall, link: link.clone() };
    let notes = Rc::new(RefCell::default());
    let log = WatchedLog::new(who, MutantLog::new(member, mutation), notes.clone(), ledger.clone());
    let tasks = WatchedTasks { tasks: MutantTasks::new(tasks, mutation), notes, ledger: ledger.clone() };
    let mut engine = Engine::new(log, tasks, Watching::new(ledger), settings);
    while let Some(order) = link.next() {
        let done = match order {
            Order::Turn => engine.turn(&clock),
            Order::Close => engine.leave(&clock),
            Order::GoOn => Ok(()),
        };
        match done {
            _ if switch.is_dead() => return End::Dead,
            Err(error) => return End::Stopped(error.to_string()),
            Ok(()) if matches!(order, Order::Close) => return End::Closed,
            Ok(()) => {
                let _ = link.news.send(News::Turned { is_settled: engine.is_settled() });
            }
        }
    }
    End::Dead
}
