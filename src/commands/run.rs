//! `rapport run`: the daemon.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::cli::ConfigFile;
use crate::config::{LogFormat, Logging};

use super::{Failure, configured, daemon, failed, request};

/// Runs until SIGTERM or Ctrl-C, then commits what it has and leaves.
pub fn run(args: &ConfigFile) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    start_logging(&config.logging);
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting\n{}", config.effective());
    let settings = daemon::kafka_settings(&config)?;
    let mut shown = daemon::Shown::new(&configured::topics(&config), config.kafka.threads as usize);
    shown.series_max = config.limits.series as usize;
    let stop = Arc::new(AtomicBool::new(false));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failed)?;
    runtime.spawn(stop_on_signal(stop.clone()));
    let listener = runtime.block_on(daemon::listen(config.http.listen)).map_err(request)?;
    let engine = daemon::spawn_engine(config, settings, |_| {}, &shown, stop.clone()).map_err(failed)?;
    let served = runtime.block_on(daemon::serve_on(listener, shown.served(), stop.clone()));
    stop.store(true, Ordering::Relaxed);
    let ended = daemon::join_engine(engine);
    tracing::info!("stopped");
    ended.and(served.map_err(failed))
}

/// Sets `stop` at the first SIGTERM or SIGINT.
pub async fn stop_on_signal(stop: Arc<AtomicBool>) {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be heard; only kill -9 stops this process");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping: committing what is open");
    stop.store(true, Ordering::Relaxed);
}

/// Log lines to standard error, for people or as JSON.
pub fn start_logging(logging: &Logging) {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new(logging.level.as_str()));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    let set = match logging.format {
        LogFormat::Json => lines.json().try_init(),
        LogFormat::Human => lines.with_target(false).try_init(),
    };
    if set.is_err() {
        tracing::debug!("log lines are already set up");
    }
}
