//! Definitions that change while the log runs: in a partition, in judging, over restarts.

mod judging;
mod partition;
mod restarts;

use std::collections::BTreeMap;
use std::sync::Arc;

use rapport::funnel::journey::JourneysTask;
use rapport::funnel::segment::Told;
use rapport::funnel::terms::Terms;
use rapport::model::alert::Alert;
use rapport::model::control::Control;
use rapport::model::definitions::Definitions;
use rapport::model::event::{Body, Event};
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::window::WindowResult;
use rapport::model::words::Stage;
use rapport::model::{EventTime, Minute};

use crate::support::definitions;
pub(super) use crate::support::monday::{NINE, past_nine};

/// What a reader of alerts and windows knows.
#[derive(Default)]
pub(super) struct Reader {
    pub(super) alerts: Vec<Alert>,
    pub(super) windows: BTreeMap<String, WindowResult>,
}

impl Reader {
    pub(super) fn hear(&mut self, told: Vec<Told>) {
        for told in told {
            match told {
                Told::Alert(alert) => self.alerts.push(alert),
                Told::Explained(_) | Told::Erased(_) => {}
                Told::Window(result) => {
                    let result = WindowResult { at: EventTime(0), ..result };
                    self.windows.insert(result.record_key(), result);
                }
                Told::WindowGone(key) => drop(self.windows.remove(&key.record_key())),
            }
        }
    }
}

pub(super) fn boundary(minutes: i64) -> Minute {
    past_nine(minutes).minute()
}

pub(super) fn control(control: Control) -> LogRecord {
    LogRecord { timestamp: NINE, came: Came::Direct, holds: Holds::Control(control) }
}

pub(super) fn progress(source: &str, partition: u32, minutes: i64) -> LogRecord {
    control(Control::Progress { source: source.into(), partition, time: past_nine(minutes) })
}

pub(super) fn announced(number: u32, definitions: &Definitions) -> LogRecord {
    control(Control::DefinitionsInForce { number, definitions: Box::new(definitions.clone()) })
}

pub(super) fn mql(lead: &str, minutes: i64) -> LogRecord {
    let occurred_at = past_nine(minutes);
    let body = Body::LeadStageEntered { lead_id: lead.into(), stage: Stage::Mql };
    let event = Event { event_id: format!("{lead} {minutes}").into(), occurred_at, body };
    LogRecord {
        timestamp: occurred_at,
        came: Came::Intake { source: "crm".into() },
        holds: Holds::Event(event),
    }
}

pub(super) fn plain(partitions: u32, change: impl FnOnce(&mut Definitions)) -> Definitions {
    let mut definitions = definitions::plain();
    definitions.event_partitions = partitions;
    definitions.windows_every_minutes = 1;
    change(&mut definitions);
    definitions
}

pub(super) fn task_of(definitions: &Definitions) -> JourneysTask {
    JourneysTask::new(0, Arc::new(Terms::new(definitions.clone(), 1).unwrap()))
}
