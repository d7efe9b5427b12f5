//! Each plot that is named after a rule does what it says, from its onset on, at the stated rate.

use super::*;
use crate::model::words::{Family, TargetMeasure};
use crate::simulator::programs::{following, months, time_of};

/// Day of the onset in these tests.
const ONSET: u32 = 70;

/// The events before and from the onset on.
fn halves(scenario: &Scenario) -> [Vec<Event>; 2] {
    let onset = scenario.day(scenario.onset_day);
    let (before, after) = events(scenario).into_iter().partition(|event| event.occurred_at < onset);
    [before, after]
}

fn of(plot: Plot) -> Scenario {
    large(plot, 140, ONSET)
}

#[test]
fn deals_of_marketing_are_lost_that_would_have_been_won() {
    let is_won = |event: &Event| matches!(event.body, Body::DealStageEntered { status: DealStatus::Won, .. });
    let is_mql = |event: &Event| matches!(event.body, Body::LeadStageEntered { stage: Stage::Mql, .. });
    let of = |plot| large(plot, 180, ONSET);
    let [_, healthy] = halves(&of(Plot::Healthy));
    let [_, behind] = halves(&of(Plot::RevenuePace));
    // Of a hundred won deals seven have another origin; of the rest nine in ten are lost.
    assert_share("won", count(&behind, is_won), count(&healthy, is_won), 0.07 + 0.93 * 0.1, 0.01);
    assert_eq!(count(&behind, is_mql), count(&healthy, is_mql));
    let half = Scenario { dose: 0.5, ..of(Plot::RevenuePace) };
    let [_, behind] = halves(&half);
    assert_share("half", count(&behind, is_won), count(&healthy, is_won), 0.07 + 0.93 * 0.55, 0.02);
}

#[test]
fn marketing_sets_no_target_for_revenue_any_more() {
    let scenario = of(Plot::NoRevenueTarget);
    let targets = |events: &[Event], of_team: &str, of_measure: TargetMeasure| {
        count(events, |event| match &event.body {
            Body::TargetSet { team, measure, .. } => team == of_team && *measure == of_measure,
            _ => false,
        })
    };
    let [before, after] = halves(&scenario);
    assert_eq!(targets(&before, "marketing", TargetMeasure::Revenue), 3);
    assert_eq!(targets(&after, "marketing", TargetMeasure::Revenue), 0);
    assert_eq!(targets(&after, "marketing", TargetMeasure::Mql), 2);
    assert_eq!(targets(&after, "sales", TargetMeasure::Revenue), 2);
    let company = Company::new(scenario.clone()).unwrap();
    let planted = &company.truth().periods[0];
    assert_eq!(planted.from, time_of(following(months(&Scenario { days: ONSET, ..scenario.clone() })[2])));
}

#[test]
fn first_touches_are_late_for_want_of_routing() {
    let is_assigned = |event: &Event| event.body.kind() == Kind::LeadAssigned;
    let [_, healthy] = halves(&of(Plot::Healthy));
    for (plot, assigned, in_time) in
        [(Plot::FirstTouchSloRouting, 1.0, 0.63), (Plot::FirstTouchSloUnassigned, 0.665, 0.65)]
    {
        let scenario = of(plot);
        let leads = known(&events(&scenario));
        let during = mqls(&leads, &scenario, ONSET, ONSET + 60);
        assert_share(plot.as_str(), count(&during, touched_in_time), during.len(), in_time, 0.02);
        assert_share("still judged", count(&during, judged_in_time), during.len(), 0.955, 0.02);
        assert_share("still SQL", count(&during, |lead| lead.sql.is_some()), during.len(), 0.4, 0.02);
        let [_, after] = halves(&scenario);
        assert_share("assigned", count(&after, is_assigned), count(&healthy, is_assigned), assigned, 0.015);
    }
}

#[test]
fn more_leads_come_than_sales_can_call_in_time() {
    let (scenario, healthy) = (of(Plot::FirstTouchSloSurge), of(Plot::Healthy));
    let during = |scenario: &Scenario, from: u32, to: u32| {
        let leads = known(&events(scenario));
        let all = mqls(&leads, scenario, from, to);
        (all.len(), count(&all, touched_in_time), count(&all, |lead| lead.sql.is_some()))
    };
    assert_eq!(during(&scenario, 0, ONSET - 5), during(&healthy, 0, ONSET - 5));
    let [(usual, usual_in_time, _), (all, in_time, sql)] =
        [&healthy, &scenario].map(|scenario| during(scenario, ONSET, ONSET + 60));
    for (of, n, as_ever, expected) in
        [("MQLs", all, usual, 2.0), ("called in time", in_time, usual_in_time, 1.0)]
    {
        let times = n as f64 / as_ever as f64;
        assert!((times / expected - 1.0).abs() < 0.06, "{of}: {times:.3} times as many");
    }
    assert_share("as good as ever", sql, all, 0.4, 0.02);
}

#[test]
fn sales_gives_no_reasons() {
    let [before, after] = halves(&of(Plot::ReasonlessRejections));
    let negative = |events: &[Event]| -> Vec<bool> {
        let reason = |event: &Event| match &event.body {
            Body::LeadDispositioned { verdict, reason, .. } if verdict.is_negative() => {
                Some(reason.is_none())
            }
            _ => None,
        };
        events.iter().filter_map(reason).collect()
    };
    for (events, share) in [(before, 0.05), (after, 0.05 + 0.95 * 0.6)] {
        let all = negative(&events);
        // Those who clean up always say why.
        assert_share("without a reason", count(&all, |none| *none), all.len(), share * 0.97, 0.02);
    }
}

#[test]
fn sales_hears_of_campaigns_late_or_not_at_all() {
    let launches = |plot: Plot, dose: f64| -> (Vec<Option<i64>>, usize) {
        let scenario = Scenario { days: 400, onset_day: 100, dose, ..Scenario::of(plot, 3) };
        let events = events(&scenario);
        let mut heard: BTreeMap<Text, EventTime> = BTreeMap::new();
        let mut notices = Vec::new();
        for event in &events {
            match &event.body {
                Body::CampaignAcknowledged { campaign_id, .. } => {
                    heard.insert(campaign_id.clone(), event.occurred_at);
                }
                // Of these even the acknowledgement lies after the onset.
                Body::CampaignLaunched { campaign_id, .. } if event.occurred_at >= scenario.day(122) => {
                    let notice = heard.get(campaign_id).map(|at| worked_minutes(*at, event.occurred_at));
                    notices.push(notice);
                }
                _ => {}
            }
        }
        (notices, Company::new(scenario).unwrap().truth().periods.len())
    };
    let (healthy, planted) = launches(Plot::Healthy, 1.0);
    assert!(healthy.len() > 15 && planted == 0);
    assert!(healthy.iter().all(|notice| notice.is_some_and(|minutes| minutes > 5 * 480)), "{healthy:?}");
    let (never, planted) = launches(Plot::LaunchWithoutNotice, 1.0);
    assert!(never.iter().all(Option::is_none) && planted >= never.len());
    let (short, _) = launches(Plot::LaunchWithoutNoticeShort, 1.0);
    // One to three business days of eight hours.
    let is_short = |minutes| (480..=3 * 480).contains(&minutes);
    assert!(short.len() > 15 && short.iter().all(|notice| notice.is_some_and(is_short)), "{short:?}");
    assert!(short.iter().any(|notice| *notice < Some(2 * 480)), "{short:?}");
    assert!(short.iter().any(|notice| *notice > Some(2 * 480)), "{short:?}");
    let (half, planted) = launches(Plot::LaunchWithoutNotice, 0.5);
    let late = count(&half, Option::is_none);
    assert!(late > 0 && late < half.len() && planted >= late, "{half:?}");
}

/// The reasons that each change names, with its time.
fn answers(events: &[Event]) -> Vec<(EventTime, Vec<Text>)> {
    let answer = |event: &Event| match &event.body {
        Body::PlaybookChanged { reasons, .. } => Some((event.occurred_at, reasons.to_vec())),
        _ => None,
    };
    events.iter().filter_map(answer).collect()
}

#[test]
fn marketing_answers_the_reasons_that_lead() {
    let events = events(&Scenario { days: 200, ..Scenario::of(Plot::Healthy, 8) });
    let answers = answers(&events);
    assert_eq!(answers.len(), 14, "{answers:?}");
    for (at, named) in answers.iter().skip(2) {
        let mut times: BTreeMap<Text, u32> = BTreeMap::new();
        for event in &events {
            let age_ms = at.0 - event.occurred_at.0;
            if let Body::LeadDispositioned { verdict, reason: Some(reason), .. } = &event.body
                && verdict.is_negative()
                && (0..28 * DAY_MS).contains(&age_ms)
            {
                *times.entry(reason.clone()).or_default() += 1;
            }
        }
        let first = times.iter().max_by_key(|(_, times)| **times).unwrap();
        assert!(named.len() == 3 && named.contains(first.0), "{named:?} of {times:?}");
    }
}

#[test]
fn one_reason_leads_and_is_not_answered() {
    let scenario = of(Plot::UnansweredRejections);
    let [before, after] = halves(&scenario);
    let one = Text::const_new("outside_target");
    assert!(answers(&before).iter().any(|(_, named)| named.contains(&one)));
    let answers = answers(&after);
    assert!(answers.len() >= 4);
    assert!(answers.iter().all(|(_, named)| named.len() == 3 && !named.contains(&one)), "{answers:?}");
    let given = |events: &[Event], is: &dyn Fn(&str) -> bool| {
        count(events, |event| match &event.body {
            Body::LeadDispositioned { reason: Some(reason), .. } => is(reason),
            _ => false,
        })
    };
    let (all, leading) = (given(&after, &|_| true), given(&after, &|reason| reason == one));
    assert_share("that reason", leading, all, 0.22 + 0.78 * 0.5, 0.02);
    let touches = |events: &[Event]| count(events, |event| event.body.kind() == Kind::DealTouched);
    let [_, healthy] = halves(&of(Plot::Healthy));
    assert_eq!(touches(&after), touches(&healthy), "marketing is in touch with open deals");
}

/// The share of the entries to a stage in some days that were still there after so many days.
fn stay(events: &[Event], stage: Stage, from: EventTime, to: EventTime, days: i64) -> (usize, usize) {
    let mut entered: BTreeMap<Text, EventTime> = BTreeMap::new();
    let mut left: BTreeMap<Text, EventTime> = BTreeMap::new();
    let mut owner: BTreeMap<Text, Text> = BTreeMap::new();
    for event in events {
        let at = event.occurred_at;
        match &event.body {
            Body::LeadStageEntered { lead_id, stage: into } if *into == stage => {
                entered.entry(lead_id.clone()).or_insert(at);
            }
            Body::LeadStageEntered { lead_id, stage: into } if *into > stage => {
                left.entry(lead_id.clone()).or_insert(at);
            }
            Body::LeadDispositioned { lead_id, verdict, .. } if verdict.is_negative() => {
                left.entry(lead_id.clone()).or_insert(at);
            }
            Body::DealOpened { deal_id, .. } => {
                let lead = Text::from(deal_id.replace("D-", "L-"));
                owner.insert(deal_id.clone(), lead.clone());
                match stage {
                    Stage::Opportunity => entered.entry(lead).or_insert(at),
                    _ => left.entry(lead).or_insert(at),
                };
            }
            Body::DealStageEntered { deal_id, status: DealStatus::Won | DealStatus::Lost, .. } => {
                left.entry(owner[deal_id].clone()).or_insert(at);
            }
            _ => {}
        }
    }
    let watched = entered.iter().filter(|(_, at)| (from..to).contains(at));
    let lasting =
        |(lead, at): &(&Text, &EventTime)| left.get(*lead).is_none_or(|left| left.0 - at.0 > days * DAY_MS);
    let all: Vec<(&Text, &EventTime)> = watched.collect();
    (all.iter().copied().filter(lasting).count(), all.len())
}

#[test]
fn items_stick_at_a_stage() {
    for (plot, stage, days, usual, stuck) in [
        (Plot::StageAgeing, Stage::Sal, 14, 0.07, 0.25),
        (Plot::StageAgeingSql, Stage::Sql, 8, 0.1, 0.45),
        (Plot::StageAgeingOpportunity, Stage::Opportunity, 50, 0.10, 0.38),
    ] {
        let scenario = large(plot, 220, 80);
        let events = events(&scenario);
        let day = |day| scenario.day(day);
        let (before, n) = stay(&events, stage, day(0), day(80 - days as u32), days);
        assert!((before as f64 / n as f64 - usual).abs() < 0.05, "{plot}: {before} of {n} before");
        let (during, n) = stay(&events, stage, day(80), day(150), days);
        assert!((during as f64 / n as f64 - stuck).abs() < 0.05, "{plot}: {during} of {n} during");
        let sqls = |events: &[Event]| {
            count(events, |event| matches!(event.body, Body::LeadStageEntered { stage: Stage::Sql, .. }))
        };
        let healthy = self::events(&large(Plot::Healthy, 220, 80));
        assert_eq!(sqls(&events), sqls(&healthy), "{plot} keeps no lead from becoming an SQL");
    }
}

#[test]
fn marketing_leaves_open_deals_alone_and_still_listens() {
    let by_marketing = |event: &Event| matches!(event.body, Body::DealTouched { team: Team::Marketing, .. });
    let [_, healthy] = halves(&of(Plot::Healthy));
    let [_, absent] = halves(&of(Plot::AbsentAfterHandoff));
    assert_share("touches", count(&absent, by_marketing), count(&healthy, by_marketing), 0.05, 0.0);
    assert_eq!(answers(&absent), answers(&healthy));
}

#[test]
fn reps_use_the_same_few_pieces() {
    let used = |events: &[Event]| -> BTreeMap<Text, usize> {
        let mut used = BTreeMap::new();
        for event in events {
            if let Body::DealContentUsed { asset_id, author_team: Author::Marketing, .. } = &event.body {
                *used.entry(asset_id.clone()).or_default() += 1;
            }
        }
        used
    };
    let [before, after] = halves(&of(Plot::DeadLibrary));
    assert!(used(&before).len() > 30);
    let after = used(&after);
    let favourites: usize = ["asset-m-001", "asset-m-002", "asset-m-003"].iter().map(|id| after[*id]).sum();
    assert!(favourites as f64 > 0.98 * after.values().sum::<usize>() as f64);
}

#[test]
fn a_feed_stops_and_the_others_go_on() {
    let families = |events: &[Event]| -> BTreeSet<Family> {
        events.iter().flat_map(|event| event.body.families()).collect()
    };
    let all = Family::ALL.iter().copied().collect::<BTreeSet<Family>>();
    for (plot, stopped) in [
        (Plot::NoData, &[Family::Touches, Family::SalesTouches][..]),
        (Plot::NoDataSalesTouches, &[Family::SalesTouches]),
        (Plot::NoDataLeads, &[Family::Leads]),
        (Plot::NoDataVerdicts, &[Family::Verdicts]),
        (Plot::NoDataDeals, &[Family::Deals]),
        (Plot::NoDataContent, &[Family::Content]),
    ] {
        let scenario = Scenario { end_day: Some(100), ..of(plot) };
        let [before, after] = halves(&scenario);
        let (during, ended): (Vec<Event>, Vec<Event>) =
            after.into_iter().partition(|event| event.occurred_at < scenario.day(100));
        assert_eq!((families(&before), families(&ended)), (all.clone(), all.clone()), "{plot}");
        let expected: BTreeSet<Family> =
            all.iter().copied().filter(|family| !stopped.contains(family)).collect();
        assert_eq!(families(&during), expected, "{plot}");
    }
}

#[test]
fn every_plot_says_what_it_plants() {
    for &plot in Plot::ALL.iter().filter(|plot| **plot != Plot::Healthy) {
        let scenario = Scenario { days: 200, ..Scenario::of(plot, 1) };
        let company = Company::new(scenario.clone()).unwrap();
        let truth = company.truth();
        assert!(!truth.periods.is_empty(), "{plot}");
        for planted in truth.periods.iter().chain(&truth.side_effects) {
            assert!(planted.from >= scenario.day(60) && planted.from < scenario.end(), "{plot}: {planted:?}");
        }
        // Those that are named after a rule plant it, and nothing else.
        let older = ["mql_tunnel_vision", "slow_first_touch", "silent_sales", "incurious_marketing"];
        let is_older =
            older.contains(&plot.as_str()) || ["shadow_content", "falling_out"].contains(&plot.as_str());
        if !is_older {
            let named = |planted: &Planted| plot.as_str().starts_with(planted.rule.as_str());
            assert!(truth.periods.iter().all(named), "{plot}: {:?}", truth.periods);
        }
    }
}
