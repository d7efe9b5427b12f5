//! Places at which the program can be made to die, for tests of crashes in the real program over a real Kafka.
//!
//! They exist only with the feature `crash_points`, which the tests switch on; without it passing one does
//! nothing and leaves nothing behind. `RAPPORT_CRASH_AT=<point>:<n>` ends the process, as `kill -9` would, when it
//! passes the point the n-th time.

/// Declares the points and their names, each once.
macro_rules! points {
    ($($(#[$doc:meta])* $variant:ident = $word:literal),+ $(,)?) => {
        /// A place at which the program can be made to die.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum CrashPoint { $($(#[$doc])* $variant),+ }

        impl CrashPoint {
            /// Every point.
            pub const ALL: &'static [CrashPoint] = &[$(CrashPoint::$variant),+];

            /// Its name.
            pub fn as_str(self) -> &'static str {
                match self { $(CrashPoint::$variant => $word),+ }
            }
        }
    };
}

points! {
    /// The transactional id is taken, which has ended what an earlier holder left open; nothing else is done.
    IdTaken = "id_taken",
    /// A transaction has begun here; the brokers know nothing of it.
    TransactionBegun = "transaction_begun",
    /// The first record of a transaction is handed to the client.
    FirstRecordProduced = "first_record_produced",
    /// Every record of a transaction is written; no place is sent.
    Delivered = "delivered",
    /// The places are sent; the end of the transaction is not asked for.
    PlacesSent = "places_sent",
    /// The end is asked for and not answered, or just so: up to some milliseconds after the question.
    EndAsked = "end_asked",
    /// The end is answered; whoever asked has not heard it.
    EndAnswered = "end_answered",
    /// The engine has heard that its transaction is committed, and has shown it.
    CommitHeard = "commit_heard",
    /// A task that is restored has learned its place.
    PlaceLookedUp = "place_looked_up",
    /// Half of a piece of state is taken in.
    StateHalfRead = "state_half_read",
    /// A partition is read after its task was restored.
    AssignedAfterRestore = "assigned_after_restore",
    /// The group was told that partitions were taken over, and none of them is restored.
    GivenAnswered = "given_answered",
    /// The group was told that partitions were given up.
    RevokeAnswered = "revoke_answered",
}

/// Dies here if that was asked for.
#[cfg(not(feature = "crash_points"))]
#[inline(always)]
pub(crate) fn pass(_point: CrashPoint) {}

/// Dies a moment after this, while the caller goes on, if that was asked for.
#[cfg(not(feature = "crash_points"))]
#[inline(always)]
pub(crate) fn pass_soon(_point: CrashPoint) {}

/// Waits for a death that is to come in a moment, so that a program which is done sooner does not escape it.
#[cfg(not(feature = "crash_points"))]
#[inline(always)]
pub fn wait_for_death() {}

#[cfg(feature = "crash_points")]
pub use armed::wait_for_death;
#[cfg(feature = "crash_points")]
pub(crate) use armed::{pass, pass_soon};

#[cfg(feature = "crash_points")]
mod armed {
    use std::hash::{BuildHasher as _, Hasher as _};
    use std::io::Write as _;
    use std::sync::OnceLock;
    use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
    use std::time::Duration;

    use super::CrashPoint;

    const VARIABLE: &str = "RAPPORT_CRASH_AT";
    /// The longest moment, in microseconds: a broker at hand answers in less.
    const MOMENT_MICROS: u64 = 4_000;

    /// Whether a death is on its way.
    static DIES_SOON: AtomicBool = AtomicBool::new(false);

    struct Armed {
        point: CrashPoint,
        left: AtomicU64,
    }

    fn armed() -> Option<&'static Armed> {
        static ARMED: OnceLock<Option<Armed>> = OnceLock::new();
        ARMED.get_or_init(|| std::env::var(VARIABLE).ok().map(|text| read(&text))).as_ref()
    }

    /// A test that asks for what there is not is to fail, not to pass in peace.
    fn read(text: &str) -> Armed {
        let read = || {
            let (name, n) = text.split_once(':')?;
            let point = CrashPoint::ALL.iter().find(|point| point.as_str() == name)?;
            let left = n.parse().ok().filter(|n| *n > 0)?;
            Some(Armed { point: *point, left: AtomicU64::new(left) })
        };
        read().unwrap_or_else(|| die(&format!("{VARIABLE}={text} is no point with a number above 0")))
    }

    fn is_due(point: CrashPoint) -> bool {
        let due = |armed: &Armed| armed.point == point && armed.left.fetch_sub(1, Ordering::Relaxed) == 1;
        armed().is_some_and(due)
    }

    fn die(why: &str) -> ! {
        // Nothing can be done if nobody listens.
        let _ = writeln!(std::io::stderr(), "{why}");
        std::process::abort();
    }

    pub(crate) fn pass(point: CrashPoint) {
        if is_due(point) {
            die(&format!("died at {}", point.as_str()));
        }
    }

    /// Waits for a death that is to come in a moment, so that a program which is done sooner does not escape it.
    pub fn wait_for_death() {
        while DIES_SOON.load(Ordering::SeqCst) {
            std::thread::park();
        }
    }

    pub(crate) fn pass_soon(point: CrashPoint) {
        if is_due(point) {
            let random = std::collections::hash_map::RandomState::new().build_hasher().finish();
            let moment = Duration::from_micros(random % MOMENT_MICROS);
            DIES_SOON.store(true, Ordering::SeqCst);
            std::thread::spawn(move || {
                std::thread::park_timeout(moment);
                die(&format!("died at {}", point.as_str()));
            });
        }
    }
}
