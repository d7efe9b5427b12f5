//! The rule `launch_without_notice` (sign 2): a campaign is launched and sales has not heard of it in time.
//!
//! Rules: `src/funnel/semantics.md`, under its name.

use std::collections::BTreeMap;

use super::message::Reading;
use super::programs::{Finding, Look, ProgramRule};
use crate::model::alert::OwnerTeam;
use crate::model::fact::Says;
use crate::model::words::Family;
use crate::model::{EventTime, MINUTE_MS, Text};

pub(super) const LAUNCH_WITHOUT_NOTICE: ProgramRule = ProgramRule {
    name: "launch_without_notice",
    sign: 2,
    of_all_alone: true,
    rests_on: &[Family::Programs],
    severity: |rules| Some(rules.launch_without_notice.as_ref()?.severity),
    is_wanted: |_| false,
    is_judged: |_| true,
    read,
};

fn read(look: &Look) -> Vec<Finding> {
    let Some(rule) = &look.judged.rulebook.definitions.rules.launch_without_notice else { return vec![] };
    let (sales, now) = (&look.judged.rulebook.sales, look.at.start());
    let mut launched: BTreeMap<Text, EventTime> = BTreeMap::new();
    let mut acknowledged: BTreeMap<Text, EventTime> = BTreeMap::new();
    // In the order of facts the first one is the earliest.
    for fact in look.judged.programs(look.at) {
        match fact.says {
            Says::CampaignLaunched { campaign_id, .. } => {
                launched.entry(campaign_id).or_insert(fact.at);
            }
            Says::CampaignAcknowledged { campaign_id, team } if team == "sales" => {
                acknowledged.entry(campaign_id).or_insert(fact.at);
            }
            _ => {}
        }
    }
    // When marketing opened on its business day before: nothing launched since was looked at yet.
    let marketing = &look.judged.rulebook.marketing;
    let before = (0..400).filter_map(|back| marketing.opening(look.day + 1 - back)).find(|at| *at < look.at);
    let first_notice = acknowledged.values().min().copied();
    let mut findings = vec![];
    for (campaign, launch) in launched {
        let age_ms = sales.between_ms(launch, now);
        let is_unread = before.is_some_and(|opening| launch >= opening.start());
        let is_news = launch < now && (is_unread || age_ms < i64::from(rule.news_minutes) * MINUTE_MS);
        if !is_news && !look.alive.contains_key(&campaign) {
            continue;
        }
        let has_begun = first_notice.is_some_and(|at| at <= launch);
        let is_learning = rule.waits_for_first && !has_begun;
        let known = acknowledged.get(&campaign).copied();
        let before = known.filter(|&at| at < launch);
        let is_made_up = known.is_some_and(|at| at >= launch);
        let notice_ms = before.map_or(0, |at| sales.between_ms(at, launch));
        let is_late = notice_ms < i64::from(rule.notice_minutes) * MINUTE_MS;
        let reading = Reading {
            value: (notice_ms / MINUTE_MS * 60) as f64,
            baseline: None,
            threshold: f64::from(rule.notice_minutes) * 60.0,
            interval: None,
            n: 1,
            excluded_immature: 0,
            window: (before.unwrap_or(launch), now),
            evidence: vec![],
            owner_team: OwnerTeam::Marketing,
            at_risk: None,
        };
        let may_be_known = look.outages(Family::Programs).into_iter().any(|(from, to)| {
            let after_ms = sales.between_ms(to.start().min(launch), launch);
            from.start() < launch && after_ms < i64::from(rule.notice_minutes) * MINUTE_MS
        });
        let is_late = !is_learning && is_news && !is_made_up && is_late;
        let (is_broken, is_unknown) = (is_late && !may_be_known, is_late && may_be_known);
        findings.push(Finding { subject: campaign, is_broken, is_unknown, clear_days: 0, reading });
    }
    findings
}
