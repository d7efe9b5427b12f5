//! Plays a company through the pure core, as the daemon would judge it.

use std::collections::BTreeMap;
use std::sync::Arc;

use rapport::config;
use rapport::funnel::segment::Told;
use rapport::funnel::segment::series::Hour;
use rapport::funnel::terms::Terms;
use rapport::model::alert::Alert;
use rapport::model::definitions::{CalendarDefinition, DIRECT, SourceDefinition};
use rapport::model::measure::Measure;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::{DAY_MS, EventTime};
use rapport::pipeline::local::Local;
use rapport::simulator::grading::{self, Episode};
use rapport::simulator::{Company, Payload, Scenario, Truth};

/// A delta is judged after this many records; the answer does not depend on it.
const COMMIT_EVERY_RECORDS: u64 = 1_000;
/// Hours are kept for 35 days: they are put down before.
const PUT_DOWN_EVERY_MS: i64 = 14 * DAY_MS;
const PUT_DOWN_MS: i64 = 34 * DAY_MS;

/// The rules at their defaults, but for what is set.
pub fn terms(set: &[(String, String)]) -> Result<Arc<Terms>, String> {
    let name = |key: &str| format!("RAPPORT__RULE__{}", key.to_uppercase().replace('.', "__"));
    let over: Vec<(String, String)> = set.iter().map(|(key, value)| (name(key), value.clone())).collect();
    let config = config::load("", "the defaults", &over).map_err(|e| e.to_string())?;
    let mut definitions =
        config.definitions(&|_| Some(1), *b"rapport, passing").map_err(|e| e.to_string())?;
    definitions.sources = vec![SourceDefinition { name: DIRECT.into(), partitions: 1 }];
    definitions.event_partitions = 1;
    definitions.windows_every_minutes = 24 * 60;
    Terms::new(definitions, 1).map(Arc::new).map_err(|e| e.to_string())
}

/// The terms with the calendars of a company, as its people would have configured them.
fn with_calendars(terms: &Arc<Terms>, truth: &Truth) -> Result<Arc<Terms>, String> {
    let Some(calendars) = &truth.calendars else { return Ok(terms.clone()) };
    let mut definitions = terms.definitions.clone();
    for (team, hours) in [("sales", &calendars.sales), ("marketing", &calendars.marketing)] {
        let minute = |text: &str| -> Option<u16> {
            let (hour, minute) = text.split_once(':')?;
            Some(hour.parse::<u16>().ok()? * 60 + minute.parse::<u16>().ok()?)
        };
        let open = hours.weekdays.split_once('-').and_then(|(from, to)| Some((minute(from)?, minute(to)?)));
        let open = open.ok_or_else(|| format!("{} are no hours", hours.weekdays))?;
        let weekly = std::array::from_fn(|day| if day < 5 { vec![open] } else { Vec::new() });
        let calendar = CalendarDefinition { zone: "UTC".into(), weekly, holidays: hours.holidays.clone() };
        definitions.calendars.insert(team.into(), calendar);
    }
    match definitions == terms.definitions {
        true => Ok(terms.clone()),
        false => Terms::new(definitions, 1).map(Arc::new).map_err(|e| e.to_string()),
    }
}

/// What became of a company.
pub struct Played {
    /// Every message.
    pub alerts: Vec<Alert>,
    /// The alerts, in the order in which they began.
    pub episodes: Vec<Episode>,
    /// What was planted.
    pub truth: Truth,
    /// How many records there were.
    pub records: u64,
    /// By which it was judged.
    pub terms: Arc<Terms>,
    /// The funnel at the end.
    pub local: Local,
    /// First touches of the planted segment by the hour of their outcome: all, and the missed ones.
    pub touches: BTreeMap<Hour, (u64, u64)>,
}

/// Plays a company to its end.
pub fn play(scenario: Scenario, terms: &Arc<Terms>) -> Result<Played, String> {
    let segment = scenario.segment.to_string();
    let mut company = Company::new(scenario).map_err(|e| e.to_string())?;
    let terms = with_calendars(terms, company.truth())?;
    let mut local = Local::new(&terms);
    let mut alerts: Vec<Alert> = Vec::new();
    let mut note = |told: Vec<Told>| {
        alerts.extend(told.into_iter().filter_map(|told| match told {
            Told::Alert(alert) => Some(Alert { evidence: Vec::new(), ..alert }),
            _ => None,
        }));
    };
    let (mut records, mut touches, mut put_down) = (0, BTreeMap::new(), EventTime(i64::MIN));
    for record in company.by_ref() {
        let Payload::Event(event) = record.payload else { continue };
        let holds = Holds::Event(event);
        local.append(0, LogRecord { timestamp: record.arrival, came: Came::Direct, holds });
        local.read_all();
        records += 1;
        if records % COMMIT_EVERY_RECORDS == 0 {
            note(local.commit_all());
            let now = local.time().start();
            if now.0 >= put_down.0.saturating_add(PUT_DOWN_EVERY_MS) {
                put_down = now;
                put_touches_down(&local, &segment, now, &mut touches);
            }
        }
    }
    note(local.finish());
    put_touches_down(&local, &segment, local.time().start(), &mut touches);
    let truth = company.truth().clone();
    let episodes = grading::episodes(&alerts);
    Ok(Played { alerts, episodes, truth, records, terms, local, touches })
}

fn put_touches_down(local: &Local, name: &str, now: EventTime, touches: &mut BTreeMap<Hour, (u64, u64)>) {
    let (from, to) = (Hour::of_ms(now.0 - PUT_DOWN_MS), Hour::of_ms(now.0));
    touches.retain(|hour, _| *hour < from);
    let segment = local.segments().book().segment_or_empty(name);
    for (hour, n) in segment.series(Measure::TouchMet, "").each_hour(from, to) {
        touches.entry(hour).or_default().0 += n.max(0) as u64;
    }
    for (hour, n) in segment.subjects(Measure::TouchMissed).flat_map(|(_, s)| s.each_hour(from, to)) {
        let (all, missed) = touches.entry(hour).or_default();
        *all += n.max(0) as u64;
        *missed += n.max(0) as u64;
    }
}
