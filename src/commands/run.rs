//! `rapport run`: the daemon.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::cli::ConfigFile;
use crate::config::{Config, LogFormat, Logging};

use super::definitions::{self, Asked};
use super::{Failure, configured, daemon, failed, request};

/// Runs until SIGTERM or Ctrl-C, then commits what it has and leaves. A SIGHUP applies the definitions of the file.
pub fn run(args: &ConfigFile) -> Result<(), Failure> {
    let config = configured::config(args.config.as_deref())?;
    start_logging(&config.logging);
    let stop = Arc::new(AtomicBool::new(false));
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().map_err(failed)?;
    stop_on_signal(&runtime, stop.clone());
    apply_on_hangup(&runtime, Arc::new(config.clone()), args.config.clone());
    tracing::info!(version = env!("CARGO_PKG_VERSION"), "starting\n{}", config.effective());
    let settings = daemon::kafka_settings(&config)?;
    let mut shown =
        daemon::Shown::new(&configured::topics(&config), config.kafka.threads as usize, &settings);
    shown.series_max = config.limits.series as usize;
    let listener = runtime.block_on(daemon::listen(config.http.listen)).map_err(request)?;
    let engine = daemon::spawn_engine(config, settings, |_| {}, &shown, stop.clone()).map_err(failed)?;
    let served = runtime.block_on(daemon::serve_on(listener, shown.served(), stop.clone()));
    stop.store(true, Ordering::Relaxed);
    let ended = daemon::join_engine(engine);
    // Whoever is about to apply definitions is not waited for: a transaction that is open comes to nothing.
    runtime.shutdown_background();
    tracing::info!("stopped");
    ended.and(served.map_err(failed))
}

/// Sets `stop` at the first SIGTERM or SIGINT; once this has returned they do nothing else, where they can be heard.
pub fn stop_on_signal(runtime: &Runtime, stop: Arc<AtomicBool>) {
    let _inside = runtime.enter();
    let (Ok(mut terminate), Ok(mut interrupt)) =
        (signal(SignalKind::terminate()), signal(SignalKind::interrupt()))
    else {
        tracing::warn!("signals cannot be heard; only kill -9 stops this process");
        return;
    };
    runtime.spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        tracing::info!("stopping: committing what is open");
        stop.store(true, Ordering::Relaxed);
    });
}

/// At each SIGHUP from here on, reads the file again and applies its definitions, as `rapport definitions apply` does.
fn apply_on_hangup(runtime: &Runtime, running: Arc<Config>, path: Option<PathBuf>) {
    let _inside = runtime.enter();
    let Ok(mut hangup) = signal(SignalKind::hangup()) else {
        tracing::warn!("SIGHUP cannot be heard; use `rapport definitions apply`");
        return;
    };
    runtime.spawn(async move {
        while hangup.recv().await.is_some() {
            let (running, path) = (running.clone(), path.clone());
            let applied = tokio::task::spawn_blocking(move || apply_again(&running, path.as_deref())).await;
            if applied.is_err() {
                tracing::error!("applying the definitions of the file has panicked; the daemon goes on");
            }
        }
    });
}

/// Only definitions are taken from the file. The cluster and the topics stay those of the daemon that runs.
fn apply_again(running: &Config, path: Option<&Path>) {
    tracing::info!(
        "SIGHUP: applying the definitions of the configuration; other settings hold from the next start on"
    );
    let applied = configured::config(path).and_then(|file| definitions::apply(running, &file, Asked::Apply));
    match applied {
        Ok(applied) => tracing::info!("{}", applied.to_string().trim_end()),
        Err(Failure::Request(why) | Failure::Failed(why)) => {
            tracing::error!("the definitions were not applied; the daemon goes on as before: {why:#}");
        }
    }
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
