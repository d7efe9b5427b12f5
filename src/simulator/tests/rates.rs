//! The healthy company keeps its stated rates, and each fault moves the one that it is about.

use super::*;

#[test]
fn a_healthy_company_keeps_the_stated_rates() {
    let scenario = large(Plot::Healthy, 200, 0);
    let leads = known(&events(&scenario));
    let expected = scenario.company.mql_to_sql();

    let created: Vec<Known> = leads.values().cloned().collect();
    let of_weeks = 150.0 * 5.5 / 7.0 * 200.0;
    assert!((created.len() as f64 - of_weeks).abs() < 5.0 * f64::sqrt(of_weeks) + 300.0);
    let old: Vec<Known> =
        created.into_iter().filter(|lead| lead.created.unwrap() < scenario.day(150)).collect();
    assert_share("lead to MQL", count(&old, |lead| lead.mql.is_some()), old.len(), 0.5, 0.0);

    let mqls = mqls(&leads, &scenario, 0, 100);
    assert_share("MQL to SQL", count(&mqls, |lead| lead.sql.is_some()), mqls.len(), expected, 0.003);
    assert_share("touched in time", count(&mqls, touched_in_time), mqls.len(), 0.975, 0.005);
    assert_share("judged in time", count(&mqls, judged_in_time), mqls.len(), 0.965, 0.01);

    let sqls: Vec<&Known> = mqls.iter().filter(|lead| lead.sql.is_some()).collect();
    assert_share("SQL to won", count(&sqls, |lead| lead.won.is_some()), sqls.len(), 0.25, 0.003);
    let to_sql: Vec<i64> = sqls.iter().map(|lead| lead.sql.unwrap().0 - lead.mql.unwrap().0).collect();
    let within_10_days = count(&to_sql, |&lag_ms| lag_ms <= 10 * DAY_MS);
    assert_share("SQL within 10 days", within_10_days, to_sql.len(), 0.9, 0.015);
    assert!((1.8..2.4).contains(&median_days(to_sql)));
    let to_won = sqls.iter().filter_map(|lead| Some(lead.won?.0 - lead.sql.unwrap().0)).collect();
    assert!((18.0..22.0).contains(&median_days(to_won)));
}

#[test]
fn the_sources_are_of_their_stated_quality() {
    let scenario = large(Plot::Healthy, 160, 0);
    let events = events(&scenario);
    let mut source_of = HashMap::new();
    for event in &events {
        if let Body::LeadCreated { lead_id, source, .. } = &event.body {
            source_of.insert(lead_id.clone(), source.clone().unwrap());
        }
    }
    let leads = known(&events);
    for source in &scenario.company.sources {
        let mut theirs = leads.clone();
        theirs.retain(|id, _| source_of[id] == source.name);
        let mqls = mqls(&theirs, &scenario, 0, 100);
        let converted = count(&mqls, |lead| lead.sql.is_some());
        assert_share(&source.name, converted, mqls.len(), source.mql_to_sql, 0.005);
    }
}

#[test]
fn a_flood_doubles_the_volume_and_halves_the_quality() {
    let scenario = large(Plot::MqlTunnelVision, 150, 60);
    let leads = known(&events(&scenario));
    // Whole weeks: the first ones of either time are left out, for leads take days to qualify.
    let (before, during) = (mqls(&leads, &scenario, 14, 56), mqls(&leads, &scenario, 70, 112));
    let ratio = during.len() as f64 / before.len() as f64;
    assert!((ratio - 2.2).abs() < 0.15, "volume times {ratio}");
    let quality = |mqls: &[Known]| count(mqls, |lead| lead.sql.is_some()) as f64 / mqls.len() as f64;
    let expected = (0.4 + 1.2 * 0.05) / 2.2;
    assert!((quality(&before) - 0.4).abs() < 0.03);
    assert!((quality(&during) - expected).abs() < 0.02, "quality {}", quality(&during));
    assert_share("touched in time", count(&during, touched_in_time), during.len(), 0.975, 0.005);
}

#[test]
fn sales_becomes_slow_or_silent() {
    let slow = large(Plot::SlowFirstTouch, 110, 40);
    let leads = known(&events(&slow));
    let (before, during) = (mqls(&leads, &slow, 0, 40), mqls(&leads, &slow, 40, 100));
    assert_share("before", count(&before, touched_in_time), before.len(), 0.975, 0.005);
    assert_share("during", count(&during, touched_in_time), during.len(), 0.65, 0.01);
    assert_share("still judged", count(&during, judged_in_time), during.len(), 0.965, 0.01);
    assert_share("still SQL", count(&during, |lead| lead.sql.is_some()), during.len(), 0.4, 0.02);

    let half = Scenario { dose: 0.5, ..slow };
    let during = mqls(&known(&events(&half)), &half, 40, 100);
    assert_share("half the dose", count(&during, touched_in_time), during.len(), 0.813, 0.01);

    let silent = large(Plot::SilentSales, 110, 40);
    let during = mqls(&known(&events(&silent)), &silent, 40, 100);
    assert!(count(&during, judged_in_time) * 10 < during.len() * 7);
    assert_share("still touched", count(&during, touched_in_time), during.len(), 0.975, 0.005);
    assert_share("still SQL", count(&during, |lead| lead.sql.is_some()), during.len(), 0.4, 0.02);
}

#[test]
fn marketing_loses_interest() {
    let scenario = large(Plot::IncuriousMarketing, 120, 60);
    let onset = scenario.day(60);
    let (mut reasons, mut leading) = ([0, 0], [0, 0]);
    let mut touches = [0, 0];
    for event in events(&scenario) {
        let during = usize::from(event.occurred_at >= onset);
        match &event.body {
            Body::LeadDispositioned { reason: Some(reason), .. } => {
                reasons[during] += 1;
                leading[during] += usize::from(reason == "outside_target");
            }
            Body::DealTouched { team: Team::Marketing, .. } => touches[during] += 1,
            Body::PlaybookChanged { .. } => assert_eq!(during, 0),
            _ => {}
        }
    }
    // With the clean-up's own reason in the denominator.
    assert_share("one of several reasons", leading[0], reasons[0], 0.213, 0.01);
    assert_share("one reason", leading[1], reasons[1], 0.61, 0.02);
    assert!(touches[1] * 5 < touches[0], "{touches:?}");
}

#[test]
fn sales_writes_its_own_content() {
    let scenario = large(Plot::ShadowContent, 120, 60);
    let onset = scenario.day(60);
    let (mut uses, mut by_sales) = ([0, 0], [0, 0]);
    let mut published: BTreeMap<Text, EventTime> = BTreeMap::new();
    for event in events(&scenario) {
        let during = usize::from(event.occurred_at >= onset);
        match event.body {
            Body::ContentPublished { asset_id, .. } => {
                assert_eq!(published.insert(asset_id, event.occurred_at), None);
            }
            Body::DealContentUsed { asset_id, author_team, .. } => {
                assert!(published.contains_key(&asset_id), "{asset_id} is used before it is there");
                uses[during] += 1;
                by_sales[during] += usize::from(author_team == Author::Sales);
            }
            _ => {}
        }
    }
    assert_share("before", by_sales[0], uses[0], 0.18, 0.0);
    assert_share("during", by_sales[1], uses[1], 0.18 + 0.82 * 0.7, 0.0);
}
