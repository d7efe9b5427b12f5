//! The signs of a broken partnership, one file each: pure functions of what was counted, the rules and a
//! boundary. The memory of an alert is in [`super::alerting`], never here.

pub mod mql_tunnel_vision;
pub mod out_of_sync;

use super::segment::book::Named;
use crate::model::EventTime;
use crate::model::alert::{OwnerTeam, Severity};

/// What a rule reads in a segment at a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Too little is known to judge.
    Learning,
    /// What the rule rests on has stopped arriving: whatever held before still holds.
    NoData,
    /// All is well.
    Kept,
    /// The rule is broken.
    Broken(Severity),
}

/// The figures of a reading, as an alert shows them.
#[derive(Clone, Debug, PartialEq)]
pub struct Measured {
    /// What was measured.
    pub value: f64,
    /// What is normal, if the rule learns it.
    pub baseline: Option<f64>,
    /// Beyond this the rule is broken.
    pub threshold: f64,
    /// 95 % interval of the value.
    pub interval: (f64, f64),
    /// How many outcomes the value rests on.
    pub n: u64,
    /// How many were too young to count.
    pub excluded_immature: u64,
    /// What was looked at.
    pub window: (EventTime, EventTime),
    /// Who is to act first.
    pub owner: OwnerTeam,
    /// The leads behind the value.
    pub evidence: Named,
    /// One sentence for the person who is called.
    pub summary: String,
    /// What the two teams should do.
    pub advice: String,
    /// The sentence for when it is over: how it stands now.
    pub resolved: String,
}

/// What there is to do when an alert is over.
pub const ADVICE_RESOLVED: &str =
    "Nothing is left to do here. Tell each other what helped, so that it lasts.";

/// A share as people read it: `93.4 %`.
pub(crate) fn percent(share: f64) -> String {
    format!("{:.1} %", share * 100.0)
}
