//! Judging the rules over targets, campaigns and reasons.

use crate::model::alert::Severity;
use crate::model::{DAY_MS, EventTime, Minute, Text};

use super::super::super::alerting::{Identity, Patience};
use super::super::super::journey::segments::ALL;
use super::super::super::signs::program_rule::{Alive, Finding, Place, ProgramRule};
use super::super::super::signs::scene::Scene;
use super::super::super::signs::{PROGRAM_RULES, Verdict};
use super::super::super::terms::Terms;
use super::super::book::Segment;
use super::super::standing::Standing;
use super::super::{SegmentsTask, Told};
use super::speaking::Speaking;

impl SegmentsTask {
    pub(super) fn judge_programs(&mut self, boundary: Minute, told: &mut Vec<Told>) {
        for rule in PROGRAM_RULES {
            if rule.rule.is_on(&self.terms.definitions) {
                self.judge_program(rule, boundary, told);
            }
        }
    }

    fn judge_program(&mut self, rule: &ProgramRule, boundary: Minute, told: &mut Vec<Told>) {
        let now = boundary.start();
        let terms = self.terms.clone();
        let elapsed = |from: EventTime| business_days_ms(&terms, from, now);
        let clear_ms = i64::from((rule.clear_days)(&terms.definitions)) * DAY_MS;
        let mut speaking = Speaking::default();
        let mut standing = Standing::default();
        let names = if rule.of_all_alone { vec![Text::const_new(ALL)] } else { self.watched(rule.rule) };
        let scene = Scene::new(&self.terms, &self.book, boundary);
        let is_judged = |name: &&Text| (rule.is_judged)(&scene, self.book.segment_or_empty(name));
        let judged = names.iter().filter(is_judged).count();
        for name in names {
            let findings = self.findings(rule, &name, judged, boundary);
            for Finding { subject, verdict, is_settled, measured } in findings {
                let held = self.held(rule.rule, verdict);
                standing.read(&name, held, matches!(held, Verdict::Kept).then_some(0.0));
                let id = Identity { rule: rule.rule, segment: name.clone(), subject };
                let is_broken = matches!(verdict, Verdict::Broken(_));
                let unmended = if is_broken { self.gives_way(&id, Severity::Info, &speaking) } else { None };
                let is_quiet = speaking.quiets(&id)
                    || (is_broken
                        && !self.fires(&id)
                        && self.is_program_of_parts(rule, &id, judged, boundary));
                let verdict = if is_quiet { verdict.quieted() } else { verdict };
                if matches!(verdict, Verdict::Broken(_)) || self.fires(&id) {
                    speaking.add(&id);
                }
                let clear_ms = if is_settled { 0 } else { clear_ms };
                let patience = Patience { elapsed_ms: &elapsed, for_ms: 0, clear_ms, may_begin: true };
                self.live(id, verdict, now, None, &patience, told, unmended, |_| measured);
            }
        }
        self.stands(rule.rule, standing);
    }

    /// Whether what is broken would not be without segments within it of which an alert fires.
    fn is_program_of_parts(
        &self,
        rule: &ProgramRule,
        id: &Identity,
        judged: usize,
        boundary: Minute,
    ) -> bool {
        let scene = Scene::new(&self.terms, &self.book, boundary);
        let breaks = |rest: &Segment| {
            let place = Place { scene: &scene, name: &id.segment, segment: rest, judged, alive: &[] };
            let is_it = |found: &Finding| found.subject == id.subject;
            (rule.read)(&place)
                .iter()
                .any(|found| is_it(found) && matches!(found.verdict, Verdict::Broken(_)))
        };
        let firing = self.told_now().map(|of| (of, None));
        self.outside_told(id, firing, rule.reads).iter().any(|rest| !breaks(rest))
    }

    fn findings(&self, rule: &ProgramRule, name: &Text, judged: usize, boundary: Minute) -> Vec<Finding> {
        let lives = self.lives.iter().filter(|(id, _)| id.rule == rule.rule && id.segment == *name);
        let alive = lives.map(|(id, life)| Alive { subject: id.subject.clone(), since: life.since });
        let alive: Vec<Alive> = alive.collect();
        let scene = Scene::new(&self.terms, &self.book, boundary);
        let segment = self.book.segment_or_empty(name);
        (rule.read)(&Place { scene: &scene, name, segment, judged, alive: &alive })
    }
}

/// The business days of marketing that began after a time, up to and with that of another one, a day of 24 hours
/// each.
fn business_days_ms(terms: &Terms, from: EventTime, to: EventTime) -> i64 {
    let [from, to] = [from, to].map(|at| terms.marketing.local_day(at.0));
    (from + 1..=to).filter(|day| terms.marketing.is_business_day(*day)).count() as i64 * DAY_MS
}
