//! What happens at the limits: of facts of a journey, of journeys, of segments, of the ids in an alert.

use rapport::funnel::journey::JourneysTask;
use rapport::model::event::{Attributes, Body};
use rapport::model::outcome::Outcome;

use crate::support::monday::{
    NINE, an_afternoon_of_silence, late, let_pass_to, mql_at, past_nine, terms, touch,
};
use crate::support::random_log::Arrival;
use crate::support::rig::Rig;

/// A journey takes so many facts and no more: the rest is ignored and counted, and is no dead letter. What
/// it holds can still be told again.
#[test]
fn a_journey_that_is_full_takes_no_more_and_says_so() {
    let rig = Rig::new(&terms(|definitions| definitions.limits.facts_per_journey = 10));
    let at = |n: i64| late(&format!("touch {n}"), "L1", past_nine(n), 0, 1, touch("L1"));
    let touches: Vec<Arrival> = (0..13).map(at).collect();
    rig.feed(&touches);
    rig.feed(&touches[..2]);
    rig.feed(&[mql_at("L2", past_nine(13))]);
    let mut member = rig.start();
    rig.settle(&mut member);
    let figures = member.journeys(0);
    assert_eq!(figures.counters.facts_over_limit, 3);
    let ended = [Outcome::Applied, Outcome::Ignored, Outcome::Duplicate, Outcome::DeadLetter];
    assert_eq!(ended.map(|outcome| figures.tally.of(outcome)), [11, 3, 2, 0]);
    assert_eq!(rig.shown().dead_letters.len(), 0);
    assert_eq!(rig.start().journeys(0), figures, "the counters are state");
}

/// Privacy has no limit: a journey that is full forgets its lead as any other does.
#[test]
fn a_journey_that_is_full_can_still_be_erased() {
    let terms = terms(|definitions| definitions.limits.facts_per_journey = 10);
    let mut task = JourneysTask::new(0, terms);
    let touches = (0..10).map(|n| late(&format!("touch {n}"), "L1", past_nine(n), 0, 1, touch("L1")));
    let erase = |id: &str| late(id, "L1", past_nine(20), 0, 1, Body::LeadErased { lead_id: "L1".into() });
    let ends =
        touches.chain([erase("first"), erase("again")]).map(|arrival| task.apply(&arrival.record).outcome);
    let ends: Vec<_> = ends.collect();
    assert_eq!(ends[9..], [Outcome::Applied, Outcome::Applied, Outcome::Ignored].map(Some));
    assert_eq!(task.counters().facts_over_limit, 1, "once forgotten is enough");
    task.pass_time(past_nine(21).minute());
    assert_eq!(task.rows().map(|row| row.id.clone()).collect::<Vec<_>>(), [None]);
}

/// A lead that comes from here and becomes an MQL at once.
fn mql_from(source: &str, key: &str) -> [Arrival; 2] {
    let lead = format!("L {source}");
    let body = Body::LeadCreated {
        lead_id: lead.as_str().into(),
        source: Some(source.into()),
        campaign_id: None,
        attributes: Attributes::new([(key.into(), source.into())]),
    };
    [late(&format!("lead {source}"), &lead, NINE, 0, 1, body), mql_at(&lead, NINE)]
}

fn entered_mql(rig: &Rig, segment: &str) -> Option<f64> {
    rig.windows().get(&format!("{segment}|entered_mql|28d")).and_then(|window| window.value)
}

/// There are more journeys than there may be: it commits what it has read and stops, at each start, until somebody
/// allows more; nothing is lost.
#[test]
fn beyond_the_limit_of_journeys_it_stops() {
    let mut rig = Rig::new(&terms(|_| {}));
    rig.tasks.journeys_max = 3;
    let leads = ["L1", "L2", "L3", "L4", "L5", "L6"];
    rig.feed(&leads.map(|lead| mql_at(lead, NINE)));
    for held in [4, 5] {
        let said = rig.start_in_vain().to_string();
        let expected =
            format!("{held} journeys are held, more than the 3 allowed: find out whether an integration");
        assert!(said.starts_with("stopped at crm.events[0], offset ") && said.contains(&expected), "{said}");
        rig.expel_the_only_one();
    }
    rig.tasks.journeys_max = 6;
    let mut member = rig.start();
    rig.settle(&mut member);
    assert_eq!(member.journeys(0).rows, 6);
    assert_eq!(member.journeys(0).tally.of(Outcome::Applied), 6);
}

/// There are so many segments and no more: what belongs to others counts in `other`, and how much of it
/// there is is counted.
#[test]
fn beyond_the_limit_of_segments_is_other() {
    let rig = Rig::new(&terms(|definitions| definitions.limits.segments = 3));
    for source in ["A", "B", "C", "D"] {
        rig.feed(&mql_from(source, "unused"));
    }
    let mut member = rig.start();
    let_pass_to(&rig, &mut member, past_nine(10));
    let names = ["all", "source=A", "source=B", "source=C", "source=D", "other"];
    let entered = names.map(|name| entered_mql(&rig, name));
    assert_eq!(entered, [Some(4.0), Some(1.0), Some(1.0), None, None, Some(2.0)]);
    let figures = member.segments();
    assert_eq!(figures.segments, 4);
    assert!(figures.over_limit >= 4, "at least two stages of two leads: {}", figures.over_limit);
    assert_eq!(rig.start().segments(), figures, "the counter is state");
    let plenty = Rig::new(&terms(|_| {}));
    plenty.feed(&mql_from("A", "unused"));
    let mut member = plenty.start();
    let_pass_to(&plenty, &mut member, past_nine(10));
    assert_eq!(member.segments().over_limit, 0);
}

/// The whole company is never part of `other`, whatever its segments are called.
#[test]
fn there_is_always_room_for_the_whole_company() {
    let rig = Rig::new(&terms(|definitions| {
        definitions.limits.segments = 1;
        definitions.dimensions[0].keys = vec!["account".into()];
    }));
    for account in ["A", "B"] {
        rig.feed(&mql_from(account, "account"));
    }
    let mut member = rig.start();
    let_pass_to(&rig, &mut member, past_nine(10));
    assert_eq!(entered_mql(&rig, "all"), Some(2.0));
}

/// An alert names so many leads and no more, the newest; what it leaves out is counted.
#[test]
fn an_alert_names_so_many_leads_and_no_more() {
    let told = |evidence_ids: u32| {
        let rig = Rig::new(&terms(|definitions| definitions.limits.evidence_ids = evidence_ids));
        rig.feed(&an_afternoon_of_silence(0));
        let mut member = rig.start();
        let_pass_to(&rig, &mut member, past_nine(300));
        let alerts = rig.alerts();
        assert_eq!(alerts.len(), 1, "{alerts:?}");
        let figures = member.segments();
        assert_eq!(rig.start().segments(), figures, "the counter is state");
        (alerts[0].1.evidence.len(), figures.evidence_left_out)
    };
    assert_eq!(told(5), (5, 14), "nineteen were not called");
    assert_eq!(told(19), (19, 0));
    assert_eq!(told(0), (0, 19));
}
