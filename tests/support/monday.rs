//! A Monday of a company with a handful of leads: what tests of the engine write by hand. Nothing here is drawn.

use std::sync::Arc;

use rapport::funnel::terms::Terms;
use rapport::model::definitions::Definitions;
use rapport::model::event::{Body, Event};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};
use rapport::model::words::{Stage, Team};
use rapport::model::{EventTime, MINUTE_MS};

use super::definitions;
use super::random_log::Arrival;
use super::rig::{Rig, Running};

/// 2026-03-02, a Monday, at nine, when sales opens.
pub(crate) const NINE: EventTime = EventTime(1_772_442_000_000);

/// So many minutes after nine.
pub(crate) fn past_nine(minutes: i64) -> EventTime {
    NINE.plus_ms(minutes * MINUTE_MS)
}

/// The plain definitions, with windows told every minute, and what else is changed.
pub(crate) fn terms(change: impl FnOnce(&mut Definitions)) -> Arc<Terms> {
    let mut definitions = Definitions { windows_every_minutes: 1, ..definitions::plain() };
    change(&mut definitions);
    Arc::new(Terms::new(definitions, 1).expect("these definitions are right"))
}

/// An event of a lead, written this many ms after it happened.
pub(crate) fn late(
    id: &str,
    lead: &str,
    occurred_at: EventTime,
    late_ms: i64,
    partitions: u32,
    body: Body,
) -> Arrival {
    let timestamp = occurred_at.plus_ms(late_ms);
    let event = Event { event_id: id.into(), occurred_at, body };
    Arrival {
        at: timestamp,
        partition: partition_of(lead.as_bytes(), partitions),
        record: LogRecord { timestamp, came: Came::Direct, holds: Holds::Event(event) },
    }
}

pub(crate) fn mql(lead: &str) -> Body {
    Body::LeadStageEntered { lead_id: lead.into(), stage: Stage::Mql }
}

pub(crate) fn touch(lead: &str) -> Body {
    Body::LeadTouched { lead_id: lead.into(), team: Team::Sales, channel: None, automated: false }
}

/// A lead that is an MQL at this time, said at once, where the event log has one partition.
pub(crate) fn mql_at(lead: &str, at: EventTime) -> Arrival {
    late(&format!("mql {lead}"), lead, at, 0, 1, mql(lead))
}

/// It is that time on the wall, and the member does what follows from that.
pub(crate) fn let_pass_to(rig: &Rig, member: &mut Running, wall: EventTime) {
    rig.set_wall(wall);
    rig.settle(member);
}

/// Twenty MQLs that nobody calls, but for a sign of life of sales; written this many ms after it happened.
pub(crate) fn an_afternoon_of_silence(late_ms: i64) -> Vec<Arrival> {
    let leads = (0..20).map(|n| format!("L{n}"));
    let mut events: Vec<Arrival> =
        leads.map(|lead| late(&lead, &lead, NINE, late_ms, 1, mql(&lead))).collect();
    events.push(late("call", "L0", past_nine(1), late_ms, 1, touch("L0")));
    events
}
