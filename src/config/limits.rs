//! `[limits]`: how much of anything there may be. What lies beyond is counted, never silent.

use toml_edit::{Table, value as toml};

use super::section::{Findings, Section};
use super::value;

/// The section `[limits]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Most facts of one journey; beyond, a fact is dropped.
    pub facts_per_journey: u32,
    /// Most journeys of one partition; beyond, the daemon stops.
    pub journeys: u32,
    /// Most segments; beyond, journeys count in `other`.
    pub segments: u32,
    /// Most ids in the evidence of one alert.
    pub evidence_ids: u32,
    /// Most series at `/metrics`; beyond, values are only in the topic of windows.
    pub series: u32,
}

pub(super) fn read(top: &mut Section<'_>, findings: &mut Findings) -> Limits {
    let mut s = top.section("limits");
    let limits = Limits {
        facts_per_journey: s.read("facts_per_journey", 10_000, |n| value::integer(n, 10..=1_000_000)),
        journeys: s.read("journeys", 10_000_000, |n| value::integer(n, 1_000..=1_000_000_000)),
        segments: s.read("segments", 10_000, |n| value::integer(n, 1..=1_000_000)),
        evidence_ids: s.read("evidence_ids", 20, |n| value::integer(n, 0..=1_000)),
        series: s.read("series", 2_000, |n| value::integer(n, 0..=1_000_000)),
    };
    s.finish(findings);
    limits
}

impl Limits {
    pub(super) fn print(&self, into: &mut Table) {
        into["facts_per_journey"] = toml(i64::from(self.facts_per_journey));
        into["journeys"] = toml(i64::from(self.journeys));
        into["segments"] = toml(i64::from(self.segments));
        into["evidence_ids"] = toml(i64::from(self.evidence_ids));
        into["series"] = toml(i64::from(self.series));
    }
}
