//! Judging the rules that watch a share of bad outcomes.

use crate::model::alert::Severity;
use crate::model::definitions::ShareWatch;
use crate::model::{EventTime, Minute, Text};

use super::super::super::alerting::{Frozen, Identity, Patience, Unmended};
use super::super::super::journey::segments::ALL;
use super::super::super::signs::scene::Scene;
use super::super::super::signs::share_rule::{Case, ShareRule};
use super::super::super::signs::share_watch::{self, End, Watch};
use super::super::super::signs::usual_share::{self, Baseline, Outcomes};
use super::super::super::signs::{SHARE_RULES, Verdict};
use super::super::book::Segment;
use super::super::series::Day;
use super::super::standing::Standing;
use super::super::{SegmentsTask, Told};
use super::outside::told_apart;
use super::speaking::Speaking;

/// What a rule watches: a segment, and a subject in it.
struct WatchedCase {
    id: Identity,
    /// What was frozen when its alert began.
    frozen: Option<Watch>,
    span: u16,
    outcomes: Outcomes,
    baseline: Option<Baseline>,
}

impl SegmentsTask {
    pub(super) fn judge_shares(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        let terms = self.terms.clone();
        for rule in SHARE_RULES {
            if let Some(settings) = (rule.settings)(&terms.definitions) {
                self.judge_share(rule, settings, boundary, told);
            }
        }
    }

    fn judge_share(
        &mut self,
        rule: &ShareRule,
        settings: &ShareWatch,
        boundary: Minute,
        told: &mut Vec<Told>,
    ) {
        let terms = self.terms.clone();
        let now = boundary.start();
        let elapsed = |from: EventTime| now.0 - from.0;
        let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms: 0, may_begin: true };
        let (cases, without_span) = self.cases(rule, settings, boundary);
        let eligible = cases.iter().filter(|case| case.baseline.is_some()).count();
        let mut speaking = Speaking::default();
        let mut standing = Standing::default();
        (0..without_span).for_each(|_| standing.count(Verdict::Learning));
        for case in &cases {
            let WatchedCase { id, frozen, span, outcomes, baseline } = case;
            let from = usual_share::watched_from(settings, outcomes);
            let from = self.told_to(id).map_or(from, |day| day.max(from));
            let thresholds = &mut self.thresholds.share;
            let mut anew = |from: Day| baseline.map(|b| thresholds.watch(settings, b, eligible, from));
            // What is set holds from now on, also for what fires by what was learned.
            let watch = match frozen {
                Some(watch)
                    if share_watch::is_set_otherwise((settings, rule.of_set), watch, baseline.as_ref()) =>
                {
                    anew(watch.from).or(Some(*watch))
                }
                Some(watch) => Some(*watch),
                None => anew(from),
            };
            let Some(watch) = watch else {
                standing.count(Verdict::Learning);
                continue;
            };
            let is_quiet = speaking.quiets(id);
            let fired = self.fires(id);
            let end = match fired || is_quiet {
                true => self.thresholds.share.end(&watch, outcomes),
                false => End::NEVER,
            };
            let verdict = self.read_share(id, settings, (&watch, end), outcomes, is_quiet);
            let is_of_parts = !fired
                && matches!(verdict, Verdict::Broken(_))
                && self.is_share_of_parts((rule, settings), case, &watch, eligible, boundary);
            let verdict = if is_of_parts { verdict.quieted() } else { verdict };
            if watch.is_blind() {
                standing.count(Verdict::Learning);
            } else {
                let used = share_watch::look(&watch, outcomes).s / watch.h;
                standing.read(&id.segment, self.held(rule.rule, verdict), Some(used));
            }
            if matches!(verdict, Verdict::Broken(_)) || fired {
                speaking.add(id);
            }
            let unmended = match share_watch::is_usual_again(settings, &watch, end, outcomes) {
                false if share_watch::has_ceased(settings, outcomes) => {
                    Some(Unmended::NothingSeen { days: settings.detect_days })
                }
                false if is_quiet => self.gives_way(id, Severity::Info, &speaking),
                _ => None,
            };
            let frozen = Some(Frozen::Share { watch, span: *span });
            self.live(id.clone(), verdict, now, frozen, &patience, told, unmended, |task| {
                let scene = Scene::new(&terms, &task.book, boundary);
                let names = task.watched(rule.rule);
                let (name, subject) = (id.segment.as_str(), id.subject.as_str());
                let told = &task.told_days(id);
                let told_apart = &told_apart(id, task.told_in(watch.from, outcomes.known_to));
                let (span, watch, names) = (*span, &watch, &names);
                let case = Case { name, subject, span, watch, end, outcomes, names, told, told_apart };
                rule.measure(&scene, settings, &case)
            });
            if let Some(days) = share_watch::told(&watch, outcomes) {
                self.add_told_days(id, days);
            }
        }
        self.stands(rule.rule, standing);
    }

    /// Whether what is broken would not be without segments within it that were told of days which it watches.
    fn is_share_of_parts(
        &mut self,
        (rule, settings): (&ShareRule, &ShareWatch),
        case: &WatchedCase,
        watch: &Watch,
        eligible: usize,
        boundary: Minute,
    ) -> bool {
        let WatchedCase { id, span, .. } = case;
        let terms = self.terms.clone();
        let scene = Scene::new(&terms, &self.book, boundary);
        let told = self.told_days(id);
        let business_days = |from: Day, to: Day| scene.business_days(from, to);
        let mut thresholds = std::mem::take(&mut self.thresholds.share);
        let mut breaks = |rest: &Segment| {
            let outcomes = rule.known_outcomes(&scene, rest, &id.subject, *span);
            let baseline = usual_share::baseline((settings, rule.of_set), &outcomes, &told, business_days)?;
            let watch = thresholds.watch(settings, baseline, eligible, watch.from);
            Some(share_watch::look(&watch, &outcomes).s >= watch.h)
        };
        let watched = (watch.from, case.outcomes.known_to);
        let is_of_parts = self.is_of_parts(id, watched, rule.reads, &mut breaks);
        self.thresholds.share = thresholds;
        is_of_parts
    }

    /// Everything that the rule watches, `all` first, and of how much more it does not know yet how long outcomes take.
    fn cases(&self, rule: &ShareRule, settings: &ShareWatch, boundary: Minute) -> (Vec<WatchedCase>, usize) {
        let scene = Scene::new(&self.terms, &self.book, boundary);
        let (mut cases, mut without_span) = (Vec::new(), 0);
        let names = self.watched(rule.rule).into_iter();
        for name in names.filter(|name| !rule.of_all_alone || name == ALL) {
            let segment = self.book.segment_or_empty(&name);
            for subject in self.subjects(rule, &scene, &name) {
                let id = Identity { rule: rule.rule, segment: name.clone(), subject };
                let frozen = match self.lives.get(&id).and_then(|life| life.frozen) {
                    Some(Frozen::Share { watch, span }) => Some((watch, span)),
                    _ => None,
                };
                let told = self.told_days(&id);
                let learned = || (rule.span)(&scene, segment, &id.subject, &told);
                let Some(span) = frozen.map(|(_, span)| span).or_else(learned) else {
                    without_span += 1;
                    continue;
                };
                let outcomes = rule.known_outcomes(&scene, segment, &id.subject, span);
                let business_days = |from: Day, to: Day| scene.business_days(from, to);
                let baseline =
                    usual_share::baseline((settings, rule.of_set), &outcomes, &told, business_days);
                let frozen = frozen.map(|(watch, _)| watch);
                cases.push(WatchedCase { id, frozen, span, outcomes, baseline });
            }
        }
        (cases, without_span)
    }

    /// What a rule speaks of in a segment, and what its alerts there speak of.
    fn subjects(&self, rule: &ShareRule, scene: &Scene<'_>, name: &Text) -> Vec<Text> {
        let mut subjects = (rule.subjects)(scene, self.book.segment_or_empty(name));
        let alive = self.lives.keys().filter(|id| id.rule == rule.rule && id.segment == *name);
        let outlived: Vec<Text> =
            alive.map(|id| id.subject.clone()).filter(|subject| !subjects.contains(subject)).collect();
        subjects.extend(outlived);
        subjects
    }

    /// Reads the rule. Where the case is as after an alert, and it or a wider segment spoke, the days up to now have
    /// been told of: the case is watched from now on.
    fn read_share(
        &mut self,
        id: &Identity,
        settings: &ShareWatch,
        (watch, end): (&Watch, End),
        outcomes: &Outcomes,
        is_quiet: bool,
    ) -> Verdict {
        if !self.fires(id) && !is_quiet {
            return match share_watch::look(watch, outcomes).s >= watch.h {
                true => Verdict::Broken(settings.severity),
                false => Verdict::Kept,
            };
        }
        let is_over = share_watch::is_over(settings, watch, end, outcomes);
        if is_over && !self.holds(id.rule) {
            self.watch_from(id.clone(), outcomes.known_to);
        }
        match is_over || is_quiet {
            true => Verdict::Kept,
            false => Verdict::Broken(settings.severity),
        }
    }
}
