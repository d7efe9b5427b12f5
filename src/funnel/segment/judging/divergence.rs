//! Judging `divergence`.

use crate::model::alert::Severity;
use crate::model::{EventTime, Minute, Text};

use super::super::super::alerting::{Frozen, Identity, Patience};
use super::super::super::signs::Verdict;
use super::super::super::signs::mql_tunnel_vision::divergence::{self, Watch};
use super::super::super::signs::rule::Rule;
use super::super::super::signs::scene::Scene;
use super::super::super::signs::told_days::ToldDays;
use super::super::book::Segment;
use super::super::series::Day;
use super::super::standing::Standing;
use super::super::{SegmentsTask, Told};
use super::outside::told_apart;
use super::speaking::Speaking;

fn identity(segment: &Text) -> Identity {
    Identity::of_segment(Rule::Divergence, segment)
}

impl SegmentsTask {
    pub(super) fn judge_divergence(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        let Some(rule) = &terms.definitions.rules.divergence else { return };
        let now = boundary.start();
        let today = Day(terms.days.local_day(now.0));
        let elapsed = |from: EventTime| now.0 - from.0;
        let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms: 0, may_begin: true };
        let left_out = divergence::outage_days(rule, &Scene::new(&terms, &self.book, boundary));
        let told_days = |task: &SegmentsTask, id: &Identity| {
            let mut told = task.told_days(id);
            told.add_all(&left_out);
            told
        };
        let baseline = |name: Text| {
            let segment = self.book.segment_or_empty(&name);
            let told = told_days(self, &identity(&name));
            let baseline =
                divergence::baseline((rule, divergence::set_for(rule, &name)), segment, &told, &terms, today);
            (name, baseline)
        };
        let baselines: Vec<(Text, _)> = self.watched(Rule::Divergence).into_iter().map(baseline).collect();
        let eligible = baselines.iter().filter(|(_, baseline)| baseline.is_some()).count();
        let detect_from = today.plus(-i32::from(rule.detect_days));
        let names: Vec<Text> = baselines.iter().map(|(name, _)| name.clone()).collect();
        let mut standing = Standing::default();
        let mut speaking = Speaking::default();
        for (name, baseline) in baselines {
            let id = identity(&name);
            let frozen = match self.lives.get(&id).and_then(|life| life.frozen) {
                Some(Frozen::Divergence(watch)) => Some(watch),
                _ => None,
            };
            let from = self.told_to(&id).map_or(detect_from, |day| day.max(detect_from));
            let thresholds = &mut self.thresholds.divergence;
            let mut anew = |from: Day| baseline.map(|b| thresholds.watch(rule, b, eligible, from));
            // What is set holds from now on, also for what fires by what was learned.
            let watch = match frozen {
                Some(watch) if divergence::is_set_otherwise(rule, &name, &watch) => {
                    anew(watch.from).or(Some(watch))
                }
                Some(watch) => Some(watch),
                None => anew(from),
            };
            let Some(watch) = watch else {
                standing.count(Verdict::Learning);
                continue;
            };
            let is_quiet = speaking.quiets(&id);
            let fired = self.fires(&id);
            let segment = self.book.segment_or_empty(&name);
            let sight = divergence::look(rule, &watch, segment, &terms, (today, &left_out));
            let end = (fired || is_quiet).then(|| self.thresholds.divergence.end(rule, &watch, &sight));
            let is_over = end.is_some_and(|end| divergence::is_over(rule, &watch, end, &sight));
            let verdict = match fired || is_quiet {
                true => self.after_divergence(&id, today, is_over, is_quiet),
                false => divergence::read(rule, &watch, &sight),
            };
            let is_of_parts = !fired
                && matches!(verdict, Verdict::Broken(_))
                && self.is_divergence_of_parts(&id, &watch, eligible, (today, &left_out));
            let verdict = if is_of_parts { verdict.quieted() } else { verdict };
            if watch.is_blind() {
                standing.count(Verdict::Learning);
            } else {
                let used = divergence::used(&watch, &sight);
                standing.read(&name, self.held(Rule::Divergence, verdict), Some(used));
            }
            if matches!(verdict, Verdict::Broken(_)) || fired {
                speaking.add(&id);
            }
            let unmended = if fired && is_quiet && !is_over {
                self.gives_way(&id, Severity::Info, &speaking)
            } else {
                None
            };
            let frozen = Some(Frozen::Divergence(watch));
            self.live(id.clone(), verdict, now, frozen, &patience, told, unmended, |task| {
                let scene = Scene::new(&terms, &task.book, boundary);
                let told = told_days(task, &id);
                let told_apart = &told_apart(&id, task.told_in(watch.from, today));
                let (watch, sight, told, left_out) = (&watch, &sight, &told, &left_out);
                let (name, names) = (&name, &names);
                let case = divergence::Case { watch, sight, end, told, told_apart, left_out, name, names };
                divergence::measure(rule, &scene, &case)
            });
            if let Some(days) = sight.told(&watch) {
                self.add_told_days(&id, days);
            }
        }
        self.stands(Rule::Divergence, standing);
    }

    /// Whether what is broken would not be without segments within it that were told of days which it watches. What is
    /// left of it is held against what is usual of that: what is set is of all of it.
    fn is_divergence_of_parts(
        &mut self,
        id: &Identity,
        watch: &Watch,
        eligible: usize,
        (today, left_out): (Day, &ToldDays),
    ) -> bool {
        let terms = self.terms.clone();
        let Some(rule) = &terms.definitions.rules.divergence else { return false };
        let mut told = self.told_days(id);
        told.add_all(left_out);
        let mut thresholds = std::mem::take(&mut self.thresholds.divergence);
        let mut breaks = |rest: &Segment| {
            let baseline = divergence::baseline((rule, None), rest, &told, &terms, today)?;
            let watch = thresholds.watch(rule, baseline, eligible, watch.from);
            let sight = divergence::look(rule, &watch, rest, &terms, (today, left_out));
            Some(matches!(divergence::read(rule, &watch, &sight), Verdict::Broken(_)))
        };
        let reads = |measure| divergence::reads(rule, measure);
        let is_of_parts = self.is_of_parts(id, (watch.from, today), reads, &mut breaks);
        self.thresholds.divergence = thresholds;
        is_of_parts
    }

    /// Reads `divergence` where it or a wider segment spoke. Where it is as after an alert, the days up to today have
    /// been told of: the segment is watched from today on.
    fn after_divergence(&mut self, id: &Identity, today: Day, is_over: bool, is_quiet: bool) -> Verdict {
        if is_over && !self.holds(Rule::Divergence) {
            self.watch_from(id.clone(), today);
        }
        match is_over || is_quiet {
            true => Verdict::Kept,
            false => Verdict::Broken(Severity::Ticket),
        }
    }
}
