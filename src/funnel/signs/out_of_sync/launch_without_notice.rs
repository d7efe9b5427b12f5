//! `launch_without_notice`: a campaign is launched and sales has not heard of it in time.
//!
//! Each campaign that was launched within the last `news` of business time of sales, or since marketing's last opening
//! before this one (while marketing is on holiday, sales may work for longer than that), is read by itself: it is
//! broken unless sales acknowledged it at least `notice` of its business time before the launch. It is over once that
//! news is old, or sales acknowledges the campaign after all. It needs no statistics: it is what was told. Of launches
//! before sales acknowledged any campaign for the first time it says *learning*, unless told otherwise: a CRM that
//! records none would be told of each launch. The whole company alone is judged. Blind to: what was said and not
//! recorded, and whether anybody read what was announced.

use std::collections::BTreeMap;

use crate::model::alert::OwnerTeam;
use crate::model::definitions::{Definitions, LaunchWithoutNotice};
use crate::model::explanation::Sum;
use crate::model::fact::Says;
use crate::model::words::{Family, Team};
use crate::model::{EventTime, MINUTE_MS, Text};

use super::super::business_day;
use super::super::program_rule::{Finding, Place, ProgramRule};
use super::super::rule::Rule;
use super::super::statement::{Statement, spoken};
use super::super::{Measured, Resolved, Verdict, about_business_time, business_time};
use crate::funnel::segment::book::Named;

/// What there is to do.
const ADVICE: &str = "Marketing: tell sales today what was launched, for whom, and what to say when those leads \
                      call. Sales: acknowledge it, and ask for what is missing.";

/// What there is to do when the launch is no news any more.
const ADVICE_OLD: &str = "Nothing is mended: it was too late for this launch. Agree on how sales hears of the next \
                          one in time, and who says so.";

/// The rule.
pub const LAUNCH_WITHOUT_NOTICE: ProgramRule = ProgramRule::of_all(Rule::LaunchWithoutNotice, read);

/// What was told of a campaign.
#[derive(Clone, Copy, Debug, Default)]
struct Campaign {
    launched: Option<EventTime>,
    /// The first time that sales acknowledged it.
    acknowledged: Option<EventTime>,
}

fn read(place: &Place<'_>) -> Vec<Finding> {
    let Some(rule) = &place.definitions().rules.launch_without_notice else { return Vec::new() };
    let (campaigns, first_heard) = campaigns(place);
    let sales = &place.scene.terms.sales;
    let now = place.scene.at.start();
    let last_opening = business_day::last_opening(place.scene.terms, place.scene.at);
    let is_news = |launched: EventTime| {
        let is_lately = sales.between_ms(launched.0, now.0) < i64::from(rule.news_minutes) * MINUTE_MS;
        // What was launched since then has not been judged yet.
        let is_unread = last_opening.is_some_and(|opening| opening.start() <= launched);
        launched < now && (is_lately || is_unread)
    };
    // Whether sales acknowledged it in an outage is not known.
    let notice_ms = i64::from(rule.notice_minutes) * MINUTE_MS;
    let may_have_heard = |launched: EventTime| {
        let mut programs = place.scene.book.outages().of(&[Family::Programs]);
        programs.any(|(from, to)| {
            from.start() < launched && sales.between_ms(to.start().0.min(launched.0), launched.0) < notice_ms
        })
    };
    let mut findings = Vec::new();
    for (id, campaign) in campaigns {
        let Some(launched) = campaign.launched else { continue };
        let is_new = is_news(launched);
        if !is_new && !place.is_alive(&id) {
            continue;
        }
        let before = campaign.acknowledged.filter(|at| *at < launched);
        let notice_ms = before.map_or(0, |at| sales.between_ms(at.0, launched.0));
        let is_late = notice_ms < i64::from(rule.notice_minutes) * MINUTE_MS;
        let has_made_up = campaign.acknowledged.is_some_and(|at| at >= launched);
        let is_recorded = first_heard.is_some_and(|first| first <= launched);
        let verdict = match is_recorded || !rule.waits_for_first {
            false => Verdict::Learning,
            true if is_new && is_late && !has_made_up && may_have_heard(launched) => Verdict::NoData,
            true if is_new && is_late && !has_made_up => Verdict::Broken(rule.severity),
            true => Verdict::Kept,
        };
        let over = match has_made_up {
            _ if !is_late => format!("it turns out that sales had heard of {id} in time"),
            true => format!("sales knows of {id} by now"),
            false if before.is_some() => {
                format!("the launch of {id} is no news any more; sales had heard of it late")
            }
            false => format!("the launch of {id} is no news any more, and sales never said that it knew"),
        };
        let measured = Measured {
            resolved: Resolved::by(has_made_up || !is_late, format!("Resolved: {over}."), ADVICE_OLD),
            ..measured(rule, place, &id, (launched, before), notice_ms)
        };
        findings.push(Finding { subject: id, verdict, is_settled: true, measured });
    }
    findings
}

/// Every campaign, and when sales acknowledged one for the first time.
fn campaigns(place: &Place<'_>) -> (BTreeMap<Text, Campaign>, Option<EventTime>) {
    let mut campaigns: BTreeMap<Text, Campaign> = BTreeMap::new();
    let mut first_heard = None;
    let earliest = |known: Option<EventTime>, at| Some(known.map_or(at, |known: EventTime| known.min(at)));
    for fact in place.scene.book.programs() {
        match &fact.says {
            Says::CampaignLaunched { campaign_id, .. } => {
                let campaign = campaigns.entry(campaign_id.clone()).or_default();
                campaign.launched = earliest(campaign.launched, fact.at);
            }
            Says::CampaignAcknowledged { campaign_id, team } if team == Team::Sales.as_str() => {
                first_heard = earliest(first_heard, fact.at);
                let campaign = campaigns.entry(campaign_id.clone()).or_default();
                campaign.acknowledged = earliest(campaign.acknowledged, fact.at);
            }
            _ => {}
        }
    }
    (campaigns, first_heard)
}

fn measured(
    rule: &LaunchWithoutNotice,
    place: &Place<'_>,
    id: &Text,
    (launched, before): (EventTime, Option<EventTime>),
    notice_ms: i64,
) -> Measured {
    let notice_minutes = (notice_ms / MINUTE_MS) as u32;
    let asked = business_time(rule.notice_minutes);
    let had = match before {
        None => format!("without a word from sales that it knew; {asked} of notice were asked for"),
        Some(_) => format!(
            "{} after sales heard of it; {asked} of notice were asked for",
            about_business_time(notice_minutes)
        ),
    };
    Measured {
        value: f64::from(notice_minutes) * 60.0,
        baseline: None,
        threshold: f64::from(rule.notice_minutes) * 60.0,
        interval: None,
        n: 1,
        excluded_immature: 0,
        window: (before.unwrap_or(launched), place.scene.at.start()),
        owner: OwnerTeam::Marketing,
        evidence: Named::default(),
        summary: format!("The campaign {id} was launched {had}."),
        advice: ADVICE.to_owned(),
        resolved: Resolved::default(),
        sum: sum(rule, (launched, before), notice_ms),
    }
}

fn sum(
    rule: &LaunchWithoutNotice,
    (launched, before): (EventTime, Option<EventTime>),
    notice_ms: i64,
) -> Sum {
    let mut sum = Sum::default();
    let known = match before {
        Some(at) => {
            format!("business time of sales, in seconds, from {} to {}", at.rfc3339(), launched.rfc3339())
        }
        None => format!("sales acknowledged nothing before the launch at {}", launched.rfc3339()),
    };
    sum.figure("value", (notice_ms / MINUTE_MS) as f64 * 60.0, known);
    sum.figure("notice that is asked for", f64::from(rule.notice_minutes) * 60.0, "as set, in seconds");
    sum
}

/// The rule in words.
pub fn statement(definitions: &Definitions) -> Option<Statement> {
    let rule = definitions.rules.launch_without_notice.as_ref()?;
    let (notice, news) = (business_time(rule.notice_minutes), business_time(rule.news_minutes));
    Some(Statement {
        rule: Rule::LaunchWithoutNotice.name(),
        sign: Rule::LaunchWithoutNotice.sign(),
        says: "Marketing launches a campaign that sales has not heard of in time.".to_owned(),
        counts: "The business time of sales from its acknowledgement of a campaign to the launch; none if it \
                 acknowledged nothing before.".to_owned(),
        out_of: "Each campaign by itself, of the whole company.".to_owned(),
        window: format!("Launches of the last {news}, and those since the business day of marketing before."),
        left_out: "Campaigns that are announced and not launched.".to_owned(),
        usual: format!("{notice} of notice, as set."),
        least: match rule.waits_for_first {
            true => "Until sales has acknowledged a campaign for the first time: a CRM that records none would be \
                     told of each launch.".to_owned(),
            false => "Never.".to_owned(),
        },
        speaks: format!(
            "{} at the opening of the next business day, when the notice was shorter.",
            spoken(rule.severity)
        ),
        false_alarms: "None by chance: it is what was told.".to_owned(),
        stays: "An alert for each campaign, once.".to_owned(),
        over: "Sales acknowledges the campaign after all, or the launch is no news any more.".to_owned(),
        blind_to: "What was said and not recorded, and whether anybody read what was announced.".to_owned(),
        act: ADVICE.to_owned(),
    })
}
