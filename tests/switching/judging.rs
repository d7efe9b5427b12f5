//! Judging while partitions switch: what is judged by which definitions, and what ends.

use std::sync::Arc;

use rapport::funnel::segment::{SegmentsTask, Told};
use rapport::funnel::terms::Terms;
use rapport::model::MINUTE_MS;
use rapport::model::alert::{Alert, AlertState};
use rapport::model::definitions::{Definitions, Dimension};
use rapport::model::delta::{Delta, Step, Switch};
use rapport::model::measure::{Blame, Cell, Measure};
use rapport::model::partitioner::partition_of;
use rapport::model::window::WindowResult;
use rapport::model::words::Team;
use rapport::pipeline::local::Local;

use super::{NINE, Reader, announced, boundary, mql, plain, progress};

/// A lead whose home is this partition.
fn lead_of(partition: u32, partitions: u32) -> String {
    another_lead_of(partition, partitions, 0)
}

fn another_lead_of(partition: u32, partitions: u32, which: usize) -> String {
    let leads = (0..).map(|n| format!("L{n}"));
    leads.filter(|lead| partition_of(lead.as_bytes(), partitions) == partition).nth(which).unwrap()
}

/// Partitions switch at boundaries of their own. Between the first switch and the last nothing is judged; then
/// everything is there that was counted under the new definitions.
#[test]
fn between_two_switches_nothing_is_judged() {
    let first = plain(2, |_| {});
    let second = plain(2, |definitions| definitions.dimensions.clear());
    let mut local = Local::new(&Arc::new(Terms::new(first, 1).unwrap()));
    let mut judged = Vec::new();
    let mut commit = |local: &mut Local| {
        local.read_all();
        for told in local.commit_all() {
            if let Told::Window(result) = told {
                judged.push((result.at.minute(), result.definitions_version));
            }
        }
        judged.sort_unstable();
        judged.dedup();
        std::mem::take(&mut judged)
    };
    for partition in 0..2 {
        local.append(partition, mql(&lead_of(partition, 2), 5));
        local.append(partition, progress("direct", partition, 10));
    }
    let told = commit(&mut local);
    assert_eq!(told, [(boundary(6), 1)]);
    local.append(0, announced(2, &second));
    for minutes in [15, 20] {
        local.append(0, mql(&lead_of(0, 2), minutes));
        local.append(0, progress("direct", 0, minutes + 5));
        local.append(1, mql(&lead_of(1, 2), minutes));
        local.append(1, progress("direct", 1, minutes + 10));
        assert_eq!(commit(&mut local), [], "one counts under others from 9:11 on");
    }
    assert_eq!((local.segments().terms().number, local.segments().aligned()), (1, Some(boundary(25))));
    local.append(1, announced(2, &second));
    assert_eq!(commit(&mut local), []);
    for partition in 0..2 {
        local.append(partition, progress("direct", partition, 50));
    }
    assert_eq!(commit(&mut local), [(boundary(31), 2)], "the other one has switched at 9:31");
    assert_eq!(local.segments().terms().number, 2);
    assert_eq!(local.segments().waiting_len(), 0);
    let entered = |name: &str| {
        let windows = local.segments().windows_now();
        let of = |w: &&WindowResult| w.segment == name && w.measure == "entered_mql" && w.window == "1d";
        windows.iter().find(of).and_then(|window| window.value)
    };
    assert_eq!((entered("all"), entered("source=(empty)")), (Some(2.0), None));
}

/// Several changes come before the partitions agree on any of them: what no boundary is judged by is forgotten.
#[test]
fn definitions_that_never_hold_for_all_leave_nothing_behind() {
    let first = plain(2, |_| {});
    let zone = |zone: &str| plain(2, |definitions| definitions.zone = zone.into());
    let (second, third) = (zone("Asia/Tokyo"), zone("Asia/Kolkata"));
    let mut local = Local::new(&Arc::new(Terms::new(first, 1).unwrap()));
    let pass = |local: &mut Local, partition: u32, minutes: i64, then: Option<(u32, &Definitions)>| {
        local.append(partition, mql(&another_lead_of(partition, 2, minutes as usize), minutes - 5));
        local.append(partition, progress("direct", partition, minutes));
        if let Some((number, definitions)) = then {
            local.append(partition, announced(number, definitions));
        }
        local.read_all();
        local.commit_all();
        (local.segments().terms().number, local.segments().waiting_len())
    };
    assert_eq!(pass(&mut local, 0, 10, Some((2, &second))), (1, 1));
    assert_eq!(pass(&mut local, 0, 30, Some((3, &third))), (1, 3), "of 9:06, 9:11 and 9:26");
    assert_eq!(pass(&mut local, 0, 50, None), (1, 5));
    assert_eq!(pass(&mut local, 1, 40, Some((2, &second))), (1, 4), "up to 9:10 all was judged");
    assert_eq!(pass(&mut local, 1, 60, Some((3, &third))), (1, 6), "two by two wait under each number");
    assert_eq!(pass(&mut local, 1, 70, None), (1, 4), "nobody counts under the second any more");
    assert_eq!(pass(&mut local, 0, 80, None), (3, 1), "from 9:61 on all is judged again");
}

/// In these segments ten MQLs of ten were missed, in the whole company those of a thousand.
fn missed_in(segments: &[&str]) -> Step {
    let mut step = Step::default();
    let mut count = |segment: &str, measure, subject: &str, n| {
        let cell = Cell { measure, subject: subject.into(), slice: boundary(-60), grade: 0 };
        step.add(&segment.into(), &cell, n);
    };
    for segment in segments {
        count(segment, Measure::TouchMissed, Blame::Sales.as_str(), 10);
    }
    count("all", Measure::TouchMissed, Blame::Sales.as_str(), 10);
    count("all", Measure::TouchMet, "", 990);
    count("all", Measure::Touches(Team::Sales), "", 990);
    step
}

/// At a switch the alerts end whose segment is not made any more; the others live on, even where nothing is counted.
#[test]
fn alerts_of_segments_that_are_not_made_end_and_the_others_live_on() {
    let by = |keys: &[&str]| {
        let dimension = |key: &&str| Dimension { keys: vec![(*key).into()] };
        plain(1, |definitions| definitions.dimensions = keys.iter().map(dimension).collect())
    };
    let mut task = SegmentsTask::new(Arc::new(Terms::new(by(&["region", "source"]), 1).unwrap()));
    let mut alerts =
        |number: u32, minutes: i64, switch: Option<(i64, Definitions)>, step: Option<(i64, Step)>| {
            let switch = switch.map(|(at, definitions)| Box::new(Switch { at: boundary(at), definitions }));
            let steps = step.into_iter().map(|(at, step)| (boundary(at), step)).collect();
            let delta = Delta { partition: 0, time: boundary(minutes), definitions: number, switch, steps };
            let mut reader = Reader::default();
            reader.hear(task.apply(delta));
            let line = |alert: Alert| {
                let what = if alert.state == AlertState::Firing { "firing" } else { "resolved" };
                let (at, n) = ((alert.at.0 - NINE.0) / MINUTE_MS, alert.n);
                format!("{at} {what} {} n={n} by {}", alert.segment, alert.definitions_version)
            };
            reader.alerts.into_iter().map(line).collect::<Vec<_>>()
        };
    let segments = ["region=x", "region=y", "source=a"];
    let fires = segments.map(|name| format!("15 firing {name} n=10 by 1"));
    assert_eq!(alerts(1, 15, None, Some((1, missed_in(&segments)))), fires);
    let told = alerts(2, 31, Some((32, by(&["source"]))), None);
    assert_eq!(told, Vec::<String>::new(), "they have not passed 9:32");
    let told = alerts(2, 40, None, Some((32, missed_in(&[]))));
    let ends = ["region=x", "region=y"].map(|name| format!("32 resolved {name} n=10 by 2"));
    assert_eq!(told, ends);
    assert_eq!(alerts(2, 94, None, None), Vec::<String>::new());
    assert_eq!(alerts(2, 95, None, None), ["95 resolved source=a n=0 by 2"], "an hour after it was gone");
}
