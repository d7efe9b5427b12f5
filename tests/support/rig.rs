//! A whole installation over the log in this process: its topics, its members with their engines, and
//! the weather that they have to stand: crashes, lost answers, late markers, members that come and go.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use rapport::codec::{self, Format, SchemaStore};
use rapport::engine::clock::Clock as _;
use rapport::engine::{Engine, EngineSettings};
use rapport::funnel::terms::Terms;
use rapport::log::memory::{Broker, Effect as When, Fault, Interleaving, Switch};
use rapport::log::{LogError, NewRecord, RawRecord, Road, TopicPartition};
use rapport::model::EventTime;
use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::definitions::DIRECT;
use rapport::model::effect::Effect;
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Holds, LogRecord};
use rapport::model::window::WindowResult;
use rapport::pipeline::breaker::BreakerSettings;
use rapport::pipeline::event_log;
use rapport::pipeline::factory::Tasks;
use rapport::pipeline::intake::IntakeSettings;
use rapport::pipeline::topics::Topics;

use super::random_log::Arrival;
pub use super::running::Running;
use super::watching::{TestClock, Watching};

pub const GROUP: &str = "rapport";
/// An installation that has not come to rest after so many turns never will.
const TURNS_MAX: usize = 100_000;
/// A garbled record: no JSON, no Avro.
const GARBAGE: &[u8] = b"\xff\x00 no event";

/// What an installation has to stand.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    /// From which everything that is random comes.
    pub seed: u64,
    /// How many members there are at first.
    pub members: usize,
    /// Most records that a poll brings.
    pub batch_max: usize,
    /// How many faults there are.
    pub faults: u32,
    /// How often members come, go and swap partitions.
    pub moves: u32,
    /// Commit markers reach a partition up to this many steps late.
    pub marker_delay: u64,
}

impl Weather {
    /// One member, large batches, nothing happens.
    pub const CALM: Weather =
        Weather { seed: 0, members: 1, batch_max: 1000, faults: 0, moves: 0, marker_delay: 0 };
}

/// What an installation has to show in the end.
#[derive(Debug, Default, PartialEq)]
pub struct Shown {
    /// Every committed message about an alert, in order, with its `ce_id`.
    pub alerts: Vec<(String, Alert)>,
    /// The last committed result of each window, whenever it was computed.
    pub windows: BTreeMap<String, WindowResult>,
    /// How often each dead letter was written, by its value.
    pub dead_letters: BTreeMap<Vec<u8>, usize>,
    /// What the tasks of a new member show when they are restored.
    pub restored: Vec<String>,
}

/// An installation.
pub struct Rig {
    /// Its log.
    pub broker: Broker,
    /// Its topics.
    pub topics: Arc<Topics>,
    /// How often members have begun anew, by themselves or as another member.
    pub restarts: u32,
    /// How members work that start from now on.
    pub settings: EngineSettings,
    /// What members that start from now on run.
    pub tasks: Tasks,
    clock: TestClock,
    inputs: Vec<TopicPartition>,
    all: Vec<TopicPartition>,
    members: usize,
}

impl Rig {
    /// An installation with its topics and nothing in them.
    pub fn new(terms: &Arc<Terms>) -> Rig {
        let topics = Arc::new(Topics::default());
        let broker = Broker::new();
        let plan = topics.plan(terms.ids.partitions());
        let mut made: Vec<(String, u32)> = plan.into_iter().map(|t| (t.name, t.partitions)).collect();
        let sources = terms.definitions.sources.iter().filter(|source| source.name != DIRECT);
        made.extend(sources.map(|source| (source.name.to_string(), source.partitions)));
        let breaker = BreakerSettings { ratio_max: 1.0, ..BreakerSettings::default() };
        let intake = |name: &str| IntakeSettings {
            source: name.into(),
            format: Format::Auto,
            schemas: Arc::new(SchemaStore::default()),
            event_partitions: terms.ids.partitions(),
            out_of_orderness_ms: terms.definitions.out_of_orderness_ms,
            record_bytes_max: 1 << 20,
            breaker,
        };
        let sources = terms.definitions.sources.iter().filter(|source| source.name != DIRECT);
        let tasks = Tasks {
            terms: terms.clone(),
            topics: topics.clone(),
            schemas: Arc::new(SchemaStore::default()),
            intakes: sources.map(|source| (source.name.to_string(), intake(&source.name))).collect(),
            record_bytes_max: 1 << 20,
            breaker,
            journeys_max: usize::MAX,
            alert_source: "/test".into(),
            catching_up_after_ms: None,
            trim: true,
        };
        let parts = |(name, partitions): &(String, u32)| {
            (0..*partitions).map(|p| TopicPartition::new(name, p)).collect::<Vec<_>>()
        };
        made.iter().for_each(|(name, partitions)| broker.create_topic(name, *partitions));
        let all: Vec<_> = made.iter().flat_map(parts).collect();
        let read = tasks.inputs();
        let inputs = all.iter().filter(|at| read.contains(&at.topic)).cloned().collect();
        Rig {
            broker,
            topics,
            restarts: 0,
            settings: EngineSettings {
                commit_bytes: 64 << 10,
                // A history may leave a partition silent for good, and nobody is to wait for it here.
                max_ahead_ms: i64::MAX,
                ..EngineSettings::default()
            },
            tasks,
            clock: TestClock { ticks_ms: AtomicU64::new(0), wall: AtomicI64::new(-100_000_000_000_000) },
            inputs,
            all,
            members: 0,
        }
    }

    /// Every partition.
    pub fn all(&self) -> &[TopicPartition] {
        &self.all
    }

    /// Appends a history to the sources, or to the event log itself where there is none.
    pub fn feed(&self, history: &[Arrival]) {
        for arrival in history {
            let (key, value) = match &arrival.record.holds {
                Holds::Event(event) => {
                    (Some(event.record_key().as_bytes().to_vec()), Some(codec::encode_event_json(event)))
                }
                Holds::Tombstone { id } => (Some(id.as_bytes().to_vec()), None),
                Holds::Unreadable(_) => (None, Some(GARBAGE.to_vec())),
                Holds::Control(control) => (None, Some(codec::encode_control(control))),
            };
            let to = self.source_of(arrival, key.as_deref());
            let timestamp = Some(arrival.record.timestamp);
            self.broker.append(NewRecord { to, key, value, headers: Vec::new(), timestamp });
        }
    }

    /// The partition into which a record with this key is written by the CRM.
    pub fn source_of(&self, arrival: &Arrival, key: Option<&[u8]>) -> TopicPartition {
        let sources: Vec<_> = self.tasks.terms.definitions.sources.iter().collect();
        if self.tasks.intakes.is_empty() || matches!(arrival.record.holds, Holds::Control(_)) {
            return TopicPartition::new(&self.topics.events, arrival.partition);
        }
        let is_of_a_lead = key.is_none_or(|key| key.starts_with(b"L"));
        let source = sources[if is_of_a_lead { 0 } else { 1 } % sources.len()];
        let partition = key.map_or(0, |key| partition_of(key, source.partitions));
        TopicPartition::new(source.name.as_str(), partition)
    }

    fn join(&self, id: &str, assignment: &[TopicPartition]) -> Running {
        let member = self.broker.join(GROUP, id, assignment);
        let switch = member.switch();
        let settings = self.settings.clone();
        Running { engine: Engine::new(member, self.tasks.clone(), Watching::default(), settings), switch }
    }

    /// Starts the only member, which reads everything; one that was running is no more.
    pub fn start(&self) -> Running {
        let mut member = self.join("0", &self.inputs);
        self.restore(&mut member);
        member
    }

    /// Starts the only member, which cannot; says why.
    pub fn start_in_vain(&self) -> LogError {
        let mut member = self.join("0", &self.inputs);
        for _ in 0..10_000 {
            self.clock.pause_ms(1);
            if let Err(error) = member.engine.turn(&self.clock) {
                return error;
            }
        }
        panic!("it goes on");
    }

    /// A member joins under a name to read this.
    pub fn join_as(&self, id: &str, assignment: &[TopicPartition]) -> Running {
        self.join(id, assignment)
    }

    /// A member leaves as one does that is stopped.
    pub fn leave(&self, mut member: Running) {
        member.engine.leave(&self.clock).expect("it commits what it has");
    }

    /// The group gives a member up.
    pub fn expel(&self, id: &str) {
        self.broker.expel(GROUP, id);
    }

    /// Every partition that tasks read.
    pub fn inputs(&self) -> Vec<TopicPartition> {
        self.inputs.clone()
    }

    /// Lets a member turn until its tasks are restored, in no time.
    pub fn restore(&self, member: &mut Running) {
        for _ in 0..5_000 {
            self.turns(member, 1);
            if member.is_dead() || member.engine.is_settled() {
                return;
            }
            self.clock.pause_ms(1);
        }
        panic!("its tasks were not restored");
    }

    /// The group gives the only member up: it has lost everything that it read.
    pub fn expel_the_only_one(&self) -> &[TopicPartition] {
        self.expel("0");
        &self.inputs
    }

    /// It is this time on the wall, of the members and of the broker.
    pub fn set_wall(&self, wall: EventTime) {
        self.clock.wall.store(wall.0, Ordering::Relaxed);
        self.broker.set_now(wall);
    }

    /// Lets so many ms pass of the clock that commits go by.
    pub fn pause_ms(&self, ms: u64) {
        self.clock.pause_ms(ms);
    }

    /// Lets a member make so many turns, in no time, or until it dies.
    pub fn turns(&self, member: &mut Running, turns: usize) {
        for _ in 0..turns {
            let turned = member.engine.turn(&self.clock);
            if member.is_dead() {
                return;
            }
            turned.expect("it goes on");
        }
    }

    /// Lets a member work until it has read and committed everything.
    pub fn settle(&self, member: &mut Running) {
        let mut before = Vec::new();
        while before != self.ends() {
            before = self.ends();
            for _ in 0..10 {
                self.clock.pause_ms(self.settings.commit_every_ms);
                self.turns(member, 1);
            }
        }
    }

    /// Lets the members work under this weather until nothing changes any more.
    pub fn run(&mut self, weather: Weather) {
        self.run_with(weather, None);
    }

    /// The same, and the first member is struck at the step that is named. Says how many steps it made.
    pub fn run_with(&mut self, weather: Weather, strike: Option<(u64, When, Fault)>) -> u64 {
        let mut rng = ChaCha8Rng::seed_from_u64(weather.seed ^ 0x5eed);
        self.broker.set_batches(weather.batch_max, Interleaving::Seeded(weather.seed));
        self.broker.delay_markers(weather.marker_delay, weather.seed);
        let mut targets = split(&mut rng, &self.inputs, weather.members);
        let join = |rig: &Rig, targets: &[Vec<TopicPartition>]| -> Vec<Running> {
            targets.iter().enumerate().map(|(id, target)| rig.join(&id.to_string(), target)).collect()
        };
        let mut members = join(self, &targets);
        self.members = members.len();
        if let Some((step, when, fault)) = strike {
            members[0].switch.arm(step, when, fault);
        }
        let (mut faults, mut moves) = (weather.faults, weather.moves);
        let (mut still, mut before) = (0, Default::default());
        let mut turns = 0;
        while still < 10 + 20 * members.len() {
            turns += 1;
            let waits = || members.iter().map(|member| member.engine.waits_for()).collect::<Vec<_>>();
            assert!(turns < TURNS_MAX, "it does not come to rest; members wait for {:?}", waits());
            let id = rng.random_range(0..members.len());
            // One after the other: a fault that is armed anew before it struck would be none.
            if faults > 0 && !members[id].switch.is_armed() && rng.random_range(0..3) == 0 {
                faults -= 1;
                arm(&mut rng, &members[id].switch);
            }
            if moves > 0 && rng.random_range(0..25) == 0 {
                moves -= 1;
                targets = split(&mut rng, &self.inputs, members.len());
                let names: Vec<String> = (0..members.len()).map(|id| id.to_string()).collect();
                let all: Vec<(&str, Vec<TopicPartition>)> =
                    names.iter().map(String::as_str).zip(targets.iter().cloned()).collect();
                self.broker.reassign(GROUP, &all);
            }
            self.turn(&mut members[id], id, &targets);
            self.clock.pause_ms(rng.random_range(1..40));
            let unread = members.iter().map(|m| m.engine.observer().unread.clone()).collect::<Vec<_>>();
            let now = (self.ends(), unread);
            let at_work = members.iter().all(|member| member.engine.is_settled());
            still = if now == before && at_work { still + 1 } else { 0 };
            before = now;
        }
        self.restarts += members.iter().map(|m| m.engine.observer().rebuilt).sum::<u32>();
        members[0].switch.steps()
    }

    /// Lets one member work with this breaker until it stops by itself; says what it says then.
    pub fn run_until_it_stops(&mut self, breaker: BreakerSettings) -> String {
        self.tasks.breaker = breaker;
        self.broker.set_batches(7, Interleaving::InTurn);
        let mut member = self.join("0", &self.inputs);
        let turns = (0..10_000).map(|_| {
            self.clock.pause_ms(20);
            member.engine.turn(&self.clock)
        });
        let stopped = turns.filter_map(Result::err).next();
        stopped.expect("the breaker opens").to_string()
    }

    /// One turn of a member; one that has died is started again.
    fn turn(&mut self, member: &mut Running, id: usize, targets: &[Vec<TopicPartition>]) {
        let turned = member.engine.turn(&self.clock);
        if member.switch.is_dead() {
            self.restarts += 1;
            *member = self.join(&id.to_string(), &targets[id]);
        } else if let Err(error) = turned {
            panic!("member {id} stopped: {error}");
        }
    }

    fn ends(&self) -> Vec<i64> {
        self.all.iter().map(|at| self.broker.end(at)).collect()
    }

    /// Everything that is committed, and what a member that starts now makes of it.
    pub fn shown(&self) -> Shown {
        let of = |topic: &str| self.broker.read_committed(&TopicPartition::new(topic, 0));
        let mut dead_letters = BTreeMap::new();
        for letter in of(&self.topics.dead_letters) {
            *dead_letters.entry(letter.value.unwrap_or_default()).or_default() += 1;
        }
        Shown { alerts: self.alerts(), windows: self.windows(), dead_letters, restored: self.restored() }
    }

    /// Every committed message about an alert, in order, with its `ce_id`.
    pub fn alerts(&self) -> Vec<(String, Alert)> {
        let alerts = self.broker.read_committed(&TopicPartition::new(&self.topics.alerts, 0));
        alerts.iter().map(alert).collect()
    }

    /// The last committed result of each window, whenever it was computed.
    pub fn windows(&self) -> BTreeMap<String, WindowResult> {
        let windows = self.broker.read_committed(&TopicPartition::new(&self.topics.windows, 0));
        let mut latest = BTreeMap::new();
        for record in windows {
            let key = String::from_utf8(record.key.unwrap()).unwrap();
            match record.value {
                Some(value) => {
                    let window = codec::decode_window(&value).unwrap();
                    assert_eq!(key, window.record_key());
                    latest.insert(key, WindowResult { at: EventTime(0), ..window });
                }
                None => drop(latest.remove(&key)),
            }
        }
        latest
    }

    /// The times of the committed progress records of a partition of the event log, in its order.
    pub fn progress(&self, partition: usize) -> Vec<EventTime> {
        let told = |record: &LogRecord| match &record.holds {
            Holds::Control(Control::Progress { time, .. }) => Some(*time),
            _ => None,
        };
        self.event_log()[partition].iter().filter_map(told).collect()
    }

    /// What a member shows that starts now and reads everything.
    fn restored(&self) -> Vec<String> {
        let others: Vec<String> = (1..self.members).map(|id| id.to_string()).collect();
        others.iter().for_each(|id| self.broker.expel(GROUP, id));
        let mut targets: Vec<(&str, Vec<TopicPartition>)> =
            others.iter().map(|id| (id.as_str(), Vec::new())).collect();
        targets.push(("0", self.inputs.clone()));
        let mut fresh = self.join("0", &[]);
        self.broker.reassign(GROUP, &targets);
        self.restore(&mut fresh);
        let (_, watching) = fresh.engine.into_parts();
        let again = watching.committed.iter().any(|effect| matches!(effect, Effect::Alert(_)));
        assert!(!again, "what was sent before a start is told as restored, not as sent");
        let mut figures: Vec<String> = watching
            .restored
            .into_iter()
            .filter_map(|effect| match effect {
                Effect::Window(window) => Some(format!("{:?}", WindowResult { at: EventTime(0), ..window })),
                Effect::DeadLetter(_) => None,
                other => Some(format!("{other:?}")),
            })
            .collect();
        figures.sort();
        figures
    }

    /// The committed records of every partition of the event log, read.
    pub fn event_log(&self) -> Vec<Vec<LogRecord>> {
        let schemas = SchemaStore::default();
        let records =
            |p| self.broker.read_committed(&TopicPartition::new(&self.topics.events, p)).into_iter();
        (0..self.tasks.terms.ids.partitions())
            .map(|p| {
                records(p)
                    .map(|record| {
                        event_log::read(&record, &schemas, 1 << 20, self.tasks.terms.ids.partitions()).0
                    })
                    .collect()
            })
            .collect()
    }
}

fn alert(record: &RawRecord) -> (String, Alert) {
    let id = record.headers.iter().find(|(name, _)| name == "ce_id").expect("every alert has an id");
    let alert = codec::decode_alert(record.value.as_deref().unwrap()).unwrap();
    (String::from_utf8(id.1.clone()).unwrap(), alert)
}

fn split(rng: &mut ChaCha8Rng, inputs: &[TopicPartition], members: usize) -> Vec<Vec<TopicPartition>> {
    let mut targets = vec![Vec::new(); members];
    inputs.iter().for_each(|at| targets[rng.random_range(0..members)].push(at.clone()));
    targets
}

fn arm(rng: &mut ChaCha8Rng, switch: &Switch) {
    let steps = rng.random_range(1..25);
    let when = if rng.random_range(0..2) == 0 { When::Before } else { When::After };
    match rng.random_range(0..4) {
        0 | 1 => switch.crash_after(steps, when),
        2 => switch.fail_after(steps, when, Road::Rebuild),
        _ => switch.fail_after(steps, when, Road::Retry),
    }
}
