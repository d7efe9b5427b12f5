//! Alerts while definitions change: which end, which live on, and by what they are judged then.

use crate::model::alert::{AlertState, Severity};
use crate::model::definitions::{
    BurnWindow, Definitions, Divergence, DivergenceBaseline, FirstTouchSlo, Millionths,
};
use crate::model::words::Step;
use crate::oracle::{Answer, answer};

use super::support::{definitions, dimension, log_with, slo, told};

fn answer_with(first: &Definitions, others: &[(&str, &Definitions)], story: &str) -> Answer {
    answer(first, &log_with(first, others, story))
}

/// The numbers under which the messages were judged.
fn numbers(answer: &Answer) -> Vec<u32> {
    answer.alerts.iter().map(|alert| alert.definitions_version).collect()
}

/// When, what, which, under which number.
fn spoken(answer: &Answer) -> Vec<String> {
    let line = |alert: &crate::model::alert::Alert| {
        let state = if alert.state == AlertState::Firing { "firing" } else { "resolved" };
        let at = &alert.at.rfc3339()[5..16];
        format!("{at} {state} {} {} {}", alert.rule, alert.segment, alert.definitions_version)
    };
    answer.alerts.iter().map(line).collect()
}

fn divergence() -> Divergence {
    Divergence {
        step: Step::MqlToSql,
        horizon_days: 1,
        baseline_days: 28,
        detect_days: 5,
        volume_factor: Millionths(1_300_000),
        quality_factor: Millionths(700_000),
        min_n: 5,
        alerts_per_month: Millionths(100_000),
        clear_days: 2,
        baseline: Some(DivergenceBaseline { mqls_per_business_day: 1.0, conversion: 0.5 }),
    }
}

fn ruled_by(first_touch_slo: Option<FirstTouchSlo>, divergence: Option<Divergence>) -> Definitions {
    let mut definitions = definitions();
    definitions.rules.first_touch_slo = first_touch_slo;
    definitions.rules.divergence = divergence;
    definitions
}

/// Of six leads one is touched in time; the others' deadlines pass from 13:00 to 13:04. See `first_touch_rule`.
const FIVE_OF_SIX: &str = "2024-03-04T09:00 lead_stage_entered L0 mql
    2024-03-04T09:00 lead_stage_entered L1 mql
    2024-03-04T09:01 lead_stage_entered L2 mql
    2024-03-04T09:02 lead_stage_entered L3 mql
    2024-03-04T09:03 lead_stage_entered L4 mql
    2024-03-04T09:04 lead_stage_entered L5 mql
    2024-03-04T12:00 lead_touched L0 sales\n";

/// Twenty leads on Monday, as many as in a month, of which none converts. See `divergence_rule`.
fn monday() -> String {
    let entered = (0..20).map(|i| format!("2024-03-04T09:{i:02} lead_stage_entered L{i} mql\n"));
    entered.collect::<String>() + "2024-03-04T11:00 lead_dispositioned L19 rejected\n"
}

#[test]
fn an_alert_whose_rule_is_off_ends_with_the_figures_told_last() {
    let off = ruled_by(None, None);
    let story = FIVE_OF_SIX.to_owned()
        + "2024-03-04T14:00 progress
           2024-03-04T14:00 announce 2 off
           2024-03-05T16:00 progress";
    let answer = answer_with(&definitions(), &[("off", &off)], &story);
    assert_eq!(
        told(&answer),
        [
            "03-04T13:15 firing page all since 03-04T13:05: 0.1667 of 6 from 03-01T13:00 to 03-04T13:15, \
             sales, L5 L4 L3",
            "03-04T14:01 resolved page all since 03-04T13:05: 0.1667 of 6 from 03-01T13:00 to 03-04T13:15, \
             sales, L5 L4 L3",
        ]
    );
    assert_eq!(numbers(&answer), [1, 2]);
    assert_eq!(answer.alerts[0].fingerprint, answer.alerts[1].fingerprint);
}

#[test]
fn an_alert_lives_on_and_is_judged_by_the_others() {
    // The same promise, but the other windows are for the record only, and two ids are enough. It resolves as
    // it would have, and it is still the page that was told.
    let mut others = definitions();
    let quiet = |window: &BurnWindow| BurnWindow { severity: Severity::Info, ..window.clone() };
    let windows = slo().windows.iter().map(quiet).collect();
    others.rules.first_touch_slo = Some(FirstTouchSlo { windows, ..slo() });
    others.limits.evidence_ids = 2;
    let story = FIVE_OF_SIX.to_owned()
        + "2024-03-04T14:00 progress
           2024-03-04T14:00 announce 2 quiet
           2024-03-05T16:00 progress";
    let answer = answer_with(&definitions(), &[("quiet", &others)], &story);
    assert_eq!(
        told(&answer),
        [
            "03-04T13:15 firing page all since 03-04T13:05: 0.1667 of 6 from 03-01T13:00 to 03-04T13:15, \
             sales, L5 L4 L3",
            "03-05T13:00 resolved page all since 03-04T13:05: 0.1667 of 6 from 02-29T13:00 to 03-05T13:00, \
             sales, L5 L4",
        ]
    );
    assert_eq!(numbers(&answer), [1, 2]);
}

#[test]
fn a_severity_that_rises_under_others_is_told() {
    let with = |severity| {
        let loud = |window: &BurnWindow| BurnWindow { severity, ..window.clone() };
        let windows = slo().windows.iter().map(loud).collect();
        ruled_by(Some(FirstTouchSlo { windows, ..slo() }), None)
    };
    let (ticket, page) = (with(Severity::Ticket), with(Severity::Page));
    let story = FIVE_OF_SIX.to_owned()
        + "2024-03-04T14:00 progress
           2024-03-04T14:00 announce 2 page
           2024-03-04T15:00 progress";
    let answer = answer_with(&ticket, &[("page", &page)], &story);
    assert_eq!(
        spoken(&answer),
        ["03-04T13:15 firing first_touch_slo all 1", "03-04T14:05 firing first_touch_slo all 2"]
    );
    assert_eq!(answer.alerts[1].severity, Severity::Page);
}

#[test]
fn a_pending_alert_ends_without_a_word() {
    // Pending since 13:05. Off at 13:11, on again at 13:21: pending since 13:25, firing at 13:35.
    let off = ruled_by(None, None);
    let on = definitions();
    let story = FIVE_OF_SIX.to_owned()
        + "2024-03-04T13:10 progress
           2024-03-04T13:10 announce 2 off
           2024-03-04T13:20 progress
           2024-03-04T13:20 announce 3 on
           2024-03-04T14:00 progress";
    let answer = answer_with(&on, &[("off", &off), ("on", &on)], &story);
    assert_eq!(spoken(&answer), ["03-04T13:35 firing first_touch_slo all 3"]);
    assert_eq!(answer.alerts[0].since.rfc3339(), "2024-03-04T13:25:00.000Z");
}

#[test]
fn a_pending_alert_outlives_boundaries_that_are_not_judged() {
    // Pending since 13:05. From 13:11 to 13:20 the two partitions count under different numbers, so that the
    // first judged boundary at which it has held for ten minutes is 13:25.
    let mut first = definitions();
    first.event_partitions = 2;
    let story = FIVE_OF_SIX.to_owned()
        + "2024-03-04T13:10 progress
           2024-03-04T13:10 announce 2 same to=0
           2024-03-04T13:20 progress
           2024-03-04T13:20 announce 2 same to=1
           2024-03-04T14:00 progress";
    let answer = answer_with(&first, &[("same", &first)], &story);
    assert_eq!(
        told(&answer),
        ["03-04T13:25 firing page all since 03-04T13:05: 0.1667 of 6 from 03-01T13:00 to 03-04T13:25, \
          sales, L5 L4 L3"]
    );
    assert_eq!(numbers(&answer), [2]);
}

#[test]
fn alerts_of_segments_that_are_made_no_longer_end_by_name() {
    // In the east and in the north five of six are missed; with sixty of the south touched in time, it is ten of
    // 72 in all, of a budget of 5 % less than three times.
    let created =
        |id: &str, region: &str| format!("2024-03-04T08:00 lead_created {id} region={region} source=ads\n");
    let mut story = String::new();
    for region in ["north", "east"] {
        for i in 0..6 {
            let id = format!("{region}{i}");
            story += &created(&id, region);
            story += &format!("2024-03-04T09:0{i} lead_stage_entered {id} mql\n");
        }
        story += &format!("2024-03-04T12:00 lead_touched {region}0 sales\n");
    }
    for i in 0..60 {
        let id = format!("south{i}");
        story += &created(&id, "south");
        story += &format!("2024-03-04T09:00 lead_stage_entered {id} mql\n");
        story += &format!("2024-03-04T12:00 lead_touched {id} sales\n");
    }
    story += "2024-03-04T14:00 progress
              2024-03-04T14:00 announce 2 both
              2024-03-04T14:10 progress
              2024-03-04T14:10 announce 3 source
              2024-03-04T15:00 progress";
    let by = |all: &[&[&str]]| Definitions {
        dimensions: all.iter().map(|keys| dimension(keys)).collect(),
        ..definitions()
    };
    let (region, source) = (by(&[&["region"]]), by(&[&["source"], &["source", "region"]]));
    let both = by(&[&["source"], &["region"]]);
    let answer = answer_with(&region, &[("both", &both), ("source", &source)], &story);
    // The others make new alerts, which begin like any: pending at 14:15.
    assert_eq!(
        spoken(&answer),
        [
            "03-04T13:15 firing first_touch_slo region=east 1",
            "03-04T13:15 firing first_touch_slo region=north 1",
            "03-04T14:11 resolved first_touch_slo region=east 3",
            "03-04T14:11 resolved first_touch_slo region=north 3",
            "03-04T14:25 firing first_touch_slo source=ads,region=east 3",
            "03-04T14:25 firing first_touch_slo source=ads,region=north 3",
        ]
    );
}

#[test]
fn endings_come_in_the_order_of_rules() {
    // A promise over weeks, so that Monday's misses still burn on Wednesday.
    let long = BurnWindow {
        long_minutes: 4_800,
        short_minutes: 2_400,
        burn: Millionths(1_000_000),
        severity: Severity::Ticket,
        gate: None,
    };
    let patient = FirstTouchSlo { windows: vec![long], ..slo() };
    let (on, off) = (ruled_by(Some(patient), Some(divergence())), ruled_by(None, None));
    let story = monday()
        + "2024-03-04T10:00 lead_touched L0 sales
           2024-03-06T10:00 progress
           2024-03-06T10:00 announce 2 off
           2024-03-06T11:00 progress";
    let answer = answer_with(&on, &[("off", &off)], &story);
    assert_eq!(
        spoken(&answer),
        [
            "03-04T13:15 firing first_touch_slo all 1",
            "03-06T09:00 firing divergence all 1",
            "03-06T10:01 resolved first_touch_slo all 2",
            "03-06T10:01 resolved divergence all 2",
        ]
    );
}

#[test]
fn endings_come_before_what_is_said_at_the_same_boundary() {
    // Monday's leads are touched in time; six of Wednesday are not, pending since 13:05, which is to be told at
    // 13:15, the very boundary at which the other rule is off.
    let (on, off) = (ruled_by(Some(slo()), Some(divergence())), definitions());
    let mut story = monday();
    for i in 0..20 {
        story += &format!("2024-03-04T10:00 lead_touched L{i} sales\n");
    }
    story += &FIVE_OF_SIX.replace("2024-03-04", "2024-03-06").replace(" L", " W");
    story += "2024-03-06T13:14 progress
              2024-03-06T13:14 announce 2 off
              2024-03-06T14:00 progress";
    let answer = answer_with(&on, &[("off", &off)], &story);
    assert_eq!(
        spoken(&answer),
        [
            "03-06T09:00 firing divergence all 1",
            "03-06T13:15 resolved divergence all 2",
            "03-06T13:15 firing first_touch_slo all 2",
        ]
    );
}

#[test]
fn what_is_set_holds_at_once_and_the_first_day_stays_frozen() {
    // By a hundred a day and two days of detection nothing would have begun. What began is judged by that baseline, and
    // from its own first day on.
    let baseline = Some(DivergenceBaseline { mqls_per_business_day: 100.0, conversion: 0.9 });
    let others = ruled_by(None, Some(Divergence { baseline, detect_days: 2, ..divergence() }));
    let story = monday()
        + "2024-03-06T10:00 progress
           2024-03-06T10:00 announce 2 others
           2024-03-07T10:00 progress";
    let answer = answer_with(&ruled_by(None, Some(divergence())), &[("others", &others)], &story);
    assert_eq!(
        told(&answer),
        [
            "03-06T09:00 firing ticket all since 03-06T09:00: 0.0000 of 20 from 03-04T00:00 to 03-06T00:00, \
             marketing, L19 L18 L17",
            "03-07T09:00 resolved ticket all since 03-06T09:00: 0.0000 of 20 from 03-01T00:00 to 03-07T00:00, \
             marketing, L19 L18 L17",
        ]
    );
    assert_eq!(numbers(&answer), [1, 2]);
    assert_eq!((answer.alerts[1].threshold, answer.alerts[1].baseline), (0.9, Some(0.9)));
}

#[test]
fn what_follows_from_the_frozen_baseline_follows_by_the_others() {
    // Two leads a day after Monday: more than k = 0.3 / ln 1.3 = 1.14 of a factor of 1.3, less than
    // k = 9 / ln 10 = 3.91 of a factor of 10. Quality is as bad as before.
    let rarely = Divergence { volume_factor: Millionths(10_000_000), ..divergence() };
    let on = ruled_by(None, Some(divergence()));
    let story = monday()
        + "2024-03-05T10:00 lead_stage_entered T1 mql
           2024-03-05T10:00 lead_stage_entered T2 mql
           2024-03-06T10:00 lead_stage_entered W1 mql
           2024-03-06T10:00 lead_stage_entered W2 mql
           2024-03-06T11:00 progress
           2024-03-06T11:00 announce 2 others
           2024-03-07T10:00 progress";
    let same = answer_with(&on, &[("others", &on)], &story);
    assert_eq!(spoken(&same), ["03-06T09:00 firing divergence all 1"]);
    let answer = answer_with(&on, &[("others", &ruled_by(None, Some(rarely)))], &story);
    assert_eq!(
        spoken(&answer),
        ["03-06T09:00 firing divergence all 1", "03-07T09:00 resolved divergence all 2"]
    );
}

#[test]
fn days_that_an_alert_has_told_are_not_told_again_under_others() {
    // On Friday the five days before still hold Monday, but since the end of the alert Thursday is the first
    // day, even if the rule was off in between.
    let (on, off) = (ruled_by(None, Some(divergence())), ruled_by(None, None));
    let first = "03-06T09:00 firing divergence all 1";
    let end = "03-07T09:00 resolved divergence all 1";
    let story = monday()
        + "2024-03-07T10:00 progress
           2024-03-07T10:00 announce 2 on
           2024-03-08T10:00 progress";
    let answer = answer_with(&on, &[("on", &on)], &story);
    assert_eq!(spoken(&answer), [first, end]);
    let story = monday()
        + "2024-03-07T10:00 progress
           2024-03-07T10:00 announce 2 off
           2024-03-07T11:00 progress
           2024-03-07T11:00 announce 3 on
           2024-03-08T10:00 progress";
    let answer = answer_with(&on, &[("on", &on), ("off", &off)], &story);
    assert_eq!(spoken(&answer), [first, end]);
}

#[test]
fn a_segment_of_which_nothing_is_counted_any_more_reads_as_empty() {
    // One day is kept: of S = Wednesday 10:01 the cut is Tuesday 10:01, and Monday's leads are left out.
    let mut short = ruled_by(None, Some(divergence()));
    short.retention_days = Some(1);
    let story = monday()
        + "2024-03-06T10:00 progress
           2024-03-06T10:00 announce 2 short
           2024-03-07T10:00 progress";
    let answer = answer_with(&ruled_by(None, Some(divergence())), &[("short", &short)], &story);
    assert_eq!(
        told(&answer),
        [
            "03-06T09:00 firing ticket all since 03-06T09:00: 0.0000 of 20 from 03-04T00:00 to 03-06T00:00, \
             marketing, L19 L18 L17",
            "03-07T09:00 resolved ticket all since 03-06T09:00: 0.0000 of 0 from 03-01T00:00 to 03-07T00:00, \
             marketing, ",
        ]
    );
}
