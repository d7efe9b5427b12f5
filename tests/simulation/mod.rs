//! Deterministic simulation: the engine with all its tasks over the model log, through schedules of everything
//! that can happen to it, drawn from seeds; and what must hold whatever happens.
//!
//! A reader may want to begin with [`schedule`] (what can happen), then [`world`] (how it happens) and
//! [`checks`] (what must hold).

mod checks;
mod company;
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

/// Something that the threads of one world share, one of which runs at a time.
type Shared<T> = Arc<Mutex<T>>;
