//! Time, identity, lateness, and where each record ends.

use crate::model::Minute;
use crate::model::control::Control;
use crate::model::definitions::{DIRECT, Definitions, SourceDefinition};
use crate::model::outcome::Outcome::{self, Applied, DeadLetter, Duplicate, Forwarded, Ignored, Late};
use crate::model::record::{Came, Holds, LogRecord};
use crate::oracle::{Demanded, answer};

use super::support::{answer_to, assert_table, cells, definitions, minute, of, record, time};

fn direct(definitions: &mut Definitions) {
    definitions.sources.push(SourceDefinition { name: DIRECT.into(), partitions: 3 });
}

#[test]
fn time_is_the_smallest_of_the_listed_sources() {
    let mut definitions = definitions();
    definitions.sources[0].partitions = 2;
    direct(&mut definitions);
    let progress = |source: &str, partition, at: &str| LogRecord {
        timestamp: time(at),
        came: Came::Direct,
        holds: Holds::Control(Control::Progress { source: source.into(), partition, time: time(at) }),
    };
    let event = |came, at: &str, arrived: &str| LogRecord {
        timestamp: time(arrived),
        came,
        holds: record(&format!("{at} lead_created L1")).holds,
    };
    let steps = [
        (progress("crm", 0, "2024-03-04T10:00"), "never"),
        (event(Came::Direct, "2024-03-04T10:00", "2024-03-04T10:00"), "never"),
        (progress("crm", 7, "2024-03-04T10:00"), "never"),
        (progress("erp", 1, "2024-03-04T10:00"), "never"),
        // direct stands at 09:59:30.
        (progress("crm", 1, "2024-03-04T10:00"), "2024-03-04T09:59"),
        // An intake's event, a forwarded one, and one from the future raise nothing.
        (
            event(Came::Intake { source: "crm".into() }, "2024-03-04T11:00", "2024-03-04T11:00"),
            "2024-03-04T09:59",
        ),
        (event(Came::Forwarded, "2024-03-04T11:00", "2024-03-04T11:00"), "2024-03-04T09:59"),
        (event(Came::Direct, "2024-03-04T11:05:00.001", "2024-03-04T11:00"), "2024-03-04T09:59"),
        (event(Came::Direct, "2024-03-04T11:05", "2024-03-04T11:00"), "2024-03-04T10:00"),
        // Times only rise.
        (progress("crm", 1, "2024-03-04T09:00"), "2024-03-04T10:00"),
        (progress("crm", 1, "2024-03-04T12:00:59"), "2024-03-04T10:00"),
        (progress("crm", 0, "2024-03-04T12:00:59"), "2024-03-04T11:04"),
        (progress(DIRECT, 2, "2024-03-04T13:00"), "2024-03-04T12:00"),
    ];
    let log: Vec<LogRecord> = steps.iter().map(|(record, _)| record.clone()).collect();
    let answer = answer(&definitions, &[log]);
    for (i, (_, expected)) in steps.iter().enumerate() {
        let expected = if *expected == "never" { Minute::MIN } else { minute(expected) };
        assert_eq!(answer.partitions[0].times[i], expected, "after step {i}");
    }
    assert_eq!(answer.partitions[0].counters.future_skew, 1);
    assert_eq!(answer.partitions[0].counters.forwarded_copies, 1);
}

#[test]
fn a_fact_counts_from_the_first_boundary_after_it_and_after_t() {
    let definitions = definitions();
    let answer = answer_to(
        &definitions,
        "2024-03-04T10:00    lead_created L1
         2024-03-04T11:00    progress
         2024-03-04T10:30:10 lead_stage_entered L1 sal
         2024-03-04T12:00:00 lead_stage_entered L1 sql",
    );
    let sal = |boundary| of(&cells(&answer, boundary), &["entered_sal"]);
    assert_table(&of(&cells(&answer, "2024-03-04T10:00"), &["entered"]), "");
    assert_table(&of(&cells(&answer, "2024-03-04T10:01"), &["entered"]), "entered_lead 2024-03-04T10:00 = 1");
    assert_table(&sal("2024-03-04T11:00"), "");
    assert_table(&sal("2024-03-04T11:01"), "entered_sal 2024-03-04T10:30 = 1");
    assert_table(&of(&cells(&answer, "2024-03-04T12:00"), &["entered_sql"]), "");
    assert_table(
        &of(&cells(&answer, "2024-03-04T12:01"), &["entered_sql"]),
        "entered_sql 2024-03-04T12:00 = 1",
    );
}

#[test]
fn the_same_identity_again_keeps_the_smaller_encoding() {
    let definitions = definitions();
    // Texts are encoded with their length first: the shorter reason is the smaller content.
    let story = "2024-03-04T10:00 lead_dispositioned L1 rejected reason=budget id=a
         2024-03-04T10:30 progress
         2024-03-04T10:00 lead_dispositioned L1 rejected reason=budget id=a
         2024-03-04T10:00 lead_dispositioned L1 rejected reason=not_budget id=a
         2024-03-04T10:00 lead_dispositioned L1 rejected reason=fit id=a
         2024-03-04T10:00 lead_dispositioned L1 rejected reason=budget id=a
         2024-03-04T10:00 lead_dispositioned L2 rejected reason=budget id=a";
    let answer = answer_to(&definitions, story);
    let partition = &answer.partitions[0];
    let outcomes: Vec<Outcome> = partition.outcomes.iter().copied().flatten().collect();
    assert_eq!(outcomes, [Applied, Duplicate, Duplicate, Duplicate, Duplicate, Applied]);
    assert_eq!(partition.counters.conflicting, 3);
    let verdicts = |boundary| of(&cells(&answer, boundary), &["verdicts"]);
    assert_table(&verdicts("2024-03-04T10:30"), "verdicts_rejected[budget] 2024-03-04T10:00 = 1");
    assert_table(
        &verdicts("2024-03-04T10:31"),
        "verdicts_rejected[budget] 2024-03-04T10:00 = 1
         verdicts_rejected[fit] 2024-03-04T10:00 = 1",
    );
}

#[test]
fn every_record_ends_once() {
    let mut definitions = definitions();
    definitions.retention_days = Some(10);
    definitions.event_partitions = 2;
    // murmur2 puts "foobar" (-790332482) into partition 0 of 2 and "21" (-973932308) into 0 too; "abc"
    // (479470107) into 1.
    let log: Vec<LogRecord> = [
        "2024-03-04T10:00    lead_created foobar id=a",
        "2024-03-04T10:00    lead_created foobar id=a",
        "2024-03-04T10:00    lead_created abc",
        "2024-03-04T10:00    unreadable",
        "2024-03-04T10:00    progress",
        "2024-02-23T09:59:59 lead_touched foobar sales",
        "2024-02-23T10:00    lead_touched foobar sales",
        "2024-03-04T10:00    tombstone abc",
        "2024-03-04T10:00    tombstone 21",
        "2024-03-04T10:00    tombstone foobar",
        "2024-03-04T10:00    tombstone foobar",
        "2024-03-04T10:00    lead_merged foobar foobar",
        "2024-02-01T10:00    lead_merged foobar 21",
        "2024-03-04T10:00    lead_merged foobar 21 id=m",
        "2024-03-04T10:00    lead_merged foobar 21 id=m",
        "2024-03-04T10:00    content_published 21",
    ]
    .map(record)
    .to_vec();
    let copy = LogRecord { came: Came::Forwarded, ..record("2024-03-04T10:00 lead_created foobar id=a") };
    let answer = answer(&definitions, &[[log, vec![copy]].concat(), vec![]]);
    let partition = &answer.partitions[0];
    let outcomes = [
        Some(Applied),
        Some(Duplicate),
        Some(Forwarded),
        Some(DeadLetter),
        None,
        Some(Late),
        Some(Applied),
        Some(Forwarded),
        Some(Ignored),
        Some(Applied),
        Some(Duplicate),
        Some(Ignored),
        Some(Late),
        Some(Applied),
        Some(Duplicate),
        Some(Applied),
        None,
    ];
    assert_eq!(partition.outcomes, outcomes);
    assert_eq!(partition.tally.total(), 15);
    assert_eq!(partition.counters.control_records, 1);
    assert_eq!(partition.counters.forwarded_copies, 1);
    let demanded: Vec<usize> = partition.demanded.iter().map(Vec::len).collect();
    assert_eq!(demanded[2], 1);
    assert_eq!(partition.demanded[2][0].record, Demanded::Forwarded);
    assert_eq!(partition.demanded[2][0].partition, 1);
    assert_eq!(answer.programs(1, minute("2024-03-04T10:01")).len(), 1);
}

#[test]
fn freed_journeys_leave_their_counts_but_no_open_stage() {
    let mut definitions = definitions();
    definitions.retention_days = Some(10);
    definitions.open_retention_days = Some(20);
    let answer = answer_to(
        &definitions,
        "2024-03-04T10:00 lead_stage_entered closed mql
         2024-03-04T11:00 lead_dispositioned closed rejected
         2024-03-04T10:00 lead_stage_entered open mql
         2024-03-20T10:00 progress
         2024-03-20T09:00 lead_stage_entered closed mql
         2024-03-26T10:00 progress",
    );
    let seen = |boundary| of(&cells(&answer, boundary), &["entered_mql", "open", "reentered"]);
    let counts = "entered_mql 2024-03-04T10:00 = 2
                  open_mql 2024-03-04T10:00 = 1";
    assert_table(&seen("2024-03-19T10:00"), counts);
    // The freed journey is a stranger when it comes back.
    assert_table(
        &seen("2024-03-24T10:00"),
        &format!("{counts}\nentered_mql 2024-03-20T09:00 = 1\nopen_mql 2024-03-20T09:00 = 1"),
    );
    assert_table(
        &seen("2024-03-24T10:01"),
        "entered_mql 2024-03-04T10:00 = 2
         entered_mql 2024-03-20T09:00 = 1
         open_mql 2024-03-20T09:00 = 1",
    );
}
