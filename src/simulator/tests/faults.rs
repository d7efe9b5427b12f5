//! A fault changes what it plants, from its onset on, and nothing else.

use super::*;

#[test]
fn nothing_is_different_before_the_onset() {
    let play = |plot, segment| {
        let scenario =
            Scenario { days: 60, onset_day: 30, second_onset_day: 40, segment, ..Scenario::of(plot, 5) };
        let onset = scenario.day(30);
        let mut records = records(&scenario);
        records.retain(|record| record.arrival < onset);
        assert!(records.len() > 5_000);
        records
    };
    let healthy = play(Plot::Healthy, Segment::All);
    for &plot in Plot::ALL {
        for segment in [Segment::All, Segment::Region("apac".into()), Segment::Source("webinar".into())] {
            if segment != Segment::All && plot.is_of_all_alone() {
                continue;
            }
            let faulty = play(plot, segment.clone());
            assert!(faulty == healthy, "{plot} in {segment} differs before its onset");
        }
    }
}

#[test]
fn no_dose_is_no_fault() {
    let healthy = Scenario { days: 40, onset_day: 10, ..Scenario::default() };
    for &plot in Plot::ALL {
        for (dose, onset_day) in [(0.0, 10), (1.0, 40)] {
            let scenario = Scenario { plot, dose, onset_day, second_onset_day: onset_day, ..healthy.clone() };
            assert!(records(&scenario) == records(&healthy), "{plot} of dose {dose} from day {onset_day}");
            assert_eq!(Company::new(scenario).unwrap().truth().periods, []);
        }
    }
}

/// Of even growth the first half of the days brings a quarter of what the same days bring at full strength, the second
/// one three quarters.
#[test]
fn a_fault_that_grows_brings_what_has_grown() {
    let leads = |ramp_days| -> [usize; 3] {
        let scenario = Scenario { ramp_days, ..large(Plot::MqlTunnelVision, 188, 20) };
        let mut of_days = [0; 3];
        for event in events(&scenario) {
            let day = (event.occurred_at.0 - scenario.start.0) / DAY_MS;
            let is_of_the_flood = event.record_key().starts_with("L-50");
            if event.body.kind() == Kind::LeadCreated && is_of_the_flood && day < 188 {
                of_days[((day - 20) / 56) as usize] += 1;
            }
        }
        of_days
    };
    let [first, second, after] = leads(112);
    let at_once = leads(0);
    assert_share("first half", first, at_once[0], 0.25, 0.005);
    assert_share("second half", second, at_once[1], 0.75, 0.005);
    assert_share("afterwards", after, at_once[2], 1.0, 0.05);
    let truth = Company::new(Scenario { ramp_days: 112, ..large(Plot::MqlTunnelVision, 188, 20) }).unwrap();
    let [planted] = &truth.truth().periods[..] else { panic!("one fault") };
    assert_eq!((planted.from, planted.dose), (Scenario::default().day(20), 1.0), "from its onset on");
}

#[test]
fn a_fault_touches_only_what_it_is_about() {
    let by_id = |plot, segment: &Segment| -> BTreeMap<Text, Event> {
        let scenario =
            Scenario { days: 60, onset_day: 20, segment: segment.clone(), ..Scenario::of(plot, 5) };
        // Marketing answers what it hears.
        let events = events(&scenario).into_iter().filter(|event| event.body.kind() != Kind::PlaybookChanged);
        events.map(|event| (event.event_id.clone(), event)).collect()
    };
    let healthy = by_id(Plot::Healthy, &Segment::All);

    let flooded = by_id(Plot::MqlTunnelVision, &Segment::All);
    let usual: BTreeMap<Text, Event> =
        flooded.into_iter().filter(|(_, event)| !event.record_key().contains("-500000")).collect();
    assert!(usual == healthy, "a flood leaves the usual leads alone");

    let silent = by_id(Plot::SilentSales, &Segment::All);
    assert!(silent.iter().all(|(id, event)| healthy.get(id) == Some(event)), "silence adds nothing");
    let missing = healthy.len() - silent.len();
    let verdicts = |events: &BTreeMap<Text, Event>| {
        events.values().filter(|event| event.body.kind() == Kind::LeadDispositioned).count()
    };
    assert!(verdicts(&healthy) - verdicts(&silent) > missing / 2, "mostly verdicts are missing");

    let region = Segment::Region("emea".into());
    let emea: BTreeSet<Text> = healthy
        .values()
        .filter_map(|event| match &event.body {
            Body::LeadCreated { lead_id, attributes, .. } => {
                (attributes.get("region").unwrap() == "emea").then(|| lead_id.clone())
            }
            _ => None,
        })
        .collect();
    let elsewhere = |events: BTreeMap<Text, Event>| -> Vec<Event> {
        // Deals without a named lead have the number of their lead.
        let lead_of = |event: &Event| event.record_key().replace("D-", "L-");
        events.into_values().filter(|event| !emea.contains(lead_of(event).as_str())).collect()
    };
    let slow = by_id(Plot::SlowFirstTouch, &region);
    assert!(slow != healthy);
    assert!(elsewhere(slow) == elsewhere(healthy), "slow touches in emea leave the others alone");
}

#[test]
fn the_truth_says_what_is_planted_where_and_when() {
    let told = |plot, end_day, segment| -> Vec<String> {
        let scenario =
            Scenario { onset_day: 10, second_onset_day: 20, end_day, segment, ..Scenario::of(plot, 1) };
        let day = |at: EventTime| (at.0 - scenario.start.0) / DAY_MS;
        let company = Company::new(scenario.clone()).unwrap();
        let line = |planted: &Planted| {
            let Planted { sign, rule, segment, subject, from, to, dose, .. } = planted;
            let (subject, to) = (subject.as_deref().unwrap_or("-"), to.map(day));
            format!("{sign} {rule} {segment} {subject} {} {to:?} {dose}", day(*from))
        };
        company.truth().periods.iter().map(line).collect()
    };
    for (plot, expected) in [
        (Plot::Healthy, &[][..]),
        (Plot::MqlTunnelVision, &["1 divergence all content_syndication 10 None 1"]),
        (Plot::SlowFirstTouch, &["2 first_touch_slo all - 10 None 1"]),
        (Plot::SilentSales, &["2 silent_leads all - 10 None 1"]),
        (
            Plot::IncuriousMarketing,
            &[
                "3 unanswered_rejections all outside_target 10 None 1",
                "3 absent_after_handoff all - 10 None 1",
            ],
        ),
        (Plot::ShadowContent, &["4 sales_authored_share all - 10 None 1"]),
        (
            Plot::FallingOut,
            &["1 divergence all content_syndication 10 None 1", "2 first_touch_slo all - 20 None 1"],
        ),
    ] {
        assert_eq!(told(plot, None, Segment::All), expected, "{plot}");
    }
    assert_eq!(
        told(Plot::MqlTunnelVision, Some(30), Segment::Source("organic".into())),
        ["1 divergence source=organic organic 10 Some(30) 1"]
    );
}
