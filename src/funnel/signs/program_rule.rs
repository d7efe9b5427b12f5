//! A rule over targets, campaigns and reasons: it reads the whole of what it speaks of at once.

use crate::model::definitions::Definitions;
use crate::model::measure::Measure;
use crate::model::{EventTime, Text};

use super::super::segment::book::Segment;
use super::rule::Rule;
use super::scene::Scene;
use super::{Measured, Verdict};

/// A rule that reads what is so, once a business day.
pub struct ProgramRule {
    /// Which one.
    pub rule: Rule,
    /// Whether it is judged for the whole company alone.
    pub of_all_alone: bool,
    /// Whether it reads a measure.
    pub reads: fn(Measure) -> bool,
    /// Whether there is enough in a segment to judge.
    pub is_judged: fn(&Scene<'_>, &Segment) -> bool,
    /// For how many business days of marketing it must no longer be broken before the alert is over.
    pub clear_days: fn(&Definitions) -> u16,
    /// Reads a segment.
    pub read: fn(&Place<'_>) -> Vec<Finding>,
}

impl ProgramRule {
    /// A rule of the whole company alone, which is over at once.
    pub const fn of_all(rule: Rule, read: fn(&Place<'_>) -> Vec<Finding>) -> ProgramRule {
        let (is_judged, clear_days) = (|_: &Scene<'_>, _: &Segment| true, |_: &Definitions| 0);
        ProgramRule { rule, of_all_alone: true, reads: |_| true, is_judged, clear_days, read }
    }
}

/// Where a rule reads.
pub struct Place<'a> {
    /// The funnel.
    pub scene: &'a Scene<'a>,
    /// The segment's name.
    pub name: &'a str,
    /// The segment.
    pub segment: &'a Segment,
    /// How many segments are judged, this one with the others: the more, the more seldom each may speak by chance.
    pub judged: usize,
    /// Of what an alert is pending or firing here: each of it is to be read, whatever is left of it.
    pub alive: &'a [Alive],
}

/// An alert that is pending or firing.
pub struct Alive {
    /// What it speaks of.
    pub subject: Text,
    /// When its condition began to hold.
    pub since: EventTime,
}

/// What a rule found of one subject.
pub struct Finding {
    /// The campaign, reason or currency; empty where it is the segment itself.
    pub subject: Text,
    /// How it stands.
    pub verdict: Verdict,
    /// Whether an alert is over at once where it is not broken.
    pub is_settled: bool,
    /// The figures behind it.
    pub measured: Measured,
}

impl Place<'_> {
    /// The definitions in force.
    pub fn definitions(&self) -> &Definitions {
        &self.scene.terms.definitions
    }

    /// Whether an alert of a subject is pending or firing.
    pub fn is_alive(&self, subject: &str) -> bool {
        self.alive_since(subject).is_some()
    }

    /// Since when it is, if it is.
    pub fn alive_since(&self, subject: &str) -> Option<EventTime> {
        self.alive.iter().find(|alive| alive.subject == subject).map(|alive| alive.since)
    }

    /// Whose leads these are, for a sentence: nothing for those of the whole company.
    pub fn whose(&self) -> String {
        if self.name == "all" { String::new() } else { format!(" ({})", self.name) }
    }
}
