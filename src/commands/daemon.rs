//! What `run` and `demo` have in common: an engine thread on Kafka, the board that it feeds, and the HTTP
//! server that shows the board.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::{Context as _, anyhow};
use tokio::net::TcpListener;

use crate::codec::Format;
use crate::config::{Client, Config, SecretRef};
use crate::engine::clock::{Clock as _, SystemClock};
use crate::engine::{Engine, EngineSettings};
use crate::log::kafka::{KafkaLog, KafkaSettings};
use crate::log::{Log, LogError, Road, TopicPartition};
use crate::model::definitions::Definitions;
use crate::pipeline::breaker::BreakerSettings;
use crate::pipeline::factory::Tasks;
use crate::pipeline::intake::IntakeSettings;
use crate::pipeline::topics::Topics;
use crate::serve::board::Board;
use crate::serve::http::health::Liveness;
use crate::serve::http::{HttpLimits, Served, serve};
use crate::serve::picture::{Readiness, TaskTopics};

use super::definitions::{self, Known};
use super::observer::BoardObserver;
use super::{Failure, configured, failed, request};

/// The loop is taken for stuck so much later than the longest wait for an answer of the cluster, in ms: a turn makes
/// shorter calls too.
const STUCK_BEYOND_WAIT_MS: u64 = 60_000;
/// A state is waited for until the transactions of who is gone have ended, and so much longer, in ms.
pub(super) const PATIENCE_BEYOND_TIMEOUT_MS: u64 = 30_000;

/// After how long the broker gives a transaction up.
const TRANSACTION_TIMEOUT: &str = "transaction.timeout.ms";

/// What the daemon shows, shared by the engine thread and the server.
pub struct Shown {
    /// The picture.
    pub board: Arc<Board>,
    /// Whether the engine's loop turns.
    pub liveness: Arc<Liveness>,
    /// Most series of the funnel and of alerts in `/metrics`.
    pub series_max: usize,
    clock: Arc<SystemClock>,
}

impl Shown {
    /// A board with nothing on it yet.
    pub fn new(topics: &Topics, threads: usize, kafka: &KafkaSettings) -> Shown {
        let clock = Arc::new(SystemClock::new());
        let ticks = clock.clone();
        let stuck_after_ms = kafka.longest_wait_ms() + STUCK_BEYOND_WAIT_MS;
        Shown {
            board: Arc::new(Board::new(TaskTopics {
                events: topics.events.clone(),
                deltas: topics.deltas.clone(),
            })),
            liveness: Arc::new(Liveness::new(threads, stuck_after_ms, move || ticks.ticks_ms())),
            series_max: HttpLimits::default().series_max,
            clock,
        }
    }

    /// What the HTTP server shows.
    pub fn served(&self) -> Served {
        let limits = HttpLimits { series_max: self.series_max, ..HttpLimits::default() };
        Served::new(self.board.clone(), self.liveness.clone(), limits)
    }
}

/// How to reach Kafka, from the configuration, with secrets read from where they are kept.
pub fn kafka_settings(config: &Config) -> Result<KafkaSettings, Failure> {
    let kafka = &config.kafka;
    let secret = |at: &SecretRef| match at {
        SecretRef::File(path) => {
            std::fs::read_to_string(path).map(|text| text.trim_end().to_owned()).map_err(|e| e.to_string())
        }
        SecretRef::Env(name) => std::env::var(name).map_err(|e| e.to_string()),
    };
    let properties = |client| kafka.properties(client, &secret).map_err(request);
    let mut settings =
        KafkaSettings::new(&kafka.bootstrap_servers, &kafka.group_id, kafka.instance_id.as_deref());
    if kafka.instance_id.is_none() {
        // Nobody else may have it; who takes over from a member that is gone learns it from what it committed.
        settings.transactional_id = format!("{}-{:016x}", kafka.group_id, random());
    }
    settings.properties = properties(Client::Common)?;
    settings.consumer = properties(Client::Consumer)?;
    settings.producer = properties(Client::Producer)?;
    take_transaction_timeout(&mut settings)?;
    Ok(settings)
}

/// The timeout of a transaction is a property to the user; here other waits are measured by it too.
fn take_transaction_timeout(settings: &mut KafkaSettings) -> Result<(), Failure> {
    let common = settings.properties.remove(TRANSACTION_TIMEOUT);
    let Some(written) = settings.producer.remove(TRANSACTION_TIMEOUT).or(common) else { return Ok(()) };
    settings.transaction_timeout_ms = written.parse().ok().filter(|ms| *ms > 0).ok_or_else(|| {
        request(anyhow!("{TRANSACTION_TIMEOUT} = {written} is no number of milliseconds above 0"))
    })?;
    Ok(())
}

/// A member of the group that is ready to begin.
pub struct Joined {
    /// Its log.
    pub log: KafkaLog,
    /// What it makes of partitions.
    pub tasks: Tasks,
    /// The newest definitions in the log, with their number.
    pub newest: (u32, Definitions),
}

/// Joins the group, takes the definitions from the log (or puts the first ones there), and makes the tasks.
pub fn join(config: &Config, settings: &KafkaSettings, clock: &SystemClock) -> Result<Joined, Failure> {
    let topics = Arc::new(configured::topics(config));
    let inputs: Vec<String> = config
        .sources
        .iter()
        .map(|source| source.name.clone())
        .chain([topics.events.clone(), topics.deltas.clone()])
        .collect();
    let names: Vec<&str> = inputs.iter().map(String::as_str).collect();
    let mut log = KafkaLog::join(settings, &names).map_err(failed)?;
    let mut partitions = BTreeMap::new();
    for source in &config.sources {
        partitions.insert(source.name.clone(), log.partitions(&source.name).map_err(failed)?);
    }
    let wanted = config
        .definitions(&|source| partitions.get(source).copied().flatten(), fresh_id_key())
        .map_err(request)?;
    check_partitions(&mut log, &topics, wanted.event_partitions)?;
    let place = TopicPartition::new(topics.definitions.as_str(), 0);
    let known = known_definitions(&mut log, settings, &place, &wanted, clock)?;
    let (number, newest) = newest(&known, &place)?;
    if newest.event_partitions != wanted.event_partitions {
        return Err(definitions::enlarged(&topics.events, wanted.event_partitions, newest.event_partitions));
    }
    // A task without state begins where the log begins.
    let first = known.get(1).cloned().unwrap_or_else(|| newest.clone());
    let terms = configured::terms(first, 1)?;
    let limits = config.log.dead_letter;
    let breaker = BreakerSettings {
        ratio_max: limits.ratio.as_f64(),
        window_records: limits.window_records,
        in_a_row_max: limits.consecutive,
    };
    let bytes_max = config.log.record_bytes_max as usize;
    let mut intakes = BTreeMap::new();
    for source in &config.sources {
        let settings = IntakeSettings {
            source: source.name.as_str().into(),
            format: Format::parse(source.encoding.format.as_str()).expect("both name the same formats"),
            schemas: Arc::new(configured::schemas_of(&source.encoding)?),
            event_partitions: terms.ids.partitions(),
            out_of_orderness_ms: newest.out_of_orderness_ms,
            record_bytes_max: bytes_max,
            breaker,
        };
        intakes.insert(source.name.clone(), settings);
    }
    let tasks = Tasks {
        terms,
        topics,
        schemas: Arc::new(configured::schemas_of(&config.log.encoding)?),
        intakes,
        record_bytes_max: bytes_max,
        breaker,
        journeys_max: config.limits.journeys as usize,
        alert_source: config.alerts.source.clone(),
        catching_up_after_ms: Some(3_600_000),
        trim: true,
    };
    Ok(Joined { log, tasks, newest: (number, newest.clone()) })
}

/// Keys are spread by the count of partitions, and each partition of the event log has its own of the state.
fn check_partitions(log: &mut KafkaLog, topics: &Topics, expected: u32) -> Result<(), Failure> {
    for (topic, expected) in [
        (&topics.events, expected),
        (&topics.journeys_state, expected),
        (&topics.deltas, 1),
        (&topics.segments_state, 1),
    ] {
        match log.partitions(topic).map_err(failed)? {
            Some(found) if found == expected => {}
            Some(found) if topic == &topics.events => {
                return Err(request(anyhow!(
                    "{topic} has {found} partitions, the configuration says {expected}: the count is fixed for the \
                     life of the log; set kafka.event_partitions = {found}, or begin anew under another topic prefix"
                )));
            }
            Some(found) => {
                return Err(request(anyhow!(
                    "{topic} has {found} partitions, not {expected}: it was made or changed by hand; if nothing was \
                     written yet, delete it and run `rapport topics create`, else begin anew under another topic prefix"
                )));
            }
            None => return Err(request(anyhow!("{topic} is missing: run `rapport topics create`"))),
        }
    }
    Ok(())
}

/// The log's definitions hold, whatever the configuration asks for. The first start on an empty topic writes them.
fn known_definitions(
    log: &mut KafkaLog,
    settings: &KafkaSettings,
    place: &TopicPartition,
    wanted: &Definitions,
    clock: &SystemClock,
) -> Result<Known, Failure> {
    let known = match definitions::read_with(log, place)? {
        known if known.newest().is_some() => known,
        _ => definitions::write_first(settings, place, wanted, clock)?,
    };
    let (number, newest) = newest(&known, place)?;
    let wanted = Definitions { id_key: newest.id_key, ..wanted.clone() };
    if *newest != wanted {
        let changes = definitions::difference(newest, &wanted).join("\n  ");
        tracing::warn!(
            "the configuration differs from the newest definitions in the log, no. {number}, which hold; to put it \
             into force run `rapport definitions apply`, or send SIGHUP. It says otherwise:\n  {changes}"
        );
    }
    Ok(known)
}

fn newest<'a>(known: &'a Known, place: &TopicPartition) -> Result<(u32, &'a Definitions), Failure> {
    let topic = &place.topic;
    known.newest().ok_or_else(|| failed(anyhow!("{topic} is empty again: somebody has deleted its records")))
}

/// A number that nobody else has.
fn random() -> u64 {
    use std::hash::{BuildHasher as _, Hasher as _};
    std::collections::hash_map::RandomState::new().build_hasher().finish()
}

/// A key that no other installation has.
pub(super) fn fresh_id_key() -> [u8; 16] {
    let mut key = [0; 16];
    key[..8].copy_from_slice(&random().to_le_bytes());
    key[8..].copy_from_slice(&random().to_le_bytes());
    key
}

/// Runs the engine threads until `stop` is set; the first one that fails stops the others. Whoever is to hear of
/// alerts is told.
pub fn spawn_engine(
    config: Config,
    settings: KafkaSettings,
    adjust: fn(&mut Tasks),
    shown: &Shown,
    stop: Arc<AtomicBool>,
) -> std::io::Result<Vec<EngineThread>> {
    let config = Arc::new(config);
    let spawn = |thread: usize| {
        let (config, settings, stop) = (config.clone(), settings.for_thread(thread), stop.clone());
        let (board, liveness, clock) = (shown.board.clone(), shown.liveness.clone(), shown.clock.clone());
        board.set_readiness(thread, Readiness::Waiting("joining the group".to_owned()));
        std::thread::Builder::new().name(format!("engine-{thread}")).spawn(move || {
            let place = Place { thread, board: &board, liveness: &liveness, clock: &clock };
            let ended = turn_until(&config, &settings, adjust, &place, &stop);
            stop.store(true, Ordering::Relaxed);
            ended
        })
    };
    (0..config.kafka.threads as usize).map(spawn).collect()
}

/// Waits for engine threads to end; the first failure is told.
pub fn join_engine(threads: Vec<EngineThread>) -> Result<(), Failure> {
    let ended = threads
        .into_iter()
        .map(|thread| thread.join().unwrap_or_else(|_| Err(failed(anyhow!("an engine thread panicked")))));
    let ended: Vec<Result<(), Failure>> = ended.collect();
    ended.into_iter().collect()
}

/// An engine thread.
pub type EngineThread = JoinHandle<Result<(), Failure>>;

/// Where an engine thread works.
struct Place<'a> {
    thread: usize,
    board: &'a Arc<Board>,
    liveness: &'a Liveness,
    clock: &'a SystemClock,
}

fn turn_until(
    config: &Config,
    settings: &KafkaSettings,
    adjust: fn(&mut Tasks),
    place: &Place<'_>,
    stop: &AtomicBool,
) -> Result<(), Failure> {
    let Place { thread, board, liveness, clock } = *place;
    let Joined { log, mut tasks, newest } = join(config, settings, clock)?;
    adjust(&mut tasks);
    // What is in force is told by the task that judges, where it runs here.
    board.defined(newest.0, &newest.1);
    let engine_settings = EngineSettings {
        commit_every_ms: config.log.commit_every_ms,
        commit_bytes: config.log.commit_bytes as usize,
        restore_patience_ms: u64::from(settings.transaction_timeout_ms) + PATIENCE_BEYOND_TIMEOUT_MS,
        max_ahead_ms: config.log.max_ahead_ms,
        trim: tasks.trim,
    };
    let mut engine = Engine::new(log, tasks, BoardObserver::new(board.clone()), engine_settings);
    while !stop.load(Ordering::Relaxed) {
        engine.turn(clock).map_err(stopped)?;
        liveness.turned(thread, clock.ticks_ms());
        board.set_readiness(thread, engine.waits_for().map_or(Readiness::Ready, Readiness::Waiting));
    }
    board.set_readiness(thread, Readiness::Waiting("stopping".to_owned()));
    engine.leave(clock).map_err(stopped)
}

fn stopped(error: LogError) -> Failure {
    debug_assert!(error.road != Road::Retry || !error.what.is_empty());
    failed(error)
}

/// Takes the address that the page is served on.
pub async fn listen(address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("cannot listen on {address}; choose another address with http.listen or --listen")
    })
}

/// Serves the board until `stop` is set.
pub async fn serve_on(listener: TcpListener, served: Served, stop: Arc<AtomicBool>) -> anyhow::Result<()> {
    tracing::info!(address = %listener.local_addr()?, "serving the page and the metrics");
    let ended = async move {
        while !stop.load(Ordering::Relaxed) {
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    Ok(serve(listener, served, ended).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_timeout_of_a_transaction_can_be_set_as_a_property() {
        let taken = |common: Option<&str>, producer: Option<&str>| {
            let mut settings = KafkaSettings::new("localhost:9092", "rapport", None);
            for (properties, value) in
                [(&mut settings.properties, common), (&mut settings.producer, producer)]
            {
                properties.extend(value.map(|value| (TRANSACTION_TIMEOUT.to_owned(), value.to_owned())));
            }
            take_transaction_timeout(&mut settings).ok()?;
            assert!(settings.refused().is_empty(), "it is not handed on beside the setting");
            Some(settings.transaction_timeout_ms)
        };
        assert_eq!(taken(None, None), Some(60_000));
        assert_eq!(taken(Some("20000"), None), Some(20_000));
        assert_eq!(taken(Some("20000"), Some("5000")), Some(5_000), "what is said of producers wins");
        assert_eq!(taken(None, Some("soon")), None);
        assert_eq!(taken(None, Some("0")), None);
    }
}
