//! Runs a history through the whole funnel without a log, under a schedule: which partition is read next,
//! how many records at a time, and when its delta is handed on.

use std::collections::BTreeMap;
use std::sync::Arc;

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;

use rapport::funnel::journey::Applied;
use rapport::funnel::segment::Told;
use rapport::funnel::terms::Terms;
use rapport::model::Minute;
use rapport::model::Text;
use rapport::model::alert::Alert;
use rapport::model::counters::JourneyCounters;
use rapport::model::delta::{Delta, Evidence, Step};
use rapport::model::measure::{Cell, Measure};
use rapport::model::outcome::Tally;
use rapport::model::record::LogRecord;
use rapport::pipeline::local::Local;

use super::random_log::Arrival;

/// How fast partitions are read, and how often their deltas are handed on.
#[derive(Clone, Copy, Debug)]
pub enum Schedule {
    /// Each record as it arrives, handed on at once.
    Live,
    /// Partitions run ahead of each other by a random amount, handed on now and then.
    Ragged(u64),
}

/// What came of a run.
#[derive(Debug, Default)]
pub struct Run {
    /// Every record of every partition, in the order in which it was read, with what it led to.
    pub logs: Vec<Vec<(LogRecord, Applied)>>,
    /// T of each partition after each of its records.
    pub times: Vec<Vec<Minute>>,
    /// The highest number of definitions under which anything was counted; counts are counted under it.
    pub number: u32,
    /// Every count at the end.
    pub counts: BTreeMap<(Text, Cell), i64>,
    /// All evidence at the end.
    pub evidence: BTreeMap<Evidence, i64>,
    /// Every message about an alert, in order.
    pub alerts: Vec<Alert>,
    /// The changes by the number of the definitions under which they were counted and the boundary at which they
    /// took effect, over all partitions.
    pub steps: BTreeMap<u32, BTreeMap<Minute, Step>>,
    /// The switches of each partition to other definitions, as its deltas tell them: number and boundary.
    pub switches: Vec<Vec<(u32, Minute)>>,
    /// Outcomes over all partitions.
    pub tally: Tally,
    /// How the records of each partition ended, and what else was counted.
    pub counted: Vec<(Tally, JourneyCounters)>,
}

impl Run {
    /// The alerts without their texts, which are for people.
    pub fn bare_alerts(&self) -> Vec<Alert> {
        self.alerts
            .iter()
            .map(|alert| Alert { summary: String::new(), advice: String::new(), ..alert.clone() })
            .collect()
    }

    fn take(&mut self, local: &mut Local, partition: u32) {
        for delta in local.take_deltas(partition) {
            self.add(&delta);
            let told = local.judge(delta);
            self.alerts.extend(told.into_iter().filter_map(|told| match told {
                Told::Alert(alert) => Some(alert),
                Told::Explained(_) | Told::Window(_) | Told::WindowGone(_) | Told::Erased(_) => None,
            }));
        }
    }

    /// Adds up what was counted under each number, and to the counts at the end what was under the highest.
    fn add(&mut self, delta: &Delta) {
        if let Some(switch) = &delta.switch {
            self.switches[delta.partition as usize].push((delta.definitions, switch.at));
        }
        let steps = self.steps.entry(delta.definitions).or_default();
        for (boundary, step) in &delta.steps {
            steps.entry(*boundary).or_default().merge(step.clone());
        }
        if delta.definitions > self.number {
            self.number = delta.definitions;
            self.counts.clear();
            self.evidence.clear();
        }
        if delta.definitions < self.number {
            return;
        }
        for step in delta.steps.values() {
            for (key, n) in &step.counts {
                let sum = self.counts.entry(key.clone()).or_default();
                *sum += n;
                if *sum == 0 {
                    self.counts.remove(key);
                }
            }
            // Whom alerts are to forget stands behind nothing.
            for (evidence, n) in step.evidence.iter().filter(|(of, _)| of.measure != Measure::Erased) {
                let sum = self.evidence.entry(evidence.clone()).or_default();
                *sum += n;
                if *sum == 0 {
                    self.evidence.remove(evidence);
                }
            }
        }
    }

    fn read(&mut self, local: &mut Local, partition: u32) -> bool {
        let Some(read) = local.read(partition) else { return false };
        self.logs[partition as usize].push(read);
        self.times[partition as usize].push(local.journeys()[partition as usize].time());
        true
    }
}

/// Plays a history to its end.
pub fn run(terms: &Arc<Terms>, history: &[Arrival], schedule: Schedule) -> Run {
    let partitions = terms.ids.partitions();
    let mut local = Local::new(terms);
    let mut run = Run {
        logs: vec![Vec::new(); partitions as usize],
        times: vec![Vec::new(); partitions as usize],
        switches: vec![Vec::new(); partitions as usize],
        ..Run::default()
    };
    match schedule {
        Schedule::Live => {
            for arrival in history {
                local.append(arrival.partition, arrival.record.clone());
                drain(&mut run, &mut local, partitions);
            }
        }
        Schedule::Ragged(seed) => ragged(&mut run, &mut local, history, partitions, seed),
    }
    drain(&mut run, &mut local, partitions);
    for partition in 0..partitions {
        if let Some(progress) = local.last_progress(partition) {
            local.append(partition, progress);
        }
    }
    drain(&mut run, &mut local, partitions);
    run.tally = local.tally();
    run.counted = local.journeys().iter().map(|task| (*task.tally(), *task.counters())).collect();
    run
}

/// Reads everything that is there, and hands every delta on.
fn drain(run: &mut Run, local: &mut Local, partitions: u32) {
    while (0..partitions).any(|partition| run.read(local, partition)) {}
    for partition in 0..partitions {
        run.take(local, partition);
    }
}

fn ragged(run: &mut Run, local: &mut Local, history: &[Arrival], partitions: u32, seed: u64) {
    let mut rng = ChaCha8Rng::seed_from_u64(seed);
    let speeds: Vec<u32> = (0..partitions).map(|_| rng.random_range(1..40)).collect();
    for arrival in history {
        local.append(arrival.partition, arrival.record.clone());
        let partition = rng.random_range(0..partitions);
        if rng.random_range(0..40) < speeds[partition as usize] {
            for _ in 0..rng.random_range(0..30) {
                run.read(local, partition);
            }
        }
        if rng.random_range(0..20) == 0 {
            run.take(local, rng.random_range(0..partitions));
        }
    }
}
