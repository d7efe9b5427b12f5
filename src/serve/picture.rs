//! The picture of the funnel as it stands: the last word on every partition, window and alert, and what
//! the engine has done since it started.
//!
//! A plain value that changes only by what it is told. It never reads a clock and keeps nothing that was
//! not committed. Everything in it is bounded: by partitions, by segments, by [`super::alerts::HISTORY_MAX`].

use std::collections::{BTreeMap, BTreeSet};

use prometheus::{Histogram, HistogramOpts};

use crate::log::{Cause, Rebalance};
use crate::model::dead_letter::Reason;
use crate::model::definitions::Definitions;
use crate::model::effect::{Effect, IntakeFigures, JourneysFigures, SegmentsFigures};
use crate::model::standing::RuleStanding;
use crate::model::window::{WindowKey, WindowResult};
use crate::model::{DAY_MS, Text};

use super::alerts::Alerts;
use super::metrics::measures;
use super::terms::ShownTerms;

/// The segment that is the whole company.
pub const ALL: &str = "all";
/// After new definitions every window is told again within a day; two days later, what is still of older
/// ones no longer exists.
const STALE_AFTER_MS: i64 = 2 * DAY_MS;
/// Upper bounds of the buckets in which commits are counted, in seconds.
const COMMIT_SECONDS: [f64; 12] = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 10.0, 60.0];

/// The topics by which the kind of a task is known; every other topic is a source with an intake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskTopics {
    /// The event log, read by the journeys tasks.
    pub events: String,
    /// What the event log's partitions add to the funnel, read by the segments task.
    pub deltas: String,
}

/// Everything that is shown.
#[derive(Debug)]
pub struct Picture {
    /// The topics by which tasks are known.
    pub topics: TaskTopics,
    /// Rises with every change.
    pub version: u64,
    /// Of each engine thread, whether it has joined and restored, or what it waits for.
    threads: BTreeMap<usize, Readiness>,
    /// Where each partition of the event log stands that this instance reads.
    pub journeys: BTreeMap<u32, JourneysFigures>,
    /// Where each partition of a source stands, by source and partition.
    pub intakes: BTreeMap<(Text, u32), IntakeFigures>,
    /// Where the segments task stands; `None` while it runs elsewhere or nowhere.
    pub segments: Option<SegmentsFigures>,
    /// Where the rules stand; none while the segments task runs elsewhere.
    pub rules: Vec<RuleStanding>,
    /// Rises whenever a rule stands elsewhere.
    pub rules_version: u64,
    /// The windows.
    pub funnel: Funnel,
    /// The alerts.
    pub alerts: Alerts,
    /// Dead letters since the start, by reason; every reason has an entry.
    pub dead_letters: BTreeMap<Reason, u64>,
    /// What the engine did.
    pub engine: EngineFigures,
    /// What the definitions in force promise; `None` until they are known.
    pub terms: Option<ShownTerms>,
}

/// Whether this instance does its work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Readiness {
    /// It has joined and restored everything that it was given.
    Ready,
    /// It waits for this, in words for the person who asks.
    Waiting(String),
}

/// What the engine did since it started.
#[derive(Debug)]
pub struct EngineFigures {
    /// Transactions committed.
    pub commits: u64,
    /// Records written in them.
    pub records: u64,
    /// Bytes of those records.
    pub bytes: u64,
    /// How long a commit took.
    pub commit_seconds: Histogram,
    /// How often tasks and producer were thrown away and restored, by cause.
    pub rebuilds: BTreeMap<&'static str, u64>,
    /// How often that was tried in vain.
    pub rebuilds_failed: u64,
    /// How often a transaction was open then, whose records are gone.
    pub aborts: u64,
    /// How often the transactional id of a member that was gone was taken away.
    pub fences: u64,
    /// How often the group gave or took partitions, by kind.
    pub rebalances: BTreeMap<&'static str, u64>,
    /// How often records that nobody needs could not be forgotten.
    pub trims_failed: u64,
    /// Offsets of state still to be read, by topic and partition, of tasks that are being restored.
    pub restoring: BTreeMap<(String, u32), u64>,
    /// Partitions that wait for slower ones.
    pub paused: BTreeSet<(String, u32)>,
    /// The last restore of each task that runs here, by topic and partition.
    pub restores: BTreeMap<(String, u32), Restore>,
    /// Records in the state of a task that rapport did not write, by topic and partition of the task, where
    /// its last restore met any.
    pub foreign_state: BTreeMap<(String, u32), u64>,
    /// How far each task is behind the end of its partition, by topic and partition.
    pub lags: BTreeMap<(String, u32), Lag>,
}

/// How far a task is behind the end of its partition.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lag {
    /// Records that are unread.
    pub records: u64,
    /// How long ago the last record read was written, in ms; 0 where nothing is unread.
    pub ms: u64,
}

/// How a task was restored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Restore {
    /// Rows of state that were read.
    pub rows: u64,
    /// How long it took.
    pub took_ms: u64,
}

impl Picture {
    /// A picture with nothing in it yet.
    pub fn new(topics: TaskTopics) -> Picture {
        let buckets = HistogramOpts::new("unused", "unused").buckets(COMMIT_SECONDS.to_vec());
        let engine = EngineFigures {
            commits: 0,
            records: 0,
            bytes: 0,
            commit_seconds: Histogram::with_opts(buckets).expect("the buckets are in order"),
            rebuilds: Cause::ALL.iter().map(|cause| (cause.as_str(), 0)).collect(),
            rebuilds_failed: 0,
            aborts: 0,
            fences: 0,
            rebalances: Rebalance::ALL.iter().map(|kind| (kind.as_str(), 0)).collect(),
            trims_failed: 0,
            restoring: BTreeMap::new(),
            paused: BTreeSet::new(),
            restores: BTreeMap::new(),
            foreign_state: BTreeMap::new(),
            lags: BTreeMap::new(),
        };
        Picture {
            topics,
            version: 0,
            threads: BTreeMap::from([(0, Readiness::Waiting("starting".into()))]),
            journeys: BTreeMap::new(),
            intakes: BTreeMap::new(),
            segments: None,
            rules: Vec::new(),
            rules_version: 0,
            funnel: Funnel::default(),
            alerts: Alerts::default(),
            dead_letters: Reason::ALL.into_iter().map(|reason| (reason, 0)).collect(),
            engine,
            terms: None,
        }
    }

    /// Something became true with a commit, or was restored. Gives back whether it is a message about an alert
    /// that this instance has sent and not shown before.
    pub fn observe(&mut self, effect: &Effect) -> bool {
        self.version += 1;
        match effect {
            Effect::Journeys(figures) => {
                self.journeys.insert(figures.partition, figures.clone());
            }
            Effect::Intake(figures) => {
                self.intakes.insert((figures.source.clone(), figures.partition), figures.clone());
            }
            Effect::Segments(figures) => self.segments = Some(*figures),
            Effect::Rules(standings) => {
                self.rules_version += u64::from(self.rules != *standings);
                self.rules.clone_from(standings);
            }
            Effect::Alert(alert) => return self.alerts.tell(alert),
            Effect::Erased(id) => self.alerts.forget(id),
            Effect::Explained(explanation) => self.alerts.explain(explanation),
            Effect::Window(result) => self.funnel.tell(result),
            Effect::WindowGone(key) => self.funnel.forget(key),
            Effect::Defined { number, definitions } => self.defined(*number, definitions),
            Effect::DeadLetter(reason) => *self.dead_letters.entry(*reason).or_default() += 1,
        }
        false
    }

    /// A transaction was committed: records and bytes written, and how long the commit took.
    pub fn committed(&mut self, records: u64, bytes: u64, took_ms: u64) {
        self.version += 1;
        self.engine.commits += 1;
        self.engine.records += records;
        self.engine.bytes += bytes;
        self.engine.commit_seconds.observe(took_ms as f64 / 1e3);
    }

    /// Every task of a thread was thrown away and is being restored, because of this. What is shown stays until it
    /// is told again.
    pub fn rebuilt(&mut self, cause: &'static str, aborted: bool) {
        self.version += 1;
        *self.engine.rebuilds.entry(cause).or_default() += 1;
        self.engine.aborts += u64::from(aborted);
        self.alerts.doubt();
    }

    /// The group gave or took partitions.
    pub fn rebalanced(&mut self, kind: &'static str) {
        self.version += 1;
        *self.engine.rebalances.entry(kind).or_default() += 1;
    }

    /// So many offsets of a task's state are still to be read.
    pub fn restoring(&mut self, topic: &str, partition: u32, left: u64) {
        self.version += 1;
        self.engine.restoring.insert((topic.to_owned(), partition), left);
    }

    /// A partition waits for slower ones, or goes on.
    pub fn set_paused(&mut self, topic: &str, partition: u32, paused: bool) {
        self.version += 1;
        let at = (topic.to_owned(), partition);
        match paused {
            true => self.engine.paused.insert(at),
            false => self.engine.paused.remove(&at),
        };
    }

    /// A task was restored; its effects have been told before.
    pub fn restored(&mut self, topic: &str, partition: u32, rows: u64, took_ms: u64) {
        self.version += 1;
        self.engine.restoring.remove(&(topic.to_owned(), partition));
        self.engine.restores.insert((topic.to_owned(), partition), Restore { rows, took_ms });
        self.engine.foreign_state.remove(&(topic.to_owned(), partition));
        if topic == self.topics.deltas {
            self.alerts.settle();
        }
    }

    /// A task was just restored from a state in which were so many records that rapport did not write.
    pub fn foreign_state(&mut self, topic: &str, partition: u32, records: u64) {
        self.version += 1;
        self.engine.foreign_state.insert((topic.to_owned(), partition), records);
    }

    /// A task runs here no longer: nothing of it is shown any more.
    pub fn task_gone(&mut self, topic: &str, partition: u32) {
        self.version += 1;
        let at = (topic.to_owned(), partition);
        self.engine.restores.remove(&at);
        self.engine.foreign_state.remove(&at);
        self.engine.restoring.remove(&at);
        self.engine.paused.remove(&at);
        self.engine.lags.remove(&at);
        if topic == self.topics.deltas {
            self.segments = None;
            self.rules.clear();
            self.rules_version += 1;
            self.funnel.clear();
            self.alerts.clear();
        } else if topic == self.topics.events {
            self.journeys.remove(&partition);
        } else {
            self.intakes.remove(&(topic.into(), partition));
        }
    }

    /// How far a task is from the end of its partition.
    pub fn set_consumer_lag(&mut self, topic: &str, partition: u32, lag: Lag) {
        let known = self.engine.lags.insert((topic.to_owned(), partition), lag);
        self.version += u64::from(known != Some(lag));
    }

    /// These definitions are in force.
    pub fn defined(&mut self, number: u32, definitions: &Definitions) {
        self.version += 1;
        self.funnel.version += 1;
        self.alerts.version += 1;
        self.rules_version += 1;
        self.terms = Some(ShownTerms::of(number, definitions));
    }

    /// An engine thread, counted from 0, became ready or waits for something.
    pub fn set_readiness(&mut self, thread: usize, readiness: Readiness) {
        self.version += u64::from(self.threads.get(&thread) != Some(&readiness));
        self.threads.insert(thread, readiness);
    }

    /// Whether every engine thread is ready, or what the first that is not waits for.
    pub fn readiness(&self) -> &Readiness {
        self.threads.values().find(|readiness| **readiness != Readiness::Ready).unwrap_or(&Readiness::Ready)
    }
}

/// The last result of every window, by segment.
#[derive(Debug, Default)]
pub struct Funnel {
    /// Rises when a figure changes.
    pub version: u64,
    segments: BTreeMap<Text, SegmentWindows>,
    order: Vec<Text>,
    pruned_day: Option<i64>,
}

/// The last result of every window of one segment.
#[derive(Debug, Default)]
pub struct SegmentWindows {
    /// The results by measure and window.
    pub results: BTreeMap<(Text, Text), WindowResult>,
    /// How many series Prometheus would get of them, if every one had its value and its interval.
    pub series: usize,
}

impl Funnel {
    /// The segments with their windows: `all` first, then in the order in which they first appeared.
    pub fn in_order(&self) -> impl Iterator<Item = (&Text, &SegmentWindows)> {
        self.order.iter().map(|name| (name, &self.segments[name]))
    }

    /// The windows of a segment.
    pub fn segment(&self, name: &str) -> Option<&SegmentWindows> {
        self.segments.get(name)
    }

    /// How many segments there are.
    pub fn len(&self) -> usize {
        self.segments.len()
    }

    /// Whether there is no segment yet.
    pub fn is_empty(&self) -> bool {
        self.segments.is_empty()
    }

    fn tell(&mut self, result: &WindowResult) {
        self.version += 1;
        self.prune(result);
        if !self.segments.contains_key(&result.segment) {
            let place = if result.segment == ALL { 0 } else { self.order.len() };
            self.order.insert(place, result.segment.clone());
        }
        let segment = self.segments.entry(result.segment.clone()).or_default();
        let key = (result.measure.clone(), result.window.clone());
        if segment.results.insert(key, result.clone()).is_none() {
            segment.series += measures::series(&result.measure);
        }
    }

    fn forget(&mut self, key: &WindowKey) {
        self.version += 1;
        let Some(segment) = self.segments.get_mut(&key.segment) else { return };
        if segment.results.remove(&(key.measure.clone(), key.window.clone())).is_some() {
            segment.series -= measures::series(&key.measure);
        }
        if segment.results.is_empty() {
            self.segments.remove(&key.segment);
            self.order.retain(|name| *name != key.segment);
        }
    }

    /// Drops what definitions that no longer hold have left behind; looks once a day of event time.
    fn prune(&mut self, newest: &WindowResult) {
        let day = newest.at.0.div_euclid(DAY_MS);
        if self.pruned_day.is_some_and(|pruned| pruned >= day) {
            return;
        }
        self.pruned_day = Some(day);
        let stale_before = newest.at.plus_ms(-STALE_AFTER_MS);
        for segment in self.segments.values_mut() {
            segment.results.retain(|(measure, _), result| {
                let keep =
                    result.definitions_version >= newest.definitions_version || result.at >= stale_before;
                segment.series -= if keep { 0 } else { measures::series(measure) };
                keep
            });
        }
        self.segments.retain(|_, segment| !segment.results.is_empty());
        self.order.retain(|name| self.segments.contains_key(name));
    }

    fn clear(&mut self) {
        *self = Funnel { version: self.version + 1, ..Funnel::default() };
    }
}

#[cfg(test)]
mod tests {
    use crate::model::alert::{Alert, AlertState, Severity};

    use super::super::alerts::HISTORY_MAX;
    use super::super::samples::{MONDAY, alert, intake, journeys, segments, topics, window};
    use super::*;

    fn picture(effects: &[Effect]) -> Picture {
        let mut picture = Picture::new(topics());
        for effect in effects {
            picture.observe(effect);
        }
        picture
    }

    fn fires(fingerprint: &str) -> Effect {
        Effect::Alert(alert(fingerprint, ALL, Severity::Ticket, AlertState::Firing))
    }

    fn is_over(fingerprint: &str) -> Effect {
        let over = alert(fingerprint, ALL, Severity::Ticket, AlertState::Resolved);
        Effect::Alert(Alert { at: over.at.plus_ms(60_000), ..over })
    }

    fn firing(picture: &Picture) -> Vec<&str> {
        picture.alerts.firing().into_iter().map(|alert| alert.fingerprint.as_str()).collect()
    }

    fn told(picture: &Picture, state: AlertState) -> u64 {
        picture.alerts.told().get(&("first_touch_slo".into(), state)).copied().unwrap_or(0)
    }

    #[test]
    fn a_task_that_goes_takes_its_figures_with_it() {
        let minute = MONDAY.minute();
        let mut picture = picture(&[
            journeys(0, minute),
            journeys(1, minute),
            intake("hubspot", 0),
            segments(Some(minute)),
            Effect::Window(window(ALL, "entered_mql", "28d", Some(7.0))),
            fires("a"),
        ]);
        picture.set_consumer_lag("crm.events", 1, Lag { records: 9, ms: 700 });
        picture.task_gone("crm.events", 1);
        assert_eq!(picture.journeys.keys().collect::<Vec<_>>(), [&0]);
        assert!(picture.engine.lags.is_empty());
        picture.task_gone("hubspot", 0);
        assert!(picture.intakes.is_empty());
        assert!(!picture.funnel.is_empty() && firing(&picture) == ["a"]);
        picture.task_gone("rapport.deltas", 0);
        assert!(picture.segments.is_none() && picture.funnel.is_empty() && firing(&picture).is_empty());
    }

    #[test]
    fn messages_are_counted_once_and_only_by_the_task_that_sent_them() {
        let mut picture = picture(&[fires("told before the restart")]);
        assert_eq!(told(&picture, AlertState::Firing), 0, "a restored alert was sent by somebody before");
        picture.restored("rapport.deltas", 0, 10, 5);
        picture.observe(&fires("a"));
        picture.observe(&fires("a"));
        assert_eq!(told(&picture, AlertState::Firing), 1, "the same message again is no new one");
        picture.observe(&is_over("a"));
        assert_eq!(told(&picture, AlertState::Resolved), 1);
        picture.rebuilt("other", true);
        picture.observe(&fires("told before the restart"));
        picture.restored("rapport.deltas", 0, 10, 5);
        assert_eq!(told(&picture, AlertState::Firing), 1);
        picture.task_gone("rapport.deltas", 0);
        assert_eq!(told(&picture, AlertState::Firing), 1, "a counter does not fall");
    }

    #[test]
    fn a_rebuild_forgets_what_was_resolved_in_the_commit_of_unknown_outcome() {
        let mut picture = picture(&[fires("a"), fires("b")]);
        picture.restored("rapport.deltas", 0, 10, 5);
        picture.rebuilt("other", true);
        assert_eq!(firing(&picture), ["a", "b"], "nobody is told that all is well while nothing is known");
        picture.observe(&fires("b"));
        picture.restored("crm.events", 0, 10, 5);
        assert_eq!(firing(&picture), ["a", "b"]);
        picture.restored("rapport.deltas", 0, 10, 5);
        assert_eq!(firing(&picture), ["b"]);
    }

    #[test]
    fn the_loudest_and_oldest_alerts_come_first() {
        let mut effects = Vec::new();
        for (name, severity, after_ms) in [
            ("new page", Severity::Page, 9),
            ("ticket", Severity::Ticket, 0),
            ("old page", Severity::Page, 1),
        ] {
            let alert = alert(name, ALL, severity, AlertState::Firing);
            effects.push(Effect::Alert(Alert { since: alert.since.plus_ms(after_ms), ..alert }));
        }
        assert_eq!(firing(&picture(&effects)), ["old page", "new page", "ticket"]);
    }

    #[test]
    fn history_is_bounded_and_starts_with_the_newest() {
        let effects: Vec<Effect> = (0..HISTORY_MAX + 5).map(|i| fires(&format!("{i:03}"))).collect();
        let picture = picture(&effects);
        assert_eq!(picture.alerts.history().count(), HISTORY_MAX);
        assert_eq!(picture.alerts.history().next().unwrap().fingerprint, format!("{:03}", HISTORY_MAX + 4));
    }

    #[test]
    fn all_comes_first_then_whoever_came_first() {
        let names = ["source=Web", "all", "source=Fair", "source=Web"];
        let effects = names.map(|name| Effect::Window(window(name, "entered_mql", "28d", Some(1.0))));
        let picture = picture(&effects);
        let order: Vec<&str> = picture.funnel.in_order().map(|(name, _)| name.as_str()).collect();
        assert_eq!(order, ["all", "source=Web", "source=Fair"]);
    }

    #[test]
    fn what_older_definitions_left_behind_is_gone_two_days_later() {
        let told = |segment: &str, days: i64, number: u32| {
            let result = window(segment, "entered_mql", "28d", Some(1.0));
            let at = result.at.plus_ms(days * DAY_MS);
            Effect::Window(WindowResult { at, definitions_version: number, ..result })
        };
        let mut picture = picture(&[told(ALL, 0, 1), told("source=Gone", 0, 1), told("source=Quiet", 0, 2)]);
        picture.observe(&told(ALL, 1, 2));
        assert_eq!(picture.funnel.len(), 3, "whoever is quiet is told again within a day");
        picture.observe(&told(ALL, 3, 2));
        let order: Vec<&str> = picture.funnel.in_order().map(|(name, _)| name.as_str()).collect();
        assert_eq!(order, ["all", "source=Quiet"]);
        assert_eq!(picture.funnel.segment(ALL).map(|windows| windows.series), Some(1));
    }

    #[test]
    fn a_window_that_is_gone_is_shown_no_more_and_a_segment_without_windows_neither() {
        let (one, other) = ("entered_mql", "entered_sal");
        let told = |segment: &str, measure: &str| window(segment, measure, "28d", Some(1.0));
        let windows = [told(ALL, one), told("source=Gone", one), told("source=Gone", other)];
        let mut picture = picture(&windows.clone().map(Effect::Window));
        let version = picture.funnel.version;
        picture.observe(&Effect::WindowGone(windows[1].key()));
        assert_eq!(picture.funnel.segment("source=Gone").map(|segment| segment.series), Some(1));
        picture.observe(&Effect::WindowGone(windows[2].key()));
        picture.observe(&Effect::WindowGone(windows[2].key()));
        let order: Vec<&str> = picture.funnel.in_order().map(|(name, _)| name.as_str()).collect();
        assert_eq!(order, [ALL]);
        assert!(picture.funnel.version > version);
    }

    #[test]
    fn every_change_raises_the_version_and_only_a_change() {
        let mut picture = picture(&[]);
        picture.set_readiness(0, Readiness::Ready);
        picture.set_consumer_lag("crm.events", 0, Lag { records: 5, ms: 0 });
        let version = picture.version;
        picture.set_readiness(0, Readiness::Ready);
        picture.set_consumer_lag("crm.events", 0, Lag { records: 5, ms: 0 });
        assert_eq!(picture.version, version);
        picture.set_consumer_lag("crm.events", 0, Lag { records: 4, ms: 0 });
        assert_eq!(picture.version, version + 1);
    }
}
