//! The company of a schedule: its terms, and what happens in it.

use std::collections::BTreeSet;
use std::sync::Arc;

use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

use rapport::funnel::terms::Terms;
use rapport::model::DAY_MS;
use rapport::model::control::Control;
use rapport::model::definitions::{Millionths, SourceDefinition};
use rapport::model::event::{Attributes, Body, Event};
use rapport::model::partitioner::partition_of;
use rapport::model::record::{Came, Holds, LogRecord};

use crate::support::definitions;
use crate::support::random_log::{Arrival, announce, history_of};
use crate::support::rig::Rig;

use super::schedule::Company;

/// The terms of a company.
pub fn terms(company: &Company) -> Arc<Terms> {
    let mut definitions = definitions::plain();
    definitions.event_partitions = company.partitions;
    definitions.retention_days = Some(company.retention_days).filter(|days| *days > 0);
    definitions.open_retention_days = definitions.retention_days.map(|days| days + 2);
    definitions.windows_every_minutes = 720;
    if company.has_intakes {
        let source = |name: &str, partitions| SourceDefinition { name: name.into(), partitions };
        definitions.sources = vec![source("crm.leads", 2), source("crm.deals", 1)];
    }
    let rule = definitions.rules.first_touch_slo.as_mut().expect("the plain definitions have it");
    rule.min_n = 3;
    rule.gate = Millionths(50_000);
    Arc::new(Terms::new(definitions, 1).expect("these definitions are right"))
}

/// What happens in a company. A day after everything else something happens in every partition, so that none
/// holds back the time of the others for good.
pub fn history(company: &Company, rig: &Rig) -> Vec<Arrival> {
    let rng = ChaCha8Rng::seed_from_u64(company.seed);
    let (spice, days) = (company.flavour.spice(), i64::from(company.days));
    let mut history = history_of(rng, company.events, company.partitions, spice, days, company.leads);
    if company.has_changes {
        let definitions = &rig.tasks.terms.definitions;
        announce(company.seed, definitions, &mut history);
        // The oracle counts in as many segments as there are.
        for arrival in &mut history {
            if let Holds::Control(Control::DefinitionsInForce { definitions: announced, .. }) =
                &mut arrival.record.holds
            {
                announced.limits = definitions.limits.clone();
            }
        }
    }
    let Some(last) = history.iter().map(|arrival| arrival.at).max() else { return history };
    let at = last.plus_ms(DAY_MS);
    let mut reached = BTreeSet::new();
    for n in 0..1000 {
        for (event_id, body) in [
            (format!("last-lead-{n}"), created(format!("LZ{n}"))),
            (format!("last-deal-{n}"), opened(format!("DZ{n}"))),
        ] {
            let event = Event { event_id: event_id.as_str().into(), occurred_at: at, body };
            let key = event.record_key().as_bytes().to_vec();
            let partition = partition_of(&key, company.partitions);
            let record = LogRecord { timestamp: at, came: Came::Direct, holds: Holds::Event(event) };
            let arrival = Arrival { at, partition, record };
            if reached.insert(rig.source_of(&arrival, Some(&key))) {
                history.push(arrival);
            }
        }
    }
    history
}

fn created(lead: String) -> Body {
    let attributes = Attributes::default();
    Body::LeadCreated { lead_id: lead.as_str().into(), source: None, campaign_id: None, attributes }
}

fn opened(deal: String) -> Body {
    let attributes = Attributes::default();
    let deal_id = deal.as_str().into();
    Body::DealOpened { deal_id, lead_id: None, amount: None, origin: None, attributes }
}
