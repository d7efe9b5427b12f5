//! The hard cases are what they claim, and nothing is planted in them.

use super::*;
use crate::simulator::case::Case;
use crate::simulator::working_hours::day_of;

/// A larger company without mishaps and noise in this case, which begins on this day.
fn case(case: Case, days: u32, case_day: u32) -> Scenario {
    let mut scenario = Scenario { days, case_day, noise: 0.0, ..Scenario::in_case(case, 11) };
    scenario.company.leads_per_business_day = 150.0;
    scenario.company.mishaps = Mishaps::none();
    scenario
}

fn leads_by_day(events: &[Event]) -> BTreeMap<i64, usize> {
    let mut days = BTreeMap::new();
    for event in events.iter().filter(|event| event.body.kind() == Kind::LeadCreated) {
        *days.entry(day_of(event.occurred_at)).or_default() += 1;
    }
    days
}

/// Leads of these days of a scenario.
fn leads(events: &[Event], scenario: &Scenario, from: u32, to: u32) -> f64 {
    let days = day_of(scenario.day(from))..day_of(scenario.day(to));
    leads_by_day(events).range(days).map(|(_, n)| *n).sum::<usize>() as f64
}

/// Asserts a ratio of two counts, within five standard errors.
fn assert_ratio(what: &str, a: f64, b: f64, expected: f64) {
    let error = expected * (1.0 / a + 1.0 / b).sqrt();
    assert!((a / b - expected).abs() < 5.0 * error, "{what}: {} instead of {expected}", a / b);
}

#[test]
fn names_read_back_and_nothing_is_planted() {
    for &of in Case::ALL {
        assert_eq!(Case::parse(of.as_str()), Some(of));
        let mut scenario = Scenario { days: 5, ..Scenario::in_case(of, 1) };
        scenario.company.leads_per_business_day = 1.0;
        let truth = Company::new(scenario).unwrap().truth().clone();
        assert_eq!((truth.case.as_str(), truth.periods), (of.as_str(), Vec::new()));
    }
}

#[test]
fn nothing_is_different_before_a_case_begins() {
    let play = |of| {
        let mut told = events(&case(of, 80, 50));
        let begins = case(of, 80, 50).day(50);
        told.retain(|event| event.occurred_at < begins);
        told
    };
    let ordinary = play(Case::Ordinary);
    for of in [Case::Burst, Case::SourceOutage, Case::MergeWave, Case::CrmMigration, Case::CrmMigrationNewIds]
    {
        let told = play(of);
        let told: Vec<Event> = match of {
            // The past is told again, at its own times.
            Case::CrmMigration | Case::CrmMigrationNewIds => told.into_iter().take(ordinary.len()).collect(),
            _ => told,
        };
        assert!(told == ordinary, "{of}");
    }
}

#[test]
fn nobody_works_in_the_holidays() {
    for (of, known) in [(Case::Holidays, 10), (Case::HolidaysUnknown, 0)] {
        let scenario = case(of, 120, 63);
        let events = events(&scenario);
        let (from, to) = (scenario.day(63), scenario.day(77));
        let by_people = |event: &Event| match event.body {
            Body::LeadTouched { automated, .. } => !automated,
            Body::LeadDispositioned { .. } | Body::DealStageEntered { .. } | Body::PlaybookChanged { .. } => {
                true
            }
            _ => false,
        };
        let during = |event: &Event| from <= event.occurred_at && event.occurred_at < to && by_people(event);
        assert_eq!(count(&events, during), 0);
        assert_ratio("leads", leads(&events, &scenario, 63, 77), leads(&events, &scenario, 49, 63), 0.4);
        let company = Company::new(scenario).unwrap();
        let calendars = company.truth().calendars.as_ref().unwrap();
        assert_eq!((calendars.sales.holidays.len(), calendars.marketing.holidays.len()), (known, known));
        assert!(calendars.sales.holidays.first().is_none_or(|first| first == "2026-03-09"));
    }
}

#[test]
fn campaigns_are_told_in_time_in_spite_of_holidays() {
    let scenario = case(Case::Holidays, 150, 70);
    let (mut heard, mut launches) = (BTreeMap::new(), 0);
    for event in events(&scenario) {
        let at = event.occurred_at;
        match event.body {
            Body::CampaignAcknowledged { campaign_id, .. } => drop(heard.insert(campaign_id, at)),
            Body::CampaignLaunched { campaign_id, .. } => {
                launches += 1;
                let (off, to) = ((scenario.day(70), scenario.day(84)), at);
                let from: EventTime = heard[&campaign_id];
                let worked = worked_minutes(from, to)
                    - worked_minutes(from.max(off.0), to.min(off.1).max(from.max(off.0)));
                assert!(worked >= 5 * 480, "{campaign_id}: {worked} minutes");
            }
            _ => {}
        }
    }
    assert!(launches >= 7);
}

#[test]
fn a_burst_brings_three_times_as_many_leads_as_good_as_ever() {
    let scenario = case(Case::Burst, 130, 63);
    let events = events(&scenario);
    assert_ratio("leads", leads(&events, &scenario, 63, 77), leads(&events, &scenario, 35, 49), 3.0);
    assert_ratio("after", leads(&events, &scenario, 84, 98), leads(&events, &scenario, 35, 49), 1.0);
    let during = mqls(&known(&events), &scenario, 64, 78);
    assert_share("SQL", count(&during, |lead| lead.sql.is_some()), during.len(), 0.4, 0.01);
    assert_share("touched", count(&during, touched_in_time), during.len(), 0.975, 0.005);
}

#[test]
fn seasons_swing_by_half_and_targets_with_them() {
    let mut scenario = case(Case::Seasonality, 730, 0);
    scenario.company.leads_per_business_day = 60.0;
    let events = events(&scenario);
    let mut months: BTreeMap<i64, f64> = BTreeMap::new();
    let mut weekdays = [0.0; 5];
    for (day, n) in leads_by_day(&events) {
        *months.entry((day - day_of(scenario.start)) / 28).or_default() += n as f64;
        if let Some(weekday) = weekdays.get_mut((day + 3).rem_euclid(7) as usize) {
            *weekday += n as f64;
        }
    }
    let (least, most) =
        months.iter().take(26).fold((f64::MAX, 0.0_f64), |(l, m), (_, n)| (l.min(*n), m.max(*n)));
    assert!((2.6..3.3).contains(&(most / least)), "{months:?}");
    assert_ratio("Monday to Wednesday", weekdays[0], weekdays[2], 1.5);
    assert_ratio("Friday to Wednesday", weekdays[4], weekdays[2], 0.5);
    let targets: Vec<i64> = events
        .iter()
        .filter_map(|event| match &event.body {
            Body::TargetSet { measure: crate::model::words::TargetMeasure::Mql, value, .. } => Some(*value),
            _ => None,
        })
        .collect();
    let (least, most) = (targets.iter().min().unwrap(), targets.iter().max().unwrap());
    assert!(*most > 2 * least, "{targets:?}");
}

#[test]
fn a_source_brings_nothing_for_ten_days() {
    let scenario = case(Case::SourceOutage, 120, 60);
    let source = |events: &[Event], from: u32, to: u32| {
        count(events, |event| match &event.body {
            Body::LeadCreated { source, .. } => {
                let within = scenario.day(from) <= event.occurred_at && event.occurred_at < scenario.day(to);
                within && source.as_deref() == Some("paid_search")
            }
            _ => false,
        })
    };
    let events = events(&scenario);
    assert_eq!(source(&events, 60, 70), 0);
    assert!(source(&events, 50, 60) > 200 && source(&events, 70, 80) > 200);
    let created: BTreeSet<&Text> = events
        .iter()
        .filter_map(|event| match &event.body {
            Body::LeadCreated { lead_id, .. } => Some(lead_id),
            _ => None,
        })
        .collect();
    let mut mishaps = scenario.clone();
    mishaps.company.mishaps = Mishaps { merged: 0.5, ..Mishaps::none() };
    let told = self::events(&mishaps);
    let is_known = |event: &Event| match &event.body {
        Body::LeadMerged { into, .. } => created.contains(into),
        _ => true,
    };
    assert_eq!(count(&told, is_known), told.len(), "nobody is merged into a lead that never came");
}

#[test]
fn a_wave_merges_a_tenth_of_the_older_leads_in_two_days() {
    let scenario = case(Case::MergeWave, 200, 180);
    let events = events(&scenario);
    let (mut losers, mut survivors) = (BTreeSet::new(), BTreeSet::new());
    for event in &events {
        if let Body::LeadMerged { lead_id, into } = &event.body {
            assert!(scenario.day(180) <= event.occurred_at && event.occurred_at < scenario.day(182));
            losers.insert(lead_id);
            survivors.insert(into);
        }
    }
    assert!(losers.is_disjoint(&survivors));
    // Nearly all of the leads of the first hundred days have had their time.
    let old = leads(&events, &scenario, 0, 180) as usize;
    let share = losers.len() as f64 / old as f64;
    assert!((0.075..0.105).contains(&share), "{share} of {old}");
}

#[test]
fn a_migration_sends_everything_of_the_past_again() {
    for (of, renames) in [(Case::CrmMigration, false), (Case::CrmMigrationNewIds, true)] {
        let mut scenario = Scenario { days: 60, case_day: 40, ..Scenario::in_case(of, 4) };
        scenario.disorder = Disorder::none();
        let mut company = Company::new(scenario.clone()).unwrap();
        let all: Vec<Simulated> = company.by_ref().collect();
        assert!(all.is_sorted_by_key(|record| record.arrival));
        let (from, to) = (scenario.day(40), scenario.day(41));
        let (mut usual, mut again) = (Vec::new(), Vec::new());
        for record in all {
            let Payload::Event(event) = record.payload else { continue };
            match record.arrival == event.occurred_at {
                true => usual.push(event),
                false => {
                    assert!(from <= record.arrival && record.arrival < to);
                    again.push(event);
                }
            }
        }
        let ordinary = Scenario { case: Case::Ordinary, ..scenario };
        assert_eq!(usual, events(&ordinary), "the story goes on as it would have");
        assert!(again.is_sorted_by_key(|event| event.occurred_at));
        let counts = &company.truth().counts;
        assert_eq!(
            (counts.renamed, counts.duplicates),
            match renames {
                true => (again.len() as u64, 0),
                false => (0, again.len() as u64),
            }
        );
        let mut past: Vec<Event> = usual.into_iter().filter(|event| event.occurred_at < from).collect();
        if renames {
            for event in &mut past {
                assert!(event.event_id.starts_with("e-"));
                event.event_id = event.event_id.replacen("e-", "m-", 1).into();
            }
        }
        assert!(again == past, "{of}");
    }
}

#[test]
fn companies_are_of_the_size_that_they_claim() {
    let tiny = Scenario { days: 7 * 52, noise: 0.0, ..Scenario::in_case(Case::Tiny, 2) };
    let created = count(&events(&tiny), |event| event.body.kind() == Kind::LeadCreated) as f64;
    assert!((created / 52.0 - 5.0).abs() < 5.0 * (5.0_f64 / 52.0).sqrt(), "{} a week", created / 52.0);
    let huge = Scenario { days: 5, noise: 0.0, ..Scenario::in_case(Case::Huge, 2) };
    let created = count(&events(&huge), |event| event.body.kind() == Kind::LeadCreated) as f64;
    assert!((created - 10_000.0).abs() < 500.0, "{created}");
}

#[test]
fn sales_works_on_another_continent() {
    let scenario = Scenario { days: 60, ..Scenario::in_case(Case::OtherContinent, 2) };
    let by_sales = |event: &Event| match event.body {
        Body::LeadTouched { team: Team::Sales, automated, .. } => !automated,
        Body::LeadDispositioned { .. } => true,
        _ => false,
    };
    let events = events(&scenario);
    let at_work = |event: &Event| event.occurred_at.0.rem_euclid(DAY_MS) < 8 * HOUR_MS;
    assert!(count(&events, by_sales) > 1_000);
    assert_eq!(count(&events, |event| by_sales(event) && !at_work(event)), 0);
    let company = Company::new(scenario).unwrap();
    let calendars = company.truth().calendars.clone().unwrap();
    assert_eq!((&*calendars.sales.weekdays, &*calendars.marketing.weekdays), ("00:00-08:00", "09:00-17:00"));
}

#[test]
fn an_enterprise_takes_its_time() {
    let mut scenario = Scenario { days: 700, ..case(Case::SlowEnterprise, 700, 0) };
    scenario.company.leads_per_business_day = 60.0;
    let leads = known(&events(&scenario));
    let mqls = mqls(&leads, &scenario, 0, 200);
    let sqls: Vec<&Known> = mqls.iter().filter(|lead| lead.sql.is_some()).collect();
    let to_won: Vec<i64> = sqls.iter().filter_map(|lead| Some(lead.won?.0 - lead.sql.unwrap().0)).collect();
    assert_share("won", to_won.len(), sqls.len(), 0.2, 0.01);
    assert!((70.0..85.0).contains(&median_days(to_won)));
}

#[test]
fn what_is_recorded_nowhere_is_not_there() {
    let told = events(&Scenario { days: 60, ..Scenario::in_case(Case::NoPrograms, 2) });
    let is_program =
        |event: &Event| event.body.kind() > Kind::DealErased || event.body.kind() == Kind::DealContentUsed;
    assert_eq!(count(&told, is_program), 0);
    let told = events(&Scenario { days: 60, ..Scenario::in_case(Case::NoMarketingTouches, 2) });
    let by = |of: Team| {
        count(&told, |event| match event.body {
            Body::LeadTouched { team, .. } | Body::DealTouched { team, .. } => team == of,
            _ => false,
        })
    };
    assert_eq!(by(Team::Marketing), 0);
    assert!(by(Team::Sales) > 1_000);
}

#[test]
fn the_promise_is_just_kept() {
    let mut scenario = Scenario { days: 400, ..Scenario::in_case(Case::EdgeOfPromise, 2) };
    scenario.company.leads_per_business_day = 150.0;
    let leads = known(&events(&scenario));
    let mqls = mqls(&leads, &scenario, 0, 380);
    assert_share("touched in time", count(&mqls, touched_in_time), mqls.len(), 0.955, 0.0);
}

#[test]
fn leads_of_the_night_and_of_weekends_are_called_first_thing() {
    let scenario = case(Case::Overnight, 130, 0);
    let events = events(&scenario);
    let by_day = leads_by_day(&events);
    let of = |wanted: &dyn Fn(i64) -> bool| {
        by_day.iter().filter(|(day, _)| wanted(**day)).map(|(_, n)| *n).sum::<usize>() as f64
    };
    // Days are counted from a Thursday.
    let is_weekend = |day: i64| (day + 3).rem_euclid(7) >= 5;
    assert_ratio("weekends", of(&is_weekend), of(&|day| !is_weekend(day)), 0.4);
    let mqls = mqls(&known(&events), &scenario, 0, 120);
    assert_share("touched in time", count(&mqls, touched_in_time), mqls.len(), 0.975, 0.005);
    let outside =
        count(&mqls, |lead| lead.mql.is_some_and(|at| worked_minutes(at, at.plus_ms(3_600_000)) == 0));
    assert!(outside * 2 > mqls.len(), "{outside} of {}", mqls.len());
}
