//! Deterministic simulation: the engine with all its tasks over the model log, through schedules of everything
//! that can happen to it, drawn from seeds; and what must hold whatever happens.
//!
//! A reader may want to begin with [`schedule`] (what can happen), then [`world`] (how it happens) and
//! [`checks`] (what must hold).

mod checks;
mod draw;
mod instance;
mod ledger;
mod misfortune;
mod mutant_log;
mod mutant_tasks;
mod mutations;
mod readers;
mod runs;
mod schedule;
mod shrink;
mod state;
mod text;
mod witness;
mod world;

use std::sync::{Arc, Mutex};

use rapport::funnel::terms::Terms;
use rapport::model::definitions::{Millionths, SourceDefinition};

use crate::support::definitions;
use schedule::Company;

/// Something that the threads of one world share, one of which runs at a time.
type Shared<T> = Arc<Mutex<T>>;

/// The terms of a company.
fn terms(company: &Company) -> Arc<Terms> {
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
