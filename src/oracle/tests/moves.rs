//! Merges, links, hints and releases: where facts count, and what each record demands.

use crate::model::control::Control;
use crate::model::entity::{EntityKind, EntityRef, IdSpace};
use crate::model::event::{Body, Event};
use crate::model::record::{Came, Holds, LogRecord};
use crate::oracle::{Demand, Demanded, answer};

use super::support::{
    Network, answer_to, assert_table, cells, definitions, dimension, minute, of, record, time,
};

fn lead(id: &str) -> EntityRef {
    IdSpace::new([7; 16], 1).entity(EntityKind::Lead, id)
}

fn deal(id: &str) -> EntityRef {
    IdSpace::new([7; 16], 1).entity(EntityKind::Deal, id)
}

fn name(entity: EntityRef) -> &'static str {
    let known = ["L1", "L2", "L3", "D1"];
    let found = known.into_iter().find(|id| lead(id) == entity || deal(id) == entity);
    found.expect("one of the entities of these stories")
}

/// A demand in words, times as HH:MM:SS.
fn said(demand: &Demand) -> String {
    let clock = |at: crate::model::EventTime| at.rfc3339()[11..19].to_owned();
    match &demand.record {
        Demanded::Forwarded => format!("forwarded to {}", demand.partition),
        Demanded::Control(Control::Told { deal, lead, at, .. }) => {
            format!("told {} {} {}", name(*deal), name(*lead), clock(*at))
        }
        Demanded::Control(Control::Release { from, entity, at, hops }) => {
            format!("release {} from {} {} hops {hops}", name(*entity), name(*from), clock(*at))
        }
        Demanded::Control(Control::Moved(moved)) => {
            let trail: Vec<&str> = moved.trail.iter().map(|&through| name(through)).collect();
            let facts: Vec<String> = moved.facts.iter().map(|fact| clock(fact.at)).collect();
            format!(
                "moved {} to {} by [{}] {} hops {}: {}",
                name(moved.entity),
                name(moved.to),
                trail.join(" "),
                clock(moved.at),
                moved.hops,
                facts.join(" ")
            )
        }
        Demanded::Control(other) => panic!("{other:?} is never demanded"),
    }
}

/// Reads lines without handing anything on; `!` lines are control records in the words of `said`.
#[track_caller]
fn check(story: &[(&str, &[&str])]) {
    let definitions = definitions();
    let mut network = Network::new(&definitions);
    for (line, expected) in story {
        network.read(0, control(line).unwrap_or_else(|| record(line)));
        let demanded = network.partitions[0].demanded.last().expect("a record was read");
        let found: Vec<String> = demanded.iter().map(said).collect();
        assert_eq!(found, *expected, "demanded by {line}");
    }
}

/// `told DEAL LEAD TIME` and `release ENTITY ROW TIME HOPS`.
fn control(line: &str) -> Option<LogRecord> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let entity = |id: &str| if id.starts_with('L') { lead(id) } else { deal(id) };
    let control = match words[0] {
        "told" => Control::Told {
            deal: deal(words[1]),
            lead: lead(words[2]),
            at: time(words[3]),
            id: IdSpace::new([7; 16], 1).fact_id(line),
        },
        "release" => Control::Release {
            from: entity(words[2]),
            entity: entity(words[1]),
            at: time(words[3]),
            hops: words[4].parse().expect("hops"),
        },
        _ => return None,
    };
    Some(LogRecord {
        timestamp: time("2024-03-04T00:00"),
        came: Came::Direct,
        holds: Holds::Control(control),
    })
}

#[test]
fn a_deal_of_a_lead_counts_with_it_and_its_home_is_told_once() {
    check(&[
        ("2024-03-04T10:00 deal_opened D1 lead=L1", &["told D1 L1 10:00:00"]),
        ("2024-03-04T11:00 deal_touched D1 sales lead=L1", &[]),
        ("2024-03-04T09:00 deal_touched D1 sales lead=L1", &["told D1 L1 09:00:00"]),
    ]);
    // The home sends what it has, and what it gets.
    check(&[
        ("2024-03-04T10:00 deal_opened D1", &[]),
        ("2024-03-04T10:30 deal_touched D1 sales", &[]),
        (
            "told D1 L1 2024-03-04T10:20",
            &[
                "moved D1 to L1 by [] 10:20:00 hops 1: 10:00:00",
                "moved D1 to L1 by [] 10:20:00 hops 1: 10:30:00",
            ],
        ),
        ("2024-03-04T10:40 deal_touched D1 sales", &["moved D1 to L1 by [] 10:20:00 hops 1: 10:40:00"]),
        // Earlier: what is still held is sent again.
        ("told D1 L1 2024-03-04T10:10", &["moved D1 to L1 by [] 10:10:00 hops 1: 10:00:00"]),
        ("told D1 L1 2024-03-04T10:15", &[]),
        // Another lead since later: it owns, and the other one is to give back what leaves here before.
        ("told D1 L2 2024-03-04T10:30", &["release D1 from L1 10:30:00 hops 0"]),
        // Another lead since earlier: it does not.
        ("told D1 L3 2024-03-04T10:25", &["release D1 from L3 10:30:00 hops 0"]),
    ]);
}

#[test]
fn origin_and_target_switch_at_one_boundary() {
    let mut definitions = definitions();
    definitions.dimensions = vec![dimension(&["region"])];
    let answer = answer_to(
        &definitions,
        "2024-03-04T09:00 progress
         2024-03-04T09:00 lead_created L1 region=one
         2024-03-04T09:10 lead_created L2 region=two
         2024-03-04T09:20 lead_touched L1 sales
         2024-03-04T10:00 lead_merged L1 L2
         2024-03-04T09:30 lead_touched L1 sales
         2024-03-04T10:30 lead_touched L1 sales
         2024-03-04T12:00 progress
         2024-03-04T09:40 lead_touched L1 sales
         2024-03-04T11:00 lead_deleted L1",
    );
    let touches =
        |boundary| of(&cells(&answer, boundary), &["=one touches", "=two touches", "=two entered_lead"]);
    assert_table(
        &touches("2024-03-04T10:00"),
        "region=one touches_sales 2024-03-04T09:20 = 1
         region=one touches_sales 2024-03-04T09:30 = 1
         region=two entered_lead 2024-03-04T09:10 = 1",
    );
    // One journey now: the lead is that which was known first.
    let merged = "region=two touches_sales 2024-03-04T09:20 = 1
         region=two touches_sales 2024-03-04T09:30 = 1
         region=two entered_lead 2024-03-04T09:00 = 1";
    assert_table(&touches("2024-03-04T10:01"), merged);
    let more = format!("{merged}\nregion=two touches_sales 2024-03-04T10:30 = 1");
    assert_table(&touches("2024-03-04T12:00"), &more);
    // The loser's deletion is not the winner's.
    assert_table(
        &touches("2024-03-04T12:01"),
        &format!("{more}\nregion=two touches_sales 2024-03-04T09:40 = 1"),
    );
    let outcomes: Vec<&str> =
        answer.partitions[0].outcomes.iter().flatten().map(|outcome| outcome.as_str()).collect();
    assert_eq!(
        outcomes,
        ["applied", "applied", "applied", "applied", "applied", "forwarded", "forwarded", "applied"],
        "what counts only at the target is forwarded"
    );
}

#[test]
fn what_a_row_demands_when_its_lead_is_merged() {
    check(&[
        ("2024-03-04T09:00 lead_created L1", &[]),
        ("2024-03-04T09:10 lead_deleted L1", &[]),
        ("2024-03-04T09:20 deal_opened D1 lead=L1", &["told D1 L1 09:20:00"]),
        (
            "2024-03-04T10:00 lead_merged L1 L2",
            &[
                "moved L1 to L2 by [] 10:00:00 hops 1: 09:00:00",
                "moved D1 to L2 by [L1] 10:00:00 hops 1: 09:20:00",
            ],
        ),
        ("2024-03-04T10:10 lead_deleted L1", &[]),
        (
            "2024-03-04T10:20 deal_touched D1 sales lead=L1",
            &["moved D1 to L2 by [L1] 10:00:00 hops 1: 10:20:00"],
        ),
        // The run of links to L2 began at 10:00 and goes on.
        ("2024-03-04T11:00 lead_merged L1 L2", &[]),
        ("2024-03-04T12:00 lead_merged L1 L3", &["release L1 from L2 12:00:00 hops 0"]),
    ]);
}

#[test]
fn a_release_sends_each_fact_home_and_is_passed_on() {
    check(&[
        ("2024-03-04T09:00 lead_created L1", &[]),
        ("2024-03-04T09:20 deal_opened D1 lead=L1", &["told D1 L1 09:20:00"]),
        ("release D1 L1 2024-03-04T11:00 0", &["moved D1 to D1 by [] 11:00:00 hops 0: 09:20:00"]),
        // Events that still name the lead go home too, wherever the lead itself goes.
        (
            "2024-03-04T09:40 deal_touched D1 sales lead=L1",
            &["moved D1 to D1 by [] 11:00:00 hops 0: 09:40:00"],
        ),
        ("2024-03-04T10:00 lead_merged L1 L2", &["moved L1 to L2 by [] 10:00:00 hops 1: 09:00:00"]),
        (
            "2024-03-04T09:50 deal_touched D1 sales lead=L1",
            &["moved D1 to D1 by [] 11:00:00 hops 0: 09:50:00"],
        ),
        // A later release takes nothing more; it is passed on to the row that has the lead now.
        ("release D1 L1 2024-03-04T11:30 3", &["release D1 from L2 11:30:00 hops 4"]),
        ("release D1 L1 2024-03-04T11:30 4", &[]),
        (
            "2024-03-04T09:55 deal_touched D1 sales lead=L1",
            &["moved D1 to D1 by [] 11:30:00 hops 0: 09:55:00"],
        ),
        // An earlier one lets go earlier.
        (
            "release D1 L1 2024-03-04T09:50 4",
            &[
                "moved D1 to D1 by [] 09:50:00 hops 0: 09:20:00",
                "moved D1 to D1 by [] 09:50:00 hops 0: 09:40:00",
                "moved D1 to D1 by [] 09:50:00 hops 0: 09:50:00",
                "moved D1 to D1 by [] 09:50:00 hops 0: 09:55:00",
            ],
        ),
        // A row never gives itself back.
        ("release L1 L1 2024-03-04T09:00 4", &[]),
    ]);
}

#[test]
fn an_owner_that_turns_out_to_own_earlier_takes_what_was_to_leave_later() {
    check(&[
        ("2024-03-04T09:00 deal_opened D1", &[]),
        ("told D1 L2 2024-03-04T11:00", &["moved D1 to L2 by [] 11:00:00 hops 1: 09:00:00"]),
        ("told D1 L1 2024-03-04T12:00", &["release D1 from L2 12:00:00 hops 0"]),
        // L1 was named first at 10:00: now L2 owns since 11:00, which is when the deal leaves already.
        (
            "told D1 L1 2024-03-04T10:00",
            &["release D1 from L1 11:00:00 hops 0", "release D1 from L1 11:00:00 hops 0"],
        ),
    ]);
    check(&[
        ("2024-03-04T09:00 deal_opened D1", &[]),
        ("told D1 L1 2024-03-04T12:00", &["moved D1 to L1 by [] 12:00:00 hops 1: 09:00:00"]),
        ("told D1 L2 2024-03-04T11:00", &["release D1 from L2 12:00:00 hops 0"]),
        // Now L2 owns since 11:00: an hour before the deal was to leave.
        (
            "told D1 L1 2024-03-04T10:00",
            &[
                "moved D1 to L2 by [] 11:00:00 hops 1: 09:00:00",
                "release D1 from L1 11:00:00 hops 0",
                "release D1 from L1 11:00:00 hops 0",
            ],
        ),
    ]);
}

#[test]
fn facts_in_a_circle_stop_after_four_hops() {
    let definitions = definitions();
    let answer = answer_to(
        &definitions,
        "2024-03-04T09:00 lead_merged L1 L2
         2024-03-04T09:00 lead_merged L2 L1
         2024-03-04T10:00 lead_touched L1 sales",
    );
    assert_eq!(answer.partitions[0].counters.moves_stopped, 1);
    assert_eq!(answer.partitions[0].counters.control_records, 4, "hops 1 to 4");
    assert_table(
        &of(&cells(&answer, "2024-03-04T10:01"), &["touches"]),
        "touches_sales 2024-03-04T10:00 = 1",
    );
}

#[test]
fn a_deal_that_comes_back_to_a_lead_stays_there() {
    // L2 is named from 10:20 on, then turns out to have been named at 10:05: it is L1's deal again, since
    // 10:10, although L1 was to give it back as of 10:20.
    let definitions = definitions();
    let answer = answer_to(
        &definitions,
        "2024-03-04T10:10 deal_opened D1 lead=L1
         2024-03-04T10:20 deal_touched D1 sales lead=L2
         2024-03-04T10:05 deal_touched D1 sales lead=L2
         2024-03-04T10:30 deal_stage_entered D1 won lead=L1",
    );
    assert_table(
        &of(&cells(&answer, "2024-03-05T00:00"), &["deals", "touches", "customer"]),
        "deals_opened 2024-03-04T10:10 = 1
         deals_won 2024-03-04T10:30 = 1
         entered_customer 2024-03-04T10:30 = 1
         touches_sales 2024-03-04T10:20 = 1
         touches_sales 2024-03-04T10:05 = 1",
    );
}

#[test]
fn erasure_is_moved_on_and_nothing_personal_after_it() {
    let definitions = definitions();
    let mut network = Network::new(&definitions);
    for line in [
        "2024-03-04T09:00 lead_created L1 region=north",
        "2024-03-04T10:00 lead_erased L1",
        "2024-03-04T10:01 progress",
        "2024-03-04T11:00 lead_merged L1 L2",
    ] {
        network.read(0, record(line));
    }
    let demanded = network.partitions[0].demanded.last().expect("a record was read").clone();
    let Demanded::Control(Control::Moved(moved)) = &demanded[0].record else { panic!("{demanded:?}") };
    assert_eq!(moved.id, None);
    let plain = record("2024-03-04T09:00 lead_created L1");
    let Holds::Event(Event { body: Body::LeadCreated { attributes, .. }, .. }) = plain.holds else {
        panic!("a creation")
    };
    let crate::model::fact::Says::Created { attributes: moved_attributes, .. } = &moved.facts[0].says else {
        panic!("{moved:?}")
    };
    assert_eq!(*moved_attributes, attributes);
    assert_eq!(demanded.len(), 2, "the creation and the erasure");
}

/// What is demanded where everything arrives at once, of the last record that was said.
fn demanded_at_last(lines: &[&str]) -> Vec<String> {
    let definitions = definitions();
    let mut network = Network::new(&definitions);
    let mut read = 0;
    for line in lines {
        read = network.partitions[0].demanded.len();
        network.read(0, record(line));
        network.deliver_all();
    }
    network.partitions[0].demanded[read..].iter().flatten().map(said).collect()
}

#[test]
fn what_was_merged_into_an_erased_lead_is_erased_with_it() {
    let merged = ["2024-03-04T09:00 lead_created L1", "2024-03-04T10:00 lead_merged L1 L2"];
    let erased = "2024-03-04T11:00 lead_erased L2";
    // Its home is told, and moves it on as any fact of L1.
    let told =
        ["moved L1 to L1 by [] 11:00:00 hops 0: 11:00:00", "moved L1 to L2 by [] 11:00:00 hops 1: 11:00:00"];
    assert_eq!(demanded_at_last(&[&merged[..], &[erased]].concat()), told);
    // It is merged later.
    let moved = ["moved L1 to L2 by [] 10:00:00 hops 1: 09:00:00"];
    assert_eq!(demanded_at_last(&[erased, merged[0], merged[1]]), [&moved[..], &told].concat());
    // By way of a third.
    let third = "2024-03-04T10:30 lead_merged L2 L3";
    let way =
        ["moved L2 to L3 by [] 10:30:00 hops 1: 11:00:00", "moved L1 to L1 by [] 11:00:00 hops 0: 11:00:00"];
    let on = [
        "moved L1 to L2 by [] 11:00:00 hops 1: 11:00:00",
        "moved L1 to L3 by [L2] 11:00:00 hops 2: 11:00:00",
    ];
    assert_eq!(demanded_at_last(&[merged[0], merged[1], third, erased]), [way, on].concat());
    // The one that is left is not erased with the other one, nor is a deal.
    let other = "2024-03-04T11:00 lead_erased L1";
    assert_eq!(
        demanded_at_last(&[merged[0], merged[1], other]),
        [told[1].replace("11:00:00 hops", "10:00:00 hops")]
    );
    let deal = "2024-03-04T09:00 deal_opened D1 lead=L2";
    assert_eq!(demanded_at_last(&[deal, erased]), [""; 0]);
}

#[test]
fn what_retention_calls_late_is_told_by_the_event_alone() {
    // A moved fact is never late: its age was judged where it was read first.
    let mut definitions = definitions();
    definitions.retention_days = Some(1);
    let log = super::support::log_of(
        &definitions,
        "2024-03-04T09:00 lead_created L1
         2024-03-08T09:00 progress",
    );
    let moved = Control::Moved(crate::model::control::Moved {
        to: lead("L2"),
        entity: lead("L1"),
        id: None,
        trail: vec![lead("L1")],
        at: time("2024-03-04T10:00"),
        hops: 0,
        facts: vec![crate::model::fact::Fact {
            at: time("2024-03-04T09:00"),
            id: IdSpace::new([7; 16], 1).fact_id("e"),
            says: crate::model::fact::Says::StageEntered { stage: crate::model::words::Stage::Sal },
        }],
    });
    let moved = LogRecord { holds: Holds::Control(moved), ..record("2024-03-08T09:00 progress") };
    let answer = answer(&definitions, &[[log[0].clone(), vec![moved]].concat()]);
    assert_eq!(answer.counts(1, minute("2024-03-08T09:00")).len(), 2, "the lead is created and open");
    assert_table(
        &of(&cells(&answer, "2024-03-08T09:01"), &["entered_sal"]),
        "entered_sal 2024-03-04T09:00 = 1",
    );
}
