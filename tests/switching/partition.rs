//! One partition: what it takes of an announcement and when, and what it emits.

use rapport::funnel::journey::JourneysTask;
use rapport::model::MINUTE_MS;
use rapport::model::Minute;
use rapport::model::control::{Control, Moved};
use rapport::model::definitions::{Definitions, SourceDefinition};
use rapport::model::delta::Delta;
use rapport::model::entity::{EntityKind, EntityRef};
use rapport::model::event::{Body, Event};
use rapport::model::fact::Fact;
use rapport::model::measure::Measure;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::Team;

use super::restarts::{Rows, keep};
use super::{NINE, announced, boundary, control, mql, past_nine, plain, progress, task_of};

/// Number, time, and where it begins with a switch that one's boundary, of each delta.
fn outline(deltas: &[Delta]) -> Vec<(u32, Minute, Option<Minute>)> {
    deltas.iter().map(|d| (d.definitions, d.time, d.switch.as_ref().map(|switch| switch.at))).collect()
}

#[test]
fn a_transaction_that_spans_a_switch_has_a_delta_for_each_generation() {
    let first = plain(1, |_| {});
    let second = plain(1, |definitions| definitions.dimensions.clear());
    let third = plain(1, |definitions| definitions.zone = "Asia/Kolkata".into());
    let mut task = task_of(&first);
    task.apply(&mql("a", 0));
    task.apply(&progress("direct", 0, 10));
    task.apply(&announced(2, &second));
    assert_eq!(outline(&task.take_deltas()), [(1, boundary(10), None)]);
    task.apply(&progress("direct", 0, 20));
    task.apply(&announced(3, &third));
    task.apply(&progress("direct", 0, 30));
    task.apply(&progress("direct", 0, 31));
    let deltas = task.take_deltas();
    let (at, again) = (boundary(11), boundary(21));
    assert_eq!(outline(&deltas), [(2, boundary(20), Some(at)), (3, boundary(31), Some(again))]);
    assert_eq!(deltas[0].switch.as_ref().map(|switch| &switch.definitions), Some(&second));
    assert_eq!(deltas[0].steps.keys().collect::<Vec<_>>(), [&at]);
    assert_eq!(deltas[1].steps.keys().collect::<Vec<_>>(), [&again]);
    task.apply(&progress("direct", 0, 40));
    assert_eq!(outline(&task.take_deltas()), [(3, boundary(40), None)]);
}

/// Before time has begun to pass there is nothing to be counted anew: the other definitions hold at once, and the
/// first delta says so, however late it comes.
#[test]
fn before_time_begins_other_definitions_hold_at_once() {
    let first = plain(1, |definitions| {
        definitions.sources.push(SourceDefinition { name: "crm".into(), partitions: 1 });
        definitions.retention_days = Some(10);
    });
    let second = plain(1, |definitions| definitions.retention_days = Some(20));
    let mut task = task_of(&first);
    let mut rows = Rows::new();
    task.apply(&progress("direct", 0, 30));
    task.apply(&mql("long ago", -15 * 1440));
    assert_eq!((task.time(), task.terms().number), (Minute::MIN, 1));
    task.apply(&announced(2, &plain(1, |definitions| definitions.sources = first.sources.clone())));
    assert_eq!((task.time(), task.terms().number), (Minute::MIN, 2));
    assert_eq!(task.take_deltas(), []);
    keep(&mut rows, task.take_changed(), |key| task.state_row(key));
    let mut task = task_of(&first);
    rows.iter().for_each(|(key, value)| task.load(key, Some(value), rapport::engine::STATE_FORMAT).unwrap());
    task.loaded();
    assert_eq!(task.terms().number, 2, "its state says so");
    task.apply(&announced(3, &second));
    assert_eq!(
        (task.time(), task.terms().number),
        (boundary(30), 3),
        "the other source is waited for no more"
    );
    let deltas = task.take_deltas();
    assert_eq!(outline(&deltas), [(3, boundary(30), Some(Minute::MIN))]);
    let counted: Vec<_> = deltas[0].steps.values().flat_map(|step| step.counts.keys()).collect();
    assert!(!counted.is_empty(), "what was read before counts, and nothing of it is cut off");
}

/// The list of sources and the bound on disorder hold from the announcement on, all else from the next boundary.
#[test]
fn sources_hold_at_once() {
    let crm = SourceDefinition { name: "crm".into(), partitions: 2 };
    let first = plain(1, |definitions| definitions.sources.push(crm.clone()));
    let mut task = task_of(&first);
    let apply = |task: &mut JourneysTask, record: LogRecord| {
        task.apply(&record);
        (task.time(), task.terms().number)
    };
    apply(&mut task, progress("crm", 0, 10));
    apply(&mut task, progress("crm", 1, 90));
    assert_eq!(apply(&mut task, progress("direct", 0, 60)), (boundary(10), 1));
    let direct_alone = plain(1, |definitions| definitions.out_of_orderness_ms = 10 * MINUTE_MS);
    assert_eq!(apply(&mut task, announced(2, &direct_alone)), (boundary(60), 2), "crm holds nobody any more");
    let other = plain(1, |definitions| {
        definitions.sources = vec![SourceDefinition { name: "erp".into(), partitions: 1 }, crm.clone()];
    });
    assert_eq!(apply(&mut task, announced(3, &other)), (boundary(60), 2), "erp has told nothing yet");
    apply(&mut task, progress("crm", 0, 80));
    assert_eq!(apply(&mut task, progress("direct", 0, 95)), (boundary(60), 2), "direct is not listed");
    assert_eq!(apply(&mut task, progress("erp", 0, 85)), (boundary(80), 3));
    let fewer = plain(1, |definitions| {
        definitions.sources = vec![SourceDefinition { name: "crm".into(), partitions: 1 }];
    });
    apply(&mut task, progress("crm", 0, 95));
    assert_eq!(apply(&mut task, announced(4, &fewer)), (boundary(95), 4), "of what is listed, the slowest");
    let mut event = mql("live", 120);
    event.came = Came::Direct;
    apply(&mut task, event);
    let direct_again = plain(1, |definitions| definitions.out_of_orderness_ms = 0);
    assert_eq!(
        apply(&mut task, announced(5, &direct_again)),
        (boundary(119), 5),
        "told half a minute before"
    );
}

/// What cannot follow is ignored, and so is what comes out of turn; of two that wait the higher one comes.
#[test]
fn what_cannot_follow_is_ignored() {
    let first = plain(1, |_| {});
    let mut task = task_of(&first);
    let switched = |task: &mut JourneysTask, minutes: i64| {
        task.apply(&progress("direct", 0, minutes));
        let switches =
            task.take_deltas().into_iter().filter_map(|delta| delta.switch).map(|switch| switch.at);
        (task.terms().number, switches.collect::<Vec<_>>())
    };
    assert_eq!(switched(&mut task, 0), (1, vec![]));
    task.apply(&announced(9, &plain(2, |_| {})));
    task.apply(&announced(9, &plain(1, |definitions| definitions.id_key = *b"another key, 16b")));
    task.apply(&announced(9, &plain(1, |definitions| definitions.zone = "Europe/Atlantis".into())));
    let never = |definitions: &mut Definitions| {
        definitions.calendars.values_mut().for_each(|calendar| calendar.weekly = Default::default());
    };
    task.apply(&announced(9, &plain(1, never)));
    task.apply(&announced(1, &plain(1, |definitions| definitions.zone = "Asia/Kolkata".into())));
    assert_eq!(switched(&mut task, 10), (1, vec![]), "none of them was announced");
    let named = |zone: &str| plain(1, |definitions| definitions.zone = zone.into());
    task.apply(&announced(3, &named("Asia/Kolkata")));
    task.apply(&announced(2, &named("Asia/Tokyo")));
    task.apply(&announced(4, &named("Europe/Berlin")));
    assert_eq!(switched(&mut task, 20), (4, vec![boundary(11)]));
    task.apply(&announced(4, &named("Asia/Tokyo")));
    task.apply(&announced(3, &named("Asia/Tokyo")));
    assert_eq!(switched(&mut task, 30), (4, vec![]));
    assert_eq!(task.terms().definitions.zone, "Europe/Berlin");
    assert_eq!(task.counters().control_records, 14, "every one of them was read");
}

/// At a switch the rows to which nothing happens just then stay as they are in the state.
#[test]
fn a_switch_writes_no_rows_that_stay_as_they_are() {
    let mut task = task_of(&plain(1, |_| {}));
    for n in 0..100 {
        task.apply(&mql(&format!("L{n}"), n % 10));
    }
    task.apply(&progress("direct", 0, 20));
    task.apply(&mql("at the switch", 20));
    assert_eq!(task.take_changed().len(), 1 + 2 + 101, "the head, the definitions, the rows");
    task.apply(&announced(2, &plain(1, |definitions| definitions.dimensions.clear())));
    task.apply(&progress("direct", 0, 21));
    let all = task.take_deltas().pop().unwrap();
    let entered: i64 = all.steps[&boundary(21)].counts.values().sum();
    assert!(entered > 300, "everybody has entered two stages and is open in one: {entered}");
    assert_eq!(task.take_changed().len(), 1 + 2 + 1);
}

/// A task in which the promise to a lead was not kept whose name is not known, and that lead.
fn nobody_in_particular() -> (JourneysTask, EntityRef) {
    let mut task = task_of(&plain(1, |_| {}));
    let ids = task.terms().ids.clone();
    let lead = |id: &str| ids.entity(EntityKind::Lead, id);
    let Holds::Event(event) = mql("L1", 0).holds else { panic!("it is an event") };
    let moved = Moved {
        to: lead("L2"),
        entity: lead("L1"),
        id: None,
        trail: Vec::new(),
        at: NINE,
        hops: 1,
        facts: vec![Fact::of(&event, &ids).unwrap()],
    };
    task.apply(&control(Control::Moved(moved)));
    task.apply(&progress("direct", 0, 300));
    assert_eq!(evidence(&mut task), [], "the promise was not kept to nobody in particular");
    (task, lead("L2"))
}

/// Who stands behind the missed first touches.
fn evidence(task: &mut JourneysTask) -> Vec<(String, i64)> {
    let steps = task.take_deltas().into_iter().flat_map(|delta| delta.steps.into_values());
    let evidence = steps.flat_map(|step| step.evidence);
    let missed = evidence.filter(|(evidence, _)| evidence.measure == Measure::TouchMissed);
    missed.map(|(evidence, n)| (evidence.id.to_string(), n)).collect()
}

/// A lead whose name became known since its last emission stands behind its evidence from the switch on, once.
#[test]
fn a_name_that_became_known_stands_behind_the_evidence_from_the_switch_on() {
    let (mut task, _) = nobody_in_particular();
    task.apply(&mql("L2", 320));
    task.apply(&announced(2, &plain(1, |definitions| definitions.dimensions.clear())));
    task.apply(&progress("direct", 0, 310));
    assert_eq!(evidence(&mut task), [("L2".to_owned(), 1)]);
    task.apply(&progress("direct", 0, 330));
    assert_eq!(evidence(&mut task), [], "it stands there already");
}

/// Without a switch it stands there from the next boundary on at which a fact begins to count; one that is given
/// back before it counts is none.
#[test]
fn a_name_that_became_known_by_a_fact_that_left_waits_for_the_next_one() {
    let (mut task, lead) = nobody_in_particular();
    let deal = task.terms().ids.entity(EntityKind::Deal, "D1");
    let body = Body::DealTouched {
        deal_id: "D1".into(),
        lead_id: Some("L2".into()),
        team: Team::Sales,
        channel: None,
        automated: false,
    };
    let event = Event { event_id: "touched".into(), occurred_at: NINE, body };
    task.apply(&LogRecord {
        timestamp: NINE,
        came: Came::Intake { source: "crm".into() },
        holds: Holds::Event(event),
    });
    task.apply(&control(Control::Release { from: lead, entity: deal, at: NINE, hops: 0 }));
    task.apply(&progress("direct", 0, 310));
    assert_eq!(evidence(&mut task), []);
    task.apply(&mql("L2", 310));
    task.apply(&progress("direct", 0, 320));
    assert_eq!(evidence(&mut task), [("L2".to_owned(), 1)]);
}

/// Releases of before format 6 counted a first touch in time when it was made, and did not name MQLs that wait. What
/// they had emitted is taken back and told anew at the next boundary, also of rows that were written since as they
/// stood.
#[test]
fn what_a_release_of_old_had_emitted_is_told_anew_at_the_next_boundary() {
    let definitions = plain(1, |definitions| definitions.dimensions.clear());
    let mut task = task_of(&definitions);
    let mut touched = mql("a", 20);
    touched.holds = Holds::Event(Event {
        event_id: "call".into(),
        occurred_at: past_nine(20),
        body: Body::LeadTouched { lead_id: "a".into(), team: Team::Sales, channel: None, automated: false },
    });
    task.apply(&mql("a", 0));
    task.apply(&touched);
    task.apply(&progress("direct", 0, 30));
    let mut rows = Rows::new();
    keep(&mut rows, task.take_changed(), |key| task.state_row(key));
    let mut old = task_of(&definitions);
    for (key, value) in &rows {
        // A row of then ends before it says of which release its emission is.
        let end = if key.len() == 16 { value.len() - 1 } else { value.len() };
        old.load(key, Some(&value[..end]), 5).unwrap();
    }
    old.loaded();
    let mut again = task_of(&definitions);
    for key in rows.keys() {
        again.load(key, old.state_row(key).as_deref(), rapport::engine::STATE_FORMAT).unwrap();
    }
    again.loaded();
    for mut task in [old, again] {
        task.apply(&progress("direct", 0, 31));
        let met = |task: &mut JourneysTask| {
            let steps = task.take_deltas().into_iter().flat_map(|delta| delta.steps);
            let counts = steps.flat_map(|(_, step)| step.counts);
            let met = counts.filter(|((_, cell), _)| cell.measure == Measure::TouchMet);
            met.map(|((_, cell), n)| (cell.slice, n)).collect::<Vec<_>>()
        };
        assert_eq!(met(&mut task), [(past_nine(20).minute(), -1)]);
        task.apply(&progress("direct", 0, 32));
        assert_eq!(met(&mut task), [], "once");
        task.apply(&progress("direct", 0, 600));
        assert_eq!(met(&mut task), [(past_nine(240).minute(), 1)]);
    }
}
