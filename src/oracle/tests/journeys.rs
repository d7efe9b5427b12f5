//! What a journey contributes: stages, cycles, first touch, open stage, deals, segments, erasure.

use crate::model::Text;

use super::support::{answer_to, assert_table, cells, definitions, dimension, minute, of};

/// A story and the cells of a boundary that speak of some measures.
#[track_caller]
fn check(story: &str, boundary: &str, measures: &[&str], expected: &str) {
    let definitions = definitions();
    let answer = answer_to(&definitions, story);
    assert_table(&of(&cells(&answer, boundary), measures), expected);
}

const LATER: &str = "2024-06-01T00:00";

#[test]
fn a_stage_is_reached_at_the_earliest_entry_of_it_or_a_later_one() {
    check(
        "2024-03-04T10:00 lead_created L1
         2024-03-06T09:00 lead_stage_entered L1 sql
         2024-03-07T10:00 lead_stage_entered L1 mql
         2024-03-06T08:59 lead_stage_entered L1 disqualified",
        LATER,
        &["entered", "implied", "converted"],
        // mql was entered, but later than sql; sal never. lead to mql took 47 hours: 1 whole day.
        "entered_lead 2024-03-04T10:00 = 1
         entered_mql 2024-03-06T09:00 = 1
         entered_sal 2024-03-06T09:00 = 1
         entered_sql 2024-03-06T09:00 = 1
         implied_mql 2024-03-06T09:00 = 1
         implied_sal 2024-03-06T09:00 = 1
         converted_lead_to_mql 2024-03-04T10:00/1 = 1
         converted_mql_to_sal 2024-03-06T09:00 = 1
         converted_mql_to_sql 2024-03-06T09:00 = 1
         converted_sal_to_sql 2024-03-06T09:00 = 1",
    );
}

#[test]
fn a_row_with_deals_only_counts_as_a_lead() {
    check(
        "2024-03-04T10:00 deal_opened D1 lead=L1 eur=5000
         2024-03-06T10:00 deal_stage_entered D1 won lead=L1
         2024-03-05T10:00 deal_stage_entered D1 won lead=L1
         2024-03-05T11:00 deal_amount_changed D1 lead=L1 eur=7000",
        LATER,
        &["entered", "implied", "opportunity_to_won", "deals", "won_amount"],
        "entered_lead 2024-03-04T10:00 = 1
         entered_mql 2024-03-04T10:00 = 1
         entered_sal 2024-03-04T10:00 = 1
         entered_sql 2024-03-04T10:00 = 1
         entered_opportunity 2024-03-04T10:00 = 1
         entered_customer 2024-03-05T10:00 = 1
         implied_lead 2024-03-04T10:00 = 1
         implied_mql 2024-03-04T10:00 = 1
         implied_sal 2024-03-04T10:00 = 1
         implied_sql 2024-03-04T10:00 = 1
         converted_opportunity_to_won 2024-03-04T10:00/1 = 1
         deals_opened 2024-03-04T10:00 = 1
         deals_won 2024-03-05T10:00 = 1
         won_amount_minor[EUR] 2024-03-05T10:00 = 7000",
    );
}

#[test]
fn a_deal_without_a_lead_has_no_stages() {
    check(
        "2024-03-04T10:00 deal_stage_entered D1 open
         2024-03-05T10:00 deal_stage_entered D1 lost
         2024-03-06T10:00 deal_touched D1 sales
         2024-03-06T11:00 deal_touched D1 sales automated
         2024-03-06T12:00 deal_touched D2 marketing",
        LATER,
        &[""],
        "deals_opened 2024-03-04T10:00 = 1
         deals_lost 2024-03-05T10:00 = 1
         touches_sales 2024-03-06T10:00 = 1
         touches_marketing 2024-03-06T12:00 = 1",
    );
}

#[test]
fn the_status_of_a_deal_is_that_of_its_last_entry() {
    check(
        "2024-03-04T10:00 deal_stage_entered D1 won eur=100
         2024-03-05T10:00 deal_stage_entered D1 open
         2024-03-06T10:00 deal_stage_entered D1 won
         2024-03-07T10:00 deal_stage_entered D1 won eur=300
         2024-03-04T10:00 deal_opened D2
         2024-03-05T10:00 deal_amount_changed D3 eur=5",
        LATER,
        &["deals", "amount"],
        "deals_opened 2024-03-04T10:00 = 2
         deals_won 2024-03-06T10:00 = 1
         won_amount_minor[EUR] 2024-03-06T10:00 = 300",
    );
}

#[test]
fn a_cycle_opens_with_mql_and_closes_with_a_negative_verdict() {
    check(
        "2024-03-04T10:00 lead_stage_entered L1 mql
         2024-03-04T11:00 lead_stage_entered L1 mql
         2024-03-05T10:00 lead_dispositioned L1 accepted
         2024-03-05T11:00 lead_stage_entered L1 mql
         2024-03-06T10:00 lead_dispositioned L1 recycled reason=later
         2024-03-06T11:00 lead_dispositioned L1 rejected
         2024-03-07T10:00 lead_stage_entered L1 sql
         2024-03-08T10:00 lead_stage_entered L1 mql
         2024-03-11T10:00 lead_stage_entered L1 disqualified
         2024-03-12T10:00 lead_stage_entered L1 mql",
        LATER,
        &["reentered", "verdicts", "entered_mql"],
        "entered_mql 2024-03-04T10:00 = 1
         reentered_mql 2024-03-08T10:00 = 1
         reentered_mql 2024-03-12T10:00 = 1
         verdicts_accepted 2024-03-05T10:00 = 1
         verdicts_recycled[later] 2024-03-06T10:00 = 1
         verdicts_rejected 2024-03-06T11:00 = 1",
    );
}

#[test]
fn a_first_touch_is_met_missed_or_neither() {
    // Promised are 4 hours of Monday to Friday, 9 to 17: from Monday 15:00 until Tuesday 11:00.
    let outcome = ["first_touch_met", "first_touch_missed"];
    let with = |rest: &str| format!("2024-03-04T15:00 lead_stage_entered L1 mql\n{rest}");
    let cases = [
        // Touched exactly at the deadline, or at the very start: it counts at the deadline.
        ("2024-03-05T11:00 lead_touched L1 sales", "first_touch_met 2024-03-05T11:00 = 1"),
        ("2024-03-04T15:00 lead_touched L1 sales", "first_touch_met 2024-03-05T11:00 = 1"),
        ("2024-03-04T16:00 deal_touched D1 sales lead=L1", "first_touch_met 2024-03-05T11:00 = 1"),
        // Not touched by a person of sales within the cycle.
        (
            "2024-03-04T14:59 lead_touched L1 sales
             2024-03-04T16:00 lead_touched L1 sales automated
             2024-03-04T16:00 lead_touched L1 marketing
             2024-03-05T11:00:01 lead_touched L1 sales",
            "first_touch_missed[unassigned] 2024-03-05T11:00 = 1",
        ),
        // Closed by the deadline without a touch: no outcome; touched at the close: met; closed later: missed.
        ("2024-03-05T11:00 lead_dispositioned L1 rejected", ""),
        (
            "2024-03-04T16:00 lead_dispositioned L1 rejected
             2024-03-04T16:00 lead_touched L1 sales",
            "first_touch_met 2024-03-05T11:00 = 1",
        ),
        (
            "2024-03-05T11:00:01 lead_dispositioned L1 rejected",
            "first_touch_missed[unassigned] 2024-03-05T11:00 = 1",
        ),
        // The touch of the next cycle, which is due at 13:30, is not that of this one.
        (
            "2024-03-04T16:00 lead_dispositioned L1 recycled
             2024-03-05T09:30 lead_stage_entered L1 mql
             2024-03-05T10:00 lead_touched L1 sales",
            "first_touch_met 2024-03-05T13:30 = 1",
        ),
        // Whose fault: half the time each is sales', one minute more is routing's.
        (
            "2024-03-05T09:00 lead_assigned L1
             2024-03-05T10:00 lead_assigned L1",
            "first_touch_missed[sales] 2024-03-05T11:00 = 1",
        ),
        ("2024-03-05T09:01 lead_assigned L1", "first_touch_missed[routing] 2024-03-05T11:00 = 1"),
        ("2024-03-05T11:00 lead_assigned L1", "first_touch_missed[routing] 2024-03-05T11:00 = 1"),
        ("2024-03-05T11:01 lead_assigned L1", "first_touch_missed[unassigned] 2024-03-05T11:00 = 1"),
        ("2024-03-01T10:00 lead_assigned L1", "first_touch_missed[sales] 2024-03-05T11:00 = 1"),
    ];
    for (story, expected) in cases {
        check(&with(story), LATER, &outcome, expected);
    }
    // Met as soon as the deadline is past, and not before.
    let definitions = definitions();
    let answer =
        answer_to(&definitions, &with("2024-03-04T15:30 lead_touched L1 sales\n2024-03-05T12:00 progress"));
    let seen = |boundary| of(&cells(&answer, boundary), &outcome);
    assert_table(&seen("2024-03-05T11:00"), "");
    assert_table(&seen("2024-03-05T11:01"), "first_touch_met 2024-03-05T11:00 = 1");
    // Missed as soon as the deadline is past, and met after all when a touch in time arrives late.
    let late = "2024-03-05T12:00 progress\n2024-03-05T10:00 lead_touched L1 sales";
    let answer = answer_to(&definitions, &with(late));
    let seen = |boundary| of(&cells(&answer, boundary), &outcome);
    assert_table(&seen("2024-03-05T11:00"), "");
    assert_table(&seen("2024-03-05T11:01"), "first_touch_missed[unassigned] 2024-03-05T11:00 = 1");
    assert_table(&seen("2024-03-05T12:00"), "first_touch_missed[unassigned] 2024-03-05T11:00 = 1");
    assert_table(&seen("2024-03-05T12:01"), "first_touch_met 2024-03-05T11:00 = 1");
}

#[test]
fn the_delay_of_a_touch_is_told_apart_in_business_seconds() {
    // gamma = 1.02/0.98; the bucket of x seconds is ceil(ln x / ln gamma) + 1, that of 0 is 0.
    // 7200 s: ceil(222.02) + 1; 3600 s: ceil(204.69) + 1; 3 days of 8 hours and a second: ceil(284.13) + 1.
    check(
        "2024-03-04T16:00 lead_stage_entered L1 mql
         2024-03-05T09:00 lead_assigned L1
         2024-03-05T10:00 lead_touched L1 sales
         2024-03-04T18:00 lead_stage_entered L2 mql
         2024-03-04T19:00 lead_touched L2 sales
         2024-03-04T20:00 lead_assigned L2
         2024-03-04T18:00 lead_stage_entered L3 mql
         2024-03-08T09:00:01.999 lead_touched L3 sales",
        LATER,
        &["delay"],
        "first_touch_delay_total 2024-03-05T10:00/224 = 1
         first_touch_delay_routing 2024-03-05T10:00/206 = 1
         first_touch_delay_human 2024-03-05T10:00/206 = 1
         first_touch_delay_total 2024-03-04T19:00 = 1
         first_touch_delay_total 2024-03-08T09:00/286 = 1",
    );
}

#[test]
fn a_stage_stays_open_until_another_or_the_end() {
    let open = |story: &str, expected: &str| check(story, LATER, &["open_"], expected);
    open("2024-03-04T10:00 lead_created L1", "open_lead 2024-03-04T10:00 = 1");
    open(
        "2024-03-04T09:00 lead_touched L1 sales
         2024-03-04T10:00 lead_created L1",
        "open_lead 2024-03-04T10:00 = 1",
    );
    open(
        "2024-03-04T10:00 lead_stage_entered L1 mql
         2024-03-04T11:00 lead_created L1
         2024-03-04T12:00 lead_stage_entered L1 mql",
        "open_mql 2024-03-04T10:00 = 1",
    );
    open(
        "2024-03-04T10:00 lead_stage_entered L1 sql
         2024-03-04T12:00 lead_stage_entered L1 mql",
        "open_mql 2024-03-04T12:00 = 1",
    );
    for end in [
        "lead_stage_entered L1 customer",
        "lead_stage_entered L1 disqualified",
        "lead_dispositioned L1 rejected",
    ] {
        let story = format!("2024-03-04T10:00 lead_stage_entered L1 mql\n2024-03-04T11:00 {end}");
        open(&story, "");
        open(&format!("{story}\n2024-03-04T12:00 lead_created L1"), "");
        open(
            &format!("{story}\n2024-03-04T12:00 lead_stage_entered L1 sal"),
            "open_sal 2024-03-04T12:00 = 1",
        );
    }
    open(
        "2024-03-04T10:00 lead_stage_entered L1 mql
         2024-03-04T11:00 deal_opened D1 lead=L1
         2024-03-04T12:00 deal_opened D2 lead=L1
         2024-03-04T13:00 deal_stage_entered D1 lost lead=L1",
        "open_opportunity 2024-03-04T11:00 = 1",
    );
    open(
        "2024-03-04T11:00 deal_opened D1 lead=L1
         2024-03-04T12:00 deal_opened D2 lead=L1
         2024-03-04T13:00 deal_stage_entered D1 lost lead=L1
         2024-03-04T14:00 deal_stage_entered D2 lost lead=L1",
        "",
    );
    open(
        "2024-03-04T11:00 deal_opened D1 lead=L1
         2024-03-04T12:00 deal_opened D2 lead=L1
         2024-03-04T13:00 deal_stage_entered D1 won lead=L1",
        "",
    );
    open(
        "2024-03-04T11:00 deal_stage_entered D1 won lead=L1
         2024-03-04T12:00 deal_stage_entered D1 open lead=L1",
        "open_opportunity 2024-03-04T12:00 = 1",
    );
}

#[test]
fn a_deleted_deal_contributes_nothing() {
    let deals = ["deals", "touches", "entered"];
    check(
        "2024-03-04T10:00 deal_opened D1 lead=L1
         2024-03-04T11:00 deal_touched D1 sales lead=L1
         2024-03-04T12:00 deal_deleted D1 lead=L1",
        LATER,
        &deals,
        "",
    );
    check(
        "2024-03-04T10:00 deal_opened D1
         2024-03-04T12:00 deal_deleted D1
         2024-03-04T13:00 deal_opened D1
         2024-03-04T10:00 deal_stage_entered D2 won
         2024-03-04T09:00 deal_deleted D2
         2024-03-04T10:00 deal_opened D3
         2024-03-04T10:00 deal_deleted D3",
        LATER,
        &deals,
        "deals_opened 2024-03-04T10:00 = 1",
    );
}

#[test]
fn a_deleted_lead_leaves_its_deals_without_a_lead() {
    let mut definitions = definitions();
    definitions.dimensions = vec![dimension(&["region"])];
    let story = "2024-03-04T10:00 lead_created L1 region=north
         2024-03-04T11:00 lead_stage_entered L1 mql
         2024-03-04T12:00 deal_opened D1 lead=L1 region=south
         2024-03-04T13:00 lead_deleted L1";
    let answer = answer_to(&definitions, story);
    assert_table(
        &cells(&answer, LATER),
        "deals_opened 2024-03-04T12:00 = 1
         open_opportunity 2024-03-04T12:00 = 1
         region=north deals_opened 2024-03-04T12:00 = 1
         region=north open_opportunity 2024-03-04T12:00 = 1",
    );
    // A creation after the deletion revives, one at the same time does not.
    let answer = answer_to(&definitions, &format!("{story}\n2024-03-04T13:00 lead_created L1"));
    assert_eq!(cells(&answer, LATER).len(), 4);
    let answer = answer_to(&definitions, &format!("{story}\n2024-03-04T13:00:01 lead_created L1"));
    assert_table(
        &of(&cells(&answer, LATER), &["entered_mql"]),
        "entered_mql 2024-03-04T11:00 = 1
         region=north entered_mql 2024-03-04T11:00 = 1",
    );
}

#[test]
fn segments_take_the_first_value_that_is_said() {
    let mut definitions = definitions();
    definitions.dimensions = vec![dimension(&["source", "region"]), dimension(&["region"])];
    let answer = answer_to(
        &definitions,
        "2024-03-04T10:00 deal_opened D1 lead=L1 region=deal
         2024-03-04T11:00 lead_created L1 source=a=b,c%
         2024-03-04T12:00 lead_created L1 source=late region=own
         2024-03-04T13:00 deal_touched D2 sales region=ignored",
    );
    assert_table(
        &of(&cells(&answer, "2024-03-04T10:30"), &["entered_lead"]),
        "entered_lead 2024-03-04T10:00 = 1
         region=deal entered_lead 2024-03-04T10:00 = 1
         source=(empty),region=deal entered_lead 2024-03-04T10:00 = 1",
    );
    assert_table(
        &of(&cells(&answer, "2024-03-04T11:30"), &["region=deal entered_lead"]),
        "region=deal entered_lead 2024-03-04T10:00 = 1
         source=a%3Db%2Cc%25,region=deal entered_lead 2024-03-04T10:00 = 1",
    );
    assert_table(
        &of(&cells(&answer, LATER), &["entered_lead", "touches"]),
        "entered_lead 2024-03-04T10:00 = 1
         region=own entered_lead 2024-03-04T10:00 = 1
         source=a%3Db%2Cc%25,region=own entered_lead 2024-03-04T10:00 = 1
         touches_sales 2024-03-04T13:00 = 1
         region=(empty) touches_sales 2024-03-04T13:00 = 1
         source=(empty),region=(empty) touches_sales 2024-03-04T13:00 = 1",
    );
}

#[test]
fn erasure_keeps_counts_and_segments_and_drops_the_evidence() {
    let mut definitions = definitions();
    definitions.dimensions = vec![dimension(&["region"])];
    let answer = answer_to(
        &definitions,
        "2024-03-04T10:00 lead_created L1 region=north
         2024-03-04T10:00 lead_stage_entered L1 mql
         2024-03-04T11:00 lead_dispositioned L1 rejected
         2024-03-04T12:00 lead_erased L1
         2024-03-04T12:30 progress
         2024-03-04T09:00 lead_created L1 region=south
         2024-03-04T13:00 lead_dispositioned L1 recycled",
    );
    let ids = |boundary| {
        let evidence = answer.evidence(1, minute(boundary));
        evidence.into_iter().map(|(evidence, n)| (evidence.id, n)).collect::<Vec<(Text, i64)>>()
    };
    assert_eq!(ids("2024-03-04T11:00"), []);
    assert_eq!(ids("2024-03-04T11:01"), [("L1".into(), 1)]);
    assert_eq!(ids("2024-03-04T12:00"), [("L1".into(), 1)]);
    assert_eq!(ids("2024-03-04T12:01"), []);
    assert_eq!(ids(LATER), []);
    assert_table(
        &of(&cells(&answer, LATER), &["region=", "verdicts"]),
        "region=north entered_lead 2024-03-04T09:00 = 1
         region=north converted_lead_to_mql 2024-03-04T09:00 = 1
         region=north entered_mql 2024-03-04T10:00 = 1
         region=north verdicts_rejected 2024-03-04T11:00 = 1
         region=north verdicts_recycled 2024-03-04T13:00 = 1
         verdicts_rejected 2024-03-04T11:00 = 1
         verdicts_recycled 2024-03-04T13:00 = 1",
    );
}

#[test]
fn misses_and_negative_verdicts_are_evidence() {
    let mut definitions = definitions();
    definitions.dimensions = vec![dimension(&["region"])];
    let answer = answer_to(
        &definitions,
        "2024-03-04T15:00 lead_stage_entered L1 mql
         2024-03-06T12:00 lead_dispositioned L1 accepted
         2024-03-06T13:00 lead_dispositioned L1 disqualified",
    );
    let found: Vec<String> = answer
        .evidence(1, minute(LATER))
        .into_iter()
        .map(|(e, n)| format!("{} {:?} {} {} = {n}", e.measure, e.slice, e.id, e.segments.join(" ")))
        .collect();
    assert_table(
        &found,
        "first_touch_missed 2024-03-05T11:00 L1 all region=(empty) = 1
         verdicts_disqualified 2024-03-06T13:00 L1 all region=(empty) = 1",
    );
}
