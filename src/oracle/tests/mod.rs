//! The rules in tables: facts in, cells out. Every expectation is written from the text of
//! `src/funnel/semantics.md`.

mod business_time;
mod convergence;
mod divergence_rule;
mod facts;
mod first_touch_rule;
mod journeys;
mod moves;
mod other_definitions;
mod other_rules;
mod support;
