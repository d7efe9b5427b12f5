//! A history on its way, the instances that live through it, and the rest that comes after it.

use std::sync::mpsc::channel;
use std::time::Duration;

use rand::SeedableRng as _;
use rand_chacha::ChaCha8Rng;
use rapport::log::TopicPartition;

use crate::support::installed::daemon::{Daemon, Stop};
use crate::support::installed::exposition::Scrape;
use crate::support::installed::quarter::Sent;
use crate::support::installed::{Installation, Instance, Sender, Way};
use crate::support::log_conformance::Stand;

/// The instance that has the last word.
pub(super) const LAST: &str = "rapport-0";
/// How long a moment is in which something may happen.
pub(super) const MOMENT: Duration = Duration::from_millis(20);
/// How often everything is started until nothing is left to do.
const ROUNDS: usize = 8;

/// A history that an independent producer sends, a little at a time.
pub(super) struct Flow<'a> {
    left: &'a [Sent],
    /// A moment's share of what is left: the slower the machine, the longer it lasts, and it never ends by itself.
    share: f64,
    /// What is to be sent in part.
    owed: f64,
    sender: Sender,
}

impl<'a> Flow<'a> {
    /// Sends the beginning: enough for every partition to have something, so that none of them tells the time
    /// by the clock on the wall. After so many moments about two thirds of the rest are sent.
    pub(super) fn begin(installation: &mut Installation, records: &'a [Sent], moments: usize) -> Flow<'a> {
        let mut flow =
            Flow { left: records, share: 1.0 / moments as f64, owed: 0.0, sender: installation.sender() };
        let partitions = match installation.way() {
            Way::Intakes => installation.sources(),
            Way::Direct => installation.events(),
        };
        flow.send(500);
        flow.sender.finish();
        while partitions.iter().any(|at| installation.kafka.end(at) == 0) {
            assert!(!flow.is_over(), "a partition never gets anything");
            flow.send(200);
            flow.sender.finish();
        }
        flow
    }

    /// Whether everything was sent.
    pub(super) fn is_over(&self) -> bool {
        self.left.is_empty()
    }

    /// Sends so many records.
    pub(super) fn send(&mut self, records: usize) {
        let (now, later) = self.left.split_at(records.min(self.left.len()));
        self.sender.send(now);
        self.left = later;
    }

    /// Lets so many moments pass, and a few records with each.
    pub(super) fn go_on(&mut self, moments: u32) {
        for _ in 0..moments {
            self.owed += self.left.len() as f64 * self.share;
            self.send(self.owed as usize);
            self.owed = self.owed.fract();
            wait(MOMENT);
        }
    }

    /// Lets moments pass until something is so; gives up after some minutes.
    pub(super) fn go_on_until(&mut self, what: &str, mut is_so: impl FnMut() -> bool) {
        for _ in 0..12_000 {
            if is_so() {
                return;
            }
            self.go_on(1);
        }
        panic!("{what} did not come, with {} records to come", self.left.len());
    }

    /// Sends what is left and waits for its delivery.
    pub(super) fn end(mut self) {
        self.send(self.left.len());
        self.sender.finish();
    }
}

/// Starts an instance and waits until it serves HTTP.
pub(super) fn start(installation: &Installation, instance: Instance) -> Daemon {
    Daemon::start(&installation.instance(instance))
}

/// How many partitions the instances read.
pub(super) fn inputs(installation: &Installation) -> Vec<TopicPartition> {
    let mut inputs = installation.sources();
    inputs.extend(installation.events());
    inputs.extend(installation.each("rapport.deltas", 1));
    inputs
}

/// What an instance shows of each partition that it reads, by a family of metrics; nothing while it does not
/// answer.
fn of_each(daemon: &Daemon, family: &str) -> Vec<f64> {
    let scrape = daemon.metrics().map(|text| Scrape::read(&text));
    scrape.map_or(Vec::new(), |scrape| scrape.family(family).map(|(_, value)| value).collect())
}

/// How much is unread in each partition that an instance reads, as it tells.
pub(super) fn lags(daemon: &Daemon) -> Vec<f64> {
    of_each(daemon, "rapport_consumer_lag_records")
}

/// Whether an instance tells that nothing is unread in so many partitions.
pub(super) fn has_read(daemon: &Daemon, partitions: usize) -> bool {
    let lags = lags(daemon);
    lags.len() == partitions && lags.iter().all(|lag| *lag == 0.0)
}

/// How many partitions an instance has restored the tasks of.
pub(super) fn runs(daemon: &Daemon) -> usize {
    of_each(daemon, "rapport_restored_rows").len()
}

/// How many transactions an instance has committed, as it tells.
pub(super) fn commits(daemon: &Daemon) -> f64 {
    of_each(daemon, "rapport_commits_total").first().copied().unwrap_or(0.0)
}

/// Starts one instance after the others have gone, until it finds nothing left to do; gives what it shows then,
/// having restored everything, and how far the group has come.
pub(super) fn settle(installation: &Installation) -> Scrape {
    let inputs = inputs(installation);
    let mut before = None;
    for _ in 0..ROUNDS {
        let mut daemon = start(installation, Instance::named(LAST));
        daemon.until("the end of the lag", |daemon| has_read(daemon, inputs.len()).then_some(()));
        daemon.until("that it is ready", |daemon| (daemon.get("/readyz")?.0 == 200).then_some(()));
        let scrape = Scrape::read(&daemon.metrics().unwrap());
        daemon.stop(Stop::Terminate);
        let places = installation.places(&inputs);
        if before.as_ref() == Some(&places) {
            return scrape;
        }
        before = Some(places);
    }
    panic!("it finds something to do at each start");
}

/// Lets a moment pass.
pub(super) fn wait(moment: Duration) {
    // Nobody ever says anything on it.
    let (_says, hears) = channel::<()>();
    let _ = hears.recv_timeout(moment);
}

/// The dice of a test. The seed is told where the test fails, and can be given.
pub(super) fn dice(test: &str) -> ChaCha8Rng {
    let seed =
        std::env::var("RAPPORT_SEED").map_or(1, |text| text.parse().expect("RAPPORT_SEED is a number"));
    println!("{test}: RAPPORT_SEED={seed}");
    ChaCha8Rng::seed_from_u64(seed)
}
