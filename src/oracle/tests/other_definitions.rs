//! Definitions that change: from where on they hold, and what is counted under them.

use crate::model::control::Control;
use crate::model::definitions::{DIRECT, Definitions, SourceDefinition};
use crate::model::outcome::Outcome::{Applied, Late};
use crate::model::record::{Came, Holds, LogRecord};
use crate::oracle::{Answer, answer};

use super::support::{
    announcement, assert_table, cells_under, definitions, dimension, log_with, minute, of, record, time,
};

fn answer_with(first: &Definitions, others: &[(&str, &Definitions)], story: &str) -> Answer {
    answer(first, &log_with(first, others, story))
}

fn split_by(keys: &[&str]) -> Definitions {
    let dimensions = keys.iter().map(|key| dimension(&[key])).collect();
    Definitions { dimensions, ..definitions() }
}

fn kept_for(days: Option<u32>, open_days: Option<u32>) -> Definitions {
    Definitions { retention_days: days, open_retention_days: open_days, ..definitions() }
}

/// The switches of a partition, in words.
fn switches(answer: &Answer, partition: usize) -> Vec<String> {
    let switches = &answer.partitions[partition].switches;
    switches.iter().map(|(number, from)| format!("{number} {from:?}")).collect()
}

fn judged(answer: &Answer, boundaries: &[&str]) -> Vec<Option<u32>> {
    boundaries.iter().map(|boundary| answer.judged(minute(boundary))).collect()
}

#[test]
fn at_the_first_boundary_after_t_everything_is_counted_anew_and_nothing_is_withdrawn() {
    let answer = answer_with(
        &definitions(),
        &[("split", &split_by(&["region"]))],
        "2024-03-04T10:00    lead_created L1
         2024-03-04T11:00    progress
         2024-03-04T11:05    announce 2 split
         2024-03-04T10:59:30 lead_created L2 region=north
         2024-03-04T12:00    progress
         2024-03-04T13:00    lead_stage_entered L1 sal
         2024-03-04T14:00    progress",
    );
    assert_eq!(switches(&answer, 0), ["1 never", "2 2024-03-04T11:01"]);
    let boundaries = ["2024-03-04T11:00", "2024-03-04T11:01", "2024-03-04T14:00", "2024-03-04T14:01"];
    assert_eq!(judged(&answer, &boundaries), [Some(1), Some(2), Some(2), None]);
    let seen = |number, boundary| of(&cells_under(&answer, number, boundary), &["entered"]);
    // L2 comes after T = 11:00 and counts from 11:01 on, which is no boundary of the first definitions.
    for boundary in ["2024-03-04T11:00", "2024-03-04T11:01", "2024-03-04T14:00"] {
        assert_table(&seen(1, boundary), "entered_lead 2024-03-04T10:00 = 1");
    }
    assert_table(&seen(2, "2024-03-04T11:00"), "");
    let at_once = "entered_lead 2024-03-04T10:00 = 1
                   entered_lead 2024-03-04T10:59 = 1
                   region=(empty) entered_lead 2024-03-04T10:00 = 1
                   region=north entered_lead 2024-03-04T10:59 = 1";
    assert_table(&seen(2, "2024-03-04T11:01"), at_once);
    let later = "entered_mql 2024-03-04T13:00 = 1
                 entered_sal 2024-03-04T13:00 = 1
                 region=(empty) entered_mql 2024-03-04T13:00 = 1
                 region=(empty) entered_sal 2024-03-04T13:00 = 1";
    assert_table(&seen(2, "2024-03-04T14:00"), &format!("{at_once}\n{later}"));
    assert_table(&seen(3, "2024-03-04T14:00"), "");
}

#[test]
fn sources_hold_from_the_record_on() {
    let source = |name: &str, partitions| SourceDefinition { name: name.into(), partitions };
    let listing = |sources: Vec<SourceDefinition>| Definitions { sources, ..definitions() };
    let with_erp = listing(vec![source("crm", 1), source("erp", 1)]);
    let patient = Definitions { out_of_orderness_ms: 3_600_000, ..listing(vec![source(DIRECT, 1)]) };
    let progress = |source: &str, at: &str| LogRecord {
        timestamp: time(at),
        came: Came::Direct,
        holds: Holds::Control(Control::Progress { source: source.into(), partition: 0, time: time(at) }),
    };
    let direct = |at: &str| LogRecord { came: Came::Direct, ..record(&format!("{at} lead_created L1")) };
    let at = "2024-03-04T09:00";
    let steps = [
        (progress("crm", "2024-03-04T10:00"), "10:00"),
        (announcement(at, 2, &with_erp), "10:00"),
        (progress("crm", "2024-03-04T11:00"), "10:00"),
        (progress("erp", "2024-03-04T10:30"), "10:30"),
        (progress("crm", "2024-03-04T12:00"), "10:30"),
        // crm stands at 12:00: T rises at once, through the S of 10:31.
        (announcement(at, 3, &definitions()), "12:00"),
        // What erp says while it is not listed is remembered.
        (progress("erp", "2024-03-04T12:20"), "12:00"),
        (announcement(at, 4, &with_erp), "12:00"),
        (progress("crm", "2024-03-04T13:00"), "12:20"),
        (progress("erp", "2024-03-04T12:30"), "12:30"),
        // An hour of out-of-orderness holds at once too.
        (announcement(at, 5, &patient), "12:30"),
        (direct("2024-03-04T13:29"), "12:30"),
        (direct("2024-03-04T13:45"), "12:45"),
    ];
    let log: Vec<LogRecord> = steps.iter().map(|(record, _)| record.clone()).collect();
    let answer = answer(&definitions(), &[log]);
    for (i, (_, expected)) in steps.iter().enumerate() {
        let expected = minute(&format!("2024-03-04T{expected}"));
        assert_eq!(answer.partitions[0].times[i], expected, "after step {i}");
    }
    let times = ["2 2024-03-04T10:01", "3 2024-03-04T10:31", "4 2024-03-04T12:01", "5 2024-03-04T12:31"];
    assert_eq!(switches(&answer, 0), [&["1 never"], &times[..]].concat());
}

#[test]
fn what_is_old_or_foreign_is_ignored_and_what_waits_gives_way() {
    let mut wider = definitions();
    wider.event_partitions = 2;
    let mut stranger = definitions();
    stranger.id_key = [8; 16];
    let other_sources = |name: &str| {
        let sources = vec![SourceDefinition { name: name.into(), partitions: 1 }];
        Definitions { sources, ..split_by(&[name]) }
    };
    let (mut lost, mut idle) = (definitions(), definitions());
    lost.zone = "Mars/Olympus".into();
    idle.calendars.values_mut().for_each(|calendar| calendar.weekly = Default::default());
    let (split, low, again) = (split_by(&["region"]), other_sources("low"), other_sources("again"));
    let answer = answer_with(
        &definitions(),
        &[
            ("wider", &wider),
            ("stranger", &stranger),
            ("lost", &lost),
            ("idle", &idle),
            ("split", &split),
            ("low", &low),
            ("again", &again),
        ],
        "2024-03-04T10:00 lead_created L1 region=north
         2024-03-04T10:00 progress
         2024-03-04T10:00 announce 1 again
         2024-03-04T10:00 announce 7 wider
         2024-03-04T10:00 announce 8 stranger
         2024-03-04T10:00 announce 9 lost
         2024-03-04T10:00 announce 9 idle
         2024-03-04T10:00 announce 3 low
         2024-03-04T10:00 announce 2 again
         2024-03-04T10:00 announce 3 again
         2024-03-04T10:00 announce 5 split
         2024-03-04T10:00 announce 4 low
         2024-03-04T11:00 progress
         2024-03-04T11:00 announce 5 again
         2024-03-04T12:00 progress",
    );
    assert_eq!(switches(&answer, 0), ["1 never", "5 2024-03-04T10:01"]);
    assert_eq!(answer.partitions[0].time, minute("2024-03-04T12:00"));
    assert_eq!(answer.partitions[0].counters.control_records, 14);
    assert_table(
        &of(&cells_under(&answer, 5, "2024-03-04T12:00"), &["region", "low", "again"]),
        "region=north entered_lead 2024-03-04T10:00 = 1
         region=north open_lead 2024-03-04T10:00 = 1",
    );
}

#[test]
fn while_t_is_never_others_hold_at_once_and_leave_nothing_out() {
    let answer = answer_with(
        &definitions(),
        &[("short", &kept_for(Some(1), Some(1))), ("split", &split_by(&["region"]))],
        "2024-03-04T10:00 lead_stage_entered L1 sal
         2024-03-04T10:00 announce 2 short
         2024-03-04T10:00 announce 3 split
         2024-03-08T10:00 progress",
    );
    assert_eq!(switches(&answer, 0), ["1 never", "2 never", "3 never"]);
    assert_eq!(judged(&answer, &["2024-03-04T10:00", "2024-03-08T10:00"]), [Some(3), Some(3)]);
    assert_table(&cells_under(&answer, 1, "2024-03-08T10:00"), "");
    assert_table(&cells_under(&answer, 2, "2024-03-08T10:00"), "");
    assert_table(
        &of(&cells_under(&answer, 3, "2024-03-08T10:00"), &["entered_sal"]),
        "entered_sal 2024-03-04T10:00 = 1
         region=(empty) entered_sal 2024-03-04T10:00 = 1",
    );
}

#[test]
fn lateness_goes_by_the_definitions_in_force() {
    let answer = answer_with(
        &definitions(),
        &[("short", &kept_for(Some(1), Some(1)))],
        "2024-03-04T10:00 progress
         2024-03-04T10:00 announce 2 short
         2024-03-03T09:00 lead_created L1
         2024-03-04T10:01 progress
         2024-03-03T09:00 lead_created L2",
    );
    let outcomes: Vec<_> = answer.partitions[0].outcomes.iter().copied().flatten().collect();
    assert_eq!(outcomes, [Applied, Late]);
}

#[test]
fn a_generation_says_nothing_of_what_is_older_than_its_cut() {
    // S = 20 March 10:01, of which ten days before is 10 March 10:01, and the first definitions keep ten days.
    // The third keep thirty days, which reaches further back: the cut stays. S = 21 March 10:01 of the fourth,
    // less five days: 16 March. L1 is open all the while.
    let answer = answer_with(
        &kept_for(Some(10), Some(20)),
        &[("all", &definitions()), ("month", &kept_for(Some(30), None)), ("week", &kept_for(Some(5), None))],
        "2024-03-09T10:00    lead_created L1
         2024-03-10T10:00:59 lead_stage_entered L1 mql
         2024-03-10T10:01    lead_stage_entered L1 sal
         2024-03-20T10:00    progress
         2024-03-20T10:00    announce 2 all
         2024-03-20T11:00    progress
         2024-03-20T11:00    announce 3 month
         2024-03-21T10:00    progress
         2024-03-21T10:00    announce 4 week
         2024-03-21T11:00    lead_stage_entered L1 sql
         2024-03-21T12:00    progress",
    );
    let stages = ["entered", "implied", "converted", "open"];
    let seen = |number, boundary| of(&cells_under(&answer, number, boundary), &stages);
    let since_the_cut = "entered_sal 2024-03-10T10:01 = 1\nopen_sal 2024-03-10T10:01 = 1";
    assert_table(
        &seen(1, "2024-03-20T10:00"),
        &format!(
            "entered_lead 2024-03-09T10:00 = 1
             entered_mql 2024-03-10T10:00 = 1
             converted_lead_to_mql 2024-03-09T10:00/1 = 1
             converted_mql_to_sal 2024-03-10T10:00 = 1
             {since_the_cut}"
        ),
    );
    assert_table(&seen(2, "2024-03-20T10:01"), since_the_cut);
    assert_table(&seen(3, "2024-03-21T10:00"), since_the_cut);
    assert_table(&seen(4, "2024-03-21T10:01"), "");
    // What is left out is not forgotten: the lead entered sal before sql.
    assert_table(
        &seen(4, "2024-03-21T12:00"),
        "entered_sql 2024-03-21T11:00 = 1\nopen_sql 2024-03-21T11:00 = 1",
    );
    assert_eq!(answer.partitions[0].counters.journeys_freed, 0);
}

#[test]
fn what_was_freed_before_is_not_counted_again() {
    // Of S = Tuesday 10:01 the cut is Monday 10:01. "old", with a miss of Monday 13:00, was freed at 9:01.
    // Of S = Wednesday 10:01 the cut is Tuesday 10:01. "edge" is freed at that very boundary: it contributes its
    // miss of Tuesday 13:30, and no open stage.
    let answer = answer_with(
        &kept_for(Some(1), Some(1)),
        &[("all", &definitions()), ("short", &kept_for(Some(1), Some(1)))],
        "2024-03-04T09:00 lead_stage_entered old mql
         2024-03-04T10:30 lead_touched young sales
         2024-03-05T09:30 lead_stage_entered edge mql
         2024-03-05T10:00 progress
         2024-03-05T10:00 announce 2 all
         2024-03-06T10:00 progress
         2024-03-06T10:00 announce 3 short
         2024-03-06T11:00 progress",
    );
    let seen = |number, boundary| {
        of(&cells_under(&answer, number, boundary), &["touches", "missed", "entered_mql", "open"])
    };
    assert_table(
        &seen(1, "2024-03-05T10:00"),
        "entered_mql 2024-03-04T09:00 = 1
         first_touch_missed[unassigned] 2024-03-04T13:00 = 1
         touches_sales 2024-03-04T10:30 = 1
         entered_mql 2024-03-05T09:30 = 1
         open_mql 2024-03-05T09:30 = 1",
    );
    let young = "touches_sales 2024-03-04T10:30 = 1";
    let edge = "entered_mql 2024-03-05T09:30 = 1\nopen_mql 2024-03-05T09:30 = 1";
    let missed = "first_touch_missed[unassigned] 2024-03-05T13:30 = 1";
    assert_table(&seen(2, "2024-03-05T10:01"), &format!("{young}\n{edge}"));
    assert_table(&seen(2, "2024-03-06T10:00"), &format!("{young}\n{edge}\n{missed}"));
    assert_table(&seen(3, "2024-03-06T10:01"), missed);
    assert_table(&seen(3, "2024-03-06T11:00"), missed);
    assert_eq!(answer.partitions[0].counters.journeys_freed, 3);
}

#[test]
fn program_facts_have_no_cut() {
    let answer = answer_with(
        &kept_for(Some(1), Some(1)),
        &[("split", &split_by(&["region"]))],
        "2024-02-01T10:00 content_published guide
         2024-03-04T10:00 progress
         2024-03-04T10:00 announce 2 split
         2024-03-04T10:30 content_published whitepaper
         2024-03-04T11:00 progress",
    );
    let emitted = |number, boundary| answer.programs(number, minute(boundary)).len();
    assert_eq!(emitted(1, "2024-03-04T11:00"), 1);
    assert_eq!(emitted(2, "2024-03-04T10:00"), 0);
    assert_eq!(emitted(2, "2024-03-04T10:01"), 1);
    assert_eq!(emitted(2, "2024-03-04T11:00"), 2);
}

#[test]
fn the_id_behind_evidence_is_told_again_with_the_first_boundary() {
    let answer = answer_with(
        &definitions(),
        &[("split", &split_by(&["region"])), ("short", &kept_for(Some(1), Some(9)))],
        "2024-03-04T10:00 lead_dispositioned L1 rejected
         2024-03-05T11:00 progress
         2024-03-05T11:00 announce 2 split
         2024-03-05T12:00 progress
         2024-03-05T12:00 announce 3 short
         2024-03-05T13:00 progress",
    );
    let ids = |number, boundary| {
        let evidence = answer.evidence(number, minute(boundary)).into_iter();
        evidence.map(|(e, n)| format!("{} {} = {n}", e.id, e.segments.join(" "))).collect::<Vec<_>>()
    };
    assert_eq!(ids(1, "2024-03-05T11:00"), ["L1 all = 1"]);
    assert_eq!(ids(2, "2024-03-05T11:00"), [""; 0]);
    assert_eq!(ids(2, "2024-03-05T11:01"), ["L1 all region=(empty) = 1"]);
    assert_eq!(ids(3, "2024-03-05T13:00"), [""; 0]);
}

#[test]
fn a_promise_that_changes_is_judged_anew_for_everyone() {
    let mut hasty = definitions();
    hasty.rules.first_touch_slo.as_mut().expect("it is on").within_minutes = 60;
    let mut silent = definitions();
    silent.rules.first_touch_slo = None;
    let answer = answer_with(
        &definitions(),
        &[("hasty", &hasty), ("silent", &silent)],
        "2024-03-04T09:00 lead_stage_entered L1 mql
         2024-03-04T11:00 lead_touched L1 sales
         2024-03-04T13:00 lead_stage_entered L2 mql
         2024-03-04T13:30 progress
         2024-03-04T13:30 announce 2 hasty
         2024-03-04T15:00 progress
         2024-03-04T15:00 announce 3 silent
         2024-03-04T16:00 progress",
    );
    let seen =
        |number, boundary| of(&cells_under(&answer, number, boundary), &["first_touch_m", "delay_total"]);
    // 7200 seconds lie in bucket 224.
    let delay = "first_touch_delay_total 2024-03-04T11:00/224 = 1";
    let met = "first_touch_met 2024-03-04T13:00 = 1";
    let missed = "first_touch_missed[unassigned] 2024-03-04T10:00 = 1";
    let late = "first_touch_missed[unassigned] 2024-03-04T14:00 = 1";
    assert_table(&seen(1, "2024-03-04T13:30"), &format!("{delay}\n{met}"));
    assert_table(&seen(2, "2024-03-04T13:31"), &format!("{delay}\n{missed}"));
    assert_table(&seen(2, "2024-03-04T15:00"), &format!("{delay}\n{missed}\n{late}"));
    assert_table(&seen(3, "2024-03-04T16:00"), delay);
}

#[test]
fn erased_rows_keep_the_segments_that_there_still_are() {
    // L2's erasure takes effect at the very S of the second definitions, under which it is resolved.
    let answer = answer_with(
        &split_by(&["source", "region"]),
        &[("region", &split_by(&["region", "campaign_id"])), ("source", &split_by(&["source", "region"]))],
        "2024-03-04T10:00    lead_created L1 source=ads region=north campaign_id=spring
         2024-03-04T10:05    lead_created L2 source=ads region=north campaign_id=spring
         2024-03-04T10:30    lead_erased L1
         2024-03-04T11:00    progress
         2024-03-04T11:00    announce 2 region
         2024-03-04T11:00:30 lead_erased L2
         2024-03-04T12:00    progress
         2024-03-04T12:00    announce 3 source
         2024-03-04T13:00    progress",
    );
    let seen = |number, boundary| of(&cells_under(&answer, number, boundary), &["= 1", "= 2"]);
    let segmented = |number, boundary| {
        let lines = of(&seen(number, boundary), &["entered_lead"]);
        lines.into_iter().filter(|line| line.contains(" entered")).collect::<Vec<String>>()
    };
    assert_table(
        &segmented(1, "2024-03-04T11:00"),
        "region=north entered_lead 2024-03-04T10:00 = 1
         region=north entered_lead 2024-03-04T10:05 = 1
         source=ads entered_lead 2024-03-04T10:00 = 1
         source=ads entered_lead 2024-03-04T10:05 = 1",
    );
    assert_table(
        &segmented(2, "2024-03-04T12:00"),
        "region=north entered_lead 2024-03-04T10:00 = 1
         region=north entered_lead 2024-03-04T10:05 = 1
         campaign_id=(empty) entered_lead 2024-03-04T10:00 = 1
         campaign_id=spring entered_lead 2024-03-04T10:05 = 1",
    );
    // In the dimensions that there were at its erasure a row has the segments that it had then.
    assert_table(
        &segmented(3, "2024-03-04T13:00"),
        "region=north entered_lead 2024-03-04T10:00 = 1
         region=north entered_lead 2024-03-04T10:05 = 1
         source=ads entered_lead 2024-03-04T10:00 = 1
         source=(empty) entered_lead 2024-03-04T10:05 = 1",
    );
}

#[test]
fn boundaries_that_are_counted_under_different_numbers_are_not_judged() {
    // murmur2 puts "foobar" into partition 0 of 2 and "abc" into 1. The second partition never hears of 3.
    let mut first = definitions();
    first.event_partitions = 2;
    let answer = answer_with(
        &first,
        &[("same", &first)],
        "2024-03-04T09:00 lead_touched foobar sales
         2024-03-04T09:30 lead_touched abc sales
         2024-03-04T10:00 progress
         2024-03-04T10:00 announce 2 same to=0
         2024-03-04T10:30 progress
         2024-03-04T10:30 announce 2 same to=1
         2024-03-04T11:00 progress
         2024-03-04T11:00 announce 3 same to=0
         2024-03-04T11:10 progress
         2024-03-04T11:05 lead_touched foobar sales
         2024-03-04T11:10 announce 4 same to=0
         2024-03-04T11:20 progress
         2024-03-04T11:20 announce 4 same to=1
         2024-03-04T11:30 progress to=0
         2024-03-04T12:00 progress to=1",
    );
    assert_eq!(
        switches(&answer, 0),
        ["1 never", "2 2024-03-04T10:01", "3 2024-03-04T11:01", "4 2024-03-04T11:11"]
    );
    assert_eq!(switches(&answer, 1), ["1 never", "2 2024-03-04T10:31", "4 2024-03-04T11:21"]);
    let hour = |minutes: &[i32]| {
        let at = |&minute_of_hour: &i32| answer.judged(minute("2024-03-04T10:00").plus(minute_of_hour));
        minutes.iter().map(at).collect::<Vec<Option<u32>>>()
    };
    assert_eq!(hour(&[0, 1, 30, 31, 60]), [Some(1), None, None, Some(2), Some(2)]);
    assert_eq!(hour(&[61, 70, 71, 80, 81, 90, 91]), [None, None, None, None, Some(4), Some(4), None]);
    // Under a number a partition stands as it stood when it left that number behind.
    let foobar = "touches_sales 2024-03-04T09:00 = 1";
    let abc = "touches_sales 2024-03-04T09:30 = 1";
    let late = "touches_sales 2024-03-04T11:05 = 1";
    let seen = |number, boundary| cells_under(&answer, number, boundary);
    assert_table(&seen(2, "2024-03-04T10:30"), foobar);
    assert_table(&seen(2, "2024-03-04T12:00"), &format!("{foobar}\n{abc}"));
    assert_table(&seen(3, "2024-03-04T12:00"), foobar);
    assert_table(&seen(4, "2024-03-04T11:11"), &format!("{foobar}\n{late}"));
    assert_table(&seen(4, "2024-03-04T11:21"), &format!("{foobar}\n{abc}\n{late}"));
}
