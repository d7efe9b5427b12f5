//! The only clock. Everything else is told the time.

use crate::model::EventTime;

/// What time it is, for the world outside the core.
pub trait Clock: Send {
    /// Wall time.
    fn wall(&self) -> EventTime;
    /// Milliseconds of a clock that never goes back, from an arbitrary start.
    fn ticks_ms(&self) -> u64;
    /// Lets so many milliseconds pass.
    fn pause_ms(&self, ms: u64);
}

/// The machine's clock.
#[derive(Debug)]
pub struct SystemClock {
    start: std::time::Instant,
}

impl SystemClock {
    /// A clock whose ticks start now.
    #[allow(clippy::disallowed_methods, reason = "this is the one clock")]
    pub fn new() -> SystemClock {
        SystemClock { start: std::time::Instant::now() }
    }
}

impl Default for SystemClock {
    fn default() -> SystemClock {
        SystemClock::new()
    }
}

impl Clock for SystemClock {
    #[allow(clippy::disallowed_methods, reason = "this is the one clock")]
    fn wall(&self) -> EventTime {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
        EventTime(since.map_or(0, |d| i64::try_from(d.as_millis()).unwrap_or(i64::MAX)))
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one clock")]
    fn ticks_ms(&self) -> u64 {
        u64::try_from(self.start.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    #[allow(clippy::disallowed_methods, reason = "this is the one clock")]
    fn pause_ms(&self, ms: u64) {
        std::thread::sleep(std::time::Duration::from_millis(ms));
    }
}
