//! The probes: is the main loop still turning, and is this instance ready.
//!
//! Neither asks Kafka anything: a broker that is away is no reason to kill a process that waits for it.
//! The loop's ticks are told; this never reads a clock by itself.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};

use super::Served;
use crate::serve::picture::Readiness;

/// What the probes answer: status, type, one line of text.
type Answer = (StatusCode, [(HeaderName, &'static str); 1], String);

/// When each engine thread last turned its loop, on a clock that never goes back.
pub struct Liveness {
    turned_ms: Vec<AtomicU64>,
    limit_ms: u64,
    ticks_ms: Box<dyn Fn() -> u64 + Send + Sync>,
}

/// An engine thread that has not turned for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stuck {
    /// Which one.
    pub thread: usize,
    /// For how long.
    pub for_ms: u64,
    /// How long would have been all right.
    pub limit_ms: u64,
}

impl Liveness {
    /// Watches so many threads. One that has not turned for more than `limit_ms` is stuck: longer than the
    /// longest restore, unless the loop also turns while it restores. `ticks_ms` is the engine's own clock.
    pub fn new(
        threads: usize,
        limit_ms: u64,
        ticks_ms: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Liveness {
        let now = ticks_ms();
        let turned_ms = (0..threads).map(|_| AtomicU64::new(now)).collect();
        Liveness { turned_ms, limit_ms, ticks_ms: Box::new(ticks_ms) }
    }

    /// A thread, counted from 0, turned its loop at this tick. A thread that is not watched is ignored.
    pub fn turned(&self, thread: usize, ticks_ms: u64) {
        if let Some(turned) = self.turned_ms.get(thread) {
            turned.store(ticks_ms, Ordering::Relaxed);
        }
    }

    /// The thread that is stuck, the longest one if there are several.
    pub fn stuck(&self) -> Option<Stuck> {
        let now = (self.ticks_ms)();
        let since = |turned: &AtomicU64| now.saturating_sub(turned.load(Ordering::Relaxed));
        let stuck = self.turned_ms.iter().map(since).enumerate().max_by_key(|(_, for_ms)| *for_ms);
        let limit_ms = self.limit_ms;
        stuck.filter(|(_, for_ms)| *for_ms > limit_ms).map(|(thread, for_ms)| Stuck {
            thread,
            for_ms,
            limit_ms,
        })
    }
}

impl fmt::Debug for Liveness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Liveness").field("turned_ms", &self.turned_ms).finish_non_exhaustive()
    }
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Stuck { thread, for_ms, limit_ms } = self;
        write!(f, "engine thread {thread} has not turned for {for_ms} ms (limit {limit_ms} ms)")
    }
}

/// `GET /livez`: 200 while every loop turns, 503 naming the one that does not.
pub(super) async fn livez(State(served): State<Served>) -> Answer {
    match served.liveness.stuck() {
        None => answer(StatusCode::OK, "alive"),
        Some(stuck) => answer(StatusCode::SERVICE_UNAVAILABLE, &stuck.to_string()),
    }
}

/// `GET /readyz`: 200 once joined and restored, 503 with what is waited for before.
pub(super) async fn readyz(State(served): State<Served>) -> Answer {
    match served.board.read(|picture| picture.readiness().clone()) {
        Readiness::Ready => answer(StatusCode::OK, "ready"),
        Readiness::Waiting(reason) => {
            answer(StatusCode::SERVICE_UNAVAILABLE, &format!("not ready: {reason}"))
        }
    }
}

fn answer(status: StatusCode, line: &str) -> Answer {
    (status, [(CONTENT_TYPE, super::TEXT)], format!("{line}\n"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[test]
    fn the_longest_stuck_thread_is_named() {
        let clock = Arc::new(AtomicU64::new(1_000));
        let ticks = Arc::clone(&clock);
        let liveness = Liveness::new(2, 500, move || ticks.load(Ordering::Relaxed));
        assert_eq!(liveness.stuck(), None, "a thread has time to begin");
        clock.store(1_500, Ordering::Relaxed);
        assert_eq!(liveness.stuck(), None, "the limit itself is still all right");
        liveness.turned(0, 1_500);
        clock.store(1_501, Ordering::Relaxed);
        let stuck = liveness.stuck().unwrap();
        assert_eq!(stuck, Stuck { thread: 1, for_ms: 501, limit_ms: 500 });
        assert_eq!(stuck.to_string(), "engine thread 1 has not turned for 501 ms (limit 500 ms)");
        liveness.turned(1, 1_501);
        liveness.turned(7, 1_501);
        assert_eq!(liveness.stuck(), None);
    }
}
