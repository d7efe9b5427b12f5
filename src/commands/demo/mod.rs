//! `rapport demo`: a company whose two teams fall out, on a broker inside this process. The daemon that
//! watches is the real one.

mod screen;
mod story;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::anyhow;

use crate::cli::Demo;
use crate::config::{self, LogLevel};
use crate::engine::clock::{Clock as _, SystemClock};
use crate::log::kafka::MockBroker;

use super::{Failure, configured, daemon, failed, request, run};
use screen::Screen;
use story::{DEALS, LEADS, Telling};

/// After the story the alerts of its last hours are waited for: this long, and longer while something is unread.
const AFTERMATH_MS: u64 = 5_000;
/// What is unread for longer is not waited for.
const AFTERMATH_MAX_MS: u64 = 60_000;

/// Tells the story and shows what rapport makes of it.
pub fn demo(args: &Demo) -> Result<(), Failure> {
    let clock = SystemClock::new();
    let scenario = story::scenario(args.seed, clock.wall());
    let topics = configured::topics(&demo_config("")?);
    let plan = topics.plan(demo_config("")?.kafka.event_partitions);
    let mut names: Vec<(&str, u32)> =
        plan.iter().map(|topic| (topic.name.as_str(), topic.partitions)).collect();
    names.extend([LEADS, DEALS]);
    let broker = MockBroker::start(&names).map_err(failed)?;
    let mut config = demo_config(&broker.bootstrap_servers())?;
    config.http.listen = args.listen;
    config.logging.level = LogLevel::Error;
    run::start_logging(&config.logging);

    let settings = daemon::kafka_settings(&config)?;
    let shown = daemon::Shown::new(&topics, 1, &settings);
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::new(AtomicBool::new(false));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failed)?;
    run::stop_on_signal(&runtime, stop.clone());
    let listener = runtime.block_on(daemon::listen(args.listen)).map_err(request)?;
    let page = listener.local_addr().map_err(failed)?;
    let mut screen = Screen::begin(&scenario, page, &broker.bootstrap_servers(), args.seconds);
    let engine = daemon::spawn_engine(
        config,
        settings,
        |tasks| {
            tasks.catching_up_after_ms = None;
            // The broker of the demo cannot.
            tasks.trim = false;
        },
        &shown,
        stop.clone(),
    )
    .map_err(failed)?;
    let server = runtime.spawn(daemon::serve_on(listener, shown.served(), stop.clone()));
    let telling = Telling { scenario, takes_ms: args.seconds * 1000, stop: stop.clone(), told: told.clone() };
    let teller = spawn_teller(telling, broker.bootstrap_servers(), stop.clone()).map_err(failed)?;

    let mut told_at_ms = None;
    while !stop.load(Ordering::Relaxed) {
        clock.pause_ms(200);
        let is_read = shown.board.read(|picture| {
            screen.show(picture);
            picture.engine.lags.values().all(|lag| lag.records == 0)
        });
        if told.load(Ordering::Relaxed) {
            let at = *told_at_ms.get_or_insert_with(|| clock.ticks_ms());
            screen.story_is_told(args.exit);
            let since_ms = clock.ticks_ms() - at;
            if args.exit && since_ms > if is_read { AFTERMATH_MS } else { AFTERMATH_MAX_MS } {
                break;
            }
        }
    }
    stop.store(true, Ordering::Relaxed);
    let verdict = screen.summary();
    teller.join().map_err(|_| failed(anyhow!("the story's thread panicked")))?.map_err(failed)?;
    daemon::join_engine(engine)?;
    runtime.block_on(server).map_err(failed)?.map_err(failed)?;
    if args.exit { verdict.map_err(|why| failed(anyhow!(why))) } else { Ok(()) }
}

fn demo_config(bootstrap_servers: &str) -> Result<config::Config, Failure> {
    let mut config = config::load(include_str!("demo.toml"), "demo.toml", &[]).map_err(failed)?;
    config.kafka.bootstrap_servers = bootstrap_servers.to_owned();
    Ok(config)
}

fn spawn_teller(
    telling: Telling,
    bootstrap_servers: String,
    stop: Arc<AtomicBool>,
) -> std::io::Result<std::thread::JoinHandle<Result<(), crate::log::LogError>>> {
    std::thread::Builder::new().name("story".to_owned()).spawn(move || {
        let ended = telling.tell(&bootstrap_servers, &SystemClock::new());
        if ended.is_err() {
            stop.store(true, Ordering::Relaxed);
        }
        ended
    })
}
